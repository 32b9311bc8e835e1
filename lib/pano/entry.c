#include <stdio.h>

#include "base/hash.h"
#include "pano/entry.h"
#include "pano/word.h"

void
entry_begin(struct entry *e, struct span text, size_t line)
{
	e->text.n = e->more.n = 0;
	buf_span(&e->text, text);
	e->line = line;
	e->held = e->young = true;
}

void
entry_more(struct entry *e, struct span text)
{
	text = word_trim(text);
	e->young = true;
	if (e->more.n + text.n > ENTRY_MORE || text.n == 0)
		return;
	if (e->more.n > 0)
		buf_str(&e->more, " | ");
	buf_span(&e->more, text);
}

bool
entry_young(struct entry *e)
{
	bool young = e->held && e->young;

	e->young = false;
	return young;
}

void
entry_clear(struct entry *e)
{
	e->held = false;
	e->text.n = e->more.n = 0;
}

void
entry_free(struct entry *e)
{
	buf_free(&e->text);
	buf_free(&e->more);
}

static uint64_t
chain(uint64_t h, struct span s)
{
	return hash_mix(h ^ hash_bytes(s.s, s.n), 0x9e3779b97f4a7c15u);
}

static void
event_id(const struct event *e, char out[17])
{
	uint64_t h = chain((uint64_t)e->ts, e->observer);

	h = chain(chain(h, e->subject), e->context);
	h = chain(chain(h, e->detail), span_of(status_name(e->status)));
	snprintf(out, 17, "%016llx", (unsigned long long)h);
}

void
event_header(struct output *out)
{
	output_header(out, "ts", "observer", "subject", "context", "status",
	    "score", "detail", "id", NULL);
}

void
event_write(struct output *out, const struct event *e)
{
	char id[17];

	event_id(e, id);
	output_time(out, e->ts);
	output_text(out, e->observer);
	output_text(out, e->subject);
	output_text(out, e->context);
	output_str(out, status_name(e->status));
	output_number(out, e->score);
	output_text(out, e->detail);
	output_str(out, id);
	output_row(out);
}
