/* Taking a graph in for conversion, and putting the result together. */
#include "opset/raise_graph.h"

#include "base/text.h"
#include "onnx/schema.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_default(ProtobufCBinaryData domain)
{
	return domain.len == 0 || bytes_equal(domain, "ai.onnx");
}

static name_id find_operator(struct raise *r, ProtobufCBinaryData op_type)
{
	name_id id =
		names_add(&r->operator_names, (const char *)op_type.data, op_type.len);
	struct raise_operator facts = {0};
	const char *name;

	if (id == NAME_NONE || id < r->operators.count)
		return id;
	name = names_text(&r->operator_names, id);
	facts.first = schema_first_since(name);
	for (int opset = 1; opset < 64; opset++)
		if (schema_changes(name, opset))
			facts.changes |= UINT64_C(1) << opset;
	return ARRAY_PUSH(&r->operators, facts) ? id : NAME_NONE;
}

static bool add_name(struct raise *r, struct names *names, ProtobufCBinaryData name)
{
	return names_add(names, (const char *)name.data, name.len) != NAME_NONE ||
	       raise_memory(r);
}

static bool holds(const struct names *names, ProtobufCBinaryData name)
{
	return names_find(names, (const char *)name.data, name.len) != NAME_NONE;
}

static struct raise_graph *new_graph(
	struct raise *r, struct raise_graph *parent, const Onnx__GraphProto *base)
{
	struct raise_graph *graph = calloc(1, sizeof(*graph));

	if (!graph) {
		raise_memory(r);
		return NULL;
	}
	graph->raise = r;
	graph->parent = parent;
	graph->base = base;
	graph->next = r->graphs;
	r->graphs = graph;
	return graph;
}

/* Defines a value that takes a number before (or after) its name is known. */
static bool take_value(struct raise_graph *graph, struct names *defined,
	ProtobufCBinaryData name, bool name_first)
{
	if (name_first && !raise_use_name(graph, name))
		return false;
	raise_take_number(graph);
	return (name_first || raise_use_name(graph, name)) &&
	       add_name(graph->raise, defined, name);
}

static bool take_ends(struct raise_graph *graph, struct names *defined)
{
	const Onnx__GraphProto *base = graph->base;
	bool old_ir = graph->raise->base->proto->ir_version < 4;

	raise_take_number(graph);
	for (size_t i = 0; i < base->n_input; i++)
		if (!take_value(graph, defined, base->input[i]->name, false))
			return false;
	for (size_t i = 0; i < base->n_initializer; i++) {
		ProtobufCBinaryData name = base->initializer[i]->name;

		if (old_ir || holds(defined, name)
				? !raise_use_name(graph, name)
				: !take_value(graph, defined, name, true))
			return false;
	}
	for (size_t i = 0; i < base->n_output; i++)
		if (!add_name(graph->raise, &graph->outputs, base->output[i]->name))
			return false;
	return true;
}

static bool take_outputs(
	struct raise_graph *graph, struct names *defined, const Onnx__NodeProto *node)
{
	for (size_t i = 0; i < node->n_output; i++)
		raise_take_number(graph);
	for (size_t i = 0; i < node->n_output; i++)
		if (!raise_use_name(graph, node->output[i]) ||
			!add_name(graph->raise, defined, node->output[i]))
			return false;
	return true;
}

static bool take_body(struct raise_graph *graph, struct raise_node *node,
	uint32_t attribute, const Onnx__GraphProto *proto, bool converted)
{
	struct raise_graph *body = raise_take_graph(graph->raise, graph, proto);

	if (!body)
		return false;
	if (!converted)
		return true;
	graph->pending |= body->pending;
	node->body_count++;
	return ARRAY_PUSH(&graph->bodies, (struct raise_body){body, attribute}) ||
	       raise_memory(graph->raise);
}

/* Bodies of single attributes of the default domain are converted. */
static bool take_bodies(struct raise_graph *graph, struct raise_node *node)
{
	const Onnx__NodeProto *proto = node->proto;

	node->body = (uint32_t)graph->bodies.count;
	for (size_t i = 0; i < proto->n_attribute; i++) {
		const Onnx__AttributeProto *attribute = proto->attribute[i];

		if (attribute->g && !take_body(graph, node, (uint32_t)i, attribute->g,
					    node->operator_id != NAME_NONE))
			return false;
		for (size_t k = 0; k < attribute->n_graphs; k++)
			if (!take_body(graph, node, (uint32_t)i, attribute->graphs[k],
				    false))
				return false;
	}
	return true;
}

