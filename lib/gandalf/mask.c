#include <ctype.h>
#include <stdint.h>
#include <strings.h>

#include "gandalf/mask.h"

/* Messages are cut here: what follows is a dump, not a description. */
enum { MASK_LONGEST = 4096 };

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == '\x1e' ||
	    c == MASK_SEPARATOR;
}

static bool
is_punctuation(char c)
{
	return c != '\0' && strchr("()[]{},;\"'<>|=:`", c) != NULL;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
equals(struct span a, const char *word)
{
	return a.n == strlen(word) && strncasecmp(a.s, word, a.n) == 0;
}

static bool
one_of(struct span a, const char *const *words)
{
	while (*words != NULL && !equals(a, *words))
		words++;
	return *words != NULL;
}

static bool
has_digit(struct span a)
{
	for (size_t i = 0; i < a.n; i++)
		if (is_digit(a.s[i]))
			return true;
	return false;
}

static size_t
count_char(struct span a, char c)
{
	size_t n = 0;

	for (size_t i = 0; i < a.n; i++)
		n += a.s[i] == c;
	return n;
}

/* "deadbeef": digits by luck of the draw missing. */
static bool
is_hex(struct span a)
{
	if (a.n < 8)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (!isxdigit((unsigned char)a.s[i]))
			return false;
	return true;
}

/* "/var/log", "a/b/c", "C:\x" without its colon, and bare "and/or" is none. */
static bool
is_path(struct span a)
{
	size_t slashes = count_char(a, '/') + count_char(a, '\\');

	return a.n > 1 && (slashes > 1 ||
	    (slashes == 1 && (a.s[0] == '/' || a.s[0] == '\\')));
}

static bool
is_address(struct span a)
{
	const char *at = a.n > 2 ? memchr(a.s + 1, '@', a.n - 2) : NULL;

	return at != NULL && (is_letter(at[1]) || at[1] == '[');
}

/* "mail.example.org", but not "org.example.Mail" nor "example.sh". */
static bool
is_host(struct span a)
{
	static const char *const top[] = { "com", "net", "org", "edu", "gov",
		"mil", "int", "info", "biz", "local", "internal", "arpa",
		"localdomain", NULL };
	size_t last = a.n, dots = count_char(a, '.');
	struct span label;

	while (last > 0 && a.s[last - 1] != '.')
		last--;
	label = (struct span){ a.s + last, a.n - last };
	return dots > 0 && a.s[0] != '.' && (one_of(label, top) ||
	    (dots > 1 && label.n == 2 && is_letter(label.s[0])));
}

/* 0x8007.... and 0xC000....: HRESULT and NTSTATUS, errors of their own name. */
static bool
is_status(struct span a)
{
	return a.n == 10 && a.s[0] == '0' && (a.s[1] == 'x' || a.s[1] == 'X') &&
	    (a.s[2] == '8' || a.s[2] == 'c' || a.s[2] == 'C') && a.s[3] == '0' &&
	    (a.s[4] == '0' || a.s[2] == '8');
}

/* Keys after which a number is a code, in "ErrorCode: 5" or "exit code 5". */
static bool
announces_code(struct span key)
{
	static const char *const keys[] = { "errno", "hresult", "hr",
		"ntstatus", NULL };

	return one_of(key, keys) || (key.n >= 4 &&
	    equals((struct span){ key.s + key.n - 4, 4 }, "code"));
}

static bool
is_number(struct span a)
{
	size_t i = a.n > 0 && a.s[0] == '-';
	bool hex = a.n > 2 && a.s[0] == '0' && (a.s[1] | ' ') == 'x';

	if (hex)
		i = 2;
	if (i == a.n || a.n > 12)
		return false;
	for (; i < a.n; i++)
		if (!is_digit(a.s[i]) &&
		    !(isxdigit((unsigned char)a.s[i]) && (hex || a.n == 8)))
			return false;
	return true;
}

/* "user root": the word is somebody's name, whatever it is. */
static bool
announces_name(struct span key)
{
	static const char *const keys[] = { "user", "username", "ruser",
		"rhost", "host", "hostname", NULL };

	return one_of(key, keys);
}

static bool
is_calendar(struct span a)
{
	static const char *const names[] = { "Mon", "Tue", "Wed", "Thu", "Fri",
		"Sat", "Sun", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
		"Aug", "Sep", "Oct", "Nov", "Dec", NULL };

	return a.n == 3 && one_of(a, names);
}

/*
 * How much of an atom with a digit says what it is: "blk_", "Server@", and
 * "fpr" of "fpr29", but not letters that may be hexadecimal.
 */
static size_t
constant_prefix(struct span a)
{
	bool hex = true;
	size_t n = 0, i;

	for (; n < a.n && is_letter(a.s[n]); n++)
		hex = hex && isxdigit((unsigned char)a.s[n]);
	if (n > 1 && n < a.n && strchr("_#@", a.s[n]) != NULL)
		return n + 1;
	for (i = n; i < a.n && is_digit(a.s[i]); i++)
		;
	return i == a.n && !hex ? n : 0;
}

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
	buf_char(r->out, MASK_SEPARATOR);
}

