load helper.bash

root=$TESTDATA/resin-collect/proc

teardown() {
	[ -z "${group-}" ] || kill -KILL -- "-$group" 2>/dev/null || :
	[ -z "${child-}" ] || { kill -KILL "$child"; wait "$child"; } 2>/dev/null || :
}

# A process of our own, stopped, that keeps MB megabytes: its number in $child.
# It runs from copies of its program and libraries, for a page of the real ones
# is private or not as others happen to run that have it too.
hold() {
	local perl loader
	perl=$(command -v perl)
	mkdir own
	# shellcheck disable=SC2046 # names of libraries hold no blanks
	cp $(ldd "$perl" | grep -o '/[^ ]*') "$perl" own
	loader=(own/ld-*)
	LC_ALL=C "${loader[0]}" --library-path own own/perl -e \
		'$| = 1; my $n = shift; my $x = "x" x ($n * 1e6); print "x"; sleep 600' \
		"$1" >held 3>&- &
	child=$!
	until [ -s held ]; do sleep 0.05; done
	kill -STOP "$child"
}

# value COLUMN: what stdin says of the held process in that column.
value() {
	awk -F '\t' -v c="$1" -v pid="$child" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$at["pid"] == pid { print $at[c] }'
}

# usages [--fast]: $got and $want of the held process.  They are two looks, and
# the kernel may have joined its pages to larger ones in between.
usages() {
	for _ in $(seq 20); do
		got=$(resin-collect "$@" 2>/dev/null | value usage)
		want=$(wanted)
		[ "$got" != "$want" ] || break
	done
	assert_equal "$got" "$want"
}

@test "collect: usage is Private_Clean + Private_Dirty, as awk adds them up" {
	wanted() {
		awk '/^Private_(Clean|Dirty):/ { n += $2 } END { print n * 1024 }' \
			"/proc/$child/smaps_rollup"
	}
	hold 40
	usages
	[ "$got" -gt 40000000 ] && [ "$got" -lt 90000000 ]
}

@test "collect: --fast is resident less shared, as getconf and awk say" {
	wanted() {
		awk -v p="$(getconf PAGESIZE)" '{ print ($2 - $3) * p }' \
			"/proc/$child/statm"
	}
	hold 40
	usages --fast
}

@test "collect: start is a time, and the same in every sample" {
	hold 1
	before=$(date +%s)
	resin-collect -i 0.1s -n 3 --no-slab >out 2>/dev/null
	assert_equal "$(value start <out | wc -l)" 3
	assert_equal "$(value start <out | sort -u | wc -l)" 1
	assert_equal "$(resin-collect --no-slab 2>/dev/null | value start)" \
		"$(value start <out | sort -u)"
	value start <out | awk -v b="$before" '{ exit !($1 > b - 60 && $1 <= b + 1) }'
}

@test "collect: slab caches are active objects times object size" {
	[ -r /proc/slabinfo ] || skip "slabinfo is for root"
	resin-collect --root "$root" --node n | awk -F '\t' '/^[^\t]*\tslab:/ { print $2, $4 }' >got
	awk 'NR > 2 { sub(/ *: tunables.*/, ""); n = NF; b = $(n - 4) * $(n - 2)
		for (i = 0; i < 5; i++) sub(/ +[0-9]+$/, "")
		sum["slab:" $0] += b }
		END { for (k in sum) print k, sum[k] }' "$root/slabinfo" | sort >want
	diff -u want got
	resin-collect 2>/dev/null | cut -f 2 | grep -c '^slab:dentry$'
}

@test "collect: names with blanks, parentheses and newlines, or none at all" {
	resin-collect --root "$root" --no-slab | cut -f 2,5 >got
	printf 'component\tpid\nsystemd\t1\nnginx\t812\nweb) S 1 (2\t977\ntwo lines\t1203
bash\t1410\nsleep\t1411\n?\t1412\n' | diff -u - got
}

@test "collect: a name of a live process keeps its backslashes" {
	perl -e '$0 = "x"; open(my $f, ">", "/proc/self/comm") or die; syswrite($f, "a\\b)\\n(");
		close $f; $| = 1; print "x"; sleep 600' >held 3>&- &
	child=$!
	until [ -s held ]; do sleep 0.05; done
	assert_equal "$(resin-collect --no-slab 2>/dev/null | value component)" 'a\b)\n('
}

