/* A float model whose taps can round every tensor, and each reader's view of it. */
#ifndef QDQEDIT_EVAL_SIM_MODEL_H
#define QDQEDIT_EVAL_SIM_MODEL_H

#include "plan/outcome.h"

/* Where a changing tap stands. */
struct sim_tap {
	tensor_id tensor;
	node_id reader; /* the one reader it is for; GRAPH_NONE: for all */
};

struct sim_model {
	struct model *model;
	struct sim_tap *taps; /* the taps' index is the position */
	uint32_t count;
};

/* Every float32 tensor of the main graph that is no initializer, and every float16 one
 * that a plan with the options of `outcome` may quantize, gets a tap for all its readers;
 * where several nodes read it, or it is an output or read in a body, each node gets
 * another one behind that. `measured` tensors become outputs, if they are none, in this
 * order. Graph inputs keep their names, their readers see the tap. Without an outcome
 * there are no taps. The caller releases it, after failure too. */
bool sim_model_make(struct sim_model *sim, const struct graph *graph,
	const struct outcome *outcome, const tensor_id *measured, size_t measured_count,
	struct error *err);
void sim_model_release(struct sim_model *sim);

#endif
