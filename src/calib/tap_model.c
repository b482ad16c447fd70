#include "calib/tap_model.h"

#include "ort/ort.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tapping {
	const struct graph *graph;
	const bool *wanted;
	bool changing;
	struct model *model;
	uint32_t *own_taps; /* by scope */
	uint32_t *taps_of;  /* by scope, with those of the scopes inside */
};

ProtobufCBinaryData tap_model_name(
	const struct graph *graph, struct model *model, const char *what, uint32_t number)
{
	char name[64];
	int length = snprintf(name, sizeof(name), "qdqedit.%s.%" PRIu32, what, number);

	for (int i = 1; names_find(&graph->names, name, (size_t)length) != NAME_NONE; i++)
		length = snprintf(
			name, sizeof(name), "qdqedit.%s.%" PRIu32 "_%d", what, number, i);
	return model_bytes(model, name, (size_t)length);
}

bool tap_model_can(const struct graph *graph, tensor_id tensor)
{
	const struct graph_tensor *t = &graph->tensors[tensor];

	return t->producer != GRAPH_NONE && element_is_float(t->element_type);
}

static bool is_tapped(const struct tapping *t, tensor_id tensor)
{
	return tensor != GRAPH_NONE && t->wanted[tensor] &&
	       tap_model_can(t->graph, tensor);
}

/* Inner scopes come behind the ones they are in. */
static void count_taps(struct tapping *t)
{
	const struct graph *graph = t->graph;

	for (tensor_id i = 0; i < graph->tensor_count; i++)
		t->own_taps[graph->tensors[i].scope] += is_tapped(t, i);
	memcpy(t->taps_of, t->own_taps, graph->scope_count * sizeof(*t->taps_of));
	for (scope_id i = graph->scope_count; i-- > 1;)
		t->taps_of[graph->scopes[i].parent] += t->taps_of[i];
}

static ProtobufCBinaryData fresh_name(
	const struct tapping *t, const char *what, tensor_id tensor)
{
	return tap_model_name(t->graph, t->model, what, tensor);
}

static const char *operator_for(const struct tapping *t, tensor_id tensor)
{
	bool half = t->graph->tensors[tensor].element_type == ELEMENT_FLOAT16;

	if (t->changing)
		return half ? ORT_TAP_CHANGE_F16 : ORT_TAP_CHANGE;
	return half ? ORT_TAP_OBSERVE_F16 : ORT_TAP_OBSERVE;
}

/* A float16 tensor is observed from the side, by a tap nobody reads: between two
 * operators that work in float32 the runtime leaves the rounding to float16 out, which a
 * tap in the way would bring back. */
static bool is_observed_aside(const struct tapping *t, tensor_id tensor)
{
	return !t->changing && t->graph->tensors[tensor].element_type == ELEMENT_FLOAT16;
}

/* fresh -> Tap -> the tensor's name; `output`, the producer's, becomes the fresh name. */
static Onnx__NodeProto *make_tap(struct tapping *t, tensor_id tensor,
	ProtobufCBinaryData *output, struct error *err)
{
	Onnx__NodeProto *node =
		model_new_node(t->model, operator_for(t, tensor), NULL, 1, 1);
	ProtobufCBinaryData fresh;

	if (!node || !model_add_int_attribute(t->model, node, "index", tensor, err))
		return NULL;
	node->has_domain = node->has_name = 1;
	node->domain = model_bytes(t->model, ORT_TAP_DOMAIN, strlen(ORT_TAP_DOMAIN));
	node->name = fresh_name(t, "tap", tensor);
	fresh = fresh_name(t, "tapped", tensor);
	if (is_observed_aside(t, tensor)) {
		node->input[0] = *output;
		node->output[0] = fresh;
	} else {
		node->input[0] = fresh;
		node->output[0] = *output;
		*output = fresh;
	}
	return node->domain.data && node->name.data && fresh.data ? node : NULL;
}

static Onnx__GraphProto *tap_scope(struct tapping *t, scope_id scope, struct error *err);

