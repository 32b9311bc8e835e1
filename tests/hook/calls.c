/*
 * calls WORD - what a program may do with a connection, one thing a WORD, to a
 * peer of its own: a child that reads, and answers a request that ends in
 * "\n" after as many tenths of a second as its first digit says; "-" never.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct sockaddr_in at = { .sin_family = AF_INET };
static char answer[64];

static void
must(int ok, const char *what)
{
	if (!ok)
		err(2, "%s", what);
}

static void
serve(int l)
{
	int c = accept(l, NULL, NULL);
	char text[4096], delay = '0';
	ssize_t n;
	bool begun = false;

	while ((n = read(c, text, sizeof(text))) > 0) {
		if (!begun)
			delay = text[0];
		begun = text[n - 1] != '\n';
		if (begun || delay == '-')
			continue;
		if (delay > '0' && delay <= '9')
			usleep((unsigned)(delay - '0') * 100000);
		must(write(c, "answer\n", 7) == 7, "answer");
	}
	_exit(0);
}

static int
listener(void)
{
	socklen_t len = sizeof(at);
	int l = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	at.sin_port = 0;
	must(bind(l, (struct sockaddr *)&at, len) == 0 && listen(l, 8) == 0 &&
	    getsockname(l, (struct sockaddr *)&at, &len) == 0, "listen");
	return l;
}

static int
dial(void)
{
	int l = listener(), s = socket(AF_INET, SOCK_STREAM, 0);

	if (fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(s);
		unsetenv("LD_PRELOAD");
		serve(l);
	}
	close(l);
	must(connect(s, (struct sockaddr *)&at, sizeof(at)) == 0, "connect");
	return s;
}

static void
ask(int s, const char *text)
{
	must(write(s, text, strlen(text)) > 0, "write");
	must(read(s, answer, sizeof(answer)) == 7, "read");
}

/* Every way to send and to receive, once. */
static void
every(void)
{
	int s = dial(), p[2], f;
	char ask_text[] = "0\n", back[64];
	struct iovec out = { ask_text, 2 }, in = { back, sizeof(back) };
	struct msghdr to = { .msg_iov = &out, .msg_iovlen = 1 };
	struct msghdr from = { .msg_iov = &in, .msg_iovlen = 1 };
	struct mmsghdr many_to = { .msg_hdr = to };
	struct mmsghdr many_from = { .msg_hdr = from };
	FILE *file = tmpfile();

	must(file != NULL && pipe(p) == 0, "pipe");
	f = fileno(file);
	must(write(f, ask_text, 2) == 2, "file");
	must(send(s, ask_text, 2, 0) == 2, "send");
	must(recv(s, back, sizeof(back), 0) == 7, "recv");
	must(sendto(s, ask_text, 2, 0, NULL, 0) == 2, "sendto");
	must(recvfrom(s, back, sizeof(back), 0, NULL, NULL) == 7, "recvfrom");
	must(sendmsg(s, &to, 0) == 2, "sendmsg");
	must(recvmsg(s, &from, 0) == 7, "recvmsg");
	must(sendmmsg(s, &many_to, 1, 0) == 1, "sendmmsg");
	must(recvmmsg(s, &many_from, 1, 0, NULL) == 1, "recvmmsg");
	must(write(s, ask_text, 2) == 2, "write");
	must(read(s, back, sizeof(back)) == 7, "read");
	must(writev(s, &out, 1) == 2, "writev");
	must(readv(s, &in, 1) == 7, "readv");
	must(sendfile(s, f, &(off_t){ 0 }, 2) == 2, "sendfile");
	must(splice(s, NULL, p[1], NULL, 64, 0) == 7, "splice from");
	must(read(p[0], back, sizeof(back)) == 7, "pipe");
	must(write(p[1], ask_text, 2) == 2, "pipe");
	must(splice(p[0], NULL, s, NULL, 2, 0) == 2, "splice to");
	must(read(s, back, sizeof(back)) == 7, "read");
	fclose(file);
}

/* Lines to one who never answers, by one who never reads. */
static void
stream(void)
{
	int s = dial();

	for (int i = 0; i < 12; i++) {
		must(write(s, "-\n", 2) == 2, "write");
		usleep(100000);
	}
	close(s);
}

/* The same, but that it would read, if there were anything. */
static void
unanswered(void)
{
	int s = dial();
	struct pollfd p = { s, POLLIN, 0 };

	must(write(s, "-\n", 2) == 2, "write");
	must(poll(&p, 1, 1200) == 0, "poll");
	close(s);
}

static void
by_select(void)
{
	int s = dial();
	struct timeval t = { 1, 200000 };
	fd_set in;

	FD_ZERO(&in);
	FD_SET(s, &in);
	must(write(s, "-\n", 2) == 2, "write");
	must(select(s + 1, &in, NULL, NULL, &t) == 0, "select");
	close(s);
}

