load helper.bash

include=$TOP/lib/pano/client

setup_file() {
	export ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0
	command -v spatch >/dev/null || return 0
	"$TESTBIN/hook/peer" >"$BATS_FILE_TMPDIR/port" 3>&- 2>/dev/null &
	echo $! >"$BATS_FILE_TMPDIR/pid"
	until [ -s "$BATS_FILE_TMPDIR/port" ]; do sleep 0.05; done
	PORT=$(cat "$BATS_FILE_TMPDIR/port")
	export PORT
}
teardown_file() { kill "$(cat "$BATS_FILE_TMPDIR/pid")"; }

@test "pano-instrument: the list, the diff and the changed file agree" {
	cp "$TESTDATA/pano-instrument/client.c" client.c
	pano-instrument client.c >list
	pano-instrument -d client.c >diff
	cmp client.c "$TESTDATA/pano-instrument/client.c"	# untouched so far
	cp client.c patched.c
	patch -s -p1 patched.c <diff
	pano-instrument -i client.c >list2
	cmp list list2
	cmp client.c patched.c
	# Each listed line is that line of the changed file.
	tail -n +2 list | while IFS=$'\t' read -r _ line point text; do
		[ "$(sed -n "${line}s/^[ 	]*//p" client.c)" = "$text" ]
		[[ $text == *"pano_$point("* ]]
	done
	gcc -Wall -Werror -c -I"$include" client.c
}

@test "pano-instrument: a program reports what its handlers see" {
	cp "$TOP/tests/hook/ask.c" ask.c
	pano-instrument -i ask.c >list
	gcc -Wall -I"$include" -o ask ask.c
	export PANO_OUTPUT=$PWD/obs PANO_OBSERVER=me
	./ask "$PORT" 30 ok
	./ask "$PORT" 1 never
	./ask 1 1 ok
	cut -f 2-6 obs >got
	printf '%s\n' "observer	subject	context	status	score" \
		"me	127.0.0.1:$PORT	connect	healthy	100" \
		"me	127.0.0.1:$PORT	send	healthy	100" \
		"me	127.0.0.1:$PORT	receive	healthy	100" \
		"me	127.0.0.1:$PORT	connect	healthy	100" \
		"me	127.0.0.1:$PORT	send	healthy	100" \
		"me	127.0.0.1:$PORT	receive	pending	50" \
		"me	127.0.0.1:1	connect	unhealthy	0" >want
	diff -u want got
	[[ $(tail -n 1 obs) == *"Connection refused at ask.c:"* ]]
}

@test "pano-instrument: the header is clean and silent without PANO_OUTPUT" {
	cat >all.c <<-'C'
	#include "pano.h"
	int main(void) { pano_say("s", "c", "healthy", 1, "d"); return 0; }
	C
	for cc in gcc clang; do
		$cc -std=gnu11 -Wall -Wextra -Wno-unused-function -Werror -I"$include" -o all all.c
	done
	run -0 env -u PANO_OUTPUT ./all
	assert_output ""
	PANO_OUTPUT=$PWD/o PANO_OBSERVER=$'a\tb' ./all
	[ "$(wc -l <o)" = 2 ]
}

@test "pano-instrument: rows of many processes do not mix" {
	cat >many.c <<-'C'
	#include "pano.h"
	int main(void) {
		for (int k = 0; k < 8; k++)
			if (fork() == 0) {
				for (int i = 0; i < 500; i++)
					pano_say("subject", "context", "unhealthy", k, "detail");
				_exit(0);
			}
		return 0;
	}
	C
	gcc -Wall -I"$include" -o many many.c
	PANO_OUTPUT=$PWD/o ./many
	for _ in $(seq 300); do [ "$(wc -l <o)" = 4001 ] && break; sleep 0.1; done
	[ "$(awk -F '\t' 'NF == 7' o | wc -l)" = 4001 ]
}

@test "pano-instrument: errors" {
	trouble "pano-instrument: nosuch.c: No such file or directory" pano-instrument nosuch.c
	trouble "pano-instrument: no source files" pano-instrument
	printf '@@ broken' >bad.cocci
	cp "$TESTDATA/pano-instrument/client.c" client.c
	run -2 --separate-stderr pano-instrument -p bad.cocci client.c
	assert_equal "$stderr" "pano-instrument: client.c: spatch fails with bad.cocci"
	mkdir left
	TMPDIR=$PWD/left run -2 pano-instrument -p bad.cocci client.c
	[ -z "$(ls left)" ]
}

# Two real programs, from Debian's own sources.

@test "pano-instrument: hiredis, built and run" {
	"$TOP/tests/hook/sources.sh" hiredis "$PWD" >/dev/null 2>&1 || skip "no Debian sources"
	cd source
	run -0 pano-instrument -i net.c hiredis.c
	[ "$(grep -cE '	(connect|read|write|closed|poll|getsockopt|getaddrinfo)	' <<<"$output")" -ge 9 ]
	make -s OPTIMIZATION="-O1 -w -I$include" libhiredis.a
	cat >ping.c <<-'C'
	#include <stdlib.h>
	#include "hiredis.h"
	int main(int argc, char **argv) {
		struct timeval t = { 1, 0 };
		redisContext *c = redisConnectWithTimeout("127.0.0.1", atoi(argv[argc - 1]), t);
		return c == NULL || c->err || redisCommand(c, "close") == NULL;
	}
	C
	gcc -w -I. -o ping ping.c libhiredis.a
	export PANO_OUTPUT=$PWD/obs
	run -1 ./ping 1
	run -1 ./ping "$PORT"		# the peer does not speak RESP
	grep -q "127.0.0.1:1	connect	unhealthy	0	Connection refused at net.c" obs
	grep -q "127.0.0.1:$PORT	connect	healthy" obs
}

@test "pano-instrument: nuttcp, built and run" {
	"$TOP/tests/hook/sources.sh" nuttcp "$PWD" >/dev/null 2>&1 || skip "no Debian sources"
	cd source
	run -0 pano-instrument -i nuttcp-6.1.2.c
	[ "$(wc -l <<<"$output")" -ge 20 ]
	gcc -O1 -w -I"$include" -o nuttcp nuttcp-6.1.2.c
	export PANO_OUTPUT=$PWD/obs
	run timeout 20 ./nuttcp -P 5999 127.0.0.1
	grep -q "127.0.0.1:5999	connect	unhealthy	0	Connection refused at nuttcp" obs
}
