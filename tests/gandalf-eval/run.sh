#!/bin/bash
# run.sh FROM TO [SCENARIO...]: each scenario with the seeds FROM to TO; at the
# end of every bake the gate is asked, and the first no-go stops the rollout.
# Prints a table of outcomes, a row a rollout: scenario seed component version
# label judge stage hours (stage 9: never stopped).
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
bin=${BIN:-$top/build/bin}
simulate=${bin%/bin}/tests/gandalf-eval/simulate
from=$1 to=$2
shift 2
# shellcheck disable=SC2046 # a list of words
[ $# -gt 0 ] || set -- $("$simulate" list)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# gate: the rollouts that the evidence so far makes a no-go, one a line.
gate() {
	"$bin/gandalf-blame" --by-pivot -d "$dir/d" "$dir/f" |
		"$bin/gandalf-decide" -o "$dir/decisions"
	awk -F'\t' '$4 == "no-go" { print $1 "\t" $2 }' "$dir/decisions" | sort -u
}

outcomes() {
	local c v stage ts nd nf onset
	: >"$dir/stopped"
	tail -n +2 "$dir/gates.tsv" | sort -n -k4,4 |
	while IFS=$'\t' read -r c v stage ts nd nf onset; do
		if grep -qxF "$c	$v" <(cut -f 1,2 "$dir/stopped"); then continue; fi
		head -n $((nd + 1)) "$dir/deployments.tsv" >"$dir/d"
		head -n $((nf + 1)) "$dir/faults.tsv" >"$dir/f"
		if gate | grep -qxF "$c	$v"; then
			printf '%s\t%s\t%s\tgandalf\t%s\n' "$c" "$v" "$stage" \
			    "$(((ts - onset) / 3600))" >>"$dir/stopped"
		fi
	done
	tail -n +2 "$dir/baselines.tsv" | sed 's/$/\t/' >>"$dir/stopped"
	for judge in gandalf watchdog newest canary; do
		awk -F'\t' -v OFS='\t' -v judge=$judge -v scenario="$1" -v seed="$2" '
			NR == FNR { if ($4 == judge) { stage[$1, $2] = $3; hours[$1, $2] = $5 } next }
			FNR > 1 { s = ($1, $2) in stage ? stage[$1, $2] : 9
				print scenario, seed, $1, $2, $3, judge, s, hours[$1, $2] }
		' "$dir/stopped" "$dir/truth.tsv"
	done
}

printf 'scenario\tseed\tcomponent\tversion\tlabel\tjudge\tstage\thours\n'
for scenario; do
	for ((seed = from; seed <= to; seed++)); do
		"$simulate" "$scenario" "$seed" "$dir"
		outcomes "$scenario" "$seed"
	done
done
