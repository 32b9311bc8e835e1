/* The first bytes of an answer: what pano-run reads inside other programs. */
#include <stdint.h>

#include "pano/refused.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char number[16];
	int code = refused_code((const char *)data, n);

	if (code != 0)
		(void)refused_name(code, number);
	return 0;
}
