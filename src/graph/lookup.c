/* Finding by name, texts, attributes and constants. */
#include "graph/build.h"

#include <string.h>

tensor_id graph_find_tensor(const struct graph *graph, const char *name, size_t length)
{
	name_id id = names_find(&graph->names, name, length);

	return id == NAME_NONE ? GRAPH_NONE : build_lookup(graph, 0, id);
}

tensor_id graph_find_inside(
	const struct graph *graph, const char *name, size_t length, scope_id *scope)
{
	name_id id = names_find(&graph->names, name, length);
	tensor_id found = GRAPH_NONE;

	while (id != NAME_NONE && found == GRAPH_NONE && *scope + 1 < graph->scope_count)
		found = build_lookup(graph, ++*scope, id);
	return found;
}

node_id graph_find_node(const struct graph *graph, const char *name, size_t length)
{
	name_id id = length ? names_find(&graph->names, name, length) : NAME_NONE;

	return id < graph->node_slot_count ? graph->node_slots[id] : GRAPH_NONE;
}

const char *graph_tensor_name(const struct graph *graph, tensor_id tensor)
{
	return names_text(&graph->names, graph->tensors[tensor].name);
}

const char *graph_node_name(const struct graph *graph, node_id node)
{
	return names_text(&graph->names, graph->nodes[node].name);
}

const char *graph_op_type(const struct graph *graph, node_id node)
{
	return names_text(&graph->names, graph->nodes[node].op_type);
}

const char *graph_node_label(const struct graph *graph, node_id node)
{
	const struct graph_node *n = &graph->nodes[node];

	if (names_length(&graph->names, n->name))
		return graph_node_name(graph, node);
	for (uint32_t k = 0; k < n->output_count; k++) {
		tensor_id t = graph_output_of(graph, node, k);

		if (t != GRAPH_NONE)
			return graph_tensor_name(graph, t);
	}
	return graph_op_type(graph, node);
}

const Onnx__AttributeProto *graph_attribute(
	const struct graph *graph, node_id node, const char *name)
{
	return node_attribute(graph->nodes[node].proto, name);
}

int64_t graph_int_attribute(
	const struct graph *graph, node_id node, const char *name, int64_t otherwise)
{
	const Onnx__AttributeProto *found = graph_attribute(graph, node, name);

	return found ? found->i : otherwise;
}

const Onnx__TensorProto *graph_constant(const struct graph *graph, tensor_id tensor)
{
	const struct graph_tensor *t = &graph->tensors[tensor];
	const Onnx__AttributeProto *value;

	if (t->flags & TENSOR_SPARSE)
		return NULL;
	if (t->flags & TENSOR_INITIALIZER)
		return graph->scopes[t->scope].proto->initializer[t->initializer];
	if (!(t->flags & TENSOR_CONSTANT))
		return NULL;
	value = graph_attribute(graph, t->producer, "value");
	return value ? value->t : NULL;
}
