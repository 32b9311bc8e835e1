#include <stdint.h>
#include <string.h>

#include "heap/frame_name.h"
#include "heap/lines.h"

static struct span
base_name(struct span path)
{
	const char *slash = path.n > 0 ? memrchr(path.s, '/', path.n) : NULL;

	if (slash == NULL || slash + 1 == path.s + path.n)
		return path;
	return (struct span){ slash + 1,
	    (size_t)(path.s + path.n - slash - 1) };
}

void
frame_paged(struct span module, uint64_t addr, struct buf *out)
{
	buf_char(out, '[');
	buf_span(out, base_name(module));
	buf_printf(out, " 0x...%03x]", (unsigned)(addr & 0xfff));
}

/* Cuts " (file.c:12)" or " (in /lib/x.so)" off the end; what was inside. */
static struct span
cut_place(struct span *s)
{
	size_t i = s->n, depth = 0;
	struct span place = { "", 0 };

	if (s->n == 0 || s->s[s->n - 1] != ')')
		return place;
	while (i-- > 0) {
		depth += s->s[i] == ')';
		depth -= s->s[i] == '(';
		if (depth == 0)
			break;
	}
	if (i == SIZE_MAX || i == 0 || s->s[i - 1] != ' ')
		return place;
	place = (struct span){ s->s + i + 1, s->n - i - 2 };
	s->n = i - 1;
	return place;
}

void
frame_valgrind(struct span s, struct buf *out)
{
	uint64_t addr = 0;
	struct span place;

	out->n = 0;
	s = span_trim(s);
	if (span_begins(s, "0x") && scan_hex(&s, &addr))
		scan_str(&s, ": ");
	place = cut_place(&s);
	s = span_trim(s);
	if (!span_is(s, "???") && s.n > 0)
		buf_span(out, s);
	else if (scan_str(&place, "in "))
		frame_paged(place, addr, out);
	else
		buf_str(out, "[unknown]");
}

/*
 * Where the file's name begins, behind the function's, which may have blanks.
 */
static size_t
function_end(struct span s)
{
	static const char *const mark[] = { " /", " ../", " ./", " (/", " (<",
		" <null>" };
	size_t end = s.n;
	const char *blank;
	ptrdiff_t at;

	for (size_t i = 0; i < sizeof(mark) / sizeof(mark[0]); i++)
		if ((at = span_find(s, mark[i])) > 0 && (size_t)at < end)
			end = (size_t)at;
	if (end == s.n && s.n > 0 &&
	    (blank = memrchr(s.s, ' ', s.n)) != NULL && memchr(blank, ':',
	    (size_t)(s.s + s.n - blank)) != NULL)
		end = (size_t)(blank - s.s);
	return end;
}

void
frame_sanitizer(struct span s, struct buf *out)
{
	struct span module;
	uint64_t off;

	out->n = 0;
	s = span_trim(s);
	if (scan_str(&s, "in ")) {
		buf_add(out, s.s, function_end(s));
		return;
	}
	if (!scan_str(&s, "(")) {
		buf_str(out, "[unknown]");
		return;
	}
	module = scan_until(&s, '+');
	if (scan_hex(&s, &off)) {
		buf_span(out, base_name(module));
		buf_printf(out, "+0x%llx", (unsigned long long)off);
	} else
		buf_str(out, "[unknown]");
}
