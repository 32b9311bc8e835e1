#include <math.h>

#include "base/hash.h"
#include "pano/record.h"

static uint32_t
number(struct intern *in, const uint32_t *part, size_t n)
{
	return intern_id(in, (struct span){ (const char *)part, n * 4 });
}

static uint32_t
subject_number(struct record *r, uint32_t name)
{
	uint32_t s = number(&r->subjects, &name, 1);

	if (s == r->subject.n)
		vec_push(&r->subject, (struct subject){ .name = name });
	return s;
}

static uint32_t
key_number(struct record *r, uint32_t subject, uint32_t context)
{
	uint32_t k = number(&r->key_ids, (uint32_t[]){ subject, context }, 2);
	struct subject *s = &r->subject.v[subject];

	if (k == r->key.n) {
		vec_push(&r->key, (struct key){ .subject = subject,
		    .context = context, .next_of_subject = s->first_key });
		s->first_key = k + 1;
	}
	return k;
}

static uint32_t
view_number(struct record *r, uint32_t observer, uint32_t subject)
{
	uint32_t v = number(&r->view_ids, (uint32_t[]){ observer, subject }, 2);
	struct subject *s = &r->subject.v[subject];

	if (v == r->view.n) {
		vec_push(&r->view, (struct view){ .observer = observer,
		    .subject = subject, .next_of_subject = s->first_view });
		s->first_view = v + 1;
	}
	return v;
}

static uint32_t
new_track(struct record *r, uint32_t observer, uint32_t subject,
    uint32_t context)
{
	uint32_t t = (uint32_t)r->track.n;
	uint32_t s = subject_number(r, subject);
	uint32_t k = key_number(r, s, context);
	uint32_t v = view_number(r, observer, s);

	vec_push(&r->track, (struct track){ .observer = observer, .view = v,
	    .key = k, .next_of_key = r->key.v[k].first,
	    .next_of_view = r->view.v[v].first, .due = INT64_MAX });
	r->key.v[k].first = r->view.v[v].first = t + 1;
	vec_room(&r->remark, r->depth);
	r->remark.n += r->depth;
	return t;
}

static uint64_t
digest(struct span s)
{
	return s.n == 0 ? 0 : hash_bytes(s.s, s.n) | 1;
}

/*
 * The rows of one report are one observation of several contexts.  They share
 * ts and seq; without a seq, rows in succession that share ts, observer and
 * subject are one report as long as no context comes twice.
 */
static bool
same_report(const struct record *r, uint32_t t, int64_t ts, uint64_t seq)
{
	const struct track *track = &r->track.v[t];
	const struct view *v = &r->view.v[track->view];
	const struct remark *m = record_remarks(r, t);

	if (v->serial == 0 || v->ts[v->serial % VIEW_REPORTS] != ts ||
	    v->seq != seq)
		return false;
	return seq != 0 || (r->last_view == track->view &&
	    (track->nremark == 0 || m[track->nremark - 1].serial != v->serial));
}

/* The order of time; what ties is ordered so that rows may come in any. */
static bool
before(const struct remark *a, const struct remark *b)
{
	if (a->ts != b->ts)
		return a->ts < b->ts;
	if (a->status != b->status)
		return a->status < b->status;
	return a->score < b->score;
}

/* Put `new` in its place; a full track loses its oldest, maybe `new` itself. */
static void
keep(struct record *r, uint32_t t, struct remark new)
{
	struct track *track = &r->track.v[t];
	struct remark *m = r->remark.v + t * r->depth;
	size_t n = track->nremark, at = n;

	if (r->by_arrival && n > 0 && m[n - 1].serial == new.serial) {
		m[n - 1] = new;		/* said twice in one report */
		return;
	}
	if (!r->by_arrival)
		while (at > 0 && before(&new, &m[at - 1]))
			at--;
	if (n < r->depth) {
		memmove(m + at + 1, m + at, (n - at) * sizeof(*m));
		m[at] = new;
		track->nremark++;
	} else if (at > 0) {
		memmove(m, m + 1, (at - 1) * sizeof(*m));
		m[at - 1] = new;
	}
}

static bool
repeated(const struct record *r, uint32_t t, uint64_t id)
{
	const struct remark *m = record_remarks(r, t);

	for (size_t i = 0; id != 0 && i < r->track.v[t].nremark; i++)
		if (m[i].id == id)
			return true;
	return false;
}

uint32_t
record_add(struct record *r, const struct observation *o)
{
	uint32_t who = intern_id(&r->names, o->observer);
	uint32_t whom = intern_id(&r->names, o->subject);
	uint32_t what = intern_id(&r->names, o->context);
	uint32_t t = number(&r->track_ids, (uint32_t[]){ who, whom, what }, 3);
	uint64_t seq = digest(o->seq), id = digest(o->id);
	struct view *v;

	if (t == r->track.n)
		new_track(r, who, whom, what);
	if (repeated(r, t, id))
		return RECORD_REPEAT;
	v = &r->view.v[r->track.v[t].view];
	if (!same_report(r, t, o->ts, seq)) {
		v->serial++;
		v->ts[v->serial % VIEW_REPORTS] = o->ts;
		v->seq = seq;
	}
	r->last_view = r->track.v[t].view;
	keep(r, t, (struct remark){ o->ts, v->serial, id, o->score,
	    o->status });
	return t;
}

bool
record_just_dropped(const struct record *r, uint32_t t)
{
	const struct track *track = &r->track.v[t];
	const struct remark *m = record_remarks(r, t);
	uint64_t serial = r->view.v[track->view].serial;

	for (size_t i = 0; i < track->nremark; i++)
		if (m[i].serial + VIEW_REPORTS == serial)
			return true;
	return false;
}

void
record_free(struct record *r)
{
	intern_free(&r->names);
	intern_free(&r->subjects);
	intern_free(&r->track_ids);
	intern_free(&r->view_ids);
	intern_free(&r->key_ids);
	vec_free(&r->track);
	vec_free(&r->view);
	vec_free(&r->key);
	vec_free(&r->subject);
	vec_free(&r->remark);
}
