# score.awk - suspects against the truth.
#
#	awk -v ERRORS=FILE -v KINDS=FILE -f score.awk NAME TRUTH SUSPECTS [ALERTS]
#
# An instance has to be found if it leaked 30 % of its base over 24 h; it counts
# as false only if it did not leak at all.  A component has to be found if one
# of its instances leaked 10 % of its base, and is false if none leaked.
#
# One line: name; components named that leak, named that do not, that had to be
# found and were, that were not; the same for instances; the same for the
# components of ALERTS.  The errors of the onset, in hours, are added to ERRORS,
# and to KINDS, if they are given, instances found and missed by the kind of leak,
# and components of which one leaked 30 %.
# With VERBOSE what is false or missed is told on standard error.
function key() {
	return $at["component"] FS $at["node"] FS value("pid") FS value("start")
}
function value(column) { return column in at ? $at[column] : "" }
function tell(what, who) { if (VERBOSE) print what, who >"/dev/stderr" }
function components(named, why, c) {	# to n[1..4]
	split("0 0 0 0", n, " ")
	for (c in named)
		if (c in leaks)
			n[1]++
		else {
			n[2]++
			tell("FALSE" why, c)
		}
	for (c in due_component)
		if (c in named)
			n[3]++
		else {
			n[4]++
			tell("MISSED" why, c)
		}
	return n[1] "\t" n[2] "\t" n[3] "\t" n[4]
}
BEGIN {
	FS = "\t"
	name = ARGV[1]
	delete ARGV[1]
}
FNR == 1 {
	file++
	delete at
	for (i = 1; i <= NF; i++)
		at[$i] = i
	next
}
file == 1 {
	k = key()
	since[k] = $at["leak_start"]
	leaks[$at["component"]] = 1
	if ($at["share"] >= 0.1)
		due_component[$at["component"]] = 1
	if ($at["share"] >= 0.3)
		strong[$at["component"]] = 1
	if ($at["share"] >= 0.3 && $at["hours"] >= 24)
		due[k] = value("kind")
}
file == 2 {
	k = key()
	named[$at["component"]] = 1
	if (k in hit)
		next
	hit[k] = 1
	if (!(k in since)) {
		wrong++
		tell("FALSE", k)
		next
	}
	found++
	if (ERRORS && "leak_start" in at) {
		e = ($at["leak_start"] - since[k]) / 3600
		print (e < 0 ? -e : e) >>ERRORS
	}
}
file == 3 { alerted[$at["component"]] = 1 }
END {
	for (k in due)
		if (k in hit) {
			got++
			kind[due[k]]++
		} else {
			missed++
			kind_missed[due[k]]++
			kind[due[k]] += 0
			tell("MISSED", k)
		}
	for (k in strong) {
		kind["component"] += k in named
		kind_missed["component"] += !(k in named)
	}
	for (k in kind)
		if (KINDS)
			printf "%s\t%d\t%d\n", k, kind[k], kind_missed[k] >KINDS
	printf "%s\t%s\t", name, components(named, " COMPONENT")
	printf "%d\t%d\t%d\t%d\t", found, wrong, got, missed
	print components(alerted, " ALERT")
}
