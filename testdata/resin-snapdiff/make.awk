# make.awk: snapshots of a process whose stacks grow in known ways, one of each.
#   awk -f make.awk >leaky.tsv
#   awk -v healthy=1 -f make.awk >healthy.tsv
function row(stack, objects, size) {
	if (objects > 0)
		printf "%d\t%d\tmain;serve;%s\t%d\t%d\n", k, 1600000000 + 1800 * k,
		    stack, objects * size, objects
}
BEGIN {
	print "snapshot\tts\tstack\tbytes\tcount"
	split("0 9000 12000 13000 13400 13500 13540 13550", fills, " ")
	split("7 3 9 2 8 4 9 3", wavers, " ")
	split("0 0 2 2 5 5 9 9", stairs, " ")
	for (k = 0; k < 8; k++) {
		leak = healthy || k < 2 ? 0 : (k > 5 ? 5 : k) - 1
		row("login;session_new", 300 + 12000 * leak, 80)
		row("login;session_new;strdup", 300 + 12000 * leak, 16)
		row("login;audit;buf_new", 20 + 12000 * leak, 32)
		row("reload;config_new", 1 + (healthy ? 0 : stairs[k + 1]), 40000)
		row("get;cache_put", fills[k + 1], 192)
		row("get;ring_push", 2000 * (k + 1), 320)
		row("accept;conn_new", k < 4 ? 300 : 900, 4096)
		row("tick;batch_new", k % 2 ? 700 : 0, 16384)
		row("tick;import", k == 3 ? 500 : 0, 8192)
		row("get;parse;header_new", wavers[k + 1] * 10, 512)
		row("init;table_new", 2, 65536)
	}
}
