/* The accuracy of a plan after each edit: everything is loaded once, a measurement is one
 * inference for each sample. */
#ifndef QDQEDIT_EVAL_LIVE_H
#define QDQEDIT_EVAL_LIVE_H

#include "calib/sample.h"
#include "plan/outcome.h"

struct live;

struct live_request {
	struct plan *plan; /* a snapshot with ranges; its weights are taken */
	struct ort_runtime *runtime;
	struct sample_set *samples;
	size_t most;     /* samples to measure with; 3 are enough */
	int64_t threads; /* 0: the cores */
};

/* Loads the simulation and measures the float model. The runtime and the plan's graph
 * must outlive it; plan and samples may go. NULL on failure; freed by live_free. */
struct live *live_open(const struct live_request *request,
	const struct progress *progress, struct error *err);
void live_free(struct live *live);

/* Takes the weights of another plan over the same graph, which promotes constants or has
 * other ranges; what was measured of the float model stays. After failure it can be
 * renewed again, but not measured with. */
bool live_renew(struct live *live, struct plan *plan, const struct progress *progress,
	struct error *err);

/* The output SQNR in dB of a plan over the same graph (a snapshot: it is asked for its
 * outcome). Weights stay those of the plan it was opened or renewed with. Cancelled by
 * `progress`. */
bool live_measure(struct live *live, struct plan *plan, double *sqnr,
	const struct progress *progress, struct error *err);

#endif
