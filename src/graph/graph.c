#include "graph/graph.h"

#include "base/text.h"
#include "graph/build.h"

#include <stdlib.h>
#include <string.h>

bool build_no_memory(struct error *err)
{
	return error_set_memory(err, "graph");
}

bool build_name(struct build *build, ProtobufCBinaryData bytes, name_id *id)
{
	const char *text = (const char *)bytes.data;

	if (bytes.len && memchr(text, 0, bytes.len))
		return error_set(build->err, ERROR_REFUSED,
			"%s: the name %s has a NUL inside; export the model anew",
			build->path, text_quoted(text, bytes.len));
	*id = names_add(&build->graph->names, bytes.len ? text : "", bytes.len);
	return *id != NAME_NONE || build_no_memory(build->err);
}

/* The version that the model imports of the default domain, by either name. */
static int64_t default_opset(const Onnx__ModelProto *model)
{
	int64_t version = 0;

	for (size_t i = 0; i < model->n_opset_import; i++) {
		const Onnx__OperatorSetIdProto *import = model->opset_import[i];
		bool empty = !import->domain.len;

		if (empty || (import->domain.len == 7 &&
				     !memcmp(import->domain.data, "ai.onnx", 7)))
			version = import->version;
	}
	return version;
}

/* Makes the arrays the graph's own. */
static void hand_over(struct build *build)
{
	struct graph *g = build->graph;

	g->tensors = build->tensors.items;
	g->tensor_count = (uint32_t)build->tensors.count;
	g->nodes = build->nodes.items;
	g->node_count = (uint32_t)build->nodes.count;
	g->scopes = build->scopes.items;
	g->scope_count = (uint32_t)build->scopes.count;
	g->slots = build->slots.items;
	g->slot_count = (uint32_t)build->slots.count;
	g->ports = build->ports.items;
	if (!g->scope_count)
		return;
	g->main_nodes = g->scopes[0].node_count;
	g->main_tensors = g->scopes[0].tensor_count;
	g->input_count = g->scopes[0].input_count;
	g->output_count = g->scopes[0].output_count;
	if (g->ports) {
		g->inputs = g->ports + g->scopes[0].first_input;
		g->outputs = g->ports + g->scopes[0].first_output;
	}
}

struct graph *graph_build(const struct model *model, struct error *err)
{
	return graph_build_swept(model, 1, err);
}

struct graph *graph_build_swept(
	const struct model *model, unsigned sweeps, struct error *err)
{
	struct graph *graph = calloc(1, sizeof(*graph));
	struct build build = {.graph = graph, .err = err};
	bool ok;

	if (!graph) {
		build_no_memory(err);
		return NULL;
	}
	build.path = model->path ? text_path(model->path) : "model";
	graph->model = model;
	graph->repeated = GRAPH_NONE;
	graph->opset = default_opset(model->proto);
	ok = build_collect(&build) && build_functions(&build) && build_define(&build);
	hand_over(&build);
	ok = ok && build_readers(graph, err) && build_order(graph, build.path, err) &&
	     build_types(graph, sweeps, err) && build_shapes(graph, err);
	if (ok)
		return graph;
	graph_free(graph);
	return NULL;
}

void graph_free(struct graph *graph)
{
	if (!graph)
		return;
	names_clear(&graph->names);
	free(graph->tensors);
	free(graph->nodes);
	free(graph->scopes);
	free(graph->readers);
	free(graph->slots);
	free(graph->dims);
	free(graph->symbols);
	free(graph->order);
	free(graph->ports);
	free(graph->functions);
	free(graph->tensor_slots);
	free(graph->node_slots);
	free(graph);
}
