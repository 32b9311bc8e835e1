#!/bin/bash
# run.sh [SEED...]: the closed loop against what people do without one, as
# Markdown.  BIN is where the tools are; HOSTS, DAYS and JOBS may be set.
set -eu -o pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
loop=${BIN%/bin}/tests/loop/loop
hosts=${HOSTS:-40} days=${DAYS:-22} jobs=${JOBS:-2}
[ $# -gt 0 ] || set -- 401 402 403 404 405 406
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
export PATH=$BIN:$PATH

one() {
	local dir=$work/$1.$2
	mkdir "$dir" && cp "$top/tests/loop/turn" "$dir"
	"$loop" "$1" "$2" "$hosts" "$days" "$dir" >"$work/$1.$2.row"
	rm -rf "$dir"
}
export -f one
export work top loop hosts days

for seed; do
	for policy in none static-1000 static-2000 static-4000 weekly resin; do
		echo "$policy $seed"
	done
done | xargs -P "$jobs" -L 1 bash -c 'set -eu; one "$@"' -

cat "$work"/*.row | awk -F '\t' -v hosts="$hosts" -v days="$days" -v seeds="$*" '
	{ p = $1; n[p]++; reboots[p] += $3; errors[p] += $5; acts[p] += $7
	  needless[p] += $8; nodes[p] += $9 + $10 }
	function ratio(a, b) { return b > 0 ? sprintf("%.0f", a / b) : "all gone" }
	function row(p,   host_days) {
		host_days = n[p] * hosts * (days - 10)
		printf "| %s | %d | %.0f | %s | %d | %s | %d | %d | %s |\n", p,
			reboots[p], reboots[p] / host_days * 1e5,
			ratio(reboots["none"], reboots[p]), errors[p],
			ratio(errors["none"], errors[p]), acts[p], nodes[p],
			acts[p] ? sprintf("%.1f %%", 100 * needless[p] / acts[p]) : ""
	}
	END {
		printf "Seeds %s, %d hosts, %d days with leaks each.\n\n", seeds, hosts, days - 10
		print "| policy | reboots | per 100,000 hosts and day | fewer, times | allocation errors | fewer, times | actions | of them on nodes | needless |"
		print "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
		row("none"); row("static-1000"); row("static-2000")
		row("static-4000"); row("weekly"); row("resin")
	}'
