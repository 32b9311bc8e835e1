#ifndef RESIN_SCAN_H
#define RESIN_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * scan - the index of delimiters: where in base[from, to) a TAB or a LF stands,
 * in order.  `index` has room for to - from entries and SCAN_SLACK more, which
 * may be written; base has SCAN_PAD readable bytes behind `to`.
 */
enum { SCAN_PAD = 64, SCAN_SLACK = 64 };

struct scan {
	size_t n;	/* delimiters found */
	size_t newline;	/* of them LF */
	bool nul;	/* a NUL byte was seen */
};

struct scan scan_tsv(const char *base, size_t from, size_t to,
    uint32_t *index);

#endif
