/*
 * baselines - what others do, on the same telemetry, for comparison.
 *
 *	baselines TELEMETRY DIRECTORY
 *
 * Writes DIRECTORY/METHOD.tsv, suspects by each method.  Windows are hours, the
 * median of each.  Where a method needs a number that it does not give, it gets
 * one in its favour, and that stands here.
 */
#include <err.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/when.h"
#include "leak/fleet_input.h"
#include "stat/robust.h"
#include "stat/trend.h"

struct series {
	const struct instance *instance;
	double *u;	/* n hours, without a gap before its first and last */
	size_t n;
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

	fprintf(f, "%.*s\t%.*s\t%.*s\t%lld\n", (int)c->n, c->s, (int)n->n, n->s,
	    (int)p->n, p->s, (long long)(it->start / WHEN_SECOND));
}

/* The newest level of each process counts, one a node. */
static void
apply_policy(const struct policy *p, const struct series *s, size_t n,
    const char *directory)
{
	FILE *f = create(directory, p->name);

	for (size_t from = 0, to; from < n; from = to) {
		struct span last = { NULL, 0 };
		size_t nodes = 0;

		for (to = from; to < n && s[to].instance->component ==
		    s[from].instance->component; to++) {
			struct span node = s[to].instance->name[FLEET_NODE];

			if (middle(s[to].u + s[to].n - 1, 1) > p->size &&
			    !span_eq(node, last)) {
				nodes++;
				last = node;
			}
		}
		for (size_t i = from; nodes > p->nodes && i < to; i++)
			if (s[i].u[s[i].n - 1] > p->size)
				put(f, s[i].instance);
	}
	fclose(f);
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

static struct series *
load(struct fleet *f, const char *path)
{
	static const struct input_options options;
	char *file = (char *)(uintptr_t)path;
	struct input in;
	struct series *s;
	double *u;
	size_t n;
	int64_t first;

	fleet_init(f, 0);
	input_open(&in, &options, &file, 1, fleet_columns, FLEET_COLUMNS);
	while (input_next(&in))
		fleet_input_row(&in, f, false);
	if (input_why(&in) != NULL)
		errx(2, "%s", input_why(&in));
	input_close(&in);
	fleet_sort(f);
	s = mem_new(f->instance.n + 1, sizeof(*s));
	first = when_floor(f->first, WHEN_HOUR);
	n = (size_t)((f->last - first) / WHEN_HOUR) + 1;
	u = mem_new(n, sizeof(*u));
	for (size_t i = 0; i < f->instance.n; i++) {
		size_t from = 0, to = n;

		fleet_series(&f->instance.v[i], first, WHEN_HOUR, u, n);
		while (from < to && isnan(u[from]))
			from++;
		while (to > from && isnan(u[to - 1]))
			to--;
		s[i] = (struct series){ &f->instance.v[i],
			mem_new(to - from + 1, sizeof(*u)), to - from };
		memcpy(s[i].u, u + from, (to - from) * sizeof(*u));
	}
	free(u);
	return s;
}

int
main(int argc, char **argv)
{
	struct fleet f;
	struct series *s;

	if (argc != 3)
		errx(2, "usage: baselines TELEMETRY DIRECTORY");
	s = load(&f, argv[1]);
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		FILE *out = create(argv[2], methods[i].name);

		for (size_t k = 0; k < f.instance.n; k++)
			if (methods[i].leaks(&s[k]))
				put(out, s[k].instance);
		if (fclose(out) == EOF)
			err(2, "%s", argv[2]);
	}
	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++)
		apply_policy(&policies[i], s, f.instance.n, argv[2]);
	for (size_t k = 0; k < f.instance.n; k++)
		free(s[k].u);
	free(s);
	fleet_free(&f);
	return 0;
}
