/* Any bytes are a message, and any tokens of it a form. */
#include <stdint.h>

#include "gandalf/mask.h"
#include "gandalf/signature.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct signatures s = { 0 };
	struct buf form = { 0 };

	mask_message(&form, (struct span){ (const char *)data, n });
	signature_add(&s, buf_view(&form), 1);
	signature_add(&s, (struct span){ (const char *)data, n / 2 }, 1);
	signature_learn(&s);
	signature_of(&s, buf_view(&form));
	signature_of(&s, (struct span){ (const char *)data, n / 3 });
	signature_free(&s);
	buf_free(&form);
	return 0;
}
