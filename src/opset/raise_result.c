/* Putting the converted graphs together: new lists, names as they are now. */
#include "onnx/external.h"
#include "opset/raise_graph.h"

#include <string.h>

/* The present name: renames of the graph and of those around it. */
static ProtobufCBinaryData now(const struct raise_graph *graph, ProtobufCBinaryData name)
{
	for (; graph; graph = graph->parent) {
		name_id id;

		if (graph->renamed.count == 0)
			continue;
		id = names_find(&graph->renamed, (const char *)name.data, name.len);
		if (id != NAME_NONE && !raise_is_made(graph->raise, name))
			return graph->renames.items[id];
	}
	return name;
}

static bool has_renames(const struct raise_graph *graph)
{
	for (; graph; graph = graph->parent)
		if (graph->renamed.count)
			return true;
	return false;
}

static void *new_array(
	struct raise *r, const void *items, size_t count, size_t extra, size_t size)
{
	void *copy = arena_alloc(&r->model->arena, (count + extra + 1) * size);

	if (!copy)
		raise_memory(r);
	else if (count)
		memcpy(copy, items, count * size);
	return copy;
}

static bool rename_all(
	const struct raise_graph *graph, ProtobufCBinaryData **names, size_t count)
{
	ProtobufCBinaryData *copy = NULL;

	for (size_t i = 0; i < count; i++) {
		ProtobufCBinaryData name = now(graph, (*names)[i]);

		if (name.data == (*names)[i].data)
			continue;
		if (!copy) {
			copy = new_array(graph->raise, *names, count, 0, sizeof(*copy));
			if (!copy)
				return false;
			*names = copy;
		}
		copy[i] = name;
	}
	return true;
}

/* The tensor as the converter writes it; itself if nothing is lost. */
static Onnx__TensorProto *put_tensor(
	struct raise *r, Onnx__TensorProto *tensor, bool is_initializer)
{
	bool located = is_initializer && r->inference && tensor_goes_aside(tensor);
	Onnx__TensorProto *copy;

	if (r->mended || (!tensor->has_doc_string && !tensor->n_metadata_props &&
				 (tensor->has_data_location ? tensor->data_location != 0
							    : !located)))
		return tensor;
	copy = model_edit_tensor(r->model, tensor);
	if (!copy) {
		raise_memory(r);
		return NULL;
	}
	copy->has_doc_string = 0;
	copy->n_metadata_props = 0;
	if (!copy->has_data_location || !copy->data_location) {
		copy->has_data_location = located;
		copy->data_location = 0;
	}
	return copy;
}

/* An attribute with its tensor as it is now, and with a converted body. */
static Onnx__AttributeProto *put_attribute(struct raise_graph *graph,
	Onnx__AttributeProto *attribute, struct raise_graph *body)
{
	struct raise *r = graph->raise;
	Onnx__AttributeProto *copy;
	Onnx__TensorProto *tensor = NULL;

	if (attribute->t && !(tensor = put_tensor(r, attribute->t, false)))
		return NULL;
	if (!body && tensor == attribute->t)
		return attribute;
	copy = model_edit_attribute(r->model, attribute);
	if (!copy) {
		raise_memory(r);
		return NULL;
	}
	copy->t = tensor;
	if (body && !(copy->g = raise_put_graph(body)))
		return NULL;
	return copy;
}

static struct raise_graph *body_of(
	const struct raise_graph *graph, const struct raise_node *node, size_t attribute)
{
	for (uint32_t i = 0; i < node->body_count; i++)
		if (graph->bodies.items[node->body + i].attribute == attribute)
			return graph->bodies.items[node->body + i].graph;
	return NULL;
}

static bool put_attributes(
	struct raise_graph *graph, const struct raise_node *node, Onnx__NodeProto *copy)
{
	Onnx__AttributeProto **list = NULL;

	for (size_t i = 0; i < copy->n_attribute; i++) {
		Onnx__AttributeProto *placed =
			put_attribute(graph, copy->attribute[i], body_of(graph, node, i));

		if (!placed)
			return false;
		if (placed == copy->attribute[i])
			continue;
		if (!list) {
			list = new_array(graph->raise, copy->attribute, copy->n_attribute,
				0, sizeof(*list));
			if (!list)
				return false;
			copy->attribute = list;
		}
		list[i] = placed;
	}
	return true;
}

