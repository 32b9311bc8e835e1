load helper.bash

# Every format against what the recorded program itself counted (truth.tsv):
# testdata/resin-snap/record.sh makes both.

data=$TESTDATA/resin-snap

# sites FILE SITE...: "snapshot site bytes count" summed over the stacks that
# have a frame SITE (or SITE=frame), sorted.
sites() {
	local file=$1
	shift
	awk -F'\t' -v OFS='\t' -v sites="$*" '
	    BEGIN { n = split(sites, s, " ")
		for (i = 1; i <= n; i++) { split(s[i], kv, "=")
			name[i] = kv[1]; frame[i] = kv[2] == "" ? kv[1] : kv[2] } }
	    FNR == 1 { next }
	    { for (i = 1; i <= n; i++) if (index(";" $3 ";", ";" frame[i] ";")) {
		b[$1 OFS name[i]] += $4; c[$1 OFS name[i]] += $5 } }
	    END { for (k in b) print k, b[k], c[k] }' "$file" | LC_ALL=C sort
}

# truth DIR [SNAPSHOT]: the same from the program, of one snapshot as number 0.
truth() {
	awk -F'\t' -v OFS='\t' -v only="${2--1}" 'FNR > 1 && (only < 0 || $1 == only) {
		if (only >= 0) $1 = 0
		print }' "$data/$1/truth.tsv" | LC_ALL=C sort
}

all="session_open cache_put tree_node"

@test "snap: gperftools, exact" {
	resin-snap --start 0 "$data"/gperftools/*.heap >out
	sites out session_open=leaky+0x11fb cache_put=leaky+0x126e tree_node=leaky+0x1221 >got
	diff -u <(truth gperftools) got
	[ "$(cut -f 9 out | sort -u | head -n 1)" = format ]
	run -1 grep libtcmalloc out
}

@test "snap: gperftools: rows with nothing live are no rows" {
	zeros=$(grep -c '^ *0: ' "$data/gperftools/gp.0004.heap")
	[ "$zeros" -gt 0 ]
	resin-snap "$data/gperftools/gp.0004.heap" >out
	[ "$(awk -F'\t' 'NR > 1 && $4 == 0' out | wc -l)" = 0 ]
	# What is live adds up to the header's total.
	want=$(sed -n 's/^heap profile: *\([0-9]*\): *\([0-9]*\) .*/\2 \1/p;q' "$data/gperftools/gp.0004.heap")
	[ "$(awk -F'\t' '{ b += $4; c += $5 } END { print b, c }' out)" = "$want" ]
}

@test "snap: tcmalloc's samples: rows of one stack are merged and unbiased" {
	{
		echo "heap profile: 3: 3072 [3: 3072] @ heap_v2/1024"
		for _ in 1 2 3; do echo "1: 1024 [1: 1024] @ 0x1001 0x2001"; done
		printf '\nMAPPED_LIBRARIES:\n1000-3000 r-xp 00000000 00:00 7 /bin/x\n'
	} >dump
	resin-snap --start 0 dump >out
	# 3 seen, each with probability 1 - 1/e: 4.746 objects
	assert_equal "$(sed 1d out | cut -f 3-6)" $'x+0x1000;x+0x0\t4860\t5\t1965'
}

@test "snap: heaptrack, cut at equal steps of its time" {
	resin-snap --snapshots 4 "$data/heaptrack/leaky.zst" 2>err >out
	[ "$(cut -f 1 out | sort -u | wc -l)" = 5 ]
	sites out $all | grep '^3' | cut -f 2- >got
	diff -u <(truth heaptrack | grep '^3' | cut -f 2-) got
	# Each step shows in some snapshot, in order.
	resin-snap --snapshots 40 "$data/heaptrack/leaky.zst" >out
	sites out session_open | sort -n | cut -f 4 | uniq | tr '\n' ' ' >got
	echo "100 200 300 400 " | tr -d '\n' | diff - got
}

