#!/bin/bash
# fuzz.sh SECONDS BIN...: each target for so long, from the seeds that lie in
# testdata/fuzz/TARGET.  A crash is kept there as a seed and fails the run.
set -u
cd "$(dirname "$0")/.." || exit 1
seconds=$1
shift
bad=0
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
for bin in "$@"; do
	name=$(basename "$bin")
	seeds=testdata/fuzz/$name
	mkdir -p "$work/$name" "$seeds"
	"$bin" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
		-artifact_prefix="$seeds/" -print_final_stats=0 \
		"$work/$name" "$seeds" >"$work/log" 2>&1 || {
		tail -n 40 "$work/log"
		bad=1
	}
	printf '%s: %s\n' "$name" "$(grep -E '^(Done|#)' "$work/log" | tail -n 1)"
	rmdir "$seeds" 2>/dev/null
done
exit $bad
