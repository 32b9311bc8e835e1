load helper.bash

data=$TESTDATA/resin-snap

# live FORMAT-DIR FILE...: bytes and count by site, as the program's own truth
# has them.  `site` maps a row to the program's function by its frames.
live() {
	awk -F'\t' -v OFS='\t' -v sites="$1" '
	    BEGIN { n = split(sites, s, ",") }
	    FNR == 1 { next }
	    { for (i = 1; i <= n; i++) { split(s[i], kv, "=")
		if (index($3, kv[2])) { b[$1 OFS kv[1]] += $4; c[$1 OFS kv[1]] += $5 } } }
	    END { for (k in b) print k, b[k], c[k] }' | LC_ALL=C sort
}

# by_address DIR: frames of leaky as seen without symbols, from nm's output
# when the dumps were recorded: the callers of xmalloc.
offsets=session_open=leaky+0x11fb,cache_put=leaky+0x126e,tree_node=leaky+0x1221

@test "snap: jemalloc, exact: the program's own counts" {
	resin-snap --start 0 "$data"/jemalloc/*.heap >out
	live $offsets <out | cut -f 1,2,4 >got
	tail -n +2 "$data/jemalloc/truth.tsv" | cut -f 1,2,4 | LC_ALL=C sort >want
	diff -u want got
	# Usable sizes: 1000 bytes are a 1024-byte object.
	[ "$(live $offsets <out | awk '$2 == "cache_put" { print $3 }' | sort -u)" = 51200 ]
}

@test "snap: jemalloc, sampled: within 3 standard errors of the truth" {
	resin-snap --start 0 "$data"/jemalloc-sampled/*.heap >out
	[ "$(awk -F'\t' 'NR > 1 && $6 > 0' out | wc -l)" -gt 8 ]
	awk -F'\t' 'NR == FNR { if (FNR > 1 && $2 != "tree_node") want[$1, $2] = $4; next }
	    FNR > 1 { site = ""
		if (index($3, "leaky+0x11fb")) site = "session_open"
		if (index($3, "leaky+0x126e")) site = "cache_put"
		if (!(($1, site) in want)) next
		size = site == "cache_put" ? 1024 : 80
		d = $4 - want[$1, site] * size
		if (d < 0) d = -d
		if (d > 3 * $6) { print "off:", $0; bad = 1 }
		seen++ }
	    END { exit bad || seen < 8 }' "$data/jemalloc-sampled/truth.tsv" out
}

@test "snap: no frame of the allocator, and recursion is one stack" {
	resin-snap --start 0 "$data"/jemalloc/*.m3.heap >out
	run -1 grep libjemalloc out
	# depth 0 has no recursion; depths 1 to 9 are one row
	[ "$(grep -c 'leaky+0x1221' out)" = 2 ]
	resin-snap --raw "$data"/jemalloc/*.m3.heap >raw
	[ "$(grep -c 'leaky+0x1221' raw)" = 10 ]
	[ "$(grep -c libjemalloc raw)" -gt 10 ]
	sum() { awk 'NR > 1 { n += $4; c += $5 } END { print n, c }' "$1"; }
	[ "$(sum out)" = "$(sum raw)" ]
}

@test "snap: gzip, zstd, a pipe and the file give the same rows" {
	f=$data/jemalloc/leaky.100.3.m3.heap
	resin-snap --start 0 "$f" | cut -f 1-7,9 >want
	gzip -c "$f" >a; zstd -q -c "$f" >b
	for x in a b; do
		resin-snap --start 0 $x | cut -f 1-7,9 | diff want -
	done
	resin-snap --start 0 <"$f" | cut -f 1-7,9 | diff want -
}

@test "snap: concatenated dumps are two snapshots" {
	resin-snap --start 0 "$data"/jemalloc/*.m[01].heap | cut -f 1-7,9 >want
	cat "$data"/jemalloc/*.m[01].heap >both
	resin-snap --start 0 both | cut -f 1-7,9 | diff want -
}

@test "snap: --start and --interval set the times" {
	resin-snap --start 1000 --interval 10s "$data"/jemalloc/*.heap | cut -f 1,2 | sort -u >got
	printf '0\t1000\n1\t1010\n2\t1020\n3\t1030\nsnapshot\tts\n' | diff - got
}

@test "snap: --modules has the whole paths" {
	resin-snap -m mods "$data"/jemalloc/*.heap >out
	grep -Fx $'leaky\t/opt/leaky/leaky\t' mods
	tr ';' '\n' <out | grep -o '^[^ 	]*+0x' | sed 's/+0x//' | sort -u >used
	cut -f 1 mods | sort >have
	[ -z "$(comm -23 used have)" ]
}

@test "snap: a dump of another program is named" {
	f=$data/jemalloc/leaky.100.0.m0.heap
	sed 's,/opt/leaky/leaky,/usr/bin/mkdir,' "$f" >child.101.0.f.heap
	run -0 --separate-stderr resin-snap --start 0 "$f" child.101.0.f.heap
	assert_equal "$stderr" "resin-snap: warning: child.101.0.f.heap: of another program: mkdir[101]@7ffff7fc8000, but $f is of leaky[100]@7ffff7fc8000"
}

@test "snap: another run of the program is named, and its stacks are the same" {
	f=$data/jemalloc/leaky.100.0.m0.heap
	# ASLR: the program 0x1000 higher, in frames and maps alike
	sed -E 's/5555555(5[4-9a-f])/5555566\1/g' "$f" >other.heap
	run -0 --separate-stderr resin-snap --start 0 "$f" other.heap
	[[ $stderr == *"of another process: leaky@7ffff7fc8000"* ]]
	echo "$output" | awk -F'\t' '$1 == 0 { print $3, $4 }' >a
	echo "$output" | awk -F'\t' '$1 == 1 { print $3, $4 }' >b
	diff a b
}

@test "snap: a truncated dump is a warning and complete is 0" {
	f=$data/jemalloc/leaky.100.3.m3.heap
	head -c 3000 "$f" >cut.heap
	run -0 --separate-stderr resin-snap --start 0 cut.heap
	[[ $stderr == *"cut.heap: ends too early"* ]]
	[ "$(echo "$output" | cut -f 7 | sort -u | head -1)" = 0 ]
	gzip -c "$f" | head -c 700 >cut.gz
	run -0 --separate-stderr resin-snap --start 0 cut.gz
	[[ $stderr == *"cut.gz: ends too early"* ]]
}

@test "snap: an empty stack is [unknown]" {
	printf 'heap_v2/1\n  t*: 1: 8 [0: 0]\n@\n  t*: 1: 8 [0: 0]\n\nMAPPED_LIBRARIES:\n' >e
	run -0 --separate-stderr resin-snap --start 0 e
	assert_equal "$stderr" ""
	assert_equal "${lines[1]}" $'0\t0\t[unknown]\t8\t1\t0\t1\t\tjemalloc'
}

@test "snap: a deleted program is said, and its name has no (deleted)" {
	f=$data/jemalloc/leaky.100.0.m0.heap
	sed '/r-xp.*leaky$/s/$/ (deleted)/; s,\(/leaky/leaky\)$,\1 (deleted),' "$f" >d
	run -0 --separate-stderr resin-snap --start 0 d
	[[ $stderr == *"/opt/leaky/leaky was deleted or replaced while it ran"* ]]
	[[ $output == *"leaky+0x11fb"* ]]
	[[ $output != *deleted* ]]
}

@test "snap: trouble is one line" {
	: >empty
	trouble "resin-snap: empty: empty" resin-snap -o out empty
	head -c 3000 /dev/urandom | tr '\000h' 'xx' >random
	trouble "resin-snap: random: no known format of heap dumps (see --format)" resin-snap -o out random
	printf 'heap_v2/1\n@ 0x12 zzz\n' >bad
	trouble "resin-snap: bad:2: not an address: 'zzz'" resin-snap -o out bad
	printf 'heap_v2/1\n@ 0x12\n  t*: 99999999999999999999: 1 [0: 0]\n' >big
	trouble "resin-snap: big:3: not 't*: OBJECTS: BYTES [...]': '  t*: 99999999999999999999: 1 [0: 0]'" resin-snap -o out big
	trouble "resin-snap: gone: No such file or directory" resin-snap -o out gone
	trouble "resin-snap: --format 'x': not a format (see --format list)" resin-snap -f x
	trouble "resin-snap: --snapshots '0': not in 1..10000" resin-snap --snapshots 0
	[ ! -e out ]
}

@test "snap: a full disk is reported" {
	[ -w /dev/full ] || skip "no /dev/full"
	run -2 --separate-stderr bash -c 'resin-snap "$1" >/dev/full' - "$data/jemalloc/leaky.100.0.m0.heap"
	assert_equal "$stderr" "resin-snap: write <stdout>: No space left on device"
}


@test "snap: files of a shell's pattern in the order of their numbers" {
	for k in $(seq 0 11); do
		printf 'main;f %d\n' $((100 + k)) >f.$k.heap
	done
	run -0 resin-snap --start 0 f.*.heap
	assert_equal "$(echo "$output" | sed 1d | cut -f 4 | tr '\n' ' ')" \
		'100 101 102 103 104 105 106 107 108 109 110 111 '
	# another order is somebody's choice
	run -0 resin-snap --start 0 f.3.heap f.1.heap f.2.heap
	assert_equal "$(echo "$output" | sed 1d | cut -f 4 | tr '\n' ' ')" '103 101 102 '
}

@test "snap: times of files that were copied say nothing" {
	for k in 1 2 3; do printf 'main;f %d\n' $k >f$k; done
	touch -d @1000 f1; touch -d @1000.2 f2; touch -d @1000.3 f3
	run -0 --separate-stderr resin-snap f1 f2 f3
	assert_equal "$(echo "$output" | sed 1d | cut -f 2 | tr '\n' ' ')" '1000 2800 4600 '
	touch -d @2000 f2; touch -d @3000 f3
	run -0 --separate-stderr resin-snap f1 f2 f3
	assert_equal "$stderr" ""
	assert_equal "$(echo "$output" | sed 1d | cut -f 2 | tr '\n' ' ')" '1000 2000 3000 '
	run -0 --separate-stderr resin-snap --interval 10s f1 f3 f2
	assert_equal "$(echo "$output" | sed 1d | cut -f 2 | tr '\n' ' ')" '1000 3000 3010 '
	[[ $stderr == *"snapshot 2 is not later than the one before it"* ]]
}

@test "snap: jemalloc's counts of large objects, rounded to eighths, are undone" {
	# 7000 objects of each size at a rate of 4096, as prof_do_unbias() of
	# jemalloc 5.3 writes what it expects to see of them.
	awk 'BEGIN { rate = 4096; print "heap_v2/" rate; print "  t*: 0: 0 [0: 0]"
		n = split("80 1024 2048 3072 4096 5120 8192 16384 65536", size, " ")
		for (i = 1; i <= n; i++) {
			s = size[i]; p = 1 - exp(-s / rate); seen = 7000 * p
			count = seen * int(8 / p + 0.5) / 8; bytes = seen * int(s / p + 0.5)
			q = 1 - exp(-bytes / count / rate)
			printf "@ 0x%x\n  t*: %d: %d [0: 0]\n", 4096 * i, count * q + 0.5, bytes * q
		}
		print "MAPPED_LIBRARIES:" }' >new.heap
	resin-snap new.heap | awk -F '\t' 'NR > 1 { if ($5 < 6900 || $5 > 7100) { print; bad = 1 } }
		END { exit bad || NR != 10 }'
	# Before, it wrote what it saw: whole objects, and that is what they are.
	awk 'BEGIN { rate = 4096; print "heap_v2/" rate; print "  t*: 0: 0 [0: 0]"
		s = 5120; p = 1 - exp(-s / rate); seen = int(700 * p + 0.5)
		printf "@ 0x1000\n  t*: %d: %d [0: 0]\nMAPPED_LIBRARIES:\n", seen, seen * s }' >old.heap
	assert_equal "$(resin-snap old.heap | cut -f 5 | tail -n 1)" "$(awk 'BEGIN { p = 1 - exp(-5120 / 4096); printf "%.0f", int(700 * p + 0.5) / p }')"
}

@test "snap: two mtrace logs in one file are one after the other" {
	zcat "$data/mtrace/mtrace.log.gz" >log
	cat log log >logs
	resin-snap --start 0 --interval 1 log | cut -f 1,3-5 >one
	run -0 --separate-stderr resin-snap --start 0 --interval 1 logs
	assert_equal "$stderr" "resin-snap: warning: logs: another log begins in line $(($(wc -l <log) + 1)): what was live before it is no longer"
	echo "$output" | cut -f 1,3-5 | awk -F'\t' -v OFS='\t' '
		NR > 1 && $1 > 7 { $1 -= 8; print }' | diff <(tail -n +2 one) -
}

@test "snap: a file that ends in its first line has no snapshot" {
	printf 'heap_v2/5242' >cut.heap
	run -2 --separate-stderr resin-snap cut.heap
	assert_equal "$stderr" "resin-snap: cut.heap: no snapshot in it"
	head -c 106 "$data/go/heap.0.txt.gz" >cut.gz
	run -2 --separate-stderr resin-snap cut.gz
	assert_equal "$stderr" "resin-snap: cut.gz: compressed data ends too early"
}
