#include "onnx/rank.h"

#include "onnx/schema.h"
#include "onnx/tensor.h"

#include <stdio.h>
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
	}
	return true;
}

/* The element type of an output by the operator's schema, 0 if it is not known. */
static int32_t output_type(const struct ranks *ranks, const Onnx__NodeProto *node,
	size_t output, int64_t opset)
{
	char name[64];
	const struct schema *schema;
	const struct schema_output *rule;

	snprintf(name, sizeof(name), "%.*s", (int)node->op_type.len,
		(const char *)node->op_type.data);
	schema = schema_find(name, opset);
	rule = schema_output_at(schema, (uint32_t)output);
	if (!rule || rule->rule == SCHEMA_TYPE_UNKNOWN)
		return 0;
	if (rule->rule == SCHEMA_TYPE_FIXED)
		return rule->value;
	if (rule->rule == SCHEMA_TYPE_INPUT)
		return rule->value < node->n_input
			       ? rank_find_outer(ranks, node->input[rule->value]).type
			       : 0;
	for (size_t i = 0; i < node->n_attribute; i++) {
		const Onnx__AttributeProto *attribute = node->attribute[i];

		if (bytes_equal(attribute->name, "to") && attribute->has_i)
			return (int32_t)attribute->i;
		if (bytes_equal(attribute->name, "value") && attribute->t)
			return attribute->t->data_type;
	}
	return bytes_equal(node->op_type, "ConstantOfShape") ? ELEMENT_FLOAT : 0;
}

/* Notes what a rule says of an output; what is declared stays. */
static bool note(
	struct ranks *ranks, ProtobufCBinaryData name, struct known_shape inferred)
{
	struct known_shape *shape = entry(ranks, name);
	int32_t type;

	if (!shape)
		return false;
	type = shape->type ? shape->type : inferred.type;
	if (shape->is_declared) {
		shape->is_constant = inferred.is_constant;
		if (inferred.is_constant)
			shape->length = inferred.length;
	} else {
		*shape = inferred;
		shape->is_declared = false;
	}
	shape->type = type;
	return true;
}

/* What is known of a body's inputs from outside. */
struct given_shapes {
	const struct known_shape *items;
	size_t count;
};

static bool infer_graph(struct ranks *ranks, const struct ranks *outer,
	const struct model *model, const Onnx__GraphProto *graph,
	struct given_shapes given);

static const Onnx__GraphProto *branch(const Onnx__NodeProto *node, const char *name)
{
	for (size_t i = 0; i < node->n_attribute; i++)
		if (bytes_equal(node->attribute[i]->name, name))
			return node->attribute[i]->g;
	return NULL;
}

/* The shapes of a body's outputs; NULL if memory is gone. */
static struct known_shape *body_outputs(struct ranks *ranks, const struct model *model,
	const Onnx__GraphProto *body, size_t count, struct given_shapes given)
{
	struct known_shape *shapes =
		arena_alloc(&ranks->names.arena, (count + 1) * sizeof(*shapes));
	struct ranks inner;
	bool ok = infer_graph(&inner, ranks, model, body, given) && shapes;

	for (size_t i = 0; ok && i < count; i++) {
		shapes[i] = unknown;
		if (i < body->n_output)
			shapes[i] = rank_find_outer(&inner, body->output[i]->name);
		shapes[i].dims = NULL;
		shapes[i].is_constant = false;
	}
	rank_release(&inner);
	return ok ? shapes : NULL;
}

/* From opset 11 on shapes that differ are forgotten, one that is not known counts as
 * rank 0, and that of `then` must be known; before, either one will do. */
static struct known_shape unite(
	int64_t opset, struct known_shape then, struct known_shape other, bool *clash)
{
	if (opset >= 11)
		return then.rank == (other.rank < 0 ? 0 : other.rank) ? then : unknown;
	*clash = *clash || (then.rank >= 0 && other.rank >= 0 && then.rank != other.rank);
	return then.rank < 0 ? other : then;
}

static bool infer_if(
	struct ranks *ranks, const struct model *model, const Onnx__NodeProto *node)
{
	const Onnx__GraphProto *bodies[] = {
		branch(node, "then_branch"), branch(node, "else_branch")};
	struct known_shape *shapes[2];
	bool clash = false;

	for (int i = 0; i < 2; i++) {
		if (!bodies[i])
			return true;
		shapes[i] = body_outputs(ranks, model, bodies[i], node->n_output,
			(struct given_shapes){NULL, 0});
		if (!shapes[i])
			return false;
	}
	for (size_t k = 0; k < node->n_output; k++) {
		int32_t type = shapes[0][k].type;

		shapes[0][k] =
			unite(model_opset(model), shapes[0][k], shapes[1][k], &clash);
		shapes[0][k].type = type;
	}
	for (size_t k = 0; k < node->n_output; k++) {
		if (clash)
			shapes[0][k] = unknown;
		if (node->output[k].len && !note(ranks, node->output[k], shapes[0][k]))
			return false;
	}
	return true;
}

