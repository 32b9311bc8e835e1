load helper.bash

data=$TESTDATA/gandalf-decide

column() {
	awk -F'\t' -v name="$1" 'NR == 1 {
		for (i = 1; i <= NF; i++) if ($i == name) c = i; next }
		{ print $c }' "$2"
}

# blame ROW...: a table as gandalf-blame writes it; a row is
# component,version,signature,votes,veto,rank,reason,source,deployed
blame() {
	printf 'component\tversion\tsignature\tscore\tvotes\tveto\tspatial\tdecay\trank\treason\tsource\tdeployed\tclusters\tstart\tsince\tfeed_start\tfeed_end\n'
	for row; do
		IFS=, read -r c v s votes veto rank reason source deployed <<<"$row"
		printf '%s\t%s\t%s\t%s\t%s\t%s\t1\t1\t%s\t%s\t%s\t%s\t2\t100000\t90000\t0\t200000\n' \
		    "$c" "$v" "$s" "$votes" "$votes" "$veto" "$rank" "$reason" "$source" "$deployed"
	done
}

@test "decide: golden" {
	ok_golden "$data/decide.want" gandalf-decide "$data/blame.tsv"
}

@test "decide: rate over the line is a no-go, between the lines to investigate" {
	for case in 10,no-go 4,no-go 3,investigate; do
		IFS=, read -r votes want <<<"$case"
		blame "c,1,e,$votes,0,1,blamed,s,400" >in
		gandalf-decide in >out
		[ "$(column decision out)" = "$want" ]
	done
	blame "c,1,e,3,0,1,blamed,s,4000" >in
	gandalf-decide in >out
	[ "$(column decision out)" = good ]
	[ "$(column reason out)" = "rate 0.075 < 1" ]
	[ "$(column value out)" = 0.075 ]
	[ "$(column threshold out)" = 1 ]
}

@test "decide: too little evidence decides nothing" {
	blame "c,1,e,2,0,1,blamed,s,4" >in
	gandalf-decide in >out
	[ "$(column decision out)" = investigate ]
	[ "$(column reason out)" = "nodes 2 < 3" ]
	gandalf-decide --min-nodes 2 in >out
	[ "$(column decision out)" = no-go ]
	blame "c,1,e,10,8,1,blamed,s,40" >in
	gandalf-decide in >out
	[ "$(column decision out)" = investigate ]
	[[ $(column reason out) == "sigma 0.47"*" < 2" ]]
}

@test "decide: runners-up and dropped suspects are not decided upon" {
	blame "c,1,e,9,0,2,runner-up,s,10" "d,1,e,9,0,,spatial 0.1 < 0.5,s,10" >in
	gandalf-decide in >out
	[ "$(column decision out | sort -u)" = good ]
}

@test "decide: nodes that fail all at once, long after, are put off" {
	printf 'component\tversion\tsignature\tscore\tvotes\tveto\tspatial\trank\treason\tsource\tdeployed\tburst\n' >b
	printf 'c\t%s\ts\t9\t30\t0\t1\t1\tblamed\tos\t100\t%s\n' 1 0.099 2 0.1 3 '' >>b
	gandalf-decide b >out
	[ "$(column decision out | tr '\n' ' ')" = "investigate no-go no-go " ]
	[ "$(column reason out | head -n 1)" = "burst 0.099 < 0.1" ]
}

@test "decide: chance counts all that was tested; one cluster of many is not enough" {
	head='component\tversion\tsignature\tscore\tvotes\tveto\tspatial\trank\treason\tsource\tdeployed\tchance\tclusters\tdeployed_clusters\trival\thit\n'
	row='c\t1\te\t9\t9\t0\t1\t1\tblamed\ts\t20\t%s\t%s\t5\t%s\t%s\n'
	printf "$head$row" 0.001 2 0.5 9 >in
	gandalf-decide in >out
	[ "$(column decision out)" = no-go ]
	{ cat in; for i in $(seq 10); do printf 'd\t1\tf%s\t0\t1\t0\t1\t\ttemporal\ts\t20\t1\t1\t1\t\t1\n' $i; done; } >many
	gandalf-decide many >out
	[ "$(column reason out | head -n 1)" = "chance 0.011 > 0.01" ]
	gandalf-decide --chance 0.02 many >out
	[ "$(column decision out | head -n 1)" = no-go ]
	printf "$head$row" 0 1 0.5 9 >in
	gandalf-decide in >out
	[ "$(column reason out)" = "clusters 1 < 2" ]
	printf "$head$row" 0 2 0.95 9 >in
	gandalf-decide in >out
	[ "$(column reason out)" = "contested, nodes 9 < 40" ]
	printf "$head$row" 0 2 0.95 40 | gandalf-decide >out
	[ "$(column decision out)" = no-go ]
}

