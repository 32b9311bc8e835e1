#ifndef PANO_DUE_H
#define PANO_DUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vec.h"

/* due - a queue of (time, number), earliest first, then the lower number. */
struct due {
	int64_t at;
	uint32_t what;
};
struct due_queue {
	VEC(struct due) heap;
};

void due_push(struct due_queue *, int64_t at, uint32_t what);
/* Takes the first if its time is not after `now`. */
bool due_pop(struct due_queue *, int64_t now, struct due *);
void due_free(struct due_queue *);

#endif
