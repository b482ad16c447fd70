/* A quantized model against its float model, tensor by tensor, on samples. */
#ifndef QDQEDIT_EVAL_COMPARE_H
#define QDQEDIT_EVAL_COMPARE_H

#include "calib/sample.h"
#include "eval/match.h"
#include "eval/metric.h"

struct compare_request {
	const struct graph *real, *quantized;
	struct sample_set *samples; /* for the inputs of `real` */
	struct ort_runtime *runtime;
	int64_t threads;
	const bool *only;    /* by tensor of `real`: which to compare; NULL: all */
	size_t first, count; /* samples; count 0: all */
};

/* One pair. `before` counts only with match.before; `seen` is false for a pair that no
 * sample has reached. */
struct compare_row {
	struct match match;
	struct metric after, before;
	bool seen;
};

struct comparison {
	struct compare_row *rows; /* in the order of the float graph */
	size_t count, samples;
	uint32_t unmatched; /* float tensors without a counterpart */
};

/* Runs both models as they are written (optimization level 0, nothing fused). The
 * caller releases the comparison, also after failure. */
bool compare_models(const struct compare_request *request, struct comparison *comparison,
	const struct progress *progress, struct error *err);
void comparison_release(struct comparison *comparison);

#endif
