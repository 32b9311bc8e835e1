/*
 * calls - one incident of microservices: some services are changed at about
 * the same time, one of the changes is bad, and the calls between them fail as
 * the fault makes them, all the way up.
 *
 *	calls SEED DIRECTORY
 *
 * Writes into DIRECTORY changes.tsv and calls.tsv as gandalf-blame --calls
 * reads them, and truth.tsv: the component to blame, the kind of its fault, how
 * many changes there were, and whom two simpler judges would blame: the service
 * that fails most after the change, and the newest change.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "create.h"
#include "draw.h"

enum { SERVICES = 24, PODS = 8, CHANGES = 6, MINUTES = 140, T0 = 1700000040 };

enum kind {
	ERRORS,		/* new pods fail requests */
	ONE_CALLER,	/* only those of one caller */
	OUTGOING,	/* calls that new pods make fail */
	SILENT,		/* new pods cease to answer */
	SLOW,		/* they take longer */
	SHARED,		/* old pods fail too: something they share is broken */
	KINDS
};
static const char *const kind_name[KINDS] = { "errors", "one-caller",
	"outgoing", "silent", "slow", "shared" };
static const double kind_share[KINDS] = { 0.42, 0.15, 0.15, 0.1, 0.1, 0.08 };

struct service {
	int pods, fresh;	/* the last `fresh` pods are new */
	int changed;		/* minute; -1: not */
	double rate;		/* requests a minute */
	double thin;		/* of its share that a new pod is given */
	double base, latency;	/* failures; seconds */
	double restart;		/* failures of new pods as they begin */
	int restarting;		/* minutes */
};

struct edge {			/* of [caller][callee] */
	double calls;		/* made for one request; 0: none */
	double absorbed;	/* of failures, by retries */
	double base;
};

/* A service's own failures for some minutes, of old and new pods alike. */
struct outage {
	int service, from, to;
	double failing;
};

static struct service service[SERVICES];
static struct edge edge[SERVICES][SERVICES];
static struct outage outage[4];
static int services, outages, before, after, changes, change[CHANGES];

static struct {			/* the bad change's fault */
	enum kind kind;
	int service, other;	/* caller or callee concerned */
	int from, period, on;	/* minutes; `on` of every `period` */
	double size;
} fault;

static struct {			/* how the incident was recorded */
	double missing, empty;
	int digits;		/* of success */
	bool requests, latency, callers, all, names;
} style;

/* Failure rates of the minute, by service and pod. */
static double failing[SERVICES][PODS];
static double reach[SERVICES][PODS][SERVICES];	/* of a pod's calls */

static void
build_graph(void)
{
	services = 6 + below(SERVICES - 5);
	for (int s = 0; s < services; s++) {
		struct service *v = &service[s];

		v->pods = 2 + below(PODS - 1);
		v->base = chance(0.1) ? between(0.005, 0.05) :
		    magnitude(1e-6, 3e-3);
		v->latency = magnitude(0.002, 0.5);
		v->changed = -1;
		v->thin = 1;
		for (int k = 1 + below(2); s > 0 && k > 0; k--)
			edge[chance(0.5) ? below(s) : s - 1 - below(s < 3 ? s :
			    3)][s] = (struct edge){ magnitude(0.3, 3),
			    chance(0.6) ? 0 : between(0, 0.8),
			    magnitude(1e-7, 1e-3) };
	}
	service[0].rate = magnitude(100, 20000);
	for (int s = 0; s < services; s++)
		for (int t = s + 1; t < services; t++)
			service[t].rate += service[s].rate * edge[s][t].calls;
}

static bool
adjacent(int s)
{
	for (int i = 0; i < changes; i++)
		if (edge[s][change[i]].calls > 0 ||
		    edge[change[i]][s].calls > 0)
			return true;
	return false;
}

static void
plan_changes(void)
{
	int wanted = 1 + below(CHANGES);
	bool near = chance(0.6), together = chance(0.5);

	before = 10 + below(51);
	after = 5 + below(56);
	for (int tries = 0; changes < wanted && tries < 200; tries++) {
		int s = below(services);
		struct service *v = &service[s];

		if (v->changed >= 0 || (near && changes > 0 && tries < 100 &&
		    !adjacent(s)))
			continue;
		v->changed = before + (together ? 0 : below(11));
		v->fresh = chance(0.12) ? v->pods :
					  1 + below((v->pods + 1) / 2);
		v->thin = chance(0.2) ? magnitude(0.02, 0.3) : 1;
		v->restart = chance(0.4) ? between(0.02, 0.5) : 0;
		v->restarting = 1 + below(2);
		change[changes++] = s;
	}
	after += 11;
	if (before + after > MINUTES)
		after = MINUTES - before;
}

/* A random service at the other end; -1: there is none. */
static int
neighbour(int s, bool callee)
{
	for (int tries = 0; tries < 200; tries++) {
		int t = below(services);

		if ((callee ? edge[s][t] : edge[t][s]).calls > 0)
			return t;
	}
	return -1;
}

