#ifndef PANO_LOGTEXT_H
#define PANO_LOGTEXT_H

#include "pano/values.h"
#include "pano/peers.h"

/*
 * logtext - text with {field} in it.  {field:name} is the value's name in the
 * table of peers, and none if it has none; {field:name?} falls back to the
 * value; {field:known} is the value if the table has it.  Without a table all
 * three are the value.
 */
enum logtext_filter { LOGTEXT_PLAIN, LOGTEXT_NAME, LOGTEXT_NAME_OR,
	LOGTEXT_KNOWN };

struct logtext_part {
	struct span literal;
	uint32_t field;
	bool is_field;
	enum logtext_filter filter;
};
struct logtext {
	size_t line;		/* of the rules file; 0: there is none */
	VEC(struct logtext_part) part;
};

bool logtext_parse(struct logtext *, struct span, size_t line,
    struct values *, struct buf *why);
/* Appends.  False: a value has no name, or there is none but must be. */
bool logtext_fill(const struct logtext *, const struct values *,
    const struct peers *, bool must, struct buf *out);
void logtext_free(struct logtext *);

#endif
