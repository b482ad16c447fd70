/* Element types: declared ones, then the rule of each operator (data/op-schemas.tsv). */
#include "graph/types.h"

#include "graph/build.h"

#include <stdlib.h>
#include <string.h>

type_code type_declared(const Onnx__TypeProto *type)
{
	if (!type)
		return 0;
	if (type->tensor_type)
		return type_make(HOLDER_TENSOR, type->tensor_type->elem_type);
	if (type->sequence_type) {
		type_code inner = type_declared(type->sequence_type->elem_type);

		return type_make(HOLDER_SEQUENCE, type_element(inner));
	}
	if (type->optional_type) {
		type_code inner = type_declared(type->optional_type->elem_type);
		bool sequence = type_holder(inner) == HOLDER_SEQUENCE;

		return type_make(sequence ? HOLDER_OPTIONAL_SEQUENCE : HOLDER_OPTIONAL,
			type_element(inner));
	}
	if (type->map_type || type->sparse_tensor_type || type->opaque_type)
		return type_make(HOLDER_OTHER, 0);
	return 0;
}

static void declare(
	struct graph *g, type_code *codes, tensor_id t, const Onnx__TypeProto *type)
{
	type_code code = type_declared(type);

	if (!code)
		return;
	codes[t] = code;
	g->tensors[t].flags |= TENSOR_DECLARED;
}

/* value_info, then outputs, then inputs: the later wins. */
static void declare_scope(struct graph *g, type_code *codes, scope_id scope)
{
	const struct graph_scope *s = &g->scopes[scope];

	for (size_t i = 0; i < s->proto->n_value_info; i++) {
		const Onnx__ValueInfoProto *info = s->proto->value_info[i];
		name_id name = names_find(
			&g->names, (const char *)info->name.data, info->name.len);
		tensor_id t =
			name == NAME_NONE ? GRAPH_NONE : build_lookup(g, scope, name);

		if (t != GRAPH_NONE)
			declare(g, codes, t, info->type);
	}
	for (uint32_t i = 0; i < s->output_count; i++) {
		tensor_id t = g->ports[s->first_output + i];

		if (g->tensors[t].scope == scope)
			declare(g, codes, t, s->proto->output[i]->type);
	}
	for (uint32_t i = 0; i < s->input_count; i++)
		declare(g, codes, g->ports[s->first_input + i], s->proto->input[i]->type);
}

static void type_initializers(const struct graph *g, type_code *codes)
{
	for (tensor_id t = 0; t < g->tensor_count; t++) {
		const struct graph_tensor *tensor = &g->tensors[t];
		const Onnx__GraphProto *proto = g->scopes[tensor->scope].proto;

		if (!(tensor->flags & TENSOR_INITIALIZER))
			continue;
		if (tensor->flags & TENSOR_SPARSE)
			codes[t] = type_make(HOLDER_TENSOR,
				proto->sparse_initializer[tensor->initializer]
					->values->data_type);
		else
			codes[t] = type_make(HOLDER_TENSOR,
				proto->initializer[tensor->initializer]->data_type);
	}
}

type_code type_of_body_output(
	const struct type_run *run, node_id node, uint32_t body, uint32_t position)
{
	const struct graph *g = run->graph;
	const struct graph_scope *s = &g->scopes[g->nodes[node].first_body + body];

	return position < s->output_count
		       ? run->codes[g->ports[s->first_output + position]]
		       : 0;
}

static type_code output_type(
	const struct type_run *run, node_id node, const struct schema *s, uint32_t slot)
{
	const struct schema_output *output = schema_output_at(s, slot);

	if (!output || (run->peer && output->own))
		return 0;
	switch (output->rule) {
	case SCHEMA_TYPE_INPUT:
		return type_of_input(run, node, output->value);
	case SCHEMA_TYPE_FIXED:
		return type_make(HOLDER_TENSOR, output->value);
	case SCHEMA_TYPE_NOTES:
		return type_by_notes(run, node, s, slot);
	case SCHEMA_TYPE_UNKNOWN:
		break;
	}
	return 0;
}

static void infer_scope(struct type_run *run, scope_id scope);

static void infer_node(struct type_run *run, node_id id)
{
	const struct graph *g = run->graph;
	const struct graph_node *node = &g->nodes[id];
	const struct schema *schema = names_length(&g->names, node->domain)
					      ? NULL
					      : run->schemas[node->op_type];

	for (uint32_t b = 0; b < node->body_count; b++) {
		if (schema)
			type_body_inputs(run, id, &g->scopes[node->first_body + b]);
		infer_scope(run, node->first_body + b);
	}
	for (uint32_t k = 0; schema && k < node->output_count; k++) {
		tensor_id t = graph_output_of(g, id, k);

		if (t != GRAPH_NONE && !run->codes[t])
			run->codes[t] = output_type(run, id, schema, k);
	}
}

/* onnx goes through the nodes as they stand in the file. */
static void infer_scope(struct type_run *run, scope_id scope)
{
	const struct graph_scope *s = &run->graph->scopes[scope];

	for (uint32_t i = 0; i < s->node_count; i++)
		infer_node(run, run->peer ? s->first_node + i
					  : run->graph->order[s->first_node + i]);
}

static void find_schemas(struct type_run *run)
{
	const struct graph *g = run->graph;

	for (node_id n = 0; n < g->node_count; n++) {
		name_id op = g->nodes[n].op_type;

		if (!run->schemas[op])
			run->schemas[op] =
				schema_find(names_text(&g->names, op), g->opset);
	}
}

/* Enters the result of both runs: `known` has what onnx's inference knows. */
static void enter(struct graph *g, const type_code *codes, const type_code *known)
{
	for (tensor_id t = 0; t < g->tensor_count; t++) {
		if (type_holder(codes[t]) == HOLDER_TENSOR)
			g->tensors[t].element_type = type_element(codes[t]);
		else
			g->tensors[t].flags |= TENSOR_CONTAINER;
		if (codes[t] && !known[t])
			g->tensors[t].flags |= TENSOR_OWN_TYPE;
	}
}

bool build_types(struct graph *g, struct error *err)
{
	size_t size = (size_t)g->tensor_count * sizeof(type_code);
	type_code *known = malloc(size + 1);
	struct type_run run = {.graph = g, .peer = true};

	run.codes = calloc((size_t)g->tensor_count + 1, sizeof(type_code));
	run.schemas = calloc((size_t)g->names.count + 1, sizeof(*run.schemas));
	if (known && run.codes && run.schemas) {
		for (scope_id s = 0; s < g->scope_count; s++)
			declare_scope(g, run.codes, s);
		type_initializers(g, run.codes);
		find_schemas(&run);
		infer_scope(&run, 0);
		memcpy(known, run.codes, size);
		run.peer = false;
		infer_scope(&run, 0);
		enter(g, run.codes, known);
	}
	bool ok = known && run.codes && run.schemas;

	free(known);
	free(run.codes);
	free(run.schemas);
	return ok || build_no_memory(err);
}

const struct schema *graph_schema(const struct graph *graph, node_id node)
{
	const struct graph_node *n = &graph->nodes[node];

	if (names_length(&graph->names, n->domain))
		return NULL;
	return schema_find(names_text(&graph->names, n->op_type), graph->opset);
}
