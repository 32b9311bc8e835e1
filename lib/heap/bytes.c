#include "heap/bytes.h"

#include <math.h>

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
	buf_printf(b, i == 0 ? "%.0f %s" : "%.1f %s", bytes, unit[i]);
}
