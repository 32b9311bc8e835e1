load helper.bash

setup() {
	cd "$BATS_TEST_TMPDIR" && set -o pipefail
	sleep 600 3>&- &
	victim=$!
	candidate "$victim" no
}

teardown() { kill "$victim" ${service-} ${dumper-} 2>/dev/null || :; }

# serve CMD...: a service in the background that answers each line with one.
serve() {
	mkfifo in out.fifo
	"$@" <in >out.fifo 2>log 3>&- &
	service=$!
	exec 8>in 9<out.fifo
}
order() {
	local answer
	echo "$1" >&8
	read -r -t 60 answer <&9
	[ "$answer" = "done" ]
}

# dumping PREFIX: a new dump each second, whole at once.
dumping() {
	for k in $(seq 60); do
		echo heap_v2/1 >new && mv new "$1.$k.i$k.heap"
		sleep 1
	done 3>&- &
	dumper=$!
}

# first FILE: the stacks of the first finding.
first() { awk -F'\t' 'NR > 1 && $1 == 1 { print $2 }' "$1"; }

candidate() { printf 'component\tnode\tpid\tcluster\tcomplete\nsvc\there\t%s\tc1\t%s\n' "$1" "${2-no}" >cand.new && mv cand.new cand; }

trace() { resin-trace -d st --node here -i 0.2s "$@"; }

status() { awk -F'\t' 'NR > 1 { print $7 }' out | tr '\n' ' '; }

logged() { awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } NR > 1 { print $at["status"] }' st/trace.tsv; }

dirs() { echo st/"$victim".*; }

@test "trace: a ring of the newest snapshots" {
	trace -n 5 -k 2 --snapshot-cmd 'cat /proc/{pid}/stat' cand >out
	assert_equal "$(status)" 'snapshot snapshot snapshot snapshot snapshot enough '
	assert_equal "$(ls "$(dirs)")" $'000004.dump\n000005.dump'
	grep -q "^$victim (sleep)" "$(dirs)/000005.dump"
	awk -F'\t' '$7 == "snapshot" { print $8, $9 }' out | tail -n 1 >last
	assert_equal "$(cat last)" "$(dirs)/000005.dump $(wc -c <"$(dirs)/000005.dump")"
	assert_equal "$(logged)" enough
	# a second trace goes on with the numbers
	trace -n 1 --cap 5 --snapshot-cmd 'cat /proc/{pid}/stat' cand >out
	[ -e "$(dirs)/000006.dump" ]
}

@test "trace: {out} is a file, and there is no shell" {
	trace -n 1 --snapshot-cmd "tee {out} /proc/self/fd/1" cand >out </dev/null || :
	trace -n 1 --cap 9 --snapshot-cmd 'echo $(id); a|b "two  words" {pid}' cand >out
	assert_equal "$(cat "$(dirs)"/*.dump)" "\$(id); a|b two  words $victim"
	trace -n 1 --cap 9 --snapshot-cmd 'cp /proc/{pid}/comm {out}' cand >out
	assert_equal "$(cat "$(dirs)"/000002.dump)" sleep
}

@test "trace: ends when the candidate is complete, not before three snapshots" {
	candidate "$victim" yes
	trace --snapshot-cmd 'echo {pid}' cand >out
	assert_equal "$(status)" 'snapshot snapshot snapshot complete '
}

@test "trace: hears of complete when the file is replaced" {
	resin-trace -d st --node here -i 0.2s --snapshot-cmd 'echo {pid}' cand >out 3>&- &
	tracer=$!
	for _ in $(seq 1200); do [ "$(grep -c snapshot out)" -ge 4 ] && break; sleep 0.1; done
	candidate "$victim" yes
	wait $tracer
	assert_equal "$(tail -n 1 out | cut -f 7)" complete
}

@test "trace: ends with the process, and takes no other of that number" {
	resin-trace -d st --node here -i 0.2s --snapshot-cmd 'echo {pid}' cand >out 3>&- &
	tracer=$!
	for _ in $(seq 1200); do grep -q snapshot out && break; sleep 0.1; done
	kill "$victim"
	wait $tracer
	assert_equal "$(tail -n 1 out | cut -f 7)" gone
	printf 'component\tnode\tpid\tstart\nsvc\there\t%s\t12345\n' $$ >cand
	trace --cap 9 --snapshot-cmd 'echo {pid}' cand >out
	assert_equal "$(cut -f 7,10 out | tail -n 1)" $'deferred\tno such process, or another one of that number'
}

@test "trace: candidates of other nodes, and of the kernel, are passed over" {
	printf 'component\tnode\tpid\nsvc\tthere\t%s\nslab:x\there\t\n' "$victim" >cand
	trace --snapshot-cmd 'echo {pid}' cand >out
	assert_equal "$(wc -l <out)" 1
}

