load helper.bash

data=$TESTDATA/gandalf-sign

# sign MESSAGE...: their signatures.
sign() {
	{ echo message; printf '%s\n' "$@"; } | gandalf-sign | tail -n +2 | cut -f 1
}

@test "sign: one signature for each template of a labelled sample, and back" {
	gandalf-sign "$data/messages.tsv" >out
	awk -F'\t' 'NR > 1 { print $4 "\t" $5 }' out | sort -u >pairs
	[ "$(wc -l <pairs)" = 13 ]
	[ "$(cut -f 1 pairs | sort -u | wc -l)" = 13 ]
	[ "$(cut -f 2 pairs | sort -u | wc -l)" = 13 ]
}

@test "sign: times, numbers, addresses, paths, names go; codes stay" {
	[ "$(sign 'started 2026-11-02T10:00:00.5Z by {3F2504E0-4F89-11D3-9A0C-0305E82C3301}')" = 'started <*> by {<*>}' ]
	[ "$(sign 'at Sun Jul 10 03:55:15 2005 on 10.1.2.3:80 0xdeadbeef')" = 'at <*> on <*>' ]
	[ "$(sign 'file /a/b/c of hdfs://x/y, C:\d\e.dll')" = 'file <*> of <*>, C:<*>' ]
	[ "$(sign 'mail from joe@example.org via mx.example.org')" = 'mail from <*> via <*>' ]
	[ "$(sign 'session opened for user root by (uid=0)')" = 'session opened for user <*> by (uid=<*>)' ]
	[ "$(sign 'rhost= user=root ruser= uid=1')" = 'rhost= user=root ruser= uid=<*>' ]
	[ "$(sign 'rhost=mail7 refused user42')" = 'rhost=<*> refused user<*>' ]
	[ "$(sign 'ErrorCode: 1603, errno=13, exit code 137, HRESULT 0x80070005')" = \
	    'ErrorCode: 1603, errno=13, exit code 137, HRESULT 0x80070005' ]
	[ "$(sign 'keycode=7 of zipcode 8001')" = 'keycode=<*> of zipcode <*>' ]
	[ "$(sign 'at 0x80244019 of 0x80f412ac: 0x80244019 0xC0000005')" = 'at <*> of <*>: 0x80244019 0xC0000005' ]
	[ "$(sign 'attempt_14_01 of fpr29 and blk_-77, node-3')" = 'attempt_<*> of fpr<*> and blk_<*>, <*>' ]
	[ "$(sign 'jk2_init() found 3, 4, 5')" = 'jk2_init() found <*>' ]
	[ "$(sign 'port c6:b3:ee:01:fe:cd has fe80::c6b3:ff:fecd:1 as IPv6')" = 'port <*> has <*> as IPv6' ]
	[ "$(sign 'data cache touch.......0')" = 'data cache touch.......<*>' ]
	[ "$(sign 'since Thu Sep 08 03:30:03 PDT 2005, retry')" = 'since <*>, retry' ]
	[ "$(sign 'GET / HTTP/1.1" 200' 'user=<NA> is <none>, <b>')" = "$(printf '%s\n' 'GET <*>" <*>' 'user=<*> is <*>, <b>')" ]
	[ "$(sign 'started com.example/.Main and/or ./a')" = 'started <*> and/or <*>' ]
}

@test "sign: a place with many words is a variable, one with two is not" {
	[ "$(sign 'login of ann refused' 'login of bob refused' 'login of eve refused' 'login of dan refused' | sort -u)" = 'login of <*> refused' ]
	[ "$(sign 'session opened now' 'session closed now' | sort -u | wc -l)" = 2 ]
	[ "$(sign 'x is NEW now' 'x is OLD now' 'x is RUN now' 'x is DEAD now' 'x is LOST now' | sort -u | wc -l)" = 5 ]
	[ "$(sign 'cache empty: true' 'cache empty: false' | sort -u | wc -l)" = 2 ]
}

