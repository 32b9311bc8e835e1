#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/when.h"
#include "gandalf/gate.h"

const char *const outcome_name[OUTCOMES] = {
	"good", "new-fault", "no-data", "investigate", "no-go",
};

const struct input_column limit_columns[LIMIT_COLUMNS] = {
	{ "source", 0 }, { "metric", 0 }, { "no_go", 0 },
	{ "investigate", INPUT_OPTIONAL },
};

const struct input_column model_columns[MODEL_COLUMNS] = {
	{ "component", 0 }, { "source", 0 }, { "feature", 0 },
	{ "mean_good", 0 }, { "mean_bad", 0 }, { "weight", 0 },
};

/*
 * Without a file of thresholds: one node in a hundred (see limit_or_default).
 */
static const struct limit limit_default = {
	{ "*", 1 }, FEATURE_RATE, 1, 0.25
};

const struct gate gate_default = {
	.min_nodes = 3, .sigma = 2, .chance = 0.01, .no_go = 0.5,
	.investigate = 0.2, .bake = WHEN_HOUR, .known = 30 * WHEN_DAY,
};

enum outcome
outcome_find(struct span name)
{
	enum outcome o = 0;

	while (o < OUTCOMES && !span_is(name, outcome_name[o]))
		o++;
	return o;
}

void
gate_free(struct gate *p)
{
	vec_free(&p->limit);
	vec_free(&p->model);
	intern_free(&p->name);
}

struct span
gate_keep(struct gate *p, struct span text)
{
	uint32_t id = intern_id(&p->name, text);

	return p->name.key[id];
}

void
gate_add_limit(struct gate *p, struct input *in)
{
	struct span source = input_key(in, LIMIT_SOURCE);
	struct limit l = { .feature = feature_find(input_text(in,
	    LIMIT_METRIC)) };

	l.no_go = input_number(in, LIMIT_NO_GO);
	l.investigate = input_number_or(in, LIMIT_INVESTIGATE, l.no_go / 4);
	if (l.feature == FEATURES)
		input_fault(in, LIMIT_METRIC, "no such metric");
	if (l.investigate > l.no_go)
		input_fault(in, LIMIT_INVESTIGATE, "above no_go");
	if (input_bad(in))
		return;
	l.source = gate_keep(p, source);
	vec_push(&p->limit, l);
}

static struct model *
find_model(struct gate *p, struct span component, struct span source)
{
	for (size_t i = 0; i < p->model.n; i++)
		if (span_eq(p->model.v[i].component, component) &&
		    span_eq(p->model.v[i].source, source))
			return &p->model.v[i];
	vec_push(&p->model, (struct model){ gate_keep(p, component),
	    gate_keep(p, source), { .dim = FEATURES } });
	return &p->model.v[p->model.n - 1];
}

void
gate_add_model(struct gate *p, struct input *in)
{
	struct span component = input_key(in, MODEL_COMPONENT);
	struct span source = input_key(in, MODEL_SOURCE);
	struct span feature = input_key(in, MODEL_FEATURE);
	enum feature f = feature_find(feature);
	double good = input_number_or(in, MODEL_GOOD, 0);
	double bad = input_number_or(in, MODEL_BAD, 0);
	double weight = input_number(in, MODEL_WEIGHT);
	struct gaussian *g;

	if (f == FEATURES && !span_is(feature, "bias"))
		input_fault(in, MODEL_FEATURE, "no such feature");
	if (input_bad(in))
		return;
	g = &find_model(p, component, source)->gaussian;
	if (f == FEATURES) {
		g->bias = weight;
		return;
	}
	g->mean[0][f] = good;
	g->mean[1][f] = bad;
	g->weight[f] = weight;
}

void
gate_write_models(const struct gate *p, struct output *out)
{
	output_header(out, "component", "source", "feature", "mean_good",
	    "mean_bad", "weight", NULL);
	for (size_t i = 0; i < p->model.n; i++) {
		const struct model *m = &p->model.v[i];

		for (size_t f = 0; f <= FEATURES; f++) {
			output_text(out, m->component);
			output_text(out, m->source);
			if (f == FEATURES) {
				output_str(out, "bias");
				output_none(out);
				output_none(out);
				output_number(out, m->gaussian.bias);
			} else {
				output_str(out, feature_name[f]);
				output_number(out, m->gaussian.mean[0][f]);
				output_number(out, m->gaussian.mean[1][f]);
				output_number(out, m->gaussian.weight[f]);
			}
			output_row(out);
		}
	}
}

