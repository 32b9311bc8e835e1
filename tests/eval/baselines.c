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
#include "leak/bucket_edges.h"
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
 * third of all at least; its last quarter must climb at 0.3 of the whole; 50
 * MiB in the last hour by the line, and a tenth of the level.
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

static bool
above(const struct series *s, size_t hour, double size)
{
	return hour >= s->from && hour - s->from < s->n &&
	    s->u[hour - s->from] >= size;
}

/* The series [from, to) of one component, as they were known at an hour. */
struct crowd {
	const struct record *record;
	size_t from, to;
	size_t hours;
};

/* Nodes on which a process of the component uses that much in that hour. */
static size_t
crowd_nodes(const struct crowd *c, size_t hour, double size)
{
	struct span last = { NULL, 0 };
	size_t nodes = 0;

	for (size_t i = c->from; i < c->to; i++) {
		const struct series *s = &c->record->v[i];
		struct span node = s->instance->name[FLEET_NODE];

		if (above(s, hour, size) && !span_eq(node, last)) {
			nodes++;
			last = node;
		}
	}
	return nodes;
}

/* Names what uses that much in that hour. */
static void
crowd_name(const struct crowd *c, size_t hour, double size, bool *named)
{
	for (size_t i = c->from; i < c->to; i++)
		named[i] |= above(&c->record->v[i], hour, size);
}

struct method {
	const char *name;
	/* A series by itself; or a component, whose `named` it sets. */
	bool (*leaks)(const struct series *);
	bool (*crowd)(const struct method *, const struct crowd *, bool *named);
	double size;
	size_t nodes;
};

/* The paper's static policies: more than N nodes of a component over X. */
static bool
policy(const struct method *m, const struct crowd *c, bool *named)
{
	bool fired = false;

	for (size_t hour = 0; hour < c->hours; hour++)
		if (crowd_nodes(c, hour, m->size) > m->nodes) {
			crowd_name(c, hour, m->size, named);
			fired = true;
		}
	return fired;
}

/*
 * The bucketization pivot as printed (section 4.3.1): the first two thirds of
 * the record are the baseline of each bucket's count of nodes, and one count of
 * the last third more than three standard deviations over its mean is an alert.
 * It names what is then in the largest such bucket.  The threshold of severity
 * is left out, for its formula is not printed.
 */
static bool
pivot(const struct method *m, const struct crowd *c, bool *named)
{
	const size_t test = c->hours * 2 / 3;
	struct edges edges;
	bool fired = false;

	(void)m;
	if (test < 2 || edges_parse(&edges, "paper") != NULL)
		return false;
	for (size_t b = edges.n - 1; b > 0 && !fired; b--) {
		const double size = (double)edges.at[b];
		double mean = 0, sd = 0;

		for (size_t hour = 0; hour < test; hour++) {
			double n = (double)crowd_nodes(c, hour, size);

			mean += n / (double)test;
			sd += n * n / (double)test;
		}
		sd = sqrt(fmax(0, sd - mean * mean));
		for (size_t hour = test; hour < c->hours; hour++)
			if ((double)crowd_nodes(c, hour, size) >
			    mean + 3 * sd + 1e-9) {
				crowd_name(c, hour, size, named);
				fired = true;
			}
	}
	edges_free(&edges);
	return fired;
}

static const struct method methods[] = {
	{ .name = "least-squares", .leaks = least_squares },
	{ .name = "mann-kendall", .leaks = mann_kendall },
	{ .name = "precog", .leaks = precog },
	{ .name = "coroot", .leaks = coroot_now },
	{ .name = "coroot-10MB-a-day", .leaks = coroot_slow },
	{ .name = "resin-algorithm-1", .leaks = algorithm1 },
	{ .name = "resin-pivot-as-printed", .crowd = pivot },
	{ "static-500MB-40", NULL, policy, 500e6, 40 },
	{ "static-500MB-80", NULL, policy, 500e6, 80 },
	{ "static-1GB-40", NULL, policy, 1e9, 40 },
	{ "static-1GB-80", NULL, policy, 1e9, 80 },
};
enum { METHODS = sizeof(methods) / sizeof(methods[0]) };

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

