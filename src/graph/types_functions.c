/* Element types through model-local functions: the body is walked once for each call,
 * as onnx's inference does, with the types of the call's inputs. */
#include "base/array.h"
#include "graph/types.h"

#include <stdlib.h>
#include <string.h>

enum { CALLS_DEEP = 60 };

/* The values of a function's body, or of a subgraph inside it. */
struct frame {
	struct type_run *run;
	const struct frame *around; /* of a subgraph: the frame it stands in */
	const struct graph_function *function;
	const struct type_node *caller;
	struct names names;
	struct ARRAY_OF(type_code) codes; /* by name */
	int depth;
	/* of the node that is being looked at: the types of its subgraphs' outputs */
	type_code **bodies;
	const Onnx__GraphProto **body_protos;
};

/* Zeroed room for types; sets no_memory if there is none. */
static void *room(struct frame *frame, size_t count, size_t size)
{
	void *made = calloc(count + 1, size);

	frame->run->no_memory |= !made;
	return made;
}

static type_code get(const struct frame *frame, ProtobufCBinaryData name)
{
	for (; frame; frame = frame->around) {
		name_id id = names_find(&frame->names, (const char *)name.data, name.len);

		if (id < frame->codes.count)
			return frame->codes.items[id];
	}
	return 0;
}

/* A name's first type stays. */
static void put(struct frame *frame, ProtobufCBinaryData name, type_code code)
{
	name_id id;

	if (!name.len)
		return;
	id = names_add(&frame->names, (const char *)name.data, name.len);
	if (id == NAME_NONE || !ARRAY_ROOM(&frame->codes, 1)) {
		frame->run->no_memory = true;
		return;
	}
	if (id >= frame->codes.count)
		frame->codes.items[frame->codes.count++] = code;
	else if (!frame->codes.items[id])
		frame->codes.items[id] = code;
}

static void frame_release(struct frame *frame)
{
	names_clear(&frame->names);
	ARRAY_RELEASE(&frame->codes);
}

static type_code frame_input(const struct type_node *node, uint32_t slot)
{
	if (slot >= node->proto->n_input || !node->proto->input[slot].len)
		return 0;
	return get(node->place, node->proto->input[slot]);
}

static type_code frame_body_output(
	const struct type_node *node, uint32_t body, uint32_t position)
{
	const struct frame *frame = node->place;

	return position < frame->body_protos[body]->n_output
		       ? frame->bodies[body][position]
		       : 0;
}

static int64_t version_of(const struct frame *frame, const char *domain)
{
	const Onnx__FunctionProto *proto = frame->function->proto;
	int64_t version = 0;

	for (size_t i = 0; i < proto->n_opset_import; i++)
		if (bytes_equal(proto->opset_import[i]->domain, domain) ||
			(!*domain &&
				bytes_equal(proto->opset_import[i]->domain, "ai.onnx")))
			version = proto->opset_import[i]->version;
	return version;
}

/* The name of an id of the graph's pool, or NULL: names of function bodies that the
 * graph does not have name no schema and no function. */
static const char *pooled(const struct graph *g, ProtobufCBinaryData bytes)
{
	name_id id = names_find(&g->names, (const char *)bytes.data, bytes.len);

	return id == NAME_NONE ? NULL : names_text(&g->names, id);
}

static const struct schema *schema_of(
	const struct frame *frame, const Onnx__NodeProto *node)
{
	char domain[16] = "", op_type[48] = "";

	if (node->domain.len >= sizeof(domain) || node->op_type.len >= sizeof(op_type))
		return NULL;
	if (node->domain.len)
		memcpy(domain, node->domain.data, node->domain.len);
	if (node->op_type.len)
		memcpy(op_type, node->op_type.data, node->op_type.len);
	if (!strcmp(domain, "ai.onnx"))
		domain[0] = '\0';
	return schema_find_in(domain, op_type, version_of(frame, domain));
}

static const struct graph_function *function_of(
	const struct graph *g, const Onnx__NodeProto *node)
{
	const char *domain = pooled(g, node->domain), *name = pooled(g, node->op_type);

	for (uint32_t i = 0; domain && name && i < g->function_count; i++) {
		const struct graph_function *f = &g->functions[i];

		if (names_text(&g->names, f->domain) == domain &&
			names_text(&g->names, f->name) == name &&
			bytes_equal(node->overload, names_text(&g->names, f->overload)))
			return f;
	}
	return NULL;
}

static void walk(struct frame *frame, Onnx__NodeProto *const *nodes, size_t count);

/* Walks a subgraph of a node inside a function; keeps the types of its outputs. */
static void walk_body(
	struct frame *frame, const struct type_node *node, const Onnx__GraphProto *proto)
{
	struct frame inner = {.run = frame->run,
		.around = frame,
		.function = frame->function,
		.caller = frame->caller,
		.depth = frame->depth + 1};

