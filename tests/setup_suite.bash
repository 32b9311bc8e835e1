# Runs once, before any file.  Puts the built tools first on PATH and pins
# everything that could vary between machines.
setup_suite() {
	bats_require_minimum_version 1.8.0
	TOP=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	export TOP TESTDATA=$TOP/testdata
	export BIN=${BIN:-$TOP/build/bin}
	export TESTBIN=${BIN%/bin}/tests
	export PATH=$BIN:$PATH
	export LC_ALL=C TZ=UTC
	export ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=halt_on_error=1:exitcode=98
	[ -x "$TESTBIN/table-cat" ] || {
		echo "not built: run make testbins" >&2
		return 1
	}
}
