#ifndef PANO_LOGTIME_H
#define PANO_LOGTIME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

/*
 * logtime - the times in logs.  A format is strptime(3)'s in the C locale, with
 * %f for a fraction of a second of any length, or one of the words epoch,
 * epoch_ms, epoch_us, epoch_ns and rfc3339.  A format without a year takes the
 * one that brings the time closest to, but not over a day after, `today`.
 */
struct logtime {
	char *format;		/* owned */
	bool year;		/* the format has one */
	bool local;		/* zone of the process; else `east` */
	int32_t east;		/* seconds; also when %z is there, it wins */
	int64_t today;		/* ns */
};

/*
 * Does tzset(3) know the value of TZ?  Of what it does not know it makes UTC
 * without a word.
 */
bool logtime_known(const char *tz);
/* NULL, or a reason. */
const char *logtime_zone(struct logtime *, struct span zone);
void logtime_format(struct logtime *, struct span);
bool logtime_parse(const struct logtime *, struct span, int64_t *ns);
void logtime_free(struct logtime *);

#endif
