/* The quantizer: a float model, options, overrides and ranges in, a QDQ model out. */
#ifndef QDQEDIT_QUANT_QUANTIZE_H
#define QDQEDIT_QUANT_QUANTIZE_H

#include "base/problem.h"
#include "graph/graph.h"
#include "plan/overrides.h"
#include "plan/ranges.h"

struct quantize_result {
	uint32_t quantize_nodes, dequantize_nodes, conversions;
	uint32_t weights, biases, adjusted_weights, removed_nodes;
	bool contrib_domain; /* Q and DQ are com.microsoft's */
};

/* The quantized model, derived from graph->model (freed by the caller before it); the
 * integer weights are made when it is written. Follows qdq-semantics.md section 7 to the
 * byte with options->ort_compatible; otherwise with the mendings of command-line.md 7,
 * each one that changed something a note. The opset is not raised here. Refusals name
 * the tensor or node, the cause and the next step. */
struct model *quantize_model(const struct graph *graph,
	const struct quant_options *options, const struct overrides *overrides,
	const struct ranges *ranges, struct quantize_result *result,
	struct problem_list *notes, struct error *err);

#endif
