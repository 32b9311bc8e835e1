#!/bin/bash
# run.sh: gray failures made for real, and how soon they are seen.
#
# A three-server ZooKeeper ensemble and a Redis primary with two replicas and
# three Sentinels run in network namespaces; servers speak to each other on one
# LAN, clients to servers on another.  Three clients send five reads and writes
# a second to each.  What they say is judged twice: by their logs, through
# pano-observe, and by what pano-run sees of the same processes, of redis-cli
# and of an nginx that passes requests on.  Each fault hurts clients while
# heartbeats are answered.  Written: seconds from the fault until pano-judge
# says gray, by logs and by pano-run alone, and until the system's own detector
# acts.
#
#	HEALTHY=600	seconds of healthy load first; gray verdicts in it count
#	WATCH=60	seconds each fault is watched
#	CASES=...	names of cases, all by default
#	KEEP=DIR	where logs and verdicts stay
set -u
cd "$(dirname "$0")" || exit 2
here=$PWD top=$(cd ../.. && pwd)
BIN=${BIN:-$top/build/bin} TESTBIN=${TESTBIN:-$top/build/tests}
HEALTHY=${HEALTHY:-60} WATCH=${WATCH:-60}
all="zk-leader-thread zk-follower-thread zk-disks-frozen zk-path-cut
zk-path-choked redis-memory-full redis-replicas-cut
redis-path-cut redis-path-choked redis-killed zk-killed"
CASES=${CASES:-$all}

need() {
	for c in ip tc java redis-server redis-sentinel redis-cli nginx fsfreeze \
	    /usr/bin/python3; do
		command -v $c >/dev/null || { echo "no $c"; return 1; }
	done
	[ -e /usr/lib/nginx/modules/ngx_stream_module.so ] || { echo "no stream module of nginx"; return 1; }
	[ -e /usr/share/java/zookeeper.jar ] || { echo "no zookeeper"; return 1; }
	/usr/bin/python3 -c 'import kazoo, redis' 2>/dev/null || { echo "no kazoo, redis for python3"; return 1; }
	[ "$(id -u)" = 0 ] || { echo "not root"; return 1; }
	ip netns add "gray-probe-$$" 2>/dev/null || { echo "no network namespaces"; return 1; }
	ip netns del "gray-probe-$$"
}
why=$(need) || { echo "tests/gray: skipped: $why" >&2; exit 0; }

# Mounts of our own, gone when we are.
[ -n "${GRAY_INSIDE-}" ] ||
	GRAY_INSIDE=1 exec unshare --mount --propagation private "$here/run.sh"

tag=g$$
# Disks in memory, if there is room: what others write does not slow them.
dir=${KEEP:-$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d)}
mkdir -p "$dir"
pids=() frozen=()

at() { local h=$1; shift; nsenter --net="/run/netns/$tag-$h" "$@"; }
start() {	# start HOST LOG CMD...: in the background
	local h=$1 log=$2; shift 2
	nsenter --net="/run/netns/$tag-$h" "$@" >>"$dir/$log" 2>&1 </dev/null &
	pids+=($!)
}
now() { date +%s.%N; }

