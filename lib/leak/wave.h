#ifndef RESIN_WAVE_H
#define RESIN_WAVE_H

#include "leak/trial.h"

/*
 * wave - the load that the instances of a component share.
 *
 * The logarithms of the sizes are taken as a level of each instance and a
 * course that all share, both by a low quantile in turns (as median polish,
 * Tukey 1977), so that neither the leaks of less than 85 % of them nor
 * saw-teeth move it.  What the course does is load and is divided out: a busy
 * week, demand that grows.  But where it leaks by the tests of one process,
 * most instances may: then only what it gives back is load.  And it stays in
 * where instances would seem to fall without it: not all shared it.
 */
void wave_remove(const struct growth_limits *, struct trial *, size_t n,
    const struct grid *);

#endif
