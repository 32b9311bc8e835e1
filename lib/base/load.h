#ifndef RESIN_LOAD_H
#define RESIN_LOAD_H

#include <stdint.h>
#include <string.h>

/* Eight bytes as a number, the first one the lowest, on any machine. */
static inline uint64_t
load_le64(const void *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	w = __builtin_bswap64(w);
#endif
	return w;
}

#endif
