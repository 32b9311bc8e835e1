#!/bin/bash
# delay.sh TELEMETRY TRUTH DUE [detect_all]: what is known hour by hour.
#
# Writes to DUE the components of which a process had leaked a tenth of its
# base, and when; those whose record before it is shorter than 3/14 of it, or
# after it than 2/14, are left out.  Prints each with the hours from then until
# the detector, given what had arrived, first names it; or never.
#
# It is asked after 0, 12, 24, ... hours, and between the last two answers at
# the middle, down to the hour.  Components do not depend on one another.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/eval/detect.bash
. "$here/detect.bash"
telemetry=$1 truth=$2 due=$3 by=${4-detect}
work=$(mktemp -d "${TMPDIR:-/tmp}/delay.XXXXXX")
trap 'rm -rf "$work"' EXIT

: >"$due"
# Each component by itself; the columns of the header are found by name.
awk -v dir="$work" -v due="$due" '
	BEGIN { FS = "\t" }
	FNR == 1 {
		file++
		delete at
		for (i = 1; i <= NF; i++) at[$i] = i
		header = $0
		next
	}
	file == 1 {
		c = $at["component"]
		t = $at["tenth"]
		if (t > 0 && (!(c in tenth) || t < tenth[c])) tenth[c] = t
		next
	}
	{
		ts = $at["ts"]
		if (!first || ts < first) first = ts
		if (ts > last) last = ts
	}
	$at["component"] in tenth {
		c = $at["component"]
		if (!(c in part)) {
			part[c] = dir "/" n++
			print header >part[c]
		}
		print >part[c]
	}
	END {
		for (c in tenth)
			if (tenth[c] - first >= (last - first) * 3 / 14 &&
			    last - tenth[c] >= (last - first) * 2 / 14) {
				print c "\t" tenth[c] | ("sort >" due)
				print part[c] "\t" int((last - tenth[c]) / 3600) "\t" c "\t" tenth[c]
			}
	}' "$truth" "$telemetry" | sort -k 3,3 >"$work/list"

# named PART TIME: whether it is named from what had arrived at that time.
named() {
	awk -F '\t' -v end="$2" '
		NR == 1 { for (i = 1; i <= NF; i++) if ($i == "ts") ts = i }
		NR > 1 && $ts > end { exit }
		1' "$1" >"$work/view"
	"$by" "$work/view" "$work/alert" "$work/suspect"
	[ "$(wc -l <"$work/suspect")" -gt 1 ]
}

while IFS=$'\t' read -r part most component tenth; do
	high=0
	until named "$part" $((tenth + high * 3600)); do
		((high < most)) || { high=never; break; }
		high=$((high + 12 < most ? high + 12 : most))
	done
	if [ "$high" != never ]; then
		low=$((high > 12 ? high - 12 : 0))
		while ((high - low > 1)); do
			middle=$(((low + high) / 2))
			if named "$part" $((tenth + middle * 3600)); then
				high=$middle
			else
				low=$middle
			fi
		done
	fi
	printf '%s\t%s\n' "$component" "$high"
done <"$work/list"
