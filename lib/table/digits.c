#include "table/digits.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

#include "base/num.h"

static bool
values_plain(const struct span *field, uint64_t *value, size_t n)
{
	bool good = true;

	for (size_t i = 0; i < n; i++)
		good &= (field[i].n - 1 < 16) &
		    num_digits(field[i].s, field[i].n, &value[i]);
	return good;
}

#ifdef __x86_64__
#define AVX2 __attribute__((target("avx2")))

/* The 16 bytes from n on, for n digits to stand at the end of 16 bytes, with 0
 * before them. */
static const uint8_t move[32] = {
	128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128,
	128, 128, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };

/* The first 16 bytes of a field, its digits at the end. */
static inline AVX2 __m128i
at_end(struct span field)
{
	const void *by = move + ((field.n - 1) & 15) + 1;
	__m128i text = _mm_loadu_si128((const __m128i *)(const void *)field.s);

	return _mm_shuffle_epi8(_mm_sub_epi8(text, _mm_set1_epi8('0')),
	    _mm_loadu_si128((const __m128i *)by));
}

/*
 * Of each half 16 digits: by twos, by fours, by eights; so in each half the
 * high eight in the first 32 bits, the low eight in the next.
 */
static inline AVX2 __m256i
by_eights(__m256i digits)
{
	const __m256i tens = _mm256_set1_epi16(1 << 8 | 10);
	const __m256i hundreds = _mm256_set1_epi32(1 << 16 | 100);
	const __m256i ten_thousands = _mm256_set1_epi32(1 << 16 | 10000);
	__m256i fours = _mm256_madd_epi16(_mm256_maddubs_epi16(digits, tens),
	    hundreds);

	return _mm256_madd_epi16(_mm256_packus_epi32(fours, fours),
	    ten_thousands);
}

static inline uint64_t
joined(uint64_t eights)
{
	return (eights & UINT32_MAX) * 100000000 + (eights >> 32);
}

static AVX2 bool
values_avx2(const struct span *field, uint64_t *value, size_t n)
{
	__m256i most = _mm256_setzero_si256(), two, eights;
	size_t lengths = 0, i;

	for (i = 0; i + 2 <= n; i += 2) {
		lengths |= (field[i].n - 1) | (field[i + 1].n - 1);
		two = _mm256_inserti128_si256(
		    _mm256_castsi128_si256(at_end(field[i])),
		    at_end(field[i + 1]), 1);
		most = _mm256_max_epu8(most, two);
		eights = by_eights(two);
		value[i] = joined((uint64_t)_mm256_extract_epi64(eights, 0));
		value[i + 1] = joined(
		    (uint64_t)_mm256_extract_epi64(eights, 2));
	}
	most = _mm256_subs_epu8(most, _mm256_set1_epi8(9));
	return lengths < 16 && _mm256_testz_si256(most, most) &&
	    values_plain(field + i, value + i, n - i);
}
#endif

static bool (*values)(const struct span *, uint64_t *, size_t) = values_plain;

bool
digits_use(enum digits_with kind)
{
	switch (kind) {
	case DIGITS_PLAIN:
		values = values_plain;
		return true;
#ifdef __x86_64__
	case DIGITS_AVX2:
		if (!__builtin_cpu_supports("avx2"))
			return false;
		values = values_avx2;
		return true;
#endif
	default:
		return false;
	}
}

/* Chosen before main(), so that threads only read it. */
__attribute__((constructor)) static void
choose(void)
{
#ifdef __x86_64__
	__builtin_cpu_init();
#endif
	digits_use(DIGITS_AVX2);
}

bool
digits_values(const struct span *field, uint64_t *value, size_t n)
{
	return values(field, value, n);
}
