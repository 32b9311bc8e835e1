load helper.bash

setup() {
	cd "$BATS_TEST_TMPDIR" && set -o pipefail
	D=$TESTDATA/resin-mitigate
}

# suspect COMPONENT NODE [PID [USAGE [CLUSTER]]]: one row, leaking from
# 1000 to 100000.
header=$'component\tcluster\tnode\tpid\tstart\tleak_start\tleak_end\tusage\tgrowth\trate\tseverity'
suspect() {
	printf '%s\t%s\t%s\t%s\t10\t1000\t100000\t%s\t100\t10\t5\n' \
		"$1" "${5-c1}" "$2" "${3-7}" "${4-500}"
}
suspects() { printf '%s\n' "$header"; cat; }

# deed: a row about web on n1, pid 7.
deeds() {
	printf 'node\tleak\ttarget\taction\tpid\tstart\tstate\tverdict\tat\tuntil\n'
	cat
}
deed() {	# ACTION STATE VERDICT [AT [UNTIL]]
	local target=web
	case $1 in drain|soft-reboot|reboot) target=n1 ;; esac
	printf 'n1\tweb\t%s\t%s\t7\t10\t%s\t%s\t%s\t%s\n' "$target" "$1" "$2" \
		"$3" "${4-50000}" "${5-$((${4-50000} + 7200))}"
}
# decide RULES...: node target action reason of the plan for file `s`.
decide() {
	printf '%s\n' "$@" >rules
	resin-mitigate -r rules -a d -n n s | cut -f 2-4,6 | tail -n +2
}
# No earlier actions, no nodes, web on n1.
one_leak() {
	deeds </dev/null >d
	printf 'node\tvms\n' >n
	suspect web n1 | suspects >s
}
all=('allow restart' 'allow fix' 'allow reload' 'allow drain'
	'allow soft-reboot' 'allow reboot'
	$'action fix\n\trun fix {pid}')

@test "mitigate: nothing without an allow line" {
	: >rules
	resin-mitigate -r rules "$D/suspects.tsv" >got
	[ "$(wc -l <got)" = 1 ]
	[[ $(cat got) == $'ts\tnode\ttarget\taction\tpriority\treason\t'* ]]
}

@test "mitigate: one leak, one row" {
	one_leak
	run -0 decide "${all[@]}"
	assert_output $'n1\tweb\trestart\tallowed by line 1'
}

@test "mitigate: the first line that decides holds, deny any for all" {
	one_leak
	run -0 decide 'deny restart if component = web' "${all[@]}"
	assert_output $'n1\tweb\tfix\tallowed by line 3'
	run -0 decide 'deny any if component = web' "${all[@]}"
	assert_output ''
	run -0 decide 'allow restart if component = web' 'deny any'
	assert_output $'n1\tweb\trestart\tallowed by line 1'
}

@test "mitigate: what is unknown permits nothing" {
	one_leak
	run -0 decide 'allow restart if version = 1'
	assert_output ''
	run -0 decide 'allow restart if version != 1'
	assert_output ''
	run -0 decide 'deny restart if version = 1' 'allow restart'
	assert_output ''
	run -0 decide 'allow restart if component > 1'
	assert_output ''
}

@test "mitigate: conditions" {
	one_leak
	for c in 'usage > 400' 'usage >= 500' 'usage < 1K' 'usage <= 500' \
		'component ~ ^w' 'component !~ x' 'component = web' \
		'component != x' 'usage > 1 and node = n1'; do
		run -0 decide "allow restart if $c"
		assert_output $'n1\tweb\trestart\tallowed by line 1'
	done
	for c in 'usage > 500' 'usage >= 1K' 'usage < 500' 'component ~ ^W' \
		'component !~ w' 'component = we' 'component != web' \
		'usage > 1 and node = n2' 'node = n2 and usage > 1'; do
		run -0 decide "allow restart if $c"
		assert_output ''
	done
}

