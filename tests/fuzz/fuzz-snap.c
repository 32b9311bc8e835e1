/*
 * The readers of heap dumps on arbitrary bytes.  The first byte chooses the
 * options and the format; under the name fuzz-snap-FORMAT that one alone.
 */
#include <stdint.h>
#include <string.h>

#include "heap/dumps.h"
#include "heap/format.h"

int LLVMFuzzerInitialize(int *, char ***);
int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const char *only;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *name = argc > 0 ? strstr((*argv)[0], "fuzz-snap-") : NULL;

	if (name != NULL)
		only = name + strlen("fuzz-snap-");
	return 0;
}

/* What resin-snap does with a snapshot: touch all of it. */
static void
emit(void *arg, const struct snapshot *s)
{
	double *sum = arg;

	for (size_t i = 0; i < s->n; i++) {
		*sum += s->row[i].live.bytes + sample_se(&s->row[i].live);
		for (uint32_t k = 0; k < s->row[i].depth; k++)
			*sum += (double)s->names->key[
			    s->frame[s->row[i].frame + k]].n;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct dump_options options = { .snapshots = 3 };
	double sum = 0;
	struct dumps d = { .options = &options, .emit = emit, .arg = &sum,
		.times = DUMP_TIMES };
	size_t nformat = 0;

	if (n == 0)
		return 0;
	while (heap_formats[nformat] != NULL)
		nformat++;
	options.raw = data[0] & 1;
	options.addresses = data[0] & 2;
	if (only != NULL)
		options.format = only;
	else if (data[0] & 4)
		options.format = heap_formats[(data[0] >> 3) % nformat]->name;
	dumps_read_memory(&d, data + 1, n - 1);
	dumps_free(&d);
	return 0;
}
