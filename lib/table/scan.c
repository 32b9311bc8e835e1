#include "table/scan.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif
#ifdef __aarch64__
#include <arm_neon.h>
#endif

#include "base/load.h"

/*
 * One loop for TSV and one for CSV, over 64 bytes at a time as five masks with
 * a bit a byte; how the masks are made is all that differs between machines.
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

/*
 * The places of the bits of `hits`; what is too much is overwritten.  Eight at
 * a time, so that the loop's end is foreseen.
 */
INLINE uint32_t *
put_index(uint32_t *index, uint64_t hits, size_t at)
{
	unsigned n = (unsigned)__builtin_popcountll(hits);

	for (unsigned done = 0; done < n; done += 8)
		for (unsigned k = 0; k < 8; k++) {
			/* One instruction where there is tzcnt. */
			unsigned bit = hits == 0 ? 64 :
			    (unsigned)__builtin_ctzll(hits);

			index[done + k] = (uint32_t)at + bit;
			hits &= hits - 1;
		}
	return index + n;
}

#ifdef __x86_64__
/* The places among 0, 1, .. 63, pressed together. */
INLINE WITH_AVX512 uint32_t *
put_index_avx512(uint32_t *index, uint64_t hits, size_t at)
{
	static const uint8_t places[64] __attribute__((aligned(64))) = {
		0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17,
		18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33,
		34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49,
		50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63 };
	const __m512i from = _mm512_set1_epi32((int)at);
	unsigned n = (unsigned)__builtin_popcountll(hits);
	__m512i of = _mm512_maskz_compress_epi8(hits,
	    _mm512_load_si512(places));

	for (unsigned done = 0; done < n; done += 16) {
		_mm512_storeu_si512(index + done, _mm512_add_epi32(from,
		    _mm512_cvtepu8_epi32(_mm512_castsi512_si128(of))));
		of = _mm512_alignr_epi32(of, of, 4);	/* the next sixteen */
	}
	return index + n;
}
#endif

/* Bit i is the exclusive or of bits 0 to i: inside of quotes, opening one
 * included. */
INLINE uint64_t
inside_quotes(uint64_t quote)
{
	for (unsigned shift = 1; shift < 64; shift *= 2)
		quote ^= quote << shift;
	return quote;
}

/* The bits of bytes that are before `to`. */
INLINE uint64_t
valid_bits(size_t at, size_t to)
{
	return to - at >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << (to - at)) - 1;
}

typedef void make_masks(struct masks *, const char *, bool csv);
typedef uint32_t *make_index(uint32_t *, uint64_t hits, size_t at);

INLINE struct scan
scan_tsv_with(make_masks *masks, make_index *put, const char *base, size_t from,
    size_t to, uint32_t *index)
{
	struct scan r = { .odd = to };
	uint32_t *end = index;
	struct masks m;

	for (size_t at = from; at < to; at += 64) {
		uint64_t valid = valid_bits(at, to);

		masks(&m, base + at, false);
		m.nul &= valid;
		if (m.nul != 0 && r.odd == to)
			r.odd = at + (size_t)__builtin_ctzll(m.nul);
		m.lf &= valid;
		r.newline += (size_t)__builtin_popcountll(m.lf);
		end = put(end, (m.delimiter & valid) | m.lf, at);
	}
	r.n = (size_t)(end - index);
	return r;
}

/* What a CSV scan carries from one 64 bytes to the next. */
struct quotes {
	uint64_t inside;	/* all ones: a field's quotes are open */
	uint64_t start;		/* 1: the next byte begins a field */
	uint64_t closed;	/* 1: the byte before closed one */
};

/*
 * A quote must open a field or close one.  Behind a closing quote stands a
 * delimiter, or the CR of a line end.  Bits of what is otherwise.
 */
INLINE uint64_t
odd_quotes(struct quotes *q, const struct masks *m, const char *base, size_t at,
    uint64_t *inside, uint64_t valid)
{
	uint64_t in = inside_quotes(m->quote) ^ q->inside;
	uint64_t delimiter = (m->delimiter | m->lf) & ~in;
	uint64_t open = m->quote & in, close = m->quote & ~in;
	uint64_t behind = (close << 1 | q->closed) & ~delimiter & valid;
	uint64_t odd = open & ~(delimiter << 1 | q->start);

	for (uint64_t b = behind; b != 0; b &= b - 1) {
		size_t i = at + (size_t)__builtin_ctzll(b);

		if (base[i] != '\r' || base[i + 1] != '\n')
			odd |= b & (0 - b);
	}
	*inside = in;
	q->inside = (uint64_t)((int64_t)in >> 63);
	q->start = delimiter >> 63;
	q->closed = close >> 63;
	return odd | (m->lf & in);
}

