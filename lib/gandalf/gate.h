#ifndef GANDALF_GATE_H
#define GANDALF_GATE_H

#include "gandalf/case.h"
#include "stat/gaussian.h"
#include "table/output.h"

/*
 * gate - evidence to decision (Gandalf section 4.4): thresholds for each
 * source, or a Gaussian discriminant learned from labelled rollouts.
 *
 * In both, evidence must be blamed on the rollout (rank 1) and be enough: nodes
 * at least `min_nodes`, and as many more after than before as chance would give
 * once in many (`sigma` standard deviations of a fair split of after + before).
 * The chance that gandalf-blame computes is multiplied by the number of pairs
 * of releases and signatures there are, any of which could have looked bad by
 * chance.  And where many nodes fail, it must not be in one cluster of several,
 * nor all at once and long after they were deployed to.
 * Where nothing is found the rollout is good only if faults were being read for
 * `bake` after it began.
 */
enum outcome {		/* in the order of gravity */
	OUTCOME_GOOD, OUTCOME_NEW_FAULT, OUTCOME_NO_DATA, OUTCOME_INVESTIGATE,
	OUTCOME_NO_GO, OUTCOMES
};
extern const char *const outcome_name[OUTCOMES];
enum outcome outcome_find(struct span name);	/* or OUTCOMES */

struct limit {
	struct span source;	/* "*": those without limits of their own */
	enum feature feature;
	double no_go, investigate;
};

/* A discriminant for a component and a source; "*" is any. */
struct model {
	struct span component, source;
	struct gaussian gaussian;
};

struct gate {
	VEC(struct limit) limit;
	VEC(struct model) model;	/* if any, in place of the limits */
	struct intern name;		/* owns the spans */
	double min_nodes, sigma;
	double chance;		/* of one false no-go in the whole input */
	double no_go, investigate;	/* the discriminant's probabilities */
	int64_t bake, known;		/* ns; known: a signature is new if not
					 * seen for so long */
};

struct judgement {
	enum outcome outcome;
	const struct evidence *evidence;	/* that decided; may be NULL */
	double value, threshold;		/* NaN: none */
	char reason[120];
};

extern const struct gate gate_default;

void gate_judge(const struct gate *, const struct cases *,
    const struct gcase *, struct judgement *);

/* Whether this evidence is enough to decide upon. */
bool gate_enough(const struct gate *, const struct cases *,
    const struct gcase *, const struct evidence *);

/* Adds a limit or part of a model from the current row; else input_fault(). */
enum { LIMIT_SOURCE, LIMIT_METRIC, LIMIT_NO_GO, LIMIT_INVESTIGATE,
	LIMIT_COLUMNS };
extern const struct input_column limit_columns[LIMIT_COLUMNS];
void gate_add_limit(struct gate *, struct input *);

enum { MODEL_COMPONENT, MODEL_SOURCE, MODEL_FEATURE, MODEL_GOOD, MODEL_BAD,
	MODEL_WEIGHT, MODEL_COLUMNS };
extern const struct input_column model_columns[MODEL_COLUMNS];
void gate_add_model(struct gate *, struct input *);
void gate_write_models(const struct gate *, struct output *);

/* The same text, owned by the gate. */
struct span gate_keep(struct gate *, struct span);

void gate_free(struct gate *);

#endif
