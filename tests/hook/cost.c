/*
 * cost [exchange] - what a call on a connected socket costs, in nanoseconds:
 * the median of 2,000 blocks of 500 calls on a loopback TCP connection, empty
 * send(2) calls or, with `exchange`, those of a request and its answer on both
 * ends.  Run it plain and under pano-run, in turn: the difference is the hook.
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BLOCKS = 2000, CALLS = 500 };

static int client, server;

static void
connect_both(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int l = socket(AF_INET, SOCK_STREAM, 0);

	client = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(l, (struct sockaddr *)&a, len) == -1 || listen(l, 1) == -1 ||
	    getsockname(l, (struct sockaddr *)&a, &len) == -1 ||
	    connect(client, (struct sockaddr *)&a, len) == -1 ||
	    (server = accept(l, NULL, NULL)) == -1)
		err(2, "loopback");
}

static void
send_nothing(void)
{
	for (int i = 0; i < CALLS; i++)
		if (send(client, "", 0, 0) == -1)
			err(2, "send");
}

static void
exchange(void)
{
	static const char request[] = "*2\r\n$3\r\nGET\r\n$5\r\nhello\r\n";
	char buf[64];

	for (int i = 0; i < CALLS; i += 4)
		if (write(client, request, sizeof(request)) == -1 ||
		    read(server, buf, sizeof(buf)) == -1 ||
		    write(server, "$-1\r\n", 5) == -1 ||
		    read(client, buf, sizeof(buf)) == -1)
			err(2, "exchange");
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int
main(int argc, char *argv[])
{
	static double ns[BLOCKS];
	struct timespec t, u;

	(void)argv;
	connect_both();
	for (int i = 0; i < BLOCKS; i++) {
		clock_gettime(CLOCK_MONOTONIC, &t);
		if (argc > 1)
			exchange();
		else
			send_nothing();
		clock_gettime(CLOCK_MONOTONIC, &u);
		ns[i] = ((double)(u.tv_sec - t.tv_sec) * 1e9 +
		    (double)(u.tv_nsec - t.tv_nsec)) / CALLS;
	}
	qsort(ns, BLOCKS, sizeof(*ns), compare);
	printf("%.1f\n", ns[BLOCKS / 2]);
	return 0;
}
