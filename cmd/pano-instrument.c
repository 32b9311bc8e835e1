/*
 * pano-instrument - put observation points into a program's C sources.
 * Runs Coccinelle's semantic patches over copies of the files and lists, shows
 * or keeps what came of it.  Memory is one source file.
 */
#include <argp.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/beside.h"
#include "base/buf.h"
#include "base/vec.h"
#include "base/whole.h"
#include "cli/cli.h"
#include "pano/points.h"

struct options {
	VEC(const char *) patch;	/* -p, behind our own */
	bool diff, in_place;
	char **file;
	size_t nfile;
};

static const struct argp_option options[] = {
	{ "patch", 'p', "FILE", 0, "a semantic patch more, run behind ours",
	    0 },
	{ "diff", 'd', NULL, 0, "show the change instead of the list", 0 },
	{ "in-place", 'i', NULL, 0, "change the files", 0 },
	{ 0 }
};

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'p':
		if (access(arg, R_OK) == -1)
			err(EXIT_TROUBLE, "--patch %s", arg);
		vec_push(&o->patch, arg);
		return 0;
	case 'd':
		o->diff = true;
		return 0;
	case 'i':
		o->in_place = true;
		return 0;
	case ARGP_KEY_ARGS:
		o->file = state->argv + state->next;
		o->nfile = (size_t)(state->argc - state->next);
		for (size_t i = 0; i < o->nfile; i++)
			if (access(o->file[i], R_OK) == -1)
				err(EXIT_TROUBLE, "%s", o->file[i]);
		return 0;
	case ARGP_KEY_NO_ARGS:
		errx(EXIT_TROUBLE, "no source files");
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp parser = {
	options, parse_option, "FILE...",
	"Put observation points into a program's C sources.", NULL, NULL, NULL
};

/* Our own patches: beside the sources, as built, or installed. */
static char *
find_patch(const char *name)
{
	char *path = beside("../../lib/pano/cocci/", name);

	if (path == NULL)
		path = beside("../share/resin/cocci/", name);
	if (path == NULL)
		errx(EXIT_TROUBLE, "%s is not beside this program", name);
	return path;
}

/* Runs a program without a shell, quietly: its exit status. */
static int
run(const char *const argv[], bool quiet)
{
	int status;
	pid_t pid = fork();

	if (pid == -1)
		err(EXIT_TROUBLE, "fork");
	if (pid == 0) {
		int null = quiet ? open("/dev/null", O_WRONLY) : -1;

		if (null != -1) {
			dup2(null, STDOUT_FILENO);
			dup2(null, STDERR_FILENO);
		}
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			err(EXIT_TROUBLE, "wait");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		errx(EXIT_TROUBLE, "%s: cannot be run; is the package "
		    "coccinelle installed?", argv[0]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_TROUBLE;
}

static void
patch_file(const char *patch, const char *copy, const char *name)
{
	const char *const spatch[] = { "spatch", "--very-quiet", "--in-place",
		"--sp-file", patch, copy, NULL };

	if (run(spatch, true) != 0) {
		unlink(copy);
		errx(EXIT_TROUBLE, "%s: spatch fails with %s", name, patch);
	}
}

static void
read_file(struct buf *b, const char *path)
{
	FILE *f = fopen(path, "re");
	size_t n;

	if (f == NULL)
		err(EXIT_TROUBLE, "%s", path);
	b->n = 0;
	do {
		buf_room(b, 65536);
		b->n += n = fread(b->s + b->n, 1, 65536, f);
	} while (n > 0);
	if (ferror(f))
		err(EXIT_TROUBLE, "%s", path);
	fclose(f);
}

static void
write_file(const char *path, const struct buf *b)
{
	struct whole w;

	if (whole_open(&w, path) == -1 ||
	    (fwrite(b->s, 1, b->n, w.fp) != b->n && b->n > 0) ||
	    whole_commit(&w) == -1)
		err(EXIT_TROUBLE, "%s", path);
}

static void
show_diff(const char *name, const char *copy)
{
	struct buf from = { 0 }, to = { 0 };

	buf_printf(&from, "--label=a/%s", name);
	buf_printf(&to, "--label=b/%s", name);
	fflush(stdout);
	if (run((const char *const[]){ "diff", "-up", buf_cstr(&from),
	    buf_cstr(&to), "--", name, copy, NULL }, false) > 1)
		errx(EXIT_TROUBLE, "%s: diff fails", name);
	buf_free(&from);
	buf_free(&to);
}

/* What spatch works on; its name must end as that of a source does. */
static char *
temporary(void)
{
	const char *dir = getenv("TMPDIR");
	struct buf path = { 0 };
	int fd;

	buf_printf(&path, "%s/pano-instrument.XXXXXX.c",
	    dir != NULL && *dir != '\0' ? dir : "/tmp");
	if ((fd = mkstemps(buf_cstr(&path), 2)) == -1)
		err(EXIT_TROUBLE, "%s", path.s);
	close(fd);
	return path.s;
}

static void
instrument(const struct options *o, const char *name, struct output *out)
{
	static const char *const own[] = { "boundary.cocci",
		"handlers.cocci" };
	struct buf text = { 0 };
	char *copy, *patch;

	read_file(&text, name);
	copy = temporary();
	write_file(copy, &text);
	for (size_t i = 0; i < 2; i++) {
		patch = find_patch(own[i]);
		patch_file(patch, copy, name);
		free(patch);
	}
	for (size_t i = 0; i < o->patch.n; i++)
		patch_file(o->patch.v[i], copy, name);
	read_file(&text, copy);
	points_include(&text);
	write_file(copy, &text);
	if (o->diff)
		show_diff(name, copy);
	if (!o->diff)
		points_list(out, name, &text);
	if (o->in_place)
		write_file(name, &text);
	unlink(copy);
	free(copy);
	buf_free(&text);
}

int
main(int argc, char *argv[])
{
	struct options o = { 0 };
	const struct cli cli = { 0 };
	struct output out;

	cli_parse(&parser, argc, argv, &o);
	cli_output(&out, &cli);
	if (!o.diff)
		output_header(&out, "file", "line", "point", "text", NULL);
	for (size_t i = 0; i < o.nfile; i++)
		instrument(&o, o.file[i], &out);
	vec_free(&o.patch);
	cli_finish(&out, &cli, false);
}
