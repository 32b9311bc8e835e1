#ifndef RESIN_ACT_UNIT_H
#define RESIN_ACT_UNIT_H

#include <stdint.h>

#include "act/run.h"
#include "base/buf.h"
#include "base/span.h"

/*
 * unit - restart of a service of the local systemd(1), through systemctl(1).
 *
 * Only a loaded, active .service that may be started and stopped by hand: a
 * stopped one stays stopped, and no target (reboot.target) is ever touched.
 * systemd refuses a unit that starts more than StartLimitBurst times within
 * StartLimitIntervalSec and leaves it failed, so an eager restart would turn a
 * leaking service into a dead one: one start is left in reserve for systemd's
 * own, and a unit that runs into the limit all the same is reset and started.
 */
struct unit {
	uint64_t burst;		/* 0: no limit */
	int64_t interval;	/* ns; INT64_MAX: for ever */
};

/* NULL, or a static reason why the name is none of a service. */
const char *unit_name(struct span);

/* Asks systemd.  NULL, or why it must not be restarted, good until next. */
const char *unit_ask(struct unit *, const char *name, int64_t timeout);

/* Is there room under the limit after `recent` starts by us? */
bool unit_room(const struct unit *, uint64_t recent);

struct run_result unit_restart(const char *name, int64_t timeout,
    struct buf *said);

#endif
