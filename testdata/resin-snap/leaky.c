/*
 * leaky - a small program whose live memory is known, to record dumps of.
 * It works in four steps and has a dump taken after each by whatever profiler
 * it finds itself under.  What each function holds then, by its own count, goes
 * to the file named on the command line.
 *
 *	session_open	leaks 100 objects of 80 bytes a step
 *	cache_put	holds 50 objects of 1000 bytes from the first step on
 *	tree_node	leaks 10 objects of 64 bytes a step, each at a depth of
 *			recursion of its own
 *	scratch		holds nothing
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int mallctl(const char *, void *, size_t *, void *, size_t)
    __attribute__((weak));
void HeapProfilerDump(const char *) __attribute__((weak));
int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

#define KEEP __attribute__((noinline, noclone))

static void *volatile hidden;	/* the last pointer only: the others leak */
static void *cache[50];
static long sessions, cached, nodes;

KEEP static void *
xmalloc(size_t n)
{
	void *p = malloc(n);

	if (p == NULL)
		abort();
	return memset(p, 1, n);
}

KEEP static void
session_open(void)
{
	hidden = xmalloc(80);
	sessions++;
}

KEEP static void
cache_put(int i)
{
	free(cache[i]);
	cache[i] = xmalloc(1000);
}

KEEP static void
tree_node(int depth)
{
	if (depth > 0) {
		tree_node(depth - 1);
		hidden = NULL;	/* not a tail call */
		return;
	}
	hidden = xmalloc(64);
	nodes++;
}

KEEP static void
scratch(void)
{
	void *p = xmalloc(4096);

	hidden = p;
	free(p);
}

KEEP static void
step(void)
{
	int i;

	for (i = 0; i < 100; i++)
		session_open();
	for (i = 0; i < 50; i++)
		cache_put(i);
	cached = 50;
	for (i = 0; i < 10; i++)
		tree_node(i);
	for (i = 0; i < 1000; i++)
		scratch();
}

static void
checkpoint(FILE *truth, int k)
{
	fprintf(truth, "%d\tsession_open\t%ld\t%ld\n", k, sessions * 80,
	    sessions);
	fprintf(truth, "%d\tcache_put\t%ld\t%ld\n", k, cached * 1000, cached);
	fprintf(truth, "%d\ttree_node\t%ld\t%ld\n", k, nodes * 64, nodes);
	fflush(truth);
	if (mallctl != NULL)
		mallctl("prof.dump", NULL, NULL, NULL, 0);
	if (HeapProfilerDump != NULL)
		HeapProfilerDump("step");
#ifdef EXTRA	/* for recorders with a clock, and for LeakSanitizer */
	nanosleep(&(struct timespec){ 0, 100 * 1000 * 1000 }, NULL);
	if (__lsan_do_recoverable_leak_check != NULL)
		__lsan_do_recoverable_leak_check();
#endif
}

int
main(int argc, char **argv)
{
	FILE *truth = fopen(argc > 1 ? argv[1] : "/dev/null", "w");
	int k;

	if (truth == NULL)
		return 1;
	fprintf(truth, "snapshot\tsite\tbytes\tcount\n");
	for (k = 0; k < 4; k++) {
		step();
		checkpoint(truth, k);
	}
	fclose(truth);
	return 0;
}
