/*
 * cost - what a call on a connected socket costs, in nanoseconds: the median of
 * 2,000 blocks of 500 empty send(2) calls on a loopback TCP connection.  Run it
 * plain and under pano-run, in turn: the difference is the hook.
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

enum { BLOCKS = 2000, CALLS = 500 };

static int
connected(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int l = socket(AF_INET, SOCK_STREAM, 0);
	int s = socket(AF_INET, SOCK_STREAM, 0);

	if (bind(l, (struct sockaddr *)&a, len) == -1 || listen(l, 1) == -1 ||
	    getsockname(l, (struct sockaddr *)&a, &len) == -1 ||
	    connect(s, (struct sockaddr *)&a, len) == -1)
		err(2, "loopback");
	return s;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int
main(void)
{
	static double ns[BLOCKS];
	struct timespec t, u;
	int s = connected();

	for (int i = 0; i < BLOCKS; i++) {
		clock_gettime(CLOCK_MONOTONIC, &t);
		for (int k = 0; k < CALLS; k++)
			if (send(s, "", 0, 0) == -1)
				err(2, "send");
		clock_gettime(CLOCK_MONOTONIC, &u);
		ns[i] = ((double)(u.tv_sec - t.tv_sec) * 1e9 +
		    (double)(u.tv_nsec - t.tv_nsec)) / CALLS;
	}
	qsort(ns, BLOCKS, sizeof(*ns), compare);
	printf("%.1f\n", ns[BLOCKS / 2]);
	return 0;
}
