load helper.bash

# Dumps with their symbols in front, as jeprof --raw writes them.

dump=$TESTDATA/resin-snap/jemalloc

# with_symbols DUMP OFFSET=NAME...: names for the calls in leaky before OFFSET.
with_symbols() {
	local file=$1 base kv
	shift
	base=$(sed -n 's/^\([0-9a-f]*\)-.* 00000000 .*leaky$/\1/p' "$file" | head -n 1)
	echo '--- symbol'
	echo binary=leaky
	for kv in "$@"; do
		printf '0x%016x %s\n' $((16#$base + ${kv%%=*})) "${kv#*=}"
	done
	printf '%s\n' --- '--- heap'
	cat "$file"
}

@test "snap: a dump with symbols is the dump with those frames renamed" {
	file=$(ls "$dump"/*.m3.heap)
	resin-snap --start 0 "$file" >plain
	with_symbols "$file" 0x11fb=session_open 0x126e='cache_put<00000000000011e9>' \
		0x1221=tree_node >dump
	resin-snap --start 0 dump >got
	sed 's/leaky+0x11fb/session_open/; s/leaky+0x126e/cache_put/; s/leaky+0x1221/tree_node/g' \
		plain >want
	grep -q session_open got
	cut -f 1-7,9 want | diff -u - <(cut -f 1-7,9 got)
	gzip -c dump >dump.gz
	resin-snap --start 0 dump.gz | cmp - got
}

@test "snap: an inlined call is two frames, the caller outside" {
	file=$(ls "$dump"/*.m3.heap)
	with_symbols "$file" 0x11fb='session_open--session_alloc' >dump
	resin-snap --start 0 dump >got
	grep -q ';session_open;session_alloc' got
}

# fails MESSAGE: resin-snap dump exits 2 with that one line.
fails() {
	run -2 --separate-stderr resin-snap dump
	assert_equal "$stderr" "$1"
}

@test "snap: a dump with broken symbols is one line and exit 2" {
	printf -- '--- symbol\nbinary=x\nmain\n' >dump
	fails "resin-snap: dump:3: not '0xADDRESS name': 'main'"
	printf -- '--- symbol\nbinary=x\n0x12 main\n---\nx\n' >dump
	fails "resin-snap: dump:5: not '--- heap': 'x'"
	printf -- '--- symbol\nbinary=x\n---\n--- heap\n--- symbol\n' >dump
	fails "resin-snap: dump:4: no known format behind the symbols"
	printf -- '--- symbol\n' >dump
	fails "resin-snap: dump:1: no known format behind the symbols"
}
