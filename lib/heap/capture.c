#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/when.h"
#include "heap/capture.h"
#include "heap/host.h"
#include "heap/lines.h"
#include "heap/run_command.h"

#define DETACH (20 * WHEN_SECOND)	/* for heaptrack to write what it has */
#define POLL (200 * WHEN_SECOND / 1000)	/* a dump that stands still is whole */
#define AGAIN (2 * WHEN_SECOND)	/* a signal may come while it allocates: lost */

const char *const capture_ways[6] = { "auto", "command", "jvm", "gperftools",
	"jemalloc", "heaptrack" };

static bool
is_jvm(uint64_t pid)
{
	char link[64], exe[4096];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/%llu/exe",
	    (unsigned long long)pid);
	n = readlink(link, exe, sizeof(exe) - 1);
	if (n <= 0)
		return false;
	exe[n] = '\0';
	return strcmp(strrchr(exe, '/') != NULL ? strrchr(exe, '/') : exe,
	    "/java") == 0;
}

enum capture_way
capture_way(const struct capture *c, uint64_t pid, struct buf *why)
{
	struct buf b = { 0 };
	enum capture_way way = c->way;

	if (way != CAPTURE_AUTO)
		return way;
	if (is_jvm(pid))
		way = CAPTURE_JVM;
	else if (host_env(pid, "HEAPPROFILE", &b))
		way = CAPTURE_GPERFTOOLS;
	else if (host_env(pid, "MALLOC_CONF", &b) &&
	    span_find(buf_view(&b), "prof:true") >= 0)
		way = CAPTURE_JEMALLOC;
	else
		buf_str(why, "neither a JVM nor under a heap profiler: "
		    "give --snapshot-cmd or --way");
	buf_free(&b);
	return way;
}

/*
 * Who is at it, beside the file: if the tracer is killed, trace_sweep() ends
 * what it left running.
 */
static void
note_child(const char *out, pid_t child)
{
	struct buf b = { 0 };
	FILE *f;

	buf_printf(&b, "%s.pid", out);
	if ((f = fopen(buf_cstr(&b), "we")) != NULL) {
		fprintf(f, "%d %lld\n", (int)child,
		    (long long)host_start((uint64_t)child));
		fclose(f);
	}
	buf_free(&b);
}

static void
forget_child(const char *out)
{
	struct buf b = { 0 };

	buf_printf(&b, "%s.pid", out);
	unlink(buf_cstr(&b));
	buf_free(&b);
}

static bool
by_command(const struct capture *c, const char *line, uint64_t pid,
    const char *out, struct buf *why)
{
	bool names_out;
	char **argv = run_words(line, pid, out, &names_out, why);
	pid_t child;
	bool ok = false;

	if (argv == NULL)
		return false;
	child = run_start(argv, names_out ? NULL : out, why);
	if (child != -1) {
		note_child(out, child);
		ok = run_wait(child, c->timeout, why);
		forget_child(out);
	}
	run_free(argv);
	return ok;
}

static int64_t
mtime(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * WHEN_SECOND + st->st_mtim.tv_nsec;
}

/* The newest file PREFIX*.heap behind `since`, into `path`. */
static bool
newest(const char *prefix, int64_t since, struct buf *path, struct stat *found)
{
	const char *slash = strrchr(prefix, '/');
	struct buf dir = { 0 }, full = { 0 };
	struct dirent *e;
	struct stat st;
	bool any = false;
	DIR *d;

	buf_add(&dir, prefix, (size_t)(slash - prefix) + 1);
	if ((d = opendir(buf_cstr(&dir))) != NULL) {
		while ((e = readdir(d)) != NULL) {
			size_t n = strlen(e->d_name);

			if (strncmp(e->d_name, slash + 1, strlen(slash + 1)) !=
				0 ||
			    n < 5 || strcmp(e->d_name + n - 5, ".heap") != 0)
				continue;
			full.n = 0;
			buf_span(&full, buf_view(&dir));
			buf_str(&full, e->d_name);
			if (lstat(buf_cstr(&full), &st) == -1 ||
			    !S_ISREG(st.st_mode) || mtime(&st) <= since)
				continue;
			since = mtime(&st);
			*found = st;
			path->n = 0;
			buf_span(path, buf_view(&full));
			any = true;
		}
		closedir(d);
	}
	buf_free(&dir);
	buf_free(&full);
	return any;
}

