load helper.bash

# Everything here acts on children of the test itself, or on a systemctl of the
# test's own; what is aimed at is asserted to be that before.

setup() {
	cd "$BATS_TEST_TMPDIR" && set -o pipefail
	kids=()
	now=$(date +%s)
}

teardown() {
	for kid in "${kids[@]}"; do
		kill -9 "$kid" 2>/dev/null || :
		wait "$kid" 2>/dev/null || :
	done
}

# mine PID: is it a child of this very shell?
mine() {
	[ "$(awk '$1 == "PPid:" { print $2 }' "/proc/$1/status")" = "$BASHPID" ]
}

# started PID: when it began, as resin-collect writes it.
started() {
	awk -v tick="$(getconf CLK_TCK)" '$1 == "btime" { boot = $2 }
		FILENAME ~ /stat$/ && FILENAME !~ /^.proc.stat$/ {
			sub(/.*\) /, ""); printf "%.2f", boot + $20 / tick }' \
		/proc/stat "/proc/$1/stat"
}

header=$'ts\tnode\ttarget\taction\tcomponent\tcluster\tpid\tstart\tusage'
# row NODE TARGET ACTION [PID [START]]
row() {
	printf '%s\t%s\t%s\t%s\tweb\tc1\t%s\t%s\t1000\n' "$now" "$1" "$2" \
		"$3" "${4-}" "${5-}"
}
plan() { printf '%s\n' "$header"; cat; }
rules() { printf '%b\n' "$@" >rules; }
act() { resin-act --node n1 -r rules -l ledger "$@"; }
# slowly WAY: the command ./slowly, which says that it has begun and then takes
# its time; begun waits for it.
slowly() {
	printf '#!/bin/sh\n: >begun\n%s\n' "$1" >slowly && chmod +x slowly
}
begun() { until [ -e begun ]; do sleep 0.05; done; }
# outcomes FILE: node target outcome reason
outcomes() { tail -n +2 "$1" | cut -f 2,3,5,6; }
column() { awk -F '\t' -v c="$1" 'NR == 1 { for (i = 1; i <= NF; i++)
	if ($i == c) k = i; next } { print $k }'; }

@test "act: a dry run tells and changes nothing" {
	rules 'allow fix' 'action fix' '\trun touch done-{target}'
	row n1 a fix | plan >p
	act p >got
	[ "$(outcomes got)" = $'n1\ta\twould\t' ]
	[ "$(column command <got)" = 'touch done-a' ]
	[ ! -e done-a ] && [ ! -e ledger ] && [ ! -e ledger.lock ]
}

@test "act: --execute does it once" {
	rules 'allow fix' 'action fix' '\trun tee -a log-{target}'
	row n1 a fix | plan >p
	act -x p >got
	[ "$(outcomes got)" = $'n1\ta\tdone\texit 0' ]
	[ -e log-a ]
	rm log-a
	act -x p >got
	[ "$(outcomes got)" = $'n1\ta\talready\tin the ledger' ]
	[ ! -e log-a ]
	[ "$(resin-act -l ledger --report | column state)" = 'done' ]
	[ "$(sqlite3 ledger 'SELECT count(*) FROM action')" = 1 ]
}

@test "act: names are only data" {
	rules 'allow fix if target ~ .' 'action fix' '\trun printf %s -- {target}'
	i=0
	for name in '; rm -rf /' '$(touch pwned)' '`touch pwned`' 'a b' \
		$'\xff\xfe\x80' "it's" '{node}' '*' '--help' '-rf'; do
		row n$((i += 1)) "$name" fix
	done | plan >p
	sed -i '$a limit 100 at once' rules
	act -x p >got
	[ ! -e pwned ]
	[ "$(outcomes got | cut -f 3 | sort | uniq -c | tr -d ' ')" = 10done ]
	# printf says "--" first, as it was told.
	resin-act -l ledger --report | column detail | sed 's/^exit 0: --//' >got
	tail -n +2 p | cut -f 3 | diff - got
	# Without "--" a name is no option.
	rules 'allow fix' 'action fix' '\trun printf %s {target}' \
		'limit 100 at once'
	rm ledger
	act -x p >got
	outcomes got | grep -c $'refused\twould be read as an option' | grep -qx 2
	# ARG_MAX bounds one argument; it is an outcome, not a crash.
	row n1 "$(printf 'x%.0s' {1..200000})" fix | plan >p
	act -x p | tail -n +2 | cut -f 5,6 >got
	echo $'failed\tArgument list too long' | diff - got
}

