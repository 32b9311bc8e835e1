#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/when.h"
#include "heap/host.h"
#include "heap/lines.h"

#define GRACE (2 * WHEN_SECOND)
#define LARGEST (4 << 20)	/* of a file in /proc; environments are less */

static bool
slurp(const char *path, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = 0;

	out->n = 0;
	if (fd == -1)
		return false;
	do {
		buf_room(out, 4096);
		n = read(fd, out->s + out->n, 4096);
		out->n += n > 0 ? (size_t)n : 0;
	} while (n > 0 && out->n < LARGEST);
	close(fd);
	return n >= 0;
}

static bool
proc_file(uint64_t pid, const char *name, struct buf *out)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%llu/%s", (unsigned long long)pid,
	    name);
	return slurp(path, out);
}

static int64_t
boot_time(void)
{
	struct buf b = { 0 };
	uint64_t v = 0;
	ptrdiff_t at;
	struct span s;

	if (slurp("/proc/stat", &b) &&
	    (at = span_find(buf_view(&b), "\nbtime ")) >= 0) {
		s = (struct span){ b.s + at + 7, b.n - (size_t)at - 7 };
		scan_u64(&s, &v);
	}
	buf_free(&b);
	return (int64_t)v * WHEN_SECOND;
}

/* Field 22 of stat(5), behind the name, which may hold anything. */
int64_t
host_start(uint64_t pid)
{
	struct buf b = { 0 };
	int64_t start = WHEN_NEVER;
	uint64_t ticks;
	const char *end;

	if (pid > 0 && pid <= INT_MAX && proc_file(pid, "stat", &b) &&
	    (end = memrchr(b.s, ')', b.n)) != NULL) {
		struct span s = { end + 1, (size_t)(b.s + b.n - end - 1) };

		scan_blank(&s);
		if (s.n > 0 && *s.s != 'Z' && *s.s != 'X') {
			for (int i = 3; i < 22; i++)
				scan_until(&s, ' ');
			if (scan_u64(&s, &ticks))
				start = boot_time() + (int64_t)(ticks *
				    (uint64_t)(WHEN_SECOND /
				    sysconf(_SC_CLK_TCK)));
		}
	}
	buf_free(&b);
	return start;
}

bool
host_same(uint64_t pid, int64_t start)
{
	int64_t now = host_start(pid);

	return now != WHEN_NEVER && (start == WHEN_NEVER ||
	    (now - start <= GRACE && start - now <= GRACE));
}

bool
host_env(uint64_t pid, const char *name, struct buf *out)
{
	struct buf b = { 0 };
	bool found = false;
	struct span s, var;

	out->n = 0;
	if (proc_file(pid, "environ", &b))
		for (s = buf_view(&b); s.n > 0 && !found;) {
			var = scan_until(&s, '\0');
			if (scan_str(&var, name) && scan_str(&var, "=")) {
				buf_span(out, var);
				found = true;
			}
		}
	buf_free(&b);
	return found;
}

static bool
status_line(uint64_t pid, const char *key, struct buf *b, struct span *value)
{
	ptrdiff_t at;

	if (!proc_file(pid, "status", b) ||
	    (at = span_find(buf_view(b), key)) < 0)
		return false;
	*value = (struct span){ b->s + at + strlen(key),
	    b->n - (size_t)at - strlen(key) };
	*value = span_trim(scan_until(value, '\n'));
	return true;
}

bool
host_catches(uint64_t pid, int sig)
{
	struct buf b = { 0 };
	struct span v;
	uint64_t mask = 0;
	bool ok = status_line(pid, "\nSigCgt:", &b, &v) && scan_hex(&v, &mask);

	buf_free(&b);
	return ok && sig > 0 && sig <= 64 && (mask >> (sig - 1) & 1);
}

bool
host_uid(uint64_t pid, unsigned *uid)
{
	struct buf b = { 0 };
	struct span v;
	uint64_t id = 0;
	bool ok = status_line(pid, "\nUid:", &b, &v) && scan_u64(&v, &id);

	*uid = (unsigned)id;
	buf_free(&b);
	return ok;
}

/* The last number of NSpid, status(5); older kernels do not have it. */
uint64_t
host_number(uint64_t pid)
{
	struct buf b = { 0 };
	struct span v;
	uint64_t n = pid;

	if (status_line(pid, "\nNSpid:", &b, &v))
		while (scan_blank(&v), scan_u64(&v, &n))
			;
	buf_free(&b);
	return n;
}

void
host_path(uint64_t pid, const char *path, struct buf *out)
{
	char link[64], cwd[PATH_MAX];
	ssize_t n;

	out->n = 0;
	buf_printf(out, "/proc/%llu/root", (unsigned long long)pid);
	if (path[0] != '/') {
		snprintf(link, sizeof(link), "/proc/%llu/cwd",
		    (unsigned long long)pid);
		n = readlink(link, cwd, sizeof(cwd));
		if (n > 0)
			buf_add(out, cwd, (size_t)n);
		buf_char(out, '/');
	}
	buf_str(out, path);
}
