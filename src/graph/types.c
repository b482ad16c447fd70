/* Element types: declared ones, then the rule of each operator (data/op-schemas.tsv). */
#include "graph/types.h"

#include "graph/build.h"
#include "onnx/external.h"

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
	if (type->map_type)
		return type_make(HOLDER_OTHER,
			type_element(type_declared(type->map_type->value_type)));
	if (type->sparse_tensor_type || type->opaque_type)
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

static const Onnx__AttributeProto *attribute_named(
	Onnx__AttributeProto *const *attributes, size_t count, const char *name,
	size_t length)
{
	for (size_t i = 0; i < count; i++)
		if (attributes[i]->name.len == length &&
			!memcmp(attributes[i]->name.data, name, length))
			return attributes[i];
	return NULL;
}

const Onnx__AttributeProto *type_attribute(const struct type_node *node, const char *name)
{
	size_t length = strlen(name);

	for (; node; node = node->caller) {
		const struct graph_function *function = node->function;
		const Onnx__AttributeProto *found = attribute_named(
			node->proto->attribute, node->proto->n_attribute, name, length);

		if (!found || !found->ref_attr_name.len || !node->caller)
			return found;
		name = (const char *)found->ref_attr_name.data;
		length = found->ref_attr_name.len;
		if (!attribute_named(node->caller->proto->attribute,
			    node->caller->proto->n_attribute, name, length))
			return attribute_named(function->proto->attribute_proto,
				function->proto->n_attribute_proto, name, length);
	}
	return NULL;
}

type_code type_of_output(const struct type_node *node, uint32_t slot, bool peer)
{
	const struct schema_output *output = schema_output_at(node->schema, slot);

	if (!output || (peer && output->own))
		return 0;
	switch (output->rule) {
	case SCHEMA_TYPE_INPUT:
		return node->input(node, output->value);
	case SCHEMA_TYPE_FIXED:
		return type_make(HOLDER_TENSOR, output->value);
	case SCHEMA_TYPE_NOTES:
		return type_by_notes(node, slot);
	case SCHEMA_TYPE_UNKNOWN:
		break;
	}
	return 0;
}

static type_code graph_input(const struct type_node *node, uint32_t slot)
{
	const struct type_run *run = node->place;
	tensor_id t = graph_input_of(run->graph, node->id, slot);

	return t == GRAPH_NONE ? 0 : run->codes[t];
}

static type_code graph_body_output(
	const struct type_node *node, uint32_t body, uint32_t position)
{
	const struct type_run *run = node->place;
	const struct graph *g = run->graph;
	const struct graph_scope *s = &g->scopes[g->nodes[node->id].first_body + body];

	return position < s->output_count
		       ? run->codes[g->ports[s->first_output + position]]
		       : 0;
}

static void infer_scope(struct type_run *run, scope_id scope);

/* The subgraphs of a node, whose inputs it gives their types. */
static void infer_bodies(struct type_run *run, const struct type_node *node)
{
	const struct graph *g = run->graph;
	scope_id first = g->nodes[node->id].first_body;

	for (scope_id s = first; node->body_count && s < first + node->body_count; s++) {
		for (uint32_t i = 0; i < g->scopes[s].input_count; i++) {
			tensor_id t = g->ports[g->scopes[s].first_input + i];

			if (!run->codes[t])
				run->codes[t] = type_given_to_body(node, i);
		}
		infer_scope(run, s);
	}
}

static void infer_call(struct type_run *run, const struct type_node *call)
{
	const struct graph_node *node = &run->graph->nodes[call->id];
	uint32_t count = node->output_count;
	type_code *outputs = calloc((size_t)count + 1, sizeof(*outputs));

	if (!outputs) {
		run->no_memory = true;
		return;
	}
	type_through_function(
		run, call, &run->graph->functions[node->function], outputs, count);
	for (uint32_t k = 0; k < count; k++) {
		tensor_id t = graph_output_of(run->graph, call->id, k);

		if (t != GRAPH_NONE && !run->codes[t])
			run->codes[t] = outputs[k];
	}
	free(outputs);
}

