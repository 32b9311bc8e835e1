#include <math.h>
#include <string.h>

#include "gandalf/pairing.h"

struct pairing
pairing_at(const struct calls *c, size_t at)
{
	const struct calls_cell *first = &c->cell.v[at];
	size_t n = 1;

	while (at + n < c->cell.n && first[n].side == first->side &&
	    first[n].service == first->service &&
	    first[n].peer == first->peer)
		n++;
	return (struct pairing){ first, n };
}

struct pairing
pairing_find(const struct calls *c, enum calls_side side, uint32_t service,
    uint32_t peer)
{
	struct pairing p;

	for (size_t i = 0; i < c->cell.n; i += p.n) {
		p = pairing_at(c, i);
		if (p.cell->side == side && p.cell->service == service &&
		    p.cell->peer == peer)
			return p;
	}
	return (struct pairing){ NULL, 0 };
}

/* -1 before the change, 1 after; 0: the minute has some of both. */
static int
phase(const struct calls_cell *c, int64_t ts)
{
	return c->minute >= ts ? 1 : c->minute + CALLS_MINUTE <= ts ? -1 : 0;
}

/* Pods that were started anew may fail for so long. */
#define SETTLING (2 * CALLS_MINUTE)

/* The minutes before the change, those after, and of these the settled ones. */
struct sample {
	struct contrast_sum before, after, settled;
};

static void
sample_add(struct sample *s, const struct calls_cell *at, int64_t ts, double x,
    double weight)
{
	int when = phase(at, ts);

	if (when != 0)
		contrast_add(when > 0 ? &s->after : &s->before, x, weight);
	if (when > 0 && at->minute >= ts + SETTLING)
		contrast_add(&s->settled, x, weight);
}

/* A lasting fault shows better without the first minutes, a short one with. */
static struct contrast
sample_contrast(const struct sample *s)
{
	return contrast_stronger(contrast_of(&s->after, &s->before),
	    contrast_of(&s->settled, &s->before));
}

struct contrast
pairing_own(struct pairing p, int64_t ts)
{
	struct sample s = { 0 };

	for (size_t i = 0; i < p.n; i++)
		sample_add(&s, &p.cell[i], ts, p.cell[i].failed /
		    p.cell[i].weight, p.cell[i].weight);
	return sample_contrast(&s);
}

struct contrast
pairing_rest(struct pairing all, struct pairing part, int64_t ts)
{
	struct sample s = { 0 };
	size_t k = 0;

	for (size_t i = 0; i < all.n; i++) {
		const struct calls_cell *a = &all.cell[i];
		double weight = a->weight, failed = a->failed;

		while (k < part.n && part.cell[k].minute < a->minute)
			k++;
		if (k < part.n && part.cell[k].minute == a->minute) {
			if (a->rows <= part.cell[k].rows)
				continue;
			weight -= part.cell[k].weight;
			failed -= part.cell[k].failed;
		}
		if (weight > 0)
			sample_add(&s, a, ts, fmax(failed / weight, 0), weight);
	}
	return sample_contrast(&s);
}

/* Failures, or the logarithm of the latency, of one cell. */
static bool
measure(const struct calls_cell *c, enum pairing_what what, double *value)
{
	if (what == PAIRING_LATENCY && !(c->timed > 0))
		return false;
	*value = what == PAIRING_LATENCY ? log(c->latency / c->timed) :
	    c->failed / c->weight;
	return true;
}

/* Whether cells i and i + 1 are of one minute: old and new. */
static bool
is_pair(struct pairing p, size_t i)
{
	return i + 1 < p.n && p.cell[i].minute == p.cell[i + 1].minute;
}

struct contrast
pairing_control(struct pairing p, int64_t ts, enum pairing_what what)
{
	struct sample s = { 0 };

	for (size_t i = 0; i < p.n; i++) {
		const struct calls_cell *old = &p.cell[i], *new = old + 1;
		double a, b;

		/* A difference is as good as the two it is of. */
		if (is_pair(p, i) && measure(new, what, &a) &&
		    measure(old, what, &b))
			sample_add(&s, old, ts, a - b, old->weight *
			    new->weight / (old->weight + new->weight));
	}
	return sample_contrast(&s);
}

void
pairing_count(struct pairing p, int64_t ts, uint64_t *worse, uint64_t *better)
{
	for (size_t i = 0; i < p.n; i++)
		if (is_pair(p, i) && phase(&p.cell[i], ts) > 0) {
			double old = p.cell[i].failed / p.cell[i].weight;
			double new = p.cell[i + 1].failed /
			    p.cell[i + 1].weight;

			*worse += new > old;
			*better += new < old;
		}
}

/* The most answers in a minute before the change. */
static double
answers_due(struct pairing p, int64_t ts, bool fresh)
{
	double most = 0;

	for (size_t i = 0; i < p.n; i++)
		if (p.cell[i].fresh == fresh && phase(&p.cell[i], ts) < 0)
			most = fmax(most, p.cell[i].rows);
	return most;
}

struct contrast
pairing_silence(struct pairing p, int64_t ts)
{
	double due[2] = { answers_due(p, ts, false), answers_due(p, ts, true) };
	struct sample s = { 0 };

	if (due[0] == 0 || due[1] == 0)
		return sample_contrast(&s);
	for (size_t i = 0, n; i < p.n; i += n) {
		double heard[2] = { 0, 0 };

		n = is_pair(p, i) ? 2 : 1;
		for (size_t k = i; k < i + n; k++)
			heard[p.cell[k].fresh] = fmin(p.cell[k].rows /
			    due[p.cell[k].fresh], 1);
		sample_add(&s, &p.cell[i], ts, heard[0] - heard[1], 1);
	}
	return sample_contrast(&s);
}

void
pairing_means(struct pairing p, int64_t ts, double failed[2][2])
{
	double weight[2][2] = { { 0 } }, sum[2][2] = { { 0 } };

	for (size_t i = 0; i < p.n; i++) {
		const struct calls_cell *c = &p.cell[i];

		if (phase(c, ts) == 0)
			continue;
		weight[c->fresh][phase(c, ts) > 0] += c->weight;
		sum[c->fresh][phase(c, ts) > 0] += c->failed;
	}
	for (int i = 0; i < 4; i++)
		failed[i / 2][i % 2] = weight[i / 2][i % 2] > 0 ?
		    sum[i / 2][i % 2] / weight[i / 2][i % 2] : NAN;
}

double
pairing_slope(struct pairing y, struct pairing x)
{
	double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
	size_t k = 0;

	for (size_t i = 0; i < y.n; i++) {
		double a, b;

		while (k < x.n && x.cell[k].minute < y.cell[i].minute)
			k++;
		if (k == x.n || x.cell[k].minute != y.cell[i].minute)
			continue;
		a = x.cell[k].failed / x.cell[k].weight;
		b = y.cell[i].failed / y.cell[i].weight;
		n++;
		sx += a;
		sy += b;
		sxx += a * a;
		sxy += a * b;
	}
	sxx -= sx * sx / fmax(n, 1);
	sxy -= sx * sy / fmax(n, 1);
	return sxx > 0 ? sxy / sxx : 0;
}
