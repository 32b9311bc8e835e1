#ifndef RESIN_FORMATS_H
#define RESIN_FORMATS_H

/* What format.c's table is made of; each in the file of that name, or kernel.c
 * (allocinfo, slabinfo), json.c (dhat, v8), sanitizer.c (lsan). */
extern const struct heap_format format_allocinfo, format_dhat, format_folded,
    format_gperftools, format_heaptrack, format_jemalloc, format_jmap,
    format_lsan, format_massif, format_memcheck, format_memleak, format_mtrace,
    format_pprof, format_slabinfo, format_symbolized, format_umdh, format_v8;

#endif
