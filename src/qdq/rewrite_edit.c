/* Messages of the file made fit to be changed, and new names: what the steps share. */
#include "qdq/rewrite_parts.h"

#include <stdio.h>
#include <string.h>

Onnx__NodeProto *rewriting_node(struct rewriting *r, node_id node)
{
	const Onnx__NodeProto *old = r->file->nodes[node].proto;
	Onnx__NodeProto *copy;

	if (r->nodes[node])
		return r->nodes[node];
	copy = model_edit_node(r->model, old);
	if (copy)
		copy->input = arena_alloc(
			&r->model->arena, (old->n_input + 1) * sizeof(*copy->input));
	if (!copy || !copy->input) {
		rewriting_no_memory(r);
		return NULL;
	}
	if (old->n_input)
		memcpy(copy->input, old->input, old->n_input * sizeof(*copy->input));
	return r->nodes[node] = copy;
}

bool rewriting_set_input(
	struct rewriting *r, node_id node, uint32_t slot, ProtobufCBinaryData name)
{
	Onnx__NodeProto *copy = rewriting_node(r, node);
	ProtobufCBinaryData *list;

	if (!copy || !name.data)
		return rewriting_no_memory(r);
	if (slot >= copy->n_input) {
		list = arena_zalloc(&r->model->arena, (size_t)slot + 1, sizeof(*list));
		if (!list)
			return rewriting_no_memory(r);
		memcpy(list, copy->input, copy->n_input * sizeof(*list));
		copy->input = list;
		copy->n_input = (size_t)slot + 1;
	}
	copy->input[slot] = name;
	return true;
}

bool rewriting_set_contrib(struct rewriting *r, Onnx__NodeProto *node)
{
	node->has_domain = 1;
	node->domain = model_bytes(r->model, "com.microsoft", 13);
	r->contrib = true;
	return node->domain.data || rewriting_no_memory(r);
}

Onnx__AttributeProto *rewriting_attribute(
	struct rewriting *r, node_id node, const char *name)
{
	Onnx__NodeProto *copy = rewriting_node(r, node);
	Onnx__AttributeProto **list, *found = NULL;

	if (!copy)
		return NULL;
	list = arena_alloc(&r->model->arena, (copy->n_attribute + 1) * sizeof(*list));
	for (size_t i = 0; list && i < copy->n_attribute; i++) {
		list[i] = copy->attribute[i];
		if (!bytes_equal(list[i]->name, name))
			continue;
		found = list[i] = model_edit_attribute(r->model, list[i]);
		if (!found)
			return NULL;
	}
	if (list)
		copy->attribute = list;
	return found;
}

bool rewriting_replace(struct rewriting *r, tensor_id constant, Onnx__TensorProto *made)
{
	Onnx__AttributeProto *value;

	r->tensors[constant] = made;
	if (!(r->file->tensors[constant].flags & TENSOR_CONSTANT))
		return true;
	value = rewriting_attribute(r, r->file->tensors[constant].producer, "value");
	if (!value)
		return rewriting_no_memory(r);
	value->t = made;
	return true;
}

static bool is_taken(const struct rewriting *r, const char *name, size_t length)
{
	return graph_find_tensor(r->file, name, length) != GRAPH_NONE ||
	       graph_find_node(r->file, name, length) != GRAPH_NONE ||
	       names_find(&r->taken, name, length) != NAME_NONE;
}

ProtobufCBinaryData rewriting_name(
	struct rewriting *r, uint32_t group, const char *ending)
{
	static const ProtobufCBinaryData none = {0};
	const struct qdq_group *g = rewriting_group(r, group);
	size_t room = g->name_length + strlen(ending) + 16, length;
	char *name = arena_alloc(&r->model->arena, room);

	if (!name)
		return none;
	memcpy(name, g->name, g->name_length);
	for (unsigned i = 0;; i++) {
		length = g->name_length;
		length += (size_t)snprintf(
			name + length, room - length, i ? "%s_%u" : "%s", ending, i);
		if (!is_taken(r, name, length))
			break;
	}
	if (names_add(&r->taken, name, length) == NAME_NONE)
		return none;
	return (ProtobufCBinaryData){length, (uint8_t *)name};
}
