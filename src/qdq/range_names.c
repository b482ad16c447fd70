/* Ranges of a quantized model under either name: that of the float tensor, or of what
 * stands for it in the file. */
#include "qdq/view.h"

#include <string.h>

struct names_of {
	struct ranges *ranges;
	const struct graph *graph;
	const struct qdq *qdq;
	struct error *err;
};

static bool find_named(
	const struct names_of *n, const char *name, size_t length, struct range *out)
{
	tensor_id tensor = graph_find_tensor(n->graph, name, length);
	const struct range *known =
		tensor != GRAPH_NONE ? ranges_find(n->ranges, tensor) : NULL;
	name_id id = names_find(&n->ranges->foreign_names, name, length);
	const struct foreign_range *foreign =
		id != NAME_NONE ? &n->ranges->foreign[id] : NULL;

	if (known)
		*out = *known;
	else if (foreign)
		*out = (struct range){.low = foreign->low,
			.high = foreign->high,
			.type = foreign->type ? foreign->type : ELEMENT_FLOAT,
			.bare = foreign->bare};
	return known || foreign;
}

static bool give_named(const struct names_of *n, const char *name, size_t length,
	const struct range *range)
{
	tensor_id tensor = graph_find_tensor(n->graph, name, length);

	if (tensor == GRAPH_NONE || ranges_find(n->ranges, tensor) ||
		!element_is_float(n->graph->tensors[tensor].element_type))
		return true;
	if (!ranges_set(n->ranges, n->graph, tensor, range->low, range->high, range->type,
		    n->err))
		return false;
	n->ranges->of[tensor].bare = range->bare;
	return true;
}

/* The k-th name of a group: of the float tensor, of what is quantized, of what a DQ
 * gives; NULL for what has none. */
static const char *name_of(const struct names_of *n, const struct qdq_group *group,
	uint32_t k, size_t *length)
{
	const struct qdq *qdq = n->qdq;
	node_id node;
	tensor_id tensor = group->source;

	*length = group->name_length;
	if (!k)
		return group->name;
	if (k > 1) {
		node = qdq->nodes[group->first_node + k - 2];
		if (!qdq_is_dequantize(qdq->graph, node))
			return NULL;
		tensor = graph_output_of(qdq->graph, node, 0);
	}
	*length = strlen(graph_tensor_name(qdq->graph, tensor));
	return graph_tensor_name(qdq->graph, tensor);
}

static bool fill_group(const struct names_of *n, const struct qdq_group *group)
{
	struct range range = {0};
	bool found = false, fine = true;
	size_t length;

	for (uint32_t k = 0; !found && k < group->node_count + 2; k++) {
		const char *name = name_of(n, group, k, &length);

		found = name && find_named(n, name, length, &range);
	}
	for (uint32_t k = 0; found && fine && k < group->node_count + 2; k++) {
		const char *name = name_of(n, group, k, &length);

		fine = !name || give_named(n, name, length, &range);
	}
	return fine;
}

bool qdq_fill_ranges(struct ranges *ranges, const struct graph *graph,
	const struct qdq *qdq, struct error *err)
{
	const struct names_of names = {ranges, graph, qdq, err};
	bool fine = true;

	for (size_t i = 0; fine && i < qdq->groups.count; i++)
		if (qdq->groups.items[i].kind == QDQ_ACTIVATION)
			fine = fill_group(&names, &qdq->groups.items[i]);
	return fine;
}
