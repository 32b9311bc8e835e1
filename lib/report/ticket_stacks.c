/* The findings of resin-snapdiff, a stack each. */
#include <math.h>
#include <string.h>

#include "base/human.h"
#include "report/ticket_sections.h"

#define FINDINGS 5
#define FRAMES 14	/* of a stack, the innermost */

/* One frame a line, outermost first; the outer ones of a deep stack counted. */
static void
put_frames(struct ticket_writer *w, struct span stack)
{
	size_t depth = 1, i;
	const char *end;

	for (i = 0; i < stack.n; i++)
		depth += stack.s[i] == ';';
	ticket_value(w);
	if (depth > FRAMES)
		buf_printf(&w->b, "(%zu outer frames)\n", depth - FRAMES);
	for (; depth > 0; depth--) {
		end = memchr(stack.s, ';', stack.n);
		i = end != NULL ? (size_t)(end - stack.s) : stack.n;
		if (depth <= FRAMES) {
			buf_add(&w->b, stack.s, i);
			buf_str(&w->b, depth > 1 ? "\n" : "");
		}
		i += end != NULL;
		stack.s += i;
		stack.n -= i;
	}
	page_code(&w->page, ticket_made(w));
}

/* What all rows of a finding grew by, and how many they are. */
static double
grown(const struct ticket_writer *w, uint64_t rank, size_t *n)
{
	double growth = 0;

	*n = 0;
	for (size_t i = 0; i < w->t->stack.n; i++) {
		const struct ticket_stack *s = &w->t->stack.v[i];

		if (s->rank != rank || !ticket_ours(w, s->component))
			continue;
		growth += isnan(s->growth) ? 0 : s->growth;
		++*n;
	}
	return growth;
}

static void
put_stack(struct ticket_writer *w, const struct ticket_stack *s)
{
	size_t n;
	double all = grown(w, s->rank, &n);

	ticket_value(w);
	if (s->rank > 0)
		buf_printf(&w->b, "%ju. ", (uintmax_t)s->rank);
	if (s->rank > 0 && n > 1) {
		buf_bytes(&w->b, all);
		buf_printf(&w->b, " from %zu stacks; from this one ", n);
	}
	buf_bytes(&w->b, s->growth);
	if (!isnan(s->objects) && s->objects >= 1)
		buf_printf(&w->b, " in %.0f objects", s->objects);
	buf_str(&w->b, s->rank > 0 ? "; " : " not in the heap: ");
	buf_span(&w->b, s->reason);
	page_text(&w->page, ticket_made(w));
	if (s->rank > 0)
		put_frames(w, s->stack);
}

/* The first row of each finding stands for it. */
void
ticket_put_stacks(struct ticket_writer *w)
{
	uint64_t last = 0;
	size_t i, shown = 0;

	for (i = 0; i < w->t->stack.n; i++) {
		const struct ticket_stack *s = &w->t->stack.v[i];

		if (!ticket_ours(w, s->component) || (s->rank > 0 &&
		    (s->rank == last || shown >= FINDINGS)))
			continue;
		if (shown == 0 && last == 0)
			page_heading(&w->page, "Stacks that leak");
		put_stack(w, s);
		shown += s->rank > 0;
		last = s->rank > 0 ? s->rank : last;
	}
}