/* The schema of a node; a domain other than the default one is looked up anew. */
static const struct schema *schema_of(const struct type_run *run, node_id id)
{
	const struct graph_node *node = &run->graph->nodes[id];

	return names_length(&run->graph->names, node->domain)
		       ? graph_schema(run->graph, id)
		       : run->schemas[node->op_type];
}

/* onnx takes a sparse initializer for a tensor of rank 0, which these operators refuse.
 */
static bool fails_on_sparse(const struct type_run *run, node_id id)
{
	static const char *const strict[] = {"MatMul", "Gemm", "Conv", NULL};
	const char *op = graph_op_type(run->graph, id);
	size_t i = 0;

	while (strict[i] && strcmp(op, strict[i]) != 0)
		i++;
	for (uint32_t k = 0; strict[i] && k < run->graph->nodes[id].input_count; k++) {
		tensor_id t = graph_input_of(run->graph, id, k);

		if (t != GRAPH_NONE && (run->graph->tensors[t].flags & TENSOR_SPARSE))
			return true;
	}
	return false;
}

enum { ALL_SLOTS = 0xffff, CARRIED = 0xfffc };

/* The inputs without whose type onnx gives a node up, also the outputs whose types do
 * not come from it. Measured with one-node models. */
static const struct needed {
	const char *op;
	unsigned slots; /* a bit for each */
} needed_types[] = {
	{"Celu", 1},
	{"ConvInteger", 3},
	{"Dropout", 1},
	{"LayerNormalization", 1},
	{"Loop", CARRIED},
	{"MatMulInteger", 3},
	{"MaxPool", 1},
	{"QLinearConv", 0x2d},
	{"QLinearMatMul", 0x2d},
	{"Scan", ALL_SLOTS},
	{"StringConcat", 1},
	{"TopK", 1},
	{"Unique", 1},
};

static unsigned needed_slots(const char *op)
{
	for (size_t i = 0; i < sizeof(needed_types) / sizeof(*needed_types); i++)
		if (!strcmp(op, needed_types[i].op))
			return needed_types[i].slots;
	return 0;
}

static bool fails_on_untyped(const struct type_run *run, node_id id)
{
	const struct graph_node *node = &run->graph->nodes[id];
	unsigned untyped = 0;

	for (uint32_t k = 0; k < node->input_count; k++) {
		tensor_id t = graph_input_of(run->graph, id, k);

		if (t != GRAPH_NONE && !run->codes[t])
			untyped |= 1u << (k < 15 ? k : 15);
	}
	return untyped && !names_length(&run->graph->names, node->domain) &&
	       (untyped & needed_slots(graph_op_type(run->graph, id)));
}

/* What onnx knows of shapes, computed on demand. */
static const struct infer_values *inference_of(struct type_run *run)
{
	if (!run->inference) {
		run->inference = infer_start();
		if (!run->inference ||
			!infer_sweep(run->inference, run->graph->model, INFER_IN_FILE))
			run->no_memory = true;
	}
	return run->inference ? infer_main(run->inference) : NULL;
}

/* Before opset 9 onnx types an Upsample only if the shape of its input is known. */
static bool fails_on_shapeless(struct type_run *run, node_id id)
{
	const struct graph_node *node = &run->graph->nodes[id];

	if (run->graph->opset >= 9 || !node->proto->n_input || node->scope != 0 ||
		strcmp(graph_op_type(run->graph, id), "Upsample") != 0)
		return false;
	return infer_find(inference_of(run), node->proto->input[0]).rank == INFER_UNKNOWN;
}

/* The sizes of a Resize have a rank that onnx wants to know; nothing has one that stands
 * behind it in the file. */
static bool fails_on_sizes(const struct type_run *run, node_id id)
{
	tensor_id sizes;

	if (run->graph->nodes[id].input_count < 4 ||
		strcmp(graph_op_type(run->graph, id), "Resize") != 0)
		return false;
	sizes = graph_input_of(run->graph, id, 3);
	return sizes != GRAPH_NONE && !run->codes[sizes];
}

/* Elements in a side file are not read. */
static bool fails_on_external(struct type_run *run, node_id id)
{
	const struct graph_node *node = &run->graph->nodes[id];

	return run->has_external && node->scope == 0 &&
	       !names_length(&run->graph->names, node->domain) &&
	       infer_fails(inference_of(run), node->proto);
}

