/* Which tensors are calibrated (qdq-semantics.md 2.1). */
#include "calib/calib.h"
#include "rules/selection.h"

static bool counts(const struct graph *graph, tensor_id tensor)
{
	const struct graph_tensor *t;

	if (tensor == GRAPH_NONE)
		return false;
	t = &graph->tensors[tensor];
	return element_is_float(t->element_type) &&
	       !(t->flags & (TENSOR_INITIALIZER | TENSOR_SPARSE | TENSOR_UNDEFINED));
}

static void want_slots(
	const struct graph *graph, uint32_t first, uint32_t count, bool *wanted)
{
	for (uint32_t i = 0; i < count; i++)
		if (counts(graph, graph->slots[first + i]))
			wanted[graph->slots[first + i]] = true;
}

bool calib_is_inside(const struct graph *graph, tensor_id tensor)
{
	const struct graph_tensor *t = &graph->tensors[tensor];

	return t->scope && t->producer != GRAPH_NONE &&
	       !graph_is_constant(graph, tensor) && counts(graph, tensor);
}

static void want_bodies(const struct graph *graph, bool *wanted)
{
	for (tensor_id i = 0; i < graph->tensor_count; i++)
		if (calib_is_inside(graph, i))
			wanted[i] = true;
}

bool calib_select(const struct graph *graph, const struct quant_options *options,
	bool bodies, bool *wanted, struct error *err)
{
	struct selection selection;
	bool made = selection_make(&selection, graph, options, err);

	for (node_id i = 0; made && i < graph->main_nodes; i++) {
		const struct graph_node *node = &graph->nodes[i];

		if (!selection_choice(&selection, i)->listed)
			continue;
		want_slots(graph, node->first_input, node->input_count, wanted);
		want_slots(graph, node->first_output, node->output_count, wanted);
	}
	selection_release(&selection);
	if (made && bodies)
		want_bodies(graph, wanted);
	return made;
}
