#include "act/past.h"
#include "base/when.h"

/*
 * A failed attempt counts for a week: the longest that a fleet's operators let
 * a node limp, and longer than any verification takes.
 */
#define MEMORY (7 * WHEN_DAY)

bool
past_same_leak(const struct deed *d, const struct suspect *s)
{
	return span_eq(d->node, s->node) && span_eq(d->leak, s->component);
}

/*
 * Did it come to nothing?  Either it failed, or its verification says so, or
 * nobody verified it and the detector still sees the same leak after the time
 * in which memory should have fallen.  What is never verified (it pages
 * somebody) leaves the leak as it was; only a drain has done its part.
 */
enum past
past_deed(const struct deed *d, const struct suspect *s, int64_t now)
{
	/* An ssh(1) whose node reboots fails, and the memory falls. */
	if (span_is(d->verdict, "fell") || span_is(d->verdict, "gone"))
		return PAST_DONE;
	if (span_is(d->state, "failed") || span_is(d->state, "timeout") ||
	    span_is(d->state, "interrupted") || span_is(d->verdict, "not"))
		return PAST_VAIN;
	if (!span_is(d->state, "done"))
		return span_is(d->state, "intent") ||
		    span_is(d->state, "started") ? PAST_PENDING : PAST_NEVER;
	if (d->verdict.n == 0 && d->until == WHEN_NEVER)
		return span_is(d->action, "drain") ||
		    span_is(d->action, "undrain") ? PAST_DONE : PAST_VAIN;
	if (d->until != WHEN_NEVER && now < d->until)
		return PAST_PENDING;
	if (s->leak_start != WHEN_NEVER && s->leak_start > d->at)
		return PAST_DONE;
	return s->leak_end == WHEN_NEVER || s->leak_end > d->at ? PAST_VAIN :
	    PAST_PENDING;
}

/*
 * The last word on one action: an earlier attempt on another process that is
 * gone since says nothing of this one, unless this is its successor.
 */
static bool
about(const struct deed *d, const struct suspect *s)
{
	if (!past_same_leak(d, s))
		return false;
	return d->pid.n == 0 || s->pid.n == 0 ||
	    (span_eq(d->pid, s->pid) && span_eq(d->start, s->start)) ||
	    s->leak_start == WHEN_NEVER || s->leak_start <= d->at;
}

enum past
past_action(const struct deeds *deeds, const struct suspect *s,
    struct span action, struct span target, int64_t now,
    const struct deed **last)
{
	size_t n;
	const struct deed *d = deeds_of(deeds, s->node, &n);
	enum past p = PAST_NEVER;

	*last = NULL;
	for (size_t i = 0; i < n; i++) {
		if (d[i].at < now - MEMORY)
			continue;
		if (span_is(d[i].action, "stop") &&
		    past_same_leak(&d[i], s)) {
			p = PAST_NEVER;	/* the leak ended: begin anew */
			*last = NULL;
		}
		if (span_is(d[i].action, "undrain") &&
		    span_is(action, "drain")) {
			p = PAST_NEVER;
			*last = NULL;
		}
		if (!about(&d[i], s) ||
		    !span_eq(d[i].action, action) ||
		    (target.n > 0 && !span_eq(d[i].target, target)))
			continue;
		p = past_deed(&d[i], s, now);
		*last = &d[i];
	}
	return p;
}

const struct deed *
past_latest(const struct deeds *deeds, const struct suspect *s,
    struct span target)
{
	size_t n;
	const struct deed *d = deeds_of(deeds, s->node, &n);
	const struct deed *last = NULL;

	for (size_t i = 0; i < n; i++)
		if (!span_is(d[i].action, "stop") && (span_eq(d[i].target,
		    target) || about(&d[i], s)))
			last = &d[i];
	return last;
}

bool
past_ended(const struct deeds *deeds, const struct suspect *s)
{
	int64_t start;
	size_t n;
	const struct deed *d = deeds_of(deeds, s->node, &n);

	for (size_t i = 0; i < n; i++) {
		const bool freed = span_is(d[i].verdict, "fell") ||
		    span_is(d[i].verdict, "gone");

		if (freed && span_is(d[i].action, "restart") &&
		    s->pid.n > 0 && span_eq(d[i].pid, s->pid) &&
		    span_eq(d[i].start, s->start) &&
		    span_eq(d[i].leak, s->component))
			return true;
		if (freed && (span_is(d[i].action, "reboot") ||
		    span_is(d[i].action, "soft-reboot")) && s->pid.n > 0 &&
		    when_parse(s->start, &start) == NULL && start < d[i].at)
			return true;
	}
	return false;
}
