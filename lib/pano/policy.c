#include <math.h>
#include <string.h>

#include "pano/policy.h"

static bool
find_name(const char *const *name, int n, const char *s, int *out)
{
	for (*out = 0; *out < n; (*out)++)
		if (strcmp(s, name[*out]) == 0)
			return true;
	return false;
}

bool
policy_parse(const char *s, enum policy *out)
{
	static const char *const name[] = {
		[POLICY_LOOK_BACK] = "look-back",
		[POLICY_PANORAMA] = "panorama",
		[POLICY_LATEST] = "latest", [POLICY_ANY] = "any",
	};
	int i;
	bool found = find_name(name, sizeof(name) / sizeof(*name), s, &i);

	*out = (enum policy)i;
	return found;
}

bool
expiry_parse(const char *s, enum expiry *out)
{
	static const char *const name[] = {
		[EXPIRE_NONE] = "none", [EXPIRE_ABSOLUTE] = "absolute",
		[EXPIRE_RELATIVE] = "relative",
	};
	int i;
	bool found = find_name(name, sizeof(name) / sizeof(*name), s, &i);

	*out = (enum expiry)i;
	return found;
}

static bool
expired(const struct policy_options *o, const struct remark *m, int64_t clock)
{
	return o->expiry == EXPIRE_ABSOLUTE && clock - m->ts >= o->ttl;
}

static void
sooner(int64_t *due, int64_t at, int64_t clock)
{
	if (at > clock && at < *due)
		*due = at;
}

/*
 * When the first of the remarks that still count expires; with `all` false,
 * when the last does, as nothing changes before.
 */
static void
next_expiry(const struct policy_options *o, const struct remark *m, size_t n,
    int64_t clock, bool all, int64_t *due)
{
	if (o->expiry != EXPIRE_ABSOLUTE)
		return;
	for (size_t i = all || n == 0 ? 0 : n - 1; i < n; i++)
		sooner(due, m[i].ts + o->ttl, clock);
}

/*
 * Section by section the published InferView(): newest to oldest by arrival,
 * at most two of one status, an older pending under healthy skipped, anything
 * else different ends the look-back.  Scores are float32 there and here.
 */
static struct vote
vote_panorama(const struct policy_options *o, const struct record *r,
    uint32_t t, int64_t clock, int64_t *due)
{
	const struct track *track = &r->track.v[t];
	const struct view *view = &r->view.v[track->view];
	const struct remark *m = record_remarks(r, t);
	struct vote v = { STATUS_NONE, 0, NAN };
	int64_t last = view->ts[view->serial % VIEW_REPORTS];
	float sum = 0;

	for (size_t i = track->nremark; i-- > 0 && v.nremark < 2;) {
		if (record_dropped(view, &m[i]))
			break;
		if (expired(o, &m[i], clock) || (o->expiry == EXPIRE_RELATIVE &&
		    m[i].serial != view->serial && last - m[i].ts >= o->ttl))
			continue;
		if (v.nremark > 0 && v.status == STATUS_HEALTHY &&
		    m[i].status == STATUS_PENDING)
			continue;
		if (v.nremark > 0 && v.status != m[i].status)
			break;
		v.status = m[i].status;
		sum += isnan(m[i].score) ? 0 : (float)m[i].score;
		v.nremark++;
	}
	next_expiry(o, m, track->nremark, clock, true, due);
	if (v.nremark > 0)
		v.score = v.nremark > 1 ? sum / (float)v.nremark : sum;
	return v;
}

/* What counts of a look-back, newest first. */
struct recent {
	enum status newest;
	uint32_t bad[STATUS_VOTES];
	uint32_t nbad, nhealthy;
	bool waiting, na;
};

/*
 * A pending that something newer follows has been answered.  One that waits
 * longer than o->pending is a failure; before that it says nothing against what
 * was seen earlier.
 */
