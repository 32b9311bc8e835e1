load helper.bash

# Observations of three hosts over a real broker, each host in a network
# namespace of its own; the recipes are those of resin(7).
fields=ts,observer,subject,context,status,score,detail,id
tag=m$$

# What is missing, or nothing; a file's setup cannot skip in bats 1.8.
missing() {
	for c in mosquitto mosquitto_pub mosquitto_sub gawk ip nsenter; do
		command -v $c >/dev/null || { echo "no $c"; return; }
	done
	# In a chroot a name space can be made, and not be entered.
	ip netns add "probe$$" 2>/dev/null &&
		ip -n "probe$$" link set lo up 2>/dev/null ||
		echo 'no network namespaces'
	ip netns del "probe$$" 2>/dev/null || :
}

setup_file() {
	export missing
	missing=$(missing)
}

at() { local h=$1; shift; nsenter --net="/run/netns/$tag$h" "$@"; }

# Everything a host runs is in a session of its own, so that it can be killed
# as one, by its number.
start() {	# start HOST SCRIPT: `started` is its process group
	nsenter --net="/run/netns/$tag$1" setsid bash -c "$2" \
	    >>log."$1" 2>&1 </dev/null 3>&- &
	started=$!
	groups+=("$started")
}

publish() {	# publish HOST: its log, one topic a subject, latest retained
	start "$1" "pano-observe -f -r '$PWD/r' $1.log | gawk -F'\t' 'NR > 1 {
		t = \$3
		gsub(/[^A-Za-z0-9._@-]/, \"_\", t)
		pub = \"mosquitto_pub -h 10.89.0.9 -k 5 -q 1 -r -l -t pano/\" t
		print | pub
		fflush(pub)
	}'"
}

setup() {
	cd "$BATS_TEST_TMPDIR" && set -o pipefail
	groups=()
	[ -z "$missing" ] || skip "$missing"
	cat >r <<-'E'
	line ^(?<t>\S+) (?<who>\S+) (?<whom>\S+) (?<what>\S+) (?<how>\S+)$
	time t epoch
	observer {who}
	subject {whom}
	context {what}
	when how == good
	  then healthy 100
	when how == bad
	  then unhealthy 0
	E
	ip netns add "${tag}sw"
	ip -n "${tag}sw" link add br0 type bridge
	ip -n "${tag}sw" link set br0 up
	for h in 1 2 3 9; do
		ip netns add "$tag$h"
		ip link add "v$h" netns "${tag}sw" type veth peer name e0 netns "$tag$h"
		ip -n "${tag}sw" link set "v$h" master br0 up
		ip -n "$tag$h" addr add "10.89.0.$h/24" dev e0
		ip -n "$tag$h" link set e0 up
		ip -n "$tag$h" link set lo up
		: >"$h.log"
	done
	printf 'listener 1883 0.0.0.0\nallow_anonymous true\n' >conf
	start 9 "exec mosquitto -c '$PWD/conf'"
	for _ in $(seq 100); do
		at 9 mosquitto_pub -h 10.89.0.9 -t up -m x 2>/dev/null && return
		sleep 0.1
	done
	return 1
}

teardown() {
	for g in "${groups[@]}"; do kill -9 -- "-$g" 2>/dev/null; done
	for h in 1 2 3 9 sw; do ip netns del "$tag$h" 2>/dev/null; done
	return 0
}

judge() {
	: >verdicts
	start 9 "mosquitto_sub -h 10.89.0.9 -q 1 -c -i judge -t '$1' |
	    tee -a received | pano-judge --line-buffered --reject bad --fields $fields >verdicts"
}

# soon CMD...: within 20 s.
soon() {
	for _ in $(seq 200); do
		"$@" && return
		sleep 0.1
	done
	cat verdicts log.* 2>/dev/null
	return 1
}
verdict() {	# verdict SUBJECT STATUS: the last that came
	[ "$(awk -F'\t' -v s="$1" '$2 == s { v = $4 } END { print v }' verdicts)" = "$2" ]
}
say() { echo "$2 h$1 $3 work $4" >>"$1.log"; }

@test "mqtt: one host partitioned, one killed, nothing lost or doubled" {
	judge 'pano/#'
	for h in 1 2 3; do publish $h; done
	for h in 1 2 3; do say $h 1 db good; done
	soon verdict db healthy
	say 1 2 db bad
	say 3 2 db bad
	soon verdict db unhealthy

	# Host 2 is cut off; what it sees meanwhile comes when it is back.
	ip -n "${tag}sw" link set v2 down
	say 2 3 db bad
	say 2 3 web bad
	say 1 4 other good
	soon verdict other healthy
	verdict web ''
	ip -n "${tag}sw" link set v2 up
	soon verdict web unhealthy

	# Host 3 dies and comes back: it says everything again.
	kill -9 -- "-$started"
	say 3 5 db good
	say 3 6 db good
	say 3 7 db good
	publish 3
	say 1 8 end good
	soon verdict end healthy
	soon grep -q '^7' received

	# The broker's way and the straight one end in the same verdicts.
	pano-observe -r r 1.log 2.log 3.log | pano-judge --now 8 |
		tail -n +2 | cut -f2-13 >straight
	pano-judge --reject bad --fields $fields --now 8 received | tail -n +2 |
		cut -f2-13 | grep -v '^x' >received.verdicts
	diff straight received.verdicts
	[ "$(wc -l <received)" -gt "$(cat ./?.log | wc -l)" ]
	[ ! -s bad ]
}

@test "mqtt: interest is a subscription, the latest is retained" {
	publish 1
	say 1 1 db bad
	say 1 1 web bad
	say 1 2 'odd/+#name' bad
	soon at 9 mosquitto_sub -h 10.89.0.9 -W 1 -C 1 -t pano/odd___name
	# subscribed after the fact, to one subject
	judge 'pano/db'
	soon verdict db unhealthy
	verdict web ''
}

@test "mqtt: rubbish on the topic is put aside" {
	judge 'pano/#'
	rubbish() {	# again, until the subscription is there
		at 9 mosquitto_pub -h 10.89.0.9 -t pano/x -m 'no observation'
		grep -q 'no observation' bad
	}
	soon rubbish
	publish 1
	say 1 1 db bad
	soon verdict db unhealthy
}
