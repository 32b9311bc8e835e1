#include "act/line.h"
#include "base/num.h"
#include "base/when.h"

/* HH:MM as time of the day. */
static const char *
clock_time(struct span s, int64_t *out)
{
	int h, m;

	if (s.n != 5 || s.s[2] != ':' || s.s[0] < '0' || s.s[0] > '2' ||
	    s.s[1] < '0' || s.s[1] > '9' || s.s[3] < '0' || s.s[3] > '5' ||
	    s.s[4] < '0' || s.s[4] > '9')
		return "not HH:MM-HH:MM";
	h = (s.s[0] - '0') * 10 + s.s[1] - '0';
	m = (s.s[3] - '0') * 10 + s.s[4] - '0';
	if (h > 24 || (h == 24 && m > 0))
		return "not HH:MM-HH:MM";
	*out = h * WHEN_HOUR + m * 60 * WHEN_SECOND;
	return NULL;
}

static int
day_number(struct span s)
{
	static const char *const names[] = {
		"mon", "tue", "wed", "thu", "fri", "sat", "sun",
	};

	for (int i = 0; i < 7; i++)
		if (span_is(s, names[i]))
			return i;
	return -1;
}

/* daily, sat, mon-fri (and fri-mon). */
static bool
days(struct span s, unsigned *mask)
{
	int from, to;

	if (span_is(s, "daily")) {
		*mask = 0x7f;
		return true;
	}
	if (s.n != 3 && (s.n != 7 || s.s[3] != '-'))
		return false;
	from = day_number((struct span){ s.s, 3 });
	to = day_number((struct span){ s.s + s.n - 3, 3 });
	if (from == -1 || to == -1)
		return false;
	for (*mask = 0;; from = (from + 1) % 7) {
		*mask |= 1u << from;
		if (from == to)
			return true;
	}
}

static const char *
weekly_hours(struct line *l, struct rule_blackout *b)
{
	struct span s = l->word[2];
	const char *why;

	*l->at = s;
	if (s.n != 11 || s.s[5] != '-')
		return "not HH:MM-HH:MM";
	if ((why = clock_time((struct span){ s.s, 5 }, &b->from)) != NULL)
		return why;
	return clock_time((struct span){ s.s + 6, 5 }, &b->to);
}

const char *
bound_blackout(struct line *l)
{
	struct rule_blackout b = { .line = l->number };
	const char *why;

	if (l->n < 3)
		return "blackout is DAYS HH:MM-HH:MM or FROM TO";
	b.weekly = days(l->word[1], &b.days);
	if (b.weekly)
		why = weekly_hours(l, &b);
	else {
		*l->at = l->word[1];
		if ((why = when_parse(l->word[1], &b.from)) == NULL) {
			*l->at = l->word[2];
			why = when_parse(l->word[2], &b.to);
		}
		if (why == NULL && b.to <= b.from)
			why = "ends before it begins";
	}
	if (why == NULL)
		why = line_optional_if(l, 3, &b.conds);
	vec_push(&l->rules->blackout, b);
	return why;
}

static const char *
limit_most(struct line *l, struct rule_limit *m)
{
	struct span s = l->word[1];
	uint64_t whole;

	*l->at = s;
	m->percent = s.n > 0 && s.s[s.n - 1] == '%';
	if (!m->percent) {
		if (num_u64(s, &whole) != NULL)
			return "not a number of nodes, nor N%";
		m->most = (double)whole;
		return NULL;
	}
	s.n--;
	if (num_parse(s, &m->most) != NULL || m->most < 0 || m->most > 100)
		return "not 0% to 100%";
	return NULL;
}

/* What the ledger knows of an action. */
static bool
limit_group(struct span by)
{
	static const char *const groups[] = {
		"cluster", "component", "service", "leak", "target", "action",
	};

	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++)
		if (span_is(by, groups[i]))
			return true;
	return false;
}

/* limit 5 nodes at once by cluster; limit 2% per 1h by component if ... */
const char *
bound_limit(struct line *l)
{
	struct rule_limit m = { .line = l->number };
	const char *why;
	size_t i = 2;

	if (l->n < 2)
		return "limit is N or P%, then at once or per DURATION";
	if ((why = limit_most(l, &m)) != NULL)
		return why;
	if (i < l->n && span_is(l->word[i], "nodes"))
		i++;
	if (i + 1 >= l->n || (!span_is(l->word[i], "per") &&
	    (!span_is(l->word[i], "at") || !span_is(l->word[i + 1], "once")))) {
		*l->at = l->word[l->n - 1];
		return "expected 'at once' or 'per DURATION'";
	}
	if (span_is(l->word[i], "per")) {
		if ((why = line_duration(l, i + 1, &m.window)) != NULL)
			return why;
		if (m.window <= 0)
			return "not a positive duration";
	}
	i += 2;
	if (i + 1 < l->n && span_is(l->word[i], "by")) {
		m.by = *l->at = l->word[i + 1];
		if (!limit_group(m.by))
			return "not by cluster component service leak target "
			    "action";
		i += 2;
	}
	why = line_optional_if(l, i, &m.conds);
	vec_push(&l->rules->limit, m);
	return why;
}
