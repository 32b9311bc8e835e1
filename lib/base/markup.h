#ifndef RESIN_MARKUP_H
#define RESIN_MARKUP_H

#include "base/buf.h"
#include "base/span.h"

/*
 * markup - any bytes as text in XML, SVG and HTML, content or quoted attribute:
 * the five characters that mean something are written as references, what is
 * not UTF-8 and what XML forbids (control bytes) as U+FFFD.
 */
void buf_markup(struct buf *, struct span);

/*
 * The length of the UTF-8 sequence that `s` begins with, 0 if it does not begin
 * with one (RFC 3629: no surrogates, nothing overlong, nothing above U+10FFFF).
 */
size_t utf8_length(struct span s);

#endif