cleanup() {
	local h
	for h in "${frozen[@]}"; do fsfreeze -u "$h" 2>/dev/null; done
	kill "${pids[@]}" 2>/dev/null	# pano-run passes it on
	sleep 1
	kill -9 "${pids[@]}" 2>/dev/null
	wait 2>/dev/null
	for h in $hosts sw; do ip netns del "$tag-$h" 2>/dev/null; done
	umount "$dir"/disk/* 2>/dev/null
	[ -n "${KEEP-}" ] || rm -rf "$dir"
}
hosts="zk1 zk2 zk3 rd1 rd2 rd3 st1 st2 st3 ag c1 c2 c3"
trap cleanup EXIT
trap 'exit 2' INT TERM

address() {	# its last number
	case $1 in
	zk?) echo "1${1#zk}" ;; rd?) echo "2${1#rd}" ;; st?) echo "3${1#st}" ;;
	ag) echo 40 ;; c?) echo "5${1#c}" ;;
	esac
}

make_lan() {	# make_lan HOST DEVICE NET
	ip link add "$tag$1$2" netns "$tag-sw" type veth peer name "$2" netns "$tag-$1"
	ip -n "$tag-sw" link set "$tag$1$2" master "br$3" up
	ip -n "$tag-$1" addr add "10.88.$3.$(address "$1")/24" dev "$2"
	ip -n "$tag-$1" link set "$2" up
}

make_network() {
	local h
	ip netns add "$tag-sw"
	for n in 0 1; do
		ip -n "$tag-sw" link add "br$n" type bridge
		ip -n "$tag-sw" link set "br$n" up
	done
	for h in $hosts; do
		ip netns add "$tag-$h"
		ip -n "$tag-$h" link set lo up
		case $h in c?) ;; *) make_lan "$h" e0 0 ;; esac
		case $h in st?|ag) ;; *) make_lan "$h" e1 1 ;; esac
	done
}

make_disk() {	# make_disk NAME MiB
	mkdir -p "$dir/disk/$1"
	truncate -s "$2M" "$dir/$1.img"
	mkfs.ext4 -q -m 0 "$dir/$1.img" && mount -o loop "$dir/$1.img" "$dir/disk/$1"
}

start_zookeeper() {
	local i
	printf '%s\n' 'log4j.rootLogger=INFO,out' \
	    'log4j.appender.out=org.apache.log4j.ConsoleAppender' \
	    'log4j.appender.out.layout=org.apache.log4j.PatternLayout' \
	    'log4j.appender.out.layout.ConversionPattern=%d{ISO8601} [myid:%X{myid}] - %-5p [%t:%C{1}@%L] - %m%n' \
	    >"$dir/log4j.properties"
	for i in 1 2 3; do
		make_disk "zk$i" 256
		echo "$i" >"$dir/disk/zk$i/myid"
		cat >"$dir/zk$i.cfg" <<-CFG
		tickTime=2000
		initLimit=10
		syncLimit=5
		dataDir=$dir/disk/zk$i
		clientPort=2181
		maxClientCnxns=0
		admin.enableServer=false
		4lw.commands.whitelist=ruok,srvr,mntr
		server.1=10.88.0.11:2888:3888
		server.2=10.88.0.12:2888:3888
		server.3=10.88.0.13:2888:3888
		CFG
		start "zk$i" "zk$i.log" java -Xmx160m -XX:+UseSerialGC \
		    -Dlog4j.configuration="file:$dir/log4j.properties" \
		    -cp "$dir:/usr/share/java/zookeeper.jar" \
		    org.apache.zookeeper.server.quorum.QuorumPeerMain "$dir/zk$i.cfg"
		eval "zk$i=$!"
	done
}

start_redis() {
	local i
	for i in 1 2 3; do
		make_disk "rd$i" 32
		replica=()
		[ $i = 1 ] || replica=(--replicaof 10.88.0.21 6379)
		start "rd$i" "rd$i.log" redis-server --dir "$dir/disk/rd$i" \
		    --bind 0.0.0.0 --protected-mode no --save 2 1 --maxmemory 24mb \
		    --maxmemory-policy noeviction --min-replicas-to-write 1 \
		    --min-replicas-max-lag 3 --repl-timeout 10 \
		    "${replica[@]}"
		eval "rd$i=$!"
		printf '%s\n' "port 26379" "protected-mode no" "dir $dir" \
		    "sentinel monitor gray 10.88.0.21 6379 2" \
		    "sentinel down-after-milliseconds gray 5000" \
		    "sentinel failover-timeout gray 20000" >"$dir/st$i.conf"
	done
	for i in 1 2 3; do
		start "st$i" "st$i.log" redis-sentinel "$dir/st$i.conf"
	done
}

start_detectors() {
	local c
	start ag agent.zk /usr/bin/python3 client.py agent ruok zk1=10.88.0.11 \
	    zk2=10.88.0.12 zk3=10.88.0.13
	for c in 1 2 3; do
		start ag agent.st$c /usr/bin/python3 client.py "sentinel$c" sentinel \
		    redis=10.88.0.3$c
	done
}

# seen_by NAME: what runs in front of a command to observe it from inside.
seen_by() { observer=("$BIN/pano-run" -n "$1" -a "$dir/names" -o "$dir/seen"); }

# Requesters that nobody wrote for this: redis-cli, and nginx before Redis.
start_others() {
	cat >"$dir/nginx.conf" <<-CONF
	load_module /usr/lib/nginx/modules/ngx_stream_module.so;
	daemon off; worker_processes 1; user root; pid $dir/nginx.pid;
	error_log $dir/nginx.log;
	events { }
	stream { server { listen 127.0.0.1:6380; proxy_pass 10.88.1.21:6379;
	    proxy_connect_timeout 1s; proxy_timeout 1s; } }
	CONF
	seen_by cli
	start c1 cli.out "${observer[@]}" redis-cli -h 10.88.1.21 -r -1 -i 0.2 \
	    set cli x
	seen_by nginx
	start c2 nginx.out "${observer[@]}" nginx -c "$dir/nginx.conf"
	start c2 proxied.out /usr/bin/python3 client.py proxied redis \
	    redis=127.0.0.1:6380
}

start_requesters() {
	local c
	printf '%s\t%s\n' address name 10.88.1.11:2181 zk1 10.88.1.12:2181 zk2 \
	    10.88.1.13:2181 zk3 10.88.1.21:6379 redis >"$dir/names"
	printf 'ts\tobserver\tsubject\tcontext\tstatus\tscore\tdetail\n' >"$dir/seen"
	for c in c1 c2 c3; do
		seen_by $c
		start $c $c.zk "${observer[@]}" /usr/bin/python3 client.py $c \
		    zookeeper zk1=10.88.1.11 zk2=10.88.1.12 zk3=10.88.1.13
		start $c $c.redis "${observer[@]}" /usr/bin/python3 client.py $c \
		    redis redis=10.88.1.21
	done
	start_others
}

judge=(--line-buffered -d agent -d sentinel1 -d sentinel2 -d sentinel3)

# By the logs of the clients, and by what pano-run saw.
start_judges() {
	mkfifo "$dir/pipe" "$dir/detected"
	"$BIN/pano-observe" -f -r gray.rules "$dir"/c?.zk "$dir"/c?.redis \
	    "$dir/agent.zk" "$dir"/agent.st? >"$dir/pipe" 2>"$dir/observe.err" &
	pids+=($!)
	"$BIN/pano-judge" "${judge[@]}" <"$dir/pipe" >"$dir/verdicts" \
	    2>"$dir/judge.err" &
	pids+=($!)
	"$BIN/pano-observe" -f -r gray.rules "$dir/agent.zk" "$dir"/agent.st? \
	    >"$dir/detected" 2>"$dir/observe.err" &
	pids+=($!)
	stdbuf -oL awk -F'\t' 'NR > 1 { NF = 7; print }' OFS='\t' <"$dir/detected" \
	    >>"$dir/seen" &
	pids+=($!)
	mkfifo "$dir/pipe2"
	tail -c +1 -f "$dir/seen" >"$dir/pipe2" &
	pids+=($!)
	"$BIN/pano-judge" "${judge[@]}" <"$dir/pipe2" >"$dir/verdicts.run" \
	    2>"$dir/judge-run.err" &
	pids+=($!)
}

# class SUBJECT: the last that was said by both judges.
class() {
	local f
	for f in "$dir/verdicts" "$dir/verdicts.run"; do
		awk -F'\t' -v s="$1" '$2 == s { c = $22 } END { print c }' "$f"
	done | uniq
}

# since FILE TIME CLASS SUBJECT...: when one of them became so, after TIME.
since() {
	local f=$1 t=$2 class=$3; shift 3
	awk -F'\t' -v t="$t" -v c="$class" -v s=" $* " '
	$22 == c && $24 >= t && index(s, " " $2 " ") { print $24; exit }' "$f"
}

# acted TIME SUBJECT...: when a detector first said so, after TIME.
acted() {
	local t=$1; shift
	awk -v t="$t" -v s=" $* " '$1 >= t && $5 == "failed" && index(s, " " $3 " ") {
		if (!min || $1 < min) min = $1 } END { if (min) print min }' \
		"$dir/agent.zk" "$dir"/agent.st?
}

wait_class() {	# wait_class SECONDS CLASS SUBJECT...
	local end=$((SECONDS + $1)) want=$2 s ok; shift 2
	while [ $SECONDS -lt $end ]; do
		ok=1
		for s; do [ "$(class "$s")" = "$want" ] || ok=; done
		[ -z "$ok" ] || return 0
		sleep 0.5
	done
	return 1
}

role() {	# role leader|follower: the first such server's number
	local i
	for i in 1 2 3; do
		at ag /usr/bin/python3 - "10.88.0.1$i" "$1" <<-'PY' && { echo $i; return; }
		import socket, sys
		s = socket.create_connection((sys.argv[1], 2181), 2)
		s.sendall(b"srvr")
		sys.exit(("Mode: " + sys.argv[2]).encode() not in s.recv(4096))
		PY
	done
}
pid_of() { eval "echo \$$1"; }
thread() {	# thread PID NAME: of the thread so called
	grep -l "^$2" "/proc/$1/task/"*/comm | head -n 1 | cut -d/ -f5
}
hold() { "$TESTBIN/hold-thread" "$1" "$WATCH" & held=$!; }

