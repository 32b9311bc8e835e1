#include "act/undrain.h"
#include "base/when.h"

/* Is it not known yet what came of it? */
static bool
open_deed(const struct deed *d, int64_t now)
{
	return span_is(d->state, "intent") || (span_is(d->verdict, "pending") &&
	    (d->until == WHEN_NEVER || now < d->until));
}

/* The drain that nothing has undone, of a node's deeds from the oldest. */
static const struct deed *
still_drained(const struct deed *d, size_t n, int64_t now)
{
	const struct deed *drain = NULL;

	for (size_t i = 0; i < n; i++) {
		if (open_deed(&d[i], now))
			return NULL;
		if (!span_is(d[i].state, "done"))
			continue;
		if (span_is(d[i].action, "drain"))
			drain = &d[i];
		else if (span_is(d[i].action, "undrain"))
			drain = NULL;
	}
	return drain;
}

static bool
allowed(const struct tree *t, const struct deed *d, size_t *line)
{
	const struct field own[] = {
		{ SPAN("node"), d->node }, { SPAN("target"), d->node },
		{ SPAN("leak"), d->leak }, { SPAN("component"), d->component },
		{ SPAN("cluster"), d->cluster },
		{ SPAN("service"), d->service },
	};
	const struct node *node = nodes_find(t->nodes, d->node);
	const struct fields row = { own, sizeof(own) / sizeof(*own),
	    node == NULL ? NULL : &node->fields };
	struct buf why = { 0 };
	bool yes = rules_allowed(t->rules, SPAN("undrain"), &row, line, &why);

	buf_free(&why);
	return yes;
}

void
undrain_find(struct undrains *u, const struct tree *t,
    const struct intern *busy)
{
	const struct deed *all = t->deeds->list.v, *drain;
	size_t n;

	for (size_t i = 0; i < t->deeds->list.n; i += n) {
		struct undrain back = { 0 };

		(void)deeds_of(t->deeds, all[i].node, &n);
		drain = still_drained(all + i, n, t->now);
		if (drain == NULL || (busy->n > 0 &&
		    intern_find(busy, drain->node) != INTERN_NONE) ||
		    !allowed(t, drain, &back.line))
			continue;
		back.drain = *drain;
		vec_push(&u->list, back);
	}
}
