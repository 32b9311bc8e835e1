# Rows of calls.sh into Markdown: how often the change to blame came first.
BEGIN { FS = "\t" }
FNR == 1 { next }
{
	add("fault: " $2); add($3 == 1 ? "1 change" : $3 " changes"); add("all")
	if ($3 > 1) add("all of two and more")
}
function add(k) {
	if (!(k in n)) name[++names] = k
	n[k]++; first[k] += $4 == 1; worst[k] += $5; newest[k] += $6
	second[k] += $4 <= 2
}
# The 95 % confidence interval of Wilson.
function wilson(k, m,   z, p, c, h) {
	z = 1.96; p = k / m; c = (p + z * z / 2 / m) / (1 + z * z / m)
	h = z / (1 + z * z / m) * sqrt(p * (1 - p) / m + z * z / 4 / m / m)
	return sprintf("%.3f (%.3f to %.3f)", p, c - h, c + h)
}
END {
	print "| incidents | number | first | first or second | fails most | newest change |"
	print "| --- | --- | --- | --- | --- | --- |"
	for (i = 1; i <= names; i++) for (j = i + 1; j <= names; j++)
		if (name[j] < name[i]) { t = name[i]; name[i] = name[j]; name[j] = t }
	for (i = 1; i <= names; i++) {
		k = name[i]
		printf "| %s | %d | %s | %.3f | %.3f | %.3f |\n", k, n[k], wilson(first[k], n[k]), second[k] / n[k], worst[k] / n[k], newest[k] / n[k]
	}
}
