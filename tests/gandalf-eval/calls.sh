#!/bin/bash
# calls.sh FROM TO: incidents of the seeds FROM to TO (calls.c); a row each:
# seed kind changes place first second, where place is that of the change to
# blame in what gandalf-blame --calls says, and the last two whether the service
# that fails most and the newest change would have been right.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
bin=${BIN:-$top/build/bin}
incident=${bin%/bin}/tests/gandalf-eval/calls
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

printf 'seed\tkind\tchanges\tplace\tworst\tnewest\n'
for ((seed = $1; seed <= $2; seed++)); do
	"$incident" "$seed" "$dir"
	"$bin/gandalf-blame" --calls -d "$dir/changes.tsv" "$dir/calls.tsv" \
	    -o "$dir/blame.tsv"
	awk -F'\t' -v OFS='\t' -v seed="$seed" '
		NR == FNR { bad = $1; kind = $2; n = $3; worst = $4; newest = $5; next }
		FNR > 1 && $1 == bad { place = FNR - 1 }
		END { print seed, kind, n, place, (worst == bad), (newest == bad) }
	' "$dir/truth.tsv" "$dir/blame.tsv"
done
