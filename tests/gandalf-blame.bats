load helper.bash

data=$TESTDATA/gandalf-blame

# column NAME FILE: the values of a column by its name.
column() {
	awk -F'\t' -v name="$1" 'NR == 1 {
		for (i = 1; i <= NF; i++) if ($i == name) c = i; next }
		{ print $c }' "$2"
}

# fleet SEED: small, dense, full of ties: deployments.tsv and faults.tsv.
fleet() {
	mawk -v seed="$1" 'BEGIN {
		srand(seed); OFS = "\t"
		print "ts", "component", "version", "node", "cluster", "pivot" > "deployments.tsv"
		for (i = 0; i < 120; i++)
			print 1000000 + 1800 * int(rand() * 400), "c" int(rand() * 4),
			    "v" int(rand() * 3), "n" (k = int(rand() * 25)), "k" k % 5,
			    "p" k % 2 > "deployments.tsv"
		print "ts", "node", "source", "signature", "customer" > "faults.tsv"
		for (i = 0; i < 600; i++)
			print 800000 + 1800 * int(rand() * 700), "n" int(rand() * 40),
			    "s" int(rand() * 2), "e" int(rand() * 5), "u" int(rand() * 9) > "faults.tsv"
	}'
}

# oracle: what the votes are by SQL; component version source signature
# votes_1h votes_24h votes_72h votes_next veto hit seen.
oracle() {
	sqlite3 :memory: <<-'SQL'
	.mode tabs
	.import deployments.tsv d
	.import faults.tsv f
	create table dd as select distinct cast(ts as integer) ts, component c, version v, node n from d;
	create table s0 as select *, lag(v) over w lv from dd
	    window w as (partition by n, c order by ts, v);
	create table s as select *, lead(ts) over (partition by n, c order by ts, v) te
	    from s0 where lv is null or lv <> v;
	create table g as select distinct cast(ts as integer) ts, node n, source, signature from f;
	create table r as select c, v, min(ts) t1, max(ts) + 259200 t2 from dd group by c, v;
	create table vote as select distinct s.c, s.v, g.n, g.source, g.signature,
	    g.ts - s.ts age, g.ts from s join g on g.n = s.n and g.ts >= s.ts
	    and (s.te is null or g.ts < s.te);
	create table veto as select distinct s.c, s.v, g.n, g.source, g.signature
	    from s join g on g.n = s.n and g.ts < s.ts and g.ts >= s.ts - 259200;
	select k.c, k.v, k.source, k.signature,
	  (select count(distinct n) from vote x where (x.c,x.v,x.source,x.signature)=(k.c,k.v,k.source,k.signature) and age <= 3600),
	  (select count(distinct n) from vote x where (x.c,x.v,x.source,x.signature)=(k.c,k.v,k.source,k.signature) and age <= 86400),
	  (select count(distinct n) from vote x where (x.c,x.v,x.source,x.signature)=(k.c,k.v,k.source,k.signature) and age <= 259200),
	  (select count(distinct n) from vote x where (x.c,x.v,x.source,x.signature)=(k.c,k.v,k.source,k.signature)),
	  (select count(*) from veto x where (x.c,x.v,x.source,x.signature)=(k.c,k.v,k.source,k.signature)),
	  (select count(distinct n) from vote x where (x.c,x.v,x.source,x.signature)=(k.c,k.v,k.source,k.signature) and x.ts <= r.t2),
	  (select count(distinct n) from g where g.source=k.source and g.signature=k.signature and g.ts between r.t1 and r.t2)
	from (select distinct c, v, source, signature from vote) k
	join r on (r.c, r.v) = (k.c, k.v) order by 1, 2, 3, 4;
	SQL
}

@test "blame: votes, vetoes, N_f and N_df are those of SQL on dense random fleets" {
	for seed in 1 2 3 4; do
		fleet $seed
		oracle >want
		gandalf-blame -d deployments.tsv faults.tsv >out
		paste <(column component out) <(column version out) <(column source out) \
		    <(column signature out) <(column votes_1h out) <(column votes_24h out) \
		    <(column votes_72h out) <(column votes_next out) <(column veto out) \
		    <(column hit out) <(column seen out) | awk -F'\t' '$4 != ""' |
			sort -t"$(printf '\t')" -k1,1 -k2,2 -k3,3 -k4,4 >got
		[ -s want ]
		diff -u want got
	done
}