static void
nap(void)
{
	nanosleep(&(struct timespec){ 0, POLL }, NULL);
}

/* The process' own file: regular, its own, no link, and no larger than said. */
static bool
copy_file(const struct capture *c, uint64_t pid, const char *from,
    const char *to, struct buf *why)
{
	int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	int out = -1;
	char block[65536];
	unsigned uid;
	struct stat st;
	ssize_t n = -1;

	if (in == -1 || fstat(in, &st) == -1 || !S_ISREG(st.st_mode) ||
	    !host_uid(pid, &uid) || st.st_uid != uid) {
		buf_printf(why, "%s: not a file of the process", from);
	} else if ((uint64_t)st.st_size > c->largest) {
		buf_printf(why, "%s: larger than --max-size", from);
	} else if ((out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
	    0600)) == -1) {
		buf_printf(why, "%s: %s", to, strerror(errno));
	} else {
		while ((n = read(in, block, sizeof(block))) > 0)
			if (write(out, block, (size_t)n) != n) {
				n = -1;
				break;
			}
		if (n < 0)
			buf_printf(why, "%s: %s", to, strerror(errno));
	}
	if (in != -1)
		close(in);
	if (out != -1 && close(out) == -1)
		n = -1;
	return n == 0;
}

/*
 * Waits for a dump newer than *since that no longer grows, and copies it.  With
 * a signal, asks for one until it is there.
 */
static bool
fetch(const struct capture *c, uint64_t pid, int sig, const char *prefix,
    const char *out, int64_t patience, int64_t *since, struct buf *why)
{
	struct buf real = { 0 }, path = { 0 };
	struct stat st, before = { 0 };
	bool ok = false;

	host_path(pid, prefix, &real);
	buf_cstr(&real);
	for (int64_t waited = 0; !ok; waited += POLL) {
		if (newest(real.s, *since, &path, &st)) {
			ok = st.st_ino == before.st_ino &&
			    st.st_size == before.st_size;
			before = st;
		} else if (sig != 0 && waited % AGAIN == 0 &&
		    kill((pid_t)pid, sig) == -1) {
			buf_printf(why, "kill: %s", strerror(errno));
			break;
		}
		if (!ok && waited >= patience) {
			buf_printf(why, "no new dump %s*.heap", prefix);
			break;
		}
		if (!ok)
			nap();
	}
	if (ok && (ok = copy_file(c, pid, buf_cstr(&path), out, why)))
		*since = mtime(&st);
	buf_free(&real);
	buf_free(&path);
	return ok;
}

static bool
by_gperftools(const struct capture *c, uint64_t pid, const char *out,
    int64_t *since, struct buf *why)
{
	struct buf prefix = { 0 }, number = { 0 };
	uint64_t sig = 0;
	struct span s;
	bool ok = false;

	if (!host_env(pid, "HEAPPROFILE", &prefix))
		buf_str(why, "no HEAPPROFILE in its environment");
	else if (!host_env(pid, "HEAPPROFILESIGNAL", &number) ||
	    (s = buf_view(&number), !scan_u64(&s, &sig)))
		buf_str(why, "no HEAPPROFILESIGNAL in its environment");
	else if (sig > 64 || !host_catches(pid, (int)sig))
		buf_printf(why, "signal %llu has no handler there",
		    (unsigned long long)sig);
	else {
		*since = when_now() - WHEN_SECOND / 100;
		buf_char(&prefix, '.');
		/* gperftools marks a prefix that it has used, for the
		 * children, in the top bit of its first byte. */
		prefix.s[0] &= 0x7f;
		ok = fetch(c, pid, (int)sig, buf_cstr(&prefix), out,
		    c->timeout, since, why);
	}
	buf_free(&prefix);
	buf_free(&number);
	return ok;
}

