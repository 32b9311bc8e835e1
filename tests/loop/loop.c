/*
 * loop - a fleet whose nodes run out of memory, and a policy that acts on it.
 *
 *	loop POLICY SEED HOSTS DAYS DIR
 *
 * POLICY is none, static-SIZE (restart what is above SIZE MiB), weekly (restart
 * everything once a week), or resin: then each simulated hour DIR/turn is run,
 * which feeds the telemetry of DIR through the tools themselves; what
 * resin-act executes comes back as lines in DIR/acts.
 *
 * The models and their ranges stand in README.md.  Prints one row of figures.
 */
#include <err.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../fleet/draw.h"
#include "../fleet/models.h"
#include "base/mem.h"

#define EPOCH INT64_C(1700438400)	/* a Monday, 00:00 */
#define MB 1048576.0
#define GB (1024 * MB)

enum {
	COMPONENTS = 14,
	PREROLL = 10,		/* days without leaks and without policy */
	VMS_MAX = 64,
	FAULTS = 1,		/* % of telemetry rows that get lost: 0.5 */
};

struct component {
	struct service service;
	double base;			/* bytes */
	double step_hour;		/* when its rollout begins */
	bool vital;			/* always alive: may not be restarted */
	bool leaks;
	struct leak leak;
	double days; /* until it has eaten the node's slack */
	double due;			/* bytes it then loses an hour */
};

struct process {
	struct load load;
	struct loss loss;
	double scale;		/* of the component's base, on this host */
	double usage;		/* bytes, this hour */
	bool leaky;		/* this host has the leak */
	int born, pid;		/* hour */
};

struct node {
	struct process process[COMPONENTS];
	double vm[VMS_MAX];	/* bytes; 0: none */
	int vm_ends[VMS_MAX];
	int drained_until;	/* hour: no guests before */
	double used;
	bool low;
	int reboots;
};

struct fleet {
	struct component component[COMPONENTS];
	struct node *node;
	int hosts, next_pid;
	double memory,
	    reserve; /* bytes of a node, and set aside for the host */
	uint64_t random;
	const char *dir;
	FILE *telemetry;
	int telemetry_day;
};

struct figures {
	long reboots, errors, placed, actions, needless, drains, resets;
};

/* What it does by itself, in the shape that detectors were tuned on. */
static void
make_service(struct service *v, uint64_t *s)
{
	v->noise = draw_uniform(s, 0.005, 0.06);
	v->phi = draw_uniform(s, 0.3, 0.95);
	v->daily = draw_chance(s, 0.5) ? draw_uniform(s, 0.02, 0.2) : 0;
	v->phase = draw_uniform(s, 0, 24);
	v->warm = draw_chance(s, 0.3) ? draw_uniform(s, 0.2, 0.5) : 0;
	v->warm_hours = draw_log_uniform(s, 4, 72);
	v->saw = draw_chance(s, 0.25) ? draw_uniform(s, 0.1, 0.4) : 0;
	v->saw_hours = draw_log_uniform(s, 3, 40);
	v->burst = draw_chance(s, 0.3) ? draw_uniform(s, 0.002, 0.02) : 0;
	v->burst_size = draw_uniform(s, 0.2, 1);
	v->step = draw_chance(s, 0.2) ? draw_uniform(s, -0.2, 0.4) : 0;
}

static void
make_component(struct component *c, uint64_t *s, int hours)
{
	const int preroll = PREROLL * 24;

	*c = (struct component){ .base = draw_log_uniform(s, 40 * MB, 4 * GB) };
	make_service(&c->service, s);
	c->step_hour = draw_uniform(s, 0.2, 0.9) * hours;
	c->vital = draw_chance(s, 0.15);
	c->leaks = draw_chance(s, 0.25);
	c->leak.kind = (enum leak_kind)(draw_bits(s) % LEAK_KINDS);
	c->leak.share = draw_log_uniform(s, 0.1, 0.8);
	c->leak.at = preroll + (int)draw_uniform(s, 0, 0.4 *
	    (hours - preroll));
	c->leak.every = draw_log_uniform(s, 3, 24);
	c->days = draw_log_uniform(s, 2, 15);
}

static void
start_process(struct fleet *f, struct process *p, const struct component *c,
    int hour)
{
	p->born = hour;
	p->pid = 300 + f->next_pid++ % 4000000;
	p->loss = (struct loss){ 0 };
	load_start(&p->load, &c->service, &f->random);
}

