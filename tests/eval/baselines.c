/*
 * baselines - what others do, on the same telemetry, for comparison.
 *
 *	baselines TELEMETRY DIRECTORY [DUE]
 *
 * Writes DIRECTORY/METHOD.tsv, suspects by each method.  Windows are hours, the
 * median of each.  Where a method needs a number that it does not give, it gets
 * one in its favour, and that stands here.
 *
 * DUE has lines of a component and a time, as delay.sh writes them.  With it
 * DIRECTORY/METHOD.delay says how many hours later the method first named the
 * component, had it been run then.
 */
#include <err.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/when.h"
#include "stat/robust.h"
#include "stat/trend.h"
#include "telemetry.h"

struct series {
	const struct instance *instance;
	double *u;	/* n hours, without a gap before its first and last */
	size_t n;
	size_t from;	/* hours from the beginning of the record to u[0] */
};

/* All series, numbered as the fleet's instances: by component, then node. */
struct record {
	const struct fleet *fleet;
	struct series *v;
	size_t n;
	size_t hours;
	int64_t first;	/* when they begin */
};

/* A trend that is certain and harmless is not a leak to anyone. */
static const double LEAST = 0.10;	/* growth, of the first level */
static const double CERTAIN = 3.29;	/* t or z: p = 0.001 */

static double
middle(const double *v, size_t n)
{
	double *scratch = mem_new(n + 1, sizeof(*scratch)), m;

	m = robust_middle(v, n, scratch);
	free(scratch);
	return m;
}

/* predict_linear() and deriv() as alert rules use them, with a t-test. */
static bool
least_squares(const struct series *s)
{
	struct trend t;

	return trend_fit(s->u, s->n, &t) && s->n >= 12 && t.t > CERTAIN &&
	    t.slope * (double)s->n > LEAST * t.level;
}

/* Six-hourly medians, so that O(n^2) does not hurt. */
static bool
mann_kendall(const struct series *s)
{
	enum { STEP = 6 };
	size_t n = s->n / STEP;
	double *v = mem_new(n + 1, sizeof(*v));
	struct trend_rank t;
	bool leaks;

	for (size_t i = 0; i < n; i++)
		v[i] = middle(s->u + i * STEP, STEP);
	leaks = trend_rank(v, n, &t) && n >= 4 && t.z > CERTAIN &&
	    t.slope * (double)n > LEAST * middle(v, n / 4 + 1);
	free(v);
	return leaks;
}

/*
 * Precog (Jindal et al. 2021): from each change point, modified z of the first
 * difference over 3.5, to the end: a line with R2 > 0.8 that meets the limit
 * within seven days, and at least six hours long; with the filter that the last
 * level must reach the highest seen.  The limit, which these series do not
 * have, is four times the first level.
 */
static bool
precog(const struct series *s)
{
	double *d = mem_new(s->n + 1, sizeof(*d)), m, spread, high;
	double limit = 4 * middle(s->u, s->n / 8 + 1);
	bool leaks = false;
	size_t last = s->n;

	for (size_t i = 1; i < s->n; i++)
		d[i - 1] = fabs(s->u[i] - s->u[i - 1]);
	m = middle(d, s->n - 1);
	for (size_t i = 0; i + 1 < s->n; i++)
		d[i] -= m;
	spread = 0;
	{
		double *a = mem_new(s->n + 1, sizeof(*a));
		size_t k = robust_present(d, s->n - 1, a);

		spread = robust_spread(a, k, 0);
		k = robust_present(s->u, s->n, a);
		high = robust_quantile(a, k, 0.95);
		free(a);
	}
	for (size_t i = s->n - 1; i-- > 0 && !leaks;) {
		struct trend t;
		double now;

		if (i > 0 && !(d[i - 1] / spread > 3.5 && i + 6 <= last))
			continue;
		last = i;
		if (s->n - i < 6 || !trend_fit(s->u + i, s->n - i, &t))
			continue;
		now = t.level + t.slope * (double)(s->n - i);
		leaks = t.slope > 0 && t.r2 > 0.8 && now >= 0.95 * high &&
		    (limit - now) / t.slope <= 168;
	}
	free(d);
	return leaks;
}

/*
 * Coroot's rule: the longest stretch without a fall by half, ten points and a
 * third of all at least; its last quarter must climb at 0.3 of the whole; 50 MiB
 * in the last hour by the line, and a tenth of the level.
 */
static bool
coroot(const struct series *s, bool hourly)
{
	size_t from = 0, best = 0, most = 0, q;
	struct trend all, end;

	for (size_t i = 1; i <= s->n; i++)
		if (i == s->n || s->u[i] < 0.5 * s->u[i - 1]) {
			if (i - from > most) {
				most = i - from;
				best = from;
			}
			from = i;
		}
	q = most / 4;
	if (most < 10 || most < s->n / 3 ||
	    !trend_fit(s->u + best, most, &all) ||
	    !trend_fit(s->u + best + most - q, q, &end))
		return false;
	if (!(all.slope > 0 && end.slope > 0.3 * all.slope))
		return false;
	/* Its first version: 10 MB an hour; else a tenth of a day's worth. */
	return hourly ? all.slope > 50 * 1048576.0 &&
	    all.slope > 0.1 * all.level : all.slope > 1e7 / 24 &&
	    all.slope * (double)most > LEAST * all.level;
}

