#include <stdlib.h>

#include "base/when.h"
#include "gandalf/history.h"

enum { HISTORY_COMPONENT, HISTORY_VERSION, HISTORY_PIVOT, HISTORY_DECISION,
	HISTORY_SINCE, HISTORY_WORST, HISTORY_WORST_SINCE, HISTORY_COLUMNS };

static const struct input_column history_columns[HISTORY_COLUMNS] = {
	{ "component", 0 }, { "version", 0 }, { "pivot", 0 },
	{ "decision", 0 }, { "since", 0 }, { "worst", 0 }, { "worst_since", 0 },
};

/* The entry of a rollout, new ones with OUTCOMES for a decision. */
static struct history_entry *
find(struct history *l, struct span component, struct span version,
    struct span pivot)
{
	uint32_t key[3] = { intern_id(&l->name, component),
		intern_id(&l->name, version), intern_id(&l->name, pivot) };
	uint32_t id = intern_id(&l->key,
	    (struct span){ (char *)key, sizeof(key) });

	if (id == l->entry.n) {
		vec_push(&l->entry, (struct history_entry){ OUTCOMES, 0,
		    WHEN_NEVER, WHEN_NEVER });
		for (int i = 0; i < 3; i++)
			vec_push(&l->names, key[i]);
	}
	return &l->entry.v[id];
}

static void
add_row(void *arg, struct input *in)
{
	struct history *l = arg;
	struct history_entry e = {
		.now = outcome_find(input_key(in, HISTORY_DECISION)),
		.worst = outcome_find(input_key(in, HISTORY_WORST)),
		.now_since = input_time_or(in, HISTORY_SINCE, WHEN_NEVER),
		.worst_since = input_time_or(in, HISTORY_WORST_SINCE,
		    WHEN_NEVER),
	};

	if (e.now == OUTCOMES)
		input_fault(in, HISTORY_DECISION, "no such decision");
	if (e.worst == OUTCOMES)
		input_fault(in, HISTORY_WORST, "no such decision");
	if (!input_bad(in))
		*find(l, input_text(in, HISTORY_COMPONENT),
		    input_text(in, HISTORY_VERSION),
		    input_text(in, HISTORY_PIVOT)) = e;
}

/* Every rollout begins without data: that is not the worst of it. */
static int
severity(enum outcome o)
{
	return o == OUTCOME_NO_DATA ? -1 : (int)o;
}

struct history_entry
history_enter(struct history *l, struct span component, struct span version,
    struct span pivot, enum outcome o, int64_t ts)
{
	struct history_entry *e = find(l, component, version, pivot);

	if (e->now == OUTCOMES || severity(o) > severity(e->worst)) {
		e->worst = o;
		e->worst_since = ts;
	}
	if (e->now != o) {
		e->now = o;
		e->now_since = ts;
	}
	return *e;
}

static int
by_names(const void *va, const void *vb, void *vl)
{
	const struct history *l = vl;
	const uint32_t *a = &l->names.v[3 * *(const size_t *)va];
	const uint32_t *b = &l->names.v[3 * *(const size_t *)vb];
	int c = 0;

	for (int i = 0; i < 3 && c == 0; i++)
		c = span_cmp(l->name.key[a[i]], l->name.key[b[i]]);
	return c;
}

static void
put_rows(void *arg, struct output *out)
{
	struct history *l = arg;
	size_t *order = mem_new(l->entry.n, sizeof(*order));

	for (size_t i = 0; i < l->entry.n; i++)
		order[i] = i;
	qsort_r(order, l->entry.n, sizeof(*order), by_names, l);
	output_header(out, "component", "version", "pivot", "decision", "since",
	    "worst", "worst_since", NULL);
	for (size_t i = 0; i < l->entry.n; i++) {
		const struct history_entry *e = &l->entry.v[order[i]];

		for (size_t k = 0; k < 3; k++)
			output_text(out, l->name.key
			    [l->names.v[3 * order[i] + k]]);
		output_str(out, outcome_name[e->now]);
		output_time(out, e->now_since);
		output_str(out, outcome_name[e->worst]);
		output_time(out, e->worst_since);
		output_row(out);
	}
	free(order);
}

bool
history_load(struct history *l, struct state *state)
{
	return state_load(state, history_columns, HISTORY_COLUMNS, add_row, l);
}

bool
history_save(const struct history *l, struct state *state)
{
	return state_save(state, put_rows, (void *)(uintptr_t)l);
}

void
history_free(struct history *l)
{
	intern_free(&l->name);
	intern_free(&l->key);
	vec_free(&l->names);
	vec_free(&l->entry);
}
