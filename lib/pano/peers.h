#ifndef PANO_PEERS_H
#define PANO_PEERS_H

#include "base/intern.h"
#include "base/vec.h"

/* peers - what an address, or any other key, is called: key to name. */
struct peers {
	struct intern key, name;
	VEC(uint32_t) name_of;		/* by key */
};

void peers_add(struct peers *, struct span key, struct span name);
/* False: unknown. */
bool peers_find(const struct peers *, struct span key, struct span *name);
void peers_free(struct peers *);

#endif
