/* Arbitrary bytes as TSV or CSV: the fast way of reading and the slow one. */
#include <stdint.h>

#include "../table-compare.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct buf b = { 0 };

	if (n < 2)
		return 0;
	buf_room(&b, n + SCAN_PAD);
	buf_add(&b, data + 1, n - 1);
	memset(b.s + b.n, 0, SCAN_PAD);
	compare(&b, data[0] & 1, 1 + (data[0] >> 1) % 4);
	buf_free(&b);
	return 0;
}
