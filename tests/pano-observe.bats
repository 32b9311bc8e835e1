load helper.bash

small=$TESTDATA/pano-observe/small.rules

# seen COLUMNS [OPTION...] <log: without the header
seen() {
	local columns=$1; shift
	pano-observe -r "$small" "$@" | tail -n +2 | cut -f"$columns"
}

@test "pano-observe: fields, branches, rules, captures, scores" {
	printf '%s\n' '5 ERROR db1 is gone' '6 ERROR db2 is slow (250 ms)' \
	    '7 ERROR db2 is slow (50 ms)' '8 INFO db1 answers' \
	    '9 DEBUG db3 answers' '10 INFO noise' '11 FATAL db1 is gone' |
		seen 1-6 >got
	diff - got <<-E
	5	me	db1	work	dead	
	6	me	db2	work	unhealthy	250
	8	me	db1	answer	healthy	90
	9	me	db3	answer	healthy	90
	E
}

@test "pano-observe: the first branch whose head holds is final" {
	cat >r <<-'E'
	line ^(?<t>\d+) (?<a>\w+) (?<b>\w+)
	time t epoch
	observer o
	subject s
	context {a}
	when a == x
	  if b == 1
	  then healthy
	when a ~ ^[xy]$
	  then unhealthy
	E
	printf '1 x 1\n2 x 2\n3 y 1\n' | pano-observe -r ./r | cut -f1,5 | tail -n +2 >got
	printf '1\thealthy\n3\tunhealthy\n' | diff - got
}

@test "pano-observe: operators" {
	for c in 'a == 5:1' 'a != 5:0' 'a ~ ^5$:1' 'a !~ 5:0' 'a in 4|5|6:1' \
	    'a in 4|6:0' 'a < 6:1' 'a < 5:0' 'a <= 5:1' 'a > 4.5:1' 'a >= 6:0' \
	    'none == :1' 'none != x:1' 'none < 1:0' 'b < 9:0'; do
		cat >r <<-E
		line ^(?<t>\d+) (?<a>\S+) (?<b>\S+)
		time t epoch
		observer o
		subject s
		context c
		when ${c%:*}
		  then healthy
		E
		n=$(echo '1 5 word' | pano-observe -r ./r | tail -n +2 | wc -l)
		assert_equal "$c: $n" "$c: ${c##*:}"
	done
}

@test "pano-observe: names by table, by option, unknown and known" {
	cat >r <<-'E'
	line ^(?<t>\d+) (?<how>\w) (?<a>\S+)
	time t epoch
	names ^(?<id>\S+) (?<address>\S+)
	name node-{id}
	observer o
	subject {a}
	context c
	when how == n
	  subject {a:name}
	  then healthy
	when how == o
	  subject {a:name?}
	  then healthy
	when how == k
	  subject id-{a:known}
	  then healthy
	E
	printf '1 10.0.0.1\n2 10.0.0.2\n' >table
	printf '1 n 10.0.0.2\n2 n 10.9.9.9\n3 o 10.0.0.1\n4 o 10.9.9.9\n5 k 2\n6 k 7\n7 n 10.7.7.7\n' >log
	pano-observe -r ./r -n table --peer 10.7.7.7=seven log | cut -f1,3 | tail -n +2 >got
	diff - got <<-E
	1	node-2
	3	node-1
	4	10.9.9.9
	5	id-2
	7	seven
	E
	# without a table everything is known
	[ "$(pano-observe -r ./r log | tail -n +2 | wc -l)" = 7 ]
	trouble "pano-observe: empty: no line is a name by ./r" \
	    bash -c ': >empty; pano-observe -r ./r -n empty log'
}

@test "pano-observe: a stack trace belongs to the line before" {
	printf '%s\n' '5 ERROR db1 is gone' 'java.io.IOException: x' '	at y' \
	    '6 INFO db1 answers' | seen 1,7 >got
	diff - got <<-E
	5	db1 is gone java.io.IOException: x | at y
	6	db1 answers
	E
}

@test "pano-observe: --set, file" {
	cat >r <<-'E'
	line ^(?<t>\d+) (?<x>\S+)
	time t epoch
	observer {host}
	subject {file}
	context {x}
	when line ~ .
	  then healthy
	E
	echo '1 a' >log
	[ "$(pano-observe -r ./r -s host=web1 log | tail -n 1 | cut -f2-4)" = $'web1\tlog\ta' ]
	# without it there is no observer, and so no observation
	[ "$(pano-observe -r ./r log | wc -l)" = 1 ]
}

