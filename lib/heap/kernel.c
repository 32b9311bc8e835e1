/*
 * What the kernel holds, by cache or by allocation site: /proc/slabinfo and
 * /proc/allocinfo (CONFIG_MEM_ALLOC_PROFILING, Linux 6.10).
 */
#include "base/buf.h"
#include "heap/format.h"
#include "heap/formats.h"

static bool
sniff_slab(struct span head)
{
	return span_begins(head, "slabinfo - version: 2");
}

/*
 * name active_objs num_objs objsize ...; the cache is what Windows calls a tag.
 */
static bool
read_slab(struct dump *d)
{
	struct buf name = { 0 };
	struct span s, line, cache;
	uint64_t active, total, size;
	bool ok = true;

	dump_begin(d, WHEN_NEVER);
	while (ok && lines_next(&d->in, &s)) {
		line = s;
		if (s.n == 0 || s.s[0] == '#' || sniff_slab(s))
			continue;
		cache = scan_until(&s, ' ');
		scan_blank(&s);
		ok = scan_u64(&s, &active);
		scan_blank(&s);
		ok = ok && scan_u64(&s, &total);
		scan_blank(&s);
		ok = ok && scan_u64(&s, &size) && sample_fits(active) &&
		    size < 1 << 30;
		if (!ok) {
			dump_fail(d, "not 'CACHE ACTIVE OBJECTS SIZE ...'",
			    line);
			break;
		}
		name.n = 0;
		buf_str(&name, "slab:");
		buf_span(&name, cache);
		dump_name(d, buf_view(&name));
		if (active > 0)
			dump_row(d, (double)active * (double)size,
			    (double)active, 0);
		else
			dump_drop(d);
	}
	buf_free(&name);
	if (ok)
		dump_end(d);
	return ok;
}

static bool
sniff_alloc(struct span head)
{
	return span_begins(head, "allocinfo - version:");
}

/* "BYTES CALLS FILE:LINE [MODULE] func:NAME": module;function;file:line. */
static bool
read_site(struct dump *d, struct span s)
{
	struct span line = s, site, module = SPAN("kernel"), part;
	struct span function = { 0 };
	uint64_t bytes, calls;

	scan_blank(&s);
	if (!scan_u64(&s, &bytes))
		return dump_fail(d, "not 'BYTES CALLS FILE:LINE ...'", line);
	scan_blank(&s);
	if (!scan_u64(&s, &calls) || !sample_fits(bytes) ||
	    !sample_fits(calls))
		return dump_fail(d, "not 'BYTES CALLS FILE:LINE ...'", line);
	scan_blank(&s);
	site = scan_until(&s, ' ');
	while (s.n > 0) {
		scan_blank(&s);
		part = scan_until(&s, ' ');
		if (part.n > 2 && part.s[0] == '[')
			module = (struct span){ part.s + 1, part.n - 2 };
		else if (scan_str(&part, "func:"))
			function = part;
	}
	if (bytes == 0)
		return true;
	dump_name(d, module);
	dump_name(d, function);
	dump_name(d, site);
	dump_row(d, (double)bytes, (double)calls, 0);
	return true;
}

static bool
read_alloc(struct dump *d)
{
	struct span s;

	d->outermost_first = true;
	dump_begin(d, WHEN_NEVER);
	while (lines_next(&d->in, &s))
		if (s.n > 0 && s.s[0] != '#' && !sniff_alloc(s) &&
		    !read_site(d, s))
			return false;
	dump_end(d);
	return true;
}

const struct heap_format format_slabinfo = { "slabinfo", sniff_slab,
	read_slab };
const struct heap_format format_allocinfo = { "allocinfo", sniff_alloc,
	read_alloc };
