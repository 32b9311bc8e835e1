#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "act/unit.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/when.h"

#define NAME_MAX_BYTES 255	/* of systemd, see systemd.unit(5) */

static bool
name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || (c != '\0' && strchr(":-_.\\@", c));
}

const char *
unit_name(struct span s)
{
	static const char suffix[] = ".service";
	const size_t n = sizeof(suffix) - 1;

	if (s.n <= n || s.n > NAME_MAX_BYTES || s.s[0] == '-' ||
	    memcmp(s.s + s.n - n, suffix, n) != 0)
		return "not the name of a .service";
	for (size_t i = 0; i < s.n; i++)
		if (!name_char(s.s[i]))
			return "not the name of a .service";
	return NULL;
}

/* The value of "Key=" in the output of systemctl show. */
static struct span
property(const struct buf *b, const char *key)
{
	const char *p = b->s, *end = b->s + b->n, *eol;
	const size_t n = strlen(key);

	for (; p < end; p = eol + 1) {
		if ((eol = memchr(p, '\n', (size_t)(end - p))) == NULL)
			eol = end;
		if ((size_t)(eol - p) > n && p[n] == '=' &&
		    memcmp(p, key, n) == 0)
			return (struct span){ p + n + 1,
			    (size_t)(eol - p) - n - 1 };
	}
	return (struct span){ "", 0 };
}

/* A time span of systemd, "1min 30s", in ns; what is odd counts as for ever. */
static int64_t
time_span(struct span s)
{
	static const struct { const char *name; int64_t ns; } units[] = {
		{ "us", 1000 }, { "ms", 1000000 }, { "s", WHEN_SECOND },
		{ "min", 60 * WHEN_SECOND }, { "h", WHEN_HOUR },
		{ "d", WHEN_DAY }, { "w", 7 * WHEN_DAY },
	};
	char text[64];
	int64_t sum = 0;
	int used;

	if (s.n == 0 || s.n >= sizeof(text))
		return INT64_MAX;
	memcpy(text, s.s, s.n);
	text[s.n] = '\0';
	for (char *p = text; *p != '\0'; p += used) {
		char name[8];
		double value;
		size_t i = 0;

		if (sscanf(p, "%lf%7[a-z]%n", &value, name, &used) != 2)
			return INT64_MAX;
		while (i < 7 && strcmp(units[i].name, name) != 0)
			i++;
		if (i == 7 || value < 0 || value > 1e6)
			return INT64_MAX;
		sum += (int64_t)(value * (double)units[i].ns);
		while (p[used] == ' ')
			used++;
	}
	return sum;
}

static struct run_result
systemctl(const char *verb, const char *name, int64_t timeout,
    struct buf *said)
{
	char *argv[] = { (char[]){ "systemctl" },
		(char[]){ "--no-ask-password" }, mem_copy(verb, strlen(verb)),
		(char[]){ "--" }, mem_copy(name, strlen(name)), NULL };
	struct run_result r = run_command(argv, timeout, said);

	free(argv[2]);
	free(argv[4]);
	return r;
}

static bool
show(const char *name, int64_t timeout, struct buf *said)
{
	char *argv[] = { (char[]){ "systemctl" }, (char[]){ "show" },
	    (char[]){ "--property=LoadState,ActiveState,RefuseManualStart,"
	    "RefuseManualStop,StartLimitBurst,StartLimitIntervalUSec,Result" },
	    (char[]){ "--" }, mem_copy(name, strlen(name)), NULL };
	struct run_result r = run_command(argv, timeout, said);

	free(argv[4]);
	return r.how == RUN_EXIT && r.status == 0;
}

const char *
unit_ask(struct unit *u, const char *name, int64_t timeout)
{
	struct buf said = { 0 };
	const char *why = NULL;

	*u = (struct unit){ 0 };
	if (!show(name, timeout, &said))
		why = "systemctl show failed";
	else if (!span_is(property(&said, "LoadState"), "loaded"))
		why = "no such unit";
	else if (!span_is(property(&said, "ActiveState"), "active"))
		why = "the unit is not active";
	else if (span_is(property(&said, "RefuseManualStart"), "yes") ||
	    span_is(property(&said, "RefuseManualStop"), "yes"))
		why = "the unit refuses a manual start or stop";
	else if (num_u64(property(&said, "StartLimitBurst"), &u->burst) != NULL)
		u->burst = 0;
	u->interval = time_span(property(&said, "StartLimitIntervalUSec"));
	buf_free(&said);
	return why;
}

bool
unit_room(const struct unit *u, uint64_t recent)
{
	return u->burst == 0 || u->interval == 0 || recent == 0 ||
	    recent + 1 < u->burst;
}

struct run_result
unit_restart(const char *name, int64_t timeout, struct buf *said)
{
	struct run_result r = systemctl("restart", name, timeout, said), again;
	struct buf state = { 0 };
	bool limit;

	if (r.how == RUN_EXIT && r.status == 0)
		return r;
	limit = show(name, timeout, &state) &&
	    span_is(property(&state, "Result"), "start-limit-hit");
	buf_free(&state);
	if (!limit)
		return r;
	systemctl("reset-failed", name, timeout, said);
	again = systemctl("start", name, timeout, said);
	buf_str(said, "start limit hit; reset and started");
	return again;
}