@test "pano-observe: --merge drops what was just said" {
	printf '%s\n' '5 ERROR db1 is gone' '5 ERROR db1 is gone' \
	    '6 ERROR db1 is gone' '7 ERROR db1 is gone' '7 ERROR db2 is gone' \
	    '7 ERROR db2 is slow (150 ms)' '7 ERROR db2 is slow (151 ms)' >log
	[ "$(seen 1 <log | wc -l)" = 7 ]
	seen 1,3,6 --merge 2s <log >got
	diff - got <<-E
	5	db1	
	7	db1	
	7	db2	
	7	db2	150
	7	db2	151
	E
}

@test "pano-observe: --stale drops what is old" {
	printf '%s\n' '5 ERROR db1 is gone' '90 ERROR db1 is gone' |
		seen 1 --stale 20s --now 100 >got
	[ "$(cat got)" = 90 ]
}

times() {	# times FORMAT TEXT [OPTION...]
	cat >r <<-E
	line ^(?<when>.*);
	time when $1
	observer o
	subject s
	context c
	when line ~ .
	  then healthy
	E
	printf '%s;\n' "$2" | pano-observe -r ./r "${@:3}" | tail -n +2 | cut -f1
}

@test "pano-observe: times in the log's own format and zone" {
	[ "$(times '%Y-%m-%d %H:%M:%S,%f' '2017-05-26 17:26:04,428')" = 1495819564.428 ]
	[ "$(times '%d/%b/%Y:%H:%M:%S %z' '26/May/2017:19:26:04 +0200')" = 1495819564 ]
	[ "$(times '%d/%b/%Y:%H:%M:%S.%f' '26/May/2017:17:26:04.5')" = 1495819564.5 ]
	[ "$(times epoch_us 1495819564428001)" = 1495819564.428001 ]
	[ "$(times epoch_ms 1495819564428)" = 1495819564.428 ]
	[ "$(times epoch 1495819564.25)" = 1495819564.25 ]
	[ "$(times rfc3339 2017-05-26T17:26:04.1Z)" = 1495819564.1 ]
	[ "$(times '%y%m%d %H%M%S' '170526 172604')" = 1495819564 ]
	[ "$(times '%Y-%m-%d %H:%M:%S' '2017-05-26 19:26:04' --zone +0200)" = 1495819564 ]
	[ "$(times '%Y-%m-%d %H:%M:%S' '2017-05-26 19:26:04' --zone +02:00)" = 1495819564 ]
	[ "$(times '%Y-%m-%d %H:%M:%S' '2017-05-26 18:26:04' --zone XYZ-1)" = 1495819564 ]
	trouble "pano-observe: --zone 'Mars/Crater': no such zone" \
		pano-observe -r syslog --zone Mars/Crater
	[ "$(times '%Y-%m-%d %H:%M:%S' 'yesterday' | wc -l)" = 0 ]
	[ "$(times '%b %e %H:%M:%S' 'May 26 17:26:04' --now 2017-06-01T00:00:00Z)" = 1495819564 ]
	# the last day of the year, read on the first
	[ "$(times '%b %e %H:%M:%S' 'Dec 31 23:59:59' --now 2018-01-01T00:00:01Z)" = 1514764799 ]
}

@test "pano-observe: JSON lines" {
	cat >r <<-'E'
	json
	time at epoch_ms
	observer {from.node}
	subject {tags.1}
	context {n}-{ok}
	when n > 2.5
	  then healthy {n}
	E
	printf '%s\n' '{"at":1500,"from":{"node":"k1"},"tags":["a","b"],"n":3,"ok":true}' \
	    '{"at":1500,"from.node":"k2","tags":["a","b"],"n":3.5,"ok":false}' \
	    '{"at":1500,"from.node":"k3","tags":["a","b"],"n":9}' 'not json' '[1]' '{"at":1500,"n":1}' '{"broken"' |
		pano-observe -r ./r | tail -n +2 | cut -f1-6 >got
	diff - got <<-E
	1.5	k1	b	3-true	healthy	3
	1.5	k2	b	3.5-false	healthy	3.5
	E
}

@test "pano-observe: --explain" {
	pano-observe -r "$small" -e '6 ERROR db2 is slow (50 ms)' | cut -f1,2 >got
	printf 'rule\toutcome\n2\tyes\n9\tyes\n10\tno\n12\tyes\n13\tno\n' | diff - got
	pano-observe -r "$small" -e '6 ERROR db2 is gone' | tail -n 1 | cut -f1,2 >got
	printf '11\tdead\n' | diff - got
}

