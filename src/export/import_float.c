/* What a file wants to stay float. This program keeps nodes float, not tensors. */
#include "base/text.h"
#include "export/importer.h"
#include "rules/marks.h"

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

/* What the options mark once the excluded nodes are left out; NULL if they allow no
 * marks, or memory is gone. */
static struct marks *mark(struct importer *m)
{
	struct quant_options options;
	struct error err = ERROR_INIT;
	struct marks *marks = NULL;

	options_init(&options);
	if (options_copy(&options, m->options, &err) &&
		options_exclude(&options, &m->out->excluded, &err))
		marks = marks_build(m->graph, &options, &marks_no_facts, &err);
	if (!marks && err.kind == ERROR_MEMORY)
		import_lose(m);
	options_release(&options);
	return marks;
}

static bool is_selected(const struct marks *marks, node_id node)
{
	return graph_is_main(marks->graph, node) &&
	       (marks->node_flags[node] & NODE_SELECTED);
}

/* Excludes the quantized nodes all of whose outputs are to be float. */
static void exclude_nodes(struct importer *m, const struct marks *marks)
{
	for (node_id node = 0; node < m->graph->main_nodes; node++) {
		const char *name = graph_node_name(m->graph, node);

		if (*name && is_selected(marks, node) && is_asked(m, node))
			import_exclude(m, name, strlen(name));
	}
}

static void tell_unreached(
	struct importer *m, const struct marks *marks, tensor_id tensor)
{
	const char *name = graph_tensor_name(m->graph, tensor);
	uint32_t count, i = 0;
	const struct graph_reader *readers = graph_readers_of(m->graph, tensor, &count);

	while (i < count && !is_selected(marks, readers[i].node))
		i++;
	if (i < count)
		unplaced_add_float(&m->unplaced, tensor, name, strlen(name),
			"it is float there; here %s, which reads it, is quantized",
			text_quoted_z(graph_node_label(m->graph, readers[i].node)));
	else
		unplaced_add_float(&m->unplaced, tensor, name, strlen(name),
			"it is float there; here it is quantized");
}

static void tell_quantized(struct importer *m, const struct marks *marks)
{
	for (tensor_id tensor = 0; tensor < m->graph->main_tensors; tensor++)
		if (m->stays_float[tensor] && !marks->dequantized[tensor] &&
			(marks_find(marks, tensor) || marks_find_bias(marks, tensor)))
			tell_unreached(m, marks, tensor);
}

void import_settle_float(struct importer *m)
{
	struct marks *marks = mark(m);

	if (marks)
		exclude_nodes(m, marks);
	marks_free(marks);
	marks = mark(m);
	if (marks)
		tell_quantized(m, marks);
	marks_free(marks);
}
