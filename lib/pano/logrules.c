#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "pano/logrules.h"
#include "pano/rulefile.h"

static bool
read_text(struct buf *b, const char *path)
{
	FILE *f = fopen(path, "re");
	size_t n;

	if (f == NULL)
		return false;
	do {
		buf_room(b, 4096);
		n = fread(b->s + b->n, 1, 4096, f);
		b->n += n;
	} while (n > 0);
	n = (size_t)ferror(f);
	fclose(f);
	return n == 0;
}

static void
init(struct logrules *r, const char *path)
{
	*r = (struct logrules){ .path = path };
	r->whole = values_number(&r->fields, SPAN("line"));
	r->more = values_number(&r->fields, SPAN("more"));
	r->file = values_number(&r->fields, SPAN("file"));
}

static bool
template_uses(const struct logtext *t, uint32_t field)
{
	for (size_t i = 0; i < t->part.n; i++)
		if (t->part.v[i].is_field && t->part.v[i].field == field)
			return true;
	return false;
}

static bool
rule_uses(const struct rule *rule, uint32_t field)
{
	for (size_t i = 0; i < rule->clause.n; i++)
		if (rule->clause.v[i].field == field)
			return true;
	return template_uses(&rule->detail, field) ||
	    template_uses(&rule->context, field) ||
	    template_uses(&rule->subject, field);
}

/* Must an entry be held back until the lines that belong to it are there? */
static bool
uses_more(const struct logrules *r)
{
	if (template_uses(&r->detail, r->more))
		return true;
	for (size_t i = 0; i < r->branch.n; i++) {
		if (r->branch.v[i].head.field == r->more)
			return true;
		for (size_t k = 0; k < r->branch.v[i].rule.n; k++)
			if (rule_uses(&r->branch.v[i].rule.v[k], r->more))
				return true;
	}
	return false;
}

bool
logrules_parse(struct logrules *r, const char *path, struct span text,
    struct buf *why)
{
	bool ok;

	init(r, path);
	r->text = mem_copy(text.s, text.n);
	r->ntext = text.n;
	ok = rulefile_parse(r, why);
	r->uses_more = ok && uses_more(r);
	logrules_zone(r, &(struct logtime){ .local = r->zone.local,
	    .east = r->zone.east });
	return ok;
}

bool
logrules_read(struct logrules *r, const char *path, struct buf *why)
{
	struct buf text = { 0 };
	bool ok = read_text(&text, path);

	if (ok)
		ok = logrules_parse(r, path, buf_view(&text), why);
	else
		buf_printf(why, "%s: %s", path, strerror(errno));
	buf_free(&text);
	return ok;
}

void
logrules_zone(struct logrules *r, const struct logtime *zone)
{
	r->zone = *zone;
	for (size_t i = 0; i < r->time.n; i++) {
		struct logtime *t = &r->time.v[i].format;

		t->local = zone->local;
		t->east = zone->east;
		t->today = zone->today;
	}
}

static void
free_rule(struct rule *rule)
{
	for (size_t i = 0; i < rule->clause.n; i++)
		clause_free(&rule->clause.v[i]);
	vec_free(&rule->clause);
	logtext_free(&rule->observer);
	logtext_free(&rule->subject);
	logtext_free(&rule->context);
	logtext_free(&rule->detail);
	logtext_free(&rule->score);
}

static void
free_derive(struct derive *d)
{
	clause_free(&d->clause);
	for (size_t i = 0; i < d->value.n; i++)
		logtext_free(&d->value.v[i]);
	vec_free(&d->value);
	vec_free(&d->field);
}

void
logrules_free(struct logrules *r)
{
	for (size_t i = 0; i < r->line.n; i++)
		clause_free(&r->line.v[i]);
	for (size_t i = 0; i < r->drop.n; i++)
		clause_free(&r->drop.v[i]);
	for (size_t i = 0; i < r->derive.n; i++)
		free_derive(&r->derive.v[i]);
	for (size_t i = 0; i < r->branch.n; i++) {
		clause_free(&r->branch.v[i].head);
		for (size_t k = 0; k < r->branch.v[i].rule.n; k++)
			free_rule(&r->branch.v[i].rule.v[k]);
		vec_free(&r->branch.v[i].rule);
	}
	for (size_t i = 0; i < r->fallback.n; i++)
		logtext_free(&r->fallback.v[i].value);
	vec_free(&r->fallback);
	vec_free(&r->line);
	vec_free(&r->drop);
	vec_free(&r->derive);
	vec_free(&r->branch);
	vec_free(&r->source);
	logtext_free(&r->observer);
	logtext_free(&r->subject);
	logtext_free(&r->context);
	logtext_free(&r->detail);
	logtext_free(&r->name);
	pattern_free(r->names);
	values_free(&r->fields);
	peers_free(&r->peers);
	for (size_t i = 0; i < r->time.n; i++)
		logtime_free(&r->time.v[i].format);
	vec_free(&r->time);
	vec_free(&r->constant);
	buf_free(&r->scratch);
	json_decref(r->document);
	free(r->text);
	*r = (struct logrules){ 0 };
}
