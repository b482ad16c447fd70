/* Quirks of ONNX Runtime that touch the model at hand (qdq-semantics.md 9), as far as
 * options and graph alone tell. What default mode mends is told under ort-compatible
 * only. */
#include "plan/base.h"

#include "base/text.h"
#include "onnx/schema.h"
#include "rules/table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct quirks {
	struct base *b;
	const struct quant_options *options;
	const struct graph *graph;
	bool lost;
};

static void warn(struct quirks *q, const char *id, tensor_id tensor, node_id node,
	const char *remedy, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

static void warn(struct quirks *q, const char *id, tensor_id tensor, node_id node,
	const char *remedy, const char *format, ...)
{
	char cause[512];
	const char *place =
		tensor != GRAPH_NONE ? text_quoted_z(graph_tensor_name(q->graph, tensor))
		: node != GRAPH_NONE ? text_quoted_z(graph_node_label(q->graph, node))
				     : "model";
	va_list args;

	va_start(args, format);
	vsnprintf(cause, sizeof(cause), format, args);
	va_end(args);
	if (!problem_add(&q->b->problems, SEVERITY_WARNING, id, tensor, node, place,
		    cause, remedy))
		q->lost = true;
}

static bool is_op(const struct quirks *q, node_id node, const char *op)
{
	return !strcmp(graph_op_type(q->graph, node), op);
}

static bool is_selected(const struct quirks *q, node_id node)
{
	return q->b->nodes[node].flags & STATE_SELECTED;
}

/* Q3: Gemm with a bias loses its beta. */
static void check_beta(struct quirks *q, node_id node)
{
	const Onnx__AttributeProto *beta = graph_attribute(q->graph, node, "beta");
	tensor_id bias = graph_input_of(q->graph, node, 2);

	if (!beta || beta->f == 1.0f || bias == GRAPH_NONE ||
		!(q->b->tensors[bias].flags & STATE_BIAS))
		return;
	if (beta->f != 0.0f)
		warn(q, "Q3", GRAPH_NONE, node, "leave ort-compatible, or make beta 1",
			"beta %g is lost when this Gemm is quantized", (double)beta->f);
}

/* Q11: names act on all nodes that have them. */
static void check_names(struct quirks *q)
{
	node_id unnamed = GRAPH_NONE, repeated = GRAPH_NONE;
	uint32_t count = 0, repeats = 0;

	for (node_id n = 0; n < q->graph->main_nodes; n++) {
		name_id name = q->graph->nodes[n].name;
		size_t length = names_length(&q->graph->names, name);

		if (!length) {
			unnamed = count++ ? unnamed : n;
		} else if (graph_find_node(q->graph, names_text(&q->graph->names, name),
				   length) != n) {
			repeated = repeats++ ? repeated : n;
		}
	}
	if (count)
		warn(q, "Q11", GRAPH_NONE, unnamed, "give names: qdqedit prepare",
			count == 1 ? "a node has no name"
				   : "%u nodes have no name, so receivers and exclusions "
				     "take all of them together",
			(unsigned)count);
	if (repeats)
		warn(q, "Q11", GRAPH_NONE, repeated, "give names: qdqedit prepare",
			"%u node%s the name of another", (unsigned)repeats,
			repeats == 1 ? " repeats" : "s repeat");
}

/* Q28: Constant nodes are no constants for ONNX Runtime. */
static void check_constants(struct quirks *q)
{
	tensor_id first = GRAPH_NONE;
	uint32_t count = 0;

	for (tensor_id t = 0; t < q->graph->main_tensors; t++)
		if ((q->graph->tensors[t].flags & TENSOR_CONSTANT) &&
			(q->graph->tensors[t].element_type == ELEMENT_FLOAT ||
				q->graph->tensors[t].element_type == ELEMENT_FLOAT16))
			first = count++ ? first : t;
	if (count)
		warn(q, "Q28", first, GRAPH_NONE,
			"leave ort-compatible, or run qdqedit prepare first",
			count == 1
				? "%u float output of a Constant node is quantized as "
				  "an activation"
				: "%u float outputs of Constant nodes are quantized as "
				  "activations",
			(unsigned)count);
}

/* Q10: a name that the quantizer will make is taken already. */
static void check_taken_names(struct quirks *q, tensor_id tensor)
{
	static const char *const tails[] = {"_scale", "_zero_point", "_quantized",
		"_QuantizeLinear_Output", "_DequantizeLinear_Output",
		"_QuantizeLinear_Input"};
	const char *name = graph_tensor_name(q->graph, tensor);
	char made[512];

	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		int length = snprintf(made, sizeof(made), "%s%s", name, tails[i]);

		if (length < 0 || length >= (int)sizeof(made) ||
			graph_find_tensor(q->graph, made, (size_t)length) == GRAPH_NONE)
			continue;
		warn(q, "Q10", tensor, GRAPH_NONE, "leave ort-compatible, or rename it",
			"the quantizer makes %s, a name that is taken",
			text_quoted(made, (size_t)length));
		return;
	}
}

static void check_biases(struct quirks *q)
{
	if (q->options->no_quantize_bias && q->b->marks && q->b->marks->bias_count)
		warn(q, "Q22", GRAPH_NONE, GRAPH_NONE, "leave ort-compatible",
			"with QuantizeBias off, %u biases stay float, but weight scales "
			"are adjusted for them",
			(unsigned)q->b->marks->bias_count);
}