# Each case: inject_NAME sets `who`, the subjects; heal_NAME undoes it.
inject_zk-leader-thread() {
	who="zk1 zk2 zk3"
	hold "$(thread "$(pid_of "zk$(role leader)")" 'ProcessThread')"
}
heal_zk-leader-thread() { kill "$held"; }
inject_zk-follower-thread() {
	local f; f=$(role follower) who=zk$f
	hold "$(thread "$(pid_of "zk$f")" CommitProcessor)"
}
heal_zk-follower-thread() { kill "$held"; }
inject_zk-disks-frozen() {
	local i l; l=$(role leader) who="zk1 zk2 zk3"
	for i in 1 2 3; do
		[ "$i" = "$l" ] || { frozen+=("$dir/disk/zk$i"); fsfreeze -f "$dir/disk/zk$i"; }
	done
}
heal_zk-disks-frozen() {
	for d in "${frozen[@]}"; do fsfreeze -u "$d"; done
	frozen=()
}
inject_zk-path-cut() {
	f=$(role follower) who=zk$f
	ip -n "$tag-zk$f" link set e1 down
}
heal_zk-path-cut() { ip -n "$tag-zk$f" link set e1 up; }
inject_zk-path-choked() {
	f=$(role follower) who=zk$f
	at "zk$f" tc qdisc add dev e1 root tbf rate 8kbit burst 1600 limit 3200
}
heal_zk-path-choked() { at "zk$f" tc qdisc del dev e1 root; }
# A queue that nobody reads; its producer keeps trying.
inject_redis-memory-full() {
	who=redis
	at ag /usr/bin/python3 -c 'import redis
c = redis.Redis(host="10.88.0.21")
for n in 100, 10, 1:
    try:
        while True:
            c.rpush("queue", *["x" * 1000] * n)
    except redis.ResponseError:
        pass'
	t=$(now)
	nsenter --net="/run/netns/$tag-ag" /usr/bin/python3 -c 'import redis, time
c = redis.Redis(host="10.88.0.21")
while True:
    try:
        c.rpush("queue", "x" * 100)
    except redis.ResponseError:
        time.sleep(0.01)' &
	producer=$!
}
heal_redis-memory-full() {
	kill "$producer"
	at ag redis-cli -h 10.88.0.21 del queue >/dev/null
}
inject_redis-replicas-cut() {
	who=redis
	for h in rd2 rd3; do ip -n "$tag-$h" route add blackhole 10.88.0.21/32; done
}
heal_redis-replicas-cut() {
	for h in rd2 rd3; do ip -n "$tag-$h" route del blackhole 10.88.0.21/32; done
}
inject_redis-path-cut() { who=redis; ip -n "$tag-rd1" link set e1 down; }
heal_redis-path-cut() { ip -n "$tag-rd1" link set e1 up; }
inject_redis-path-choked() {
	who=redis
	at rd1 tc qdisc add dev e1 root tbf rate 8kbit burst 1600 limit 3200
}
heal_redis-path-choked() { at rd1 tc qdisc del dev e1 root; }
# For comparison: failures that are not gray.
inject_zk-killed() { f=$(role follower) who=zk$f; kill -9 "$(pid_of "zk$f")"; }
heal_zk-killed() { :; }
inject_redis-killed() { who=redis; kill -9 "$(pid_of rd1)"; }
heal_redis-killed() { :; }

