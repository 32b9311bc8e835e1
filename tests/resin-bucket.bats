load helper.bash

# The same count in awk, from the definition: rows sorted by time or not.
reference() {	# WINDOW EDGES FILE
	awk -F'\t' -v W="$1" -v E="$2" '
	BEGIN { ne = split("0," E, edge, ",") }
	FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
	{
		k = sprintf("%d\t%s", $at["ts"] - $at["ts"] % W, $at["component"])
		for (i = 1; i <= ne; i++)
			if ($at["usage"] >= edge[i] &&
			    !((k, $at["node"], i) in seen)) {
				seen[k, $at["node"], i] = 1
				n[k "\t" edge[i]]++
			}
	}
	END { for (k in n) printf "%s\t%d\t%d\t%s\n", k, n[k], W, E }' "$3" |
		sort -t "$(printf '\t')" -k1,1n -k2,2 -k3,3n
}

# ROWS rows in time order: 5 windows, 7 components, 40 nodes.
fleet() {
	awk -v N="$1" 'BEGIN {
		OFS = "\t"
		print "ts", "node", "component", "pid", "usage", "ring"
		s = 7
		for (i = 0; i < N; i++) {
			s = (s * 16807) % 2147483647; c = s % 7
			s = (s * 16807) % 2147483647; n = s % 40
			s = (s * 16807) % 2147483647
			print 1609459200 + int(i * 18000 / N), "node-" n,
			    "comp " c, s % 1000, int(exp(s % 1000 / 40)), n % 3
		}
	}'
}

body() { tail -n +2 "$1"; }

@test "bucket: distinct nodes, cumulative, by the largest process" {
	cat >want <<-E
	ts	component	bucket	nodes	window	edges
	1609459200	cache	0	3	3600	paper
	1609459200	cache	52428800	2	3600	paper
	1609459200	cache	104857600	2	3600	paper
	1609459200	cache	209715200	1	3600	paper
	1609459200	cache	314572800	1	3600	paper
	1609459200	nonpaged:Thre	0	1	3600	paper
	1609462800	cache	0	2	3600	paper
	1609462800	cache	52428800	2	3600	paper
	1609462800	cache	104857600	1	3600	paper
	E
	ok_golden want resin-bucket --edges paper "$TESTDATA/resin-bucket/small.tsv"
}

@test "bucket: equals the count in awk" {
	fleet 20000 >in
	{ printf 'ts\tcomponent\tbucket\tnodes\twindow\tedges\n'
	  reference 600 1048576,3000000,1073741824 in; } >want
	ok_golden want resin-bucket -w 10m --edges 1M,3000000,1G in
}

# Components of all nodes, of a third, of one; some of each come later.
growing() {
	awk 'BEGIN {
		OFS = "\t"
		print "ts", "node", "component", "usage"
		s = 5
		for (hour = 0; hour < 5; hour++)
			for (i = 0; i < 6000; i++) {
				s = (s * 16807) % 2147483647
				n = s % (hour < 2 ? 100 : 170)
				s = (s * 16807) % 2147483647
				c = s % 4 == 0 ? "most" : s % 4 == 1 ? "third" :
				    s % 4 == 2 && hour > 2 ? "late" : "one-" n % 37 * 3
				if (c == "third" && n % 3 != 0 || c ~ /^one/ && n % 37 != n)
					continue
				s = (s * 16807) % 2147483647
				print 1609459200 + hour * 3600, "node-" n, c, int(exp(s % 1000 / 40))
			}
	}'
}

@test "bucket: components of many nodes and of few, names that come later" {
	growing >in
	{ printf 'ts\tcomponent\tbucket\tnodes\twindow\tedges\n'
	  reference 3600 1048576,3000000,1073741824 in; } >want
	ok_golden want resin-bucket --edges 1M,3000000,1G in
	ok_golden want resin-bucket -j 2 --edges 1M,3000000,1G in
	ok_golden want resin-bucket --lateness all --edges 1M,3000000,1G in
}

@test "bucket: the same from lines that end in CR LF, CSV and row by row" {
	growing >in
	resin-bucket in >want
	sed 's/$/\r/' in >crlf
	tr '\t' , <in >in.csv
	sed 's/[^,]*/"&"/g' in.csv >quoted.csv
	sed 's/$/\r/' quoted.csv >crlf.csv
	for same in crlf in.csv quoted.csv crlf.csv; do
		resin-bucket "$same" | diff want -
	done
	resin-bucket --escape in | diff want -
}