INLINE struct scan
scan_csv_with(make_masks *masks, make_index *put, const char *base, size_t from,
    size_t to, uint32_t *index)
{
	struct quotes q = { .start = 1 };
	struct scan r = { .odd = to };
	uint32_t *end = index;
	uint64_t tabs = 0, quotes = 0;
	struct masks m;

	for (size_t at = from; at < to; at += 64) {
		uint64_t valid = valid_bits(at, to), inside = 0, odd = 0;

		masks(&m, base + at, true);
		m.quote &= valid;
		if ((m.quote | q.inside | q.closed) != 0)
			odd = odd_quotes(&q, &m, base, at, &inside, valid);
		else
			q.start = (m.delimiter | m.lf) >> 63;
		odd = (odd | m.nul) & valid;
		if (odd != 0 && r.odd == to)
			r.odd = at + (size_t)__builtin_ctzll(odd);
		tabs |= m.tab & valid;
		quotes |= m.quote;
		valid &= ~inside;
		m.lf &= valid;
		r.newline += (size_t)__builtin_popcountll(m.lf);
		end = put(end, (m.delimiter & valid) | m.lf, at);
	}
	r.n = (size_t)(end - index);
	r.quoted = quotes != 0;
	r.tab = tabs != 0;
	return r;
}

/* What each needs beyond the baseline. */
#define FOR_plain
#define FOR_sse2
#define FOR_avx2 WITH_AVX2
#define FOR_avx512 WITH_AVX512
#define FOR_neon

#define SCANNERS(kind, put) \
	FOR_##kind static struct scan tsv_##kind( \
	    const char *base, size_t from, size_t to, uint32_t *index) \
	{ \
		return scan_tsv_with( \
		    masks_##kind, put, base, from, to, index); \
	} \
	FOR_##kind static struct scan csv_##kind( \
	    const char *base, size_t from, size_t to, uint32_t *index) \
	{ \
		return scan_csv_with( \
		    masks_##kind, put, base, from, to, index); \
	}

struct scanner {
	struct scan (*tsv)(const char *, size_t, size_t, uint32_t *);
	struct scan (*csv)(const char *, size_t, size_t, uint32_t *);
};

SCANNERS(plain, put_index)
#ifdef __x86_64__
SCANNERS(sse2, put_index)
SCANNERS(avx2, put_index)
SCANNERS(avx512, put_index_avx512)
#endif
#ifdef __aarch64__
SCANNERS(neon, put_index)
#endif

static const struct scanner scanners[SCAN_KINDS] = {
	[SCAN_PLAIN] = { tsv_plain, csv_plain },
#ifdef __x86_64__
	[SCAN_SSE2] = { tsv_sse2, csv_sse2 },
	[SCAN_AVX2] = { tsv_avx2, csv_avx2 },
	[SCAN_AVX512] = { tsv_avx512, csv_avx512 },
#endif
#ifdef __aarch64__
	[SCAN_NEON] = { tsv_neon, csv_neon },
#endif
};

static bool
available(enum scan_with kind)
{
	if (scanners[kind].tsv == NULL)
		return false;
#ifdef __x86_64__
	if (kind >= SCAN_AVX2 && !(__builtin_cpu_supports("avx2") &&
	    __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
	    __builtin_cpu_supports("popcnt")))
		return false;
	if (kind == SCAN_AVX512)
		return __builtin_cpu_supports("avx512f") &&
		    __builtin_cpu_supports("avx512bw") &&
		    __builtin_cpu_supports("avx512vbmi2");
#endif
	return true;
}

/* Chosen before main(), so that threads only read it. */
static const struct scanner *chosen = &scanners[SCAN_PLAIN];

bool
scan_use(enum scan_with kind)
{
	if (kind >= SCAN_KINDS || !available(kind))
		return false;
	chosen = &scanners[kind];
	return true;
}

__attribute__((constructor)) static void
choose(void)
{
#ifdef __x86_64__
	__builtin_cpu_init();
#endif
	for (enum scan_with kind = SCAN_KINDS; kind-- > 0;)
		if (scan_use(kind))
			return;
}

struct scan
scan_tsv(const char *base, size_t from, size_t to, uint32_t *index)
{
	return chosen->tsv(base, from, to, index);
}

struct scan
scan_csv(const char *base, size_t from, size_t to, uint32_t *index)
{
	return chosen->csv(base, from, to, index);
}
