load helper.bash

D=$BATS_TEST_DIRNAME/../testdata/resin-snapdiff

rows() { cut -f 1,2 | tail -n +2; }

@test "snapdiff: with a reference the leaks and nothing else" {
	run -0 resin-snapdiff -r "$D/healthy.tsv" "$D/leaky.tsv"
	diff -u - <(echo "$output" | rows) <<-'END'
	1	main;serve;login;session_new
	1	main;serve;login;audit;buf_new
	1	main;serve;login;session_new;strdup
	2	main;serve;reload;config_new
	END
}

@test "snapdiff: a healthy process lists nothing" {
	run -0 resin-snapdiff -r "$D/healthy.tsv" "$D/healthy.tsv"
	assert_equal "$(echo "$output" | wc -l)" 1
	run -0 resin-snapdiff -r "$D/leaky.tsv" "$D/healthy.tsv"
	assert_equal "$(echo "$output" | wc -l)" 1
}

@test "snapdiff: each stack in its class" {
	resin-snapdiff --all "$D/leaky.tsv" | awk -F'\t' '
	    { n = split($2, f, ";"); print f[n] "\t" $9 }' | tail -n +2 |
	    sort >got
	diff -u - got <<-'END'
	batch_new	sawtooth
	buf_new	steady
	cache_put	saturating
	config_new	stair
	conn_new	step
	ring_push	steady
	session_new	steady
	strdup	steady
	END
}

@test "snapdiff: sums agree with awk's" {
	resin-snapdiff --all "$D/leaky.tsv" | tail -n +2 |
		cut -f 2-6 | sort >got
	awk -F'\t' 'NR > 1 && $1 == 0 { b[$3] = $4; c[$3] = $5 }
	    NR > 1 && $1 == 7 { e[$3] = $4; d[$3] = $5 }
	    END { for (s in e) if (e[s] > b[s]) printf "%s\t%d\t%d\t%d\t%d\n",
		s, b[s], e[s], e[s] - b[s], d[s] - c[s] }' "$D/leaky.tsv" |
		sort >want
	diff -u want got
}

@test "snapdiff: the order of rows and the split into files do not matter" {
	resin-snapdiff --all -r "$D/healthy.tsv" "$D/leaky.tsv" >want
	for seed in 1 2 3; do
		shuffled "$D/leaky.tsv" $seed >a
		shuffled "$D/healthy.tsv" $seed >b
		resin-snapdiff --all -r b <a | cmp - want
	done
	head -n 30 "$D/leaky.tsv" >a
	(head -n 1 "$D/leaky.tsv"; tail -n +31 "$D/leaky.tsv") >b
	resin-snapdiff --all -r "$D/healthy.tsv" b a | cmp - want
}

@test "snapdiff: recursion is one stack" {
	awk 'BEGIN { print "ts\tstack\tbytes\tcount"
	    for (k = 0; k < 6; k++) for (d = 1; d < 9; d++) {
		s = "main"; for (i = 0; i < d; i++) s = s ";f;g"
		n = 3 * k + d; printf "%d\t%s;new\t%d\t%d\n", k, s, n * 48, n
	    } }' >t
	run -0 resin-snapdiff t
	assert_equal "$(echo "$output" | cut -f 1-6 | tail -n +2)" \
		"1	main;f;g;new	1728	7488	5760	120"
}

@test "snapdiff: a larger growth than the process' is put behind" {
	resin-snapdiff -g 1M -r "$D/healthy.tsv" "$D/leaky.tsv" >t
	run -0 awk -F'\t' '/more than twice/ { print $1, $2 }' t
	assert_output "3 main;serve;login;session_new"
}

@test "snapdiff: growth in the reference counts, presence does not" {
	awk -F'\t' -v OFS='\t' '/login|reload/ { $4 = 9e6; $5 = 1e5 } 1' \
		"$D/healthy.tsv" >flat
	run -0 resin-snapdiff -r flat "$D/leaky.tsv"
	assert_equal "$(echo "$output" | wc -l)" 5
	sed 's/healthy//' "$D/leaky.tsv" >same
	run -0 resin-snapdiff -r same "$D/leaky.tsv"
	assert_equal "$(echo "$output" | wc -l)" 1
}

