/*
 * resin-symbolize - offsets in programs to names of functions.
 * Rows with a column of stacks go in; the same rows come out, with frames such
 * as libc.so.6+0x8163d replaced.  Memory: the symbols of the modules met, and
 * every distinct frame's name.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/vec.h"
#include "cli/cli.h"
#include "heap/naming.h"

struct options {
	struct cli cli;
	struct symbolizer_options symbols;
	struct buf debug_path;
	VEC(const char *) from, to;
	char *modules;		/* -m */
	bool raw;
};

struct symbolize {
	struct options *o;
	struct naming naming;
	struct stat seen;	/* of -m, when it was read last */
};

enum { KEY_DEBUG_DIR = 256, KEY_PATH_MAP, KEY_SYSROOT, KEY_RAW, KEY_MANGLED,
	KEY_NO_INLINES };

static const struct argp_option options[] = {
	{ "debug-dir", KEY_DEBUG_DIR, "DIR", 0,
	    "look for separate debug files there too", 0 },
	{ "mangled", KEY_MANGLED, NULL, 0, "keep C++ names mangled", 0 },
	{ "modules", 'm', "FILE", 0,
	    "the modules' paths, as resin-snap -m writes them", 0 },
	{ "no-inlines", KEY_NO_INLINES, NULL, 0,
	    "one frame an address, whatever was inlined there", 0 },
	{ "path-map", KEY_PATH_MAP, "FROM=TO", 0,
	    "replace this beginning of a module's path", 0 },
	{ "raw", KEY_RAW, NULL, 0,
	    "keep the allocator's frames and every recursion", 0 },
	{ "sysroot", KEY_SYSROOT, "DIR", 0,
	    "the root of the system that the dumps are of", 0 },
	{ 0 }
};

static void
add_path_map(struct options *o, char *arg)
{
	char *equals = strchr(arg, '=');

	if (equals == NULL || equals == arg)
		errx(EXIT_TROUBLE, "--path-map '%s': not FROM=TO", arg);
	*equals = '\0';
	vec_push(&o->from, arg);
	vec_push(&o->to, equals + 1);
}

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->cli;
		return 0;
	case 'm':
		o->modules = arg;
		return 0;
	case KEY_DEBUG_DIR:
		buf_printf(&o->debug_path, "%s:", arg);
		return 0;
	case KEY_PATH_MAP:
		add_path_map(o, arg);
		return 0;
	case KEY_SYSROOT:
		o->symbols.sysroot = arg;
		return 0;
	case KEY_RAW:
		o->raw = true;
		return 0;
	case KEY_MANGLED:
		o->symbols.mangled = true;
		return 0;
	case KEY_NO_INLINES:
		o->symbols.no_inlines = true;
		return 0;
	case ARGP_KEY_END:
		if (o->modules == NULL)
			errx(EXIT_TROUBLE, "--modules is required");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp parser = {
	options, parse_option, "[FILE...]",
	"Replace offsets in programs by the names of functions.",
	cli_children, NULL, NULL
};

/*
 * resin-snap replaces the file when it meets another module, before the rows
 * that need it: an unknown name is a reason to look again.
 */
static bool
read_modules(void *arg)
{
	enum { MODULE, PATH, BUILD_ID, NCOL };
	static const struct input_column want[NCOL] = {
		{ "module", 0 }, { "path", 0 }, { "build_id", INPUT_OPTIONAL },
	};
	struct symbolize *s = arg;
	struct cli plain = { 0 };
	struct input in;
	struct stat now;

	if (stat(s->o->modules, &now) == -1)
		err(EXIT_TROUBLE, "%s", s->o->modules);
	if (now.st_ino == s->seen.st_ino && now.st_dev == s->seen.st_dev &&
	    now.st_mtim.tv_sec == s->seen.st_mtim.tv_sec &&
	    now.st_mtim.tv_nsec == s->seen.st_mtim.tv_nsec)
		return false;
	s->seen = now;
	cli_open_file(&in, &plain, &s->o->modules, want, NCOL);
	while (cli_next(&in)) {
		struct span module = input_key(&in, MODULE);
		struct span path = input_key(&in, PATH);
		struct span build = input_text(&in, BUILD_ID);

		if (!input_bad(&in))
			naming_module(&s->naming, module, path, build);
	}
	cli_close(&in);
	return true;
}

static void
set_debug_path(struct options *o)
{
	struct buf *b = &o->debug_path;

	/* The standard places stay; "" and .debug are beside the file. */
	if (o->symbols.sysroot != NULL)
		buf_printf(b, "%s/usr/lib/debug:", o->symbols.sysroot);
	buf_str(b, ":.debug:/usr/lib/debug");
	o->symbols.debug_path = buf_cstr(b);
	o->symbols.path_from = o->from.v;
	o->symbols.path_to = o->to.v;
	o->symbols.npath = o->from.n;
}

static void
write_header(struct output *out, const struct input *in, size_t before)
{
	for (size_t i = 0; i < before; i++)
		output_text(out, in->carry[i]);
	output_str(out, "stack");
	for (size_t i = before; i < in->ncarry; i++)
		output_text(out, in->carry[i]);
	output_row(out);
}

static void
convert(struct symbolize *s, struct input *in, struct output *out)
{
	struct buf stack = { 0 };
	size_t before = 0;

	input_carry(in);
	while (before < in->ncarry &&
	    (ptrdiff_t)in->carry_at[before] < in->at[0])
		before++;
	write_header(out, in, before);
	while (cli_next(in)) {
		struct span text = input_text(in, 0);

		stack.n = 0;
		naming_stack(&s->naming, text, &stack);
		for (size_t i = 0; i < before; i++)
			output_text(out, input_carried(in, i));
		output_text(out, buf_view(&stack));
		for (size_t i = before; i < in->ncarry; i++)
			output_text(out, input_carried(in, i));
		output_row(out);
	}
	buf_free(&stack);
}

static void
say(void *arg, const char *text)
{
	(void)arg;
	warnx("warning: %s", text);
}

int
main(int argc, char *argv[])
{
	static const struct input_column want[] = { { "stack", 0 } };
	struct options o = { .modules = NULL };
	struct symbolize s = { .o = &o };
	struct input in;
	struct output out;

	cli_parse(&parser, argc, argv, &o);
	set_debug_path(&o);
	s.naming = (struct naming){ .options = &o.symbols, .raw = o.raw,
	    .more = read_modules, .say = say, .arg = &s };
	cli_open(&in, &o.cli, want, 1);
	cli_output(&out, &o.cli);
	convert(&s, &in, &out);
	cli_close(&in);
	naming_free(&s.naming);
	buf_free(&o.debug_path);
	vec_free(&o.from);
	vec_free(&o.to);
	cli_finish(&out, &o.cli, false);
}