@test "trace: the cap per cluster and hour" {
	sleep 600 3>&- &
	other=$!
	printf 'component\tnode\tpid\tcluster\na\there\t%s\tc1\nb\there\t%s\tc1\nb\there\t%s\tc2\n' "$victim" $other $$ >cand
	trace -n 1 --cap 1 --snapshot-cmd 'echo {pid}' cand >out
	kill $other
	assert_equal "$(awk -F'\t' 'NR > 1 { print $3, $7 }' out | sort | tr '\n' ,)" \
		'c1 deferred,c1 enough,c1 snapshot,c2 enough,c2 snapshot,'
}

@test "trace: waits while an action is under way" {
	printf 'id\tnode\tcomponent\tpid\tstate\tverdict\n1\there\tsvc\t%s\tintent\t\n' "$victim" >actions
	trace -n 1 --actions actions --snapshot-cmd 'echo {pid}' cand >out
	assert_equal "$(cut -f 7,10 out | tail -n 1)" $'deferred\tan action is under way there'
	printf 'id\tnode\tcomponent\tpid\tstate\tverdict\n1\there\tsvc\t%s\tdone\thelped\n' "$victim" >actions
	trace -n 1 --actions actions --snapshot-cmd 'echo {pid}' cand >out
	assert_equal "$(status)" 'snapshot enough '
}

@test "trace: resin-mitigate sees it, with an end in the future" {
	resin-trace -d st --node here -i 0.2s --limit 1h --snapshot-cmd 'echo {pid}' cand >out 3>&- &
	tracer=$!
	for _ in $(seq 1200); do grep -q snapshot out && break; sleep 0.1; done
	awk -F'\t' -v now="$(date +%s)" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
	    NR > 1 { print $at["node"], $at["status"], ($at["until"] > now + 3000) }' st/trace.tsv >seen
	kill -TERM $tracer
	wait $tracer
	assert_equal "$(cat seen)" "here tracing 1"
	assert_equal "$(tail -n 1 out | cut -f 7)" stopped
	assert_equal "$(logged)" stopped
}

@test "trace: a command that hangs is ended with all it started" {
	printf '#!/bin/sh\nsleep 5077 & sleep 5077\n' >hang && chmod +x hang
	trace --timeout 0.3s --snapshot-cmd "$PWD/hang {out}" cand >out
	assert_equal "$(status)" 'failed failed failed failed '
	[[ $(sed -n 2p out) == *"took too long"* ]]
	run pgrep -f '^sleep 5077$'
	assert_equal "$status" 1
	assert_equal "$(ls "$(dirs)")" ""
}

@test "trace: a command that fails, writes nothing or is not there" {
	trace --snapshot-cmd 'false' cand >out
	[[ $(sed -n 2p out) == *"exit status 1" ]]
	trace --cap 9 --snapshot-cmd 'true' cand >out
	[[ $(sed -n 2p out) == *"no file, or an empty one" ]]
	trace --cap 9 --snapshot-cmd '/no/such {pid}' cand >out
	[[ $(sed -n 2p out) == *"/no/such: No such file or directory" ]]
	trace --cap 9 --max-size 4 --snapshot-cmd 'echo too large' cand >out
	[[ $(sed -n 2p out) == *"larger than --max-size" ]]
	assert_equal "$(ls "$(dirs)")" ""
}

@test "trace: what a killed tracer left is swept away" {
	printf '#!/bin/sh\necho part\nexec sleep 5078\n' >hang && chmod +x hang
	resin-trace -d st --node here -i 0.2s --snapshot-cmd "$PWD/hang {pid}" cand >out 3>&- &
	tracer=$!
	for _ in $(seq 1200); do [ -s "$(dirs)/000001.part" ] && break; sleep 0.1; done
	child=$(cut -d' ' -f 1 "$(dirs)/000001.part.pid")
	kill -KILL $tracer
	wait $tracer || :
	kill -0 "$child"
	run -0 --separate-stderr trace --sweep
	assert_equal "$stderr" "resin-trace: cleaned up after 1 trace of a killed tracer"
	for _ in $(seq 1200); do kill -0 "$child" 2>/dev/null || break; sleep 0.1; done
	run kill -0 "$child"
	[ "$status" -ne 0 ]
	assert_equal "$(ls "$(dirs)")" ""
	assert_equal "$(logged)" lost
	run -0 --separate-stderr trace --sweep
	assert_equal "$stderr" ""
}

@test "trace: gperftools by its signal, without stopping the process" {
	lib=$(compgen -G "/usr/lib/*/libtcmalloc.so.4" || :)
	[ -n "$lib" ] || skip "no libtcmalloc"
	env LD_PRELOAD="$lib" HEAPPROFILE="$PWD/hp" HEAPPROFILESIGNAL=12 sleep 600 3>&- 2>/dev/null &
	p=$!
	until (( 0x$(awk '$1 == "SigCgt:" { print $2 }' /proc/$p/status) & 1 << 11 )); do sleep 0.05; done
	candidate $p
	trace -n 2 -i 1.2s cand >out
	kill -0 $p && kill $p
	assert_equal "$(status)" 'snapshot snapshot enough '
	grep -q '^heap profile:' st/$p.*/000001.dump
}

