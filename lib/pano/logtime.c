#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/when.h"
#include "pano/logtime.h"

#define TEXT_MAX 128		/* a time is never longer */

void
logtime_format(struct logtime *t, struct span format)
{
	free(t->format);
	t->format = mem_copy(format.s, format.n);
	t->year = strstr(t->format, "%Y") || strstr(t->format, "%y") ||
	    strstr(t->format, "%F") || strstr(t->format, "%D") ||
	    strstr(t->format, "%s") || strstr(t->format, "%c");
}

static bool
two_digits(const char *s, int32_t *out)
{
	if (s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9')
		return false;
	*out = (s[0] - '0') * 10 + s[1] - '0';
	return true;
}

const char *
logtime_zone(struct logtime *t, struct span zone)
{
	int32_t h, m = 0;
	size_t colon = zone.n == 6 && zone.s[3] == ':';

	t->local = span_is(zone, "local");
	t->east = 0;
	if (t->local || span_is(zone, "UTC") || span_is(zone, "Z"))
		return NULL;
	if ((zone.n != 5 && !colon) || (zone.s[0] != '+' && zone.s[0] != '-') ||
	    !two_digits(zone.s + 1, &h) ||
	    !two_digits(zone.s + 3 + colon, &m) || h > 14 || m > 59)
		return "not UTC, local or +hhmm";
	t->east = (h * 60 + m) * 60 * (zone.s[0] == '-' ? -1 : 1);
	return NULL;
}

bool
logtime_known(const char *tz)
{
	struct buf path = { 0 };
	bool known;

	buf_printf(&path, "/usr/share/zoneinfo/%s", tz);
	/* Or the zone is spelled out, as CET-1CEST. */
	known = access(buf_cstr(&path), R_OK) == 0 ||
	    strpbrk(tz, "0123456789") != NULL;
	buf_free(&path);
	return known;
}

/* Whole numbers since the epoch, in units of `unit` nanoseconds. */
static bool
parse_epoch(struct span s, int64_t unit, int64_t *ns)
{
	int64_t v;

	if (unit == WHEN_SECOND)
		return when_parse(s, ns) == NULL;
	return num_i64(s, &v) == NULL && !__builtin_mul_overflow(v, unit, ns);
}

static bool
parse_word(const char *format, struct span s, int64_t *ns, bool *ok)
{
	static const struct { const char *word; int64_t unit; } word[] = {
		{ "epoch", WHEN_SECOND }, { "rfc3339", WHEN_SECOND },
		{ "epoch_ms", 1000000 }, { "epoch_us", 1000 },
		{ "epoch_ns", 1 },
	};

	for (size_t i = 0; i < sizeof(word) / sizeof(*word); i++)
		if (strcmp(format, word[i].word) == 0) {
			*ok = parse_epoch(s, word[i].unit, ns);
			return true;
		}
	return false;
}

/* Digits of a fraction: nanoseconds, and where they end. */
static const char *
fraction(const char *s, int64_t *ns)
{
	int64_t unit = WHEN_SECOND;

	if (*s < '0' || *s > '9')
		return NULL;
	for (*ns = 0; *s >= '0' && *s <= '9'; s++)
		*ns += (*s - '0') * (unit /= 10);
	return s;
}

/* strptime(3) in pieces, around each %f. */
static bool
parse_fields(const char *format, const char *s, struct tm *tm, int64_t *ns)
{
	char piece[TEXT_MAX];
	const char *f;

	for (; (f = strstr(format, "%f")) != NULL; format = f + 2) {
		size_t n = (size_t)(f - format);

		if (n >= sizeof(piece))
			return false;
		memcpy(piece, format, n);
		piece[n] = '\0';
		if ((n > 0 && (s = strptime(s, piece, tm)) == NULL) ||
		    (s = fraction(s, ns)) == NULL)
			return false;
	}
	if (*format != '\0')
		s = strptime(s, format, tm);
	return s != NULL && *s == '\0';
}

static int64_t
seconds(const struct logtime *t, struct tm tm, bool zoned)
{
	int64_t east = zoned ? tm.tm_gmtoff : t->east;

	tm.tm_isdst = -1;
	return t->local && !zoned ? mktime(&tm) : timegm(&tm) - east;
}

/* A date without a year is the last that is not in the future. */
static int64_t
with_year(const struct logtime *t, struct tm tm, bool zoned)
{
	time_t today = t->today / WHEN_SECOND;
	struct tm now;
	int64_t at;

	gmtime_r(&today, &now);
	tm.tm_year = now.tm_year + 1;
	do {
		at = seconds(t, tm, zoned);
		tm.tm_year--;
	} while (at > today + 86400);
	return at;
}

bool
logtime_parse(const struct logtime *t, struct span s, int64_t *ns)
{
	/* 1972 was a leap year: a 29 February without a year is a date. */
	struct tm tm = { .tm_mday = 1, .tm_year = 72 };
	char text[TEXT_MAX];
	int64_t part = 0;
	bool ok, zoned;

	if (parse_word(t->format, s, ns, &ok))
		return ok;
	if (s.n >= sizeof(text) || memchr(s.s, '\0', s.n) != NULL)
		return false;
	memcpy(text, s.s, s.n);
	text[s.n] = '\0';
	if (!parse_fields(t->format, text, &tm, &part))
		return false;
	zoned = strstr(t->format, "%z") != NULL;
	*ns = t->year ? seconds(t, tm, zoned) : with_year(t, tm, zoned);
	if (__builtin_mul_overflow(*ns, WHEN_SECOND, ns))
		return false;
	return !__builtin_add_overflow(*ns, part, ns);
}

void
logtime_free(struct logtime *t)
{
	free(t->format);
	*t = (struct logtime){ 0 };
}
