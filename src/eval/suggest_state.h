/* The sessions and tables of a search; private to src/eval. */
#ifndef QDQEDIT_EVAL_SUGGEST_STATE_H
#define QDQEDIT_EVAL_SUGGEST_STATE_H

#include "eval/sim_table.h"
#include "eval/suggest.h"

struct suggesting {
	const struct suggest_request *request;
	struct suggestion *out;
	struct plan *base; /* without seeds */
	const struct graph *graph;
	const struct outcome *narrow; /* of `base`, kept */
	tensor_id *measured;
	size_t measured_count;
	struct dequantized weights;
	struct simulation real, sim; /* float and quantized weights */
	struct sim_reference reference;
	size_t used, held; /* samples to judge by, and the last ones */
	bool *set;         /* by place in the ranking: promoted in the plan at hand */
	const struct progress *progress;
};

/* Opens both simulations and measures the reference. */
bool suggest_open(struct suggesting *s, struct error *err);
void suggest_close(struct suggesting *s);

/* Takes the weights of another plan: constants that it promotes, biases that follow. The
 * search does without: their difference is small. */
bool suggest_renew_weights(struct suggesting *s, struct plan *plan, struct error *err);

/* A snapshot of the base plan with the tensors of `set` promoted. NULL on failure. */
struct plan *suggest_plan(const struct suggesting *s, const bool *set, struct error *err);

/* Measures the plan that promotes `set` on samples [first, first + count): what it costs
 * and reaches in *point. */
bool suggest_measure(struct suggesting *s, const bool *set, size_t first, size_t count,
	struct suggest_point *point, struct error *err);

/* The SQNR of a given plan. */
bool suggest_measure_plan(struct suggesting *s, struct plan *plan, size_t first,
	size_t count, struct suggest_point *point, struct error *err);

/* Tensors whose rounding counts, and what a plan of all of them in 16 bit reaches. */
bool suggest_baselines(struct suggesting *s, struct error *err);
bool suggest_rank_tensors(struct suggesting *s, struct error *err);

#endif