static bool is_imported(const struct model *model, ProtobufCBinaryData domain)
{
	for (size_t i = 0; i < model->proto->n_opset_import; i++) {
		ProtobufCBinaryData import = model->proto->opset_import[i]->domain;

		if (import.len == domain.len &&
			memcmp(import.data, domain.data, domain.len) == 0)
			return true;
	}
	return false;
}

static bool take_node(
	struct raise_graph *graph, struct names *defined, Onnx__NodeProto *proto)
{
	struct raise *r = graph->raise;
	struct raise_node node = {.proto = proto, .operator_id = NAME_NONE};

	if (is_default(proto->domain)) {
		node.operator_id = find_operator(r, proto->op_type);
		if (node.operator_id == NAME_NONE)
			return raise_memory(r);
		if (r->operators.items[node.operator_id].first == 0)
			return error_set(r->err, ERROR_REFUSED,
				"%s: node %s: operator type %s is not known; use "
				"--opset-policy keep",
				text_quoted_z(r->base->path),
				text_quoted(
					(const char *)proto->name.data, proto->name.len),
				text_quoted((const char *)proto->op_type.data,
					proto->op_type.len));
		graph->pending |= r->operators.items[node.operator_id].changes;
	} else if (!graph->parent && !is_imported(r->base, proto->domain)) {
		return error_set(r->err, ERROR_REFUSED,
			"%s: node %s: domain %s is not imported; export the model again",
			text_quoted_z(r->base->path),
			text_quoted((const char *)proto->name.data, proto->name.len),
			text_quoted((const char *)proto->domain.data, proto->domain.len));
	}
	return take_outputs(graph, defined, proto) && take_bodies(graph, &node) &&
	       (ARRAY_PUSH(&graph->nodes, node) || raise_memory(r));
}

/* A name that the graph takes from outside takes a number too. */
static bool take_captured(
	struct raise_graph *graph, struct names *defined, ProtobufCBinaryData name)
{
	struct raise *r = graph->raise;

	if (name.len == 0 || holds(defined, name))
		return true;
	if (!graph->parent)
		return error_set(r->err, ERROR_REFUSED,
			"%s: tensor %s is read, but nothing makes it; use --opset-policy "
			"keep",
			text_quoted_z(r->base->path),
			text_quoted((const char *)name.data, name.len));
	for (struct raise_graph *g = graph->parent; g; g = g->parent)
		if (!add_name(r, &g->captured, name))
			return false;
	return add_name(r, &graph->taken, name) &&
	       take_value(graph, defined, name, false);
}

static bool take_readers(struct raise_graph *graph, struct names *defined)
{
	for (size_t i = 0; i < graph->base->n_node; i++) {
		const Onnx__NodeProto *node = graph->base->node[i];

		for (size_t k = 0; k < node->n_input; k++)
			if (!take_captured(graph, defined, node->input[k]))
				return false;
	}
	for (size_t i = 0; i < graph->base->n_output; i++)
		if (!take_captured(graph, defined, graph->base->output[i]->name))
			return false;
	return true;
}

struct raise_graph *raise_take_graph(
	struct raise *r, struct raise_graph *parent, const Onnx__GraphProto *base)
{
	struct raise_graph *graph = new_graph(r, parent, base);
	struct names defined = {0};
	bool ok = graph && take_ends(graph, &defined);

	if (ok && base->n_sparse_initializer)
		ok = error_set(r->err, ERROR_REFUSED,
			"%s: has sparse initializers, which cannot be raised; use "
			"--opset-policy keep",
			text_quoted_z(r->base->path));
	for (size_t i = 0; ok && i < base->n_node; i++)
		ok = take_node(graph, &defined, base->node[i]);
	ok = ok && take_readers(graph, &defined);
	names_clear(&defined);
	return ok ? graph : NULL;
}

void raise_release_graph(struct raise_graph *graph)
{
	ARRAY_RELEASE(&graph->nodes);
	ARRAY_RELEASE(&graph->bodies);
	ARRAY_RELEASE(&graph->new_initializers);
	ARRAY_RELEASE(&graph->use_count);
	ARRAY_RELEASE(&graph->renames);
	names_clear(&graph->used);
	names_clear(&graph->outputs);
	names_clear(&graph->captured);
	names_clear(&graph->taken);
	names_clear(&graph->renamed);
	free(graph);
}