@test "trace: no signal to a process that does not catch it" {
	env HEAPPROFILE=/x HEAPPROFILESIGNAL=12 sleep 600 3>&- &
	p=$!
	until grep -qx sleep /proc/$p/comm; do sleep 0.05; done
	candidate $p
	trace cand >out
	kill -0 $p && kill $p
	[[ $(sed -n 2p out) == *"signal 12 has no handler there" ]]
}

@test "trace: dumps that jemalloc writes by itself" {
	env MALLOC_CONF=prof:true,prof_prefix:jp sleep 600 3>&- &
	p=$!
	until grep -qx sleep /proc/$p/comm; do sleep 0.05; done
	candidate $p
	dumping jp.$p
	trace -n 1 -i 1s cand >out
	kill $p
	assert_equal "$(tail -n 1 out | cut -f 7)" enough
	assert_equal "$(cat st/$p.*/000001.dump)" heap_v2/1
}

@test "trace: jemalloc in a name space of its own, where its number is another" {
	unshare -r --pid --fork true 2>/dev/null || skip "no name spaces"
	env MALLOC_CONF=prof:true,prof_prefix:jp unshare -r --pid --fork --kill-child sleep 600 3>&- &
	u=$!
	for _ in $(seq 1200); do p=$(pgrep -P $u) && break; sleep 0.1; done
	until grep -qx sleep "/proc/$p/comm"; do sleep 0.05; done
	candidate "$p"
	dumping jp.1
	trace -n 1 -i 1s cand >out
	kill -KILL "$p"	# unshare(1) itself waits for it and heeds nothing
	wait $u || :
	assert_equal "$(cat st/$p.*/000001.dump)" heap_v2/1
}

@test "trace: a JVM by jcmd, while it runs" {
	command -v jcmd >/dev/null && command -v javac >/dev/null || skip "no JDK"
	javac -d . "$TESTDATA/resin-trace/Shop.java"
	serve java -Xmx128m -cp . Shop
	order 1000
	candidate $service
	trace -n 4 -i 1s --timeout 5m cand >out 3>&- &
	tracer=$!
	while kill -0 $tracer 2>/dev/null; do order 200; done
	wait $tracer
	order 1		# it has not been stopped
	assert_equal "$(status)" 'snapshot snapshot snapshot snapshot enough '
	resin-snap st/$service.*/*.dump | resin-snapdiff >diff
	first diff | grep -xF 'Shop$Session'
	first diff | grep -xF 'Shop$Basket'
	# One of each a request; the first and the last look may be amid one.
	awk -F'\t' '$2 ~ /Session|Basket/ { n[k++] = $6 }
		END { exit k != 2 || n[0] - n[1] > 1 || n[1] - n[0] > 1 }' diff
}

@test "trace: heaptrack is attached, and the process goes on when it is detached" {
	for t in heaptrack gdb; do command -v $t >/dev/null || skip "no $t"; done
	serve "$TESTBIN/demo/shop" 1
	gdb --batch -n -p $service -ex detach >log 2>&1 </dev/null
	! grep -q '^ptrace:' log || skip "may not be attached to"
	order release
	order 'serve 20000'
	candidate $service
	resin-trace -d st --node here --way heaptrack --timeout 5m cand >out 2>err 3>&- &
	tracer=$!
	for _ in $(seq 600); do
		! grep -q libheaptrack_inject /proc/$service/maps || break
		sleep 0.1
	done
	for _ in $(seq 400); do order 'serve 100'; sleep 0.01; done
	kill -TERM $tracer
	wait $tracer
	order 'serve 1'
	assert_equal "$(status)" 'snapshot stopped '
	resin-snap -m mods st/$service.*/000001.dump | resin-symbolize -m mods | resin-snapdiff >diff
	[[ $(first diff) == *';serve;session_open;basket_new;must_alloc' ]]
}

@test "trace: a process under no profiler is deferred with the reason" {
	trace cand >out
	[[ $(sed -n 2p out) == *"neither a JVM nor under a heap profiler: give --snapshot-cmd or --way" ]]
}

@test "trace: hostile names stay names" {
	printf 'component\tnode\tpid\n; rm -rf /\there\t%s\n' "$victim" >cand
	trace -n 1 --snapshot-cmd 'echo {pid}' cand >out
	assert_equal "$(tail -n 1 out | cut -f 2,7)" $'; rm -rf /\tenough'
}

@test "trace: usage" {
	trouble "resin-trace: --directory is required" resin-trace cand
	trouble "resin-trace: --way 'x': not a way" resin-trace -d st --way x
	trouble "resin-trace: --snapshot-cmd 'a \"b': a quote is not closed" resin-trace -d st --snapshot-cmd 'a "b'
	trouble "resin-trace: --interval '0': not positive" resin-trace -d st -i 0
	trouble "resin-trace: --keep '0': must be 1 or more" resin-trace -d st -k 0
	printf 'a\n1\n' >in
	run -2 resin-trace -d st in
	mkdir st2 && echo garbage >st2/trace.tsv
	run -2 --separate-stderr resin-trace -d st2 cand
	[[ $stderr == "resin-trace: st2/trace.tsv:"* ]]
}
