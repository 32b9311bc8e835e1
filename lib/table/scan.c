/*
 * One loop for TSV and one for CSV; how the masks are made and the index is put
 * down is all that differs between machines.
 */
#include "table/scan.h"

#include "table/scan_masks.h"

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
