#include "base/markup.h"

size_t
utf8_length(struct span s)
{
	const unsigned char *p = (const unsigned char *)s.s;
	unsigned char low = 0x80, high = 0xbf;
	size_t n, i;

	if (s.n == 0)
		return 0;
	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	n = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (n > s.n)
		return 0;
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xed)
		high = 0x9f;
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f;
	if (p[1] < low || p[1] > high)
		return 0;
	for (i = 2; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

static const char *
reference(unsigned char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	}
	if ((c < 0x20 && c != '\t' && c != '\n') || c == 0x7f)
		return "\xef\xbf\xbd";
	return NULL;
}

void
buf_markup(struct buf *b, struct span s)
{
	while (s.n > 0) {
		size_t n = utf8_length(s);
		const char *instead = n == 0 ? "\xef\xbf\xbd" : n > 1 ? NULL :
		    reference((unsigned char)*s.s);

		n = n > 0 ? n : 1;
		if (instead != NULL)
			buf_str(b, instead);
		else
			buf_add(b, s.s, n);
		s.s += n;
		s.n -= n;
	}
}
