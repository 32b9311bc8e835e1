#include <stdlib.h>
#include <strings.h>

#include "base/buf.h"
#include "gandalf/atom.h"
#include "gandalf/mask.h"
#include "gandalf/signature.h"

/* What was seen at a place. */
struct seen {
	size_t words, once;	/* distinct ones; those seen but once */
	size_t fixed, names, kinds, wild;	/* those of each sort */
	size_t index;
	bool value, quoted, whom;	/* of a key; in quotes; behind "for" */
};

/* What one form has at one place. */
struct note {
	struct place_name name;
	struct span text;
	uint64_t count;
	uint32_t index;
	bool value, quoted, whom;
};

static uint32_t
add_form(struct counted *c, struct span form, uint64_t count)
{
	uint32_t id = intern_id(&c->form, form);

	if (id == c->count.n)
		vec_push(&c->count, 0);
	c->count.v[id] += count;
	return id;
}

uint32_t
signature_add(struct signatures *s, struct span form, uint64_t count)
{
	return add_form(&s->all, form, count);
}

static void
free_counted(struct counted *c)
{
	intern_free(&c->form);
	vec_free(&c->count);
}

void
signature_free(struct signatures *s)
{
	free_counted(&s->all);
	for (size_t i = 0; i < SIGNATURE_ROUNDS; i++)
		vec_free(&s->place[i]);
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
 * a great many (Good 1953), or five if one is volatile, else eight.  The first
 * word of a message is its subject, and capitals are constants.
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
	if (p->value || 2 * (p->names + p->kinds + p->wild) >= p->words)
		return n >= 4;
	if (p->index == 0)
		return n >= 20;
	if (p->whom)
		return n >= 3;
	if (2 * p->once >= p->words)
		return n >= 4;
	return n >= (p->wild > 0 ? 5 : 8);
}

static int
by_name(const void *va, const void *vb)
{
	const struct note *a = va, *b = vb;
	int c = place_name_cmp(a->name, b->name);

	return c != 0 ? c : span_cmp(a->text, b->text);
}

static struct note *
take_notes(const struct counted *forms, size_t *n)
{
	VEC(struct note) notes = { 0 };
	struct places p = { 0 };

	for (size_t i = 0; i < forms->form.n; i++) {
		places_split(&p, forms->form.key[i]);
		for (size_t k = 0; k < p.of.n; k++) {
			const struct place *u = &p.of.v[k];

			if (u->candidate)
				vec_push(&notes, (struct note){
				    .name = places_name(&p, k),
				    .text = u->text,
				    .count = forms->count.v[i],
				    .index = (uint32_t)k,
				    .value = u->value > 0,
				    .quoted = u->quoted,
				    .whom = span_is(u->before, "for") ||
				    span_is(u->before, "from") });
		}
	}
	places_free(&p);
	*n = notes.n;
	if (notes.n > 0)
		qsort(notes.v, notes.n, sizeof(*notes.v), by_name);
	return notes.v;
}

static void
see_word(struct seen *p, struct span word, uint64_t count)
{
	p->words++;
	p->once += count == 1;
	p->fixed += is_fixed(word);
	p->names += is_name(word);
	p->kinds += is_kind(word);
	p->wild += is_wild(word);
}

/* Sums up the notes of the first place; how many those are. */
static size_t
see_place(const struct note *notes, size_t n, struct seen *p)
{
	const struct note *first = notes;
	size_t i = 0, k;

	*p = (struct seen){ .index = first->index, .value = first->value,
		.quoted = first->quoted, .whom = first->whom };
	for (; i < n && place_name_cmp(notes[i].name, first->name) == 0;
	    i = k) {
		uint64_t count = 0;

		for (k = i; k < n && by_name(&notes[i], &notes[k]) == 0; k++)
			count += notes[k].count;
		see_word(p, notes[i].text, count);
	}
	return i;
}

/* Finds one round's variable places in `forms`; whether there are any. */
static bool
learn_round(struct signatures *s, const struct counted *forms)
{
	size_t n, i = 0, k;
	struct note *notes = take_notes(forms, &n);

	for (; i < n; i += k) {
		struct seen p;

		k = see_place(notes + i, n - i, &p);
		if (is_variable(&p))
			vec_push(&s->place[s->rounds], notes[i].name);
	}
	free(notes);
	return s->place[s->rounds].n > 0;
}

static int
find_name(const void *key, const void *name)
{
	return place_name_cmp(*(const struct place_name *)key,
	    *(const struct place_name *)name);
}

/* The form with the variable places of one round made volatile. */
static void
rewrite(const struct signatures *s, size_t round, struct span form,
    struct buf *out)
{
	struct places p = { 0 };

	places_split(&p, form);
	out->n = 0;
	for (size_t i = 0; i < p.of.n; i++) {
		const struct place *u = &p.of.v[i];
		struct place_name name = places_name(&p, i);

		if (u->candidate && bsearch(&name, s->place[round].v,
		    s->place[round].n, sizeof(name), find_name) != NULL)
			buf_str(out, MASK_WILD);
		else if (u->text.n > 0)
			buf_span(out, u->text);
		else
			continue;
		buf_char(out, MASK_SEPARATOR);
	}
	places_free(&p);
}

void
signature_learn(struct signatures *s)
{
	struct counted forms = { 0 }, next;
	struct buf b = { 0 };

	for (size_t i = 0; i < s->all.form.n; i++)
		add_form(&forms, s->all.form.key[i], s->all.count.v[i]);
	for (s->rounds = 0; s->rounds < SIGNATURE_ROUNDS; s->rounds++) {
		if (!learn_round(s, &forms))
			break;
		next = (struct counted){ 0 };
		for (size_t i = 0; i < forms.form.n; i++) {
			rewrite(s, s->rounds, forms.form.key[i], &b);
			add_form(&next, buf_view(&b), forms.count.v[i]);
		}
		free_counted(&forms);
		forms = next;
	}
	free_counted(&forms);
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
		rewrite(s, i, buf_view(&from), &to);
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
