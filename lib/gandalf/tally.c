#include "base/when.h"
#include "gandalf/tally.h"

void
tally_free(struct tally *t)
{
	intern_free(&t->name);
	intern_free(&t->release_key);
	intern_free(&t->rollout_key);
	intern_free(&t->signature_key);
	intern_free(&t->cell_key);
	intern_free(&t->spread_key);
	intern_free(&t->cluster_key);
	intern_free(&t->customer_key);
	buf_free(&t->scratch);
	vec_free(&t->release);
	vec_free(&t->rollout);
	vec_free(&t->signature);
	vec_free(&t->cell);
	vec_free(&t->spread);
	vec_free(&t->cluster);
	vec_free(&t->customer);
	*t = (struct tally){ 0 };
}

/* A pair of ids as a key: the table of names serves for numbers too. */
static uint32_t
pair_id(struct intern *table, uint32_t a, uint32_t b)
{
	uint32_t key[2] = { a, b };

	return intern_id(table, (struct span){ (char *)key, sizeof(key) });
}

uint32_t
tally_release(struct tally *t, struct span component, struct span version)
{
	uint32_t c = intern_id(&t->name, component);
	uint32_t v = intern_id(&t->name, version);
	uint32_t id = pair_id(&t->release_key, c, v);

	if (id == t->release.n)
		vec_push(&t->release, (struct tally_release){ c, v,
		    WHEN_NEVER, WHEN_NEVER });
	return id;
}

uint32_t
tally_rollout(struct tally *t, uint32_t release, struct span pivot)
{
	uint32_t p = intern_id(&t->name, pivot);
	uint32_t id = pair_id(&t->rollout_key, release, p);

	if (id == t->rollout.n)
		vec_push(&t->rollout, (struct tally_rollout){ release, p,
		    WHEN_NEVER, WHEN_NEVER, 0, 0 });
	return id;
}

/* One look-up by source and text together: this is done once a fault. */
uint32_t
tally_signature(struct tally *t, struct span source, struct span text)
{
	uint32_t s = intern_id(&t->name, source), id;

	t->scratch.n = 0;
	buf_add(&t->scratch, &s, sizeof(s));
	buf_span(&t->scratch, text);
	id = intern_id(&t->signature_key, buf_view(&t->scratch));
	if (id == t->signature.n)
		vec_push(&t->signature, (struct tally_signature){ s,
		    intern_id(&t->name, text), -1, WHEN_NEVER });
	return id;
}

uint32_t
tally_cell(struct tally *t, uint32_t rollout, uint32_t signature)
{
	uint32_t id = pair_id(&t->cell_key, rollout, signature);

	if (id == t->cell.n)
		vec_push(&t->cell, (struct tally_cell){ .rollout = rollout,
		    .signature = signature, .first = WHEN_NEVER,
		    .last = WHEN_NEVER });
	return id;
}

uint32_t
tally_spread(struct tally *t, uint32_t release, uint32_t signature)
{
	uint32_t id = pair_id(&t->spread_key, release, signature);

	if (id == t->spread.n)
		vec_push(&t->spread,
		    (struct tally_spread){ release, signature, 0 });
	return id;
}

void
tally_cluster(struct tally *t, uint32_t cell, uint32_t name)
{
	if (pair_id(&t->cluster_key, cell, name) == t->cluster.n)
		vec_push(&t->cluster, (struct tally_member){ cell, name });
}

void
tally_customer(struct tally *t, uint32_t cell, uint32_t name)
{
	if (pair_id(&t->customer_key, cell, name) == t->customer.n)
		vec_push(&t->customer, (struct tally_member){ cell, name });
}

void
tally_widen(int64_t *low, int64_t *high, int64_t t)
{
	if (t == WHEN_NEVER)
		return;
	if (*low == WHEN_NEVER || t < *low)
		*low = t;
	if (*high == WHEN_NEVER || t > *high)
		*high = t;
}

int64_t
tally_newest(const struct tally *t)
{
	int64_t low = WHEN_NEVER, newest = t->newest;

	for (size_t i = 0; i < t->release.n; i++)
		tally_widen(&low, &newest, t->release.v[i].last);
	return newest;
}
