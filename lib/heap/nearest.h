#ifndef RESIN_NEAREST_H
#define RESIN_NEAREST_H

#include "base/vec.h"
#include "heap/refs.h"

/*
 * nearest - all the references of a database, by their distance from a
 * fingerprint.
 */
struct nearest_entry {
	int64_t id;
	struct fingerprint fp;	/* its own copy */
	uint64_t rows;
	double distance;	/* INFINITY: of another service */
	char *why;
};

struct nearest {
	const struct fingerprint *asked;
	VEC(struct nearest_entry) list;
};

bool nearest_read(struct nearest *, struct refs *);	/* false: refs.why */
/* Nearest first; of equally near ones the newest, then the first added. */
void nearest_sort(struct nearest *);
int64_t nearest_newest(const struct nearest *);	/* date; INT64_MIN: none */
void nearest_free(struct nearest *);

#endif
