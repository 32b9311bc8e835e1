/*
 * resin-report - the ticket of a leaking component.
 * Suspects or candidates go in, and beside them alerts, telemetry, stacks and
 * actions; out comes one page of Markdown or HTML.
 * Memory: the telemetry of the component, and the rows of the other tables.
 */
#include <err.h>
#include <string.h>

#include "cli/cli.h"
#include "report/ticket.h"

struct options {
	struct cli cli;
	VEC(char *) file[TICKET_TABLES];
	const char *component;
	bool html;
};

enum { KEY_ALERTS = 256, KEY_HTML };

static const struct argp_option options[] = {
	{ "actions", 'a', "FILE", 0, "proposed, from resin-mitigate", 0 },
	{ "alerts", KEY_ALERTS, "FILE", 0, "from resin-pivot", 0 },
	{ "component", 'c', "NAME", 0,
	    "whose ticket (default: the most severe)", 0 },
	{ "html", KEY_HTML, NULL, 0, "a page of HTML, not Markdown", 0 },
	{ "stacks", 's', "FILE", 0, "that leak, from resin-snapdiff", 0 },
	{ "telemetry", 't', "FILE", 0, "to draw (may be repeated)", 0 },
	{ 0 }
};

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->cli;
		return 0;
	case 'a':
		vec_push(&o->file[TICKET_ACTIONS], arg);
		return 0;
	case KEY_ALERTS:
		vec_push(&o->file[TICKET_ALERTS], arg);
		return 0;
	case 'c':
		o->component = arg;
		return 0;
	case KEY_HTML:
		o->html = true;
		return 0;
	case 's':
		vec_push(&o->file[TICKET_STACKS], arg);
		return 0;
	case 't':
		vec_push(&o->file[TICKET_TELEMETRY], arg);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp parser = {
	options, parse_option, "[FILE...]",
	"Put what is known of a leak into one page.",
	cli_children, NULL, NULL
};

static void
read_table(struct ticket *t, struct input *in, size_t table)
{
	while (cli_next(in))
		ticket_tables[table].take(t, in);
	cli_close(in);
}

static void
read_all(const struct options *o, struct ticket *t)
{
	const struct cli plain = cli_beside(&o->cli);
	struct input in;
	size_t i, k;

	cli_open(&in, &plain, ticket_tables[TICKET_PROCESSES].want,
	    ticket_tables[TICKET_PROCESSES].nwant);
	read_table(t, &in, TICKET_PROCESSES);
	for (i = 0; i < TICKET_TABLES; i++)
		for (k = 0; k < o->file[i].n; k++) {
			cli_open_file(&in, i == TICKET_TELEMETRY ? &o->cli :
			    &plain, &o->file[i].v[k],
			    ticket_tables[i].want, ticket_tables[i].nwant);
			read_table(t, &in, i);
		}
}

int
main(int argc, char *argv[])
{
	struct options o = { 0 };
	struct ticket t = { 0 };
	struct buf page = { 0 };
	struct output out;
	struct span component;
	size_t i;
	bool found;

	cli_parse(&parser, argc, argv, &o);
	read_all(&o, &t);
	component = o.component != NULL ? span_of(o.component) :
	    ticket_component(&t);
	ticket_write(&t, component, o.html, &page);
	cli_output(&out, &o.cli);
	fwrite(page.s, 1, page.n, out.fp);
	found = t.process.n > 0;
	buf_free(&page);
	ticket_free(&t);
	for (i = 0; i < TICKET_TABLES; i++)
		vec_free(&o.file[i]);
	cli_finish(&out, &o.cli, found);
}
