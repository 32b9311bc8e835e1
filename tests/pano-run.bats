load helper.bash

# The programs of tests/hook are built with the suite; see the Makefile.
setup_file() {
	export ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0
	"$TESTBIN/hook/peer" >"$BATS_FILE_TMPDIR/port" 3>&- 2>/dev/null &
	echo $! >"$BATS_FILE_TMPDIR/pid"
	until [ -s "$BATS_FILE_TMPDIR/port" ]; do sleep 0.05; done
	PORT=$(cat "$BATS_FILE_TMPDIR/port")
	export PORT
}
teardown_file() { kill "$(cat "$BATS_FILE_TMPDIR/pid")"; }

# ask WORD...: an observed client says each word to the peer.
ask() {
	pano-run -n me -o obs "${opts[@]}" \
		"$TESTBIN/hook/ask" "${TO-$PORT}" "${PATIENCE-5}" "$@"
}
seen() { tail -n +2 obs | cut -f "$1" | uniq; }

@test "pano-run: a healthy peer is said once per context" {
	opts=()
	ask ok ok ok
	[ "$(seen 2-6)" = "me	127.0.0.1:$PORT	connect	healthy	100
me	127.0.0.1:$PORT	send	healthy	100
me	127.0.0.1:$PORT	request	healthy	100" ]
	[ "$(tail -n +2 obs | wc -l)" = 3 ]
	pano-judge obs >/dev/null 2>&1 || [ ! -x "$BIN/pano-judge" ]
}

@test "pano-run: --healthy-every 0s says it each time" {
	opts=(--healthy-every 0s)
	ask ok ok ok
	[ "$(cut -f 4,5 obs | grep -c 'request	healthy')" = 3 ]
}

@test "pano-run: a slow answer is pending from when it was asked, then healthy" {
	opts=(--pending-after 500ms)
	ask slow
	[ "$(seen 4,5)" = "connect	healthy
send	healthy
request	pending
request	healthy" ]
	# The pending row has the request's time, two seconds before the answer,
	# not that of the report, half a second later or more.
	awk -F '\t' '$5 == "pending" { asked = $1 } { answered = $1 }
		END { exit !(answered - asked > 1.55) }' obs
	[[ $(tail -n 1 obs) == *"answered after 2"* ]]
}

@test "pano-run: given up, closed, reset, refused" {
	opts=(--pending-after 300ms)
	PATIENCE=1 ask never
	[[ $(tail -n 1 obs) == *"request	unhealthy	0	given up after "* ]]
	ask close
	[[ $(tail -n 1 obs) == *"request	unhealthy	0	closed without an answer"* ]]
	ask reset
	[[ $(tail -n 1 obs) == *"request	unhealthy	0	ECONNRESET" ]]
	TO=1 ask ok
	[[ $(tail -n 1 obs) == *"127.0.0.1:1	connect	unhealthy	0	ECONNREFUSED" ]]
}

@test "pano-run: an answer that says the server cannot serve" {
	opts=()
	while IFS='|' read -r answer name; do
		ask "say $answer"
		[ "$(tail -n 1 obs | cut -f 4-7)" = "answer	unhealthy	0	answered $name" ]
	done <<-'E'
	-OOM command not allowed when used memory > 'maxmemory'.|OOM
	-NOREPLICAS Not enough good replicas to write.|NOREPLICAS
	-LOADING Redis is loading the dataset in memory|LOADING
	-ERR max number of clients reached|max number of clients
	SERVER_ERROR out of memory storing object|SERVER_ERROR
	HTTP/1.1 503 Service Unavailable|HTTP 503
	HTTP/1.0 500 x|HTTP 500
	E
	rm obs
	for answer in '-ERR unknown command' '-WRONGTYPE x' '-MOVED 1 a:2' '-OOM' \
	    'CLIENT_ERROR bad data chunk' 'HTTP/1.1 404 Not Found' 'HTTP/1.1 501 x' \
	    'HTTP/1.1 5' 'EEEEEEEEEEEE' 'S' '-'; do
		ask "say $answer"
	done
	run ! grep -q 'answer	' obs
}

@test "pano-run: who refuses is well after eight good answers in succession" {
	opts=()
	bad='say -OOM x' good='say +OK'
	g7=() ; for _ in $(seq 7); do g7+=("$good"); done
	ask "$bad" "${g7[@]}" "$bad" "${g7[@]}"
	[ "$(cut -f 4,5 obs | grep ^answer | sort -u)" = 'answer	unhealthy' ]
	rm obs
	ask "$bad" "${g7[@]}" "$good" "$good" "$good" "$good" "$good"
	[ "$(cut -f 4,5 obs | grep ^answer | uniq -c | tr -s ' ')" = ' 1 answer	unhealthy
 3 answer	healthy' ]
	[ "$(pano-judge obs | awk -F '\t' '$3 == "answer" { print $4 }')" = healthy ]
}

@test "pano-run: several observers share a file, with one header" {
	pids=()
	for i in 1 2 3 4 5 6; do
		pano-run -n "o$i" -o obs "$TESTBIN/hook/refused" 2 50 exit 3>&- &
		pids+=($!)
	done
	wait "${pids[@]}"
	[ "$(grep -c '^ts' obs)" = 1 ]
	[ "$(awk -F '\t' 'NF == 7' obs | wc -l)" = 601 ]
}

@test "pano-run: what is healthy again is said at once" {
	opts=()
	ask ok close ok
	[ "$(cut -f 4,5 obs | grep request)" = "request	healthy
request	unhealthy
request	healthy" ]
}

@test "pano-run: names for addresses" {
	printf 'address\tname\n127.0.0.1:%s\tdb; rm -rf /\n' "$PORT" >names
	opts=(-a names)
	ask ok
	[ "$(seen 3)" = 'db; rm -rf /' ]
}

@test "pano-run: every refusal of eight threads is there, errno untouched" {
	run -0 --separate-stderr pano-run -o obs "$TESTBIN/hook/refused" 8 200 exit
	assert_equal "$stderr" ""
	[ "$(grep -c 'connect	unhealthy	0	ECONNREFUSED' obs)" = 1600 ]
}

@test "pano-run: a forked child observes too" {
	run -0 pano-run -o obs "$TESTBIN/hook/refused" 1 100 fork
	[ "$(grep -c ECONNREFUSED obs)" = 200 ]
}

@test "pano-run: what was seen before a crash is not lost" {
	export ASAN_OPTIONS=$ASAN_OPTIONS:handle_segv=0:handle_abort=0
	export UBSAN_OPTIONS=$UBSAN_OPTIONS:handle_segv=0:handle_abort=0
	for end in kill/137 segv/139 abort/134; do
		rm -f obs
		run "-${end#*/}" pano-run -o obs "$TESTBIN/hook/refused" 2 100 "${end%/*}"
		[ "$(grep -c ECONNREFUSED obs)" = 200 ]
	done
}

@test "pano-run: more than fits is counted, and the program goes on" {
	run -0 --separate-stderr pano-run -o obs "$TESTBIN/hook/refused" 16 3000 exit
	got=$(grep -c ECONNREFUSED obs)
	lost=$(sed -n 's/^pano-run: \([0-9]*\) observations did not fit.*/\1/p' <<<"$stderr")
	[ "$((got + ${lost:-0}))" = 48000 ]
}

@test "pano-run: exit status and output are the program's" {
	run -7 pano-run -o obs sh -c 'echo out; exit 7'
	assert_output out
	run -0 --separate-stderr pano-run sh -c 'echo out'
	assert_output "ts	observer	subject	context	status	score	detail"
	assert_equal "$stderr" out
	run -127 --separate-stderr pano-run ./nosuch
	assert_equal "$stderr" "pano-run: ./nosuch: No such file or directory"
	run -2 pano-run
}

@test "pano-run: a program with closed standard files, and no descriptor added" {
	pano-run -o obs bash -c 'exec 0<&- 1>&- 2>&-; exit 3' && fail "status lost" || [ $? = 3 ]
	plain=$(sh -c 'ls /proc/self/fd | wc -l')
	[ "$(pano-run -o obs sh -c 'ls /proc/self/fd | wc -l')" = "$plain" ]
}

@test "pano-run: its reader's end does not end the program" {
	pano-run bash -c 'sleep 0.3; "$TESTBIN/hook/ask" 1 1 ok; echo "done" >left' | head -n 1 >/dev/null
	for _ in $(seq 1200); do [ -s left ] && break; sleep 0.1; done
	[ "$(cat left)" = done ]
}

# calls WORD [OPTION...]: what was seen of the peer, `context status count`.
calls() {
	local word=$1 port; shift
	rm -f obs
	port=$(pano-run -o obs --healthy-every 0s "$@" "$TESTBIN/hook/calls" "$word")
	awk -F '\t' -v port=":$port" 'index($3, port) { n[$4 " " $5]++ }
		END { for (i in n) print i, n[i] }' obs | sort
}

@test "pano-run: every call that sends or receives is seen" {
	[ "$(calls every)" = "connect healthy 1
request healthy 8
send healthy 8" ]
}

@test "pano-run: who never reads waits for no answer" {
	[ "$(calls stream --pending-after 300ms)" = "connect healthy 1
send healthy 12" ]
}

@test "pano-run: whoever reads, polls, selects or has an epoll set does" {
	for how in unanswered select epoll; do
		calls $how --pending-after 10s >got
		grep -q '^request unhealthy 1$' got || fail "$how: $(cat got)"
		grep -q 'given up after 1' obs
	done
}

@test "pano-run: what is still being sent is not late" {
	[ "$(calls upload --pending-after 2s)" = "connect healthy 1
request healthy 1
send healthy 31" ]
}

@test "pano-run: a request that waits by intent is not late, nor given up" {
	calls blocking-pop --pending-after 300ms >got
	[ "$(grep -c 'request	healthy	100	answered after' obs)" = 1 ]
	[ "$(grep -c -e pending -e unhealthy obs)" = 0 ]
	[ "$(calls unanswered --waits - --pending-after 300ms)" = "connect healthy 1
send healthy 1" ]
	run -2 --separate-stderr pano-run --waits '' true
	assert_equal "$stderr" "pano-run: --waits '': not 1 to 31 bytes, or one of more than 16"
}

@test "pano-run: an acknowledgement is no request" {
	calls acknowledge --pending-after 300ms >got
	[ "$(grep -c -e pending -e unhealthy obs)" = 0 ]
	grep -q '^request healthy' got
}

@test "pano-run: a connection whose answers take long is given more time" {
	calls patient --pending-after 200ms >got
	[ "$(awk '/^request pending/ { n = $3 } END { print n + 0 }' got)" -le 1 ]
	grep -q '^request healthy 2$' got
}

@test "pano-run: copies and closed ranges of descriptors, vfork" {
	one="connect healthy 1
request healthy 1
send healthy 1"
	[ "$(calls duplicate)" = "$one" ]
	[ "$(calls closefrom)" = "$one" ]
	[ "$(calls vfork)" = "connect healthy 1
request healthy 2
send healthy 2" ]
	calls nonblock | grep -q '^connect healthy'
}

@test "pano-run: descriptors beyond those observed do no harm" {
	[ "$(ulimit -Hn)" = unlimited ] || [ "$(ulimit -Hn)" -ge 70000 ] ||
		skip "a hard limit of $(ulimit -Hn) descriptors"
	[ "$(calls many)" = "connect healthy 1
request healthy 1
send healthy 1" ]
}
