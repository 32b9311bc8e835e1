/*
 * jmap -histo of a JVM, or jcmd PID GC.class_histogram: live objects by class.
 */
#include <string.h>

#include "base/buf.h"
#include "heap/format.h"
#include "heap/formats.h"

static bool
sniff(struct span head)
{
	ptrdiff_t at = span_find(head, "#instances");

	return at >= 0 && at < 512 && span_find(head, "#bytes") > at;
}

/*
 * The class's name without what is new in each run: "X$$Lambda$14/0x8c03" is
 * "X$$Lambda", "(java.base@17.0.15)" is dropped.
 */
static struct span
class_name(struct span s)
{
	ptrdiff_t at;

	if ((at = span_find(s, " (")) > 0)
		s.n = (size_t)at;
	if ((at = span_find(s, "/0x")) > 0)
		s.n = (size_t)at;
	if ((at = span_find(s, "$$Lambda")) >= 0)
		s.n = (size_t)at + strlen("$$Lambda");
	return span_trim(s);
}

/* "   1:         15074         647088  [B (java.base@17.0.15)" */
static bool
read_class(struct dump *d, struct span s)
{
	uint64_t rank, objs, bytes;

	scan_blank(&s);
	if (!scan_u64(&s, &rank) || !scan_str(&s, ":"))
		return true;	/* a header, rule or "Total" */
	scan_blank(&s);
	if (!scan_u64(&s, &objs))
		return dump_fail(d, "not 'N: INSTANCES BYTES CLASS'", s);
	scan_blank(&s);
	if (!scan_u64(&s, &bytes) || !sample_fits(objs) ||
	    !sample_fits(bytes))
		return dump_fail(d, "not 'N: INSTANCES BYTES CLASS'", s);
	dump_name(d, class_name(span_trim(s)));
	dump_row(d, (double)bytes, (double)objs, 0);
	return true;
}

static bool
read(struct dump *d)
{
	bool total = false;
	struct span s;

	while (lines_next(&d->in, &s)) {
		if (span_find(s, "#instances") >= 0) {
			dump_end(d);
			dump_begin(d, WHEN_NEVER);
			total = false;
		} else if (d->begun && !read_class(d, s)) {
			return false;
		}
		total |= span_begins(s, "Total");
	}
	if (d->begun && !total)
		dump_truncated(d, "no Total");
	dump_end(d);
	return true;
}

const struct heap_format format_jmap = { "jmap", sniff, read };
