/*
 * resin-procdetect - alerts and telemetry in, the leaking processes out: since
 * when, how much, how fast, how sure.  Memory: 16 bytes a sample of the
 * components that the alerts name.
 */
#include <err.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/when.h"
#include "cli/cli.h"
#include "leak/fleet_input.h"
#include "leak/fleet_state.h"
#include "leak/procdetect.h"

struct options {
	struct cli cli;
	VEC(char *) telemetry;
	VEC(char *) by;		/* attributes to compare */
	int64_t width, keep;
	const char *state;
	bool all, explain;
};

enum { OPT_ALL = 0x100, OPT_EXPLAIN, OPT_STATE, OPT_KEEP };

static const struct argp_option options[] = {
	{ "telemetry", 't', "FILE", 0, "telemetry; may be repeated", 0 },
	{ "by", 'b', "NAME,...", 0,
	    "attributes to compare leaking and other processes by", 0 },
	{ "window", 'w', "DURATION", 0,
	    "width of a window (default 1h, less for short records)", 0 },
	{ "all", OPT_ALL, NULL, 0,
	    "judge every component; read no alerts", 0 },
	{ "explain", OPT_EXPLAIN, NULL, 0,
	    "also the processes that do not leak, and why not", 0 },
	{ "state", OPT_STATE, "FILE", 0,
	    "telemetry of earlier runs: read if it is there, then renewed", 0 },
	{ "keep", OPT_KEEP, "DURATION", 0,
	    "how much the state keeps (default 15d)", 0 },
	{ 0 }
};

static void
add_names(struct options *o, char *arg)
{
	for (char *s = strtok(arg, ","); s != NULL; s = strtok(NULL, ","))
		vec_push(&o->by, s);
	if (o->by.n == 0)
		errx(EXIT_TROUBLE, "--by '': no names");
}

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->cli;
		return 0;
	case 't':
		vec_push(&o->telemetry, arg);
		return 0;
	case 'b':
		add_names(o, arg);
		return 0;
	case 'w':
		o->width = cli_period("--window", arg);
		return 0;
	case OPT_ALL:
		o->all = true;
		return 0;
	case OPT_EXPLAIN:
		o->explain = true;
		return 0;
	case OPT_STATE:
		o->state = arg;
		return 0;
	case OPT_KEEP:
		o->keep = cli_period("--keep", arg);
		return 0;
	case ARGP_KEY_END:
		if (o->telemetry.n == 0)
			errx(EXIT_TROUBLE, "--telemetry is required");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp parser = { options, parse_option, "[ALERTS...]",
	"Name the processes that leak in the components that alerts name.",
	cli_children, NULL, NULL };

static void
read_alerts(const struct options *o, struct intern *wanted)
{
	static const struct input_column want[] = { { "component", 0 } };
	const struct cli plain = cli_beside(&o->cli);
	struct input in;

	cli_open(&in, &plain, want, 1);
	while (cli_next(&in)) {
		struct span component = input_key(&in, 0);

		if (!input_bad(&in))
			intern_id(wanted, component);
	}
	cli_close(&in);
}

static void
read_telemetry(const struct options *o, const struct cli *cli, char *path,
    const struct intern *wanted, struct fleet *f)
{
	VEC(struct input_column) want = { 0 };
	struct input in;

	for (size_t i = 0; i < FLEET_COLUMNS; i++)
		vec_push(&want, fleet_columns[i]);
	for (size_t i = 0; i < o->by.n; i++)
		vec_push(&want, (struct input_column){ o->by.v[i], 0 });
	cli_open_file(&in, cli, &path, want.v, want.n);
	if (wanted != NULL)
		input_keep(&in, FLEET_COL_COMPONENT, wanted);
	while (cli_next(&in))
		fleet_input_row(&in, f, false);
	cli_close(&in);
	vec_free(&want);
}

/*
 * Telemetry, and with it the state: then of all components, so that one that
 * gets an alert tomorrow has a past.
 */
static void
read_all(const struct options *o, const struct intern *wanted, struct fleet *f)
{
	static const struct cli plain;
	char *state = (char *)(uintptr_t)o->state;

	if (o->state != NULL && access(o->state, F_OK) == 0)
		read_telemetry(o, &plain, state, NULL, f);
	for (size_t i = 0; i < o->telemetry.n; i++)
		read_telemetry(o, &o->cli, o->telemetry.v[i],
		    o->all || o->state != NULL ? NULL : wanted, f);
	fleet_sort(f);
	if (o->state == NULL)
		return;
	fleet_keep(f, o->keep);
	if (fleet_write(f, o->state, o->by.v) == -1)
		err(EXIT_TROUBLE, "--state %s", o->state);
}

static void
write_header(struct output *out, const struct options *o)
{
	static const char *const name[] = { "component", "cluster", "node",
		"pid", "start", "leak_start", "leak_end", "usage", "growth",
		"rate", "severity", "exhausts" };

	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		output_str(out, name[i]);
	if (o->by.n > 0)
		output_str(out, "common");
	if (o->explain)
		output_str(out, "verdict");
	output_row(out);
}

static void
write_suspect(struct output *out, const struct options *o,
    const struct procdetect *p, const struct fleet *f, const struct suspect *s)
{
	const struct instance *it = &f->instance.v[s->instance];
	bool leaks = s->growth.reason == GROWTH_LEAK;

	for (size_t i = 0; i < FLEET_NAMES; i++)
		output_text(out, it->name[i]);
	output_time(out, it->start);
	output_time(out, leaks ? s->leak_start : WHEN_NEVER);
	output_time(out, leaks ? s->leak_end : WHEN_NEVER);
	output_u64(out, s->growth.usage > 0 ? (uint64_t)s->growth.usage : 0);
	output_i64(out, (int64_t)s->growth.gain);
	output_i64(out, (int64_t)s->growth.rate);
	output_number(out, round(s->severity * 100) / 100);
	output_time(out, !leaks || isnan(s->exhaust) || s->exhaust > 1e5 ?
	    WHEN_NEVER : when_floor(f->last, WHEN_SECOND) +
	    (int64_t)(s->exhaust * 3600) * WHEN_SECOND);
	if (o->by.n > 0)
		output_text(out, procdetect_common(p, it->component));
	if (o->explain)
		output_str(out, growth_text(s->growth.reason));
	output_row(out);
}

int
main(int argc, char *argv[])
{
	struct options o = { .keep = 15 * WHEN_DAY };
	struct intern wanted = { 0 };
	struct procdetect p = { .limit = &growth_defaults };
	struct fleet f;
	struct output out;
	bool found = false;

	cli_parse(&parser, argc, argv, &o);
	fleet_init(&f, o.by.n);
	if (!o.all)
		read_alerts(&o, &wanted);
	read_all(&o, &wanted, &f);
	p.width = o.width;
	p.wanted = o.all ? NULL : &wanted;
	p.all = o.explain;
	procdetect_run(&p, &f);
	procdetect_compare(&p, &f, o.by.v);

	cli_output(&out, &o.cli);
	write_header(&out, &o);
	for (size_t i = 0; i < p.suspect.n; i++) {
		write_suspect(&out, &o, &p, &f, &p.suspect.v[i]);
		found |= p.suspect.v[i].growth.reason == GROWTH_LEAK;
	}
	procdetect_free(&p);
	fleet_free(&f);
	intern_free(&wanted);
	vec_free(&o.telemetry);
	vec_free(&o.by);
	cli_finish(&out, &o.cli, found);
}
