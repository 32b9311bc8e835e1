load helper.bash

# obs ROW...: observations from "ts observer subject context status [score]".
obs() {
	printf 'ts\tobserver\tsubject\tcontext\tstatus\tscore\n'
	local row
	for row in "$@"; do
		# shellcheck disable=SC2086
		set -- $row
		printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "$5" "${6-}"
	done
}

# verdicts [OPTION...]: of the observations on stdin, ts to score.
verdicts() { pano-judge "$@" | tail -n +2 | cut -f1-5; }

judged() {	# judged WANT [OPTION...] <obs
	local want=$1; shift
	local got
	got=$(verdicts "$@" | cut -f4)
	assert_equal "$got" "$want"
}

@test "pano-judge: statuses in any case and short" {
	for s in n:na h:healthy p:pending m:maybe_unhealthy u:unhealthy \
	    d:dying dd:dead UNHEALTHY:unhealthy Maybe_Unhealthy:maybe_unhealthy \
	    NA:na DD:dead; do
		obs "1 a s c ${s%:*}" | judged "${s#*:}" -p panorama
	done
}

@test "pano-judge: an invalid status is named" {
	obs '1 a s c h' '2 a s c INVALID' >in
	trouble "pano-judge: in:3: status: not a status: 'INVALID'" pano-judge in
	obs '1 a s c x' >in
	trouble "pano-judge: in:2: status: not a status: 'x'" pano-judge in
}

@test "pano-judge: --reject puts bad rows aside" {
	obs '1 a s c h' '2 a s c nope' '3 a s c u' >in
	pano-judge --reject bad in 2>err >got
	grep -q nope bad
	[ "$(cut -f1,4 got | tail -n 1)" = $'3\tunhealthy' ]
}

# The consequences of the published rules, one by one.
@test "panorama: severities are not pooled" {
	obs '1 a s c h' '1 b s c h' '1 x s c m' '1 y s c u' '1 z s c d' |
		judged healthy -p panorama
}

@test "panorama: a tie goes to the more severe" {
	obs '1 a s c h' '1 b s c p' | judged pending -p panorama
	obs '1 a s c na' '1 b s c h' | judged healthy -p panorama
	obs '1 a s c dead' '1 b s c h' | judged dead -p panorama
}

@test "panorama: one healthy clears nine unhealthy of the same observer" {
	obs '1 a s c u' '2 a s c u' '3 a s c u' '4 a s c u' '5 a s c u' \
	    '6 a s c u' '7 a s c u' '8 a s c u' '9 a s c u' '10 a s c h' |
		judged healthy -p panorama
}

@test "panorama: pending under healthy is skipped, above it stands" {
	[ "$(obs '1 a s c h 10' '2 a s c p 50' '3 a s c p 50' '4 a s c h 20' |
	    verdicts -p panorama)" = $'4\ts\tc\thealthy\t15' ]
	obs '1 a s c h' '2 a s c p' '9999 b x c h' |
		verdicts -p panorama | grep -q $'s\tc\tpending'
}

@test "panorama: the score is of at most two, stopped by another status" {
	[ "$(obs '1 a s c u 10' '2 a s c u 20' '3 a s c u 40' |
	    verdicts -p panorama)" = $'3\ts\tc\tunhealthy\t30' ]
	[ "$(obs '1 a s c u 10' '2 a s c h 20' '3 a s c u 40' |
	    verdicts -p panorama)" = $'3\ts\tc\tunhealthy\t40' ]
	# 100, 70, 70 is 70 in batch; the published service drifts to 77.5.
	[ "$(obs '1 a s c h 100' '2 a s c h 70' '3 a s c h 70' |
	    verdicts -p panorama)" = $'3\ts\tc\thealthy\t70' ]
}

@test "panorama: scores are means of all voters, in float32" {
	[ "$(obs '1 a s c h 100' '1 b s c h 0' '1 d s c u 0' |
	    verdicts -p panorama)" = $'1\ts\tc\thealthy\t33.333332' ]
	[ "$(obs '1 a s c h 0.1' | verdicts -p panorama)" = $'1\ts\tc\thealthy\t0.1' ]
}

