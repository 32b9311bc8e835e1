load helper.bash

cat_() { "$TESTBIN/table-cat" "$@"; }

@test "table: TSV passes through byte for byte" {
	printf 'ts\tpath\tn\n1\tC:\\x\\t "q"\t\n2\t; rm -rf /\t-\n3\t\xff\xfe\t7\n' >in
	cat_ in >out
	cmp in out
	cat_ <in >out
	cmp in out
}

@test "table: CRLF and a BOM are accepted" {
	printf '\xef\xbb\xbfa\tb\r\n1\t2\r\n' >in
	run -0 cat_ -k a -n b in
	assert_output $'a\tb\n1\t2'
}

@test "table: columns are found by name in any order, and renamed by --map" {
	printf 'x\tMem\tName\n1\t5\tz\n' >in
	run -0 cat_ -k name -n usage --map name=Name,usage=Mem in
	assert_output $'name\tusage\tx\nz\t5\t1'
}

@test "table: a column that --map names must be there" {
	printf 'Name\nz\n' >in
	trouble "table-cat: in: no column 'Memory'; it has Name" \
		"$TESTBIN/table-cat" -k name -n usage --map name=Name,usage=Memory in
	# What is carried along has the tools' names from there on.
	printf 'Mem\tHost\n1\t2\n' >a
	printf 'Host\tMem\n4\t3\n' >b
	run -0 cat_ -n usage --map usage=Mem,node=Host a b
	assert_output $'usage\tnode\n1\t2\n3\t4'
	printf 'Mem\tusage\n1\t2\n' >a
	printf 'usage\tMem\n4\t3\n' >b
	run -0 cat_ -n usage --map usage=Mem a b
	assert_output $'usage\tusage\n1\t2\n3\t4'
}

@test "table: --fields reads input without a header" {
	printf '1\tz\n2\ty\n' >in
	run -0 cat_ --fields n,name -k name -n n in
	assert_output $'name\tn\nz\t1\ny\t2'
}

@test "table: a missing column is named, with what is there" {
	printf 'component\tnode\tusge\n' >in
	trouble "table-cat: in: no column 'usage'; it has component, node, usge (did you mean 'usge'?)" \
		"$TESTBIN/table-cat" -n usage in
	printf 'Usage\n' >in
	trouble "table-cat: in: no column 'usage'; it has Usage (did you mean 'Usage'?)" \
		"$TESTBIN/table-cat" -n usage in
	printf 'component,usage\nc,1\n' >in
	trouble "table-cat: in: no column 'usage'; it has component,usage (for CSV, --csv)" \
		"$TESTBIN/table-cat" -n usage in
}

@test "table: a needed column that stands twice is refused, another is not" {
	printf 'n\tn\tx\tx\n1\t2\t3\t4\n' >in
	trouble "table-cat: in: two columns are named 'n'" "$TESTBIN/table-cat" -n n in
}

@test "table: bad rows name file, line, reason and text" {
	printf 'a\tn\nx\t1\ny\n' >in
	run -2 --separate-stderr "$TESTBIN/table-cat" -n n in
	assert_equal "$stderr" "table-cat: in:3: 1 field, not 2: 'y'"
	printf 'a\tn\nx\t1\ny\t1x\n' >in
	run -2 --separate-stderr "$TESTBIN/table-cat" -n n in
	assert_equal "$stderr" "table-cat: in:3: n: not a number: '1x'"
	printf 'a\tn\nx\t1\n\0\t1\n' >in
	run -2 --separate-stderr "$TESTBIN/table-cat" -n n in
	assert_equal "$stderr" "table-cat: in:3: NUL byte: '\\x00\\t1'"
	printf 'a\tn\nx\t1\ny\t2' >in
	run -2 --separate-stderr "$TESTBIN/table-cat" -n n in
	assert_equal "$stderr" "table-cat: in:3: no newline at the end of the file: 'y\\t2'"
}

@test "table: sizes are exact integers; hex, inf, nan, blanks and signs are not" {
	printf 'n\n9007199254740993\n18446744073709551615\n1.5e9\n4096.0\n' >in
	run -0 cat_ -n n in
	assert_output $'n\n9007199254740993\n18446744073709551615\n1500000000\n4096'
	for bad in 0x10 inf nan ' 1' '1 ' -1 +1x 18446744073709551616 1e30 ''; do
		printf 'n\n%s\n' "$bad" >in
		run -2 --separate-stderr "$TESTBIN/table-cat" -n n in
		[[ $stderr == "table-cat: in:2: n: "* ]] || fail "$bad: $stderr"
	done
}

