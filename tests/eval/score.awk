# score.awk - suspects against the truth.
#
#	awk -f score.awk NAME TRUTH SUSPECTS [ALERTS]
#
# One line: name, components found/false/missed, instances found/false/missed,
# then the start errors in hours, as a file of their own beside (ERRORS).
#
# An instance has to be found if it leaked 30 % of its base over 24 h; it counts
# as false only if it did not leak at all.  A component has to be found if one
# of its instances leaked 10 % of its base.
BEGIN {
	FS = "\t"
	name = ARGV[1]; delete ARGV[1]
}
FNR == 1 {
	file++
	delete at
	for (i = 1; i <= NF; i++) at[$i] = i
	next
}
file == 1 {
	k = $at["component"] FS $at["node"] FS $at["pid"] FS $at["start"]
	share[k] = $at["share"]
	since[k] = $at["leak_start"]
	c = $at["component"]
	leaks[c] = 1
	if ($at["share"] >= 0.1) due_c[c] = 1
	if ($at["share"] >= 0.3 && $at["hours"] >= 24) due[k] = 1
	next
}
file == 2 {
	k = $at["component"] FS $at["node"] FS $at["pid"] FS $at["start"]
	c = $at["component"]
	named[c] = 1
	if (k in share) {
		hit[k] = 1
		found++
		if (at["leak_start"]) {
			e = ($at["leak_start"] - since[k]) / 3600
			print (e < 0 ? -e : e) >>ERRORS
		}
	} else
		wrong++
	if (VERBOSE && !(k in share)) print "FALSE", $0 >"/dev/stderr"
}
file == 3 { alerted[$at["component"]] = 1 }
END {
	for (k in due) if (!(k in hit)) {
		missed++
		if (VERBOSE) print "MISSED", k, share[k] >"/dev/stderr"
	} else got++
	for (c in named) if (c in leaks) cf++; else cw++
	for (c in due_c) if (!(c in named)) {
		cm++
		if (VERBOSE) print "MISSED COMPONENT", c >"/dev/stderr"
	}
	for (c in alerted) if (c in leaks) af++; else { aw++
		if (VERBOSE) print "FALSE ALERT", c >"/dev/stderr" }
	for (c in due_c) if (!(c in alerted)) { am++
		if (VERBOSE) print "NO ALERT", c >"/dev/stderr" }
	printf "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\n", name, cf, cw,
	    cm, found, wrong, got, missed, af, aw, am
}
