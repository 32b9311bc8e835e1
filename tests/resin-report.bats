load helper.bash

D=$BATS_TEST_DIRNAME/../testdata/resin-report
T=$BATS_TEST_DIRNAME/../testdata/resin-procdetect/small.tsv
S=$BATS_TEST_DIRNAME/../testdata/resin-snapdiff

all() {
	resin-snapdiff -g 40M -r "$S/healthy.tsv" "$S/leaky.tsv" >stacks
	resin-report --alerts "$D/alerts.tsv" -a "$D/actions.tsv" -s stacks \
		-t "$T" "$@" "$D/candidates.tsv"
}

@test "report: every section, in order" {
	all >got
	grep '^#' got >heads
	diff -u - heads <<-'END'
	# Memory leak in web
	## Alert
	## Leaking processes
	## Memory over time
	## Stacks that leak
	## Proposed actions
	END
}

@test "report: the numbers are those of the tables" {
	all >got
	want=$(awk -F'\t' 'NR > 1 { g += $9 } END { printf "%.1f MiB", g / 1048576 }' \
		"$D/candidates.tsv")
	grep -qF "3 on 3 nodes grew $want together" got
	grep -qF '| `node-1` | `101` | 2023-11-14 22:20 UTC | 135 MiB |' got
	grep -qF '| 1 | `node-2` | `restart` | `web` | allowed by line 3 |' got
	# 48000 * (80 + 16 + 32) bytes
	grep -qF '`main;serve;login` (3 stacks) grew 5.9 MiB' got
	grep -qF '13.8 MiB not in the heap' got
}

@test "report: a section without data is left out" {
	run -0 resin-report "$D/candidates.tsv"
	assert_equal "$(echo "$output" | grep -c '^##')" 1
	head -n 1 "$D/candidates.tsv" >none
	run -0 resin-report --alerts "$D/alerts.tsv" none
	assert_line --index 0 "# Memory alert on web"
	run -0 resin-report none
	assert_output --partial "# No memory leak"
}

@test "report: the most severe component, or the one asked for" {
	awk -F'\t' -v OFS='\t' 'NR > 1 { $1 = "other"; $11 *= 2 } 1' \
		"$D/candidates.tsv" >b
	tail -n +2 "$D/candidates.tsv" >>b
	run -0 resin-report b
	assert_line --index 0 "# Memory leak in other"
	run -0 resin-report -c web b
	assert_line --index 0 "# Memory leak in web"
}

@test "report: the order of rows does not matter" {
	all >want
	all --html >want.html
	shuffled "$T" >t
	shuffled "$D/candidates.tsv" >c
	resin-report --alerts "$D/alerts.tsv" -a "$D/actions.tsv" -s stacks \
		-t t c | cmp - want
	resin-report --html --alerts "$D/alerts.tsv" -a "$D/actions.tsv" \
		-s stacks -t t c | cmp - want.html
}

# Names that try to be markup, and what is no text.
hostile() {
	bad='<script>document.title="x"</script><img src=x onerror=alert(1)>'
	bad="$bad"'`a``b`[l](http://h/)@user |p|&amp;"'"'"
	bad="$bad$(printf '\377\001')"
	BAD=$bad awk -F'\t' -v OFS='\t' 'NR > 1 { $1 = ENVIRON["BAD"]
	    $3 = ENVIRON["BAD"] } 1' "$D/candidates.tsv" >c
	BAD=$bad awk -F'\t' -v OFS='\t' 'NR > 1 { $2 = ENVIRON["BAD"]
	    $3 = ENVIRON["BAD"] } 1' "$T" >t
	resin-snapdiff "$S/leaky.tsv" |
		BAD=$bad awk -F'\t' -v OFS='\t' 'NR > 1 { $2 = $2 ";" ENVIRON["BAD"]
		    $13 = ENVIRON["BAD"] } 1' >s
	resin-report "$@" -t t -s s c
}

@test "report: hostile names in HTML are text" {
	hostile --html >got
	assert_equal "$(grep -ciE '<(script|img)' got)" 0
	assert_equal "$(iconv -f utf-8 -t utf-8 got | cmp - got; echo $?)" 0
	sed 's/<!DOCTYPE html>//; s/<meta [^>]*>//' got >x
	xmllint --noout x
}

@test "report: hostile names in Markdown are code" {
	hostile >got
	iconv -f utf-8 -t utf-8 got | cmp - got
	# outside code spans and blocks no tag, link or mention is left
	awk '/^```/ { in_code = !in_code; next } !in_code' got |
		sed -E 's/```[^`].*[^`]```//g; s/`[^`]+`//g' >plain
	assert_equal "$(grep -cE '(^|[^\\])<|[^\\]@user|[^\\]\[l\]' plain)" 0
}

@test "report: a real browser shows it, and runs nothing" {
	command -v chromium >/dev/null || skip "no chromium"
	export HOME=$BATS_TEST_TMPDIR
	hostile --html >page.html
	chromium --headless --no-sandbox --disable-gpu --virtual-time-budget=2000 \
		--dump-dom "file://$PWD/page.html" >dom 2>err 3>&-
	grep -q '<title>Memory leak in &lt;script&gt;' dom
	grep -q '<polyline class="l"' dom
	assert_equal "$(grep -ciE '<(script|img)' dom)" 0
	chromium --headless --no-sandbox --disable-gpu --window-size=900,1400 \
		--screenshot="$PWD/shot.png" "file://$PWD/page.html" \
		>/dev/null 2>&1 3>&-
	[ "$(stat -c %s shot.png)" -gt 20000 ]
}

@test "report: trouble" {
	printf 'component\tusage\nweb\t5\n' >no
	run -2 --separate-stderr resin-report no
	assert_output ""
	[[ $stderr == "resin-report: no: "*node* ]]
	run -2 bash -c 'resin-report "$1" >/dev/full' - "$D/candidates.tsv"
}

@test "report: a finding of several stacks says what they grew by together" {
	all >got
	grep -q '^1[.] 5.9 MiB from 3 stacks; from this one 3.7 MiB in 48000 objects; ' got
}