@test "decide: thresholds of each source and metric; the one reached is named" {
	blame "c,1,e,5,0,1,blamed,os,1000" "c,1,f,9,0,1,blamed,net,1000" >in
	printf 'source\tmetric\tno_go\nnet\trate\t2\nos\trate\t0.4\nos\tclusters\t9\n' >t
	gandalf-decide --thresholds t in >out
	[ "$(column decision out)" = no-go ]
	[ "$(column source out)" = os ]
	[ "$(column reason out)" = "rate 0.5 >= 0.4" ]
	printf 'source\tmetric\tno_go\n*\tclusters\t2\n' >t
	gandalf-decide --thresholds t in >out
	[ "$(column reason out)" = "clusters 2 >= 2" ]
	printf 'source\tmetric\tno_go\n*\tcats\t2\n' >t
	trouble "gandalf-decide: t:2: metric: no such metric: 'cats'" \
	    gandalf-decide --thresholds t in
}

@test "decide: never good from no data" {
	# no fault at all was read
	printf 'ts\tcomponent\tversion\tnode\n100\tc\t1\ta\n' >d
	printf 'ts\tnode\tsource\tsignature\n' >f
	gandalf-blame -d d f | gandalf-decide >out
	[ "$(column decision out)" = no-data ]
	[ "$(column reason out)" = "no faults were read" ]
	# the newest fault, of anybody, is 10 minutes after
	printf 'ts\tnode\tsource\tsignature\n700\tz\ts\te\n' >f
	gandalf-blame -d d f | gandalf-decide >out
	[ "$(column reason out)" = "seconds watched 600 < 3600" ]
	gandalf-blame -d d f | gandalf-decide --bake 10m >out
	[ "$(column decision out)" = good ]
	# and no rollout at all is no data either
	head -n 1 "$data/blame.tsv" >in
	run -13 gandalf-decide --exit-code in
	run -0 gandalf-decide in
}

@test "decide: a signature not seen for 30 days is said, not a no-go" {
	printf 'component\tversion\tsignature\tscore\tvotes\tveto\tspatial\tdecay\trank\treason\tsource\tstart\tsince\tfeed_start\tfeed_end\n' >head
	{ cat head; printf 'c\t1\te\t0\t1\t0\t0.1\t1\t\tspatial\ts\t3000000\t3000100\t0\t3100000\n'; } >in
	gandalf-decide in >out
	[ "$(column decision out)" = new-fault ]
	{ cat head; printf 'c\t1\te\t0\t1\t0\t0.1\t1\t\tspatial\ts\t3000000\t3000100\t1000000\t3100000\n'; } >in
	gandalf-decide in >out
	[ "$(column decision out)" = good ]
	gandalf-decide --known 10d in >out
	[ "$(column decision out)" = new-fault ]
}

@test "decide: --exit-code gives each outcome its own status" {
	blame "c,1,e,0,0,,quiet,s,9" >good
	blame "c,1,e,2,0,1,blamed,s,4" >investigate
	blame "c,1,e,9,0,1,blamed,s,9" "d,1,e,0,0,,quiet,s,9" >nogo
	run -0 gandalf-decide --exit-code good
	run -11 gandalf-decide --exit-code investigate
	run -12 gandalf-decide --exit-code nogo
	run -0 gandalf-decide nogo
	run -2 gandalf-decide --exit-code nothing
}

@test "decide: the state keeps current and worst decision and when first made" {
	blame "c,1,e,2,0,1,blamed,s,4" >one
	blame "c,1,e,9,0,1,blamed,s,9" >two
	blame "c,1,e,0,0,,quiet,s,9" >three
	gandalf-decide --state s --now 100 one >out
	gandalf-decide --state s --now 200 two >out
	gandalf-decide --state s --now 300 two >out
	[ "$(column since out)" = 200 ]
	gandalf-decide --state s --now 400 three >out
	[ "$(column decision out)" = good ]
	[ "$(column since out)" = 400 ]
	[ "$(column worst out)" = no-go ]
	[ "$(column worst_since out)" = 200 ]
	printf 'component\tversion\tpivot\tdecision\tsince\tworst\tworst_since\nc\t1\t\tperhaps\t1\tgood\t1\n' >s
	trouble "gandalf-decide: s:2: decision: no such decision: 'perhaps'" \
	    gandalf-decide --state s three
}

