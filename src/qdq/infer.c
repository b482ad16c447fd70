/* The options that a quantized model must have been made with. */
#include "qdq/view_parts.h"

#include "base/text.h"
#include "rules/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tally {
	const struct qdq_view *view;
	uint32_t activations[QTYPE_COUNT], weights[QTYPE_COUNT], constants[QTYPE_COUNT];
	uint32_t by_channel, by_tensor, by_block;
	uint32_t symmetric, asymmetric;        /* activations */
	uint32_t even_weights, uneven_weights; /* zero point as symmetric has it */
	int64_t block;
};

static enum qtype most(const uint32_t counts[QTYPE_COUNT], enum qtype otherwise)
{
	enum qtype best = otherwise;

	for (int t = QTYPE_NONE + 1; t < QTYPE_COUNT; t++)
		if (counts[t] > counts[best])
			best = (enum qtype)t;
	return best;
}

/* The second input of a node that takes weights there. */
static bool is_weight(const struct qdq_view *view, tensor_id tensor)
{
	uint32_t count;
	const struct graph_reader *readers =
		graph_readers_of(view->graph, tensor, &count);

	for (uint32_t i = 0; i < count; i++) {
		const char *op = graph_op_type(view->graph, readers[i].node);
		enum op_class class = op_rule_find(op, strlen(op))->op_class;

		if ((class == OP_CONV || class == OP_GEMM || class == OP_NORMALIZATION) &&
			readers[i].slot == 1)
			return true;
		if (class == OP_MATMUL)
			return true;
	}
	return false;
}

static void count_constant(
	struct tally *t, const struct qdq_group *group, tensor_id tensor)
{
	const struct qdq_params *p = &group->own;

	t->constants[p->type]++;
	if (!is_weight(t->view, tensor))
		return;
	t->weights[p->type]++;
	t->by_channel += p->axis >= 0 && !p->block;
	t->by_tensor += p->axis < 0;
	t->by_block += p->block > 0;
	if (p->block)
		t->block = p->block;
	if (p->axis < 0 && p->zero == view_symmetric_zero(p->type))
		t->even_weights++;
	else if (p->axis < 0)
		t->uneven_weights++;
}

static void count_groups(struct tally *t)
{
	const struct qdq_group_list *groups = &t->view->qdq->groups;

	for (size_t i = 0; i < groups->count; i++) {
		const struct qdq_group *group = &groups->items[i];

		if (group->kind == QDQ_WEIGHT || group->kind == QDQ_FLOAT_WEIGHT)
			count_constant(t, group, t->view->tensor_of[i]);
		if (group->kind != QDQ_ACTIVATION)
			continue;
		t->activations[group->own.type]++;
		if (group->own.zero == view_symmetric_zero(group->own.type))
			t->symmetric++;
		else
			t->asymmetric++;
	}
}

/* ---- options from counts */

static bool any_contrib(const struct qdq_view *view)
{
	for (node_id n = 0; n < view->file->main_nodes; n++)
		if (view->qdq->of_node[n].role &&
			!strcmp(names_text(
					&view->file->names, view->file->nodes[n].domain),
				"com.microsoft"))
			return true;
	return false;
}

static void set_weights(struct quant_options *o, const struct tally *t)
{
	enum qtype type = most(t->weights, QTYPE_NONE);

	o->weight_type = type ? type : most(t->constants, o->weight_type);
	o->per_channel = t->by_channel > t->by_tensor;
	o->block_size = t->by_block > t->by_channel + t->by_tensor ? t->block : 0;
	o->weight_symmetric = UNSET;
	if (qtypes[o->weight_type].is_signed && t->uneven_weights > t->even_weights)
		o->weight_symmetric = NO;
	if (!qtypes[o->weight_type].is_signed && t->even_weights > t->uneven_weights)
		o->weight_symmetric = YES;
}

