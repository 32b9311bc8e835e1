/*
 * resin-pivot - counts of nodes by size bucket in, one alert a leaking
 * component out.  Memory: 16 bytes a count.
 */
#include <err.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/when.h"
#include "cli/cli.h"
#include "leak/pivot.h"
#include "stat/ramp.h"

struct options {
	struct cli cli;
	VEC(char *) by;
	uint64_t least_size;
	double least_severity;
	bool strict;
	const char *state;
	int64_t keep;
};

enum { OPT_SIZE = 0x100, OPT_SEVERITY, OPT_STRICT, OPT_STATE, OPT_KEEP };

static const struct argp_option options[] = {
	{ "by", 'b', "NAME,...", 0,
	    "further attributes that the counts are by", 0 },
	{ "min-size", OPT_SIZE, "SIZE", 0,
	    "no alert on a smaller bucket (default 0)", 0 },
	{ "min-severity", OPT_SEVERITY, "NUMBER", 0,
	    "no alert of less severity (default 0)", 0 },
	{ "strict", OPT_STRICT, NULL, 0,
	    "only growth that looks like a leak in the counts alone", 0 },
	{ "state", OPT_STATE, "FILE", 0,
	    "counts of earlier runs: read if it is there, then renewed", 0 },
	{ "keep", OPT_KEEP, "DURATION", 0,
	    "how much the state keeps (default 15d)", 0 },
	{ 0 }
};

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->cli;
		return 0;
	case 'b':
		for (char *s = strtok(arg, ","); s != NULL;
		    s = strtok(NULL, ","))
			vec_push(&o->by, s);
		if (o->by.n == 0)
			errx(EXIT_TROUBLE, "--by '': no names");
		return 0;
	case OPT_SIZE:
		o->least_size = cli_size("--min-size", arg);
		return 0;
	case OPT_SEVERITY:
		o->least_severity = cli_number("--min-severity", arg, 0, 1e9);
		return 0;
	case OPT_STRICT:
		o->strict = true;
		return 0;
	case OPT_STATE:
		o->state = arg;
		return 0;
	case OPT_KEEP:
		o->keep = cli_period("--keep", arg);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp parser = { options, parse_option, "[FILE...]",
	"Name the components that leak, from counts of nodes by size bucket.",
	cli_children, NULL, NULL };

enum { TS, COMPONENT, BUCKET, NODES, BY };

/* From `path`, or from the operands if it is NULL. */
static void
read_counts(const struct options *o, char *path, struct pivot *p)
{
	static const struct cli plain;
	VEC(struct input_column) want = { 0 };
	struct buf name = { 0 };
	struct input in;

	vec_push(&want, (struct input_column){ "ts", 0 });
	vec_push(&want, (struct input_column){ "component", 0 });
	vec_push(&want, (struct input_column){ "bucket", 0 });
	vec_push(&want, (struct input_column){ "nodes", 0 });
	for (size_t i = 0; i < o->by.n; i++)
		vec_push(&want, (struct input_column){ o->by.v[i], 0 });
	if (path != NULL)
		cli_open_file(&in, &plain, &path, want.v, want.n);
	else
		cli_open(&in, &o->cli, want.v, want.n);
	while (cli_next(&in)) {
		int64_t ts = input_time(&in, TS);
		uint64_t bucket = input_bytes(&in, BUCKET);
		uint64_t nodes = input_u64(&in, NODES);

		name.n = 0;
		buf_span(&name, input_key(&in, COMPONENT));
		for (size_t i = 0; i < o->by.n; i++) {
			buf_char(&name, '\t');
			buf_span(&name, input_text(&in, BY + i));
		}
		if (!input_bad(&in))
			pivot_add(p, buf_view(&name), ts, bucket, nodes);
	}
	cli_close(&in);
	buf_free(&name);
	vec_free(&want);
}

