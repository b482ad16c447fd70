#include "plan/ranges.h"

#include <string.h>

/* The tensor of `new_graph` with the same name, or GRAPH_NONE. */
static tensor_id same_tensor(
	const struct graph *old_graph, tensor_id tensor, const struct graph *new_graph)
{
	name_id name = old_graph->tensors[tensor].name;

	return graph_find_tensor(new_graph, names_text(&old_graph->names, name),
		names_length(&old_graph->names, name));
}

bool ranges_rebind(struct ranges *to, const struct ranges *from,
	const struct graph *old_graph, const struct graph *new_graph, struct error *err)
{
	for (tensor_id t = 0; from->count && t < old_graph->main_tensors; t++) {
		const struct range *range = ranges_find(from, t);
		tensor_id there =
			range ? same_tensor(old_graph, t, new_graph) : GRAPH_NONE;

		if (there != GRAPH_NONE && !ranges_set(to, new_graph, there, range->low,
						   range->high, range->type, err))
			return false;
	}
	to->method = from->method;
	to->random = from->random;
	memcpy(to->source, from->source, sizeof(to->source));
	return true;
}