@test "mitigate: a column of the user's own, of the suspect or of the node" {
	one_leak
	printf 'node\track\nn1\tr7\n' >n
	run -0 decide 'allow restart if rack = r7'
	assert_output $'n1\tweb\trestart\tallowed by line 1'
	suspect web n1 | suspects | sed $'1s/$/\track/; 2s/$/\tr8/' >s
	run -0 decide 'allow restart if rack = r7'
	assert_output ''
}

@test "mitigate: a pattern that backtracks for ever permits nothing" {
	one_leak
	suspect "$(printf 'a%.0s' {1..5000})!" n1 | suspects >s
	run -0 timeout 20 bash -c "$(declare -f decide)
		decide 'allow restart if component ~ ^(a+)+\$'"
	assert_output ''
	run -0 timeout 20 bash -c "$(declare -f decide)
		decide 'deny restart if component ~ ^(a+)+\$' 'allow restart'"
	assert_output ''
}

@test "mitigate: one step a run, up the ladder" {
	one_leak
	expect() {
		run -0 decide "${all[@]}"
		assert_equal "${output%%$'\tall'*}" "$1"
	}
	deed restart failed '' | deeds >d
	expect $'n1\tweb\tfix'
	{ deed restart 'done' not; deed fix 'done' not; } | deeds >d
	expect $'n1\tweb\treload'
	{ deed restart 'done' not; deed fix timeout ''; deed reload 'done' not; } |
		deeds >d
	expect $'n1\tn1\tdrain'
	{ deed restart 'done' not; deed fix timeout ''; deed reload 'done' not
	deed drain 'done' '' 60000; } | deeds >d
	expect $'n1\tn1\tsoft-reboot'
	{ deed restart 'done' not; deed fix timeout ''; deed reload 'done' not
	deed drain 'done' '' 60000; deed soft-reboot 'done' not 70000; } |
		deeds >d
	expect $'n1\tn1\treboot'
	{ deed restart 'done' not; deed fix timeout ''; deed reload 'done' not
	deed drain 'done' '' 60000; deed soft-reboot 'done' not 70000
	deed reboot 'done' not 80000; } | deeds >d
	expect $'n1\tweb\tnone\tevery allowed action was tried'
}

@test "mitigate: guests on the node" {
	one_leak
	last=('allow drain' 'allow soft-reboot' 'allow reboot')
	run -0 decide "${last[@]}"
	assert_output $'n1\tn1\tdrain\tallowed by line 1'
	printf 'node\tvms\nn1\t2\n' >n
	run -0 decide "${last[@]}"
	assert_output $'n1\tn1\tdrain\tallowed by line 1'
	printf 'node\tvms\nn1\t0\n' >n
	run -0 decide "${last[@]}"
	assert_output $'n1\tn1\treboot\tallowed by line 3'
	deed drain 'done' '' 90000 | deeds >d
	run -0 decide "${last[@]}"
	assert_output $'n1\tn1\tsoft-reboot\tallowed by line 2'
	# Drained, but guests remain: no reboot.
	printf 'node\tvms\nn1\t2\n' >n
	run -0 decide "${last[@]}"
	[[ $output != *reboot* ]]
}

@test "mitigate: a drained node is given back when its leak is gone" {
	one_leak
	suspects </dev/null >s
	last=('allow drain' 'allow reboot' 'allow undrain')
	{ deed drain 'done' '' 60000; deed reboot 'done' pending 70000 999999; } |
		deeds >d
	run -0 decide "${last[@]}"
	assert_output $'n1\tn1\tstop\tno longer suspected'
	{ deed drain 'done' '' 60000; deed reboot 'done' fell 70000; } | deeds >d
	run -0 decide "${last[@]}"
	assert_output $'n1\tn1\tstop\tno longer suspected
n1\tn1\tundrain\tallowed by line 3, the leak is gone'
	# Once; what was drained before it was given back is no longer drained.
	{ deed drain 'done' '' 60000; deed reboot 'done' fell 70000
	deed stop 'done' stopped 80000; deed undrain 'done' '' 81000; } | deeds >d
	run -0 decide "${last[@]}"
	assert_output ''
	suspect web n1 9 | sed 's/\t10\t1000\t/\t84000\t85000\t/' | suspects >s
	run -0 decide "${last[@]}"
	assert_output $'n1\tn1\tdrain\tallowed by line 1'
	# Not while a leak there may need it, nor where nothing helped, nor
	# without a line.
	suspect other n1 9 | sed 's/\t10\t1000\t/\t84000\t85000\t/' | suspects >s
	{ deed drain 'done' '' 60000; deed reboot 'done' fell 70000; } | deeds >d
	run -0 decide "${last[@]}"
	[[ $output != *undrain* ]]
	suspects </dev/null >s
	run -0 decide 'allow drain' 'allow reboot'
	assert_output $'n1\tn1\tstop\tno longer suspected'
}

