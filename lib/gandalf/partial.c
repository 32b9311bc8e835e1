#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "gandalf/partial.h"

enum record {
	FEED, ROLLOUT, SIGNATURE, CELL, SPREAD, CLUSTER, CUSTOMER, NRECORD
};

static const char *const record_name[NRECORD] = {
	"feed", "rollout", "signature", "cell", "spread", "cluster", "customer",
};

static void
describe_rule(struct partial *p)
{
	const struct score_rule *rule = p->rule;
	char window[24];
	size_t n;

	score_window_name(window, rule->veto);
	n = (size_t)snprintf(p->terms, sizeof(p->terms),
	    "%s %s veto %s skew %lldns windows",
	    p->by_value ? "values" : "nodes",
	    rule->segments ? "segments" : "cumulative", window,
	    (long long)rule->skew);
	for (size_t i = 0; i < rule->nwindow; i++) {
		score_window_name(window, rule->window[i]);
		n += (size_t)snprintf(p->terms + n, sizeof(p->terms) - n,
		    " %s", window);
		snprintf(p->votes[i], sizeof(p->votes[i]), "votes_%s", window);
		p->column[PARTIAL_VOTES + i].name = p->votes[i];
	}
}

void
partial_init(struct partial *p, const struct score_rule *rule, bool by_value)
{
	static const char *const name[PARTIAL_VOTES] = {
		"record", "component", "version", "pivot", "source",
		"signature", "member", "first", "last", "count", "weight",
		"within", "veto", "hit", "sum_n", "sum_x", "sum_y", "sum_xx",
		"sum_xy", "sum_yy",
	};

	*p = (struct partial){ .rule = rule, .by_value = by_value };
	for (size_t i = 0; i < PARTIAL_VOTES; i++)
		p->column[i].name = name[i];
	describe_rule(p);
	p->ncolumn = PARTIAL_VOTES + rule->nwindow;
}

static enum record
record_of(struct span text)
{
	enum record r = 0;

	while (r < NRECORD && !span_is(text, record_name[r]))
		r++;
	return r;
}

static void
add_rollout(struct tally *t, struct input *in, uint32_t id)
{
	struct tally_rollout *o = &t->rollout.v[id];
	struct tally_release *r = &t->release.v[o->release];
	int64_t first = input_time(in, PARTIAL_FIRST);
	int64_t last = input_time(in, PARTIAL_LAST);
	uint64_t deployed = input_u64(in, PARTIAL_COUNT);
	uint64_t clusters = input_u64(in, PARTIAL_HIT);

	if (o->start != WHEN_NEVER && (o->start != first || o->last != last ||
	    o->deployed != deployed || o->clusters != clusters))
		input_fault(in, PARTIAL_COMPONENT,
		    "partials of different deployments");
	o->start = first;
	o->last = last;
	o->deployed = deployed;
	o->clusters = clusters;
	tally_widen(&r->start, &r->last, first);
	tally_widen(&r->start, &r->last, last);
}

static void
add_signature(struct tally *t, struct input *in, uint32_t id)
{
	struct tally_signature *g = &t->signature.v[id];
	double weight = input_number_or(in, PARTIAL_WEIGHT, -1);
	int64_t ignore = WHEN_NEVER;

	tally_widen(&g->first, &ignore, input_time(in, PARTIAL_FIRST));
	if (weight > g->weight)
		g->weight = weight;
}

static void
add_cell(const struct partial *p, struct tally *t, struct input *in,
    uint32_t id)
{
	struct tally_cell *c = &t->cell.v[id];

	tally_widen(&c->first, &c->last,
	    input_time_or(in, PARTIAL_FIRST, WHEN_NEVER));
	tally_widen(&c->first, &c->last,
	    input_time_or(in, PARTIAL_LAST, WHEN_NEVER));
	c->within += input_u64(in, PARTIAL_WITHIN);
	c->veto += input_u64(in, PARTIAL_VETO);
	c->hit += input_u64(in, PARTIAL_HIT);
	for (size_t i = 0; i < SUMS; i++)
		c->sum[i] += input_u64(in, PARTIAL_SUM + i);
	for (size_t i = 0; i < p->rule->nwindow; i++)
		c->votes[i] += input_u64(in, PARTIAL_VOTES + i);
}

