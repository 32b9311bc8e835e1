/*
 * profile.proto, the format of pprof (github.com/google/pprof, proto/
 * profile.proto): what Go, tcmalloc, jemalloc_pprof and others write.  A reader
 * of the wire format for the dozen fields that matter; fields unknown to it are
 * skipped, as protobuf wants.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "heap/format.h"
#include "heap/formats.h"

/* Field numbers. */
enum { P_SAMPLE_TYPE = 1, P_SAMPLE, P_MAPPING, P_LOCATION, P_FUNCTION,
	P_STRING, P_TIME = 9, P_DURATION, P_PERIOD_TYPE, P_PERIOD, P_COMMENT,
	P_LAST = 15 };
enum { TYPE_NAME = 1, TYPE_UNIT };
enum { SAMPLE_LOCATION = 1, SAMPLE_VALUE };
enum { MAP_ID = 1, MAP_START, MAP_LIMIT, MAP_OFFSET, MAP_FILE, MAP_BUILD };
enum { LOC_ID = 1, LOC_MAPPING, LOC_ADDRESS, LOC_LINE };
enum { LINE_FUNCTION = 1 };
enum { FUNCTION_ID = 1, FUNCTION_NAME, FUNCTION_SYSTEM };

#define INLINES 64	/* at one address: a hostile file could have millions */

struct field {
	uint32_t number;
	uint64_t value;		/* of a varint or fixed */
	struct span bytes;	/* of a length-delimited one, else s is NULL */
};

struct function { uint64_t id, name, system; };
struct location {
	uint64_t id;
	size_t frame;		/* of pprof.frames */
	uint32_t n;
};

struct pprof {
	struct dump *d;
	VEC(struct span) string;
	VEC(uint64_t) type;	/* of sample values: strings */
	VEC(struct function) function;
	VEC(struct location) location;
	VEC(uint32_t) frames;	/* innermost first */
	uint64_t time, duration, period;
	size_t bytes_at, count_at;	/* of the values; SIZE_MAX: none */
};

static bool
varint(struct span *s, uint64_t *out)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < 10 && i < s->n; i++) {
		unsigned char c = (unsigned char)s->s[i];

		v |= (uint64_t)(c & 0x7f) << (7 * i);
		if (c < 0x80) {
			s->s += i + 1;
			s->n -= i + 1;
			*out = v;
			return true;
		}
	}
	return false;
}

static bool
take(struct span *s, uint64_t n, struct span *out)
{
	if (n > s->n)
		return false;
	*out = (struct span){ s->s, (size_t)n };
	s->s += n;
	s->n -= (size_t)n;
	return true;
}

/* The next field of a message; false at its end or where it is broken. */
static bool
next_field(struct span *s, struct field *f)
{
	uint64_t tag, n;
	struct span fixed;

	*f = (struct field){ 0 };
	if (s->n == 0 || !varint(s, &tag) || tag >> 3 == 0)
		return false;
	f->number = tag >> 35 != 0 ? UINT32_MAX : (uint32_t)(tag >> 3);
	switch (tag & 7) {
	case 0:
		return varint(s, &f->value);
	case 1:
		return take(s, 8, &fixed);
	case 2:
		return varint(s, &n) && take(s, n, &f->bytes);
	case 5:
		return take(s, 4, &fixed);
	}
	return false;
}

/* A repeated number comes one by one or packed. */
static bool
next_number(struct field *f, bool *first, uint64_t *out)
{
	if (f->bytes.s == NULL) {
		*out = f->value;
		return *first && (*first = false, true);
	}
	return f->bytes.n > 0 && varint(&f->bytes, out);
}

static struct span
string(const struct pprof *p, uint64_t i)
{
	return i < p->string.n ? p->string.v[i] : (struct span){ "", 0 };
}

static bool
is_value_type(struct span s)
{
	struct field f;
	size_t n = 0;

	while (next_field(&s, &f)) {
		if (f.number > TYPE_UNIT || f.bytes.s != NULL)
			return false;
		n++;
	}
	return s.n == 0 && n > 0;
}