/*
 * RESIN's Algorithm 1, its eps read as the share of rising steps in the current
 * interval after a grace of 12 hours, 0.5; as printed it never fires.  A leak:
 * the interval holds for two days and gained LEAST.
 */
static bool
algorithm1(const struct series *s)
{
	double *d = mem_new(s->n + 1, sizeof(*d)), mean = 0, sd = 0, k = 0;
	size_t t0 = 0, rising = 0;
	bool leaks;

	for (size_t i = 1; i < s->n; i++) {
		d[i] = s->u[i] - s->u[i - 1];
		if (isnan(d[i]))
			continue;
		mean += d[i];
		sd += d[i] * d[i];
		k++;
	}
	mean /= fmax(k, 1);
	sd = sqrt(fmax(0, sd / fmax(k, 1) - mean * mean));
	for (size_t i = 1; i < s->n; i++) {
		if (isnan(d[i]))
			continue;
		if (fabs(d[i] - mean) > 3 * sd || s->u[i] < s->u[t0] ||
		    (i - t0 > 12 && (double)rising < 0.5 * (double)(i - t0))) {
			t0 = i;
			rising = 0;
		} else
			rising += d[i] > 0 ? 1 : 0;
	}
	leaks = s->n - t0 > 48 &&
	    s->u[s->n - 1] - s->u[t0] > LEAST * s->u[t0];
	free(d);
	return leaks;
}

/* The paper's static policies: more than N nodes of a component over X. */
static const struct policy {
	const char *name;
	double size;
	size_t nodes;
} policies[] = {
	{ "static-500MB-40", 500e6, 40 }, { "static-500MB-80", 500e6, 80 },
	{ "static-1GB-40", 1e9, 40 }, { "static-1GB-80", 1e9, 80 },
};

static FILE *
create(const char *directory, const char *method)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.tsv", directory, method);
	if ((f = fopen(path, "w")) == NULL)
		err(2, "%s", path);
	fputs("component\tnode\tpid\tstart\n", f);
	return f;
}

static void
put(FILE *f, const struct instance *it)
{
	const struct span *c = &it->name[FLEET_COMPONENT];
	const struct span *n = &it->name[FLEET_NODE];
	const struct span *p = &it->name[FLEET_PID];

	fprintf(f, "%.*s\t%.*s\t%.*s\t", (int)c->n, c->s, (int)n->n, n->s,
	    (int)p->n, p->s);
	if (it->start != WHEN_NEVER)
		fprintf(f, "%lld", (long long)(it->start / WHEN_SECOND));
	fputc('\n', f);
}

static bool
coroot_now(const struct series *s)
{
	return coroot(s, true);
}

static bool
coroot_slow(const struct series *s)
{
	return coroot(s, false);
}

static const struct method {
	const char *name;
	bool (*leaks)(const struct series *);
} methods[] = {
	{ "least-squares", least_squares }, { "mann-kendall", mann_kendall },
	{ "precog", precog }, { "coroot", coroot_now },
	{ "coroot-10MB-a-day", coroot_slow }, { "resin-algorithm-1", algorithm1 },
};

/* What was known of a series by that hour; its end is a value. */
static struct series
known(const struct series *s, size_t hours)
{
	struct series v = *s;

	v.n = hours <= s->from ? 0 :
	    hours - s->from < s->n ? hours - s->from : s->n;
	while (v.n > 0 && isnan(v.u[v.n - 1]))
		v.n--;
	return v;
}

static bool
above(const struct series *s, size_t hour, double size)
{
	return hour >= s->from && hour - s->from < s->n &&
	    s->u[hour - s->from] > size;
}

/* Whether a policy fires on series [from, to) in that hour. */
static bool
fires(const struct record *r, const struct policy *p, size_t from, size_t to,
    size_t hour)
{
	struct span last = { NULL, 0 };
	size_t nodes = 0;

	for (size_t i = from; i < to; i++) {
		struct span node = r->v[i].instance->name[FLEET_NODE];

		if (above(&r->v[i], hour, p->size) && !span_eq(node, last)) {
			nodes++;
			last = node;
		}
	}
	return nodes > p->nodes;
}

/* All that is above the size in an hour in which the policy fires. */
static void
apply_policy(const struct record *r, const struct policy *p,
    const char *directory)
{
	FILE *f = create(directory, p->name);
	bool *named = mem_new(r->n + 1, sizeof(*named));

	for (size_t from = 0, to; from < r->n; from = to) {
		to = telemetry_component(r->fleet, from);
		for (size_t hour = 0; hour < r->hours; hour++)
			if (fires(r, p, from, to, hour))
				for (size_t i = from; i < to; i++)
					named[i] |= above(&r->v[i], hour,
					    p->size);
	}
	for (size_t i = 0; i < r->n; i++)
		if (named[i])
			put(f, r->v[i].instance);
	free(named);
	if (fclose(f) == EOF)
		err(2, "%s", directory);
}

