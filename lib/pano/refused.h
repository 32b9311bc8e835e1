#ifndef PANO_REFUSED_H
#define PANO_REFUSED_H

#include <stddef.h>

/*
 * refused - answers in which a server says that it cannot serve: the error
 * replies of Redis, memcached, HTTP/1 and PostgreSQL.  What the requester did
 * wrong, what was not found, and redirections are none.
 */

/* Of the first bytes of an answer: which one it is, 0: none. */
int refused_code(const char *text, size_t n);

/* How its protocol calls it; the caller's buffer is used for numbers. */
const char *refused_name(int code, char buf[static 16]);

#endif
