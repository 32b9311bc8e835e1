load helper.bash

# A program of two functions, one inlined into the other, a data symbol behind
# them, and recursion.  Built once; nm says where everything is.
setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	cat >prog.c <<-'END'
	__attribute__((noinline)) int leaf(volatile int *p) { return *p + 1; }
	static inline __attribute__((always_inline)) int
	small(volatile int *p) { *p = 7; return leaf(p) * *p; }
	__attribute__((noinline)) int big(volatile int *p) { return small(p) + 3; }
	__attribute__((noinline)) int rec(int n, volatile int *p)
	{ return n > 0 ? rec(n - 1, p) + *p : leaf(p); }
	int table[100] = { 1 };
	int main(int c, char **v) { (void)v; return big(&table[c]) + rec(c, &table[0]); }
	END
	gcc -O1 -g -fno-optimize-sibling-calls -Wl,--build-id=sha1 -o prog prog.c
	nm -S prog >names
}

setup() {
	cd "$BATS_TEST_TMPDIR" && set -o pipefail
	cp "$BATS_FILE_TMPDIR"/prog "$BATS_FILE_TMPDIR"/names .
	modules "$PWD/prog"
}

modules() { printf 'module\tpath\tbuild_id\nprog\t%s\t%s\n' "$1" "${2-}" >mods; }

