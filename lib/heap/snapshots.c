#include "heap/snapshots.h"

#include <math.h>

#include "base/num.h"
#include "base/when.h"

const struct input_column snapshot_columns[SNAPSHOT_COLUMNS] = {
	{ "snapshot", INPUT_OPTIONAL }, { "ts", 0 }, { "stack", 0 },
	{ "bytes", 0 }, { "count", 0 }, { "se", INPUT_OPTIONAL },
	{ "complete", INPUT_OPTIONAL }, { "addr", INPUT_OPTIONAL },
	{ "reference", INPUT_OPTIONAL },
};

void
snapshots_take(struct input *in, int64_t from, int64_t to, struct series *s)
{
	struct series_snap at = { input_time(in, SNAPSHOT_TS),
		input_bytes_or(in, SNAPSHOT_ORDINAL, 0),
		input_bytes_or(in, SNAPSHOT_COMPLETE, 1) == 0 };
	struct span stack = input_key(in, SNAPSHOT_STACK);
	double se = input_number_or(in, SNAPSHOT_SE, 0),
	       count = input_number(in, SNAPSHOT_COUNT);
	uint64_t addr = input_bytes_or(in, SNAPSHOT_ADDR, 0);
	struct series_cell cell = { input_bytes(in, SNAPSHOT_BYTES), 0,
		series_var(se * se) };

	if (count < 0 || count > SNAPSHOT_MOST)
		input_fault(in, SNAPSHOT_COUNT, "not a count");
	if ((double)cell.bytes > SNAPSHOT_MOST)
		input_fault(in, SNAPSHOT_BYTES, "more than any heap");
	if (input_bad(in) || at.ts < from || at.ts > to)
		return;
	cell.milli = (uint64_t)llround(count * 1000);
	s->has_var |= input_has(in, SNAPSHOT_SE);
	series_add(s, at, stacks_id(&s->stacks, stack), cell, addr);
}

static void
put_number(struct buf *b, double v)
{
	char text[NUM_MAX];

	buf_add(b, text, num_print(text, v));
	buf_char(b, '\t');
}

void
snapshots_write(const struct series *s, struct buf *b, uint64_t *rows)
{
	char ts[WHEN_MAX];
	size_t i, k, n = s->snap.n;
	struct buf stack = { 0 };

	*rows = 0;
	buf_str(b, "snapshot\tts\tstack\tbytes\tcount\tse\tcomplete\n");
	for (k = 0; k < n; k++) {
		size_t len = when_print(ts, s->snap.v[k].ts, false);

		for (i = 0; i < s->n; i++) {
			const struct series_cell *c = &series_cells(s, i)[k];

			if (c->bytes == 0 && c->milli == 0)
				continue;
			put_number(b, (double)s->snap.v[k].ordinal);
			buf_add(b, ts, len);
			buf_char(b, '\t');
			buf_span(b, series_stack(s, i, &stack));
			buf_char(b, '\t');
			put_number(b, (double)c->bytes);
			put_number(b, (double)c->milli / 1000);
			put_number(b, round(sqrt((double)c->var)));
			buf_str(b, s->snap.v[k].incomplete ? "0\n" : "1\n");
			++*rows;
		}
	}
	buf_free(&stack);
}

void
snapshots_copy(FILE *fp, struct span rows, int64_t id, bool header)
{
	const char *end;
	size_t n;

	for (bool first = true; rows.n > 0; first = false) {
		end = memchr(rows.s, '\n', rows.n);
		n = end != NULL ? (size_t)(end - rows.s) : rows.n;
		if (!first || header) {
			fwrite(rows.s, 1, n, fp);
			if (first)
				fputs("\treference\n", fp);
			else
				fprintf(fp, "\t%jd\n", (intmax_t)id);
		}
		n += end != NULL;
		rows.s += n;
		rows.n -= n;
	}
}
