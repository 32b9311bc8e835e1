#include "cli/cli.h"

#include <err.h>

#include "base/num.h"
#include "base/when.h"

static _Noreturn void
bad_argument(const char *name, const char *arg, const char *reason)
{
	errx(EXIT_TROUBLE, "%s '%s': %s", name, arg, reason);
}

uint64_t
cli_u64(const char *name, const char *arg)
{
	uint64_t v;
	const char *bad = num_u64(span_of(arg), &v);

	if (bad != NULL)
		bad_argument(name, arg, bad);
	return v;
}

uint64_t
cli_size(const char *name, const char *arg)
{
	uint64_t v;
	const char *bad = num_size(arg, &v);

	if (bad != NULL)
		bad_argument(name, arg, bad);
	return v;
}

int64_t
cli_duration(const char *name, const char *arg)
{
	int64_t v;
	const char *bad = num_duration(arg, &v);

	if (bad != NULL)
		bad_argument(name, arg, bad);
	return v;
}

int64_t
cli_period(const char *name, const char *arg)
{
	int64_t v = cli_duration(name, arg);

	if (v <= 0)
		bad_argument(name, arg, "not positive");
	return v;
}

int64_t
cli_time(const char *name, const char *arg)
{
	int64_t v;
	const char *bad = when_parse(span_of(arg), &v);

	if (bad != NULL)
		bad_argument(name, arg, bad);
	return v;
}

double
cli_number(const char *name, const char *arg, double low, double high)
{
	double v;
	const char *bad = num_parse(span_of(arg), &v);

	if (bad != NULL)
		bad_argument(name, arg, bad);
	if (v < low || v > high)
		errx(EXIT_TROUBLE, "%s '%s': not between %g and %g", name, arg,
		    low, high);
	return v;
}
