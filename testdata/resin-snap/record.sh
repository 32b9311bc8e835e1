#!/bin/sh
# record.sh: records the dumps in this directory anew, on Debian 12 on x86-64
# with libjemalloc2, google-perftools, heaptrack, valgrind, golang-go, nodejs
# and openjdk-17-jdk.  The program is built in /opt/leaky, which the dumps then
# name; leaky.c says what it holds when, and truth.tsv is its own count.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
dir=/opt/leaky
lib=/usr/lib/x86_64-linux-gnu
rm -rf $dir && mkdir -p $dir && cp "$here/leaky.c" $dir/ && cd $dir
gcc -O1 -g -o leaky leaky.c
gcc -O1 -g -DEXTRA -o leaky-extra leaky.c
gcc -O1 -g -DEXTRA -fsanitize=leak -fno-omit-frame-pointer -o leaky-lsan leaky.c

keep() {	# NAME FILE...: into our directory NAME
	mkdir -p "$here/$1"
	name=$1
	shift
	cp "$@" "$here/$name/"
}

record_jemalloc() {	# NAME LG_SAMPLE
	rm -f je.*
	MALLOC_CONF=prof:true,lg_prof_sample:$2,prof_prefix:je \
	LD_PRELOAD=$lib/libjemalloc.so.2 setarch -R ./leaky truth.tsv
	i=0
	for f in je.*.heap; do
		mv "$f" "$(printf 'leaky.100.%d.m%d.heap' $i $i)"
		i=$((i + 1))
	done
	keep "$1" leaky.100.*.heap truth.tsv
	rm leaky.100.*.heap
}

record_gperftools() {
	setarch -R env HEAPPROFILE=$dir/gp LD_PRELOAD=$lib/libtcmalloc.so.4 \
		./leaky truth.tsv 2>/dev/null
	keep gperftools gp.000[1-4].heap truth.tsv
}

record_heaptrack() {
	heaptrack -o ht ./leaky-extra truth.tsv >/dev/null
	heaptrack -r -o raw ./leaky-extra truth.tsv >/dev/null
	mv ht.zst leaky.zst && mv raw.raw.zst leaky.raw.zst
	keep heaptrack leaky.zst leaky.raw.zst truth.tsv
}

record_valgrind() {
	valgrind -q --tool=massif --massif-out-file=massif.out --time-unit=ms \
		--detailed-freq=1 --threshold=0.01 ./leaky-extra truth.tsv
	valgrind --leak-check=full --show-leak-kinds=all --log-file=memcheck.txt \
		./leaky truth.tsv
	valgrind -q --tool=dhat --dhat-out-file=dhat.json ./leaky truth.tsv 2>/dev/null
	gzip -nf9 massif.out
	keep valgrind massif.out.gz memcheck.txt dhat.json truth.tsv
}

record_lsan() {
	LSAN_OPTIONS=exitcode=0 ./leaky-lsan truth.tsv 2>lsan.txt
	keep lsan lsan.txt truth.tsv
}

record_mtrace() {
	cat >mt.c <<-'END'
	#include <mcheck.h>
	__attribute__((constructor)) static void start(void) { mtrace(); }
	END
	gcc -shared -fPIC -o libmt.so mt.c
	MALLOC_TRACE=mtrace.log LD_PRELOAD=$lib/libc_malloc_debug.so.0:./libmt.so \
		./leaky truth.tsv
	gzip -nf9 mtrace.log
	keep mtrace mtrace.log.gz truth.tsv
}

record_go() {
	cp "$here/leaky.go" . && GOCACHE=$dir/go go build -o leaky-go leaky.go
	./leaky-go >truth.tsv
	gzip -nf9 heap.?.txt
	keep go heap.[0-3].pb.gz heap.[0-3].txt.gz truth.tsv
}

record_node() {
	cp "$here/leaky.js" . && node --expose-gc leaky.js >truth.tsv
	gzip -nf9 v8.?.heapprofile
	keep v8 v8.[0-3].heapprofile.gz truth.tsv
}

record_java() {
	cp "$here/Leaky.java" . && javac Leaky.java && java -cp . Leaky >truth.tsv
	gzip -nf9 histo.?.txt
	keep java histo.[0-3].txt.gz truth.tsv
}

[ $# -gt 0 ] ||
	set -- jemalloc gperftools heaptrack valgrind lsan mtrace go node java
for what; do
	case $what in
	jemalloc)
		record_jemalloc jemalloc 0
		record_jemalloc jemalloc-sampled 10 ;;
	*)
		"record_$what" ;;
	esac
done
cp leaky "$here/"
