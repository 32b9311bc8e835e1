#!/usr/bin/python3
"""client.py NAME KIND SUBJECT=HOST...: requests, five a second of each kind,
to each subject; a line of log each.  A request unanswered for a second has
failed.  Each context has a connection and a thread of its own, so that a stuck
write does not hide that reads are answered."""
import socket
import sys
import threading
import time

TIMEOUT = 1.0
EVERY = 0.2
lock = threading.Lock()


def log(who, whom, what, start, error):
    took = (time.time() - start) * 1000
    with lock:
        print("%.3f %s %s %s %s %.1f ms %s" % (
            time.time(), who, whom, what, "failed" if error else "ok", took,
            error or ""), flush=True)


def repeat(who, whom, what, request):
    while True:
        start, error = time.time(), None
        try:
            request()
        except Exception as e:
            error = (type(e).__name__ + " " + str(e)).replace("\n", " ")[:80]
        log(who, whom, what, start, error)
        time.sleep(max(0, start + EVERY - time.time()))


def spawn(who, whom, what, request):
    threading.Thread(target=repeat, args=(who, whom, what, request),
                     daemon=True).start()


def zookeeper(who, whom, host):
    from kazoo.client import KazooClient
    path = "/%s-%s" % (who, whom)
    for what in ("write", "read"):
        zk = KazooClient(hosts=host + ":2181", timeout=30,
                         connection_retry={"max_tries": -1, "max_delay": 1})
        zk.start(timeout=60)
        zk.ensure_path(path)
        if what == "write":
            spawn(who, whom, what, lambda z=zk: z.set_async(
                path, b"x" * 100).get(timeout=TIMEOUT))
        else:
            spawn(who, whom, what, lambda z=zk: z.get_async(
                path).get(timeout=TIMEOUT))


def redis(who, whom, host):
    import redis as r
    host, _, port = host.partition(":")
    for what in ("write", "read"):
        c = r.Redis(host=host, port=int(port or 6379), socket_timeout=TIMEOUT,
                    socket_connect_timeout=TIMEOUT)
        if what == "write":
            spawn(who, whom, what, lambda c=c: c.set(who, "x" * 100))
        else:
            spawn(who, whom, what, lambda c=c: c.get(who))


def ruok(who, whom, host):
    """ZooKeeper's heartbeat: answers, and is a member of the ensemble."""
    def ask():
        with socket.create_connection((host, 2181), TIMEOUT) as s:
            s.settimeout(TIMEOUT)
            s.sendall(b"srvr")
            answer = b""
            while True:
                got = s.recv(4096)
                if not got:
                    break
                answer += got
        if b"\nMode: " not in answer:
            raise OSError("not serving")
    spawn(who, whom, "heartbeat", ask)


def sentinel(who, whom, host):
    """What Sentinel thinks of the primary it watches."""
    import redis as r
    c = r.Redis(host=host, port=26379, socket_timeout=TIMEOUT)

    def ask():
        state = c.execute_command("SENTINEL", "MASTER", "gray")
        if isinstance(state, dict):
            flags = str(state["flags"])
        else:
            pairs = dict(zip(state[::2], state[1::2]))
            flags = pairs[b"flags"].decode()
        if "_down" in flags:
            raise OSError(flags)
    spawn(who, whom, "sentinel", ask)


def main():
    who, kind = sys.argv[1:3]
    for pair in sys.argv[3:]:
        whom, host = pair.split("=")
        globals()[kind](who, whom, host)
    while True:
        time.sleep(3600)


main()