static void
say(struct judgement *j, const char *what, double value, const char *relation,
    double threshold)
{
	char a[NUM_MAX], b[NUM_MAX];

	a[num_print(a, value)] = '\0';
	b[num_print(b, threshold)] = '\0';
	snprintf(j->reason, sizeof(j->reason), "%s %s %s %s", what, a,
	    relation, b);
	j->value = value;
	j->threshold = threshold;
}

/*
 * What nodes fail by themselves of takes some a while longer than others: by
 * half its mean if it is a matter of chance, and hardly ever by less than this.
 */
#define BURST 0.1

/* So many nodes in one of so many clusters: the cluster's fault. */
enum { CLUSTER_NODES = 5, CLUSTER_LEAST = 3 };

/*
 * Is there enough evidence to decide upon?  If not, says what is missing.
 * With none before there is nothing to be a chance excess over.
 */
static bool
enough(const struct gate *p, const struct cases *c, double of_clusters,
    const struct evidence *e, struct judgement *j)
{
	double clusters = e->feature[FEATURE_CLUSTERS];
	double excess = e->votes - e->veto;
	double chance = sqrt(e->votes + e->veto);

	if (e->votes < p->min_nodes)
		say(j, "nodes", e->votes, "<", p->min_nodes);
	else if (e->veto > 0 && excess < p->sigma * chance)
		say(j, "sigma", excess / chance, "<", p->sigma);
	else if (e->chance * (double)c->whole.n > p->chance)
		say(j, "chance", e->chance * (double)c->whole.n, ">",
		    p->chance);
	else if (e->votes >= CLUSTER_NODES && clusters < 2 &&
	    of_clusters >= CLUSTER_LEAST && clusters > 0)
		say(j, "clusters", clusters, "<", 2);
	else if (e->burst < BURST)
		say(j, "burst", e->burst, "<", BURST);
	else if (e->contested && e->hit < CASE_FEW)
		say(j, "contested, nodes", e->hit, "<", CASE_FEW);
	else	/* also if many nodes do not tell two apart: both stop */
		return true;
	j->outcome = excess > 0 ? OUTCOME_INVESTIGATE : OUTCOME_GOOD;
	return false;
}

bool
gate_enough(const struct gate *p, const struct cases *c, const struct gcase *g,
    const struct evidence *e)
{
	struct judgement j;

	return enough(p, c, g->clusters, e, &j);
}

/* Each limit of the source; the gravest, and of these the most exceeded. */
static void
judge_limits(const struct gate *p, struct span source,
    const struct evidence *e, struct judgement *best)
{
	const struct limit *l = p->limit.v;
	size_t n = p->limit.n;
	bool own = false;

	if (n == 0) {
		l = &limit_default;
		n = 1;
	}
	for (size_t i = 0; i < n; i++)
		own |= span_eq(l[i].source, source);
	for (size_t i = 0; i < n; i++) {
		double v = e->feature[l[i].feature], line = l[i].no_go;
		struct judgement j = { .outcome = OUTCOME_NO_GO };

		if (!span_eq(l[i].source, own ? source : SPAN("*")))
			continue;
		if (v < line) {
			line = v < l[i].investigate ? l[i].no_go :
			    l[i].investigate;
			j.outcome = v < line ? OUTCOME_GOOD :
			    OUTCOME_INVESTIGATE;
		}
		say(&j, feature_name[l[i].feature], v, v < line ? "<" : ">=",
		    line);
		if (best->reason[0] == '\0' || j.outcome > best->outcome ||
		    (j.outcome == best->outcome && j.value * best->threshold >
		    best->value * j.threshold))
			*best = j;
	}
	if (best->reason[0] == '\0')
		snprintf(best->reason, sizeof(best->reason),
		    "no threshold for its source");
}

/* The most special model there is. */
static const struct model *
choose_model(const struct gate *p, struct span component, struct span source)
{
	const struct model *best = NULL;
	int most = -1;

	for (size_t i = 0; i < p->model.n; i++) {
		const struct model *m = &p->model.v[i];
		bool c = span_eq(m->component, component);
		bool s = span_eq(m->source, source);

		if ((!c && !span_is(m->component, "*")) ||
		    (!s && !span_is(m->source, "*")))
			continue;
		if (2 * s + c > most) {
			most = 2 * s + c;
			best = m;
		}
	}
	return best;
}