@test "blame: scores are the published formulas of the counts (awk)" {
	fleet 5
	gandalf-blame -d deployments.tsv --spatial 0 --weights 1,0.5,2,3 \
	    -a 0.25 -b 2 -W 9 --decay-unit 12h --now 3000000 faults.tsv >out
	awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
		$c["signature"] == "" { next }
		function abs(x) { return x < 0 ? -x : x }
		{
			B = $c["veto"]; w[1] = 1; w[2] = 0.5; w[3] = 2; w[4] = 3; s = 0
			p[1] = $c["votes_1h"]; p[2] = $c["votes_24h"]
			p[3] = $c["votes_72h"]; p[4] = $c["votes_next"]
			for (i = 1; i <= 4; i++)
				if (p[i] > B) s += w[i] * log((p[i] - B + 1) / (B + 1))
			t = 1 + (3000000 - $c["end"]) / 43200; if (t > 9) t = 9
			d = (exp(-t) - exp(-9)) / (exp(-1) - exp(-9)) * 2 + 0.25
			if (abs(s - $c["temporal"]) > 1e-9) bad = bad " temporal:" NR
			if (abs(d - $c["decay"]) > 1e-9) bad = bad " decay:" NR
			if (abs(s * d - $c["score"]) > 1e-9) bad = bad " score:" NR
			if (abs($c["hit"] / $c["seen"] - $c["spatial"]) > 1e-9) bad = bad " spatial:" NR
			n++
		}
		END { print (n > 10 ? "ok" bad : "too few") }' out >verdict
	[ "$(cat verdict)" = ok ]
}

@test "blame: the plain temporal score, the dashboard's 45, 2 and 6 nodes" {
	# 3 ln 46 and 3 ln 3 when all fail within ten minutes, ln 7 within the hour.
	for case in 45:60:11.486 2:60:3.296 6:1900:1.946; do
		IFS=: read -r nodes age want <<<"$case"
		awk -v n="$nodes" 'BEGIN { OFS = "\t"; print "ts", "component", "version", "node"
			for (i = 0; i < n; i++) print 100000, "c", "1", "n" i }' >d
		awk -v n="$nodes" -v a="$age" 'BEGIN { OFS = "\t"; print "ts", "node", "source", "signature"
			for (i = 0; i < n; i++) print 100000 + a, "n" i, "s", "e" }' >f
		gandalf-blame --layer speed -a 1 -b 0 -d d f >out
		[ "$(printf %.3f "$(column temporal out)")" = "$want" ]
		[ "$(column score out)" = "$(column temporal out)" ]
	done
}

@test "blame: segments count each window by itself" {
	printf 'ts\tcomponent\tversion\tnode\n0\tc\t1\ta\n0\tc\t1\tb\n' >d
	printf 'ts\tnode\tsource\tsignature\n10\ta\ts\te\n7200\ta\ts\te\n7300\tb\ts\te\n' >f
	gandalf-blame -d d --segments f >out
	[ "$(column votes_1h out)" = 1 ]
	[ "$(column votes_24h out)" = 2 ]
	[ "$(column votes_72h out)" = 0 ]
	[ "$(column votes out)" = 2 ]
	gandalf-blame -d d f >out
	[ "$(column votes_72h out)" = 2 ]
}

@test "blame: log base and windows" {
	printf 'ts\tcomponent\tversion\tnode\n0\tc\t1\ta\n' >d
	printf 'ts\tnode\tsource\tsignature\n60\ta\ts\te\n' >f
	gandalf-blame -d d --log-base 2 --windows 1m,5m f >out
	[ "$(column temporal out)" = 2 ]
	gandalf-blame -d d --log-base 2 --windows 59s,5m f >out
	[ "$(column temporal out)" = 1 ]
}

@test "blame: order of rows and split of files do not matter" {
	fleet 6
	gandalf-blame --by-pivot -d deployments.tsv faults.tsv >a
	shuffled faults.tsv 7 >f; shuffled deployments.tsv 8 >d
	gandalf-blame --by-pivot -d d f >b
	cmp a b
	gandalf-blame --by-pivot -d d <f >b
	cmp a b
	{ head -n 1 f; sed -n '2,200p' f; } >f1; { head -n 1 f; sed -n '201,$p' f; } >f2
	gandalf-blame --by-pivot -d d f2 f1 >b
	cmp a b
}

@test "blame: partials of nodes merge to the same bytes, in any order and depth" {
	fleet 9
	for k in 0 1 2; do
		awk -F'\t' -v k=$k 'NR == 1 || substr($2, 2) % 3 == k' faults.tsv >f$k
		gandalf-blame --partial -d deployments.tsv f$k >p$k
	done
	gandalf-blame -d deployments.tsv faults.tsv >want
	gandalf-blame --merge p2 p0 p1 >got
	cmp want got
	gandalf-blame --merge --partial p0 p1 >p01
	gandalf-blame --merge --partial p1 p0 | cmp - p01
	gandalf-blame --merge p01 p2 | cmp - want
	gandalf-blame --merge --partial p01 | cmp - p01
	gandalf-blame --partial -d deployments.tsv faults.tsv >p
	gandalf-blame --merge --partial p0 p1 p2 | cmp - p
}