/*
 * The host's own memory is planned with a quarter of slack over what its
 * software needs, and guests get the rest.
 */
static void
make_fleet(struct fleet *f, int hours)
{
	double sum = 0;

	for (int i = 0; i < COMPONENTS; i++) {
		const struct service *v = &f->component[i].service;

		make_component(&f->component[i], &f->random, hours);
		sum += f->component[i].base * (1 + v->warm + v->saw + v->daily);
	}
	f->reserve = 1.25 * sum + 0.5 * GB;
	f->memory = f->reserve + 64 * GB;
	for (int i = 0; i < COMPONENTS; i++)
		f->component[i].due = (f->reserve - sum) /
		    f->component[i].days / 24;
	f->node = mem_new((size_t)f->hosts, sizeof(*f->node));
	for (int h = 0; h < f->hosts; h++)
		for (int i = 0; i < COMPONENTS; i++) {
			struct process *p = &f->node[h].process[i];
			struct component *c = &f->component[i];

			p->scale = exp(0.1 * draw_gauss(&f->random));
			p->leaky = c->leaks &&
			    draw_chance(&f->random, c->leak.share);
			p->load.base = c->base * p->scale;
			p->load.swing = 1;
			p->load.step_at = c->step_hour +
			    draw_uniform(&f->random, 0, 48);
			start_process(f, p, c,
			    (int)draw_uniform(&f->random, -500, 0));
		}
}

static void
live(struct process *p, const struct component *c, int hour, uint64_t *s)
{
	p->load.age = hour - p->born;
	if (p->leaky && hour >= c->leak.at)
		leak_next(&p->loss, &c->leak, c->due * p->scale, s);
	p->usage = load_next(&p->load, &c->service, hour, s) + p->loss.bytes;
}

static double
guests(const struct node *n, int *count)
{
	double sum = 0;

	*count = 0;
	for (int i = 0; i < VMS_MAX; i++) {
		sum += n->vm[i];
		*count += n->vm[i] > 0;
	}
	return sum;
}

static void
no_guests(struct node *n)
{
	for (int i = 0; i < VMS_MAX; i++)
		n->vm[i] = 0;
}

static void
restart_all(struct fleet *f, struct node *n, int hour)
{
	for (int i = 0; i < COMPONENTS; i++)
		start_process(f, &n->process[i], &f->component[i], hour);
}

/*
 * The scheduler knows what it has placed, not what the host uses: it fills
 * nodes up to their memory less the reserve.
 */
static void
place_guests(struct fleet *f, int hour, bool count, struct figures *fig)
{
	uint64_t *s = &f->random;
	const int wanted = f->hosts / 2;

	for (int k = 0; k < wanted; k++) {
		const double size = ldexp(GB, 1 + (int)(draw_bits(s) % 4));
		const int ends = hour + 1 + (int)draw_log_uniform(s, 2, 300);
		struct node *n = NULL;
		int n_guests, slot = 0;

		for (int tries = 0; tries < 8; tries++) {
			n = &f->node[draw_bits(s) % (uint64_t)f->hosts];
			if (hour >= n->drained_until && guests(n, &n_guests) +
			    size <= f->memory - f->reserve &&
			    n_guests < VMS_MAX)
				break;
			n = NULL;
		}
		if (n == NULL)
			continue;	/* the fleet is full: nobody's fault */
		fig->placed += count;
		if (n->used + guests(n, &n_guests) + size > f->memory) {
			fig->errors += count;
			continue;
		}
		while (n->vm[slot] > 0)
			slot++;
		n->vm[slot] = size;
		n->vm_ends[slot] = ends;
	}
}

static void
end_guests(struct node *n, int hour)
{
	for (int i = 0; i < VMS_MAX; i++)
		if (n->vm[i] > 0 && n->vm_ends[i] <= hour)
			n->vm[i] = 0;
}

static void
step_node(struct fleet *f, struct node *n, int hour, bool count,
    struct figures *fig)
{
	int n_guests;