@test "decide: order of rows does not matter" {
	blame "c,1,e,9,0,1,blamed,s,90" "c,1,f,9,0,1,blamed,t,90" "d,2,e,3,0,2,runner-up,s,9" \
	    "d,2,g,1,0,1,blamed,s,9" >in
	gandalf-decide in >a
	for seed in 1 2 3; do
		shuffled in $seed | gandalf-decide >b
		cmp a b
	done
}

@test "decide: the discriminant is Fisher's on what it was given (awk)" {
	# One feature varies; for two classes of equal size the boundary lies midway.
	rows=() ; printf 'component\tversion\tlabel\n' >labels
	for i in 1 2 3 4 5 6; do
		rows+=("g$i,1,e,$((3 + i)),0,1,blamed,s,100000" "b$i,1,e,$((3000 + 90 * i)),0,1,blamed,s,100000")
		printf 'g%d\t1\tgood\nb%d\t1\tbad\n' $i $i >>labels
	done
	blame "${rows[@]}" >in
	gandalf-decide --learn labels in >model
	[ "$(column source model | sort -u | paste -sd,)" = '*,s' ]
	# at the midpoint of the means the log odds are the log of the prior, 0
	awk -F'\t' '$2 == "*" && $3 != "bias" { z += $6 * ($4 + $5) / 2 }
		$2 == "*" && $3 == "bias" { b = $6 }
		END { exit !(z + b < 1e-6 && z + b > -1e-6) }' model
	gandalf-decide --model model in >out
	[ "$(column decision out | sort | uniq -c | awk '{ print $1 $2 }' | paste -sd,)" = 6good,6no-go ]
	gandalf-decide --model model in | awk -F'\t' 'NR > 1 && (substr($1, 1, 1) == "b") != ($4 == "no-go")' >wrong
	[ ! -s wrong ]
	# one class is none
	sed '/bad/d' labels >good
	trouble "gandalf-decide: --learn good: too few examples" gandalf-decide --learn good in
}

@test "decide: calibration: the best line, its precision and recall, and A-A runs" {
	blame "a,1,e,10,0,1,blamed,s,1000" "b,1,e,20,0,1,blamed,s,1000" "c,1,e,40,0,1,blamed,s,1000" \
	    "d,1,e,90,0,1,blamed,s,1000" "e,1,e,15,0,1,blamed,s,1000" >in
	printf 'component\tversion\tlabel\na\t1\tgood\nb\t1\tgood\nc\t1\tbad\nd\t1\tbad\ne\t1\tbad\n' >labels
	gandalf-decide --calibrate labels in >out
	[ "$(column source out | paste -sd,)" = '*,s' ]
	# 1.25 catches all three and one good: F = 6/7; 3 catches two: F = 4/5
	[ "$(column no_go out | sort -u)" = 1.25 ]
	[ "$(column precision out | sort -u)" = 0.75 ]
	[ "$(column recall out | sort -u)" = 1 ]
	gandalf-decide --thresholds out in >decisions
	[ "$(column decision decisions | paste -sd,)" = investigate,no-go,no-go,no-go,no-go ]
	sed '/bad/d' labels >aa
	gandalf-decide --calibrate aa in >out
	[ "$(column no_go out | sort -u)" = 4 ]
}

@test "decide: too little in each pivot, enough in all of them" {
	head='component\tversion\tsignature\tscore\tvotes\tveto\tspatial\trank\treason\tsource\tpivot\tdeployed\tclusters\tdeployed_clusters\thit\n'
	{ printf "$head"
	  for p in a b c; do printf 'x\t1\te\t9\t2\t0\t1\t1\tblamed\ts\t%s\t50\t1\t1\t6\n' $p; done
	  printf 'x\t1\t\t0\t0\t0\t\t\tquiet\ts\td\t50\t0\t1\t\n'; } >in
	gandalf-decide in >out
	# 6 of 200 nodes; d has none of them, and nothing says that it was watched
	[ "$(column decision out | paste -sd,)" = no-go,no-go,no-go,no-data ]
	[ "$(column reason out | head -n 1)" = "all pivots: rate 3 >= 1" ]
	[ "$(column threshold out | head -n 1)" = 1 ]
	# one pivot alone has too little
	sed '/\t[bcd]\t50/d' in >one
	gandalf-decide one >out
	[ "$(column reason out)" = "nodes 2 < 3" ]
}

