#ifndef RESIN_INPUT_H
#define RESIN_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/intern.h"
#include "base/load.h"
#include "base/num.h"
#include "base/span.h"
#include "table/reader.h"

/*
 * input - the rows of any number of resin-tsv(5) files, columns by name.
 *
 *	enum { TS, COMPONENT, USAGE, NCOL };
 *	static const struct input_column want[NCOL] = {
 *		{ "ts", 0 }, { "component", 0 }, { "usage", 0 },
 *	};
 *	input_open(&in, &options, files, nfile, want, NCOL);
 *	while (input_next(&in)) {
 *		ts = input_time(&in, TS);
 *		name = input_key(&in, COMPONENT);
 *		usage = input_bytes(&in, USAGE);
 *		if (input_bad(&in))
 *			continue;
 *		...
 *	}
 *	if (input_why(&in) != NULL) ...
 *
 * Values are asked for first and judged once: a value that does not parse marks
 * the row bad and reads as zero.  input_bad() then either puts the row aside
 * (--reject) or makes input_why() say "file:line: reason: 'text'" and
 * input_next() false from then on.  Errors are sticky, as in ferror(3).
 *
 * Spans point into the reader and are good until the next input_next().
 * No files, or "-", is standard input.  Each file has its own header; columns
 * are looked up again in each.
 */
struct input_column {
	const char *name;
	int flags;
};
enum {
	INPUT_OPTIONAL = 1, /* the column may be absent: its values are empty */
};

struct input_options {
	bool csv;		/* whatever the name says; else by ".csv" */
	bool escape;		/* \t \n \r \\ \N, both ways */
	bool allow_empty;	/* zero bytes are no rows, not trouble */
	const char *map;	/* "ours=theirs,ours=theirs" */
	const char *fields;	/* "name,name": input has no header */
	const char *reject;	/* file for bad rows, NULL: stop at the first */
};

/* A time as text of 8 to 16 bytes, its first and last eight: rows in order say
 * the same time over and over. */
struct input_memo {
	uint64_t head, tail;
	size_t n;		/* 0: none yet */
	int64_t ns;
};

struct input {
	const struct input_options *options;
	const struct input_column *want;
	size_t nwant;
	ptrdiff_t *at;		/* at[want] = the file's column, -1: absent */

	char **file;
	size_t nfile, ifile;
	struct reader reader;	/* of file[ifile] */
	bool open;
	struct run run;		/* good rows at hand */
	size_t row;		/* of run, the current one */

	struct span *carry;	/* names of the columns nobody asked for;
				   owned, NUL-terminated */
	struct span *carry_theirs;	/* what the files call them; owned */
	size_t *carry_at;	/* carry_at[i] = the file's column */
	size_t ncarry;
	bool carry_on;

	bool decode;		/* of run: fields may need more than a look */
	struct input_memo *memo;	/* of want: the last time's text */

	const struct intern *keep;	/* input_keep() */
	size_t keep_col;
	uint64_t keep_ends[16];	/* one bit in 1024 for the end of each key */

	const char *fault;	/* the current row's first fault, static text */
	size_t fault_col;	/* of want */
	struct buf scratch;	/* unescaped values of the current row */
	FILE *reject;
	size_t rejected;	/* rows put aside */
	struct buf why;		/* empty: no trouble */
};

/* Opens the first file and reads its header.  False: input_why(). */
bool input_open(struct input *, const struct input_options *, char **files,
    size_t nfile, const struct input_column *want, size_t nwant);
bool input_next_run(struct input *);	/* the rest of input_next() */
bool input_find_kept(struct input *);	/* of input_keep(): in this run */

static inline bool
input_next(struct input *in)
{
	in->fault = NULL;
	in->scratch.n = 0;
	return (++in->row < in->run.nrow && in->keep == NULL) ||
	    input_next_run(in);
}

/*
 * From now on only rows whose `col` is one of `keys`; the others are passed
 * over at little more than the speed of reading, and of their values nothing is
 * judged.  `keys` stays as it is, and the caller's.
 */
void input_keep(struct input *, size_t col, const struct intern *keys);

/*
 * Whether the spans of this row and of those before it die with the next
 * input_next().  Until it is true they all live, so that a tool may gather rows
 * and work on many at once.
 */
static inline bool
input_last(const struct input *in)
{
	return in->row + 1 >= in->run.nrow || in->options->escape ||
	    in->keep != NULL;
}

