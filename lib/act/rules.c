#include <errno.h>
#include <stdio.h>

#include "act/fields.h"
#include "act/rules.h"
#include "act/statement.h"
#include "base/when.h"

/* A rules file is written by hand; more than this is a mistake. */
#define TEXT_MAX ((size_t)4 << 20)

static bool
fail(struct rules *r, const char *path, size_t line, const char *reason,
    struct span at)
{
	r->why.n = 0;
	buf_str(&r->why, path);
	if (line > 0)
		buf_printf(&r->why, ":%zu", line);
	buf_printf(&r->why, ": %s", reason);
	if (at.s != NULL)
		buf_printf(&r->why, ": '%.*s'", span_shown(at), at.s);
	return false;
}

static bool
read_text(struct rules *r, const char *path)
{
	const struct span none = { NULL, 0 };
	FILE *fp = fopen(path, "re");
	bool ok;

	if (fp == NULL)
		return fail(r, path, 0, strerror(errno), none);
	do {
		buf_room(&r->text, 4096);
		r->text.n += fread(r->text.s + r->text.n, 1, 4096, fp);
	} while (!feof(fp) && !ferror(fp) && r->text.n <= TEXT_MAX);
	ok = !ferror(fp);
	if (!ok)
		fail(r, path, 0, strerror(errno), none);
	fclose(fp);
	if (ok && r->text.n > TEXT_MAX)
		return fail(r, path, 0, "too large", none);
	return ok;
}

/* An action that a line names is the ladder's or is defined somewhere. */
static bool
known_action(const struct rules *r, struct span name)
{
	if (rules_builtin(name) || span_is(name, "any"))
		return true;
	for (size_t i = 0; i < r->action.n; i++)
		if (span_eq(r->action.v[i].name, name))
			return true;
	return false;
}

static bool
check_whole(struct rules *r, const char *path)
{
	for (size_t i = 0; i < r->action.n; i++)
		if (r->action.v[i].argv.n == 0 &&
		    r->action.v[i].how != HOW_SIGNAL)
			return fail(r, path, r->action.v[i].line,
			    "action without run, unit or signal",
			    r->action.v[i].name);
	for (size_t i = 0; i < r->allow.n; i++)
		if (!known_action(r, r->allow.v[i].action))
			return fail(r, path, r->allow.v[i].line,
			    "no such action", r->allow.v[i].action);
	return true;
}

bool
rules_parse(struct rules *r, const char *path)
{
	struct words words = { 0 };
	const char *p, *end, *eol, *reason = NULL;
	struct span at = { "", 0 };
	size_t line = 0;

	buf_room(&r->text, 1);	/* no text is not NULL */
	end = r->text.s + r->text.n;
	for (p = r->text.s; p < end && reason == NULL; p = eol + 1) {
		line++;
		if ((eol = memchr(p, '\n', (size_t)(end - p))) == NULL)
			eol = end;
		at = (struct span){ p, (size_t)(eol - p) };
		if (memchr(p, '\0', at.n) != NULL)
			reason = "NUL byte";
		else if ((reason = words_split(&words, at, &at)) == NULL)
			reason = statement_parse(r, &words,
			    *p == ' ' || *p == '\t', line, &at);
	}
	words_free(&words);
	if (reason != NULL)
		return fail(r, path, line, reason, at);
	if (r->limit.n == 0) {
		vec_push(&r->limit, (struct rule_limit){ .most = 1,
		    .by = SPAN("component") });
		vec_push(&r->limit, (struct rule_limit){ .most = 5,
		    .window = WHEN_HOUR, .by = SPAN("cluster") });
	}
	return check_whole(r, path);
}

bool
rules_read(struct rules *r, const char *path)
{
	return read_text(r, path) && rules_parse(r, path);
}

const char *
rules_why(struct rules *r)
{
	return buf_cstr(&r->why);
}

