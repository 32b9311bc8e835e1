#ifndef RESIN_PLOT_H
#define RESIN_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

/*
 * plot - memory over time as an SVG that stands in a page: bytes from 0
 * upwards, times in UTC.  Leaking processes in front, others behind in grey.
 * Colours are the page's: --leak, --peer, --line, --dim.
 */
struct plot_point {
	int64_t ts;		/* ns */
	double bytes;
};

struct plot_line {
	const struct plot_point *point;	/* in order of time */
	size_t n;
	struct span name;	/* shown by a browser on the line */
	bool leak;
};

struct plot {
	const struct plot_line *line;
	size_t n;
	int64_t from, to;	/* shaded; from >= to: nothing is */
	struct span label;	/* for those who do not see it */
};

/* Nothing is written when there is no point. */
void plot_svg(const struct plot *, struct buf *);

#endif