@test "blame: partials of other deployments, other rules and no record are refused" {
	fleet 9
	gandalf-blame --partial -d deployments.tsv faults.tsv >p
	sed '$d' deployments.tsv >d
	gandalf-blame --partial -d d faults.tsv >q
	run -2 --separate-stderr gandalf-blame --merge p q
	assert_output ""
	[[ $stderr == "gandalf-blame: q:"*": component: partials of different deployments: "* ]]
	run -2 --separate-stderr gandalf-blame --merge --veto 24h p
	[[ $stderr == "gandalf-blame: p:2: member: partials under different rules: "* ]]
	run -2 --separate-stderr gandalf-blame --merge --windows 1h p
	[[ $stderr == "gandalf-blame: p:2: member: partials under different rules: "* ]]
	sed 's/^rollout/rubbish/' p >q
	run -2 --separate-stderr gandalf-blame --merge q
	[[ $stderr == *": record: no such record: 'rubbish'" ]]
}

@test "blame: speed and batch count the same votes where they overlap" {
	fleet 11
	now=1500000
	gandalf-blame --layer speed --since 100d --veto 72h --windows 1h --now $now \
	    -d deployments.tsv faults.tsv >speed
	gandalf-blame --now $now -d deployments.tsv faults.tsv >batch
	for f in speed batch; do
		paste <(column component $f) <(column version $f) <(column source $f) \
		    <(column signature $f) <(column votes_1h $f) <(column veto $f) |
			awk -F'\t' '$5 > 0' | sort >$f.votes
	done
	# a pair without a vote within the hour is not in the speed layer
	[ -s speed.votes ]
	cmp speed.votes batch.votes
}

@test "blame: the speed layer fed minute by minute says what it says of the whole" {
	mawk 'BEGIN { srand(3); OFS = "\t"
		print "ts", "component", "version", "node" > "d"
		for (i = 0; i < 40; i++) print 100000 + i * 60, "c" i % 2, "v1", "n" i > "d"
		print "ts", "node", "source", "signature" > "f"
		for (i = 0; i < 2000; i++)
			print 93600 + int(rand() * 9000), "n" int(rand() * 60), "s", "e" int(rand() * 4) > "f" }'
	for ((t = 93600; t < 102600; t += 300)); do
		awk -F'\t' -v t=$t 'NR == 1 || ($1 >= t && $1 < t + 300)' f >minute
		gandalf-blame --layer speed --state s --now $((t + 300)) -d d minute >got
	done
	gandalf-blame --layer speed --now $((t)) -d d f >want
	# feed_start is what was read; all else agrees, and a replay changes nothing
	cut -f 1-28 got >got.28; cut -f 1-28 want >want.28
	diff -u want.28 got.28
	cp s before
	gandalf-blame --layer speed --state s --now $((t)) -d d minute >again
	cmp got again; cmp s before
}

# minute K: a deployment of node K and what the K-th run is given of faults.
minute() {
	printf 'ts\tnode\tsource\tsignature\n'
	for i in 1 2 3; do printf '%d\tn%d\ts\te%d\n' $((100000 + $1)) "$1" $i; done
}

@test "blame: a state that another run has is left to it: 75, and nothing lost" {
	printf 'ts\tcomponent\tversion\tnode\n100000\tc\t1\tn1\n' >d
	minute 1 | gandalf-blame --layer speed --state s -d d >first
	cp s before
	exec 9>s.lock
	flock 9
	minute 2 >m
	run -75 --separate-stderr gandalf-blame --layer speed --state s -d d m
	assert_output ""
	assert_equal "$stderr" "gandalf-blame: s: another run is at work on it"
	cmp s before
	exec 9>&-
	gandalf-blame --layer speed --state s -d d m >second
	[ "$(wc -l <s)" = 7 ]
}

@test "blame: runs at once, each tried until it is done, lose no row" {
	printf 'ts\tcomponent\tversion\tnode\n100000\tc\t1\tn1\n' >d
	for k in $(seq 12); do
		( minute "$k" >"m$k"
		  until gandalf-blame --layer speed --state s -d d "m$k" >"o$k" 2>/dev/null; do
			[ $? = 75 ] || exit 1
		  done ) 3>&- &
	done
	wait
	[ "$(wc -l <s)" = 37 ]
}