@test "table: --reject keeps bad rows verbatim with their reason, and counts" {
	printf 'a\tn\nx\t1\ny\nz\tq\nw\t4\nlast' >in
	run -0 --separate-stderr "$TESTBIN/table-cat" -n n --reject bad in
	assert_output $'n\ta\n1\tx\n4\tw'
	assert_equal "$stderr" "table-cat: 3 bad rows put into bad"
	printf '# in:3: 1 field, not 2\ny\n# in:4: n: not a number\nz\tq\n# in:6: no newline at the end of the file\nlast\n' >want
	diff -u want bad
}

@test "table: no input is trouble, a header alone is not" {
	: >in
	trouble "table-cat: in: no input at all (0 bytes)" "$TESTBIN/table-cat" in
	run -0 cat_ --allow-empty in
	printf 'a\tb\n' >in
	run -0 cat_ in
	assert_output $'a\tb'
}

@test "table: --escape undoes and redoes the escapes, and only then" {
	printf 'a\tb\nx\\ty\\\\z\t\\N\n' >in
	run -0 cat_ --escape -k a in
	assert_output $'a\tb\nx\\ty\\\\z\t'
	run -0 cat_ -k a in
	assert_output $'a\tb\nx\\ty\\\\z\t\\N'
}

@test "csv: quotes, embedded newlines, blanks, BOM, grouped numbers" {
	printf '\xef\xbb\xbfname,n,note\r\n"a ""b"", c","90,413,120"," x "\r\nd,7,"l1\nl2"\r\n' >in.csv
	printf 'name\tn\tnote\na "b", c\t90413120\t x \nd\t7\tl1 l2\n' >want
	cat_ -k name -n n in.csv >got
	diff -u want got
	cat_ --csv -k name -n n <in.csv >got
	diff -u want got
}

@test "csv: a newline cannot be in a key" {
	printf 'name\n"a\nb"\n' >in.csv
	run -2 --separate-stderr "$TESTBIN/table-cat" -k name in.csv
	assert_equal "$stderr" "table-cat: in.csv:2: name: TAB or newline in a key: 'a\\x0ab'"
}

@test "csv: libcsv's four traps are shut" {
	printf 'a,b\n 1 , 2 \n' >in.csv			# blanks stay
	run -0 cat_ in.csv
	assert_output $'a\tb\n 1 \t 2 '
	printf 'a,b\n1,"2\n3,4\n' >in.csv		# an open quote is said
	run -2 --separate-stderr "$TESTBIN/table-cat" in.csv
	assert_equal "$stderr" "table-cat: in.csv:2: quote not closed: '1,\"2\\x0a3,4'"
	printf 'a,b\n1,2\n\n3,4\n' >in.csv		# an empty line is a row
	run -2 --separate-stderr "$TESTBIN/table-cat" in.csv
	assert_equal "$stderr" "table-cat: in.csv:3: 1 field, not 2: ''"
	printf 'a,b\n1,x\ry\n' >in.csv			# a bare CR is data
	cat_ in.csv >got
	printf 'a\tb\n1\tx\ry\n' | cmp - got
}

@test "csv: a row with a misplaced quote is bad alone" {
	printf 'a,b\n1,"x"y\n2,z\n' >in.csv
	run -0 --separate-stderr "$TESTBIN/table-cat" --reject bad in.csv
	assert_output $'a\tb\n2\tz'
	printf '# in.csv:2: misplaced quote\n1,"x"y\n' | diff -u - bad
}

@test "table: gzip and zstd are known by their first bytes" {
	seq 100000 | sed '1i n' >in
	for pack in "gzip -c" "zstd -qc"; do
		$pack in >packed
		cat_ packed | cmp - in
		{ cat packed; } | cat_ | cmp - in
		head -c 5000 packed >short
		run -2 --separate-stderr "$TESTBIN/table-cat" short
		[[ $stderr == "table-cat: short: compressed data ends too early" ]] || fail "$stderr"
	done
	{ gzip -c in; printf '1\n' | gzip -c; } >two
	[ "$(cat_ two | tail -n 1)" = 1 ]
}

@test "table: rows longer than any buffer" {
	{ echo a; head -c 3000000 /dev/zero | tr '\0' x; echo; echo y; } >in
	cat_ in | cmp - in
}

