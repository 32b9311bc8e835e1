#ifndef RESIN_PAGE_H
#define RESIN_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/span.h"

/*
 * page - a document in Markdown or in HTML that stands alone: no script, no
 * network, light or dark as the reader prefers.  Text may be any bytes; what
 * means something in the format is escaped, what is not UTF-8 becomes U+FFFD.
 * A name, which others chose, is set as code, where Markdown sees no markup,
 * mention or link in it.
 */
struct page {
	struct buf *out;
	bool html;
	size_t ncol, col;	/* of the table that is open */
	const struct page_column *column;
};

struct page_column {
	const char *title;
	bool number;		/* set to the right */
	bool name;
};

void page_begin(struct page *, struct span title);
void page_end(struct page *);
void page_heading(struct page *, const char *);
void page_text(struct page *, struct span);
void page_open_list(struct page *);
/*
 * "Label: text", the text with `name` in it, which may be empty, set as code.
 */
void page_item(struct page *, const char *label, struct span text,
    struct span name);
void page_close_list(struct page *);
void page_open_table(struct page *, const struct page_column *, size_t n);
void page_cell(struct page *, struct span);
void page_close_table(struct page *);
void page_code(struct page *, struct span);
/* Bytes that are HTML or Markdown already. */
void page_raw(struct page *, struct span);

#endif
