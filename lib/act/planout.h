#ifndef RESIN_ACT_PLANOUT_H
#define RESIN_ACT_PLANOUT_H

#include <stddef.h>
#include <stdint.h>

#include "act/plan.h"
#include "table/output.h"

/*
 * The plan as action records: ts node target action priority reason, then what
 * the actuator needs (leak component cluster service pid start ...), then the
 * input's other columns, `carry`, unless they are named like one of ours.
 */
void plan_write_header(struct output *, const struct span *carry,
    size_t ncarry);
void plan_write(struct output *, const struct plan *, int64_t now,
    const struct span *carry, size_t ncarry);

/* --check: node component pid action verdict line reason. */
void plan_write_notes(struct output *, const struct suspect *,
    const struct step *);

#endif