@test "mitigate: memory that fell is more than a command that failed" {
	one_leak
	suspect web n1 9 | sed 's/\t10\t1000\t/\t84000\t85000\t/' | suspects >s
	deed restart failed fell 80000 | deeds >d
	run -0 decide 'allow restart' 'allow drain'
	assert_output $'n1\tweb\trestart\tallowed by line 1'
}

@test "mitigate: not yet verified, helped, and seen not to have helped" {
	one_leak
	deed restart 'done' '' 99000 107000 | deeds >d
	run -0 decide "${all[@]}"
	assert_output $'n1\tweb\tdefer\trestart: the last action is not yet verified until 1970-01-02T05:43:20Z'
	# Nobody verified it, but the leak is older and still there.
	deed restart 'done' '' 50000 57000 | deeds >d
	run -0 decide "${all[@]}"
	[[ $output == $'n1\tweb\tfix\t'* ]]
	# That very process ended: what is still seen of it is its past.
	deed restart 'done' fell 50000 | deeds >d
	run -0 decide "${all[@]}"
	assert_output $'n1\tweb\tstop\tno longer suspected'
	# Its successor leaks as well: again, once it has cooled down.
	suspect web n1 8 | suspects >s
	deed restart 'done' fell 50000 | deeds >d
	run -0 decide "${all[@]}" 'action restart' $'\tsignal TERM'
	assert_output $'n1\tweb\trestart\tallowed by line 1'
	deed restart 'done' fell 90000 | deeds >d
	run -0 decide "${all[@]}" 'action restart' $'\tsignal TERM'
	assert_output $'n1\tweb\tdefer\trestart: cool-down until 1970-01-02T07:00:00Z'
}

@test "mitigate: a stop row, once, and a new leak begins at the bottom" {
	one_leak
	suspects </dev/null >s
	deed restart 'done' fell | deeds >d
	run -0 decide "${all[@]}"
	assert_output $'n1\tweb\tstop\tno longer suspected'
	{ deed restart 'done' fell; deed stop 'done' '' 60000; } | deeds >d
	run -0 decide "${all[@]}"
	assert_output ''
	suspect web n1 | suspects >s
	{ deed restart 'done' not; deed stop 'done' '' 60000; } | deeds >d
	run -0 decide "${all[@]}"
	assert_output $'n1\tweb\trestart\tallowed by line 1'
}

@test "mitigate: another process of the component has its own history" {
	one_leak
	{ suspect web n1 7; suspect web n1 8; } | suspects |
		awk -F '\t' -v OFS='\t' '$4 == 8 { $6 = 60000 } 1' >s
	deed restart 'done' not | deeds >d
	run -0 decide 'allow restart' 'allow reload'
	assert_line $'n1\tweb\trestart\tallowed by line 1'
	assert_line $'n1\tweb\treload\tallowed by line 2, milder ones did not help'
}

@test "mitigate: a service is restarted once, processes one by one" {
	one_leak
	{ suspect web n1 7; suspect web n1 8; suspect web n2 7; } | suspects >s
	run -0 decide 'allow restart' 'action restart' $'\tunit web.service'
	assert_equal "${#lines[@]}" 2
	run -0 decide 'allow restart' 'action restart' $'\tsignal TERM'
	assert_equal "${#lines[@]}" 3
}

