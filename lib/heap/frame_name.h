#ifndef RESIN_FRAME_NAME_H
#define RESIN_FRAME_NAME_H

#include "base/buf.h"
#include "base/span.h"

/*
 * frame_name - the name in one line of somebody's stack trace.  Where a tool
 * gives only an address in a module, and not the module's base, the page offset
 * is what ASLR leaves alone: "[libc.so.6 0x...615]".
 */

/* valgrind: "0x10ABF0: xmalloc (svcd.c:67)", "0x48: ??? (in /usr/lib/x.so)" */
void frame_valgrind(struct span line, struct buf *out);

/* sanitizers, behind "#k 0xPC ": "in fn /src/f.c:6:3", "(/lib/x.so+0x12)" */
void frame_sanitizer(struct span line, struct buf *out);

/* a module and an absolute address in it */
void frame_paged(struct span module, uint64_t addr, struct buf *out);

#endif
