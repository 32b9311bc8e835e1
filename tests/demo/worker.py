# A pool of jobs that come and go with the load: each holds a buffer for a while.
import math
import random
import time

open('/proc/self/comm', 'w').write('report-worker')
phase = random.random() * 2 * math.pi
jobs = []
while True:
    now = time.time()
    load = 3 + 2 * math.sin(now / 19 + phase)
    jobs = [job for job in jobs if job[0] > now]
    for _ in range(int(random.expovariate(1 / load))):
        size = random.randrange(100_000, 600_000)
        jobs.append((now + random.uniform(2, 15), bytearray(b'x' * size)))
    time.sleep(0.5)
