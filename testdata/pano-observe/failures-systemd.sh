#!/bin/bash
# failures-systemd.sh FILE: what a systemd of its own, in a container, writes to
# its journal about units that fail in many ways.  As root; BIN as for tests.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=/dev/null
. "$here/tests/nspawn.bash"
dir=$(mktemp -d)
nspawn_rootfs
nspawn_boot "$dir"
trap 'nspawn_end "$dir"; rm -rf "$dir"' EXIT
unit() {	# unit NAME [LINE...]
	local name=$1
	shift
	printf '[Unit]\nDescription=Test\n[Service]\n%s\n' "$(printf '%s\n' "$@")" |
		inside tee "/etc/systemd/system/$name.service" >/dev/null
}
unit ok ExecStart='/bin/sleep 1000'
unit fail ExecStart='/bin/sh -c "exit 3"' Restart=on-failure RestartSec=100ms
unit segv ExecStart='/bin/sh -c "kill -SEGV $$$$"'
unit abrt ExecStart='/bin/sh -c "kill -ABRT $$$$"'
unit killed ExecStart='/bin/sleep 1000'
unit watchdog WatchdogSec=1 ExecStart='/bin/sleep 1000'
unit starttmo Type=notify TimeoutStartSec=1 ExecStart='/bin/sleep 1000'
unit stoptmo TimeoutStopSec=1 \
    ExecStart="/usr/bin/perl -e '\$\$SIG{TERM} = \"IGNORE\"; sleep 1 while 1'"
unit runtmo RuntimeMaxSec=1 ExecStart='/bin/sleep 1000'
unit noexec ExecStart=/nonexistent/prog
unit noexec2 Type=oneshot ExecStart=/bin/false
unit once Type=oneshot ExecStart=/bin/true
inside tee /etc/systemd/system/dep.service >/dev/null <<'E2'
[Unit]
Requires=noexec2.service
After=noexec2.service
[Service]
ExecStart=/bin/sleep 1
E2
inside tee /etc/systemd/system/x.mount >/dev/null <<'E2'
[Mount]
What=/dev/nosuch
Where=/x
Type=ext4
E2
unit talk Type=oneshot 'ExecStart=/bin/sh -c "echo connect to cache1:6379 failed: Connection refused"' \
    'ExecStart=/bin/sh -c "echo write /x: No space left on device"' \
    'ExecStart=/bin/sh -c "echo dial tcp 10.0.0.7:5432: connect: connection refused"' \
    'ExecStart=/bin/sh -c "echo hello"'
inside systemctl daemon-reload
for u in ok fail segv abrt killed watchdog starttmo stoptmo runtmo noexec dep once \
    talk; do
	inside timeout 8 systemctl start "$u.service" 2>/dev/null || :
done
inside timeout 5 systemctl start x.mount 2>/dev/null || :
inside systemctl kill -s KILL killed.service
inside timeout 5 systemctl restart ok.service
inside timeout 8 systemctl stop stoptmo.service
sleep 2
inside journalctl -o json --no-pager |
	jq -c 'select((.UNIT // "" | test("^(ok|fail|segv|abrt|killed|watchdog|starttmo|stoptmo|runtmo|noexec2?|dep|once|talk)[.]service|x.mount")) or .SYSLOG_IDENTIFIER == "sh") |
	    {__REALTIME_TIMESTAMP, _HOSTNAME: "db1", SYSLOG_IDENTIFIER, PRIORITY, UNIT, MESSAGE}' >"$1"
