#ifndef PANO_RECORD_H
#define PANO_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/intern.h"
#include "base/vec.h"
#include "pano/status.h"

/*
 * record - what was said, and by whom: the newest few observations of each
 * (observer, subject, context), which is a track.  The tracks of one observer
 * about one subject are a view, those of one subject in one context a key.
 * Everything has a dense number in order of first appearance; 0 is none in the
 * linked lists, so numbers there are one too high.
 *
 * Memory: tracks x depth remarks, and a few words for each name, view and key.
 */
struct observation {
	int64_t ts;		/* ns */
	struct span observer, subject, context;
	struct span seq; /* equal in the rows of one report; may be empty */
	struct span id;	 /* of the report, to drop repeats; may be empty */
	enum status status;
	double score;		/* NaN: none */
};

struct remark {
	int64_t ts;
	uint64_t serial;	/* of the report within its view, from 1 */
	uint64_t id;		/* hash, 0: none */
	double score;
	enum status status;
};

/* A track's contribution to a verdict. */
struct vote {
	enum status status;	/* STATUS_NONE: no vote */
	uint32_t nremark;	/* that it rests on */
	double score;		/* NaN: none, or not worked out yet */
};

struct track {
	uint32_t observer, view, key;
	uint32_t next_of_key, next_of_view;
	uint32_t nremark;
	struct vote vote;
	enum status word;	/* policy_last_word() of a detector's */
	int64_t due;		/* when time alone may change the vote */
};

#define VIEW_REPORTS 10		/* Panorama's MaxReportPerView */

struct view {
	uint32_t observer, subject, first, next_of_subject;
	uint64_t serial, seq;
	int64_t ts[VIEW_REPORTS];	/* of report n at n % VIEW_REPORTS */
};

struct key {
	uint32_t subject, context, first, next_of_subject;
};

struct subject {
	uint32_t name, first_key, first_view;
};

struct record {
	size_t depth;		/* remarks kept a track */
	bool by_arrival;	/* else by time */
	struct intern names;
	struct intern subjects;	/* numbered by name */
	struct intern track_ids, view_ids, key_ids;
	VEC(struct track) track;
	VEC(struct view) view;
	VEC(struct key) key;
	VEC(struct subject) subject;
	VEC(struct remark) remark;	/* depth of each track, oldest first */
	uint32_t last_view;	/* of the row before */
};

#define RECORD_REPEAT UINT32_MAX

/* The number of the track, or RECORD_REPEAT if its id is already there. */
uint32_t record_add(struct record *, const struct observation *);
void record_free(struct record *);

static inline const struct remark *
record_remarks(const struct record *r, uint32_t track)
{
	return r->remark.v + track * r->depth;
}

/* Did the newest report of the view push a remark of this track out? */
bool record_just_dropped(const struct record *, uint32_t track);

/* Was this report dropped from its view as the eleventh newest? */
static inline bool
record_dropped(const struct view *v, const struct remark *m)
{
	return m->serial + VIEW_REPORTS <= v->serial;
}

#endif
