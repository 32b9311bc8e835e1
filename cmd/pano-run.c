/*
 * pano-run - run a program as an observer of those it talks to.
 * Its calls to others are watched from inside by a preloaded library; what they
 * tell comes out as observations.  Memory is one ring of 2 MB.
 */
#include <argp.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/beside.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/when.h"
#include "cli/cli.h"
#include "pano/watch.h"

enum { DRAIN_EVERY = 50 /* ms */, LOOK_EVERY = 5 /* drains */ };

struct options {
	const char *output, *observer, *names;
	VEC(const char *) waits;
	int64_t pending_after, healthy_every;
	char **command;
};

enum { OPT_PENDING = 0x100, OPT_HEALTHY, OPT_WAITS };

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0, "append observations to FILE (default: "
	    "standard output, and the program's goes to standard error)", 0 },
	{ "observer", 'n', "NAME", 0, "who observes (default: HOST/PROGRAM)",
	    0 },
	{ "names", 'a', "FILE", 0, "a table of `address name`: what to call "
	    "the subjects", 0 },
	{ "pending-after", OPT_PENDING, "DURATION", 0, "a request without an "
	    "answer for so long is pending (default 3s)", 0 },
	{ "healthy-every", OPT_HEALTHY, "DURATION", 0, "say healthy so often "
	    "per subject and context (default 20s)", 0 },
	{ "waits", OPT_WAITS, "TEXT", 0, "a request that has TEXT among its "
	    "first 64 bytes waits by intent and is never pending", 0 },
	{ 0 }
};

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'o':
		o->output = strcmp(arg, "-") == 0 ? NULL : arg;
		return 0;
	case 'n':
		o->observer = arg;
		return 0;
	case 'a':
		o->names = arg;
		return 0;
	case OPT_PENDING:
		o->pending_after = cli_duration("--pending-after", arg);
		return 0;
	case OPT_HEALTHY:
		o->healthy_every = cli_duration("--healthy-every", arg);
		return 0;
	case OPT_WAITS:
		vec_push(&o->waits, arg);
		return 0;
	case ARGP_KEY_NO_ARGS:
		errx(EXIT_TROUBLE, "no program to run");
	case ARGP_KEY_ARG:	/* options behind it are the program's own */
		o->command = state->argv + state->next - 1;
		state->next = state->argc;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp parser = {
	options, parse_option, "PROGRAM [ARGUMENT...]",
	"Run a program as an observer of those it talks to.", NULL, NULL, NULL
};

static void
set_waits(struct watch *w, const struct options *o)
{
	for (size_t i = 0; i < o->waits.n; i++)
		if (!watch_wait(w->ring, o->waits.v[i]))
			errx(EXIT_TROUBLE, "--waits '%s': not 1 to 31 bytes, "
			    "or one of more than 16", o->waits.v[i]);
}

static void
read_names(struct watch *w, char *path)
{
	enum { ADDRESS, NAME, NCOL };
	static const struct input_column want[NCOL] = {
		{ "address", 0 }, { "name", 0 },
	};
	const struct cli cli = { 0 };
	struct input in;

	cli_open_file(&in, &cli, &path, want, NCOL);
	while (cli_next(&in)) {
		struct span address = input_key(&in, ADDRESS);
		struct span name = input_key(&in, NAME);

		if (input_bad(&in) ||
		    intern_find(&w->address, address) != INTERN_NONE)
			continue;
		intern_id(&w->address, address);
		vec_push(&w->name, mem_copy(name.s, name.n));
	}
	cli_close(&in);
}

/* As built, or as installed. */
static char *
find_library(void)
{
	static const char name[] = "libpanorun.so";
	char *path = beside("../lib/", name);

	if (path == NULL)
		path = beside("../lib/resin/", name);
	if (path == NULL)
		errx(EXIT_TROUBLE, "%s is not beside this program", name);
	return path;
}

static void
set_environment(int ring)
{
	const char *others = getenv("LD_PRELOAD");
	struct buf value = { 0 };
	char *library = find_library();

	buf_str(&value, library);
	if (others != NULL && *others != '\0')
		buf_printf(&value, ":%s", others);
	setenv("LD_PRELOAD", buf_cstr(&value), 1);
	value.n = 0;
	buf_printf(&value, "/proc/%ld/fd/%d", (long)getpid(), ring);
	setenv("PANO_RING", buf_cstr(&value), 1);
	buf_free(&value);
	free(library);
}