	for (size_t i = 0; i < proto->n_input; i++) {
		put(&inner, proto->input[i]->name, type_declared(proto->input[i]->type));
		put(&inner, proto->input[i]->name, type_given_to_body(node, (uint32_t)i));
	}
	for (size_t i = 0; i < proto->n_initializer; i++)
		put(&inner, proto->initializer[i]->name,
			type_make(HOLDER_TENSOR, proto->initializer[i]->data_type));
	for (size_t i = 0; i < proto->n_value_info; i++)
		put(&inner, proto->value_info[i]->name,
			type_declared(proto->value_info[i]->type));
	walk(&inner, proto->node, proto->n_node);
	type_code *outputs = room(frame, proto->n_output, sizeof(*outputs));

	for (size_t i = 0; outputs && i < proto->n_output; i++) {
		outputs[i] = get(&inner, proto->output[i]->name);
		if (!outputs[i])
			outputs[i] = type_declared(proto->output[i]->type);
	}
	frame->bodies[node->body_count] = outputs;
	frame_release(&inner);
}

/* Walks the subgraphs of a node one after the other. */
static void walk_bodies(struct frame *frame, struct type_node *node)
{
	size_t most = 0;

	for (size_t i = 0; i < node->proto->n_attribute; i++)
		most += node->proto->attribute[i]->n_graphs +
			(node->proto->attribute[i]->g != NULL);
	if (!most || frame->depth >= CALLS_DEEP)
		return;
	frame->bodies = room(frame, most, sizeof(*frame->bodies));
	frame->body_protos = room(frame, most, sizeof(*frame->body_protos));
	for (size_t i = 0;
		frame->bodies && frame->body_protos && i < node->proto->n_attribute;
		i++) {
		const Onnx__AttributeProto *a = node->proto->attribute[i];

		for (size_t k = 0; k < a->n_graphs + (a->g != NULL); k++) {
			const Onnx__GraphProto *proto =
				k < a->n_graphs ? a->graphs[k] : a->g;

			walk_body(frame, node, proto);
			if (!frame->bodies[node->body_count])
				return;
			frame->body_protos[node->body_count++] = proto;
		}
	}
}

static void release_bodies(struct frame *frame, uint32_t count)
{
	for (uint32_t b = 0; b < count; b++)
		free(frame->bodies[b]);
	free(frame->bodies);
	free(frame->body_protos);
	frame->bodies = NULL;
	frame->body_protos = NULL;
}

static void walk_call(struct frame *frame, const struct type_node *node,
	const struct graph_function *function)
{
	size_t count = node->proto->n_output;
	type_code *outputs = room(frame, count, sizeof(*outputs));

	if (outputs)
		type_through_function(frame->run, node, function, outputs, count);
	for (size_t k = 0; outputs && k < count; k++)
		put(frame, node->proto->output[k], outputs[k]);
	free(outputs);
}

static void walk_node(struct frame *frame, const Onnx__NodeProto *proto)
{
	struct type_node node = {.proto = proto,
		.schema = schema_of(frame, proto),
		.function = frame->function,
		.caller = frame->caller,
		.input = frame_input,
		.body_output = frame_body_output,
		.depth = frame->depth,
		.place = frame};
	const struct graph_function *function =
		node.schema ? NULL : function_of(frame->run->graph, proto);

	walk_bodies(frame, &node);
	if (function)
		walk_call(frame, &node, function);
	for (uint32_t k = 0; node.schema && k < proto->n_output; k++)
		put(frame, proto->output[k], type_of_output(&node, k, frame->run->peer));
	release_bodies(frame, node.body_count);
}

static void walk(struct frame *frame, Onnx__NodeProto *const *nodes, size_t count)
{
	for (size_t i = 0; i < count && frame->run->budget && !frame->run->no_memory;
		i++) {
		frame->run->budget--;
		walk_node(frame, nodes[i]);
	}
}

void type_through_function(struct type_run *run, const struct type_node *call,
	const struct graph_function *function, type_code *outputs, size_t count)
{
	const Onnx__FunctionProto *proto = function->proto;
	struct frame frame = {.run = run,
		.function = function,
		.caller = call,
		.depth = call->depth + 1};

	if (frame.depth >= CALLS_DEEP)
		return;
	for (size_t i = 0; i < proto->n_input; i++)
		put(&frame, proto->input[i], call->input(call, (uint32_t)i));
	walk(&frame, proto->node, proto->n_node);
	for (size_t i = 0; i < proto->n_output && i < count; i++)
		outputs[i] = get(&frame, proto->output[i]);
	frame_release(&frame);
}
