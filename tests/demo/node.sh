#!/bin/bash
# node.sh NAME DIR - one node of the recorded fleet: four services under load
# and the collector, in a pid, mount and host name space of their own.  When
# there is a file DIR/candidate, resin-trace takes from it what is of this node.
# Ends when there is a file DIR/stop.
set -eu
name=$1 dir=$2 here=$(dirname "$0")
hostname "$name"
mkdir -p "$dir/$name"
cd "$dir/$name"

cache() { exec memcached -u root -s cache.sock -a 0777 -m 40 -t 2; }

# A queue on Redis, with the heap profiler of jemalloc that Debian builds in.
# It dumps each 4 MiB that it allocates, too, which resin-trace looks for.
MALLOC_CONF=prof:true,lg_prof_sample:13,prof_final:false,lg_prof_interval:22 \
	redis-server --port 0 --unixsocket "$PWD/queue.sock" --save '' \
	--databases 1 --enable-debug-command yes --loglevel warning \
	--logfile "$PWD/queue.log" &
echo $! >queue.pid
cache &
cache_pid=$!
node --expose-gc "$here/sawtooth.js" &
/usr/bin/python3 "$here/worker.py" &

if [ "${RESTART-0}" -gt 0 ]; then	# a cache that starts empty again
	(sleep "$RESTART"; kill $cache_pid; sleep 1; cache & wait) &
fi
resin-collect -i "$INTERVAL" --no-slab -a cluster="$CLUSTER" >telemetry.tsv &
collector=$!
tracer=
until [ -e "$dir/stop" ]; do
	sleep 1
	if [ -z "$tracer" ] && [ -e "$dir/candidate" ]; then
		# redis writes its title over its environment: "auto" sees nothing
		resin-trace -d trace --way jemalloc -n 6 -i "$TRACE" --cap 10 "$dir/candidate" \
			>traced.tsv &
		tracer=$!
	fi
done
kill -TERM $collector
wait $collector $tracer