bool
rules_builtin(struct span action)
{
	static const char *const names[] = {
		"restart", "reload", "drain", "soft-reboot", "reboot",
		"undrain",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (span_is(action, names[i]))
			return true;
	return false;
}

void
rules_say(struct buf *b, enum truth t, const struct cond *which)
{
	if (which == NULL)
		return;
	buf_str(b, t == COND_UNKNOWN ? "unknown: " : "not: ");
	buf_span(b, which->field);
	buf_printf(b, " %s ", cond_op_name(which->op));
	buf_span(b, which->text);
}

bool
rules_allowed(const struct rules *r, struct span action,
    const struct fields *row, size_t *line, struct buf *why)
{
	const struct cond *which;
	enum truth t;

	for (size_t i = 0; i < r->allow.n; i++) {
		const struct rule_allow *a = &r->allow.v[i];

		if (!span_eq(a->action, action) &&
		    !(a->deny && span_is(a->action, "any")))
			continue;
		t = conds_test(&a->conds, row, &which);
		if (a->deny ? t != COND_NO : t == COND_YES) {
			*line = a->line;
			why->n = 0;
			if (a->deny)
				buf_str(why, "denied");
			return !a->deny;
		}
		if (a->deny)
			continue;
		buf_printf(why, "%sline %zu ", why->n > 0 ? "; " : "",
		    a->line);
		rules_say(why, t, which);
	}
	if (why->n == 0)
		buf_str(why, "no allow line");
	return false;
}

const struct rule_action *
rules_action(const struct rules *r, struct span name,
    const struct fields *row)
{
	const struct cond *which;

	for (size_t i = 0; i < r->action.n; i++)
		if (span_eq(r->action.v[i].name, name) &&
		    conds_test(&r->action.v[i].conds, row, &which) == COND_YES)
			return &r->action.v[i];
	return NULL;
}

/*
 * Days begin at 00:00 UTC.  A span over midnight, 22:00-06:00, belongs to the
 * day it begins on.
 */
static bool
blackout_at(const struct rule_blackout *b, int64_t when, int64_t *until)
{
	const int64_t day = when_floor(when, WHEN_DAY);

	if (!b->weekly) {
		*until = b->to;
		return when >= b->from && when < b->to;
	}
	for (int64_t d = day - WHEN_DAY; d <= day; d += WHEN_DAY) {
		/* 1 January 1970 was a Thursday. */
		int64_t weekday = (d / WHEN_DAY % 7 + 7 + 3) % 7;

		*until = d + b->to + (b->to <= b->from ? WHEN_DAY : 0);
		if ((b->days >> weekday & 1) != 0 && when >= d + b->from &&
		    when < *until)
			return true;
	}
	return false;
}

const struct rule_blackout *
rules_blackout(const struct rules *r, int64_t when, const struct fields *row,
    int64_t *until)
{
	const struct cond *which;

	for (size_t i = 0; i < r->blackout.n; i++)
		if (blackout_at(&r->blackout.v[i], when, until) &&
		    conds_test(&r->blackout.v[i].conds, row, &which) != COND_NO)
			return &r->blackout.v[i];
	return NULL;
}

void
rules_free(struct rules *r)
{
	for (size_t i = 0; i < r->allow.n; i++)
		conds_free(&r->allow.v[i].conds);
	for (size_t i = 0; i < r->action.n; i++) {
		conds_free(&r->action.v[i].conds);
		vec_free(&r->action.v[i].argv);
	}
	for (size_t i = 0; i < r->owner.n; i++)
		conds_free(&r->owner.v[i].conds);
	for (size_t i = 0; i < r->blackout.n; i++)
		conds_free(&r->blackout.v[i].conds);
	for (size_t i = 0; i < r->limit.n; i++)
		conds_free(&r->limit.v[i].conds);
	for (size_t i = 0; i < r->kernel.n; i++)
		conds_free(&r->kernel.v[i]);
	vec_free(&r->allow);
	vec_free(&r->action);
	vec_free(&r->owner);
	vec_free(&r->blackout);
	vec_free(&r->limit);
	vec_free(&r->kernel);
	buf_free(&r->text);
	buf_free(&r->why);
}