@test "collect: --by exe drops the directory and (deleted)" {
	resin-collect --root "$root" --no-slab --by exe | cut -f 2 | tail -n +2 >got
	printf '%s\n' systemd nginx server perl bash sleep mail | diff -u - got
}

@test "collect: --by cgroup knows units and containers, v1, v2 and both" {
	cp -r "$root" proc
	id=$(printf '%064d' 123456)
	while IFS='|' read -r cgroup want; do
		printf "$cgroup" >proc/812/cgroup
		got=$(resin-collect --root proc --no-slab --by cgroup | awk -F '\t' '$5 == 812 { print $2 }')
		assert_equal "$got" "$want"
	done <<-END
	0::/system.slice/nginx.service\n|nginx.service
	0::/system.slice/nginx.service (deleted)\n|nginx.service
	0::/system.slice/nginx.service/workers/1\n|nginx.service
	0::/system.slice/system-getty.slice/getty@tty1.service\n|getty@tty1.service
	0::/user.slice/user-0.slice/user@0.service/app.slice/a:b.service\n|a:b.service
	0::/user.slice/user-0.slice\n|user-0.slice
	0::/docker/$id\n|000000000000
	0::/system.slice/docker-$id.scope/init.scope\n|init.scope
	0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-$id.scope\n|000000000000
	4:memory:/docker/$id\n1:name=systemd:/docker/$id\n|000000000000
	4:cpu,memory:/a\n1:name=systemd:/system.slice/b.service\n0::/\n|b.service
	9:pids:/x\n4:cpu,memory:/a\n|/a
	9:cpu:/\n0::/\n|nginx
	0::/batch/nightly\n|/batch/nightly
	0::/../../batch\n|/batch
	0::/..\n|nginx
	0::/../system.slice/a.service\n|a.service
	|nginx
	nonsense\n|nginx
	END
}

@test "collect: --swap counts what is swapped out" {
	resin-collect --root "$root" --no-slab >without
	resin-collect --root "$root" --no-slab --swap >with
	assert_equal "$(awk -F '\t' '$5 == 812 { print $4 }' without)" $(((64 + 5036) * 1024))
	assert_equal "$(awk -F '\t' '$5 == 812 { print $4 }' with)" $(((64 + 5036 + 2048) * 1024))
}

@test "collect: --attribute adds columns, in order" {
	run -0 --separate-stderr resin-collect --root "$root" --no-slab -a cluster=eu -a x=a=b
	assert_line --index 0 $'ts\tcomponent\tnode\tusage\tpid\tstart\tcluster\tx'
	[[ ${lines[1]} == *$'\teu\ta=b' ]]
}

@test "collect: a process that vanishes is no error, one that cannot be read is counted" {
	cp -r "$root" proc
	rm proc/812/smaps_rollup				# it has ended
	rm proc/977/smaps_rollup && mkdir proc/977/smaps_rollup	# unreadable, for root too
	: >proc/1410/smaps_rollup				# is ending
	echo nonsense >proc/1411/smaps_rollup
	run -0 --separate-stderr resin-collect --root proc --no-slab
	assert_equal "$stderr" "resin-collect: proc: 2 of 8 processes cannot be read, pid 977 first: Is a directory"
	cut -f 5 <<<"$output" | paste -sd ' ' | diff -u - <(echo pid 1 1203 1412)
}

@test "collect: without the right to read others it says so once and goes on" {
	[ "$(id -u)" -eq 0 ] || skip "needs root to become nobody"
	chmod 755 "$BATS_TEST_TMPDIR"
	cp "$(command -v resin-collect)" ./collect
	setpriv --reuid 65534 --clear-groups ./collect --help >/dev/null 2>&1 || skip "cannot run as nobody"
	run -0 --separate-stderr setpriv --reuid 65534 --clear-groups ./collect -n 3 -i 0.05s
	assert_equal "$(grep -c 'processes cannot be read' <<<"$stderr")" 1
	assert_equal "$(grep -c 'slabinfo: Permission denied' <<<"$stderr")" 1
	[ "${#lines[@]}" -ge 4 ]	# itself, at least
}

