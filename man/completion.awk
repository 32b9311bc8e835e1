# completion.awk: a shell's completions for one tool, out of its --help.
#	TOOL --help | awk -f completion.awk -v tool=TOOL -v shell=bash|zsh|fish
# What --help says is the only list of options.

# "  -o, --output=FILE    write FILE": short, long, arg and text.
match($0, /^ +(-[A-Za-z0-9?](, )?)?--[a-z0-9-]+/) {
	add()
	option = $1 ~ /^-.,$/ ? $2 : $1
	short = $1 ~ /^-.,$/ ? substr($1, 2, 1) : ""
	if (short == "?" || short == "V")
		short = ""
	text = $0
	sub(/^ +(-.(\[?=?[^ ]*\]?)?, +)?--[^ ]+ */, "", text)
	arg = option ~ /=/ ? option : ""
	sub(/^[^=]*=/, "", arg)
	sub(/\]$/, "", arg)
	long = option
	sub(/^--/, "", long)
	sub(/\[?=.*/, "", long)
	next
}
/^ {20,}[^ ]/ && long != "" { sub(/^ +/, " "); text = text $0; next }
{ add() }
END {
	add()
	if (shell == "bash")
		printf "complete -o default -W '%s' %s\n", words, tool
	if (shell == "zsh")
		printf "#compdef %s\n_arguments%s '*:file:_files'\n", tool, specs
	if (shell == "fish")
		printf "%s", lines
}

function add(	t, file) {
	if (long == "")
		return
	file = arg ~ /FILE|DIR|LABELS|RULES/
	words = words (words == "" ? "" : " ") "--" long
	t = text
	gsub(/['\[\]:\\]/, "", t)	# what zsh would read as its own
	specs = specs " \\\n\t'--" long (arg != "" ? "=" : "") "[" t "]" \
	    (arg == "" ? "" : ":" tolower(arg) ":" (file ? "_files" : "")) "'"
	t = text
	gsub(/['\\]/, "\\\\&", t)
	lines = lines "complete -c " tool " -l " long \
	    (short == "" ? "" : " -s " short) \
	    (arg == "" ? "" : file ? " -rF" : " -x") " -d '" t "'\n"
	long = ""
}