@test "pano-observe: files, gzip and standard input are alike" {
	printf '%s\n' '5 ERROR db1 is gone' '6 INFO db1 answers' >log
	gzip -k log
	pano-observe -r "$small" log >a
	pano-observe -r "$small" log.gz | cmp - a
	pano-observe -r "$small" <log | cmp - a
	cat log | pano-observe -r "$small" - | cmp - a
	printf '5 ERROR db1 is gone\r\n6 INFO db1 answers' | pano-observe -r "$small" | cmp - a
}

@test "pano-observe: ids are of the observation" {
	printf '%s\n' '5 ERROR db1 is gone' '6 ERROR db1 is gone' '5 ERROR db1 is gone' |
		seen 8 >got
	[ "$(sed -n 1p got)" = "$(sed -n 3p got)" ]
	[ "$(sed -n 1p got)" != "$(sed -n 2p got)" ]
}

# until N ROWS FILE: at most a minute
until_rows() {
	for _ in $(seq 1200); do
		[ "$(wc -l <"$2")" -ge "$1" ] && return
		sleep 0.05
	done
	cat "$2"
	return 1
}

@test "pano-observe: --follow grows, renames, truncates" {
	: >log
	: >got
	pano-observe -f -r "$small" log >got 3>&- &
	pid=$!
	echo '1 ERROR a is gone' >>log
	until_rows 2 got
	printf '2 ERROR b is' >>log
	sleep 0.2
	printf ' gone\n' >>log
	until_rows 3 got
	mv log log.1
	echo '3 ERROR longer is gone' >log	# than what follows
	until_rows 4 got
	: >log
	echo '4 ERROR d is gone' >>log
	until_rows 5 got
	kill $pid
	[ "$(tail -n +2 got | cut -f1,3 | tr '\n' ' ')" = $'1\ta 2\tb 3\tlonger 4\td ' ]
}

@test "pano-observe: --follow waits for a file that is not there" {
	: >got
	pano-observe -f -r "$small" later >got 3>&- &
	pid=$!
	sleep 0.2
	echo '1 ERROR a is gone' >later
	until_rows 2 got
	kill $pid
}

@test "pano-observe: an entry on a quiet pipe comes out all the same" {
	mkfifo pipe
	: >got
	pano-observe --line-buffered -r "$small" <pipe >got 3>&- &
	pid=$!
	exec 7>pipe
	echo '1 ERROR a is gone' >&7
	until_rows 2 got
	exec 7>&-
	wait $pid
}

@test "pano-observe: a catastrophic pattern is stopped and named" {
	{
		for _ in 1 2 3 4 5; do
			printf '1 X %s!\n' aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
		done
		echo '2 ERROR a is gone'
	} >log
	pano-observe -r "$small" log >got 2>err
	[ "$(wc -l <got)" = 2 ]
	[ "$(cat err)" = "pano-observe: $small:21: pattern stopped by its limits at log:1" ]
	pano-observe -r "$small" -e "$(head -n 1 log)" 2>/dev/null | grep -q $'21\tstopped'
}

@test "pano-observe: hostile lines do no harm" {
	{
		printf '1 ERROR %01000000d is gone\n' 7
		printf '2 ERROR \xff\xfe\0x is gone\n'
		printf '3 ERROR $(rm -rf /) is gone\n'
		printf '4 ERROR --help is gone\n'
		printf '5 ERROR a\tb is gone\n\n\n'
		head -c 100000 /dev/urandom
		printf '\n6 ERROR z is gone\n'
	} >log
	pano-observe -r "$small" log >got
	awk -F'\t' 'NF != 8' got >ragged
	[ ! -s ragged ]
	[ "$(tail -n 1 got | cut -f3)" = z ]
}

rule_error() {	# rule_error LINE-AND-REASON STATEMENT...
	printf '%s\n' "${@:2}" >r
	trouble "pano-observe: ./r:$1" pano-observe -r ./r /dev/null
}

