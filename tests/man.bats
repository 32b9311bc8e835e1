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
