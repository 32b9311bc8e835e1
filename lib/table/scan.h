#ifndef RESIN_SCAN_H
#define RESIN_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * scan - the index of delimiters: where in base[from, to), which begins with a
 * row, a TAB (CSV: a comma) or a LF stands, in order.  `index` has room for
 * to - from entries and SCAN_SLACK more, which may be written; base has
 * SCAN_PAD readable bytes behind `to`.
 *
 * A scanner knows only what is plain.  At the first byte that is not, `odd`, it
 * may be wrong from there on, and who calls looks closer at that row:
 *
 *	a NUL byte;
 *	in CSV a quote that neither opens nor closes a whole field, so also a
 *	doubled one, and a LF inside quotes.
 */
enum { SCAN_PAD = 64, SCAN_SLACK = 64 };

struct scan {
	size_t n;	/* delimiters found */
	size_t newline;	/* of them LF */
	size_t odd;	/* the first byte to look closer at, or `to` */
	bool quoted;	/* CSV: there are quotes around fields */
	bool tab;	/* CSV: there is a TAB in a field */
};

struct scan scan_tsv(const char *base, size_t from, size_t to,
    uint32_t *index);
struct scan scan_csv(const char *base, size_t from, size_t to,
    uint32_t *index);

/*
 * The instructions to scan with, the best of this machine unless said
 * otherwise.  All give the same result.  False: not on this machine.
 */
enum scan_with { SCAN_PLAIN, SCAN_SSE2, SCAN_AVX2, SCAN_AVX512, SCAN_NEON,
	SCAN_KINDS };
bool scan_use(enum scan_with);

#endif
