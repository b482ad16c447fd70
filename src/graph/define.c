/* Tensors: what defines them, and what the names of inputs and outputs mean. */
#include "base/text.h"
#include "graph/build.h"

#include <stdlib.h>
#include <string.h>

/* Names that stand side by side in the file have slots side by side, by sixteen: a line
 * of the processor's cache. */
static size_t slot_of(const struct graph *g, const struct graph_tensor *tensors,
	scope_id scope, name_id name)
{
	uint64_t block = (uint64_t)scope << 32 | name >> 4;
	uint64_t hash = block * UINT64_C(0x9E3779B97F4A7C15);
	size_t mask = g->tensor_slot_count - 1;
	size_t at = ((size_t)(hash >> 20) << 4 | (name & 15)) & mask;

	for (; g->tensor_slots[at]; at = (at + 1) & mask) {
		const struct graph_tensor *t = &tensors[g->tensor_slots[at] - 1];

		if (t->name == name && t->scope == scope)
			break;
	}
	return at;
}

tensor_id build_lookup(const struct graph *graph, scope_id scope, name_id name)
{
	if (!graph->tensor_slot_count)
		return GRAPH_NONE;
	return graph->tensor_slots[slot_of(graph, graph->tensors, scope, name)] - 1;
}

/* The tensor of the scope by name, made if it is new. */
static tensor_id tensor_of(struct build *build, scope_id scope, name_id name)
{
	struct graph *g = build->graph;
	size_t at = slot_of(g, build->tensors.items, scope, name);
	struct graph_tensor tensor = {.name = name,
		.scope = scope,
		.producer = GRAPH_NONE,
		.rank = -1,
		.initializer = GRAPH_NONE};

	if (g->tensor_slots[at])
		return g->tensor_slots[at] - 1;
	if (!ARRAY_PUSH(&build->tensors, tensor))
		return GRAPH_NONE;
	g->tensor_slots[at] = (uint32_t)build->tensors.count;
	return (tensor_id)build->tensors.count - 1;
}

static bool defined_twice(struct build *build, const char *what, name_id name)
{
	const struct names *names = &build->graph->names;

	return error_set(build->err, ERROR_REFUSED,
		"%s: tensor %s is defined twice (%s); give one of them another name",
		build->path,
		text_quoted(names_text(names, name), names_length(names, name)), what);
}

/* The tensor behind the name of a graph's input, output or initializer. */
static tensor_id named(struct build *build, scope_id scope, ProtobufCBinaryData bytes,
	const char *what, size_t index)
{
	tensor_id id;
	name_id name;

	if (!bytes.len) {
		error_set(build->err, ERROR_REFUSED,
			"%s: %s %zu has no name; export the model anew", build->path,
			what, index);
		return GRAPH_NONE;
	}
	if (!build_name(build, bytes, &name))
		return GRAPH_NONE;
	id = tensor_of(build, scope, name);
	if (id == GRAPH_NONE)
		build_no_memory(build->err);
	return id;
}

static bool define_inputs(struct build *build, scope_id scope)
{
	const Onnx__GraphProto *proto = build->scopes.items[scope].proto;

	build->scopes.items[scope].first_input = (uint32_t)build->ports.count;
	build->scopes.items[scope].input_count = (uint32_t)proto->n_input;
	for (size_t i = 0; i < proto->n_input; i++) {
		tensor_id id =
			named(build, scope, proto->input[i]->name, "graph input", i);
		struct graph_tensor *tensor;

		if (id == GRAPH_NONE)
			return false;
		tensor = &build->tensors.items[id];
		if (tensor->flags & TENSOR_INPUT)
			return defined_twice(build, "two inputs", tensor->name);
		tensor->flags |= TENSOR_INPUT;
		if (!ARRAY_PUSH(&build->ports, id))
			return build_no_memory(build->err);
	}
	return true;
}

static bool define_initializer(struct build *build, scope_id scope,
	ProtobufCBinaryData name, size_t index, unsigned flags)
{
	tensor_id id = named(build, scope, name, "initializer", index);
	struct graph_tensor *tensor;

	if (id == GRAPH_NONE)
		return false;
	tensor = &build->tensors.items[id];
	if ((tensor->flags | flags) & TENSOR_SPARSE && tensor->flags & TENSOR_INITIALIZER)
		return defined_twice(build, "two initializers", tensor->name);
	if (tensor->flags & TENSOR_INITIALIZER) {
		build->graph->repeated = id;
		return true;
	}
	tensor->flags |= (uint16_t)flags;
	tensor->initializer = (uint32_t)index;
	return true;
}

static bool define_initializers(struct build *build, scope_id scope)
{
	const Onnx__GraphProto *proto = build->scopes.items[scope].proto;

	for (size_t i = 0; i < proto->n_initializer; i++)
		if (!define_initializer(build, scope, proto->initializer[i]->name, i,
			    TENSOR_INITIALIZER))
			return false;
	for (size_t i = 0; i < proto->n_sparse_initializer; i++) {
		const Onnx__TensorProto *values = proto->sparse_initializer[i]->values;
		ProtobufCBinaryData none = {0, NULL};

		if (!define_initializer(build, scope, values ? values->name : none, i,
			    TENSOR_INITIALIZER | TENSOR_SPARSE))
			return false;
	}
	return true;
}

