#ifndef PANO_LOGRULES_H
#define PANO_LOGRULES_H

#include <stdint.h>

#include "pano/clause.h"
#include "pano/values.h"
#include "pano/logtime.h"
#include "pano/peers.h"
#include "pano/status.h"
#include "pano/logtext.h"

/*
 * logrules - how the lines of a log become observations; see pano-rules(5).
 *
 * A line is cut into fields by the first `line` pattern that matches it, or by
 * its JSON members; fields are derived from fields; then the first branch whose
 * head holds has it, and of that branch the first rule whose clauses all hold
 * says what is observed.
 */
struct derive {
	size_t line;
	bool always;
	struct clause clause;
	VEC(uint32_t) field;	/* set by ... */
	VEC(struct logtext) value;	/* ... these */
};
struct rule {
	size_t line;
	VEC(struct clause) clause;
	struct logtext observer, subject, context, detail;
	struct logtext score;
	enum status status;	/* STATUS_NONE: take the line, say nothing */
};
struct branch {
	struct clause head;
	VEC(struct rule) rule;
};
/* What a field is if the line does not have it. */
struct fallback {
	uint32_t field;
	struct logtext value;
};
/* A field that may hold the time, and how it is written. */
struct moment {
	size_t line;
	uint32_t field;
	struct logtime format;
};
struct constant {
	uint32_t field;
	struct span value;	/* the caller's */
};
struct logrules {
	char *text;		/* of the file: everything points into it */
	size_t ntext;
	const char *path;
	VEC(struct span) source;	/* its lines, from 0 */
	struct values fields;
	struct peers peers;
	VEC(struct moment) time;	/* the first whose field parses */
	struct logtime zone;	/* of times without one, and today */
	uint32_t whole, more, file;	/* fields */
	bool json, uses_more;
	VEC(struct clause) line, drop;
	VEC(struct fallback) fallback;
	VEC(struct derive) derive;
	VEC(struct branch) branch;
	struct logtext observer, subject, context, detail;
	struct pattern *names;	/* how to read a table of peers */
	struct logtext name;
	VEC(struct constant) constant;
	struct buf scratch;
	struct span log;	/* the file's name; the caller's */
	void *document;		/* the line's JSON, while it is looked at */

	/* Told of each step, and of each pattern stopped by its limits. */
	void (*step)(void *arg, size_t line, const char *outcome);
	void (*stopped)(void *arg, size_t line);
	void *arg;
};

/* What a line says.  Spans are good until the next logrules_apply(). */
struct event {
	int64_t ts;
	struct span observer, subject, context, detail;
	enum status status;
	double score;		/* NaN: none */
};

/* False: *why, "path:line: reason: 'text'". */
bool logrules_read(struct logrules *, const char *path, struct buf *why);
bool logrules_parse(struct logrules *, const char *path, struct span text,
    struct buf *why);
/* A line of a table of peers.  False: it is no entry. */
bool logrules_peer(struct logrules *, struct span line);
/* The zone of times without one, and the day for dates without a year. */
void logrules_zone(struct logrules *, const struct logtime *);
/* What a field is if the line does not have it, or has it empty. */
void logrules_set(struct logrules *, struct span name, struct span value);

/* Does the line begin an entry, or belong to the one before? */
bool logrules_head(struct logrules *, struct span line);
bool logrules_apply(struct logrules *, struct span line, struct span more,
    struct event *);
void logrules_free(struct logrules *);

#endif
