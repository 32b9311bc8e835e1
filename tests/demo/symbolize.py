"""symbolize.py DUMP... - put its symbols in front of each jemalloc dump.

So they can be read where the program is not installed.  Names are of the dynamic
symbols that nm(1) knows the size of; other addresses get none.
"""
import bisect
import functools
import re
import subprocess
import sys


@functools.cache
def functions(path):
    out = subprocess.run(['nm', '-DS', '--defined-only', path],
        capture_output=True, text=True).stdout
    found = []
    for line in out.splitlines():
        part = line.split()
        if len(part) == 4 and part[2] in 'TtWwi':
            name = part[3].split('@')[0]
            found.append((int(part[0], 16), int(part[1], 16), name))
    return sorted(found)


def symbolize(dump):
    text = open(dump).read()
    maps, table = [], []
    for line in text.split('MAPPED_LIBRARIES:\n')[1].splitlines():
        part = line.split(None, 5)
        if len(part) == 6 and 'x' in part[1] and part[5].startswith('/'):
            start, end = (int(a, 16) for a in part[0].split('-'))
            maps.append((start, end, int(part[2], 16), part[5]))
    for addr in sorted({int(a, 16) for line in re.findall('^@.*', text, re.M)
            for a in line.split()[1:]}):
        for start, end, offset, path in maps:
            if start <= addr < end:
                known = functions(path)
                at = addr - 1 - start + offset
                i = bisect.bisect(known, (at, 1 << 63, '')) - 1
                if i >= 0 and at < sum(known[i][:2]):
                    table.append('0x%016x %s' % (addr - 1, known[i][2]))
    with open(dump, 'w') as out:
        print('--- symbol', 'binary=' + maps[0][3], *table, '---', '--- heap',
            text, sep='\n', end='', file=out)


for dump in sys.argv[1:]:
    symbolize(dump)
