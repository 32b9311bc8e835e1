#include <math.h>
#include <stdlib.h>

#include "pano/judge.h"

const char *
class_name(enum class c)
{
	static const char *const name[] = {
		[CLASS_NONE] = "", [CLASS_NO_DATA] = "no_data",
		[CLASS_HEALTHY] = "healthy", [CLASS_LATENT] = "latent_fault",
		[CLASS_GRAY] = "gray", [CLASS_FAILED] = "failed",
	};

	return name[c];
}

/* Detectors are interned first: their numbers are below ndetector. */
void
judge_init(struct judge *j, const struct judge_options *o)
{
	memset(j, 0, sizeof(*j));
	j->o = *o;
	j->clock = INT64_MIN;
	j->record.by_arrival = o->policy.policy == POLICY_PANORAMA;
	j->record.depth = j->record.by_arrival ? VIEW_REPORTS :
	    o->policy.policy == POLICY_LATEST ? 1 : o->look_back;
	j->record.last_view = UINT32_MAX;
	for (size_t i = 0; i < o->ndetector; i++)
		intern_id(&j->record.names, o->detector[i]);
}

enum voice
judge_voice(const struct judge *j, const struct track *t)
{
	uint32_t subject = j->record.view.v[t->view].subject;

	if (t->observer < j->o.ndetector)
		return VOICE_DETECTOR;
	return t->observer == j->record.subject.v[subject].name ? VOICE_SELF :
	    VOICE_OTHER;
}

static void
add_tally(struct tally *sum, const struct tally *t)
{
	for (int s = 0; s < STATUS_VOTES; s++)
		sum->vote[s] += t->vote[s];
	sum->nremark += t->nremark;
}

/*
 * Whose votes make the verdict.  The published policies count everybody alike.
 * Ours keeps the detector apart, except where nobody else has a say.
 */
void
judge_voters(const struct judge *j, const struct judge_key *k,
    bool voice[NVOICE])
{
	bool alike = j->o.policy.policy != POLICY_LOOK_BACK;

	voice[VOICE_OTHER] = true;
	voice[VOICE_SELF] = alike || !j->o.drop_self;
	voice[VOICE_DETECTOR] = alike ||
	    (tally_votes(&k->tally[VOICE_OTHER]) == 0 &&
	    (!voice[VOICE_SELF] || tally_votes(&k->tally[VOICE_SELF]) == 0));
}

struct tally
judge_tally(const struct judge *j, const struct judge_key *k)
{
	struct tally sum = { 0 };
	bool voice[NVOICE];

	judge_voters(j, k, voice);
	for (int i = 0; i < NVOICE; i++)
		if (voice[i])
			add_tally(&sum, &k->tally[i]);
	if (j->o.policy.policy == POLICY_LATEST) {
		const struct vote *v =
		    &j->record.track.v[k->newest_track].vote;

		memset(sum.vote, 0, sizeof(sum.vote));
		sum.vote[v->status] = v->status != STATUS_NONE;
	}
	return sum;
}

static enum class
class_of(const struct judge_subject *s)
{
	if (s->asked_bad > 0)
		return s->detector_bad > 0 ? CLASS_FAILED : CLASS_GRAY;
	if (s->other_bad + s->self_bad + s->detector_bad > 0)
		return CLASS_LATENT;
	return s->asked_good > 0 ? CLASS_HEALTHY : CLASS_NO_DATA;
}

static bool
class_bad(uint8_t c)
{
	return c == CLASS_GRAY || c == CLASS_FAILED;
}

/* Add (+1) or take away (-1) what a key says of its subject. */
static void
weigh(struct judge_subject *s, const struct judge_key *k, uint32_t sign)
{
	s->asked_bad += sign * status_bad(k->asked);
	s->asked_good += sign * (k->asked == STATUS_HEALTHY);
	s->other_bad += sign * tally_bad(&k->tally[VOICE_OTHER]);
	s->self_bad += sign * tally_bad(&k->tally[VOICE_SELF]);
	s->detector_bad += sign * k->detector_bad;
	s->detector_good += sign * k->detector_good;
}

static uint64_t
need(const struct judge *j, bool bad, bool was_bad)
{
	if (bad == was_bad)
		return 1;
	return bad ? j->o.fall : j->o.rise;
}

static bool
settle_class(struct judge *j, struct judge_subject *s)
{
	enum class c = class_of(s);
	struct settled *class = &s->class;

	return settle(class, (uint8_t)c,
	    need(j, class_bad((uint8_t)c), class_bad(class->now)), j->clock);
}