@test "act: a newline in a name, in the escaped dialect" {
	rules 'allow fix' 'action fix' '\trun printf %s -- {target}'
	row n1 'a\nb\tc' fix | plan >p
	resin-act --escape --node n1 -x -r rules -l ledger p >got
	[ "$(outcomes got)" = $'n1\ta\\nb\\tc\tdone\texit 0: --a\\nb\\tc' ]
	[ "$(wc -l <got)" = 2 ]
	[ "$(sqlite3 ledger 'SELECT hex(target) FROM action')" = 610A620963 ]
	# Without, it is a backslash and an n.
	rm ledger
	act -x p | tail -n 1 | cut -f 6 >got
	echo 'exit 0: --a\nb\tc' | diff - got
}

@test "act: what a shell over there reads is quoted for it" {
	mkdir bin
	printf '#!/bin/sh\nshift 2; sh -c "$*"\n' >bin/ssh
	chmod +x bin/ssh
	rules 'allow fix' 'action fix' \
		'\trun ssh -- {node} printf %s {target|sh}' 'limit 100 at once'
	for name in '; touch pwned' '$(touch pwned)' "'; touch pwned; '" 'a  b'; do
		row n1 "$name" fix
	done | plan >p
	PATH=$PWD/bin:$PATH act -x p >got
	[ ! -e pwned ]
	tail -n +2 p | cut -f 3 | sed 's/^/exit 0: /' >want
	outcomes got | cut -f 4 | diff want -
}

@test "act: a signal goes to the process that was meant" {
	sleep 100 & kids+=($!)
	mine $!
	rules 'allow restart' 'action restart' '\tsignal TERM'
	row n1 web restart $! "$(started $!)" | plan >p
	act -x p >got
	[ "$(outcomes got)" = $'n1\tweb\tdone\t' ]
	wait $! || [ $? = 143 ]
}

@test "act: a pid that came back in use is another process" {
	sleep 100 & kids+=($!)
	mine $!
	rules 'allow restart' 'action restart' '\tsignal KILL'
	row n1 web restart $! "$(($(started $! | cut -d . -f 1) - 60))" | plan >p
	act -x p >got
	[ "$(outcomes got)" = $'n1\tweb\tfailed\tno such process any more' ]
	kill -0 $!
}

@test "act: a signal stays at home, and needs a whole name" {
	sleep 100 & kids+=($!)
	mine $!
	rules 'allow restart' 'action restart' '\tsignal KILL' 'limit 9 at once'
	{ row n2 web restart $! "$(started $!)"
	row n1 a restart $!; row n1 b restart '' 5; row n1 c restart x 5
	row n1 d restart 1 0; row n1 e restart -1 0; row n1 f restart 0 0
	row n1 g restart $! never; } | plan >p
	act -x p >got
	kill -0 $!
	outcomes got >rows
	diff - rows <<-'END'
	n2	web	refused	the node is not this one
	n1	a	refused	no pid and start
	n1	b	refused	no pid and start
	n1	c	failed	no such process any more
	n1	d	failed	no such process any more
	n1	e	failed	no such process any more
	n1	f	held	the last 3 on this component did not help
	n1	g	held	the last 3 on this component did not help
	END
}

@test "act: a process that does not end is a timeout" {
	bash -c 'trap "" TERM; : >begun; while :; do sleep 1; done' & kids+=($!)
	mine $!
	begun
	rules 'allow restart' 'action restart' '\tsignal TERM\n\ttimeout 1s'
	row n1 web restart $! "$(started $!)" | plan >p
	act -x p >got
	[ "$(outcomes got)" = $'n1\tweb\ttimeout\tthe process did not end' ]
}

