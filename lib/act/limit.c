#include <math.h>

#include "act/limit.h"
#include "base/intern.h"
#include "base/when.h"

/* Failures in a row after which one kind of action waits for a human. */
#define VAIN_ROW 3
#define VAIN_MEMORY (7 * WHEN_DAY)

static struct span
group_value(const struct entry *e, struct span by)
{
	if (span_is(by, "cluster"))
		return e->cluster;
	if (span_is(by, "component"))
		return e->component;
	if (span_is(by, "service"))
		return e->service;
	if (span_is(by, "leak"))
		return e->leak;
	if (span_is(by, "target"))
		return e->target;
	if (span_is(by, "action"))
		return e->action;
	return (struct span){ "", 0 };
}

static bool
deed(const struct entry *e)
{
	return !span_is(e->action, "stop");
}

/* Has its memory not yet been seen to fall, nor the time for it passed? */
static bool
under_way(const struct entry *e, int64_t now)
{
	if (span_is(e->state, "intent"))
		return true;
	return span_is(e->verdict, "pending") &&
	    (e->until == WHEN_NEVER || now < e->until);
}

/* Other nodes of the group that count against the limit. */
static uint64_t
others(const struct rule_limit *m, const struct entries *past,
    const struct entry *e, int64_t now)
{
	struct intern nodes = { 0 };
	const struct span group = group_value(e, m->by);
	uint64_t n;

	for (size_t i = 0; i < past->list.n; i++) {
		const struct entry *p = &past->list.v[i];

		if (deed(p) && !span_eq(p->node, e->node) &&
		    span_eq(group_value(p, m->by), group) &&
		    (m->window > 0 ? p->at > now - m->window :
		    under_way(p, now)))
			intern_id(&nodes, p->node);
	}
	n = nodes.n;
	intern_free(&nodes);
	return n;
}

static bool
over(const struct rule_limit *m, const struct entries *past,
    const struct census *census, const struct entry *e, int64_t now,
    struct buf *why)
{
	/* A restart of an owner is still a matter of where it runs. */
	const struct span group = group_value(e, m->by);
	const uint64_t size = m->percent ?
	    census_nodes(census, m->by, group) : 0;
	const double most = m->percent ?
	    floor(m->most / 100 * (double)size) : m->most;

	if (m->percent && size == 0) {
		buf_printf(why, "limit of line %zu: the number of nodes is "
		    "unknown", m->line);
		return true;
	}
	if ((double)others(m, past, e, now) + 1 <= most)
		return false;
	buf_str(why, "limit ");
	if (m->line > 0)
		buf_printf(why, "of line %zu: ", m->line);
	buf_printf(why, "%.0f nodes %s", most,
	    m->window > 0 ? "in the window" : "at once");
	return true;
}

bool
limit_reached(const struct rules *r, const struct entries *past,
    const struct census *census, const struct entry *e,
    const struct fields *row, int64_t now, struct buf *why)
{
	const struct cond *which;

	for (size_t i = 0; i < r->limit.n; i++)
		if (conds_test(&r->limit.v[i].conds, row, &which) != COND_NO &&
		    over(&r->limit.v[i], past, census, e, now, why))
			return true;
	return false;
}

static bool
same_target(const struct entry *a, const struct entry *b)
{
	return deed(a) && span_eq(a->node, b->node) &&
	    span_eq(a->target, b->target);
}

static bool
wait(struct buf *why, const char *what, int64_t until)
{
	char text[WHEN_MAX];

	buf_str(why, what);
	if (until != WHEN_NEVER) {
		buf_str(why, " until ");
		buf_add(why, text, when_print(text, until, true));
	}
	return true;
}

bool
limit_target(const struct entries *past, const struct entry *e,
    int64_t cooldown, int64_t now, struct buf *why)
{
	const struct entry *last = NULL;

	for (size_t i = 0; i < past->list.n; i++) {
		const struct entry *p = &past->list.v[i];

		/* Siblings: other processes of one target in one plan. */
		if (same_target(p, e) && (p->ts != e->ts || (span_eq(p->pid,
		    e->pid) && span_eq(p->start, e->start))))
			last = p;
	}
	if (last == NULL)
		return false;
	if (under_way(last, now))
		return wait(why, "the last action on it is not yet verified",
		    last->until);
	if (span_eq(last->action, e->action) && now < last->at + cooldown)
		return wait(why, "cool-down", last->at + cooldown);
	return false;
}

bool
limit_vain(const struct entries *past, const struct entry *e, int64_t now,
    struct buf *why)
{
	size_t row = 0;

	for (size_t i = past->list.n; i-- > 0 && row < VAIN_ROW;) {
		const struct entry *p = &past->list.v[i];

		if (p->at < now - VAIN_MEMORY || !span_eq(p->leak, e->leak) ||
		    !span_eq(p->action, e->action))
			continue;
		if (span_is(p->verdict, "fell") || span_is(p->verdict, "gone"))
			return false;
		row += span_is(p->verdict, "not") ||
		    span_is(p->state, "failed") || span_is(p->state, "timeout");
	}
	if (row < VAIN_ROW)
		return false;
	buf_printf(why, "the last %d on this component did not help",
	    VAIN_ROW);
	return true;
}

uint64_t
limit_recent(const struct entries *past, const struct entry *e, int64_t from)
{
	uint64_t n = 0;

	for (size_t i = 0; i < past->list.n; i++)
		n += same_target(&past->list.v[i], e) &&
		    past->list.v[i].at >= from;
	return n;
}