@test "panorama: arrival order decides, not time" {
	[ "$(obs '9 a s c u' '5 a s c h' | verdicts -p panorama)" = \
	    $'5\ts\tc\thealthy\t0' ]
}

@test "panorama: the date is of all last reports, also in other contexts" {
	obs '1 a s c u' '5 a s d h' '3 b s d h' | verdicts -p panorama >got
	diff - got <<-E
	5	s	c	unhealthy	0
	5	s	d	healthy	0
	E
}

@test "panorama: the eleventh report drops the first, whatever its context" {
	rows=('0 a s c u')
	for i in 1 2 3 4 5 6 7 8 9; do rows+=("$i a s d h"); done
	obs "${rows[@]}" | verdicts -p panorama | grep -q $'s\tc\tunhealthy'
	obs "${rows[@]}" '10 a s d h' >in
	# a context without reports has no verdict
	judged healthy -p panorama <in
}

@test "panorama: the rows of one report are one of the ten" {
	{
		printf 'ts\tobserver\tsubject\tcontext\tstatus\tseq\n'
		printf '0\ta\ts\tc\tu\t0\n'
		for i in 1 2 3 4 5 6 7 8 9; do
			printf '%s\ta\ts\tx\th\t%s\n%s\ta\ts\ty\th\t%s\n' \
			    $i $i $i $i
		done
	} >in
	pano-judge -p panorama in | grep -q $'s\tc\tunhealthy'
	# without seq: rows in succession with one ts
	cut -f1-5 in | pano-judge -p panorama | grep -q $'s\tc\tunhealthy'
	# but a context that comes twice begins another report
	{ cat in; printf '9\ta\ts\ty\th\t10\n'; } |
		pano-judge -p panorama >got
	grep -q $'s\ty\thealthy' got
	run ! grep -q $'s\tc\t' got
}

@test "panorama: gc" {
	obs '1 a s c u' '500 b s c h' '600 b t c h' >in
	judged $'unhealthy\nhealthy' -p panorama <in
	judged $'healthy\nhealthy' -p panorama --gc absolute <in
	judged $'unhealthy\nhealthy' -p panorama --gc relative <in
	obs '1 a s c u' '400 a s d h' |
		judged healthy -p panorama --gc relative
}

# The published algorithm again, in awk, on random reports: every row.
reference() {
	gawk -F'\t' -v OFS='\t' '
	BEGIN { split("na healthy pending maybe_unhealthy unhealthy dying dead", name, " ")
		for (i in name) code[name[i]] = i }
	NR > 1 {
		v = $3 SUBSEP $2; r = $1 SUBSEP $7
		if (r != last[v]) { n[v]++; last[v] = r; views[v] = 1 }
		st[v, n[v], $4] = code[$5]; sc[v, n[v], $4] = $6; ts[v, n[v]] = $1
		ctx[$4] = 1; subj[$3] = 1; obs[$2] = 1
	}
	END {
		for (s in subj) for (c in ctx) {
			delete hist; sum = cnt = 0; when = -1
			for (o in obs) {
				v = s SUBSEP o
				if (!(v in views)) continue
				if (ts[v, n[v]] > when) when = ts[v, n[v]]
				k = tot = 0
				for (i = n[v]; i > n[v] - 10 && i > 0 && k < 2; i--) {
					if (!((v, i, c) in st)) continue
					if (k == 0) S = st[v, i, c]
					else if (st[v, i, c] == 3 && S == 2) continue
					else if (st[v, i, c] != S) break
					tot += sc[v, i, c]; k++
				}
				if (k) { hist[S]++; sum += tot / k; cnt++ }
			}
			if (!cnt) continue
			best = 0
			for (i = 1; i <= 7; i++)
				if (hist[i] && hist[i] >= hist[best] + 0) best = i
			printf "%s\t%s\t%s\t%s\t%.3f\n", when, s, c, name[best], sum / cnt
		}
	}' "$1" | sort
}

