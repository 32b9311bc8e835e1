#!/bin/bash
# run.sh [FILE...]: the suite, one job a core, and "N passed, N failed".
# Fails on a failed test and on a suite that ran none.
set -u
cd "$(dirname "$0")/.." || exit 1
[ $# -gt 0 ] || set -- tests
jobs=()
command -v parallel >/dev/null &&
	jobs=(--jobs "$(nproc)" --no-parallelize-within-files)
bats --tap --print-output-on-failure "${jobs[@]}" "$@" | awk '
	/^ok .*# skip/ { s++; print; next }
	/^ok / { p++; next }
	/^not ok / { f++ }
	!/^1\.\./ { print }
	END {
		printf "%d passed, %d failed", p, f
		printf s ? ", " s " skipped\n" : "\n"
		exit f > 0 || p == 0
	}'
