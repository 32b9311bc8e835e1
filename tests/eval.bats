load helper.bash

# What measures the detectors measures right.

setup_file() { export EVAL=$TOP/tests/eval EVALBIN=$TESTBIN/eval; }

# fleet SEED DAYS: 12 hosts, 8 components; to telemetry and truth.
fleet() { "$EVALBIN/fleet" "$1" 1 12 8 "$2" truth >telemetry; }

# table ROW...: rows written with blanks for TABs, - for no value.
table() { printf '%s\n' "$@" | sed 's/ /\t/g; s/\t-/\t/g'; }

# late FILE: how many rows are of an hour before that of some row above them.
late() {
	awk 'NR > 1 { hour = $1 - $1 % 3600; n += hour < top
		if (hour > top) top = hour } END { print n + 0 }' "$1"
}

in_order() {
	head -n 1 "$1"
	tail -n +2 "$1" | sort -s -n -k 1,1
}

@test "eval: the score, counted by hand" {
	# a: one instance due and found, one due and missed, one that leaked too
	# little to be due; b leaks a little and is missed; c leaked 15 %.
	table 'component node pid start leak_start leak_end leaked share hours kind' \
		'a n1 1 0 36000 900000 50 0.5 240 stair' \
		'a n2 2 0 36000 900000 30 0.3 24 spike' \
		'a n3 3 0 36000 900000 29 0.29 240 stair' \
		'b n1 4 0 36000 900000 9 0.09 240 steady' \
		'c n1 5 0 36000 900000 15 0.15 240 steady' >truth
	# a: two that leak, the start 2 h late and 3 h early; n4 does not leak.
	# d does not at all; c is not named; a row twice counts once.
	table 'leak_start component node pid start' \
		'43200 a n1 1 0' '25200 a n3 3 0' '0 a n4 6 0' '0 d n1 7 0' \
		'43200 a n1 1 0' >suspects
	table component a b d e >alerts
	# named: a, and d falsely; due: a found, c missed.  Instances: 2 true,
	# 2 false; due: 1 found, 1 missed.  Alerts: a, b; d, e; a; c.
	table 'me 1 1 1 1 2 2 1 1 2 2 1 1' >want
	ok_golden want awk -v ERRORS=errors -v KINDS=kinds -f "$EVAL/score.awk" \
		me truth suspects alerts
	printf '2\n3\n' | diff - errors
	sort kinds | diff - <(table 'component 1 0' 'spike 0 1' 'stair 1 0')
}

@test "eval: without pid and start an instance is a component's node" {
	table 'component node pid start leak_start leak_end leaked share hours' \
		'a n1 - - 0 900000 50 0.5 240' >truth
	printf 'component\tnode\na\tn1\n' >suspects
	table 'me 1 0 1 0 1 0 1 0 0 0 0 1' >want
	ok_golden want awk -v ERRORS=errors -f "$EVAL/score.awk" me truth suspects
}

@test "eval: the table, ratios and medians by hand" {
	# Two fleets.  Components 3 of 4 and 3 of 6; instances 8 of 10, 9 of 12.
	table 'test 1 score resin 1 1 1 2 4 1 4 2 0 0 0 0' \
		'test 2 score resin 2 0 2 1 4 1 5 1 1 3 1 0' \
		'test 1 delay resin a 2' 'test 1 delay resin b never' \
		'test 2 delay resin c 12' 'test 1 onset resin 1' \
		'test 1 onset resin 5' 'test 2 onset resin 2' \
		'test 1 kind resin stair 3 1' 'test 2 kind resin stair 6 0' \
		'test 1 time resin 1.5 1000000' 'test 2 time resin 2.5 3000000' \
		>counts
	awk -v hosts=9 -f "$EVAL/table.awk" counts >got
	head -n 1 got | diff - <(echo '## Fleets of 9 hosts never used for tuning: 2')
	grep '^| resin' got | sed 's/ ([^)]*)//g' | diff - <(echo \
		'| resin | 0.750 | 0.500 | 0.800 | 0.750 | 5 | 12 | 67 % | 1 of 3 |')
	grep 'alone' got | diff - <(echo 'resin-pivot alone: precision 0.250, recall 1.000.')
	grep 'start:' got | diff - <(echo \
		'Error of the start: median 2.0 h, 90 % 2.0 h, of 3 instances.')
	grep 'kind' got | diff - <(echo \
		'Instances found by the kind of leak: stair 0.900 of 10.')
	grep 'Time' got | diff - <(echo \
		'Time of both levels: 2.0 s of processor for 2.0 million rows, in the mean.')
}

@test "eval: a fleet is the same for the same seed" {
	fleet 3 2
	mv telemetry first
	cp truth truth.first
	fleet 3 2
	cmp telemetry first
	cmp truth truth.first
	fleet 4 2
	run ! cmp -s telemetry first
}

