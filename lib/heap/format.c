#include <string.h>

#include "heap/format.h"
#include "heap/formats.h"

const struct heap_format *const heap_formats[] = {
	&format_symbolized,
	&format_jemalloc,
	&format_gperftools,
	&format_heaptrack,
	&format_slabinfo,
	&format_allocinfo,
	&format_mtrace,
	&format_massif,
	&format_memcheck,
	&format_lsan,
	&format_memleak,
	&format_umdh,
	&format_dhat,
	&format_v8,
	&format_jmap,
	&format_pprof,
	&format_folded,		/* has no mark of its own */
	NULL
};

const struct heap_format *
format_named(const char *name)
{
	for (size_t i = 0; heap_formats[i] != NULL; i++)
		if (strcmp(heap_formats[i]->name, name) == 0)
			return heap_formats[i];
	return NULL;
}

const struct heap_format *
format_sniff(struct span head)
{
	for (size_t i = 0; heap_formats[i] != NULL; i++)
		if (heap_formats[i]->sniff(head))
			return heap_formats[i];
	return NULL;
}
