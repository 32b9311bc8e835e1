#ifndef RESIN_PROGRESS_H
#define RESIN_PROGRESS_H

#include <stdint.h>

/*
 * progress - a line on standard error for long work: only on a terminal, only
 * after a second, at most four times a second, and wiped at the end.
 */
void progress(uint64_t done, uint64_t total);	/* in bytes; total 0: unknown */
void progress_end(void);

#endif
