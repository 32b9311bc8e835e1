#include <stdint.h>

#include "gandalf/atom.h"
#include "gandalf/fit.h"
#include "gandalf/token.h"
#include "gandalf/seen.h"

static struct span
next_token(struct span *rest)
{
	const char *end = memchr(rest->s, TOKEN_SEPARATOR, rest->n);
	struct span t = { rest->s, end == NULL ? rest->n :
		(size_t)(end - rest->s) };
	size_t n = t.n + (end != NULL);

	rest->s += n;
	rest->n -= n;
	return t;
}

struct count {
	size_t tokens, variables, words;
};

static struct count
count_tokens(struct span form)
{
	struct count c = { 0 };

	while (form.n > 0) {
		struct span t = next_token(&form);

		c.tokens++;
		c.variables += span_is(t, SEEN_LEARNT) ||
		    span_is(t, TOKEN_WILD);
		c.words += t.n > 1 && atom_letter(t.s[0]);
	}
	return c;
}

static size_t
length(const struct count *c)
{
	return c->tokens < FIT_LENGTHS ? c->tokens : FIT_LENGTHS - 1;
}

void
fits_add(struct fits *f, struct span form)
{
	struct count c = count_tokens(form);
	size_t n = f->form.n;
	uint32_t id;

	if (c.variables == 0 || c.words < c.variables)
		return;
	id = intern_id(&f->form, form);
	if (id == n)
		vec_push(&f->of_length[length(&c)], id);
}

void
fits_free(struct fits *f)
{
	intern_free(&f->form);
	for (size_t i = 0; i < FIT_LENGTHS; i++)
		vec_free(&f->of_length[i]);
}

static bool
is_token_fit(struct span pattern, struct span t)
{
	if (span_eq(pattern, t))
		return true;
	if (span_is(pattern, SEEN_LEARNT))
		return t.n > 1;
	return span_is(pattern, TOKEN_WILD) &&
	    (span_is(t, SEEN_LEARNT) || seen_is_name(t));
}

static bool
is_fit(struct span pattern, struct span form)
{
	while (pattern.n > 0 && form.n > 0)
		if (!is_token_fit(next_token(&pattern), next_token(&form)))
			return false;
	return pattern.n == 0 && form.n == 0;
}

struct span
fits_find(const struct fits *f, struct span form)
{
	struct count c = count_tokens(form);
	struct span best = form;
	size_t least = SIZE_MAX, at = length(&c);

	for (size_t i = 0; i < f->of_length[at].n; i++) {
		struct span p = f->form.key[f->of_length[at].v[i]];
		size_t n;

		if (!is_fit(p, form))
			continue;
		n = count_tokens(p).variables;
		if (n < least || (n == least && span_cmp(p, best) < 0)) {
			least = n;
			best = p;
		}
	}
	return best;
}
