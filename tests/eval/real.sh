#!/bin/bash
# real.sh DATA DIR: real series as telemetry, DIR/NAME.tsv, of what there is of
# them in DATA; what there is not is told on standard error.  The files and
# their columns are in README.md.
set -euo pipefail
data=$1 dir=$2

# have FILE
have() {
	[ -e "$data/$1" ] || { echo "left out: no $1 in $data" >&2; false; }
}

# put NAME: the rows of standard input, component node pid ts usage, by time.
put() {
	{
		printf 'component\tnode\tpid\tts\tusage\n'
		sort -t $'\t' -s -k 4,4n
	} >"$dir/$1.tsv"
}

# One Borg job: usage is a share of the biggest machine, here of 256 GiB.  PID is
# the column that changes with each restart, where there is one.
job() {	# NAME COLLECTION [PID]
	zcat "$borg" | awk -F , -v job="$2" -v pid="${3-}" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$at["collection_id"] == job {
			printf "%s\t%s\t%s\t%s\t%.0f\n", job,
			    $at["instance_index"], pid ? $at[pid] : "",
			    $at["t_s"],
			    $at["avg_memory_usage"] * 2 ^ 38
		}' | put "$1"
}

if have borg2019_tasks/borg_tasks_mem.csv.gz; then
	borg=$data/borg2019_tasks/borg_tasks_mem.csv.gz
	job borg-flat 382417448240
	job borg-periodic 380263806889
	job borg-growing 399444405700
	job borg-redeployed 113812204462 machine_id
fi
# A day is a record of its own.  One pod's clock is wrong by 200,000,000 s on
# the first; that changes nothing but the extent of the record, and is mended.
if have nezha_pods/pods_mem_1min.csv.gz; then
	for day in 2022-08-22 2022-08-23 2023-01-29 2023-01-30; do
		zcat "$data/nezha_pods/pods_mem_1min.csv.gz" |
			awk -F , -v day="$day" '
			NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
			$at["day"] == day {
				ts = $at["ts"]
				if (ts > 1800000000) ts -= 200000000
				printf "%s\t%s\t\t%d\t%.0f\n", $at["component"],
				    $at["pod"], ts, $at["mem_mib"] * 1048576
			}' | put "pods-$day"
	done
fi
if have psm_appln2_rss/appln2.csv; then
	tr -d '"' <"$data/psm_appln2_rss/appln2.csv" | awk -F , '
		NR > 1 { printf "controller\thost\t\t%s\t%d\n", $1, $2 * 1024 }
		' | put controller
fi
