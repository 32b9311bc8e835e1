#ifndef RESIN_BUCKET_EDGES_H
#define RESIN_BUCKET_EDGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * edges - the lower bounds of the size buckets, in bytes, ascending; at[0] is
 * 0, the bucket of everything that reported, and at[n] is UINT64_MAX.
 *
 * Written as "paper" (the 20 buckets of RESIN section 4.3.1 from 50 MB to
 * 50 GB; the list between its ends is our reading), as "N/octave" (N a factor
 * of two from 1 MiB to 16 TiB: a step of 19 % for N = 4), or as a list,
 * "50M,100M,1G".  edges_text() is the one spelling of each: two tables were
 * made with the same edges if and only if the texts are equal.
 */
#define EDGES_MAX 254
#define EDGES_CELLS 1024

struct edges {
	uint64_t at[EDGES_MAX + 1];
	size_t n;
	uint8_t first[EDGES_CELLS];	/* by exponent and 4 bits of mantissa */
	bool dense;		/* two edges divide a cell somewhere */
	char *text;
};

const char *edges_parse(struct edges *, const char *spec);  /* NULL or reason */
void edges_free(struct edges *);

/*
 * 0 to EDGES_CELLS - 1, never less for a larger v; 16 cells a factor of two.
 * They are the highest bits of v as a double, which are exact below 2^53.
 */
static inline size_t
edges_cell(uint64_t v)
{
	double d = (double)(int64_t)(v | 1);
	unsigned e;
	uint64_t bits;

	if (v >> 53 == 0) {
		memcpy(&bits, &d, sizeof(bits));
		return (size_t)(bits >> 48) - 1023 * 16;
	}
	e = 63 - (unsigned)__builtin_clzll(v);
	return e * 16 + (size_t)((v >> (e - 4)) & 15);
}

/* The number of the highest edge that is not above v. */
static inline size_t
edges_level(const struct edges *edges, uint64_t v)
{
	size_t l = edges->first[edges_cell(v)];

	/* Which side of the edge that divides the cell cannot be foreseen. */
	l += edges->at[l + 1] <= v;
	while (edges->dense && l + 1 < edges->n && edges->at[l + 1] <= v)
		l++;
	return l < edges->n ? l : edges->n - 1;
}

/* The number of the edge that is exactly v, or edges->n. */
size_t edges_find(const struct edges *, uint64_t v);

#endif
