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

# timed NAME CMD...: seconds of the best of three runs, and the greatest of the
# processes' memory added up, in MB.
timed() {
	local name=$1 best=
	shift
	for _ in 1 2 3; do
		rm -f "$dir/mem"
		/usr/bin/time -f %e -o "$dir/sec" bash -c "$*" >/dev/null 2>&1
		if [ -z "$best" ] || awk "BEGIN { exit !($(tail -n 1 "$dir/sec") < $best) }"; then
			best=$(tail -n 1 "$dir/sec")
		fi
		[ "${run_once-}" ] && break
	done
	mb=$(awk '{ s += $1 } END { printf "%.0f", s / 1024 }' "$dir/mem" 2>/dev/null)
	seconds=$best
	printf '| %s | %s | %s | %s |\n' "$name" "$best" "$mb" "${ratio-}"
}

mem() { printf "/usr/bin/time -a -o %s/mem -f %%M" "$dir"; }

echo "| $stacks stacks | seconds | MB | times resin |"
echo "| --- | ---: | ---: | ---: |"
generate "$stacks" 6
ratio=1 timed "resin-snap, resin-snapdiff: 6 dumps" \
	"$(mem) $bin/resin-snap $dir/je.[0-5].heap | $(mem) $bin/resin-snapdiff"
ratio=1 timed "resin-snap, resin-snapdiff: 2 dumps" \
	"$(mem) $bin/resin-snap $dir/je.[05].heap | $(mem) $bin/resin-snapdiff"
two=$seconds
run_once=1
for peer in jeprof google-pprof; do
	command -v $peer >/dev/null || continue
	case $peer in jeprof) f=je ;; *) f=gp ;; esac
	/usr/bin/time -f '%e %M' -o "$dir/peer" $peer --text \
		--base="$dir/$f.0.heap" "$program" "$dir/$f.5.heap" \
		>/dev/null 2>&1 || :
	awk -v peer=$peer -v two="$two" '{ s = $1; m = $2 } END {
	    printf "| %s --text --base: 2 dumps | %.2f | %.0f | %.0f |\n",
		peer, s, m / 1024, s / two }' "$dir/peer"
done
unset run_once
echo
echo "| $million stacks | seconds | MB |"
echo "| --- | ---: | ---: |"
generate "$million" 2
ratio='' timed "resin-snap, resin-snapdiff: 2 dumps" \
	"$(mem) $bin/resin-snap $dir/je.[01].heap | $(mem) $bin/resin-snapdiff" |
	sed 's/ |  |$/ |/'
