#ifndef RESIN_WHOLE_H
#define RESIN_WHOLE_H

#include <stdio.h>

/*
 * whole - a file that appears whole or not at all.  Bytes go to a temporary
 * name in the same directory (host, pid and a random part: two hosts may share
 * it); whole_commit() is fsync, rename, fsync of the directory.  A kill at any
 * instant leaves the old file or the new one.
 */
struct whole {
	FILE *fp;	/* write here; NULL when closed */
	char *path, *temp;
};

int whole_open(struct whole *, const char *path);	/* -1: errno says why */
int whole_commit(struct whole *);	/* -1: errno; the old file stands */
void whole_abort(struct whole *);	/* no-op when committed */

#endif
