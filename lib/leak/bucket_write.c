#include "leak/bucket_write.h"

#include <string.h>

void
bucket_write_header(struct output *out, const struct span *attribute, size_t n)
{
	static const char *const first[] = { "ts", "component", "bucket",
		"nodes" };

	for (size_t i = 0; i < 4; i++)
		output_str(out, first[i]);
	for (size_t i = 0; i < n; i++)
		output_text(out, attribute[i]);
	output_str(out, "window");
	output_str(out, "edges");
	output_row(out);
}

/* The first key of a joined group; the rest is what follows it. */
static struct span
first_key(struct span group, struct span *rest)
{
	const char *nul = memchr(group.s, '\0', group.n);
	size_t n = nul != NULL ? (size_t)(nul - group.s) : group.n;

	*rest = nul == NULL ? (struct span){ NULL, 0 } :
	    (struct span){ nul + 1, group.n - n - 1 };
	return (struct span){ group.s, n };
}

void
bucket_write_row(const struct bucket_writer *w, int64_t ts, struct span group,
    uint64_t bucket, uint64_t nodes)
{
	struct output *out = w->out;
	struct span rest;

	output_time(out, ts);
	output_text(out, first_key(group, &rest));
	output_u64(out, bucket);
	output_u64(out, nodes);
	while (rest.s != NULL)
		output_text(out, first_key(rest, &rest));
	output_text(out, w->window);
	output_text(out, w->edges_text);
	output_row(out);
}

void
bucket_write_group(void *arg, int64_t ts, struct span group,
    const uint64_t *nodes)
{
	const struct bucket_writer *w = arg;

	for (size_t l = 0; l < w->edges->n && nodes[l] > 0; l++)
		bucket_write_row(w, ts, group, w->edges->at[l], nodes[l]);
}
