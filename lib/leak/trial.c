#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/when.h"
#include "leak/trial.h"

double
trial_hours(const struct trial *t)
{
	return t->context.width / 3600;
}

void
trial_open(struct trial *t, const struct instance *it, const struct grid *d)
{
	size_t end = d->n;

	*t = (struct trial){ .instance = it, .warmup = NAN };
	fleet_series(it, d->first, d->width, d->u, d->n);
	while (t->at < end && isnan(d->u[t->at]))
		t->at++;
	while (end > t->at && isnan(d->u[end - 1]))
		end--;
	t->n = end - t->at;
	t->u = mem_new(t->n + 1, sizeof(*t->u));
	memcpy(t->u, d->u + t->at, t->n * sizeof(*t->u));
	t->context = (struct growth_context){
		.width = when_seconds(d->width), .record = d->record,
		.age = it->start == WHEN_NEVER ? NAN :
		    (when_seconds(d->first + (int64_t)t->at * d->width) -
			when_seconds(it->start)) / 3600,
		.named = it->name[FLEET_PID].n > 0 || it->start != WHEN_NEVER,
	};
}

void
trial_free(struct trial *t)
{
	free(t->u);
	t->u = NULL;
}

static bool
same_host(const struct trial *a, const struct trial *b)
{
	return span_eq(a->instance->name[FLEET_NODE],
	    b->instance->name[FLEET_NODE]) &&
	    span_eq(a->instance->name[FLEET_CLUSTER],
	    b->instance->name[FLEET_CLUSTER]);
}

size_t
trial_host_end(const struct trial *t, size_t n, size_t from)
{
	size_t to = from;

	while (to < n && same_host(&t[from], &t[to]))
		to++;
	return to;
}