static void
by_epoll(void)
{
	int s = dial(), set = epoll_create1(0);
	struct epoll_event e = { .events = EPOLLIN | EPOLLET };

	must(epoll_ctl(set, EPOLL_CTL_ADD, s, &e) == 0, "epoll_ctl");
	must(write(s, "-\n", 2) == 2, "write");
	must(epoll_wait(set, &e, 1, 1200) == 0, "epoll_wait");
	close(s);
}

/* Three seconds of sending, then the answer. */
static void
upload(void)
{
	static char piece[65536];
	int s = dial();
	struct pollfd p = { s, POLLIN, 0 };

	must(poll(&p, 1, 0) == 0, "poll");
	memset(piece, '0', sizeof(piece));
	for (int i = 0; i < 30; i++) {
		must(write(s, piece, sizeof(piece)) > 0, "write");
		usleep(100000);
	}
	ask(s, "\n");
}

/* A wait that was asked for, and one that is broken off. */
static void
blocking_pop(void)
{
	const char pop[] = "-*3\r\n$5\r\nBLPop\r\n$1\r\nq\r\n$1\r\n0\r\n";
	int s = dial();
	struct pollfd p = { s, POLLIN, 0 };

	ask(dial(), "9*3\r\n$5\r\nblpop\r\n$1\r\nq\r\n$1\r\n0\r\n");
	must(write(s, pop, strlen(pop)) > 0, "write");
	must(poll(&p, 1, 900) == 0, "poll");
	close(s);
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* What TLS would send: a hello, then a few bytes as soon as something came. */
static void
acknowledge(void)
{
	int s = dial();
	struct pollfd p = { s, POLLIN, 0 };
	double since;

	ask(s, "\x16\x03\n");
	do {
		ask(s, "0 a request longer than what could be no more than an "
		    "acknowledgement of something\n");
		since = seconds();
		must(write(s, "-\x17\n", 3) == 3, "write");
	} while (seconds() - since > 0.1);	/* late, and so a request */
	must(poll(&p, 1, 1200) == 0, "poll");
	close(s);
}

/* The second long answer is no surprise. */
static void
patient(void)
{
	int s = dial();

	ask(s, "9\n");
	ask(s, "4\n");
}

static void
duplicate(void)
{
	int s = dial(), copy = fcntl(s, F_DUPFD_CLOEXEC, 100);

	must(copy >= 100 && close(s) == 0, "fcntl");
	ask(copy, "0\n");
}

/* The descriptor is somebody else's afterwards. */
static void
closed_from(void)
{
	int s = dial(), p[2];

	ask(s, "0\n");
	closefrom(3);
	must(pipe(p) == 0 && (p[0] == s || p[1] == s), "pipe");
	must(write(p[1], "x", 1) == 1 && read(p[0], answer, 1) == 1, "pipe");
}

/* The child closes its descriptors, not ours. */
static void
vforked(void)
{
	int s = dial(), status;
	pid_t pid;

	ask(s, "0\n");
	if ((pid = vfork()) == 0) {
		close(s);
		_exit(0);
	}
	must(waitpid(pid, &status, 0) == pid && status == 0, "vfork");
	ask(s, "0\n");
}

static void
not_blocking(void)
{
	int l = listener(), s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	struct sockaddr *a = (struct sockaddr *)&at;
	struct pollfd p = { s, POLLOUT, 0 };

	must(connect(s, a, sizeof(at)) == 0 || errno == EINPROGRESS, "connect");
	must(poll(&p, 1, -1) == 1, "poll");
	must(connect(s, a, sizeof(at)) == 0 || errno == EISCONN, "connect");
	must(recv(s, answer, 1, 0) == -1 && errno == EAGAIN, "recv");
	close(l);
}

/* More descriptors than are observed. */
static void
many(void)
{
	struct rlimit r;
	int s;

	must(getrlimit(RLIMIT_NOFILE, &r) == 0, "getrlimit");
	r.rlim_cur = r.rlim_max;
	if (r.rlim_max < 70000 || setrlimit(RLIMIT_NOFILE, &r) == -1)
		exit(77);
	s = dial();
	must(dup2(s, 69999) == 69999, "dup2");
	ask(69999, "0\n");
	must(close(69999) == 0, "close");
	ask(s, "0\n");
}

static const struct {
	const char *word;
	void (*run)(void);
} scene[] = {
	{ "every", every }, { "stream", stream }, { "unanswered", unanswered },
	{ "select", by_select }, { "epoll", by_epoll }, { "upload", upload },
	{ "blocking-pop", blocking_pop }, { "patient", patient },
	{ "acknowledge", acknowledge },
	{ "duplicate", duplicate }, { "closefrom", closed_from },
	{ "vfork", vforked }, { "nonblock", not_blocking }, { "many", many },
};

int
main(int argc, char *argv[])
{
	for (size_t i = 0; argc == 2 && i < sizeof(scene) / sizeof(*scene); i++)
		if (strcmp(argv[1], scene[i].word) == 0) {
			scene[i].run();
			printf("%d\n", ntohs(at.sin_port));
			return 0;
		}
	errx(2, "usage: calls WORD");
}
