#ifndef PANO_TEMPLATE_H
#define PANO_TEMPLATE_H

#include "pano/fields.h"
#include "pano/peers.h"

/*
 * template - text with {field} in it.  {field:name} is the value's name in the
 * table of peers, and none if it has none; {field:name?} falls back to the
 * value; {field:known} is the value if the table has it.  Without a table all
 * three are the value.
 */
enum template_filter { TEMPLATE_PLAIN, TEMPLATE_NAME, TEMPLATE_NAME_OR,
	TEMPLATE_KNOWN };

struct template_part {
	struct span literal;
	uint32_t field;
	bool is_field;
	enum template_filter filter;
};
struct template {
	size_t line;		/* of the rules file; 0: there is none */
	VEC(struct template_part) part;
};

bool template_parse(struct template *, struct span, size_t line,
    struct fields *, struct buf *why);
/* Appends.  False: a value has no name. */
bool template_fill(const struct template *, const struct fields *,
    const struct peers *, struct buf *out);
void template_free(struct template *);

#endif
