/*
 * peer - a server that behaves as the first word it is told: "ok" is answered,
 * "slow" after two seconds, "never" not at all, "say TEXT" with TEXT, "close"
 * and "reset" end the connection.  Prints its port and serves one connection a
 * process.
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void
serve(int c)
{
	const struct linger reset = { 1, 0 };
	char word[64] = "";

	if (read(c, word, sizeof(word) - 1) <= 0)
		return;
	if (strncmp(word, "slow", 4) == 0)
		sleep(2);
	if (strncmp(word, "never", 5) == 0)
		sleep(60);
	if (strncmp(word, "reset", 5) == 0)
		setsockopt(c, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	else if (strncmp(word, "say ", 4) == 0)
		(void)!write(c, word + 4, strlen(word + 4));
	else if (strncmp(word, "close", 5) != 0 && write(c, "ok\n", 3) != 3)
		err(2, "write");
}

int
main(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int l = socket(AF_INET, SOCK_STREAM, 0), c;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGCHLD, SIG_IGN);
	if (bind(l, (struct sockaddr *)&a, len) == -1 || listen(l, 64) == -1 ||
	    getsockname(l, (struct sockaddr *)&a, &len) == -1)
		err(2, "listen");
	printf("%d\n", ntohs(a.sin_port));
	fflush(stdout);
	fclose(stdout);
	while ((c = accept(l, NULL, NULL)) != -1) {
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			serve(c);
			close(c);
			_exit(0);
		}
		close(c);
	}
	return 2;
}
