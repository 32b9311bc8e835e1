#ifndef RESIN_WHEN_H
#define RESIN_WHEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

/*
 * A time is nanoseconds since the epoch, UTC, in an int64_t (1678 to 2262).
 * As text it is epoch seconds, 1609459200 or 1609459200.25, or RFC 3339,
 * 2021-01-01T00:00:00Z or with an offset, +05:30 or +0530.
 */
#define WHEN_SECOND INT64_C(1000000000)
#define WHEN_HOUR (3600 * WHEN_SECOND)
#define WHEN_DAY (24 * WHEN_HOUR)
#define WHEN_NEVER INT64_MIN	/* no time: an empty field */

const char *when_parse(struct span, int64_t *ns);	/* NULL or a reason */

/* Epoch seconds with no more decimals than needed, or RFC 3339. */
#define WHEN_MAX 40
size_t when_print(char out[WHEN_MAX], int64_t ns, bool rfc3339);

int64_t when_now(void);		/* by the system's clock */

/* The start of the window of `width` that `ns` falls in; also before 1970. */
static inline int64_t
when_floor(int64_t ns, int64_t width)
{
	int64_t r = ns % width;

	return ns - (r < 0 ? r + width : r);
}

static inline double
when_seconds(int64_t ns)
{
	return (double)ns / 1e9;
}

#endif