static void
add_feed(const struct partial *p, struct tally *t, struct input *in)
{
	if (!span_is(input_text(in, PARTIAL_MEMBER), p->terms))
		input_fault(in, PARTIAL_MEMBER,
		    "partials under different rules");
	t->bystanders += input_u64(in, PARTIAL_COUNT);
	if (t->deployed < input_u64(in, PARTIAL_HIT))
		t->deployed = input_u64(in, PARTIAL_HIT);
	tally_widen(&t->oldest, &t->newest,
	    input_time_or(in, PARTIAL_FIRST, WHEN_NEVER));
	tally_widen(&t->oldest, &t->newest,
	    input_time_or(in, PARTIAL_LAST, WHEN_NEVER));
}

/* The row names a rollout, a signature, or both. */
static void
add_evidence(const struct partial *p, enum record kind, struct tally *t,
    struct input *in)
{
	uint32_t rollout = 0, signature = 0, cell;

	if (kind != SIGNATURE)
		rollout = tally_rollout(t, tally_release(t,
		    input_text(in, PARTIAL_COMPONENT),
		    input_text(in, PARTIAL_VERSION)),
		    input_text(in, PARTIAL_PIVOT));
	if (kind == ROLLOUT) {
		add_rollout(t, in, rollout);
		return;
	}
	signature = tally_signature(t, input_text(in, PARTIAL_SOURCE),
	    input_text(in, PARTIAL_SIGNATURE));
	if (kind == SIGNATURE) {
		add_signature(t, in, signature);
		return;
	}
	if (kind == SPREAD) {
		cell = tally_spread(t, t->rollout.v[rollout].release,
		    signature);
		t->spread.v[cell].seen += input_u64(in, PARTIAL_COUNT);
		return;
	}
	cell = tally_cell(t, rollout, signature);
	if (kind == CELL)
		add_cell(p, t, in, cell);
	else if (kind == CLUSTER)
		tally_cluster(t, cell, intern_id(&t->name,
		    input_text(in, PARTIAL_MEMBER)));
	else
		tally_customer(t, cell, intern_id(&t->name,
		    input_text(in, PARTIAL_MEMBER)));
}

void
partial_add(const struct partial *p, struct tally *t, struct input *in)
{
	enum record kind = record_of(input_text(in, PARTIAL_RECORD));

	if (kind == NRECORD)
		input_fault(in, PARTIAL_RECORD, "no such record");
	else if (kind == FEED)
		add_feed(p, t, in);
	else
		add_evidence(p, kind, t, in);
}

/* A row to come: what it is and the names it sorts by. */
struct line {
	enum record kind;
	uint32_t id;
	uint32_t name[6];	/* component ... member; INTERN_NONE: empty */
};

struct lines {
	VEC(struct line) line;
};

static void
put_rollout(const struct tally *t, uint32_t rollout, uint32_t name[6])
{
	const struct tally_rollout *o = &t->rollout.v[rollout];

	name[0] = t->release.v[o->release].component;
	name[1] = t->release.v[o->release].version;
	name[2] = o->pivot;
}

static void
put_signature(const struct tally *t, uint32_t signature, uint32_t name[6])
{
	name[3] = t->signature.v[signature].source;
	name[4] = t->signature.v[signature].text;
}

static struct line *
new_line(struct lines *l, enum record kind, size_t id)
{
	struct line line = { .kind = kind, .id = (uint32_t)id };

	memset(line.name, 0xff, sizeof(line.name));	/* INTERN_NONE */
	vec_push(&l->line, line);
	return &l->line.v[l->line.n - 1];
}

static void
list_members(struct lines *l, const struct tally *t, enum record kind,
    const struct tally_member *m, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct tally_cell *c = &t->cell.v[m[i].cell];
		struct line *line = new_line(l, kind, i);

		put_rollout(t, c->rollout, line->name);
		put_signature(t, c->signature, line->name);
		line->name[5] = m[i].name;
	}
}

