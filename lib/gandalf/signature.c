#include <stdlib.h>

#include "base/buf.h"
#include "gandalf/seen.h"
#include "gandalf/signature.h"
#include "gandalf/token.h"

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
	fits_free(&s->fits);
	intern_free(&s->asked);
	intern_free(&s->text);
	vec_free(&s->text_of);
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
		seen_word(p, notes[i].text, count);
	}
	return i;
}

static int
find_name(const void *key, const void *variable)
{
	return place_name_cmp(*(const struct place_name *)key,
	    ((const struct variable *)variable)->name);
}

/* NULL if the place is no variable. */
static struct variable *
variable_at(const struct signatures *s, size_t round, const struct places *p,
    size_t place)
{
	struct place_name name;

	if (!p->of.v[place].candidate || s->place[round].n == 0)
		return NULL;
	name = places_name(p, place);
	return bsearch(&name, s->place[round].v, s->place[round].n,
	    sizeof(*s->place[round].v), find_name);
}

/* The most words that were seen at a variable place of the form. */
static size_t
most_words(const struct signatures *s, size_t round, const struct places *p)
{
	size_t most = 0;

	for (size_t i = 0; i < p->of.n; i++) {
		const struct variable *v = variable_at(s, round, p, i);

		most = v != NULL && v->words > most ? v->words : most;
	}
	return most;
}

static bool
is_beaten(const struct variable *v, size_t most)
{
	return 2 * v->words < most;
}

/* Puts places off that another of the same form beats in most forms. */
static void
drop_beaten(struct signatures *s, const struct counted *forms)
{
	size_t round = s->rounds, kept = 0;
	struct places p = { 0 };

	for (size_t i = 0; i < forms->form.n; i++) {
		size_t most;

		places_split(&p, forms->form.key[i]);
		most = most_words(s, round, &p);
		for (size_t k = 0; most > 0 && k < p.of.n; k++) {
			struct variable *v = variable_at(s, round, &p, k);

			if (v != NULL) {
				v->forms++;
				v->beaten += is_beaten(v, most);
			}
		}
	}
	places_free(&p);
	for (size_t i = 0; i < s->place[round].n; i++) {
		struct variable *v = &s->place[round].v[i];

		if (2 * v->beaten <= v->forms)
			s->place[round].v[kept++] = *v;
	}
	s->place[round].n = kept;
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
		if (seen_is_variable(&p))
			vec_push(&s->place[s->rounds], (struct variable){
			    .name = notes[i].name, .words = p.words });
	}
	free(notes);
	drop_beaten(s, forms);
	return s->place[s->rounds].n > 0;
}

/* The form with its variable places made volatile, as one round found them. */
static void
rewrite(const struct signatures *s, size_t round, struct span form,
    struct buf *out)
{
	struct places p = { 0 };
	size_t most;

	places_split(&p, form);
	most = most_words(s, round, &p);
	out->n = 0;
	for (size_t i = 0; i < p.of.n; i++) {
		const struct variable *v = variable_at(s, round, &p, i);
		struct span text = p.of.v[i].text;

		if (v != NULL && !is_beaten(v, most))
			buf_str(out, SEEN_LEARNT);
		else if (text.n > 0)
			buf_span(out, text);
		else
			continue;
		buf_char(out, TOKEN_SEPARATOR);
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
	for (size_t i = 0; i < forms.form.n; i++)
		fits_add(&s->fits, forms.form.key[i]);
	free_counted(&forms);
	buf_free(&b);
}

static void
render(struct buf *text, struct span tokens)
{
	while (tokens.n > 0) {
		const char *end = memchr(tokens.s, TOKEN_SEPARATOR, tokens.n);
		struct span t = { tokens.s, end == NULL ? tokens.n :
			(size_t)(end - tokens.s) };

		buf_span(text, span_is(t, SEEN_LEARNT) ? SPAN(TOKEN_WILD) : t);
		tokens.s += t.n + (end != NULL);
		tokens.n -= t.n + (end != NULL);
	}
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
	render(&to, fits_find(&s->fits, buf_view(&from)));
	vec_push(&s->text_of, intern_id(&s->text, buf_view(&to)));
	buf_free(&from);
	buf_free(&to);
	return s->text.key[s->text_of.v[id]];
}
