#!/bin/bash
# record.sh DIR [SECONDS [trace]] - record the demo's input on this machine: a
# fleet of small nodes under load (node.sh, load.py), two thirds of which get a
# release that leaks.  With "trace", what leaks is looked for while they run, and
# the dumps are those that resin-trace then takes.  Leaves in DIR
#	telemetry.tsv.gz	what resin-collect saw on every node
#	heap/NODE.TIME.heap.gz	dumps by jemalloc's profiler of the queue, with
#				symbols in front
#	did.tsv			what was done, and when
#	truth.tsv		which processes leak, since when, and where
# Needs root for the name spaces, and what DEPS_LIVE in Makefile lists.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$1
seconds=${2:-600} trace=${3-} nodes=12
export INTERVAL=2s
export TRACE=$((seconds / 50))s

[ "$(id -u)" -eq 0 ] || { echo "record.sh: run as root" >&2; exit 2; }
mkdir -p "$out/heap"
out=$(cd "$out" && pwd)
work=$(mktemp -d)
started=()
trap 'kill "${started[@]}" 2>/dev/null || :; wait; rm -rf "$work"' EXIT

# Every third node keeps the old release; five queues are dumped on the way.
late=0.7
[ -z "$trace" ] || late=0.55
at() { awk -v d="$seconds" -v share="$1" 'BEGIN { printf "%.0f", d * share }'; }
for ((i = 1; i <= nodes; i++)); do
	name=$(printf 'node%02d' "$i")
	release=$(at $late) dumps=
	[ $((i % 3)) -ne 0 ] && release=$((release + i)) || release=
	[ -n "$trace" ] || case $i in 2 | 3 | 5 | 8 | 9)
		dumps="$(at 0.55) $(at 0.65) $(at 0.78) $(at 0.84) $(at 0.9) $(at 0.96)" ;;
	esac
	printf '%s\t%s\t%s\t%s\n' "$name" "$work/$name" "$release" "$dumps" >>"$work/plan"
	restart=0
	case $i in 4 | 6) restart=$(at 0.3) ;; esac
	CLUSTER=$([ $((i % 2)) -eq 0 ] && echo east || echo west) RESTART=$restart \
		unshare --pid --fork --kill-child --uts --mount-proc \
		"$here/node.sh" "$name" "$work" &
	started+=($!)
done
telemetry() {	# what all nodes have written so far, in whole lines
	head -n 1 "$work/node01/telemetry.tsv"
	tail -q -n +2 "$work"/node*/telemetry.tsv | awk -F '\t' '$7 ~ /^(eas|wes)t$/' |
		sort -s -n -k 1,1
}

# What leaks now, the best three of each component, and two that do not leak.
candidates() {
	local t=$work/telemetry
	telemetry >"$t"
	resin-bucket -w 10s "$t" | resin-pivot >"$out/alert"
	resin-procdetect -w 10s -t "$t" "$out/alert" >"$out/suspect"
	resin-pattern -w 10s -t "$t" "$out/suspect" >"$out/candidate"
	awk -F '\t' -v OFS='\t' '
		FNR == 1 { file++
			if (file == 1) print "component", "cluster", "node", "pid", "start"
			next }
		file == 1 { leaks[$1]; leaks[$1, $3] }
		file == 2 { print $1, $2, $3, $4, $5 }
		file == 3 && $2 in leaks && !(($2, $3) in leaks) && !seen[$2, $3]++ &&
			n[$2]++ < 2 { print $2, $7, $3, $5, $6 }' \
		"$out/suspect" "$out/candidate" "$t" >"$work/candidate.new"
	mv "$work/candidate.new" "$work/candidate"
	[ "$(wc -l <"$work/candidate")" -gt 1 ] ||
		{ echo "record.sh: nothing was detected" >&2; exit 1; }
}

/usr/bin/python3 "$here/load.py" "$work/plan" "$seconds" >"$work/did" &
load=$!
if [ -n "$trace" ]; then
	sleep "$(at 0.85)"
	candidates
fi
wait $load
# Nothing was stopped for it: each queue is still the process that it was.
telemetry | awk -F '\t' -v nodes="$nodes" '
	$2 == "redis-server" && !seen[$3, $5, $6]++ { n++ } END { exit n != nodes }' ||
	{ echo "record.sh: a queue was restarted" >&2; exit 1; }
touch "$work/stop"
wait "${started[@]}"

telemetry | gzip -9n >"$out/telemetry.tsv.gz"
for dump in "$work"/node*/queue.*.heap "$work"/node*/trace/*/*.dump; do
	[ -e "$dump" ] || continue
	node=${dump#"$work/"}
	mv "$dump" "$out/heap/${node%%/*}.$(date -r "$dump" +%s).heap"
done
/usr/bin/python3 "$here/symbolize.py" "$out"/heap/*.heap
gzip -9nf "$out"/heap/*.heap
cp "$work/did" "$out/did.tsv"
{
	printf 'component\tcluster\tnode\tpid\tstart\tleak_start\tfunction\n'
	while IFS=$'\t' read -r action node ts; do
		[ "$action" = release ] || continue
		awk -F '\t' -v OFS='\t' -v pid="$(cat "$work/$node/queue.pid")" -v ts="$ts" \
			'$5 == pid && $2 == "redis-server" {
				print $2, $7, $3, $5, $6, ts, "streamAppendItem"; exit }' \
			"$work/$node/telemetry.tsv"
	done <"$work/did" | sort
} >"$out/truth.tsv"
