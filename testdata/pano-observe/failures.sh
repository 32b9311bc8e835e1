#!/bin/bash
# failures.sh DIR: nginx-failures.error, nginx-failures.access (and the same
# requests in other formats), nginx-failures.stream and haproxy-failures.log
# into DIR: what nginx and HAProxy log of servers that fail in many ways, and of
# clients that do.  As root, in a network namespace.
set -eu
[ -n "${INSIDE-}" ] || INSIDE=1 exec unshare --net "$0" "$@"
mkdir -p "$1"
cd "$1"
ip link set lo up
# An address that does not answer, and one without a route.
ip link add v0 type veth peer name v1
ip addr add 10.77.0.1/24 dev v0
ip link set v0 up && ip link set v1 up
ip neigh add 10.77.0.99 lladdr 02:00:00:00:00:01 dev v0
ip route add unreachable 10.88.0.0/24
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 \
	-subj /CN=localhost 2>/dev/null
cat >server.py <<'E2'
import socket, struct, sys, threading, time
port, how = int(sys.argv[1]), sys.argv[2]
OK = b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n'
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", port))
s.listen(64)
def reset(c):
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
def serve(c):
    d = b''
    while how != 'early' and b'\r\n\r\n' not in d:
        x = c.recv(4096)
        if not x:
            return c.close()
        d += x
    if how == 'ok':
        if b'/slow' in d:
            time.sleep(0.7)
        c.sendall(OK % 5 + b'Set-Cookie: SID=abc\r\nServer: app\r\n\r\nhello')
    elif how.isdigit():
        c.sendall(b'HTTP/1.1 %s x\r\nContent-Length: 0\r\n\r\n' % how.encode())
    elif how == 'hang':
        time.sleep(30)
    elif how in ('reset', 'early'):
        reset(c)
    elif how == 'garbage':
        c.sendall(b'SSH-2.0-OpenSSH\r\n\r\n'); time.sleep(.2)
    elif how == 'header':
        c.sendall(OK % 5 + b'X: ' + b'a' * 40000 + b'\r\n\r\n'); time.sleep(.2)
    elif how in ('short', 'cut', 'stall'):
        c.sendall(OK % 5000 + b'\r\nhel'); time.sleep(30 if how == 'stall' else .2)
        if how == 'cut':
            reset(c)
    c.close()
while True:
    threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
E2
pids=()
trap 'kill "${pids[@]}" 2>/dev/null' EXIT
hows='ok 500 503 404 hang reset close early garbage header short cut stall'
n=8100
declare -A at
for how in $hows; do
	at[$how]=$((++n))
	/usr/bin/python3 server.py $n "$how" & pids+=($!)
