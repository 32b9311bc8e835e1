#!/bin/bash
# run.sh [TEST [TUNE]]: the detectors on made-up fleets; a table on stdout.
#
# Tuning fleets are shape 0, seeds from 1; test fleets are shape 1, seeds from
# 101, which were never looked at to choose a threshold.  Each is 300 hosts, 60 components, 14 days.
# REAL names a directory of TSV files of real series in which nothing leaks;
# without it that part is left out.  KEEP names one for the counts.  JOBS fleets
# run at once.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
test=${1-20} tune=${2-5}
B=${BIN:?the directory of the tools}
T=${EVALBIN:?the directory of fleet and baselines}
work=$(mktemp -d "${TMPDIR:-/tmp}/eval.XXXXXX")
trap 'rm -rf "$work"' EXIT

score() {	# NAME TRUTH SUSPECTS ERRORS [ALERTS]
	awk -v ERRORS="$4" -f "$here/score.awk" "$1" "$2" "$3" ${5+"$5"}
}

# One fleet: a line of counts for each method, and the errors of the onset.
fleet() {	# SET SHAPE SEED
	local d=$work/$1-$3
	mkdir "$d"
	"$T/fleet" "$3" "$2" "${HOSTS-300}" 60 14 "$d/truth" >"$d/telemetry"
	"$B/resin-bucket" "$d/telemetry" | "$B/resin-pivot" >"$d/alert"
	"$B/resin-procdetect" -t "$d/telemetry" "$d/alert" >"$d/pipe.tsv"
	mkdir "$d/others"
	"$T/baselines" "$d/telemetry" "$d/others"
	{
		score resin "$d/truth" "$d/pipe.tsv" "$d/onset" "$d/alert"
		for m in "$d"/others/*.tsv; do
			score "$(basename "$m" .tsv)" "$d/truth" "$m" /dev/null
		done
	} | sed "s/^/$1\t$3\t/" >"$d/score"
	touch "$d/onset"
	sed "s/^/$1\t/" "$d/onset" >"$d/onset.set"
	if [ -n "${KEEP-}" ]; then cp "$d/score" "$KEEP/$1-$3"; cp "$d/onset.set" "$KEEP/$1-$3.onset"; fi
	rm -rf "$d/telemetry" "$d/others"
}

run() {		# SET SHAPE FIRST N
	local n=0
	for ((i = 0; i < $4; i++)); do
		fleet "$1" "$2" $(($3 + i)) &
		if ((++n >= ${JOBS-1})); then wait -n; n=$((n - 1)); fi
	done
	wait
}

run tune 0 1 "$tune"
run test 1 101 "$test"
cat "$work"/*/score >"$work/scores"
cat "$work"/*/onset.set >"$work/onsets"
awk -f "$here/table.awk" "$work/scores" "$work/onsets"
if [ -n "${REAL-}" ]; then
	printf '\nReal series in which nothing leaks: suspects of series\n\n'
	for f in "$REAL"/*.tsv; do
		series=$(tail -n +2 "$f" | cut -f 2,3 | sort -u | wc -l)
		found=$("$B/resin-procdetect" --all -t "$f" | tail -n +2 | wc -l)
		printf '    %s\t%d of %d\n' "$(basename "$f" .tsv)" "$found" "$series"
	done
fi
