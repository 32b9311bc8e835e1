/*
 * fleet - telemetry of a made-up fleet, and the truth about its leaks.
 *
 *	fleet SEED SHAPE HOSTS COMPONENTS DAYS TRUTH [COMPONENTS] >telemetry
 *
 * SHAPE 0 is for tuning, 1 for testing: the same phenomena by other formulas
 * and other ranges.  The models are in ../fleet/models.h, their ranges here and
 * in README.md.  One row a process an hour, in the order in which they arrive.
 */
#include <err.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "../fleet/draw.h"
#include "../fleet/models.h"
#include "base/mem.h"
#include "base/vec.h"

static const int64_t EPOCH = 1700438400;	/* a Monday, 00:00 */
enum { HOUR = 3600, DAY = 24 };

struct component {
	struct service service;
	double base, host_sd;		/* bytes; log sd between hosts */
	double coverage;		/* share of hosts */
	int processes;			/* on each of them */
	double step_at, step_hours;	/* a rollout, host after host */
	double restart;			/* an hour */
	bool leaks;
	struct leak leak;
};

struct host {
	double joins;			/* hour; before it there is nothing */
	int down;			/* hours still to be silent */
	int held;			/* its rows arrive in this hour */
};

struct process {
	int component, host, pid;
	int64_t start;
	uint64_t seed;
	struct load load;
	struct loss loss;
	bool leaks;
	double leak_at;
	int64_t tenth;			/* when a tenth of the base was lost */
};

struct row {
	int64_t ts, start;
	int component, host, pid;
	int due;			/* the hour in which it arrives */
	double usage;
};

struct fleet {
	int nhost, ncomponent, hours;
	struct component *component;
	struct host *host;
	VEC(struct process) process;
	VEC(struct row) late;		/* rows on their way */
	FILE *truth;
	int pid;
	uint64_t random, random_late;
};

/* What it does by itself. */
static void
make_service(struct service *v, uint64_t *s)
{
	bool test = v->shape == SHAPE_TEST;

	v->noise = draw_log_uniform(s, 0.003, test ? 0.05 : 0.04);
	v->phi = draw_uniform(s, 0.3, 0.95);
	v->daily = draw_chance(s, 0.6) ? draw_uniform(s, 0.02, 0.25) : 0;
	v->weekly = draw_chance(s, 0.4) ? draw_uniform(s, 0.02, 0.15) : 0;
	v->phase = draw_uniform(s, 0, 24);
}

static void
make_events(struct component *c, uint64_t *s, double hours)
{
	struct service *v = &c->service;
	bool test = v->shape == SHAPE_TEST;

	c->restart = 1 / draw_log_uniform(s, 120, 2000);
	if (draw_chance(s, 0.35)) {
		v->warm = draw_uniform(s, 0.2, 0.7);
		v->warm_hours = draw_log_uniform(s, 2, test ? 30 : 24);
	}
	if (draw_chance(s, 0.3)) {
		v->saw = draw_uniform(s, 0.05, 0.5);
		v->saw_hours = draw_log_uniform(s, 3, test ? 60 : 40);
	}
	if (draw_chance(s, 0.3)) {
		v->burst = 1 / draw_log_uniform(s, 40, 400);
		v->burst_size = draw_log_uniform(s, 0.2, 2);
	}
	if (draw_chance(s, 0.35)) {
		v->step = draw_uniform(s, -0.25, 0.45);
		c->step_at = draw_uniform(s, 0, hours);
		c->step_hours = draw_log_uniform(s, 2, 120);
	}
	if (draw_chance(s, 0.3))
		v->demand = draw_uniform(s, 0.001, test ? 0.012 : 0.01);
}

static void
make_component(struct component *c, enum shape shape, uint64_t *s,
    double hours)
{
	*c = (struct component){ .service.shape = shape };
	c->base = draw_log_uniform(s, 4e6, 6e9);
	c->host_sd = draw_uniform(s, 0.02, shape == SHAPE_TEST ? 0.35 : 0.25);
	c->coverage = draw_chance(s, 0.3) ? draw_uniform(s, 0.07, 0.5) : 1;
	c->processes = draw_chance(s, 0.25) ?
	    2 + (int)draw_uniform(s, 0, 3) : 1;
	make_service(&c->service, s);
	make_events(c, s, hours);
}