/* No magic number: the first messages must be such as a profile has. */
static bool
sniff(struct span s)
{
	const uint32_t message = 1 << P_SAMPLE_TYPE | 1 << P_SAMPLE |
	    1 << P_MAPPING | 1 << P_LOCATION | 1 << P_FUNCTION | 1 << P_STRING |
	    1 << P_PERIOD_TYPE;
	bool types = false;
	struct field f;

	for (size_t n = 0; n < 64 && next_field(&s, &f); n++) {
		if (f.number > P_LAST || (f.number != P_COMMENT &&
		    (message >> f.number & 1) != (f.bytes.s != NULL)))
			return false;
		if (f.number == P_SAMPLE_TYPE && !is_value_type(f.bytes))
			return false;
		types |= f.number == P_SAMPLE_TYPE;
	}
	return types;
}

static int
by_function(const void *a, const void *b)
{
	const struct function *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static int
by_location(const void *a, const void *b)
{
	const struct location *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static void
read_type(struct pprof *p, struct span s)
{
	struct field f;
	uint64_t name = 0;

	while (next_field(&s, &f))
		if (f.number == TYPE_NAME)
			name = f.value;
	vec_push(&p->type, name);
}

static void
read_function(struct pprof *p, struct span s)
{
	struct function fn = { 0 };
	struct field f;

	while (next_field(&s, &f)) {
		if (f.number == FUNCTION_ID)
			fn.id = f.value;
		else if (f.number == FUNCTION_NAME)
			fn.name = f.value;
		else if (f.number == FUNCTION_SYSTEM)
			fn.system = f.value;
	}
	vec_push(&p->function, fn);
}

static void
read_mapping(struct pprof *p, struct span s)
{
	uint64_t start = 0, limit = 0, offset = 0, file = 0, build = 0;
	struct field f;

	while (next_field(&s, &f)) {
		if (f.number == MAP_START)
			start = f.value;
		else if (f.number == MAP_LIMIT)
			limit = f.value;
		else if (f.number == MAP_OFFSET)
			offset = f.value;
		else if (f.number == MAP_FILE)
			file = f.value;
		else if (f.number == MAP_BUILD)
			build = f.value;
	}
	maps_add(&p->d->maps, start, limit, offset, string(p, file),
	    string(p, build));
}

static struct span
function_name(const struct pprof *p, uint64_t id)
{
	struct function key = { .id = id };
	const struct function *fn = p->function.n == 0 ? NULL :
	    bsearch(&key, p->function.v, p->function.n, sizeof(key),
	    by_function);
	struct span name;

	if (fn == NULL)
		return (struct span){ "", 0 };
	name = string(p, fn->name);
	return name.n > 0 ? name : string(p, fn->system);
}

/* A location is the lines inlined at one address, innermost first. */
static void
read_location(struct pprof *p, struct span s)
{
	struct location l = { .frame = p->frames.n };
	struct field f, part;
	uint64_t address = 0;

	while (next_field(&s, &f)) {
		if (f.number == LOC_ID)
			l.id = f.value;
		else if (f.number == LOC_ADDRESS)
			address = f.value;
		else if (f.number == LOC_LINE && f.bytes.s != NULL &&
		    p->frames.n - l.frame < INLINES)
			while (next_field(&f.bytes, &part))
				if (part.number == LINE_FUNCTION)
					vec_push(&p->frames,
					    dump_name_id(p->d, function_name(p,
					    part.value)));
	}
	if (p->frames.n == l.frame) {
		uint32_t id = dump_address_id(p->d, address);

		vec_push(&p->frames, id);
	}
	l.n = (uint32_t)(p->frames.n - l.frame);
	vec_push(&p->location, l);
}

/* Tables first: messages may refer to later ones. */
static bool
read_tables(struct pprof *p, struct span all)
{
	struct span s = all;
	struct field f;

	while (next_field(&s, &f)) {
		if (f.number == P_STRING)
			vec_push(&p->string, f.bytes);
		else if (f.number == P_SAMPLE_TYPE)
			read_type(p, f.bytes);
		else if (f.number == P_FUNCTION)
			read_function(p, f.bytes);
		else if (f.number == P_TIME)
			p->time = f.value;
		else if (f.number == P_DURATION)
			p->duration = f.value;
		else if (f.number == P_PERIOD)
			p->period = f.value;
	}
	if (s.n > 0)
		return dump_fail(p->d, "broken or cut profile.proto",
		    (struct span){ 0 });
	if (p->function.n > 0)
		qsort(p->function.v, p->function.n, sizeof(p->function.v[0]),
		    by_function);
	for (s = all; next_field(&s, &f);)
		if (f.number == P_MAPPING)
			read_mapping(p, f.bytes);
	for (s = all; next_field(&s, &f);)
		if (f.number == P_LOCATION)
			read_location(p, f.bytes);
	if (p->location.n > 0)
		qsort(p->location.v, p->location.n, sizeof(p->location.v[0]),
		    by_location);
	for (size_t i = 1; i < p->location.n; i++)
		if (by_location(&p->location.v[i - 1], &p->location.v[i]) == 0)
			return dump_fail(p->d, "two locations have one number: "
			    "two profiles in one file?", (struct span){ 0 });
	return true;
}

static size_t
type_named(const struct pprof *p, const char *name)
{
	for (size_t i = 0; i < p->type.n; i++)
		if (span_is(string(p, p->type.v[i]), name))
			return i;
	return SIZE_MAX;
}

/* What is live, by name; alloc_* counts what ever was and must not be mixed. */
static bool
choose_values(struct pprof *p)
{
	static const char *const pair[][2] = {
		{ "inuse_space", "inuse_objects" }, { "space", "objects" },
		{ "inuse_bytes", "inuse_objects" }, { "bytes", "objects" },
		{ "alloc_space", "alloc_objects" },
	};
	const char *want = p->d->all->options->value;
	size_t n = sizeof(pair) / sizeof(pair[0]);

	p->count_at = SIZE_MAX;
	p->bytes_at = want != NULL ? type_named(p, want) : SIZE_MAX;
	for (size_t i = 0; i < n; i++) {
		if (want == NULL && i + 1 < n && p->bytes_at == SIZE_MAX)
			p->bytes_at = type_named(p, pair[i][0]);
		if (p->bytes_at != SIZE_MAX &&
		    p->bytes_at == type_named(p, pair[i][0])) {
			p->count_at = type_named(p, pair[i][1]);
			break;
		}
	}
	if (p->bytes_at == SIZE_MAX)
		return dump_fail(p->d, want != NULL ? "no sample type of that "
		    "name" : "no sample type of live bytes, such as "
		    "inuse_space (see --value)", want != NULL ? span_of(want) :
		    p->type.n > 0 ? string(p, p->type.v[p->type.n - 1]) :
		    (struct span){ 0 });
	if (p->duration != 0 && want == NULL)
		return dump_fail(p->d, "a profile over a duration: it has what "
		    "was allocated then, not what is live (see --value)",
		    (struct span){ 0 });
	return true;
}

static bool
read_sample(struct pprof *p, struct span s)
{
	struct location key = { 0 };
	const struct location *l;
	uint64_t v, bytes = 0, count = 0;
	size_t at = 0;
	struct field f;
	bool first;

	while (next_field(&s, &f)) {
		first = true;
		while (f.number == SAMPLE_LOCATION &&
		    next_number(&f, &first, &key.id)) {
			l = p->location.n == 0 ? NULL : bsearch(&key,
			    p->location.v, p->location.n, sizeof(key),
			    by_location);
			for (uint32_t i = 0; l != NULL && i < l->n; i++)
				dump_frame(p->d, p->frames.v[l->frame + i]);
		}
		while (f.number == SAMPLE_VALUE &&
		    next_number(&f, &first, &v)) {
			if (at == p->bytes_at)
				bytes = v;
			if (at++ == p->count_at)
				count = v;
		}
	}
	if (!sample_fits(bytes) || !sample_fits(count))
		return dump_fail(p->d, "negative or too large value: a "
		    "difference of profiles has no live memory",
		    (struct span){ 0 });
	if (bytes > 0 || count > 0)
		dump_sample(p->d, sample_scaled((double)count, (double)bytes,
		    (double)p->period));
	else
		dump_drop(p->d);
	return true;
}

static bool
read(struct dump *d)
{
	struct pprof p = { .d = d };
	struct span all = lines_rest(&d->in), s = all;
	struct field f;
	bool ok;

	if (d->in.why[0] != '\0')
		return dump_fail(d, d->in.why, (struct span){ 0 });
	d->exact_pc = true;
	ok = read_tables(&p, all) && choose_values(&p);
	if (ok) {
		dump_begin(d, p.time == 0 || p.time > INT64_MAX ? WHEN_NEVER :
		    (int64_t)p.time);
		while (ok && next_field(&s, &f))
			if (f.number == P_SAMPLE)
				ok = read_sample(&p, f.bytes);
	}
	if (ok)
		dump_end(d);
	vec_free(&p.string);
	vec_free(&p.type);
	vec_free(&p.function);
	vec_free(&p.location);
	vec_free(&p.frames);
	return ok;
}

const struct heap_format format_pprof = { "pprof", sniff, read };
