#ifndef RESIN_MEM_H
#define RESIN_MEM_H

#include <stddef.h>

/*
 * Memory that is there.  Running out of it is the one failure that the library
 * does not return: these end the tool through fail_memory(), so that no caller
 * carries a branch nobody can test.  Sizes are checked for overflow.
 */
void *mem_new(size_t n, size_t size);			/* zeroed */
void *mem_resize(void *p, size_t n, size_t size); /* grown part not zeroed */
char *mem_copy(const void *s, size_t n);		/* n bytes and a NUL */

#endif
