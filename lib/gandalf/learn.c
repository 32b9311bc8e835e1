#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gandalf/learn.h"

/* Fewer examples of a class than this make no model of their own. */
enum { LEARN_LEAST = 5 };

const struct input_column label_columns[LABEL_COLUMNS] = {
	{ "component", 0 }, { "version", 0 }, { "pivot", INPUT_OPTIONAL },
	{ "label", 0 },
};

static uint32_t
label_key(struct labels *l, struct span component, struct span version,
    struct span pivot)
{
	uint32_t key[3] = { intern_id(&l->name, component),
		intern_id(&l->name, version), intern_id(&l->name, pivot) };

	return intern_id(&l->key, (struct span){ (char *)key, sizeof(key) });
}

void
labels_add(struct labels *l, struct input *in)
{
	struct span component = input_key(in, LABEL_COMPONENT);
	struct span version = input_key(in, LABEL_VERSION);
	struct span pivot = input_text(in, LABEL_PIVOT);
	struct span label = input_key(in, LABEL_LABEL);
	bool bad = span_is(label, "bad");
	uint32_t id;

	if (!bad && !span_is(label, "good"))
		input_fault(in, LABEL_LABEL, "not good or bad");
	if (input_bad(in))
		return;
	id = label_key(l, component, version, pivot);
	if (id == l->bad.n)
		vec_push(&l->bad, bad);
	else
		l->bad.v[id] = bad;
}

void
labels_free(struct labels *l)
{
	intern_free(&l->name);
	intern_free(&l->key);
	vec_free(&l->bad);
}

/* -1: nobody said.  A label without a pivot is for all of them. */
static int
label_of(const struct labels *l, const struct cases *c, const struct gcase *g)
{
	uint32_t name[4] = { g->component, g->version, g->pivot, 0 }, key[3];
	uint32_t id;

	for (int any = 0; any < 2; any++) {
		for (int i = 0; i < 3; i++)
			key[i] = intern_find(&l->name, any && i == 2 ?
			    SPAN("") : c->name.key[name[i]]);
		id = intern_find(&l->key,
		    (struct span){ (char *)key, sizeof(key) });
		if (id != INTERN_NONE)
			return l->bad.v[id];
	}
	return -1;
}

/* The gravest blamed evidence of a source; INTERN_NONE: of any. */
static const struct evidence *
top_evidence(const struct gcase *g, uint32_t source)
{
	const struct evidence *top = NULL;

	for (size_t i = 0; i < g->evidence.n; i++) {
		const struct evidence *e = &g->evidence.v[i];

		if (e->blamed && (source == INTERN_NONE || e->source == source)
		    && (top == NULL || e->score > top->score))
			top = e;
	}
	return top;
}

struct examples {
	VEC(double) x;
	VEC(bool) bad;
	size_t count[2];
};

static void
add_example(struct examples *x, const struct evidence *e, bool bad)
{
	static const double nothing[FEATURES];
	double scaled[FEATURES];

	feature_scale(e != NULL ? e->feature : nothing, scaled);
	for (int f = 0; f < FEATURES; f++)
		vec_push(&x->x, scaled[f]);
	vec_push(&x->bad, bad);
	x->count[bad]++;
}

/*
 * The labelled rollouts of a component and a source, either of them any.  A bad
 * rollout that the source knows nothing of is no example for the source.
 */
static void
collect(struct examples *x, const struct cases *c, const struct labels *l,
    uint32_t component, uint32_t source)
{
	for (size_t i = 0; i < c->gcase.n; i++) {
		const struct gcase *g = &c->gcase.v[i];
		const struct evidence *e = top_evidence(g, source);
		int bad = label_of(l, c, g);

		if (bad == -1 || (bad && e == NULL) ||
		    (component != INTERN_NONE && g->component != component))
			continue;
		add_example(x, e, bad);
	}
}

static struct span
name_or_star(const struct cases *c, uint32_t name)
{
	return name == INTERN_NONE ? SPAN("*") : c->name.key[name];
}

static const char *
learn_one(struct gate *p, const struct cases *c, const struct labels *l,
    uint32_t component, uint32_t source, size_t least)
{
	struct examples x = { 0 };
	struct model m = { .component = SPAN("*") };
	struct span a = name_or_star(c, component);
	struct span b = name_or_star(c, source);
	const char *bad = "too few examples";

	collect(&x, c, l, component, source);
	if (x.count[0] >= least && x.count[1] >= least)
		bad = gaussian_fit(&m.gaussian, x.x.v, x.bad.v, x.bad.n,
		    FEATURES);
	if (bad == NULL) {
		m.component = gate_keep(p, a);
		m.source = gate_keep(p, b);
		vec_push(&p->model, m);
	}
	vec_free(&x.x);
	vec_free(&x.bad);
	return bad;
}

static int
by_span(const void *va, const void *vb, void *vc)
{
	const struct cases *c = vc;

	return span_cmp(c->name.key[*(const uint32_t *)va],
	    c->name.key[*(const uint32_t *)vb]);
}

