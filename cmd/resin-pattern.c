/*
 * resin-pattern - suspects and telemetry in; how each grows, whether the next
 * snapshot is due, and the best candidates for it out.  Memory: 16 bytes a
 * sample of the suspects.
 */
#include <err.h>
#include <math.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/when.h"
#include "cli/cli.h"
#include "leak/candidate.h"
#include "leak/fleet_input.h"

struct options {
	struct cli cli;
	VEC(char *) telemetry;
	int64_t width;
	uint64_t top;
};

static const struct argp_option options[] = {
	{ "telemetry", 't', "FILE", 0, "telemetry; may be repeated", 0 },
	{ "top", 'n', "N", 0,
	    "candidates of each component (default 3, 0: all)", 0 },
	{ "window", 'w', "DURATION", 0,
	    "width of a window (default 1h, less for short records)", 0 },
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
	case 't':
		vec_push(&o->telemetry, arg);
		return 0;
	case 'n':
		o->top = cli_u64("--top", arg);
		return 0;
	case 'w':
		o->width = cli_period("--window", arg);
		return 0;
	case ARGP_KEY_END:
		if (o->telemetry.n == 0)
			errx(EXIT_TROUBLE, "--telemetry is required");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp parser = { options, parse_option, "[SUSPECTS...]",
	"Say how suspects grow, and rank them as hosts for a snapshot.",
	cli_children, NULL, NULL };

/* In the order of the output; IMPACT is not part of it. */
enum {
	COMPONENT, CLUSTER, NODE, PID, START, LEAK_START, LEAK_END, USAGE,
	GROWTH, RATE, SEVERITY, IMPACT, NCOLUMN
};

static const struct input_column columns[NCOLUMN] = {
	[COMPONENT] = { "component", 0 },
	[CLUSTER] = { "cluster", INPUT_OPTIONAL },
	[NODE] = { "node", 0 },
	[PID] = { "pid", INPUT_OPTIONAL },
	[START] = { "start", INPUT_OPTIONAL },
	[LEAK_START] = { "leak_start", 0 },
	[LEAK_END] = { "leak_end", 0 },
	[USAGE] = { "usage", INPUT_OPTIONAL },
	[GROWTH] = { "growth", INPUT_OPTIONAL },
	[RATE] = { "rate", INPUT_OPTIONAL },
	[SEVERITY] = { "severity", 0 },
	[IMPACT] = { "impact", INPUT_OPTIONAL },
};

struct suspect {
	struct instance_name {
		struct buf field[FLEET_NAMES];
		int64_t start;
	} name;
	int64_t from, to;	/* of the leak */
	struct buf row;		/* fields as they came, joined by TAB */
};

struct suspects {
	VEC(struct suspect) v;
	VEC(struct candidate) candidate;
	struct intern component;
	struct buf carried;	/* names of further columns, joined by TAB */
};

static void
add_field(struct buf *row, struct span field, bool first)
{
	if (!first)
		buf_char(row, '\t');
	buf_span(row, field);
}

static void
read_suspect(struct input *in, struct suspects *all)
{
	static const size_t name[FLEET_NAMES] = { COMPONENT, CLUSTER, NODE,
		PID };
	struct suspect s = { .name.start = input_time_or(in, START,
	    WHEN_NEVER) };
	struct candidate c = { .order = all->v.n };
	struct span component = input_key(in, COMPONENT);

	s.from = input_time(in, LEAK_START);
	s.to = input_time(in, LEAK_END);
	c.severity = input_number(in, SEVERITY);
	c.impact = input_number_or(in, IMPACT, 0);
	input_key(in, NODE);
	if (input_bad(in))
		return;
	c.group = intern_id(&all->component, component);
	for (size_t i = 0; i < FLEET_NAMES; i++)
		buf_span(&s.name.field[i], input_text(in, name[i]));
	for (size_t i = 0; i <= SEVERITY; i++)
		add_field(&s.row, input_text(in, i), i == 0);
	for (size_t i = 0; i < in->ncarry; i++)
		add_field(&s.row, input_carried(in, i), false);
	vec_push(&all->v, s);
	vec_push(&all->candidate, c);
}

static void
read_suspects(const struct options *o, struct suspects *all)
{
	const struct cli plain = cli_beside(&o->cli);
	struct input in;

	cli_open(&in, &plain, columns, NCOLUMN);
	input_carry(&in);
	for (size_t i = 0; i < in.ncarry; i++)
		add_field(&all->carried, in.carry[i], i == 0);
	while (cli_next(&in))
		read_suspect(&in, all);
	cli_close(&in);
}

static size_t
instance_of(struct fleet *f, const struct suspect *s)
{
	struct span name[FLEET_NAMES];

	for (size_t i = 0; i < FLEET_NAMES; i++)
		name[i] = buf_view(&s->name.field[i]);
	return fleet_find(f, name, s->name.start);
}

static void
read_telemetry(const struct options *o, struct fleet *f)
{
	for (size_t i = 0; i < o->telemetry.n; i++) {
		struct input in;

		cli_open_file(&in, &o->cli, &o->telemetry.v[i], fleet_columns,
		    FLEET_COLUMNS);
		while (cli_next(&in))
			fleet_input_row(&in, f, true);
		cli_close(&in);
	}
}

static void
find_pattern(const struct suspect *s, const struct instance *it, int64_t width,
    struct pattern *p)
{
	int64_t first = when_floor(s->from, width);
	size_t n = s->to < first ? 0 :
	    (size_t)((s->to - first) / width) + 1;
	double *u = mem_new(n + 1, sizeof(*u));

	fleet_series(it, first, width, u, n);
	pattern_find(u, 0, n, when_seconds(width), p);
	free(u);
}

/* A row of names or of values: what came, then ours. */
static void
write_fields(struct output *out, struct span row)
{
	while (row.n > 0) {
		const char *tab = memchr(row.s, '\t', row.n);
		size_t n = tab != NULL ? (size_t)(tab - row.s) : row.n;

		output_text(out, (struct span){ row.s, n });
		row.s += n + (tab != NULL);
		row.n -= n + (tab != NULL);
		if (tab != NULL && row.n == 0)
			output_none(out);
	}
}

static void
write_header(struct output *out, const struct suspects *all)
{
	for (size_t i = 0; i <= SEVERITY; i++)
		output_str(out, columns[i].name);
	write_fields(out, buf_view(&all->carried));
	output_str(out, "pattern");
	output_str(out, "slope");
	output_str(out, "r2");
	output_str(out, "complete");
	output_str(out, "rank");
	output_row(out);
}

static void
write_candidate(struct output *out, const struct suspects *all,
    const struct candidate *c)
{
	write_fields(out, buf_view(&all->v.v[c->order].row));
	output_str(out, pattern_text(c->pattern.kind));
	output_i64(out, (int64_t)c->pattern.slope);
	output_number(out, round(c->pattern.r2 * 1000) / 1000);
	output_str(out, c->pattern.complete ? "yes" : "no");
	output_u64(out, c->rank);
	output_row(out);
}

static void
free_suspects(struct suspects *all)
{
	for (size_t i = 0; i < all->v.n; i++) {
		for (size_t k = 0; k < FLEET_NAMES; k++)
			buf_free(&all->v.v[i].name.field[k]);
		buf_free(&all->v.v[i].row);
	}
	vec_free(&all->v);
	vec_free(&all->candidate);
	intern_free(&all->component);
	buf_free(&all->carried);
}

/* Telemetry is read once the suspects are known, and of them only. */
static void
find_patterns(const struct options *o, struct suspects *all)
{
	VEC(size_t) at = { 0 };
	struct fleet f;

	fleet_init(&f, 0);
	for (size_t i = 0; i < all->v.n; i++)
		vec_push(&at, instance_of(&f, &all->v.v[i]));
	if (all->v.n > 0)
		read_telemetry(o, &f);
	fleet_order(&f);
	for (size_t i = 0; i < all->v.n; i++)
		find_pattern(&all->v.v[i], &f.instance.v[at.v[i]],
		    o->width > 0 ? o->width : fleet_width(&f),
		    &all->candidate.v[i].pattern);
	vec_free(&at);
	fleet_free(&f);
}

int
main(int argc, char *argv[])
{
	struct options o = { .top = 3 };
	struct suspects all = { 0 };
	struct output out;
	bool found;

	cli_parse(&parser, argc, argv, &o);
	read_suspects(&o, &all);
	find_patterns(&o, &all);
	candidate_rank(all.candidate.v, all.candidate.n);
	cli_output(&out, &o.cli);
	write_header(&out, &all);
	for (size_t i = 0; i < all.candidate.n; i++)
		if (o.top == 0 || all.candidate.v[i].rank <= o.top)
			write_candidate(&out, &all, &all.candidate.v[i]);
	found = all.v.n > 0;
	free_suspects(&all);
	vec_free(&o.telemetry);
	cli_finish(&out, &o.cli, found);
}
