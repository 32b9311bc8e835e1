#ifndef RESIN_PATTERN_H
#define RESIN_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * pattern - how a leak grows, and whether it has just grown enough to take the
 * next snapshot (RESIN section 5.3, Table 1).
 *
 * u[i] is the usage in window i of `width` seconds, NaN where missing; the leak
 * is in [from, n).
 */
enum pattern_kind {
	PATTERN_NONE,
	PATTERN_STEADY,
	PATTERN_STAIR,
	PATTERN_SPIKE
};

struct pattern {
	enum pattern_kind kind;
	double slope;		/* of the growing parts, an hour */
	double r2;		/* of a straight line through them */
	double gain;		/* their sum */
	bool complete;		/* the trigger of this kind fires */
};

void pattern_find(const double *u, size_t from, size_t n, double width,
    struct pattern *);

const char *pattern_text(enum pattern_kind);

#endif