/* Whether one of the component is named; `named`, by series, says which. */
static bool
judge(const struct method *m, const struct crowd *c, bool *named)
{
	bool any = false;

	if (m->crowd != NULL)
		return m->crowd(m, c, named);
	for (size_t i = c->from; i < c->to; i++) {
		struct series s = known(&c->record->v[i], c->hours);

		named[i] = s.n > 2 && m->leaks(&s);
		any |= named[i];
	}
	return any;
}

static void
apply(const struct method *m, const struct record *r, const char *directory,
    bool *named)
{
	FILE *f = create(directory, m->name);
	struct crowd c = { .record = r, .hours = r->hours };

	memset(named, 0, r->n * sizeof(*named));
	for (c.from = 0; c.from < r->n; c.from = c.to) {
		c.to = telemetry_component(r->fleet, c.from);
		judge(m, &c, named);
	}
	for (size_t i = 0; i < r->n; i++)
		if (named[i])
			put(f, r->v[i].instance);
	if (fclose(f) == EOF)
		err(2, "%s", directory);
}

/* As delay.sh: every twelve hours, then halves.  SIZE_MAX: never. */
static size_t
delay(const struct method *m, struct crowd *c, size_t due, bool *named)
{
	enum { STEP = 12 };
	size_t most = c->record->hours - 1 - due, low, high = 0;

	for (; c->hours = due + high + 1, !judge(m, c, named);
	    high = high + STEP < most ? high + STEP : most)
		if (high == most)
			return SIZE_MAX;
	for (low = high < STEP ? 0 : high - STEP; high - low > 1;) {
		size_t middle = low + (high - low) / 2;

		c->hours = due + middle + 1;
		if (judge(m, c, named))
			high = middle;
		else
			low = middle;
	}
	return high;
}

/* Finds the component; false if it is not in the record. */
static bool
find(struct crowd *c, const char *component)
{
	const struct record *r = c->record;

	for (c->from = 0; c->from < r->n; c->from = c->to) {
		struct span name = r->v[c->from]
				       .instance->name[FLEET_COMPONENT];

		c->to = telemetry_component(r->fleet, c->from);
		if (span_eq(name, span_of(component)))
			return true;
	}
	return false;
}

/* Each line of DUE, answered. */
static void
delays(const struct method *m, const struct record *r, const char *directory,
    const char *due, bool *named)
{
	char path[4096], component[256];
	long long when;
	FILE *in = fopen(due, "r"), *out;

	snprintf(path, sizeof(path), "%s/%s.delay", directory, m->name);
	if (in == NULL || (out = fopen(path, "w")) == NULL)
		err(2, "%s", in == NULL ? due : path);
	while (fscanf(in, "%255s %lld", component, &when) == 2) {
		struct crowd c = { .record = r };
		size_t from = (size_t)((when * WHEN_SECOND - r->first) /
		    WHEN_HOUR), hours;

		if (!find(&c, component) || from >= r->hours)
			errx(2, "%s: not in the record: %s", due, component);
		hours = delay(m, &c, from, named);
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
	bool *named;

	if (argc != 3 && argc != 4)
		errx(2, "usage: baselines TELEMETRY DIRECTORY [DUE]");
	telemetry_load(&f, argv[1]);
	make_record(&r, &f);
	named = mem_new(r.n + 1, sizeof(*named));
	for (size_t i = 0; i < METHODS; i++) {
		apply(&methods[i], &r, argv[2], named);
		if (argc == 4)
			delays(&methods[i], &r, argv[2], argv[3], named);
	}
	free(named);
	for (size_t k = 0; k < r.n; k++)
		free(r.v[k].u);
	free(r.v);
	fleet_free(&f);
	return 0;
}
