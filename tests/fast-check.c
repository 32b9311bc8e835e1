/*
 * fast-check - what is done many at once, or with this machine's instructions,
 * beside what is plain to see: digits, numbers, names, levels of nodes.  Ends
 * the program where they do not agree.
 *
 *	fast-check ROUNDS SEED
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/intern.h"
#include "base/intern_line.h"
#include "base/num.h"
#include "leak/bucket_dense.h"
#include "leak/bucket_edges.h"
#include "leak/bucket_pairs.h"
#include "table/digits.h"

static uint64_t state;

static uint64_t
draw(uint64_t n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (state >> 33) % n;
}

enum { MANY = 700, LONGEST = 40 };

/* Fields one behind the other, with what must be readable behind the last. */
static char text[MANY * LONGEST + DIGITS_PAD];

static size_t
draw_fields(struct span *field, const char *from, size_t longest)
{
	size_t n = draw(MANY), kinds = strlen(from);
	char *p = text;

	for (size_t i = 0; i < n; i++) {
		size_t size = draw(longest + 1);

		field[i] = (struct span){ p, size };
		for (; size > 0; size--)
			*p++ = from[draw(kinds)];
	}
	return n;
}

static bool
value_of(struct span s, uint64_t *v)
{
	*v = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.s[i] < '0' || s.s[i] > '9')
			return false;
		*v = *v * 10 + (uint64_t)(s.s[i] - '0');
	}
	return s.n >= 1 && s.n <= 16;
}

static void
check_digits(void)
{
	static const char *const from[] = { "0123456789", "09", "0123456789 ",
		"0123456789/:\xb0-" };
	struct span field[MANY];
	uint64_t got[MANY], want[MANY];
	/* Mostly good ones, that there may be some of which all are. */
	size_t n = draw_fields(field, from[draw(8) > 1 ? 0 : draw(4)], 17);
	bool good = true;

	if (draw(4) > 0)
		for (size_t i = 0; i < n; i++)
			if (field[i].n == 0 || field[i].n == 17)
				field[i] = SPAN("0000000000000009");
	for (size_t i = 0; i < n; i++)
		good &= value_of(field[i], &want[i]);
	for (enum digits_with kind = 0; kind < DIGITS_KINDS; kind++) {
		if (!digits_use(kind))
			continue;
		if (digits_values(field, got, n) != good)
			errx(1, "digits %d: good or not", kind);
		for (size_t i = 0; good && i < n; i++)
			if (got[i] != want[i])
				errx(1, "digits %d: '%.*s'", kind,
				    (int)field[i].n, field[i].s);
	}
}

static void
check_numbers(void)
{
	static const uint64_t edge[] = { 0, 9, 10, 99999999, 100000000,
		9999999999999999, 10000000000000000, UINT64_MAX };
	char got[NUM_MAX], want[NUM_MAX];
	uint64_t v;
	size_t n;

	for (size_t i = 0; i < 200; i++) {
		v = draw(4) ? (draw(UINT32_MAX) << 33 ^ state) >> draw(64) :
		    edge[draw(8)];
		n = (size_t)snprintf(want, sizeof(want), "%llu",
		    (unsigned long long)v);
		if (num_print_u64(got, v) != n || memcmp(got, want, n) != 0)
			errx(1, "number: %s", want);
	}
}

static uint32_t
id_slowly(struct intern *seen, struct span key)
{
	for (size_t i = 0; i < seen->n; i++)
		if (span_eq(seen->key[i], key))
			return (uint32_t)i;
	return intern_id(seen, key);
}

static void
check_names(void)
{
	struct intern t = { 0 }, seen = { 0 };
	struct span field[MANY];
	uint32_t id[MANY];
	size_t longest = draw(2) ? LONGEST : 9, batches = 1 + draw(4), n;

	while (batches-- > 0) {
		n = draw_fields(field, draw(2) ? "ab" : "a", longest);
		intern_ids(&t, field, id, n);
		for (size_t i = 0; i < n; i++)
			if (id[i] != id_slowly(&seen, field[i]) ||
			    intern_find(&t, field[i]) != id[i] ||
			    intern_id(&t, field[i]) != id[i] ||
			    !span_eq(t.key[id[i]], field[i]))
				errx(1, "name '%.*s': %u", (int)field[i].n,
				    field[i].s, id[i]);
	}
	if (intern_find(&t, SPAN("never")) != INTERN_NONE)
		errx(1, "a name that nobody gave");
	intern_free(&t);
	intern_free(&seen);
}