@test "act: when the time is up nothing of the command is left" {
	cat >tree <<-'END'
	#!/bin/bash
	trap '' TERM
	sleep 1000 & echo $! >>pids
	setsid bash -c 'trap "" TERM; echo $$ >>pids; sleep 1000 &
		echo $! >>pids; wait' &
	( setsid setsid sleep 1000 & echo $! >>pids ) &
	echo $$ >>pids
	echo before the end
	wait
	END
	chmod +x tree
	rules 'allow fix' 'action fix' '\trun ./tree\n\ttimeout 1s'
	row n1 a fix | plan >p
	act -x p >got
	[ "$(outcomes got)" = $'n1\ta\ttimeout\tbefore the end' ]
	[ "$(wc -l <pids)" -ge 4 ]
	while read -r pid; do
		[ ! -e "/proc/$pid" ] ||
			grep -q '^State:.*Z' "/proc/$pid/status" ||
			fail "$pid is still there"
	done <pids
}

@test "act: what fails, fails; nothing is on its standard input" {
	rules 'allow a' 'allow b' 'allow c' 'allow d' 'action a' '\trun false' \
		'action b' '\trun ./no-such-program' 'action c' '\trun ./killed' \
		'action d' '\trun cat' 'limit 9 at once'
	printf '#!/bin/sh\nkill -9 $$\n' >killed && chmod +x killed
	for a in a b c d; do row n1 $a $a; done | plan >p
	act -x p >got
	outcomes got | cut -f 3,4 >rows
	printf '%s\n' $'failed\texit 1' $'failed\tNo such file or directory' \
		$'failed\tsignal 9' $'done\texit 0' | diff - rows
}

@test "act: a stop file, a blackout, an old plan, no allow line" {
	rules 'allow fix' 'action fix' '\trun touch did'
	row n1 a fix | plan >p
	touch stop
	act -x --stop stop p >got
	[ "$(outcomes got)" = $'n1\ta\theld\tthe stop file is there' ]
	cat >>rules <<<"stopfile $PWD/stop"
	act -x p >got
	[ "$(outcomes got)" = $'n1\ta\theld\tthe stop file is there' ]
	act -x --stop /dev/null/x p >got	# cannot be looked at: stop
	[ "$(outcomes got)" = $'n1\ta\theld\tthe stop file is there' ]
	rm stop
	act -x --now $((now + 30000)) p >got
	[ "$(outcomes got)" = $'n1\ta\trefused\tthe plan is too old' ]
	echo 'blackout daily 00:00-24:00' >>rules
	act -x p >got
	[ "$(outcomes got)" = $'n1\ta\theld\tblackout' ]
	echo 'deny any' >rules
	act -x p >got
	[ "$(outcomes got)" = $'n1\ta\trefused\tdenied' ]
	[ ! -e did ]
}

# fleet N: a plan for one component on N nodes.
fleet() {
	for i in $(seq "$1"); do row "n$i" web fix; done | plan
}

@test "act: blast radius, at once and per window" {
	rules 'allow fix' 'action fix' '\trun true\n\tverify 1h' \
		'limit 2 at once by component'
	fleet 5 >p
	act -x p >got
	[ "$(outcomes got | cut -f 3 | tr '\n' ' ')" = 'done done held held held ' ]
	act -x --now $((now + 1800)) p >got
	[ "$(outcomes got | cut -f 3 | tr '\n' ' ')" = 'already already held held held ' ]
	# Nobody verified them, but their time is over.
	act -x --now $((now + 3700)) p >got
	[ "$(outcomes got | cut -f 3 | tr '\n' ' ')" = \
		'unknown unknown already already done done held ' ]
	rm ledger
	rules 'allow fix' 'action fix' '\trun true\n\tverify 1s' \
		'limit 3 nodes per 1h by cluster'
	act -x p >got
	[ "$(outcomes got | cut -f 3 | tr '\n' ' ')" = 'done done done held held ' ]
	act -x --now $((now + 3500)) p >got
	[ "$(outcomes got | grep -v unknown | cut -f 3 | tr '\n' ' ')" = 'already already already held held ' ]
	act -x --now $((now + 3700)) p >got
	[ "$(outcomes got | cut -f 3 | tr '\n' ' ')" = 'already already already done done ' ]
}