static void
restart(struct process *p, const struct component *c, int64_t ts, int *pid)
{
	p->pid = (*pid)++;
	p->start = ts;
	p->loss = (struct loss){ 0 };
	p->tenth = 0;
	load_start(&p->load, &c->service, &p->seed);
}

static void
make_process(struct process *p, const struct component *c, int host,
    uint64_t *s, double leak_host)
{
	p->host = host;
	p->seed = draw_bits(s);
	p->load.base = c->base * exp(c->host_sd * draw_gauss(s));
	p->load.swing = draw_uniform(s, 0.6, 1.4);
	p->load.step_at = c->step_at + draw_uniform(s, 0, c->step_hours);
	p->leaks = c->leaks && leak_host < c->leak.share;
	p->leak_at = c->leak.at + (c->leak.spread > 0 ?
	    draw_uniform(s, 0, c->leak.spread) : 0);
}

/* The processes of a component on one host, where it is. */
static void
make_host(struct fleet *f, int component, int host)
{
	const struct component *c = &f->component[component];
	uint64_t *s = &f->random;
	double place = draw_uniform(s, 0, 1);
	bool here = draw_chance(s, c->coverage) || host == 0;

	if (host == 0 && c->leaks)	/* one host at least */
		place = 0;
	for (int k = 0; here && k < c->processes; k++) {
		struct process p = { .component = component };

		make_process(&p, c, host, s, place);
		restart(&p, c, EPOCH - HOUR * (int64_t)
		    draw_uniform(s, 1, 400), &f->pid);
		p.load.age = (double)(EPOCH - p.start) / HOUR;
		vec_push(&f->process, p);
	}
}

static void
make_fleet(struct fleet *f, enum shape shape)
{
	uint64_t *s = &f->random;
	bool grows = draw_chance(s, 0.4);

	for (int h = 0; h < f->nhost; h++)
		f->host[h].joins = grows && draw_chance(s, 0.3) ?
		    draw_uniform(s, 0, f->hours) : 0;
	for (int i = 0; i < f->ncomponent; i++) {
		struct component *c = &f->component[i];

		make_component(c, shape, s, f->hours);
		if (i % 4 == 1) {
			c->leaks = true;
			leak_draw(&c->leak, f->hours, s);
		}
		for (int h = 0; h < f->nhost; h++)
			make_host(f, i, h);
	}
}

/* An instance ends: what it leaked, if it did. */
static void
tell(const struct fleet *f, const struct process *p, int64_t ts)
{
	const struct component *c = &f->component[p->component];

	if (p->loss.bytes <= 0)
		return;
	fprintf(f->truth, "comp-%02d\thost-%03d\t%d\t%lld\t%lld\t%lld\t%.0f\t"
	    "%.4f\t%.1f\t%s\t%.3f\t%lld\n", p->component, p->host, p->pid,
	    (long long)p->start,
	    (long long)(ts - (int64_t)(p->loss.hours * HOUR)), (long long)ts,
	    p->loss.bytes, p->loss.bytes / p->load.base, p->loss.hours,
	    leak_names[c->leak.kind], c->leak.rate, (long long)p->tenth);
}

static void
put(const struct row *r)
{
	printf("%lld\tcomp-%02d\thost-%03d\t%d\t%lld\t%.0f\n",
	    (long long)r->ts, r->component, r->host, r->pid,
	    (long long)r->start, r->usage);
}

/* A row goes out at once, unless it or its host is behind. */
static void
send(struct fleet *f, const struct process *p, int hour, double usage)
{
	struct row r = { EPOCH + (int64_t)hour * HOUR, p->start, p->component,
		p->host, p->pid, f->host[p->host].held, usage };

	if (r.due <= hour && draw_chance(&f->random_late, 0.002))
		r.due = hour + 1;
	if (r.due > hour)
		vec_push(&f->late, r);
	else
		put(&r);
}

/* Those that have come by that hour, in the order in which they were sent. */
static void
arrive(struct fleet *f, int hour)
{
	size_t left = 0;

	for (size_t i = 0; i < f->late.n; i++)
		if (f->late.v[i].due <= hour)
			put(&f->late.v[i]);
		else
			f->late.v[left++] = f->late.v[i];
	f->late.n = left;
}

