#include "qdq/view.h"

#include "base/text.h"
#include "qdq/float_model.h"
#include "qdq/view_parts.h"
#include "quant/prepare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool qdq_is_quantized(const struct model *model)
{
	const Onnx__GraphProto *graph = model->proto->graph;

	for (size_t i = 0; graph && i < graph->n_node; i++)
		if (bytes_equal(graph->node[i]->op_type, "QuantizeLinear"))
			return true;
	return false;
}

static bool no_memory(const struct qdq_view *view, struct error *err)
{
	return error_set_memory(err, text_path(view->input->path));
}

/* ---- which is which */

/* The node of the view that stands for one of the file: found by what it writes. */
static node_id find_node(const struct qdq_view *view, node_id file_node)
{
	const struct graph *g = view->file;

	for (uint32_t i = 0; i < g->nodes[file_node].output_count; i++) {
		tensor_id out = graph_output_of(g, file_node, i);
		const struct qdq_member *at;
		tensor_id found;

		if (out == GRAPH_NONE)
			continue;
		at = &view->qdq->of_tensor[out];
		if (at->side)
			found = view->tensor_of[at->group];
		else
			found = graph_find_tensor(view->graph,
				names_text(&g->names, g->tensors[out].name),
				names_length(&g->names, g->tensors[out].name));
		return found == GRAPH_NONE ? GRAPH_NONE
					   : view->graph->tensors[found].producer;
	}
	return GRAPH_NONE;
}

static bool map_nodes(struct qdq_view *view, struct error *err)
{
	uint32_t files = view->file->main_nodes, views = view->graph->main_nodes;

	view->node_of = malloc(((size_t)files + 1) * sizeof(*view->node_of));
	view->file_node = malloc(((size_t)views + 1) * sizeof(*view->file_node));
	if (!view->node_of || !view->file_node)
		return no_memory(view, err);
	for (node_id n = 0; n < views; n++)
		view->file_node[n] = GRAPH_NONE;
	for (node_id n = 0; n < files; n++) {
		node_id found =
			view->qdq->of_node[n].role ? GRAPH_NONE : find_node(view, n);

		view->node_of[n] = found;
		if (found < views)
			view->file_node[found] = n;
	}
	return true;
}

static bool map_tensors(struct qdq_view *view, struct error *err)
{
	size_t groups = view->qdq->groups.count;

	view->tensor_of = malloc((groups + 1) * sizeof(*view->tensor_of));
	view->group_of =
		calloc((size_t)view->graph->tensor_count + 1, sizeof(*view->group_of));
	if (!view->tensor_of || !view->group_of)
		return no_memory(view, err);
	for (uint32_t i = 0; i < groups; i++) {
		const struct qdq_group *group = &view->qdq->groups.items[i];
		tensor_id found =
			graph_find_tensor(view->graph, group->name, group->name_length);

		view->tensor_of[i] = found;
		if (found != GRAPH_NONE)
			view->group_of[found] = i + 1;
	}
	return true;
}

bool view_is_quantized(const struct qdq_view *view, node_id node)
{
	const struct graph_node *n = &view->graph->nodes[node];
	node_id file_node = view->file_node[node];

	if (file_node == GRAPH_NONE)
		return false;
	for (uint32_t i = 0; i < n->input_count; i++)
		if (view_side_is_quantized(view_slot_side(view, file_node, i)))
			return true;
	for (uint32_t i = 0; i < n->output_count; i++)
		if (view_group(view, graph_output_of(view->graph, node, i)))
			return true;
	return false;
}

int32_t view_symmetric_zero(enum qtype type)
{
	return qtypes[type].is_signed ? 0 : (qtypes[type].full[1] + 1) / 2;
}

/* ---- notes */

/* Strangers are told together by reason: there may be thousands. */
static bool note_strangers(struct qdq_view *view)
{
	struct qdq_reason reasons[QDQ_REASONS];
	uint32_t count = qdq_list_reasons(view->qdq, reasons);
	char cause[256], others[48];

	for (uint32_t i = 0; i < count; i++) {
		*others = '\0';
		if (reasons[i].count > 1)
			snprintf(others, sizeof(others), ", nor %s %u like it",
				reasons[i].count > 2 ? "are" : "is",
				(unsigned)reasons[i].count - 1);
		snprintf(cause, sizeof(cause), "is not edited%s: %s", others,
			reasons[i].reason);
		if (!problem_add(&view->notes, SEVERITY_NOTE, "stranger", PROBLEM_NOWHERE,
			    PROBLEM_NOWHERE,
			    text_quoted_z(graph_node_label(view->file, reasons[i].first)),
			    cause, ""))
			return false;
	}
	return true;
}

/* ---- opening */

static bool build_graphs(
	struct qdq_view *view, const struct quant_options *options, struct error *err)
{
	struct problem_list unsaid = {0}; /* names that stand in no file */

	view->model = float_model_make(view, err);
	if (!view->model)
		return false;
	view->named = prepare_model(view->model, options, &unsaid, err);
	problem_clear(&unsaid);
	if (!view->named)
		return false;
	view->graph = graph_build(view->named, err);
	return view->graph && map_tensors(view, err) && map_nodes(view, err);
}

static bool fill(
	struct qdq_view *view, const struct quant_options *options, struct error *err)
{
	struct quant_options plain;
	struct marks *rules = NULL;
	bool fine;

	options_init(&plain);
	fine = (!options || options_copy(&plain, options, err));
	plain.ort_compatible = false;
	plain.keep_constants = true;
	fine = fine && build_graphs(view, &plain, err) &&
	       view_infer_options(view, &plain, &rules, err) &&
	       view_make_marks(view, rules, err) && view_make_ranges(view, err) &&
	       view_make_overrides(view, rules, err) &&
	       (note_strangers(view) || no_memory(view, err));
	marks_free(rules);
	options_release(&plain);
	if (fine)
		view->graph->quantized = view->marks;
	return fine;
}

bool qdq_view_open(struct qdq_view **out, struct model *input,
	const struct quant_options *options, struct error *err)
{
	struct qdq_view *view = calloc(1, sizeof(*view));
	bool fine;

	*out = NULL;
	if (!view)
		return error_set_memory(err, text_path(input->path));
	view->input = input;
	options_init(&view->options);
	view->file = graph_build(input, err);
	view->qdq = view->file ? qdq_find(view->file, err) : NULL;
	fine = view->qdq != NULL;
	if (fine && view->qdq->groups.count) {
		fine = fill(view, options, err);
		if (fine)
			*out = view;
	}
	if (!*out)
		qdq_view_free(view);
	return fine;
}

void qdq_view_free(struct qdq_view *view)
{
	if (!view)
		return;
	overrides_release(&view->overrides);
	ranges_release(&view->ranges);
	problem_clear(&view->notes);
	options_release(&view->options);
	marks_free(view->marks);
	graph_free(view->graph);
	if (view->named != view->model)
		model_free(view->named);
	model_free(view->model);
	qdq_free(view->qdq);
	graph_free(view->file);
	free(view->tensor_of);
	free(view->group_of);
	free(view->node_of);
	free(view->file_node);
	free(view);
}
