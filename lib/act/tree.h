#ifndef RESIN_ACT_TREE_H
#define RESIN_ACT_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "act/record.h"
#include "act/rules.h"
#include "base/buf.h"
#include "base/vec.h"

/*
 * tree - which action for one suspect (paper, section 6): the mildest that is
 * fit, allowed, and has not been tried on this leak without help.
 *
 *	restart		the process or its service; not for kernel memory
 *	NAME...		the team's own, in the order of the rules file
 *	reload		the driver or module
 *	restart		for kernel memory, of the process that owns it
 *	drain		the node holds guests: move them away
 *	soft-reboot	drained: the kernel alone
 *	reboot		empty, or the soft one did not help
 */
enum outcome {
	TREE_ACT,
	TREE_DEFER,	/* would act, but not now */
	TREE_NONE,
};

/* What became of one rung: for --check. */
struct note {
	struct span action;
	size_t line;		/* of the rules file, 0: none */
	const char *verdict;	/* fires later refused unfit tried over */
	struct buf reason;
};

struct step {
	enum outcome outcome;
	struct span action, target;
	/* What is acted on: not the suspect's where another owns its memory. */
	struct span component, service, pid, start;
	bool each;		/* on this process only */
	bool node;		/* on the whole node */
	bool drained;		/* which was drained for it */
	bool over;		/* the process is gone: not a suspect */
	bool tried;		/* something was done before, in vain */
	size_t line;		/* the allow line */
	struct buf reason;	/* DEFER: why not now */
	VEC(struct note) notes;
};

struct tree {
	const struct rules *rules;
	const struct nodes *nodes;
	const struct deeds *deeds;
	const struct traces *traces;
	const struct seen *seen;
	int64_t fresh;		/* see seen_gone() */
	int64_t now;
};

void tree_decide(const struct tree *, const struct suspect *, struct step *);
void step_free(struct step *);

#endif