/* A restart: its own, its host's, a new version, or no memory left. */
static bool
ends(struct process *p, const struct component *c, const struct host *h,
    int hour)
{
	return h->down > 0 || (h->joins > 0 && hour < h->joins + 1) ||
	    draw_chance(&p->seed, c->restart) ||
	    p->loss.bytes > 8 * p->load.base || (c->step_hours > 0 &&
	    hour >= p->load.step_at && hour < p->load.step_at + 1);
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
	if (ends(p, c, h, hour)) {
		tell(f, p, ts);
		restart(p, c, ts, &f->pid);
		if (h->down > 0)
			return;
	}
	p->load.age++;
	if (p->leaks && hour >= p->leak_at)
		leak_next(&p->loss, &c->leak,
		    c->leak.rate * p->load.base / DAY, &p->seed);
	if (p->tenth == 0 && p->loss.bytes >= 0.1 * p->load.base)
		p->tenth = ts;
	u = load_next(&p->load, &c->service, hour, &p->seed) + p->loss.bytes;
	if (collected && !draw_chance(&p->seed, 0.004))
		send(f, p, hour, u);
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
		const struct service *v = &c->service;

		fprintf(out, "comp-%02d\t%.0f\t%.2f\t%d\t%.3f\t%.2f\t%.2f\t"
		    "%.2f\t%.2f\t%.1f\t%.2f\t%.1f\t%.2f\t%.2f\t%.0f\t%.0f\t"
		    "%.3f\t%s\t%.3f\t%.3f\t%.0f\t%.0f\n", i, c->base,
		    c->host_sd, c->processes, v->noise, v->phi, v->daily,
		    v->weekly, v->warm, v->warm_hours, v->saw, v->saw_hours,
		    v->burst > 0 ? v->burst_size : 0, v->step, c->step_at,
		    c->step_hours, v->demand,
		    c->leaks ? leak_names[c->leak.kind] : "-", c->leak.share,
		    c->leak.rate, c->leak.at, c->leak.spread);
	}
	if (fclose(out) == EOF)
		err(2, "%s", path);
}

/* Reboots, outages, and the times when a host cannot send. */
static void
step_hosts(struct fleet *f, int hour)
{
	for (int h = 0; h < f->nhost; h++) {
		struct host *host = &f->host[h];

		if (host->down > 0)
			host->down--;
		else if (draw_chance(&f->random, 1.0 / 900))
			host->down = draw_chance(&f->random, 0.7) ? 1 :
			    2 + (int)draw_uniform(&f->random, 0, 12);
		if (host->held < hour &&
		    draw_chance(&f->random_late, 1.0 / 300))
			host->held = hour +
			    (int)draw_uniform(&f->random_late, 1, 7);
	}
}

static void
simulate(struct fleet *f)
{
	int gap = 0;

	for (int hour = 0; hour < f->hours; hour++) {
		if (gap > 0)
			gap--;
		else if (draw_chance(&f->random, 1.0 / 200))
			gap = 1 + (int)draw_uniform(&f->random, 0, 4);
		step_hosts(f, hour);
		for (size_t i = 0; i < f->process.n; i++)
			run(f, &f->process.v[i], hour, gap == 0);
		arrive(f, hour);
	}
	arrive(f, INT32_MAX);
	for (size_t i = 0; i < f->process.n; i++)
		tell(f, &f->process.v[i], EPOCH + (int64_t)f->hours * HOUR);
}

int
main(int argc, char **argv)
{
	struct fleet f = { .pid = 1000 };

	if (argc < 7 || argc > 8)
		errx(2, "usage: fleet SEED SHAPE HOSTS COMPONENTS DAYS TRUTH "
		    "[COMPONENTS]");
	f.random = strtoull(argv[1], NULL, 10) * 2 + 1;
	f.random_late = ~f.random;
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
	make_fleet(&f, atoi(argv[2]) == 1 ? SHAPE_TEST : SHAPE_TUNE);
	if (argc == 8)
		tell_components(&f, argv[7]);
	simulate(&f);
	vec_free(&f.process);
	vec_free(&f.late);
	free(f.component);
	free(f.host);
	if (fclose(f.truth) == EOF || fflush(stdout) == EOF)
		err(2, "write");
	return 0;
}
