#!/bin/bash
# run.sh [ROWS [RUNS]]: each tool beside its peers on generated telemetry.
# Checks that the answers agree and prints Markdown: medians of RUNS rounds, all
# commands in turn in each, and ratios inside the round.  Peers that are not
# installed are left out; DuckDB comes from the npm registry if node is there.
# The data lie in BENCH_DIR, 11 GB for 20 million rows, or in a temporary place.
# shellcheck disable=SC2016 # what awk, sh and Miller expand themselves
set -u -o pipefail
export LC_ALL=C
rows=${1:-5000000} runs=${2:-5}
here=$(cd "$(dirname "$0")" && pwd) top=$(cd "$(dirname "$0")/../.." && pwd)
bin=${BIN:-$top/build/bin} gen=${bin%/bin}/tests/bench/gen
dir=${BENCH_DIR:-}
if [ -z "$dir" ]; then
	dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
fi
[ -x /usr/bin/time ] || { echo "run.sh: needs the package time" >&2; exit 2; }
mkdir -p "$dir" && cd "$dir" || exit 2
edges=0,52428800,104857600,209715200,419430400,838860800,1677721600
edges=$edges,3355443200,6710886400,13421772800,26843545600,53687091200
small=$((rows / 4 < 1000000 ? rows / 4 : 1000000))	# for peers that would take minutes

say() { printf '%s\n' "$*" >&2; }
make_data() {	# NAME ROWS COMPONENTS HOSTS PROCESSES FORMAT
	[ -s "$1" ] && return
	say "generating $1"
	"$gen" "$2" "$3" "$4" "$5" "$6" >"$1.new" && mv "$1.new" "$1"
}
make_data t.tsv "$rows" 600 20000 50 tsv
make_data t.csv "$rows" 600 20000 50 csv
make_data q.csv "$rows" 600 20000 50 quoted
make_data c60k.tsv "$rows" 60000 20000 50 tsv
make_data h2m.tsv "$rows" 600 2000000 5 tsv
make_data four.tsv $((rows * 4)) 600 20000 50 tsv
head -n $((small + 1)) t.tsv >small.tsv
printf 'component\nsvc-00007\n' >alert.tsv

# measure NAME CMD...: one line "cpu wall rss" more in time/NAME.
mkdir -p time out
measure() {
	local name=$1
	shift
	/usr/bin/time -f '%U %S %e %M' -o time/.one "$@" >"out/$name" ||
		{ say "$name failed"; exit 2; }
	tail -n 1 time/.one | awk '{ print $1 + $2, $3, $4 / 1024 }' >>"time/$name"
}
median() {	# NAME FIELD
	cut -d ' ' -f "$2" "time/$1" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}
ratio() {	# NAME BASE [FIELD]: the median of the rounds' ratios
	paste -d ' ' "time/$1" "time/$2" | awk -v f="${3:-1}" '$(f + 3) > 0 { print $f / $(f + 3) }' |
		sort -n | awk '{ v[NR] = $1 } END { printf "%.2f", v[int((NR + 1) / 2)] }'
}

mawk_nodes() {
	mawk -F'\t' -v E="$edges" '
	function flush(   k, i, p) {
		for (k in level) {
			p = index(k, SUBSEP)
			for (i = 1; i <= level[k]; i++) n[substr(k, 1, p - 1), edge[i]]++
		}
		for (k in n) { p = index(k, SUBSEP)
			printf "%s\t%s\t%s\t%d\n", ts, substr(k, 1, p - 1), substr(k, p + 1), n[k] }
		split("", level); split("", n)
	}
	BEGIN { ne = split(E, edge, ",") }
	NR == 1 { next }
	$1 != ts { flush(); ts = $1 }
	{
		for (i = 1; i < ne && $6 + 0 >= edge[i + 1]; i++) ;
		if (i > level[$4, $3]) level[$4, $3] = i
	}
	END { flush() }' "$1"
}
datamash_nodes() {
	datamash -s -H -g ts,component,node max usage <"$1" | tail -n +2 |
	mawk -F'\t' -v OFS='\t' -v E="$edges" 'BEGIN { ne = split(E, edge, ",") }
		{ for (i = 1; i <= ne && $4 + 0 >= edge[i]; i++) print $1, $2, edge[i] }' |
	datamash -s -g 1,2,3 count 1
}
sqlite_nodes() {
	sqlite3 -batch :memory: <<-S
	.mode tabs
	CREATE TABLE t(ts INT, cluster, node, component, pid INT, usage INT);
	.import --skip 1 $1 t
	CREATE TABLE e(edge INT);
	INSERT INTO e VALUES $(printf '%s' "$edges" | sed 's/[0-9][0-9]*/(&)/g');
	SELECT ts, component, edge, count(*) FROM
	  (SELECT ts, component, node, max(usage) AS usage FROM t GROUP BY 1, 2, 3), e
	  WHERE usage >= edge GROUP BY 1, 2, 3;
	S
}
# shellcheck disable=SC1010 # Miller's own then
miller_nodes() {
	mlr --tsv --headerless-csv-output stats1 -a max -f usage -g ts,component,node then put -q '
		begin { @e = splitnv(ENV["edges"], ",") }
		for (i, edge in @e) {
			if ($usage_max >= edge) {
				emit1 {"ts": $ts, "component": $component, "edge": edge}
			}
		}' then count -g ts,component,edge "$1"
}
export -f mawk_nodes datamash_nodes sqlite_nodes miller_nodes
export edges
if command -v node >/dev/null && [ ! -d node_modules/@duckdb ]; then
	npm install --no-fund --no-audit @duckdb/node-api >/dev/null 2>&1 ||
		say "no DuckDB: the npm registry is not there"
