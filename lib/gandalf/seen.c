#include <strings.h>

#include "gandalf/atom.h"
#include "gandalf/seen.h"

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

/* Of two or more parts: com.example.agent, Outer$Inner, a@b. */
bool
seen_is_name(struct span t)
{
	for (size_t i = 1; i + 1 < t.n; i++)
		if (strchr(".$@/", t.s[i]) != NULL && t.s[i] != '\0')
			return !is_fixed(t);
	return false;
}

void
seen_word(struct seen *p, struct span word, uint64_t count)
{
	p->words++;
	p->once += count == 1;
	p->fixed += is_fixed(word);
	p->names += seen_is_name(word);
	p->kinds += is_kind(word);
	p->wild += is_wild(word);
	p->learnt = p->learnt || span_is(word, SEEN_LEARNT);
}

/*
 * Whether what was seen is a variable's: enough words for their sort, volatile
 * ones counted twice.  Names, values, what is in quotes and what follows "for"
 * and "from" are likely ones.  Plain words may be a few states, and those come
 * back: four will do if half of them were seen but once, as of words drawn from
 * a great many (Good 1953), or five if one is volatile, else eight.  The first
 * word of a message is its subject, and capitals are constants.
 */
bool
seen_is_variable(const struct seen *p)
{
	/* Where whole words were masked, one masked in part is no other. */
	size_t n = p->words + p->wild + (p->wild > 0 ? p->kinds : 0);

	if (p->words < 2)
		return false;
	if (p->learnt)
		return true;
	if (p->quoted)
		return n + p->kinds >= 3;
	if (2 * p->fixed > p->words)
		return p->words > 12;
	if (4 * p->names >= 3 * p->words)
		return n >= 3;
	if (p->value && 2 * p->once >= p->words && p->words >= 3)
		return true;
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