	end_guests(n, hour);
	n->used = 0;
	for (int i = 0; i < COMPONENTS; i++) {
		live(&n->process[i], &f->component[i], hour, &f->random);
		n->used += n->process[i].usage;
	}
	n->low = n->used + guests(n, &n_guests) > 0.97 * f->memory;
	if (n->used + guests(n, &n_guests) <= f->memory)
		return;
	fig->reboots += count;
	no_guests(n);
	restart_all(f, n, hour + 1);
	n->drained_until = hour + 1;
}

static int64_t
when(int hour)
{
	return EPOCH + (int64_t)hour * 3600;
}

/* One file a day: the turn takes the newest ones. */
static void
tell(struct fleet *f, int hour)
{
	char path[4096];

	if (f->telemetry == NULL || f->telemetry_day != hour / 24) {
		if (f->telemetry != NULL)
			fclose(f->telemetry);
		f->telemetry_day = hour / 24;
		snprintf(path, sizeof(path), "%s/day-%03d.tsv", f->dir,
		    f->telemetry_day);
		if ((f->telemetry = fopen(path, "we")) == NULL)
			err(2, "%s", path);
		fprintf(f->telemetry, "ts\tcomponent\tnode\tusage\tcluster\t"
		    "pid\tstart\n");
	}
	for (int h = 0; h < f->hosts; h++)
		for (int i = 0; i < COMPONENTS; i++) {
			const struct process *p = &f->node[h].process[i];

			if (!draw_chance(&f->random, FAULTS / 200.0) &&
			    p->born <= hour)
				fprintf(f->telemetry, "%" PRId64 "\tc%02d\t"
				    "n%03d\t%.0f\tk%d\t%d\t%" PRId64 "\n",
				    when(hour), i, h, p->usage, h % 2, p->pid,
				    when(p->born));
		}
	fflush(f->telemetry);
}

static void
tell_nodes(const struct fleet *f)
{
	char path[4096];
	FILE *fp;
	int n_guests;

	snprintf(path, sizeof(path), "%s/nodes.tsv", f->dir);
	if ((fp = fopen(path, "we")) == NULL)
		err(2, "%s", path);
	fprintf(fp, "node\tcluster\tvms\tlow_memory\tused\treserve\tfree\n");
	for (int h = 0; h < f->hosts; h++) {
		const struct node *n = &f->node[h];
		const double vms = guests(n, &n_guests);

		fprintf(fp, "n%03d\tk%d\t%d\t%d\t%.0f\t%.0f\t%.0f\n", h, h % 2,
		    n_guests, n->low, n->used, f->reserve,
		    fmax(f->memory - n->used - vms, 0));
	}
	fclose(fp);
}

/* An action is needless if the process it is about has not leaked. */
static void
judge(const struct process *p, struct figures *fig)
{
	fig->actions++;
	fig->needless += p->loss.bytes <= 0;
}

static void
act_on(struct fleet *f, int host, int component, const char *action, int hour,
    struct figures *fig)
{
	struct node *n = &f->node[host];
	struct process *p = &n->process[component];

	judge(p, fig);
	if (strcmp(action, "restart") == 0) {
		start_process(f, p, &f->component[component], hour + 1);
	} else if (strcmp(action, "drain") == 0) {
		fig->drains++;
		no_guests(n);
		n->drained_until = hour + 4;
	} else {
		fig->resets++;
		restart_all(f, n, hour + 1);
		no_guests(n);
		n->drained_until = hour + 1;
	}
}

/* The tools, over the newest days; then what resin-act did. */
static void
turn(struct fleet *f, int hour, struct figures *fig)
{
	char path[4096], now[32], action[32];
	int host, component, status = 0;
	pid_t pid;
	FILE *fp;

	tell_nodes(f);
	snprintf(now, sizeof(now), "%" PRId64, when(hour + 1));
	snprintf(path, sizeof(path), "%s/turn", f->dir);
	if ((pid = fork()) == 0) {
		execl(path, path, f->dir, now, (char *)NULL);
		_exit(126);
	}
	if (pid == -1 || waitpid(pid, &status, 0) == -1 || status != 0)
		errx(2, "%s: status %#x", path, status);
	snprintf(path, sizeof(path), "%s/acts", f->dir);
	if ((fp = fopen(path, "re")) == NULL)
		return;
	while (fscanf(fp, "%31s n%d c%d", action, &host, &component) == 3)
		act_on(f, host, component, action, hour, fig);
	fclose(fp);
	unlink(path);
}