/* Where the last `n` tokens begin, or the message does. */
static size_t
tokens_back(const struct reading *r, size_t n)
{
	size_t at = r->out->n;

	while (at > r->form && n > 0) {
		at--;
		while (at > r->form && r->out->s[at - 1] != MASK_SEPARATOR)
			at--;
		n--;
	}
	return at;
}

static struct span
token_at(const struct reading *r, size_t at)
{
	const char *s = r->out->s + at;
	const char *end = memchr(s, MASK_SEPARATOR, r->out->n - at);

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
	bool wild = span_is(token, MASK_WILD), comma = false;
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

		while (rest.n > 0 && is_blank(*rest.s)) {
			rest.s++;
			rest.n--;
		}
		if (rest.n > 0 && is_digit(*rest.s))
			return true;
		word.s = rest.s;
		while (word.n < rest.n && is_letter(rest.s[word.n]))
			word.n++;
		if (!is_calendar(word))
			return false;
		rest.s += word.n;
		rest.n -= word.n;
	}
}

/* What the key before makes of a word: "for user root", "user=root". */
static bool
is_name(const struct reading *r, struct span a)
{
	static const char *const asks[] = { "for", "invalid", "illegal", "by",
		"as", "of", "unknown", NULL };
	static const char *const nobody[] = { "unknown", "null", "none", "is",
		"not", "has", "was", "does", "and", "with", "to", "from", "in",
		"on", "by", "for", NULL };

	return announces_name(r->key) && !one_of(a, nobody) &&
	    (r->joint == ASSIGN || (r->joint == BLANK &&
	    one_of(r->before, asks)));
}

/* "init2(": the name of a function, whatever digits it has. */
static bool
is_function(const struct reading *r, struct span a)
{
	return r->rest.n > 0 && *r->rest.s == '(' && is_letter(a.s[0]) &&
	    !is_path(a) && !is_address(a) && !is_host(a);
}

static bool
is_volatile(const struct reading *r, struct span a)
{
	if (is_function(r, a))
		return false;
	return has_digit(a) || is_hex(a) || is_path(a) || is_address(a) ||
	    is_host(a) || is_name(r, a) ||
	    (is_calendar(a) && date_follows(r->rest));
}

static void
read_atom(struct reading *r, struct span a)
{
	size_t keep;
	struct buf prefix = { 0 };

	if ((r->joint != CUT && announces_code(r->key) && is_number(a)) ||
	    is_status(a))
		put(r, a);
	else if (!is_volatile(r, a))
		put_atom(r, a);
	else if ((keep = has_digit(a) && !is_path(a) ? constant_prefix(a) : 0) ==
	    0)
		put_atom(r, SPAN(MASK_WILD));
	else {
		buf_add(&prefix, a.s, keep);
		buf_str(&prefix, MASK_WILD);
		put_atom(r, buf_view(&prefix));
		buf_free(&prefix);
	}
	r->before = r->key;
	r->key = a;
	r->joint = BLANK;
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

static void
read_word(struct reading *r)
{
	struct span a = { r->rest.s, 0 };
	size_t n;

	while (a.n < r->rest.n && !is_blank(a.s[a.n]) &&
	    !is_punctuation(a.s[a.n]))
		a.n++;
	/* A scheme takes its path with it. */
	if (a.n + 2 < r->rest.n && a.s[a.n] == ':' && a.s[a.n + 1] == '/' &&
	    a.s[a.n + 2] == '/')
		while (a.n < r->rest.n && !is_blank(a.s[a.n]) &&
		    strchr(",;\"'<>)]}", a.s[a.n]) == NULL)
			a.n++;
	r->rest.s += a.n;
	r->rest.n -= a.n;
	n = trailing(a);
	read_atom(r, (struct span){ a.s, n });
	for (; n < a.n; n++)
		put(r, (struct span){ a.s + n, 1 });
}

void
mask_message(struct buf *tokens, struct span message)
{
	struct reading r = { .out = tokens, .rest = message,
		.form = tokens->n };

	if (r.rest.n > MASK_LONGEST)
		r.rest.n = MASK_LONGEST;
	while (r.rest.n > 0) {
		char c = *r.rest.s;

		if (!is_blank(c) && !is_punctuation(c)) {
			read_word(&r);
			continue;
		}
		if (is_punctuation(c)) {
			r.joint = r.joint != CUT && (c == ':' || c == '=') ?
			    ASSIGN : CUT;
			put(&r, (struct span){ r.rest.s, 1 });
		} else if (r.out->n > r.form &&
		    !span_is(last_token(&r), " ")) {
			/* "user= rhost=x": nobody. */
			if (span_is(last_token(&r), "="))
				r.joint = CUT;
			put(&r, SPAN(" "));
		}
		r.rest.s++;
		r.rest.n--;
	}
	if (r.out->n > r.form && span_is(last_token(&r), " "))
		r.out->n = tokens_back(&r, 1);
}

void
mask_text(struct buf *text, struct span tokens)
{
	for (size_t i = 0; i < tokens.n; i++)
		if (tokens.s[i] != MASK_SEPARATOR)
			buf_char(text, tokens.s[i]);
}