@test "blame: a state that cannot be kept is trouble" {
	printf 'ts\tcomponent\tversion\tnode\n100000\tc\t1\tn1\n' >d
	minute 1 >m
	trouble "gandalf-blame: no/such/s: No such file or directory" \
	    gandalf-blame --layer speed --state no/such/s -d d m
	printf 'ts\tnode\tsignature\nx\ta\te\n' >s
	run -2 --separate-stderr gandalf-blame --layer speed --state s -d d m
	[[ $stderr == "gandalf-blame: s:2: ts: "*"'x'" ]]
}

@test "blame: without nodes, values are counted and services joined" {
	printf 'ts\tcomponent\tversion\n3600\tapi\t2\n' >d
	printf 'ts\tcomponent\tsource\tsignature\tvalue\n0\tapi\tgw\t500\t2.5\n3700\tapi\tgw\t500\t40\n3800\tapi\tgw\t500\t10.5\n3800\tdb\tgw\t500\t99\n' >f
	gandalf-blame --value --spatial 0 -a 1 -b 0 -d d f >out
	[ "$(column votes out)" = 50.5 ]
	[ "$(column veto out)" = 2.5 ]
	awk -v s="$(column score out)" 'BEGIN { w = 4 * log((50.5 - 2.5 + 1) / 3.5)
		exit !(s - w < 1e-12 && w - s < 1e-12) }'
}

@test "blame: a hot node counts once; a tie and a runner-up are said" {
	printf 'ts\tcomponent\tversion\tnode\n0\ta\t1\tx\n0\tb\t1\tx\n90000\tc\t1\tx\n' >d
	{ printf 'ts\tnode\tsource\tsignature\n'
	  for i in 1 2 3 4 5; do printf '%s\tx\ts\te\n' $((100000 + i)); done; } >f
	gandalf-blame -d d f >out
	[ "$(column votes out | sort -u)" = 1 ]
	[ "$(column component out | paste -sd,)" = c,a,b ]
	[ "$(column rank out | paste -sd,)" = 1,2,2 ]
	[ "$(column reason out | paste -sd,)" = blamed,runner-up,runner-up ]
	sed '/^90000/d' d >d2
	gandalf-blame -d d2 f >out
	[ "$(column reason out | paste -sd,)" = tie,tie ]
}

@test "blame: weights of signatures; 0 is never blamed" {
	printf 'ts\tcomponent\tversion\tnode\n0\ta\t1\tx\n' >d
	printf 'ts\tnode\tsource\tsignature\tweight\n5\tx\ts\te\t0\n5\tx\ts\tf\t10\n' >f
	gandalf-blame -a 1 -b 0 -d d f >out
	[ "$(column reason out | paste -sd,)" = "weight 0,blamed" ]
	awk -v s="$(column score out | tail -n 1)" 'BEGIN { w = 40 * log(2); exit !(s - w < 1e-9 && w - s < 1e-9) }'
}

@test "blame: faults elsewhere make it not this rollout; skew moves the line" {
	printf 'ts\tcomponent\tversion\tnode\n1000\ta\t1\tx\n' >d
	printf 'ts\tnode\tsource\tsignature\n1060\tx\ts\te\n1060\ty\ts\te\n1060\tz\ts\te\n' >f
	gandalf-blame -d d f >out
	[ "$(column reason out)" = "spatial 0.3333333333333333 < 0.5" ]
	printf 'ts\tnode\tsource\tsignature\n970\tx\ts\te\n' >f
	gandalf-blame -d d f >out
	[ "$(column reason out)" = quiet ]
	gandalf-blame --skew 1m -d d f >out
	[ "$(column reason out)" = blamed ]
}

# spread KIND: a rollout over 40 nodes in 40 hours; faults two hours after each
# deployment, or all in one hour after the last.
spread() {
	mawk -v kind="$1" 'BEGIN { OFS = "\t"
		print "ts", "component", "version", "node" > "d"
		print "ts", "node", "source", "signature" > "f"
		for (i = 0; i < 40; i++) {
			print 3600 * i, "c", "1", "n" i > "d"
			print (kind == "rollout" ? 3600 * (i + 2) + 60 * (i % 7) : 3600 * 40 + 60 * i), \
			    "n" (kind == "rollout" ? i : i * 17 % 40), "s", "e" > "f"
		} }'
}

@test "blame: what hits all nodes at once is not the rollout they all have" {
	spread rollout
	gandalf-blame -d d f >out
	[ "$(column reason out)" = blamed ]
	# seven residues of minutes: the slope is 1 but for them (awk)
	awk -v got="$(column follow out)" 'BEGIN {
		for (i = 0; i < 40; i++) { x = 60 * i; y = 60 * (i + 2) + i % 7
			sx += x; sy += y; sxx += x * x; sxy += x * y }
		want = (sxy - sx * sy / 40) / (sxx - sx * sx / 40)
		exit !(got - want < 1e-9 && want - got < 1e-9) }'
	spread outage
	gandalf-blame -d d f >out
	[[ $(column reason out) == "follow "*" < 0.5" ]]
	gandalf-blame --follow 0 -d d f >out
	[ "$(column reason out)" = blamed ]
}

