/* What each class of operators marks, step by step (qdq-semantics.md 3.6). */
#include "base/text.h"
#include "rules/marking.h"

#include <string.h>

static bool outputs(struct marking *k, node_id n)
{
	if (selection_choice(&k->selection, n)->without_output)
		return true;
	for (uint32_t i = 0; i < k->graph->nodes[n].output_count; i++) {
		if (!marking_activation(k, marking_output(k, n, i)))
			return false;
	}
	return true;
}

static bool first_output(struct marking *k, node_id n)
{
	return selection_choice(&k->selection, n)->without_output ||
	       marking_activation(k, marking_output(k, n, 0));
}

static bool rule_generic(struct marking *k, node_id n)
{
	for (uint32_t i = 0; i < k->graph->nodes[n].input_count; i++) {
		if (!marking_activation(k, marking_input(k, n, i)))
			return false;
	}
	return outputs(k, n);
}

static bool rule_conv(struct marking *k, node_id n)
{
	const struct op_choice *choice = selection_choice(&k->selection, n);
	tensor_id x = marking_input(k, n, 0), w = marking_input(k, n, 1);

	if (!marking_activation(k, x) || !first_output(k, n) ||
		!marking_weight_or_channels(k, w, choice->rule->axis, NULL))
		return false;
	return k->graph->nodes[n].input_count != 3 ||
	       marking_bias(k, n, marking_input(k, n, 2), x, w, 1.0f);
}

static float beta_of(const struct graph *graph, node_id n)
{
	const Onnx__AttributeProto *beta = graph_attribute(graph, n, "beta");

	return beta ? beta->f : 1.0f;
}

/* The factor is lost where the bias does not become int32: only ONNX Runtime does so. */
static void reset_beta(struct marking *k, node_id n, uint32_t biases_before)
{
	if (k->options->ort_compatible || k->m->bias_count > biases_before)
		k->m->node_flags[n] |= NODE_BETA_ONE;
	else if (!k->options->no_quantize_bias && beta_of(k->graph, n) != 1.0f)
		k->m->node_flags[n] |= NODE_BETA_KEPT;
}

static bool rule_gemm(struct marking *k, node_id n)
{
	bool transposed = graph_int_attribute(k->graph, n, "transB", 0) > 0;
	tensor_id x = marking_input(k, n, 0), w = marking_input(k, n, 1);
	uint32_t biases = k->m->bias_count;

	if (!marking_activation(k, x) || !first_output(k, n) ||
		!marking_weight_or_channels(k, w, transposed ? 0 : 1, NULL))
		return false;
	if (k->graph->nodes[n].input_count != 3 ||
		!marking_is_initializer(k, marking_input(k, n, 2)))
		return true;
	if (!marking_bias(k, n, marking_input(k, n, 2), x, w, beta_of(k->graph, n)))
		return false;
	reset_beta(k, n, biases);
	return true;
}

static bool matmul_operand(struct marking *k, node_id n, tensor_id tensor)
{
	const struct op_choice *choice = selection_choice(&k->selection, n);

	if (!marking_is_initializer(k, tensor))
		return marking_activation(k, tensor);
	return marking_weight_or_channels(k, tensor, choice->rule->axis, choice);
}

static bool rule_matmul(struct marking *k, node_id n)
{
	const struct graph_node *node = &k->graph->nodes[n];

	for (uint32_t i = 0; i < node->input_count; i++) {
		if (!matmul_operand(k, n, marking_input(k, n, i)))
			return false;
	}
	if (selection_choice(&k->selection, n)->without_output)
		return true;
	for (uint32_t i = 0; i < node->output_count; i++) {
		if (!matmul_operand(k, n, marking_output(k, n, i)))
			return false;
	}
	return true;
}

static bool rule_removable(struct marking *k, node_id n)
{
	tensor_id x = marking_input(k, n, 0);
	bool removed = false;

	if (!marking_is_marked(k, x))
		return true;
	if (!k->options->activation_symmetric &&
		!k->options->keep_removable_activations &&
		!marking_try_removal(k, n, &removed))
		return false;
	if (removed)
		k->m->node_flags[n] |= NODE_REMOVED;
	else if (!marking_activation(k, x))
		return false;
	return first_output(k, n);
}

