/* Which tensors to promote, by measurement. The method: rank tensors by the output error
 * that rounding each of them alone causes, and by what they add to the error of the
 * 8-bit model; measure plans that promote the first k of either ranking; refine the
 * smallest one that meets the goal, drop what it does not need, fill its gaps. */
#ifndef QDQEDIT_EVAL_SUGGEST_H
#define QDQEDIT_EVAL_SUGGEST_H

#include "calib/sample.h"
#include "plan/outcome.h"
#include "plan/scores.h"

enum { SUGGEST_PATIENCE = 60 }; /* seconds, unless a person says otherwise */

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
	double patience; /* seconds for the ranking; if that is too short, by groups */
	const struct scores *scores; /* in place of the ranking; sorted; may be NULL */
};

/* A tensor of the ranking. Figures are SQNR in dB, NaN where they were not measured. */
struct suggest_rank {
	tensor_id tensor;
	double alone;          /* of the outputs when it alone is rounded */
	uint32_t grouped;      /* tensors that `alone` is shared with; 1: it is its own */
	double score;          /* as it was measured elsewhere; NaN */
	double rounding;       /* of its values in the float model, rounded to 8 bits */
	double inherited;      /* in the 8-bit model, ahead of its own rounding */
	double seen;           /* and behind it */
	double growth;         /* what that adds: noise as a share of the signal */
	double clipped;        /* share of the values outside the range */
	double gain;           /* chosen ones: dB that the plan loses without it */
	int32_t cost;          /* and the conversions that it has more with it */
	uint32_t growth_place; /* in the ranking by growth */
	bool chosen;
};

/* A measured plan that promotes the first `tensors` of a ranking. */
struct suggest_point {
	uint32_t tensors; /* seeds */
	uint32_t wide;    /* tensors stored in 16 bit after the closure */
	uint32_t conversions;
	double sqnr;
	bool by_growth; /* of the ranking by growth */
	bool front;     /* no other point is as cheap and better */
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
	uint32_t groups;   /* the ranking is of so many groups; 0: of single tensors */
	enum qtype type;   /* that is promoted to */
	bool inner;        /* measured ahead of a final Softmax */
	bool scored;       /* ranked by scores from elsewhere */
	bool reached;      /* the goal */
	bool enough;       /* the plan as it is meets the goal: nothing was searched */
	bool interrupted;  /* the best so far */
	double target;     /* dB that were aimed at */
	struct plan *plan; /* with the chosen seeds; owned; NULL with `enough` */
};

/* `suggestion` is zeroed by the call; the caller releases it, after failure too. An
 * interruption behind the first measured plan is no failure: what was found is kept. */
bool suggest_run(const struct suggest_request *request, struct suggestion *suggestion,
	const struct progress *progress, struct error *err);
void suggestion_release(struct suggestion *suggestion);

/* Whether a point of the curve promotes the tensor at a place of the ranking. */
bool suggestion_promotes(const struct suggestion *suggestion,
	const struct suggest_point *point, uint32_t rank);

#endif
