#include "leak/bucket_shards.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
is_called(const char *file, const char *name)
{
	size_t nf = strlen(file), nn = strlen(name);

	return nf >= nn && strcmp(file + nf - nn, name) == 0 &&
	    (nf == nn || file[nf - nn - 1] == '/');
}

static bool
among(const char *name, char *const *file, size_t nfile)
{
	for (size_t i = 0; i < nfile; i++)
		if (is_called(file[i], name))
			return true;
	return false;
}

int
shards_check(const char *list, char *const *file, size_t nfile,
    struct buf *missing)
{
	FILE *fp = fopen(list, "re");
	char *line = NULL;
	size_t cap = 0;
	int all = 1;

	if (fp == NULL)
		return -1;
	while (all == 1 && getline(&line, &cap, fp) != -1) {
		line[strcspn(line, "\r\n")] = '\0';
		if (line[0] != '\0' && !among(line, file, nfile)) {
			buf_str(missing, line);
			all = 0;
		}
	}
	if (ferror(fp))
		all = -1;
	free(line);
	fclose(fp);
	return all;
}
