#include <strings.h>

#include "gandalf/atom.h"
#include "gandalf/mask.h"
#include "gandalf/place.h"
#include "gandalf/signature.h"

/* What was seen at a place. */
struct seen {
	size_t words, once;	/* distinct ones; those seen but once */
	size_t fixed, names, kinds, wild;	/* those of each sort */
	size_t index;
	bool value, quoted, whom;	/* of a key; in quotes; behind "for" */
};

struct seen_word {
	uint32_t place;
	uint64_t count;
};

struct learning {
	struct intern place;
	struct intern word;	/* (place, word) pairs */
	VEC(struct seen) seen;	/* at each place */
	VEC(struct seen_word) at;	/* of each pair */
};

/* Forms with their counts. */
struct forms {
	struct intern of;
	VEC(uint64_t) count;
};

static void
add_form(struct forms *f, struct span form, uint64_t count)
{
	uint32_t id = intern_id(&f->of, form);

	if (id == f->count.n)
		vec_push(&f->count, 0);
	f->count.v[id] += count;
}

uint32_t
signature_add(struct signatures *s, struct span form, uint64_t count)
{
	uint32_t id = intern_id(&s->form, form);

	if (id == s->count.n)
		vec_push(&s->count, 0);
	s->count.v[id] += count;
	return id;
}

void
signature_free(struct signatures *s)
{
	intern_free(&s->form);
	vec_free(&s->count);
	for (size_t i = 0; i < SIGNATURE_ROUNDS; i++)
		intern_free(&s->place[i]);
	intern_free(&s->asked);
	intern_free(&s->text);
	vec_free(&s->text_of);
}

/* "eth<*>": a sort of thing. */
static bool
is_kind(struct span t)
{
	const char *p = memchr(t.s, '<', t.n);

	return p != NULL && p != t.s && atom_letter(p[-1]);
}

/* <*>, "attempt_<*>", or what stands for a value that is not there. */
static bool
is_wild(struct span t)
{
	static const char *const none[] = { "null", "none", "nil", NULL };

	return t.n == 0 || atom_one_of(t, none) ||
	    (memchr(t.s, '<', t.n) != NULL && !is_kind(t));
}

static bool
ends_in(struct span t, const char *end)
{
	size_t n = strlen(end);

	return t.n >= n && strncasecmp(t.s + t.n - n, end, n) == 0;
}

/*
 * One of a list of constants, which tell signatures apart: NAMED_STATE,
 * SomeException.
 */
