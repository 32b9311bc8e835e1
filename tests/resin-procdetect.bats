load helper.bash

# series NAME AWK: one process, an hourly row for 14 days, usage u at hour t.
# r() is uniform in [-1, 1).
series() {
	awk -v name="$1" "
	function r() { s = (s * 16807) % 2147483647; return s / 1073741823.5 - 1 }
	function max(a, b) { return a > b ? a : b }
	function min(a, b) { return a < b ? a : b }
	BEGIN { s = 77; OFS = \"\t\"; pi = atan2(0, -1)
		for (t = 0; t < 336; t++) { start = 0; pid = 1; $2
			if (u != \"\")
				print 1700000000 + 3600 * t, name, \"n\", pid, \
				    1600000000 + start, int(u)
		} }"
}
table() { printf 'ts\tcomponent\tnode\tpid\tstart\tusage\n'; cat; }

verdict() { resin-procdetect --all --explain -t "$1" | cut -f 1,13 | tail -n +2; }

@test "procdetect: leaks of every kind are found" {
	{ series steady 'u = 1e9 + 2e7 * r() + 2e6 * max(0, t - 150)'
	  series old 'u = 1e9 + 2e7 * r() + 2e6 * t'
	  series stair 'u = 1e9 + 2e7 * r() + 5e7 * int(max(0, t - 100) / 24)'
	  series spikes 'u = 1e9 + 2e7 * r() + 15e7 * int(max(0, t - 90) / 60)'
	  series daily 'u = 1e9 * (1 + .1 * sin(t * pi / 12)) + 2e6 * max(0, t - 150)'
	  series small 'u = 4e6 + 4e4 * r() + 2e4 * max(0, t - 200)'
	} | table >in
	run -0 verdict in
	assert_output "$(printf '%s\tleak\n' daily old small spikes stair steady)"
}

@test "procdetect: what only looks like a leak is none" {
	{ series a-flat 'u = 1e9 + 2e7 * r()'
	  series b-daily 'u = 1e9 * (1 + .2 * sin(t * pi / 12)) + 2e7 * r()'
	  series c-weekly 'u = 1e9 * (1 + .2 * sin(t * pi / 84)) + 2e7 * r()'
	  series d-step 'u = 1e9 + 2e7 * r() + (t > 200) * 3e8'
	  series e-warm 'u = 1e9 + 2e7 * r() + 8e8 * (1 - exp(-t / 30))'
	  series f-saw 'u = 1e9 + 2e7 * r() + 4e8 * (t % 40) / 40'
	  series g-burst 'u = 1e9 + 2e7 * r() + (t % 97 < 5) * 1e9'
	  series h-demand 'u = 1e9 * (1 + .005 * t / 24) + 2e7 * r()'
	  series i-zero 'u = 0'
	  series j-fills 'u = 1e9 + 2e7 * r() + 5e8 * min(1, max(0, (t - 100) / 20))'
	} | table >in
	run -0 verdict in
	refute_output --partial leak
	assert_equal "${#lines[@]}" 10
}

@test "procdetect: since when, how much, how fast" {
	series steady 'u = 1e9 + 1e6 * r() + 2e6 * max(0, t - 150)' | table >in
	run -0 resin-procdetect --all -t in
	# By hand: from 1700000000 + 150 h, 185 h at 2 MB an hour.
	awk -F'\t' '{ exit !($6 >= 1700000000 + 147 * 3600 &&
		$6 <= 1700000000 + 153 * 3600 && $9 > 3.6e8 && $9 < 3.8e8 &&
		$10 > 1.95e6 && $10 < 2.05e6) }' <<<"${lines[1]}" ||
		fail "${lines[1]}"
}

@test "procdetect: each start of a process is judged by itself" {
	series reset 'start = int(t / 100); pid = 5 + start
		u = 1e9 + 1e7 * r() + 1e7 * (t % 100)' | table >in
	run -0 resin-procdetect --all -t in
	assert_equal "$(tail -n +2 <<<"$output" | cut -f 4 | sort | tr '\n' ' ')" "5 6 7 8 "
}