static void
count_remark(struct recent *c, const struct policy_options *o,
    const struct remark *m, int64_t clock)
{
	enum status s = m->status;

	if (s == STATUS_NA) {
		c->na = true;
		return;
	}
	if (s == STATUS_PENDING) {
		if (c->newest != STATUS_NONE)
			return;
		if (clock - m->ts < o->pending) {
			c->waiting = true;
			return;
		}
		s = STATUS_UNHEALTHY;
	}
	if (c->newest == STATUS_NONE)
		c->newest = s;
	if (s == STATUS_HEALTHY) {
		c->nhealthy++;
	} else {
		c->bad[s]++;
		c->nbad++;
	}
}

/* The upper median: one severe voice among many does not set the severity. */
static enum status
median_bad(const uint32_t *count, uint32_t n)
{
	uint32_t seen = 0;
	int s = STATUS_MAYBE_UNHEALTHY;

	for (; s < STATUS_DEAD; s++)
		if ((seen += count[s]) > n / 2)
			break;
	return (enum status)s;
}

static enum status
recent_status(const struct recent *c, enum policy policy)
{
	if (c->newest == STATUS_NONE)
		return c->waiting ? STATUS_PENDING :
		    c->na ? STATUS_NA : STATUS_NONE;
	if (policy == POLICY_ANY)
		for (int s = STATUS_DEAD; s >= STATUS_MAYBE_UNHEALTHY; s--)
			if (c->bad[s] > 0)
				return (enum status)s;
	if (c->newest == STATUS_HEALTHY && c->nhealthy > c->nbad)
		return STATUS_HEALTHY;
	return median_bad(c->bad, c->nbad);
}

static struct vote
vote_recent(const struct policy_options *o, const struct record *r, uint32_t t,
    int64_t clock, int64_t *due)
{
	const struct remark *m = record_remarks(r, t);
	size_t n = r->track.v[t].nremark;
	struct recent c = { 0 };
	struct vote v = { STATUS_NONE, 0, NAN };

	for (size_t i = n; i-- > 0;) {
		if (expired(o, &m[i], clock))
			break;
		count_remark(&c, o, &m[i], clock);
		if (m[i].status == STATUS_PENDING)
			sooner(due, m[i].ts + o->pending, clock);
	}
	v.status = recent_status(&c, o->policy);
	v.nremark = c.nhealthy + c.nbad + c.waiting;
	next_expiry(o, m, n, clock, c.nbad > 0 || o->observations > 1, due);
	return v;
}

/* The newest remark as it is, but that a pending still ages. */
static struct vote
vote_latest(const struct policy_options *o, const struct record *r, uint32_t t,
    int64_t clock, int64_t *due)
{
	size_t n = r->track.v[t].nremark;
	const struct remark *m = record_remarks(r, t) + n - 1;
	struct vote v = { STATUS_NONE, 0, NAN };

	if (n == 0 || expired(o, m, clock))
		return v;
	v = (struct vote){ m->status, 1, m->score };
	next_expiry(o, m, 1, clock, true, due);
	if (m->status == STATUS_PENDING) {
		sooner(due, m->ts + o->pending, clock);
		if (clock - m->ts >= o->pending)
			v.status = STATUS_UNHEALTHY;
	}
	return v;
}

struct vote
policy_vote(const struct policy_options *o, const struct record *r, uint32_t t,
    int64_t clock, int64_t *due)
{
	*due = INT64_MAX;
	if (o->policy == POLICY_PANORAMA)
		return vote_panorama(o, r, t, clock, due);
	if (o->policy == POLICY_LATEST)
		return vote_latest(o, r, t, clock, due);
	return vote_recent(o, r, t, clock, due);
}

/* Of the remarks on the vote's side. */
static double
mean_score(const struct policy_options *o, const struct remark *m, size_t n,
    int64_t clock, enum status vote)
{
	double sum = 0;
	size_t scored = 0;
	bool bad;

	for (size_t i = 0; i < n; i++) {
		bad = status_bad(m[i].status) || (status_bad(vote) &&
		    m[i].status == STATUS_PENDING);
		if (expired(o, &m[i], clock) || isnan(m[i].score) ||
		    (status_bad(vote) ? !bad : m[i].status != vote))
			continue;
		sum += m[i].score;
		scored++;
	}
	return scored > 0 ? sum / (double)scored : NAN;
}

