#include "heap/rank.h"

#include <math.h>

#include "base/human.h"

static void
shape(const struct series *s, const struct rank_row *r, struct buf *b)
{
	buf_printf(b, "%s: ", growth_name(r->g.class));
	buf_bytes(b, r->g.gain);
	if (r->g.to > r->g.from)
		buf_printf(b, " in %zu of %zu intervals", r->g.to - r->g.from,
		    s->snap.n - 1);
	if (r->g.to > r->g.from && r->g.to + 1 < s->snap.n)
		buf_printf(b, ", none after snapshot %zu", r->g.to + 1);
}

static void
reference(const struct ranking *rank, const struct rank_row *r, struct buf *b)
{
	if (rank->nreference == 0) {
		buf_str(b, "; no reference: filling or leaking");
	} else if (r->reference <= 0) {
		buf_str(b, "; references do not grow");
	} else {
		buf_str(b, "; references grow ");
		buf_bytes(b, r->reference);
	}
}

static void
demotion(const struct rank_row *r, struct buf *b)
{
	if (r->too_large)
		buf_str(b, "; demoted: grew more than twice what the process "
		    "did");
	else if (r->g.class == GROWTH_STEP && r->tier > 0)
		buf_str(b, "; demoted: one rise only");
	else if (r->g.class == GROWTH_SATURATING)
		buf_str(b, "; demoted: levels off");
	else if (r->tier > 0)
		buf_str(b, "; demoted: gives back what it takes");
	if (r->score <= 0) {
		buf_str(b, "; not listed: chance explains ");
		buf_bytes(b, r->noise);
	}
}

void
rank_reason(const struct series *s, const struct ranking *rank,
    const struct rank_row *r, struct buf *b)
{
	shape(s, r, b);
	reference(rank, r, b);
	if (!isnan(r->share) && r->share > 0)
		buf_printf(b, "; %.0f %% of the growth", 100 * r->share);
	if (!isnan(r->survival))
		buf_printf(b, "; %.0f %% of what it allocated is still live",
		    100 * r->survival);
	if (r->members > 1)
		buf_printf(b, "; %s with %zu other%s", r->recursion ?
		    "of one recursion" : "in lockstep", r->members - 1,
		    r->members > 2 ? "s" : "");
	demotion(r, b);
}
