#ifndef PANO_PATTERN_H
#define PANO_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

/*
 * pattern - a PCRE2 regular expression over bytes, so that no text is invalid.
 * Matching is bounded: a catastrophic pattern ends as PATTERN_STOPPED, after
 * some milliseconds, whatever the text.  `.` does not match a newline and `$`
 * only the very end.
 */
enum {
	PATTERN_MATCH_LIMIT = 200000,	/* backtracking points */
	PATTERN_DEPTH_LIMIT = 5000,	/* nested, in the interpreter */
	PATTERN_HEAP_LIMIT = 8192,	/* KiB */
	PATTERN_JIT_STACK = 512 * 1024,	/* bytes */
};
enum pattern_result { PATTERN_NO, PATTERN_YES, PATTERN_STOPPED };

struct pattern;

/* NULL: *why (static) and *at, the offset of the mistake. */
struct pattern *pattern_compile(struct span, char why[128], size_t *at);
enum pattern_result pattern_match(struct pattern *, struct span);
void pattern_free(struct pattern *);

/* Named groups: i from 0; empty name when there are no more. */
struct span pattern_group(const struct pattern *, size_t i);
/* Of the last match.  False: the group took no part. */
bool pattern_value(const struct pattern *, size_t i, struct span *);

#endif
