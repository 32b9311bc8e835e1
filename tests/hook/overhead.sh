#!/bin/bash
# overhead.sh [PAIRS]: what pano-run costs, in pairs within one run.
# The hook: nanoseconds of an empty send(2), and of the calls of a request and
# its answer, plain and observed.
# The whole: redis-server, plain and observed, asked by redis-benchmark.
set -eu
cd "$(dirname "$0")/../.."
B=${B:-build} pairs=${1:-15}
work=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || :; rm -rf "$work"' EXIT

median() { sort -n | awk '{ v[NR] = $1 } END {
	print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

# ask PORT [WRAPPER...]: mean ms of a request to a fresh server, and the CPU
# seconds that 60,000 of them took it.
ask() {
	local port=$1
	"${@:2}" redis-server --port "$port" --save '' --daemonize no \
		>"$work/log" 2>&1 &
	server=$!
	until redis-cli -p "$port" ping >/dev/null 2>&1; do sleep 0.05; done
	redis-benchmark -p "$port" -t get -n 60000 -c 16 --csv |
		awk -F '","' '/^"GET/ { printf "%s ", $3 }'
	redis-cli -p "$port" info cpu | tr -d '\r' |
		awk -F: '/^used_cpu_(sys|user):/ { t += $2 } END { print t }'
	redis-cli -p "$port" shutdown nosave >/dev/null 2>&1 || :
	wait "$server" || :
}

for what in '' exchange; do
	for i in $(seq "$pairs"); do
		# shellcheck disable=SC2086
		plain=$("$B/tests/hook/cost" $what)
		# shellcheck disable=SC2086
		observed=$("$B/bin/pano-run" -o "$work/obs" "$B/tests/hook/cost" $what)
		awk -v a="$plain" -v b="$observed" 'BEGIN { print b - a }'
	done | median | awk -v what="${what:-empty send}" '{
		printf "hook, %s: %+.0f ns a call (median of pairs)\n", what, $1 }'
done

for i in $(seq "$pairs"); do
	if [ $((i % 2)) = 0 ]; then
		plain=$(ask 17800) observed=$(ask 17801 "$B/bin/pano-run" -o "$work/obs")
	else
		observed=$(ask 17801 "$B/bin/pano-run" -o "$work/obs") plain=$(ask 17800)
	fi
	echo "$plain $observed"
done >"$work/redis"
awk '{ print $3 / $1 }' "$work/redis" | median | awk '{
	printf "redis-server: mean latency x %.3f (median of pairs)\n", $1 }'
awk '{ if (!a || $2 < a) a = $2; if (!b || $4 < b) b = $4 } END {
	printf "redis-server: CPU time x %.3f (%.3f s, least of all)\n", b / a, a }' \
	"$work/redis"