@test "pano-observe: mistakes in rules are named" {
	rule_error "1: not a statement: 'lines'" 'lines ^x'
	rule_error "1: missing closing parenthesis at 3: '(ab'" 'line (ab'
	rule_error "1: not FIELD OPERATOR VALUE: 'a = b'" 'drop a = b'
	rule_error "1: not a number: 'ten'" 'drop a < ten'
	rule_error "1: not FIELD FORMAT: 't'" 'time t'
	rule_error "1: not UTC, local or +hhmm: 'Mars'" 'zone Mars'
	rule_error "1: set without derive: 'a'" 'set a b'
	rule_error "1: if without when: 'a == b'" 'if a == b'
	rule_error "2: not a status: 'sick'" 'when a == b' 'then sick'
	rule_error "3: never reached, as it is there before: 'a == b'" \
	    'when a == b' 'then dead' 'when a == b'
	rule_error "1: not name, name? or known: 'a:b'" 'subject {a:b}'
	rule_error "1: { without }" 'subject {a'
	rule_error "1: no line and no json" '# nothing'
	rule_error "2: no time" 'line ^x' 'when a == b'
}

@test "pano-observe: options are checked" {
	trouble "pano-observe: --rules is required" pano-observe
	trouble "pano-observe: --set 'x': not A=B" pano-observe -r x -s x
	trouble "pano-observe: ./none: No such file or directory" pano-observe -r ./none
	run -2 --separate-stderr pano-observe -r "$small" none
	assert_equal "$stderr" "pano-observe: none: No such file or directory"
}

@test "pano-observe: a full disk is reported" {
	echo '5 ERROR db1 is gone' >log
	run -2 --separate-stderr bash -c 'pano-observe -r "$1" log >/dev/full' - "$small"
	assert_equal "$stderr" "pano-observe: write <stdout>: No space left on device"
}

@test "zookeeper: what the published filter takes, and what it misses" {
	cat >log <<-'E'
	2017-05-26 17:26:04,428 [myid:0] - WARN  [RecvWorker:4:QuorumCnxManager$RecvWorker@780] - Connection broken for id 4
	2017-05-26 17:26:04,428 [myid:0] - INFO  [SendWorker:4:QuorumCnxManager$SendWorker@1] - anything
	2017-05-26 17:26:04,428 [myid:0] - WARN  [RecvWorker:44:QuorumCnxManager$RecvWorker@780] - not of the ensemble
	2017-05-26 17:26:04,428 [myid:0] - WARN  [WorkerSender[myid=0]:QuorumCnxManager@382] - Cannot open channel to 2 at election address pano2/10.1.0.2:3888
	2017-05-26 17:26:04,428 [myid:0] - WARN  [LearnerHandler-/10.1.0.3:40000:DataTree@1] - Slow serializing node /a - took 1200 ms
	2017-05-26 17:26:04,428 [myid:0] - ERROR [LearnerHandler-/10.1.0.3:40000:LearnerHandler@1] - Unexpected exception causing shutdown while sock still open
	2017-05-26 17:26:04,428 [myid:0] - INFO  [LearnerHandler-/10.1.0.3:40000:LearnerHandler@1] - Received NEWLEADER-ACK message from 3
	2017-05-26 17:26:04,428 [myid:0] - INFO  [LearnerHandler-/10.1.0.3:40000:LearnerHandler@1] - Sending DIFF
	2017-05-26 17:26:04,428 [myid:0] - WARN  [Snapshot Thread:DataTree@1] - Slow serializing node at path /a - took 9 ms
	2017-05-26 17:26:04,428 [myid:0] - WARN  [SyncThread:0:SyncRequestProcessor@1] - Too busy to snap, skipping
	2017-05-26 17:26:04,428 [myid:0] - INFO  [pano0/10.1.0.1:3888:QuorumCnxManager$Listener@541] - Received connection request /10.1.0.2:5555
	2017-05-26 17:26:04,428 [myid:0] - ERROR [CommitProcessor:0:NIOServerCnxn@180] - Unexpected Exception: 
	2017-05-26 17:26:04,428 [myid:0] - WARN  [NIOServerCxn.Factory:0.0.0.0/0.0.0.0:2181:NIOServerCnxn@357] - caught end of stream exception
	2017-05-26 17:26:04,428 [myid:0] - WARN  [NIOServerCxn.Factory:0.0.0.0/0.0.0.0:2181:ZooKeeperServer@1] - Connection request from old client /10.1.0.9:1; will be dropped
	2017-05-26 17:26:04,428 [myid:0] - WARN  [SyncThread:0:FileTxnLog@1] - fsync-ing the write ahead log in SyncThread:0 took 1306ms which will adversely
	2017-05-26 17:26:04,428 [myid:] - WARN  [RecvWorker:1:QuorumCnxManager$RecvWorker@780] - nobody yet
	E
	printf 'server.0=10.1.0.1:1:2\nserver.2=10.1.0.2:1:2\nserver.3=10.1.0.3:1:2\nserver.4=10.1.0.4:1:2\n' >cfg
	pano-observe -r zookeeper -n cfg log | tail -n +2 | cut -f2-6 >got
	diff - got <<-E
	peer@0	peer@4	RecvWorker	maybe_unhealthy	50
	peer@0	peer@4	SendWorker	maybe_unhealthy	50
	peer@0	peer@2	WorkerSender	maybe_unhealthy	40
	peer@0	peer@3	LearnerHandler-	unhealthy	20
	peer@0	peer@3	LearnerHandler-	dead	0
	peer@0	peer@3	LearnerHandler-	healthy	90
	peer@0	peer@0	Snapshot	unhealthy	20
	peer@0	peer@0	Snapshot	unhealthy	20
	peer@0	peer@2	QuorumListener	healthy	90
	peer@0	peer@0	CommitProcessor	unhealthy	20
	peer@0	peer@0	ClientConnection	maybe_unhealthy	60
	peer@0	peer@0	ClientConnection	maybe_unhealthy	70
	peer@0	peer@0	TxnLog	unhealthy	20
	E
}