@test "mitigate: a node waits for what is milder on it" {
	one_leak
	{ suspect web n1; suspect slab:dentry n1 '' 9000; } | suspects >s
	run -0 decide 'allow restart' 'allow drain'
	assert_output $'n1\tn1\tdefer\tdrain: a milder action on the node first\nn1\tweb\trestart\tallowed by line 1' ||
	assert_output $'n1\tweb\trestart\tallowed by line 1\nn1\tn1\tdefer\tdrain: a milder action on the node first'
}

@test "mitigate: once it is drained, the node goes first" {
	one_leak
	{ suspect web n1; suspect slab:dentry n1 '' 9000; } | suspects >s
	printf 'node\tvms\nn1\t0\n' >n
	deed drain 'done' '' 99000 '' | sed 's/web/slab:dentry/' | deeds >d
	run -0 decide 'allow restart' 'allow drain' 'allow soft-reboot'
	assert_line $'n1\tn1\tsoft-reboot\tallowed by line 3'
	assert_line $'n1\tweb\tdefer\trestart: the node is about to be rebooted'
	# The guests are back before anybody rebooted it: drain again.
	printf 'node\tvms\nn1\t2\n' >n
	suspect slab:dentry n1 '' 9000 | suspects >s
	run -0 decide 'allow drain' 'allow soft-reboot'
	assert_output $'n1\tn1\tdrain\tallowed by line 1'
}

@test "mitigate: what is never verified is one step" {
	one_leak
	deed fix 'done' '' 99000 '' | deeds >d
	run -0 decide 'allow fix' 'allow reload' 'action fix' $'\trun page'
	assert_output $'n1\tweb\treload\tallowed by line 2, milder ones did not help'
}

@test "mitigate: a process that its node reports no longer is gone" {
	one_leak
	echo 'allow restart' >rules
	{ suspect web n1 7; suspect web n2 7; suspect web n3 7; } | suspects >s
	printf '%s\n' $'ts\tnode\tcomponent\tpid\tstart' \
		$'90000\tn1\tweb\t7\t10' $'97000\tn1\tweb\t8\t95000' \
		$'90000\tn2\tweb\t7\t10' $'97300\tn2\tweb\t8\t95000' >t
	resin-mitigate -r rules -t t s | cut -f 2,4 | tail -n +2 >got
	printf '%s\n' $'n1\trestart' $'n3\trestart' | diff - got
	resin-mitigate -r rules -t t --fresh 1h s | cut -f 2 | tail -n +2 >got
	echo n3 | diff - got
	resin-mitigate -c -r rules -t t s | grep -qx \
		$'n2\tweb\t7\t\tover\t\tthe process is gone'
}

@test "mitigate: kernel memory is its owner's" {
	one_leak
	suspect slab:kmalloc-1k n1 '' | suspects >s
	run -0 decide 'allow restart'
	assert_output ''
	run -0 decide 'allow restart if component = agent' \
		'owner agent if component ~ ^slab:kmalloc'
	assert_output $'n1\tagent\trestart\tallowed by line 1'
	suspect pool:Tag1 n1 '' | suspects >s
	run -0 decide 'allow restart if component = agent' \
		'owner agent if component ~ ^pool:'
	assert_output ''
	run -0 decide 'allow restart if component = agent' \
		'owner agent if component ~ ^pool:' 'kernel if component ~ ^pool:'
	assert_output $'n1\tagent\trestart\tallowed by line 1'
}

@test "mitigate: priority" {
	one_leak
	for i in 1 2 3 4 5 6; do suspect web n$i; done | suspects |
		awk -F '\t' -v OFS='\t' '$3 == "n5" { $9 = 900 }
			$3 == "n6" { $10 = 20 } 1' >s
	printf '%s\n' $'node\tlow_memory\tshort\tused\treserve\tfree' \
		$'n4\t1\t0\t1\t2\t' $'n3\t0\t1\t1\t2\t' $'n2\t0\t0\t3\t2\t' >n
	decide 'allow restart' | cut -f 1 >got
	printf 'n%s\n' 4 3 2 5 6 1 | diff - got
	printf '%s\n' $'node\tfree' $'n1\t100' $'n2\t50' >n
	for i in 3 2 1; do suspect web n$i; done | suspects >s
	decide 'allow restart' | cut -f 1 >got
	printf 'n%s\n' 2 1 3 | diff - got
}

