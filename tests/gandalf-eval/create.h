#ifndef GANDALF_EVAL_CREATE_H
#define GANDALF_EVAL_CREATE_H

#include <err.h>
#include <stdio.h>

/* The file dir/name, for writing. */
static inline FILE *
create(const char *dir, const char *name)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if ((f = fopen(path, "w")) == NULL)
		err(2, "%s", path);
	return f;
}

#endif
