#include "table/scan.h"

#ifdef __SSE2__
#include <emmintrin.h>

struct scan
scan_tsv(const char *base, size_t from, size_t to, uint32_t *index)
{
	const __m128i tab = _mm_set1_epi8('\t'), lf = _mm_set1_epi8('\n');
	const __m128i zero = _mm_setzero_si128();
	struct scan r = { 0 };
	uint64_t tabs, lfs, nuls, hits, valid;

	for (size_t i = from; i < to; i += 64) {
		tabs = lfs = nuls = 0;
		for (unsigned k = 0; k < 4; k++) {
			__m128i v = _mm_loadu_si128(
			    (const __m128i *)(const void *)(base + i + 16 * k));
			tabs |= (uint64_t)(uint32_t)_mm_movemask_epi8(
			    _mm_cmpeq_epi8(v, tab)) << (16 * k);
			lfs |= (uint64_t)(uint32_t)_mm_movemask_epi8(
			    _mm_cmpeq_epi8(v, lf)) << (16 * k);
			nuls |= (uint64_t)(uint32_t)_mm_movemask_epi8(
			    _mm_cmpeq_epi8(v, zero)) << (16 * k);
		}
		valid = to - i >= 64 ? ~UINT64_C(0) :
		    (UINT64_C(1) << (to - i)) - 1;
		lfs &= valid;
		hits = (tabs & valid) | lfs;
		r.newline += (size_t)__builtin_popcountll(lfs);
		r.nul |= (nuls & valid) != 0;
		for (; hits != 0; hits &= hits - 1)
			index[r.n++] = (uint32_t)(i +
			    (size_t)__builtin_ctzll(hits));
	}
	return r;
}

#else

struct scan
scan_tsv(const char *base, size_t from, size_t to, uint32_t *index)
{
	struct scan r = { 0 };

	for (size_t i = from; i < to; i++) {
		if (base[i] == '\t' || base[i] == '\n')
			index[r.n++] = (uint32_t)i;
		r.newline += base[i] == '\n';
		r.nul |= base[i] == '\0';
	}
	return r;
}

#endif
