#include "heap/fingerprint.h"

#include <ctype.h>
#include <math.h>

#include "base/when.h"

#define VERSION_COST 8.0
#define OS_COST 4.0
#define CLUSTER_COST 2.0
#define MONTH (30 * WHEN_DAY)
#define DATE_MOST 4.0

static bool
part(struct span s, size_t i)
{
	unsigned char c = i < s.n ? (unsigned char)s.s[i] : '.';

	return c < 0x80 && !isalnum(c);
}

/* Leading parts in common: 5.10.3 and 5.10.4 have two. */
static int
parts(struct span a, struct span b)
{
	size_t i;
	int n = 0;

	for (i = 0; i < a.n && i < b.n && a.s[i] == b.s[i]; i++)
		n += i + 1 < a.n && part(a, i);
	return n + (i > 0 && part(a, i) && part(b, i) && !part(a, i - 1));
}

static void
say(struct buf *why, const char *name, struct span a, struct span b,
    double cost)
{
	buf_str(why, why->n > 0 ? ", " : "");
	buf_printf(why, "%s ", name);
	buf_span(why, b.n > 0 ? b : SPAN("unknown"));
	buf_str(why, " for ");
	buf_span(why, a);
	buf_printf(why, " (%.3g)", cost);
}

static double
date_cost(int64_t a, int64_t b, struct buf *why)
{
	double days, cost;

	if (a == WHEN_NEVER || b == WHEN_NEVER || a == b)
		return 0;
	days = fabs((double)a - (double)b) / (double)WHEN_DAY;
	cost = fmin(DATE_MOST, days * (double)WHEN_DAY / (double)MONTH);
	buf_str(why, why->n > 0 ? ", " : "");
	buf_printf(why, "%.3g days %s (%.3g)", days, b < a ? "older" :
	    "newer", cost);
	return cost;
}

double
fingerprint_distance(const struct fingerprint *asked,
    const struct fingerprint *reference, struct buf *why)
{
	static const struct {
		const char *name;
		int field;
		double cost;
	} rule[] = {
		{ "version", FP_VERSION, VERSION_COST },
		{ "os", FP_OS, OS_COST },
		{ "cluster", FP_CLUSTER, CLUSTER_COST },
	};
	double sum = 0, cost;
	size_t i;

	if (!span_eq(asked->field[FP_SERVICE], reference->field[FP_SERVICE]))
		return INFINITY;
	for (i = 0; i < sizeof(rule) / sizeof(*rule); i++) {
		struct span a = asked->field[rule[i].field],
			    b = reference->field[rule[i].field];

		if (a.n == 0 || span_eq(a, b))
			continue;
		cost = rule[i].cost;
		if (rule[i].field != FP_CLUSTER)
			cost = ldexp(cost, -parts(a, b));
		say(why, rule[i].name, a, b, cost);
		sum += cost;
	}
	sum += date_cost(asked->date, reference->date, why);
	if (why->n == 0)
		buf_str(why, "the same");
	return sum;
}
