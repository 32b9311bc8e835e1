#ifndef RESIN_FORMATS_H
#define RESIN_FORMATS_H

/* What format.c's table is made of; each in its own file, of that name. */
extern const struct heap_format format_symbolized;
extern const struct heap_format format_jemalloc;

#endif