@test "act: limits in percent of what is known of the fleet" {
	rules 'allow fix' 'action fix' '\trun true' 'limit 20% at once by cluster'
	fleet 5 >p
	act -x p >got
	[[ $(outcomes got | head -n 1) == *'held'*'number of nodes is unknown' ]]
	{ printf 'node\tcluster\n'; printf 'n%d\tc1\n' $(seq 14); } >nodes
	act -x -n nodes p >got
	[ "$(outcomes got | cut -f 3 | tr '\n' ' ')" = 'done done held held held ' ]
	# Of nine nodes, 20 % is one.
	rm ledger
	{ printf 'ts\tcomponent\tnode\tusage\tcluster\n'
	printf "$now\tweb\tn%d\t5\tc1\n" $(seq 9); } >t
	act -x -t t p >got
	[ "$(outcomes got | cut -f 3 | tr '\n' ' ')" = 'done held held held held ' ]
}

@test "act: without limits in the rules there are some" {
	rules 'allow fix' 'action fix' '\trun true'
	fleet 3 >p
	act -x p >got
	[ "$(outcomes got | cut -f 3 | tr '\n' ' ')" = 'done held held ' ]
}

# telemetry: ts component node usage pid start
telemetry() {
	printf 'ts\tcomponent\tnode\tusage\tpid\tstart\n'
	printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$@"
}
verdict() { resin-act -l ledger --report | column verdict | tr '\n' ' '; }

@test "act: has memory fallen?" {
	rules 'allow fix' 'action fix' '\trun true\n\tverify 1h\n\tfall 30%'
	row n1 web fix 7 10 | plan >p
	plan </dev/null >empty
	act -x p >got
	# A sample from before the action says nothing.
	telemetry $((now - 5)) web n1 100 7 10 >t
	act -x -t t empty >got
	[ "$(verdict)" = 'pending ' ]
	# The process is still there, with its memory.
	telemetry $((now + 60)) web n1 800 7 10 $((now + 60)) web n1 10 8 99 >t
	act -x -t t --now $((now + 120)) empty >got
	[ "$(verdict)" = 'pending ' ]
	# It is gone; its successor is small.
	telemetry $((now + 60)) web n1 1000 7 10 $((now + 90)) web n1 700 8 99 >t
	act -x -t t --now $((now + 120)) empty >got
	[ "$(outcomes got)" = $'n1\tweb\tfell\t' ]
	[ "$(verdict)" = 'fell ' ]
	[ "$(resin-act -l ledger --report | column after)" = 700 ]
}

@test "act: what leaked must be gone, not what there was" {
	rules 'allow fix' 'action fix' '\trun true\n\tverify 1h' 'limit 9 at once'
	{ row n1 web fix 7 10; row n2 web fix 7 10; } | plan |
		sed $'1s/$/\tgrowth/; 2,$s/$/\t100/' >p
	plan </dev/null >empty
	act -x p >got
	telemetry $((now + 60)) web n1 950 8 99 $((now + 60)) web n2 951 8 99 >t
	act -x -t t --now $((now + 4000)) empty >got
	[ "$(outcomes got | cut -f 1,3 | tr '\n' ' ')" = $'n1\tfell n2\tnot ' ]
}

@test "act: memory that did not fall, a service that is gone, silence" {
	rules 'allow fix' 'action fix' '\trun true\n\tverify 1h' 'limit 9 at once'
	for i in 1 2 3; do row n$i web fix 7 10; done | plan >p
	plan </dev/null >empty
	act -x p >got
	telemetry $((now + 60)) web n1 990 7 10 $((now + 60)) other n2 5 3 3 >t
	act -x -t t --now $((now + 4000)) empty >got
	[ "$(outcomes got | cut -f 1,3 | tr '\n' ' ')" = $'n1\tnot n2\tgone n3\tunknown ' ]
}

