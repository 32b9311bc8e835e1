#!/bin/sh
# Makes small.tsv: 4 nodes for 20 minutes, a row every 10 seconds.  web 2.1
# leaks on three nodes from 400 s on, about 100 kB/s; web 2.0 on node-4 does
# not.  cache fills and stops; gc is a saw-tooth.
awk 'BEGIN {
	OFS = "\t"
	print "ts", "component", "node", "pid", "start", "version", "limit", "usage"
	s = 11
	for (t = 0; t < 1200; t += 10)
		for (n = 1; n <= 4; n++) {
			s = (s * 16807) % 2147483647
			e = s % 1000 - 500
			ts = 1700000000 + t
			name = "node-" n
			leak = n < 4 && t > 400 ? (t - 400) * 102400 : 0
			print ts, "web", name, 100 + n, 1699990000, \
			    n < 4 ? "2.1" : "2.0", 268435456, \
			    60000000 + n * 2000000 + e * 500 + int(leak)
			fill = t < 300 ? t / 300 : 1
			print ts, "cache", name, 200 + n, 1699990000, "7", \
			    536870912, 80000000 + int(90000000 * fill) + e * 300
			print ts, "gc", name, 300 + n, 1699990000, "1.8", \
			    536870912, 90000000 + (t + 37 * n) % 170 * 300000 + e * 200
		}
}' >small.tsv
