#ifndef PANO_JUDGE_H
#define PANO_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/when.h"
#include "pano/due.h"
#include "pano/policy.h"
#include "pano/record.h"
#include "pano/settle.h"

/*
 * judge - observations in, verdicts out, one for each (subject, context).
 *
 * The clock is the newest time seen.  Before an observation moves it on,
 * whatever time alone changes on the way (an expiry, a pending that has waited
 * too long) is judged at its own moment, so that a stream and a replay of it go
 * through the same states.
 *
 * Differential observability (HotOS '17, OSDI '18): what requesters see is set
 * beside what the failure detector says, for each subject over all contexts.
 */
enum class {
	CLASS_NONE,
	CLASS_NO_DATA, /* no requester has a say */
	CLASS_HEALTHY,
	CLASS_LATENT, /* somebody sees a fault, most requesters do not */
	CLASS_GRAY,   /* requesters see it, the detector does not */
	CLASS_FAILED, /* both do */
};
const char *class_name(enum class);

struct judge_options {
	struct policy_options policy;
	size_t look_back;
	uint64_t fall, rise;	/* times in a row before a change is believed */
	int64_t flap_window;	/* ns */
	bool drop_self;
	struct span *detector;
	size_t ndetector;
	/* Called when the status of a key or the class of its subject change */
	void (*changed)(void *arg, uint32_t key);
	void *arg;
};

enum voice { VOICE_OTHER, VOICE_SELF, VOICE_DETECTOR, NVOICE };

struct judge_key {
	struct tally tally[NVOICE];
	uint32_t detector_bad, detector_good;	/* by last word */
	struct settled settled;
	enum status asked;	/* as requesters alone see it */
	int64_t newest;		/* newest observation ever */
	uint32_t newest_track;
};
struct judge_subject {
	/* over its keys: */
	uint32_t asked_bad, asked_good;
	uint32_t other_bad, self_bad, detector_bad, detector_good;
	struct settled class;
};
struct judge {
	struct judge_options o;
	struct record record;
	struct due_queue due;
	int64_t clock;
	VEC(struct judge_key) key;
	VEC(struct judge_subject) subject;
	uint64_t repeats;	/* rows dropped by their id */
};

void judge_init(struct judge *, const struct judge_options *);
void judge_add(struct judge *, const struct observation *);
void judge_advance(struct judge *, int64_t now);
void judge_free(struct judge *);

/* Whose votes make the verdict of a key, and their sum. */
enum voice judge_voice(const struct judge *, const struct track *);
void judge_voters(const struct judge *, const struct judge_key *,
    bool voice[NVOICE]);
struct tally judge_tally(const struct judge *, const struct judge_key *);

/* A verdict in full.  Spans belong to the judge, buffers to the caller. */
struct verdict {
	int64_t ts;		/* newest observation it rests on */
	int64_t age;		/* of that, at the clock */
	int64_t since;
	struct span subject, context;
	enum status status, was, self, others, detector;
	enum class class, class_was;
	int64_t class_since;
	double score;		/* NaN: none */
	uint32_t vote[STATUS_VOTES];
	uint32_t nvote, flaps, key;
	struct buf dissent, reason;
};
void judge_verdict(const struct judge *, uint32_t key, struct verdict *);
/* The keys by subject and context, in bytes' order; the caller frees it. */
uint32_t *judge_order(const struct judge *);
/* The published code has no verdict where no report is left; ours says so. */
bool judge_stands(const struct judge *, uint32_t key);
/* Is this key bad, or its subject gray or failed? */
bool judge_finding(const struct judge *, uint32_t key);
void verdict_clear(struct verdict *);	/* empty, keeping its buffers */
void verdict_free(struct verdict *);

#endif
