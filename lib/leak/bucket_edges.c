#include "leak/bucket_edges.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/num.h"

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

/* A range that holds any process: below 1 MiB no leak matters, and 24 octaves
 * at 10 a step still fit EDGES_MAX. */
enum { OCTAVE_LOW = 20, OCTAVE_HIGH = 44, OCTAVE_STEPS = 10 };

static const char *
add(struct edges *edges, uint64_t at)
{
	if (at <= edges->at[edges->n - 1])
		return "edges do not ascend from above 0";
	if (edges->n == EDGES_MAX)
		return "too many edges";
	edges->at[edges->n++] = at;
	return NULL;
}

static void
paper(struct edges *edges)
{
	static const uint8_t gib[] = { 1, 2, 3, 4, 5, 10, 20, 30, 40, 50 };

	add(edges, 50 * MIB);
	for (uint64_t m = 100; m <= 900; m += 100)
		add(edges, m * MIB);
	for (size_t i = 0; i < sizeof(gib); i++)
		add(edges, gib[i] * GIB);
}

static const char *
octaves(struct edges *edges, const char *spec, size_t n)
{
	struct buf text = { 0 };
	uint64_t steps;

	if (num_u64((struct span){ spec, n }, &steps) != NULL)
		return "not a number of edges an octave";
	if (steps < 1 || steps > OCTAVE_STEPS)
		return "1 to 10 edges an octave";
	buf_printf(&text, "%u/octave", (unsigned)steps);
	edges->text = buf_cstr(&text);
	for (uint64_t i = 0; i <= (OCTAVE_HIGH - OCTAVE_LOW) * steps; i++)
		add(edges, (uint64_t)llround(exp2(OCTAVE_LOW +
		    (double)i / (double)steps)));
	return NULL;
}

static const char *
list(struct edges *edges, const char *spec)
{
	const char *why = NULL;

	for (const char *p = spec; why == NULL; p++) {
		size_t n = strcspn(p, ",");
		char *one = mem_copy(p, n);
		uint64_t at;

		why = num_size(one, &at);
		free(one);
		if (why == NULL && !(at == 0 && p == spec))
			why = add(edges, at);
		p += n;
		if (*p == '\0')
			break;
	}
	return why;
}

static char *
text_of(const struct edges *edges)
{
	struct buf b = { 0 };

	for (size_t i = 1; i < edges->n; i++)
		buf_printf(&b, "%s%llu", i > 1 ? "," : "",
		    (unsigned long long)edges->at[i]);
	return buf_cstr(&b);
}

static void
index_cells(struct edges *edges)
{
	size_t cell = 0;

	for (size_t l = 0; l < edges->n; l++) {
		size_t end = l + 1 < edges->n ? edges_cell(edges->at[l + 1])
					      : EDGES_CELLS - 1;

		/* A cell that an edge divides begins below it. */
		edges->dense |= l > 0 && l + 1 < edges->n &&
		    edges_cell(edges->at[l]) == end;
		for (; cell <= end; cell++)
			edges->first[cell] = (uint8_t)l;
	}
}

const char *
edges_parse(struct edges *edges, const char *spec)
{
	const char *slash = strstr(spec, "/octave"), *why = NULL;

	*edges = (struct edges){ .n = 1 };
	if (strcmp(spec, "paper") == 0)
		paper(edges);
	else if (slash != NULL && slash[strlen("/octave")] == '\0')
		why = octaves(edges, spec, (size_t)(slash - spec));
	else
		why = list(edges, spec);
	if (why != NULL)
		return why;
	if (edges->n == 1)
		return "no edge above 0";
	edges->at[edges->n] = UINT64_MAX;
	index_cells(edges);
	if (strcmp(spec, "paper") == 0)
		edges->text = mem_copy(spec, strlen(spec));
	else if (edges->text == NULL)
		edges->text = text_of(edges);
	return NULL;
}

void
edges_free(struct edges *edges)
{
	free(edges->text);
	*edges = (struct edges){ 0 };
}

size_t
edges_find(const struct edges *edges, uint64_t v)
{
	size_t l = edges_level(edges, v);

	return edges->at[l] == v ? l : edges->n;
}
