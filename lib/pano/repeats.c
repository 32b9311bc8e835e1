#include <math.h>

#include "pano/repeats.h"

static void
add(struct buf *b, struct span s)
{
	buf_add(b, &s.n, sizeof(s.n));
	buf_span(b, s);
}

bool
repeats_keep(struct repeats *m, const struct event *e)
{
	int whole = isnan(e->score) || fabs(e->score) > 1e9 ? -1 :
	    (int)e->score;
	uint32_t i;

	if (m->within == 0)
		return true;
	m->scratch.n = 0;
	add(&m->scratch, e->observer);
	add(&m->scratch, e->subject);
	add(&m->scratch, e->context);
	buf_add(&m->scratch, &e->status, sizeof(e->status));
	buf_add(&m->scratch, &whole, sizeof(whole));
	i = intern_id(&m->what, buf_view(&m->scratch));
	if (i == m->last.n) {
		vec_push(&m->last, e->ts);
		return true;
	}
	if (e->ts >= m->last.v[i] && e->ts - m->last.v[i] < m->within)
		return false;
	m->last.v[i] = e->ts;
	return true;
}

void
repeats_free(struct repeats *m)
{
	intern_free(&m->what);
	vec_free(&m->last);
	buf_free(&m->scratch);
}
