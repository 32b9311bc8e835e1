#include <strings.h>

#include "gandalf/mask.h"
#include "gandalf/signature.h"

/* The words seen at one place: a form with a hole. */
struct place {
	size_t words, capitals, flags;	/* distinct ones; those of each kind */
	size_t wild;			/* words that are volatile or partly so */
	size_t limit;
};

struct learning {
	struct intern hole;	/* forms with a hole */
	struct intern word;	/* (hole, word) pairs */
	VEC(struct place) place;
};

void
signature_add(struct signatures *s, struct span form, uint64_t count)
{
	uint32_t id = intern_id(&s->form, form);

	if (id == s->count.n)
		vec_push(&s->count, 0);
	s->count.v[id] += count;
}

void
signature_free(struct signatures *s)
{
	intern_free(&s->form);
	vec_free(&s->count);
	for (size_t i = 0; i < SIGNATURE_ROUNDS; i++)
		intern_free(&s->place[i]);
}

static bool
is_word(struct span t)
{
	return t.n > 1;
}

/* <*> itself or "attempt_<*>". */
static bool
is_wild(struct span t)
{
	return memchr(t.s, '<', t.n) != NULL;
}

/* NAMED_STATE: one of a list of constants, which tell signatures apart. */
static bool
is_constant(struct span t)
{
	for (size_t i = 0; i < t.n; i++)
		if ((t.s[i] >= 'a' && t.s[i] <= 'z') || t.s[i] == '<')
			return false;
	return true;
}

static bool
is_flag(struct span t)
{
	static const char *const flags[] = { "true", "false", "yes", "no",
		"null", "none", "on", "off" };

	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		if (t.n == strlen(flags[i]) &&
		    strncasecmp(t.s, flags[i], t.n) == 0)
			return true;
	return false;
}

static struct span
next_token(struct span *rest)
{
	const char *end = memchr(rest->s, MASK_SEPARATOR, rest->n);
	struct span t = { rest->s, end == NULL ? rest->n :
	    (size_t)(end - rest->s) };
	size_t used = end == NULL ? t.n : t.n + 1;

	rest->s += used;
	rest->n -= used;
	return t;
}

/*
 * How many words make a place variable, volatile ones counted twice.  Behind a key and its = few do; the
 * first word of a message is its subject and hardly ever one.
 */
static size_t
place_limit(size_t index, struct span before)
{
	if (index == 0)
		return 10;
	if (span_is(before, "="))
		return 2;
	return span_is(before, "for") || span_is(before, "from") ? 3 : 4;
}

static bool
is_variable(const struct place *p)
{
	if (p->words == p->flags && p->words > 1)
		return true;
	if (2 * p->capitals > p->words)
		return p->words > 12;
	return p->words > 1 && p->words + p->wild >= p->limit;
}

/* The form with a hole where `t` is. */
static struct span
with_hole(struct buf *b, struct span form, struct span t)
{
	b->n = 0;
	buf_add(b, form.s, (size_t)(t.s - form.s));
	buf_char(b, '\x1e');
	buf_add(b, t.s + t.n, (size_t)(form.s + form.n - t.s) - t.n);
	return buf_view(b);
}

static void
note_word(struct learning *l, struct span hole, struct span t, size_t limit)
{
	uint32_t id = intern_id(&l->hole, hole);
	struct buf key = { 0 };
	struct place *p;

	if (id == l->place.n)
		vec_push(&l->place, (struct place){ .limit = limit });
	p = &l->place.v[id];
	buf_add(&key, &id, sizeof(id));
	buf_span(&key, t);
	if (intern_find(&l->word, buf_view(&key)) == INTERN_NONE) {
		intern_id(&l->word, buf_view(&key));
		p->words++;
		p->capitals += is_constant(t);
		p->flags += is_flag(t);
		p->wild += is_wild(t);
	}
	buf_free(&key);
}

static void
note_form(struct learning *l, struct span form, struct buf *scratch)
{
	struct span rest = form, before = { NULL, 0 }, t;

	for (size_t i = 0; rest.n > 0; i++) {
		t = next_token(&rest);
		if (is_word(t))
			note_word(l, with_hole(scratch, form, t), t,
			    place_limit(i, before));
		if (!span_is(t, " "))
			before = t;
	}
}

/* The form with the variable places of one round made wild. */
static void
rewrite(const struct intern *place, struct span form, struct buf *out)
{
	struct span rest = form, t;
	struct buf hole = { 0 };

	out->n = 0;
	while (rest.n > 0) {
		t = next_token(&rest);
		if (is_word(t) && intern_find(place,
		    with_hole(&hole, form, t)) != INTERN_NONE)
			buf_str(out, MASK_WILD);
		else
			buf_span(out, t);
		buf_char(out, MASK_SEPARATOR);
	}
	buf_free(&hole);
}

/* Learns one round's places from `forms`; the forms so rewritten to `next`. */
static bool
learn_round(struct intern *place, const struct intern *forms,
    struct intern *next)
{
	struct learning l = { 0 };
	struct buf b = { 0 };

	for (size_t i = 0; i < forms->n; i++)
		note_form(&l, forms->key[i], &b);
	for (size_t i = 0; i < l.place.n; i++)
		if (is_variable(&l.place.v[i]))
			intern_id(place, l.hole.key[i]);
	for (size_t i = 0; i < forms->n; i++) {
		rewrite(place, forms->key[i], &b);
		intern_id(next, buf_view(&b));
	}
	intern_free(&l.hole);
	intern_free(&l.word);
	vec_free(&l.place);
	buf_free(&b);
	return place->n > 0;
}

void
signature_learn(struct signatures *s)
{
	struct intern forms = { 0 }, next;

	for (size_t i = 0; i < s->form.n; i++)
		intern_id(&forms, s->form.key[i]);
	for (s->rounds = 0; s->rounds < SIGNATURE_ROUNDS;) {
		next = (struct intern){ 0 };
		if (!learn_round(&s->place[s->rounds], &forms, &next)) {
			intern_free(&next);
			break;
		}
		s->rounds++;
		intern_free(&forms);
		forms = next;
	}
	intern_free(&forms);
}

void
signature_of(const struct signatures *s, struct span form, struct buf *out)
{
	struct buf b = { 0 };

	out->n = 0;
	buf_span(out, form);
	for (size_t i = 0; i < s->rounds; i++) {
		rewrite(&s->place[i], buf_view(out), &b);
		out->n = 0;
		buf_span(out, buf_view(&b));
	}
	buf_free(&b);
}
