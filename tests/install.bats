load helper.bash

# The tools from where `make install` puts them.
setup_file() {
	local build
	build=$(realpath --relative-to="$TOP" "${BIN%/bin}")
	make -s -C "$TOP" install DESTDIR="$BATS_FILE_TMPDIR" PREFIX=/usr B="$build" \
		>"$BATS_FILE_TMPDIR/log" 2>&1 || { cat "$BATS_FILE_TMPDIR/log"; return 1; }
	export ROOT=$BATS_FILE_TMPDIR/usr
}

@test "install: every tool, its page and its completions" {
	for c in "$TOP"/cmd/*.c; do
		t=$(basename "$c" .c)
		[ -x "$ROOT/bin/$t" ]
		[ -s "$ROOT/share/man/man1/$t.1" ]
		for f in bash-completion/completions/$t zsh/site-functions/_$t \
		    fish/vendor_completions.d/$t.fish; do
			[ -s "$ROOT/share/$f" ] || fail "no $f"
		done
	done
	[ -s "$ROOT/share/man/man5/resin-tsv.5" ] && [ -s "$ROOT/share/man/man7/resin.7" ]
}

@test "install: completions offer exactly the options of --help" {
	for c in "$TOP"/cmd/*.c; do
		t=$(basename "$c" .c)
		"$t" --help | grep -oE '^ +(-., )?--[a-z0-9-]+' | grep -oE -- '--.*' | sort >help
		bash -c 'source "$1"; complete -p "$2"' - \
			"$ROOT/share/bash-completion/completions/$t" "$t" |
			grep -oE -- '--[a-z0-9-]+' | sort >offered
		diff -u help offered
		grep -oE '^complete .* -l [a-z0-9-]+' "$ROOT/share/fish/vendor_completions.d/$t.fish" |
			sed 's/.* -l /--/' | sort | diff -u help -
		grep -oE "^	'--[a-z0-9-]+" "$ROOT/share/zsh/site-functions/_$t" |
			cut -c 3- | sort | diff -u help -
	done
}

@test "install: installed tools find what belongs to them" {
	run -0 --separate-stderr "$ROOT/bin/pano-run" -o obs true
	run -0 "$ROOT/bin/pano-instrument" "$TESTDATA/pano-instrument/client.c"
	assert_line --index 1 --partial pano_write
}
