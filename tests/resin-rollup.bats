load helper.bash

# The rule again, in awk, for integers below 2^53: median, deviation, mean.
reference() {	# WINDOW FILE with ts component node pid usage in this order
	tail -n +2 "$2" | awk -F'\t' -v W="$1" -v OFS='\t' '
		{ print $1 - $1 % W, $2, $3, $4, $5 }' |
	sort -t "$(printf '\t')" -k1,1n -k2,2 -k3,3 -k4,4n -k5,5n |
	awk -F'\t' '
	function mid(v, n) { return v[int((n + 1) / 2)] + int((v[int(n / 2) + 1] - v[int((n + 1) / 2)]) / 2) }
	function order(v, n,   i, k, x) {
		for (i = 2; i <= n; i++) {
			x = v[i]
			for (k = i; k > 1 && v[k - 1] > x; k--) v[k] = v[k - 1]
			v[k] = x
		}
	}
	function close_(   i, m, d, limit, s, kept) {
		m = mid(x, n)
		for (i = 1; i <= n; i++) d[i] = x[i] > m ? x[i] - m : m - x[i]
		order(d, n)
		limit = 5 * 1.4826 * mid(d, n)
		if (limit < m / 4) limit = m / 4
		for (i = 1; i <= n; i++)
			if ((x[i] > m ? x[i] - m : m - x[i]) <= limit) { s += x[i]; kept++ }
		printf "%s\t%d\n", key, int((s + int(kept / 2)) / kept)
	}
	{ k = $1 "\t" $2 "\t" $3 "\t" $4 }
	NR > 1 && k != key { close_(); n = 0 }
	{ key = k; x[++n] = $5 }
	END { if (n) close_() }'
}

samples() {	# ROWS
	awk -v N="$1" 'BEGIN {
		OFS = "\t"
		print "ts", "component", "node", "pid", "usage"
		s = 11
		for (i = 0; i < N; i++) {
			s = (s * 16807) % 2147483647; c = s % 3
			s = (s * 16807) % 2147483647; n = s % 5
			s = (s * 16807) % 2147483647; p = s % 2
			s = (s * 16807) % 2147483647
			u = 1000000 * (c + 1) + s % 100000
			if (s % 23 == 0) u *= 20
			if (s % 29 == 0) u = 0
			print int(i * 18000 / N), "c" c, "n" n, p, u
		}
	}'
}

@test "rollup: means per process and window, without the outlier, gaps stay" {
	cat >want <<-E
	ts	component	node	usage	pid	start	version
	1609459200	db	n1	104861696	31	1609400000	1.1
	1609459200	db	n2	50000000	31	1609400000	1.0
	1609459200	db	n2	60000001	32	1609459400	1.0
	1609466400	db	n1	105906176	31	1609400000	1.1
	E
	ok_golden want resin-rollup "$TESTDATA/resin-rollup/small.tsv"
}

@test "rollup: equals the rule in awk" {
	samples 4000 >in
	reference 600 in >want
	resin-rollup -w 10m in | awk -F'\t' -v OFS='\t' 'NR > 1 { print $1, $2, $3, $5, $4 }' >got
	diff -u want got
}

@test "rollup: the sum is exact where doubles are not" {
	printf 'ts\tcomponent\tnode\tusage\n0\ta\tn\t9007199254740993\n1\ta\tn\t9007199254740995\n' >in
	run -0 resin-rollup in
	assert_line --index 1 $'0\ta\tn\t9007199254740994'
	printf 'ts\tcomponent\tnode\tusage\n0\ta\tn\t18446744073709551615\n1\ta\tn\t18446744073709551613\n' >in
	run -0 resin-rollup in
	assert_line --index 1 $'0\ta\tn\t18446744073709551614'
}

@test "rollup: a ramp and a step inside the window lose no sample" {
	{ printf 'ts\tcomponent\tnode\tusage\n'
	  for i in $(seq 1 12); do
		printf '%d\tramp\tn\t%d\n' $((i * 300 - 300)) $((i * 100))
		printf '%d\tstep\tn\t%d\n' $((i * 300 - 300)) $((i > 6 ? 1000 : 100))
	  done; } >in
	run -0 resin-rollup in
	assert_line --index 1 $'0\tramp\tn\t650'
	assert_line --index 2 $'0\tstep\tn\t550'
}

@test "rollup: pid, start and attributes may be absent or empty" {
	printf 'node\tusage\tts\tcomponent\nn\t7\t5\ta\n' >in
	run -0 resin-rollup in
	assert_output $'ts\tcomponent\tnode\tusage\n0\ta\tn\t7'
	printf 'ts\tcomponent\tnode\tusage\tpid\tx\ty\n5\ta\tn\t7\t\t\tq\n6\ta\tn\t9\t0\t\t\n' >in
	run -0 resin-rollup in
	assert_output $'ts\tcomponent\tnode\tusage\tpid\tx\ty
0\ta\tn\t7\t\t\tq\n0\ta\tn\t9\t0\t\t'
}

