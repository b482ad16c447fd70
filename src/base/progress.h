/* Report and cancellation for long work, passed in by whoever asks for the work. */
#ifndef QDQEDIT_BASE_PROGRESS_H
#define QDQEDIT_BASE_PROGRESS_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

/* `report` (may be NULL) is told the work done of the whole, in any unit, and what
 * it is; it does its own rate limiting. `cancelled` (may be NULL) says whether to
 * stop. Both may be called from worker threads, one at a time. */
struct progress {
	void (*report)(void *arg, const char *what, uint64_t done, uint64_t whole);
	bool (*cancelled)(void *arg);
	void *arg;
};

/* Reports nothing and is never cancelled. */
extern const struct progress progress_never;

/* Reports, then true if work shall go on; otherwise sets ERROR_CANCELLED. NULL is
 * progress_never. */
bool progress_step(const struct progress *progress, const char *what, uint64_t done,
	uint64_t whole, struct error *err);

/* Seconds of a clock that only goes on: for differences. */
double progress_seconds(void);

#endif