@test "zookeeper: the same news from 3.4 to 3.9, traces, log4j and logback" {
	printf 'server.%s=10.9.0.%s:2888:3888\n' 1 1 2 2 3 3 >cfg
	pano-observe -r zookeeper -n cfg "$TESTDATA/pano-observe/zookeeper-versions.log" |
		tail -n +2 | cut -f3-6 >got
	diff - got <<-E
	peer@1	Quorum	maybe_unhealthy	40
	peer@1	Quorum	maybe_unhealthy	40
	peer@1	Quorum	healthy	90
	peer@2	Following	unhealthy	30
	peer@1	Following	unhealthy	30
	peer@1	Quorum	unhealthy	10
	peer@1	Quorum	unhealthy	10
	peer@2	Election	maybe_unhealthy	40
	peer@3	WorkerSender	maybe_unhealthy	40
	peer@1	ClientConnection	unhealthy	30
	peer@1	ClientConnection	maybe_unhealthy	60
	peer@1	ClientConnection	maybe_unhealthy	60
	peer@1	SyncThread	dead	0
	peer@1	TxnLog	dead	0
	peer@1	Following	unhealthy	30
	peer@1	Session	maybe_unhealthy	60
	peer@2	Following	unhealthy	30
	peer@2	Following	unhealthy	30
	peer@3	Election	maybe_unhealthy	40
	peer@2	Election	maybe_unhealthy	40
	peer@1	ClientConnection	maybe_unhealthy	60
	peer@1	ClientConnection	unhealthy	30
	peer@1	ClientConnection	maybe_unhealthy	60
	peer@1	ClientConnection	maybe_unhealthy	60
	peer@1	Quorum	unhealthy	10
	peer@3	LearnerHandler-	dead	0
	peer@3	LearnerHandler-	healthy	90
	peer@1	CommitProcessor	unhealthy	20
	peer@1	CommitProcessor	dead	0
	peer@1	SyncThread	dead	0
	peer@1	TxnLog	unhealthy	20
	peer@3	RecvWorker	maybe_unhealthy	50
	peer@1	Quorum	maybe_unhealthy	40
	peer@2	Following	healthy	90
	peer@1	Quorum	healthy	90
	peer@3	LearnerHandler-	dead	0
	peer@2	QuorumListener	healthy	90
	peer@1	QuorumListener	unhealthy	10
	peer@1	ClientConnection	maybe_unhealthy	70
	E
}

@test "zookeeper: layouts that do not say who it is" {
	line='[QuorumPeer:QuorumPeer@1] - LOOKING'
	{
		echo "2015-07-29 19:04:12,394 - INFO  $line"
		echo "2015-07-29 19:04:12,394 [myid:] - INFO  $line"
		echo '[2015-07-29 19:04:12,394] INFO LOOKING (org.apache.zookeeper.server.quorum.QuorumPeer)'
		echo '2015-07-29 19:04:12,394 INFO org.apache.zookeeper.server.quorum.QuorumPeer: LOOKING'
	} >zk.log
	[ "$(pano-observe -r zookeeper zk.log | cut -f2,3 | uniq -c | tail -n 1)" = \
		"      3 peer@zk.log	peer@zk.log" ]
	[ "$(pano-observe -r zookeeper --set id=5 zk.log | cut -f2,3 | uniq -c | tail -n 1)" = \
		"      4 peer@5	peer@5" ]
}

