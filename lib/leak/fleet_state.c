#include "base/when.h"
#include "leak/fleet_input.h"
#include "leak/fleet_state.h"
#include "table/output.h"

static bool
same(const struct sample *a, const struct sample *b)
{
	return a->ts == b->ts && !(a->usage < b->usage) &&
	    !(a->usage > b->usage);
}

void
fleet_keep(struct fleet *f, int64_t keep)
{
	int64_t oldest;

	if (f->last < f->first)
		return;
	oldest = f->last < INT64_MIN + keep ? INT64_MIN : f->last - keep;
	for (size_t i = 0; i < f->instance.n; i++) {
		struct instance *it = &f->instance.v[i];
		size_t n = 0;

		for (size_t k = 0; k < it->sample.n; k++) {
			struct sample s = it->sample.v[k];

			if (s.ts >= oldest && (n == 0 ||
			    !same(&it->sample.v[n - 1], &s)))
				it->sample.v[n++] = s;
		}
		it->sample.n = n;
	}
	if (f->first < oldest)
		f->first = oldest;
}

static void
write_instance(struct output *out, const struct fleet *f,
    const struct instance *it)
{
	for (size_t k = 0; k < it->sample.n; k++) {
		output_time(out, it->sample.v[k].ts);
		for (size_t i = 0; i < FLEET_NAMES; i++)
			output_text(out, it->name[i]);
		output_time(out, it->start);
		if (it->limit > 0)
			output_u64(out, (uint64_t)it->limit);
		else
			output_none(out);
		for (size_t a = 0; a < f->nattribute; a++)
			if (it->attribute[a] == INTERN_NONE)
				output_none(out);
			else
				output_text(out,
				    f->text.key[it->attribute[a]]);
		output_u64(out, (uint64_t)it->sample.v[k].usage);
		output_row(out);
	}
}

int
fleet_write(const struct fleet *f, const char *path, char *const *attribute)
{
	static const char *const name[] = { "ts", "component", "cluster",
		"node", "pid", "start", "limit" };
	struct output_options options = { .path = path };
	struct output out;

	if (output_open(&out, &options) == -1)
		return -1;
	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		output_str(&out, name[i]);
	for (size_t a = 0; a < f->nattribute; a++)
		output_str(&out, attribute[a]);
	output_str(&out, "usage");
	output_row(&out);
	for (size_t i = 0; i < f->instance.n; i++)
		write_instance(&out, f, &f->instance.v[i]);
	return output_close(&out);
}