@test "bucket: --by counts apart and comes after nodes" {
	fleet 3000 >in
	for r in 0 1 2; do
		awk -F'\t' -v r=$r 'NR == 1 || $6 == r' in >part
		resin-bucket part | body /dev/stdin |
			awk -F'\t' -v OFS='\t' -v r=$r '{ print $1, $2, $3, $4, r, $5, $6 }'
	done | sort -t "$(printf '\t')" -k1,1n -k2,2 -k5,5 -k3,3n >want
	resin-bucket --by ring in | body /dev/stdin >got
	diff want got
}

@test "bucket: an attribute without a value is counted as such" {
	printf 'ts\tcomponent\tnode\tusage\tv\n0\ta\tn\t1\t\n0\ta\tm\t1\tx\n' >in
	run -0 resin-bucket --by v --edges 1G in
	assert_output $'ts\tcomponent\tbucket\tnodes\tv\twindow\tedges
0\ta\t0\t1\t\t3600\t1073741824
0\ta\t0\t1\tx\t3600\t1073741824'
}

@test "bucket: --sum adds up the processes of a node" {
	printf 'ts\tcomponent\tnode\tusage\n0\ta\tn\t600\n0\ta\tn\t500\n0\ta\tm\t999\n' >in
	run -0 resin-bucket --sum --edges 1000B in
	assert_output $'ts\tcomponent\tbucket\tnodes\twindow\tedges
0\ta\t0\t2\t3600\t1000
0\ta\t1000\t1\t3600\t1000'
}

@test "bucket: --sum stops at the largest number" {
	printf 'ts\tcomponent\tnode\tusage\n0\ta\tn\t18446744073709551615\n0\ta\tn\t18446744073709551615\n' >in
	run -0 resin-bucket --sum --edges 1000B in
	assert_line --index 2 $'0\ta\t1000\t1\t3600\t1000'
}

@test "bucket: --sum refuses samples that are not of a whole window" {
	printf 'ts\tcomponent\tnode\tusage\n0\ta\tn\t600\n60\ta\tn\t500\n' >in
	trouble_after "resin-bucket: in:3: ts: --sum needs the start of a window, see resin-rollup: '60'" \
		resin-bucket --sum in
}

# trouble that comes after the header or closed windows were written
trouble_after() {
	local msg=$1; shift
	run -2 --separate-stderr "$@"
	assert_equal "$stderr" "$msg"
}

@test "bucket: --edges: paper is 20, octaves double, lists ascend" {
	seq 0 62 | awk 'BEGIN { print "ts\tcomponent\tnode\tusage" }
		{ printf "0\ta\t%d\t%.0f\n", NR, 2 ^ $1 }' >in
	[ "$(resin-bucket --edges paper in | wc -l)" = 22 ]
	resin-bucket --edges 1/octave in | cut -f 3 | body /dev/stdin | head -n 4 >got
	printf '0\n1048576\n2097152\n4194304\n' | diff - got
	[ "$(resin-bucket in | wc -l)" = 99 ]
	trouble "resin-bucket: --edges '2M,1M': edges do not ascend from above 0" \
		resin-bucket --edges 2M,1M in
	trouble "resin-bucket: --edges '11/octave': 1 to 10 edges an octave" \
		resin-bucket --edges 11/octave in
	trouble "resin-bucket: --edges 'x': not a number" resin-bucket --edges x in
	trouble "resin-bucket: --edges '': empty" resin-bucket --edges '' in
}

@test "bucket: every edge is the first value of its bucket" {
	for edges in paper 4/octave 10/octave 1B,2B,3B,15B,16B,17B,1000000; do
		printf 'ts\tcomponent\tnode\tusage\n0\ta\tn\t%s\n' 18446744073709551615 >in
		resin-bucket --edges $edges in | cut -f 3 | body /dev/stdin | tail -n +2 >edge
		while read -r e; do
			printf '0\t%s+\tn\t%s\n0\t%s-\tn\t%s\n' "$e" "$e" "$e" $((e - 1))
		done <edge | sed '1i ts\tcomponent\tnode\tusage' >in
		resin-bucket --edges $edges in | awk -F'\t' '
			NR > 1 { top[$2] = $3 }
			END { for (c in top) { e = substr(c, 1, length(c) - 1)
				if ((c ~ /\+/) != (top[c] == e)) { print c, top[c]; exit 1 } } }'
	done
}

@test "bucket: same bytes whatever the order in a window and the split into files" {
	fleet 4000 >in
	resin-bucket --by ring in >want
	awk -F'\t' 'NR > 1 { print int($1 / 3600) "\t" $0 }' in | shuf --random-source=<(yes) |
		sort -s -n -k1,1 | cut -f 2- | sed "1i $(head -n 1 in)" >mixed
	resin-bucket --by ring mixed | cmp - want
	resin-bucket --by ring <in | cmp - want
	split_rows 4 in
	resin-bucket --by ring part.* | cmp - want
	resin-bucket --by ring part.3 part.0 part.2 part.1 | cmp - want
	shuffled in >wild
	resin-bucket --by ring --lateness all wild | cmp - want
}

