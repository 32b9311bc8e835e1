#include "heap/stack_table.h"

#include <math.h>

/* The innermost frame that the rows of a finding have in common. */
static struct span
common_frame(const struct series *s, const struct rank_row *r)
{
	const uint32_t *frame = stacks_frames(&s->stacks, s->order[r->stack]);

	return r->common > 0 ? s->stacks.name.key[frame[r->common - 1]] :
	    (struct span){ 0 };
}

static void
write_row(struct output *out, const struct series *s,
    const struct ranking *rank, const struct rank_row *r, struct buf *text)
{
	output_u64(out, r->finding);
	output_text(out, series_stack(s, r->stack, text));
	output_u64(out, r->before);
	output_u64(out, r->after);
	output_number(out, r->growth);
	output_number(out, r->objects);
	output_number(out, round(r->score));
	text->n = 0;
	rank_reason(s, rank, r, text);
	output_text(out, buf_view(text));
	output_str(out, growth_name(r->g.class));
	output_number(out, isnan(r->reference) ? NAN : round(r->reference));
	output_number(out, round(r->share * 1e4) / 1e4);
	output_u64(out, r->members);
	output_text(out, common_frame(s, r));
	output_row(out);
}

/* What of the process' growth is not in the heap. */
static void
write_rest(struct output *out, const struct ranking *rank, double growth)
{
	double rest = growth - rank->heap;
	size_t i;

	output_none(out);
	output_str(out, "[not in the heap]");
	output_none(out);
	output_none(out);
	output_number(out, rest);
	output_none(out);
	output_none(out);
	output_str(out, rest > 0 ? "the process grew more than its heap: "
	    "fragmentation, mappings, stacks" : "the heap grew more than the "
	    "process: freed memory was used again");
	for (i = 0; i < 2; i++)
		output_none(out);
	output_number(out, round(rest / growth * 1e4) / 1e4);
	output_none(out);
	output_none(out);
	output_row(out);
}

void
stack_table(struct output *out, const struct series *s,
    const struct ranking *rank, double growth, size_t top)
{
	struct buf why = { 0 };
	size_t i;

	output_header(out, "rank", "stack", "bytes_before", "bytes_after",
	    "growth", "count_growth", "score", "reason", "class", "reference",
	    "share", "members", "common", NULL);
	for (i = 0; i < rank->row.n; i++)
		if (top == 0 || rank->row.v[i].finding <= top)
			write_row(out, s, rank, &rank->row.v[i], &why);
	if (growth > 0 && s->snap.n > 0)
		write_rest(out, rank, growth);
	buf_free(&why);
}

void
stack_folded(struct output *out, const struct series *s)
{
	size_t i, n = s->snap.n;
	struct buf text = { 0 };

	for (i = 0; n > 0 && i < s->n; i++) {
		struct span stack = series_stack(s, i, &text);

		fwrite(stack.s, 1, stack.n, out->fp);
		fprintf(out->fp, " %ju %ju\n",
		    (uintmax_t)series_cells(s, i)[0].bytes,
		    (uintmax_t)series_cells(s, i)[n - 1].bytes);
	}
	buf_free(&text);
}