/* A node as it is now; itself if nothing changed. */
static Onnx__NodeProto *put_node(struct raise_graph *graph, const struct raise_node *node)
{
	struct raise *r = graph->raise;
	Onnx__NodeProto copy = *node->proto, *result;

	if (has_renames(graph) &&
		(!rename_all(graph, &copy.input, copy.n_input) ||
			!rename_all(graph, &copy.output, copy.n_output)))
		return NULL;
	if (!put_attributes(graph, node, &copy))
		return NULL;
	if (!r->mended)
		copy.n_metadata_props = 0;
	if (copy.input == node->proto->input && copy.output == node->proto->output &&
		copy.attribute == node->proto->attribute &&
		copy.n_metadata_props == node->proto->n_metadata_props)
		return node->proto;
	result = model_edit_node(r->model, &copy);
	if (!result)
		raise_memory(r);
	return result;
}

static bool put_nodes(struct raise_graph *graph, Onnx__GraphProto *result)
{
	size_t count = graph->nodes.count;

	result->node = new_array(graph->raise, NULL, 0, count, sizeof(*result->node));
	if (!result->node)
		return false;
	for (size_t i = 0; i < count; i++) {
		result->node[i] = put_node(graph, &graph->nodes.items[i]);
		if (!result->node[i])
			return false;
	}
	result->n_node = count;
	return true;
}

static bool put_initializers(struct raise_graph *graph, Onnx__GraphProto *result)
{
	const struct raise_tensor_list *more = &graph->new_initializers;
	size_t count = graph->base->n_initializer;

	result->initializer = new_array(graph->raise, graph->base->initializer, count,
		more->count, sizeof(*result->initializer));
	if (!result->initializer)
		return false;
	for (size_t i = 0; i < count; i++) {
		result->initializer[i] =
			put_tensor(graph->raise, graph->base->initializer[i], true);
		if (!result->initializer[i])
			return false;
	}
	for (size_t i = 0; i < more->count; i++)
		result->initializer[count + i] = more->items[i];
	result->n_initializer = count + more->count;
	return true;
}

static bool put_value_info(struct raise_graph *graph, Onnx__GraphProto *result)
{
	const Onnx__GraphProto *base = graph->base;

	if (graph->renamed.count == 0)
		return true;
	result->value_info = new_array(graph->raise, base->value_info, base->n_value_info,
		0, sizeof(*result->value_info));
	if (!result->value_info)
		return false;
	for (size_t i = 0; i < base->n_value_info; i++) {
		ProtobufCBinaryData name = now(graph, base->value_info[i]->name);
		Onnx__ValueInfoProto *copy;

		if (name.data == base->value_info[i]->name.data)
			continue;
		copy = model_edit_value_info(graph->raise->model, base->value_info[i]);
		if (!copy)
			return raise_memory(graph->raise);
		copy->name = name;
		result->value_info[i] = copy;
	}
	return true;
}

static ProtobufCBinaryData now_in(const void *graph, ProtobufCBinaryData name)
{
	return now(graph, name);
}

static bool carry_types(struct raise_graph *graph, const Onnx__GraphProto *result)
{
	struct raise *r = graph->raise;

	return !r->inference ||
	       infer_follow(r->inference, graph->known, result,
		       (struct infer_rename){now_in, graph}) ||
	       raise_memory(r);
}

Onnx__GraphProto *raise_put_graph(struct raise_graph *graph)
{
	struct raise *r = graph->raise;
	Onnx__GraphProto *result = model_edit_graph(r->model, graph->base);

	if (!result) {
		raise_memory(r);
		return NULL;
	}
	if (!r->mended) {
		result->n_metadata_props = 0;
		result->n_quantization_annotation = 0;
	}
	return put_nodes(graph, result) && put_initializers(graph, result) &&
			       put_value_info(graph, result) && carry_types(graph, result)
		       ? result
		       : NULL;
}
