#include <err.h>

#include "leak/fleet_input.h"
#include "telemetry.h"

void
telemetry_load(struct fleet *f, char *path)
{
	static const struct input_options options;
	struct input in;

	fleet_init(f, 0);
	input_open(&in, &options, &path, 1, fleet_columns, FLEET_COLUMNS);
	while (input_next(&in))
		fleet_input_row(&in, f, false);
	if (input_why(&in) != NULL)
		errx(2, "%s", input_why(&in));
	input_close(&in);
	fleet_sort(f);
}

size_t
telemetry_component(const struct fleet *f, size_t from)
{
	size_t to = from;

	while (to < f->instance.n && f->instance.v[to].component ==
	    f->instance.v[from].component)
		to++;
	return to;
}
