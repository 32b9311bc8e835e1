#ifndef RESIN_HASH_H
#define RESIN_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>

/*
 * hash_bytes - 64 bits for a hash table: eight bytes a step through a 64x64
 * multiplication folded to 64 bits.  The same on every little-endian machine;
 * not for an adversary, so tables that hold hostile keys bound their probes.
 */
static inline uint64_t
hash_mix(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 p = (unsigned __int128)a * b;

	return (uint64_t)p ^ (uint64_t)(p >> 64);
}

static inline uint64_t
hash_bytes(const void *key, size_t n)
{
	const unsigned char *p = key;
	uint64_t h = 0x9e3779b97f4a7c15u ^ n, w;

	for (; n >= 8; n -= 8, p += 8) {
		memcpy(&w, p, 8);
		h = hash_mix(h ^ w, 0xa0761d6478bd642fu);
	}
	w = 0;
	memcpy(&w, p, n);
	return hash_mix(h ^ w, 0xe7037ed1a0b428dbu);
}

/*
 * hash_seed - 64 bits that whoever made the input cannot know: the kernel's
 * AT_RANDOM.  Another in each process, so only for what never shows in output.
 */
static inline uint64_t
hash_seed(void)
{
	const void *random = (const void *)getauxval(AT_RANDOM);
	uint64_t seed = 0x2d358dccaa6c78a5u;

	if (random != NULL)
		memcpy(&seed, random, sizeof(seed));
	return seed;
}

#endif
