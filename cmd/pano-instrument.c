/*
 * pano-instrument - put observation points into a program's C sources.
 * Runs Coccinelle's semantic patches over copies of the files and lists, shows
 * or keeps what came of it.  Memory is one source file.
 */
#include <argp.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/vec.h"
#include "base/whole.h"
#include "cli/cli.h"

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
static void
find_patch(struct buf *path, const char *name)
{
	static const char *const place[] = { "../../lib/pano/cocci/",
		"../share/resin/cocci/" };
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	self[n > 0 ? n : 0] = '\0';
	if ((slash = strrchr(self, '/')) != NULL)
		slash[1] = '\0';
	for (size_t i = 0; i < 2; i++) {
		path->n = 0;
		buf_printf(path, "%s%s%s", self, place[i], name);
		if (access(buf_cstr(path), R_OK) == 0)
			return;
	}
	errx(EXIT_TROUBLE, "%s is not beside %s", name, self);
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

static bool
begins(const char *s, const char *end, const char *word)
{
	size_t n = strlen(word);

	if (s == end || *s++ != '#')
		return false;
	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	return (size_t)(end - s) >= n && memcmp(s, word, n) == 0;
}

/*
 * The header goes behind the last #include that no #if guards: what the file
 * defines for the system's headers has been said by then.
 */
static void
add_include(struct buf *text)
{
	static const char line[] = "#include <pano.h>\n";
	const char *end = text->s + text->n, *lf, *s;
	size_t at = 0;
	int depth = 0;

	if (memmem(text->s, text->n, "pano_", 5) == NULL ||
	    memmem(text->s, text->n, "pano.h", 6) != NULL)
		return;
	for (s = text->s; s < end; s = lf + 1) {
		if ((lf = memchr(s, '\n', (size_t)(end - s))) == NULL)
			break;
		depth += begins(s, lf, "if");
		depth -= begins(s, lf, "endif");
		if (depth == 0 && begins(s, lf, "include"))
			at = (size_t)(lf + 1 - text->s);
	}
	buf_room(text, sizeof(line));
	memmove(text->s + at + sizeof(line) - 1, text->s + at, text->n - at);
	memcpy(text->s + at, line, sizeof(line) - 1);
	text->n += sizeof(line) - 1;
}

/* Every call into pano.h: where it stands, and the line. */
static void
list_points(struct output *out, const char *name, const struct buf *text)
{
	const char *s = text->s, *end = s + text->n, *lf, *at;
	size_t line = 1, n;

	for (; s < end; s = lf + 1, line++) {
		lf = memchr(s, '\n', (size_t)(end - s));
		if (lf == NULL)
			lf = end;
		at = memmem(s, (size_t)(lf - s), "pano_", 5);
		if (at == NULL || begins(s, lf, "include"))
			continue;
		for (n = 5; at + n < lf && (at[n] == '_' ||
		    (at[n] >= 'a' && at[n] <= 'z')); n++)
			;
		while (s < lf && (*s == ' ' || *s == '\t'))
			s++;
		output_str(out, name);
		output_u64(out, line);
		output_text(out, (struct span){ at + 5, n - 5 });
		output_text(out, (struct span){ s, (size_t)(lf - s) });
		output_row(out);
	}
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

static void
instrument(const struct options *o, const char *name, struct output *out)
{
	static const char *const own[] = { "boundary.cocci",
		"handlers.cocci" };
	char copy[] = "/tmp/pano-instrument.XXXXXX.c";
	struct buf text = { 0 }, path = { 0 };
	int fd;

	read_file(&text, name);
	if ((fd = mkstemps(copy, 2)) == -1)
		err(EXIT_TROUBLE, "%s", copy);
	close(fd);
	write_file(copy, &text);
	for (size_t i = 0; i < 2; i++) {
		find_patch(&path, own[i]);
		patch_file(buf_cstr(&path), copy, name);
	}
	for (size_t i = 0; i < o->patch.n; i++)
		patch_file(o->patch.v[i], copy, name);
	read_file(&text, copy);
	add_include(&text);
	write_file(copy, &text);
	if (o->diff)
		show_diff(name, copy);
	if (!o->diff)
		list_points(out, name, &text);
	if (o->in_place)
		write_file(name, &text);
	unlink(copy);
	buf_free(&text);
	buf_free(&path);
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
