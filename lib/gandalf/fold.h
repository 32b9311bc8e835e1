#ifndef GANDALF_FOLD_H
#define GANDALF_FOLD_H

#include "base/buf.h"

/*
 * fold - a list of records in a masked form (gandalf/mask.h) counts once, so
 * that its length makes no other signature: tokens that stand twice or more
 * behind one another, with something volatile and a blank among them, become
 * one.  "to <blank> blk_<*> <blank> blk_<*>" becomes "to <blank> blk_<*>".
 */
void fold_records(struct buf *tokens, size_t from);

#endif