static void
apply_method(const struct record *r, const struct method *m,
    const char *directory)
{
	FILE *f = create(directory, m->name);

	for (size_t i = 0; i < r->n; i++)
		if (m->leaks(&r->v[i]))
			put(f, r->v[i].instance);
	if (fclose(f) == EOF)
		err(2, "%s", directory);
}

/* A component whose leak has become due, and the judgement by one method. */
struct question {
	const struct record *record;
	size_t from, to;	/* its series */
	size_t due;		/* hour */
	const struct method *method;
	const struct policy *policy;	/* if no method */
};

/* Whether the component would have been named `delay` hours later. */
static bool
named(const struct question *q, size_t delay)
{
	const struct record *r = q->record;
	size_t hours = q->due + delay + 1;

	for (size_t h = 0; q->policy != NULL && h < hours; h++)
		if (fires(r, q->policy, q->from, q->to, h))
			return true;
	for (size_t i = q->from; q->method != NULL && i < q->to; i++) {
		struct series s = known(&r->v[i], hours);

		if (s.n > 2 && q->method->leaks(&s))
			return true;
	}
	return false;
}

/* As delay.sh: every twelve hours, then halves.  SIZE_MAX: never. */
static size_t
delay(const struct question *q)
{
	enum { STEP = 12 };
	size_t most = q->record->hours - 1 - q->due, low, high = 0;

	while (!named(q, high)) {
		if (high == most)
			return SIZE_MAX;
		high = high + STEP < most ? high + STEP : most;
	}
	for (low = high < STEP ? 0 : high - STEP; high - low > 1;) {
		size_t middle = low + (high - low) / 2;

		if (named(q, middle))
			high = middle;
		else
			low = middle;
	}
	return high;
}

/* Asks about each line of DUE; false if the component is not in the record. */
static bool
ask(struct question *q, const char *component, int64_t due)
{
	const struct record *r = q->record;

	for (q->from = 0; q->from < r->n; q->from = q->to) {
		struct span name = r->v[q->from].instance->name[FLEET_COMPONENT];

		q->to = telemetry_component(r->fleet, q->from);
		if (span_eq(name, span_of(component)))
			break;
	}
	q->due = (size_t)((due * WHEN_SECOND - r->first) / WHEN_HOUR);
	return q->from < r->n && q->due < r->hours;
}

static void
delays(const struct record *r, const char *directory, const char *due,
    const char *name, const struct method *m, const struct policy *p)
{
	char path[4096], component[256];
	long long when;
	FILE *in = fopen(due, "r"), *out;

	snprintf(path, sizeof(path), "%s/%s.delay", directory, name);
	if (in == NULL || (out = fopen(path, "w")) == NULL)
		err(2, "%s", in == NULL ? due : path);
	while (fscanf(in, "%255s %lld", component, &when) == 2) {
		struct question q = { .record = r, .method = m, .policy = p };
		size_t hours;

		if (!ask(&q, component, when))
			errx(2, "%s: no such component: %s", due, component);
		hours = delay(&q);
		if (hours == SIZE_MAX)
			fprintf(out, "%s\tnever\n", component);
		else
			fprintf(out, "%s\t%zu\n", component, hours);
	}
	fclose(in);
	if (fclose(out) == EOF)
		err(2, "%s", path);
}

static void
make_record(struct record *r, const struct fleet *f)
{
	double *u;

	r->fleet = f;
	r->first = when_floor(f->first, WHEN_HOUR);
	r->hours = (size_t)((f->last - r->first) / WHEN_HOUR) + 1;
	r->n = f->instance.n;
	r->v = mem_new(r->n + 1, sizeof(*r->v));
	u = mem_new(r->hours, sizeof(*u));
	for (size_t i = 0; i < r->n; i++) {
		size_t from = 0, to = r->hours;

		fleet_series(&f->instance.v[i], r->first, WHEN_HOUR, u, to);
		while (from < to && isnan(u[from]))
			from++;
		while (to > from && isnan(u[to - 1]))
			to--;
		r->v[i] = (struct series){ &f->instance.v[i],
			mem_new(to - from + 1, sizeof(*u)), to - from, from };
		memcpy(r->v[i].u, u + from, (to - from) * sizeof(*u));
	}
	free(u);
}

int
main(int argc, char **argv)
{
	struct fleet f;
	struct record r;

	if (argc != 3 && argc != 4)
		errx(2, "usage: baselines TELEMETRY DIRECTORY [DUE]");
	telemetry_load(&f, argv[1]);
	make_record(&r, &f);
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		apply_method(&r, &methods[i], argv[2]);
		if (argc == 4)
			delays(&r, argv[2], argv[3], methods[i].name,
			    &methods[i], NULL);
	}
	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		apply_policy(&r, &policies[i], argv[2]);
		if (argc == 4)
			delays(&r, argv[2], argv[3], policies[i].name, NULL,
			    &policies[i]);
	}
	for (size_t k = 0; k < r.n; k++)
		free(r.v[k].u);
	free(r.v);
	fleet_free(&f);
	return 0;
}