@test "snapdiff: two snapshots will do" {
	awk -F'\t' 'NR == 1 || $1 == 1 || $1 == 6' "$D/leaky.tsv" >two
	run -0 resin-snapdiff -r "$D/healthy.tsv" two
	assert_equal "$(echo "$output" | cut -f 2 | sed -n 2p)" \
		"main;serve;login;session_new"
}

@test "snapdiff: a snapshot that is not complete is not a fall to 0" {
	awk -F'\t' -v OFS='\t' 'NR == 1 { print $0, "complete"; next }
	    $1 == 4 && /session_new/ { next } { print $0, $1 == 4 ? 0 : 1 }' \
		"$D/leaky.tsv" >top
	run -0 resin-snapdiff -r "$D/healthy.tsv" top
	echo "$output" | awk -F'\t' '$2 ~ /session_new$/ && $9 != "steady" {
		exit 1 }'
}

@test "snapdiff: --window, --top, --exit-code" {
	run -0 resin-snapdiff -w 1600007200, "$D/leaky.tsv"
	assert_equal "$(echo "$output" | cut -f 2 | tail -n +2)" \
		"main;serve;get;ring_push"
	run -1 resin-snapdiff --exit-code --top 1 "$D/leaky.tsv"
	assert_equal "$(echo "$output" | cut -f 1 | sort -u)" "1
rank"
	run -0 resin-snapdiff --exit-code -r "$D/leaky.tsv" "$D/leaky.tsv"
}

@test "snapdiff: trouble" {
	awk -F'\t' 'NR == 1 || $1 == 0' "$D/leaky.tsv" >one
	trouble "resin-snapdiff: one snapshot only: growth takes two" \
		resin-snapdiff one
	trouble "resin-snapdiff: --pattern 'wavy': not steady, stair or spike" \
		resin-snapdiff -p wavy one
	trouble "resin-snapdiff: --window '5': not FROM,TO" \
		resin-snapdiff -w 5 one
	printf 'ts\tstack\tbytes\tcount\n1\ta\t5\t-1\n' >bad
	trouble "resin-snapdiff: bad:2: count: not a count: '-1'" \
		resin-snapdiff bad
	run -2 bash -c 'resin-snapdiff "$1" >/dev/full' - "$D/leaky.tsv"
}

@test "snapdiff: a header alone gives a header" {
	head -n 1 "$D/leaky.tsv" >t
	run -0 resin-snapdiff t
	assert_equal "$(echo "$output" | wc -l)" 1
}

@test "snapdiff: --folded has every stack, before and after" {
	resin-snapdiff --folded "$D/leaky.tsv" | sort >got
	awk -F'\t' 'NR > 1 && $1 == 0 { b[$3] = $4 } NR > 1 { all[$3] }
	    NR > 1 && $1 == 7 { e[$3] = $4 }
	    END { for (s in all) printf "%s %d %d\n", s, b[s], e[s] }' \
		"$D/leaky.tsv" | sort >want
	diff -u want got
}

@test "snapdiff: --svg is XML whatever the names" {
	printf 'ts\tstack\tbytes\tcount\n1\t<a>;&b;"c"\t5\t1\n2\t<a>;&b;\377\001\t900\t2\n' >t
	resin-snapdiff --svg t >t.svg
	xmllint --noout t.svg
	run -0 grep -c '<rect' t.svg
	assert_output 4
}

@test "snapdiff: --pprof is a gzip whose strings are the frames" {
	resin-snapdiff --pprof "$D/leaky.tsv" >a
	shuffled "$D/leaky.tsv" | resin-snapdiff --pprof | cmp - a
	zcat a >raw
	for name in delta_objects delta_space session_new batch_new; do
		grep -qaF "$name" raw
	done
	run ! grep -qaF import raw
}

