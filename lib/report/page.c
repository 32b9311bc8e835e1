#include "report/page.h"

#include "base/markup.h"

static const char style[] =
    ":root{color-scheme:light dark;--ink:#1b1f24;--dim:#59636e;--line:#d1d9e0;"
    "--back:#fff;--card:#f6f8fa;--leak:#c4320a;--peer:#8c959f}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--dim:#9aa4af;"
    "--line:#3d444d;--back:#0d1117;--card:#161b22;--leak:#ff8c5a;"
    "--peer:#6e7781}}\n"
    "body{margin:0 auto;max-width:64rem;padding:1.5rem;background:var(--back);"
    "color:var(--ink);font:16px/1.5 system-ui,sans-serif}\n"
    "h1{font-size:1.6rem;line-height:1.25;margin:.2rem 0 1rem;"
    "overflow-wrap:anywhere}h2{font-size:1.15rem;margin:2rem 0 .6rem;"
    "border-bottom:1px solid var(--line);padding-bottom:.25rem}\n"
    "ul{padding-left:1.2rem}li{margin:.2rem 0}code,pre{font:.86em/1.45 "
    "ui-monospace,monospace}code{overflow-wrap:anywhere}\n"
    "pre{background:var(--card);border:1px solid var(--line);border-radius:6px;"
    "padding:.7rem .9rem;overflow-x:auto}\n"
    ".t{overflow-x:auto}table{border-collapse:collapse;font-size:.92rem}"
    "th,td{padding:.3rem .8rem .3rem 0;border-bottom:1px solid var(--line);"
    "text-align:left;vertical-align:top}"
    ".n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}"
    "th{color:var(--dim);font-weight:600}figure{margin:0}"
    "figcaption{color:var(--dim);font-size:.88rem}"
    "svg{width:100%;height:auto;display:block}\n";

/* Bytes as UTF-8 without control characters: one line, or with `lines`. */
static void
put_clean(struct buf *b, struct span s, bool lines)
{
	while (s.n > 0) {
		size_t n = utf8_length(s);
		unsigned char c = (unsigned char)*s.s;

		if (n == 1 && c == '\n' && lines)
			buf_char(b, '\n');
		else if (n == 1 && (c == '\n' || c == '\t'))
			buf_char(b, ' ');
		else if (n == 0 || (n == 1 && (c < 0x20 || c == 0x7f)))
			buf_str(b, "\xef\xbf\xbd");
		else
			buf_add(b, s.s, n);
		n = n > 0 ? n : 1;
		s.s += n;
		s.n -= n;
	}
}

/* Markdown text: escaped where it could begin markup. */
static void
put_text(struct buf *b, struct span s)
{
	struct buf clean = { 0 };
	size_t i;

	put_clean(&clean, s, false);
	for (i = 0; i < clean.n; i++) {
		char c = clean.s[i];

		if (c == '<' || c == '&') {
			buf_str(b, c == '<' ? "&lt;" : "&amp;");
			continue;
		}
		if (memchr("\\`*_[]|~!#@", c, 11) != NULL)
			buf_char(b, '\\');
		buf_char(b, c);
	}
	buf_free(&clean);
}

static size_t
longest_run(struct span s, char c)
{
	size_t most = 0, run = 0, i;

	for (i = 0; i < s.n; i++) {
		run = s.s[i] == c ? run + 1 : 0;
		most = run > most ? run : most;
	}
	return most;
}

/* A code span: its fence is longer than any run of backticks in it. */
static void
put_code(struct buf *b, struct span s, bool in_table)
{
	struct buf clean = { 0 };
	size_t fence, i;
	bool pad;

	put_clean(&clean, s, false);
	fence = longest_run(buf_view(&clean), '`') + 1;
	pad = clean.n > 0 && (clean.s[0] == '`' || clean.s[clean.n - 1] == '`');
	for (i = 0; i < fence; i++)
		buf_char(b, '`');
	buf_str(b, pad ? " " : "");
	for (i = 0; i < clean.n; i++) {
		if (clean.s[i] == '|' && in_table)
			buf_char(b, '\\');
		buf_char(b, clean.s[i]);
	}
	buf_str(b, pad ? " " : "");
	for (i = 0; i < fence; i++)
		buf_char(b, '`');
	buf_free(&clean);
}

static void
put(struct page *p, struct span s)
{
	if (p->html)
		buf_markup(p->out, s);
	else
		put_text(p->out, s);
}

