#include "heap/flame.h"

#include <math.h>

#include "base/human.h"
#include "base/markup.h"

#define WIDTH 1200.0
#define ROW 17.0	/* height of a box, with its gap */
#define TOP 44.0	/* for the title */
#define LEAST 0.4	/* a narrower box is not drawn */
#define LETTER 6.6	/* of 11px monospace */
#define DEPTH 128	/* frames drawn */

struct box {
	struct span name;
	uint32_t frame;		/* its id; of the root none is asked for */
	double before, after;
	double x;		/* bytes to its left */
};

struct flame {
	const struct series *s;
	struct buf *out;
	struct box open[DEPTH + 1];	/* from the root inwards */
	size_t nopen, deepest;
	double left;		/* bytes drawn so far */
	double whole;		/* bytes of the last snapshot */
	double change;		/* of them since the first */
	double most;		/* the greatest change of any box */
	bool draw;		/* second pass */
};

static void
title(struct flame *f, const struct box *b)
{
	buf_str(f->out, "<title>");
	buf_markup(f->out, b->name);
	buf_str(f->out, ": ");
	buf_bytes(f->out, b->after);
	buf_str(f->out, b->after < b->before ? ", -" : ", +");
	buf_bytes(f->out, fabs(b->after - b->before));
	buf_str(f->out, "</title>");
}

/* As much of the name as there is room for, whole characters. */
static struct span
cut(struct span name, double width)
{
	double room = (width - 6) / LETTER;
	size_t i = 0, n, k;

	for (k = 0; i < name.n && (double)k < room - 1; k++) {
		n = utf8_length((struct span){ name.s + i, name.n - i });
		i += n > 0 ? n : 1;
	}
	name.n = k < 3 ? 0 : i;
	return name;
}

static void
draw(struct flame *f, const struct box *b, size_t depth)
{
	double scale = WIDTH / f->whole, x = b->x * scale,
	       width = b->after * scale, change = b->after - b->before,
	       y = TOP + ROW * (double)depth;
	int fade = 245 - (int)lround(165 * sqrt(fabs(change) / f->most));
	struct span name;

	if (width < LEAST)
		return;
	buf_printf(f->out, "<g>");
	title(f, b);
	buf_printf(f->out, "<rect x=\"%.1f\" y=\"%.0f\" width=\"%.1f\" "
	    "height=\"%.0f\" fill=\"rgb(%d,%d,%d)\"/>", x, y,
	    fmax(width - 0.5, 0.3), ROW - 1, change >= 0 ? 245 : fade, fade,
	    change <= 0 ? 245 : fade);
	name = cut(b->name, width);
	if (name.n > 0) {
		buf_printf(f->out, "<text x=\"%.1f\" y=\"%.0f\">", x + 3,
		    y + 12);
		buf_markup(f->out, name);
		buf_str(f->out, name.n < b->name.n ? "\xe2\x80\xa6" : "");
		buf_str(f->out, "</text>");
	}
	buf_str(f->out, "</g>\n");
}

/* A box whose stacks are all seen. */
static void
close_box(struct flame *f)
{
	const struct box *b = &f->open[--f->nopen];

	f->change = b->after - b->before;	/* of all, in the end */
	if (f->draw)
		draw(f, b, f->nopen);
	f->most = fmax(f->most, fabs(b->after - b->before));
}

/* Close what the next stack does not begin with, open what it adds. */
static void
enter(struct flame *f, uint32_t id)
{
	const struct stacks *s = &f->s->stacks;
	const uint32_t *frame = stacks_frames(s, id);
	size_t depth = s->one.v[id].depth, i = 0;

	while (i < depth && i + 1 < f->nopen &&
	    frame[i] == f->open[i + 1].frame)
		i++;
	while (f->nopen > i + 1)
		close_box(f);
	for (; i < depth && f->nopen <= DEPTH; i++)
		f->open[f->nopen++] = (struct box){
		    s->name.key[frame[i]], frame[i], 0, 0, f->left };
	if (f->nopen > f->deepest)
		f->deepest = f->nopen;
}

/* Stacks come in order of their frames, so each box is one run of them. */
static void
walk(struct flame *f)
{
	size_t n = f->s->snap.n, i, k;

	f->left = 0;
	f->nopen = 1;
	f->open[0] = (struct box){ SPAN("all"), 0, 0, 0, 0 };
	for (i = 0; i < f->s->n; i++) {
		const struct series_cell *c = series_cells(f->s, i);

		enter(f, f->s->order[i]);
		for (k = 0; k < f->nopen; k++) {
			f->open[k].before += (double)c[0].bytes;
			f->open[k].after += (double)c[n - 1].bytes;
		}
		f->left += (double)c[n - 1].bytes;
	}
	while (f->nopen > 0)
		close_box(f);
	f->whole = f->left;
}

static void
head(struct flame *f)
{
	double height = TOP + ROW * (double)f->deepest + 8;

	buf_printf(f->out, "<svg xmlns=\"http://www.w3.org/2000/svg\" "
	    "viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" height=\"%.0f\" "
	    "role=\"img\" "
	    "aria-label=\"Differential flame graph of live bytes\">\n"
	    "<style>svg{background:#fff}text{font:11px monospace;fill:#111}"
	    ".t{font:14px sans-serif}\n"
	    "@media(prefers-color-scheme:dark){svg{background:#16181d}"
	    ".t{fill:#e6e6e6}}</style>\n", WIDTH, height, WIDTH, height);
	buf_str(f->out, "<text class=\"t\" x=\"4\" y=\"18\">");
	buf_bytes(f->out, f->whole);
	buf_str(f->out, " live in the last snapshot; red grew since the first, "
	    "blue shrank; in all ");
	buf_str(f->out, f->change > 0 ? "+" : "");
	buf_bytes(f->out, f->change);
	buf_str(f->out, "</text>\n");
}

void
flame_svg(const struct series *s, struct buf *out)
{
	struct flame f = { .s = s, .out = out };

	walk(&f);
	head(&f);
	f.draw = f.whole > 0;
	f.most = fmax(f.most, 1);
	walk(&f);
	buf_str(out, "</svg>\n");
}
