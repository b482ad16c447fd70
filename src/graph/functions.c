/* Model-local functions and the nodes that call them. */
#include "graph/build.h"

#include <stdlib.h>
#include <string.h>

static bool read_function(
	struct build *build, const Onnx__FunctionProto *proto, struct graph_function *out)
{
	ProtobufCBinaryData domain = proto->domain;

	if (domain.len == 7 && !memcmp(domain.data, "ai.onnx", 7))
		domain.len = 0;
	*out = (struct graph_function){.proto = proto, .next = GRAPH_NONE};
	return build_name(build, domain, &out->domain) &&
	       build_name(build, proto->name, &out->name) &&
	       build_name(build, proto->overload, &out->overload);
}

static bool is_call(const struct build *build, const struct graph_node *node,
	const struct graph_function *function)
{
	const struct names *names = &build->graph->names;
	ProtobufCBinaryData overload = node->proto->overload;

	return function->domain == node->domain && function->name == node->op_type &&
	       names_length(names, function->overload) == overload.len &&
	       (!overload.len || !memcmp(names_text(names, function->overload),
					 overload.data, overload.len));
}

/* Enters each node's function; `first` leads from an operator's name to the functions
 * of that name. */
static void find_calls(struct build *build, const uint32_t *first)
{
	struct graph *g = build->graph;

	for (size_t n = 0; n < build->nodes.count; n++) {
		struct graph_node *node = &build->nodes.items[n];
		uint32_t f = first[node->op_type];

		while (f != GRAPH_NONE && !is_call(build, node, &g->functions[f]))
			f = g->functions[f].next;
		node->function = f;
		if (f != GRAPH_NONE)
			g->functions[f].calls++;
	}
}

bool build_functions(struct build *build)
{
	const Onnx__ModelProto *model = build->graph->model->proto;
	struct graph *g = build->graph;
	uint32_t *first;

	if (!model->n_functions)
		return true;
	g->functions = calloc(model->n_functions, sizeof(*g->functions));
	if (!g->functions)
		return build_no_memory(build->err);
	for (size_t i = 0; i < model->n_functions; i++)
		if (!read_function(build, model->functions[i], &g->functions[i]))
			return false;
	g->function_count = (uint32_t)model->n_functions;
	first = malloc(g->names.count * sizeof(*first));
	if (!first)
		return build_no_memory(build->err);
	memset(first, 0xff, g->names.count * sizeof(*first));
	for (uint32_t i = g->function_count; i--;) {
		g->functions[i].next = first[g->functions[i].name];
		first[g->functions[i].name] = i;
	}
	find_calls(build, first);
	free(first);
	return true;
}
