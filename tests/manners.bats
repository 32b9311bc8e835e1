load helper.bash

# What every tool does alike.  FILTERS read a table and can do so with the
# arguments given here; each tool's own file tests the rest.
tools() {
	for c in "$TOP"/cmd/*.c; do basename "$c" .c; done
}

@test "manners: --help and --version exit 0 on stdout" {
	for t in $(tools); do
		run -0 --separate-stderr "$t" --help
		assert_equal "$stderr" ""
		[[ $output == Usage:* ]] || fail "$t --help: $output"
		run -0 --separate-stderr "$t" --version
		[[ $output == "$t (resin) "* ]] || fail "$t --version: $output"
	done
}

@test "manners: an unknown option is one line of advice and exit 2" {
	for t in $(tools); do
		run -2 --separate-stderr "$t" --no-such-option
		assert_output ""
		[[ $stderr == *"$t: unrecognized option"* ]] || fail "$t: $stderr"
	done
}

@test "manners: --help to a full disk is exit 2" {
	for t in $(tools); do
		run -2 --separate-stderr bash -c '"$1" --help >/dev/full' - "$t"
		assert_equal "$stderr" "$t: write <stdout>: No space left on device"
	done
}
