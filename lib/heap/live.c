#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "heap/live.h"

static size_t
place(const struct live *l, uint64_t addr)
{
	return hash_mix(addr, 0x9e3779b97f4a7c15u) & (l->slots - 1);
}

static struct live_item *
find(const struct live *l, uint64_t addr)
{
	size_t h = place(l, addr);

	while (l->slot[h].addr != 0 && l->slot[h].addr != addr)
		h = (h + 1) & (l->slots - 1);
	return &l->slot[h];
}

static void
grow(struct live *l)
{
	struct live old = *l;

	l->slots = old.slots == 0 ? 1024 : 2 * old.slots;
	l->slot = mem_new(l->slots, sizeof(l->slot[0]));
	for (size_t i = 0; i < old.slots; i++)
		if (old.slot[i].addr != 0)
			*find(l, old.slot[i].addr) = old.slot[i];
	free(old.slot);
}

void
live_add(struct live *l, uint64_t addr, uint64_t size, uint32_t site)
{
	struct live_item *i;

	if (addr == 0)
		return;
	if (2 * l->n >= l->slots)
		grow(l);
	i = find(l, addr);
	l->n += i->addr == 0;
	*i = (struct live_item){ addr, size, site };
}

/* Items behind the hole move up, so that no marks of the dead are needed. */
bool
live_remove(struct live *l, uint64_t addr, struct live_item *out)
{
	size_t mask = l->slots - 1, hole, at;
	struct live_item *i;

	if (l->n == 0 || addr == 0 || (i = find(l, addr))->addr == 0)
		return false;
	*out = *i;
	l->n--;
	hole = (size_t)(i - l->slot);
	for (at = (hole + 1) & mask; l->slot[at].addr != 0;
	    at = (at + 1) & mask)
		if (((at - place(l, l->slot[at].addr)) & mask) >=
		    ((at - hole) & mask)) {
			l->slot[hole] = l->slot[at];
			hole = at;
		}
	l->slot[hole].addr = 0;
	return true;
}

void
live_free(struct live *l)
{
	free(l->slot);
	*l = (struct live){ 0 };
}
