/*
 * Folded stacks, as flame graphs take them: "outer;...;inner NUMBER".
 */
#include "heap/format.h"
#include "heap/formats.h"

static bool
scan_row(struct span *stack, uint64_t *bytes)
{
	const char *blank = stack->n > 0 ? memrchr(stack->s, ' ', stack->n) :
	    NULL;
	struct span number;

	if (blank == NULL)
		return false;
	number.s = blank + 1;
	number.n = (size_t)(stack->s + stack->n - number.s);
	stack->n = (size_t)(blank - stack->s);
	return scan_u64(&number, bytes) && number.n == 0;
}

/* The least tell-tale of all: every whole line must be a row. */
static bool
sniff(struct span head)
{
	bool whole = head.n < LINES_HEAD;
	size_t rows = 0;
	uint64_t bytes;

	while (head.n > 0) {
		const char *nl = memchr(head.s, '\n', head.n);
		struct span line = scan_until(&head, '\n');

		if (nl == NULL && (rows > 0 || !whole))
			break;
		if (line.n > 0 && line.s[line.n - 1] == '\r')
			line.n--;
		if (line.n > 0 && line.s[0] == '#')
			continue;
		if (!scan_row(&line, &bytes) || line.n == 0 ||
		    memchr(line.s, '\t', line.n) != NULL ||
		    memchr(line.s, '\0', line.n) != NULL)
			return false;
		rows++;
	}
	return rows > 0;
}

static bool
read(struct dump *d)
{
	struct span s, line;
	uint64_t bytes;

	d->outermost_first = true;
	dump_begin(d, WHEN_NEVER);
	while (lines_next(&d->in, &s)) {
		if (s.n == 0 || s.s[0] == '#')
			continue;
		line = s;
		if (!scan_row(&s, &bytes))
			return dump_fail(d, "not 'FRAME;FRAME BYTES'", line);
		if (!sample_fits(bytes))
			return dump_fail(d, "number too large", line);
		while (s.n > 0)
			dump_name(d, span_trim(scan_until(&s, ';')));
		if (bytes > 0)
			dump_row(d, (double)bytes, 0, 0);
		else
			dump_drop(d);
	}
	dump_end(d);
	return true;
}

const struct heap_format format_folded = { "folded", sniff, read };
