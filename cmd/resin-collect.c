/*
 * resin-collect - sample the private memory of every process, and the kernel's
 * slab caches, once or at an interval.  Telemetry out; nothing in but /proc.
 * Memory is proportional to the number of processes.
 */
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/num.h"
#include "base/when.h"
#include "cli/cli.h"
#include "leak/sampler.h"

enum { NCOLUMN = 6 };
static const char *const column[NCOLUMN] = { "ts", "component", "node",
	"usage", "pid", "start" };

struct attribute {
	struct span name, value;
};

struct options {
	struct cli cli;
	struct sampler sampler;
	int64_t interval;	/* nanoseconds, 0: one sample */
	uint64_t samples;	/* stop after so many, 0: go on */
	const char *node, *root;
	VEC(struct attribute) attributes;
};

enum { OPT_FAST = 0x100, OPT_SWAP, OPT_NO_SLAB, OPT_NODE, OPT_ROOT };

static const struct argp_option options[] = {
	{ "interval", 'i', "DURATION", 0,
	    "sample every 60s, 5m, ... until a signal ends it", 0 },
	{ "samples", 'n', "N", 0, "stop after N samples", 0 },
	{ "by", 'b', "WHAT", 0,
	    "what a component is: comm (default), exe or cgroup", 0 },
	{ "attribute", 'a', "NAME=VALUE", 0, "add a column to every row", 0 },
	{ "node", OPT_NODE, "NAME", 0, "name of this node (default: host)", 0 },
	{ "fast", OPT_FAST, NULL, 0, "resident less shared, from statm", 0 },
	{ "swap", OPT_SWAP, NULL, 0, "count what is swapped out, too", 0 },
	{ "no-slab", OPT_NO_SLAB, NULL, 0, "leave out the kernel's caches", 0 },
	{ "root", OPT_ROOT, "DIR", 0, "read DIR in place of /proc", 0 },
	{ 0 }
};

static enum sampler_by
parse_by(const char *arg)
{
	static const char *const names[] = { "comm", "exe", "cgroup" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(arg, names[i]) == 0)
			return (enum sampler_by)i;
	errx(EXIT_TROUBLE, "--by '%s': not comm, exe or cgroup", arg);
}

static void
add_attribute(struct options *o, const char *arg)
{
	const char *equals = strchr(arg, '=');
	struct attribute a;

	if (equals == NULL || equals == arg)
		errx(EXIT_TROUBLE, "--attribute '%s': not NAME=VALUE", arg);
	if (strpbrk(arg, "\t\r\n") != NULL)
		errx(EXIT_TROUBLE, "--attribute: holds a tab or newline");
	a.name = (struct span){ arg, (size_t)(equals - arg) };
	a.value = span_of(equals + 1);
	for (size_t i = 0; i < NCOLUMN; i++)
		if (span_is(a.name, column[i]))
			errx(EXIT_TROUBLE, "--attribute '%s': is a column",
			    arg);
	for (size_t i = 0; i < o->attributes.n; i++)
		if (span_eq(a.name, o->attributes.v[i].name))
			errx(EXIT_TROUBLE, "--attribute '%s': twice", arg);
	vec_push(&o->attributes, a);
}

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->cli;
		return 0;
	case 'i':
		o->interval = cli_duration("--interval", arg);
		if (o->interval < WHEN_SECOND / 100)
			errx(EXIT_TROUBLE, "--interval '%s': under 0.01 s",
			    arg);
		return 0;
	case 'n':
		o->samples = cli_u64("--samples", arg);
		return 0;
	case 'b':
		o->sampler.by = parse_by(arg);
		return 0;
	case 'a':
		add_attribute(o, arg);
		return 0;
	case ARGP_KEY_END:
		if (o->samples > 1 && o->interval == 0)
			errx(EXIT_TROUBLE, "--samples: needs an --interval");
		return 0;
	case OPT_NODE:
		if (*arg == '\0')
			errx(EXIT_TROUBLE, "--node '': empty");
		o->node = arg;
		return 0;
	case OPT_FAST:
		o->sampler.fast = true;
		return 0;
	case OPT_SWAP:
		o->sampler.swap = true;
		return 0;
	case OPT_NO_SLAB:
		o->sampler.slab = false;
		return 0;
	case OPT_ROOT:
		o->root = arg;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp parser = { options, parse_option, NULL,
	"Sample the private memory of every process and the kernel's slab "
	"caches.", cli_output_children, NULL, NULL };

