/* "Did you mean": the names nearest to one that was not found. */
#include "base/text.h"
#include "graph/graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 3 };

struct nearest {
	const struct graph *graph;
	const char *name;
	size_t length;
	unsigned limit; /* distances above are of no use any more */
	name_id best[SHOWN];
	unsigned distance[SHOWN];
	int count;
};

static bool is_in(const struct nearest *near, name_id id)
{
	for (int i = 0; i < near->count; i++)
		if (near->best[i] == id)
			return true;
	return false;
}

/* Keeps the nearest, those found earlier first among equals. */
static void offer(struct nearest *near, name_id id)
{
	const struct names *names = &near->graph->names;
	unsigned distance = text_distance(near->name, near->length, names_text(names, id),
		names_length(names, id), near->limit);
	int at = near->count;

	if (distance > near->limit || !names_length(names, id) || is_in(near, id))
		return;
	if (near->count < SHOWN)
		near->count++;
	else if (distance >= near->distance[SHOWN - 1])
		return;
	else
		at = SHOWN - 1;
	for (; at && near->distance[at - 1] > distance; at--) {
		near->best[at] = near->best[at - 1];
		near->distance[at] = near->distance[at - 1];
	}
	near->best[at] = id;
	near->distance[at] = distance;
	if (near->count == SHOWN && near->distance[SHOWN - 1] < near->limit)
		near->limit = near->distance[SHOWN - 1];
}

static void offer_all(struct nearest *near, char kind)
{
	const struct graph *g = near->graph;

	if (kind == 't')
		for (tensor_id t = 0; t < g->main_tensors; t++)
			if (!(g->tensors[t].flags & TENSOR_UNDEFINED))
				offer(near, g->tensors[t].name);
	if (kind == 'n')
		for (node_id n = 0; n < g->main_nodes; n++)
			offer(near, g->nodes[n].name);
	if (kind == 'o')
		for (node_id n = 0; n < g->main_nodes; n++)
			offer(near, g->nodes[n].op_type);
}

void graph_suggest(const struct graph *graph, char kind, const char *name, size_t length,
	char *out, size_t room)
{
	struct nearest near = {.graph = graph, .name = name, .length = length};
	size_t used = 0;

	if (room)
		*out = '\0';
	near.limit = length < 3 ? 1 : (unsigned)(length < 18 ? (length + 2) / 3 : 6);
	if (!length)
		return;
	offer_all(&near, kind);
	for (int i = 0; i < near.count && near.distance[i] <= near.distance[0] + 1; i++) {
		const char *text = text_quoted(names_text(&graph->names, near.best[i]),
			names_length(&graph->names, near.best[i]));
		size_t need = strlen(text) + (i ? 4 : 0);

		if (need >= room - used)
			break;
		used += (size_t)snprintf(
			out + used, room - used, "%s%s", i ? " or " : "", text);
	}
}