@test "sign: masked words of a variable are of one kind; a value seen once is one of many" {
	[ "$(sign 'disk of root29_tmp is full' 'disk of store31 is full' | sort -u)" = 'disk of <*> is full' ]
	mapfile -t m < <(printf 'denied; user=%s\n' root root root root root uucp ann)
	[ "$(sign "${m[@]}" | sort -u)" = 'denied; user=<*>' ]
	mapfile -t m < <(printf 'denied; user=%s\n' root root guest guest test test)
	[ "$(sign "${m[@]}" | sort -u | wc -l)" = 3 ]
}

@test "sign: a few words that come back are states, those seen once are drawn from many" {
	for w in Paused Resumed Started Stopped; do
		printf 'VM %s (event)\n' "$w" "$w"
	done >twice
	mapfile -t m <twice
	[ "$(sign "${m[@]}" | sort -u | wc -l)" = 4 ]
	[ "$(sign 'VM a1b (event)' 'VM one (event)' 'VM two (event)' 'VM six (event)' 'VM ten (event)' | sort -u)" = 'VM <*> (event)' ]
	# the names beside them are looked at first
	for w in unpacked configured installed removed held; do
		printf "status $w %s\n" alpha beta gamma delta eta theta iota kappa lambda mu nu
	done >states
	mapfile -t m <states
	[ "$(sign "${m[@]}" | sort -u)" = "$(printf 'status %s <*>\n' configured held installed removed unpacked)" ]
	# what went wrong is kept, and what a message is about
	[ "$(sign 'call: IOException' 'call: TimeoutError' 'call: AuthFailure' 'call: DataException' 'call: DiskFault' | sort -u | wc -l)" = 5 ]
	[ "$(sign ntpd\ up crond\ up sshd\ up nginx\ up | sort -u | wc -l)" = 4 ]
	[ "$(sign active blocked closing running starting | sort -u | wc -l)" = 5 ]
	[ "$(sign 'a.b.c is up' 'a.b.d is up' 'x.y is up' | sort -u)" = '<*> is up' ]
	[ "$(sign "code set to 'US'" "code set to 'X3'" | sort -u)" = "code set to '<*>'" ]
	[ "$(sign 'icon is now "Active"' 'icon is now "Inactive"' | sort -u | wc -l)" = 2 ]
}

@test "sign: scales, what is said twice, lists and empty values make no other signature" {
	[ "$(sign 'close, 1190 bytes (1.16 KB) sent, lifetime 00:02' 'close, 10 bytes sent, lifetime <1 sec' | sort -u)" = 'close, <*> bytes sent, lifetime <*>' ]
	[ "$(sign 'took 5.3 KB in 9 ms' 'took 1 B in 1 s' | sort -u)" = 'took <*> in <*>' ]
	[ "$(sign 'from 10.0.0.1 () at 5' 'from 10.0.0.2 (mail.example.org) at 6' | sort -u)" = 'from <*> (<*>) at <*>' ]
	[ "$(sign 'delete blk_1' 'delete blk_1 blk_-2 blk_3' | sort -u)" = 'delete blk_<*>' ]
	[ "$(sign 'sets node-3 0x1f <ok>' 'sets node-3 0x1f <ok> node-4 0x2f <ok>' | sort -u)" = 'sets <*> <ok>' ]
}

