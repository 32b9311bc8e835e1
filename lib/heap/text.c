#include "heap/text.h"

#include <math.h>

#include "base/human.h"
#include "base/frames.h"

#define SCREEN 5	/* findings that a screen of 24 lines has room for */
#define SPARK 24	/* columns of a drawing */
#define LINE 76		/* columns of a stack */

/* The series of a finding: the sum of its rows, at SPARK points at most. */
static void
drawing(const struct series *s, const struct rank_row *r, struct buf *b)
{
	double v[SPARK] = { 0 };
	size_t n = s->snap.n, points = n < SPARK ? n : SPARK, i, k;

	for (i = 0; i < points; i++)
		for (k = 0; k < r->members; k++)
			v[i] += (double)series_cells(s, r[k].stack)[
			    points > 1 ? i * (n - 1) / (points - 1) : 0].bytes;
	buf_sparkline(b, v, points);
}

/* The innermost frames that fit into a line, one of the program at least. */
static void
shorten(struct span stack, struct buf *b)
{
	struct span rest = stack.n > LINE ? frames_own(stack) : stack;
	bool inner = rest.n < stack.n;
	size_t room = inner ? LINE - 4 : LINE;

	if (rest.n > room) {
		buf_str(b, "...;");
		while (rest.n > room - 4 && frames_depth(rest) > 1)
			frames_next(&rest);
	}
	buf_span(b, rest);
	buf_str(b, inner ? ";..." : "");
}

/* Text between its semicolons into lines that fit. */
static void
put_lines(struct span s, struct buf *b)
{
	size_t column = 0, n;
	const char *end;

	while (s.n > 0) {
		end = memchr(s.s, ';', s.n);
		n = end != NULL ? (size_t)(end - s.s) + 1 : s.n;
		if (column == 0 || column + n > LINE) {
			buf_str(b, column > 0 ? "\n  " : "  ");
			column = 2;
			for (; n > 0 && *s.s == ' '; s.s++, s.n--)
				n--;
			buf_char(b, ' ');
		}
		buf_add(b, s.s, n);
		column += n;
		s.s += n;
		s.n -= n;
	}
	buf_char(b, '\n');
}

static void
finding(const struct series *s, const struct ranking *rank,
    const struct rank_row *r, struct buf *b)
{
	double gain = 0, size;
	struct buf why = { 0 }, stack = { 0 };
	size_t k;

	for (k = 0; k < r->members; k++)
		gain += r[k].g.gain;
	buf_printf(b, "\n%zu  +", r->finding);
	buf_bytes(b, gain);
	buf_printf(b, "  %s  ", growth_name(r->g.class));
	drawing(s, r, b);
	size = r->objects > 0 ? r->growth / r->objects : 0;
	if (r->objects >= 1) {
		buf_printf(b, "  %.0f x ", r->objects);
		buf_bytes(b, size);
	}
	if (r->members > 1)
		buf_printf(b, ", %zu stacks %s", r->members, r->recursion ?
		    "of one recursion" : "in lockstep");
	buf_str(b, "\n   ");
	shorten(series_stack(s, r->stack, &stack), b);
	buf_str(b, "\n");
	rank_reason(s, rank, r, &why);
	put_lines(buf_view(&why), b);
	buf_free(&why);
	buf_free(&stack);
}

static void
put_duration(int64_t ns, struct buf *b)
{
	double s = (double)ns / 1e9;

	if (s < 60)
		buf_printf(b, "%.3g s", s);
	else if (s < 3600)
		buf_printf(b, "%.3g min", s / 60);
	else
		buf_printf(b, "%.3g h", s / 3600);
}

static void
summary(const struct series *s, const struct ranking *rank, double growth,
    struct buf *b)
{
	size_t n = s->snap.n;

	buf_printf(b, "%zu snapshots over ", n);
	put_duration(s->snap.v[n - 1].ts - s->snap.v[0].ts, b);
	buf_printf(b, ", %zu stacks: the heap grew ", s->n);
	buf_bytes(b, rank->heap);
	buf_printf(b, "; %zu finding%s", rank->findings,
	    rank->findings == 1 ? "" : "s");
	if (rank->findings > 0) {
		buf_str(b, " of ");
		buf_bytes(b, rank->explained);
	}
	buf_char(b, '\n');
	if (growth > 0) {
		buf_str(b, "The process grew ");
		buf_bytes(b, growth);
		buf_str(b, ", of which the heap does not explain ");
		buf_bytes(b, fmax(0, growth - rank->heap));
		buf_str(b, ".\n");
	}
	if (rank->nreference == 0)
		buf_str(b, "No reference: what fills to a bound looks the "
		    "same as a leak.\n");
}

void
text_report(const struct series *s, const struct ranking *rank, double growth,
    size_t top, struct buf *b)
{
	size_t i, shown = 0;

	if (s->snap.n == 0)
		return;
	top = top > 0 ? top : SCREEN;
	summary(s, rank, growth, b);
	for (i = 0; i < rank->row.n && shown < top;
	    i += rank->row.v[i].members, shown++)
		finding(s, rank, &rank->row.v[i], b);
	if (shown < rank->findings)
		buf_printf(b, "\nand %zu more.\n", rank->findings - shown);
}