# split_rows N FILE: rows to part.0 ... part.N-1 in turn, each with the header.
split_rows() {
	awk -v n="$1" 'NR == 1 { for (i = 0; i < n; i++) print >("part." i); next }
		{ print >("part." NR % n) }' "$2"
}

@test "bucket: a late row is refused with advice, accepted with --lateness" {
	printf 'ts\tcomponent\tnode\tusage\n10\ta\tn\t1\n3600\ta\tn\t1\n20\ta\tm\t1\n' >in
	trouble_after "resin-bucket: in:4: ts: its window is closed: sort by ts, or see --lateness: '20'" \
		resin-bucket in
	for late in 10s all; do
		run -0 resin-bucket --edges 1G --lateness $late in
		assert_line --index 1 $'0\ta\t0\t2\t3600\t1073741824'
	done
	run -0 --separate-stderr resin-bucket --edges 1G --reject bad in
	assert_line --index 1 $'0\ta\t0\t1\t3600\t1073741824'
	assert_equal "$stderr" "resin-bucket: 1 bad row put into bad"
}

@test "bucket: a rejected row moves no window" {
	printf 'ts\tcomponent\tnode\tusage\n10\ta\tn\t1\n9000000000\ta\tn\tx\n20\ta\tm\t1\n' >in
	run -0 --separate-stderr resin-bucket --edges 1G --reject bad in
	assert_line --index 1 $'0\ta\t0\t2\t3600\t1073741824'
}

@test "bucket: windows close while input goes on" {
	mkfifo pipe
	resin-bucket --line-buffered <pipe >out 3>&- &
	exec 7>pipe
	printf 'ts\tcomponent\tnode\tusage\n0\ta\tn\t1\n3600\ta\tn\t1\n' >&7
	for _ in $(seq 600); do
		[ "$(wc -l <out)" = 2 ] && break
		sleep 0.1
	done
	[ "$(wc -l <out)" = 2 ]
	exec 7>&-
	wait
	[ "$(wc -l <out)" = 3 ]
}

by_node() {	# N FILE: the nodes dealt to N files
	awk -F'\t' -v n="$1" 'NR == 1 { for (i = 0; i < n; i++) print >("node." i); next }
		{ sub(/node-/, "", $2); print $0 >("node." $2 % n) }' OFS='\t' "$2"
}

@test "bucket: --merge of disjoint nodes equals the count of all" {
	fleet 4000 >in
	by_node 3 in
	resin-bucket --by ring in >want
	for i in 0 1 2; do resin-bucket --by ring node.$i >p$i; done
	resin-bucket --merge p0 p1 p2 | cmp - want
	resin-bucket --merge p2 p0 p1 | cmp - want
	resin-bucket --merge p0 p1 | resin-bucket --merge - p2 | cmp - want
	resin-bucket --merge p1 p2 | resin-bucket --merge p0 - | cmp - want
	resin-bucket --merge want | cmp - want
	resin-bucket --merge <want | cmp - want
	head -n 1 want >none
	resin-bucket --merge want none | cmp - want
	resin-bucket --merge none | cmp - none
}

@test "bucket: --merge refuses other edges, windows, columns and disorder" {
	in=$TESTDATA/resin-bucket/small.tsv
	resin-bucket "$in" >a
	resin-bucket --edges paper "$in" >b
	trouble_after "resin-bucket: b:2: edges: not the first part's edges: 'paper'" \
		resin-bucket --merge a b
	resin-bucket -w 30m "$in" >b
	trouble_after "resin-bucket: b:2: window: not the first part's window: '1800'" \
		resin-bucket --merge a b
	resin-bucket --by version "$in" >b
	trouble_after "resin-bucket: b: not the first part's columns" \
		resin-bucket --merge a b
	tac a | sed -n '$!p' | sed "1i $(head -n 1 a)" >b
	run -2 --separate-stderr resin-bucket --merge b
	[[ $stderr == "resin-bucket: b:3: ts: out of order: ts, component, attributes, bucket: "* ]]
	sed '2s/\t0\t/\t1\t/' a >b
	trouble_after "resin-bucket: b:2: bucket: not one of the edges: '1'" \
		resin-bucket --merge b
	{ cat a; tail -n 1 a; } >b
	run -2 --separate-stderr resin-bucket --merge b
	[[ $stderr == *"out of order"* ]]
}

