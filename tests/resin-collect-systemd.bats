load helper.bash
load nspawn.bash

# resin-collect --by cgroup beside what a real systemd, in a container, says.

@test "collect: the main process of each running unit goes by the unit's name" {
	for name in web.service 'db@1.service' 'odd\x2dname.service'; do
		inside systemd-run -q --unit="$name" perl -e '$$x = "x" x 30e6; sleep 1000'
	done
	for _ in $(seq 600); do	# until it has its memory
		inside resin-collect --by cgroup --no-slab >rows
		awk -F '\t' '$2 == "web.service" { u = $4 } END { exit u < 30e6 }' rows && break
		sleep 0.1
	done
	inside systemctl list-units --type=service --state=running --plain --no-legend |
		awk '{ print $1 }' >units
	while read -r unit; do
		printf '%s\t%s\n' "$(inside systemctl show -p MainPID --value -- "$unit")" "$unit"
	done <units | sort >want
		awk -F '\t' '{ print $5 "\t" $2 }' rows | sort | join -t $'\t' want - |
		awk -F '\t' '$2 != $3 { print; bad = 1 } { n++ } END { exit bad || n < 5 }'
	for name in web.service 'db@1.service' 'odd\x2dname.service'; do
		grep -qxF "$name" units || fail "$name does not run"
	done
	awk -F '\t' '$2 == "web.service" { u = $4 } END { exit u < 30e6 }' rows
}