fi
export DUCKDB_DIR=$dir
duck() { [ -d node_modules/@duckdb ]; }

say "measuring, $runs rounds"
rm -f time/*
for round in $(seq "$runs"); do
	measure wc wc -l t.tsv
	measure bucket "$bin/resin-bucket" --edges "$edges" t.tsv
	measure default "$bin/resin-bucket" t.tsv
	measure j2 "$bin/resin-bucket" -j 2 --edges "$edges" t.tsv
	measure pipe sh -c 'cat t.tsv | "$0" --edges "$1"' "$bin/resin-bucket" "$edges"
	measure csv "$bin/resin-bucket" --edges "$edges" t.csv
	measure quoted "$bin/resin-bucket" --edges "$edges" q.csv
	measure rollup "$bin/resin-rollup" t.tsv
	measure procdetect "$bin/resin-procdetect" -t t.tsv alert.tsv
	measure c60k "$bin/resin-bucket" --edges "$edges" c60k.tsv
	measure h2m "$bin/resin-bucket" --edges "$edges" h2m.tsv
	measure four "$bin/resin-bucket" --edges "$edges" four.tsv
	if duck; then
		measure duckdb node "$here/duckdb.mjs" t.tsv 1 "$edges"
		measure duckdb2 node "$here/duckdb.mjs" t.tsv 2 "$edges"
	fi
	measure small "$bin/resin-bucket" --edges "$edges" small.tsv
	measure mawk bash -c 'mawk_nodes small.tsv'
	[ "$round" = 1 ] || continue	# the slowest once
	command -v datamash >/dev/null && measure datamash bash -c 'datamash_nodes small.tsv'
	command -v mlr >/dev/null && measure miller bash -c 'miller_nodes small.tsv'
	command -v sqlite3 >/dev/null && measure sqlite3 bash -c 'sqlite_nodes small.tsv'
done

say "comparing the answers"
answer() { sort "$@" | md5sum | cut -c 1-32; }
rows_of() { tail -n +2 "out/$1" | cut -f 1-4; }
want=$(rows_of bucket | answer) small_want=$(rows_of small | answer)
for same in j2 pipe csv quoted; do
	cmp -s out/bucket "out/$same" || { say "$same differs"; exit 1; }
done
for peer in duckdb duckdb2; do
	[ ! -e "out/$peer" ] || [ "$(answer "out/$peer")" = "$want" ] || { say "$peer differs"; exit 1; }
done
for peer in mawk datamash sqlite3 miller; do
	[ ! -e "out/$peer" ] || [ "$(answer "out/$peer")" = "$small_want" ] || { say "$peer differs"; exit 1; }
done

line() {	# NAME TEXT LIMIT BASE BASETEXT [FIELD]
	[ -e "time/$1" ] || return 0
	printf '| %s | %.2f | %.2f | %.0f | %s x %s | %s |\n' "$2" "$(median "$1" 1)" \
		"$(median "$1" 2)" "$(median "$1" 3)" "$(ratio "$1" "$4" "${6:-1}")" "$5" "$3"
}
cpu=$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)
echo "$(nproc) CPUs, $cpu; $rows rows, $(stat -c %s t.tsv) bytes; medians of $runs rounds."
echo
echo '| what | CPU s | wall s | MB | ratio | target |'
echo '| --- | ---: | ---: | ---: | --- | --- |'
line wc 'wc -l' '' wc wc
line bucket 'resin-bucket, 12 buckets' '6 wc' wc wc
line default 'resin-bucket, 97 buckets (the default)' '6 wc' wc wc
line j2 'resin-bucket -j 2 (wall)' '0.56' bucket 'one thread' 2
line pipe 'cat t.tsv \| resin-bucket (wall)' '1.3' bucket 'the file' 2
line csv 'resin-bucket, CSV' '1.1' bucket TSV
line quoted 'resin-bucket, CSV, every field quoted' '1.4' bucket TSV
line c60k 'resin-bucket, 60,000 components' '2' bucket '600'
line h2m 'resin-bucket, 2,000,000 nodes' '3' bucket '20,000'
line four 'resin-bucket, four times the rows' '4.4' bucket 'the rows'
line rollup 'resin-rollup' '10 wc' wc wc
line procdetect 'resin-procdetect, 1 component of 600' '4 wc' wc wc
line duckdb 'DuckDB, 1 thread' '9' bucket resin-bucket
line duckdb2 'DuckDB, 2 threads (wall)' '' j2 'resin-bucket -j 2' 2
echo
echo "On the first $small rows, for what would take minutes on all:"
echo
echo '| what | CPU s | wall s | MB | ratio | target |'
echo '| --- | ---: | ---: | ---: | --- | --- |'
line small 'resin-bucket' '' small resin-bucket
line mawk 'mawk' '50' small resin-bucket
line datamash 'datamash, mawk, datamash' '' small resin-bucket
line sqlite3 'sqlite3' '' small resin-bucket
line miller 'Miller' '' small resin-bucket
echo
awk -v cpu="$(median bucket 1)" -v size="$(stat -c %s t.tsv)" 'BEGIN {
	printf "10 TB a day is 116 MB/s; one core reads %.0f MB/s, %.0f such streams.\n",
	    size / cpu / 1e6, size / cpu / 116e6 }'