@test "snap: heaptrack, raw: the same live memory at the end" {
	resin-snap --snapshots 1 "$data/heaptrack/leaky.raw.zst" >raw
	resin-snap --snapshots 1 "$data/heaptrack/leaky.zst" >cooked
	sum() { awk -F'\t' 'NR > 1 { b += $4; c += $5 } END { print b, c }' "$1"; }
	[ "$(sum raw)" = "$(sum cooked)" ]
	resin-snap -a --snapshots 1 "$data/heaptrack/leaky.raw.zst" >each
	[ "$(sum each)" = "$(sum raw)" ]
	[ "$(awk -F'\t' 'NR > 1 { print $10 }' each | sort -u | wc -l)" = "$(sum raw | cut -d' ' -f 2)" ]
}

@test "snap: heaptrack, cut short: what could be read" {
	zstd -dc "$data/heaptrack/leaky.zst" >whole
	head -c 20000 whole >short
	run -0 --separate-stderr resin-snap --snapshots 2 short
	[[ $stderr == *"short: ends too early"* ]]
	head -c 900 "$data/heaptrack/leaky.zst" >cut.zst
	run -2 --separate-stderr resin-snap -o out --snapshots 2 cut.zst
	[[ $stderr == "resin-snap: cut.zst: "* ]]
}

@test "snap: massif: bytes of every detailed snapshot" {
	resin-snap "$data/valgrind/massif.out.gz" >out
	sites out $all | awk '{ print $2, $3 }' | sort -u >got
	# every state the program had is seen, and no other between steps
	truth valgrind | awk '{ print $2, $3 }' | sort -u | comm -23 - got >missing
	[ ! -s missing ]
	last=$(tail -n 1 out | cut -f 1)
	sites out $all | awk -v k="$last" '$1 == k { print $2, $3 }' >got
	truth valgrind 3 | awk '{ print $2, $3 }' | diff -u - got
}

@test "snap: massif as heaptrack_print writes it: what no caller has is kept" {
	cat >m <<-'END'
	#-----------
	snapshot=0
	#-----------
	time=0.01
	mem_heap_B=100
	mem_heap_extra_B=0
	mem_stacks_B=0
	heap_tree=detailed
	n2: 100 (heap allocation functions) malloc/new/new[], --alloc-fns, etc.
	 n1: 70 0x1234: leaf (a.c:1)
	  n0: 60 0x5678: main (a.c:9)
	 n0: 10 in 9 places, all below massif's threshold (1)
	END
	run -0 --separate-stderr resin-snap --start 0 m
	assert_equal "$stderr" ""
	assert_equal "$(echo "$output" | sed 1d | cut -f 3,4,7 | tr '\n' ' ')" \
		$'main;leaf\t60\t0 leaf\t10\t0 [below threshold]\t10\t0 [unknown]\t20\t0 '
}

@test "snap: memcheck and dhat: live at exit" {
	for f in memcheck.txt dhat.json; do
		resin-snap --start 0 "$data/valgrind/$f" >out
		sites out $all >got
		diff -u <(truth valgrind 3) got
	done
}

@test "snap: LeakSanitizer: each report is a snapshot with all leaks so far" {
	resin-snap --start 0 "$data/lsan/lsan.txt" >out
	# the cache is reachable: no leak; after the last step there is one more check
	sites out session_open tree_node | grep -v '^4' >got
	diff -u <(truth lsan | grep -v cache_put) got
	grep -o 'SUMMARY: LeakSanitizer: [0-9]* byte(s) leaked in [0-9]*' "$data/lsan/lsan.txt" |
		awk '{ print NR - 1, $3, $7 }' >want
	awk -F'\t' 'NR > 1 { b[$1] += $4; c[$1] += $5 } END { for (k in b) print k, b[k], c[k] }' out |
		sort -n | diff -u want -
}

@test "snap: mtrace: the one caller there is" {
	resin-snap --start 0 --snapshots 1 "$data/mtrace/mtrace.log.gz" >out
	# xmalloc is the caller of all three
	[ "$(awk -F'\t' '$3 == "leaky+0x11d1" { print $4, $5 }' out)" = "84560 490" ]
}

