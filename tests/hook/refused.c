/*
 * refused THREADS TIMES HOW - from so many threads, so many connections each to
 * a port where nobody listens.  Every one must fail with ECONNREFUSED as if
 * nobody watched.  HOW: "exit", "fork" (a child does the same once more),
 * "kill", "segv" or "abort" (how it ends).
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int times;

static void *
knock(void *unused)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(1),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	for (int i = 0; i < times; i++) {
		int s = socket(AF_INET, SOCK_STREAM, 0);

		errno = 0;
		if (connect(s, (struct sockaddr *)&a, sizeof(a)) != -1 ||
		    errno != ECONNREFUSED)
			err(2, "connect");
		errno = EDOM;
		close(s);
		if (errno != EDOM)
			err(2, "close changed errno");
	}
	return unused;
}

int
main(int argc, char *argv[])
{
	pthread_t thread[64];
	int n = argc == 4 ? atoi(argv[1]) : 0, status = 0;

	if (n < 1 || n > 64)
		errx(2,
		    "usage: refused THREADS TIMES exit|fork|kill|segv|abort");
	times = atoi(argv[2]);
	for (int i = 0; i < n; i++)
		pthread_create(&thread[i], NULL, knock, NULL);
	for (int i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
	if (strcmp(argv[3], "fork") == 0) {
		if (fork() == 0) {
			knock(NULL);
			_exit(0);
		}
		wait(&status);
	}
	if (strcmp(argv[3], "kill") == 0)
		raise(SIGKILL);
	if (strcmp(argv[3], "segv") == 0)
		raise(SIGSEGV);
	if (strcmp(argv[3], "abort") == 0)
		abort();
	return status != 0;
}
