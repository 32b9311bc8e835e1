#include "heap/axis.h"

/* Two gaps may differ so much before the times are taken for accidents. */
#define UNEVEN 20

bool
axis_of(const struct series *s, double *x)
{
	size_t n = s->snap.n, i;
	int64_t first = s->snap.v[0].ts, gap, least = INT64_MAX, most = 0;
	double span = (double)(s->snap.v[n - 1].ts - first);

	for (i = 1; i < n; i++) {
		gap = s->snap.v[i].ts - s->snap.v[i - 1].ts;
		least = gap < least ? gap : least;
		most = gap > most ? gap : most;
	}
	if (n > 1 && most / UNEVEN <= least) {
		for (i = 0; i < n; i++)
			x[i] = (double)(s->snap.v[i].ts - first) / span;
		return true;
	}
	for (i = 0; i < n; i++)
		x[i] = n > 1 ? (double)i / (double)(n - 1) : 0;
	return false;
}
