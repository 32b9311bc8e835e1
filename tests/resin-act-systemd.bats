load helper.bash
load nspawn.bash

# resin-act on a real systemd, in a container.

setup() {
	nspawn_setup
	now=$(date +%s)
	inside rm -rf "$shared/work"
	mkdir -p "$shared/work"
	cd "$shared/work" || return 1
}

# unit NAME [LINE...]: a service that eats 40 MB at once and idles.
unit() {
	local name=$1; shift
	inside tee "/etc/systemd/system/$name" >/dev/null <<-END
	[Unit]
	$(printf '%s\n' "$@")
	[Service]
	ExecStart=/usr/bin/perl -e '\$\$x = "x" x 40000000; sleep 1000'
	END
	inside systemctl daemon-reload
	inside systemctl start "$name"
}
main_pid() { inside systemctl show -p MainPID --value "$1"; }
state() { inside systemctl show -p ActiveState --value "$1"; }

# plan TARGET [TS]
plan() {
	printf 'ts\tnode\ttarget\taction\tcomponent\tusage\n'
	printf '%s\tleaky-node\t%s\trestart\tweb\t40000000\n' "${2-$now}" "$1"
}
act() {
	inside resin-act -x --node leaky-node -r "$shared/work/rules" -l "$shared/work/ledger" "$@"
}
outcome() { tail -n 1 | cut -f 5,6; }
rules() {
	printf '%b\n' 'allow restart if target ~ ^web' 'action restart' \
		'\tunit {target}\n\tcooldown 1s\n\tverify 1s' \
		'limit 9 at once' >rules
}

@test "systemd: a unit is restarted, and only the one" {
	unit web1.service
	unit web2.service
	one=$(main_pid web1.service) two=$(main_pid web2.service)
	rules
	plan web1.service >p
	[ "$(act "$PWD/p" | outcome)" = $'done\texit 0' ]
	[ "$(main_pid web1.service)" != "$one" ]
	[ "$(main_pid web2.service)" = "$two" ]
	[ "$(state web1.service)" = active ]
}

@test "systemd: what is stopped, failed or not there stays so" {
	unit web3.service
	inside systemctl stop web3.service
	rules
	plan web3.service >p
	[ "$(act "$PWD/p" | outcome)" = $'refused\tthe unit is not active' ]
	[ "$(state web3.service)" = inactive ]
	plan web-none.service >p
	[ "$(act "$PWD/p" | outcome)" = $'refused\tno such unit' ]
	sed -i 's/\^web/./' rules
	for name in reboot.target systemd-reboot.service; do
		plan $name >p
		[[ $(act "$PWD/p" | outcome) == refused* ]]
	done
}

@test "systemd: an eager loop does not run into the start limit" {
	unit web4.service StartLimitBurst=4 StartLimitIntervalSec=60
	rules
	for i in $(seq 0 2 12); do
		plan web4.service $((now + i)) >p
		act --now $((now + i)) "$PWD/p" | outcome
	done | sort | uniq -c | sort -rn | tr -s ' ' >got
	printf '%s\n' $' 4 held\tStartLimitBurst of the unit' $' 3 done\texit 0' |
		diff - got
	[ "$(state web4.service)" = active ]
}

@test "systemd: a unit that others drove into the limit is brought back" {
	unit web5.service StartLimitBurst=2 StartLimitIntervalSec=60
	inside systemctl restart web5.service
	rules
	plan web5.service >p
	[[ $(act "$PWD/p" | outcome) == 'done'*'start limit hit; reset and started' ]]
	[ "$(state web5.service)" = active ]
}

@test "systemd: a signal to a process of the container" {
	unit web6.service
	pid=$(main_pid web6.service)
	start=$(inside awk -v tick="$(getconf CLK_TCK)" '$1 == "btime" { b = $2 }
		FILENAME != "/proc/stat" { sub(/.*\) /, "")
		printf "%.2f", b + $20 / tick }' /proc/stat "/proc/$pid/stat")
	printf '%s\n' 'allow restart' 'action restart' $'\tsignal TERM' >rules
	printf 'ts\tnode\ttarget\taction\tpid\tstart\n%s\tleaky-node\tweb\trestart\t%s\t%s\n' \
		"$now" "$pid" "$start" >p
	[ "$(act "$PWD/p" | outcome | cut -f 1)" = 'done' ]
	[ "$(state web6.service)" = inactive ]
}