@test "zookeeper-client: what requesters say, in several layouts" {
	pano-observe -r zookeeper-client --set client=app \
		"$TESTDATA/pano-observe/zookeeper-client.log" |
		tail -n +2 | cut -f3-6 >got
	diff - got <<-E
	zk1:2181	connect	healthy	100
	zk1:2181	session	healthy	100
	zk1:2181	session	unhealthy	10
	zk1:2181	connect	unhealthy	10
	zk2:2181	session	unhealthy	20
	zk3:2181	session	healthy	100
	zk3:2181	connect	healthy	100
	10.9.0.3:2181	session	healthy	100
	10.9.0.4:2181	session	unhealthy	20
	E
}

# The shipped sets on logs; testdata/pano-observe/record.sh made those of nginx
# and HAProxy, the statuses follow from which server it was.
set_sees() {	# set_sees SET LOG: columns 2 to 6
	pano-observe -r "$1" --now 2025-12-01T00:00:00Z \
	    "$TESTDATA/pano-observe/$2" | tail -n +2 | cut -f2-6
}

@test "nginx: the upstreams, in access and error log" {
	set_sees nginx nginx.access >got
	diff - got <<-E
	nginx	127.0.0.1:8081	http	healthy	100
	nginx	127.0.0.1:8082	http	unhealthy	10
	nginx	127.0.0.1:8083	http	unhealthy	10
	nginx	127.0.0.1:8084	http	unhealthy	10
	nginx	127.0.0.1:8083	http	unhealthy	10
	nginx	none	http	unhealthy	10
	E
	set_sees nginx nginx.error >got
	diff - got <<-E
	nginx	127.0.0.1:8083	http	dead	0
	nginx	127.0.0.1:8084	http	unhealthy	10
	nginx	127.0.0.1:8083	http	dead	0
	nginx	127.0.0.1:8085	http	dead	0
	nginx	none	http	dead	0
	E
}

@test "nginx: combined log, what clients got" {
	{
		echo '10.0.0.7 - bob [03/Nov/2025:10:15:03 +0100] "GET / HTTP/1.1" 200 612 "-" "curl \"x\""'
		echo '10.0.0.8 - - [03/Nov/2025:10:15:03 +0100] "GET / HTTP/1.1" 503 612 "-" "-"'
		echo '10.0.0.9 - - [03/Nov/2025:10:15:03 +0100] "\x16\x03" 400 0'
	} | pano-observe -r nginx | cut -f1-5 | tail -n +2 >got
	diff - got <<-E
	1762161303	10.0.0.7	nginx	http	healthy
	1762161303	10.0.0.8	nginx	http	unhealthy
	1762161303	10.0.0.9	nginx	http	healthy
	E
}

@test "haproxy: requests, and what its checks say" {
	set_sees haproxy haproxy.log >got
	diff - got <<-E
	haproxy-check	dying/gone	check	dead	0
	haproxy-check	dying	check	dead	0
	haproxy	dying	http	dead	0
	haproxy	app/good	http	healthy	100
	haproxy	app/bad	http	unhealthy	10
	haproxy	app/hang	http	unhealthy	10
	haproxy	dying	http	dead	0
	E
}

@test "haproxy: behind syslog, and TCP" {
	p='Nov  3 10:15:02 lb1 haproxy[123]: '
	{
		echo "${p}Server web/a is DOWN, reason: Layer4 timeout, check duration: 2001ms."
		echo "${p}Health check for server web/a succeeded, reason: Layer7 check passed"
		echo "${p}10.0.1.2:33317 [06/Feb/2009:12:14:14.655] in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 \"GET / HTTP/1.1\""
		echo "${p}10.0.1.2:33313 [06/Feb/2009:12:12:51.443] fnt bck/srv1 0/0/5007 212 -- 0/0/0/0/3 0/0"
		echo "${p}10.0.1.2:33313 [06/Feb/2009:12:12:51.443] fnt bck/srv1 0/-1/5007 0 sC 0/0/0/0/3 0/0"
	} | pano-observe -r haproxy --now 2025-12-01T00:00:00Z | cut -f1-5 | tail -n +2 >got
	diff - got <<-E
	1762164902	haproxy-check	web/a	check	dead
	1762164902	haproxy-check	web/a	check	healthy
	1233922454.655	haproxy	static/srv1	http	healthy
	1233922371.443	haproxy	bck/srv1	tcp	healthy
	1233922371.443	haproxy	bck/srv1	tcp	dead
	E
}