@test "table: the same bytes however a pipe cuts them" {
	{ printf 'a\tb\n'; seq 20000 | sed 's/.*/&\tx&/'; } >in
	(while IFS= read -r -n 997 -d '' part; do printf '%s' "$part"; done; printf '%s' "$part") <in |
		cat_ >out
	cmp in out
}

@test "table: -o appears whole or not at all" {
	printf 'a\tn\nx\t1\ny\tz\n' >in
	run -2 cat_ -n n -o out in
	[ ! -e out ] && [ "$(ls)" = in ]
	run -0 cat_ -o out in
	cmp in out
}

@test "table: a full disk is exit 2, a closed pipe is quiet" {
	seq 200000 | sed '1i n' >in
	run -2 --separate-stderr bash -c '"$TESTBIN/table-cat" in >/dev/full'
	assert_equal "$stderr" "table-cat: write <stdout>: No space left on device"
	bash -c '"$TESTBIN/table-cat" in 2>err; echo $? >status' | head -n 1
	[ ! -s err ] && [ "$(cat status)" = 141 ]
}

@test "times: RFC 3339 and epoch seconds agree with date(1)" {
	{ echo t; for d in 1 59 60 366 730 1461 11016 19358 20000 30000 84000; do
		echo $((d * 86399 + d)); done; } >epoch
	tail -n +2 epoch | while read -r s; do date -u -d "@$s" +%Y-%m-%dT%H:%M:%SZ; done |
		sed '1i t' >rfc
	cat_ -t t --rfc3339 epoch | diff -u rfc -
	cat_ -t t rfc | diff -u epoch -
}

@test "times: offsets, fractions, before 1970; what is no time" {
	printf 't\n2021-03-01T01:30:00.25+02:30\n-1.5\n1.000000001\n1969-12-31T23:59:59.5Z\n2020-02-29 00:00:00Z\n2020-02-28T18:30:00-0530\n' >in
	run -0 cat_ -t t in
	assert_output $'t\n1614553200.25\n-1.5\n1.000000001\n-0.5\n1582934400\n1582934400'
	for bad in 2021-02-29T00:00:00Z 2021-02-30T00:00:00Zx 2021-13-01T00:00:00Z 2021-01-01T24:00:00Z \
	    2021-01-01T00:00:00 1e9 1. .5 9999999999999 now '' 2021-01-01T00:00:00.Z 2021-01-01T00:00:00+1 \
	    2021-01-01T00:00:00+01:0 2021-01-01T00:00:00+010 2021-01-01T00:00:00+24:00; do
		printf 't\n%s\n' "$bad" >in
		run -2 --separate-stderr "$TESTBIN/table-cat" -t t in
		[[ $stderr == "table-cat: in:2: t: "* ]] || fail "$bad: $stderr"
	done
	printf 't\n2021-01-01 00:00:00.5\n' >in
	run -2 --separate-stderr "$TESTBIN/table-cat" -t t in
	assert_equal "$stderr" "table-cat: in:2: t: time without a zone (Z or +hh:mm): '2021-01-01 00:00:00.5'"
	printf 't\n1700000000123\n' >in
	run -2 --separate-stderr "$TESTBIN/table-cat" -t t in
	assert_equal "$stderr" "table-cat: in:2: t: time out of range, in seconds: '1700000000123'"
}

@test "numbers: printed as the shortest decimal that reads back" {
	printf 'd\n0.1\n1e22\n100\n-0\n3.0\n1e-7\n0.30000000000000004\n5e-324\n123456789012345678\n' >in
	run -0 cat_ -d d in
	assert_output $'d\n0.1\n1e+22\n100\n0\n3\n1e-07\n0.30000000000000004\n4.94065645841247e-324\n1.2345678901234568e+17'
}

@test "table: hostile input reads the same fast and slowly, with every scanner" {
	"$TESTBIN/table-check" 400 1
	"$TESTBIN/table-check" 400 2
}

@test "table: digits, names, levels: many at once as one by one" {
	"$TESTBIN/fast-check" 200 1
	"$TESTBIN/fast-check" 200 2
}

@test "table: a header without a name" {
	printf '\n\nx\n' >in
	cat_ in | cmp - in
	printf '\n""\nx\n' >in.csv
	printf '\n\nx\n' >want
	cat_ in.csv | cmp - want
}
