#ifndef GANDALF_MASK_H
#define GANDALF_MASK_H

#include "base/buf.h"
#include "base/span.h"

/*
 * mask - a failure message without what changes from one failure to the next:
 * times, numbers, addresses, identifiers, paths, users and hosts become <*>.
 *
 * A message is words between blanks, and a word is atoms between punctuation.
 * An atom is volatile if it has a digit, a path's slashes, an at sign, a host's
 * dots, or is what a key such as "user" names.  What comes before the first
 * digit and ends in _ # or @ stays: "attempt_<*>".  Codes stay whole: a
 * number that a key such as "ErrorCode" or "errno" announces, and HRESULTs.
 *
 * Several volatile atoms in a row are one, and so are equal atoms in a list.
 */

/*
 * Appends the tokens of the message, a blank being a token too, each followed
 * by TOKEN_SEPARATOR (gandalf/token.h).
 */
void mask_message(struct buf *tokens, struct span message);

#endif
