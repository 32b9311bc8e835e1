#include <stdint.h>

#include "gandalf/atom.h"
#include "gandalf/fold.h"
#include "gandalf/mask.h"
#include "gandalf/token.h"

/* Messages are cut here: what follows is a dump, not a description. */
enum { MASK_LONGEST = 4096 };

/* The message as it is read. */
struct reading {
	struct buf *out;
	struct span rest;
	struct span key, before;	/* the last two atoms */
	enum joint { CUT, BLANK, ASSIGN } joint;	/* since the key */
	size_t form;		/* where this message begins in `out` */
};

static void
put(struct reading *r, struct span token)
{
	buf_span(r->out, token);
	buf_char(r->out, TOKEN_SEPARATOR);
}

/* Where the last `n` tokens begin, or the message does. */
static size_t
tokens_back(const struct reading *r, size_t n)
{
	size_t at = r->out->n;

	while (at > r->form && n > 0) {
		at--;
		while (at > r->form && r->out->s[at - 1] != TOKEN_SEPARATOR)
			at--;
		n--;
	}
	return at;
}

static struct span
token_at(const struct reading *r, size_t at)
{
	const char *s = r->out->s + at;
	const char *end = memchr(s, TOKEN_SEPARATOR, r->out->n - at);

	return (struct span){ s, (size_t)(end - s) };
}

static struct span
last_token(const struct reading *r)
{
	return token_at(r, tokens_back(r, 1));
}

/* Between two members of a list or two parts of a value. */
static bool
joins(struct span t)
{
	return t.n == 1 && strchr(" ,;:/-", t.s[0]) != NULL;
}

/*
 * Puts an atom, unless it goes on with a run: a volatile one behind another or
 * the same atom again behind a comma.  The joint is then taken back.
 */
static void
put_atom(struct reading *r, struct span token)
{
	bool wild = span_is(token, TOKEN_WILD), comma = false;
	size_t at = r->out->n;

	for (int back = 0; back < 3 && at > r->form; back++) {
		struct span t;

		at = tokens_back(r, (size_t)back + 1);
		t = token_at(r, at);
		if (joins(t)) {
			comma |= t.s[0] == ',';
			continue;
		}
		if ((wild || comma) && span_eq(t, token)) {
			r->out->n = at + t.n + 1;
			return;
		}
		break;
	}
	put(r, token);
}

/* "Sun", "Jul", "10": a date goes on, or begins. */
static bool
date_follows(struct span rest)
{
	for (;;) {
		struct span word = { NULL, 0 };

		while (rest.n > 0 && atom_blank(*rest.s)) {
			rest.s++;
			rest.n--;
		}
		if (rest.n > 0 && atom_digit(*rest.s))
			return true;
		word.s = rest.s;
		while (word.n < rest.n && atom_letter(rest.s[word.n]))
			word.n++;
		if (!atom_is_calendar(word))
			return false;
		rest.s += word.n;
		rest.n -= word.n;
	}
}

/* What the key before makes of a word: "for user root", "rhost=mail". */
static bool
is_name(const struct reading *r, struct span a)
{
	static const char *const asks[] = { "for", "invalid", "illegal", "by",
		"as", "of", "unknown", NULL };
	static const char *const nobody[] = { "unknown", "null", "none", "is",
		"not", "has", "was", "does", "and", "with", "to", "from", "in",
		"on", "by", "for", NULL };

	if (atom_one_of(a, nobody))
		return false;
	return r->joint == ASSIGN ? atom_announces_host(r->key) :
	    r->joint == BLANK && atom_announces_name(r->key) &&
	    atom_one_of(r->before, asks);
}

/* "init2(": the name of a function, whatever digits it has. */
static bool
is_function(const struct reading *r, struct span a)
{
	return r->rest.n > 0 && *r->rest.s == '(' && atom_letter(a.s[0]) &&
	    !atom_is_path(a) && !atom_is_address(a) && !atom_is_host(a);
}