@test "snap: Go: profile.proto and the text say the same" {
	resin-snap --start 0 "$data"/go/*.pb.gz >proto
	resin-snap --start 0 "$data"/go/*.txt.gz >text
	cut -f 1-5 proto | grep openSession | sort >a
	cut -f 1-5 text | grep openSession | sort >b
	diff -u a b
	awk -F'\t' '{ print $1, $5 }' a >got
	# 1000 more a step; the runtime's profile may be one object behind or ahead
	awk '{ d = $2 - ($1 + 1) * 1000; if (d < -1 || d > 1) exit 1 }' got
	[ "$(wc -l <got)" = 4 ]
}

@test "snap: profile.proto: --value chooses the sample type" {
	resin-snap --start 0 "$data/go/heap.3.pb.gz" >inuse
	resin-snap --start 0 --value alloc_space "$data/go/heap.3.pb.gz" >alloc
	awk -F'\t' '{ b += $4 } END { print b }' inuse alloc >sum
	[ "$(awk -F'\t' '{ b += $4 } END { print b }' alloc)" -gt "$(awk -F'\t' '{ b += $4 } END { print b }' inuse)" ]
	trouble "resin-snap: $data/go/heap.3.pb.gz: no sample type of that name: 'x'" \
		resin-snap -o out --value x "$data/go/heap.3.pb.gz"
}

@test "snap: V8: bytes within a tenth of what is kept" {
	resin-snap --start 0 "$data"/v8/*.gz >out
	# 2000 objects of about 500 bytes more in each
	sites out 'x=openSession_(leaky.js)' >/dev/null
	grep 'openSession (leaky.js)	' out | awk -F'\t' '{ print $4 / ($1 + 1) }' >per
	[ "$(wc -l <per)" = 4 ]
	awk 'NR == 1 { first = $1 } $1 < first * 0.9 || $1 > first * 1.1 { exit 1 }' per
}

@test "snap: jmap: objects by class" {
	resin-snap --start 0 "$data"/java/*.gz >out
	awk -F'\t' '$3 == "Leaky$Session" { print $1 "\t" $3 "\t" $5 }' out | diff -u <(sed 1d "$data/java/truth.tsv") -
}

@test "snap: jmap: what differs in each run is no part of a class" {
	printf ' num     #instances         #bytes  class name (module)\n' >h
	printf '   1: 3 48 A$$Lambda$14/0x0000000800c03000 (java.base@17)\n' >>h
	printf '   2: 4 64 A$$Lambda$15/0x0000000800c03400\n' >>h
	printf 'Total 7 112\n' >>h
	run -0 resin-snap --start 0 h
	assert_equal "$(sed -n 2p <<<"$output" | cut -f 3-5)" $'A$$Lambda\t112\t7'
}

memleak() {
	sed 's/^> /\t/' <<-'END'
	Attaching to pid 77, Ctrl+C to quit.
	[20:3:33] Top 2 stacks with outstanding allocations:
	300 bytes in 3 allocations from stack
	> addr = 0x10 size = 100
	> addr = 0x20 size = 100
	> addr = 0x30 size = 100
	> 0 [<000055a7ebe34bf1>] malloc+0x11 [/bin/svcd]
	> 1 [<000055a7ebe34bf2>] inner+0x11 [/bin/svcd]
	> 2 [<00007f6fafe4224a>] [/usr/lib/libc.so.6]
	20 bytes in 1 allocations from stack
	> 0 [<000055a7ebe34bf9>] other+0x1 [/bin/svcd]
	[20:3:36] Top 1 stacks with outstanding allocations:
	400 bytes in 4 allocations from stack
	> 0 [<000055a7ebe34bf2>] inner+0x11 [/bin/svcd]
	END
}

@test "snap: memleak of libbpf-tools" {
	memleak >m
	TZ=UTC touch -d '2026-01-02T21:00:00Z' m
	run -0 --separate-stderr resin-snap --rfc3339 m
	cat >want <<-'END'
	0	2026-01-02T20:03:33Z	[libc.so.6 0x...24a];inner	300	3	0	0	[77]	memleak
	0	2026-01-02T20:03:33Z	other	20	1	0	0	[77]	memleak
	1	2026-01-02T20:03:36Z	inner	400	4	0	1	[77]	memleak
	END
	diff -u want <(echo "$output" | sed 1d)
	resin-snap -a --start 0 m | awk -F'\t' '$1 == 0 && $4 == 100 { print $10 }' >addr
	printf '16\n32\n48\n' | diff - addr
}

@test "snap: memleak of bcc, over midnight" {
	sed 's/> /\t/g' >m <<-'END'
	[23:59:58] Top 10 stacks with outstanding allocations:
	> 80 bytes in 5 allocations from stack
	> > main+0x6d [allocs]
	> > __libc_start_main+0xf0 [libc-2.21.so]
	[00:00:03] Top 10 stacks with outstanding allocations:
	> 160 bytes in 10 allocations from stack
	> > main+0x6d [allocs]
	> > __libc_start_main+0xf0 [libc-2.21.so]
	END
	TZ=UTC touch -d '2026-01-02T21:00:00Z' m
	run -0 --separate-stderr resin-snap --rfc3339 m
	cat >want <<-'END'
	0	2026-01-02T23:59:58Z	__libc_start_main;main	80	5	0	1		memleak
	1	2026-01-03T00:00:03Z	__libc_start_main;main	160	10	0	1		memleak
	END
	diff -u want <(echo "$output" | sed 1d)
}

@test "snap: memleak: an impossible number is left out, and said" {
	{ memleak; echo "18446744073709551611 bytes in 2 allocations from stack"; echo "	x+0x1 [y]"; } >m
	run -0 --separate-stderr resin-snap m
	[[ $stderr == *"m: line 15: impossible number"* ]]
	[ "$(echo "$output" | tail -n 1 | cut -f 3,7)" = $'inner\t0' ]
}

umdh() {
	printf '// \r\n// UMDH: version 6.1.7650.0: Logtime 2012-04-30 12:09 - Machine=X - PID=7696\r\n'
	printf '// Loaded modules: \r\n//     Base Size Module\r\n'
	printf '//              400000   11D000 D:\\blah\\app.exe\r\n'
	printf '//            77650000   180000 C:\\Windows\\ntdll.dll\r\n'
	printf '*- - Start of data for heap @ 2E60000 - -\r\n'
	printf '64 bytes + 1C at 2E9FA20 by BackTrace18D0A0D0\r\n\t776CDD82\r\n\t40C8EE\r\n\r\n'
	printf '10 bytes + 1C at 2E9FB20 by BackTrace18D0A0D0\r\n'
	printf '2C bytes + 10 at 2F9FBA4 by BackTrace1BA12BFA\r\n\t40C8EF\r\n'
	printf '*- - End of data for heap @ 2E60000 - -\r\n'
}

@test "snap: UMDH: stacks by id, module and offset" {
	umdh >log
	run -0 --separate-stderr resin-snap --rfc3339 log
	cat >want <<-'END'
	0	2012-04-30T12:09:00Z	app.exe+0xc8ed;ntdll.dll+0x7dd81	116	2	0	1	app.exe[7696]	umdh
	0	2012-04-30T12:09:00Z	app.exe+0xc8ee	44	1	0	1	app.exe[7696]	umdh
	END
	diff -u want <(echo "$output" | sed 1d)
	assert_equal "$stderr" ""
	run -0 resin-snap -a log
	assert_equal "$(echo "$output" | sed 1d | cut -f 4,10 | tr '\n' ' ')" \
		$'100\t48888352 16\t48888608 44\t49937316 '
}

@test "snap: slabinfo and allocinfo" {
	cat >slab <<-'END'
	slabinfo - version: 2.1
	# name            <active_objs> <num_objs> <objsize> <objperslab> ...
	sock_inode_cache   3000   3010    832   19    4 : tunables    0    0    0
	idle_cache            0      0    312   13    1 : tunables    0    0    0
	END
	run -0 resin-snap --start 0 slab
	assert_equal "$(echo "$output" | sed 1d | cut -f 3-5)" $'slab:sock_inode_cache\t2496000\t3000'
	cat >alloc <<-'END'
	allocinfo - version: 1.0
	#     <size>  <calls> <tag info>
	        4096        1 fs/exec.c:222 [kvm] func:alloc_x
	       12288        3 mm/slub.c:9 func:new_slab
	           0        0 init/main.c:1370 func:do_initcalls
	END
	run -0 resin-snap --start 0 alloc
	assert_equal "$(echo "$output" | sed 1d | cut -f 3-5)" \
		$'kvm;alloc_x;fs/exec.c:222\t4096\t1\nkernel;new_slab;mm/slub.c:9\t12288\t3'
}

@test "snap: folded stacks" {
	printf 'main;a b;leaf 100\nmain;a b;leaf 20\nmain;f;f;f 5\n' >f
	run -0 --separate-stderr resin-snap --start 0 f
	assert_equal "$(echo "$output" | sed 1d | cut -f 3-5)" \
		$'main;a b;leaf\t120\t0\nmain;f\t5\t0'
	printf 'main;a 18446744073709551616\n' >f
	run -2 --separate-stderr resin-snap f
}

@test "snap: -f forces a format, and says where it is not that" {
	printf 'main;a;b 100\n' >f
	run -2 --separate-stderr resin-snap -f jemalloc f
	assert_equal "$stderr" "resin-snap: f:1: not 'heap_v2/RATE': 'main;a;b 100'"
	for format in $(resin-snap -f list); do
		head -c 2000 /dev/urandom >random
		resin-snap -f "$format" random >out 2>err && status=0 || status=$?
		[ $status -eq 0 ] || [ $status -eq 2 ] || fail "$format: exit $status"
		[ "$(wc -l <err)" -le 10 ] || fail "$format: $(cat err)"
	done
}

@test "snap: a hostile frame cannot break a row" {
	printf '{"head":{"callFrame":{"functionName":"a;b\\tc\\nd\\u0001\\u007f","url":""},"selfSize":8,"children":[]}}' >f
	run -0 resin-snap --start 0 f
	assert_equal "$(echo "$output" | sed 1d | cut -f 3,4)" $'a_b_c_d__\t8'
}

@test "snap: every format, cut anywhere, is read or refused, never crashes" {
	for f in gperftools/gp.0001.heap heaptrack/leaky.zst heaptrack/leaky.raw.zst \
	    valgrind/massif.out.gz valgrind/memcheck.txt valgrind/dhat.json \
	    lsan/lsan.txt mtrace/mtrace.log.gz go/heap.0.pb.gz go/heap.0.txt.gz \
	    v8/v8.0.heapprofile.gz java/histo.0.txt.gz; do
		case $f in *.zst) zstd -dcq "$data/$f" >whole ;; *) gzip -dcf "$data/$f" >whole ;; esac
		size=$(wc -c <whole)
		for k in 1 2 3 4 5 6 7; do
			head -c $((size * k / 8)) whole >part
			resin-snap part >out 2>err && status=0 || status=$?
			[ $status -eq 0 ] || [ $status -eq 2 ] || fail "$f cut at $k/8: exit $status"
			[ $status -eq 2 ] || [ -s err ] || [ "$(awk -F'\t' '$7 == 0' out | wc -l)" -gt 0 ] ||
				cmp -s out <(resin-snap whole 2>/dev/null) || echo "$f at $k/8: silent" >>silent
		done
	done
	cat silent 2>/dev/null || :
	[ ! -e silent ]
}

@test "formats: two dumps in one file are two snapshots, or it is said that they are not" {
	cd "$data"
	for f in v8/v8.1.heapprofile.gz heaptrack/leaky.zst heaptrack/leaky.raw.zst; do
		cat $f $f >"$BATS_TEST_TMPDIR/two"
		resin-snap --start 0 $f | cut -f 1-7 >"$BATS_TEST_TMPDIR/want"
		run -0 --separate-stderr resin-snap --start 0 "$BATS_TEST_TMPDIR/two"
		[[ $stderr == *"it is not read" ]]
		cut -f 1-7 <<<"$output" | diff "$BATS_TEST_TMPDIR/want" -
	done
	cat go/heap.[12].pb.gz >"$BATS_TEST_TMPDIR/two"
	run -2 --separate-stderr resin-snap "$BATS_TEST_TMPDIR/two"
	[[ $stderr == *"two locations have one number: two profiles in one file?" ]]
}

@test "formats: memcheck without a leak is a whole snapshot of nothing" {
	printf '==1== %s\n' 'Memcheck, a memory error detector' 'Command: ./a' '' 'HEAP SUMMARY:' \
		'    in use at exit: 0 bytes in 0 blocks' \
		'All heap blocks were freed -- no leaks are possible' >log
	run -0 --separate-stderr resin-snap log
	assert_equal "$stderr" ""
	assert_equal "$(wc -l <<<"$output")" 1
}
