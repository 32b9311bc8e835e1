#include "leak/cgroup.h"

#include <stdbool.h>
#include <string.h>

#include "leak/proc.h"

enum { ID_DIGITS = 64, ID_SHOWN = 12 };

static bool
ends_in(struct span s, struct span end)
{
	return s.n > end.n && memcmp(s.s + s.n - end.n, end.s, end.n) == 0;
}

/* Does the name list `controllers` ("cpu,cpuacct", "name=systemd") hold it? */
static bool
holds(struct span controllers, struct span name)
{
	const char *p = memmem(controllers.s, controllers.n, name.s, name.n);
	const char *end = controllers.s + controllers.n;

	return p != NULL && (p == controllers.s || p[-1] == ',') &&
	    (p + name.n == end || p[name.n] == ',');
}

/* Which hierarchy to believe first; 0 is best. */
static int
rank(struct span number, struct span controllers)
{
	if (span_eq(number, SPAN("0")) && controllers.n == 0)
		return 0;
	if (holds(controllers, SPAN("name=systemd")))
		return 1;
	return holds(controllers, SPAN("memory")) ? 2 : 3;
}

/* The next field up to a colon, taken off the front. */
static bool
field(struct span *line, struct span *out)
{
	const char *colon = memchr(line->s, ':', line->n);

	if (colon == NULL)
		return false;
	*out = (struct span){ line->s, (size_t)(colon - line->s) };
	line->n -= out->n + 1;
	line->s = colon + 1;
	return true;
}

/* Without the "/.." of a process outside the reader's cgroup name space. */
static struct span
inside(struct span path)
{
	while (path.n >= 3 && memcmp(path.s, "/..", 3) == 0 &&
	    (path.n == 3 || path.s[3] == '/')) {
		path.s += 3;
		path.n -= 3;
	}
	return path;
}

/* The path of the hierarchy to believe; empty: in the root of all of them. */
static struct span
best_path(struct span text)
{
	struct span line, number, controllers, best = { 0 };
	int r, best_rank = 4;

	while (proc_line(&text, &line)) {
		if (!field(&line, &number) || !field(&line, &controllers))
			continue;
		if (ends_in(line, SPAN(" (deleted)")))
			line.n -= strlen(" (deleted)");
		line = inside(line);
		r = rank(number, controllers);
		if (r < best_rank && line.n > 1) {
			best = line;
			best_rank = r;
		}
	}
	return best;
}

static bool
is_hex(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.s[i] >= '0' && s.s[i] <= '9') ||
		    (s.s[i] >= 'a' && s.s[i] <= 'f')))
			return false;
	return true;
}

/* "ID", "docker-ID.scope", "cri-containerd-ID.scope", ... */
static bool
is_container(struct span element, struct span *id)
{
	const char *dash;

	if (ends_in(element, SPAN(".scope")))
		element.n -= strlen(".scope");
	dash = memrchr(element.s, '-', element.n);
	if (dash != NULL) {
		element.n -= (size_t)(dash + 1 - element.s);
		element.s = dash + 1;
	}
	*id = (struct span){ element.s, ID_SHOWN };
	return element.n == ID_DIGITS && is_hex(element);
}

struct span
cgroup_name(struct span text)
{
	struct span path = best_path(text), rest = path, slice = { 0 };
	struct span element, id;
	const char *slash;

	for (; rest.n > 0; rest.n = (size_t)(slash - rest.s)) {
		slash = memrchr(rest.s, '/', rest.n);
		if (slash == NULL)
			break;
		element.s = slash + 1;
		element.n = rest.n - (size_t)(element.s - rest.s);
		if (is_container(element, &id))
			return id;
		if (ends_in(element, SPAN(".service")) ||
		    ends_in(element, SPAN(".scope")))
			return element;
		if (slice.n == 0 && ends_in(element, SPAN(".slice")))
			slice = element;
	}
	return slice.n > 0 ? slice : path;
}