@test "collect: samples at whole multiples of the interval, and whole at SIGTERM" {
	for signal in TERM INT; do
		: >out	# not the rows of the signal before, until it is started
		# bash starts background jobs with SIGINT ignored; env undoes that
		env --default-signal=INT resin-collect -i 0.2s --root "$root" >out 3>&- &
		child=$!
		until [ "$(wc -l <out)" -ge 40 ]; do sleep 0.05; done
		kill -"$signal" "$child"
		wait "$child"	# 0, or the test ends here
		[ -z "$(tail -c 1 out | tr -d '\n')" ]
		awk -F '\t' 'NR > 1 { n[$1]++ } END { for (t in n) {
			if (n[t] != 10 || (t * 10) % 2 != 0) { print t, n[t]; exit 1 } } }' out
	done
}

@test "collect: the header and each sample are written at once" {
	mkfifo pipe
	resin-collect -i 30s --root "$root" --no-slab >pipe 3>&- &
	child=$!
	exec 4<pipe
	for _ in 0 1 2 3 4 5 6 7; do read -r -t 60 line <&4; done
	exec 4<&-
	[[ $line == *$'\t1412\t'* ]]
}

@test "collect: wrong use is one line and exit 2" {
	trouble "resin-collect: --by 'pid': not comm, exe or cgroup" resin-collect --by pid
	trouble "resin-collect: --attribute 'x': not NAME=VALUE" resin-collect -a x
	trouble "resin-collect: --attribute '=x': not NAME=VALUE" resin-collect -a =x
	trouble "resin-collect: --attribute 'pid=3': is a column" resin-collect -a pid=3
	trouble "resin-collect: --attribute 'a=2': twice" resin-collect -a a=1 -a a=2
	trouble "resin-collect: --attribute: holds a tab or newline" resin-collect -a $'a=\t'
	trouble "resin-collect: --interval '1ms': under 0.01 s" resin-collect -i 1ms
	trouble "resin-collect: --node '': empty" resin-collect --node ''
	trouble "resin-collect: --samples: needs an --interval" resin-collect -n 2
	trouble "resin-collect: nowhere: No such file or directory" resin-collect --root nowhere
	trouble "resin-collect: .: no file 'stat' in it: not a proc(5)" resin-collect --root .
	echo "cpu 1" >stat
	trouble "resin-collect: .: no time of boot in 'stat'" resin-collect --root .
	run -2 --separate-stderr resin-collect operand
	[[ $stderr == "resin-collect: Too many arguments"* ]]
}

@test "collect: a kernel without smaps_rollup is advised to use --fast" {
	cp -r "$root" proc
	rm proc/*/smaps_rollup
	run -2 --separate-stderr resin-collect --root proc
	assert_equal "$stderr" "resin-collect: proc: no process has a smaps_rollup; --fast does without"
	run -0 --separate-stderr resin-collect --root proc --fast
}

@test "collect: a full disk is exit 2, a closed pipe ends it quietly" {
	run -2 --separate-stderr bash -c 'resin-collect --root "$1" -i 0.1s >/dev/full' - "$root"
	assert_equal "$stderr" "resin-collect: write <stdout>: No space left on device"
	run --separate-stderr bash -c 'resin-collect -i 0.05s --root "$1" | head -n 1; exit ${PIPESTATUS[0]}' - "$root"
	assert_equal "$status $stderr" "141 "
}

@test "collect: -o appears whole, after the last sample" {
	resin-collect --root "$root" -n 2 -i 0.1s -o out
	assert_equal "$(wc -l <out)" 21
	assert_equal "$(ls -A)" out
}

@test "collect: 1,000 processes cost under 1 % of a core every 60 s" {
	setsid perl -e 'for (1 .. 1000) { fork or do { my $n = 1e6; my $x = "x" x $n;
		sleep 600; exit } } $| = 1; print "x"; sleep 600' >held 3>&- &
	group=$!
	until [ -s held ]; do sleep 0.1; done
	TIMEFORMAT='%U %S'
	{ time resin-collect >out 2>err; } 2>cost
	[ "$(awk -F '\t' '$2 == "perl"' out | wc -l)" -ge 1000 ]
	awk '{ printf "%.3f s\n", $1 + $2; exit !($1 + $2 < 0.6) }' cost
}
