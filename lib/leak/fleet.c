#include <math.h>
#include <stdlib.h>

#include "base/when.h"
#include "leak/fleet.h"
#include "stat/robust.h"

void
fleet_init(struct fleet *f, size_t nattribute)
{
	*f = (struct fleet){ .nattribute = nattribute, .first = INT64_MAX,
		.last = INT64_MIN, .recent = FLEET_UNKNOWN };
}

void
fleet_free(struct fleet *f)
{
	for (size_t i = 0; i < f->instance.n; i++) {
		vec_free(&f->instance.v[i].sample);
		free(f->instance.v[i].attribute);
	}
	vec_free(&f->instance);
	intern_free(&f->component);
	intern_free(&f->key);
	intern_free(&f->text);
	buf_free(&f->scratch);
}

/* The key is 8 bytes of start, then the names joined by TAB. */
static struct span
join_key(struct fleet *f, const struct span name[FLEET_NAMES], int64_t start)
{
	f->scratch.n = 0;
	buf_add(&f->scratch, &start, sizeof(start));
	for (size_t i = 0; i < FLEET_NAMES; i++) {
		if (i > 0)
			buf_char(&f->scratch, '\t');
		buf_span(&f->scratch, name[i]);
	}
	return buf_view(&f->scratch);
}

static void
split_key(struct span key, struct span name[FLEET_NAMES])
{
	key.s += sizeof(int64_t);
	key.n -= sizeof(int64_t);
	for (size_t i = 0; i < FLEET_NAMES; i++) {
		const char *tab = memchr(key.s, '\t', key.n);
		size_t n = tab != NULL ? (size_t)(tab - key.s) : key.n;

		name[i] = (struct span){ key.s, n };
		if (tab != NULL)
			key = (struct span){ tab + 1, key.n - n - 1 };
	}
}

static bool
is_recent(const struct fleet *f, const struct span name[FLEET_NAMES],
    int64_t start)
{
	const struct instance *it;

	if (f->recent == FLEET_UNKNOWN)
		return false;
	it = &f->instance.v[f->recent];
	for (size_t k = FLEET_NAMES; k-- > 0;)
		if (!span_eq(it->name[k], name[k]))
			return false;
	return it->start == start;
}

static void
add_instance(struct fleet *f, uint32_t id, int64_t start)
{
	struct instance it = { .start = start };

	split_key(f->key.key[id], it.name);
	it.component = intern_id(&f->component, it.name[0]);
	it.attribute = mem_new(f->nattribute + 1, sizeof(*it.attribute));
	for (size_t a = 0; a < f->nattribute; a++)
		it.attribute[a] = INTERN_NONE;
	vec_push(&f->instance, it);
}

size_t
fleet_find(struct fleet *f, const struct span name[FLEET_NAMES], int64_t start)
{
	uint32_t id;

	if (is_recent(f, name, start))
		return f->recent;
	id = intern_id(&f->key, join_key(f, name, start));
	if (id == f->instance.n)
		add_instance(f, id, start);
	return f->recent = id;
}

size_t
fleet_known(struct fleet *f, const struct span name[FLEET_NAMES], int64_t start)
{
	uint32_t id;

	if (is_recent(f, name, start))
		return f->recent;
	id = intern_find(&f->key, join_key(f, name, start));
	return id == INTERN_NONE ? FLEET_UNKNOWN : (f->recent = id);
}

void
fleet_sample(struct fleet *f, size_t instance, int64_t ts, double usage)
{
	struct instance *it = &f->instance.v[instance];

	vec_push(&it->sample, (struct sample){ ts, usage });
	if (ts < f->first)
		f->first = ts;
	if (ts > f->last)
		f->last = ts;
}

void
fleet_attribute(struct fleet *f, size_t instance, size_t i, struct span value)
{
	f->instance.v[instance].attribute[i] = intern_id(&f->text, value);
}

static int
by_name(const void *a, const void *b)
{
	const struct instance *x = a, *y = b;

	for (size_t k = 0; k < FLEET_NAMES; k++) {
		int c = span_cmp(x->name[k], y->name[k]);

		if (c != 0)
			return c;
	}
	return (x->start > y->start) - (x->start < y->start);
}

static int
by_time(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;

	if (x->ts != y->ts)
		return x->ts < y->ts ? -1 : 1;
	return (x->usage > y->usage) - (x->usage < y->usage);
}

static void
sort_samples(struct instance *it)
{
	for (size_t i = 1; i < it->sample.n; i++)
		if (by_time(&it->sample.v[i - 1], &it->sample.v[i]) > 0) {
			qsort(it->sample.v, it->sample.n,
			    sizeof(*it->sample.v), by_time);
			return;
		}
}

void
fleet_order(struct fleet *f)
{
	for (size_t i = 0; i < f->instance.n; i++)
		sort_samples(&f->instance.v[i]);
}

void
fleet_sort(struct fleet *f)
{
	f->recent = FLEET_UNKNOWN;
	if (f->instance.n > 0)
		qsort(f->instance.v, f->instance.n, sizeof(*f->instance.v),
		    by_name);
	fleet_order(f);
}

/* The median distance of consecutive samples: the sampling interval. */
static double
interval(const struct fleet *f)
{
	enum { ENOUGH = 10000 };
	double *gap = mem_new(ENOUGH, sizeof(*gap)), median;
	size_t n = 0;

	for (size_t i = 0; i < f->instance.n && n < ENOUGH; i++) {
		const struct instance *it = &f->instance.v[i];

		for (size_t k = 1; k < it->sample.n && n < ENOUGH; k++)
			if (it->sample.v[k].ts > it->sample.v[k - 1].ts)
				gap[n++] = (double)it->sample.v[k].ts -
				    (double)it->sample.v[k - 1].ts;
	}
	median = n > 0 ? robust_median(gap, n) : 0;
	free(gap);
	return median;
}

int64_t
fleet_width(const struct fleet *f)
{
	static const int64_t round[] = { 3600, 1800, 900, 600, 300, 120, 60, 30,
		15, 10, 5, 2, 1 };
	enum { WINDOWS = 120, LAST = sizeof(round) / sizeof(round[0]) - 1 };
	double span = (double)f->last - (double)f->first;
	double fine = interval(f) * 0.9;
	size_t i = 0;

	while (i < LAST && span / (double)(round[i] * WHEN_SECOND) < WINDOWS &&
	    (double)(round[i + 1] * WHEN_SECOND) >= fine)
		i++;
	return round[i] * WHEN_SECOND;
}

void
fleet_series(const struct instance *it, int64_t first, int64_t width,
    double *out, size_t n)
{
	VEC(double) one = { 0 };
	size_t k = 0;

	while (k < it->sample.n && it->sample.v[k].ts < first)
		k++;
	for (size_t w = 0; w < n; w++) {
		int64_t end = first + (int64_t)(w + 1) * width;

		one.n = 0;
		for (; k < it->sample.n && it->sample.v[k].ts < end; k++)
			vec_push(&one, it->sample.v[k].usage);
		out[w] = robust_median(one.v, one.n);
	}
	vec_free(&one);
}
