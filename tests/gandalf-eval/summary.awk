# A table of outcomes (run.sh) into Markdown: what each judge got right, and
# where the bad rollouts that gandalf stopped were stopped.
BEGIN { FS = "\t"; split("stage canary pilot light medium heavy", env, " ") }
FNR == 1 { next }
{
	k = $1 SUBSEP $6
	if (!($1 in seen)) { seen[$1]; order[++n] = $1 }
	stop = $7 < 9
	if ($5 == "bad") { tp[k] += stop; fn[k] += !stop; tp["total", $6] += stop; fn["total", $6] += !stop }
	else { fp[k] += stop; fp["total", $6] += stop }
	if ($5 == "bad" && $6 == "gandalf") { at[$7]++; bad++; if (stop) { h[++nh] = $8 } }
}
function share(a, b) { return a + b == 0 ? "-" : sprintf("%.3f", a / (a + b)) }
function row(s,   i, line, k) {
	line = "| " s " |"
	for (i = 1; i <= 4; i++) {
		k = s SUBSEP judge[i]
		line = line " " share(tp[k], fp[k]) " / " share(tp[k], fn[k]) " |"
	}
	print line
}
END {
	split("gandalf watchdog newest canary", judge, " ")
	print "| scenario | gandalf | per-cluster thresholds | newest deployment first | Mann-Whitney canary |"
	print "| --- | --- | --- | --- | --- |"
	for (i = 1; i <= n; i++) row(order[i])
	row("total")
	print "\nPrecision / recall over rollouts.\n"
	print "| stopped after | share of bad rollouts |\n| --- | --- |"
	for (i = 0; i < 6; i++) printf "| %s | %.3f |\n", env[i + 1], at[i] / bad
	printf "| never | %.3f |\n", at[9] / bad
	for (i = 1; i <= nh; i++) for (j = i + 1; j <= nh; j++) if (h[j] + 0 < h[i] + 0) { t = h[i]; h[i] = h[j]; h[j] = t }
	printf "\nHours from a rollout's first fault to its no-go, gates being asked only when a bake ends: median %d, 90 %% within %d.\n", h[int((nh + 1) / 2)], h[int(nh * 0.9)]
}
