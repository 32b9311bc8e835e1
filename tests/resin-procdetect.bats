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

# hosts COUNT AWK: as series, of one component on hosts h = 0, 1, ...; u at hour
# t of a process that started at hour `start`.
hosts() {
	awk -v count="$1" "
	function r() { s = (s * 16807) % 2147483647; return s / 1073741823.5 - 1 }
	function max(a, b) { return a > b ? a : b }
	BEGIN { s = 77; OFS = \"\t\"; pi = atan2(0, -1)
		for (h = 0; h < count; h++) for (t = 0; t < 336; t++) {
			start = -1000; $2
			print 1700000000 + 3600 * t, \"c\", \"n\" h, 1000 + start, \
			    1700000000 + 3600 * start, int(u)
		} }"
}
leaking() { verdict in | awk '$2 == "leak" { n++ } END { print n + 0 }'; }

@test "procdetect: caches that fill, each in its own time, are no leak" {
	hosts 40 'start = 110 * int((t + h) / 110) - h
		filled = (.2 + h / 50) * (1 - exp(-(t - start) / (6 + h)))
		u = 1e9 * (1 + .01 * r() + filled)' | table >in
	run -0 resin-procdetect --all -t in
	assert_equal "${#lines[@]}" 1
	# One leaks besides: it grows by 1 % an hour.
	hosts 41 'start = 110 * int((t + h) / 110) - h
		filled = (.2 + h / 50) * (1 - exp(-(t - start) / (6 + h)))
		if (h == 40) { start = -1000; filled = .01 * max(0, t - 236) }
		u = 1e9 * (1 + .01 * r() + filled)' | table >in
	run -0 resin-procdetect --all -t in
	assert_line --regexp '^c[[:space:]]+n40[[:space:]]'
}

@test "procdetect: hosts that keep hours of their own" {
	hosts 20 'night = (t + 7 * (h % 3)) % 24 < 5
		u = 1e9 * (1 + .01 * r() + .5 * night)
		u += (h == 4) * 2e6 * max(0, t - 150)' | table >in
	run -0 resin-procdetect --all -t in
	assert_equal "$(tail -n +2 <<<"$output" | cut -f 3)" n4
}

# fleet SHARED OWN: 20 nodes, an hourly row for 14 days; all restart at hours
# 100 and 200.  Usage is 1 GB times SHARED plus OWN, of node i at hour t.
fleet() {
	awk '
	function r() { s = (s * 16807) % 2147483647; return s / 1073741823.5 - 1 }
	function max(a, b) { return a > b ? a : b }
	BEGIN { s = 77; OFS = "\t"; pi = atan2(0, -1)
		for (i = 1; i <= 20; i++)
			for (t = 0; t < 336; t++) {
				k = (t >= 100) + (t >= 200)
				u = '"$1"' + '"$2"' + .01 * r()
				print 1700000000 + 3600 * t, "web", "n" i, 3 * i + k, \
				    k ? 1700000000 + 360000 * k : 1600000000, int(1e9 * u)
			} }' | table
}

@test "procdetect: a busy week that all share is load, where a rollout hides its fall" {
	fleet '(1 + .1 * cos(2 * pi * (t - 38) / 168)) * (1 + .005 * t / 24)' 0 >in
	run -0 resin-procdetect --all -t in
	assert_equal "${#lines[@]}" 1
}

@test "procdetect: leaks on few, most and all hosts of a busy week" {
	local n
	for n in 3 14 20; do
		fleet '1 + .05 * cos(2 * pi * (t - 62) / 168)' \
		    "(i <= $n) * .3 * max(0, t - 220) / 24" >in
		run -0 bash -c 'resin-procdetect --all -t in | tail -n +2 |
			cut -f 3 | sort -u | wc -l'
		assert_output "$n"
	done
}

@test "procdetect: one of ten in three days, and a first hour that is not whole" {
	awk 'BEGIN { srand(7)
		print "ts\tcomponent\tnode\tusage"
		for (t = 0; t < 72; t++) for (h = 0; h < 10; h++) {
			u = t == 0 ? 5e8 : 1e9 * (1 + .01 * (rand() - .5))
			u += (h == 4) * 6e6 * (t < 20 ? 0 : t - 20)
			printf "%d\tc\tn%d\t%d\n", 1700006400 + 3600 * t, h, u
		} }' >in
	run -0 resin-procdetect --all -t in
	assert_equal "$(tail -n +2 <<<"$output" | cut -f 3)" n4
}

@test "procdetect: one step is a leak where leaks come in such steps" {
	hosts 20 'jumps = h < 6 ? int(max(0, t - 40) / 50) : h < 8 ? t > 300 : 0
		u = 1e9 * (1 + .01 * r() + .25 * jumps)' | table >in
	assert_equal "$(leaking)" 8
	# Steps on most hosts are a rollout.
	hosts 20 'jumps = h < 6 ? int(max(0, t - 40) / 50) : t > 250 + h
		u = 1e9 * (1 + .01 * r() + .25 * jumps)' | table >in
	assert_equal "$(leaking)" 6
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
