#include "heap/dump_series.h"

#include <math.h>
#include <sys/stat.h>

#include "heap/format.h"
#include "heap/formats.h"
#include "heap/snapshots.h"

bool
dump_series_is(const char *path)
{
	const struct heap_format *format = NULL;
	struct lines in = { 0 };
	struct stat st;

	if (stat(path, &st) == -1 || !S_ISREG(st.st_mode))
		return false;
	if (lines_open(&in, path))
		format = format_sniff(lines_head(&in));
	lines_close(&in);
	return format != NULL && format != &format_folded;
}

/* A stack's number in the series. */
static uint32_t
stack_of(struct dump_series *d, const struct snapshot *t,
    const struct snapshot_row *r)
{
	struct stacks *stacks = &d->series->stacks;

	d->frame.n = 0;
	vec_room(&d->frame, r->depth + 1u);
	for (uint32_t i = 0; i < r->depth; i++)
		d->frame.v[i] = d->name.v[t->frame[r->frame + i]];
	d->frame.n = r->depth;
	if (r->depth == 0)
		vec_push(&d->frame, intern_id(&stacks->name,
		    SPAN(SNAPSHOT_UNKNOWN)));
	return stacks_id_frames(stacks, d->frame.v, d->frame.n);
}

/* A row's numbers are rounded as resin-snap prints them. */
static void
take(void *arg, const struct snapshot *t)
{
	struct dump_series *d = arg;
	struct series_snap at = { t->ts, t->ordinal, !t->complete };

	if (t->ts < d->from || t->ts > d->to)
		return;
	for (size_t i = d->name.n; i < t->names->n; i++)
		vec_push(&d->name, intern_id(&d->series->stacks.name,
		    t->names->key[i]));
	for (size_t i = 0; i < t->n; i++) {
		const struct snapshot_row *r = &t->row[i];
		double bytes = round(r->live.bytes),
		       count = round(r->live.count),
		       se = round(sample_se(&r->live));

		if (bytes > SNAPSHOT_MOST || count > SNAPSHOT_MOST) {
			d->too_large = true;
			return;
		}
		series_add(d->series, at, stack_of(d, t, r),
		    (struct series_cell){ (uint64_t)bytes,
			(uint64_t)count * 1000, series_var(se * se) }, 0);
	}
	d->series->has_var |= t->n > 0;
}

bool
dump_series_read(struct dump_series *d, char **path, size_t n)
{
	static const struct dump_options options = { .snapshots = 8 };

	d->dumps.options = &options;
	d->dumps.emit = take;
	d->dumps.arg = d;
	d->dumps.times = (struct dump_times)DUMP_TIMES;
	dumps_order(path, n);
	dump_times_tell(&d->dumps.times, path, n);
	for (size_t i = 0; i < n; i++) {
		if (!dumps_read(&d->dumps, path[i]))
			return false;
		if (d->too_large) {
			buf_printf(&d->dumps.why, "%s: more than any heap",
			    path[i]);
			return false;
		}
	}
	return true;
}

void
dump_series_free(struct dump_series *d)
{
	dumps_free(&d->dumps);
	vec_free(&d->name);
	vec_free(&d->frame);
}
