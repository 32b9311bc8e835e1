#!/bin/sh
# record.sh: records the dumps in this directory anew, on Debian 12 with
# libjemalloc2, google-perftools, libgoogle-perftools4, heaptrack and valgrind.
# The program is built in /opt/leaky, which the dumps then name.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
dir=/opt/leaky
lib=/usr/lib/x86_64-linux-gnu
rm -rf $dir && mkdir -p $dir && cd $dir
gcc -O1 -g -o leaky "$here/leaky.c"

record_jemalloc() {	# NAME LG_SAMPLE
	rm -f je.*
	MALLOC_CONF=prof:true,lg_prof_sample:$2,prof_prefix:je \
	LD_PRELOAD=$lib/libjemalloc.so.2 setarch -R ./leaky truth.tsv
	mkdir -p "$here/$1"
	i=0
	for f in je.*.heap; do
		cp "$f" "$here/$1/$(printf 'leaky.100.%d.m%d.heap' $i $i)"
		i=$((i + 1))
	done
	cp truth.tsv "$here/$1/"
}
record_jemalloc jemalloc 0
record_jemalloc jemalloc-sampled 10