@test "syslog, journald" {
	set_sees syslog syslog.log >got
	diff - got <<-E
	kernel@db1	db1/sdb	disk	unhealthy	10
	kernel@db1	db1	hung_task	unhealthy	20
	kernel@db1	files1	nfs	unhealthy	10
	kernel@db1	files1	nfs	healthy	90
	systemd@db1	db1	postgresql.service	dead	0
	systemd@db1	db1	postgresql.service	dead	0
	systemd@db1	db1	postgresql.service	healthy	90
	kernel@db1	db1	memory	unhealthy	10
	app@db1	cache1	app	unhealthy	10
	kernel@db1	db1	filesystem	unhealthy	5
	E
	set_sees journald journal.json >got
	diff - got <<-E
	kernel@db1	db1/sdb	disk	unhealthy	10
	systemd@db1	db1	nginx.service	dead	0
	systemd@db1	db1	nginx.service	healthy	90
	E
}

# Recorded by testdata/pano-observe/failures*.sh; what each line must say was
# judged by hand, from how its server was made to fail.
@test "nginx, haproxy, journald: many failures, and what clients do themselves" {
	cd "$TESTDATA/pano-observe"
	for log in nginx-failures.access nginx-failures.error \
	    nginx-failures.stream haproxy-failures.log journal-failures.json; do
		case $log in journal*) set=journald ;; *) set=${log%%-*} ;; esac
		set_sees "$set" "$log" | diff - "$log.want"
	done
}

@test "nginx: the same requests in other formats of the access log" {
	cd "$TESTDATA/pano-observe"
	for log in labels ingress json; do
		set_sees nginx "nginx-failures.$log" |
			diff - nginx-failures.access.want
	done
	for prefix in '<190>Nov 22 05:12:01 web1 nginx: ' \
	    '2026-11-22T05:12:01.123+00:00 web1 nginx[7]: '; do
		sed "s/^/$prefix/" nginx-failures.error | pano-observe -r nginx |
			tail -n +2 | cut -f 2-6 | diff - nginx-failures.error.want
		sed "s/^/$prefix/" nginx-failures.access | pano-observe -r nginx |
			tail -n +2 | cut -f 2-6 | diff - nginx-failures.access.want
	done
	# Debian's vhost_combined says nothing of upstreams
	sed 's/^/web:8080 /; s/" [^"]*$/"/' nginx-failures.access | pano-observe -r nginx |
		cut -f 2,3 | sort -u | diff - <(printf '127.0.0.1\tnginx\nobserver\tsubject\n')
}

@test "nginx: who gives up has waited, or only changed its mind" {
	line='10.0.0.7 - - [03/Nov/2025:10:15:03 +0100] "GET / HTTP/1.1" 499 0 "-" "-" 10.0.1.1:80 -'
	printf '%s\n' "$line 4.002" "$line 0.200" | pano-observe -r nginx |
		tail -n +2 | cut -f 3-5 >got
	diff - got <<-E
	10.0.1.1:80	http	maybe_unhealthy
	E
}

@test "syslog: the kernel" {
	p='Nov  3 10:15:02 db1 kernel: '
	printf "$p%s\n" \
	    'EXT4-fs (sda1): re-mounted. Opts: errors=remount-ro. Quota mode: none.' \
	    'ata1: SATA link down (SStatus 0 SControl 300)' \
	    'md/raid1:md0: Disk failure on sdb1, disabling device.' \
	    'e1000e 0000:00:19.0 eth0: NIC Link is Down' \
	    'mlx5_core 0000:03:00.0 enp3s0f0: Link up' \
	    'bond0: (slave eth1): link status definitely down, disabling slave' \
	    'Memory cgroup out of memory: Killed process 4711 (java) total-vm:8123456kB' \
	    'app[812]: segfault at 0 ip 000055d sp 00007ff error 4 in app[55d+1000]' \
	    'nf_conntrack: nf_conntrack: table full, dropping packet' \
	    'nvme nvme0: I/O tag 12 (100c) opcode 0x1 (I/O Cmd) QID 3 timeout, aborting' |
		pano-observe -r syslog --now 2025-12-01T00:00:00Z |
		tail -n +2 | cut -f 3-6 >got
	diff - got <<-E
	db1/sdb1	disk	dead	0
	db1/eth0	network	unhealthy	20
	db1/enp3s0f0	network	healthy	90
	db1/eth1	network	unhealthy	20
	db1	memory	unhealthy	10
	db1	crash	unhealthy	20
	db1	network	unhealthy	10
	db1/nvme0	disk	unhealthy	10
	E
}

