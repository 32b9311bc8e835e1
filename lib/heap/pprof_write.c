#include "heap/pprof_write.h"

#include <math.h>
#include <zlib.h>

#include "base/intern.h"
#include "base/frames.h"

/* Field numbers of profile.proto. */
enum {
	PROFILE_SAMPLE_TYPE = 1, PROFILE_SAMPLE = 2, PROFILE_LOCATION = 4,
	PROFILE_FUNCTION = 5, PROFILE_STRING = 6, PROFILE_TIME = 9,
	PROFILE_DURATION = 10, PROFILE_DEFAULT_TYPE = 14,
	VALUE_TYPE = 1, VALUE_UNIT = 2,
	SAMPLE_LOCATION = 1, SAMPLE_VALUE = 2,
	LOCATION_ID = 1, LOCATION_LINE = 4, LINE_FUNCTION = 1,
	FUNCTION_ID = 1, FUNCTION_NAME = 2, FUNCTION_SYSTEM_NAME = 3,
};

/* The first strings of the table; frames follow. */
static const char *const first[] = { "", "delta_objects", "count",
	"delta_space", "bytes" };
enum { OBJECTS = 1, COUNT, SPACE, BYTES, NFIRST };

static void
varint(struct buf *b, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		buf_char(b, (char)(v | 0x80));
	buf_char(b, (char)v);
}

static void
number(struct buf *b, unsigned field, uint64_t v)
{
	varint(b, (uint64_t)field << 3);
	varint(b, v);
}

static void
bytes(struct buf *b, unsigned field, struct span s)
{
	varint(b, (uint64_t)field << 3 | 2);
	varint(b, s.n);
	buf_span(b, s);
}

/* A message of one or two numbers. */
static void
pair(struct buf *b, unsigned field, unsigned k1, uint64_t v1, unsigned k2,
    uint64_t v2)
{
	struct buf m = { 0 };

	number(&m, k1, v1);
	number(&m, k2, v2);
	bytes(b, field, buf_view(&m));
	buf_free(&m);
}

/* Location and function of a frame have one number, its id plus 1. */
static void
sample(struct buf *b, struct intern *frames, struct span stack,
    int64_t objects, int64_t space)
{
	struct buf m = { 0 }, packed = { 0 };
	VEC(uint64_t) id = { 0 };

	while (stack.n > 0)
		vec_push(&id, intern_id(frames, frames_next(&stack)) + 1);
	while (id.n > 0)	/* the leaf comes first */
		varint(&packed, id.v[--id.n]);
	bytes(&m, SAMPLE_LOCATION, buf_view(&packed));
	packed.n = 0;
	varint(&packed, (uint64_t)objects);
	varint(&packed, (uint64_t)space);
	bytes(&m, SAMPLE_VALUE, buf_view(&packed));
	bytes(b, PROFILE_SAMPLE, buf_view(&m));
	vec_free(&id);
	buf_free(&packed);
	buf_free(&m);
}

static void
tables(struct buf *b, const struct intern *frames)
{
	struct buf m = { 0 }, line = { 0 };
	size_t i;

	for (i = 0; i < frames->n; i++) {
		line.n = m.n = 0;
		number(&line, LINE_FUNCTION, i + 1);
		number(&m, LOCATION_ID, i + 1);
		bytes(&m, LOCATION_LINE, buf_view(&line));
		bytes(b, PROFILE_LOCATION, buf_view(&m));
		m.n = 0;
		number(&m, FUNCTION_ID, i + 1);
		number(&m, FUNCTION_NAME, NFIRST + i);
		number(&m, FUNCTION_SYSTEM_NAME, NFIRST + i);
		bytes(b, PROFILE_FUNCTION, buf_view(&m));
	}
	for (i = 0; i < NFIRST; i++)
		bytes(b, PROFILE_STRING, span_of(first[i]));
	for (i = 0; i < frames->n; i++)
		bytes(b, PROFILE_STRING, frames->key[i]);
	buf_free(&m);
	buf_free(&line);
}

/* One gzip member without a time, so that the same growth is the same bytes. */
static bool
compress_to(struct buf *out, struct span in)
{
	z_stream z = { 0 };
	bool ok;

	if (deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8,
	    Z_DEFAULT_STRATEGY) != Z_OK)
		return false;
	buf_room(out, deflateBound(&z, in.n));
	z.next_in = (Bytef *)(uintptr_t)in.s;
	z.avail_in = (uInt)in.n;
	z.next_out = (Bytef *)out->s + out->n;
	z.avail_out = (uInt)(out->cap - out->n);
	ok = in.n <= UINT32_MAX && deflate(&z, Z_FINISH) == Z_STREAM_END;
	out->n += z.total_out;
	deflateEnd(&z);
	return ok;
}

bool
pprof_write(const struct series *s, struct buf *out)
{
	struct buf b = { 0 }, stack = { 0 };
	struct intern frames = { 0 };
	size_t i, n = s->snap.n;
	int64_t objects, space;
	bool ok;

	pair(&b, PROFILE_SAMPLE_TYPE, VALUE_TYPE, OBJECTS, VALUE_UNIT, COUNT);
	pair(&b, PROFILE_SAMPLE_TYPE, VALUE_TYPE, SPACE, VALUE_UNIT, BYTES);
	for (i = 0; n > 0 && i < s->n; i++) {
		const struct series_cell *c = series_cells(s, i);

		objects = (int64_t)(c[n - 1].milli / 1000) -
		    (int64_t)(c[0].milli / 1000);
		space = (int64_t)c[n - 1].bytes - (int64_t)c[0].bytes;
		if (objects != 0 || space != 0)
			sample(&b, &frames, series_stack(s, i, &stack),
			    objects, space);
	}
	tables(&b, &frames);
	if (n > 0) {
		number(&b, PROFILE_TIME, (uint64_t)s->snap.v[n - 1].ts);
		number(&b, PROFILE_DURATION, (uint64_t)(s->snap.v[n - 1].ts -
		    s->snap.v[0].ts));
	}
	number(&b, PROFILE_DEFAULT_TYPE, SPACE);
	ok = compress_to(out, buf_view(&b));
	intern_free(&frames);
	buf_free(&stack);
	buf_free(&b);
	return ok;
}
