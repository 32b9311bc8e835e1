#!/bin/bash
# live.sh SHOP DIR - from telemetry to the ticket on processes that run, and go
# on running: a fleet of shops (shop.c) under gperftools' heap profiler, of
# which five of eight get a release that leaks.  No root is needed: a node is a
# directory with one process in it, which resin-collect reads in place of /proc.
# A turn of work stands for an hour, whatever it takes.  Leaves in DIR what each
# tool wrote, and the ticket as report.md and report.html.
set -euo pipefail
shop=$(realpath "$1")
mkdir -p "$2"
cd "$2"
nodes=8 hours=80 release=54
first=$(($(date +%s) / 3600 * 3600 + 172800))	# the shops are two days old
lib=$(compgen -G '/usr/lib/*/libtcmalloc.so.4' || :)
[ -n "$lib" ] || { echo "live.sh: no libtcmalloc.so.4 (libgoogle-perftools4)" >&2; exit 2; }

pids=() to=() from=()
end() {
	local fd
	for fd in "${to[@]}"; do exec {fd}>&-; done	# at its end they end
	wait
}
trap end EXIT

open() {	# NODE's shop
	local dir=node$1 in out
	mkdir -p "$dir"
	mkfifo "$dir/in" "$dir/out"
	(cd "$dir" && exec env LD_PRELOAD="$lib" HEAPPROFILE="$PWD/heap" \
		HEAPPROFILESIGNAL=12 HEAP_PROFILE_INUSE_INTERVAL=0 \
		HEAP_PROFILE_ALLOCATION_INTERVAL=0 \
		"$shop" "$1" <in >out 2>log) &
	pids[$1]=$!
	exec {in}>"$dir/in" {out}<"$dir/out"
	to[$1]=$in from[$1]=$out
	ln -s /proc/stat "$dir/stat"
	ln -s "/proc/${pids[$1]}" "$dir/${pids[$1]}"
}

tell() {	# NODE ORDER
	local answer
	echo "$2" >&"${to[$1]}"
	read -r answer <&"${from[$1]}"
	[ "$answer" = "done" ]
}

turn() {	# HOUR: more is bought by day than by night
	local i
	for ((i = 1; i <= nodes; i++)); do
		tell $i "serve $((600 + $1 % 24 * (24 - $1 % 24) * 4 + i * 20))"
	done
}

sample() {	# HOUR
	local i
	for ((i = 1; i <= nodes; i++)); do
		resin-collect --root "node$i" --node "node$i" --no-slab \
			-a cluster=eu -a hour=$((first + $1 * 3600)) |
			if (($1 + i > 1)); then tail -n +2; else cat; fi
	done
}

started() {	# the shops: number and start
	local pid
	for pid in "${pids[@]}"; do cut -d ' ' -f 1,22 "/proc/$pid/stat"; done
}

for ((i = 1; i <= nodes; i++)); do open $i; done
for ((i = 1; i <= nodes; i++)); do tell $i "serve 40000"; done	# it is not young
started >born
for ((hour = 0; hour < hours; hour++)); do
	if ((hour == release)); then
		for i in 1 2 4 5 7; do tell $i release; done
	fi
	turn $hour
	sample $hour
done >telemetry

columns() {	# NAME...: of a table on stdin, without the header
	awk -F '\t' -v OFS='\t' -v names="$*" '
		BEGIN { n = split(names, name, " ") }
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		{ for (i = 1; i <= n; i++)
			printf "%s%s", $at[name[i]], i < n ? OFS : "\n" }'
}

# Detect.  What resin-collect calls ts is when it looked; ours is the hour.
hourly=(--map ts=hour)
resin-bucket "${hourly[@]}" telemetry >bucket
resin-pivot bucket >alert
resin-procdetect "${hourly[@]}" -t telemetry alert >suspect
resin-pattern "${hourly[@]}" -t telemetry suspect >candidate
read -r best pattern < <(columns node pattern <candidate) ||
	{ echo "live.sh: nothing was detected" >&2; exit 1; }

# Trace the best candidate and two that do not leak, while work goes on.  On a
# fleet each machine runs a resin-trace, with the candidates from a shared file.
columns node <suspect >leaking
mapfile -t healthy < <(printf 'node%d\n' $(seq $nodes) |
	grep -vxFf leaking | head -n 2)
awk -F '\t' -v names="${healthy[*]} $best" '
	BEGIN { split(names, n, " "); for (i in n) want[n[i]] }
	NR == 1 || ($3 in want && !seen[$3]++)' telemetry >traced
tracers=()
for node in "$best" "${healthy[@]}"; do
	resin-trace -d trace --node "$node" -n 6 -i 2s --cap 3 traced \
		>"trace.$node" &
	tracers+=($!)
done
while kill -0 "${tracers[@]}" 2>/dev/null; do
	turn $hour
	hour=$((hour + 1))
done
wait "${tracers[@]}"

# Diff.
heap_of() {	# NODE's snapshots
	resin-snap -m "modules.$1" trace/"${pids[${1#node}]}".*/*.dump |
		resin-symbolize -m "modules.$1"
}
references=()
for node in "${healthy[@]}"; do
	heap_of "$node" >"snap.$node"
	references+=(-r "snap.$node")
done
heap_of "$best" >"snap.$best"
diff=(resin-snapdiff -p "$pattern" "${references[@]}" "snap.$best")
"${diff[@]}" >stack

# Report.
cat >rules <<'END'
allow restart if component = shop
action restart
	signal TERM
	cooldown 1h
limit 2 nodes at once by component
END
resin-mitigate -r rules candidate >action
ticket=(resin-report --alerts alert -a action -s stack -t usage candidate)
awk -F '\t' -v OFS='\t' 'NR > 1 { $1 = $NF } 1' telemetry >usage
"${ticket[@]}" >report.md
"${ticket[@]}" --html >report.html

for ((i = 1; i <= nodes; i++)); do tell $i 'serve 1'; done
started | diff born - >&2 || { echo "live.sh: a shop was stopped" >&2; exit 1; }

printf '\nLIVE    of %d shops %d got a release that leaks; found: %s\n' $nodes 5 \
	"$(sort leaking | xargs)"
printf '        %d snapshots of %s and of 2 that do not leak, while it serves\n' \
	"$(grep -c '	snapshot	' "trace.$best")" "$best"
"${diff[@]}" --report -n 1 | sed '/^$/d' | fold -s -w 85 |
	sed '/^[0-9 ]/!s/^/   /; s/^/        /; s/ *$//'
printf '        the ticket is %s/report.html; pid %s of %s runs on\n' "$PWD" \
	"${pids[${best#node}]}" "$best"
