#ifndef RESIN_SCAN_MASKS_H
#define RESIN_SCAN_MASKS_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __x86_64__
#include <immintrin.h>
#endif
#ifdef __aarch64__
#include <arm_neon.h>
#endif

#include "base/load.h"

/*
 * scan_masks - where among 64 bytes the ones stand that mean something, as
 * masks with a bit a byte; in plain C and in the instructions of each machine.
 * Included by scan.c alone.
 */
struct masks {
	uint64_t delimiter, lf, nul, quote, tab;
};

#define INLINE static inline __attribute__((always_inline))

/* Eight flags, 0 or 1 a byte, as eight bits. */
INLINE uint64_t
pack_flags(uint64_t flags)
{
	return flags * UINT64_C(0x0102040810204080) >> 56;
}

/* Bytes of w that equal c as 1, others as 0; exact, without carries. */
INLINE uint64_t
equal_bytes(uint64_t w, char c)
{
	const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
	uint64_t x = w ^ (UINT64_C(0x0101010101010101) * (unsigned char)c);

	return ~(((x & low) + low) | x | low) >> 7;
}

INLINE uint64_t
equal_plain(const char *p, char c)
{
	uint64_t mask = 0;

	for (unsigned k = 0; k < 8; k++)
		mask |= pack_flags(equal_bytes(load_le64(p + 8 * k), c)) <<
		    (8 * k);
	return mask;
}

INLINE void
masks_plain(struct masks *m, const char *p, bool csv)
{
	m->lf = equal_plain(p, '\n');
	m->nul = equal_plain(p, '\0');
	m->delimiter = equal_plain(p, csv ? ',' : '\t');
	m->quote = csv ? equal_plain(p, '"') : 0;
	m->tab = csv ? equal_plain(p, '\t') : 0;
}

#ifdef __x86_64__
INLINE uint64_t
equal_sse2(const __m128i v[4], char c)
{
	const __m128i like = _mm_set1_epi8(c);
	uint64_t mask = 0;

	for (unsigned k = 0; k < 4; k++)
		mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(
		    _mm_cmpeq_epi8(v[k], like)) << (16 * k);
	return mask;
}

INLINE void
masks_sse2(struct masks *m, const char *p, bool csv)
{
	__m128i v[4];

	for (unsigned k = 0; k < 4; k++)
		v[k] = _mm_loadu_si128((const __m128i *)(const void *)
		    (p + 16 * k));
	m->lf = equal_sse2(v, '\n');
	m->nul = equal_sse2(v, '\0');
	m->delimiter = equal_sse2(v, csv ? ',' : '\t');
	m->quote = csv ? equal_sse2(v, '"') : 0;
	m->tab = csv ? equal_sse2(v, '\t') : 0;
}

#define WITH_AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt")))

INLINE WITH_AVX2 uint64_t
equal_avx2(const __m256i v[2], char c)
{
	const __m256i like = _mm256_set1_epi8(c);
	uint32_t low = (uint32_t)_mm256_movemask_epi8(
	    _mm256_cmpeq_epi8(v[0], like));
	uint32_t high = (uint32_t)_mm256_movemask_epi8(
	    _mm256_cmpeq_epi8(v[1], like));

	return low | (uint64_t)high << 32;
}

INLINE WITH_AVX2 void
masks_avx2(struct masks *m, const char *p, bool csv)
{
	const __m256i v[2] = {
		_mm256_loadu_si256((const __m256i *)(const void *)p),
		_mm256_loadu_si256((const __m256i *)(const void *)(p + 32)),
	};

	/* Nearly never: one look for both halves. */
	const __m256i least = _mm256_min_epu8(v[0], v[1]);
	const __m256i zero = _mm256_setzero_si256();

	m->lf = equal_avx2(v, '\n');
	m->nul = _mm256_movemask_epi8(_mm256_cmpeq_epi8(least, zero)) == 0 ?
	    0 : equal_avx2(v, '\0');
	m->delimiter = equal_avx2(v, csv ? ',' : '\t');
	m->quote = csv ? equal_avx2(v, '"') : 0;
	m->tab = csv ? equal_avx2(v, '\t') : 0;
}

#define WITH_AVX512 __attribute__((target( \
	"avx512f,avx512bw,avx512vbmi2,bmi,bmi2,popcnt")))

INLINE WITH_AVX512 uint64_t
equal_avx512(__m512i v, char c)
{
	return _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(c));
}

INLINE WITH_AVX512 void
masks_avx512(struct masks *m, const char *p, bool csv)
{
	const __m512i v = _mm512_loadu_si512((const void *)p);

	m->lf = equal_avx512(v, '\n');
	m->nul = equal_avx512(v, '\0');
	m->delimiter = equal_avx512(v, csv ? ',' : '\t');
	m->quote = csv ? equal_avx512(v, '"') : 0;
	m->tab = csv ? equal_avx512(v, '\t') : 0;
}
#endif

#ifdef __aarch64__
INLINE uint64_t
equal_neon(const uint8x16_t v[4], char c)
{
	static const uint8_t bits[16] = { 1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4,
		8, 16, 32, 64, 128 };
	const uint8x16_t like = vdupq_n_u8((uint8_t)c), bit = vld1q_u8(bits);
	uint8x16_t a = vandq_u8(vceqq_u8(v[0], like), bit);
	uint8x16_t b = vandq_u8(vceqq_u8(v[1], like), bit);
	uint8x16_t d = vandq_u8(vceqq_u8(v[2], like), bit);
	uint8x16_t e = vandq_u8(vceqq_u8(v[3], like), bit);
	uint8x16_t sum = vpaddq_u8(vpaddq_u8(a, b), vpaddq_u8(d, e));

	return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(sum, sum)), 0);
}

INLINE void
masks_neon(struct masks *m, const char *p, bool csv)
{
	uint8x16_t v[4];

	for (unsigned k = 0; k < 4; k++)
		v[k] = vld1q_u8((const uint8_t *)p + 16 * k);
	m->lf = equal_neon(v, '\n');
	m->nul = equal_neon(v, '\0');
	m->delimiter = equal_neon(v, csv ? ',' : '\t');
	m->quote = csv ? equal_neon(v, '"') : 0;
	m->tab = csv ? equal_neon(v, '\t') : 0;
}
#endif

#endif
