#include "base/progress.h"

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
