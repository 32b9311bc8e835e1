#include <stdlib.h>

#include "base/when.h"
#include "gandalf/spread.h"

struct query {
	uint32_t signature, spread;
	int64_t from, to;
};

struct fenwick {
	uint32_t *sum;
	size_t n;
};

static void
fenwick_add(struct fenwick *f, size_t at)
{
	for (at++; at <= f->n; at += at & -at)
		f->sum[at]++;
}

/* How many were added before `at`. */
static uint64_t
fenwick_below(const struct fenwick *f, size_t at)
{
	uint64_t sum = 0;

	for (; at > 0; at -= at & -at)
		sum += f->sum[at];
	return sum;
}

static int
by_before(const void *va, const void *vb)
{
	const struct event_fault *a = va, *b = vb;

	return (a->value > b->value) - (a->value < b->value);
}

static int
by_from(const void *va, const void *vb)
{
	const struct query *a = va, *b = vb;

	if (a->signature != b->signature)
		return a->signature < b->signature ? -1 : 1;
	return (a->from > b->from) - (a->from < b->from);
}

static int
by_time(const void *va, const void *vb)
{
	const int64_t *a = va, *b = vb;

	return (*a > *b) - (*a < *b);
}

static size_t
rank_of(const int64_t *ts, size_t n, int64_t t)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (ts[mid] < t)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void
link_before(struct event_fault *f, size_t n)
{
	for (size_t i = n; i-- > 0;)
		f[i].value = i > 0 && f[i - 1].node == f[i].node &&
		    f[i - 1].signature == f[i].signature ?
		    f[i - 1].ts : INT64_MIN;
}

/* One signature: n faults by predecessor, nq queries by `from`. */
static void
answer(struct tally *t, const struct event_fault *f, size_t n,
    const struct query *q, size_t nq)
{
	int64_t *ts = mem_new(n, sizeof(*ts));
	struct fenwick tree = { mem_new(n + 1, sizeof(uint32_t)), n };
	size_t added = 0;

	for (size_t i = 0; i < n; i++)
		ts[i] = f[i].ts;
	qsort(ts, n, sizeof(*ts), by_time);
	for (size_t i = 0; i < nq; i++) {
		while (added < n && f[added].value < q[i].from)
			fenwick_add(&tree, rank_of(ts, n, f[added++].ts));
		t->spread.v[q[i].spread].seen =
		    fenwick_below(&tree, q[i].to == INT64_MAX ? n :
		    rank_of(ts, n, q[i].to + 1)) -
		    fenwick_below(&tree, rank_of(ts, n, q[i].from));
	}
	free(ts);
	free(tree.sum);
}

static struct query *
make_queries(const struct tally *t, const struct score_rule *rule)
{
	struct query *q = mem_new(t->spread.n, sizeof(*q));
	int64_t reach = score_reach(rule);

	for (uint32_t i = 0; i < t->spread.n; i++) {
		const struct tally_spread *s = &t->spread.v[i];
		const struct tally_release *r = &t->release.v[s->release];

		q[i] = (struct query){ s->signature, i, r->start, INT64_MAX };
		(void)__builtin_sub_overflow(r->start, rule->skew, &q[i].from);
		if (reach > 0 &&
		    __builtin_add_overflow(r->last, reach, &q[i].to))
			q[i].to = INT64_MAX;
	}
	if (t->spread.n > 0)
		qsort(q, t->spread.n, sizeof(*q), by_from);
	return q;
}

void
spread_count(struct events *e, const struct score_rule *rule)
{
	struct tally *t = &e->tally;
	struct query *q = make_queries(t, rule);
	struct event_fault *f;
	size_t *at, n, nq;

	link_before(e->fault.v, e->fault.n);
	at = events_by_signature(e);
	for (size_t i = 0; i < t->spread.n; i += nq) {
		for (nq = 1; i + nq < t->spread.n; nq++)
			if (q[i + nq].signature != q[i].signature)
				break;
		f = e->fault.v + at[q[i].signature];
		n = at[q[i].signature + 1] - at[q[i].signature];
		if (n > 1)
			qsort(f, n, sizeof(*f), by_before);
		if (n > 0)
			answer(t, f, n, q + i, nq);
	}
	free(at);
	free(q);
}
