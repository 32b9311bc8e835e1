"""load.py PLAN SECONDS - drives every node's queue and cache from outside.

PLAN is a table: node, directory, second at which the producer's new release
arrives or empty, seconds at which the queue's heap is dumped.  The release
forgets the MAXLEN of its XADD: from then on the stream only grows.  What was
done, and when, is printed: action, node, time.
"""
import math
import random
import socket
import sys
import time


def connect(path):
    for _ in range(100):
        try:
            s = socket.socket(socket.AF_UNIX)
            s.connect(path)
            return s
        except OSError:
            s.close()
            time.sleep(0.1)
    raise SystemExit('cannot connect to ' + path)


def command(*words):
    out = b'*%d\r\n' % len(words)
    for w in words:
        w = w if isinstance(w, bytes) else str(w).encode()
        out += b'$%d\r\n%s\r\n' % (len(w), w)
    return out


def say(action, node):
    print(action, node, '%.0f' % time.time(), sep='\t', flush=True)


class Node:
    def __init__(self, name, path, release, dumps):
        self.name, self.path = name, path
        self.release = float(release) if release else math.inf
        self.dumps = [float(d) for d in dumps.split()]
        self.phase = random.random() * 2 * math.pi
        self.queue = connect(path + '/queue.sock')
        self.queue.sendall(command('CLIENT', 'REPLY', 'OFF'))
        self.control = connect(path + '/queue.sock')
        self.cache = connect(path + '/cache.sock')
        self.leaks = False

    def produce(self, load):
        out = b''
        trim = () if self.leaks else ('MAXLEN', '~', 2000)
        for _ in range(int(random.gauss(30, 5) * load)):
            body = random.randbytes(random.randrange(600, 3000))
            out += command('XADD', 'jobs', *trim, '*', 'body', body)
        for _ in range(int(random.gauss(10, 4) * load)):
            key = 'session:%d' % random.randrange(10**9)
            out += command('SET', key, random.randbytes(700), 'EX', 20)
        out += command('HINCRBY', 'visits', random.randrange(500), 1)
        self.queue.sendall(out)

    def fill(self, load):
        out = b''
        for _ in range(int(40 * load)):
            n = random.randrange(500, 2500)
            out += b'set k%d 0 0 %d noreply\r\n%s\r\n' % (
                random.randrange(10**9), n, random.randbytes(n))
        try:
            self.cache.sendall(out)
        except OSError:     # it is being restarted
            self.cache = connect(self.path + '/cache.sock')

    def dump(self):
        self.control.sendall(command('DEBUG', 'MALLCTL-STR', 'prof.dump',
            '%s/queue.%d.heap' % (self.path, time.time())))
        self.control.recv(4096)
        say('dump', self.name)

    def step(self, t):
        load = 1 + 0.4 * math.sin(t / 23 + self.phase)
        if t >= self.release and not self.leaks:
            self.leaks = True
            say('release', self.name)
        self.produce(load)
        self.fill(load)
        if self.dumps and t >= self.dumps[0]:
            self.dumps.pop(0)
            self.dump()


def main():
    nodes = [Node(*line.rstrip('\n').split('\t')) for line in open(sys.argv[1])]
    begin = time.time()
    tick = 0
    while tick < float(sys.argv[2]):
        for node in nodes:
            node.step(tick)
        tick += 0.1
        time.sleep(max(0, begin + tick - time.time()))


random.seed()
main()
