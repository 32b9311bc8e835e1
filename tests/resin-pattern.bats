load helper.bash

series() {	# NAME AWK
	awk -v name="$1" "
	function r() { s = (s * 16807) % 2147483647; return s / 1073741823.5 - 1 }
	BEGIN { s = 77; OFS = \"\t\"
		for (t = 0; t < 168; t++) { $2
			print 1700000000 + 3600 * t, \"c\", name, int(u) } }"
}
telemetry() { printf 'ts\tcomponent\tnode\tusage\n'; cat; }
suspects() {	# NAME... with falling severity
	printf 'component\tnode\tleak_start\tleak_end\tseverity\n'
	local s=100
	for n; do printf 'c\t%s\t1700000000\t1700601200\t%d\n' "$n" "$((s--))"; done
}

@test "pattern: steady, stair, spike and none" {
	{ series steady 'u = 1e9 + 1e6 * t + 1e6 * r()'
	  series stair 'u = 1e9 + 3e7 * int(t / 24) + 1e6 * r()'
	  series spike 'u = 1e9 + 3e8 * (t > 80) + 1e6 * r()'
	  series none 'u = 1e9'; } | telemetry >in
	suspects steady stair spike none >s
	run -0 resin-pattern -n 0 -t in s
	assert_equal "$(tail -n +2 <<<"$output" | cut -f 3,12 | sort)" \
		"$(printf 'none\tnone\nspike\tspike\nstair\tstair\nsteady\tsteady')"
}

@test "pattern: the slope of a straight line is its slope" {
	series a 'u = 1e9 + 1e6 * t' | telemetry >in
	suspects a >s
	run -0 resin-pattern -t in s
	assert_equal "$(cut -f 12- <<<"${lines[1]}")" "steady	1000000	1	yes	1"
}

@test "pattern: complete by Table 1's rules" {
	# A steady leak that rests at its end, and a spike in its last hours.
	{ series rests 'u = 1e9 + 1e6 * (t < 150 ? t : 150) + 1e5 * r()'
	  series fresh 'u = 1e9 + 3e8 * (t > 164) + 1e6 * r()'
	  series stale 'u = 1e9 + 3e8 * (t > 100) + 1e6 * r()'; } | telemetry >in
	suspects rests fresh stale >s
	run -0 resin-pattern -n 0 -t in s
	assert_equal "$(tail -n +2 <<<"$output" | cut -f 3,15 | sort)" \
		"$(printf 'fresh\tyes\nrests\tno\nstale\tno')"
}

@test "pattern: the best three, by severity, clarity and impact" {
	for n in a b c d e; do series $n 'u = 1e9 + 1e6 * t'; done | telemetry >in
	suspects d b e a c >s
	run -0 resin-pattern -t in s
	assert_equal "$(tail -n +2 <<<"$output" | cut -f 3,16 | tr '\t\n' ':  ')" "d:1 b:2 e:3 "
	awk -v OFS='\t' 'NR == 1 { print $0, "impact"; next }
		{ print $0, NR == 2 ? 9 : NR == 3 ? 1 : 5 }' s >s2
	run -0 resin-pattern -n 1 -t in s2
	assert_equal "$(cut -f 3 <<<"${lines[1]}")" b
}

@test "pattern: other columns are carried along" {
	series a 'u = 1e9 + 1e6 * t' | telemetry >in
	suspects a | awk -v OFS='\t' 'NR == 1 { print "team", $0; next } { print "x y", $0 }' >s
	run -0 resin-pattern -t in s
	assert_equal "$(cut -f 12,13 <<<"${lines[0]}")" "team	pattern"
	assert_equal "$(cut -f 12,13 <<<"${lines[1]}")" "x y	steady"
}

@test "pattern: errors" {
	telemetry </dev/null >bare
	suspects >s
	run -0 resin-pattern -t bare s
	assert_equal "${#lines[@]}" 1
	trouble "resin-pattern: --telemetry is required" resin-pattern s
	trouble "resin-pattern: --window '-1': negative duration" resin-pattern -w -1 -t bare s
	suspects a >s
	run -0 resin-pattern -t bare s
	assert_equal "$(cut -f 12 <<<"${lines[1]}")" none
	run -2 --separate-stderr bash -c 'resin-pattern -t bare s >/dev/full'
}
