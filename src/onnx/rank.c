#include "onnx/rank_rule.h"

#include "onnx/tensor.h"

#include <string.h>

static const struct known_shape unknown = RANK_NOTHING;

struct known_shape rank_find(const struct ranks *ranks, ProtobufCBinaryData name)
{
	name_id id = names_find(&ranks->names, (const char *)name.data, name.len);

	if (name.len == 0 || id == NAME_NONE || ranks->shapes.items[id].no_value)
		return unknown;
	return ranks->shapes.items[id];
}

struct known_shape rank_find_outer(const struct ranks *ranks, ProtobufCBinaryData name)
{
	for (; ranks && name.len; ranks = ranks->outer) {
		name_id id = names_find(&ranks->names, (const char *)name.data, name.len);

		if (id == NAME_NONE)
			continue;
		if (!ranks->shapes.items[id].no_rule)
			return ranks->shapes.items[id];
		break;
	}
	return unknown;
}

/* The entry of a name, made if need be; NULL if memory is gone. */
static struct known_shape *entry(struct ranks *ranks, ProtobufCBinaryData name)
{
	name_id id = names_add(&ranks->names, (const char *)name.data, name.len);

	if (id == NAME_NONE || !ARRAY_ROOM(&ranks->shapes, 1))
		return NULL;
	if (id == ranks->shapes.count)
		ranks->shapes.items[ranks->shapes.count++] = unknown;
	return &ranks->shapes.items[id];
}

static const int64_t *declared_dims(
	struct ranks *ranks, const Onnx__TensorShapeProto *shape)
{
	int64_t *dims =
		arena_alloc(&ranks->names.arena, (shape->n_dim + 1) * sizeof(*dims));

	for (size_t i = 0; dims && i < shape->n_dim; i++)
		dims[i] = shape->dim[i]->has_dim_value ? shape->dim[i]->dim_value : -1;
	return dims;
}

static bool declare(struct ranks *ranks, Onnx__ValueInfoProto **values, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const Onnx__TypeProto *type = values[i]->type;
		struct known_shape *shape = entry(ranks, values[i]->name);

		if (!shape)
			return false;
		if (!type || !type->tensor_type)
			continue;
		shape->type = type->tensor_type->elem_type;
		if (!type->tensor_type->shape) {
			shape->no_rule = shape->is_declared;
			continue;
		}
		shape->no_rule = false;
		shape->rank = (int64_t)type->tensor_type->shape->n_dim;
		shape->dims = declared_dims(ranks, type->tensor_type->shape);
		shape->is_declared = true;
		if (!shape->dims)
			return false;
		if (shape->rank == 1)
			shape->length = shape->dims[0];
	}
	return true;
}

static bool declare_initializers(
	struct ranks *ranks, const Onnx__GraphProto *graph, bool old_body)
{
	for (size_t i = 0; i < graph->n_initializer; i++) {
		const Onnx__TensorProto *tensor = graph->initializer[i];
		struct known_shape *shape = entry(ranks, tensor->name);

		if (!shape)
			return false;
		if (!shape->is_declared)
			*shape = (struct known_shape){.rank = (int64_t)tensor->n_dims,
				.length = tensor->n_dims == 1 ? tensor->dims[0] : -1,
				.type = tensor->data_type,
				.dims = tensor->dims,
				.is_declared = true,
				.no_rule = shape->type != 0,
				.no_value = old_body};
		shape->is_constant = true;
		shape->data = tensor;
	}
	return true;
}

/* Fills the extents that a declared shape leaves open. */
static bool merge_dims(struct ranks *ranks, struct known_shape *shape,
	const struct known_shape *inferred)
{
	int64_t *dims;

	if (!inferred->dims || !shape->dims || shape->rank != inferred->rank)
		return true;
	dims = arena_alloc(
		&ranks->names.arena, ((size_t)shape->rank + 1) * sizeof(*dims));
	for (int64_t i = 0; dims && i < shape->rank; i++)
		dims[i] = shape->dims[i] < 0 ? inferred->dims[i] : shape->dims[i];
	if (dims && shape->rank == 1)
		shape->length = dims[0];
	shape->dims = dims;
	return dims;
}

bool rank_note(struct ranks *ranks, ProtobufCBinaryData name, struct known_shape inferred)
{
	struct known_shape *shape = entry(ranks, name);
	int32_t type;

	if (!shape)
		return false;
	type = shape->type ? shape->type : inferred.type;
	if (shape->is_declared) {
		shape->is_constant = inferred.is_constant;
		shape->data = inferred.data;
		if (!merge_dims(ranks, shape, &inferred))
			return false;
		if (inferred.is_constant)
			shape->length = inferred.length;
	} else {
		*shape = inferred;
		shape->is_declared = false;
	}
	shape->type = type;
	return true;
}

