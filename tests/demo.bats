load helper.bash

# The main job on the recorded fleet, against what the recording did (truth.tsv).

demo=$TESTDATA/demo

setup_file() {
	"$BATS_TEST_DIRNAME/demo/demo.sh" "$TESTDATA/demo" "$BATS_FILE_TMPDIR/t" \
		>"$BATS_FILE_TMPDIR/screen"
}

setup() {
	cd "$BATS_TEST_TMPDIR" && set -o pipefail
	t=$BATS_FILE_TMPDIR/t
}

# columns NAME...: of a table on stdin, with the header.
columns() {
	awk -F '\t' -v OFS='\t' -v names="$*" '
		BEGIN { n = split(names, name, " ") }
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
		{ for (i = 1; i <= n; i++)
			printf "%s%s", $at[name[i]], i < n ? OFS : "\n" }'
}

# The line that the tools are made for, on FILE; OPTION... for the windows.
pipeline() {
	local file=$1; shift
	resin-bucket "$@" "$file" | resin-pivot | resin-procdetect "$@" -t "$file" |
		resin-pattern -n 0 "$@" -t "$file" | resin-mitigate -r "$demo/rules"
}

@test "demo: the component that leaks is named, and no other" {
	columns component <"$t/alert" | tail -n +2 >got
	columns component <"$demo/truth.tsv" | tail -n +2 | sort -u | diff -u - got
}

@test "demo: the processes that leak are named, and no others" {
	columns component cluster node pid start <"$demo/truth.tsv" | sort >want
	columns component cluster node pid start <"$t/suspect" | sort | diff -u want -
}

@test "demo: since when, to three windows" {
	columns node leak_start <"$demo/truth.tsv" | sort >want
	columns node leak_start <"$t/suspect" | sort | join -t $'\t' want - |
		awk -F '\t' '$1 != "node" { n++; d = $3 - $2; if (d < -30 || d > 30) { print; bad = 1 } }
			END { exit bad || n != 8 }'
}

@test "demo: how it grows: steadily, at the rate that the telemetry ends with" {
	columns pattern <"$t/candidate" | tail -n +2 | sort | uniq -c | awk '{ print $1, $2 }' |
		diff -u <(echo 8 steady) -
	# The slope in bytes an hour, beside two points of the raw samples.
	columns node leak_start leak_end slope <"$t/candidate" >slope
	zcat "$demo/telemetry.tsv.gz" | awk -F '\t' '
		NR == FNR { from[$1] = $2 + 20; to[$1] = $3 - 10; slope[$1] = $4; next }
		$2 == "redis-server" && $3 in slope && $1 >= from[$3] && $1 <= to[$3] {
			if (!($3 in t0)) { t0[$3] = $1; u0[$3] = $4 }
			t1[$3] = $1; u1[$3] = $4 }
		END { for (n in t0) { k++; s = (u1[n] - u0[n]) / (t1[n] - t0[n]) * 3600
			if (s < 0.75 * slope[n] || s > 1.33 * slope[n]) { print n, s, slope[n]; bad = 1 } }
			exit bad || k != 8 }' slope -
}

@test "demo: the true stack is first on every host that was dumped, and nothing else" {
	f=$(columns function <"$demo/truth.tsv" | sed -n 2p)
	n=0
	for node in $(columns node <"$t/suspect" | tail -n +2); do
		[ -e "$t/snap.$node" ] || continue
		n=$((n + 1))
		resin-snapdiff -r "$t/snap.node03" -r "$t/snap.node09" "$t/snap.$node" |
			columns stack | tail -n +2 >stacks
		head -n 1 stacks | grep -q ";xaddCommand;$f;"
		[ -z "$(grep -v ";$f;" stacks)" ]
	done
	assert_equal "$n" 3
}

@test "demo: a host that does not leak has no leaking stack beside another" {
	resin-snapdiff -r "$t/snap.node03" "$t/snap.node09" | columns stack | diff -u <(echo stack) -
	resin-snapdiff -r "$t/snap.node09" "$t/snap.node03" | columns stack | diff -u <(echo stack) -
}

@test "demo: the leaking processes are to be restarted, and nothing else is" {
	columns action component node pid start <"$t/action" | tail -n +2 | sort >got
	columns component node pid start <"$demo/truth.tsv" | tail -n +2 | sed $'s/^/restart\t/' |
		sort | diff -u - got
}

@test "demo: the tools as one line give the same" {
	pipeline "$demo/telemetry.tsv.gz" -w 10s | cmp - "$t/action"
}

@test "demo: each component by itself passes through the line, and only one leaks" {
	zcat "$demo/telemetry.tsv.gz" >all
	for c in $(tail -n +2 all | cut -f 2 | sort -u); do
		awk -F '\t' -v c="$c" 'NR == 1 || $2 == c' all >one
		pipeline one >hours	# one window: nothing to see yet
		assert_equal "$(wc -l <hours)" 1
		pipeline one -w 10s | tail -n +2 | wc -l | sed "s/^/$c /" >>got
	done
	grep -v ' 0$' got | diff -u <(echo redis-server 8) -
}

@test "demo: of the nodes that keep the old release, and before the new one, nothing is named" {
	zcat "$demo/telemetry.tsv.gz" >all
	columns node <"$demo/truth.tsv" | tail -n +2 >leaking
	awk -F '\t' 'NR == FNR { skip[$1]; next } !($3 in skip)' leaking all >healthy
	release=$(columns leak_start <"$demo/truth.tsv" | tail -n +2 | sort -n | head -n 1)
	awk -F '\t' -v t="$release" 'NR == 1 || $1 < t' all >before
	for file in healthy before; do
		[ "$(wc -l <$file)" -gt 5000 ]
		resin-bucket -w 10s $file | resin-pivot | tail -n +2 >alerts
		[ ! -s alerts ] || { cat alerts; fail "alerts from $file"; }
		resin-procdetect --all -w 10s -t $file | tail -n +2 >suspects
		[ ! -s suspects ] || { cat suspects; fail "suspects from $file"; }
	done
}

@test "demo: the same bytes whatever the order of rows and files" {
	zcat "$demo/telemetry.tsv.gz" >all
	shuffled all >mixed
	resin-bucket -w 10s --lateness all mixed | cmp - "$t/bucket"
	for n in 0 1 2; do
		awk -v n=$n 'NR == 1 || NR % 3 == n' all >part.$n
	done
	resin-bucket -w 10s part.2 part.0 part.1 | cmp - "$t/bucket"
	resin-procdetect -w 10s -t part.1 -t part.0 -t part.2 "$t/alert" | cmp - "$t/suspect"
	resin-procdetect -w 10s -t mixed "$t/alert" | cmp - "$t/suspect"
	LC_ALL=C.UTF-8 resin-bucket -w 10s all | cmp - "$t/bucket"
}

@test "demo: one screen says it all" {
	awk 'length > 100 { print; bad = 1 } END { exit bad || NR > 30 }' "$BATS_FILE_TMPDIR/screen"
	for word in redis-server node05 steady streamAppendItem restart; do
		grep -q "$word" "$BATS_FILE_TMPDIR/screen" || fail "no $word"
	done
}

@test "demo: README shows what the screen says" {
	sed -n '/^	21963 samples/,/^It is one pipe/p' "$TOP/README.md" | sed -n 's/^	//p' |
		grep -vE '^ *(\.\.\.)?$' >shown
	[ "$(wc -l <shown)" -ge 8 ]
	while IFS= read -r line; do
		grep -qxF -- "$line" "$BATS_FILE_TMPDIR/screen" || fail "not on the screen: $line"
	done <shown
}