done
at[gone]=8199
cat >nginx.conf <<E2
load_module /usr/lib/nginx/modules/ngx_stream_module.so;
daemon off; pid $PWD/nginx.pid; user root; worker_processes 1;
error_log $PWD/nginx.error info;
events { worker_connections 40; }
http {
  log_format up '\$remote_addr - \$remote_user [\$time_local] "\$request" \$status \$body_bytes_sent "\$http_referer" "\$http_user_agent" \$upstream_addr \$upstream_status \$upstream_response_time';
  log_format labels '\$remote_addr - \$remote_user [\$time_local] "\$request" \$status \$body_bytes_sent "\$http_referer" "\$http_user_agent" "\$http_x_forwarded_for" rt=\$request_time uct="\$upstream_connect_time" urt="\$upstream_response_time" ua="\$upstream_addr" us="\$upstream_status"';
  log_format ingress '\$remote_addr - \$remote_user [\$time_local] "\$request" \$status \$body_bytes_sent "\$http_referer" "\$http_user_agent" \$request_length \$request_time [\$proxy_host] [] \$upstream_addr \$upstream_response_length \$upstream_response_time \$upstream_status \$request_id';
  log_format json escape=json '{"time":"\$time_iso8601","remote_addr":"\$remote_addr","request":"\$request","status":"\$status","upstream_addr":"\$upstream_addr","upstream_status":"\$upstream_status","upstream_response_time":"\$upstream_response_time"}';
  access_log $PWD/nginx-failures.access up;
  access_log $PWD/nginx-failures.labels labels;
  access_log $PWD/nginx-failures.ingress ingress;
  access_log $PWD/nginx-failures.json json;
  proxy_read_timeout 1s; proxy_connect_timeout 1s;
  client_header_timeout 1s;
  resolver 127.0.0.1:5399; resolver_timeout 1s;
  limit_req_zone \$server_name zone=r:1m rate=1r/m;
  client_max_body_size 1k;
  upstream none { server 127.0.0.1:${at[gone]} max_fails=1; server 127.0.0.1:8198 max_fails=1; }
  upstream mixed { server 127.0.0.1:${at[gone]} max_fails=0; server 127.0.0.1:${at[ok]}; }
  server {
    listen 127.0.0.1:8080; server_name web; root /nowhere;
$(for how in "${!at[@]}"; do echo "location /$how { proxy_pass http://127.0.0.1:${at[$how]}; }"; done)
    location /none { proxy_pass http://none; }
    location /mixed { proxy_pass http://mixed; }
    location /sock { proxy_pass http://unix:/nowhere/sock; }
    location /silent { proxy_pass http://10.77.0.99:80; }
    location /unreachable { proxy_pass http://10.88.0.1:80; }
    location /verify { proxy_pass https://127.0.0.1:8443; proxy_ssl_verify on; proxy_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt; }
    location /name { set \$b backend.invalid; proxy_pass http://\$b; }
    location /fastcgi { fastcgi_pass 127.0.0.1:${at[gone]}; }
    location /limit { limit_req zone=r; proxy_pass http://127.0.0.1:${at[ok]}; }
    location /deny { deny all; }
  }
  server { listen 127.0.0.1:8443 ssl; ssl_certificate cert.pem; ssl_certificate_key key.pem; return 200; }
}
stream {
  log_format basic '\$remote_addr [\$time_local] \$protocol \$status \$bytes_sent \$bytes_received \$session_time "\$upstream_addr"';
  access_log $PWD/nginx-failures.stream basic;
  proxy_connect_timeout 1s; proxy_timeout 1s;
  server { listen 127.0.0.1:9001; proxy_pass 127.0.0.1:${at[ok]}; }
  server { listen 127.0.0.1:9002; proxy_pass 127.0.0.1:${at[gone]}; }
  server { listen 127.0.0.1:9003; proxy_pass 127.0.0.1:${at[reset]}; }
}
E2
nginx -c "$PWD/nginx.conf" & pids+=($!)
cat >haproxy.cfg <<E2
global
  log stdout format rfc3164 local0
  stats socket $PWD/admin level admin
defaults
  mode http
  log global
  option httplog
  option log-health-checks
  timeout connect 1s
  timeout client 2s
  timeout server 1s
  timeout queue 500
  retries 1
  default-server inter 300 fall 2 rise 2
frontend web
  bind 127.0.0.1:8090
  capture request header User-Agent len 40
  capture response header Server len 20
  capture cookie SID= len 32
  http-request deny if { path /denied }
  use_backend %[path,map_str($PWD/map)]
  default_backend b_ok
frontend clf
  bind 127.0.0.1:8091
  option httplog clf
  use_backend %[path,map_str($PWD/map)]
$(for how in "${!at[@]}"; do printf 'backend b_%s\n  server %s 127.0.0.1:%s\n' "$how" "$how" "${at[$how]}"; done)
backend b_silent
  server s 10.77.0.99:80
backend b_empty
backend b_queue
  server one 127.0.0.1:${at[hang]} maxconn 1
backend b_check
  option httpchk GET /
  server c1 127.0.0.1:8150 check
  server spare 127.0.0.1:8151 check backup
backend b_observe
  server o1 127.0.0.1:${at[500]} check port ${at[ok]} observe layer7 error-limit 2 on-error mark-down
backend b_retry
  option redispatch
  server gone 127.0.0.1:${at[gone]}
  server ok 127.0.0.1:${at[ok]}
$(for how in ok gone reset; do printf 'listen tcp_%s\n  mode tcp\n  option tcplog\n  bind 127.0.0.1:%s\n  server %s 127.0.0.1:%s\n' $how $((${at[$how]} + 1000)) $how "${at[$how]}"; done)
E2
for how in "${!at[@]}" silent empty queue check observe retry; do
	echo "/$how b_$how"
done >map
haproxy -db -f haproxy.cfg >haproxy-failures.log 2>/dev/null & pids+=($!)
sleep 1.5
get() { curl -s -o /dev/null -m "${2-4}" "http://127.0.0.1:$1" || :; }
for path in $hows gone none none mixed sock silent unreachable verify name fastcgi \
    limit limit deny nofile; do
	get "8080/$path"
done
get 8080/hang 0.3
get 8080/ok/slow 0.2
for port in 9001 9002 9003; do get $port/; done
curl -s -o /dev/null -d @/etc/services http://127.0.0.1:8080/ok || :
/usr/bin/python3 - <<'E2'
import socket, time
all = []
for request in [b'GARBAGE\r\n\r\n', b'GET / HTTP/1.1\r\n'] + [b''] * 60:
    s = socket.socket()
    s.connect(('127.0.0.1', 8080))
    s.sendall(request)
    all.append(s)
time.sleep(1.5)
E2
for port in 8090 8091; do
	for path in $hows gone silent empty retry denied observe observe observe; do
		get "$port/$path"
	done
done
get 8090/hang 0.3
for _ in 1 2; do get 8090/queue & done
sleep 2
for how in ok gone reset; do get $((${at[$how]} + 1000))/; done
/usr/bin/python3 server.py 8150 ok & up=$!
sleep 1.5
get 8090/check
kill $up
/usr/bin/python3 server.py 8151 ok & up=$!
sleep 1.5
get 8090/check
admin() {
	/usr/bin/python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect("admin")
s.sendall(sys.argv[1].encode() + b"\n")
s.recv(99)' "$1"
}
admin 'disable server b_check/spare'
sleep 0.3
get 8090/check
admin 'enable server b_check/spare'
kill $up
sleep 1.5
kill -9 "$(pgrep -P "$(cat nginx.pid)")"
sleep 0.5
grep -Ev '\[notice\]|closed keepalive|waiting for request' nginx.error >nginx-failures.error