struct known_shape *rank_unknown_outputs(struct ranks *ranks, const Onnx__NodeProto *node)
{
	struct known_shape *out =
		arena_zalloc(&ranks->names.arena, node->n_output + 1, sizeof(*out));

	for (size_t i = 0; out && i < node->n_output; i++)
		out[i] = unknown;
	return out;
}

static bool note_failed(struct ranks *ranks, const Onnx__NodeProto *node)
{
	struct known_shape failed = RANK_NOTHING;

	failed.fails = true;
	for (size_t i = 0; i < node->n_output; i++)
		if (node->output[i].len && !rank_note(ranks, node->output[i], failed))
			return false;
	return true;
}

static bool by_rule(
	struct ranks *ranks, const struct model *model, const Onnx__NodeProto *node)
{
	struct known_shape *out = rank_unknown_outputs(ranks, node);
	bool gives_up = false;

	if (!out || !rank_infer_outputs(ranks, model, node, out, &gives_up))
		return false;
	if (gives_up)
		return note_failed(ranks, node);
	for (size_t i = 0; i < node->n_output; i++)
		if (node->output[i].len && !rank_note(ranks, node->output[i], out[i]))
			return false;
	return true;
}

static bool infer_node(
	struct ranks *ranks, const struct model *model, const Onnx__NodeProto *node)
{
	bool is_default = node->domain.len == 0 || bytes_equal(node->domain, "ai.onnx");
	int64_t opset = model_opset(model);

	if (!is_default && model->proto->n_functions)
		return rank_call(ranks, model, node);
	if (is_default && bytes_equal(node->op_type, "If"))
		return rank_if(ranks, model, node);
	if (is_default && opset > 8 && bytes_equal(node->op_type, "Scan"))
		return rank_turns(ranks, model, node, true);
	if (is_default && bytes_equal(node->op_type, "Loop"))
		return rank_turns(ranks, model, node, false);
	return by_rule(ranks, model, node);
}

bool rank_nodes(struct ranks *ranks, const struct model *model,
	Onnx__NodeProto *const *nodes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!infer_node(ranks, model, nodes[i]))
			return false;
	return true;
}

/* Inputs of a body that declare no shape have the one that they are given. */
static bool take_given(
	struct ranks *ranks, const Onnx__GraphProto *graph, struct given_shapes given)
{
	for (size_t i = 0; i < graph->n_input && i < given.count; i++) {
		struct known_shape *shape = entry(ranks, graph->input[i]->name);
		int32_t type;

		if (!shape)
			return false;
		type = shape->type ? shape->type : given.items[i].type;
		if (!shape->is_declared)
			*shape = given.items[i];
		shape->type = type;
	}
	return true;
}

static bool declare_all(struct ranks *ranks, const struct model *model,
	const Onnx__GraphProto *graph, struct given_shapes given)
{
	return declare(ranks, graph->value_info, graph->n_value_info) &&
	       declare(ranks, graph->input, graph->n_input) &&
	       take_given(ranks, graph, given) &&
	       declare(ranks, graph->output, graph->n_output) &&
	       declare_initializers(
		       ranks, graph, ranks->outer && model->proto->ir_version < 4);
}

bool rank_infer_graph(struct ranks *ranks, const struct ranks *outer,
	const struct model *model, const Onnx__GraphProto *graph,
	struct given_shapes given)
{
	*ranks = (struct ranks){.outer = outer, .from_file = outer && outer->from_file};
	return declare_all(ranks, model, graph, given) &&
	       rank_nodes(ranks, model, graph->node, graph->n_node);
}

/* Shapes are inferred on loading and again by the converter, each time in file order: a
 * node may stand before what makes its inputs. */
bool rank_graph(struct ranks *ranks, const struct ranks *outer, const struct model *model,
	const Onnx__GraphProto *graph)
{
	return rank_infer_graph(
		       ranks, outer, model, graph, (struct given_shapes){NULL, 0}) &&
	       (outer || rank_nodes(ranks, model, graph->node, graph->n_node));
}

bool rank_file(struct ranks *ranks, const struct model *model)
{
	const Onnx__GraphProto *graph = model->proto->graph;

	*ranks = (struct ranks){.from_file = true};
	return declare_all(ranks, model, graph, (struct given_shapes){NULL, 0}) &&
	       rank_nodes(ranks, model, graph->node, graph->n_node);
}

bool rank_fails(const struct ranks *ranks, const Onnx__NodeProto *node)
{
	for (size_t i = 0; i < node->n_output; i++) {
		ProtobufCBinaryData name = node->output[i];
		name_id id = names_find(&ranks->names, (const char *)name.data, name.len);

		if (name.len && id != NAME_NONE && ranks->shapes.items[id].fails)
			return true;
	}
	return false;
}

void rank_release(struct ranks *ranks)
{
	names_clear(&ranks->names);
	ARRAY_RELEASE(&ranks->shapes);
}
