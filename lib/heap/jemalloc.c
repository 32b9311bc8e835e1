/*
 * jemalloc's heap_v2 text: stacks as addresses, live objects and bytes under
 * each, /proc/self/maps at the end.
 */
#include <math.h>
#include <string.h>

#include "heap/format.h"
#include "heap/formats.h"

#define HEADER "heap_v2/"

static bool
sniff(struct span head)
{
	return span_begins(head, HEADER);
}

/*
 * prefix.PID.SEQ.mN.heap, as jemalloc itself names dumps.  A preloaded
 * jemalloc also dumps in the children, under the same prefix.
 */
static uint64_t
pid_in_name(const char *path)
{
	struct span s = span_of(path), part;
	uint64_t pid, n;
	const char *slash = strrchr(path, '/');

	if (slash != NULL)
		s = span_of(slash + 1);
	while (s.n > 0) {
		scan_until(&s, '.');
		part = s;
		if (scan_u64(&part, &pid) && scan_str(&part, ".") &&
		    scan_u64(&part, &n) && scan_str(&part, ".") &&
		    part.n > 1 && memchr("fimu", part.s[0], 4) != NULL)
			return pid;
	}
	return 0;
}

/*
 * What the line of a sampled stack stands for.  From 5.3 on jemalloc counts an
 * object of s bytes as 1/p objects rounded to an eighth, so that where s is
 * about the rate the count is wrong by up to 6 %, and the mean size with it;
 * the bytes are right.  The size that gives this mean is found by iteration.
 * Older versions write whole objects, whose bytes are a multiple of their
 * number.
 */
static struct sample
scale(uint64_t objs, uint64_t bytes, double rate)
{
	struct sample v = sample_unbias((double)objs, (double)bytes, rate);
	double mean = (double)bytes / (double)objs, size = mean, eighths;

	if (rate <= 1 || bytes % objs == 0)
		return v;
	for (int i = 0; i < 4; i++) {
		eighths = 8 / -expm1(-size / rate);
		size = mean * round(eighths) / eighths;
	}
	v.count = v.bytes / size;
	return v;
}

/*
 * "  t*: OBJS: BYTES [...]" is the stack's row; "  t7: ..." a thread's share of
 * it.  Only t* is used: from 5.3 on each line is scaled by its own mean size,
 * so lines do not add up, and neither do they to the header's total.
 */
static bool
read_counts(struct dump *d, struct span line, double rate)
{
	struct span s = span_trim(line);
	uint64_t objs, bytes;

	if (!scan_str(&s, "t*:"))
		return true;
	scan_blank(&s);
	if (!scan_u64(&s, &objs) || !scan_str(&s, ": ") ||
	    !scan_u64(&s, &bytes) || !scan_str(&s, " ["))
		return dump_fail(d, "not 't*: OBJECTS: BYTES [...]'", line);
	if (!sample_fits(objs) || !sample_fits(bytes))
		return dump_fail(d, "number too large", line);
	if (objs > 0)
		dump_sample(d, scale(objs, bytes, rate));
	else
		dump_drop(d);
	return true;
}

/* The rest of one dump.  The next one's header, if any, is left unread. */
static bool
read_stacks(struct dump *d, double rate)
{
	struct span s;
	bool in_maps = false, stack = false, ended = false;

	while (lines_next(&d->in, &s)) {
		if (span_begins(s, HEADER)) {
			lines_unget(&d->in);
			break;
		}
		if (span_begins(s, "MAPPED_LIBRARIES:")) {
			in_maps = ended = true;
		} else if (in_maps) {
			maps_line(&d->maps, s);
		} else if (s.n > 0 && s.s[0] == '@') {
			if (stack)
				return dump_fail(d, "a stack without its "
				    "counts before", s);
			scan_str(&s, "@");
			if (!dump_addresses(d, s))
				return false;
			stack = true;
		} else if (span_begins(s, "  t")) {
			if (!stack)
				continue;	/* the totals of the header */
			if (span_begins(s, "  t*:") &&
			    !read_counts(d, s, rate))
				return false;
			if (span_begins(s, "  t*:"))
				stack = false;
		} else if (s.n > 0) {
			return dump_fail(d, "not a line of heap_v2", s);
		}
	}
	if (!ended)
		dump_truncated(d, "no MAPPED_LIBRARIES");
	return true;
}

static bool
read(struct dump *d)
{
	struct span s, rest;
	uint64_t rate;

	d->pid = pid_in_name(d->path);
	while (lines_next(&d->in, &s)) {
		rest = s;
		if (!scan_str(&rest, HEADER) || !scan_u64(&rest, &rate) ||
		    rest.n > 0 || rate == 0 || !sample_fits(rate))
			return dump_fail(d, "not 'heap_v2/RATE'", s);
		dump_begin(d, WHEN_NEVER);
		maps_free(&d->maps);
		if (!read_stacks(d, (double)rate))
			return false;
		dump_end(d);
	}
	return true;
}

const struct heap_format format_jemalloc = { "jemalloc", sniff, read };
