#!/bin/bash
# heap.sh: heap dumps to leaking stacks, beside jeprof and google-pprof, in one
# run on one machine.  Writes a table in Markdown.
#	heap.sh [STACKS [MILLION]]	default 100000 1000000
# jeprof (libjemalloc-dev) and google-pprof (google-perftools) are left out
# where they are not installed.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
bin=${BIN:-$top/build/bin}
stacks=${1-100000}
million=${2-1000000}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
program=$bin/resin-snap
base=555555554000

cc -O2 -o "$dir/heapgen" "$top/tests/bench/heapgen.c" -lm
readelf -lW "$program" | awk -v base=$((16#$base)) -v p="$program" '
	function hex(s,  i, v) { v = 0; s = tolower(substr(s, 3))
	    for (i = 1; i <= length(s); i++)
		v = v * 16 + index("0123456789abcdef", substr(s, i, 1)) - 1
	    return v }
	$1 == "LOAD" { o = hex($2); v = hex($3); n = hex($6)
	    lo = base + v - v % 4096; hi = base + v + n + 4095; hi -= hi % 4096
	    printf "%x-%x %sp %08x fe:00 1 %s\n", lo, hi,
		$7 == "R" && $8 == "E" ? "r-x" : "r--", o - o % 4096, p }' \
	>"$dir/maps"

generate() {	# STACKS SNAPS
	rm -f "$dir"/*.heap
	nm --defined-only "$program" | "$dir/heapgen" "$1" "$2" $base "$dir"
}

# measure CMD: elapsed and CPU seconds, and MB of its processes added up, of the
# run of RUNS with the least CPU, into $elapsed $cpu $mb.
measure() {
	local e c
	elapsed='' cpu=''
	for _ in $(seq "$runs"); do
		rm -f "$dir/mem"
		/usr/bin/time -f '%e %U %S' -o "$dir/sec" bash -c "$1" \
			>/dev/null 2>&1 || :
		read -r e c < <(tail -n 1 "$dir/sec" |
			awk '{ printf "%.2f %.2f\n", $1, $2 + $3 }')
		if [ -z "$cpu" ] || awk "BEGIN { exit !($c < $cpu) }"; then
			elapsed=$e cpu=$c
			mb=$(awk '{ s += $1 } END { printf "%.0f", s / 1024 }' \
				"$dir/mem")
		fi
	done
}

row() {	# NAME
	awk -v n="$1" -v e="$elapsed" -v c="$cpu" -v m="$mb" -v base="$base_cpu" '
	    BEGIN { printf "| %s | %s | %s | %s | %.0f |\n", n, e, c, m, c / base }'
}

mem="/usr/bin/time -a -o $dir/mem -f %M"
direct() {	# DUMP...
	measure "$mem $bin/resin-snapdiff $*"
}
ours() {	# DUMP...
	measure "$mem $bin/resin-snap $* | $mem $bin/resin-snapdiff"
}

echo "| $stacks stacks | elapsed s | CPU s | MB | CPU, times resin |"
echo "| --- | ---: | ---: | ---: | ---: |"
generate "$stacks" 6
runs=3
ours "$dir"/je.[0-5].heap
base_cpu=$cpu row "resin-snap, resin-snapdiff: 6 dumps"
direct "$dir"/je.[0-5].heap
base_cpu=$cpu row "resin-snapdiff: 6 dumps"
ours "$dir"/je.[05].heap
base_cpu=$cpu row "resin-snap, resin-snapdiff: 2 dumps"
direct "$dir"/je.[05].heap
base_cpu=$cpu row "resin-snapdiff: 2 dumps"
base_cpu=$cpu runs=1
for peer in jeprof google-pprof; do
	command -v $peer >/dev/null || continue
	case $peer in jeprof) f=je ;; *) f=gp ;; esac
	measure "$mem $peer --text --base=$dir/$f.0.heap $program $dir/$f.5.heap"
	row "$peer --text --base: 2 dumps"
done
generate "$million" 2
runs=1
ours "$dir"/je.[01].heap
base_cpu=$cpu row "resin-snap, resin-snapdiff: 2 dumps of $million stacks"
direct "$dir"/je.[01].heap
base_cpu=$cpu row "resin-snapdiff: 2 dumps of $million stacks"