@test "blame: chance is two binomial tails (awk)" {
	# 10 of 10 nodes within the hour, none before, none elsewhere: (1/73)^10
	# four times, all of the fleet; and with 30 other nodes that fail otherwise.
	awk 'BEGIN { OFS = "\t"; print "ts", "component", "version", "node" > "d"
		print "ts", "node", "source", "signature" > "f"
		for (i = 0; i < 10; i++) { print 0, "c", "1", "n" i > "d"; print 60, "n" i, "s", "e" > "f" } }'
	gandalf-blame -d d f >out
	awk -v p="$(column chance out)" 'BEGIN { w = 4 * exp(-10 * log(73)); exit !(p / w > 0.999999 && p / w < 1.000001) }'
	for i in $(seq 30); do printf '60\tm%s\ts\tother\n' $i; done >>f
	gandalf-blame -d d f >out
	awk -v p="$(column chance out | head -n 1)" 'BEGIN { w = 4 * exp(-10 * log(73)) * exp(10 * log(0.25))
		w *= 1 - log(w); exit !(p / w > 0.999999 && p / w < 1.000001) }'
}

@test "blame: hostile names come out as they went in" {
	long=$(head -c 65536 /dev/zero | tr '\0' x)
	printf 'ts\tcomponent\tversion\tnode\n0\t; rm -rf /\t$(id)\t--help\n' >d
	printf 'ts\tnode\tsource\tsignature\n1\t--help\t\xff\xfe\t%s\n' "$long" >f
	gandalf-blame -d d f >out
	[ "$(column component out)" = '; rm -rf /' ]
	[ "$(column signature out)" = "$long" ]
}

@test "blame: golden" {
	ok_golden "$data/blame.want" gandalf-blame -d "$data/deployments.tsv" \
	    "$data/faults.tsv"
}

@test "blame: trouble is said in one line" {
	trouble "gandalf-blame: --deployments is required" gandalf-blame "$data/faults.tsv"
	trouble "gandalf-blame: --windows '1h,1h': windows must be positive and ascending" \
	    gandalf-blame --windows 1h,1h -d x
	trouble "gandalf-blame: --weights '1,2': 2 for 4 windows" gandalf-blame --weights 1,2 -d x
	trouble "gandalf-blame: --layer 'fast': not speed or batch" gandalf-blame --layer fast -d x
	trouble "gandalf-blame: --state: only with --layer speed" gandalf-blame --state s -d x
	trouble "gandalf-blame: --merge: deployments are in the partials already" \
	    gandalf-blame --merge -d x
	trouble "gandalf-blame: --spatial '2': not between 0 and 1" gandalf-blame --spatial 2 -d x
	printf 'ts\tnode\tsource\tsignature\nx\ta\ts\te\n' >f
	run -2 --separate-stderr gandalf-blame -d "$data/deployments.tsv" f
	[[ $stderr == "gandalf-blame: f:2: ts: "*"'x'" ]]
}

@test "blame: header alone is fine, --exit-code finds, a full disk is trouble" {
	head -n 1 "$data/faults.tsv" >f
	gandalf-blame -d "$data/deployments.tsv" f >out
	[ "$(column reason out | sort -u)" = quiet ]
	run -1 gandalf-blame --exit-code -d "$data/deployments.tsv" "$data/faults.tsv"
	run -0 gandalf-blame --exit-code -d "$data/deployments.tsv" f
	run -2 --separate-stderr bash -c 'gandalf-blame -d "$1/deployments.tsv" "$1/faults.tsv" >/dev/full' - "$data"
	[[ $stderr == "gandalf-blame: write <stdout>: "* ]]
}

@test "blame: burst: how far apart first votes are, as a share of their age" {
	printf 'ts\tcomponent\tversion\tnode\n' >d
	printf 'ts\tnode\tsignature\n' >f
	mawk 'BEGIN { srand(9); OFS = "\t"; for (i = 0; i < 30; i++) {
		x = 1700000040 + 60 * int(rand() * 90); y = x + 60 * int(rand() * 900)
		print x, "c", "1", "n" i >>"d"; print y, "n" i, "s" >>"f"
		print y + 600, "n" i, "s" >>"f"
		n++; s += y; ss += (y - 1.7e9) ^ 2; t += y - 1.7e9; a += y - x } 
		printf "%.9f\n", sqrt((ss - t * t / n) / (n - 1)) / (a / n) >"want" }'
	gandalf-blame --spatial 0 --follow 0 -d d f >out
	awk -v a="$(column burst out)" -v b="$(cat want)" 'BEGIN { exit !((a - b) ^ 2 < 1e-12) }'
	# two are no sample
	head -n 3 f >two
	gandalf-blame -d d two | cut -f 20 | sort -u >out
	[ "$(tr '\n' ' ' <out)" = " burst " ]
}

