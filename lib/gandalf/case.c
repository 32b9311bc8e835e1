#include <math.h>
#include <stdlib.h>

#include "base/when.h"
#include "gandalf/case.h"

const char *const feature_name[FEATURES] = {
	"rate", "nodes", "clusters", "nodes_per_cluster", "customers", "score",
	"spatial",
};

const struct input_column case_columns[CASE_COLUMNS] = {
	[CASE_COMPONENT] = { "component", 0 },
	[CASE_VERSION] = { "version", 0 },
	[CASE_SIGNATURE] = { "signature", 0 },
	[CASE_SCORE] = { "score", 0 },
	[CASE_VOTES] = { "votes", 0 },
	[CASE_VETO] = { "veto", 0 },
	[CASE_SPATIAL] = { "spatial", 0 },
	[CASE_RANK] = { "rank", 0 },
	[CASE_REASON] = { "reason", 0 },
	[CASE_SOURCE] = { "source", INPUT_OPTIONAL },
	[CASE_PIVOT] = { "pivot", INPUT_OPTIONAL },
	[CASE_DEPLOYED] = { "deployed", INPUT_OPTIONAL },
	[CASE_DEPLOYED_CLUSTERS] = { "deployed_clusters", INPUT_OPTIONAL },
	[CASE_RIVAL] = { "rival", INPUT_OPTIONAL },
	[CASE_HIT] = { "hit", INPUT_OPTIONAL },
	[CASE_CHANCE] = { "chance", INPUT_OPTIONAL },
	[CASE_BURST] = { "burst", INPUT_OPTIONAL },
	[CASE_CLUSTERS] = { "clusters", INPUT_OPTIONAL },
	[CASE_CUSTOMERS] = { "customers", INPUT_OPTIONAL },
	[CASE_START] = { "start", INPUT_OPTIONAL },
	[CASE_SINCE] = { "since", INPUT_OPTIONAL },
	[CASE_FEED_START] = { "feed_start", INPUT_OPTIONAL },
	[CASE_FEED_END] = { "feed_end", INPUT_OPTIONAL },
};

enum feature
feature_find(struct span name)
{
	enum feature f = 0;

	while (f < FEATURES && !span_is(name, feature_name[f]))
		f++;
	return f;
}

static struct gcase *
find_case(struct cases *c, struct input *in)
{
	uint32_t key[3], id;

	key[0] = intern_id(&c->name, input_text(in, CASE_COMPONENT));
	key[1] = intern_id(&c->name, input_text(in, CASE_VERSION));
	key[2] = intern_id(&c->name, input_text(in, CASE_PIVOT));
	id = intern_id(&c->key, (struct span){ (char *)key, sizeof(key) });
	if (id == c->gcase.n)
		vec_push(&c->gcase, (struct gcase){ .component = key[0],
		    .version = key[1], .pivot = key[2], .start = WHEN_NEVER,
		    .feed_start = WHEN_NEVER, .feed_end = WHEN_NEVER });
	return &c->gcase.v[id];
}

/* A missing number of nodes deployed to makes the rate one of those seen. */
static void
set_counts(struct evidence *e, double deployed)
{
	double excess = fmax(e->votes - e->veto, 0);

	e->feature[FEATURE_NODES] = excess;
	e->feature[FEATURE_RATE] = deployed > 0 ?
	    fmin(100 * excess / deployed, 100) : excess > 0 ? 100 : 0;
	e->feature[FEATURE_PER_CLUSTER] = excess /
	    fmax(e->feature[FEATURE_CLUSTERS], 1);
}

static void
fill_features(struct evidence *e, struct input *in, double deployed)
{
	e->feature[FEATURE_CLUSTERS] = input_number_or(in, CASE_CLUSTERS, 0);
	e->feature[FEATURE_CUSTOMERS] = input_number_or(in, CASE_CUSTOMERS, 0);
	e->feature[FEATURE_SCORE] = e->score;
	e->feature[FEATURE_SPATIAL] = input_number_or(in, CASE_SPATIAL, 0);
	set_counts(e, deployed);
}

/*
 * A rival so near may as well be the one: evidence grows with the nodes, and
 * n of them tell ratios r of scores apart for which n log(1/r) is 6 or more;
 * but little is always something, and nothing tells apart what is within a
 * tenth.
 */
#define RIVAL_EVIDENCE 6.0
#define RIVAL_FAR 0.55
#define RIVAL_NEAR 0.9

static double
nearness(double nodes)
{
	double r = exp(-RIVAL_EVIDENCE / fmax(nodes, 1));

	return fmin(fmax(r, RIVAL_FAR), RIVAL_NEAR);
}