static void
static_limit(struct fleet *f, double limit, int hour, struct figures *fig)
{
	for (int h = 0; h < f->hosts; h++)
		for (int i = 0; i < COMPONENTS; i++)
			if (f->node[h].process[i].usage > limit &&
			    !f->component[i].vital)
				act_on(f, h, i, "restart", hour, fig);
}

static void
weekly(struct fleet *f, int hour, struct figures *fig)
{
	for (int h = 0; h < f->hosts; h++)
		for (int i = 0; i < COMPONENTS && h % (7 * 24) == hour %
		    (7 * 24); i++)
			if (!f->component[i].vital)
				act_on(f, h, i, "restart", hour, fig);
}

static void
apply(struct fleet *f, const char *policy, int hour, struct figures *fig)
{
	if (strcmp(policy, "resin") == 0)
		turn(f, hour, fig);
	else if (strcmp(policy, "weekly") == 0)
		weekly(f, hour, fig);
	else if (strncmp(policy, "static-", 7) == 0)
		static_limit(f, strtod(policy + 7, NULL) * MB, hour, fig);
}

static void
print(const struct fleet *f, const char *policy, const char *seed, int days,
    const struct figures *fig)
{
	const double host_days = (double)f->hosts * (days - PREROLL);

	printf("%s\t%s\t%ld\t%.1f\t%ld\t%.5f\t%ld\t%ld\t%ld\t%ld\n", policy,
	    seed, fig->reboots, (double)fig->reboots / host_days * 1e5,
	    fig->errors, (double)fig->errors / (double)(fig->placed > 0 ?
	    fig->placed : 1), fig->actions, fig->needless, fig->drains,
	    fig->resets);
}

/*
 * What an operator would write: the vital ones only with the whole node, and
 * nothing for a leak that does not matter yet.
 */
static void
write_rules(const struct fleet *f, const char *self)
{
	static const char *const actions[] = {
		"restart", "drain", "soft-reboot", "reboot",
	};
	char path[4096];
	FILE *fp;

	snprintf(path, sizeof(path), "%s/rules", f->dir);
	if ((fp = fopen(path, "we")) == NULL)
		err(2, "%s", path);
	for (int i = 0; i < COMPONENTS; i++)
		if (f->component[i].vital)
			fprintf(fp, "deny restart if component = c%02d\n", i);
	for (int i = 0; i < 4; i++)
		fprintf(fp, "allow %s if growth > %s\n"
		    "allow %s if low_memory > 0\n"
		    "action %s\n\trun '%s' act acts %s {node} {leak}\n",
		    actions[i], i == 0 ? "100M" : "500M", actions[i],
		    actions[i], self, actions[i]);
	fprintf(fp, "limit 25%% at once by cluster\n");
	if (fclose(fp) != 0)
		err(2, "%s", path);
}

int
main(int argc, char *argv[])
{
	struct fleet f = { 0 };
	struct figures fig = { 0 };
	int days;

	/* As the command of an action. */
	if (argc == 6 && strcmp(argv[1], "act") == 0) {
		FILE *acts = fopen(argv[2], "ae");

		if (acts == NULL)
			err(2, "%s", argv[2]);
		fprintf(acts, "%s %s %s\n", argv[3], argv[4], argv[5]);
		return fclose(acts) != 0;
	}
	if (argc != 6)
		errx(2, "usage: loop POLICY SEED HOSTS DAYS DIR");
	f.random = strtoull(argv[2], NULL, 10) * 0x9e3779b97f4a7c15u;
	f.hosts = atoi(argv[3]);
	days = atoi(argv[4]);
	f.dir = argv[5];
	make_fleet(&f, days * 24);
	if (strcmp(argv[1], "resin") == 0)
		write_rules(&f, argv[0]);
	for (int hour = 0; hour < days * 24; hour++) {
		const bool count = hour >= PREROLL * 24;

		for (int h = 0; h < f.hosts; h++)
			step_node(&f, &f.node[h], hour, count, &fig);
		place_guests(&f, hour, count, &fig);
		if (strcmp(argv[1], "resin") == 0)
			tell(&f, hour);
		if (count)
			apply(&f, argv[1], hour, &fig);
	}
	print(&f, argv[1], argv[2], days, &fig);
	if (f.telemetry != NULL)
		fclose(f.telemetry);
	free(f.node);
	return 0;
}