random_reports() {
	gawk -v seed="$1" -v OFS='\t' 'BEGIN {
		srand(seed)
		split("na healthy pending maybe_unhealthy unhealthy dying dead", st, " ")
		print "ts", "observer", "subject", "context", "status", "score", "seq"
		no = 1 + int(rand() * 5); ns = 1 + int(rand() * 3); n = 5 + int(rand() * 200)
		few = rand() < 0.5
		for (i = 1; i <= n; i++) {
			t = 1000 + i + int(rand() * 4) - 2
			o = "o" int(rand() * no); if (rand() < 0.1) o = "s0"
			s = "s" int(rand() * ns)
			for (c = 0; c < 3; c++) if (rand() < 0.6)
				print t, o, s, "c" c, st[few ? 2 + int(rand() * 2) : 1 + int(rand() * 7)],
				    int(rand() * 8) * 16, i
		}
	}'
}

@test "panorama: a reference in awk agrees on random reports" {
	for seed in $(seq 1 40); do
		random_reports "$seed" >in
		reference in >want
		pano-judge -p panorama in | awk -F'\t' 'NR > 1 {
			printf "%s\t%s\t%s\t%s\t%.3f\n", $1, $2, $3, $4, $5 }' |
			sort >got
		diff -u want got || fail "seed $seed"
	done
}

@test "latest: the newest by time; any: the worst that still counts" {
	obs '9 a s c u' '5 b s c h' >in
	judged unhealthy -p latest <in
	obs '9 a s c h' '5 b s c dying' >in
	judged healthy -p latest <in
	judged dying -p any <in
	obs '1 a s c u' '2 a s c h' | judged unhealthy -p any
	obs '1 a s c u' '2 a s c h' | judged healthy -p any --look-back 1
}

@test "look-back: an intermittent failure is not hidden by one success" {
	obs '1 a s c u' '2 a s c h' | judged unhealthy
	obs '1 a s c u' '2 a s c h' '3 a s c h' | judged healthy
	obs '1 a s c h' '2 a s c h' '3 a s c h' '4 a s c u' | judged unhealthy
}

@test "look-back: healthy needs more than half of the observers" {
	obs '1 a s c h' '1 b s c u' | judged unhealthy
	obs '1 a s c h' '1 b s c h' '1 x s c dead' | judged healthy
	# pooled: 2 healthy do not beat 1 + 1 + 1
	obs '1 a s c h' '1 b s c h' '1 x s c m' '1 y s c u' '1 z s c d' |
		judged unhealthy
}

@test "look-back: late rows take their place by time" {
	obs '1 a s c u' '9 a s c h' '8 a s c h' '7 a s c h' >in
	judged healthy <in
	shuffled in 3 >in2
	[ "$(verdicts <in)" = "$(verdicts <in2)" ]
}

@test "look-back: pending ages into unhealthy, an answer clears it" {
	obs '10 a s c p' '12 b t c h' | judged $'pending\nhealthy'
	obs '10 a s c p' '13 b t c h' | judged $'unhealthy\nhealthy'
	obs '10 a s c p' '11 a s c h' '99 b t c h' | judged $'healthy\nhealthy'
	obs '10 a s c p' | judged unhealthy --now 13
	obs '10 a s c p' | judged pending --pending 10s --now 13
	# young, it says nothing against what was seen before
	obs '1 a s c h' '2 a s c p' '3 b t c h' | judged $'healthy\nhealthy'
}

@test "look-back: observations expire by event time" {
	obs '1 a s c u' '400 b t c h' | judged $'no_data\nhealthy'
	obs '1 a s c u' '300 b t c h' | judged $'unhealthy\nhealthy'
	obs '1 a s c u' '301 b t c h' | judged $'no_data\nhealthy'
	obs '1 a s c u' '400 b t c h' | judged $'unhealthy\nhealthy' --ttl 1h
	# the silent observer does not vote for ever
	obs '1 a s c u' '1 b s c u' '400 d s c h' | judged healthy
}

@test "look-back: little evidence is inconclusive, not healthy" {
	obs '1 a s c h' | judged inconclusive --observers 2
	obs '1 a s c h' '1 b s c h' | judged healthy --observers 2
	obs '1 a s c h' '1 b s c h' | judged inconclusive --observations 3
	obs '1 a s c h' '1 b s c h' '1 x s c u' '1 y s c p' '1 z s c p' |
		judged inconclusive
	obs '1 a s c na' | judged na
}