double
policy_score(const struct policy_options *o, const struct record *r,
    uint32_t t, int64_t clock)
{
	int64_t due;
	struct vote v = policy_vote(o, r, t, clock, &due);

	if (o->policy == POLICY_PANORAMA || o->policy == POLICY_LATEST ||
	    v.status == STATUS_NONE)
		return v.score;
	return mean_score(o, record_remarks(r, t), r->track.v[t].nremark,
	    clock, v.status);
}

enum status
policy_last_word(const struct record *r, uint32_t t)
{
	const struct remark *m = record_remarks(r, t);

	for (size_t i = r->track.v[t].nremark; i-- > 0;)
		if (m[i].status == STATUS_HEALTHY || status_bad(m[i].status))
			return m[i].status;
	return STATUS_NONE;
}

uint32_t
tally_votes(const struct tally *t)
{
	uint32_t n = 0;

	for (int s = STATUS_NA; s < STATUS_VOTES; s++)
		n += t->vote[s];
	return n;
}

uint32_t
tally_bad(const struct tally *t)
{
	uint32_t n = 0;

	for (int s = STATUS_MAYBE_UNHEALTHY; s < STATUS_VOTES; s++)
		n += t->vote[s];
	return n;
}

/* Most votes; a tie goes to the larger code. */
static struct decision
decide_plurality(const struct tally *t)
{
	struct decision d = { STATUS_NO_DATA, RULE_NO_DATA };
	uint32_t most = 0;

	for (int s = STATUS_NA; s < STATUS_VOTES; s++) {
		if (t->vote[s] == 0 || t->vote[s] < most)
			continue;
		d.rule = t->vote[s] == most ? RULE_TIE : RULE_PLURALITY;
		d.status = (enum status)s;
		most = t->vote[s];
	}
	return d;
}

static struct decision
decide_worst(const struct tally *t)
{
	for (int s = STATUS_VOTES - 1; s >= STATUS_NA; s--)
		if (t->vote[s] > 0)
			return (struct decision){ (enum status)s, RULE_WORST };
	return (struct decision){ STATUS_NO_DATA, RULE_NO_DATA };
}

static struct decision
decide_majority(const struct policy_options *o, const struct tally *t)
{
	uint32_t healthy = t->vote[STATUS_HEALTHY], bad = tally_bad(t);
	uint32_t pending = t->vote[STATUS_PENDING], n = healthy + bad + pending;

	if (n == 0 && t->vote[STATUS_NA] > 0)
		return (struct decision){ STATUS_NA, RULE_NA };
	if (n == 0)
		return (struct decision){ STATUS_NO_DATA, RULE_NO_DATA };
	if (n < o->observers)
		return (struct decision){ STATUS_INCONCLUSIVE,
		    RULE_FEW_OBSERVERS };
	if (t->nremark < o->observations)
		return (struct decision){ STATUS_INCONCLUSIVE,
		    RULE_FEW_OBSERVATIONS };
	if (healthy > n - healthy)
		return (struct decision){ STATUS_HEALTHY, RULE_HEALTHY };
	if (bad == 0)
		return (struct decision){ STATUS_PENDING, RULE_PENDING };
	if (bad >= healthy)
		return (struct decision){ median_bad(t->vote, bad), RULE_BAD };
	return (struct decision){ STATUS_INCONCLUSIVE, RULE_SPLIT };
}

struct decision
policy_decide(const struct policy_options *o, const struct tally *t)
{
	switch (o->policy) {
	case POLICY_PANORAMA:
		return decide_plurality(t);
	case POLICY_ANY:
	case POLICY_LATEST:
		return decide_worst(t);
	case POLICY_LOOK_BACK:
		break;
	}
	return decide_majority(o, t);
}
