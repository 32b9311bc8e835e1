#ifndef RESIN_RHYTHM_H
#define RESIN_RHYTHM_H

#include "leak/trial.h"

/*
 * rhythm - takes out of the instances of a component what they do at the same
 * hours: the rhythm of the day, that of single hosts, that of the week, and
 * whatever else most of them share (leak/wave.h).
 */
void rhythm_remove(const struct growth_limits *, struct trial *, size_t n,
    const struct grid *);

#endif
