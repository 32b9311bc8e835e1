#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "act/run.h"
#include "base/vec.h"
#include "base/when.h"

#define GRACE (2 * WHEN_SECOND)

struct pids {
	VEC(pid_t) list;
};

static int64_t
clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * WHEN_SECOND + t.tv_nsec;
}

/* Our children now; those of a dead child become ours (a subreaper's). */
static void
children(struct pids *out)
{
	char path[64];
	int pid;
	FILE *fp;

	out->list.n = 0;
	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	if ((fp = fopen(path, "re")) == NULL)
		return;
	while (fscanf(fp, "%d", &pid) == 1)
		vec_push(&out->list, (pid_t)pid);
	fclose(fp);
}

static bool
among(const struct pids *all, pid_t pid)
{
	for (size_t i = 0; i < all->list.n; i++)
		if (all->list.v[i] == pid)
			return true;
	return false;
}

/*
 * Kills what is left of the command: everything that has become our child since
 * before it began.  Each round frees another generation.  What does not die in
 * the time (it hangs in the kernel, or forks faster than we look) is left.
 */
static void
reap_descendants(const struct pids *before)
{
	const struct timespec pause = { 0, 2 * 1000 * 1000 };
	const int64_t deadline = clock_ns() + GRACE;
	struct pids now = { 0 };
	bool any;

	do {
		any = false;
		children(&now);
		for (size_t i = 0; i < now.list.n; i++) {
			if (among(before, now.list.v[i]))
				continue;
			any = true;
			kill(now.list.v[i], SIGKILL);
			waitpid(now.list.v[i], NULL, WNOHANG);
		}
		if (any)
			nanosleep(&pause, NULL);
	} while (any && clock_ns() < deadline);
	vec_free(&now.list);
}

/* The child: never returns.  `said` and `trouble` are the pipes' far ends. */
static _Noreturn void
become(char *const argv[], pid_t parent, int said, int trouble)
{
	int null = open("/dev/null", O_RDWR), error;
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(126);
	if (null != -1 && dup2(null, STDIN_FILENO) != -1 &&
	    dup2(said, STDOUT_FILENO) != -1 && dup2(said, STDERR_FILENO) != -1)
		execvp(argv[0], argv);
	error = errno;
	if (write(trouble, &error, sizeof(error)) == -1)
		_exit(127);
	_exit(126);
}

/* Takes what the command says, dropping what is too much.  False: its end. */
static bool
listen_once(int fd, struct buf *said)
{
	char text[4096];
	ssize_t n = read(fd, text, sizeof(text));
	size_t keep;

	if (n == -1 && (errno == EINTR || errno == EAGAIN))
		return true;
	if (n <= 0)
		return false;
	if (said == NULL || said->n >= RUN_SAID)
		return true;
	keep = (size_t)n < RUN_SAID - said->n ? (size_t)n : RUN_SAID - said->n;
	buf_add(said, text, keep);
	return true;
}

/* What was said before the end; what a daemon left behind says is not. */
static void
hear_out(int fd, struct buf *said)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	for (int i = 0; i < 64 && poll(&p, 1, 0) == 1; i++)
		if (!listen_once(fd, said))
			return;
}

/* Until the process ends.  False: the deadline came first. */
static bool
attend(int pidfd, int fd, int64_t deadline, struct buf *said)
{
	struct pollfd p[2] = {
		{ .fd = pidfd, .events = POLLIN },
		{ .fd = fd, .events = POLLIN },
	};
	int64_t left;

	for (;;) {
		left = deadline - clock_ns();
		if (left <= 0)
			return false;
		if (left > 3600 * WHEN_SECOND)
			left = 3600 * WHEN_SECOND;
		if (poll(p, 2, (int)(left / 1000000) + 1) == -1 &&
		    errno != EINTR)
			return false;
		if (p[0].revents != 0) {
			hear_out(fd, said);
			return true;
		}
		if (p[1].revents != 0 && !listen_once(fd, said))
			p[1].fd = -1;
		p[0].revents = p[1].revents = 0;
	}
}

static void
stop_group(pid_t pid, int pidfd, int fd, const struct pids *before,
    struct buf *said)
{
	kill(-pid, SIGTERM);
	attend(pidfd, fd, clock_ns() + GRACE, said);
	kill(-pid, SIGKILL);
	reap_descendants(before);
}

static struct run_result
run_child(pid_t pid, int fd, int64_t timeout, const struct pids *before,
    struct buf *said)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0), status = 0;

	if (pidfd == -1 || !attend(pidfd, fd, clock_ns() + timeout, said)) {
		stop_group(pid, pidfd, fd, before, said);
		if (pidfd != -1)
			close(pidfd);
		return (struct run_result){ RUN_TIMEOUT, 0 };
	}
	close(pidfd);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	if (WIFSIGNALED(status))
		return (struct run_result){ RUN_SIGNAL, WTERMSIG(status) };
	return (struct run_result){ RUN_EXIT, WEXITSTATUS(status) };
}

struct run_result
run_command(char *const argv[], int64_t timeout, struct buf *said)
{
	struct run_result r = { RUN_FAIL, 0 };
	struct pids before = { 0 };
	int say[2], trouble[2], error;
	pid_t parent = getpid(), pid;

	if (pipe2(say, O_CLOEXEC) == -1)
		return (struct run_result){ RUN_FAIL, errno };
	if (pipe2(trouble, O_CLOEXEC) == -1) {
		r.status = errno;
		close(say[0]);
		close(say[1]);
		return r;
	}
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	children(&before);
	if ((pid = fork()) == 0)
		become(argv, parent, say[1], trouble[1]);
	r.status = errno;
	close(say[1]);
	close(trouble[1]);
	if (pid != -1 && read(trouble[0], &error, sizeof(error)) ==
	    (ssize_t)sizeof(error)) {
		waitpid(pid, NULL, 0);
		r.status = error;
	} else if (pid != -1)
		r = run_child(pid, say[0], timeout, &before, said);
	close(say[0]);
	close(trouble[0]);
	vec_free(&before.list);
	return r;
}
