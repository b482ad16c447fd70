/* What a file wants to stay float. This program keeps nodes float, not tensors. */
#include "base/text.h"
#include "export/importer.h"

#include <stdio.h>
#include <string.h>

void import_stay_float(struct importer *importer, tensor_id tensor)
{
	importer->stays_float[tensor] = true;
}

void import_exclude(struct importer *importer, const char *name, size_t length)
{
	node_id node = graph_find_node(importer->graph, name, length);

	if (node == GRAPH_NONE) {
		unplaced_name(&importer->unplaced, 'n', name, length);
		return;
	}
	if (!importer->excluded[node] &&
		!text_list_push(&importer->out->excluded, name, length, NULL))
		import_lose(importer);
	importer->excluded[node] = true;
}

/* All float outputs are to be float, and there is one. */
static bool is_asked(const struct importer *m, node_id node)
{
	const struct graph *g = m->graph;
	bool any = false;

	for (uint32_t i = 0; i < g->nodes[node].output_count; i++) {
		tensor_id tensor = graph_output_of(g, node, i);
		int32_t type;

		if (tensor == GRAPH_NONE)
			continue;
		type = g->tensors[tensor].known_type;
		if (type && !element_is_float(type))
			continue;
		if (!m->stays_float[tensor])
			return false;
		any = true;
	}
	return any;
}

/* A node of the main graph that reads the tensor and is not excluded. */
static node_id quantized_reader(const struct importer *m, tensor_id tensor)
{
	uint32_t count;
	const struct graph_reader *readers = graph_readers_of(m->graph, tensor, &count);

	for (uint32_t i = 0; i < count; i++)
		if (graph_is_main(m->graph, readers[i].node) &&
			!m->excluded[readers[i].node])
			return readers[i].node;
	return GRAPH_NONE;
}

static void tell_unreached(struct importer *m, tensor_id tensor)
{
	const struct graph *g = m->graph;
	const char *name = graph_tensor_name(g, tensor);
	node_id reader = quantized_reader(m, tensor);
	char cause[256];

	if (reader == GRAPH_NONE)
		return;
	snprintf(cause, sizeof(cause),
		"it is float there; here %s, which reads it, is quantized",
		text_quoted_z(graph_node_label(g, reader)));
	unplaced_add_float(&m->unplaced, tensor, name, strlen(name), cause);
}

void import_settle_float(struct importer *m)
{
	const struct graph *g = m->graph;

	for (node_id node = 0; node < g->main_nodes; node++) {
		const char *name = graph_node_name(g, node);

		if (*name && is_asked(m, node))
			import_exclude(m, name, strlen(name));
	}
	for (tensor_id tensor = 0; tensor < g->main_tensors; tensor++) {
		node_id producer = g->tensors[tensor].producer;

		if (m->stays_float[tensor] &&
			(producer == GRAPH_NONE || !m->excluded[producer]))
			tell_unreached(m, tensor);
	}
}
