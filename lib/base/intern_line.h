#ifndef RESIN_INTERN_LINE_H
#define RESIN_INTERN_LINE_H

#include <stdint.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/*
 * intern_line - a cache line of a hash table: eight slots that are searched at
 * once, so that there is no branch on which of them a key is in, which nobody
 * could predict.  A slot whose tag is 0 is free.
 */
enum { INTERN_LINE = 8 };

struct intern_line {
	uint32_t tag[INTERN_LINE];
	uint32_t id[INTERN_LINE];
};

/* A bit for each slot that has the tag. */
static inline unsigned
intern_line_plain(const struct intern_line *line, uint32_t tag)
{
	unsigned hits = 0;

	for (unsigned k = 0; k < INTERN_LINE; k++)
		hits |= (unsigned)(line->tag[k] == tag) << k;
	return hits;
}

#ifdef __SSE2__
static inline unsigned
intern_line_sse2(const struct intern_line *line, uint32_t tag)
{
	const __m128i *four = (const void *)line->tag;
	__m128i like = _mm_set1_epi32((int)tag);
	__m128i low = _mm_cmpeq_epi32(_mm_loadu_si128(&four[0]), like);
	__m128i high = _mm_cmpeq_epi32(_mm_loadu_si128(&four[1]), like);
	__m128i eight = _mm_packs_epi16(_mm_packs_epi32(low, high),
	    _mm_setzero_si128());

	return (unsigned)_mm_movemask_epi8(eight);
}
#define intern_line_hits intern_line_sse2
#else
#define intern_line_hits intern_line_plain
#endif

#endif
