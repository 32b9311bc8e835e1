#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/vec.h"
#include "base/when.h"
#include "heap/run_command.h"

extern char **environ;

pid_t
run_start(char **argv, const char *out, struct buf *why)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;
	pid_t pid;
	int e;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null",
	    O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, STDOUT_FILENO,
	    out != NULL ? out : "/dev/null", O_WRONLY | O_CREAT | O_TRUNC,
	    0600);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP |
	    POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	e = posix_spawnp(&pid, argv[0], &files, &attr, argv, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	if (e == 0)
		return pid;
	buf_printf(why, "%s: %s", argv[0], strerror(e));
	return -1;
}

/* Waits for its end; false after `patience`. */
static bool
wait_end(pid_t pid, int64_t patience)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct timespec t = { patience / WHEN_SECOND, patience % WHEN_SECOND };
	int r;

	if (fd == -1)
		return false;
	/* A signal to us ends the wait: the caller is to clean up. */
	r = ppoll(&p, 1, &t, NULL);
	close(fd);
	return r > 0;
}

void
run_end(pid_t pid, int sig, int64_t patience)
{
	kill(-pid, sig);
	if (!wait_end(pid, patience))
		kill(-pid, SIGKILL);
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		;
	kill(-pid, SIGKILL);	/* what it left behind in its group */
}

bool
run_wait(pid_t pid, int64_t patience, struct buf *why)
{
	int status;

	if (!wait_end(pid, patience)) {
		run_end(pid, SIGTERM, 2 * WHEN_SECOND);
		buf_str(why, "took too long, or was interrupted");
		return false;
	}
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	kill(-pid, SIGKILL);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	if (WIFSIGNALED(status))
		buf_printf(why, "ended by signal %d", WTERMSIG(status));
	else
		buf_printf(why, "exit status %d", WEXITSTATUS(status));
	return false;
}

void
run_finish(pid_t pid, int64_t patience, struct buf *why)
{
	if (wait_end(pid, patience))
		run_wait(pid, 0, why);
	else
		run_end(pid, SIGINT, patience);
}

/* Appends a word's bytes, with {pid} and {out} replaced. */
static void
put_word(struct buf *b, const char *s, size_t n, uint64_t pid,
    const char *out, bool *names_out)
{
	for (size_t i = 0; i < n; i++) {
		if (n - i >= 5 && memcmp(s + i, "{pid}", 5) == 0) {
			buf_printf(b, "%llu", (unsigned long long)pid);
			i += 4;
		} else if (n - i >= 5 && memcmp(s + i, "{out}", 5) == 0) {
			buf_str(b, out);
			*names_out = true;
			i += 4;
		} else
			buf_char(b, s[i]);
	}
}

/* One word off the front of *line.  False: an open quote. */
static bool
next_word(const char **line, struct buf *b, uint64_t pid, const char *out,
    bool *names_out)
{
	const char *s = *line, *end;

	while (*s != '\0' && *s != ' ' && *s != '\t') {
		if (*s == '\'' || *s == '"') {
			if ((end = strchr(s + 1, *s)) == NULL)
				return false;
			put_word(b, s + 1, (size_t)(end - s - 1), pid, out,
			    names_out);
			s = end + 1;
			continue;
		}
		end = s + strcspn(s, " \t'\"");
		put_word(b, s, (size_t)(end - s), pid, out, names_out);
		s = end;
	}
	*line = s;
	return true;
}

char **
run_words(const char *line, uint64_t pid, const char *out, bool *names_out,
    struct buf *why)
{
	VEC(char *) v = { 0 };
	bool ok = true;

	*names_out = false;
	for (line += strspn(line, " \t"); *line != '\0' && ok;
	    line += strspn(line, " \t")) {
		struct buf b = { 0 };

		ok = next_word(&line, &b, pid, out, names_out);
		vec_push(&v, mem_copy(b.s != NULL ? b.s : "", b.n));
		buf_free(&b);
	}
	ok = ok && v.n > 0 && v.v[0][0] != '\0';
	vec_push(&v, NULL);
	if (ok)
		return v.v;
	buf_str(why, v.n > 1 ? "a quote is not closed" : "no command");
	run_free(v.v);
	return NULL;
}

void
run_free(char **argv)
{
	for (size_t i = 0; argv != NULL && argv[i] != NULL; i++)
		free(argv[i]);
	free(argv);
}
