#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

static const char not_a_number[] = "not a number";
static const char out_of_range[] = "number out of range";

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The digits of `s` at `*i`, which moves behind them; false on overflow. */
static bool
digits(struct span s, size_t *i, uint64_t *out)
{
	uint64_t v = 0;

	for (; *i < s.n && is_digit(s.s[*i]); ++*i)
		if (__builtin_mul_overflow(v, UINT64_C(10), &v) ||
		    __builtin_add_overflow(v, (uint64_t)(s.s[*i] - '0'), &v))
			return false;
	*out = v;
	return true;
}

const char *
num_u64(struct span s, uint64_t *out)
{
	size_t i = 0;

	if (s.n == 0)
		return "empty";
	if (!is_digit(s.s[0]))
		return not_a_number;
	if (!digits(s, &i, out))
		return out_of_range;
	return i == s.n ? NULL : not_a_number;
}

const char *
num_i64(struct span s, int64_t *out)
{
	bool minus = s.n > 0 && s.s[0] == '-';
	uint64_t v, limit = minus ? UINT64_C(1) << 63 : INT64_MAX;
	const char *bad;

	if (minus)
		s = (struct span){ s.s + 1, s.n - 1 };
	if ((bad = num_u64(s, &v)) != NULL)
		return bad;
	if (v > limit)
		return out_of_range;
	*out = (int64_t)(minus ? UINT64_C(0) - v : v);
	return NULL;
}

const char *
num_parse(struct span s, double *out)
{
	char text[128], *end;
	uint64_t whole;

	if (num_u64(s, &whole) == NULL && whole <= UINT64_C(1) << 53) {
		*out = (double)whole;
		return NULL;
	}
	if (s.n == 0)
		return "empty";
	if (s.n >= sizeof(text))
		return not_a_number;
	memcpy(text, s.s, s.n);
	text[s.n] = '\0';
	if (strspn(text, "0123456789.eE+-") != s.n)
		return not_a_number;
	*out = strtod(text, &end);
	if (end != text + s.n)
		return not_a_number;
	return isfinite(*out) ? NULL : out_of_range;
}

const char *
num_bytes(struct span s, uint64_t *out)
{
	const char *bad = num_u64(s, out);
	double v;

	if (bad == NULL || s.n == 0)
		return bad;
	if ((bad = num_parse(s, &v)) != NULL)
		return bad;
	if (v < 0)
		return "negative size";
	if (v >= 0x1p63)
		return out_of_range;
	*out = (uint64_t)v;
	return NULL;
}

/* One to three digits, then groups of a comma and exactly three. */
static bool
is_grouped(struct span s)
{
	size_t lead = s.n % 4 == 0 ? 0 : s.n % 4;

	if (lead == 0 || s.n < 5)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (i >= lead && (i - lead) % 4 == 0 ? s.s[i] != ',' :
		    !is_digit(s.s[i]))
			return false;
	return true;
}

const char *
num_grouped(struct span s, uint64_t *out)
{
	char text[32];
	size_t n = 0;

	if (!is_grouped(s))
		return num_bytes(s, out);
	for (size_t i = 0; i < s.n; i++) {
		if (s.s[i] == ',')
			continue;
		if (n == sizeof(text))
			return out_of_range;
		text[n++] = s.s[i];
	}
	return num_u64((struct span){ text, n }, out);
}

/* A number and a unit out of `units`, each worth scale[i]. */
static const char *
with_unit(const char *arg, const char *units, const double *scale, double *out)
{
	struct span s = span_of(arg);
	double factor = 1;
	const char *u, *bad;

	if (s.n > 0 && (u = strchr(units, s.s[s.n - 1])) != NULL) {
		factor = scale[u - units];
		s.n--;
	}
	if ((bad = num_parse(s, out)) != NULL)
		return bad;
	*out *= factor;
	return NULL;
}

const char *
num_size(const char *arg, uint64_t *bytes)
{
	static const double scale[] = { 1, 0x1p10, 0x1p20, 0x1p30, 0x1p40,
		0x1p50, 0x1p10 };
	struct span s = span_of(arg);
	const char *bad;
	double v;

	if (num_u64(s, bytes) == NULL)
		return NULL;
	if ((bad = with_unit(arg, "BKMGTPk", scale, &v)) != NULL)
		return bad;
	if (v < 0)
		return "negative size";
	if (v >= 0x1p63)
		return out_of_range;
	*bytes = (uint64_t)v;
	return NULL;
}

const char *
num_duration(const char *arg, int64_t *ns)
{
	static const double scale[] = { 1, 60, 3600, 86400, 604800 };
	const char *bad;
	size_t n = strlen(arg);
	double v = 0;

	if (n > 2 && strcmp(arg + n - 2, "ms") == 0) {
		bad = num_parse((struct span){ arg, n - 2 }, &v);
		v /= 1e3;
	} else
		bad = with_unit(arg, "smhdw", scale, &v);
	if (bad != NULL)
		return bad;
	if (v < 0)
		return "negative duration";
	if (v >= 9e9)
		return "duration out of range";
	*ns = (int64_t)llround(v * 1e9);
	return NULL;
}

size_t
num_print(char out[NUM_MAX], double v)
{
	int n = 0;

	if (v == 0)
		v = 0;	/* no minus sign */
	if (fabs(v) < 0x1p53 && v == trunc(v))
		return (size_t)snprintf(out, NUM_MAX, "%.0f", v);
	for (int digit = 15; digit <= 17; digit++) {
		n = snprintf(out, NUM_MAX, "%.*g", digit, v);
		if (strtod(out, NULL) == v)
			break;
	}
	return (size_t)n;
}

/* The eight digits of v < 10^8, one a byte, the highest in the lowest. */
static inline uint64_t
eight_digits(uint64_t v)
{
	uint64_t high = v / 10000, tens;

	v = high | (v - high * 10000) << 32;
	tens = (v * 10486 >> 20) & UINT64_C(0x0000007f0000007f);
	v = tens | (v - tens * 100) << 16;
	tens = (v * 103 >> 10) & UINT64_C(0x000f000f000f000f);
	return tens | (v - tens * 10) << 8;
}

static inline void
put_digits(char *out, uint64_t digits)
{
	digits |= UINT64_C(0x3030303030303030);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	digits = __builtin_bswap64(digits);
#endif
	memcpy(out, &digits, 8);
}

/* Below 10^8: without the zeros that lead. */
static inline size_t
put_few(char *out, uint64_t v)
{
	uint64_t digits = eight_digits(v);
	unsigned skip = (unsigned)__builtin_ctzll(digits |
	    UINT64_C(1) << 56) / 8;

	put_digits(out, digits >> 8 * skip);
	return 8 - skip;
}

size_t
num_print_u64(char out[NUM_MAX], uint64_t v)
{
	const uint64_t few = 100000000;
	size_t n;

	if (v < few)
		return put_few(out, v);
	n = v < few * few ? put_few(out, v / few) :
	    num_print_u64(out, v / few);
	put_digits(out + n, eight_digits(v % few));
	return n + 8;
}
