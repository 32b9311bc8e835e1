#!/bin/sh
# deps.sh PACKAGE...: installs those of the Debian packages that are missing.
# Without root or without a network it says the command to run and fails.
set -u
missing=
for p in "$@"; do
	dpkg-query -W -f '${db:Status-Status}\n' "$p" 2>/dev/null |
		grep -qx installed || missing="$missing $p"
done
[ -z "$missing" ] && exit 0
advice="apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" != 0 ]; then
	echo "packages are missing; run: sudo $advice" >&2
	exit 1
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp) && trap 'rm -f "$log"' EXIT
echo "installing$missing" >&2
apt-get update -qq >"$log" 2>&1
# shellcheck disable=SC2086 # a list of words
apt-get install -qq -y --no-install-recommends $missing >>"$log" 2>&1 || {
	tail -n 5 "$log" >&2
	echo "packages are missing; run: $advice" >&2
	exit 1
}
