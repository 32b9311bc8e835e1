#include "table/run.h"

struct span
run_without_end(const char *s, size_t n)
{
	while (n > 0 && (s[n - 1] == '\n' || s[n - 1] == '\r'))
		n--;
	return (struct span){ s, n };
}

struct span
run_text(const struct run *run, size_t row)
{
	const uint32_t *end = run->end + row * run->ncol;
	uint32_t from = end[-1] + 1;

	if (run->raw.s != NULL)
		return run->raw;
	return run_without_end(run->base + from, end[run->ncol - 1] - from);
}
