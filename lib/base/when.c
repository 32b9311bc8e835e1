#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/num.h"
#include "base/when.h"

static const char not_a_time[] = "not a time";

/* Days since the epoch of a proleptic Gregorian date (era arithmetic). */
static int64_t
days_of(int64_t y, int64_t m, int64_t d)
{
	int64_t era, yoe, doy;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void
date_of(int64_t days, int64_t *y, int *m, int *d)
{
	int64_t z = days + 719468, era, doe, yoe, doy, mp;

	era = (z >= 0 ? z : z - 146096) / 146097;
	doe = z - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	*d = (int)(doy - (153 * mp + 2) / 5 + 1);
	*m = (int)(mp < 10 ? mp + 3 : mp - 9);
	*y = yoe + era * 400 + (*m <= 2);
}

/* `width` digits at `at`, or -1. */
static int
field(struct span s, size_t at, size_t width)
{
	int v = 0;

	if (at + width > s.n)
		return -1;
	for (size_t i = at; i < at + width; i++) {
		if (s.s[i] < '0' || s.s[i] > '9')
			return -1;
		v = v * 10 + (s.s[i] - '0');
	}
	return v;
}

/* ".25" at *at as nanoseconds; digits beyond the ninth are dropped. */
static bool
fraction(struct span s, size_t *at, int64_t *ns)
{
	int64_t unit = WHEN_SECOND / 10;
	size_t i = *at;

	*ns = 0;
	if (i >= s.n || (s.s[i] != '.' && s.s[i] != ','))
		return true;
	for (i++; i < s.n && s.s[i] >= '0' && s.s[i] <= '9'; i++) {
		*ns += unit * (s.s[i] - '0');
		unit /= 10;
	}
	if (i == *at + 1)
		return false;
	*at = i;
	return true;
}

/* "Z", "+05:30", or what strftime's %z writes, "+0530". */
static bool
offset(struct span s, size_t at, int64_t *seconds)
{
	bool colon;
	int h, m;

	if (at + 1 == s.n && (s.s[at] == 'Z' || s.s[at] == 'z')) {
		*seconds = 0;
		return true;
	}
	if (at + 5 > s.n || (s.s[at] != '+' && s.s[at] != '-'))
		return false;
	colon = s.s[at + 3] == ':';
	h = field(s, at + 1, 2);
	m = field(s, at + 3 + colon, 2);
	if (at + 5 + colon != s.n || h < 0 || h > 23 || m < 0 || m > 59)
		return false;
	*seconds = (h * 60 + m) * (s.s[at] == '-' ? -60 : 60);
	return true;
}

static bool
is_leap(int y)
{
	return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
}

static const char *
rfc3339(struct span s, int64_t *ns)
{
	static const int month_days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30,
		31, 30, 31 };
	int y = field(s, 0, 4), mo = field(s, 5, 2), d = field(s, 8, 2);
	int h = field(s, 11, 2), mi = field(s, 14, 2), sec = field(s, 17, 2);
	int64_t frac, off;
	size_t at = 19;

	if (y < 0 || mo < 1 || mo > 12 || d < 1 || d > month_days[mo - 1] ||
	    (mo == 2 && d == 29 && !is_leap(y)) ||
	    h < 0 || h > 23 || mi < 0 || mi > 59 || sec < 0 || sec > 60 ||
	    s.s[4] != '-' || s.s[7] != '-' || strchr("Tt ", s.s[10]) == NULL ||
	    s.s[10] == '\0' || s.s[13] != ':' || s.s[16] != ':' ||
	    !fraction(s, &at, &frac))
		return not_a_time;
	if (at == s.n)
		return "time without a zone (Z or +hh:mm)";
	if (!offset(s, at, &off))
		return not_a_time;
	if (y < 1678 || y > 2261)
		return "time out of range";
	*ns = (days_of(y, mo, d) * 86400 + h * 3600 + mi * 60 + sec - off) *
	    WHEN_SECOND + frac;
	return NULL;
}

static const char *
epoch(struct span s, int64_t *ns)
{
	bool minus = s.n > 0 && s.s[0] == '-';
	size_t at = minus, digits;
	int64_t seconds, frac;

	for (digits = at; digits < s.n && s.s[digits] >= '0' &&
	    s.s[digits] <= '9'; digits++)
		;
	if (num_i64((struct span){ s.s + at, digits - at }, &seconds) != NULL)
		return not_a_time;
	at = digits;
	if ((at < s.n && s.s[at] == ',') || !fraction(s, &at, &frac) ||
	    at != s.n)
		return not_a_time;
	if (seconds > INT64_MAX / WHEN_SECOND - 1)
		return "time out of range, in seconds";
	*ns = seconds * WHEN_SECOND + frac;
	if (minus)
		*ns = -*ns;
	return NULL;
}

const char *
when_parse(struct span s, int64_t *ns)
{
	if (s.n == 0)
		return "empty";
	return s.n > 10 && s.s[4] == '-' ? rfc3339(s, ns) : epoch(s, ns);
}

size_t
when_print(char out[WHEN_MAX], int64_t ns, bool as_rfc3339)
{
	int64_t day = when_floor(ns, WHEN_DAY), sec, frac, y;
	size_t n;
	int m, d;

	sec = when_floor(ns, WHEN_SECOND);
	frac = ns - sec;
	if (as_rfc3339) {
		date_of(day / WHEN_DAY, &y, &m, &d);
		sec = (sec - day) / WHEN_SECOND;
		n = (size_t)snprintf(out, WHEN_MAX,
		    "%04d-%02d-%02dT%02d:%02d:%02d", (int)y, m, d,
		    (int)(sec / 3600), (int)(sec / 60 % 60), (int)(sec % 60));
	} else if (ns < 0) {
		n = (size_t)snprintf(out, WHEN_MAX, "-%llu",
		    (unsigned long long)(0 - (uint64_t)ns) / WHEN_SECOND);
		frac = (int64_t)((0 - (uint64_t)ns) % WHEN_SECOND);
	} else
		n = (size_t)snprintf(out, WHEN_MAX, "%lld",
		    (long long)(sec / WHEN_SECOND));
	if (frac != 0) {
		n += (size_t)snprintf(out + n, WHEN_MAX - n, ".%09lld",
		    (long long)frac);
		while (out[n - 1] == '0')
			n--;
	}
	if (as_rfc3339)
		out[n++] = 'Z';
	out[n] = '\0';
	return n;
}

int64_t
when_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * WHEN_SECOND + t.tv_nsec;
}