@test "blame: --veto 0 hears no veto, and a temporal score without" {
	printf 'ts\tcomponent\tversion\tnode\n1700000000\tc\t1\tn\n' >d
	printf 'ts\tnode\tsignature\n1699999999\tn\ts\n1700000000\tn\ts\n' >f
	gandalf-blame -d d f >out
	[ "$(column veto out) $(column temporal out)" = "1 0" ]
	gandalf-blame --veto 0 -d d f >out
	[ "$(column veto out)" = 0 ]
	# a vote in each of four windows: 4 log 2
	awk -v x="$(column temporal out)" 'BEGIN { d = x - 4 * log(2); exit !(d * d < 1e-24) }'
}

# incident SEED: 5 services in a chain, all changed at minute 10, the SEEDth of
# them bad: its new pod fails one call in five, and so do all before it.
incident() {
	mawk -v seed="$1" 'BEGIN {
		srand(seed); OFS = "\t"; bad = seed % 5
		print "ts", "component", "version" > "d"
		for (i = 0; i < 5; i++) print 1200060 + 600, "s" i, "v2" > "d"
		print "ts", "caller", "callee", "pod", "version", "success" > "c"
		for (m = 0; m < 20; m++) for (i = 4; i >= 0; i--) for (new = 0; new < 2; new++) {
			if (rand() < 0.05) continue
			p = 0.003 + (m >= 10 && i == bad && new ? 0.2 : 0) + (m >= 10 && i < bad ? 0.1 : 0)
			f = 0; for (k = 0; k < 100; k++) f += rand() < p
			print 1200060 + 60 * m, i ? "s" i - 1 : "user", "s" i, "s" i "-" new, \
			    new ? "v2" : "v1", 1 - f / 100 > "c"
		}
	}'
}

@test "blame --calls: the deepest bad change first, by new pods against old" {
	for seed in 11 12 13 14 15 16 17 18 19 20; do
		incident $seed
		gandalf-blame --calls -d d c >out
		[ "$(column component out | head -n 1)" = "s$((seed % 5))" ]
		[ "$(column rank out | head -n 1)" = 1 ]
		[ "$(column reason out | head -n 1)" = blamed ]
		[ "$(wc -l <out)" = 6 ]
	done
}

@test "blame --calls: without old pods the own past decides, less what calls explain" {
	incident 13
	awk -F'\t' 'NR == 1 || ($1 < 1200660) == ($5 == "v1")' c >only
	gandalf-blame --calls -d d only >out
	[ "$(column component out | head -n 1)" = s3 ]
	awk -F'\t' '{ exit !($13 > 0.05) }' <(sed -n '3p' out) # its caller fails too
}

@test "blame --calls: order of rows, empty minutes and old and new as names" {
	incident 12
	gandalf-blame --calls -d d c >a
	shuffled c 3 >c2; shuffled d 4 >d2
	gandalf-blame --calls -d d2 c2 | cmp - a
	awk -F'\t' -v OFS='\t' '1; NR > 1 { $6 = ""; print }' c >c3
	gandalf-blame --calls -d d c3 | cmp - a
	sed 's/v1/old/; s/v2/new/' c >c4; sed 's/v2/new/' d >d4
	{ cat d4; printf '1200660\ts3\told\n'; } >d5
	gandalf-blame --calls -d d5 c4 | sed 's/new\t/v2\t/' >b
	diff <(cut -f 1-10 b) <(cut -f 1-10 a)
}

# calls PROGRAM: 20 minutes of calls around a change of a and b at minute 10; the
# awk PROGRAM sees m, and for each row from, to, pod, version and may change p,
# the failures, slow, or set drop.
calls() {
	printf 'ts\tcomponent\tversion\n1200660\ta\tv2\n1200660\tb\tv2\n' >d
	mawk "BEGIN { srand(5); OFS = \"\t\"
		print \"ts\", \"caller\", \"callee\", \"pod\", \"version\", \"success\", \"latency\" > \"c\"
		split(\"user a user b a db b db user db\", end, \" \")
		for (m = 0; m < 20; m++) for (e = 1; e <= 9; e += 2) for (k = 0; k < 4; k++) {
			from = end[e]; to = end[e + 1]; pod = to \"-\" k; new = to != \"db\" && k > 1
			version = to == \"db\" ? \"\" : new ? \"v2\" : \"v1\"
			p = 0.002 * int(rand() * 4); slow = 1 + rand() / 10; drop = 0; after = m >= 10
			$1
			if (!drop) print 1200060 + 60 * m, from, to, pod, version, 1 - p, slow > \"c\"
		} }"
}

