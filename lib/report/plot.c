#include "report/plot.h"

#include <math.h>

#include "base/human.h"
#include "base/markup.h"
#include "base/when.h"

#define WIDTH 960.0
#define HEIGHT 300.0
#define LEFT 76.0
#define RIGHT 14.0
#define TOP 10.0
#define BOTTOM 30.0
#define POINTS 300	/* of a line; more are averaged */

struct scale {
	int64_t t0, t1;
	double most;		/* bytes at the top */
	double step;		/* bytes between lines */
};

static double
x_of(const struct scale *s, int64_t ts)
{
	return LEFT + (WIDTH - LEFT - RIGHT) * (double)(ts - s->t0) /
	    (double)(s->t1 - s->t0);
}

static double
y_of(const struct scale *s, double bytes)
{
	return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * bytes / s->most;
}

/* Four lines or a few more, at 1, 2 or 4 times a power of two. */
static void
find_scale(const struct plot *p, struct scale *s)
{
	size_t i;

	*s = (struct scale){ INT64_MAX, INT64_MIN, 1, 1 };
	for (i = 0; i < p->n; i++) {
		const struct plot_line *l = &p->line[i];

		for (size_t k = 0; k < l->n; k++)
			s->most = fmax(s->most, l->point[k].bytes);
		if (l->n == 0)
			continue;
		s->t0 = l->point[0].ts < s->t0 ? l->point[0].ts : s->t0;
		if (l->point[l->n - 1].ts > s->t1)
			s->t1 = l->point[l->n - 1].ts;
	}
	s->step = exp2(ceil(log2(s->most / 5)));
	s->most = s->step * fmax(1, ceil(s->most / s->step));
	if (s->t1 == s->t0)
		s->t1++;
}

static void
axis_bytes(const struct scale *s, struct buf *b)
{
	double v;

	for (v = 0; v <= s->most * 1.0001; v += s->step) {
		buf_printf(b, "<line class=\"g\" x1=\"%.0f\" x2=\"%.0f\" "
		    "y1=\"%.1f\" y2=\"%.1f\"/><text x=\"%.0f\" y=\"%.1f\" "
		    "text-anchor=\"end\">", LEFT, WIDTH - RIGHT, y_of(s, v),
		    y_of(s, v), LEFT - 8, y_of(s, v) + 4);
		if (v > 0)
			buf_bytes(b, v);
		else
			buf_char(b, '0');
		buf_str(b, "</text>\n");
	}
}

static void
axis_time(const struct scale *s, struct buf *b)
{
	static const int64_t steps[] = { 1, 2, 5, 10, 15, 30, 60, 120, 300,
		600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800,
		345600, 604800, 1209600, 2592000, 7776000, 31536000 };
	int64_t step, t;
	char text[WHEN_MAX];
	size_t i = 0;

	while (i + 1 < sizeof(steps) / sizeof(*steps) &&
	    (s->t1 - s->t0) / WHEN_SECOND / steps[i] > 8)
		i++;
	step = steps[i] * WHEN_SECOND;
	for (t = when_floor(s->t0 + step - 1, step); t <= s->t1; t += step) {
		when_print(text, t, true);
		buf_printf(b, "<line class=\"g\" x1=\"%.1f\" x2=\"%.1f\" "
		    "y1=\"%.0f\" y2=\"%.0f\"/><text x=\"%.1f\" y=\"%.0f\" "
		    "text-anchor=\"middle\">", x_of(s, t), x_of(s, t),
		    HEIGHT - BOTTOM, HEIGHT - BOTTOM + 5, x_of(s, t),
		    HEIGHT - BOTTOM + 19);
		/* 2021-01-02T03:04:05Z: the date, 03:04 or 03:04:05 */
		if (steps[i] >= 86400)
			buf_add(b, text, 10);
		else
			buf_add(b, text + 11, steps[i] >= 60 ? 5 : 8);
		buf_str(b, "</text>\n");
	}
}

static void
draw_line(const struct scale *s, const struct plot_line *l, struct buf *b)
{
	size_t i, k, from, to, n = l->n < POINTS ? l->n : POINTS;
	double sum, at;

	buf_printf(b, "<polyline class=\"%s\" points=\"", l->leak ? "l" : "p");
	for (i = 0; i < n; i++) {
		from = i * l->n / n;
		to = (i + 1) * l->n / n;
		sum = at = 0;
		for (k = from; k < to; k++) {
			sum += l->point[k].bytes / (double)(to - from);
			at += x_of(s, l->point[k].ts) / (double)(to - from);
		}
		buf_printf(b, "%s%.1f,%.1f", i > 0 ? " " : "", at,
		    y_of(s, sum));
	}
	buf_str(b, "\"><title>");
	buf_markup(b, l->name);
	buf_str(b, "</title></polyline>\n");
}

void
plot_svg(const struct plot *p, struct buf *b)
{
	struct scale s;
	size_t i;
	bool leak;

	find_scale(p, &s);
	if (s.t0 > s.t1)
		return;
	buf_printf(b, "<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" "
	    "aria-label=\"", WIDTH, HEIGHT);
	buf_markup(b, p->label);
	buf_str(b, "\">\n<style>.g{stroke:var(--line)}.l{fill:none;"
	    "stroke:var(--leak);stroke-width:2}.p{fill:none;"
	    "stroke:var(--peer);stroke-width:1;opacity:.7}.w{fill:var(--leak);"
	    "opacity:.08}text{font:12px system-ui,sans-serif;fill:var(--dim)}"
	    "</style>\n");
	if (p->from < p->to && p->to > s.t0 && p->from < s.t1) {
		double x0 = x_of(&s, p->from > s.t0 ? p->from : s.t0),
		       x1 = x_of(&s, p->to < s.t1 ? p->to : s.t1);

		buf_printf(b, "<rect class=\"w\" x=\"%.1f\" y=\"%.0f\" "
		    "width=\"%.1f\" height=\"%.0f\"/>\n", x0, TOP, x1 - x0,
		    HEIGHT - TOP - BOTTOM);
	}
	axis_bytes(&s, b);
	axis_time(&s, b);
	for (leak = false;; leak = true) {	/* leaks are drawn last */
		for (i = 0; i < p->n; i++)
			if (p->line[i].leak == leak && p->line[i].n > 0)
				draw_line(&s, &p->line[i], b);
		if (leak)
			break;
	}
	buf_str(b, "</svg>\n");
}
