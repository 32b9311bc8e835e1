#ifndef GANDALF_FORMS_H
#define GANDALF_FORMS_H

#include "gandalf/signature.h"
#include "table/input.h"
#include "table/output.h"

/*
 * forms - masked messages and how often each was seen, as a table: the partial
 * of gandalf-sign.  Sorted by form, so that equal sets are equal bytes.
 */
enum { FORMS_FORM, FORMS_COUNT, FORMS_COLUMNS };
extern const struct input_column forms_columns[FORMS_COLUMNS];

/* Adds the form of one row; a bad one is input_bad() afterwards. */
void forms_add(struct signatures *, struct input *);
void forms_write(const struct signatures *, struct output *);

#endif
