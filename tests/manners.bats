load helper.bash

# What every tool does alike.  FILTERS read a table and can do so with the
# arguments given here; each tool's own file tests the rest.
tools() {
	for c in "$TOP"/cmd/*.c; do basename "$c" .c; done
}

@test "manners: --help and --version exit 0 on stdout" {
	for t in $(tools); do
		run -0 --separate-stderr "$t" --help
		assert_equal "$stderr" ""
		[[ $output == Usage:* ]] || fail "$t --help: $output"
		run -0 --separate-stderr "$t" --version
		[[ $output == "$t (resin) "* ]] || fail "$t --version: $output"
	done
}

@test "manners: an unknown option is one line of advice and exit 2" {
	for t in $(tools); do
		run -2 --separate-stderr "$t" --no-such-option
		assert_output ""
		[[ $stderr == *"$t: unrecognized option"* ]] || fail "$t: $stderr"
	done
}

@test "manners: --help to a full disk is exit 2" {
	for t in $(tools); do
		run -2 --separate-stderr bash -c '"$1" --help >/dev/full' - "$t"
		assert_equal "$stderr" "$t: write <stdout>: No space left on device"
	done
}

# Every filter: how it is called, and a header that it takes.  An X in the
# arguments is a file with that header and no rows.
filters() {
	cat <<-'LIST'
	resin-rollup|ts component node usage
	resin-bucket|ts component node usage
	resin-bucket --merge|ts component bucket nodes window edges
	resin-pivot|ts component bucket nodes
	resin-procdetect -t TEL|component bucket start end nodes mean sd severity
	resin-pattern -t TEL|component cluster node pid start leak_start leak_end usage growth rate severity
	resin-mitigate -r RULES|component cluster node pid start leak_start leak_end usage growth rate severity
	resin-act -r RULES -l LEDGER|ts node target action priority reason
	resin-snapdiff|snapshot ts stack bytes count
	resin-symbolize -m MOD|rank stack bytes_before bytes_after growth count_growth score reason
	pano-judge|ts observer subject context status
	pano-judge -p panorama|ts observer subject context status
	gandalf-sign|ts node source message
	gandalf-anomaly|ts node source signature
	gandalf-blame -d DEP|ts node source signature
	LIST
}

# each FUNCTION: with the command in the array `cmd` and a table in `header`.
each() {
	printf 'ts\tcomponent\tnode\tusage\n' >TEL
	printf 'ts\tcomponent\tversion\tnode\n' >DEP
	cp "$TESTDATA/resin-mitigate/rules" RULES
	printf 'module\tpath\tbuild_id\n' >MOD
	while IFS='|' read -r call names; do
		read -ra cmd <<<"$call"
		tr ' ' '\t' <<<"$names" >header
		"$1" || fail "$call: $output $stderr"
	done < <(filters)
}

header_alone() {
	run -0 --separate-stderr "${cmd[@]}" header
	[ "${#lines[@]}" = 1 ] && [[ $output == *$'\t'* ]] && [ -z "$stderr" ]
}
no_bytes() {
	: >empty
	run -2 --separate-stderr "${cmd[@]}" empty
	[ -z "$output" ] && [ "$stderr" = "${cmd[0]}: empty: no input at all (0 bytes)" ] || return 1
	run -2 --separate-stderr "${cmd[@]}" </dev/null
	[ -z "$output" ] && [ "$stderr" = "${cmd[0]}: <stdin>: no input at all (0 bytes)" ]
}
random_bytes() {
	for seed in 1 2 3; do
		openssl enc -aes-128-ctr -nosalt -pass "pass:$seed" </dev/zero 2>/dev/null |
			head -c 5000 >random
		run -2 --separate-stderr "${cmd[@]}" random
		[ -z "$output" ] && [ "$(wc -l <<<"$stderr")" = 1 ] &&
			[[ $stderr == "${cmd[0]}: random"* ]] || return 1
	done
}
full_disk() {
	run -2 --separate-stderr bash -c '"$@" header >/dev/full' - "${cmd[@]}"
	[ "$stderr" = "${cmd[0]}: write <stdout>: No space left on device" ]
}
a_missing_column() {
	printf 'no\tsuch\n' >odd
	run -2 --separate-stderr "${cmd[@]}" odd
	[ -z "$output" ] && [[ $stderr == "${cmd[0]}: odd: no column '"* ]] &&
		[ "$(wc -l <<<"$stderr")" = 1 ]
}
# An export has names of its own; between the tools stand theirs.
@test "manners: one --map serves an export through the whole pipe" {
	mapfile -t own < <(printf '%s\n' -w 1m --map \
		ts=time,component=service,node=instance,usage=bytes,pid=process)
	sed '1s/.*/time\tservice\tinstance\tprocess\tstart\tversion\tlimit\tbytes/' \
		"$TESTDATA/resin-procdetect/small.tsv" | tr '\t' , >export
	pipe() {
		local telemetry=$1
		shift
		resin-bucket "$@" "$telemetry" | resin-pivot |
			resin-procdetect "$@" -t "$telemetry" |
			resin-pattern "$@" -t "$telemetry"
	}
	pipe "$TESTDATA/resin-procdetect/small.tsv" -w 1m >want
	pipe export --csv "${own[@]}" >got
	[ "$(wc -l <want)" -gt 1 ]
	diff -u want got
	resin-report --csv "${own[@]:2}" -t export want >got.md
	resin-report -t "$TESTDATA/resin-procdetect/small.tsv" want | diff -u - got.md
	resin-mitigate --csv "${own[@]:2}" --fresh 1h -t export \
		-r "$TESTDATA/resin-mitigate/rules" want >got.plan
	resin-mitigate -t "$TESTDATA/resin-procdetect/small.tsv" --fresh 1h \
		-r "$TESTDATA/resin-mitigate/rules" want | diff -u - got.plan
}

@test "manners: a closed stdout is trouble, and no other file takes its place" {
	{ printf 'ts\tcomponent\tnode\tusage\n'
	  for i in $(seq 5000); do printf '%s\tc\tn%s\t5\n' "$((i * 60))" "$i"; done
	  printf 'x\n'; } >in
	run -2 --separate-stderr bash -c 'resin-rollup --reject bad in >&-'
	assert_equal "${stderr_lines[1]}" "resin-rollup: write <stdout>: Bad file descriptor"
	printf '# in:5002: 1 field, not 4\nx\n' | diff -u - bad
	run -2 --separate-stderr bash -c 'resin-rollup <&-'
	assert_equal "$stderr" "resin-rollup: <stdin>: Bad file descriptor"
}

@test "manners: a header alone gives a header" { each header_alone; }
@test "manners: zero bytes are one line and exit 2" { each no_bytes; }
@test "manners: random bytes are one line and exit 2" { each random_bytes; }
@test "manners: a full disk is one line and exit 2" { each full_disk; }
@test "manners: a missing column is named" { each a_missing_column; }
