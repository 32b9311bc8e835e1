/* The parsers of proc(5) on arbitrary bytes, each on a copy of exactly n bytes
 * so that a read beyond the end is seen. */
#include <stdlib.h>
#include <string.h>

#include "leak/cgroup.h"
#include "leak/proc.h"
#include "leak/slab.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *copy;
	struct span text, name;
	struct proc_stat st;
	struct slab slab;
	uint64_t bytes;
	int64_t seconds;
	size_t seen = 0;

	if (n == 0)
		return 0;
	copy = malloc(n - 1 > 0 ? n - 1 : 1);
	if (copy == NULL)
		return 0;
	memcpy(copy, data + 1, n - 1);
	text = (struct span){ copy, n - 1 };
	if (proc_stat(text, &st))
		seen += st.comm.n;
	proc_private(text, data[0] & 1, &bytes);
	proc_statm(text, 4096, &bytes);
	proc_boot(text, &seconds);
	name = cgroup_name(text);
	for (size_t i = 0; i < name.n; i++)
		seen += (unsigned char)name.s[i];
	while (slab_next(&text, &slab) == 1)
		seen += slab.name.n;
	free(copy);
	return seen == SIZE_MAX;
}
