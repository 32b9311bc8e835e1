#include "leak/rollup_mean.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"

#define DEVIATIONS 5
#define MAD_TO_SIGMA 1.4826	/* of a normal distribution */
#define NEAR 0.25		/* of the median */

enum { FEW = 64 };

static int
by_size(const void *va, const void *vb)
{
	const uint64_t *a = va, *b = vb;

	return (*a > *b) - (*a < *b);
}

static void
sort(uint64_t *v, size_t n)
{
	if (n > FEW) {
		qsort(v, n, sizeof(*v), by_size);
		return;
	}
	for (size_t i = 1; i < n; i++) {
		uint64_t x = v[i];
		size_t k = i;

		for (; k > 0 && v[k - 1] > x; k--)
			v[k] = v[k - 1];
		v[k] = x;
	}
}

/* Of sorted values. */
static uint64_t
median(const uint64_t *v, size_t n)
{
	uint64_t low, high;

	assert(n > 0);
	low = v[(n - 1) / 2];
	high = v[n / 2];

	return low + (high - low) / 2;
}

static uint64_t
distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

/* How far from the median a sample may be. */
static double
reach(const uint64_t *sample, size_t n, uint64_t middle)
{
	uint64_t few[FEW], *away = n > FEW ? mem_new(n, sizeof(*away)) : few;
	double sigma, near = NEAR * (double)middle;

	assert(n > 0);
	for (size_t i = 0; i < n; i++)
		away[i] = distance(sample[i], middle);
	sort(away, n);
	sigma = MAD_TO_SIGMA * (double)median(away, n);
	if (away != few)
		free(away);
	return DEVIATIONS * sigma > near ? DEVIATIONS * sigma : near;
}

uint64_t
rollup_mean(uint64_t *sample, size_t n)
{
	__extension__ unsigned __int128 sum = 0;
	uint64_t middle;
	double limit;
	size_t kept = 0;

	if (n == 1)
		return sample[0];
	sort(sample, n);
	middle = median(sample, n);
	limit = reach(sample, n, middle);
	for (size_t i = 0; i < n; i++)
		if ((double)distance(sample[i], middle) <= limit) {
			sum += sample[i];
			kept++;
		}
	assert(kept > 0);	/* half of them are no further than the MAD */
	return (uint64_t)((sum + kept / 2) / kept);
}
