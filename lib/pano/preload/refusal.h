#ifndef PANO_REFUSAL_H
#define PANO_REFUSAL_H

#include <stddef.h>

/*
 * refusal - answers that say that the server cannot serve (../refused.h), as
 * evidence in a context of their own.  A subject is called healthy there only
 * after it was not, and answered well several times in succession: who refuses
 * writes may still serve reads.
 */
void refusal_seen(const char *subject, const void *text, size_t n);

#endif
