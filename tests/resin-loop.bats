load helper.bash
load nspawn.bash

# The whole loop with its units, on a machine of its own: a service that leaks
# is found from its telemetry and restarted, its memory falls, the loop stops.

put() { inside tee "$1" >/dev/null; }
main_pid() { inside systemctl show -p MainPID --value "$1"; }

# service NAME PERL
service() {
	put "/etc/systemd/system/$1" <<-END
	[Service]
	ExecStart=/usr/bin/perl /root/$1.pl
	Restart=always
	END
	put "/root/$1.pl" <<<"$2"
}

# As `make install` puts them in place, but seconds for minutes and hours.
install_loop() {
	inside mkdir -p /usr/local/bin /etc/resin
	for tool in resin-sample resin-turn; do
		put /usr/local/bin/$tool <"$TOP/man/examples/$tool"
		inside chmod +x /usr/local/bin/$tool
		for kind in service timer; do
			put /etc/systemd/system/$tool.$kind \
				<"$TOP/man/examples/$tool.$kind"
		done
		inside mkdir -p /etc/systemd/system/$tool.service.d
		put /etc/systemd/system/$tool.service.d/test.conf <<-END
		[Unit]
		StartLimitIntervalSec=0
		[Service]
		Environment=PATH=/usr/local/bin:/opt/bin:/usr/bin:/bin
		Environment=LD_LIBRARY_PATH=$shared/lib RESIN_WINDOW=1
		END
	done
	every resin-sample 1
	every resin-turn 3
}

# every TIMER SECONDS
every() {
	inside mkdir -p "/etc/systemd/system/$1.timer.d"
	put "/etc/systemd/system/$1.timer.d/test.conf" <<-END
	[Timer]
	OnCalendar=
	OnCalendar=*:*:0/$2
	AccuracySec=10ms
	END
}

restarted() { [ "$(main_pid web-leaky)" != "$leaky" ]; }
report() {
	inside resin-act -l /var/lib/resin/ledger --report |
		awk -F '\t' 'NR > 1 { print $5, $6, $16, $17 }'
}
closed() { report | grep -q 'web-leaky.service stop'; }

# until_true SECONDS CMD...
until_true() {
	local end=$((SECONDS + $1)); shift
	until "$@"; do
		[ $SECONDS -lt $end ] || {
			inside systemctl status resin-turn resin-sample || :
			report
			inside cat /var/lib/resin/plan
			return 1
		}
		sleep 0.5
	done
}

@test "loop: a leaking service is found and restarted, and the loop stops" {
	service web-leaky.service 'my @a; while (1) {
		push @a, "x" x 500000 if -e "/root/leak";
		select undef, undef, undef, 0.1 }'
	service web-sound.service 'my @a; while (1) {
		@a = () if @a > 20; push @a, "x" x 100000;
		select undef, undef, undef, 0.1 }'
	install_loop
	put /etc/resin/rules <<-'END'
	allow restart if component ~ ^web- and growth > 20M
	action restart
	        unit {component}
	        verify 30s
	        cooldown 5s
	END
	inside systemd-analyze verify --man=no resin-turn.service resin-turn.timer \
		resin-sample.service resin-sample.timer
	inside systemctl daemon-reload
	inside touch /root/leak
	inside systemctl start web-leaky web-sound resin-sample.timer \
		resin-turn.timer
	leaky=$(main_pid web-leaky) sound=$(main_pid web-sound)
	until_true 300 restarted
	inside rm /root/leak
	next=$(main_pid web-leaky)
	[ "$(main_pid web-sound)" = "$sound" ]
	# Memory fell, this is seen, and the loop comes to rest by itself.
	until_true 300 closed
	report >want
	grep -qx 'web-leaky.service restart done fell' want
	[ "$(grep -c restart want)" = 1 ]
	sleep 8
	report | diff want -
	[ "$(main_pid web-leaky)" = "$next" ]
	[ "$(main_pid web-sound)" = "$sound" ]
}

@test "loop: what cron runs" {
	install_loop
	put /etc/resin/rules <"$TOP/man/examples/rules"
	inside systemctl stop resin-sample.timer resin-turn.timer
	grep -v '^#' "$TOP/man/examples/resin.cron" | grep -v '^[A-Z]*=' >cron.rows
	[ "$(wc -l <cron.rows)" = 2 ]
	while read -r _ _ _ _ _ user command; do
		[ "$user" = root ]
		inside env PATH=/usr/local/bin:/opt/bin:/usr/bin:/bin \
			LD_LIBRARY_PATH="$shared/lib" RESIN_DIR=/root/cron \
			sh -c "$command" </dev/null
	done <cron.rows
	[ "$(inside ls /root/cron/samples | wc -l)" = 1 ]
}
