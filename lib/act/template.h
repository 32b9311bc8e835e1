#ifndef RESIN_ACT_TEMPLATE_H
#define RESIN_ACT_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "act/fields.h"
#include "base/buf.h"
#include "base/span.h"

/*
 * template - one word of a command line with {field} in it.  The word stays one
 * argument whatever the value holds.  {field|sh} is the value quoted for a
 * POSIX shell: only for what ssh(1) hands to the shell at the other end.
 * "{{" is a brace.
 */

/* NULL, or a static reason. */
const char *template_check(struct span);
bool template_has_field(struct span);
/* Is there a field in it without |sh? */
bool template_has_bare(struct span);
bool template_uses(struct span, const char *field);

/* Adds the filled word.  NULL, or a static reason and the field in *at. */
const char *template_fill(struct buf *, struct span, const struct fields *,
    struct span *at);

/* Quotes for a POSIX shell, for display too; plain words stay as they are. */
void template_quote(struct buf *, struct span);

#endif
