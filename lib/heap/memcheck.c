/*
 * valgrind's memcheck, as text: the loss records of each leak search.
 */
#include "base/buf.h"
#include "heap/format.h"
#include "heap/formats.h"
#include "heap/frame_name.h"

static bool
sniff(struct span head)
{
	return span_begins(head, "==") && (span_find(head, "Memcheck") >= 0 ||
	    span_find(head, "in loss record ") >= 0);
}

/* A number with commas: "19,071,365". */
static bool
scan_grouped(struct span *s, uint64_t *out)
{
	uint64_t v, part;

	if (!scan_u64(s, &v))
		return false;
	while (s->n >= 4 && s->s[0] == ',') {
		struct span digits = { s->s + 1, 3 };

		if (!scan_u64(&digits, &part) || digits.n > 0 ||
		    v > UINT64_MAX / 1000 - 1)
			return false;
		v = v * 1000 + part;
		s->s += 4;
		s->n -= 4;
	}
	*out = v;
	return true;
}

/* " (+5)", the change since the last search, is skipped. */
static void
skip_change(struct span *s)
{
	if (scan_str(s, " (+") || scan_str(s, " (-")) {
		scan_until(s, ')');
	}
}

/*
 * "1,200 (400 direct, 800 indirect) bytes in 5 blocks are definitely lost in
 * loss record 3 of 42".  What is lost indirectly has records of its own, so the
 * direct part is what counts.
 */
static bool
scan_record(struct span s, uint64_t *bytes, uint64_t *blocks)
{
	struct span at;

	if (!scan_grouped(&s, bytes))
		return false;
	skip_change(&s);
	at = s;
	if (scan_str(&at, " (") && scan_grouped(&at, bytes)) {
		skip_change(&at);
		if (!scan_str(&at, " direct, "))
			return false;
		scan_until(&at, ')');
		if (span_begins(at, " direct"))
			return false;
		s = at;
	}
	if (!scan_str(&s, " bytes in ") || !scan_grouped(&s, blocks))
		return false;
	return span_find(s, "in loss record ") >= 0;
}

/* Cuts "==1495== " off; the pid, or 0 where it is not valgrind's line. */
static uint64_t
cut_pid(struct span *s)
{
	uint64_t pid;

	if (!scan_str(s, "==") || !scan_u64(s, &pid) || !scan_str(s, "=="))
		return 0;
	scan_str(s, " ");
	return pid;
}

static bool
read_record(struct dump *d, uint64_t bytes, uint64_t blocks, struct buf *name)
{
	struct span line, s;

	if (!sample_fits(bytes) || !sample_fits(blocks))
		return dump_fail(d, "number too large", (struct span){ 0 });
	while (lines_next(&d->in, &line)) {
		s = line;
		cut_pid(&s);
		scan_blank(&s);
		if (!scan_str(&s, "at ") && !scan_str(&s, "by ")) {
			lines_unget(&d->in);
			break;
		}
		frame_valgrind(s, name);
		dump_name(d, buf_view(name));
	}
	dump_row(d, (double)bytes, (double)blocks, 0);
	return true;
}

/* A search is over when the next one begins, or the text ends. */
static void
begin_search(struct dump *d, bool *summed)
{
	if (d->begun && !*summed)
		return;
	dump_end(d);
	dump_begin(d, WHEN_NEVER);
	*summed = false;
}

static bool
read_line(struct dump *d, struct span s, struct buf *name, bool *summed)
{
	uint64_t bytes, blocks;

	if (scan_str(&s, "Command: ")) {
		d->program.n = 0;
		buf_span(&d->program, scan_until(&s, ' '));
	} else if (span_begins(s, "HEAP SUMMARY:")) {
		begin_search(d, summed);
	} else if (span_begins(s, "LEAK SUMMARY:") ||
	    span_begins(s, "All heap blocks were freed")) {
		*summed = true;
	} else if (span_begins(s, "Reachable blocks (those to which")) {
		d->complete = false;	/* they are not shown */
	} else if (scan_record(s, &bytes, &blocks)) {
		begin_search(d, summed);
		return read_record(d, bytes, blocks, name);
	}
	return true;
}

static bool
read(struct dump *d)
{
	struct buf name = { 0 };
	bool ok = true, summed = false;
	struct span s;
	uint64_t pid;

	while (ok && lines_next(&d->in, &s))
		if ((pid = cut_pid(&s)) != 0) {
			d->pid = pid;
			ok = read_line(d, s, &name, &summed);
		}
	if (ok && d->begun && !summed)
		dump_truncated(d, "no LEAK SUMMARY");
	if (ok)
		dump_end(d);
	buf_free(&name);
	return ok;
}

const struct heap_format format_memcheck = { "memcheck", sniff, read };
