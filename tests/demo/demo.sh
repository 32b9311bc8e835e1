#!/bin/bash
# demo.sh DIR [TABLES] - the main job on what record.sh left in DIR, on one
# screen.  What each tool wrote stays in TABLES if that is given.
set -euo pipefail
dir=$1 tables=${2-}
here=$(cd "$(dirname "$0")" && pwd)
rules=$here/../../testdata/demo/rules
window=10s		# of ten minutes; of weeks it would be the default, 1h
if [ -z "$tables" ]; then
	tables=$(mktemp -d)
	trap 'rm -rf "$tables"' EXIT
fi
mkdir -p "$tables"

# columns NAME... - those of a table on stdin, without the header.
columns() {
	awk -F '\t' -v OFS='\t' -v names="$*" '
		BEGIN { n = split(names, name, " ") }
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		{ for (i = 1; i <= n; i++)
			printf "%s%s", $at[name[i]], i < n ? OFS : "\n" }'
}
mib() { awk -v b="$1" 'BEGIN { printf "%.1f MiB", b / 1048576 }'; }
clock() { date -u -d "@${1%.*}" +%T; }

t=$dir/telemetry.tsv.gz
resin-bucket -w $window "$t" >"$tables/bucket"
resin-pivot "$tables/bucket" >"$tables/alert"
resin-procdetect -w $window -t "$t" "$tables/alert" >"$tables/suspect"
resin-pattern -w $window -t "$t" -n 0 "$tables/suspect" >"$tables/candidate"
resin-mitigate -r "$rules" "$tables/candidate" >"$tables/action"

zcat "$t" | awk -F '\t' 'NR == 2 { first = $1 } NR > 1 { n[$3]; c[$2]; last = $1 }
	END { printf "%d samples of %d components on %d nodes in %d minutes: what leaks?\n",
		NR - 1, length(c), length(n), (last - first) / 60 + 0.5 }'

while IFS=$'\t' read -r component bucket nodes mean start; do
	printf '\nWHAT    %s: from %s on %d nodes hold %s or more; before, %.1f\n' \
		"$component" "$(clock "$start")" "$nodes" "$(mib "$bucket")" "$mean"
done < <(columns component bucket nodes mean start <"$tables/alert")

printf '\nWHO     %-10s %5s  %-8s  %12s  %14s  %s\n' node pid since grew 'per minute' how
while IFS=$'\t' read -r node pid start growth slope pattern r2; do
	printf '        %-10s %5s  %s  %12s  %14s  %s, R2 %s\n' "$node" "$pid" \
		"$(clock "$start")" "$(mib "$growth")" "$(mib "$((slope / 60))")" "$pattern" "$r2"
done < <(columns node pid leak_start growth slope pattern r2 <"$tables/candidate")

# The best host that was dumped, against the queues of nodes that do not leak.
snap() {
	local dump ts
	for dump in "$dir/heap/$1".*; do
		ts=${dump##*/"$1".}
		resin-snap --start "${ts%.heap.gz}" "$dump"
	done | awk 'NR == 1 || !/^snapshot\t/'
}
leaking=$(columns node <"$tables/suspect")
best='' pattern=''
references=()
while IFS=$'\t' read -r node how; do
	[ -n "$best" ] || ! compgen -G "$dir/heap/$node.*" >/dev/null || best=$node pattern=$how
done < <(columns node pattern <"$tables/candidate")
for node in $(cd "$dir/heap" && printf '%s\n' * | cut -d . -f 1 | uniq); do
	snap "$node" >"$tables/snap.$node"
	grep -qxF "$node" <<<"$leaking" || references+=(-r "$tables/snap.$node")
done
diff=(resin-snapdiff -p "$pattern" "${references[@]}" "$tables/snap.$best")
"${diff[@]}" >"$tables/stack"

printf "\nWHERE   the heap of %s, beside those of %d nodes that do not leak\n" \
	"$best" $((${#references[@]} / 2))
"${diff[@]}" --report -n 1 | sed '/^$/d' | fold -s -w 85 |
	sed '/^[0-9 ]/!s/^/   /; s/^/        /; s/ *$//'

printf '\nACT'
while IFS=$'\t' read -r action target node pid reason; do
	printf '     %s %s on %s (pid %s): %s\n   ' "$action" "$target" "$node" "$pid" "$reason"
done < <(columns action target node pid reason <"$tables/action" | head -n 3)
more=$(($(wc -l <"$tables/action") - 4))	# than the three, and the header
[ $more -le 0 ] || printf '     and %d more; resin-act(1) does them two at a time' $more
echo

resin-report --alerts "$tables/alert" -a "$tables/action" -s "$tables/stack" -t "$t" \
	--html "$tables/candidate" >"$tables/report.html"
[ -z "${2-}" ] || printf '\nTICKET  %s/report.html\n' "$tables"