static struct known_shape only_rank(struct known_shape shape, int more)
{
	shape.rank = shape.rank < 0 ? RANK_UNKNOWN : shape.rank + more;
	shape.length = more ? -1 : shape.length;
	shape.dims = NULL;
	shape.is_constant = shape.is_declared = false;
	return shape;
}

/* The inputs that the body of a Scan or Loop is given, in its order; `states` is the
 * number of values carried from turn to turn. NULL if memory is gone. */
static struct known_shape *body_inputs(
	struct ranks *ranks, const Onnx__NodeProto *node, bool scan, size_t states)
{
	size_t count = node->n_input;
	struct known_shape *shapes =
		arena_alloc(&ranks->names.arena, (count + 1) * sizeof(*shapes));

	for (size_t i = 0; shapes && i < count; i++) {
		shapes[i] = only_rank(rank_find_outer(ranks, node->input[i]),
			scan && i >= states ? -1 : 0);
		if (!scan) /* they may change from turn to turn; two are the loop's own */
			shapes[i].rank = i < 2 ? 0 : RANK_UNKNOWN;
	}
	return shapes;
}

static size_t state_count(const Onnx__NodeProto *node, bool scan)
{
	size_t others = scan ? 0 : 2;

	for (size_t i = 0; scan && i < node->n_attribute; i++)
		if (bytes_equal(node->attribute[i]->name, "num_scan_inputs"))
			others = (size_t)node->attribute[i]->i;
	return node->n_input > others ? node->n_input - others : 0;
}

/* A state of a Scan has the shape of its start, one of a Loop none; what is collected
 * over the turns has one dimension more than in the body. */
static bool infer_turns(struct ranks *ranks, const struct model *model,
	const Onnx__NodeProto *node, bool scan)
{
	const Onnx__GraphProto *body = branch(node, "body");
	size_t states = state_count(node, scan);
	struct known_shape *given = body_inputs(ranks, node, scan, states), *made;

	if (!given || !body)
		return given;
	made = body_outputs(ranks, model, body, node->n_output + 1,
		(struct given_shapes){given, node->n_input});
	if (!made)
		return false;
	for (size_t k = 0; k < node->n_output; k++) {
		struct known_shape shape = made[scan ? k : k + 1];

		if (k >= states)
			shape = only_rank(shape, 1);
		else if (!scan)
			shape.rank = RANK_UNKNOWN;
		else if (given[k].rank >= 0)
			shape = given[k];
		if (node->output[k].len && !note(ranks, node->output[k], shape))
			return false;
	}
	return true;
}

static bool infer_node(
	struct ranks *ranks, const struct model *model, const Onnx__NodeProto *node)
{
	bool is_default = node->domain.len == 0 || bytes_equal(node->domain, "ai.onnx");
	uint32_t rule = is_default ? rank_rule_of(node->op_type) : 0;
	int64_t opset = model_opset(model);

	if (is_default && bytes_equal(node->op_type, "If"))
		return infer_if(ranks, model, node);
	if (is_default && opset > 8 && bytes_equal(node->op_type, "Scan"))
		return infer_turns(ranks, model, node, true);
	if (is_default && bytes_equal(node->op_type, "Loop"))
		return infer_turns(ranks, model, node, false);
	for (size_t i = 0; i < node->n_output; i++) {
		struct known_shape inferred = unknown;

		if (node->output[i].len == 0)
			continue;
		if (rule)
			inferred = rank_rule(ranks, model, node, rule, i);
		inferred.type = is_default ? output_type(ranks, node, i, opset) : 0;
		if (!note(ranks, node->output[i], inferred))
			return false;
	}
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

static bool infer_graph(struct ranks *ranks, const struct ranks *outer,
	const struct model *model, const Onnx__GraphProto *graph,
	struct given_shapes given)
{
	*ranks = (struct ranks){.outer = outer};
	if (!declare(ranks, graph->value_info, graph->n_value_info) ||
		!declare(ranks, graph->input, graph->n_input) ||
		!take_given(ranks, graph, given) ||
		!declare(ranks, graph->output, graph->n_output) ||
		!declare_initializers(
			ranks, graph, outer && model->proto->ir_version < 4))
		return false;
	for (size_t i = 0; i < graph->n_node; i++)
		if (!infer_node(ranks, model, graph->node[i]))
			return false;
	return true;
}

bool rank_graph(struct ranks *ranks, const struct ranks *outer, const struct model *model,
	const Onnx__GraphProto *graph)
{
	return infer_graph(ranks, outer, model, graph, (struct given_shapes){NULL, 0});
}

void rank_release(struct ranks *ranks)
{
	names_clear(&ranks->names);
	ARRAY_RELEASE(&ranks->shapes);
}