static void set_simple(struct qdq_view *view, const struct tally *t)
{
	struct quant_options *o = &view->options;
	bool contrib = any_contrib(view);

	o->activation_type = most(t->activations, o->activation_type);
	o->activation_symmetric = t->symmetric && !t->asymmetric;
	o->activation_restricted_asymmetric = false;
	o->has_minimum_real_range = false;
	o->reduce_range = false;
	set_weights(o, t);
	o->add_qdq_pair_to_weight = view->qdq->kinds[QDQ_FLOAT_WEIGHT] > 0;
	o->dedicated_qdq_pair = false; /* the file's pairs stay; a conversion may join */
	o->use_contrib_ops = contrib && model_opset(view->input) >= 21;
	o->opset_policy = contrib ? OPSET_KEEP : OPSET_RAISE;
}

/* A third input that would be an int32 bias and is not. */
static bool leaves_bias(const struct qdq_view *view, node_id n)
{
	const char *op = graph_op_type(view->graph, n);
	enum op_class class = op_rule_find(op, strlen(op))->op_class;
	tensor_id bias = graph_input_of(view->graph, n, 2);

	return (class == OP_CONV || class == OP_GEMM) && bias != GRAPH_NONE &&
	       (view->graph->tensors[bias].flags & TENSOR_INITIALIZER) &&
	       view_is_quantized(view, n) && !view_group(view, bias);
}

static void set_biases(struct qdq_view *view)
{
	view->options.no_quantize_bias = false;
	for (node_id n = 0; !view->qdq->kinds[QDQ_BIAS] && n < view->graph->main_nodes;
		n++)
		if (leaves_bias(view, n))
			view->options.no_quantize_bias = true;
}

/* ---- operator types and nodes */

enum coverage {
	COVER_NONE,    /* it has no float tensors, or may be so whether chosen or not */
	COVER_FULL,    /* all its float tensors are quantized */
	COVER_LACKING, /* one of them is not */
};

/* These are marked only if what they read is. */
static bool only_follows(enum op_class class)
{
	return class == OP_REMOVABLE || class == OP_DIRECT || class == OP_GATHER ||
	       class == OP_WHERE;
}

static bool is_float(const struct qdq_view *view, tensor_id tensor)
{
	return tensor != GRAPH_NONE &&
	       element_is_float(view->graph->tensors[tensor].element_type);
}

static enum coverage cover(const struct qdq_view *view, node_id n)
{
	const struct graph *g = view->graph;
	const struct graph_node *node = &g->nodes[n];
	const char *op = graph_op_type(g, n);
	enum op_class class = op_rule_find(op, strlen(op))->op_class;
	uint32_t full = 0, lacking = 0, outputs = 0;

	if (view->file_node[n] == GRAPH_NONE)
		return COVER_NONE;
	for (uint32_t i = 0; i < node->input_count; i++) {
		tensor_id in = graph_input_of(g, n, i);
		bool seen = view_side_is_quantized(
			view_slot_side(view, view->file_node[n], i));

		if (!is_float(view, in) || (class != OP_GENERIC && i > 0))
			continue;
		full += seen;
		lacking += !seen;
	}
	for (uint32_t i = 0; i < node->output_count; i++) {
		tensor_id out = graph_output_of(g, n, i);

		if (!is_float(view, out))
			continue;
		outputs++;
		full += view_group(view, out) != NULL;
		lacking += view_group(view, out) == NULL;
	}
	if (!outputs || !strcmp(op, "Constant"))
		return COVER_NONE;
	if (only_follows(class) && (lacking || !full))
		return COVER_NONE;
	return lacking ? COVER_LACKING : full ? COVER_FULL : COVER_NONE;
}

struct op_counts {
	uint32_t full, lacking;
};

static bool list_types(
	struct qdq_view *view, const struct op_counts *counts, struct error *err)
{
	const struct graph *g = view->graph;
	struct text_list *list = &view->options.op_types;

	text_list_release(list);
	view->options.all_op_types = false;
	for (name_id op = 0; op < g->names.count; op++) {
		const char *text = names_text(&g->names, op);
		size_t length = names_length(&g->names, op);

		if (counts[op].full > counts[op].lacking &&
			!text_list_push(list, text, length, err))
			return false;
	}
	return true;
}

