#!/bin/bash
# run.sh: the detectors on fleets and on real series; Markdown on stdout.
#
#	TEST	fleets of HOSTS hosts never used for tuning (20, of 100)
#	LARGE	such fleets of 300 hosts (3)
#	TUNE	fleets of HOSTS hosts used for tuning (0)
#	FIRST	the first seed of the TEST fleets (403); LARGE take 501 on
#	DATA	where the real series are (README.md); without it they are left out
#	INJECT	times that leaks are put into them (20), seeds from 601
#	JOBS	how many at once (1)
#	OTHERS	0: without the other detectors
#	DELAY	0: without the replay, which is the longest part
#	KEEP	a directory for the counts behind the tables
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/eval/detect.bash
. "$here/detect.bash"
T=${EVALBIN:?the directory of fleet, inject and baselines}
work=$(mktemp -d "${TMPDIR:-/tmp}/eval.XXXXXX")
trap 'rm -rf "$work"' EXIT
counts=${KEEP:-$work/counts}
mkdir -p "$counts" "$work/real"
components=60 days=14

# in_turn CMD...: in the background, JOBS of them at once.
running=0
in_turn() {
	"$@" &
	if ((++running >= ${JOBS-1})); then
		wait -n
		running=$((running - 1))
	fi
}

# timed FILE CMD...: its processor time goes to FILE.
timed() {
	local TIMEFORMAT='%U %S' out=$1
	{ time "${@:2}" 2>&3; } 3>&2 2>"$out"
}

# score METHOD DIR [ALERTS]: ours, which has alerts, with all that can be said.
score() {
	if [ $# = 3 ]; then
		set -- "$@" -v ERRORS="$2/onset" -v KINDS="$2/kind"
	fi
	awk "${@:4}" -f "$here/score.awk" "$1" "$2/truth" \
		"$2/others/$1.tsv" ${3+"$3"}
}

# judge SET SEED DIR: DIR/telemetry against DIR/truth, by every method; the
# counts, the errors of the onset and the delays, a line each.
judge() {
	local d=$3 o=$3/others m
	mkdir "$o"
	timed "$d/time" detect "$d/telemetry" "$d/alert" "$o/resin.tsv"
	detect_all "$d/telemetry" - "$o/resin-all.tsv"
	: >"$d/due"
	if [ "${DELAY-1}" != 0 ]; then
		"$here/delay.sh" "$d/telemetry" "$d/truth" "$d/due" \
			>"$o/resin.delay"
	fi
	if [ "${OTHERS-1}" != 0 ]; then
		"$T/baselines" "$d/telemetry" "$o" "$d/due"
	fi
	for m in "$o"/*.tsv; do
		m=$(basename "$m" .tsv)
		if [ "$m" = resin ]; then
			score "$m" "$d" "$d/alert"
		else
			score "$m" "$d"
		fi | sed 's/^/score\t/'
		if [ -e "$o/$m.delay" ]; then
			sed "s/^/delay\t$m\t/" "$o/$m.delay"
		fi
	done >"$d/lines"
	for m in onset kind; do
		if [ -e "$d/$m" ]; then
			sed "s/^/$m\tresin\t/" "$d/$m" >>"$d/lines"
		fi
	done
	awk -v rows="$(wc -l <"$d/telemetry")" '
		{ printf "time\tresin\t%.2f\t%d\n", $1 + $2, rows }' "$d/time" \
		>>"$d/lines"
	sed "s/^/$1\t$2\t/" "$d/lines" >"$counts/$1-$2"
	rm -rf "$d"
}

generated() {	# SET SHAPE SEED HOSTS
	local d=$work/$1-$3
	mkdir "$d"
	"$T/fleet" "$3" "$2" "$4" "$components" "$days" "$d/truth" \
		>"$d/telemetry"
	judge "$1" "$3" "$d"
}

injected() {	# SET SEED CHANCE NAME
	local d=$work/$1-$2.$4
	mkdir "$d"
	"$T/inject" "$2" "$3" "$d/truth" "$work/real/$4.tsv" >"$d/rows"
	{ head -n 1 "$d/rows"; tail -n +2 "$d/rows" |
		sort -t $'\t' -s -k 5,5n; } >"$d/telemetry"
	judge "$1" "$2.$4" "$d"
}

fleets() {	# SET SHAPE FIRST N HOSTS
	local i
	for ((i = 0; i < $4; i++)); do
		in_turn generated "$1" "$2" $(($3 + i)) "$5"
	done
}

# Leaks in what leaks nothing by itself, as far as anyone knows.
injections() {
	local seed name
	for ((seed = 601; seed < 601 + ${INJECT-20}; seed++)); do
		for name in borg-flat borg-periodic; do
			in_turn injected borg $seed 0.5 $name
		done
		in_turn injected redeployed $seed 0.5 borg-redeployed
		for name in "$work"/real/pods-*.tsv; do
			in_turn injected pods $seed 0.25 "$(basename "$name" .tsv)"
		done
	done
}

# as_it_is NAME EXPECTED
as_it_is() {
	local f=$work/real/$1.tsv
	detect_all "$f" - "$work/suspect"
	awk -v name="$1" -v expected="$2" '
		FNR == 1 {
			file++
			for (i = 1; i <= NF; i++) at[$i] = i
			next
		}
		file == 1 { series[$at["component"], $at["node"]] = 1 }
		file == 2 { named[$at["component"], $at["node"]] = 1 }
		file == 2 { since = $at["leak_start"] }
		END {
			for (k in series) n++
			for (k in named) found++
			if (name == "controller" && found)
				start = sprintf("%+.1f h", (since - 1485944150) / 3600)
			printf "| %s | %d | %s | %d | %s |\n", name, n, expected,
			    found, start
		}' FS='\t' "$f" "$work/suspect"
}

real() {
	echo
	echo '## Real series as they are'
	echo
	echo '| series | how many | leaks expected | suspected | start |'
	echo '| --- | ---: | --- | ---: | --- |'
	local f name
	for f in "$work"/real/*.tsv; do
		name=$(basename "$f" .tsv)
		case $name in
		borg-growing) as_it_is "$name" all ;;
		borg-redeployed) as_it_is "$name" unknown ;;
		controller) as_it_is "$name" "from 1485944150" ;;
		*) as_it_is "$name" none ;;
		esac
	done | tee "$work/as-they-are"
	awk -F '|' '$4 ~ /none/ { n += $3; k += $5 }
		END { if (n) printf "\nWhere none is expected: %d of %d suspected, %.1f %%.\n", k, n, 100 * k / n }' \
		"$work/as-they-are"
}

fleets tune 0 1 "${TUNE-0}" "${HOSTS-100}"
fleets test 1 "${FIRST-403}" "${TEST-20}" "${HOSTS-100}"
fleets large 1 501 "${LARGE-3}" 300
if [ -n "${DATA-}" ]; then
	"$here/real.sh" "$DATA" "$work/real"
	injections
fi
while ((running > 0)); do
	wait -n
	running=$((running - 1))
done
cat "$counts"/* | awk -v hosts="${HOSTS-100}" -f "$here/table.awk"
if [ -n "${DATA-}" ]; then
	real
else
	echo
	echo 'Real series were left out: no DATA was given.'
fi
