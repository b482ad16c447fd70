/* What rounding does to the values of single tensors in the float model: noise, clipped
 * values, and how the values lie in the range. */
#ifndef QDQEDIT_EVAL_PROFILE_H
#define QDQEDIT_EVAL_PROFILE_H

#include "calib/sample.h"
#include "eval/rounding.h"
#include "plan/outcome.h"

/* Sums over values under one rounding. */
struct rounding_sums {
	double signal, noise; /* of x^2, (x - rounded x)^2 */
	uint64_t count;
	uint64_t
		clipped; /* values beyond the ends of the grid by more than half a step */
};

/* Adds `count` values; a rounding without a scale adds nothing. */
void rounding_sums_add(struct rounding_sums *sums, const struct rounding *rounding,
	const float *values, size_t count);
double rounding_sums_sqnr(const struct rounding_sums *sums);
double rounding_sums_clipped(const struct rounding_sums *sums); /* a share */

enum { PROFILE_BINS = 64, PROFILE_TYPES = 2 };

/* Of one tensor: as the plan's base type and as its wider one store it, whatever is
 * chosen for it now. The histogram has equal bins from `low` to `high`, the ends of its
 * calibrated range; values outside are in the first and the last. */
struct tensor_profile {
	struct rounding_sums as[PROFILE_TYPES];
	float low, high;
	uint32_t bins[PROFILE_BINS];
};

struct profile {
	struct tensor_profile *of; /* by tensor of the main graph; NULL: none */
	enum qtype types[PROFILE_TYPES];
	size_t samples;
};

struct profile_request {
	const struct plan *plan; /* its options and ranges count, not its choices */
	struct ort_runtime *runtime;
	struct sample_set *samples;
	size_t most; /* samples to look at */
};

/* One pass of the float model. The caller releases the profile, after failure too. */
bool profile_measure(const struct profile_request *request, struct profile *profile,
	const struct progress *progress, struct error *err);
void profile_release(struct profile *profile);

#endif