static void
check_line(void)
{
	struct intern_line line;
	uint32_t tag = (uint32_t)draw(3);

	for (unsigned k = 0; k < INTERN_LINE; k++)
		line.tag[k] = draw(2) ? (uint32_t)draw(3) :
		    tag ^ UINT32_C(1) << draw(32);
	if (intern_line_hits(&line, tag) != intern_line_plain(&line, tag))
		errx(1, "line: other slots");
}

enum { NODES = 5000, GROUPS = 3 };

/* Rows of two of three groups are held; each is taken and is then empty. */
static void
check_levels(void)
{
	static uint8_t highest[GROUPS][NODES];
	const uint32_t live[GROUPS] = { NODES, 0, NODES };
	uint32_t group[PAIRS_BATCH], node[PAIRS_BATCH];
	uint8_t level[PAIRS_BATCH];
	size_t nlevel = draw(2) ? 12 : 97, nnode = 1 + draw(NODES), held = 0;
	struct dense d = { 0 };

	memset(highest, 0, sizeof(highest));
	dense_choose(&d, live, GROUPS, nnode);
	for (size_t i = 0; i < PAIRS_BATCH; i++) {
		group[i] = (uint32_t)draw(GROUPS);
		node[i] = (uint32_t)draw(nnode);
		level[i] = (uint8_t)draw(nlevel);
		held += live[group[i]] > 0;
		if (highest[group[i]][node[i]] <= level[i])
			highest[group[i]][node[i]] = (uint8_t)(level[i] + 1);
	}
	if (dense_raise(&d, group, node, level, PAIRS_BATCH) !=
	    PAIRS_BATCH - held)
		errx(1, "levels: other pairs are held");
	for (uint32_t g = 0; g < GROUPS; g++) {
		uint64_t got[EDGES_MAX] = { 0 }, want[EDGES_MAX] = { 0 };

		for (size_t v = 0; live[g] > 0 && v < nnode; v++)
			if (highest[g][v] > 0)
				want[highest[g][v] - 1]++;
		for (int twice = 0; twice < 2; twice++)	/* empty then */
			dense_take(&d, g, got, nlevel);
		if (memcmp(got, want, sizeof(got)) != 0)
			errx(1, "levels: counted otherwise");
	}
	dense_free(&d);
}

static void
check_edges(void)
{
	static const char *const spec[] = { "paper", "4/octave", "10/octave",
		"1,2,3,4,15,16,17,18,31,32,33", "9007199254740991,"
		"9007199254740992,9007199254740993,18014398509481985,"
		"1152921504606846975,1152921504606846976" };
	struct edges e;
	uint64_t v;
	size_t want;

	if (edges_parse(&e, spec[draw(sizeof(spec) / sizeof(*spec))]) != NULL)
		errx(1, "edges: do not parse");
	for (size_t i = 0; i < 400; i++) {
		v = draw(2) ? state >> draw(64) :
		    e.at[draw(e.n)] + draw(3) - 1;
		for (want = e.n - 1; e.at[want] > v; want--)
			;
		if (edges_level(&e, v) != want)
			errx(1, "edges: %zu of %llu", want,
			    (unsigned long long)v);
	}
	edges_free(&e);
}

int
main(int argc, char *argv[])
{
	unsigned long rounds;

	if (argc != 3)
		errx(2, "usage: fast-check ROUNDS SEED");
	rounds = strtoul(argv[1], NULL, 10);
	state = strtoull(argv[2], NULL, 10);
	for (unsigned long i = 0; i < rounds; i++) {
		check_digits();
		check_numbers();
		check_names();
		check_line();
		check_levels();
		check_edges();
	}
	return 0;
}
