#ifndef RESIN_HASH_H
#define RESIN_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>

#include "base/load.h"

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
 * hash_keyed - for names that somebody sends, who could else choose them to
 * collide: with the seed unknown no two of them meet more often than chance has
 * it.  Sixteen bytes a step.
 */
static inline uint64_t
hash_keyed(uint64_t seed, const void *key, size_t n)
{
	const uint64_t k0 = 0xa0761d6478bd642fu, k1 = 0xe7037ed1a0b428dbu;
	uint64_t a = 0, b = 0, h = seed + n * k1;
	const char *s = key;

	for (; n > 16; n -= 16, s += 16)
		h = hash_mix(load_le64(s) ^ h ^ k0,
		    load_le64(s + 8) ^ seed ^ k1);
	if (n >= 8) {
		a = load_le64(s);
		b = load_le64(s + n - 8);
	} else if (n >= 4) {
		uint32_t head, tail;

		memcpy(&head, s, 4);
		memcpy(&tail, s + n - 4, 4);
		a = (uint64_t)head << 32 | tail;
	} else if (n > 0)
		a = (uint64_t)(unsigned char)s[0] << 16 |
		    (uint64_t)(unsigned char)s[n / 2] << 8 |
		    (unsigned char)s[n - 1];
	return hash_mix(a ^ h ^ k0, b ^ seed ^ k1);
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