static void
put_name(struct page *p, struct span s, bool in_table)
{
	if (s.n == 0)
		return;
	if (!p->html) {
		put_code(p->out, s, in_table);
		return;
	}
	buf_str(p->out, "<code>");
	buf_markup(p->out, s);
	buf_str(p->out, "</code>");
}

void
page_begin(struct page *p, struct span title)
{
	if (!p->html) {
		buf_str(p->out, "# ");
		put(p, title);
		buf_char(p->out, '\n');
		return;
	}
	buf_str(p->out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
	    "content=\"width=device-width, initial-scale=1\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" "
	    "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
	    "<title>");
	put(p, title);
	buf_str(p->out, "</title>\n<style>\n");
	buf_str(p->out, style);
	buf_str(p->out, "</style>\n</head>\n<body>\n<main>\n<h1>");
	put(p, title);
	buf_str(p->out, "</h1>\n");
}

void
page_end(struct page *p)
{
	if (p->html)
		buf_str(p->out, "</main>\n</body>\n</html>\n");
}

void
page_heading(struct page *p, const char *s)
{
	buf_str(p->out, p->html ? "<h2>" : "\n## ");
	put(p, span_of(s));
	buf_str(p->out, p->html ? "</h2>\n" : "\n");
}

void
page_text(struct page *p, struct span s)
{
	buf_str(p->out, p->html ? "<p>" : "\n");
	put(p, s);
	buf_str(p->out, p->html ? "</p>\n" : "\n");
}

void
page_open_list(struct page *p)
{
	buf_str(p->out, p->html ? "<ul>\n" : "\n");
}

void
page_item(struct page *p, const char *label, struct span text,
    struct span name)
{
	buf_str(p->out, p->html ? "<li><strong>" : "- **");
	put(p, span_of(label));
	buf_str(p->out, p->html ? ":</strong> " : ":** ");
	put_name(p, name, false);
	if (name.n > 0 && text.n > 0)
		buf_char(p->out, ' ');
	put(p, text);
	buf_str(p->out, p->html ? "</li>\n" : "\n");
}

void
page_close_list(struct page *p)
{
	if (p->html)
		buf_str(p->out, "</ul>\n");
}

void
page_open_table(struct page *p, const struct page_column *column, size_t n)
{
	size_t i;

	p->column = column;
	p->ncol = n;
	p->col = 0;
	buf_str(p->out, p->html ? "<div class=\"t\"><table>\n<thead><tr>" :
	    "\n|");
	for (i = 0; i < n; i++) {
		if (p->html)
			buf_str(p->out, column[i].number ?
			    "<th class=\"n\" scope=\"col\">" :
			    "<th scope=\"col\">");
		else
			buf_char(p->out, ' ');
		put(p, span_of(column[i].title));
		buf_str(p->out, p->html ? "</th>" : " |");
	}
	buf_str(p->out, p->html ? "</tr></thead>\n<tbody>\n" : "\n|");
	for (i = 0; !p->html && i < n; i++)
		buf_str(p->out, column[i].number ? " ---: |" : " --- |");
	buf_str(p->out, p->html ? "" : "\n");
}

void
page_cell(struct page *p, struct span s)
{
	const struct page_column *c = &p->column[p->col];

	if (p->col == 0)
		buf_str(p->out, p->html ? "<tr>" : "|");
	buf_str(p->out, !p->html ? " " : c->number ? "<td class=\"n\">" :
	    "<td>");
	if (c->name)
		put_name(p, s, true);
	else
		put(p, s);
	buf_str(p->out, p->html ? "</td>" : " |");
	p->col = (p->col + 1) % p->ncol;
	if (p->col == 0)
		buf_str(p->out, p->html ? "</tr>\n" : "\n");
}

void
page_close_table(struct page *p)
{
	if (p->html)
		buf_str(p->out, "</tbody></table></div>\n");
}

void
page_code(struct page *p, struct span s)
{
	size_t fence = longest_run(s, '`') + 1, i;

	if (p->html) {
		buf_str(p->out, "<pre><code>");
		buf_markup(p->out, s);
		buf_str(p->out, "</code></pre>\n");
		return;
	}
	fence = fence < 3 ? 3 : fence;
	buf_char(p->out, '\n');
	for (i = 0; i < fence; i++)
		buf_char(p->out, '`');
	buf_char(p->out, '\n');
	put_clean(p->out, s, true);
	buf_char(p->out, '\n');
	for (i = 0; i < fence; i++)
		buf_char(p->out, '`');
	buf_char(p->out, '\n');
}

void
page_raw(struct page *p, struct span s)
{
	buf_span(p->out, s);
}