static bool
is_date(const struct reading *r, struct span a)
{
	return (atom_is_calendar(a) && date_follows(r->rest)) ||
	    (atom_is_zone(a) && atom_has_digit(r->key));
}

/* "GET /": the shortest path there is. */
static bool
is_root(const struct reading *r, struct span a)
{
	static const char *const methods[] = { "get", "head", "post", "put",
		"patch", "delete", "options", NULL };

	return span_is(a, "/") && r->joint == BLANK &&
	    atom_one_of(r->key, methods);
}

static bool
is_volatile(const struct reading *r, struct span a)
{
	if (is_function(r, a) || atom_is_term(a))
		return false;
	return is_root(r, a) || atom_has_digit(a) || atom_is_hex(a) ||
	    atom_is_path(a) || atom_is_address(a) || atom_is_host(a) ||
	    is_name(r, a) || is_date(r, a);
}

static void
put_volatile(struct reading *r, struct span a)
{
	size_t keep = atom_has_digit(a) && !atom_is_path(a) &&
	    !is_name(r, a) ? atom_prefix(a) : 0;
	struct buf token = { 0 };

	buf_add(&token, a.s, keep);
	buf_str(&token, TOKEN_WILD);
	put_atom(r, buf_view(&token));
	buf_free(&token);
}

static void
skip(struct reading *r, size_t n)
{
	r->rest.s += n;
	r->rest.n -= n;
}

/* The length of the word at `at`, a byte of it being no word's end. */
static size_t
word_length(struct span rest, size_t at)
{
	size_t n = at;

	while (n < rest.n && !atom_blank(rest.s[n]) &&
	    !atom_punctuation(rest.s[n]))
		n++;
	return n - at;
}

/* " KB" behind a number: the scale changes with the number. */
static size_t
unit_length(struct span rest)
{
	size_t n = rest.n > 0 && rest.s[0] == ' ' ? word_length(rest, 1) : 0;

	return n > 0 && atom_is_unit((struct span){ rest.s + 1, n }) ?
	    n + 1 : 0;
}

/* " (18.4 KB)" behind "18846 bytes": the same again, for humans. */
static size_t
restated_length(const struct reading *r)
{
	struct span rest = r->rest;
	size_t n, unit;

	if (rest.n < 2 || rest.s[0] != ' ' || rest.s[1] != '(' ||
	    (!atom_is_number(r->key) && !atom_is_number(r->before)))
		return 0;
	n = 2 + word_length(rest, 2);
	if (n == 2 || !atom_digit(rest.s[2]))
		return 0;
	unit = unit_length((struct span){ rest.s + n, rest.n - n });
	n += unit;
	return unit > 0 && n < rest.n && rest.s[n] == ')' ? n + 1 : 0;
}

static void
read_atom(struct reading *r, struct span a)
{
	bool code = (r->joint != CUT && atom_announces_code(r->key) &&
	    atom_is_number(a)) ||
	    (atom_is_status(a) && !atom_announces_address(r->key));

	if (code)
		put(r, a);
	else if (is_volatile(r, a))
		put_volatile(r, a);
	else
		put_atom(r, a);
	if (!code && atom_digit(a.s[a.n - 1]))
		skip(r, unit_length(r->rest));
	r->before = r->key;
	r->key = a;
	r->joint = BLANK;
	skip(r, restated_length(r));
}

/* A full stop or the like at an atom's end is not part of it. */
static size_t
trailing(struct span a)
{
	size_t n = a.n;

	while (n > 0 && strchr(".!?*-+#", a.s[n - 1]) != NULL)
		n--;
	return n == 0 ? a.n : n;
}

/* Up to the dots that lead to a value: "enable......" */
static size_t
leader(struct span a)
{
	for (size_t i = 0; i + 2 < a.n; i++)
		if (a.s[i] == '.' && a.s[i + 1] == '.' && a.s[i + 2] != '/') {
			while (a.s[i] == '.' && i + 1 < a.n)
				i++;
			return i;
		}
	return a.n;
}