@test "snapdiff: --report says what the heap does not explain" {
	run -0 resin-snapdiff --report -g 40M -r "$D/healthy.tsv" "$D/leaky.tsv"
	assert_line "The process grew 40 MiB, of which the heap does not explain 13.8 MiB."
	[ "${#lines[@]}" -le 24 ]
	resin-snapdiff -g 40M -r "$D/healthy.tsv" "$D/leaky.tsv" >t
	run -0 awk -F'\t' '$1 == "" { print $2, $5 }' t
	assert_output "[not in the heap] 14451520"
}

# Algorithm 2's sets: leak keeps every address, turn gives half of them back.
@test "snapdiff: with addresses, what is freed again scores less" {
	awk 'BEGIN { print "ts\tstack\tbytes\tcount\taddr"
	    for (k = 1; k < 7; k++) {
		for (i = 0; i < 100 * k; i++)
			printf "%d\tmain;leak\t64\t1\t%d\n", k, 1000 + i
		for (i = 0; i < 90 * k; i++)
			printf "%d\tmain;turn\t64\t1\t%d\n", k, \
			    i % 2 ? 10000 + i : 100000 + 1000 * k + i
	    } }' >t
	run -0 resin-snapdiff t
	diff -u - <(echo "$output" | cut -f 1,2 | tail -n +2) <<-'END'
	1	main;leak
	2	main;turn
	END
	[[ $output == *"100 % of what it allocated is still live"* ]]
	# kept: 45 odd ones in each of 4 snapshots; born: these and 45 k even ones
	[[ $output == *"main;turn"*" 22 % of what it allocated"* ]]
	shuffled t | resin-snapdiff | diff - <(resin-snapdiff t)
}

@test "snapdiff: --pprof read back by resin-snap is the growth" {
	awk -F'\t' 'NR == 1 || ($1 % 7 == 0 && !/header_new/)' \
		"$D/leaky.tsv" >two
	resin-snapdiff --pprof two >growth.pb.gz
	resin-snap --value delta_space growth.pb.gz | tail -n +2 |
		cut -f 3,4 | sort >got
	resin-snapdiff --folded two | awk '$3 > $2 { print $1 "\t" $3 - $2 }' |
		sort | diff -u - got
}

@test "snapdiff: recursion is folded as resin-snap folds it, cycles of any length" {
	for k in 1 2; do
		awk -v k=$k 'BEGIN {
			for (period = 1; period <= 18; period++)
				for (times = 1; times <= 3; times++) {
					s = "main;p" period
					for (i = 0; i < times * period; i++) s = s ";f" i % period
					print s ";leaf", 1000 * k * period
				} }' >cycles.$k
	done
	for raw in '' --raw; do
		resin-snap $raw --start 0 -f folded cycles.1 cycles.2 >snaps$raw
		resin-snapdiff --folded snaps$raw | sort >folded$raw
	done
	cmp folded folded--raw
	# One stack for each cycle of up to 16 frames, three for each longer one.
	assert_equal "$(wc -l <folded)" $((16 + 3 + 3))
	tail -n +2 snaps | cut -f 3 | sort -u | diff - <(sed 's/ [0-9]* [0-9]*$//' folded | sort -u)
}

@test "snapdiff: stacks that are odd as text are still one stack each" {
	printf 'ts\tstack\tbytes\tcount\n' >odd
	for ts in 0 60 120; do
		printf '%s\t%s\t100\t1\n' $ts 'a;b' $ts 'a;b;' $ts 'a;;b' $ts ';a' $ts 'a;b;b' \
			$ts 'a' $ts 'a;' >>odd
	done
	resin-snapdiff --folded odd >got
	printf '%s\n' ';a 100 100' 'a 200 200' 'a;;b 100 100' 'a;b 300 300' | diff -u - got
}

