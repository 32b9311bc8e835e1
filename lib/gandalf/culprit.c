#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "gandalf/culprit.h"

/* A request makes at most so many calls to one service: what a failing call
 * can explain. */
#define CALLS_MOST 4

/*
 * The weights of the weaker comparisons.  Own counts fully where no old pods
 * are left to compare with, and less where there are: then it says only that
 * the service fails, not that the change made it; so do outgoing calls, whose
 * other end may be at fault.  Half of all new pods silent weigh as much as one
 * failure in 200, doubled latency as one in 150.
 */
#define OWN_WEIGHT 0.3
#define OUTGOING_WEIGHT 0.2
#define SILENT_WEIGHT 0.1
#define LATENCY_WEIGHT 0.12

struct work {
	const struct calls *c;
	struct culprit *culprit;	/* of each change */
	double *suspect; /* of each name: how likely a change makes it fail */
};

static void
strongest(struct contrast *most, struct contrast c)
{
	*most = contrast_stronger(*most, c);
}

/* Pods of a changed service, by caller or callee. */
static void
compare_pods(struct culprit *x, struct pairing p, int64_t ts)
{
	strongest(&x->control, pairing_control(p, ts, PAIRING_FAILED));
	strongest(&x->latency, pairing_control(p, ts, PAIRING_LATENCY));
	if (p.cell->side == CALLS_IN && p.cell->peer != CALLS_ALL)
		return;
	strongest(&x->silent, pairing_silence(p, ts));
	if (p.cell->side == CALLS_IN) {
		pairing_count(p, ts, &x->worse, &x->better);
		pairing_means(p, ts, x->failed);
	}
}

static void
compare_all_pods(struct work *w)
{
	const struct calls *c = w->c;
	struct pairing p;

	for (size_t i = 0; i < c->cell.n; i += p.n) {
		struct calls_change *change;

		p = pairing_at(c, i);
		change = calls_find(c, p.cell->service);
		if (change == NULL)
			continue;
		if (p.cell->side != CALLS_PAIR)
			compare_pods(&w->culprit[change - c->change.v], p,
			    change->ts);
		else if (p.cell->peer == CALLS_ALL)
			w->culprit[change - c->change.v].own =
			    pairing_own(p, change->ts);
	}
}

static int64_t
first_change(const struct calls *c)
{
	int64_t first = INT64_MAX;

	for (size_t i = 0; i < c->change.n; i++)
		if (c->change.v[i].ts < first)
			first = c->change.v[i].ts;
	return first;
}

/*
 * A changed service that fails more is suspect, and so is one whose calls to a
 * suspect fail more, as far as both are likely.  Likelihoods only rise, and
 * only to one of the finitely many there are: the rounds end.
 */
static void
find_suspects(struct work *w)
{
	const struct calls *c = w->c;
	int64_t ts = first_change(c);
	bool more = true;
	struct pairing p;

	for (size_t i = 0; i < c->change.n; i++)
		w->suspect[c->change.v[i].service] =
		    fmax(contrast_sure(w->culprit[i].own),
		    contrast_sure(w->culprit[i].control));
	while (more) {
		more = false;
		for (size_t i = 0; i < c->cell.n; i += p.n) {
			double *from, *to, sure;

			p = pairing_at(c, i);
			if (p.cell->side != CALLS_PAIR ||
			    p.cell->peer == CALLS_ALL)
				continue;
			from = &w->suspect[p.cell->service];
			to = &w->suspect[p.cell->peer];
			if (*from <= *to)
				continue;
			sure = fmin(*from, contrast_sure(pairing_own(p, ts)));
			if (sure > *to) {
				*to = sure;
				more = true;
			}
		}
	}
}

/* What is left of calls to a callee when others' are taken off. */
static struct contrast
blame_caller(const struct work *w, struct pairing p, int64_t ts)
{
	const struct calls *c = w->c;
	const struct calls_change *callee = calls_find(c, p.cell->service);
	struct contrast mine = pairing_own(p, ts), rest;

	rest = pairing_rest(pairing_find(c, CALLS_PAIR, p.cell->service,
	    CALLS_ALL), p, ts);
	if (callee != NULL)
		mine = contrast_less(mine,
		    w->culprit[callee - c->change.v].control);
	/* Nobody else calls it: then its own change, or another, is nearer. */
	if (rest.error == 0)
		mine.effect *= 1 - w->suspect[p.cell->service];
	return contrast_less(mine, rest);
}

/* The calls that a changed service makes. */
static void
follow_calls(struct work *w, size_t k)
{
	const struct calls *c = w->c;
	const struct calls_change *change = &c->change.v[k];
	struct culprit *x = &w->culprit[k];
	struct pairing p, own = pairing_find(c, CALLS_PAIR, change->service,
	    CALLS_ALL);

	for (size_t i = 0; i < c->cell.n; i += p.n) {
		double slope;

		p = pairing_at(c, i);
		if (p.cell->side != CALLS_PAIR ||
		    p.cell->peer != change->service ||
		    p.cell->service == change->service)
			continue;
		strongest(&x->outgoing, blame_caller(w, p, change->ts));
		slope = fmin(fmax(pairing_slope(own, p), 0), CALLS_MOST);
		x->explained = fmax(x->explained, w->suspect[p.cell->service] *
		    slope * pairing_own(p, change->ts).effect);
	}
}

static void
count_pods(struct work *w)
{
	const struct calls *c = w->c;

	for (size_t i = 0; i < c->pod.n; i++) {
		struct calls_change *change = calls_find(c,
		    c->pod.v[i].service);

		if (change != NULL)
			w->culprit[change - c->change.v].pods
			    [c->pod.v[i].fresh]++;
	}
}

static double
score_of(const struct culprit *x)
{
	bool control = x->control.error > 0;
	struct contrast own = x->own;

	own.effect -= x->explained;
	return contrast_strength(x->control) +
	    (control ? OWN_WEIGHT : 1) * contrast_strength(own) +
	    OUTGOING_WEIGHT * contrast_strength(x->outgoing) +
	    SILENT_WEIGHT * contrast_strength(x->silent) +
	    LATENCY_WEIGHT * tanh(contrast_strength(x->latency));
}

struct culprit *
culprit_judge(struct calls *c)
{
	struct work w = { .c = c };

	w.culprit = mem_new(c->change.n, sizeof(*w.culprit));
	w.suspect = mem_new(c->name.n, sizeof(*w.suspect));
	for (size_t k = 0; k < c->change.n; k++)
		for (int i = 0; i < 4; i++)
			w.culprit[k].failed[i / 2][i % 2] = NAN;
	calls_sort(c);
	compare_all_pods(&w);
	find_suspects(&w);
	for (size_t k = 0; k < c->change.n; k++) {
		follow_calls(&w, k);
		w.culprit[k].score = score_of(&w.culprit[k]);
	}
	count_pods(&w);
	free(w.suspect);
	return w.culprit;
}