@test "blame --calls: a fault shows in what the change's pods call" {
	calls 'if (after && from == "b" && to == "db") p += 0.3
		if (after && to == "b" && new) p += 0.002'
	gandalf-blame --calls -d d c >out
	[ "$(column component out | head -n 1)" = b ]
	[ "$(column outgoing out | head -n 1 | cut -c 1-3)" = 0.3 ]
	# db fails for everybody: that is nobody's outgoing calls
	calls 'if (after && to == "db") p += 0.3'
	gandalf-blame --calls -d d c >out
	awk '$1 > 0.05 { exit 1 }' <(column outgoing out)
}

@test "blame --calls: the rows of the caller's own pods are told by their names" {
	calls 'if (from == "b" && to == "db") { pod = "b-" k; version = k > 1 ? "v2" : "v1"
		if (after && k > 1) p += 0.2 }'
	gandalf-blame --calls -d d c >out
	[ "$(column component out | head -n 1)" = b ]
	awk -v e="$(column control out | head -n 1)" 'BEGIN { exit !(e > 0.19 && e < 0.21) }'
}

@test "blame --calls: one caller's calls, pods that fall silent or become slow" {
	calls 'if (after && new && to == "a" && k == 2) drop = 1'
	gandalf-blame --calls -d d c >out
	[ "$(column component out | head -n 1)" = a ]
	[ "$(column silent out | head -n 1)" = 0.5 ]
	calls 'if (after && new && to == "b") slow *= 3'
	gandalf-blame --calls -d d c >out
	[ "$(column component out | head -n 1)" = b ]
	# log 3, but for a tenth of noise
	awk -v l="$(column latency out | head -n 1)" 'BEGIN { exit !(l > 1.05 && l < 1.15) }'
}

@test "blame --calls: bad already, no past, no version, nan" {
	# b always failed; a fails since the change
	calls 'if (to == "b" && new) p += 0.4; if (after && to == "a" && new) p += 0.05'
	gandalf-blame --calls -d d c >out
	[ "$(column component out | head -n 1)" = a ]
	# new pods that began with the change
	calls 'if (!after && new) drop = 1; if (after && to == "b" && new) p += 0.05'
	gandalf-blame --calls -d d c >out
	[ "$(column component out | head -n 1)" = b ]
	[ "$(column new_before out | sort -u)" = "" ]
	awk -F'\t' -v OFS='\t' '1; NR > 1 { $6 = "NaN"; $7 = "nan"; print }' c >c2
	gandalf-blame --calls -d d c2 | cmp - out
	# no call after the change at all
	calls 'if (after) drop = 1'
	gandalf-blame --calls -d d c >out
	[ "$(column reason out | sort -u)" = "no calls after the change" ]
}

@test "blame --calls: a restart's minute is less than what lasts" {
	# all pods new, and a fails as b does, which it calls
	calls 'if (after != (to == "db" ? after : new)) drop = 1
		if (after && to != "db") p += m == 10 ? 0.9 : 0.06'
	gandalf-blame --calls -d d c >out
	[ "$(sed -n 2p out | cut -f 1)" = b ]
	# one minute of a later change is no surer than that
	calls 'if (after && new && to == "b") p += 0.06; if (m == 19 && new && to == "a") p += 0.9'
	sed -i '/a/s/1200660/1201200/' d
	gandalf-blame --calls -d d c >out
	[ "$(sed -n 2p out | cut -f 1)" = b ]
}

@test "blame --calls: nothing wrong blames nobody" {
	printf 'ts\tcomponent\tversion\n600\ta\tn\n600\tb\tn\n' >d
	{ printf 'ts\tcaller\tcallee\tpod\tversion\tsuccess\n'
	  for m in 0 1 2 3 4 5 20 21 22 23; do for v in o n; do
		printf '%d\tu\ta\ta%s\t%s\t1\n%d\tu\tb\tb%s\t%s\t0.99\n' $((60 * m)) $v $v $((60 * m)) $v $v
	  done; done; } >c
	gandalf-blame --calls -d d c >out
	[ "$(column reason out | sort -u)" = "no worse than before" ]
	run -0 gandalf-blame --calls --exit-code -d d c
	printf 'ts\tcaller\tcallee\tpod\tversion\tsuccess\n0\tu\ta\tp\tn\t1.5\n' >c
	trouble "gandalf-blame: c:2: success: not between 0 and 1: '1.5'" gandalf-blame --calls -d d c
	trouble "gandalf-blame: --calls: not with --merge, --partial, --value or --layer speed" \
	    gandalf-blame --calls --value -d d c
}

