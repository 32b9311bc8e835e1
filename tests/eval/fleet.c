/*
 * fleet - telemetry of a made-up fleet, and the truth about its leaks.
 *
 *	fleet SEED SHAPE HOSTS COMPONENTS DAYS TRUTH [COMPONENTS] >telemetry
 *
 * SHAPE 0 is for tuning, 1 for testing: the same phenomena by other formulas
 * and other ranges, so that a detector fitted to one has not seen the other.
 * The models stand in README.md beside this file.  One row a process an hour.
 */
#include <err.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/vec.h"

static const double PI = 3.14159265358979323846;
static const int64_t EPOCH = 1700438400;	/* a Monday, 00:00 */
enum { HOUR = 3600, DAY = 24 };

/* splitmix64 (Steele, Lea and Flood 2014): one stream for each process. */
static uint64_t
next(uint64_t *s)
{
	uint64_t z = (*s += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static double
uniform(uint64_t *s, double low, double high)
{
	return low + (high - low) * (double)(next(s) >> 11) * 0x1p-53;
}

static double
log_uniform(uint64_t *s, double low, double high)
{
	return exp(uniform(s, log(low), log(high)));
}

static bool
chance(uint64_t *s, double p)
{
	return uniform(s, 0, 1) < p;
}

static double
gauss(uint64_t *s)
{
	double u = uniform(s, 1e-12, 1), v = uniform(s, 0, 1);

	return sqrt(-2 * log(u)) * cos(2 * PI * v);
}

enum kind { STEADY, STAIR, SPIKE };
static const char *const kind_name[] = { "steady", "stair", "spike" };

struct component {
	double base, host_sd;		/* bytes; log sd between hosts */
	double coverage;		/* share of hosts */
	int processes;
	double noise, phi;		/* AR(1): sd of the level, correlation */
	double daily, weekly, phase;	/* amplitudes; hours */
	double warm, warm_hours;	/* share still to fill at start */
	double saw, saw_hours;		/* height, period */
	double burst, burst_size;	/* starts an hour, height */
	double step, step_at, step_hours;	/* a rollout, host after host */
	double demand;			/* growth a day */
	double restart;			/* an hour */
	bool leaks;
	enum kind kind;
	double share, rate, at, spread;	/* of hosts, of base a day, hours */
	double every;			/* hours between steps or jumps */
};

struct host {
	double joins;			/* hour; before it there is nothing */
	int down;			/* hours still to be silent */
};

struct process {
	int component, host, pid;
	int64_t start;
	uint64_t seed;
	double base, swing, noise, rest;	/* rest: random part of shape 1 */
	double saw_at, burst, burst_left, step_at;
	bool leaks;
	double leak_at, leaked, next_jump, leak_hours, last_jump;
	double age;
	int64_t tenth;			/* when a tenth of the base was lost */
};

static int shape;

static void
make_component(struct component *c, uint64_t *s, double hours)
{
	*c = (struct component){
		.base = log_uniform(s, 4e6, 6e9),
		.host_sd = uniform(s, 0.02, shape ? 0.35 : 0.25),
		.coverage = chance(s, 0.3) ? uniform(s, 0.07, 0.5) : 1,
		.processes = chance(s, 0.25) ? 2 + (int)uniform(s, 0, 3) : 1,
		.noise = log_uniform(s, 0.003, shape ? 0.05 : 0.04),
		.phi = uniform(s, 0.3, 0.95),
		.daily = chance(s, 0.6) ? uniform(s, 0.02, 0.25) : 0,
		.weekly = chance(s, 0.4) ? uniform(s, 0.02, 0.15) : 0,
		.phase = uniform(s, 0, 24),
		.restart = 1 / log_uniform(s, 120, 2000),
	};
	if (chance(s, 0.35)) {
		c->warm = uniform(s, 0.2, 0.7);
		c->warm_hours = log_uniform(s, 2, shape ? 30 : 24);
	}
	if (chance(s, 0.3)) {
		c->saw = uniform(s, 0.05, 0.5);
		c->saw_hours = log_uniform(s, 3, shape ? 60 : 40);
	}
	if (chance(s, 0.3)) {
		c->burst = 1 / log_uniform(s, 40, 400);
		c->burst_size = log_uniform(s, 0.2, 2);
	}
	if (chance(s, 0.35)) {
		c->step = uniform(s, -0.25, 0.45);
		c->step_at = uniform(s, 0, hours);
		c->step_hours = log_uniform(s, 2, 120);
	}
	if (chance(s, 0.3))
		c->demand = uniform(s, 0.001, shape ? 0.012 : 0.01);
}

static void
make_leak(struct component *c, uint64_t *s, double hours)
{
	c->leaks = true;
	c->kind = chance(s, 0.6) ? STEADY : chance(s, 0.5) ? STAIR : SPIKE;
	c->share = log_uniform(s, 0.02, 0.8);
	c->rate = log_uniform(s, 0.05, 1);
	c->at = uniform(s, -24, hours - 24);
	c->spread = chance(s, 0.5) ? uniform(s, 1, 72) : 0;
	c->every = c->kind == STAIR ? uniform(s, 4, 20) : uniform(s, 8, 36);
}

/* The load, about 0, of amplitude 1. */
static double
daily(double hour)
{
	double x = hour * 2 * PI / DAY;

	return shape ? 0.75 * sin(x) + 0.35 * sin(2 * x + 1) : sin(x);
}

static double
weekly(double hour)
{
	double day = fmod(hour / DAY, 7);

	if (shape)
		return cos(2 * PI * (day - 2) / 7);
	return day >= 5 ? -1 : 0.4;
}

static double
filled(const struct component *c, double age)
{
	double x = age / c->warm_hours;

	return 1 - c->warm * (shape ? 1 / (1 + x) / (1 + x) : exp(-x));
}

static double
tooth(const struct component *c, double at)
{
	double x = at / c->saw_hours;

	return c->saw * (shape ? x * x : x);
}

static void
restart(struct process *p, const struct component *c, int64_t ts, int *pid)
{
	p->pid = (*pid)++;
	p->start = ts;
	p->age = p->leaked = p->leak_hours = 0;
	p->tenth = 0;
	p->saw_at = c->saw_hours > 0 ? uniform(&p->seed, 0, c->saw_hours) : 0;
	p->burst_left = 0;
}

static void
make_process(struct process *p, const struct component *c, int ic, int host,
    uint64_t *s, double leak_host)
{
	*p = (struct process){ .component = ic, .host = host,
		.seed = next(s) };
	p->base = c->base * exp(c->host_sd * gauss(s));
	p->swing = uniform(s, 0.6, 1.4);
	p->step_at = c->step_at + uniform(s, 0, c->step_hours);
	p->leaks = c->leaks && leak_host < c->share;
	p->leak_at = c->at + (c->spread > 0 ? uniform(s, 0, c->spread) : 0);
}

/* One hour of a leak: bytes a process has lost grow. */
static void
leak(struct process *p, const struct component *c, double hour)
{
	double an_hour = c->rate * p->base / DAY;

	if (!p->leaks || hour < p->leak_at)
		return;
	if (p->leak_hours <= 0) {
		p->next_jump = c->every;
		p->last_jump = 0;
	}
	p->leak_hours++;
	if (c->kind == STEADY) {
		p->leaked += an_hour;
	} else if (p->leak_hours >= p->next_jump) {
		p->leaked += an_hour * (c->kind == STAIR ?
		    p->leak_hours - p->last_jump :
		    c->every * uniform(&p->seed, 0.5, 1.5));
		p->last_jump = p->leak_hours;
		p->next_jump = p->leak_hours + (c->kind == STAIR ? c->every :
		    c->every * uniform(&p->seed, 0.4, 1.6));
	}
}

static double
usage(struct process *p, const struct component *c, double hour)
{
	double load = 1 + p->swing * c->daily * daily(hour + c->phase) +
	    c->weekly * weekly(hour);
	double u;

	p->noise = c->phi * p->noise + c->noise * sqrt(1 - c->phi * c->phi) *
	    (shape && chance(&p->seed, 0.02) ? 4 : 1) * gauss(&p->seed);
	if (c->saw > 0 && (p->saw_at += 1) >= c->saw_hours *
	    (shape ? 1 + 0.3 * p->noise / c->noise : 1))
		p->saw_at = 0;
	if (c->burst > 0 && p->burst_left <= 0 && chance(&p->seed, c->burst)) {
		p->burst_left = 1 + floor(uniform(&p->seed, 0, 5));
		p->burst = c->burst_size * uniform(&p->seed, 0.5, 1.5);
	}
	u = load * (1 + p->noise) * (1 + c->demand * hour / DAY);
	if (c->warm > 0)
		u *= filled(c, p->age);
	if (c->saw > 0)
		u += tooth(c, p->saw_at);
	if (p->burst_left-- > 0)
		u += p->burst;
	if (hour >= p->step_at)
		u += c->step;
	return fmax(u, 0.05) * p->base + p->leaked;
}

struct fleet {
	int nhost, ncomponent, hours;
	struct component *component;
	struct host *host;
	VEC(struct process) process;
	FILE *truth;
	int pid;
};

/* An instance ends: what it leaked, if it did. */
static void
tell(struct fleet *f, const struct process *p, int64_t ts)
{
	const struct component *c = &f->component[p->component];

	if (p->leaked <= 0)
		return;
	fprintf(f->truth, "comp-%02d\thost-%03d\t%d\t%lld\t%lld\t%lld\t%.0f\t"
	    "%.4f\t%.1f\t%s\t%.3f\t%lld\n", p->component, p->host, p->pid,
	    (long long)p->start,
	    (long long)(ts - (int64_t)(p->leak_hours * HOUR)), (long long)ts,
	    p->leaked, p->leaked / p->base, p->leak_hours,
	    kind_name[c->kind], c->rate, (long long)p->tenth);
}

static void
make_fleet(struct fleet *f, uint64_t *s)
{
	bool grows = chance(s, 0.4);

	for (int h = 0; h < f->nhost; h++)
		f->host[h].joins = grows && chance(s, 0.3) ?
		    uniform(s, 0, f->hours) : 0;
	for (int i = 0; i < f->ncomponent; i++) {
		struct component *c = &f->component[i];

		make_component(c, s, f->hours);
		if (i % 4 == 1)
			make_leak(c, s, f->hours);
		for (int h = 0; h < f->nhost; h++) {
			double place = uniform(s, 0, 1);
			bool here = chance(s, c->coverage) || h == 0;

			if (h == 0 && c->leaks)	/* one host at least */
				place = 0;
			for (int k = 0; here && k < c->processes; k++) {
				struct process p;

				make_process(&p, c, i, h, s, place);
				restart(&p, c, EPOCH - HOUR * (int64_t)
				    uniform(s, 1, 400), &f->pid);
				p.age = (double)(EPOCH - p.start) / HOUR;
				vec_push(&f->process, p);
			}
		}
	}
}

/* One hour of one process. */
static void
run(struct fleet *f, struct process *p, int hour, bool collected)
{
	const struct component *c = &f->component[p->component];
	const struct host *h = &f->host[p->host];
	int64_t ts = EPOCH + (int64_t)hour * HOUR;
	double u;

	if (hour < h->joins)
		return;
	if (h->down > 0 || (h->joins > 0 && hour < h->joins + 1) || chance(&p->seed, c->restart) ||
	    p->leaked > 8 * p->base || (c->step_hours > 0 &&
	    hour >= p->step_at && hour < p->step_at + 1)) {
		tell(f, p, ts);
		restart(p, c, ts, &f->pid);
		p->age = 0;
		if (h->down > 0)
			return;
	}
	p->age++;
	leak(p, c, hour);
	if (p->tenth == 0 && p->leaked >= 0.1 * p->base)
		p->tenth = ts;
	u = usage(p, c, hour);
	if (collected && !chance(&p->seed, 0.004))
		printf("%lld\tcomp-%02d\thost-%03d\t%d\t%lld\t%.0f\n",
		    (long long)ts, p->component, p->host, p->pid,
		    (long long)p->start, u);
}

/* What each component does, for whoever asks why one was missed. */
static void
tell_components(const struct fleet *f, const char *path)
{
	FILE *out = fopen(path, "w");

	if (out == NULL)
		err(2, "%s", path);
	fputs("component\tbase\thost_sd\tprocesses\tnoise\tphi\tdaily\t"
	    "weekly\twarm\twarm_hours\tsaw\tsaw_hours\tburst\tstep\tstep_at"
	    "\tstep_hours\tdemand\tleak\tshare\trate\tat\tspread\n", out);
	for (int i = 0; i < f->ncomponent; i++) {
		const struct component *c = &f->component[i];

		fprintf(out, "comp-%02d\t%.0f\t%.2f\t%d\t%.3f\t%.2f\t%.2f\t"
		    "%.2f\t%.2f\t%.1f\t%.2f\t%.1f\t%.2f\t%.2f\t%.0f\t%.0f\t"
		    "%.3f\t%s\t%.3f\t%.3f\t%.0f\t%.0f\n", i, c->base,
		    c->host_sd, c->processes, c->noise, c->phi, c->daily,
		    c->weekly, c->warm, c->warm_hours, c->saw, c->saw_hours,
		    c->burst > 0 ? c->burst_size : 0, c->step, c->step_at,
		    c->step_hours, c->demand,
		    c->leaks ? kind_name[c->kind] : "-", c->share, c->rate,
		    c->at, c->spread);
	}
	if (fclose(out) == EOF)
		err(2, "%s", path);
}

static void
simulate(struct fleet *f, uint64_t *s)
{
	int gap = 0;

	for (int hour = 0; hour < f->hours; hour++) {
		if (gap > 0)
			gap--;
		else if (chance(s, 1.0 / 200))
			gap = 1 + (int)uniform(s, 0, 4);
		for (int h = 0; h < f->nhost; h++) {
			if (f->host[h].down > 0)
				f->host[h].down--;
			else if (chance(s, 1.0 / 900))
				f->host[h].down = chance(s, 0.7) ? 1 :
				    2 + (int)uniform(s, 0, 12);
		}
		for (size_t i = 0; i < f->process.n; i++)
			run(f, &f->process.v[i], hour, gap == 0);
	}
	for (size_t i = 0; i < f->process.n; i++)
		tell(f, &f->process.v[i], EPOCH + (int64_t)f->hours * HOUR);
}

int
main(int argc, char **argv)
{
	struct fleet f = { .pid = 1000 };
	uint64_t s;

	if (argc < 7 || argc > 8)
		errx(2, "usage: fleet SEED SHAPE HOSTS COMPONENTS DAYS TRUTH "
		    "[COMPONENTS]");
	s = strtoull(argv[1], NULL, 10) * 2 + 1;
	shape = atoi(argv[2]);
	f.nhost = atoi(argv[3]);
	f.ncomponent = atoi(argv[4]);
	f.hours = atoi(argv[5]) * DAY;
	if ((f.truth = fopen(argv[6], "w")) == NULL)
		err(2, "%s", argv[6]);
	f.component = mem_new((size_t)f.ncomponent, sizeof(*f.component));
	f.host = mem_new((size_t)f.nhost, sizeof(*f.host));
	fputs("component\tnode\tpid\tstart\tleak_start\tleak_end\tleaked\t"
	    "share\thours\tkind\trate\ttenth\n", f.truth);
	puts("ts\tcomponent\tnode\tpid\tstart\tusage");
	make_fleet(&f, &s);
	if (argc == 8)
		tell_components(&f, argv[7]);
	simulate(&f, &s);
	vec_free(&f.process);
	free(f.component);
	free(f.host);
	if (fclose(f.truth) == EOF || fflush(stdout) == EOF)
		err(2, "write");
	return 0;
}