/* The distinct sources, or components, by their text. */
static uint32_t *
distinct(const struct cases *c, bool sources, size_t *n)
{
	bool *is = mem_new(c->name.n, sizeof(*is));
	uint32_t *list = mem_new(c->name.n, sizeof(*list));

	for (size_t i = 0; i < c->gcase.n; i++) {
		const struct gcase *g = &c->gcase.v[i];

		if (!sources)
			is[g->component] = true;
		for (size_t k = 0; sources && k < g->evidence.n; k++)
			is[g->evidence.v[k].source] = true;
	}
	*n = 0;
	for (uint32_t i = 0; i < c->name.n; i++)
		if (is[i])
			list[(*n)++] = i;
	qsort_r(list, *n, sizeof(*list), by_span, (void *)(uintptr_t)c);
	free(is);
	return list;
}

const char *
learn_models(struct gate *p, const struct cases *c, const struct labels *l)
{
	const char *bad = learn_one(p, c, l, INTERN_NONE, INTERN_NONE, 1);

	for (int sources = 0; bad == NULL && sources < 2; sources++) {
		size_t n;
		uint32_t *list = distinct(c, sources, &n);

		for (size_t i = 0; i < n; i++)
			(void)learn_one(p, c, l,
			    sources ? INTERN_NONE : list[i],
			    sources ? list[i] : INTERN_NONE, LEARN_LEAST);
		free(list);
	}
	return bad;
}

struct sample {
	double value;
	bool bad;
};

static int
by_value(const void *va, const void *vb)
{
	const struct sample *a = va, *b = vb;

	return (a->value > b->value) - (a->value < b->value);
}

struct counts {
	uint64_t tp, fp, fn, tn;
};

static double
f_measure(struct counts n)
{
	return 2.0 * (double)n.tp / fmax(1, 2.0 * (double)n.tp +
	    (double)n.fp + (double)n.fn);
}

static struct counts
count_above(const struct sample *s, size_t n, double line)
{
	struct counts c = { 0 };

	for (size_t i = 0; i < n; i++) {
		bool no_go = s[i].value >= line;

		*(s[i].bad ? no_go ? &c.tp : &c.fn :
		    no_go ? &c.fp : &c.tn) += 1;
	}
	return c;
}

/*
 * The line of the best F measure, in the middle of its gap.  Without a bad
 * example (A-A runs) twice the most that a good one shows.  NaN: no rate but 0.
 */
static double
best_line(struct sample *s, size_t n)
{
	double best = NAN, f = -1, most = 0;
	bool bad = false;

	qsort(s, n, sizeof(*s), by_value);
	for (size_t i = 0; i < n; i++) {
		double low = i > 0 ? s[i - 1].value : 0;
		double line = (low + s[i].value) / 2;
		double here;

		bad |= s[i].bad;
		most = s[i].value;
		if (!(s[i].value > low))
			continue;
		here = f_measure(count_above(s, n, line));
		if (here > f) {
			f = here;
			best = line;
		}
	}
	return bad ? best : most > 0 ? 2 * most : NAN;
}

static void
write_threshold(struct span source, const struct sample *s, size_t n,
    double line, struct output *out)
{
	struct counts c = count_above(s, n, line);

	output_text(out, source);
	output_str(out, feature_name[FEATURE_RATE]);
	output_number(out, line);
	output_number(out, line / 4);
	output_u64(out, c.tp + c.fn);
	output_u64(out, c.fp + c.tn);
	output_u64(out, c.tp);
	output_u64(out, c.fp);
	output_u64(out, c.fn);
	output_u64(out, c.tn);
	output_number(out, (double)c.tp / (double)(c.tp + c.fp));
	output_number(out, (double)c.tp / (double)(c.tp + c.fn));
	output_row(out);
}

/* What the rule would see: nothing where the evidence is not enough. */
static double
seen_rate(const struct gate *p, const struct cases *c, const struct gcase *g,
    const struct evidence *e)
{
	if (e == NULL || !gate_enough(p, c, g, e))
		return 0;
	return e->feature[FEATURE_RATE];
}

static void
calibrate(const struct gate *p, const struct cases *c,
    const struct labels *l, uint32_t source, struct output *out)
{
	VEC(struct sample) s = { 0 };
	double line;

	for (size_t i = 0; i < c->gcase.n; i++) {
		const struct evidence *e = top_evidence(&c->gcase.v[i],
		    source);
		int bad = label_of(l, c, &c->gcase.v[i]);

		if (bad == 0 || (bad == 1 &&
		    (e != NULL || source == INTERN_NONE)))
			vec_push(&s, (struct sample){ seen_rate(p, c,
			    &c->gcase.v[i], e), bad });
	}
	if (s.n > 0 && !isnan(line = best_line(s.v, s.n)))
		write_threshold(name_or_star(c, source), s.v, s.n, line, out);
	vec_free(&s);
}

void
learn_thresholds(const struct gate *p, const struct cases *c,
    const struct labels *l, struct output *out)
{
	size_t n;
	uint32_t *list = distinct(c, true, &n);

	output_header(out, "source", "metric", "no_go", "investigate", "bad",
	    "good", "tp", "fp", "fn", "tn", "precision", "recall", NULL);
	calibrate(p, c, l, INTERN_NONE, out);
	for (size_t i = 0; i < n; i++)
		calibrate(p, c, l, list[i], out);
	free(list);
}