@test "mitigate: blackouts" {
	one_leak
	for at in 2021-01-04T08:00:00Z 2021-01-08T09:59:59Z \
		2021-01-05T23:30:00Z 2021-01-06T03:00:00Z; do
		printf '%s\n' 'allow restart' 'blackout mon-fri 08:00-10:00' \
			'blackout tue 22:00-04:00' >rules
		resin-mitigate -r rules --now "$at" s | cut -f 4,6 >got
		grep -q $'^defer\trestart: blackout until' got || fail "$at"
	done
	for at in 2021-01-04T10:00:00Z 2021-01-03T09:00:00Z \
		2021-01-05T03:00:00Z 2021-01-06T23:00:00Z; do
		resin-mitigate -r rules --now "$at" s | cut -f 4 >got
		grep -q '^restart' got || fail "$at"
	done
	run -0 decide 'allow restart' 'blackout 1970-01-02T00:00:00Z 200000'
	assert_output $'n1\tweb\tdefer\trestart: blackout until 1970-01-03T07:33:20Z'
	run -0 decide 'allow restart' \
		'blackout 1970-01-02T00:00:00Z 200000 if cluster = c2'
	assert_output $'n1\tweb\trestart\tallowed by line 1'
}

@test "mitigate: not while a snapshot is taken" {
	one_leak
	echo 'allow restart' >rules
	printf 'node\tpid\tuntil\nn1\t7\t100001\n' >t
	resin-mitigate -r rules --tracing t s | cut -f 4,6 | tail -n 1 >got
	echo $'defer\trestart: a snapshot is being taken until 1970-01-02T03:46:41Z' |
		diff - got
	printf 'node\tpid\tuntil\nn1\t7\t100000\nn2\t7\t900000\n' >t
	resin-mitigate -r rules --tracing t s | cut -f 4 | tail -n 1 >got
	echo restart | diff - got
}

@test "mitigate: the order of the rows does not matter" {
	resin-mitigate -r "$D/rules" -n "$D/nodes.tsv" "$D/suspects.tsv" >want
	for seed in 1 2 3; do
		shuffled "$D/suspects.tsv" $seed | resin-mitigate -r "$D/rules" \
			-n <(shuffled "$D/nodes.tsv" $seed) >got
		diff want got
	done
}

@test "mitigate: names are only data" {
	one_leak
	for name in '; rm -rf /' '$(touch pwned)' '--help' $'\xff\xfe\x80' \
		'{node}' "$(printf 'x%.0s' {1..65536})"; do
		suspect "$name" "$name" | suspects >s
		run -0 decide 'allow restart if component ~ .'
		assert_output "$name"$'\t'"$name"$'\trestart\tallowed by line 1'
	done
	[ ! -e pwned ]
}

@test "mitigate: candidates keep their columns" {
	one_leak
	sed $'1s/$/\tpattern\tslope\tr2\tcomplete\trank/
		2s/$/\tsteady\t3\t0.9\t1\t1/' s >c
	echo 'allow restart if pattern = steady and r2 > 0.8' >rules
	resin-mitigate -r rules c | awk -F '\t' 'NR == 1 {
		for (i = 1; i <= NF; i++) c[$i] = i }
		NR == 2 { print $c["action"], $c["pattern"], $c["rank"] }' >got
	echo 'restart steady 1' | diff - got
}