static void check_compatible(struct quirks *q)
{
	check_names(q);
	check_constants(q);
	check_biases(q);
	if (q->options->calib_max_intermediate_outputs)
		warn(q, "Q17", GRAPH_NONE, GRAPH_NONE, "leave it out",
			"CalibMaxIntermediateOutputs drops data");
	for (node_id n = 0; n < q->graph->main_nodes && !q->lost; n++)
		if (is_selected(q, n) && is_op(q, n, "Gemm"))
			check_beta(q, n);
	for (uint32_t i = 0; q->b->marks && i < q->b->marks->count && !q->lost; i++)
		if (q->b->marks->marks[i].tensor < q->graph->tensor_count)
			check_taken_names(q, q->b->marks->marks[i].tensor);
}

/* ---- both modes */

static void check_channels(struct quirks *q)
{
	if (q->options->per_channel && q->graph->opset && q->graph->opset < 13)
		warn(q, "Q20", GRAPH_NONE, GRAPH_NONE,
			"raise the opset, or leave per-channel off",
			"per-channel scales need opset 13, this model has %lld",
			(long long)q->graph->opset);
}

static void check_blocks(struct quirks *q)
{
	for (uint32_t i = 0; q->b->marks && i < q->b->marks->count && !q->lost; i++) {
		tensor_id t = q->b->marks->marks[i].tensor;

		if (t >= q->graph->tensor_count ||
			!(q->b->tensors[t].flags & STATE_WEIGHT) ||
			q->graph->tensors[t].rank == 2 || q->graph->tensors[t].rank < 0)
			continue;
		warn(q, "Q35", t, GRAPH_NONE,
			"unset BlockSize, or leave such operators out",
			"BlockSize fails for weights that are not of rank 2");
		return;
	}
}

static void check_gather(struct quirks *q)
{
	static const char *const ops[] = {"Gather", "GatherElements"};
	const struct text_list *excluded = &q->options->op_types_to_exclude_output;

	for (size_t i = 0; i < 2; i++) {
		if (!text_list_has(excluded, ops[i], strlen(ops[i])))
			continue;
		for (node_id n = 0; n < q->graph->main_nodes; n++)
			if (is_op(q, n, ops[i]) && is_selected(q, n)) {
				warn(q, "Q23", GRAPH_NONE, n, "exclude the nodes instead",
					"OpTypesToExcludeOutputQuantization has no "
					"effect on "
					"%s",
					ops[i]);
				break;
			}
	}
}

static void check_dedicated(struct quirks *q)
{
	for (uint32_t i = 0; i < q->graph->output_count && q->options->dedicated_qdq_pair;
		i++) {
		tensor_id t = q->graph->outputs[i];

		if (!(q->b->tensors[t].flags & STATE_QUANTIZED) ||
			q->graph->tensors[t].reader_count < 2)
			continue;
		warn(q, "Q32", t, GRAPH_NONE, "unset DedicatedQDQPair",
			"with dedicated pairs this graph output stays float");
		return;
	}
}

/* ONNX Runtime passes over names that mean nothing. `kind` as for graph_suggest. */
static void warn_of_name(struct quirks *q, const char *option, const char *id, char kind,
	const char *what, const char *name)
{
	char near[256], cause[320], remedy[320];

	graph_suggest(q->graph, kind, name, strlen(name), near, sizeof(near));
	snprintf(cause, sizeof(cause), "no %s is called %s", what, text_quoted_z(name));
	snprintf(remedy, sizeof(remedy), "%s%s%s",
		*near ? "did you mean " : "leave it out", near, *near ? "?" : "");
	q->lost = !problem_add(&q->b->problems, SEVERITY_WARNING, id, PROBLEM_NOWHERE,
		PROBLEM_NOWHERE, option, cause, remedy);
}

static void check_nodes(
	struct quirks *q, const char *option, const struct text_list *names)
{
	for (size_t i = 0; i < names->count && !q->lost; i++) {
		const char *name = names->items[i];

		if (graph_find_node(q->graph, name, strlen(name)) == GRAPH_NONE)
			warn_of_name(q, option, UNKNOWN_NODE, 'n', "node", name);
	}
}

static bool has_operator(const struct graph *graph, const char *op_type)
{
	if (schema_first_since(op_type) ||
		*op_rule_find(op_type, strlen(op_type))->op_type)
		return true;
	for (node_id n = 0; n < graph->node_count; n++)
		if (!strcmp(graph_op_type(graph, n), op_type))
			return true;
	return false;
}

/* Lists are written for many models: an operator that this one lacks is no fault. */
static void check_operators(struct quirks *q)
{
	const struct text_list *names = &q->options->op_types;

	for (size_t i = 0; i < names->count && !q->lost; i++)
		if (!has_operator(q->graph, names->items[i]))
			warn_of_name(q, "--op-types", UNKNOWN_OPERATOR, 'o', "operator",
				names->items[i]);
}

bool base_find_quirks(struct base *b, const struct quant_options *options)
{
	struct quirks q = {b, options, b->graph, false};

	check_nodes(&q, "--nodes-to-quantize", &options->nodes_to_quantize);
	check_nodes(&q, "--nodes-to-exclude", &options->nodes_to_exclude);
	check_operators(&q);
	check_channels(&q);
	if (options->block_size > 0)
		check_blocks(&q);
	check_gather(&q);
	check_dedicated(&q);
	if (options->ort_compatible)
		check_compatible(&q);
	return !q.lost;
}
