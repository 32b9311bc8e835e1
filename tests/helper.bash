bats_require_minimum_version 1.8.0
bats_load_library bats-support
bats_load_library bats-assert

setup() { cd "$BATS_TEST_TMPDIR" && set -o pipefail; }

# ok_golden WANT CMD...: exits 0, stderr empty, stdout equals WANT to the byte.
ok_golden() {
	local want=$1; shift
	"$@" >got 2>err || { cat err; fail "exit $? from: $*"; }
	[ ! -s err ] || { cat err; fail "unexpected stderr from: $*"; }
	if [ "${UPDATE_GOLDEN-}" ]; then cp got "$want"; fi
	diff -u "$want" got
}

# trouble MESSAGE CMD...: exits 2, stdout empty, stderr is exactly MESSAGE.
trouble() {
	local msg=$1; shift
	run -2 --separate-stderr "$@"
	assert_output ""
	# shellcheck disable=SC2154 # set by run
	assert_equal "$stderr" "$msg"
}

# shuffled FILE [SEED]: its header, then its rows in another order.
shuffled() {
	head -n 1 "$1"
	tail -n +2 "$1" | shuf --random-source=<(yes "${2-1}")
}