@test "mitigate: a rules file with an error is refused whole" {
	one_leak
	refuse() {
		printf '%b\n' "$2" >rules
		trouble "resin-mitigate: rules:$1" resin-mitigate -r rules s
	}
	refuse "2: not allow deny action owner kernel blackout limit stopfile: 'alow'" \
		'allow restart\nalow reboot'
	refuse "1: no such action: 'restrat'" 'allow restrat'
	refuse "1: allow names one action at a time: 'any'" 'allow any'
	refuse "1: expected 'if': 'component'" 'allow restart component = x'
	refuse "1: expected 'and': 'or'" \
		'allow restart if a = b or c = d'
	refuse "1: a condition is FIELD OP VALUE: 'a'" 'allow restart if a'
	refuse "1: not one of ~ !~ = != < <= > >=: '=='" \
		'allow restart if a == b'
	refuse "1: not a number or a size: 'x'" 'allow restart if a > x'
	refuse "1: pattern: missing closing parenthesis at 3: '(a'" \
		'allow restart if a ~ (a'
	refuse "1: quote without its end: ''a b'" "allow restart if a ~ 'a b"
	refuse "2: indented, but not below an action: 'run'" \
		'allow restart\n\trun x'
	refuse "1: action without run, unit or signal: 'fix'" 'action fix'
	refuse "2: the program is not a field: '{pid}'" \
		'action fix\n\trun {pid}'
	refuse "2: { without }: '{pid'" 'action fix\n\trun fix {pid'
	refuse "2: a field in a shell's own text: 'kill {pid}'" \
		"action fix\n\trun sh -c 'kill {pid}'"
	refuse "2: ssh runs a shell: write {field|sh}: '{service}'" \
		'action fix\n\trun ssh {node} restart {service}'
	refuse "2: not TERM INT HUP QUIT KILL ABRT USR1 USR2: 'STOP'" \
		'action fix\n\tsignal STOP'
	refuse "1: not HH:MM-HH:MM: '8:00-10:00'" 'blackout daily 8:00-10:00'
	refuse "1: ends before it begins: '5'" 'blackout 6 5'
	refuse "1: not 0% to 100%: '101%'" 'limit 101% at once'
	refuse "1: expected 'at once' or 'per DURATION': 'nodes'" \
		'limit 5 nodes'
	refuse "1: the name has a meaning of its own: 'stop'" 'action stop'
	printf 'allow restart\n\0' >rules
	run -2 --separate-stderr resin-mitigate -r rules s
	[[ $stderr == 'resin-mitigate: rules:2: NUL byte'* ]]
	trouble 'resin-mitigate: missing: No such file or directory' \
		resin-mitigate -r missing s
	trouble 'resin-mitigate: --rules is required' resin-mitigate s
}

@test "mitigate: a suspect without times" {
	one_leak
	printf 'component\tnode\nweb\tn1\n' >t
	echo 'allow restart' >rules
	resin-mitigate -r rules --now 5000 t | cut -f 1-4 >got
	printf 'ts\tnode\ttarget\taction\n5000\tn1\tweb\trestart\n' | diff - got
}

@test "mitigate: input and output trouble" {
	one_leak
	echo 'allow restart' >rules
	trouble "resin-mitigate: s:2: leak_end: not a time: 'x'" bash -c \
		"sed '2s/100000/x/' s >t; mv t s; resin-mitigate -r rules s" ||
	[[ $stderr == *"s:2: "*"'x'" ]]
	one_leak
	run -2 bash -c 'resin-mitigate -r rules s >/dev/full'
	run -2 --separate-stderr resin-mitigate -r rules /dev/null
	head -n 1 s >h
	resin-mitigate -r rules h >got
	[ "$(wc -l <got)" = 1 ]
	run -0 bash -c 'resin-mitigate -r rules <s | cmp - <(resin-mitigate -r rules s)'
	run -1 resin-mitigate --exit-code -r rules s
	run -0 resin-mitigate --exit-code -r rules h
}

@test "mitigate: the example rules are good rules" {
	for rules in "$TOP"/man/examples/rules*; do
		resin-mitigate -r "$rules" "$D/suspects.tsv" >got
		[ "$(head -n 1 got | cut -f 1-3)" = $'ts\tnode\ttarget' ]
	done
}
