#!/bin/bash
# delay.sh SEED [HOSTS [COMPONENTS]]: one fleet of shape 1, seen every six hours
# from its fourth day on.  Hours from when a component's first process had
# leaked a tenth of its base to the view that first names the component.
set -euo pipefail
B=${BIN:?the directory of the tools}
T=${EVALBIN:?the directory of fleet}
hosts=${2-60} components=${3-24}
work=$(mktemp -d "${TMPDIR:-/tmp}/delay.XXXXXX")
trap 'rm -rf "$work"' EXIT
epoch=1700438400

"$T/fleet" "$1" 1 "$hosts" "$components" 14 "$work/truth" >"$work/all"
for ((hour = 78; hour <= 336; hour += 6)); do
	awk -v end=$((epoch + hour * 3600)) 'NR > 1 && $1 >= end { exit } 1' \
		"$work/all" >"$work/part"
	"$B/resin-procdetect" --all -t "$work/part" |
		awk -v hour="$hour" 'NR > 1 { print $1 "\t" hour }' | sort -u
done >"$work/named"
awk -v epoch="$epoch" '
	BEGIN { FS = "\t" }
	FNR == 1 { file++ }
	file == 1 && FNR > 1 && $12 > 0 {
		h = ($12 - epoch) / 3600
		if (!($1 in tenth) || h < tenth[$1]) tenth[$1] = h
	}
	file == 2 && ($1 in tenth) && $2 >= tenth[$1] && !($1 in first) {
		first[$1] = $2
	}
	END {
		for (c in tenth)
			if (tenth[c] >= 72)
				print (c in first) ? first[c] - tenth[c] : "never"
	}' "$work/truth" "$work/named" | sort -n
