# table.awk - counts by fleet to a table with confidence intervals.
#
#	awk -f table.awk SCORES ONSETS
#
# Precision and recall are of the sums over all fleets; the interval is the 2.5
# to 97.5 % range of 2000 bootstrap samples of whole fleets, with a fixed seed.
function ratio(a, b) { return a + b > 0 ? a / (a + b) : 1 }
function sums(set, m, pick, i, j, k) {
	for (k = 1; k <= 10; k++) sum[k] = 0
	for (i = 1; i <= nfleet[set]; i++) {
		j = pick ? int(rand() * nfleet[set]) + 1 : i
		for (k = 1; k <= 10; k++) sum[k] += v[set, j, m, k]
	}
	# components: precision, recall; instances: the same
	r[1] = ratio(sum[1], sum[2]); r[2] = ratio(sum[1], sum[3])
	r[3] = ratio(sum[4], sum[5]); r[4] = ratio(sum[6], sum[7])
}
function sorted(a, n, i, j, t, gap) {	# shell sort
	for (gap = int(n / 2); gap > 0; gap = int(gap / 2))
		for (i = gap + 1; i <= n; i++) {
			t = a[i]
			for (j = i; j > gap && a[j - gap] > t; j -= gap)
				a[j] = a[j - gap]
			a[j] = t
		}
}
function interval(set, m, b, q, x, n) {
	n = 2000
	srand(1)
	for (b = 1; b <= n; b++) {
		sums(set, m, 1)
		for (q = 1; q <= 4; q++) sample[q, b] = r[q]
	}
	for (q = 1; q <= 4; q++) {
		for (b = 1; b <= n; b++) x[b] = sample[q, b]
		sorted(x, n)
		low[q] = x[int(n * 0.025) + 1]
		high[q] = x[int(n * 0.975)]
	}
}
function quantile(set, q) { return onset[set, int(q * (nonset[set] - 1)) + 1] }
BEGIN { FS = "\t" }
FILENAME == ARGV[1] {
	if (!(($1, $2) in fleet)) fleet[$1, $2] = ++nfleet[$1]
	if (!($3 in seen)) { seen[$3] = 1; method[++nmethod] = $3 }
	for (k = 1; k <= 10; k++) v[$1, fleet[$1, $2], $3, k] = $(3 + k)
	next
}
{ all[$1, ++nonset[$1]] = $2 }
END {
	nset = split("tune test", set, " ")
	for (s = 1; s <= nset; s++) {
		t = set[s]
		if (!nfleet[t]) continue
		printf "%s## %s: %d fleets\n\n", (s > 1 ? "\n" : ""),
		    (t == "tune" ? "Fleets used for tuning" :
		    "Fleets never used for tuning"), nfleet[t]
		print "| method | component precision | component recall | instance precision | instance recall | errors |"
		print "| --- | --- | --- | --- | --- | ---: |"
		for (m = 1; m <= nmethod; m++) {
			interval(t, method[m])
			sums(t, method[m], 0)
			printf "| %s", method[m]
			for (q = 1; q <= 4; q++)
				printf " | %.3f (%.3f-%.3f)", r[q], low[q], high[q]
			printf " | %d |\n", sum[5] + sum[7]
		}
		for (i = 1; i <= nonset[t]; i++) x[i] = all[t, i] + 0
		sorted(x, nonset[t])
		for (i = 1; i <= nonset[t]; i++) onset[t, i] = x[i]
		sums(t, "resin", 0)
		printf "\nresin-pivot alone: precision %.3f, recall %.3f.\n",
		    ratio(sum[8], sum[9]), ratio(sum[8], sum[10])
		printf "Error of the onset: median %.1f h, 90 %% %.1f h, of %d instances.\n",
		    quantile(t, 0.5), quantile(t, 0.9), nonset[t]
	}
}
