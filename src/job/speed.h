/* How long an inference takes. */
#ifndef QDQEDIT_JOB_SPEED_H
#define QDQEDIT_JOB_SPEED_H

#include "calib/sample.h"
#include "job/session.h"

enum { SPEED_MODELS = 3 };

struct speed_request {
	const struct session *session;
	struct plan *plans[SPEED_MODELS]; /* NULL: the float model itself */
	struct ort_runtime *runtime;
	struct sample_set *samples; /* the first is run */
	int64_t threads;
};

/* Medians in milliseconds of the models as the runtime runs them by default, all
 * optimizations on; run in turn, so that other load meets all alike. What the runtime
 * refuses is NaN. False only when cancelled or out of memory. */
bool speed_measure(const struct speed_request *request, double ms[SPEED_MODELS],
	const struct progress *progress, struct error *err);

#endif
