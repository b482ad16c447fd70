#include "base/progress.h"

#include <time.h>

const struct progress progress_never = {0};

bool progress_step(const struct progress *progress, const char *what, uint64_t done,
	uint64_t whole, struct error *err)
{
	if (!progress)
		return true;
	if (progress->report)
		progress->report(progress->arg, what, done, whole);
	if (progress->cancelled && progress->cancelled(progress->arg))
		return error_set(err, ERROR_CANCELLED,
			"%s: interrupted; nothing was written", what);
	return true;
}

double progress_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}
