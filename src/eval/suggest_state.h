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
	size_t used, held;  /* samples to judge by, and the last ones */
	double run_seconds; /* of one inference, as seen in the baselines */
	bool *set;          /* by place in the ranking: promoted in the plan at hand */
	uint32_t *place;    /* by tensor: its place in the ranking, or GRAPH_NONE */
	uint32_t *chain;    /* by place: the place of the first of its chain */
	const struct progress *progress;
	const struct progress *request_progress; /* behind `trying` */
	struct progress trying; /* while plans are tried: told in plans */
	uint64_t tried, expected;
};

/* Opens both simulations and measures the reference. */
bool suggest_open(struct suggesting *s, struct error *err);
void suggest_close(struct suggesting *s);

/* Takes the weights of another plan: constants that it promotes, biases that follow. The
 * search does without: their difference is small. */
bool suggest_renew_weights(struct suggesting *s, struct plan *plan, struct error *err);

/* A snapshot of the base plan with the tensors of `set` promoted. NULL on failure. */
struct plan *suggest_plan(const struct suggesting *s, const bool *set, struct error *err);

/* What the plan that promotes `set` costs: all of *point but its SQNR, which is minus
 * infinity. */
bool suggest_cost(const struct suggesting *s, const bool *set,
	struct suggest_point *point, struct error *err);

/* The same with its SQNR on the samples to judge by. */
bool suggest_measure(struct suggesting *s, const bool *set, struct suggest_point *point,
	struct error *err);

/* The SQNR of a given plan on samples [first, first + count). */
bool suggest_measure_plan(struct suggesting *s, struct plan *plan, size_t first,
	size_t count, struct suggest_point *point, struct error *err);

/* What plans without a choice reach. */
bool suggest_baselines(struct suggesting *s, struct error *err);

/* The tensors that may be promoted, into the ranking; chains among them stand together
 * (a tensor, and what is made of it with constants or by moving elements). */
bool suggest_list_tensors(struct suggesting *s, struct error *err);

/* Measures and sorts the ranking; with scores only sorts it. */
bool suggest_rank_tensors(struct suggesting *s, struct error *err);

/* The columns rounding, inherited, seen, growth and clipped, and the places by growth. */
bool suggest_rank_growth(struct suggesting *s, struct error *err);

/* Whether a point of the curves is within the limits. */
bool suggest_is_allowed(const struct suggesting *s, const struct suggest_point *point);
bool suggest_meets(const struct suggesting *s, const struct suggest_point *point);

/* Makes s->set, measured as `point`, the choice. */
void suggest_take_set(struct suggesting *s, const struct suggest_point *point);

/* From now on progress is told in plans tried, of about so many. */
void suggest_count_plans(struct suggesting *s, uint32_t expected);

/* Measures both curves: prefixes of the two rankings. */
bool suggest_curves(struct suggesting *s, struct error *err);

/* Between the choice, a point of a curve that meets the goal, and the point before it. */
bool suggest_bisect(struct suggesting *s, struct error *err);

/* Leaves out chosen tensors that the goal does not need. */
bool suggest_prune(struct suggesting *s, struct error *err);

/* Adds tensors to `set` at which conversions end, as long as fewer conversions follow.
 * *point gets the cost. */
bool suggest_close_gaps(const struct suggesting *s, bool *set,
	struct suggest_point *point, struct error *err);

/* Does that to the choice, if it is no worse then. */
bool suggest_fill_gaps(struct suggesting *s, struct error *err);

/* As good as the conversions allow, whatever the number of tensors. */
bool suggest_fill_conversions(struct suggesting *s, struct error *err);

/* Adds groups of the ranking in its order until the goal is met, each if the plan gets
 * better by it and keeps within the conversions. */
bool suggest_add_groups(struct suggesting *s, struct error *err);

/* The columns gain and saved of a small choice. */
bool suggest_weigh_choice(struct suggesting *s, struct error *err);

#endif