static void
plan_fault(void)
{
	double u = uniform();

	fault.service = change[below(changes)];
	while (fault.kind < SHARED && u >= kind_share[fault.kind])
		u -= kind_share[fault.kind++];
	fault.size = magnitude(0.01, 1);
	fault.from = service[fault.service].changed +
	    (chance(0.6) ? 0 : 1 + below(8));
	fault.period = fault.on = 1;
	if (chance(0.2)) {
		fault.period = 3 + below(6);
		fault.on = 1 + below(fault.period / 2);
	}
	fault.other = neighbour(fault.service, fault.kind == OUTGOING);
	if (fault.other == -1 && (fault.kind == ONE_CALLER ||
	    fault.kind == OUTGOING))
		fault.kind = ERRORS;
}

static void
plan_rest(void)
{
	for (; chance(0.15) && outages < 4; outages++) {
		int s = below(services), from = below(before + after);

		/* A change that had nothing to do with it may be at fault. */
		if (s == fault.service)
			continue;
		outage[outages] = (struct outage){ s, from,
			from + 1 + below(15), magnitude(0.01, 0.5) };
	}
	style.missing = chance(0.4) ? 0 : between(0, 0.3);
	style.empty = chance(0.3) ? between(0, 0.2) : 0;
	style.digits = 3 + below(4);
	style.requests = chance(0.5);
	style.latency = fault.kind == SLOW || chance(0.3);
	style.callers = chance(0.4);
	style.all = chance(0.5);
	style.names = chance(0.4);
}

static bool
is_fresh(int s, int pod)
{
	return pod >= service[s].pods - service[s].fresh;
}

static bool
at_fault(int minute, int s)
{
	return s == fault.service && minute >= fault.from &&
	    (minute - fault.from) % fault.period < fault.on;
}

/* Of a pod's requests. */
static double
share_of(int s, int pod, int minute)
{
	const struct service *v = &service[s];
	double thin = minute >= v->changed ? v->thin : 1;

	if (v->changed < 0 || v->fresh == v->pods)
		thin = 1;
	return (is_fresh(s, pod) ? thin : 1) /
	    (v->pods - v->fresh + v->fresh * thin);
}

static double
either(double a, double b)
{
	return 1 - (1 - a) * (1 - b);
}

static double
own_failures(int s, int pod, int minute)
{
	const struct service *v = &service[s];
	double p = v->base;
	bool new = v->changed >= 0 && is_fresh(s, pod);

	if (new && minute >= v->changed && minute < v->changed + v->restarting)
		p = either(p, v->restart);
	for (int i = 0; i < outages; i++)
		if (outage[i].service == s && minute >= outage[i].from &&
		    minute < outage[i].to)
			p = either(p, outage[i].failing);
	if (at_fault(minute, s) && (fault.kind == SHARED ||
	    (new && fault.kind == ERRORS)))
		p = either(p, fault.size);
	if (at_fault(minute, s) && new && (fault.kind == SILENT ||
	    fault.kind == SLOW))
		p = either(p, fault.size * 0.02);
	return chance(0.002) ? either(p, between(0.02, 0.8)) : p;
}

/* What `caller` sees of a pod, beyond the pod's failures for everybody. */
static double
callers_failures(int caller, int s, int pod, int minute)
{
	double p = caller < 0 ? 1e-6 : edge[caller][s].base;

	if (fault.kind == ONE_CALLER && caller == fault.other &&
	    at_fault(minute, s) && is_fresh(s, pod))
		p = either(p, fault.size);
	return p;
}

static double
calls_of(int s, int pod, int t, int minute)
{
	double sum = 0;

	for (int q = 0; q < service[t].pods; q++)
		sum += share_of(t, q, minute) * either(failing[t][q],
		    callers_failures(s, t, q, minute));
	if (fault.kind == OUTGOING && t == fault.other &&
	    at_fault(minute, s) && is_fresh(s, pod))
		sum = either(sum, fault.size);
	return sum;
}

/* Callees have the greater numbers. */
static void
spread_failures(int minute)
{
	for (int s = services; s-- > 0;)
		for (int pod = 0; pod < service[s].pods; pod++) {
			double well = 1 - own_failures(s, pod, minute);

			for (int t = s + 1; t < services; t++)
				if (edge[s][t].calls > 0) {
					reach[s][pod][t] = calls_of(s, pod, t,
					    minute);
					well *= pow(1 - reach[s][pod][t] *
					    (1 - edge[s][t].absorbed),
					    edge[s][t].calls);
				}
			failing[s][pod] = 1 - well;
		}
}

/* How many of n fail. */
static double
binomial(double n, double p)
{
	double k = 0, at;

	if (n * p > 50) {
		double u = sqrt(-2 * log(1 - uniform())) *
		    cos(2 * 3.14159265358979 * uniform());

		k = floor(n * p + u * sqrt(n * p * (1 - p)) + 0.5);
		return k < 0 ? 0 : k > n ? n : k;
	}
	for (at = waiting(1); p > 0 && at < -n * log1p(-p); at += waiting(1))
		k++;
	return k < n ? k : n;
}