/*
 * prof_prefix of MALLOC_CONF; jemalloc's own default is "jeprof".  A process
 * may be configured in other ways, or write its title over its environment, as
 * redis does: then it is the default.
 */
static bool
by_jemalloc(const struct capture *c, uint64_t pid, const char *out,
    int64_t *since, struct buf *why)
{
	struct buf conf = { 0 }, prefix = { 0 };
	struct span s, one, value = SPAN("jeprof");
	bool ok;

	host_env(pid, "MALLOC_CONF", &conf);
	for (s = buf_view(&conf); s.n > 0;) {
		one = scan_until(&s, ',');
		if (scan_str(&one, "prof_prefix:"))
			value = one;
	}
	buf_span(&prefix, value);
	buf_printf(&prefix, ".%llu.", (unsigned long long)host_number(pid));
	ok = fetch(c, pid, 0, buf_cstr(&prefix), out, 2 * POLL, since,
	    why);
	buf_free(&conf);
	buf_free(&prefix);
	return ok;
}

bool
capture_take(const struct capture *c, enum capture_way way, uint64_t pid,
    const char *out, int64_t *since, struct buf *why)
{
	struct stat st;
	bool ok = false;

	switch (way) {
	case CAPTURE_COMMAND:
		ok = by_command(c, c->command, pid, out, why);
		break;
	case CAPTURE_JVM:
		ok = by_command(c, "jcmd {pid} GC.class_histogram", pid, out,
		    why);
		break;
	case CAPTURE_GPERFTOOLS:
		ok = by_gperftools(c, pid, out, since, why);
		break;
	case CAPTURE_JEMALLOC:
		ok = by_jemalloc(c, pid, out, since, why);
		break;
	case CAPTURE_AUTO:
	case CAPTURE_HEAPTRACK:
		buf_str(why, "takes no single snapshots");
	}
	if (ok && (lstat(out, &st) == -1 || !S_ISREG(st.st_mode) ||
	    st.st_size == 0)) {
		buf_str(why, "no file, or an empty one");
		ok = false;
	} else if (ok && (uint64_t)st.st_size > c->largest) {
		buf_str(why, "larger than --max-size");
		ok = false;
	}
	if (!ok)
		unlink(out);
	return ok;
}

pid_t
capture_attach(uint64_t pid, const char *out, struct buf *why)
{
	bool names_out;
	char **argv = run_words("heaptrack -o {out} -p {pid}", pid, out,
	    &names_out, why);
	pid_t child = argv == NULL ? -1 : run_start(argv, NULL, why);

	run_free(argv);
	return child;
}

/*
 * heaptrack's own way out, SIGINT, ends its compressor before that has written
 * anything: so recording is stopped first, as its script would do, and then it
 * ends by itself.
 */
void
capture_detach(const struct capture *c, uint64_t pid, pid_t helper)
{
	struct buf why = { 0 };
	bool names_out;
	char **argv = run_words("gdb --batch-silent -n "
	    "-iex 'set auto-solib-add off' -p {pid} "
	    "-ex 'sharedlibrary libheaptrack_inject' "
	    "-ex 'call (void) heaptrack_stop()' -ex detach", pid, "",
	    &names_out, &why);
	pid_t child = argv == NULL ? -1 : run_start(argv, NULL, &why);

	if (child != -1)
		run_wait(child, c->timeout, &why);
	run_free(argv);
	why.n = 0;
	run_finish(helper, DETACH, &why);
	buf_free(&why);
}
