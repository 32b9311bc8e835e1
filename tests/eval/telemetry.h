#ifndef RESIN_EVAL_TELEMETRY_H
#define RESIN_EVAL_TELEMETRY_H

#include "leak/fleet.h"

/* A file of telemetry as a sorted fleet; ends the program if it is bad. */
void telemetry_load(struct fleet *, char *path);

/* The end of the component that begins with instance `from`. */
size_t telemetry_component(const struct fleet *, size_t from);

#endif
