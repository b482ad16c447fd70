/* The quantized model of (graph, options, overrides, ranges): qdq-semantics.md 7.2 and
 * 7.3, 7.5. */
#ifndef QDQEDIT_QUANT_QUANTIZE_H
#define QDQEDIT_QUANT_QUANTIZE_H

#include "plan/overrides.h"
#include "plan/ranges.h"
#include "quant/parallel.h"

/* What was done. */
struct quantize_result {
	uint32_t quantize_nodes, dequantize_nodes; /* that were added */
	uint32_t conversions;                      /* tensors with a converted part */
	uint32_t weights, biases;                  /* constants that became integers */
	uint32_t adjusted_weights;          /* whose scales were raised for a bias */
	uint32_t removed_nodes;             /* Relu and Clip */
	uint64_t weight_bytes[QTYPE_COUNT]; /* of the integer constants, by type */
	bool contrib_domain;                /* Q and DQ are of com.microsoft */
};

/* Quantizes. The opset was raised before, if it was to be (graph is of that model). With
 * options->ort_compatible the result is ONNX Runtime's, faults included; else each
 * mending of command-line.md 7 that changed something is noted in `notes`. The result
 * is derived from graph->model, which must outlive it; weights are made while it is
 * written, on as many threads as `work` says. NULL on failure; freed by model_free. */
struct model *quantize_model(const struct graph *graph,
	const struct quant_options *options, const struct overrides *overrides,
	const struct ranges *ranges, const struct quant_work *work,
	struct quantize_result *result, struct problem_list *notes, struct error *err);

#endif
