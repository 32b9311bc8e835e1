#include <strings.h>

#include "pano/status.h"

static const struct {
	const char *name, *brief;
} table[] = {
	[STATUS_NONE] = { "", "" },
	[STATUS_NA] = { "na", "n" },
	[STATUS_HEALTHY] = { "healthy", "h" },
	[STATUS_PENDING] = { "pending", "p" },
	[STATUS_MAYBE_UNHEALTHY] = { "maybe_unhealthy", "m" },
	[STATUS_UNHEALTHY] = { "unhealthy", "u" },
	[STATUS_DYING] = { "dying", "d" },
	[STATUS_DEAD] = { "dead", "dd" },
	[STATUS_NO_DATA] = { "no_data", "" },
	[STATUS_INCONCLUSIVE] = { "inconclusive", "" },
};

static bool
same(struct span s, const char *name)
{
	return s.n == strlen(name) && strncasecmp(s.s, name, s.n) == 0;
}

enum status
status_parse(struct span s)
{
	for (int i = STATUS_NA; i < STATUS_VOTES; i++)
		if (same(s, table[i].name) || same(s, table[i].brief))
			return (enum status)i;
	return STATUS_NONE;
}

const char *
status_name(enum status s)
{
	return table[s].name;
}
