#!/bin/bash
# lint.sh: manual pages, shell, width, C.  Prints only what is wrong.
set -u
cd "$(dirname "$0")/.." || exit 1
bad=0
# A page may refer to others of ours that are not installed.
mandoc -Tlint -Wwarning man/*.[157] || bad=1
# SC1091: bats' own libraries; SC2030 SC2031: bats runs tests in subshells.
git ls-files -co --exclude-standard '*.sh' '*.bash' '.ci/run' | xargs shellcheck || bad=1
git ls-files -co --exclude-standard '*.bats' |
	xargs shellcheck -s bats -e SC1091,SC2030,SC2031,SC2154,SC2016,SC2086,SC1010,SC2238 -S warning || bad=1
git ls-files -co --exclude-standard '*.c' '*.h' | while read -r f; do
	expand "$f" | awk -v f="$f" 'length > 80 {
		print f ":" NR ": over 80 columns"; bad = 1 }
		END { exit bad }' || exit 1
done || bad=1
mapfile -t sources < <(git ls-files -co --exclude-standard 'lib/*.c' 'cmd/*.c')
# The analyzer's core checks guess at what arrays of numbers hold, and are left
# to ASan and UBSan, which see it.
checks='-*,bugprone-*,clang-analyzer-unix.*,clang-analyzer-deadcode.*'
for not in easily-swappable-parameters reserved-identifier \
    narrowing-conversions branch-clone not-null-terminated-result \
    sizeof-expression misplaced-widening-cast macro-parentheses \
    implicit-widening-of-multiplication-result; do
	checks=$checks,-bugprone-$not
done
printf '%s\n' "${sources[@]}" | xargs -P "$(nproc)" -n 8 -I{} clang-tidy --quiet \
	--warnings-as-errors='*' --checks="$checks" {} -- -std=c11 -D_GNU_SOURCE \
	-Ilib 2>/dev/null || bad=1
exit $bad
