#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "act/process.h"
#include "base/num.h"
#include "base/when.h"

/*
 * The kernel tells the time of boot in whole seconds, and it moves when the
 * clock is set: two starts of one pid are further apart than this.
 */
#define SLACK (2 * WHEN_SECOND)

static ssize_t
read_small(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd == -1)
		return -1;
	n = read(fd, out, size - 1);
	close(fd);
	if (n >= 0)
		out[n] = '\0';
	return n;
}

/* When the machine started: the line "btime N" of /proc/stat, in ns. */
static int64_t
boot_time(void)
{
	int64_t boot = WHEN_NEVER;
	char *line = NULL;
	size_t cap = 0;
	FILE *fp = fopen("/proc/stat", "re");

	if (fp == NULL)
		return WHEN_NEVER;
	while (boot == WHEN_NEVER && getline(&line, &cap, fp) > 0)
		if (strncmp(line, "btime ", 6) == 0)
			boot = strtoll(line + 6, NULL, 10) * WHEN_SECOND;
	free(line);
	fclose(fp);
	return boot;
}

/* Field 22 of /proc/PID/stat, behind the last ')' of the name; in ns. */
static int64_t
start_time(uint64_t pid)
{
	const int64_t tick = WHEN_SECOND / sysconf(_SC_CLK_TCK);
	const int64_t boot = boot_time();
	char path[40], text[1024], *p;

	snprintf(path, sizeof(path), "/proc/%llu/stat",
	    (unsigned long long)pid);
	if (boot == WHEN_NEVER || read_small(path, text, sizeof(text)) <= 0 ||
	    (p = strrchr(text, ')')) == NULL)
		return WHEN_NEVER;
	for (int field = 2; field < 22; field++)
		if ((p = strchr(p + 1, ' ')) == NULL)
			return WHEN_NEVER;
	return boot + strtoll(p + 1, NULL, 10) * tick;
}

/* A pidfd of the very process, or -1: errno ESRCH if there is none. */
static int
hold(struct span pid, struct span start)
{
	uint64_t number;
	int64_t want, have;
	int fd;

	errno = ESRCH;
	if (num_u64(pid, &number) != NULL || number <= 1 ||
	    number > INT32_MAX || number == (uint64_t)getpid() ||
	    when_parse(start, &want) != NULL)
		return -1;
	fd = (int)syscall(SYS_pidfd_open, (pid_t)number, 0);
	if (fd == -1) {
		if (errno == EINVAL)
			errno = ESRCH;	/* a thread's number, not a process's */
		return -1;
	}
	have = start_time(number);
	if (have != WHEN_NEVER && have - want <= SLACK && want - have <= SLACK)
		return fd;
	close(fd);
	errno = ESRCH;
	return -1;
}

enum process_result
process_find(struct span pid, struct span start)
{
	int fd = hold(pid, start);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int ready;

	if (fd == -1)
		return errno == ESRCH ? PROCESS_OTHER : PROCESS_FAIL;
	ready = poll(&p, 1, 0);	/* a zombie has ended */
	close(fd);
	return ready == 1 ? PROCESS_OTHER : PROCESS_ALIVE;
}

enum process_result
process_signal(struct span pid, struct span start, int number,
    int64_t patience)
{
	int fd = hold(pid, start), ready, error;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t ms = patience / 1000000;

	if (fd == -1)
		return errno == ESRCH ? PROCESS_OTHER : PROCESS_FAIL;
	if (syscall(SYS_pidfd_send_signal, fd, number, NULL, 0) == -1) {
		error = errno;
		close(fd);
		errno = error;
		return errno == ESRCH ? PROCESS_OTHER : PROCESS_FAIL;
	}
	do
		ready = poll(&p, 1, ms > INT32_MAX ? INT32_MAX : (int)ms);
	while (ready == -1 && errno == EINTR);
	close(fd);
	return ready == 1 ? PROCESS_GONE : PROCESS_ALIVE;
}
