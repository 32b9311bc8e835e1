#ifndef RESIN_EVIDENCE_H
#define RESIN_EVIDENCE_H

#include "leak/trial.h"

/*
 * evidence - the instances of a component judged together.  What healthy ones
 * do says what a rise has to exceed; what is certain of one helps to judge the
 * others; a component none of whose rises is more than a level that fills up,
 * or of whose hosts so few rise that it is chance, does not leak.
 */

/* Judges t[0..n), in order of host, the rhythm being taken out. */
void evidence_judge(const struct growth_limits *, struct trial *t, size_t n);

#endif
