#!/bin/bash
# waits.sh [SECONDS]: what waits by design is not gray.
#
# Programs that nobody wrote for this, each started by pano-run, wait in one
# network namespace for services that are well: blocking pops, subscriptions, a
# replica, idle HTTP/2 with and without TLS, kept-alive HTTP of pools and of a
# proxy.  A detector says that all is well.  Written: what pano-run saw that was
# not healthy, and how often pano-judge called a subject gray or worse.
set -u
cd "$(dirname "$0")/../.." || exit 2
BIN=${BIN:-$PWD/build/bin} seconds=${1:-600}
for c in redis-server redis-benchmark nginx node curl openssl ip /usr/bin/python3; do
	command -v $c >/dev/null || { echo "waits.sh: no $c" >&2; exit 2; }
done
[ -n "${INSIDE-}" ] || INSIDE=1 exec unshare --net "$0" "$@"
ip link set lo up
dir=$(mktemp -d)
cd "$dir" || exit 2
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; wait; rm -rf "$dir"' EXIT

run() { "$@" >>log 2>&1 </dev/null & pids+=($!); }
seen_by() { local n=$1; shift; run "$BIN/pano-run" -n "$n" -a names -o seen "$@"; }

printf '%s\t%s\n' address name 127.0.0.1:6379 redis 127.0.0.1:7000 h2c \
    127.0.0.1:7001 h2 127.0.0.1:8000 proxy 127.0.0.1:8001 web >names
openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out cert -days 2 \
    -subj /CN=localhost 2>/dev/null
mkdir replica
cat >nginx.conf <<C
daemon off; pid $dir/pid; error_log $dir/nginx.log; user root;
events { }
http { access_log off;
upstream web { server 127.0.0.1:8001; keepalive 4; keepalive_timeout 5s; }
server { listen 127.0.0.1:8000; location / { proxy_pass http://web;
    proxy_http_version 1.1; proxy_set_header Connection ""; } }
server { listen 127.0.0.1:8001; location / { return 200 "hello"; } } }
C
cat >server.js <<'J'
const http2 = require('http2'), fs = require('fs');
const tls = { key: fs.readFileSync('key'), cert: fs.readFileSync('cert') };
for (const [s, port] of [[http2.createServer(), 7000], [http2.createSecureServer(tls), 7001]]) {
	s.on('stream', (st) => { st.respond({ ':status': 200 }); st.end('x'.repeat(200000)); });
	s.listen(port, '127.0.0.1');
}
J
cat >client.js <<'J'
const c = require('http2').connect(process.argv[2], { rejectUnauthorized: false });
const ask = () => {
	const r = c.request({ ':path': '/' });
	r.resume();
	r.end();
	setTimeout(ask, 1000 + 9000 * Math.random());
};
ask();
J

run redis-server --save ''
run node server.js
seen_by proxy nginx -c "$dir/nginx.conf"
until redis-cli ping && curl -s 127.0.0.1:8000 && curl -s -k https://127.0.0.1:7001; do
	sleep 0.2
done >/dev/null 2>&1
seen_by replica redis-server --port 6380 --save '' --dir replica --replicaof 127.0.0.1 6379
seen_by pop redis-cli -r -1 blpop nothing 7
seen_by stream redis-cli -r -1 xread block 9000 streams s '$'
seen_by subscriber redis-cli subscribe channel
seen_by monitor redis-cli monitor
seen_by cli redis-cli -r -1 -i 2 get key
seen_by load redis-benchmark -t get,set -c 4 -n 20000 -l -q
seen_by h2 node client.js https://127.0.0.1:7001
seen_by h2c node client.js http://127.0.0.1:7000
# shellcheck disable=SC2016
seen_by curl bash -c 'while :; do curl -s http://127.0.0.1:8000/; sleep 3; done'
seen_by python /usr/bin/python3 -c 'import http.client, time
c = http.client.HTTPConnection("127.0.0.1", 8000)
while True:
    c.request("GET", "/")
    c.getresponse().read()
    time.sleep(6)'
while :; do
	for s in redis h2 h2c proxy web; do
		printf '%s\tdetector\t%s\theartbeat\thealthy\t100\t\n' "$(date +%s)" $s
	done
	sleep 1
done >>seen &
pids+=($!)
mkfifo pipe
"$BIN/pano-judge" --line-buffered -d detector <pipe >verdicts &
pids+=($!)
tail -c +1 -f seen >pipe &
pids+=($!)
sleep "$seconds" &
wait $!
awk -F'\t' 'NR > 1 && $5 != "healthy"' seen
awk -F'\t' -v s="$seconds" '$22 == "gray" { g++ } $22 ~ /latent|failed/ { l++ }
	END { printf "# %s s, %d verdicts, gray %d, latent or failed %d\n", s, NR - 1, g, l }' verdicts