/* The next part of a group's name, up to the TAB. */
static struct span
next_part(struct span *name)
{
	const char *tab = name->n > 0 ? memchr(name->s, '\t', name->n) : NULL;
	size_t n = tab != NULL ? (size_t)(tab - name->s) : name->n;
	struct span part = { name->s, n };

	name->s += n + (tab != NULL);
	name->n -= n + (tab != NULL);
	return part;
}

struct state {
	const struct options *o;
	struct output out;
};

static void
write_count(void *arg, struct span group, int64_t ts, uint64_t bucket,
    uint64_t nodes)
{
	struct state *s = arg;

	output_time(&s->out, ts);
	output_text(&s->out, next_part(&group));
	output_u64(&s->out, bucket);
	output_u64(&s->out, nodes);
	for (size_t i = 0; i < s->o->by.n; i++)
		output_text(&s->out, next_part(&group));
	output_row(&s->out);
}

static void
write_state(const struct options *o, const struct pivot *p)
{
	struct output_options file = { .path = o->state };
	struct state s = { .o = o };
	int64_t last = pivot_last(p);

	if (output_open(&s.out, &file) == -1)
		err(EXIT_TROUBLE, "--state %s", o->state);
	output_str(&s.out, "ts");
	output_str(&s.out, "component");
	output_str(&s.out, "bucket");
	output_str(&s.out, "nodes");
	for (size_t i = 0; i < o->by.n; i++)
		output_str(&s.out, o->by.v[i]);
	output_row(&s.out);
	pivot_each(p, last < INT64_MIN + o->keep ? INT64_MIN : last - o->keep,
	    write_count, &s);
	if (output_close(&s.out) == -1)
		err(EXIT_TROUBLE, "--state %s", o->state);
}

/* The new counts, and those of earlier runs. */
static void
read_all(const struct options *o, struct pivot *p)
{
	read_counts(o, NULL, p);
	if (o->state == NULL)
		return;
	pivot_fresh(p);
	if (access(o->state, F_OK) == 0)
		read_counts(o, (char *)(uintptr_t)o->state, p);
	write_state(o, p);
}

static void
write_header(struct output *out, const struct options *o)
{
	static const char *const name[] = { "component", "bucket", "start",
		"end", "nodes", "mean", "sd", "severity" };

	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		output_str(out, name[i]);
	for (size_t i = 0; i < o->by.n; i++)
		output_str(out, o->by.v[i]);
	output_row(out);
}

static double
hundredths(double v)
{
	return round(v * 100) / 100;
}

static void
write_alert(struct output *out, const struct options *o, const struct pivot *p,
    const struct alert *a)
{
	struct span name = p->name.key[a->group];

	output_text(out, next_part(&name));
	output_u64(out, a->bucket);
	output_time(out, a->start);
	output_time(out, a->end);
	output_number(out, a->nodes);
	output_number(out, hundredths(a->mean));
	output_number(out, hundredths(a->sd));
	output_number(out, hundredths(a->severity));
	for (size_t i = 0; i < o->by.n; i++)
		output_text(out, next_part(&name));
	output_row(out);
}

/* No alert is good news only if there was something to judge. */
static void
tell_short(const struct pivot *p)
{
	if (p->alert.n == 0 && p->window.n > 0 && p->window.n < RAMP_LEAST)
		warnx("%zu window%s: too few to see growth; resin-bucket -w "
		    "makes shorter ones", p->window.n,
		    p->window.n == 1 ? "" : "s");
}

int
main(int argc, char *argv[])
{
	struct options o = { .keep = 15 * WHEN_DAY };
	struct pivot p = { 0 };
	struct output out;
	bool found;

	cli_parse(&parser, argc, argv, &o);
	p.strict = o.strict;
	p.least_size = o.least_size;
	p.least_severity = o.least_severity;
	read_all(&o, &p);
	pivot_run(&p);
	cli_output(&out, &o.cli);
	write_header(&out, &o);
	for (size_t i = 0; i < p.alert.n; i++)
		write_alert(&out, &o, &p, &p.alert.v[i]);
	found = p.alert.n > 0;
	tell_short(&p);
	pivot_free(&p);
	vec_free(&o.by);
	cli_finish(&out, &o.cli, found);
}
