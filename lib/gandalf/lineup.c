#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "gandalf/lineup.h"

struct order {
	const struct calls *c;
	const struct culprit *x;
};

static int
by_score(const void *va, const void *vb, void *vo)
{
	size_t a = *(const size_t *)va, b = *(const size_t *)vb;
	const struct order *o = vo;

	if (o->x[a].score != o->x[b].score)
		return o->x[a].score > o->x[b].score ? -1 : 1;
	/* The same rank, but nearer to being worse than before. */
	if (o->x[a].control.effect != o->x[b].control.effect)
		return o->x[a].control.effect > o->x[b].control.effect ? -1 : 1;
	return span_cmp(o->c->name.key[o->c->change.v[a].service],
	    o->c->name.key[o->c->change.v[b].service]);
}

static const char *
reason_of(const struct culprit *x, size_t rank, bool tie)
{
	if (isnan(x->failed[1][1]) && isnan(x->failed[0][1]) &&
	    !(x->score > 0))
		return "no calls after the change";
	if (!(x->score > 0))
		return "no worse than before";
	return rank > 1 ? "runner-up" : tie ? "tie" : "blamed";
}

static void
write_contrast(struct contrast c, struct output *out)
{
	output_number(out, c.effect);
	output_number(out, contrast_z(c));
}

static void
write_numbers(const struct culprit *x, struct output *out)
{
	write_contrast(x->control, out);
	write_contrast(x->own, out);
	output_number(out, x->explained);
	write_contrast(x->outgoing, out);
	write_contrast(x->latency, out);
	write_contrast(x->silent, out);
	for (int i = 0; i < 4; i++)
		output_number(out, 1 - x->failed[1 - i / 2][1 - i % 2]);
	output_u64(out, x->pods[1]);
	output_u64(out, x->pods[0]);
	output_row(out);
}

static void
write_change(const struct calls *c, const struct calls_change *change,
    const struct culprit *x, size_t rank, bool tie, struct output *out)
{
	output_text(out, c->name.key[change->service]);
	output_text(out, c->name.key[change->version]);
	output_str(out, LINEUP_SIGNATURE);
	output_number(out, x->score);
	output_u64(out, x->worse);
	output_u64(out, x->better);
	output_none(out);
	output_none(out);
	if (x->score > 0)
		output_u64(out, rank);
	else
		output_none(out);
	output_str(out, reason_of(x, rank, tie));
	write_numbers(x, out);
}

bool
lineup_write(const struct calls *c, const struct culprit *x,
    struct output *out)
{
	size_t n = c->change.n, rank = 0;
	size_t *order = mem_new(n, sizeof(*order));
	bool found = false;

	for (size_t i = 0; i < n; i++)
		order[i] = i;
	qsort_r(order, n, sizeof(*order), by_score, &(struct order){ c, x });
	output_header(out, "component", "version", "signature", "score",
	    "votes", "veto", "spatial", "decay", "rank", "reason", "control",
	    "control_z", "own", "own_z", "explained", "outgoing", "outgoing_z",
	    "latency", "latency_z", "silent", "silent_z", "new_after",
	    "new_before", "old_after", "old_before", "pods_new", "pods_old",
	    NULL);
	for (size_t i = 0; i < n; i++) {
		double score = x[order[i]].score;
		bool as_before = i > 0 && x[order[i - 1]].score == score;
		bool as_next = i + 1 < n && x[order[i + 1]].score == score;

		if (!as_before)
			rank = i + 1;
		write_change(c, &c->change.v[order[i]], &x[order[i]], rank,
		    as_before || as_next, out);
		found |= score > 0;
	}
	free(order);
	return found;
}
