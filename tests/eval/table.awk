# table.awk - counts to tables with confidence intervals.
#
#	awk -v hosts=N -f table.awk <COUNTS
#
# Precision and recall are of the sums over all fleets of a set; the interval is
# the 2.5 to 97.5 % range of 2000 bootstrap samples of whole fleets, with a fixed
# seed.  That of a median is between order statistics, by the sign test.
function ratio(a, b) { return a + b > 0 ? a / (a + b) : -1 }
function shown(x) { return x < 0 ? "-" : sprintf("%.3f", x) }

# r[1..4]: precision and recall of components, then of instances.
function sums(set, m, pick,   i, j, k) {
	for (k = 1; k <= 12; k++)
		sum[k] = 0
	for (i = 1; i <= fleets[set]; i++) {
		j = pick ? int(rand() * fleets[set]) + 1 : i
		for (k = 1; k <= 12; k++)
			sum[k] += count[set, j, m, k]
	}
	r[1] = ratio(sum[1], sum[2])
	r[2] = ratio(sum[3], sum[4])
	r[3] = ratio(sum[5], sum[6])
	r[4] = ratio(sum[7], sum[8])
}

function sort_numbers(a, n,   i, j, t, gap) {	# Shell
	for (gap = int(n / 2); gap > 0; gap = int(gap / 2))
		for (i = gap + 1; i <= n; i++) {
			t = a[i]
			for (j = i; j > gap && a[j - gap] > t; j -= gap)
				a[j] = a[j - gap]
			a[j] = t
		}
}

# low[1..4], high[1..4] of r.
function intervals(set, m,   b, q, x, n, sample, had) {
	n = 2000
	split("", x)	# arrays from the start: mawk does not guess it
	split("", sample)
	split("0 0 0 0", had, " ")
	srand(1)
	for (b = 1; b <= n; b++) {
		sums(set, m, 1)
		for (q = 1; q <= 4; q++)
			if (r[q] >= 0)	# there is something to divide by
				sample[q, ++had[q]] = r[q]
	}
	for (q = 1; q <= 4; q++) {
		for (b = 1; b <= had[q]; b++)
			x[b] = sample[q, b]
		sort_numbers(x, had[q])
		low[q] = x[int(had[q] * 0.025) + 1]
		high[q] = x[int(had[q] * 0.975 + 0.999)]
	}
}

# Hours, or never; v[1..n] is sorted.
function hours(v, i, n) {
	i = i < 1 ? 1 : i > n ? n : i
	return v[i] >= NEVER ? "never" : v[i] ""
}

function delays(set, m,   n, v, i, soon, never, half) {
	n = ndelay[set, m]
	if (!n)
		return "- | - | -"
	for (i = 1; i <= n; i++) {
		v[i] = delay[set, m, i]
		soon += v[i] <= 12
		never += v[i] >= NEVER
	}
	sort_numbers(v, n)
	half = 0.98 * sqrt(n)
	return sprintf("%s (%s-%s) | %d %% | %d of %d",
	    hours(v, int((n + 1) / 2), n), hours(v, int(n / 2 - half), n),
	    hours(v, int(n / 2 + 1 + half + 0.999), n), 100 * soon / n + 0.5,
	    never, n)
}

function row(set, m,   q, errors) {
	sums(set, m, 0)
	if (m == "resin")
		for (q = 1; q <= 12; q++)
			first[q] = sum[q]
	if (sum[1] + sum[2] == 0) {
		silent = silent (silent ? ", " : "") m
		return
	}
	errors = sum[6] + sum[8]
	intervals(set, m)
	sums(set, m, 0)
	printf "| %s", m
	for (q = 1; q <= 4; q++)
		printf r[q] < 0 ? " | -" : " | %s (%s-%s)", shown(r[q]),
		    shown(low[q]), shown(high[q])
	printf " | %d | %s |\n", errors, delays(set, m)
}

function notes(set,   n, i, v, k, said) {
	if (silent)
		print "\nNothing was named by " silent "."
	silent = ""
	printf "\nresin-pivot alone: precision %s, recall %s.\n",
	    shown(ratio(first[9], first[10])), shown(ratio(first[11], first[12]))
	n = nonset[set]
	for (i = 1; i <= n; i++)
		v[i] = onset[set, i]
	sort_numbers(v, n)
	if (n)
		printf "Error of the start: median %.1f h, 90 %% %.1f h, of %d instances.\n",
		    v[int((n + 1) / 2)], v[int(0.9 * (n - 1)) + 1], n
	split("steady stair spike", k, " ")
	for (i = 1; i <= 3; i++)
		if ((set, k[i]) in got)
			said = said (said ? ", " : "") sprintf("%s %s of %d", k[i],
			    shown(ratio(got[set, k[i]], lost[set, k[i]])),
			    got[set, k[i]] + lost[set, k[i]])
	if (said)
		print "Instances found by the kind of leak: " said "."
	if ((set, "component") in got)
		printf "Components of which one instance leaked 30 %%: recall %s, of %d.\n",
		    shown(ratio(got[set, "component"], lost[set, "component"])),
		    got[set, "component"] + lost[set, "component"]
	printf "Time of both levels: %.1f s of processor for %.1f million rows, in the mean.\n",
	    seconds[set] / fleets[set], rows[set] / fleets[set] / 1e6
}

BEGIN {
	FS = "\t"
	NEVER = 1e9
	nset = split("tune test large borg redeployed pods", set, " ")
	title["tune"] = "Fleets of " hosts " hosts used for tuning"
	title["test"] = "Fleets of " hosts " hosts never used for tuning"
	title["large"] = "Fleets of 300 hosts never used for tuning"
	title["borg"] = "Leaks in real tasks (Borg, two jobs)"
	title["redeployed"] = "Leaks in real tasks (Borg, a job redeployed each week)"
	title["pods"] = "Leaks in real pods (Kubernetes, 12 to 20 h)"
}
!(($1, $2) in fleet) { fleet[$1, $2] = ++fleets[$1] }
$3 == "score" {
	if (!(($1, $4) in seen)) {
		seen[$1, $4] = 1
		method[$1, ++methods[$1]] = $4
	}
	for (k = 1; k <= 12; k++)
		count[$1, fleet[$1, $2], $4, k] = $(4 + k)
}
$3 == "delay" { delay[$1, $4, ++ndelay[$1, $4]] = $6 == "never" ? NEVER : $6 + 0 }
$3 == "onset" { onset[$1, ++nonset[$1]] = $5 + 0 }
$3 == "kind" { got[$1, $5] += $6; lost[$1, $5] += $7 }
$3 == "time" { seconds[$1] += $5; rows[$1] += $6 }
END {
	for (s = 1; s <= nset; s++) {
		t = set[s]
		if (!fleets[t])
			continue
		printf "%s## %s: %d\n\n", done++ ? "\n" : "", title[t], fleets[t]
		print "| method | component precision | component recall | instance precision | instance recall | errors | delay, h | in 12 h | never |"
		print "| --- | --- | --- | --- | --- | ---: | --- | ---: | ---: |"
		for (m = 1; m <= methods[t]; m++)
			if (method[t, m] == "resin")
				row(t, "resin")
		for (m = 1; m <= methods[t]; m++)
			if (method[t, m] != "resin")
				row(t, method[t, m])
		notes(t)
	}
}
