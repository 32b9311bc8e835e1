load helper.bash

# Counts of 20 nodes in 200 windows of an hour, in three buckets.  AWK says how
# many nodes are in each at window t: v1 at 100, v2 at 120, v3 at 140 MB.
counts() {
	awk "BEGIN { OFS = \"\t\"; print \"ts\", \"component\", \"bucket\", \"nodes\"
	for (t = 0; t < 200; t++) {
		all = 20; v1 = v2 = v3 = v4 = 0; $1
		ts = 1700000000 + 3600 * t
		print ts, \"c\", 0, all; print ts, \"c\", 100000000, v1
		print ts, \"c\", 120000000, v2; print ts, \"c\", 140000000, v3
		print ts, \"c\", 160000000, v4
	} }"
}

leak='v1 = 20; v2 = t < 60 ? 0 : t < 100 ? int((t - 60) / 2) : 20
	v3 = t < 100 ? 0 : t < 140 ? int((t - 100) / 2) : 20
	v4 = t < 140 ? 0 : t < 180 ? int((t - 140) / 2) : 20'

@test "pivot: counts that pass one edge after another are a leak" {
	counts "$leak" >in
	run -0 --separate-stderr resin-pivot in
	# shellcheck disable=SC2154 # set by run
	assert_equal "$stderr" ""
	assert_equal "$(cut -f 1,2,5 <<<"${lines[1]}")" "c	160000000	20"
	assert_equal "${#lines[@]}" 2
}

@test "pivot: too few windows to judge are said, and are no trouble" {
	counts "$leak" | awk 'NR < 7' >in
	run -0 --separate-stderr resin-pivot in
	assert_equal "$stderr" "resin-pivot: 1 window: too few to see growth; resin-bucket -w makes shorter ones"
	assert_equal "${#lines[@]}" 1
}

@test "pivot: counts that stand still, or come and go, are none" {
	counts 'v1 = 20; v2 = 10; v3 = 2' >still
	counts 'v1 = 20; v2 = 10 + 3 * (t % 24 < 8); v3 = 2' >daily
	counts 'v1 = 20; v2 = t % 7; v3 = t % 3' >noise
	for f in still daily noise; do
		run -0 resin-pivot --strict "$f"
		assert_equal "${#lines[@]}" 1
	done
}

@test "pivot: a fleet that grows is no leak" {
	counts 'all = 10 + int(t / 5); v1 = all; v2 = int(all / 2)
		v3 = int(all / 5)' >in
	run -0 resin-pivot --strict in
	assert_equal "${#lines[@]}" 1
}

@test "pivot: a step is reason enough to look, but not with --strict" {
	counts 'v1 = 20; v2 = t < 120 ? 4 : 12' >in
	run -0 resin-pivot in
	assert_equal "${#lines[@]}" 2
	run -0 resin-pivot --strict in
	assert_equal "${#lines[@]}" 1
}

@test "pivot: neither the order of rows nor the split of counts matters" {
	counts "$leak" >in
	resin-pivot in >want
	shuffled in >in2
	ok_golden want resin-pivot in2
	# Every count as the sum of two shards.
	awk -F'\t' -v OFS='\t' 'NR == 1 { print; next }
		{ n = $4; $4 = int(n / 3); print; $4 = n - int(n / 3); print }' in >in3
	ok_golden want resin-pivot in3
	resin-pivot <in >got && cmp want got
}

@test "pivot: --by judges and prints each value" {
	counts "$leak" | awk -v OFS='\t' 'NR == 1 { print $0, "version"; next }
		{ print $0, "v1" }' >in
	counts 'v1 = 20; v2 = 10' | awk -v OFS='\t' 'NR > 1 { print $0, "v2" }' >>in
	run -0 resin-pivot --by version in
	assert_equal "$(cut -f 1,9 <<<"${lines[1]}")" "c	v1"
	assert_equal "${#lines[@]}" 2
}

@test "pivot: --state: new windows alone, the same alerts; again, the same state" {
	counts "$leak" >in
	resin-pivot in >want
	awk 'NR == 1 || $1 < 1700000000 + 90 * 3600' in >p1
	awk 'NR == 1 || $1 >= 1700000000 + 80 * 3600' in >p2
	resin-pivot --state s p1 >first
	ok_golden want resin-pivot --state s p2
	cp s before
	ok_golden want resin-pivot --state s p2
	cmp before s
	resin-pivot --keep 10h --state s p2 >short
	assert_equal "$(tail -n +2 s | cut -f 1 | sort -u | wc -l)" 11
	trouble "resin-pivot: --keep '0': not positive" resin-pivot --keep 0 in
	run -2 --separate-stderr resin-pivot --state nowhere/s in
	assert_output ""
}

@test "pivot: --min-size and --min-severity hold alerts back" {
	counts "$leak" >in
	run -0 resin-pivot --min-size 200M in
	assert_equal "${#lines[@]}" 1
	run -0 resin-pivot --min-severity 1000000 in
	assert_equal "${#lines[@]}" 1
	run -1 resin-pivot --exit-code in
	assert_equal "${#lines[@]}" 2
}

@test "pivot: a header alone, no bytes, bad rows, a full disk" {
	printf 'ts\tcomponent\tbucket\tnodes\n' >bare
	run -0 --separate-stderr resin-pivot bare
	assert_equal "$stderr" ""
	assert_equal "${#lines[@]}" 1
	trouble "resin-pivot: <stdin>: no input at all (0 bytes)" \
		resin-pivot </dev/null
	printf 'ts\tcomponent\tbucket\tnodes\n1\tc\t0\tmany\n' >bad
	trouble "resin-pivot: bad:2: nodes: not a number: 'many'" resin-pivot bad
	trouble "resin-pivot: --min-size 'x': not a number" resin-pivot --min-size x bare
	trouble "resin-pivot: --by '': no names" resin-pivot --by '' bare
	run -2 --separate-stderr bash -c 'resin-pivot bare >/dev/full'
}
