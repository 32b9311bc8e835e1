load helper.bash

# faults SEED: 35 days of a fault with a day and a quiet Sunday, from Monday
# 2023-11-13; on day 33 at 12:00 it is on 40 nodes more.
faults() {
	mawk -v seed="$1" 'BEGIN { srand(seed); OFS = "\t"; print "ts", "node", "source", "signature"
		for (h = 0; h < 840; h++) {
			mean = (8 + 6 * sin(h % 24 * 0.2618)) * (int(h / 24) % 7 == 6 ? 0.3 : 1)
			n = 0; p = exp(-mean); s = p; u = rand()
			while (u > s && n < 60) { n++; p *= mean / n; s += p }
			if (h == 804) n += 40
			for (i = 0; i < n; i++) print 1699833600 + h * 3600 + int(rand() * 3600), "n" i, "os", "slow disk"
		} }'
}

@test "anomaly: the spike and nothing else, over day and week" {
	for seed in 2 3 4; do
		faults $seed >f
		gandalf-anomaly --known 60d f >out
		[ "$(cut -f 1,9 out | tail -n +2)" = "$((1699833600 + 804 * 3600))	anomaly" ]
	done
}

@test "anomaly: the forecast knows the hour and the quiet Sunday" {
	faults 4 >f
	gandalf-anomaly --all f >out
	# the last Sunday, 06:00: 14 nodes on weekdays, 4 on Sundays
	awk -F'\t' '$1 == 1699833600 + (6 + 4 * 168 / 24 ) * 86400 + 6 * 3600 { print int($6) }' out >got
	[ "$(cat got)" -lt 9 ]
}

@test "anomaly: a node counts once an hour; few nodes are none" {
	printf 'ts\tnode\tsource\tsignature\n' >f
	for h in $(seq 0 99); do printf '%d\tn1\ts\te\n' $((h * 3600)); done >>f
	for i in $(seq 50); do printf '%d\tn1\ts\te\n' $((99 * 3600 + i)); done >>f
	gandalf-anomaly --known 60d f >out
	[ "$(wc -l <out)" = 1 ]
	for i in $(seq 12); do printf '%d\tm%d\ts\te\n' $((99 * 3600 + i)) $i; done >>f
	gandalf-anomaly --known 60d f >out
	[ "$(cut -f 1,5,9 out | tail -n 1)" = "356400	13	anomaly" ]
	run -1 gandalf-anomaly --known 60d --exit-code f
	gandalf-anomaly --known 60d --min-nodes 14 f >out
	[ "$(wc -l <out)" = 1 ]
}

@test "anomaly: new is said, and is not a finding" {
	printf 'ts\tnode\tsource\tsignature\n0\ta\ts\told\n2700000\ta\ts\tfresh\n2800000\ta\ts\tfresh\n' >f
	gandalf-anomaly f >out
	[ "$(cut -f 3,9 out | tail -n +2)" = $'fresh\tnew' ]
	run -0 gandalf-anomaly --exit-code f
	gandalf-anomaly --known 40d f >out
	[ "$(wc -l <out)" = 1 ]
}

@test "anomaly: by scope; order; partials of nodes add up" {
	faults 5 | awk -F'\t' -v OFS='\t' 'NR == 1 { print $0, "cluster"; next } { print $0, "c" substr($2, 2) % 2 }' >f
	gandalf-anomaly --by cluster f >out
	[ "$(cut -f 4 out | tail -n +2 | sort -u | paste -sd,)" = c0,c1 ]
	shuffled f 2 | gandalf-anomaly --by cluster | cmp - out
	for k in 0 1 2; do
		awk -F'\t' -v k=$k 'NR == 1 || substr($2, 2) % 3 == k' f >f$k
		gandalf-anomaly --partial --by cluster f$k >p$k
	done
	gandalf-anomaly --merge p2 p0 p1 | cmp - out
	gandalf-anomaly --merge --partial p0 p1 p2 >p
	gandalf-anomaly --partial --by cluster f | cmp - p
	gandalf-anomaly --merge --partial p | cmp - p
}

@test "anomaly: trouble" {
	trouble "gandalf-anomaly: --by: the partials are by it already" gandalf-anomaly --merge --by x
	printf 'ts\tnode\tsource\tsignature\nx\ta\ts\te\n' >f
	run -2 --separate-stderr gandalf-anomaly f
	[[ $stderr == "gandalf-anomaly: f:2: ts: "*"'x'" ]]
	head -n 1 f >g
	[ "$(gandalf-anomaly g | wc -l)" = 1 ]
	run -2 --separate-stderr bash -c 'gandalf-anomaly g >/dev/full'
	[[ $stderr == "gandalf-anomaly: write <stdout>: "* ]]
}
