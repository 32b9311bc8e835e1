/*
 * gperftools' heap profiles, tcmalloc's samples, and Go's legacy text: a row a
 * stack, or a row a sampled object, then the maps.
 */
#include <string.h>

#include "heap/format.h"
#include "heap/formats.h"

#define HEADER "heap profile:"

static bool
sniff(struct span head)
{
	return span_begins(head, HEADER);
}

/*
 * "  12:  3456 [  12:  3456] @": the live numbers; the total ones are skipped.
 */
static bool
scan_counts(struct span *s, uint64_t *objs, uint64_t *bytes)
{
	uint64_t total;

	scan_blank(s);
	if (!scan_u64(s, objs) || !scan_str(s, ":"))
		return false;
	scan_blank(s);
	if (!scan_u64(s, bytes))
		return false;
	scan_blank(s);
	if (!scan_str(s, "["))
		return false;
	scan_blank(s);
	if (!scan_u64(s, &total) || !scan_str(s, ":"))
		return false;
	scan_blank(s);
	if (!scan_u64(s, &total) || !scan_str(s, "]"))
		return false;
	scan_blank(s);
	return scan_str(s, "@");
}

/*
 * The profile's type: "heapprofile" and "growth" are exact; "heap_v2/RATE" is
 * sampled, one row an object; "heap/RATE" is what Go writes and old tcmallocs
 * wrote, where RATE is twice the mean distance of samples.
 */
static bool
read_header(struct dump *d, struct span line, double *rate)
{
	struct span s = line, type;
	uint64_t objs, bytes, r = 1;

	scan_str(&s, HEADER);
	if (!scan_counts(&s, &objs, &bytes))
		return dump_fail(d, "not 'heap profile: N: BYTES [...] @ TYPE'",
		    line);
	scan_blank(&s);
	type = scan_until(&s, '/');
	if (s.n > 0 && (!scan_u64(&s, &r) || !sample_fits(r)))
		return dump_fail(d, "not a sampling rate", line);
	type = span_trim(type);
	if (span_is(type, "heap_v2") || span_is(type, "heapz_v2"))
		*rate = (double)r;
	else if (span_is(type, "heap"))
		*rate = (double)r / 2;
	else if (span_is(type, "heapprofile") || span_is(type, "growth") ||
	    span_is(type, "growthz"))
		*rate = 1;
	else
		return dump_fail(d, "a type of heap profile that is not known",
		    type);
	return true;
}

/* prefix_PID.NNNN.heap is what a forked child writes. */
static uint64_t
pid_in_name(const char *path)
{
	const char *under = strrchr(path, '_');
	struct span s;
	uint64_t pid, n;

	if (under == NULL)
		return 0;
	s = span_of(under + 1);
	if (scan_u64(&s, &pid) && scan_str(&s, ".") && scan_u64(&s, &n) &&
	    span_begins(s, ".heap"))
		return pid;
	return 0;
}

struct row {
	struct sample live;
	bool pending, named;
};

static void
flush(struct dump *d, struct row *r)
{
	if (!r->pending)
		return;
	if (r->live.count > 0)
		dump_sample(d, r->live);
	else
		dump_drop(d);
	r->pending = false;
}

static bool
read_row(struct dump *d, struct span line, double rate, struct row *r)
{
	struct span s = line;
	uint64_t objs, bytes;

	if (!scan_counts(&s, &objs, &bytes))
		return dump_fail(d, "not 'N: BYTES [N: BYTES] @ ADDRESSES'",
		    line);
	if (!sample_fits(objs) || !sample_fits(bytes))
		return dump_fail(d, "number too large", line);
	r->live = sample_unbias((double)objs, (double)bytes, rate);
	r->pending = true;
	r->named = false;
	return dump_addresses(d, s);
}

/* Go: "#\t0x4b50f8\tmain.put+0x78\t/src/main.go:36" names the row above. */
static void
read_symbol(struct dump *d, struct span s, struct row *r)
{
	uint64_t addr;
	struct span name;
	ptrdiff_t plus;

	if (!r->pending || !scan_str(&s, "#\t") || !scan_hex(&s, &addr) ||
	    !scan_str(&s, "\t"))
		return;
	name = scan_until(&s, '\t');
	if ((plus = span_find(name, "+0x")) > 0)
		name.n = (size_t)plus;
	if (!r->named)
		dump_drop(d);
	r->named = true;
	dump_name(d, name);
}

static bool
read_body(struct dump *d, double rate)
{
	struct row r = { 0 };
	struct span s;
	bool in_maps = false, go = false;

	while (lines_next(&d->in, &s)) {
		if (span_begins(s, HEADER)) {
			lines_unget(&d->in);
			break;
		}
		if (span_begins(s, "MAPPED_LIBRARIES:") ||
		    span_begins(s, "--- Memory map:")) {
			in_maps = true;
		} else if (in_maps) {
			maps_line(&d->maps, s);
		} else if (s.n > 0 && s.s[0] == '#') {
			go = true;
			read_symbol(d, s, &r);
		} else if (s.n > 0) {
			flush(d, &r);
			if (!read_row(d, s, rate, &r))
				return false;
		}
	}
	flush(d, &r);
	if (!in_maps && !go)
		dump_truncated(d, "no MAPPED_LIBRARIES");
	return true;
}

static bool
read(struct dump *d)
{
	struct span s;
	double rate = 1;

	d->pid = pid_in_name(d->path);
	while (lines_next(&d->in, &s)) {
		if (s.n == 0)
			continue;
		if (!sniff(s))
			return dump_fail(d, "not 'heap profile:'", s);
		if (!read_header(d, s, &rate))
			return false;
		dump_begin(d, WHEN_NEVER);
		maps_free(&d->maps);
		if (!read_body(d, rate))
			return false;
		dump_end(d);
	}
	return true;
}

const struct heap_format format_gperftools = { "gperftools", sniff, read };