@test "blame: a leak that came with a release names the release; so do verdicts" {
	gandalf-blame --map ts=leak_start,signature=component -d "$data/deployments.tsv" "$data/suspects.tsv" >out
	[ "$(cut -f 1-3 out | sed -n 2p)" = "nic	7.0	nicd" ]
	[ "$(column reason out | head -n 1)" = blamed ]
	gandalf-blame --where status=unhealthy --map node=subject,signature=context \
	    -d "$data/deployments.tsv" "$data/verdicts.tsv" >out
	[ "$(cut -f 1-3 out | sed -n 2p)" = "nic	7.0	send" ]
	[ "$(column votes out | head -n 1)" = 3 ]
	sed '1s/component/what/' "$data/deployments.tsv" >d
	gandalf-blame --where status=unhealthy,pending --map node=subject,signature=context \
	    --map-deployments component=what -d d "$data/verdicts.tsv" | cmp - out
	trouble "gandalf-blame: --where 'x': not COLUMN=VALUE,..." gandalf-blame --where x -d d
}

# The pipelines of resin(7), with what the tools before really write.

@test "blame: resin-procdetect names the processes, this the release they came with" {
	mawk 'BEGIN { srand(2); OFS = "\t"; t0 = 1700000000
		print "ts", "component", "node", "pid", "start", "usage" > "T"
		print "ts", "component", "version", "node" > "d"
		for (n = 0; n < 16; n++)
			print t0 + (n < 8 ? 172800 : 86400) + 600 * n, n < 8 ? "svc" : "agent", "2", "n" n > "d"
		for (h = 0; h < 144; h++) for (n = 0; n < 24; n++) {
			new = n < 8 && h >= 49
			print t0 + 3600 * h, "svc", "n" n, 100 + n + 100 * new, \
			    new ? t0 + 172800 + 600 * n : 1699990000, \
			    int(2e8 + 2e6 * n + (new ? 4e6 * (h - 49) : 0) + rand() * 1e6) > "T"
		} }'
	resin-bucket T | resin-pivot >alerts
	resin-procdetect -t T alerts |
		gandalf-blame --skew 1h --map ts=leak_start,signature=component -d d >out
	[ "$(cut -f 1-3 out | sed -n 2p)" = "svc	2	svc" ]
	[ "$(column votes out | head -n 1)" = 8 ]
	[ "$(column reason out | paste -sd,)" = blamed,quiet ]
	gandalf-decide out | cut -f 1,4 | diff - <(printf 'component\tdecision\nagent\tgood\nsvc\tno-go\n')
}

@test "blame: pano-judge says who is unhealthy, this what was deployed there" {
	mawk 'BEGIN { OFS = "\t"; print "ts", "component", "version", "node" > "d"
		for (n = 0; n < 12; n++) print 1700000000 + 60 * n, n < 6 ? "nic" : "disk", "7", "n" n > "d"
		print "ts", "observer", "subject", "context", "status" > "obs"
		for (m = 0; m < 60; m++) for (n = 0; n < 12; n++) for (o = 0; o < 3; o++)
			print 1699999000 + 120 * m + o, "o" o, "n" n, "send", \
			    (n < 6 && 120 * m > 1600 + 60 * n ? "unhealthy" : "healthy") > "obs" }'
	{ head -n 1 obs; sed 1d obs | sort -n; } >sorted
	pano-judge sorted |
		gandalf-blame --where status=unhealthy --map node=subject,signature=context -d d >out
	[ "$(cut -f 1-3 out | sed -n 2p)" = "nic	7	send" ]
	[ "$(column votes out | head -n 1)" = 6 ]
	[ "$(column reason out | paste -sd,)" = blamed,quiet ]
}

@test "blame: from logged failures to a gate" {
	mawk 'BEGIN { OFS = "\t"; print "ts", "component", "version", "node", "pivot" > "d"
		print "ts", "node", "source", "message" > "f"
		for (n = 0; n < 50; n++) {
			print 1700000000 + 60 * n, "agent", "3", "n" n, "canary" > "d"
			if (n % 5 == 0) print 1700000600 + 60 * n, "n" n, "os", \
			    "write of " 100 + n " bytes to 10.0.0." n " failed: code 5" > "f"
		}
		print 1700040000, "m1", "os", "fan slow" > "f" }'
	gandalf-sign f | gandalf-blame --by-pivot -d d >blame
	run -12 gandalf-decide --state s --exit-code blame
	[ "$(cut -f 1-4 s | tail -n 1)" = "agent	3	canary	no-go" ]
}
