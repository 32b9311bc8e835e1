#include "base/vec.h"
#include "gandalf/fold.h"
#include "gandalf/token.h"

/* Tokens in a record, blanks and punctuation counted. */
enum { FOLD_LONGEST = 16 };

struct tokens {
	struct span *v;
	size_t n, cap;
};

/* A list has two volatile tokens at least. */
static bool
may_be_list(const struct buf *b, size_t from)
{
	const char *end = b->s + b->n, *s = b->s + from;

	for (int i = 0; i < 2; i++) {
		s = memmem(s, (size_t)(end - s), TOKEN_WILD,
		    strlen(TOKEN_WILD));
		if (s == NULL)
			return false;
		s++;
	}
	return true;
}

static void
split(struct tokens *t, const struct buf *b, size_t from)
{
	while (from < b->n) {
		const char *s = b->s + from;
		const char *end = memchr(s, TOKEN_SEPARATOR, b->n - from);
		struct span token = { s, (size_t)(end - s) };

		vec_push(t, token);
		from += token.n + 1;
	}
}

static bool
same(const struct span *a, const struct span *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!span_eq(a[i], b[i]))
			return false;
	return true;
}

static bool
is_record(const struct span *t, size_t n)
{
	bool blank = false, wild = false;

	for (size_t i = 0; i < n; i++) {
		blank = blank || span_is(t[i], " ");
		wild = wild || (t[i].n > 1 &&
		    memchr(t[i].s, '<', t[i].n) != NULL);
	}
	return blank && wild;
}

/* How many of the tokens behind `t` say again what the record there says. */
static size_t
repeated(const struct span *t, size_t n)
{
	for (size_t p = 2; p <= FOLD_LONGEST && 2 * p <= n; p++) {
		size_t k = p;

		while (k + p <= n && same(t, t + k, p))
			k += p;
		if (k > p && is_record(t, p))
			return k - p;
	}
	return 0;
}

void
fold_records(struct buf *b, size_t from)
{
	struct tokens t = { 0 };
	size_t out = from, again;

	if (b->n == from || !may_be_list(b, from))
		return;
	split(&t, b, from);
	for (size_t i = 0; i < t.n; i++) {
		again = repeated(t.v + i, t.n - i);
		memmove(b->s + out, t.v[i].s, t.v[i].n + 1);
		out += t.v[i].n + 1;
		/* The record is written; what repeats it is not. */
		if (again > 0) {
			t.n -= again;
			memmove(t.v + i + 1, t.v + i + 1 + again,
			    (t.n - i - 1) * sizeof(*t.v));
		}
	}
	b->n = out;
	vec_free(&t);
}
