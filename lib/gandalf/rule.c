#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/when.h"
#include "gandalf/rule.h"

/* The layer's holds. */
#define VETO_UNSET (-1)

const struct rule rule_default = { .score = {
	.veto = VETO_UNSET,
	.spatial = 0.5,
	.power = 2,
	.rate_power = 0.5,
	.age_power = 1,
	.follow = 0.5,
	.a = 0.5,
	.b = 0.5,
	.span = 30,
	.unit = WHEN_DAY,
} };

/* Members that are numbers, and their ranges. */
static const struct number {
	const char *name;
	size_t at;
	double low, high;
	const char *range;
} numbers[] = {
#define AT(member) offsetof(struct score_rule, member)
	{ "log-base", AT(log_base), 1.0001, 1e9, "not between 1.0001 and 1e9" },
	{ "spatial", AT(spatial), 0, 1, "not between 0 and 1" },
	{ "spatial-power", AT(power), 0, 100, "not between 0 and 100" },
	{ "rate-power", AT(rate_power), 0, 100, "not between 0 and 100" },
	{ "age-power", AT(age_power), 0, 100, "not between 0 and 100" },
	{ "follow", AT(follow), 0, 1, "not between 0 and 1" },
	{ "decay-end", AT(a), 0, 1e9, "not between 0 and 1e9" },
	{ "decay-gain", AT(b), 0, 1e9, "not between 0 and 1e9" },
	{ "decay-span", AT(span), 1.0001, 1e9, "not between 1.0001 and 1e9" },
#undef AT
};

/* And those that are durations. */
static const struct duration {
	const char *name;
	size_t at;
	bool zero;	/* may be 0 */
} durations[] = {
	{ "veto", offsetof(struct score_rule, veto), true },
	{ "skew", offsetof(struct score_rule, skew), true },
	{ "decay-unit", offsetof(struct score_rule, unit), false },
};

static const struct number *
find_number(const char *name)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (strcmp(numbers[i].name, name) == 0)
			return &numbers[i];
	return NULL;
}

static const struct duration *
find_duration(const char *name)
{
	for (size_t i = 0; i < sizeof(durations) / sizeof(*durations); i++)
		if (strcmp(durations[i].name, name) == 0)
			return &durations[i];
	return NULL;
}

/* The next of a list with commas into `item`; NULL at the end of the list. */
static const char *
next_item(const char *list, char *item, size_t cap, const char **bad)
{
	size_t n = strcspn(list, ",");

	*bad = NULL;
	if (n == 0)
		*bad = "empty";
	else if (n >= cap)
		*bad = "too long";
	else {
		memcpy(item, list, n);
		item[n] = '\0';
	}
	return list[n] == ',' ? list + n + 1 : NULL;
}

/* "1h,24h,72h,next", ascending; all weigh 1. */
static const char *
windows(struct score_rule *r, const char *list)
{
	char item[32];
	const char *bad;
	int64_t before = 0, w;

	for (r->nwindow = 0; list != NULL; r->nwindow++) {
		list = next_item(list, item, sizeof(item), &bad);
		if (bad != NULL)
			return bad;
		if (r->nwindow == SCORE_WINDOWS)
			return "more than 8 windows";
		if (strcmp(item, "next") == 0)
			w = SCORE_NEXT;
		else if ((bad = num_duration(item, &w)) != NULL)
			return bad;
		if (w <= before)
			return "windows must be positive and ascending";
		r->window[r->nwindow] = before = w;
		r->weight[r->nwindow] = 1;
	}
	return NULL;
}

static const char *
weights(double weight[], const char *list, size_t *count)
{
	char item[32];
	const char *bad;

	for (*count = 0; list != NULL; (*count)++) {
		list = next_item(list, item, sizeof(item), &bad);
		if (bad != NULL)
			return bad;
		if (*count == SCORE_WINDOWS)
			return "more than 8 weights";
		bad = num_parse(span_of(item), &weight[*count]);
		if (bad != NULL)
			return bad;
	}
	return NULL;
}

bool
rule_has(const char *name)
{
	return find_number(name) != NULL || find_duration(name) != NULL ||
	    strcmp(name, "windows") == 0 || strcmp(name, "weights") == 0 ||
	    strcmp(name, "segments") == 0;
}

static const char *
set_number(struct score_rule *r, const struct number *n, const char *arg)
{
	double *v = (double *)((char *)r + n->at);
	const char *bad = num_parse(span_of(arg), v);

	if (bad != NULL)
		return bad;
	return *v < n->low || *v > n->high ? n->range : NULL;
}

static const char *
set_duration(struct score_rule *r, const struct duration *d, const char *arg)
{
	int64_t *v = (int64_t *)((char *)r + d->at);
	const char *bad = num_duration(arg, v);

	if (bad != NULL)
		return bad;
	return *v == 0 && !d->zero ? "not positive" : NULL;
}

const char *
rule_set(struct rule *r, const char *name, const char *arg)
{
	const struct number *n = find_number(name);
	const struct duration *d = find_duration(name);

	if (n != NULL)
		return set_number(&r->score, n, arg);
	if (d != NULL)
		return set_duration(&r->score, d, arg);
	if (strcmp(name, "windows") == 0)
		return windows(&r->score, arg);
	if (strcmp(name, "weights") == 0) {
		r->weights = arg;
		return weights(r->weight, arg, &r->nweight);
	}
	r->score.segments = true;
	return NULL;
}

const char *
rule_finish(struct rule *r, const struct score_rule *layer)
{
	struct score_rule *s = &r->score;

	if (s->nwindow == 0) {
		s->nwindow = layer->nwindow;
		memcpy(s->window, layer->window, sizeof(s->window));
		memcpy(s->weight, layer->weight, sizeof(s->weight));
	}
	if (s->veto == VETO_UNSET)
		s->veto = layer->veto;
	if (r->nweight > 0 && r->nweight != s->nwindow) {
		snprintf(r->why, sizeof(r->why), "'%.64s': %zu for %zu windows",
		    r->weights, r->nweight, s->nwindow);
		return r->why;
	}
	if (r->nweight > 0)
		memcpy(s->weight, r->weight, sizeof(s->weight));
	return NULL;
}