@test "act: one target: first verified, then cooled down" {
	rules 'allow fix' 'action fix' '\trun true\n\tverify 1h\n\tcooldown 5h' \
		'limit 9 at once'
	plan </dev/null >empty
	row n1 web fix 7 10 | plan >p
	act -x p >got
	later=$((now + 600))
	sed "2s/^$now/$later/" p >p2
	act -x --now $later p2 >got
	[[ $(outcomes got) == *'held'*'not yet verified until'* ]]
	telemetry $((now + 60)) web n1 5 8 99 >t
	act -x --now $later -t t p2 >got
	[[ $(outcomes got | tail -n 1) == *'held'*'cool-down until'* ]]
	act -x --now $((now + 18010)) -t t p2 >got
	[[ $(outcomes got | tail -n 1) == $'n1\tweb\tdone\texit 0' ]]
}

@test "act: three in vain, and the rest waits for a human" {
	rules 'allow fix' 'action fix' '\trun false' 'limit 99 at once'
	fleet 5 >p
	act -x p >got
	[ "$(outcomes got | cut -f 3 | tr '\n' ' ')" = 'failed failed failed held held ' ]
	[[ $(outcomes got | tail -n 1) == *'the last 3 on this component did not help' ]]
}

@test "act: a stop row frees its place" {
	rules 'allow fix' 'action fix' '\trun true' 'limit 1 at once'
	row n1 web fix | plan >p
	act -x p >got
	{ row n2 web fix; row n1 web stop; } | plan >p2
	act -x p2 >got
	[ "$(outcomes got | cut -f 1,3 | tr '\n' ' ')" = $'n1\tstopped n2\tdone ' ]
	[ "$(verdict)" = 'stopped stopped pending ' ]
	act -x p2 >got
	[ "$(outcomes got | cut -f 3 | tr '\n' ' ')" = 'already already ' ]
}

@test "act: two at once: one refuses, or waits" {
	rules 'allow fix' 'action fix' '\trun ./slowly' 'limit 9 at once'
	slowly 'until [ -e end ]; do sleep 0.05; done'
	row n1 a fix | plan >p
	row n1 b fix | plan >p2
	act -x p >got 3>&- & first=$!
	kids+=("$first")
	begun
	run -75 --separate-stderr resin-act --node n1 -r rules -l ledger -x p2
	assert_equal "$stderr" 'resin-act: ledger: another resin-act is at work'
	act -x --wait 60s p2 >got2 & second=$!
	kids+=("$second")
	: >end
	wait $first
	wait $second
	[ "$(outcomes got | cut -f 3)" = 'done' ]
	[ "$(outcomes got2 | cut -f 3)" = 'done' ]
	# A dry run and a report need no lock.
	resin-act -l ledger --report >/dev/null
}

# ended STATUS FILE FIRST SECOND: it was asked to end during the first action;
# where that came too late, both were done.
ended() {
	case $1 in
	75) printf '%s\n' "$3" | diff - "$2" ;;
	0) printf '%s\n' "$3" "$4" | diff - "$2" ;;
	*) fail "status $1" ;;
	esac
}

@test "act: SIGTERM ends it after the action under way" {
	slowly 'sleep 1'
	rules 'allow fix' 'action fix' '\trun ./slowly' 'limit 9 at once'
	{ row n1 a fix; row n1 b fix; } | plan >p
	resin-act --node n1 -r rules -l ledger -x p >got 3>&- & kids+=($!)
	mine $!
	begun
	kill -TERM $!
	status=0
	wait $! || status=$?
	outcomes got >rows
	ended $status rows $'n1\ta\tdone\texit 0' $'n1\tb\tdone\texit 0'
}

