load helper.bash

# Every "$ command" of a page's EXAMPLES prints exactly what follows it.
examples() {
	awk '/^\.Sh/ { ex = $2 == "EXAMPLES" }
	     ex && /^\.Bd/ { b = 1; next }
	     /^\.Ed/ { b = 0 }
	     b { gsub(/\\e/, "\\"); gsub(/\\&/, ""); gsub(/\\-/, "-"); print }' "$1"
}

check_page() {
	local line
	examples "$1" >"$BATS_TEST_TMPDIR/want"
	cd "$TESTDATA" || return 1
	while IFS= read -r line; do
		case $line in '$ '*)
			printf '%s\n' "$line"
			bash -c "${line#??}" 2>&1 || : ;;
		esac
	done <"$BATS_TEST_TMPDIR/want" >"$BATS_TEST_TMPDIR/got"
	diff -u "$BATS_TEST_TMPDIR/want" "$BATS_TEST_TMPDIR/got"
}

@test "man: the examples of every page are true" {
	local bad=
	for page in "$TOP"/man/*.[157]; do
		check_page "$page" || bad="$bad $(basename "$page")"
	done
	[ -z "$bad" ] || fail "untrue examples in:$bad"
}

@test "man: every tool has a page with runnable examples" {
	for tool in "$TOP"/cmd/*.c; do
		page=$TOP/man/$(basename "$tool" .c).1
		[ -f "$page" ] || fail "no page for $tool"
		[ -n "$(examples "$page")" ] || fail "no EXAMPLES in $page"
	done
}

# The recipe of resin(7), on an answer with two series in it.
@test "man: what Prometheus answers becomes telemetry" {
	awk '/^jq -r/, /@tsv/' "$TOP/man/resin.7" >recipe
	jq -n '{ status: "success", data: { resultType: "matrix", result: [
		{ metric: { container: "web", instance: "h1:9100" },
		  values: [[1700000000, "2.5e+06"], [1700000300.5, "2600000"]] },
		{ metric: { container: "db", instance: "h2:9100" },
		  values: [[1700000000, "7"]] } ] } }' >answer
	bash recipe
	printf 'ts\tcomponent\tnode\tusage\n' >want
	printf '%s\t%s\t%s\t%s\n' 1700000000 web h1:9100 2.5e+06 \
		1700000300.5 web h1:9100 2600000 1700000000 db h2:9100 7 >>want
	diff -u want T
	run -0 resin-bucket --edges 1M --lateness all T
	assert_line $'1699999200\tweb\t1048576\t1\t3600\t1048576'
}

# Options that every tool shares stand in resin-tsv(5).
shared='csv map fields escape reject allow-empty output rfc3339 line-buffered
exit-code help usage version'

@test "man: --help and the page name the same options" {
	for tool in "$TOP"/cmd/*.c; do
		name=$(basename "$tool" .c)
		"$name" --help | grep -oE -- '--[a-z0-9][a-z0-9-]*' | sort -u |
			grep -vxF -f <(printf -- '--%s\n' $shared) >help || :
		mandoc -Tascii "$TOP/man/$name.1" | sed 's/.\x08//g' |
			grep -oE -- '--[a-z0-9][a-z0-9-]*' | sort -u >page || :
		missing=$(comm -23 help page)
		[ -z "$missing" ] || fail "$name.1 lacks: $missing"
	done
}