const char *input_why(struct input *);	/* NULL: no trouble so far */
void input_close(struct input *);	/* frees; keeps `rejected` */

/* Values of the current row, by the number in `want`. */
bool input_has(const struct input *, size_t col);	/* present, not empty */
struct span input_text(struct input *, size_t col);	/* anything, or empty */
/* The next three end in the general ones where they are not done at once. */
struct span input_key_decoded(struct input *, size_t col);
int64_t input_time_parsed(struct input *, size_t col);
uint64_t input_bytes_parsed(struct input *, size_t col);

/* Not empty; no TAB, LF. */
static inline struct span
input_key(struct input *in, size_t col)
{
	struct span s;

	if (in->decode || in->at[col] < 0)
		return input_key_decoded(in, col);
	s = run_field(&in->run, in->row, (size_t)in->at[col]);
	return s.n > 0 ? s : input_key_decoded(in, col);
}

/* See base/when.h. */
static inline int64_t
input_time(struct input *in, size_t col)
{
	const struct input_memo *memo = &in->memo[col];
	struct span s;

	if (in->at[col] < 0)
		return input_time_parsed(in, col);
	s = run_field(&in->run, in->row, (size_t)in->at[col]);
	if (s.n == memo->n && s.n >= 8 && load_le64(s.s) == memo->head &&
	    load_le64(s.s + s.n - 8) == memo->tail)
		return memo->ns;
	return input_time_parsed(in, col);
}

/* See num_bytes(). */
static inline uint64_t
input_bytes(struct input *in, size_t col)
{
	struct span s;
	uint64_t v;

	if (in->at[col] < 0)
		return input_bytes_parsed(in, col);
	s = run_field(&in->run, in->row, (size_t)in->at[col]);
	return s.n - 1 < 16 && num_digits(s.s, s.n, &v) ? v :
	    input_bytes_parsed(in, col);
}

uint64_t input_u64_parsed(struct input *, size_t col);

static inline uint64_t
input_u64(struct input *in, size_t col)
{
	struct span s;
	uint64_t v;

	if (in->at[col] < 0)
		return input_u64_parsed(in, col);
	s = run_field(&in->run, in->row, (size_t)in->at[col]);
	return s.n - 1 < 16 && num_digits(s.s, s.n, &v) ? v :
	    input_u64_parsed(in, col);
}

double input_number(struct input *, size_t col);

/* Empty or absent reads as `none`. */
int64_t input_time_or(struct input *, size_t col, int64_t none);
uint64_t input_bytes_or(struct input *, size_t col, uint64_t none);
double input_number_or(struct input *, size_t col, double none);

/*
 * Many rows at once, column by column, for the tools that read billions: where
 * nothing is unusual, the values of the current row and the n - 1 behind it,
 * n <= input_rows().  False: one of them is unusual or bad; read them one by
 * one.  input_skip(in, n - 1) makes the last of them the current row.
 */
static inline size_t
input_rows(const struct input *in)
{
	return in->decode || in->keep != NULL ? 1 : in->run.nrow - in->row;
}

bool input_keys(struct input *, size_t col, struct span *, size_t n);
bool input_times(struct input *, size_t col, int64_t *, size_t n);
bool input_sizes(struct input *, size_t col, uint64_t *, size_t n);
/* The one time that all of them say; false also where they differ. */
bool input_same_time(const struct input *, size_t col, int64_t *, size_t n);

static inline void
input_skip(struct input *in, size_t n)
{
	in->row += n;
}

/* The tool itself finds a fault in a value; `reason` is static text. */
void input_fault(struct input *, size_t col, const char *reason);
bool input_bad_row(struct input *);

static inline bool
input_bad(struct input *in)
{
	return in->fault != NULL && input_bad_row(in);
}

/* Where the current row stands: "file:line", for the tool's own messages. */
const char *input_name(const struct input *);
size_t input_line(const struct input *);

/*
 * Columns carried along, for tools whose rows map to rows: every column of the
 * first file that `want` does not name, in file order, by the names that --map
 * gives them.  A later file must have them too.  Call input_carry() after
 * input_open().
 */
void input_carry(struct input *);
struct span input_carried(struct input *, size_t i);
bool input_carried_fields(struct input *, size_t i, struct span *, size_t n);

#endif