# The script of man/examples under the KillMode of its unit: only the shell gets
# the signal.
@test "act: a stop of the whole turn lets the action under way end" {
	slowly 'sleep 1'
	rules 'allow fix' "action fix" "\trun $PWD/slowly" 'limit 9 at once'
	{ row n1 a fix; row n1 b fix; } | sed "s/^$now/$(date +%s)/" | plan >p
	mkdir stub work work/windows
	printf '#!/bin/sh\n' >stub/resin-procdetect
	printf '#!/bin/sh\nexec cp "%s/p" plan\n' "$PWD" >stub/resin-mitigate
	chmod +x stub/*
	printf 'ts\tcomponent\tnode\tusage\n' >"work/windows/$(date +%s).tsv"
	PATH=$PWD/stub:$PATH RESIN_DIR=$PWD/work RESIN_RULES=$PWD/rules \
		sh "$TOP/man/examples/resin-turn" >got 2>err 3>&- & kids+=($!)
	(cd work && begun)
	kill -TERM $!
	status=0
	wait $! || status=$?
	resin-act -l work/ledger --report | tail -n +2 | cut -f 5,16 >did
	ended $status did $'a\tdone' $'b\tdone'
}

@test "act: a killed run is found out, and its command died with it" {
	rules 'allow fix' 'action fix' '\trun ./slow' 'limit 9 at once'
	printf '#!/bin/sh\necho $$ >pid\nexec sleep 1000\n' >slow && chmod +x slow
	row n1 a fix | plan >p
	resin-act --node n1 -r rules -l ledger -x p >got 3>&- & kids+=($!)
	mine $!
	for _ in $(seq 1200); do [ -s pid ] && break; sleep 0.05; done
	kill -9 $!
	wait $! || [ $? = 137 ]
	for _ in $(seq 1200); do
		grep -q '^State:.*[RSD] ' "/proc/$(cat pid)/status" 2>/dev/null || break
		sleep 0.05
	done
	[ ! -e "/proc/$(cat pid)" ] || grep -q '^State:.*Z' "/proc/$(cat pid)/status"
	act -x p >got
	outcomes got >rows
	printf '%s\n' $'n1\ta\tinterrupted\tcut short; not begun again' \
		$'n1\ta\talready\tin the ledger' | diff - rows
}

@test "act: killed at random instants, nothing is done twice and none lost" {
	out=$("$TESTBIN/act-fault" "$BIN/resin-act" "${FAULT_KILLS-100}" 1)
	[[ $out == *'none twice, none lost' ]]
}

@test "act: a plan is read whole before anything is done" {
	rules 'allow fix' 'action fix' '\trun touch did'
	{ row n1 a fix | plan; printf '%s\tn1' "$now"; } >p
	run -2 --separate-stderr resin-act --node n1 -r rules -l ledger -x p
	[[ $stderr == 'resin-act: p:3: '* ]]
	[ ! -e did ] && [ ! -e ledger ]
}

# A systemctl that knows one unit, in the state of the file `unit`.
shim() {
	mkdir -p bin
	cat >bin/systemctl <<-'END'
	#!/bin/sh
	echo "$@" >>calls
	case $1 in
	show) cat unit ;;
	*) for word; do
		case $word in restart) [ ! -e limit ] || {
			printf 'LoadState=loaded\nResult=start-limit-hit\n' >unit
			exit 1; } ;; esac
	done ;;
	esac
	END
	chmod +x bin/systemctl
	printf '%s\n' LoadState=loaded ActiveState=active \
		RefuseManualStart=no RefuseManualStop=no Result=success \
		StartLimitBurst="${1-5}" StartLimitIntervalUSec="${2-10s}" >unit
	PATH=$PWD/bin:$PATH
	[ "$(command -v systemctl)" = "$PWD/bin/systemctl" ]
}

@test "act: a unit is asked before it is restarted" {
	shim
	rules 'allow restart' 'action restart' '\tunit {target}' 'limit 99 at once'
	row n1 web.service restart | plan >p
	act -x p >got
	[ "$(outcomes got)" = $'n1\tweb.service\tdone\texit 0' ]
	tail -n 1 calls | grep -qx -- '--no-ask-password restart -- web.service'
	for change in LoadState=not-found ActiveState=inactive \
		ActiveState=failed RefuseManualStop=yes; do
		shim
		sed -i "s/^${change%=*}=.*/$change/" unit
		rm -f calls ledger
		act -x p >got
		[[ $(outcomes got) == *refused* ]]
		! grep -q restart calls
	done
}

@test "act: only the name of a service is one" {
	shim
	rules 'allow restart' 'action restart' '\tunit {target}' 'limit 99 at once'
	for name in reboot.target -.mount 'a b.service' '--force.service' web \
		'$(x).service' .service; do
		row n1 "$name" restart
	done | plan >p
	act -x p >got
	[ "$(outcomes got | cut -f 3 | sort -u)" = refused ]
	[ ! -e calls ]
}

