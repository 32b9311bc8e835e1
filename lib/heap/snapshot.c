#include "heap/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

size_t
snapshot_merge(struct snapshot_row *row, size_t nrow, const uint32_t *frame)
{
	size_t slots = 16, n = 0, i, h;
	uint32_t *slot;

	while (slots < 2 * nrow)
		slots *= 2;
	slot = mem_new(slots, sizeof(slot[0]));
	for (i = 0; i < nrow; i++) {
		const uint32_t *f = frame + row[i].frame;
		size_t bytes = row[i].depth * sizeof(f[0]);

		for (h = hash_bytes(f, bytes) & (slots - 1); slot[h] != 0;
		    h = (h + 1) & (slots - 1))
			if (row[slot[h] - 1].depth == row[i].depth &&
			    memcmp(frame + row[slot[h] - 1].frame, f,
			    bytes) == 0)
				break;
		if (slot[h] == 0) {
			row[n++] = row[i];
			slot[h] = (uint32_t)n;
			continue;
		}
		sample_add(&row[slot[h] - 1].live, &row[i].live);
	}
	free(slot);
	return n;
}