static void
read_word(struct reading *r)
{
	struct span a = { r->rest.s, word_length(r->rest, 0) };
	size_t n = atom_colons(r->rest);

	/* A scheme takes its path with it. */
	if (a.n + 2 < r->rest.n && a.s[a.n] == ':' && a.s[a.n + 1] == '/' &&
	    a.s[a.n + 2] == '/')
		while (a.n < r->rest.n && !atom_blank(a.s[a.n]) &&
		    strchr(",;\"'<>)]}", a.s[a.n]) == NULL)
			a.n++;
	else
		a.n = n > 0 ? n : leader(a);
	skip(r, a.n);
	n = trailing(a);
	read_atom(r, (struct span){ a.s, n });
	for (; n < a.n; n++)
		put(r, (struct span){ a.s + n, 1 });
}

/* "()" by itself: a value that is not there. */
static bool
is_empty_pair(const struct reading *r)
{
	static const char *const pairs[] = { "()", "[]", "{}", "\"\"", "''" };
	bool apart = r->out->n == r->form || span_is(last_token(r), " ");

	for (size_t i = 0; apart && r->rest.n > 1 &&
	    i < sizeof(pairs) / sizeof(*pairs); i++)
		if (memcmp(r->rest.s, pairs[i], 2) == 0)
			return r->rest.n == 2 || !atom_letter(r->rest.s[2]);
	return false;
}

/* "<NA>", "<none>": the length of a value that says there is none, or 0. */
static size_t
absent_length(struct span rest)
{
	static const char *const none[] = { "na", "n/a", "nil", "none", "null",
		"unknown", "unset", NULL };
	const char *end = *rest.s == '<' ? memchr(rest.s, '>', rest.n) : NULL;
	size_t n = end == NULL ? 0 : (size_t)(end - rest.s);

	return n > 0 && atom_one_of((struct span){ rest.s + 1, n - 1 }, none) ?
	    n + 1 : 0;
}

/* "<1 sec": less than a number, and no bracket. */
static bool
is_less_than(const struct reading *r)
{
	return r->rest.n > 1 && *r->rest.s == '<' &&
	    atom_digit(r->rest.s[1]) && r->out->n > r->form &&
	    span_is(last_token(r), " ") &&
	    memchr(r->rest.s, '>', r->rest.n) == NULL;
}

static void
read_punctuation(struct reading *r)
{
	char c = *r->rest.s;
	bool empty = is_empty_pair(r);
	size_t absent = absent_length(r->rest);

	if (absent > 0) {
		put_atom(r, SPAN(TOKEN_WILD));
		skip(r, absent);
		return;
	}
	if (!is_less_than(r)) {
		r->joint = r->joint != CUT && (c == ':' || c == '=') ?
		    ASSIGN : CUT;
		put(r, (struct span){ r->rest.s, 1 });
	}
	if (empty)
		put(r, SPAN(TOKEN_WILD));
	skip(r, 1);
}

static void
read_blank(struct reading *r)
{
	if (r->out->n > r->form && !span_is(last_token(r), " ")) {
		/* "user= rhost=x": nobody. */
		if (span_is(last_token(r), "="))
			r->joint = CUT;
		put(r, SPAN(" "));
	}
	skip(r, 1);
}

void
mask_message(struct buf *tokens, struct span message)
{
	struct reading r = { .out = tokens, .rest = message,
		.form = tokens->n };

	if (r.rest.n > MASK_LONGEST)
		r.rest.n = MASK_LONGEST;
	while (r.rest.n > 0)
		if (atom_blank(*r.rest.s))
			read_blank(&r);
		else if (atom_punctuation(*r.rest.s))
			read_punctuation(&r);
		else
			read_word(&r);
	if (r.out->n > r.form && span_is(last_token(&r), " "))
		r.out->n = tokens_back(&r, 1);
	fold_records(tokens, r.form);
}