@test "act: systemd's start limit keeps one start in reserve" {
	shim 3 1min
	rules 'allow restart' 'action restart' \
		'\tunit {target}\n\tcooldown 1s\n\tverify 1s' 'limit 99 at once'
	for i in 0 2 4 6; do
		row n1 web.service restart | sed "s/^$now/$((now + i))/" |
			plan >p
		act -x --now $((now + i)) p >got
		outcomes got | tail -n 1 | cut -f 3,4
	done >rows
	printf '%s\n' $'done\texit 0' $'done\texit 0' \
		$'held\tStartLimitBurst of the unit' \
		$'held\tStartLimitBurst of the unit' | diff - rows
	row n1 web.service restart | sed "s/^$now/$((now + 70))/" | plan >p
	act -x --now $((now + 70)) p >got
	[ "$(outcomes got | tail -n 1 | cut -f 3)" = 'done' ]
}

@test "act: a unit that runs into the start limit is brought back" {
	shim
	touch limit
	rules 'allow restart' 'action restart' '\tunit {target}'
	row n1 web.service restart | plan >p
	act -x p >got
	[[ $(outcomes got) == *'done'*'start limit hit; reset and started' ]]
	tail -n 2 calls | cut -d ' ' -f 2 | tr '\n' ' ' | grep -qx 'reset-failed start '
}

@test "act: trouble" {
	rules 'allow fix' 'action fix' '\trun touch did'
	row n1 a fix | plan >p
	trouble 'resin-act: --ledger is required' resin-act -r rules p
	trouble 'resin-act: --rules is required' resin-act -l ledger p
	trouble 'resin-act: ledger: file is not a database' bash -c \
		'yes | head -c 9999 >ledger; resin-act -x -r rules -l ledger p'
	[ ! -e did ]
	run -2 --separate-stderr resin-act -x -r rules -l nowhere/ledger p
	assert_equal "$stderr" 'resin-act: nowhere/ledger: No such file or directory'
	sqlite3 other 'PRAGMA user_version = 9'
	trouble 'resin-act: other: a ledger of another version' \
		resin-act -x -r rules -l other p
	rm ledger
	run -2 bash -c 'resin-act -r rules -l ledger p >/dev/full'
	run -2 --separate-stderr resin-act -r rules -l ledger /dev/null
	plan </dev/null >h
	act h >got
	[ "$(wc -l <got)" = 1 ]
	run -1 resin-act --exit-code -r rules -l ledger p
	resin-act -l none --report | head -n 1 | grep -q '^id	ts	node	leak'
}

@test "act: the commands of the example rules for a fleet" {
	printf '%s\n' $'node\tcluster\tlow_memory' $'n1\tc1\t1' $'n2\tc1\t1' \
		$'n3\tc1\t1' $'n4\tc1\t1' >nodes
	for i in $(seq 5 200); do printf 'n%d\tc1\t0\n' "$i"; done >>nodes
	{ printf 'ts\tnode\ttarget\taction\tcomponent\tcluster\tservice\tgrowth\tpod\tnamespace\n'
	printf "$now\t%s\t%s\t%s\t%s\tc1\t%s\t600000000\t%s\t%s\n" \
		n1 web.service restart web "web;reboot.service" '' '' \
		n2 api delete-pod api '' api-7f9 shop \
		n3 n3 drain slab:dentry '' '' '' \
		n4 n4 undrain slab:dentry '' '' '' \
		-oProxyCommand=x x restart web web.service '' ''
	} >p
	printf 'ts\tcomponent\tnode\tusage\n' >t
	for c in web api slab:dentry; do
		printf "$now\t$c\tn%d\t1\n" $(seq 200); done >>t
	resin-act -r "$TOP/man/examples/rules-fleet" -l none -n nodes -t t p |
		tail -n +2 | cut -f 5,7 >got
	diff - got <<-'END'
	would	ssh -oBatchMode=yes -- n1 systemctl restart -- ''\''web;reboot.service'\'''
	would	kubectl delete pod --wait=true --namespace=shop -- api-7f9
	would	kubectl drain --ignore-daemonsets --delete-emptydir-data -- n3
	would	kubectl uncordon -- n4
	would	ssh -oBatchMode=yes -- -oProxyCommand=x systemctl restart -- web.service
	END
}
