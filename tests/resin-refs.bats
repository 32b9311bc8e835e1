load helper.bash

D=$BATS_TEST_DIRNAME/../testdata/resin-snapdiff

add() { resin-refs -d db --service "${1-svc}" "${@:2}" add "$D/healthy.tsv"; }

@test "refs: what was added comes back" {
	add svc >/dev/null
	resin-refs -d db --service svc match >got
	assert_equal "$(head -n 1 got)" \
		"snapshot	ts	stack	bytes	count	se	complete	reference"
	tail -n +2 got | cut -f 1-5 | sort >a
	tail -n +2 "$D/healthy.tsv" | sort | diff -u - a
}

@test "refs: nearest first, and why" {
	add svc --release 1.2.3 --cluster a --os 10.1 >/dev/null
	add svc --release 1.2.9 --cluster b --os 10.2 >/dev/null
	add svc --release 2.0 --cluster a --os 10.2 >/dev/null
	add other --release 1.2.9 --cluster b --os 10.2 >/dev/null
	resin-refs -d db --service svc --release 1.2.9 --cluster a --os 10.2 \
		--explain match | tail -n +2 | cut -f 1,8,9 >got
	# 2: another cluster; 8/4 and 4/2: two parts and one agree
	diff -u - got <<-'END'
	2	2	cluster b for a (2)
	1	4	version 1.2.3 for 1.2.9 (2), os 10.1 for 10.2 (2)
	3	8	version 2.0 for 1.2.9 (8)
	END
	run -0 resin-refs -d db --service svc --release 1.2.9 --top 2 match
	assert_equal "$(echo "$output" | tail -n +2 | cut -f 8 | uniq | tr '\n' ' ')" "2 1 "
}

@test "refs: none near enough is said" {
	add svc --release 1 >/dev/null
	run -0 --separate-stderr resin-refs -d db --service svc --release 2 \
		--limit 3 match
	assert_equal "$stderr" "resin-refs: no reference of service 'svc' within 3"
	assert_equal "$(echo "$output" | wc -l)" 1
	run -0 --separate-stderr resin-refs -d db --service none match
	assert_equal "$(echo "$output" | wc -l)" 1
}

@test "refs: the same again changes nothing; old ones expire" {
	add svc --date 100 >/dev/null
	add svc --date 100 >/dev/null
	add svc --date 864100 >/dev/null
	assert_equal "$(resin-refs -d db list | wc -l)" 3
	assert_equal "$(resin-refs -d db --older 11d expire | tail -1)" 0
	assert_equal "$(resin-refs -d db --older 9d expire | tail -1)" 1
	assert_equal "$(resin-refs -d db list | tail -1 | cut -f 6)" 864100
}

@test "refs: names are data" {
	name="'); DROP TABLE reference; --"
	add "$name" --cluster '$(touch x)"' >/dev/null
	resin-refs -d db --service "$name" match >got
	[ "$(wc -l <got)" -gt 10 ]
	assert_equal "$(resin-refs -d db list | cut -f 2,4 | tail -1)" \
		"\$(touch x)\"	$name"
}

@test "refs: eight writers at once lose nothing" {
	for i in 1 2 3 4 5 6 7 8; do
		add svc --cluster "c$i" >out.$i 2>&1 3>&- &
	done
	wait
	cat out.*
	assert_equal "$(resin-refs -d db list | wc -l)" 9
	assert_equal "$(sqlite3 db 'PRAGMA integrity_check')" ok
}

@test "refs: a kill at any instant leaves it whole" {
	add svc --cluster first >/dev/null
	awk 'BEGIN { print "ts\tstack\tbytes\tcount"
	    for (k = 1; k < 4; k++) for (i = 0; i < 20000; i++)
		printf "%d\tmain;f%d;g%d\t%d\t1\n", k, i % 97, i, i * k }' >big
	for ms in 5 10 20 30 40 60 80 120 160; do
		resin-refs -d db --service svc --cluster "k$ms" add big \
			>/dev/null 2>&1 3>&- &
		pid=$!
		sleep "0.$(printf %03d $ms)"
		kill -9 $pid 2>/dev/null || :
		wait $pid 2>/dev/null || :
		assert_equal "$(sqlite3 db 'PRAGMA integrity_check')" ok
	done
	resin-refs -d db list | tail -n +2 | cut -f 1 >ids
	add svc --cluster last >/dev/null
	while read -r id; do
		rows=$(sqlite3 db "SELECT rows FROM reference WHERE id = $id")
		got=$(resin-refs -d db --service svc --top 99 --limit 99 match |
			awk -F'\t' -v id="$id" '$8 == id' | wc -l)
		assert_equal "$got" "$rows"
	done <ids
}

@test "refs: trouble" {
	trouble "resin-refs: 'frob': not add, match, list or expire" \
		resin-refs -d db frob
	trouble "resin-refs: --database is required" resin-refs list
	trouble "resin-refs: --service is required" resin-refs -d db match
	trouble "resin-refs: db: open: unable to open database file" \
		resin-refs -d db list
	[ ! -e db ]
	trouble "resin-refs: expire takes --before or --older" \
		bash -c 'resin-refs -d a --service s add "$1" >/dev/null
		    resin-refs -d a expire' - "$D/healthy.tsv"
	head -n 12 "$D/healthy.tsv" | sed 's/^1/0/; s/1600001800/1600000000/' |
		head -n 8 >one
	trouble "resin-refs: a reference takes two snapshots or more: what counts is what grows" \
		resin-refs -d db --service s add one
	sqlite3 alien 'CREATE TABLE reference (x); INSERT INTO reference VALUES (1)'
	cp alien before
	trouble "resin-refs: alien: not a database of references" \
		resin-refs -d alien --service s add "$D/healthy.tsv"
	assert_equal "$(sqlite3 alien 'SELECT x FROM reference')" 1
	echo garbage >text
	trouble "resin-refs: text: database: file is not a database" \
		resin-refs -d text list
}