static bool
settle_key(struct judge *j, struct judge_key *k)
{
	struct tally sum = judge_tally(j, k);
	enum status found = policy_decide(&j->o.policy, &sum).status;
	struct settled *s = &k->settled;
	bool bad = status_bad(found), was_bad = status_bad(s->now);

	if (!settle(s, (uint8_t)found, need(j, bad, was_bad), j->clock))
		return false;
	if (s->was != STATUS_NONE && bad != was_bad)
		settle_flip(s, j->clock);
	return true;
}

static void
replace_vote(struct judge *j, uint32_t t, struct vote v)
{
	struct track *track = &j->record.track.v[t];
	struct judge_key *k = &j->key.v[track->key];
	enum voice voice = judge_voice(j, track);
	struct tally *tally = &k->tally[voice];
	enum status word;

	tally->vote[track->vote.status]--;
	tally->vote[v.status]++;
	tally->nremark += v.nremark - track->vote.nremark;
	track->vote = v;
	if (voice != VOICE_DETECTOR)
		return;
	word = policy_last_word(&j->record, t);
	k->detector_bad -= status_bad(track->word);
	k->detector_good -= track->word == STATUS_HEALTHY;
	k->detector_bad += status_bad(word);
	k->detector_good += word == STATUS_HEALTHY;
	track->word = word;
}

static void
schedule(struct judge *j, uint32_t t, int64_t at)
{
	struct track *track = &j->record.track.v[t];

	if (at >= track->due)
		return;
	track->due = at;
	due_push(&j->due, at, t);
}

/* The new vote, and what it makes of the subject's class. */
static bool
reclassify(struct judge *j, uint32_t key, uint32_t t, struct vote v)
{
	struct judge_key *k = &j->key.v[key];
	struct judge_subject *s =
	    &j->subject.v[j->record.key.v[key].subject];

	weigh(s, k, UINT32_MAX);
	replace_vote(j, t, v);
	k->asked = policy_decide(&j->o.policy, &k->tally[VOICE_OTHER]).status;
	weigh(s, k, 1);
	return settle_class(j, s);
}

/* The track may vote otherwise than before: judge its key again. */
static void
revote(struct judge *j, uint32_t t)
{
	uint32_t key = j->record.track.v[t].key;
	struct judge_key *k = &j->key.v[key];
	bool changed;
	int64_t due;
	struct vote v = policy_vote(&j->o.policy, &j->record, t, j->clock,
	    &due);

	schedule(j, t, due);
	if (j->o.ndetector > 0) {
		changed = reclassify(j, key, t, v);
	} else {
		replace_vote(j, t, v);
		changed = false;
	}
	if ((settle_key(j, k) || changed) && j->o.changed != NULL)
		j->o.changed(j->o.arg, key);
}

void
judge_advance(struct judge *j, int64_t now)
{
	struct due d;

	while (due_pop(&j->due, now, &d)) {
		if (j->record.track.v[d.what].due != d.at)
			continue;
		j->record.track.v[d.what].due = INT64_MAX;
		if (d.at > j->clock)
			j->clock = d.at;
		revote(j, d.what);
	}
	if (now > j->clock)
		j->clock = now;
}

/*
 * In a view by arrival, a report in one context may push the last report of
 * another out, or make it too old beside the newest.
 */
static void
revote_view(struct judge *j, uint32_t t)
{
	const struct track *track = j->record.track.v;
	uint32_t i = j->record.view.v[track[t].view].first;

	for (; i > 0; i = track[i - 1].next_of_view)
		if (i - 1 != t && (j->o.policy.expiry != EXPIRE_NONE ||
		    record_just_dropped(&j->record, i - 1)))
			revote(j, i - 1);
}

void
judge_add(struct judge *j, const struct observation *o)
{
	uint32_t t;
	struct judge_key *k;

	judge_advance(j, o->ts);
	if ((t = record_add(&j->record, o)) == RECORD_REPEAT) {
		j->repeats++;
		return;
	}
	while (j->key.n < j->record.key.n)
		vec_push(&j->key, (struct judge_key){ .newest = INT64_MIN });
	while (j->subject.n < j->record.subject.n)
		vec_push(&j->subject, (struct judge_subject){ 0 });
	k = &j->key.v[j->record.track.v[t].key];
	if (o->ts > k->newest || (o->ts == k->newest &&
	    o->status >= j->record.track.v[k->newest_track].vote.status)) {
		k->newest = o->ts;
		k->newest_track = t;
	}
	revote(j, t);
	if (j->record.by_arrival)
		revote_view(j, t);
}

void
judge_free(struct judge *j)
{
	for (size_t i = 0; i < j->key.n; i++)
		free(j->key.v[i].settled.flip);
	record_free(&j->record);
	due_free(&j->due);
	vec_free(&j->key);
	vec_free(&j->subject);
}
