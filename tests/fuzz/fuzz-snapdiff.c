/* Arbitrary snapshots through the ranking and every form of its output: five
 * bytes and a stack make a row, of the suspect or of its reference. */
#include <stdlib.h>
#include <string.h>

#include "heap/flame.h"
#include "heap/pprof_write.h"
#include "heap/rank.h"
#include "heap/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
take(struct series *s, const uint8_t *p, struct span stack)
{
	struct series_snap at = { INT64_C(60000000000) * (p[0] & 7),
		p[0] >> 3 & 1, p[0] >> 4 & 1 };
	struct series_cell cell = { (uint64_t)p[2] << (p[1] & 45),
		(uint64_t)p[3] << (p[1] & 31), (uint64_t)p[4] << (p[1] & 52) };

	s->has_var |= p[1] >> 7;
	series_add(s, at, stacks_id(&s->stacks, stack), cell, p[4] & 15);
}

static void
judge(struct series *s, struct series *reference, bool all)
{
	struct rank_options o = { 4096, RANK_ANY, 0, all };
	struct ranking rank;
	struct buf out = { 0 };

	series_finish(s);
	series_finish(reference);
	rank_stacks(s, reference, reference->snap.n > 1, &o, &rank);
	text_report(s, &rank, 4096, 0, &out);
	flame_svg(s, &out);
	pprof_write(s, &out);
	buf_free(&out);
	rank_free(&rank);
	series_free(s);
	series_free(reference);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct series s[2] = { 0 };
	size_t len;
	bool all = n > 0 && data[0] & 1;

	while (n >= 6) {
		len = data[5] & 15;
		len = len > n - 6 ? n - 6 : len;
		take(&s[data[5] >> 7], data, (struct span){
		    (const char *)data + 6, len });
		data += 6 + len;
		n -= 6 + len;
	}
	judge(&s[0], &s[1], all);
	return 0;
}
