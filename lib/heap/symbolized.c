/*
 * A dump with its symbols in front, as jeprof --raw and pprof --raw write it
 * and some servers do by themselves: it can be read where the program is not.
 *
 *	--- symbol
 *	binary=/usr/bin/redis-server
 *	0x000055f107ea38fd streamAppendItem<0000000000125180>
 *	0x000055f107df38a5 outer--inlined
 *	---
 *	--- heap
 *	the dump itself
 */
#include <string.h>

#include "heap/format.h"
#include "heap/formats.h"

#define HEADER "--- symbol"

static bool
sniff(struct span head)
{
	return span_begins(head, HEADER "\n") ||
	    span_begins(head, HEADER "\r\n");
}

/* "name<0000000000125180>" is how jeprof writes a symbol found by nm(1). */
static struct span
without_offset(struct span name)
{
	struct span hex = name;

	if (name.n < 19 || name.s[name.n - 1] != '>' ||
	    name.s[name.n - 18] != '<')
		return name;
	hex.s += name.n - 17;
	hex.n = 16;
	if (strspn(hex.s, "0123456789abcdef") < hex.n)
		return name;
	return (struct span){ name.s, name.n - 18 };
}

/* "0xADDR caller--callee"; an address that stands for itself has no name. */
static bool
read_symbol(struct dump *d, struct span line)
{
	struct span s = line, name;
	uint64_t addr;
	ptrdiff_t end;

	if (!scan_hex(&s, &addr) || s.n == 0)
		return dump_fail(d, "not '0xADDRESS name'", line);
	scan_blank(&s);
	if (span_begins(s, "0x"))
		return true;
	for (; s.n > 0; s.s += name.n, s.n -= name.n, scan_str(&s, "--")) {
		end = span_find(s, "--");
		name = (struct span){ s.s, end < 0 ? s.n : (size_t)end };
		symbols_add(&d->symbols, addr,
		    dump_name_id(d, without_offset(name)));
	}
	return true;
}

static bool
read(struct dump *d)
{
	struct span s;
	bool in_symbols = true;

	while (lines_next(&d->in, &s)) {
		if (span_begins(s, HEADER) || span_begins(s, "binary="))
			continue;
		if (in_symbols && span_begins(s, "---") && s.n == 3)
			in_symbols = false;
		else if (span_begins(s, "--- "))
			break;		/* heap, heapprofile, growth, ... */
		else if (!in_symbols)
			return dump_fail(d, "not '--- heap'", s);
		else if (!read_symbol(d, s))
			return false;
	}
	symbols_ready(&d->symbols);
	d->format = format_sniff(lines_head(&d->in));
	if (d->format == NULL || d->format == &format_symbolized)
		return dump_fail(d, "no known format behind the symbols",
		    (struct span){ 0 });
	return d->format->read(d);
}

const struct heap_format format_symbolized = { "symbolized", sniff, read };