@test "look-back: self reports vote unless dropped, and are shown" {
	obs '1 s s c u' '1 a s c h' >in
	judged unhealthy <in
	judged healthy --drop-self <in
	[ "$(pano-judge in | tail -n 1 | cut -f15,16)" = $'unhealthy\thealthy' ]
}

@test "look-back: hysteresis and flaps" {
	obs '1 a s c h' '2 a s c u' >in
	judged unhealthy <in
	judged healthy --fall 2 <in
	pano-judge --fall 2 in | grep -q 'unhealthy 1 times in a row, not believed yet'
	obs '1 a s c h' '2 a s c u' '3 a s c u' | judged unhealthy --fall 2
	obs '1 a s c u' '2 a s c h' | judged healthy --look-back 1
	obs '1 a s c u' '2 a s c h' | judged unhealthy --look-back 1 --rise 2
	obs '1 a s c h' '2 a s c u' '3 a s c h' '4 a s c u' '5 a s c h' |
		pano-judge --look-back 1 | tail -n 1 | cut -f20 >got
	[ "$(cat got)" = 4 ]
}

@test "pano-judge: who dissents, by name, ten at most" {
	rows=()
	for i in $(seq 10 22); do rows+=("1 o$i s c h"); done
	for i in $(seq 50 79); do rows+=("1 o$i s c u"); done
	obs "${rows[@]}" | pano-judge | tail -n 1 | cut -f14 >got
	echo "o10=healthy,o11=healthy,o12=healthy,o13=healthy,o14=healthy,o15=healthy,o16=healthy,o17=healthy,o18=healthy,o19=healthy,+3" |
		diff - got
}

# class OF THE LAST ROW
class() { pano-judge -d det | tail -n 1 | cut -f22; }

@test "detector: healthy, latent fault, gray, failed" {
	[ "$(obs '1 det s hb h' '1 a s w h' | class)" = healthy ]
	[ "$(obs '1 det s hb u' '1 a s w h' | class)" = latent_fault ]
	[ "$(obs '1 det s hb h' '1 s s w u' '1 a s w h' | class)" = latent_fault ]
	[ "$(obs '1 det s hb h' '1 a s w u' '1 b s w h' '1 c s w h' | class)" = latent_fault ]
	[ "$(obs '1 det s hb h' '1 a s w u' | class)" = gray ]
	[ "$(obs '1 a s w u' | class)" = gray ]
	[ "$(obs '1 det s hb dead' '1 a s w u' | class)" = failed ]
	[ "$(obs '1 det s hb h' | class)" = no_data ]
	# one bad context of several is enough
	[ "$(obs '1 det s hb h' '1 a s r h' '1 a s w u' | class)" = gray ]
}

@test "detector: its last word stands, and it has no vote" {
	[ "$(obs '1 det s hb dead' '900 a s w u' | class)" = failed ]
	obs '1 det s w h' '1 x s w h' '1 a s w u' >in
	[ "$(pano-judge -d det -d x in | tail -n 1 | cut -f4,6,22)" = \
	    $'unhealthy\t1\tgray' ]
}

@test "pano-judge: a stream gives what batch gives" {
	for seed in 1 2 3 4 5; do
		random_reports "$seed" >in
		for p in look-back panorama latest any; do
			pano-judge -d o1 -p $p in | tail -n +2 >last
			pano-judge -d o1 -p $p -c in >changes
			pano-judge -d o1 -p $p --line-buffered in >stream
			cat changes last | cmp - stream
		done
	done
}

@test "pano-judge: changes come while the stream is open" {
	mkfifo pipe
	pano-judge --line-buffered <pipe >got 3>&- &
	exec 7>pipe
	obs '1 a s c h' '2 a s c u' >&7
	for _ in $(seq 1200); do
		[ "$(wc -l <got)" -ge 3 ] && break
		sleep 0.05
	done
	[ "$(cut -f4 got | tail -n 1)" = unhealthy ]
	exec 7>&-
	wait
}

