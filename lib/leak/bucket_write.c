#include "leak/bucket_write.h"

#include <string.h>

#include "base/num.h"

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

/*
 * The rows of a group differ in bucket and nodes only: the rest is made once.
 */
void
bucket_write_group(void *arg, int64_t ts, struct span group,
    const uint64_t *nodes)
{
	struct bucket_writer *w = arg;
	struct buf *lines = &w->lines;
	struct span rest;

	output_time(w->out, ts);
	output_text(w->out, first_key(group, &rest));
	output_str(w->out, "");
	output_take(w->out, &w->before);
	while (rest.s != NULL)
		output_text(w->out, first_key(rest, &rest));
	output_text(w->out, w->window);
	output_text(w->out, w->edges_text);
	output_take(w->out, &w->behind);
	lines->n = 0;
	buf_room(lines, w->edges->n * (w->before.n + w->behind.n +
	    2 * NUM_MAX));
	for (size_t l = 0; l < w->edges->n && nodes[l] > 0; l++) {
		char *p = lines->s + lines->n;

		memcpy(p, w->before.s, w->before.n);
		p += w->before.n;
		p += num_print_u64(p, w->edges->at[l]);
		*p++ = '\t';
		p += num_print_u64(p, nodes[l]);
		memcpy(p, w->behind.s, w->behind.n);
		p += w->behind.n;
		*p++ = '\n';
		lines->n = (size_t)(p - lines->s);
	}
	output_lines(w->out, lines);
}

void
bucket_writer_free(struct bucket_writer *w)
{
	buf_free(&w->before);
	buf_free(&w->behind);
	buf_free(&w->lines);
}
