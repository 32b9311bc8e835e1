/*
 * heapgen - heap dumps for the benchmark: STACKS distinct stacks of 8 to 60
 * frames that share their outer ones, in SNAPS dumps of two formats.
 *
 *	nm --defined-only PROGRAM | heapgen STACKS SNAPS BASE DIR
 *
 * Frames are addresses of the functions that nm lists, from BASE on; twenty
 * stacks leak, one in five hundred fills and levels off, one in a hundred comes
 * and goes, the others waver by 30 %.  The lines of the memory map come from
 * DIR/maps.  The same arguments give the same bytes.
 */
#include <err.h>
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "../fleet/draw.h"

#define DEPTH_LEAST 8
#define DEPTH_MOST 60
#define LEAKS 20

static uint64_t *function;
static size_t nfunction;

/* Numbers that depend on x alone. */
static uint64_t
scramble(uint64_t x)
{
	return draw_bits(&x);
}

static double
unit(uint64_t x)
{
	return draw_uniform(&x, 0, 1);
}

static void
read_functions(uint64_t base)
{
	char line[4096], type;
	uint64_t at;
	size_t cap = 0;

	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (sscanf(line, "%" SCNx64 " %c", &at, &type) != 2 ||
		    (type != 't' && type != 'T'))
			continue;
		if (nfunction == cap) {
			cap = cap == 0 ? 1024 : 2 * cap;
			function = realloc(function, cap * sizeof(*function));
			if (function == NULL)
				err(2, "realloc");
		}
		function[nfunction++] = base + at + 4;
	}
	if (nfunction == 0)
		errx(2, "no functions");
}

/* Innermost first; the outer ones are of one of eight roots. */
static void
put_stack(FILE *f, uint64_t i)
{
	uint64_t depth = DEPTH_LEAST + scramble(3 * i) %
	    (uint64_t)(DEPTH_LEAST + unit(3 * i + 1) *
	    (DEPTH_MOST - DEPTH_LEAST)), k, key;

	for (k = depth; k-- > 0;) {
		key = k < 6 ? (scramble(i) % 8) * 64 + k : i * 64 + k;
		fprintf(f, " 0x%" PRIx64, function[scramble(key + 77) %
		    nfunction]);
	}
}

static uint64_t
objects(uint64_t i, uint64_t n, uint64_t snap)
{
	double some = fmin(20000, pow(unit(i * 5 + 2), -1.25)), v = some;

	if (i % (n / LEAKS) == 7)
		v = some + (200 + 1800 * unit(i)) * (double)snap;
	else if (i % 500 == 3)
		v = 1 + 20000 * (1 - pow(0.35, (double)snap));
	else if (i % 100 == 5)
		v = some * (snap % 2 == 1 ? 40 : 1);
	else
		v = some * (0.7 + 0.6 * unit(i * 64 + snap + 11));
	return (uint64_t)v;
}

static void
put_maps(FILE *f, const char *dir)
{
	char path[4096];
	FILE *maps;
	int c;

	snprintf(path, sizeof(path), "%s/maps", dir);
	if ((maps = fopen(path, "r")) == NULL)
		err(2, "%s", path);
	fputs("\nMAPPED_LIBRARIES:\n", f);
	while ((c = getc(maps)) != EOF)
		putc(c, f);
	fclose(maps);
}

static FILE *
create(const char *dir, const char *name, uint64_t snap)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.%" PRIu64 ".heap", dir, name, snap);
	if ((f = fopen(path, "w")) == NULL)
		err(2, "%s", path);
	return f;
}

static void
put_dump(const char *dir, uint64_t n, uint64_t snap)
{
	static const unsigned size[] = { 16, 24, 32, 48, 64, 96, 128, 256, 512,
		1024, 4096, 65536 };
	FILE *je = create(dir, "je", snap), *gp = create(dir, "gp", snap);
	uint64_t i, c, b, count = 0, bytes = 0;

	for (i = 0; i < n; i++) {
		count += objects(i, n, snap);
		bytes += objects(i, n, snap) * size[scramble(i) % 12];
	}
	fprintf(je, "heap_v2/1\n  t*: %" PRIu64 ": %" PRIu64 " [0: 0]\n",
	    count, bytes);
	fprintf(gp, "heap profile: %6" PRIu64 ": %8" PRIu64 " [%6" PRIu64
	    ": %8" PRIu64 "] @ heapprofile\n", count, bytes, count, bytes);
	for (i = 0; i < n; i++) {
		if ((c = objects(i, n, snap)) == 0)
			continue;
		b = c * size[scramble(i) % 12];
		fputs("@", je);
		put_stack(je, i);
		fprintf(je, "\n  t*: %" PRIu64 ": %" PRIu64 " [0: 0]\n", c, b);
		fprintf(gp, "%6" PRIu64 ": %8" PRIu64 " [%6" PRIu64 ": %8"
		    PRIu64 "] @", c, b, c, b);
		put_stack(gp, i);
		putc('\n', gp);
	}
	put_maps(je, dir);
	put_maps(gp, dir);
	if (fclose(je) == EOF || fclose(gp) == EOF)
		err(2, "%s", dir);
}

int
main(int argc, char *argv[])
{
	uint64_t n, snaps, i;

	if (argc != 5)
		errx(2, "usage: heapgen STACKS SNAPS BASE DIR");
	n = strtoull(argv[1], NULL, 10);
	snaps = strtoull(argv[2], NULL, 10);
	read_functions(strtoull(argv[3], NULL, 16));
	for (i = 0; i < snaps; i++)
		put_dump(argv[4], n, i);
	free(function);
	return 0;
}
