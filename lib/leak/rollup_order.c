#include "leak/rollup_order.h"

#include <stdbool.h>
#include <stdlib.h>

/* What puts the processes in order: names by rank, then pid and start. */
struct place {
	uint64_t names;
	uint64_t pid;
	uint32_t process;
};

/* One pass of a radix sort, by up to 11 bits of the names. */
enum { RADIX_BITS = 11 };

/* Up to so many are sorted by insertion. */
enum { FEW = 16 };

static void
radix_pass(const struct place *from, struct place *to, size_t n, unsigned shift,
    unsigned bits)
{
	size_t at[1 << RADIX_BITS] = { 0 }, total = 0, mask = (1u << bits) - 1;

	for (size_t i = 0; i < n; i++)
		at[from[i].names >> shift & mask]++;
	for (size_t d = 0; d <= mask; d++) {
		size_t count = at[d];

		at[d] = total;
		total += count;
	}
	for (size_t i = 0; i < n; i++)
		to[at[from[i].names >> shift & mask]++] = from[i];
}

static bool
comes_after(const struct place *a, const struct place *b,
    const struct rollup_process *process)
{
	if (a->pid != b->pid)
		return a->pid + 1 > b->pid + 1;		/* none first */
	return process[a->process].key.start >
	    process[b->process].key.start;
}

static int
by_instance(const void *va, const void *vb, void *process)
{
	return comes_after(va, vb, process) ? 1 : -1;
}

/* Places of the same names. */
static void
sort_instances(struct place *v, size_t n, struct rollup_process *process)
{
	if (n > FEW) {
		qsort_r(v, n, sizeof(*v), by_instance, process);
		return;
	}
	for (size_t i = 1; i < n; i++) {
		struct place x = v[i];
		size_t k = i;

		for (; k > 0 && comes_after(&v[k - 1], &x, process); k--)
			v[k] = v[k - 1];
		v[k] = x;
	}
}

/* By names, none above `most`; in equal passes. */
static struct place *
sort_places(struct place *v, struct place *spare, size_t n, uint64_t most)
{
	unsigned bits = 64 - (unsigned)__builtin_clzll(most | 1);
	unsigned passes = (bits + RADIX_BITS - 1) / RADIX_BITS;
	unsigned digit = (bits + passes - 1) / passes;

	for (unsigned shift = 0; shift < bits; shift += digit) {
		struct place *swap = v;

		radix_pass(v, spare, n, shift, digit);
		v = spare;
		spare = swap;
	}
	return v;
}

static bool
place_after(const struct place *a, const struct place *b,
    const struct rollup_process *process)
{
	return a->names != b->names ? a->names > b->names :
	    comes_after(a, b, process);
}

/* Ranks of names as one number, nodes in the low bits. */
struct ranks {
	const uint32_t *component, *node;
	unsigned bits;
};

static struct place
place_of(const struct ranks *rank, const struct rollup_process *process,
    uint32_t i)
{
	const struct rollup_process *p = &process[i];

	return (struct place){
		.names = (uint64_t)rank->component[p->key.component] <<
		    rank->bits | rank->node[p->key.node],
		.pid = p->key.pid,
		.process = i,
	};
}

/* The processes that the window is the first to have; as 2 n places, of which
 * *sorted is one half. */
static struct place *
sort_new(const struct rollup_window *w, const struct ranks *rank,
    uint64_t most, const struct place **sorted)
{
	size_t n = w->process.n - w->settled, end;
	struct place *memory = mem_new(2 * n, sizeof(*memory)), *v = memory;

	for (size_t i = 0; i < n; i++)
		v[i] = place_of(rank, w->process.v, (uint32_t)(w->settled + i));
	v = sort_places(v, v + n, n, most);
	for (size_t i = 0; i < n; i = end) {
		for (end = i + 1; end < n && v[end].names == v[i].names; end++)
			;
		sort_instances(v + i, end - i, w->process.v);
	}
	*sorted = v;
	return memory;
}

void
rollup_in_order(const struct rollup_window *w, const struct order *component,
    const struct order *node, struct rollup_numbers *sorted)
{
	size_t n = w->process.n - w->settled, to = 0;
	struct ranks rank = { component->rank.v, node->rank.v,
		64 - (unsigned)__builtin_clzll(node->rank.n | 1) };
	const struct place *new;
	uint32_t *order, old = 0;
	struct place *memory = sort_new(w, &rank,
	    (uint64_t)component->rank.n << rank.bits, &new);

	sorted->n = 0;
	vec_room(sorted, w->process.n);
	order = sorted->v;
	for (size_t i = 0; i < n; i++) {
		for (; old < w->settled; old++) {
			struct place p = place_of(&rank, w->process.v, old);

			if (place_after(&p, &new[i], w->process.v))
				break;
			order[to++] = old;
		}
		order[to++] = new[i].process;
	}
	while (old < w->settled)
		order[to++] = old++;
	sorted->n = to;
	free(memory);
}