minus() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1f", a - b }'; }

run_case() {
	local name=$1 before t gray run act
	case $name in
	zk*) before="zk1 zk2 zk3" ;;
	*) before=redis ;;
	esac
	# shellcheck disable=SC2086
	wait_class 120 healthy $before || {
		printf '%s\tskipped: not healthy before\n' "$name"; return; }
	sleep 2
	t=$(now)
	"inject_$name"
	local end=$((SECONDS + WATCH))
	while [ $SECONDS -lt $end ]; do
		# shellcheck disable=SC2086
		gray=$(since "$dir/verdicts" "$t" gray $who) \
		    run=$(since "$dir/verdicts.run" "$t" gray $who) \
		    act=$(acted "$t" $who)
		[ -z "$gray" ] || [ -z "$run" ] || [ -z "$act" ] || break
		sleep 0.5
	done
	"heal_$name" 2>/dev/null
	printf '%s\t%s\t%s\t%s\n' "$name" \
	    "$([ -n "$gray" ] && minus "$gray" "$t" || echo never)" \
	    "$([ -n "$run" ] && minus "$run" "$t" || echo never)" \
	    "$([ -n "$act" ] && minus "$act" "$t" || echo "not in $WATCH")"
}

# grays FILE TIME: how many times a subject was called gray since.
grays() {
	awk -F'\t' -v t="$2" '$22 == "gray" && $24 >= t' "$1" | cut -f2,24 |
		sort -u | wc -l
}

make_network
start_zookeeper
start_redis
sleep 5
start_requesters
start_detectors
start_judges
wait_class 120 healthy zk1 zk2 zk3 redis || {
	echo "tests/gray: the services do not come up; see $dir" >&2
	KEEP=$dir
	exit 2
}
t0=$(now) began=$SECONDS
sleep "$HEALTHY" &
wait $!
printf '# healthy load: %s s, %s requests, %s gray verdicts by logs, %s by pano-run\n' \
    $((SECONDS - began)) \
    "$(cat "$dir"/c?.zk "$dir"/c?.redis | awk -v t="$t0" '$1 >= t' | wc -l)" \
    "$(grays "$dir/verdicts" "$t0")" "$(grays "$dir/verdicts.run" "$t0")"
printf 'fault\tgray_by_logs\tgray_by_pano_run\tdetector\n'
for c in $CASES; do run_case "$c"; done
