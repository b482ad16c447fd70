/* Readers of each tensor, in file order. */
#include "graph/build.h"

#include <stdlib.h>

/* Counts the readers of each tensor, and marks what is read from inside a subgraph. */
static uint32_t count_readers(struct graph *g)
{
	uint32_t total = 0;

	for (node_id n = 0; n < g->node_count; n++) {
		const struct graph_node *node = &g->nodes[n];

		for (uint32_t k = 0; k < node->input_count; k++) {
			tensor_id t = g->slots[node->first_input + k];

			if (t == GRAPH_NONE)
				continue;
			g->tensors[t].reader_count++;
			if (g->tensors[t].scope != node->scope)
				g->tensors[t].flags |= TENSOR_CAPTURED;
			total++;
		}
	}
	return total;
}

bool build_readers(struct graph *g, struct error *err)
{
	uint32_t at = 0;

	g->reader_count = count_readers(g);
	g->readers = malloc(((size_t)g->reader_count + 1) * sizeof(*g->readers));
	if (!g->readers)
		return build_no_memory(err);
	for (tensor_id t = 0; t < g->tensor_count; t++) {
		g->tensors[t].first_reader = at;
		at += g->tensors[t].reader_count;
		g->tensors[t].reader_count = 0;
	}
	for (node_id n = 0; n < g->node_count; n++) {
		const struct graph_node *node = &g->nodes[n];

		for (uint32_t k = 0; k < node->input_count; k++) {
			tensor_id t = g->slots[node->first_input + k];

			if (t != GRAPH_NONE)
				g->readers[g->tensors[t].first_reader +
					   g->tensors[t].reader_count++] =
					(struct graph_reader){n, k};
		}
	}
	return true;
}

node_id graph_ancestor(const struct graph *graph, node_id node, scope_id scope)
{
	while (graph->nodes[node].scope != scope)
		node = graph->scopes[graph->nodes[node].scope].owner;
	return node;
}
