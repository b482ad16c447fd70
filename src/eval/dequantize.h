/* The weights of a quantized model as float values again, to run the float model with. */
#ifndef QDQEDIT_EVAL_DEQUANTIZE_H
#define QDQEDIT_EVAL_DEQUANTIZE_H

#include "base/arena.h"
#include "graph/graph.h"
#include "ort/ort.h"
#include "plan/outcome.h"

/* Initializers of the float model, in its types, with what their integers stand for.
 * Names and values live here. */
struct dequantized {
	struct ort_initializer *items;
	size_t count, room;
	struct arena arena;
};

/* Reads every integer constant behind a DequantizeLinear in `quantized` (as made by
 * quantize_model on `real`'s graph) that stands for an initializer of `real`. The caller
 * releases it, after failure too. */
bool dequantize_weights(struct dequantized *out, const struct graph *real,
	const struct model *quantized, struct error *err);
/* The same for the weights as the quantizer stores them under a plan, whose outcome this
 * is. */
bool dequantize_plan(struct dequantized *out, const struct plan *plan,
	const struct outcome *outcome, struct error *err);
void dequantized_release(struct dequantized *out);

#endif