@test "kubernetes: both APIs, and what --output-watch-events wraps" {
	cat >log <<-'E'
	{"apiVersion":"events.k8s.io/v1","kind":"Event","type":"Warning","reason":"FailedScheduling","note":"0/5 nodes are available","reportingController":"default-scheduler","reportingInstance":"cp1","eventTime":"2026-03-01T10:00:00.250000Z","series":null,"regarding":{"kind":"Pod","namespace":"shop","name":"web-1"},"deprecatedSource":{},"metadata":{"name":"web-1.17"}}
	{"type":"ADDED","object":{"apiVersion":"v1","kind":"Event","type":"Warning","reason":"Unhealthy","message":"Liveness probe failed: timeout","source":{"component":"kubelet","host":"n1"},"lastTimestamp":"2026-03-01T10:05:00Z","involvedObject":{"kind":"Pod","namespace":"shop","name":"web-2"}}}
	{"type":"DELETED","object":{"kind":"Event","type":"Warning","reason":"Unhealthy","message":"Liveness probe failed: timeout","source":{"component":"kubelet","host":"n1"},"lastTimestamp":"2026-03-01T10:05:00Z","involvedObject":{"kind":"Pod","namespace":"shop","name":"web-2"}}}
	{"kind":"Event","type":"Warning","reason":"FailedMount","message":"m","source":{"component":"","host":""},"lastTimestamp":"2026-03-01T10:05:00Z","involvedObject":{"kind":"Pod","namespace":"a","name":"p"},"reportingComponent":"kubelet","reportingInstance":"n7"}
	E
	pano-observe -r kubernetes log | tail -n +2 | cut -f 1-5 >got
	diff - got <<-E
	1772359200.25	default-scheduler@cp1	Pod/shop/web-1	schedule	pending
	1772359500	kubelet@n1	Pod/shop/web-2	Liveness	unhealthy
	1772359500	kubelet@n7	Pod/a/p	volume	unhealthy
	E
}

@test "kubernetes: events" {
	set_sees kubernetes events.json >got
	diff - got <<-E
	kubelet@node2	Pod/shop/cart-7d4	Readiness	unhealthy	10
	kubelet@node2	Pod/cart-7d4	container	dead	0
	node-controller	Node/node2	ready	dead	0
	kubelet	Pod/db-0	volume	unhealthy	10
	kubelet@node3	Pod/cart-7d4	container	healthy	90
	operator	Pod/x	SomethingNew	maybe_unhealthy	50
	E
}

@test "hdfs: pipelines, disks, heartbeats" {
	set_sees hdfs hdfs.log >got
	diff - got <<-E
	hdfs	10.3.0.7	pipeline	maybe_unhealthy	40
	hdfs	hdfs	disk	unhealthy	20
	hdfs	10.3.0.7	pipeline	unhealthy	10
	namenode	10.3.0.8	heartbeat	healthy	90
	namenode	10.3.0.7	heartbeat	dead	0
	hdfs	hdfs	pause	maybe_unhealthy	40
	hdfs	10.3.0.9	transfer	unhealthy	20
	hdfs	hdfs	pipeline	healthy	90
	E
}

@test "hdfs: the layout of Ambari, mirrors, leases, servers by name" {
	printf '%s\n' \
	    '2018-03-22 10:00:00,123 WARN  server.Journal (Journal.java:journal(398)) - Sync of transaction range 1-2 took 10766ms' \
	    '2018-03-22 10:00:01,123 INFO  ipc.Client (Client.java:handleConnectionTimeout(844)) - Retrying connect to server: nn1:8020. Already tried 3 time(s)' \
	    '2018-03-22 10:00:02,123 WARN [LeaseRenewer:me@nn1:9000] org.apache.hadoop.hdfs.LeaseRenewer: Failed to renew lease for [DFSClient_1] for 47 seconds.  Will retry shortly ...' \
	    '180322 100003 148 WARN dfs.DataNode$DataXceiver: 10.3.0.5:50010:Exception writing block blk_1 to mirror 10.3.0.7:50010' \
	    '180322 100004 148 INFO dfs.DataNode$DataXceiver: Received block blk_-1 src: /10.3.0.6:5 dest: /10.3.0.5:50010 of size 67108864' |
		pano-observe -r hdfs | tail -n +2 | cut -f 3-5 >got
	diff - got <<-E
	hdfs	disk	unhealthy
	nn1	namenode	unhealthy
	namenode	namenode	unhealthy
	10.3.0.7	pipeline	unhealthy
	10.3.0.6	transfer	healthy
	E
}