static bool onnx_fails(struct type_run *run, node_id id)
{
	return fails_on_sparse(run, id) || fails_on_untyped(run, id) ||
	       fails_on_shapeless(run, id) || fails_on_sizes(run, id) ||
	       fails_on_external(run, id);
}

static void infer_node(struct type_run *run, node_id id)
{
	const struct graph *g = run->graph;
	const struct graph_node *node = &g->nodes[id];
	struct type_node view = {.proto = node->proto,
		.schema = schema_of(run, id),
		.input = graph_input,
		.body_output = graph_body_output,
		.body_count = node->body_count,
		.id = id,
		.place = run};

	if (run->peer && onnx_fails(run, id))
		return;
	infer_bodies(run, &view);
	if (!view.schema && node->function != GRAPH_NONE)
		infer_call(run, &view);
	for (uint32_t k = 0; view.schema && k < node->output_count; k++) {
		tensor_id t = graph_output_of(g, id, k);

		if (t != GRAPH_NONE && !run->codes[t])
			run->codes[t] = type_of_output(&view, k, run->peer);
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
				schema_find_in("", names_text(&g->names, op), g->opset);
	}
}

/* The element type of a tensor; 0 for what holds tensors. */
static int32_t element_of(type_code code)
{
	return type_holder(code) == HOLDER_TENSOR ? type_element(code) : 0;
}

/* Enters the result of both runs: `peer` is what onnx's inference knows. */
static void enter(struct graph *g, const type_code *codes, const type_code *peer)
{
	for (tensor_id t = 0; t < g->tensor_count; t++) {
		g->tensors[t].element_type = element_of(peer[t]);
		g->tensors[t].known_type = element_of(codes[t]);
		if (type_holder(codes[t]) != HOLDER_TENSOR)
			g->tensors[t].flags |= TENSOR_CONTAINER;
	}
}

/* Calls within calls may be many: 2^depth. What is left over stays unknown. */
enum { FUNCTION_BUDGET = 500000 };

static bool has_external(const struct graph *g)
{
	const Onnx__GraphProto *proto = g->model->proto->graph;

	for (size_t i = 0; i < proto->n_initializer; i++)
		if (tensor_is_external(proto->initializer[i]))
			return true;
	return false;
}

/* A model that is raised is read whole behind the first sweep. */
static void sweep_types(struct type_run *run, unsigned sweeps)
{
	bool external = has_external(run->graph);

	for (unsigned i = run->graph->unsorted ? 0 : sweeps - 1; i < sweeps; i++) {
		run->has_external = external && i == 0;
		infer_scope(run, 0);
	}
}

bool build_types(struct graph *g, unsigned sweeps, struct error *err)
{
	size_t size = (size_t)g->tensor_count * sizeof(type_code);
	type_code *peer = malloc(size + 1);
	struct type_run run = {.graph = g, .peer = true, .budget = FUNCTION_BUDGET};

	run.codes = calloc((size_t)g->tensor_count + 1, sizeof(type_code));
	run.schemas = calloc((size_t)g->names.count + 1, sizeof(*run.schemas));
	if (peer && run.codes && run.schemas) {
		for (scope_id s = 0; s < g->scope_count; s++)
			declare_scope(g, run.codes, s);
		type_initializers(g, run.codes);
		find_schemas(&run);
		sweep_types(&run, sweeps);
		memcpy(peer, run.codes, size);
		run.peer = false;
		run.budget = FUNCTION_BUDGET;
		infer_scope(&run, 0);
		enter(g, run.codes, peer);
	}
	bool ok = peer && run.codes && run.schemas && !run.no_memory;

	free(peer);
	infer_finish(run.inference);
	free(run.codes);
	free(run.schemas);
	return ok || build_no_memory(err);
}

const struct schema *graph_schema(const struct graph *graph, node_id node)
{
	const struct graph_node *n = &graph->nodes[node];
	const char *domain = names_text(&graph->names, n->domain);
	int64_t version =
		*domain ? model_domain_version(graph->model, domain) : graph->opset;

	return schema_find_in(domain, names_text(&graph->names, n->op_type), version);
}