@test "bucket: --expect-shards knows what is missing" {
	resin-bucket "$TESTDATA/resin-bucket/small.tsv" >a.part
	cp a.part b.part
	printf 'a.part\nb.part\n' >list
	run -0 resin-bucket --merge --expect-shards list ./a.part b.part
	trouble "resin-bucket: list: not among the parts: 'b.part'" \
		resin-bucket --merge --expect-shards list a.part
	trouble "resin-bucket: none: No such file or directory" \
		resin-bucket --merge --expect-shards none a.part
	trouble "resin-bucket: --expect-shards goes with --merge" \
		resin-bucket --expect-shards list a.part
}

@test "bucket: names of any bytes" {
	long=$(head -c 65536 /dev/zero | tr '\0' x)
	printf 'ts\tcomponent\tnode\tusage\n0\t; rm -rf /\t--help\t1\n0\t$(x)\t\xff\xfe\t1\n0\t%s\tn\t1\n' "$long" >in
	resin-bucket --edges 1G in | cut -f 2 >got
	printf 'component\n$(x)\n; rm -rf /\n%s\n' "$long" | cmp - got
}

@test "bucket: a header alone gives a header, nothing and noise are trouble" {
	printf 'ts\tcomponent\tnode\tusage\n' >in
	run -0 resin-bucket in
	assert_output $'ts\tcomponent\tbucket\tnodes\twindow\tedges'
	: >empty
	trouble "resin-bucket: empty: no input at all (0 bytes)" resin-bucket empty
	head -c 4096 /dev/urandom >noise
	run -2 --separate-stderr resin-bucket noise
	assert_output ""
	[ "$(printf '%s\n' "$stderr" | wc -l)" = 1 ]
}

@test "bucket: a full disk is exit 2, a closed pipe is quiet" {
	fleet 20000 >in
	run -2 --separate-stderr bash -c 'resin-bucket in >/dev/full'
	assert_equal "$stderr" "resin-bucket: write <stdout>: No space left on device"
	bash -c 'resin-bucket in 2>err; echo $? >status' | head -n 1
	[ ! -s err ]
}

@test "bucket: bad options are refused before the input is read" {
	trouble "resin-bucket: --window '0': not above 0" resin-bucket -w 0 none
	trouble "resin-bucket: --window 'x': not a number" resin-bucket -w x none
	trouble "resin-bucket: --by 'node': used already" resin-bucket --by node none
	trouble "resin-bucket: --by '': no names" resin-bucket --by , none
	trouble "resin-bucket: --by 'bucket': used already" resin-bucket --by bucket none
}

@test "bucket: same bytes with any number of threads" {
	fleet 100000 >in		# some 3 MB in 5 windows
	{ head -n 1 in; body in; body in | awk -F'\t' -v OFS='\t' '{ $1 += 18000; print }'; } >long
	resin-bucket --by ring -w 10m long >want
	for j in 1 2 3 8 64; do
		resin-bucket -j $j --by ring -w 10m long | cmp - want
	done
	resin-bucket long >want
	resin-bucket -j 4 long | cmp - want
	sed 's/$/\r/' long >crlf
	resin-bucket -j 4 crlf | cmp - want
	body long | resin-bucket --fields ts,node,component,pid,usage,ring -j 4 - | cmp - want
	body long >bare
	resin-bucket --fields ts,node,component,pid,usage,ring -j 4 bare | cmp - want
	gzip -c long >packed
	resin-bucket -j 4 packed | cmp - want
	tr '\t' , <long >long.csv
	resin-bucket -j 4 long.csv | cmp - want
}

@test "bucket: the columns of a long file stand in any order" {
	fleet 20000 >in			# more than one block is read
	resin-bucket -w 10m in >want
	for order in '2 1 5 3' '3 1 2 5' '5 3 2 1'; do
		awk -F'\t' -v OFS='\t' -v order="$order" '
			BEGIN { split(order, c, " ") }
			{ print $c[1], $c[2], $c[3], $c[4] }' in >moved
		resin-bucket -w 10m moved | cmp - want
	done
}

@test "bucket: threads meet trouble as one does, after the same rows" {
	fleet 100000 >in
	for trouble in '80000s/.*/x/' '80000s/^[0-9]*/1609459200/' '99999s/[0-9]*\t[^\t]*$/x\t0/' '$s/^[0-9]*/junk/'; do
		sed "$trouble" in >bad
		resin-bucket -w 10m bad >want 2>want.err && fail "no trouble"
		resin-bucket -w 10m -j 3 bad >got 2>got.err && fail "no trouble"
		cmp want got
		diff want.err got.err
	done
	trouble "resin-bucket: --jobs '0': not 1 to 64" resin-bucket -j 0 none
}
