#include <stdlib.h>

#include "base/when.h"
#include "gandalf/surge.h"
#include "stat/holtwinters.h"

void
surge_free(struct surge *s)
{
	intern_free(&s->name);
	intern_free(&s->key_table);
	intern_free(&s->seen);
	intern_free(&s->hour_table);
	vec_free(&s->key);
	vec_free(&s->hour);
}

static uint32_t
find_key(struct surge *s, struct span source, struct span signature,
    struct span scope)
{
	uint32_t part[3] = { intern_id(&s->name, source),
		intern_id(&s->name, signature), intern_id(&s->name, scope) };
	uint32_t id = intern_id(&s->key_table,
	    (struct span){ (char *)part, sizeof(part) });

	if (id == s->key.n)
		vec_push(&s->key, (struct surge_key){ part[0], part[1],
		    part[2], WHEN_NEVER, WHEN_NEVER });
	return id;
}

static void
count(struct surge *s, uint32_t key, int64_t hour, uint64_t nodes)
{
	int64_t pair[2] = { key, hour };
	uint32_t id = intern_id(&s->hour_table,
	    (struct span){ (char *)pair, sizeof(pair) });

	if (id == s->hour.n)
		vec_push(&s->hour, (struct surge_hour){ key, hour, 0 });
	s->hour.v[id].nodes += nodes;
}

static int64_t
hour_of(int64_t ts)
{
	return when_floor(ts, WHEN_HOUR) / WHEN_HOUR;
}

void
surge_add(struct surge *s, int64_t ts, struct span source,
    struct span signature, struct span scope, struct span node)
{
	uint32_t key = find_key(s, source, signature, scope);
	int64_t sight[3] = { key, hour_of(ts), intern_id(&s->name, node) };
	size_t before = s->seen.n;

	intern_id(&s->seen, (struct span){ (char *)sight, sizeof(sight) });
	if (s->seen.n > before)
		count(s, key, sight[1], 1);
}

void
surge_merge(struct surge *s, int64_t hour, struct span source,
    struct span signature, struct span scope, uint64_t nodes)
{
	count(s, find_key(s, source, signature, scope), hour_of(hour), nodes);
}

static int
by_key(const void *va, const void *vb, void *vs)
{
	const struct surge_hour *a = va, *b = vb;
	const struct surge *s = vs;
	const struct surge_key *ka = &s->key.v[a->key], *kb = &s->key.v[b->key];
	const struct span *name = s->name.key;
	int c;

	if (a->key != b->key) {
		if ((c = span_cmp(name[ka->source], name[kb->source])) != 0 ||
		    (c = span_cmp(name[ka->signature],
		    name[kb->signature])) != 0)
			return c;
		return span_cmp(name[ka->scope], name[kb->scope]);
	}
	return (a->hour > b->hour) - (a->hour < b->hour);
}

void
surge_sort(struct surge *s)
{
	if (s->hour.n > 0)
		qsort_r(s->hour.v, s->hour.n, sizeof(*s->hour.v), by_key, s);
}

struct course {
	const struct surge_rule *rule;
	int64_t from, until;	/* of the feed, hours */
	void (*each)(void *, const struct surge_point *);
	void *arg;
};

/*
 * One signature's hours: from the beginning of the feed, but no earlier than
 * the history wanted before the first hour that is looked at, and with every
 * hour in between that had none.
 */
static void
follow(const struct course *c, const struct surge_hour *h, size_t n)
{
	struct holtwinters w = { 0 };
	int64_t known = c->rule->known / WHEN_HOUR, seen = INT64_MIN;
	size_t k = 0;

	for (int64_t hour = c->from; hour <= c->until; hour++) {
		struct surge_point p = { .key = h->key, .hour = hour };
		/* Monday 00:00 and midnight are the seasons' origin. */
		size_t season = (size_t)((hour + 72) % HW_WEEK + HW_WEEK);

		while (k < n && h[k].hour < hour)
			k++;
		p.nodes = k < n && h[k].hour == hour ? (double)h[k].nodes : 0;
		holtwinters_forecast(&w, season, &p.forecast, &p.deviation);
		p.fresh = p.nodes > 0 && hour - known >= c->from &&
		    (seen == INT64_MIN || hour - seen > known);
		p.anomaly = w.n >= 2 * HW_DAY && p.nodes >= c->rule->least &&
		    p.nodes - p.forecast > c->rule->sigma * p.deviation;
		if (p.nodes > 0) {
			c->each(c->arg, &p);
			seen = hour;
		}
		holtwinters_learn(&w, season, p.nodes);
	}
}

void
surge_run(struct surge *s, const struct surge_rule *rule, int64_t from,
    int64_t until, void (*each)(void *, const struct surge_point *), void *arg)
{
	struct course c = { rule, hour_of(from), hour_of(until), each, arg };

	if (c.until - c.from > rule->history / WHEN_HOUR)
		c.from = c.until - rule->history / WHEN_HOUR;
	surge_sort(s);
	for (size_t i = 0, n; i < s->hour.n; i += n) {
		for (n = 1; i + n < s->hour.n; n++)
			if (s->hour.v[i + n].key != s->hour.v[i].key)
				break;
		follow(&c, &s->hour.v[i], n);
	}
}
