#include "base/hash.h"
#include "gandalf/atom.h"
#include "gandalf/token.h"
#include "gandalf/place.h"

/* A value with more blanks is a sentence. */
enum { VALUE_BLANKS = 1 };

/* What says what happened is no variable, whatever stands before it. */
static bool
is_report(struct span key)
{
	static const char *const keys[] = { "msg", "message", "error", "err",
		"reason", "cause", "event", "status", "state", "result",
		"exception", "action", "level", "severity", NULL };

	return atom_one_of(key, keys);
}

static struct span
token_at(struct span rest)
{
	const char *end = memchr(rest.s, TOKEN_SEPARATOR, rest.n);

	return (struct span){ rest.s,
		end == NULL ? rest.n : (size_t)(end - rest.s) };
}

static bool
is_mark(struct span t, const char *marks)
{
	return t.n == 1 && t.s[0] != '\0' && strchr(marks, t.s[0]) != NULL;
}

/* `rest` behind the token (or value) `t` at its beginning. */
static struct span
behind(struct span rest, struct span t)
{
	size_t n = t.n < rest.n ? t.n + 1 : t.n;

	return (struct span){ rest.s + n, rest.n - n };
}

/*
 * The value at the beginning of `rest`: up to a blank, comma or the like that
 * is in no quotes or brackets.  Returns false if that is none.
 */
static bool
take_value(struct span rest, struct span *value)
{
	size_t depth = 0, blanks = 0;
	char quote = '\0';

	*value = (struct span){ rest.s, 0 };
	while (rest.n > 0) {
		struct span t = token_at(rest);

		if (quote == '\0' && depth == 0 && is_mark(t, " ,;)]}|"))
			break;
		blanks += is_mark(t, " ");
		if (quote != '\0')
			quote = is_mark(t, (char[]){ quote, '\0' }) ?
			    '\0' : quote;
		else if (is_mark(t, "\"'") && (value->n == 0 || depth > 0))
			quote = t.s[0];
		else if (is_mark(t, "([{"))
			depth++;
		else if (is_mark(t, ")]}"))
			depth--;
		else if (depth == 0 && is_mark(t, "="))
			return false;
		value->n = (size_t)(t.s + t.n - value->s);
		rest = behind(rest, t);
	}
	return quote == '\0' && depth == 0 && blanks <= VALUE_BLANKS;
}

static bool
is_word(struct span t)
{
	if (t.n < 2)
		return false;
	for (size_t i = 0; i < t.n; i++)
		if (atom_letter(t.s[i]) || t.s[i] == '<' ||
		    (unsigned char)t.s[i] >= 0x80)
			return true;
	return false;
}

static bool
is_wild(struct span t)
{
	return memchr(t.s, '<', t.n) != NULL;
}

/* Whether the place behind `=` is that of a value; "a == b" has none. */
static bool
is_assignment(const struct places *p, struct span key)
{
	const struct place *last = &p->of.v[p->of.n - 1];

	return span_is(last->text, "=") && is_word(key) && !is_report(key);
}

static void
split(struct places *p, struct span rest)
{
	struct span key = { NULL, 0 };	/* the last token but blanks */
	bool assigned = false, spaced = false;
	size_t values = 0;

	while (rest.n > 0 || assigned) {
		struct place u = { .before = key };

		if (spaced && rest.n > 0 && *rest.s == ' ')
			u.text = token_at(rest);	/* key = value */
		else if (assigned && take_value(rest, &u.text)) {
			u.value = ++values;
			u.candidate = true;
			assigned = false;
		} else if (rest.n > 0) {
			u.text = token_at(rest);
			u.candidate = is_word(u.text);
			assigned = false;
		} else
			break;
		if (u.value == 0 || u.text.n > 0)
			rest = behind(rest, u.text);
		vec_push(&p->of, u);
		spaced = false;
		if (u.value == 0 && is_assignment(p, key)) {
			assigned = true;
			spaced = p->of.n > 1 &&
			    span_is(p->of.v[p->of.n - 2].text, " ");
		}
		if (u.text.n > 0 && !span_is(u.text, " "))
			key = u.text;
	}
}

static void
find_quoted(struct places *p)
{
	for (size_t i = 1; i + 1 < p->of.n; i++)
		p->of.v[i].quoted =
		    is_mark(p->of.v[i - 1].text, "\"'") &&
		    span_eq(p->of.v[i - 1].text, p->of.v[i + 1].text);
}

/*
 * A form keeps a word that says what happened: with one constant word, that
 * is no candidate.
 */
static void
keep_last_word(struct places *p)
{
	struct place *last = NULL;
	size_t n = 0;

	for (size_t i = 0; i < p->of.n; i++) {
		struct place *u = &p->of.v[i];

		if (u->value == 0 && u->candidate && !is_wild(u->text)) {
			last = u;
			n++;
		}
	}
	if (n == 1)
		last->candidate = false;
}

/* What a token at a place adds to the name of its form. */
static struct place_name
part(struct span text, size_t place)
{
	uint64_t h = hash_bytes(text.s, text.n);

	return (struct place_name){
		hash_mix(h ^ 0x8bb84b93962eacc9u, 2 * place + 1),
		hash_mix(h + place, 0xd6e8feb86659fd93u) };
}

static struct place_name
plus(struct place_name x, struct place_name y)
{
	return (struct place_name){ x.a + y.a, x.b + y.b };
}

static struct place_name
minus(struct place_name x, struct place_name y)
{
	return (struct place_name){ x.a - y.a, x.b - y.b };
}

void
places_split(struct places *p, struct span form)
{
	p->of.n = 0;
	p->whole = p->hollow = (struct place_name){ 0 };
	split(p, form);
	find_quoted(p);
	keep_last_word(p);
	for (size_t i = 0; i < p->of.n; i++) {
		struct place_name name = part(p->of.v[i].text, i);

		p->whole = plus(p->whole, name);
		p->hollow = plus(p->hollow, p->of.v[i].value > 0 ?
		    part(SPAN("\x1d"), i) : name);
	}
}

void
places_free(struct places *p)
{
	vec_free(&p->of);
}

/* Neither \x1d nor \x1e is ever a token. */
struct place_name
places_name(const struct places *p, size_t place)
{
	struct place_name hole = part(SPAN("\x1e"), place);

	if (p->of.v[place].value > 0)
		return plus(p->hollow, hole);
	return plus(minus(p->whole, part(p->of.v[place].text, place)), hole);
}

int
place_name_cmp(struct place_name x, struct place_name y)
{
	if (x.a != y.a)
		return x.a < y.a ? -1 : 1;
	return (x.b > y.b) - (x.b < y.b);
}
