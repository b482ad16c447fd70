/* Scale and zero point of every activation that has a range (qdq-semantics.md 2.9 and
 * 4.6), and what marking asks about tensors. Preview and quantizer share it. */
#ifndef QDQEDIT_PLAN_PARAMETERS_H
#define QDQEDIT_PLAN_PARAMETERS_H

#include "plan/overrides.h"
#include "plan/ranges.h"
#include "rules/marks.h"
#include "rules/scale.h"

/* The parameters of one tensor. */
struct parameters {
	struct scale original;
	struct scale converted;    /* its type is QTYPE_NONE without conversion */
	const struct entry *entry; /* its receivers, when converted; borrowed */
	bool known;                /* false: the tensor has no range */
};

/* By tensor; `of` is graph->tensor_count long. Freed by parameters_free. */
struct parameter_table {
	const struct graph *graph;
	const struct overrides *overrides; /* borrowed */
	struct parameters *of;
	uint32_t own_types; /* scales in the tensor's type where ONNX Runtime has float32
			       (Q14) */
	uint32_t bare_ranges; /* without a type, taken in the tensor's (Q37) */
};

/* Adjusts ranges node by node, then computes. Faults (NaN, a Softmax without range, an
 * override with axis on an activation) go to `problems`, or, when it is NULL, make the
 * first of them the error. Without any range nothing is adjusted,
 * unless that fails in ONNX Runtime (a Softmax) and faults are errors. */
struct parameter_table *parameters_make(const struct graph *graph,
	const struct quant_options *options, const struct overrides *overrides,
	const struct ranges *ranges, struct problem_list *problems, struct error *err);
void parameters_free(struct parameter_table *table);

/* How a range becomes the scale of an activation in a type: the options alone, without
 * overrides. `element` is the type the range is in. */
struct scale_rule parameters_rule(
	const struct quant_options *options, enum qtype type, int32_t element);

/* From what the parameters of one side of a tensor are computed. */
struct parameter_source {
	bool given;        /* scale and zero point stand in the overrides */
	bool stored;       /* or in the file of a quantized model; then given too */
	unsigned replaced; /* ENTRY_RMIN, ENTRY_RMAX: ends that overrides give */
	struct scale_rule rule;
	double low, high; /* the range that is used */
	struct scale scale;
};

/* The same for one tensor, to be told; the other side with `converted`. *known is false
 * if it has no range (then nothing is set). */
bool parameters_explain(const struct graph *graph, const struct quant_options *options,
	const struct overrides *overrides, const struct ranges *ranges, tensor_id tensor,
	bool converted, struct parameter_source *source, bool *known, struct error *err);

/* For struct marks_facts: `arg` is the table. */
void parameters_facts(const void *arg, tensor_id tensor, struct tensor_facts *facts);

/* The scale that a node (by its name) receives. */
const struct scale *parameters_for_reader(
	const struct parameter_table *table, tensor_id tensor, node_id node);

#endif