static bool is_chosen(const struct qdq_view *view, name_id op)
{
	const struct graph *g = view->graph;
	const char *text = names_text(&g->names, op);
	size_t length = names_length(&g->names, op);

	if (view->options.all_op_types)
		return true;
	return view->options.op_types.count
		       ? text_list_has(&view->options.op_types, text, length)
		       : op_rule_find(text, length)->in_default;
}

static bool list_excluded(
	struct qdq_view *view, const unsigned char *covers, struct error *err)
{
	const struct graph *g = view->graph;
	struct quant_options *o = &view->options;

	text_list_release(&o->nodes_to_quantize);
	text_list_release(&o->nodes_to_exclude);
	for (node_id n = 0; n < g->main_nodes; n++) {
		const struct graph_node *node = &g->nodes[n];

		if (covers[n] != COVER_LACKING || view_is_quantized(view, n) ||
			!is_chosen(view, node->op_type))
			continue;
		if (!text_list_push(&o->nodes_to_exclude, graph_node_name(g, n),
			    names_length(&g->names, node->name), err))
			return false;
	}
	return true;
}

/* The operator types, unless their list is right but for a few tensors; and the nodes
 * that are left out. */
static bool set_selection(struct qdq_view *view, bool listed, struct error *err)
{
	const struct graph *g = view->graph;
	unsigned char *covers = calloc((size_t)g->main_nodes + 1, 1);
	struct op_counts *counts = calloc((size_t)g->names.count + 1, sizeof(*counts));
	bool fine = (covers && counts) || error_set_memory(err, "the options");

	for (node_id n = 0; fine && n < g->main_nodes; n++) {
		covers[n] = (unsigned char)cover(view, n);
		counts[g->nodes[n].op_type].full += covers[n] == COVER_FULL;
		counts[g->nodes[n].op_type].lacking += covers[n] == COVER_LACKING;
	}
	fine = fine && (listed || list_types(view, counts, err)) &&
	       list_excluded(view, covers, err);
	free(covers);
	free(counts);
	return fine;
}

/* ---- */

/* False only when memory is gone; *marks is NULL when the graph cannot be marked. */
static bool mark(struct qdq_view *view, struct marks **marks, struct error *err)
{
	struct error refusal = ERROR_INIT;

	*marks = marks_build(view->graph, &view->options, &marks_no_facts, &refusal);
	return *marks || refusal.kind != ERROR_MEMORY || error_set_memory(err, "marks");
}

/* Tensors that the rules quantize and the file does not, or the other way round. */
static uint32_t count_misfits(const struct qdq_view *view, const struct marks *marks)
{
	uint32_t count = 0;

	for (tensor_id t = 0; marks && t < view->graph->main_tensors; t++)
		count += (marks->place[t] || marks->bias_place[t]) !=
			 (view->group_of[t] > 0);
	return marks ? count : UINT32_MAX;
}

/* Chooses the default list of operator types, or all of them, if that explains the file
 * but for a few tensors; *misfits is how many. */
static bool try_lists(struct qdq_view *view, uint32_t *misfits, struct error *err)
{
	struct quant_options *o = &view->options;
	uint32_t counts[2];
	struct marks *marks;

	text_list_release(&o->op_types);
	text_list_release(&o->nodes_to_quantize);
	text_list_release(&o->nodes_to_exclude);
	for (int all = 0; all <= 1; all++) {
		o->all_op_types = all;
		if (!mark(view, &marks, err))
			return false;
		counts[all] = count_misfits(view, marks);
		marks_free(marks);
	}
	o->all_op_types = counts[1] < counts[0];
	*misfits = counts[o->all_op_types];
	return true;
}

bool view_infer_options(struct qdq_view *view, const struct quant_options *options,
	struct marks **rules, struct error *err)
{
	enum { FEW = 10 };
	struct tally tally = {.view = view};
	uint32_t misfits;
	bool few;

	options_release(&view->options);
	options_init(&view->options);
	if (!options_copy(&view->options, options, err))
		return false;
	count_groups(&tally);
	set_simple(view, &tally);
	set_biases(view);
	if (!try_lists(view, &misfits, err))
		return false;
	few = misfits <= view->qdq->groups.count / FEW;
	return (!misfits || set_selection(view, few, err)) && mark(view, rules, err);
}
