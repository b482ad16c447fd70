/* Scopes and nodes: the main graph, then the subgraphs of attributes. */
#include "base/text.h"
#include "graph/build.h"

#include <string.h>

enum { DEPTH_MOST = 100 };

static bool add_scope(struct build *build, const Onnx__GraphProto *proto, node_id owner,
	const char *attribute, scope_id parent, uint32_t depth)
{
	struct graph_scope scope = {.proto = proto,
		.owner = owner,
		.attribute = attribute,
		.parent = parent,
		.depth = depth};

	if (depth > DEPTH_MOST)
		return error_set(build->err, ERROR_REFUSED,
			"%s: subgraphs are nested more than %d deep; export the model "
			"anew",
			build->path, DEPTH_MOST);
	if (build->scopes.count >= GRAPH_NONE - 1)
		return build_no_memory(build->err);
	return ARRAY_PUSH(&build->scopes, scope) || build_no_memory(build->err);
}

/* Room for `count` slots, absent so far. */
static bool add_slots(struct build *build, size_t count)
{
	if (count == 0)
		return true;
	if (count >= GRAPH_NONE - build->slots.count || !ARRAY_ROOM(&build->slots, count))
		return build_no_memory(build->err);
	for (size_t i = 0; i < count; i++)
		build->slots.items[build->slots.count++] = GRAPH_NONE;
	return true;
}

static bool add_bodies(struct build *build, node_id id, const Onnx__NodeProto *proto)
{
	scope_id scope = build->nodes.items[id].scope;
	uint32_t depth = build->scopes.items[scope].depth + 1;
	size_t before = build->scopes.count;

	for (size_t i = 0; i < proto->n_attribute; i++) {
		const Onnx__AttributeProto *attribute = proto->attribute[i];
		name_id name;

		if (!attribute->g && !attribute->n_graphs)
			continue;
		if (!build_name(build, attribute->name, &name))
			return false;
		const char *text = names_text(&build->graph->names, name);

		if (attribute->g &&
			!add_scope(build, attribute->g, id, text, scope, depth))
			return false;
		for (size_t k = 0; k < attribute->n_graphs; k++)
			if (!add_scope(
				    build, attribute->graphs[k], id, text, scope, depth))
				return false;
	}
	if (build->scopes.count > before) {
		build->nodes.items[id].first_body = (scope_id)before;
		build->nodes.items[id].body_count =
			(uint32_t)(build->scopes.count - before);
	}
	return true;
}

/* "ai.onnx" is another name of the default domain. */
static ProtobufCBinaryData plain_domain(ProtobufCBinaryData domain)
{
	if (domain.len == 7 && !memcmp(domain.data, "ai.onnx", 7))
		domain.len = 0;
	return domain;
}

static bool no_operator(struct build *build, const Onnx__NodeProto *proto, size_t index)
{
	ProtobufCBinaryData name = proto->name;

	if (!name.len && proto->n_output)
		name = proto->output[0];
	return error_set(build->err, ERROR_REFUSED,
		"%s: node %zu (%s) has no operator; export the model anew", build->path,
		index, text_quoted((const char *)name.data, name.len));
}

static bool add_node(struct build *build, scope_id scope, size_t index)
{
	const Onnx__NodeProto *proto = build->scopes.items[scope].proto->node[index];
	node_id id = (node_id)build->nodes.count;
	struct graph_node node = {.proto = proto,
		.scope = scope,
		.index = (uint32_t)index,
		.first_input = (uint32_t)build->slots.count,
		.input_count = (uint32_t)proto->n_input,
		.output_count = (uint32_t)proto->n_output,
		.first_body = GRAPH_NONE,
		.function = GRAPH_NONE};

	if (!proto->op_type.len)
		return no_operator(build, proto, index);
	if (!build_name(build, proto->name, &node.name) ||
		!build_name(build, proto->op_type, &node.op_type) ||
		!build_name(build, plain_domain(proto->domain), &node.domain) ||
		!add_slots(build, proto->n_input))
		return false;
	node.first_output = (uint32_t)build->slots.count;
	if (!add_slots(build, proto->n_output))
		return false;
	if (build->nodes.count >= GRAPH_NONE - 1 || !ARRAY_PUSH(&build->nodes, node))
		return build_no_memory(build->err);
	return add_bodies(build, id, proto);
}

bool build_collect(struct build *build)
{
	const Onnx__GraphProto *main_graph = build->graph->model->proto->graph;

	if (!main_graph)
		return error_set(build->err, ERROR_REFUSED,
			"%s: has no graph; it is not an ONNX model", build->path);
	if (!add_scope(build, main_graph, GRAPH_NONE, "", GRAPH_NONE, 0))
		return false;
	for (scope_id s = 0; s < build->scopes.count; s++) {
		size_t count = build->scopes.items[s].proto->n_node;

		build->scopes.items[s].first_node = (node_id)build->nodes.count;
		build->scopes.items[s].node_count = (uint32_t)count;
		for (size_t i = 0; i < count; i++)
			if (!add_node(build, s, i))
				return false;
	}
	return true;
}