@test "eval: rows that come late are counted once, or told" {
	fleet 3 4
	n=$(late telemetry)
	[ "$n" -gt 20 ]
	in_order telemetry >sorted
	for tool in resin-bucket resin-rollup; do
		$tool sorted >want
		$tool --lateness 6h telemetry | cmp - want
		$tool --lateness all telemetry | cmp - want
		run -2 $tool -o none telemetry
		[[ $output == "$tool: telemetry:"*": ts: its window is closed: "* ]]
		rm -f bad
		$tool --reject bad telemetry >got 2>err
		diff - err <<<"$tool: $n bad rows put into bad"
		# And those left are counted as if the late ones had never been.
		awk 'NR == FNR { if (!/^#/) bad[$0] = 1; next } !($0 in bad)' \
			bad telemetry >rest
		$tool rest | cmp - got
	done
}

@test "eval: the second level does not mind the order of arrival" {
	fleet 3 4
	in_order telemetry >sorted
	resin-procdetect --all --explain -t sorted >want
	resin-procdetect --all --explain -t telemetry | cmp - want
}

@test "eval: what is injected is what the truth says" {
	fleet 5 4
	"$EVALBIN/inject" 9 0.6 injected telemetry >rows
	[ "$(wc -l <injected)" -gt 3 ]
	# Leaked by process: what was added to it grows, and ends at that.
	awk -F '\t' '
		FNR == 1 { file++; delete at; for (i = 1; i <= NF; i++) at[$i] = i; next }
		{ k = $at["component"] FS $at["node"] FS $at["pid"] FS $at["start"] }
		file == 1 { want[k] = $at["leaked"]; since[k] = $at["leak_start"] }
		file == 2 { usage[k, $at["ts"]] = $at["usage"]; before++ }
		file == 3 {
			after++
			added = $at["usage"] - usage[k, $at["ts"]]
			if (added < last[k] || (added > 0 && $at["ts"] < since[k]))
				print "not a leak", $0
			last[k] = added
		}
		END {
			if (before != after) print before " rows, then " after
			for (k in last)
				if (last[k] - want[k] > 1 || want[k] - last[k] > 1)
					print "not " want[k] " but " last[k], k
		}' injected telemetry rows >wrong
	diff /dev/null wrong
}

@test "eval: the baselines name a ramp, a crowd, and nothing that is flat" {
	awk 'BEGIN {
		OFS = "\t"
		print "ts", "component", "node", "usage"
		for (h = 0; h < 240; h++) {
			for (n = 0; n < 41; n++)
				print 1700438400 + h * 3600, "big", "n" n, 2e9
			print 1700438400 + h * 3600, "ramp", "n1", 1e8 + h * 1e6 + h % 3
		}
	}' >telemetry
	printf 'ramp\t1700438400\n' >due
	mkdir out
	"$EVALBIN/baselines" telemetry out due
	for m in least-squares mann-kendall precog coroot-10MB-a-day resin-algorithm-1; do
		cut -f 1,2 out/$m.tsv | diff - <(printf 'component\tnode\nramp\tn1\n')
	done
	for m in static-1GB-40 static-500MB-40; do
		[ "$(grep -c '^big' out/$m.tsv)" = 41 ]
		diff out/$m.delay <(printf 'ramp\tnever\n')
	done
	[ "$(wc -l <out/static-1GB-80.tsv)" = 1 ]
	# From 100 MB to 339 in ten days: the last third passes 300.
	cut -f 1,2 out/resin-pivot-as-printed.tsv |
		diff - <(printf 'component\tnode\nramp\tn1\n')
	# Ten per cent of 100 MB, and of 12 samples at least.
	diff out/least-squares.delay <(printf 'ramp\t11\n')
}

@test "eval: the delay is when it is named and was not an hour before" {
	fleet 11 8
	"$EVAL/delay.sh" telemetry truth due >delay
	cut -f 1 delay | diff - <(cut -f 1 due)
	[ -s due ]
	. "$EVAL/detect.bash"
	while read -r component tenth && read -r name hours <&4; do
		[ "$name" = "$component" ]
		case $hours in
		never) views=("336 ") ;;
		0) views=("0 $component") ;;
		*) views=("$hours $component" "$((hours - 1)) ") ;;
		esac
		for view in "${views[@]}"; do
			awk -v end=$((tenth + ${view%% *} * 3600)) \
				'NR > 1 && $1 > end { exit } 1' telemetry >seen
			detect seen alert suspect
			awk -v c="$component" '$1 == c { print c; exit }' suspect |
				diff - <(printf '%s' "${view#* }" | sed '$a\')
		done
	done <due 4<delay
}

@test "eval: what is left out is said" {
	run -0 --separate-stderr "$EVAL/real.sh" "$PWD" "$PWD"
	assert_output ""
	assert_equal "$stderr" "left out: no borg2019_tasks/borg_tasks_mem.csv.gz in $PWD
left out: no nezha_pods/pods_mem_1min.csv.gz in $PWD
left out: no psm_appln2_rss/appln2.csv in $PWD"
}