static double sum_failed[SERVICES][2], sum_calls[SERVICES][2];

static void
write_row(FILE *f, int minute, int caller, int s, int owner, int pod,
    double rate, double p)
{
	const struct service *v = &service[owner];
	double n = floor(rate * between(0.8, 1.2) + uniform()), bad;
	double slow = fault.kind == SLOW && at_fault(minute, owner) &&
	    is_fresh(owner, pod) ? 1.5 + 8 * fault.size : 1;
	bool fresh = v->changed >= 0 && is_fresh(owner, pod);
	bool silent = fault.kind == SILENT && fresh && owner == s &&
	    at_fault(minute, owner) && chance(fmax(fault.size, 0.4));

	bad = binomial(n, p);
	if (owner == s) {
		sum_failed[s][minute >= before] += bad;
		sum_calls[s][minute >= before] += n;
	}
	if (n < 1 || silent || chance(style.missing))
		return;
	fprintf(f, "%d\t", T0 + 60 * minute);
	if (caller >= 0)
		fprintf(f, "s%02d\t", caller);
	else
		fputs("user\t", f);
	fprintf(f, "s%02d\ts%02d-%d\t%s\t", s, owner, pod,
	    style.names ? fresh ? "new" : "old" : fresh ? "v8" : "v7");
	if (!chance(style.empty))
		fprintf(f, "%.*f", style.digits, 1 - bad / n);
	if (style.requests)
		fprintf(f, "\t%.0f", n);
	if (style.latency)
		fprintf(f, "\t%.4f", v->latency * slow * between(0.8, 1.25));
	putc('\n', f);
}

static void
write_edge(FILE *f, int minute, int caller, int s)
{
	double rate = caller < 0 ? service[0].rate :
	    service[caller].rate * edge[caller][s].calls;
	const struct service *c = &service[caller < 0 ? 0 : caller];
	bool sides = caller >= 0 && style.callers && c->changed >= 0;

	if (!style.all && service[s].changed < 0 &&
	    (caller < 0 || c->changed < 0))
		return;
	for (int q = 0; q < service[s].pods; q++) {
		double p = callers_failures(caller, s, q, minute);

		p = either(p, failing[s][q]);
		if (fault.kind == OUTGOING && caller == fault.service &&
		    s == fault.other && at_fault(minute, caller))
			for (int k = 0; k < c->pods; k++)
				if (is_fresh(caller, k))
					p += (1 - p) * fault.size *
					    share_of(caller, k, minute);
		write_row(f, minute, caller, s, s, q,
		    rate * share_of(s, q, minute), p);
	}
	for (int k = 0; sides && k < c->pods; k++)
		write_row(f, minute, caller, s, caller, k,
		    rate * share_of(caller, k, minute), reach[caller][k][s]);
}

static void
write_calls(const char *dir)
{
	FILE *f = create(dir, "calls.tsv");

	fprintf(f, "ts\tcaller\tcallee\tpod\tversion\tsuccess%s%s\n",
	    style.requests ? "\trequests" : "",
	    style.latency ? "\tlatency" : "");
	for (int m = 0; m < before + after; m++) {
		spread_failures(m);
		write_edge(f, m, -1, 0);
		for (int s = 0; s < services; s++)
			for (int t = s + 1; t < services; t++)
				if (edge[s][t].calls > 0)
					write_edge(f, m, s, t);
	}
	fclose(f);
}

static void
write_truth(const char *dir)
{
	FILE *f = create(dir, "changes.tsv");
	int worst = change[0], newest = change[0];
	double most = -1, fell;

	fputs("ts\tcomponent\tversion\n", f);
	for (int i = 0; i < changes; i++) {
		int s = change[i];

		fprintf(f, "%d\ts%02d\t%s\n", T0 + 60 * service[s].changed, s,
		    style.names ? "new" : "v8");
		fell = sum_failed[s][1] / fmax(sum_calls[s][1], 1) -
		    sum_failed[s][0] / fmax(sum_calls[s][0], 1);
		if (fell > most) {
			most = fell;
			worst = s;
		}
		if (service[s].changed > service[newest].changed)
			newest = s;
	}
	fclose(f);
	f = create(dir, "truth.tsv");
	fprintf(f, "s%02d\t%s\t%d\ts%02d\ts%02d\n", fault.service,
	    kind_name[fault.kind], changes, worst, newest);
	fclose(f);
}

int
main(int argc, char *argv[])
{
	if (argc != 3)
		errx(2, "usage: calls SEED DIRECTORY");
	draw_seed(strtoull(argv[1], NULL, 10));
	build_graph();
	plan_changes();
	plan_fault();
	plan_rest();
	write_calls(argv[2]);
	write_truth(argv[2]);
	return 0;
}