static bool rule_direct(struct marking *k, node_id n)
{
	const struct op_choice *choice = selection_choice(&k->selection, n);
	tensor_id x = marking_input(k, n, 0);

	if (k->opset < choice->rule->opset)
		return true;
	if (k->options->force_quantize_no_input_check) {
		if (!marking_activation(k, x))
			return false;
	} else if (!marking_is_marked(k, x)) {
		return true;
	}
	return choice->without_output || marking_same(k, marking_output(k, n, 0), x, n);
}

/* The exclusion of outputs is not asked here (Q23). */
static bool rule_gather(struct marking *k, node_id n)
{
	tensor_id x = marking_input(k, n, 0);

	if (k->options->force_quantize_no_input_check ||
		(marking_is_initializer(k, x) && marking_is_float(k, x))) {
		if (!marking_activation(k, x))
			return false;
	} else if (!marking_is_marked(k, x)) {
		return true;
	}
	return marking_same(k, marking_output(k, n, 0), x, n);
}

static bool rule_split(struct marking *k, node_id n)
{
	tensor_id x = marking_input(k, n, 0);

	if (!marking_is_marked(k, x) && !marking_activation(k, x))
		return false;
	if (selection_choice(&k->selection, n)->without_output)
		return true;
	for (uint32_t i = 0; i < k->graph->nodes[n].output_count; i++) {
		if (!marking_same(k, marking_output(k, n, i), x, n))
			return false;
	}
	return true;
}

static bool rule_where(struct marking *k, node_id n)
{
	tensor_id a = marking_input(k, n, 1), b = marking_input(k, n, 2);

	if (k->options->force_quantize_no_input_check) {
		if (!marking_is_marked(k, a) && !marking_activation(k, a))
			return false;
		if (!marking_is_marked(k, b) && !marking_activation(k, b))
			return false;
	} else if (!marking_is_marked(k, a) || !marking_is_marked(k, b)) {
		return true;
	}
	return outputs(k, n);
}

static bool rule_pad(struct marking *k, node_id n)
{
	bool shares;

	for (uint32_t i = 0; i < k->graph->nodes[n].input_count; i++) {
		if (!marking_activation(k, marking_input(k, n, i)))
			return false;
	}
	if (selection_choice(&k->selection, n)->without_output)
		return true;
	if (!marking_pad_shares(k, n, &shares))
		return false;
	return shares ? marking_same(
				k, marking_output(k, n, 0), marking_input(k, n, 0), n)
		      : marking_activation(k, marking_output(k, n, 0));
}

static bool rule_normalization(struct marking *k, node_id n)
{
	const struct op_choice *choice = selection_choice(&k->selection, n);
	tensor_id x = marking_input(k, n, 0), scale = marking_input(k, n, 1);
	tensor_id bias = marking_input(k, n, 2);

	if (!marking_activation(k, x))
		return false;
	if (marking_is_initializer(k, scale) ? !marking_weight_or_channels(k, scale,
						       choice->rule->axis, choice)
					     : !marking_activation(k, scale))
		return false;
	if (bias != GRAPH_NONE && !marking_bias(k, n, bias, x, scale, 1.0f))
		return false;
	return outputs(k, n);
}

bool marking_apply(struct marking *k, node_id n)
{
	static bool (*const rules[OP_CLASS_COUNT])(struct marking *, node_id) = {
		[OP_GENERIC] = rule_generic,
		[OP_CONV] = rule_conv,
		[OP_GEMM] = rule_gemm,
		[OP_MATMUL] = rule_matmul,
		[OP_REMOVABLE] = rule_removable,
		[OP_DIRECT] = rule_direct,
		[OP_GATHER] = rule_gather,
		[OP_SPLIT] = rule_split,
		[OP_WHERE] = rule_where,
		[OP_PAD] = rule_pad,
		[OP_NORMALIZATION] = rule_normalization,
	};

	return rules[selection_choice(&k->selection, n)->rule->op_class](k, n);
}
