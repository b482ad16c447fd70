/* Which tensors of a quantized model stand for those of its float model. */
#ifndef QDQEDIT_EVAL_MATCH_H
#define QDQEDIT_EVAL_MATCH_H

#include "base/array.h"
#include "graph/graph.h"

/* A pair to compare. Ids of `real` are of the float graph, the others of the quantized
 * one. `after` is what its readers see; `before` the same ahead of its own rounding, or
 * GRAPH_NONE where there is none. */
struct match {
	tensor_id real, after, before;
	int32_t type;   /* element type it is rounded to, 0: not rounded */
	bool converted; /* seen through a further conversion, by some readers */
	bool output;    /* of the graph */
};

struct match_list ARRAY_OF(struct match);

/* True for the float tensors of the first model that are to have a counterpart: no
 * constants, and where both models round a tensor only what stands behind the pair. */
bool match_can(const struct graph *real, const struct graph *quantized, tensor_id tensor);

/* Pairs in the order of the float graph's tensors, conversions behind their tensor:
 * equal names, then the QuantizeLinear and DequantizeLinear behind them. Refuses two
 * models without anything in common. The caller releases it. */
bool match_models(const struct graph *real, const struct graph *quantized,
	struct match_list *list, struct error *err);

#endif