@test "pano-judge: --live judges while nothing comes" {
	mkfifo pipe
	pano-judge --live --pending 3s <pipe >got 3>&- &
	exec 7>pipe
	obs "$(date +%s.%N) a s c p" >&7
	for _ in $(seq 1200); do
		[ "$(wc -l <got)" -ge 3 ] && break
		sleep 0.05
	done
	[ "$(cut -f4 got | tr '\n' ' ')" = 'status pending unhealthy ' ]
	exec 7>&-
	wait
}

@test "pano-judge: time alone is judged at its own moment" {
	obs '1 a s c p' '2 a s d h' '1000 b t c h' | pano-judge -c | cut -f2-4,18 >got
	diff - got <<-E
	subject	context	status	since
	s	c	pending	1
	s	d	healthy	2
	s	c	unhealthy	4
	s	c	no_data	301
	s	d	no_data	302
	t	c	healthy	1000
	E
}

@test "pano-judge: an id delivered again is dropped" {
	{
		printf 'ts\tobserver\tsubject\tcontext\tstatus\tid\n'
		printf '1\ta\ts\tc\tu\tm1\n2\ta\ts\tc\th\tm2\n3\ta\ts\tc\th\tm3\n'
	} >in
	judged healthy <in
	{ cat in; printf '1\ta\ts\tc\tu\tm1\n1\ta\ts\tc\tu\tm1\n'; } >twice
	[ "$(pano-judge in)" = "$(pano-judge twice)" ]
	[ "$(pano-judge -p panorama in)" = "$(pano-judge -p panorama twice)" ]
}

@test "pano-judge: equal times in any order" {
	obs '1 a s c h 5' '1 b s c u 3' '1 a s c u 7' '2 d s c h 1' '2 a s c h' \
	    '2 b s d p' '2 d s d m 4' >in
	for seed in 1 2 3 4 5 6; do
		shuffled in $seed >in2
		[ "$(pano-judge in | cut -f1-16)" = "$(pano-judge in2 | cut -f1-16)" ]
	done
}

@test "pano-judge: a context may be empty" {
	printf 'ts\tobserver\tsubject\tcontext\tstatus\n1\ta\ts\t\tu\n1\ta\ts\tc\th\n' >in
	for p in panorama look-back; do
		pano-judge -p $p in | tail -n +2 | cut -f 2-4 >got
		printf 's\t\tunhealthy\ns\tc\thealthy\n' | diff - got
	done
}

@test "pano-judge: hostile names are only names" {
	big=$(printf '%065536d' 7)
	printf 'ts\tobserver\tsubject\tcontext\tstatus\n' >in
	printf '1\t$(rm -rf /)\t--help\t; reboot\tu\n1\t%s\t\xff\xfe\tc\tu\n' "$big" >>in
	pano-judge in >got
	[ "$(wc -l <got)" = 3 ]
	grep -q -- '--help' got
}

@test "pano-judge: options are checked before input is read" {
	trouble "pano-judge: --policy 'best': not look-back, panorama, latest or any" \
	    pano-judge -p best /nonexistent
	trouble "pano-judge: --gc 'often': not none, absolute or relative" \
	    pano-judge --gc often /nonexistent
	trouble "pano-judge: --look-back '0': not 1 to 1000" \
	    pano-judge --look-back 0 /nonexistent
	trouble "pano-judge: --fall '0': not 1 to 4294967295" \
	    pano-judge --fall 0 /nonexistent
}

@test "pano-judge: a missing column is named" {
	printf 'ts\tobserver\tsubjekt\tcontext\tstatus\n' >in
	run -2 --separate-stderr pano-judge in
	[[ $stderr == "pano-judge: in: no column 'subject'"* ]]
}

@test "pano-judge: --exit-code" {
	obs '1 a s c h' >in
	run -0 pano-judge --exit-code in
	obs '1 a s c u' >in
	run -1 pano-judge --exit-code in
	run -0 pano-judge in
}

@test "pano-judge: a full disk is reported" {
	obs '1 a s c h' >in
	run -2 --separate-stderr bash -c 'pano-judge in >/dev/full'
	assert_equal "$stderr" "pano-judge: write <stdout>: No space left on device"
}
