#ifndef RESIN_ACT_STATEMENT_H
#define RESIN_ACT_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "act/rules.h"
#include "act/words.h"

/*
 * One line of a rules file, added to the rules: a statement, or, when it is
 * indented, a property of the action above it.  NULL, or a reason, good until
 * the next call, with the offending text in *at.
 */
const char *statement_parse(struct rules *, const struct words *,
    bool indented, size_t line, struct span *at);

#endif