@test "sign: values are compared whole, whatever the other values are" {
	sign 'lock=1, tag="View Lock", ws=null, on=true' 'lock=2, tag="*launch*", ws=WorkSource{7}, on=true' \
	    'lock=3, tag="AudioMix", ws=null, on=false' 'lock=4, tag="job/x.y", ws=WorkSource{8}, on=true' | sort -u >got
	printf '%s\n' 'lock=<*>, tag=<*>, ws=<*>, on=false' 'lock=<*>, tag=<*>, ws=<*>, on=true' | cmp - got
	# what happened is no value, nor is a sentence
	sign 'app=a msg="disk is full"' 'app=b msg="disk is full"' 'app=c msg="disk is full"' \
	    'app=d msg="disk is full"' 'app=a msg="no such file"' | sort -u >got
	printf '%s\n' 'app=<*> msg="disk is full"' 'app=a msg="no such file"' | cmp - got
	[ "$(sign 'id=1 reason=Busy' 'id=2 reason=Gone' 'id=3 reason=Late' | sort -u | wc -l)" = 3 ]
	[ "$(sign 'x=' '=' 'a == b' 'k="' 'k=[(' 'k=)' '= = =')" = $'x=\n=\na == b\nk="\nk=[(\nk=)\n= = =' ]
}

@test "sign: what is a signature but for its variables is of it" {
	[ "$(sign 'registered x1/a/b for y/1/a' 'registered a.B for c.D' | sort -u)" = 'registered <*> for <*>' ]
	[ "$(sign 'Error: 12 at 5' 'Error: java.io.IOException at 6' | sort -u | wc -l)" = 2 ]
	sign 'ask ann of eva' 'ask bob of eva' 'ask dan of eva' 'ask pia of eva' 'ask ann of ida' 'ask ann of zoe' \
	    'ask ann of amy' 'ask tom of tim' | sort -u >got
	echo 'ask <*> of <*>' | cmp - got
}

@test "sign: order and split of the input do not matter; partials add up" {
	gandalf-sign "$data/messages.tsv" >a
	shuffled "$data/messages.tsv" 3 >m
	gandalf-sign m | sort >b
	sort a | cmp - b
	{ head -n 1 m; sed -n '2,100p' m; } >m1; { head -n 1 m; sed -n '101,$p' m; } >m2
	gandalf-sign --partial m1 >p1; gandalf-sign --partial m2 >p2
	gandalf-sign --merge p2 p1 >p
	gandalf-sign --partial "$data/messages.tsv" | cmp - p
	gandalf-sign --merge p | cmp - p
	[ "$(awk -F'\t' 'NR > 1 { n += $2 } END { print n }' p)" = 240 ]
	# and forms once learned sign rows as they come
	gandalf-sign --templates p "$data/messages.tsv" | cmp - a
	gandalf-sign --templates p --line-buffered m1 | sort >c
	gandalf-sign m | grep -F -f <(cut -f 1,2 m1 | tail -n +2) | sort >want
	diff <(grep -v '^ts' c) want
}

@test "sign: a column code stays in front; other columns are carried" {
	printf 'ts\tnode\tcode\tmessage\tx\n5\tn\t0xC1\tgot 5\ty\n' >in
	gandalf-sign in >out
	printf 'ts\tnode\tx\tsignature\tmessage\n5\tn\ty\t0xC1 got <*>\tgot 5\n' | cmp - out
}

@test "sign: weights: the longest text that is contained" {
	gandalf-sign --weights "$data/weights.tsv" "$data/messages.tsv" >out
	awk -F'\t' 'NR > 1 { print $5 "\t" $7 }' out | sort -u | grep -E 'exit|Boot' >got
	printf '%s\n' $'OldState: Ready NewState: Booting\t0' \
	    $'process exited with exit code 137 after <*>\t50' \
	    $'process exited with exit code 1 after <*>\t10' | sort | cmp - got
	printf 'signature\tweight\nx\t101\n' >w
	trouble "gandalf-sign: w:2: weight: not between 0 and 100: '101'" \
	    gandalf-sign --weights w "$data/messages.tsv"
}

@test "sign: hostile messages" {
	long=$(head -c 65536 /dev/zero | tr '\0' '9')
	[ "$(sign "$long")" = '<*>' ]
	[ "$(sign '')" = '' ]
	[ "$(sign '; rm -rf / $(id) --help')" = '; rm -rf / $(id) --help' ]
	printf 'message\n\xff\xfe \x1f\x1e [[[ <*> <*>\n' | gandalf-sign >out
	[ "$(wc -l <out)" = 2 ]
	trouble "gandalf-sign: --partial and --merge: without --templates and --weights" \
	    gandalf-sign --partial --weights w
	run -2 --separate-stderr bash -c 'gandalf-sign "$1/messages.tsv" >/dev/full' - "$data"
	[[ $stderr == "gandalf-sign: write <stdout>: "* ]]
}

@test "sign: told to stop, it leaves no temporary file" {
	mkfifo p
	gandalf-sign -o out p 3>&- &
	pid=$!
	exec 8>p	# the output is open before the input
	compgen -G 'out.*'
	kill -TERM "$pid"
	how=0
	wait "$pid" || how=$?
	[ "$how" = 143 ]
	exec 8>&-
	run ! compgen -G 'out*'
}