static bool
is_fixed(struct span t)
{
	static const char *const ends[] = { "Exception", "Error", "Failure",
		"Fault" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (ends_in(t, ends[i]))
			return true;
	for (size_t i = 0; i < t.n; i++)
		if ((t.s[i] >= 'a' && t.s[i] <= 'z') || t.s[i] == '<')
			return false;
	return t.n > 0;
}

/* Of two or more parts: com.example.agent, work-queue, wait_for_it. */
static bool
is_name(struct span t)
{
	for (size_t i = 1; i + 1 < t.n; i++)
		if (strchr("._$@/", t.s[i]) != NULL && t.s[i] != '\0')
			return true;
	return false;
}

/*
 * Whether what was seen is a variable's: enough words for their sort, volatile
 * ones counted twice.  Names, values, what is quoted and what follows "for" and
 * "from" are likely ones.  Plain words may be a few states, and those come
 * back: four will do if half of them were seen but once, as of words drawn from
 * a great many (Good 1953), eight in any case.  The first word of a message is
 * its subject, and capitals are constants.
 */
static bool
is_variable(const struct seen *p)
{
	size_t n = p->words + p->wild;

	if (p->words < 2)
		return false;
	if (p->quoted)
		return n >= 3;
	if (2 * p->fixed > p->words)
		return p->words > 12;
	if (p->value || 2 * (p->names + p->wild) >= p->words)
		return n >= 4;
	if (p->index == 0)
		return n >= 20;
	if (p->whom)
		return n >= 3;
	return n >= (2 * p->once >= p->words ? 4 : 8) ||
	    (p->wild > 0 && n + p->kinds >= 5);
}

static void
note_place(struct learning *l, struct span name, const struct place *u,
    size_t index, uint64_t count)
{
	uint32_t id = intern_id(&l->place, name), pair;
	struct buf key = { 0 };

	if (id == l->seen.n)
		vec_push(&l->seen, (struct seen){ .index = index,
		    .value = u->value > 0,
		    .quoted = u->quoted,
		    .whom = span_is(u->before, "for") ||
		    span_is(u->before, "from") });
	buf_add(&key, &id, sizeof(id));
	buf_span(&key, u->text);
	pair = intern_id(&l->word, buf_view(&key));
	if (pair == l->at.n)
		vec_push(&l->at, (struct seen_word){ .place = id });
	l->at.v[pair].count += count;
	buf_free(&key);
}

static void
count_words(struct learning *l)
{
	for (size_t i = 0; i < l->word.n; i++) {
		struct seen *p = &l->seen.v[l->at.v[i].place];
		struct span t = l->word.key[i];

		t.s += sizeof(uint32_t);
		t.n -= sizeof(uint32_t);
		p->words++;
		p->once += l->at.v[i].count == 1;
		p->fixed += is_fixed(t);
		p->names += is_name(t);
		p->kinds += is_kind(t);
		p->wild += is_wild(t);
	}
}

static void
learning_free(struct learning *l)
{
	intern_free(&l->place);
	intern_free(&l->word);
	vec_free(&l->seen);
	vec_free(&l->at);
}

/* Finds one round's variable places in `forms`; whether there are any. */
static bool
learn_round(struct intern *variable, const struct forms *forms)
{
	struct learning l = { 0 };
	struct places p = { 0 };
	struct buf name = { 0 };

	for (size_t i = 0; i < forms->of.n; i++) {
		places_split(&p, forms->of.key[i]);
		for (size_t k = 0; k < p.of.n; k++)
			if (p.of.v[k].candidate)
				note_place(&l, places_name(&p, &p.of.v[k],
				    &name), &p.of.v[k], k, forms->count.v[i]);
	}
	count_words(&l);
	for (size_t i = 0; i < l.seen.n; i++)
		if (is_variable(&l.seen.v[i]))
			intern_id(variable, l.place.key[i]);
	learning_free(&l);
	places_free(&p);
	buf_free(&name);
	return variable->n > 0;
}

/* The form with the variable places of one round made volatile. */
static void
rewrite(const struct intern *variable, struct span form, struct buf *out)
{
	struct places p = { 0 };
	struct buf name = { 0 };

	places_split(&p, form);
	out->n = 0;
	for (size_t i = 0; i < p.of.n; i++) {
		const struct place *u = &p.of.v[i];

		if (u->candidate && intern_find(variable,
		    places_name(&p, u, &name)) != INTERN_NONE)
			buf_str(out, MASK_WILD);
		else if (u->text.n > 0)
			buf_span(out, u->text);
		else
			continue;
		buf_char(out, MASK_SEPARATOR);
	}
	places_free(&p);
	buf_free(&name);
}

void
signature_learn(struct signatures *s)
{
	struct forms forms = { 0 }, next;
	struct buf b = { 0 };

	for (size_t i = 0; i < s->form.n; i++)
		add_form(&forms, s->form.key[i], s->count.v[i]);
	for (s->rounds = 0; s->rounds < SIGNATURE_ROUNDS; s->rounds++) {
		struct intern *variable = &s->place[s->rounds];

		if (!learn_round(variable, &forms))
			break;
		next = (struct forms){ 0 };
		for (size_t i = 0; i < forms.of.n; i++) {
			rewrite(variable, forms.of.key[i], &b);
			add_form(&next, buf_view(&b), forms.count.v[i]);
		}
		intern_free(&forms.of);
		vec_free(&forms.count);
		forms = next;
	}
	intern_free(&forms.of);
	vec_free(&forms.count);
	buf_free(&b);
}

struct span
signature_of(struct signatures *s, struct span form)
{
	uint32_t id = intern_id(&s->asked, form);
	struct buf from = { 0 }, to = { 0 }, swap;

	if (id < s->text_of.n)
		return s->text.key[s->text_of.v[id]];
	buf_span(&from, form);
	for (size_t i = 0; i < s->rounds; i++) {
		rewrite(&s->place[i], buf_view(&from), &to);
		swap = from;
		from = to;
		to = swap;
	}
	to.n = 0;
	mask_text(&to, buf_view(&from));
	vec_push(&s->text_of, intern_id(&s->text, buf_view(&to)));
	buf_free(&from);
	buf_free(&to);
	return s->text.key[s->text_of.v[id]];
}
