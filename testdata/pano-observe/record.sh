#!/bin/bash
# record.sh DIR: nginx.access, nginx.error and haproxy.log into DIR, of nginx
# and HAProxy in front of four servers: one that answers, one that fails, one
# that is not there and one that never answers.  In a network namespace.
set -eu
[ -n "${INSIDE-}" ] || INSIDE=1 exec unshare --net "$0" "$@"
mkdir -p "$1"
cd "$1"
ip link set lo up
cat >server.py <<'E2'
import http.server, sys, time
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if sys.argv[2] == "hang":
            time.sleep(60)
        self.send_response(int(sys.argv[2]))
        self.end_headers()
    def log_message(self, *a):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), H).serve_forever()
E2
pids=()
trap 'kill "${pids[@]}" 2>/dev/null' EXIT
for s in '8081 200' '8082 500' '8084 hang'; do
	# shellcheck disable=SC2086
	/usr/bin/python3 server.py $s & pids+=($!)
done
cat >nginx.conf <<E2
daemon off; pid $PWD/nginx.pid; error_log $PWD/nginx.error warn;
events { worker_connections 64; }
http {
  log_format up '\$remote_addr - \$remote_user [\$time_local] "\$request" \$status \$body_bytes_sent "\$http_referer" "\$http_user_agent" \$upstream_addr \$upstream_status \$upstream_response_time';
  access_log $PWD/nginx.access up;
  proxy_read_timeout 1s; proxy_connect_timeout 1s;
  upstream none { server 127.0.0.1:8083 max_fails=1; server 127.0.0.1:8085; }
  server {
    listen 127.0.0.1:8080;
    location /good { proxy_pass http://127.0.0.1:8081; }
    location /bad { proxy_pass http://127.0.0.1:8082; }
    location /gone { proxy_pass http://127.0.0.1:8083; }
    location /hang { proxy_pass http://127.0.0.1:8084; }
    location /none { proxy_pass http://none; }
  }
}
E2
nginx -c "$PWD/nginx.conf" 2>/dev/null & pids+=($!)
cat >haproxy.cfg <<E2
global
  log stdout format rfc5424 local0
defaults
  mode http
  log global
  option httplog
  option log-health-checks
  timeout connect 1s
  timeout client 5s
  timeout server 1s
  default-server inter 500 fall 2 rise 2
listen app
  bind 127.0.0.1:8090
  use-server good if { path /good }
  use-server bad if { path /bad }
  use-server hang if { path /hang }
  server good 127.0.0.1:8081
  server bad 127.0.0.1:8082
  server hang 127.0.0.1:8084
listen dying
  bind 127.0.0.1:8091
  server gone 127.0.0.1:8083 check
E2
haproxy -f haproxy.cfg >haproxy.log 2>/dev/null & pids+=($!)
sleep 1
get() {
	/usr/bin/python3 - "$1" <<'E2'
import sys, urllib.request
try:
    urllib.request.urlopen(sys.argv[1], timeout=3).read()
except Exception:
    pass
E2
}
get http://127.0.0.1:8091/gone
for path in good bad gone hang none none; do get "http://127.0.0.1:8080/$path"; done
for path in good bad hang; do get "http://127.0.0.1:8090/$path"; done
sleep 2
get http://127.0.0.1:8091/gone
sleep 0.5
