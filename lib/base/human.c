#include "base/human.h"

#include <math.h>

#include "base/when.h"

void
buf_bytes(struct buf *b, double bytes)
{
	static const char *const unit[] = { "B", "KiB", "MiB", "GiB", "TiB",
		"PiB" };
	size_t i = 0;

	while (fabs(bytes) >= 1023.5 && i + 1 < sizeof(unit) / sizeof(*unit)) {
		bytes /= 1024;
		i++;
	}
	buf_printf(b, i == 0 ? "%.0f" : "%.1f", bytes);
	if (i > 0 && b->s[b->n - 1] == '0')
		b->n -= 2;	/* 4 KiB, not 4.0 */
	buf_printf(b, " %s", unit[i]);
}

void
buf_when(struct buf *b, int64_t ns)
{
	char text[WHEN_MAX];

	if (ns == WHEN_NEVER)
		return;
	when_print(text, ns - ((ns % (60 * WHEN_SECOND)) + 60 * WHEN_SECOND) %
	    (60 * WHEN_SECOND), true);
	text[10] = ' ';
	buf_add(b, text, 16);
	buf_str(b, " UTC");
}

void
buf_sparkline(struct buf *b, const double *v, size_t n)
{
	double low = INFINITY, high = -INFINITY;
	size_t i, k;

	for (i = 0; i < n; i++) {
		low = fmin(low, v[i]);
		high = fmax(high, v[i]);
	}
	for (i = 0; i < n; i++) {
		k = high > low ? (size_t)(7.999 * (v[i] - low) /
		    (high - low)) : 0;
		buf_add(b, (char[]){ (char)0xe2, (char)0x96,
		    (char)(0x81 + k) }, 3);
	}
}
