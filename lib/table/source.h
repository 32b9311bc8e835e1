#ifndef RESIN_SOURCE_H
#define RESIN_SOURCE_H

#include <stddef.h>
#include <sys/types.h>

/*
 * source - the bytes of a file, a pipe or standard input ("-"), decompressed if
 * they begin with gzip's or zstd's magic number.  Concatenated members are one
 * stream; a truncated one is an error, not an end.
 */
struct source {
	int fd;
	const char *name; /* for messages; "<stdin>" or the caller's path */
	off_t size;		/* of the file, 0 where unknown */
	off_t consumed;		/* bytes of the file read so far */
	off_t left;		/* bytes to read yet, -1: to the end */
	struct source_codec *codec;	/* NULL: plain */
	unsigned char magic[6];	/* read while sniffing, not yet given out */
	size_t nmagic, imagic;
	/* Called again and again while nothing comes; NULL: just wait. */
	void (*idle)(void *arg);
	void *idle_arg;
	char why[128];
};
enum { SOURCE_IDLE_MS = 250 };

int source_open(struct source *, const char *path);	/* -1: why */
/* At least one byte, 0 at the end, -1: why.  Returns what is there at once. */
ssize_t source_read(struct source *, void *, size_t);
void source_close(struct source *);

#endif