static void
judge_model(const struct gate *p, const struct model *m,
    const struct evidence *e, struct judgement *j)
{
	double x[FEATURES], odds, line = p->no_go;

	feature_scale(e->feature, x);
	odds = 1 / (1 + exp(-gaussian_logit(&m->gaussian, x)));
	j->outcome = odds >= p->no_go ? OUTCOME_NO_GO :
	    odds >= p->investigate ? OUTCOME_INVESTIGATE : OUTCOME_GOOD;
	if (j->outcome == OUTCOME_INVESTIGATE)
		line = p->investigate;
	say(j, "probability", odds, odds < line ? "<" : ">=", line);
}

static void
judge_evidence(const struct gate *p, const struct cases *c,
    const struct gcase *g, double clusters, const struct evidence *e,
    struct judgement *j)
{
	struct span source = c->name.key[e->source];
	const struct model *m;

	*j = (struct judgement){ .evidence = e, .value = NAN,
		.threshold = NAN };
	if (!enough(p, c, clusters, e, j))
		return;
	m = choose_model(p, c->name.key[g->component], source);
	if (m != NULL)
		judge_model(p, m, e, j);
	else
		judge_limits(p, source, e, j);
	j->evidence = e;
}

/*
 * What is little in each pivot may be much in all of them; then it speaks
 * against each pivot that has some of it.
 */
static void
judge_whole(const struct gate *p, const struct cases *c, const struct gcase *g,
    const struct evidence *e, struct judgement *best)
{
	const struct grelease *r = &c->release.v[g->release];
	struct judgement j;
	char reason[sizeof(j.reason)];

	if (r->pivots < 2 || !(e->feature[FEATURE_NODES] > 0))
		return;
	judge_evidence(p, c, g, r->clusters, &c->whole.v[e->whole], &j);
	if (j.outcome <= best->outcome)
		return;
	memcpy(reason, j.reason, sizeof(reason));
	snprintf(j.reason, sizeof(j.reason), "all pivots: %.100s", reason);
	j.evidence = e;
	*best = j;
}

/* Seen for the first time after the rollout began, in a feed long enough. */
static bool
is_new(const struct gate *p, const struct gcase *g, const struct evidence *e)
{
	int64_t before;

	return e->since != WHEN_NEVER && g->start != WHEN_NEVER &&
	    g->feed_start != WHEN_NEVER && e->votes > 0 &&
	    e->since >= g->start &&
	    !__builtin_sub_overflow(e->since, p->known, &before) &&
	    g->feed_start <= before;
}

/* Good needs data: faults were read, of anything, long enough after it. */
static void
check_data(const struct gate *p, const struct gcase *g, struct judgement *j)
{
	double watched = g->start == WHEN_NEVER || g->feed_end == WHEN_NEVER ?
	    -1 : when_seconds(g->feed_end) - when_seconds(g->start);

	if (watched >= when_seconds(p->bake))
		return;
	j->outcome = OUTCOME_NO_DATA;
	if (g->feed_end == WHEN_NEVER) {
		snprintf(j->reason, sizeof(j->reason), "no faults were read");
		j->value = j->threshold = NAN;
	} else
		say(j, "seconds watched", fmax(watched, 0), "<",
		    when_seconds(p->bake));
}

static bool
graver(const struct judgement *a, const struct judgement *b)
{
	if (a->outcome != b->outcome)
		return a->outcome > b->outcome;
	return b->evidence == NULL || a->evidence->score > b->evidence->score;
}

void
gate_judge(const struct gate *p, const struct cases *c,
    const struct gcase *g, struct judgement *out)
{
	const struct evidence *fresh = NULL;
	struct judgement j;

	*out = (struct judgement){ .reason = "no fault is blamed on it",
		.value = NAN, .threshold = NAN };
	for (size_t i = 0; i < g->evidence.n; i++) {
		const struct evidence *e = &g->evidence.v[i];

		if (fresh == NULL && is_new(p, g, e))
			fresh = e;
		if (!e->blamed)
			continue;
		judge_evidence(p, c, g, g->clusters, e, &j);
		judge_whole(p, c, g, e, &j);
		if (graver(&j, out))
			*out = j;
	}
	if (out->outcome == OUTCOME_GOOD && fresh != NULL) {
		*out = (struct judgement){ .outcome = OUTCOME_NEW_FAULT,
			.evidence = fresh, .value = fresh->votes,
			.threshold = NAN };
		snprintf(out->reason, sizeof(out->reason),
		    "signature not seen before");
	}
	if (out->outcome == OUTCOME_GOOD)
		check_data(p, g, out);
}