/* The copies of a node's attributes whose bodies have taps. */
static bool tap_bodies(struct tapping *t, const struct graph_node *node,
	Onnx__NodeProto *copy, struct error *err)
{
	Onnx__AttributeProto **list =
		arena_alloc(&t->model->arena, (copy->n_attribute + 1) * sizeof(*list));

	if (!list)
		return false;
	memcpy(list, copy->attribute, copy->n_attribute * sizeof(*list));
	copy->attribute = list;
	for (scope_id s = node->first_body; s < node->first_body + node->body_count; s++)
		for (size_t i = 0; t->taps_of[s] && i < copy->n_attribute; i++) {
			if (list[i]->g != t->graph->scopes[s].proto)
				continue;
			list[i] = model_edit_attribute(t->model, list[i]);
			if (!list[i] || !(list[i]->g = tap_scope(t, s, err)))
				return false;
		}
	return true;
}

static bool has_tapped_bodies(const struct tapping *t, const struct graph_node *node)
{
	for (uint32_t i = 0; i < node->body_count; i++)
		if (t->taps_of[node->first_body + i])
			return true;
	return false;
}

static bool has_tapped_outputs(const struct tapping *t, const struct graph_node *node)
{
	for (uint32_t i = 0; i < node->output_count; i++)
		if (is_tapped(t, t->graph->slots[node->first_output + i]))
			return true;
	return false;
}

/* The operator between a float16 tensor and its tap: the sum of one, which the runtime
 * has in float32 only. With a reader that takes float16 as it is, the runtime would keep
 * some of the tensor's neighbours in float16 that otherwise work in float32. */
static bool add_copy(
	struct tapping *t, tensor_id tensor, Onnx__NodeProto *tap, Onnx__GraphProto *into)
{
	Onnx__NodeProto *copy = model_new_node(t->model, "Sum", NULL, 1, 1);

	if (!copy)
		return false;
	copy->has_name = 1;
	copy->name = fresh_name(t, "copy", tensor);
	copy->input[0] = tap->input[0];
	copy->output[0] = tap->input[0] = fresh_name(t, "copied", tensor);
	into->node[into->n_node++] = copy;
	return copy->name.data && copy->output[0].data;
}

/* Appends the node, changed if need be, and its taps. */
static bool add_node(struct tapping *t, const struct graph_node *node,
	Onnx__GraphProto *into, struct error *err)
{
	ProtobufCBinaryData *outputs;
	Onnx__NodeProto *copy, *tap;

	into->node[into->n_node] = (Onnx__NodeProto *)node->proto;
	if (!has_tapped_outputs(t, node) && !has_tapped_bodies(t, node)) {
		into->n_node++;
		return true;
	}
	copy = model_edit_node(t->model, node->proto);
	outputs = arena_alloc(
		&t->model->arena, (node->output_count + 1) * sizeof(*outputs));
	if (!copy || !outputs ||
		(has_tapped_bodies(t, node) && !tap_bodies(t, node, copy, err)))
		return false;
	into->node[into->n_node++] = copy;
	memcpy(outputs, copy->output, copy->n_output * sizeof(*outputs));
	copy->output = outputs;
	for (uint32_t i = 0; i < node->output_count; i++) {
		tensor_id tensor = t->graph->slots[node->first_output + i];

		if (!is_tapped(t, tensor))
			continue;
		tap = make_tap(t, tensor, &outputs[i], err);
		if (!tap ||
			(is_observed_aside(t, tensor) && !add_copy(t, tensor, tap, into)))
			return false;
		into->node[into->n_node++] = tap;
	}
	return true;
}

static bool add_nodes(
	struct tapping *t, scope_id id, Onnx__GraphProto *into, struct error *err)
{
	const struct graph_scope *scope = &t->graph->scopes[id];
	size_t room = (size_t)scope->node_count + 2 * (size_t)t->own_taps[id] + 1;