static bool define_output(struct build *build, node_id id, uint32_t slot, bool constant)
{
	const struct graph_node *node = &build->nodes.items[id];
	struct graph_tensor *tensor;
	tensor_id found;
	name_id name;

	if (!build_name(build, node->proto->output[slot], &name))
		return false;
	found = tensor_of(build, node->scope, name);
	if (found == GRAPH_NONE)
		return build_no_memory(build->err);
	tensor = &build->tensors.items[found];
	if (tensor->producer != GRAPH_NONE)
		return defined_twice(build, "as output of two nodes", name);
	if (tensor->flags)
		return defined_twice(build,
			tensor->flags & TENSOR_INPUT ? "as input and by a node"
						     : "as initializer and by a node",
			name);
	tensor->producer = id;
	tensor->producer_slot = slot;
	build->slots.items[node->first_output + slot] = found;
	if (constant)
		tensor->flags |= TENSOR_CONSTANT;
	return true;
}

static bool define_outputs(struct build *build, scope_id scope)
{
	const struct graph_scope *s = &build->scopes.items[scope];
	name_id constant = names_find(&build->graph->names, "Constant", 8);
	name_id plain = names_find(&build->graph->names, "", 0);

	for (node_id n = s->first_node; n < s->first_node + s->node_count; n++) {
		const struct graph_node *node = &build->nodes.items[n];
		bool is_constant = node->op_type == constant && node->domain == plain &&
				   node->output_count == 1;

		for (uint32_t k = 0; k < node->output_count; k++)
			if (node->proto->output[k].len &&
				!define_output(build, n, k, is_constant))
				return false;
	}
	return true;
}

/* The tensor that a name means in a scope; one marked undefined where there is none. */
static tensor_id resolve(struct build *build, scope_id scope, name_id name)
{
	const struct graph *g = build->graph;
	tensor_id id;

	for (scope_id s = scope; s != GRAPH_NONE; s = build->scopes.items[s].parent) {
		size_t at = slot_of(g, build->tensors.items, s, name);

		if (g->tensor_slots[at])
			return g->tensor_slots[at] - 1;
	}
	id = tensor_of(build, scope, name);
	if (id == GRAPH_NONE)
		build_no_memory(build->err);
	else
		build->tensors.items[id].flags |= TENSOR_UNDEFINED;
	return id;
}

static bool resolve_inputs(struct build *build, scope_id scope)
{
	const struct graph_scope *s = &build->scopes.items[scope];

	for (node_id n = s->first_node; n < s->first_node + s->node_count; n++) {
		const struct graph_node *node = &build->nodes.items[n];

		for (uint32_t k = 0; k < node->input_count; k++) {
			tensor_id id;
			name_id name;

			if (!node->proto->input[k].len)
				continue;
			if (!build_name(build, node->proto->input[k], &name))
				return false;
			id = resolve(build, scope, name);
			if (id == GRAPH_NONE)
				return false;
			build->slots.items[node->first_input + k] = id;
		}
	}
	return true;
}

/* A body may list a tensor from outside as its output: that one is captured. */
static bool resolve_outputs(struct build *build, scope_id scope)
{
	const Onnx__GraphProto *proto = build->scopes.items[scope].proto;

	build->scopes.items[scope].first_output = (uint32_t)build->ports.count;
	build->scopes.items[scope].output_count = (uint32_t)proto->n_output;
	for (size_t i = 0; i < proto->n_output; i++) {
		ProtobufCBinaryData bytes = proto->output[i]->name;
		struct graph_tensor *tensor;
		tensor_id id;
		name_id name;

		if (!bytes.len)
			return named(build, scope, bytes, "graph output", i) !=
			       GRAPH_NONE;
		if (!build_name(build, bytes, &name))
			return false;
		id = resolve(build, scope, name);
		if (id == GRAPH_NONE)
			return false;
		tensor = &build->tensors.items[id];
		tensor->flags |= tensor->scope == scope ? TENSOR_OUTPUT : TENSOR_CAPTURED;
		if (!ARRAY_PUSH(&build->ports, id))
			return build_no_memory(build->err);
	}
	return true;
}

/* Makes the table (scope, name) -> tensor large enough for all that can come. */
static bool prepare_lookup(struct build *build)
{
	size_t most = build->slots.count, size = 16;

	for (size_t s = 0; s < build->scopes.count; s++) {
		const Onnx__GraphProto *proto = build->scopes.items[s].proto;

		most += proto->n_input + proto->n_output + proto->n_initializer +
			proto->n_sparse_initializer;
	}
	if (most >= GRAPH_NONE / 4)
		return build_no_memory(build->err);
	while (size < most + most / 2)
		size *= 2;
	build->graph->tensor_slots = calloc(size, sizeof(uint32_t));
	build->graph->tensor_slot_count = size;
	return build->graph->tensor_slots || build_no_memory(build->err);
}

/* The first main node of each name. */
static bool enter_nodes(struct build *build)
{
	struct graph *g = build->graph;
	uint32_t count = build->scopes.items[0].node_count;

	g->node_slot_count = g->names.count;
	g->node_slots = malloc((g->names.count + 1) * sizeof(uint32_t));
	if (!g->node_slots)
		return build_no_memory(build->err);
	memset(g->node_slots, 0xff, g->names.count * sizeof(uint32_t));
	for (node_id n = count; n--;)
		g->node_slots[build->nodes.items[n].name] = n;
	return true;
}

bool build_define(struct build *build)
{
	if (!prepare_lookup(build))
		return false;
	for (scope_id s = 0; s < build->scopes.count; s++) {
		build->scopes.items[s].first_tensor = (tensor_id)build->tensors.count;
		if (!define_inputs(build, s) || !define_initializers(build, s) ||
			!define_outputs(build, s) || !resolve_inputs(build, s) ||
			!resolve_outputs(build, s))
			return false;
		build->scopes.items[s].tensor_count = (tensor_id)build->tensors.count -
						      build->scopes.items[s].first_tensor;
	}
	return enter_nodes(build);
}
