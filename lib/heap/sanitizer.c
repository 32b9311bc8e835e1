/*
 * Reports of LeakSanitizer, alone or in AddressSanitizer.  A process that
 * checks several times has several reports in one file, each with all leaks so
 * far; each is a snapshot.
 */
#include "base/buf.h"
#include "heap/format.h"
#include "heap/formats.h"
#include "heap/frame_name.h"

#define BEGIN "ERROR: LeakSanitizer: detected memory leaks"
#define END "SUMMARY: "

static bool
sniff(struct span head)
{
	return span_find(head, BEGIN) >= 0;
}

/* "Direct leak of 80 byte(s) in 1 object(s) allocated from:" */
static bool
scan_leak(struct span s, uint64_t *bytes, uint64_t *count)
{
	return (scan_str(&s, "Direct leak of ") ||
	    scan_str(&s, "Indirect leak of ")) && scan_u64(&s, bytes) &&
	    scan_str(&s, " byte(s) in ") && scan_u64(&s, count) &&
	    scan_str(&s, " object(s) allocated from:");
}

/* "    #3 0x55 in main /src/svcd.c:202:26" */
static bool
read_frame(struct dump *d, struct span s, struct buf *name)
{
	uint64_t k, addr;

	scan_blank(&s);
	if (!scan_str(&s, "#") || !scan_u64(&s, &k))
		return false;
	scan_blank(&s);
	if (!scan_hex(&s, &addr))
		return false;
	frame_sanitizer(s, name);
	dump_name(d, buf_view(name));
	return true;
}

static bool
read_leak(struct dump *d, uint64_t bytes, uint64_t count, struct buf *name)
{
	struct span s;

	while (lines_next(&d->in, &s))
		if (!read_frame(d, s, name)) {
			lines_unget(&d->in);
			break;
		}
	if (!sample_fits(bytes) || !sample_fits(count))
		return dump_fail(d, "number too large", (struct span){ 0 });
	dump_row(d, (double)bytes, (double)count, 0);
	return true;
}

static bool
read(struct dump *d)
{
	struct buf name = { 0 };
	struct span s, pid;
	uint64_t bytes, count;
	bool ok = true;

	while (ok && lines_next(&d->in, &s)) {
		if (span_find(s, BEGIN) >= 0) {
			if (d->begun)
				dump_truncated(d, "a report without SUMMARY");
			dump_end(d);
			dump_begin(d, WHEN_NEVER);
			pid = s;
			if (scan_str(&pid, "=="))
				scan_u64(&pid, &d->pid);
		} else if (d->begun && span_begins(s, END)) {
			dump_end(d);
		} else if (d->begun && scan_leak(s, &bytes, &count))
			ok = read_leak(d, bytes, count, &name);
	}
	if (ok && d->begun) {
		dump_truncated(d, "no SUMMARY");
		dump_end(d);
	}
	buf_free(&name);
	return ok;
}

const struct heap_format format_lsan = { "lsan", sniff, read };
