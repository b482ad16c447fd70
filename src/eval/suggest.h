/* Which tensors to promote, by measurement. The method: rank tensors by the output error
 * that rounding each of them alone causes, measure plans that promote the first k of the
 * ranking, refine the smallest one that meets the goal, drop what it does not need. */
#ifndef QDQEDIT_EVAL_SUGGEST_H
#define QDQEDIT_EVAL_SUGGEST_H

#include "calib/sample.h"
#include "plan/outcome.h"

struct suggest_request {
	const struct plan
		*plan; /* options, ranges, loaded overrides, seeds as they are */
	struct ort_runtime *runtime;
	struct sample_set *samples; /* the last third is held out */
	int64_t threads;
	bool has_goal, has_within;
	double goal;             /* dB to reach */
	double within;           /* or: dB below what all-16 reaches */
	int64_t max_conversions; /* at most; -1: any number */
};

/* A tensor of the ranking: `alone` is the SQNR when it alone is rounded. */
struct suggest_rank {
	tensor_id tensor;
	double alone;
	bool chosen;
};

/* A measured plan that promotes the first `tensors` of the ranking. */
struct suggest_point {
	uint32_t tensors; /* seeds */
	uint32_t wide;    /* tensors stored in 16 bit after the closure */
	uint32_t conversions;
	double sqnr;
};

struct suggestion {
	struct suggest_rank *ranking; /* worst first */
	uint32_t ranked;
	struct suggest_point *curve; /* by number of tensors */
	uint32_t points;
	double weights_only, all_wide, all_narrow, current; /* dB */
	struct suggest_point chosen;
	double held_out, held_out_narrow,
		held_out_wide; /* dB; NaN without such samples */
	size_t samples, held_out_samples;
	enum qtype type;   /* that is promoted to */
	bool inner;        /* measured ahead of a final Softmax */
	bool reached;      /* the goal */
	bool interrupted;  /* the best so far */
	double target;     /* dB that were aimed at */
	struct plan *plan; /* with the chosen seeds; owned */
};

/* `suggestion` is zeroed by the call; the caller releases it, after failure too. An
 * interruption behind the ranking is no failure: what was found is kept. */
bool suggest_run(const struct suggest_request *request, struct suggestion *suggestion,
	const struct progress *progress, struct error *err);
void suggestion_release(struct suggestion *suggestion);

#endif
