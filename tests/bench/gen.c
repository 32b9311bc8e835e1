/*
 * gen - telemetry of a fleet, for the benchmark: rows in the order of their
 * hour, shuffled inside it; names Zipf-distributed over the components.
 *
 *	gen ROWS COMPONENTS HOSTS PROCESSES FORMAT	tsv, csv or quoted
 *
 * ROWS are written in hours of HOSTS x PROCESSES.  Each process keeps its
 * component and pid, its size moves around a base with the hour, one component
 * in fifty leaks.  The same arguments give the same bytes.
 */
#include <err.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../fleet/draw.h"

#define START UINT64_C(1609459200)
#define BUFFER (1 << 20)

struct fleet {
	uint64_t components, hosts, processes;
	double *cumulative;	/* of the components' weights */
	char separator;
	bool quoted;
};

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
weigh(struct fleet *f)
{
	double sum = 0;

	f->cumulative = calloc(f->components, sizeof(double));
	if (f->cumulative == NULL)
		err(2, "calloc");
	for (uint64_t i = 0; i < f->components; i++)
		f->cumulative[i] = sum += 1.0 / (double)(i + 1);
}

static uint64_t
component_of(const struct fleet *f, uint64_t process)
{
	double x = unit(process) * f->cumulative[f->components - 1];
	uint64_t low = 0, high = f->components - 1;

	while (low < high) {
		uint64_t mid = low + (high - low) / 2;

		if (f->cumulative[mid] < x)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static uint64_t
size_of(uint64_t process, uint64_t component, uint64_t hour)
{
	double base = exp(15 + 6 * unit(process ^ UINT64_C(1) << 60));
	double noise = 0.9 + 0.2 * unit(process * 1024 + hour);
	double leak = component % 50 == 7 ? 1 + 0.03 * (double)hour : 1;

	return (uint64_t)(base * noise * leak);
}

static void
field(const struct fleet *f, char **p, const char *name, uint64_t v, int width,
    char end)
{
	if (f->quoted)
		*(*p)++ = '"';
	*p += sprintf(*p, "%s%0*" PRIu64, name, width, v);
	if (f->quoted)
		*(*p)++ = '"';
	*(*p)++ = end;
}

static size_t
row(const struct fleet *f, char *out, uint64_t hour, uint64_t process)
{
	uint64_t host = process / f->processes;
	uint64_t component = component_of(f, process);
	char *p = out, s = f->separator;

	field(f, &p, "", START + hour * 3600, 1, s);
	field(f, &p, "cluster-", host % 200, 3, s);
	field(f, &p, "node-", host, 7, s);
	field(f, &p, "svc-", component, 5, s);
	field(f, &p, "", 1000 + scramble(process) % 60000, 1, s);
	field(f, &p, "", size_of(process, component, hour), 1, '\n');
	return (size_t)(p - out);
}

/* A permutation of 0 .. n-1: x -> a x + b mod the next power of two, with what
 * falls outside walked on. */
static uint64_t
shuffle(uint64_t x, uint64_t n, uint64_t seed)
{
	uint64_t mask = 1;

	while (mask < n)
		mask *= 2;
	mask--;
	do {
		x = (x * (scramble(seed) | 1) + scramble(seed + 1)) & mask;
		x ^= x >> 7;
		x = (x * (scramble(seed + 2) | 1)) & mask;
		x ^= x >> 9;
	} while (x >= n);
	return x;
}

static uint64_t
number(const char *s)
{
	char *end;
	unsigned long long v = strtoull(s, &end, 10);

	if (*s == '\0' || *end != '\0' || v == 0)
		errx(2, "not a positive number: '%s'", s);
	return v;
}

int
main(int argc, char *argv[])
{
	struct fleet f = { .separator = ',' };
	static char out[BUFFER + 256];
	const char *names = "ts,cluster,node,component,pid,usage\n";
	uint64_t rows, hour_rows;
	size_t n;

	if (argc != 6)
		errx(2, "usage: gen ROWS COMPONENTS HOSTS PROCESSES FORMAT");
	rows = number(argv[1]);
	f.components = number(argv[2]);
	f.hosts = number(argv[3]);
	f.processes = number(argv[4]);
	if (strcmp(argv[5], "tsv") == 0)
		f.separator = '\t';
	f.quoted = strcmp(argv[5], "quoted") == 0;
	weigh(&f);
	hour_rows = f.hosts * f.processes;
	n = (size_t)sprintf(out, "%s", names);
	for (size_t i = 0; i < n; i++)
		if (out[i] == ',')
			out[i] = f.separator;
	for (uint64_t i = 0; i < rows; i++) {
		uint64_t hour = i / hour_rows;

		n += row(&f, out + n, hour,
		    shuffle(i % hour_rows, hour_rows, hour));
		if (n >= BUFFER) {
			fwrite(out, 1, n, stdout);
			n = 0;
		}
	}
	fwrite(out, 1, n, stdout);
	free(f.cumulative);
	if (fflush(stdout) == EOF || ferror(stdout))
		err(2, "write");
	return 0;
}