@test "rollup: same bytes whatever the order in a window and the split into files" {
	samples 3000 | awk -F'\t' -v OFS='\t' '{ print $0, NR == 1 ? "v" : $1 % 7, NR == 1 ? "w" : "x" $5 % 3 }' >in
	resin-rollup in >want
	awk -F'\t' 'NR > 1 { print int($1 / 3600) "\t" $0 }' in | shuf --random-source=<(yes) |
		sort -s -n -k1,1 | cut -f 2- | sed "1i $(head -n 1 in)" >mixed
	resin-rollup mixed | cmp - want
	resin-rollup <in | cmp - want
	awk 'NR == 1 { print >"p0"; print >"p1"; next } { print >("p" NR % 2) }' in
	resin-rollup p0 p1 | cmp - want
	resin-rollup p1 p0 | cmp - want
	shuffled in >wild
	resin-rollup --lateness all wild | cmp - want
}

@test "rollup: means of means change nothing" {
	samples 3000 >in
	resin-rollup in >once
	resin-rollup once | cmp - once
}

@test "rollup: a late row is refused with advice" {
	printf 'ts\tcomponent\tnode\tusage\n10\ta\tn\t1\n3600\ta\tn\t1\n20\ta\tm\t1\n' >in
	run -2 --separate-stderr resin-rollup in
	assert_equal "$stderr" "resin-rollup: in:4: ts: its window is closed: sort by ts, or see --lateness: '20'"
	run -0 resin-rollup --lateness 1m in
	assert_line --index 1 $'0\ta\tm\t1'
}

@test "rollup: bad values name file, line and column" {
	for row in $'x\ta\tn\t1\t1' $'0\t\tn\t1\t1' $'0\ta\t\t1\t1' $'0\ta\tn\t-1\t1' $'0\ta\tn\t1\tx'; do
		printf 'ts\tcomponent\tnode\tusage\tpid\n%s\n' "$row" >in
		run -2 --separate-stderr resin-rollup in
		[[ $stderr == "resin-rollup: in:2: "* ]] || fail "$stderr"
	done
	trouble "resin-rollup: --window '0': not above 0" resin-rollup -w 0 none
}

@test "rollup: a header alone, nothing, noise, a full disk" {
	printf 'ts\tcomponent\tnode\tusage\n' >in
	run -0 resin-rollup in
	assert_output $'ts\tcomponent\tnode\tusage'
	: >empty
	trouble "resin-rollup: empty: no input at all (0 bytes)" resin-rollup empty
	head -c 4096 /dev/urandom >noise
	run -2 --separate-stderr resin-rollup noise
	[ "$(printf '%s\n' "$stderr" | wc -l)" = 1 ]
	samples 3000 >in
	run -2 --separate-stderr bash -c 'resin-rollup in >/dev/full'
	assert_equal "$stderr" "resin-rollup: write <stdout>: No space left on device"
}

# Two attributes that change, some without a value; one pid in nine is none.
attributed() {	# START: with that column
	awk -v start="$1" 'BEGIN {
		OFS = "\t"
		print "ts", "version", "component", "node", "pid", "usage", "ring" start
		s = 3
		for (i = 0; i < 6000; i++) {
			s = (s * 16807) % 2147483647; p = s % 90
			s = (s * 16807) % 2147483647
			print 1609459200 + int(i / 1000) * 1800 + i % 7, i % 11 ? "v" i % 5 : "",
			    "service-" p % 4, "node-" p % 13, p % 9 ? p : "",
			    int(exp(s % 1000 / 40)), s % 3 ? "r" s % 3 : "" (start ? "\t" 1600000000 + p : "")
		}
	}' | awk -F'\t' -v OFS='\t' 'NR == 1 { n = NF } { $n = $n } 1'
}

@test "rollup: many rows at once and row by row are the same" {
	for start in '' $'\tstart'; do
		attributed "$start" >in
		resin-rollup in >want
		[ "$(wc -l <want)" -gt 200 ]
		sed 's/$/\r/' in >crlf
		tr '\t' , <in >in.csv
		sed 's/[^,]*/"&"/g' in.csv >quoted.csv
		for same in crlf in.csv quoted.csv; do
			resin-rollup "$same" | diff want -
		done
		resin-rollup --escape in | diff want -
		awk -F'\t' 'NR == 1 || $5 != ""' in >pids
		resin-rollup pids >want
		resin-rollup --escape pids | diff want -
	done
}