@test "decide: a state that another run has is left to it: 75" {
	blame "c,1,e,10,0,1,blamed,s,100" >in
	gandalf-decide --state s in >out
	cp s before
	exec 9>s.lock
	flock 9
	run -75 --separate-stderr gandalf-decide --state s in
	assert_output ""
	assert_equal "$stderr" "gandalf-decide: s: another run is at work on it"
	cmp s before
}

@test "decide: learning from what does not vary, or hardly is: no number is odd" {
	rows=(); printf 'component\tversion\tlabel\n' >labels
	for i in 1 2 3 4 5 6; do
		rows+=("g$i,1,e,5,0,1,blamed,s,100" "b$i,1,e,5,0,1,blamed,s,100")
		printf 'g%d\t1\tgood\nb%d\t1\tbad\n' $i $i >>labels
	done
	# all alike: nothing to tell them by, the prior decides, which is even
	blame "${rows[@]}" >in
	gandalf-decide --learn labels in >model
	run -1 grep -qiE 'nan|inf' model
	[ "$(awk -F'\t' 'NR > 1 && $6 != 0' model | wc -l)" = 0 ]
	gandalf-decide --model model in >out
	[ "$(column value out | sort -u)" = 0.5 ]
	# one of each, 7 features: a ridge keeps it solvable
	{ head -n 1 labels; printf 'g1\t1\tgood\nb1\t1\tbad\n'; } >two
	blame "g1,1,e,5,0,1,blamed,s,100" "b1,1,e,50,0,1,blamed,s,100" >in
	gandalf-decide --learn two in >model
	run -1 grep -qiE 'nan|inf' model
	[ "$(column source model | sort -u)" = '*' ]
	gandalf-decide --model model in >out
	[ "$(column decision out | paste -sd,)" = no-go,good ]
}

@test "decide: labels of nobody, of one class, and twice" {
	blame "a,1,e,10,0,1,blamed,s,1000" "b,1,e,60,0,1,blamed,s,1000" >in
	printf 'component\tversion\tlabel\n' >none
	trouble "gandalf-decide: --learn none: too few examples" gandalf-decide --learn none in
	gandalf-decide --calibrate none in >out
	[ "$(wc -l <out)" = 1 ]
	printf 'component\tversion\tlabel\nz\t9\tbad\n' >other
	gandalf-decide --calibrate other in >out
	[ "$(wc -l <out)" = 1 ]
	# bad ones alone: the least of them is the line
	printf 'component\tversion\tlabel\na\t1\tbad\nb\t1\tbad\n' >bad
	gandalf-decide --calibrate bad in >out
	run -1 grep -qiE 'nan|inf' out
	gandalf-decide --thresholds out in >decisions
	[ "$(column decision decisions | sort -u)" = no-go ]
	# the last word counts
	printf 'component\tversion\tlabel\na\t1\tbad\nb\t1\tbad\na\t1\tgood\n' >twice
	gandalf-decide --calibrate twice in >out
	[ "$(column good out | sort -u)" = 1 ]
}

@test "decide: from faults to a gate" {
	gandalf-blame --by-pivot -d "$TESTDATA/gandalf-blame/deployments.tsv" \
	    "$TESTDATA/gandalf-blame/faults.tsv" >blame
	run -12 gandalf-decide --exit-code blame
	gandalf-decide blame >out
	[ "$(column pivot out | sort | uniq -c | awk '{ print $1 $2 }' | paste -sd,)" = 2canary,1pilot ]
}

@test "decide: trouble is said in one line" {
	trouble "gandalf-decide: --learn, --calibrate and --state: only one of them" \
	    gandalf-decide --learn a --state b
	trouble "gandalf-decide: --probability '2': not between 0 and 1" gandalf-decide --probability 2
	printf 'component\tversion\tlabel\na\t1\tmaybe\n' >labels
	trouble "gandalf-decide: labels:2: label: not good or bad: 'maybe'" \
	    gandalf-decide --learn labels "$data/blame.tsv"
	run -2 --separate-stderr bash -c 'gandalf-decide "$1/blame.tsv" >/dev/full' - "$data"
	[[ $stderr == "gandalf-decide: write <stdout>: "* ]]
}
