load helper.bash

# From telemetry to the ticket on processes that run: tests/demo/live.sh.

setup_file() {
	compgen -G '/usr/lib/*/libtcmalloc.so.4' >/dev/null || return 0
	"$BATS_TEST_DIRNAME/demo/live.sh" "$TESTBIN/demo/shop" "$BATS_FILE_TMPDIR/t" \
		>"$BATS_FILE_TMPDIR/screen" 3>&-
}

setup() {
	cd "$BATS_TEST_TMPDIR" && set -o pipefail
	t=$BATS_FILE_TMPDIR/t
	[ -e "$t" ] || skip "no libtcmalloc"
}

column() {	# NAME of the table on stdin
	awk -F '\t' -v name="$1" '
		NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i; next }
		{ print $at }'
}

@test "live: the processes with the release that leaks are named, and no others" {
	column node <"$t/suspect" | sort | xargs >got
	assert_equal "$(cat got)" "node1 node2 node4 node5 node7"
	for n in 1 2 4 5 7; do
		basename "$(find "$t/node$n" -type l -name '[0-9]*')"
	done | sort >want
	column pid <"$t/suspect" | sort | diff -u want -
}

@test "live: since the hour of the release, to three" {
	release=$(awk -F '\t' 'NR == 2 { print $NF + 54 * 3600 }' "$t/telemetry")
	column leak_start <"$t/suspect" | awk -v r="$release" '
		{ d = $1 - r; if (d < -3 * 3600 || d > 3 * 3600) { print; bad = 1 } }
		END { exit bad }'
}

@test "live: the stack that leaks is first, and nothing else is listed" {
	column stack <"$t/stack" >got
	[ -s got ]
	[ -z "$(grep -v ';main;serve;session_open;basket_new;must_alloc$' got)" ]
	assert_equal "$(wc -l <got)" 1
}

@test "live: beside another, a process that does not leak has no leaking stack" {
	column node <"$t/suspect" | sed 's/^/snap./' >leaking
	mapfile -t fine < <(cd "$t" && printf '%s\n' snap.* | grep -vxFf "$OLDPWD/leaking")
	assert_equal ${#fine[@]} 2
	resin-snapdiff -r "$t/${fine[0]}" "$t/${fine[1]}" | column stack >got
	resin-snapdiff -r "$t/${fine[1]}" "$t/${fine[0]}" | column stack >>got
	assert_equal "$(cat got)" ""
}

@test "live: the snapshots were taken of running processes, and all were kept" {
	for f in "$t"/trace.node*; do
		column status <"$f" | xargs >got
		assert_equal "$(cat got)" "snapshot snapshot snapshot snapshot snapshot snapshot enough"
		column file <"$f" | grep . | while read -r dump; do [ -s "$t/$dump" ]; done
	done
	column status <"$t/trace/trace.tsv" | sort | uniq -c | awk '{ print $1, $2 }' >got
	assert_equal "$(cat got)" "3 enough"
}

@test "live: the ticket says what, who, where and what to do" {
	best=$(column node <"$t/candidate" | head -n 1)
	for page in report.md report.html; do
		for word in 'Memory leak in' shop "$best" steady session_open basket_new restart; do
			grep -q "$word" "$t/$page" || fail "no $word in $page"
		done
	done
	grep -q '<polyline' "$t/report.html"
}
