#include "pano/peers.h"

void
peers_add(struct peers *p, struct span key, struct span name)
{
	uint32_t k = intern_id(&p->key, key), n = intern_id(&p->name, name);

	if (k == p->name_of.n)
		vec_push(&p->name_of, n);
	p->name_of.v[k] = n;
}

bool
peers_find(const struct peers *p, struct span key, struct span *name)
{
	uint32_t k = p->key.n > 0 ? intern_find(&p->key, key) : INTERN_NONE;

	if (k == INTERN_NONE)
		return false;
	*name = p->name.key[p->name_of.v[k]];
	return true;
}

void
peers_free(struct peers *p)
{
	intern_free(&p->key);
	intern_free(&p->name);
	vec_free(&p->name_of);
}
