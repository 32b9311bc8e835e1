# Failure messages of a made-up fleet with the template each came from.
# mawk -f generate.awk >messages.tsv
function id(n,  s) { for (s = ""; n > 0; n--) s = s substr("0123456789abcdef", int(rand() * 16) + 1, 1); return s }
function ip() { return int(rand() * 224) "." int(rand() * 256) "." int(rand() * 256) "." int(rand() * 256) }
function name(  n, a) { n = split("ann bob carol dave erin frank grace heidi ivan", a, " "); return a[int(rand() * n) + 1] }
BEGIN {
	srand(8); OFS = "\t"; print "ts", "node", "source", "label", "message"
	for (i = 0; i < 240; i++) {
		k = int(rand() * 12)
		if (k == 0) m = "Agent " id(8) "-" id(4) "-" id(4) "-" id(4) "-" id(12) " failed to start container_" id(6) ": timeout after " int(rand() * 900) " ms"
		if (k == 1) m = "FaultType:RehydrationFailed FaultCode:80070002 at 2026-11-0" int(1 + rand() * 8) "T1" int(rand() * 9) ":00:00.123Z"
		if (k == 2) m = "FaultType:RehydrationFailed FaultCode:80070005 at 2026-11-0" int(1 + rand() * 8) "T1" int(rand() * 9) ":00:00.123Z"
		if (k == 3) m = "cannot open /var/lib/" name() "/" id(5) ".img: No such file or directory"
		if (k == 4) m = "login refused for " name() " from " ip() ":" int(rand() * 60000)
		if (k == 5) m = "OldState: Ready NewState: Booting"
		if (k == 6) m = "OldState: Ready NewState: Unhealthy"
		if (k == 7) m = "disk sd" substr("abcdefgh", int(rand() * 8) + 1, 1) id(2) "9 has " int(rand() * 99) " bad sectors, " int(rand() * 9) ", " int(rand() * 9)
		if (k == 8) m = "process exited with exit code 137 after " int(rand() * 50) "s"
		if (k == 9) m = "process exited with exit code 1 after " int(rand() * 50) "s"
		if (k == 10) m = "link eth" int(rand() * 8) " down, peer " ip()
		if (k == 11) m = "bugcheck 0x8007000" int(rand() * 2) " in driver init2()"
		if (k == 11) k = m ~ /0 in/ ? 11 : 12
		print 1700000000 + i, "n" int(rand() * 30), "agent", "T" k, m
	}
}
