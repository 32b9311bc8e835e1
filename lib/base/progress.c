#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/progress.h"

static struct timespec first, last;
static bool shown;

static double
since(const struct timespec *then, const struct timespec *now)
{
	return (double)(now->tv_sec - then->tv_sec) +
	    (double)(now->tv_nsec - then->tv_nsec) / 1e9;
}

void
progress(uint64_t done, uint64_t total)
{
	struct timespec now;
	static int terminal = -1;

	if (terminal == -1)
		terminal = isatty(STDERR_FILENO);
	if (!terminal)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (first.tv_sec == 0)
		first = last = now;
	if (since(&first, &now) < 1 || since(&last, &now) < 0.25)
		return;
	last = now;
	shown = true;
	fprintf(stderr, "\r%.1f MB", (double)done / 1e6);
	if (total > 0)
		fprintf(stderr, " of %.1f (%.0f %%)", (double)total / 1e6,
		    100 * (double)done / (double)total);
	fprintf(stderr, ", %.0f MB/s\033[K",
	    (double)done / 1e6 / since(&first, &now));
}

void
progress_end(void)
{
	if (shown)
		fputs("\r\033[K", stderr);
	shown = false;
}
