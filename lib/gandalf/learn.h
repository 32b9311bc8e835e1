#ifndef GANDALF_LEARN_H
#define GANDALF_LEARN_H

#include "gandalf/gate.h"

/*
 * learn - from rollouts whose end is known: a discriminant for each source and
 * component with enough examples (Gandalf section 4.4, "the thresholds are
 * learned"), or the threshold of each source and how good it is.
 */
struct labels {
	struct intern name, key;
	VEC(bool) bad;		/* by the key's id */
};

enum { LABEL_COMPONENT, LABEL_VERSION, LABEL_PIVOT, LABEL_LABEL,
	LABEL_COLUMNS };
extern const struct input_column label_columns[LABEL_COLUMNS];

/* component, version, [pivot] and label, which is good or bad. */
void labels_add(struct labels *, struct input *);
void labels_free(struct labels *);

/* Adds models to the gate.  NULL, or why not even one could be learned. */
const char *learn_models(struct gate *, const struct cases *,
    const struct labels *);

/* Writes the threshold on the rate that each source would do best with. */
void learn_thresholds(const struct gate *, const struct cases *,
    const struct labels *, struct output *);

#endif