	into->n_node = 0;
	into->node = arena_zalloc(&t->model->arena, room, sizeof(*into->node));
	if (!into->node)
		return false;
	for (node_id i = 0; i < scope->node_count; i++)
		if (!add_node(t, &t->graph->nodes[scope->first_node + i], into, err))
			return false;
	return true;
}

static Onnx__GraphProto *tap_scope(struct tapping *t, scope_id scope, struct error *err)
{
	Onnx__GraphProto *copy =
		model_edit_graph(t->model, t->graph->scopes[scope].proto);

	return copy && add_nodes(t, scope, copy, err) ? copy : NULL;
}

bool tap_model_import(struct model *model)
{
	Onnx__ModelProto *proto = model->proto;
	size_t count = proto->n_opset_import;
	Onnx__OperatorSetIdProto **list =
		arena_alloc(&model->arena, (count + 1) * sizeof(*list));
	Onnx__OperatorSetIdProto *own = arena_alloc(&model->arena, sizeof(*own));

	if (!list || !own)
		return false;
	onnx__operator_set_id_proto__init(own);
	own->has_domain = own->has_version = 1;
	own->domain = model_bytes(model, ORT_TAP_DOMAIN, strlen(ORT_TAP_DOMAIN));
	own->version = 1;
	memcpy(list, proto->opset_import, count * sizeof(*list));
	list[count] = own;
	proto->opset_import = list;
	proto->n_opset_import = count + 1;
	return own->domain.data;
}

static bool insert_taps(struct tapping *t, struct error *err)
{
	t->taps_of = calloc(t->graph->scope_count, sizeof(*t->taps_of));
	t->own_taps = calloc(t->graph->scope_count, sizeof(*t->own_taps));
	if (!t->taps_of || !t->own_taps)
		return false;
	count_taps(t);
	return tap_model_import(t->model) &&
	       (!t->taps_of[0] || add_nodes(t, 0, t->model->proto->graph, err));
}

struct model *tap_model_make(
	const struct graph *graph, const bool *wanted, bool changing, struct error *err)
{
	struct tapping t = {.graph = graph, .wanted = wanted, .changing = changing};

	t.model = model_derive(graph->model, err);
	if (!t.model)
		return NULL;
	if (!insert_taps(&t, err)) {
		error_set_memory(err, "taps");
		model_free(t.model);
		t.model = NULL;
	}
	free(t.own_taps);
	free(t.taps_of);
	return t.model;
}

static Onnx__ValueInfoProto *make_output(
	struct model *model, const struct graph *graph, tensor_id tensor)
{
	Onnx__ValueInfoProto *value = arena_alloc(&model->arena, sizeof(*value));
	const char *name = graph_tensor_name(graph, tensor);

	if (!value)
		return NULL;
	onnx__value_info_proto__init(value);
	value->has_name = 1;
	value->name = model_bytes(model, name, strlen(name));
	return value->name.data ? value : NULL;
}

static bool can_be_output(const struct graph *graph, tensor_id tensor)
{
	return tap_model_can(graph, tensor) &&
	       !(graph->tensors[tensor].flags & TENSOR_OUTPUT);
}

static bool add_outputs(
	struct model *model, const struct graph *graph, const bool *wanted)
{
	Onnx__GraphProto *proto = model->proto->graph;
	Onnx__ValueInfoProto **list = arena_alloc(&model->arena,
		(proto->n_output + graph->main_tensors + 1) * sizeof(*list));

	if (!list)
		return false;
	memcpy(list, proto->output, proto->n_output * sizeof(*list));
	proto->output = list;
	for (tensor_id i = 0; i < graph->main_tensors; i++) {
		if (!wanted[i] || !can_be_output(graph, i))
			continue;
		list[proto->n_output] = make_output(model, graph, i);
		if (!list[proto->n_output++])
			return false;
	}
	return true;
}

struct model *tap_model_outputs(
	const struct graph *graph, const bool *wanted, struct error *err)
{
	struct model *model = model_derive(graph->model, err);

	if (model && !add_outputs(model, graph, wanted)) {
		error_set_memory(err, "outputs");
		model_free(model);
		return NULL;
	}
	return model;
}