/*
 * Sleeps to the next whole multiple of the interval, so that samples do not
 * drift and all nodes take theirs at the same time.  A multiple that passed
 * while the last sample was taken is left out.  False: a signal of `stop` came.
 */
static bool
wait_next(int64_t interval, const sigset_t *stop, int64_t *ts)
{
	int64_t next = when_floor(when_now(), interval) + interval, left;
	struct timespec t;

	while ((left = next - when_now()) > 0) {
		if (left > interval) {	/* the clock was set back */
			next = when_floor(when_now(), interval) + interval;
			continue;
		}
		t.tv_sec = left / WHEN_SECOND;
		t.tv_nsec = left % WHEN_SECOND;
		if (sigtimedwait(stop, NULL, &t) != -1)
			return false;
	}
	*ts = next;
	return true;
}

static void
write_header(struct output *out, const struct options *o)
{
	for (size_t i = 0; i < NCOLUMN; i++)
		output_str(out, column[i]);
	for (size_t i = 0; i < o->attributes.n; i++)
		output_text(out, o->attributes.v[i].name);
	output_row(out);
}

static void
write_samples(struct output *out, const struct options *o, int64_t ts)
{
	const struct sampler *s = &o->sampler;

	for (size_t i = 0; i < s->samples.n; i++) {
		const struct sample *row = &s->samples.v[i];

		output_time(out, ts);
		output_text(out, sampler_name(s, i));
		output_str(out, o->node);
		output_u64(out, row->usage);
		if (row->pid != 0)
			output_u64(out, row->pid);
		else
			output_none(out);
		output_time(out, row->start);
		for (size_t k = 0; k < o->attributes.n; k++)
			output_text(out, o->attributes.v[k].value);
		output_row(out);
	}
}

/* What may not be read is said after the first sample, and not again. */
static void
warn_denied(const struct sampler *s, const char *root)
{
	if (s->denied > 0)
		warnx("%s: %zu of %zu processes cannot be read, pid %llu "
		    "first: %s", root, s->denied, s->seen,
		    (unsigned long long)s->denied_pid,
		    strerror(s->denied_errno));
	if (s->slab_errno != 0)
		warnx("%s/slabinfo: %s", root, strerror(s->slab_errno));
}

int
main(int argc, char *argv[])
{
	struct options o = { .root = "/proc", .sampler.slab = true };
	char host[HOST_NAME_MAX + 1] = "";
	struct output out;
	const char *why;
	sigset_t stop;
	int64_t ts;

	cli_parse(&parser, argc, argv, &o);
	gethostname(host, sizeof(host) - 1);
	if (o.node == NULL)
		o.node = host;
	if ((why = sampler_open(&o.sampler, o.root)) != NULL)
		errx(EXIT_TROUBLE, "%s: %s", o.root, why);

	/* Held back but for the sleep: a sample is written whole. */
	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	sigprocmask(SIG_BLOCK, &stop, NULL);

	cli_output(&out, &o.cli);
	write_header(&out, &o);
	/* Whole seconds read better than when exactly the tool was started. */
	ts = when_floor(when_now(), o.interval > 0 && o.interval < WHEN_SECOND ?
	    o.interval : WHEN_SECOND);
	for (uint64_t n = 1;; n++) {
		if ((why = sampler_take(&o.sampler)) != NULL)
			errx(EXIT_TROUBLE, "%s: %s", o.root, why);
		write_samples(&out, &o, ts);
		if (n == 1)
			warn_denied(&o.sampler, o.root);
		if (fflush(out.fp) != 0 || o.interval == 0 || n == o.samples ||
		    !wait_next(o.interval, &stop, &ts))
			break;
	}
	sampler_close(&o.sampler);
	vec_free(&o.attributes);
	cli_finish(&out, &o.cli, false);
}
