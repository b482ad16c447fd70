/* Topological orders. A node waits for the producers of what it and the nodes inside
 * its subgraphs read. */
#include "base/text.h"
#include "graph/build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sorter {
	struct graph *graph;
	const char *path;
	struct error *err;
	uint32_t *waiting; /* for each node: inputs whose producer is not placed yet */
	node_id *heap;     /* nodes that wait for nothing, the least id on top */
	uint32_t heap_count;
};

static void heap_push(struct sorter *sorter, node_id node)
{
	uint32_t at = sorter->heap_count++;

	for (; at && sorter->heap[(at - 1) / 2] > node; at = (at - 1) / 2)
		sorter->heap[at] = sorter->heap[(at - 1) / 2];
	sorter->heap[at] = node;
}

static node_id heap_pop(struct sorter *sorter)
{
	node_id top = sorter->heap[0], last = sorter->heap[--sorter->heap_count];
	uint32_t at = 0;

	for (;;) {
		uint32_t child = 2 * at + 1;

		if (child >= sorter->heap_count)
			break;
		if (child + 1 < sorter->heap_count &&
			sorter->heap[child + 1] < sorter->heap[child])
			child++;
		if (sorter->heap[child] >= last)
			break;
		sorter->heap[at] = sorter->heap[child];
		at = child;
	}
	sorter->heap[at] = last;
	return top;
}

/* Adds `step` to what each reader of the tensor waits for; those that wait for nothing
 * any more go to the heap. */
static void count_down(struct sorter *sorter, tensor_id tensor)
{
	const struct graph *g = sorter->graph;
	uint32_t count;
	const struct graph_reader *readers = graph_readers_of(g, tensor, &count);

	for (uint32_t r = 0; r < count; r++) {
		node_id node =
			graph_ancestor(g, readers[r].node, g->tensors[tensor].scope);

		if (--sorter->waiting[node] == 0)
			heap_push(sorter, node);
	}
}

static void count_up(struct sorter *sorter, tensor_id tensor)
{
	const struct graph *g = sorter->graph;
	uint32_t count;
	const struct graph_reader *readers = graph_readers_of(g, tensor, &count);

	for (uint32_t r = 0; r < count; r++)
		sorter->waiting[graph_ancestor(
			g, readers[r].node, g->tensors[tensor].scope)]++;
}

/* Writes the names of one cycle among the nodes that still wait: every one of them has
 * a producer that waits too, so walking up must come round. */
static bool report_cycle(struct sorter *sorter, const struct graph_scope *scope)
{
	enum { SHOWN = 5 };
	struct graph *g = sorter->graph;
	node_id *before = sorter->heap, *mark = g->order; /* both free to use now */
	tensor_id end = scope->first_tensor + scope->tensor_count;
	node_id node = scope->first_node, first;
	char text[700] = "";
	size_t used = 0;

	for (tensor_id t = scope->first_tensor; t < end; t++) {
		node_id producer = g->tensors[t].producer;
		uint32_t count;
		const struct graph_reader *readers = graph_readers_of(g, t, &count);

		if (producer == GRAPH_NONE || !sorter->waiting[producer])
			continue;
		for (uint32_t r = 0; r < count; r++)
			before[graph_ancestor(g, readers[r].node, g->tensors[t].scope) -
				scope->first_node] = producer;
	}
	memset(mark + scope->first_node, 0, scope->node_count * sizeof(*mark));
	while (!sorter->waiting[node])
		node++;
	while (!mark[node]) {
		mark[node] = 1;
		node = before[node - scope->first_node];
	}
	first = node;
	for (int i = 0; i < SHOWN; i++) {
		const char *name = graph_node_label(g, node);

		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s",
			i ? ", which needs " : "", text_quoted_z(name));
		node = before[node - scope->first_node];
		if (node == first)
			break;
	}
	return error_set(sorter->err, ERROR_REFUSED,
		"%s: nodes form a cycle: %s%s needs itself; export the model anew",
		sorter->path, text, node == first ? " and so" : ", ... and so on");
}

/* Sorts one scope: of the nodes that could come next always the first in the file. */
static bool sort_scope(struct sorter *sorter, const struct graph_scope *scope)
{
	struct graph *g = sorter->graph;
	tensor_id end = scope->first_tensor + scope->tensor_count;
	uint32_t placed = 0;

	for (tensor_id t = scope->first_tensor; t < end; t++)
		if (g->tensors[t].producer != GRAPH_NONE)
			count_up(sorter, t);
	sorter->heap_count = 0;
	for (uint32_t i = 0; i < scope->node_count; i++)
		if (!sorter->waiting[scope->first_node + i])
			heap_push(sorter, scope->first_node + i);
	while (sorter->heap_count) {
		node_id node = heap_pop(sorter);

		g->order[scope->first_node + placed++] = node;
		for (uint32_t k = 0; k < g->nodes[node].output_count; k++) {
			tensor_id t = graph_output_of(g, node, k);

			if (t != GRAPH_NONE)
				count_down(sorter, t);
		}
	}
	return placed == scope->node_count || report_cycle(sorter, scope);
}

/* True if some node of the scope stands before what it needs. */
static bool is_unsorted(const struct graph *g, const struct graph_scope *scope)
{
	tensor_id end = scope->first_tensor + scope->tensor_count;

	for (tensor_id t = scope->first_tensor; t < end; t++) {
		const struct graph_tensor *tensor = &g->tensors[t];
		uint32_t count;
		const struct graph_reader *readers = graph_readers_of(g, t, &count);

		if (tensor->producer == GRAPH_NONE)
			continue;
		for (uint32_t r = 0; r < count; r++)
			if (graph_ancestor(g, readers[r].node, tensor->scope) <=
				tensor->producer)
				return true;
	}
	return false;
}

bool build_order(struct graph *g, const char *path, struct error *err)
{
	size_t room = ((size_t)g->node_count + 1) * sizeof(node_id);
	struct sorter sorter = {.graph = g, .path = path, .err = err};
	bool ok = true;

	g->order = malloc(room);
	if (!g->order)
		return build_no_memory(err);
	for (node_id n = 0; n < g->node_count; n++)
		g->order[n] = n;
	for (scope_id s = 0; ok && s < g->scope_count; s++) {
		if (!is_unsorted(g, &g->scopes[s]))
			continue;
		g->unsorted |= s == 0;
		if (!sorter.heap) {
			sorter.heap = malloc(room);
			sorter.waiting = calloc(g->node_count, sizeof(uint32_t));
		}
		if (!sorter.heap || !sorter.waiting)
			ok = build_no_memory(err);
		else
			ok = sort_scope(&sorter, &g->scopes[s]);
	}
	free(sorter.heap);
	free(sorter.waiting);
	return ok;
}
