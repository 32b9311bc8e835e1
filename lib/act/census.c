#include "act/census.h"
#include "base/buf.h"

static void
group_key(struct buf *b, struct span field, struct span value)
{
	buf_span(b, field);
	buf_char(b, '\t');
	buf_span(b, value);
	buf_char(b, '\t');
}

static void
add(struct census *c, struct span field, struct span value, struct span node)
{
	struct buf b = { 0 };
	size_t before = c->pairs.n;
	uint32_t group;

	group_key(&b, field, value);
	group = intern_id(&c->groups, buf_view(&b));
	buf_span(&b, node);
	intern_id(&c->pairs, buf_view(&b));
	if (group == c->nodes.n)
		vec_push(&c->nodes, 0);
	c->nodes.v[group] += c->pairs.n - before;
	buf_free(&b);
}

void
census_add(struct census *c, struct span field, struct span value,
    struct span node)
{
	add(c, SPAN(""), SPAN(""), node);
	if (value.n > 0)
		add(c, field, value, node);
}

uint64_t
census_nodes(const struct census *c, struct span field, struct span value)
{
	struct buf b = { 0 };
	uint32_t id;

	if (c->groups.n == 0)
		return 0;
	group_key(&b, field, value);
	id = intern_find(&c->groups, buf_view(&b));
	buf_free(&b);
	return id == INTERN_NONE ? 0 : c->nodes.v[id];
}

void
census_free(struct census *c)
{
	intern_free(&c->pairs);
	intern_free(&c->groups);
	vec_free(&c->nodes);
}