@test "snapdiff: what a profiler writes when the process ends is left out" {
	awk 'BEGIN { OFS = "\t"; print "snapshot", "ts", "stack", "bytes", "count"
		for (i = 0; i < 8; i++) {
			print i, 60 * i, "main;leak", 6000 * (i + 1), 60 * (i + 1)
			print i, 60 * i, "main;cache", 40000 + i % 2, 400
		}
		print 8, 480, "main;atexit", 100, 1 }' >dumps
	run -0 --separate-stderr resin-snapdiff dumps
	assert_equal "$stderr" "resin-snapdiff: warning: the last 1 of the snapshots left out: most of the heap goes, as at a process' end (see --window)"
	assert_equal "$(cut -f 2,4 <<<"$output" | tail -n +2)" $'main;leak\t48000'
	# Asked for, it is there.
	run -0 --separate-stderr resin-snapdiff -w 0,480 dumps
	assert_equal "$stderr" ""
	assert_equal "$(wc -l <<<"$output")" 1
	# A heap that goes up and down does so to the end.
	awk 'BEGIN { OFS = "\t"; print "snapshot", "ts", "stack", "bytes", "count"
		for (i = 0; i < 9; i++)
			print i, 60 * i, "main;batch", 40000 + 60000 * (i % 2), 400 + 600 * (i % 2) }' >batches
	run -0 --separate-stderr resin-snapdiff batches
	assert_equal "$stderr" ""
}

@test "snapdiff: a recursion from two call sites is one finding" {
	# X and Y are both in the function that P calls, as is the leaf's L;
	# another leak under P's caller is none of it.
	for k in 1 2 3 4 5; do
		for s in 'L 3' 'X;L 50' 'Y;L 40' 'X;Y;L 31' 'Y;X;L 27' \
		    'X;Y;X;L 9' 'Y;X;Y;L 7'; do
			echo "M;P;${s% *} $((k * 64 * (${s#* } + k * k % 3)))"
		done
		echo "M;Q;N $((k * 5000))"
		echo "T;S 70000"
	done | sed 's/[A-Z]/a+0x&/g' >all
	split -l 9 all part.
	resin-snap --start 0 -f folded part.* >snaps
	resin-snapdiff snaps >got
	tail -n +2 got | cut -f 1,12 | sort | uniq -c |
		awk '{ print $1, $2, $3 }' | diff - <(printf '7 1 7\n1 2 1\n')
	assert_equal "$(grep -c 'of one recursion with 6' got)" 7
	resin-snapdiff --report snaps | grep -q '7 stacks of one recursion'
	# With names nothing says that one function calls itself.
	sed 's/a+0x/f/g' snaps | resin-snapdiff >got
	assert_equal "$(grep -c recursion got)" 0
}

@test "snapdiff: leaks at fixed rates are two findings when nothing joins them" {
	snaps() {	# OBJECTS of put for each one of dup
		awk -v n=$1 -v OFS='\t' 'BEGIN {
			print "snapshot", "ts", "stack", "bytes", "count", "se"
			for (k = 0; k < 6; k++) {
				print k, 1800 * k, "main;handle;put",
				    k * n * 1600, k * n * 100, 0
				print k, 1800 * k, "thread;work;dup", k * 6400,
				    k * 100, 0
			} }'
	}
	run -0 bash -c 'resin-snapdiff | tail -n +2 | cut -f 1,2' < <(snaps 8)
	assert_output "$(printf '1\tmain;handle;put\n2\tthread;work;dup')"
	# One for one is no accident.
	run -0 bash -c 'resin-snapdiff | tail -n +2 | cut -f 1,2' < <(snaps 1)
	assert_output "$(printf '1\tthread;work;dup\n1\tmain;handle;put')"
}