@test "procdetect: only the components that alerts name" {
	{ series a 'u = 1e9 + 2e6 * t'; series b 'u = 1e9 + 2e6 * t'; } | table >in
	printf 'severity\tcomponent\n9\tb\n' >alerts
	run -0 resin-procdetect -t in alerts
	assert_equal "${#lines[@]}" 2
	assert_equal "$(cut -f 1 <<<"${lines[1]}")" b
	resin-procdetect -t in <alerts >got
	resin-procdetect -t in alerts | cmp - got
	run -1 resin-procdetect --exit-code -t in alerts
	head -n 1 alerts >none
	run -0 resin-procdetect --exit-code -t in none
	assert_equal "${#lines[@]}" 1
}

@test "procdetect: neither the order of rows nor the files matter" {
	{ series a 'u = 1e9 + 2e7 * r() + 2e6 * t'
	  series b 'u = 1e9 + 2e7 * r() + 3e6 * t'; } | table >in
	resin-procdetect --all -t in >want
	shuffled in >in2
	ok_golden want resin-procdetect --all -t in2
	head -n 300 in >p1; { head -n 1 in; tail -n +301 in; } >p2
	ok_golden want resin-procdetect --all -t p2 -t p1
}

@test "procdetect: what the leaking processes share, and when the limit is hit" {
	cut -f 1-7 "$TESTDATA/resin-procdetect/small.tsv" >/dev/null
	run -0 resin-procdetect --all --by version,node \
		-t "$TESTDATA/resin-procdetect/small.tsv"
	assert_equal "$(tail -n +2 <<<"$output" | cut -f 3,13 | sort)" \
		"$(printf 'node-%s\tversion=2.1\n' 1 2 3)"
	# By hand: 256 MiB less 143.4 MB, at 102400 B/s after 1700001190.
	awk -F'\t' '$3 == "node-2" { exit !($12 > 1700002350 && $12 < 1700002450) }' <<<"$output"
}

@test "procdetect: --state: new rows alone, the same suspects; again, the same state" {
	{ series a 'u = 1e9 + 2e7 * r() + 2e6 * t'
	  series b 'u = 1e9 + 2e7 * r() + 3e6 * t'; } | table >in
	printf 'component\nb\n' >alerts
	resin-procdetect -t in alerts >want
	awk 'NR == 1 || $1 < 1700000000 + 200 * 3600' in >p1
	awk 'NR == 1 || $1 >= 1700000000 + 190 * 3600' in >p2
	resin-procdetect --state s -t p1 alerts >first
	ok_golden want resin-procdetect --state s -t p2 alerts
	cp s before
	ok_golden want resin-procdetect --state s -t p2 alerts
	cmp before s
	assert_equal "$(wc -l <s)" "$(wc -l <in)"
	resin-procdetect --keep 1d --state s -t p2 alerts >short
	assert_equal "$(wc -l <s)" 51
}

@test "procdetect: times of other centuries" {
	{ series a 'u = 1e9 + 2e6 * t'
	  printf -- '-9000000000\ta\tn\t1\t1600000000\t5\n'; } | table >in
	run -0 resin-procdetect --all -t in
	assert_equal "${#lines[@]}" 2
	printf '9000000000\ta\tn\t1\t1600000000\t5\n' >>in
	run -0 resin-procdetect --all -t in
	assert_equal "${#lines[@]}" 1
}

@test "procdetect: errors" {
	series a 'u = 1e9' | table >in
	trouble "resin-procdetect: --telemetry is required" resin-procdetect --all
	trouble "resin-procdetect: --window '0': not positive" \
		resin-procdetect --all -t in -w 0
	printf 'ts\tcomponent\tnode\tusage\n1\tc\tn\tx\n' >bad
	trouble "resin-procdetect: bad:2: usage: not a number: 'x'" \
		resin-procdetect --all -t bad
	run -2 --separate-stderr bash -c 'resin-procdetect --all -t in >/dev/full'
	printf 'ts\tcomponent\tnode\tusage\n' >bare
	run -0 resin-procdetect --all -t bare
	assert_equal "${#lines[@]}" 1
}