# at NAME [OFFSET]: "prog+0x..", OFFSET bytes into the function.
at() {
	printf 'prog+0x%x' $((16#$(awk -v n="$1" '$4 == n { print $1 }' names) + ${2-1}))
}

# call IN CALLED: the last byte of the first call of CALLED in the function IN,
# as dumps have it.
call() {
	objdump -d prog | awk -v in_="<$1>:" -v what="<$2>" '
	    $2 == in_ { on = 1 } on && index($0, "call") && $NF == what {
		getline; sub(":", "", $1); print $1; exit }' |
		while read -r next; do printf 'prog+0x%x' $((16#$next - 1)); done
}

names() { resin-symbolize -m mods "$@" | sed 1d | cut -f 1; }

# one STACK [OPTION...]: its names.
one() {
	printf 'stack\n%s\n' "$1" >in
	shift
	names "$@" in
}

@test "symbolize: functions by name, other columns and frames as they were" {
	printf 'rank\tstack\tbytes\n1\tmain;%s;[x];0x12\t7\n2\t\t8\n' "$(at leaf)" >in
	run -0 --separate-stderr resin-symbolize -m mods in
	assert_equal "$stderr" ""
	assert_output $'rank\tstack\tbytes\n1\tmain;leaf;[x];0x12\t7\n2\t\t8'
	run -0 resin-symbolize -m mods <in
	assert_output $'rank\tstack\tbytes\n1\tmain;leaf;[x];0x12\t7\n2\t\t8'
}

@test "symbolize: what was inlined is a frame of its own" {
	c=$(call big leaf)
	[ -n "$c" ]
	assert_equal "$(one "$c")" 'big;small'
	assert_equal "$(one "$c" --no-inlines)" big
}

@test "symbolize: as addr2line says, for every call in the program" {
	objdump -d prog | awk '/call/ { getline; sub(":", "", $1); print $1 }' |
		while read -r next; do printf '%x\n' $((16#$next - 1)); done >offsets
	while read -r o; do
		want=$(addr2line -fi -e prog "0x$o" | awk 'NR % 2 { s = $0 (s == "" ? "" : ";" s) } END { print s }')
		[ "$want" = '??' ] && want=prog+0x$o
		# symbols without size, of the C runtime's start, name nothing here
		case $want in _init|_fini|deregister_tm_clones|register_tm_clones|__do_global_dtors_aux|frame_dummy) continue ;; esac
		assert_equal "$(one "prog+0x$o" 2>/dev/null)" "$want"
	done <offsets
	[ "$(wc -l <offsets)" -ge 4 ]
}

@test "symbolize: a data symbol is never a function, nor one too far away" {
	t=$(at table 4)
	assert_equal "$(one "$t")" "$t"
	far=$(at leaf 4096)
	assert_equal "$(one "$far")" "$far"
}

@test "symbolize: recursion is folded by name" {
	a=$(call rec rec)
	assert_equal "$(one "$a;$a;$a;$(call rec leaf)")" rec
	assert_equal "$(one "$a;$a;$(at leaf)" --raw)" 'rec;rec;leaf'
}

@test "symbolize: frames of the allocator go" {
	printf 'module\tpath\nprog\t%s\nlibjemalloc.so.2\t/nowhere/libjemalloc.so.2\n' "$PWD/prog" >mods
	one "$(at leaf);libjemalloc.so.2+0x1234" >out 2>err
	assert_equal "$(cat out)" leaf
	assert_equal "$(cat err)" "resin-symbolize: warning: /nowhere/libjemalloc.so.2: No such file or directory"
}

@test "symbolize: stripped, with .gnu_debuglink beside it or in --debug-dir" {
	s=$(at leaf)
	objcopy --only-keep-debug prog prog.debug
	strip -s prog && objcopy --add-gnu-debuglink=prog.debug prog
	assert_equal "$(one "$s")" leaf
	c=$(printf '%s' "$s")
	mkdir -p "dbg$PWD" .debug
	mv prog.debug .debug/
	assert_equal "$(one "$c")" leaf
	mv .debug/prog.debug "dbg$PWD/"
	assert_equal "$(one "$c")" "$c"
	assert_equal "$(one "$c" --debug-dir "$PWD/dbg")" leaf
}

@test "symbolize: stripped, by build-id" {
	s=$(at leaf)
	id=$(readelf -n prog | sed -n 's/.*Build ID: //p')
	mkdir -p "dbg/.build-id/${id%"${id#??}"}"
	objcopy --only-keep-debug prog "dbg/.build-id/${id%"${id#??}"}/${id#??}.debug"
	strip -s prog
	assert_equal "$(one "$s")" "$s"
	assert_equal "$(one "$s" --debug-dir "$PWD/dbg")" leaf
	modules "$PWD/prog" "$id"
	assert_equal "$(one "$s" --debug-dir "$PWD/dbg")" leaf
}

@test "symbolize: a file of another build is not used" {
	modules "$PWD/prog" 0123456789012345678901234567890123456789
	one "$(at leaf)" >out 2>err
	assert_equal "$(cat out)" "$(at leaf)"
	assert_equal "$(cat err)" "resin-symbolize: warning: $PWD/prog: another build than the dump's (build-id)"
}

@test "symbolize: --path-map and --sysroot" {
	modules /elsewhere/bin/prog
	assert_equal "$(one "$(at leaf)" --path-map /not=/x --path-map "/elsewhere/bin=$PWD")" leaf
	mkdir -p root/elsewhere/bin && mv prog root/elsewhere/bin/
	assert_equal "$(one "$(at leaf)" --sysroot "$PWD/root")" leaf
}

@test "symbolize: C++ names" {
	echo 'namespace a { struct B { __attribute__((noinline)) int f(int, char const *); }; int B::f(int n, char const *s) { return n + *s; } } int main(int c, char **v) { a::B b; return b.f(c, *v); }' >x.cc
	command -v g++ >/dev/null || skip "no g++"
	g++ -O1 -o prog x.cc && nm -S prog >names
	assert_equal "$(one "$(at _ZN1a1B1fEiPKc)")" 'a::B::f(int, char const*)'
	assert_equal "$(one "$(at _ZN1a1B1fEiPKc)" --mangled)" _ZN1a1B1fEiPKc
}

@test "symbolize: copies of a function keep its name" {
	objcopy --redefine-sym leaf=leaf.constprop.0.isra.1 --strip-debug prog
	assert_equal "$(one "$(at leaf)")" leaf
}

@test "symbolize: dumps to names, the modules' file read while it grows" {
	resin-snap --start 0 -m m "$TESTDATA"/resin-snap/jemalloc/*.heap |
		resin-symbolize -m m --path-map "/opt/leaky=$TESTDATA/resin-snap" >out
	awk -F'\t' 'NR > 1 { n = split($3, f, ";"); c[$1 "\t" f[n - 1]] += $5 }
	    END { for (k in c) print k "\t" c[k] }' out | grep -E 'session_open|tree_node|cache_put' | sort >got
	sed 1d "$TESTDATA/resin-snap/jemalloc/truth.tsv" | cut -f 1,2,4 | sort | diff -u - got
}

@test "symbolize: not an ELF file, no modules, and other trouble" {
	echo nonsense >prog
	one prog+0x10 >out 2>err
	assert_equal "$(cat out)" prog+0x10
	[ "$(wc -l <err)" = 1 ]
	printf 'stack\nother+0x1;other+0x2\n' >in
	run -0 --separate-stderr resin-symbolize -m mods in
	assert_equal "$stderr" "resin-symbolize: warning: other: not among the modules"
	trouble "resin-symbolize: --modules is required" resin-symbolize in
	trouble "resin-symbolize: --path-map 'x': not FROM=TO" resin-symbolize -m mods --path-map x
	run -2 --separate-stderr resin-symbolize -m gone in
	assert_equal "$stderr" "resin-symbolize: gone: No such file or directory"
	printf 'a\n1\n' >in
	run -2 resin-symbolize -m mods in
}

@test "symbolize: a full disk is reported" {
	[ -w /dev/full ] || skip "no /dev/full"
	printf 'stack\nx\n' >in
	run -2 --separate-stderr bash -c 'resin-symbolize -m mods in >/dev/full'
	assert_equal "$stderr" "resin-symbolize: write <stdout>: No space left on device"
}