@test "snapdiff: dumps as they are give what resin-snap makes of them" {
	snap=$TESTDATA/resin-snap
	for dumps in jemalloc/*.heap jemalloc-sampled/*.heap gperftools/*.heap \
	    go/*.pb.gz go/*.txt.gz v8/*profile.gz java/*.txt.gz; do
		mapfile -t files < <(compgen -G "$snap/$dumps")
		[ "${#files[@]}" = 4 ]
		resin-snap -m want.modules "${files[@]}" 2>want.err |
			resin-snapdiff --all >want
		resin-snapdiff --all -m modules "${files[@]}" >got 2>got.err
		cmp want got
		cmp want.modules modules
		diff <(sed 's/^resin-snap: //' want.err) <(sed 's/^resin-snapdiff: //' got.err)
		resin-snapdiff --folded "${files[@]}" 2>&- | grep -q ';\|^java'
	done
	# Compressed, too; the files' times are the snapshots'.
	for f in "$snap"/jemalloc/*.heap; do
		gzip -c "$f" >"${f##*/}.gz"
		touch -r "$f" "${f##*/}.gz"
	done
	resin-snapdiff --all "$snap"/jemalloc/*.heap >want
	resin-snapdiff --all ./*.heap.gz | cmp want -
	# A window, as on their rows.
	resin-snap "$snap"/go/*.pb.gz >rows
	t=$(cut -f 2 rows | sed -n 2p)
	resin-snapdiff -w "$t," rows >want
	resin-snapdiff -w "$t," "$snap"/go/*.pb.gz | cmp want -
}

@test "snapdiff: dumps that are trouble" {
	jemalloc=$TESTDATA/resin-snap/jemalloc
	echo 'heap_v2/x' >bad.heap
	trouble "resin-snapdiff: bad.heap:1: not 'heap_v2/RATE': 'heap_v2/x'" \
		resin-snapdiff "$jemalloc"/leaky.100.0.m0.heap bad.heap
	trouble "resin-snapdiff: --modules: the input is no heap dump; resin-snap --modules writes them" \
		resin-snapdiff -m modules "$D/leaky.tsv"
	run -2 resin-snapdiff "$jemalloc"/leaky.100.0.m0.heap "$D/leaky.tsv"
	run -2 resin-snapdiff "$D/leaky.tsv" "$jemalloc"/leaky.100.0.m0.heap
	run -2 resin-snapdiff -m /dev/full/x "$jemalloc"/*.heap
}

@test "snapdiff: what a limit of depth leaves of a recursion is of one finding" {
	stacks() {	# OBJECTS...: of each stack, in 5 snapshots
		for k in 1 2 3 4 5; do
			for s in "$@"; do
				echo "${s% *} $((k * 64 * (${s#* } + k * k % 3)))"
			done
		done >all
		split -l $# all part.
		resin-snap --start 0 -f folded part.* | resin-snapdiff |
			tail -n +2 | cut -f 1,2
		rm part.*
	}
	run -0 stacks 'main;serve;walk 50' 'serve;walk 40' 'walk 30' 'main;other 9'
	assert_output "$(printf '%s\t%s\n' 1 'main;serve;walk' 1 'serve;walk' \
		1 walk 2 'main;other')"
	# Whose end it is must be certain.
	run -0 stacks 'main;serve;walk 50' 'main;load;walk 40' 'walk 31' 'main;other 9'
	assert_output "$(printf '%s\t%s\n' 1 'main;serve;walk' 2 'main;load;walk' \
		3 walk 4 'main;other')"
}

@test "snapdiff: --report names whose vector it is, not the vector's insides" {
	stl='std::vector<char, std::allocator<char> >::_M_default_append(unsigned long)'
	for k in 1 2 3 4 5; do
		echo "main;serve;session_new;$stl;$stl;std::allocator<char>::allocate $((k * 64000))" >f.$k
	done
	resin-snap --start 0 -f folded f.* >snaps
	resin-snapdiff --report snaps | grep '^   main' | diff - <(echo '   main;serve;session_new;...')
	# The row has all of it.
	resin-snapdiff snaps | grep -q 'append(unsigned long);std::allocator<char>::allocate'
}
