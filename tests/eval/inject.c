/*
 * inject - leaks in telemetry in which there are none, and the truth about
 * them.
 *
 *	inject SEED CHANCE TRUTH TELEMETRY >telemetry
 *
 * Each component leaks with that chance, on a share of its nodes, at least one,
 * from a random time on, by the models of ../fleet/models.h.  A process's base
 * is the median of its samples; a restart begins its leak anew.  The rows are
 * ordered by process, not by time.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "../fleet/draw.h"
#include "../fleet/models.h"
#include "base/when.h"
#include "stat/robust.h"
#include "telemetry.h"

enum { DAY = 24 };

struct injection {
	struct fleet fleet;
	FILE *truth;
	uint64_t random;
	double hours;		/* of the record */
};

/* What is asked of one process, and what came of it. */
struct victim {
	const struct instance *instance;
	const struct leak *leak;
	double base;
	int64_t from;			/* when it begins to leak */
	struct loss loss;
	int64_t tenth;			/* when a tenth of the base was lost */
};

static double
median_usage(const struct instance *it)
{
	double *v = mem_new(it->sample.n + 1, sizeof(*v)), m;

	for (size_t i = 0; i < it->sample.n; i++)
		v[i] = it->sample.v[i].usage;
	m = robust_median(v, it->sample.n);
	free(v);
	return m;
}

/* Bytes lost at ts: the models step by the hour, a steady leak does not. */
static double
lost(struct victim *v, int64_t ts, uint64_t *random)
{
	const double due = v->leak->rate * v->base / DAY;
	double hours = (double)(ts - v->from) / (double)WHEN_HOUR, rest;

	if (ts < v->from)
		return 0;
	while (v->loss.hours + 1 <= hours)
		leak_next(&v->loss, v->leak, due, random);
	rest = v->leak->kind == LEAK_STEADY ? hours - v->loss.hours : 0;
	return v->loss.bytes + rest * due;
}

static void
name(FILE *f, const struct instance *it)
{
	static const int order[] = { FLEET_COMPONENT, FLEET_NODE, FLEET_PID };

	for (int i = 0; i < 3; i++) {
		struct span s = it->name[order[i]];

		fprintf(f, "%s%.*s", i > 0 ? "\t" : "", (int)s.n, s.s);
	}
	if (it->start != WHEN_NEVER)
		fprintf(f, "\t%lld", (long long)(it->start / WHEN_SECOND));
	else
		fputc('\t', f);
}

static void
row(const struct instance *it, int64_t ts, double usage)
{
	name(stdout, it);
	printf("\t%lld\t%.0f\n", (long long)(ts / WHEN_SECOND), usage);
}

static void
tell(const struct injection *in, const struct victim *v, double leaked)
{
	int64_t end = v->instance->sample.v[v->instance->sample.n - 1].ts;

	if (leaked <= 0)
		return;
	name(in->truth, v->instance);
	fprintf(in->truth, "\t%lld\t%lld\t%.0f\t%.4f\t%.1f\t%s\t%.3f\t%lld\n",
	    (long long)(v->from / WHEN_SECOND), (long long)(end / WHEN_SECOND),
	    leaked, leaked / v->base, (double)(end - v->from) / WHEN_HOUR,
	    leak_names[v->leak->kind], v->leak->rate,
	    (long long)(v->tenth / WHEN_SECOND));
}

/* A process as it is, with its leak on top if it has one. */
static void
write_process(struct injection *in, const struct instance *it,
    const struct leak *leak)
{
	struct victim v = { .instance = it, .leak = leak };
	double leaked = 0;

	v.base = leak != NULL ? median_usage(it) : 0;
	if (leak != NULL) {
		v.from = in->fleet.first + (int64_t)((leak->at + draw_uniform(
		    &in->random, 0, leak->spread)) * (double)WHEN_HOUR);
		if (v.from < it->sample.v[0].ts)
			v.from = it->sample.v[0].ts;
	}
	for (size_t i = 0; i < it->sample.n; i++) {
		const struct sample *s = &it->sample.v[i];

		if (v.base > 0)
			leaked = lost(&v, s->ts, &in->random);
		if (v.tenth == 0 && leaked > 0 && leaked >= 0.1 * v.base)
			v.tenth = s->ts;
		row(it, s->ts, s->usage + leaked);
	}
	tell(in, &v, leaked);
}

/* The instances [from, to) of one component; those of a node share its fate. */
static void
write_component(struct injection *in, size_t from, size_t to, bool leaks)
{
	struct leak leak;
	bool here = true;

	leak_draw(&leak, in->hours, &in->random);
	for (size_t i = from; i < to; i++) {
		const struct instance *it = &in->fleet.instance.v[i];

		if (i > from && !span_eq(it->name[FLEET_NODE],
		    it[-1].name[FLEET_NODE]))
			here = draw_chance(&in->random, leak.share);
		write_process(in, it, leaks && here ? &leak : NULL);
	}
}

int
main(int argc, char **argv)
{
	struct injection in = { 0 };
	double p;

	if (argc != 5)
		errx(2, "usage: inject SEED CHANCE TRUTH TELEMETRY");
	in.random = strtoull(argv[1], NULL, 10) * 2 + 1;
	p = strtod(argv[2], NULL);
	if ((in.truth = fopen(argv[3], "w")) == NULL)
		err(2, "%s", argv[3]);
	telemetry_load(&in.fleet, argv[4]);
	in.hours = (double)(in.fleet.last - in.fleet.first) / (double)WHEN_HOUR;
	fputs("component\tnode\tpid\tstart\tleak_start\tleak_end\tleaked\t"
	    "share\thours\tkind\trate\ttenth\n", in.truth);
	puts("component\tnode\tpid\tstart\tts\tusage");
	for (size_t from = 0, to; from < in.fleet.instance.n; from = to) {
		to = telemetry_component(&in.fleet, from);
		write_component(&in, from, to, draw_chance(&in.random, p));
	}
	fleet_free(&in.fleet);
	if (fclose(in.truth) == EOF || fflush(stdout) == EOF)
		err(2, "write");
	return 0;
}