static volatile sig_atomic_t child_pid;

static void
pass_on(int sig)
{
	if (child_pid > 0)
		kill((pid_t)child_pid, sig);
}

static pid_t
start_program(const struct options *o)
{
	pid_t pid = fork();

	if (pid == -1)
		err(EXIT_TROUBLE, "fork");
	if (pid > 0)
		return pid;
	if (o->output == NULL)
		dup2(STDERR_FILENO, STDOUT_FILENO);
	execvp(o->command[0], o->command);
	warn("%s", o->command[0]);
	_exit(errno == ENOENT ? 127 : 126);
}

/* Until the program and all that it started have ended: its status. */
static int
watch_program(struct watch *w, pid_t program)
{
	int status = 0, s;
	pid_t pid;

	for (unsigned turn = 0;; turn++) {
		while ((pid = waitpid(-1, &s, WNOHANG)) > 0)
			if (pid == program)
				status = s;
		watch_drain(w, when_now(), false);
		if (turn % LOOK_EVERY == 0)
			watch_pending(w, when_now());
		if (pid == -1 && errno == ECHILD)
			break;
		poll(NULL, 0, DRAIN_EVERY);
	}
	watch_drain(w, when_now(), true);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
	    WEXITSTATUS(status);
}

static void
write_header(struct output *out)
{
	output_header(out, "ts", "observer", "subject", "context", "status",
	    "score", "detail", NULL);
	fflush(out->fp);
}

/* Rows of several observers may go to one file, each in one write; whoever
 * comes first writes the header. */
static void
append_output(struct output *out, const char *path)
{
	FILE *f = fopen(path, "ae");

	if (f == NULL)
		err(EXIT_TROUBLE, "%s", path);
	*out = (struct output){ .fp = f, .line_buffered = true };
	(void)flock(fileno(f), LOCK_EX);
	if (fseek(f, 0, SEEK_END) == -1 || ftell(f) <= 0)
		write_header(out);
	(void)flock(fileno(f), LOCK_UN);
}

static void
open_output(struct output *out, const struct options *o)
{
	struct output_options how = { .line_buffered = true };

	if (o->output != NULL) {
		append_output(out, o->output);
		return;
	}
	output_open(out, &how);
	write_header(out);
}

static void
set_signals(void)
{
	struct sigaction pass = { .sa_handler = pass_on };

	signal(SIGINT, SIG_IGN);	/* the terminal tells the program too */
	signal(SIGQUIT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);	/* the program outlives our reader */
	sigaction(SIGTERM, &pass, NULL);
	sigaction(SIGHUP, &pass, NULL);
}

int
main(int argc, char *argv[])
{
	struct options o = { .pending_after = 3 * WHEN_SECOND,
		.healthy_every = 20 * WHEN_SECOND };
	char host[256] = "localhost", observer[512];
	struct watch w = { 0 };
	struct output out;
	int ring, status;

	cli_parse_in_order(&parser, argc, argv, &o);
	if (o.names != NULL)
		read_names(&w, (char *)(uintptr_t)o.names);
	if ((w.ring = watch_ring(&ring)) == NULL)
		err(EXIT_TROUBLE, "cannot share memory");
	w.ring->pending_after = o.pending_after;
	w.ring->healthy_every = (int32_t)(o.healthy_every / WHEN_SECOND);
	set_waits(&w, &o);
	gethostname(host, sizeof(host) - 1);
	snprintf(observer, sizeof(observer), "%s/%s", host,
	    basename(o.command[0]));
	w.observer = o.observer != NULL ? o.observer : observer;
	open_output(&out, &o);
	w.out = &out;
	set_environment(ring);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	child_pid = start_program(&o);
	set_signals();
	status = watch_program(&w, (pid_t)child_pid);
	if (atomic_load(&w.ring->lost) > 0)
		warnx("%llu observations did not fit and are lost",
		    (unsigned long long)atomic_load(&w.ring->lost));
	if (output_close(&out) == -1 && !w.gone)
		err(EXIT_TROUBLE, "write %s", o.output != NULL ? o.output :
		    "<stdout>");
	watch_free(&w);
	vec_free(&o.waits);
	return status;
}