void
cases_add(struct cases *c, struct input *in)
{
	struct evidence e = {
		.score = input_number_or(in, CASE_SCORE, 0),
		.votes = input_number_or(in, CASE_VOTES, 0),
		.veto = input_number_or(in, CASE_VETO, 0),
		.hit = input_number_or(in, CASE_HIT, 0),
		.chance = input_number_or(in, CASE_CHANCE, NAN),
		.burst = input_number_or(in, CASE_BURST, NAN),
		.since = input_time_or(in, CASE_SINCE, WHEN_NEVER),
		.ranked = input_has(in, CASE_RANK),
		.tie = span_is(input_text(in, CASE_REASON), "tie"),
	};
	double deployed = input_number_or(in, CASE_DEPLOYED, 0);
	double clusters = input_number_or(in, CASE_DEPLOYED_CLUSTERS, 0);
	int64_t start = input_time_or(in, CASE_START, WHEN_NEVER);
	int64_t feed_start = input_time_or(in, CASE_FEED_START, WHEN_NEVER);
	int64_t feed_end = input_time_or(in, CASE_FEED_END, WHEN_NEVER);
	double rival, near;
	struct gcase *g;

	(void)input_key(in, CASE_COMPONENT);
	rival = input_number_or(in, CASE_RIVAL, 0);
	near = nearness(e.hit);
	e.contested = rival >= near && rival * near <= 1;
	e.blamed = e.ranked && (e.contested || input_u64(in, CASE_RANK) == 1);
	fill_features(&e, in, deployed);
	if (input_bad(in))
		return;
	g = find_case(c, in);
	g->deployed = fmax(g->deployed, deployed);
	g->clusters = fmax(g->clusters, clusters);
	if (start != WHEN_NEVER && (g->start == WHEN_NEVER || start < g->start))
		g->start = start;
	if (feed_start != WHEN_NEVER)
		g->feed_start = feed_start;
	if (feed_end != WHEN_NEVER && (g->feed_end == WHEN_NEVER ||
	    feed_end > g->feed_end))
		g->feed_end = feed_end;
	if (!input_has(in, CASE_SIGNATURE))
		return;
	e.source = intern_id(&c->name, input_text(in, CASE_SOURCE));
	e.signature = intern_id(&c->name, input_text(in, CASE_SIGNATURE));
	vec_push(&g->evidence, e);
}

static int
text_order(const struct cases *c, uint32_t a, uint32_t b)
{
	return a == b ? 0 : span_cmp(c->name.key[a], c->name.key[b]);
}

static int
by_text(const void *va, const void *vb, void *vc)
{
	const struct evidence *a = va, *b = vb;
	int c = text_order(vc, a->source, b->source);

	return c != 0 ? c : text_order(vc, a->signature, b->signature);
}

static int
by_name(const void *va, const void *vb, void *vc)
{
	const struct gcase *a = va, *b = vb;
	int c = text_order(vc, a->component, b->component);

	if (c == 0)
		c = text_order(vc, a->version, b->version);
	return c != 0 ? c : text_order(vc, a->pivot, b->pivot);
}

static uint32_t
release_of(struct cases *c, const struct gcase *g)
{
	uint32_t key[2] = { g->component, g->version };
	uint32_t id = intern_id(&c->release_key,
	    (struct span){ (char *)key, sizeof(key) });

	if (id == c->release.n)
		vec_push(&c->release, (struct grelease){ 0 });
	return id;
}

static uint32_t
whole_of(struct cases *c, uint32_t release, const struct evidence *e)
{
	uint32_t key[3] = { release, e->source, e->signature };
	uint32_t id = intern_id(&c->whole_key,
	    (struct span){ (char *)key, sizeof(key) });

	if (id == c->whole.n) {
		struct evidence none = *e;

		none.votes = none.veto = none.score = 0;
		for (int f = 0; f < FEATURES; f++)
			none.feature[f] = 0;
		vec_push(&c->whole, none);
	}
	return id;
}

/* Of disjoint sets of nodes: counts add up, the rest is of the release. */
static void
add_up(struct evidence *whole, const struct evidence *e,
    const struct grelease *r)
{
	double *f = whole->feature;

	whole->votes += e->votes;
	whole->veto += e->veto;
	whole->score = fmax(whole->score, e->score);
	f[FEATURE_CLUSTERS] += e->feature[FEATURE_CLUSTERS];
	f[FEATURE_CUSTOMERS] += e->feature[FEATURE_CUSTOMERS];
	f[FEATURE_SPATIAL] = e->feature[FEATURE_SPATIAL];
	f[FEATURE_SCORE] = whole->score;
	set_counts(whole, r->deployed);
}

static void
sum_releases(struct cases *c)
{
	for (size_t i = 0; i < c->gcase.n; i++) {
		struct gcase *g = &c->gcase.v[i];
		struct grelease *r;

		g->release = release_of(c, g);
		r = &c->release.v[g->release];
		r->deployed += g->deployed;
		r->clusters += g->clusters;
		r->pivots++;
	}
	for (size_t i = 0; i < c->gcase.n; i++) {
		struct gcase *g = &c->gcase.v[i];

		for (size_t k = 0; k < g->evidence.n; k++) {
			struct evidence *e = &g->evidence.v[k];

			e->whole = whole_of(c, g->release, e);
			add_up(&c->whole.v[e->whole], e,
			    &c->release.v[g->release]);
		}
	}
}

void
cases_finish(struct cases *c)
{
	for (size_t i = 0; i < c->gcase.n; i++) {
		struct gcase *g = &c->gcase.v[i];

		if (g->evidence.n > 0)
			qsort_r(g->evidence.v, g->evidence.n,
			    sizeof(*g->evidence.v), by_text, c);
	}
	if (c->gcase.n > 0)
		qsort_r(c->gcase.v, c->gcase.n, sizeof(*c->gcase.v), by_name,
		    c);
	sum_releases(c);
}

void
cases_free(struct cases *c)
{
	for (size_t i = 0; i < c->gcase.n; i++)
		vec_free(&c->gcase.v[i].evidence);
	vec_free(&c->gcase);
	intern_free(&c->name);
	intern_free(&c->key);
	vec_free(&c->release);
	vec_free(&c->whole);
	intern_free(&c->release_key);
	intern_free(&c->whole_key);
}

void
feature_scale(const double f[FEATURES], double x[FEATURES])
{
	for (int i = 0; i < FEATURES; i++)
		x[i] = i == FEATURE_SPATIAL ? f[i] : log1p(fmax(f[i], 0));
}