static void
list_lines(struct lines *l, const struct tally *t)
{
	struct line *line;

	new_line(l, FEED, 0);
	for (size_t i = 0; i < t->rollout.n; i++)
		put_rollout(t, (uint32_t)i, new_line(l, ROLLOUT, i)->name);
	for (size_t i = 0; i < t->signature.n; i++)
		put_signature(t, (uint32_t)i, new_line(l, SIGNATURE, i)->name);
	for (size_t i = 0; i < t->cell.n; i++) {
		line = new_line(l, CELL, i);
		put_rollout(t, t->cell.v[i].rollout, line->name);
		put_signature(t, t->cell.v[i].signature, line->name);
	}
	for (size_t i = 0; i < t->spread.n; i++) {
		if (t->spread.v[i].seen == 0)
			continue;
		line = new_line(l, SPREAD, i);
		line->name[0] = t->release.v[t->spread.v[i].release].component;
		line->name[1] = t->release.v[t->spread.v[i].release].version;
		put_signature(t, t->spread.v[i].signature, line->name);
	}
	list_members(l, t, CLUSTER, t->cluster.v, t->cluster.n);
	list_members(l, t, CUSTOMER, t->customer.v, t->customer.n);
}

static struct span
line_text(const struct tally *t, const struct line *l, size_t i)
{
	return l->name[i] == INTERN_NONE ? SPAN("") : tally_text(t, l->name[i]);
}

static int
by_names(const void *va, const void *vb, void *vt)
{
	const struct line *a = va, *b = vb;
	int c = (a->kind > b->kind) - (a->kind < b->kind);

	for (size_t i = 0; i < 6 && c == 0; i++)
		if (a->name[i] != b->name[i])
			c = span_cmp(line_text(vt, a, i), line_text(vt, b, i));
	return c;
}

static void
write_times(struct output *out, int64_t first, int64_t last)
{
	output_time(out, first);
	output_time(out, last);
}

/* `count` has just been written; `hit` is three columns on. */
static void
write_hit(struct output *out, uint64_t hit)
{
	for (int i = PARTIAL_COUNT + 1; i < PARTIAL_HIT; i++)
		output_none(out);
	output_u64(out, hit);
}

/* The columns of numbers behind the names; the rest is empty. */
static void
write_numbers(const struct partial *p, const struct tally *t,
    const struct line *l, struct output *out)
{
	const struct tally_cell *c;
	const struct tally_signature *g;

	switch (l->kind) {
	case FEED:
		write_times(out, t->oldest, t->newest);
		output_u64(out, t->bystanders);
		write_hit(out, t->deployed);
		break;
	case ROLLOUT:
		write_times(out, t->rollout.v[l->id].start,
		    t->rollout.v[l->id].last);
		output_u64(out, t->rollout.v[l->id].deployed);
		write_hit(out, t->rollout.v[l->id].clusters);
		break;
	case SIGNATURE:
		g = &t->signature.v[l->id];
		write_times(out, g->first, WHEN_NEVER);
		output_none(out);
		if (g->weight >= 0)
			output_number(out, g->weight);
		break;
	case SPREAD:
		write_times(out, WHEN_NEVER, WHEN_NEVER);
		output_u64(out, t->spread.v[l->id].seen);
		break;
	case CELL:
		c = &t->cell.v[l->id];
		write_times(out, c->first, c->last);
		output_none(out);
		output_none(out);
		output_u64(out, c->within);
		output_u64(out, c->veto);
		output_u64(out, c->hit);
		for (size_t i = 0; i < SUMS; i++)
			output_u64(out, c->sum[i]);
		for (size_t i = 0; i < p->rule->nwindow; i++)
			output_u64(out, c->votes[i]);
		break;
	default:
		break;
	}
	while (out->nfield < p->ncolumn)
		output_none(out);
	output_row(out);
}

void
partial_write(const struct partial *p, const struct tally *t,
    struct output *out)
{
	struct lines lines = { 0 };

	for (size_t i = 0; i < p->ncolumn; i++)
		output_str(out, p->column[i].name);
	output_row(out);
	list_lines(&lines, t);
	qsort_r(lines.line.v, lines.line.n, sizeof(*lines.line.v), by_names,
	    (void *)(uintptr_t)t);
	for (size_t i = 0; i < lines.line.n; i++) {
		const struct line *l = &lines.line.v[i];

		output_str(out, record_name[l->kind]);
		for (size_t k = 0; k < 5; k++)
			output_text(out, line_text(t, l, k));
		if (l->kind == FEED)
			output_str(out, p->terms);
		else
			output_text(out, line_text(t, l, 5));
		write_numbers(p, t, l, out);
	}
	vec_free(&lines.line);
}
