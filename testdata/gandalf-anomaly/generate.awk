# Two days of a fault on one or two nodes an hour, then on twelve.
# mawk -f generate.awk >faults.tsv
BEGIN {
	OFS = "\t"; print "ts", "node", "source", "signature"
	for (h = 0; h < 48; h++)
		for (i = 0; i < 1 + h % 2; i++) print 1700006400 + h * 3600 + 60 * i, "n" (h + i) % 9, "os", "slow disk"
	for (i = 0; i < 12; i++) print 1700006400 + 48 * 3600 + i, "n" i, "os", "slow disk"
}
