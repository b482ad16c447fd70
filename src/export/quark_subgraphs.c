/* Quark's list of subgraphs for its automatic mixed precision (export-formats.md 7.4):
 * one for each region. Quark walks forward from the start nodes and does not pass the
 * end nodes, so an end is every node with a reader outside, and a start every node that
 * the walk would not reach. */
#include "base/text.h"
#include "export/writer.h"

#include <string.h>

static bool is_in(const struct export_source *s, node_id node, uint32_t region)
{
	return graph_is_main(s->graph, node) && s->outcome->nodes[node].region == region;
}

/* True if some reader is not in the region, or none is. */
static bool is_end(const struct export_source *s, node_id node, uint32_t region)
{
	const struct graph *g = s->graph;
	bool any = false;

	for (uint32_t i = 0; i < g->nodes[node].output_count; i++) {
		tensor_id t = graph_output_of(g, node, i);
		uint32_t count;
		const struct graph_reader *readers;

		if (t == GRAPH_NONE)
			continue;
		readers = graph_readers_of(g, t, &count);
		for (uint32_t r = 0; r < count; r++) {
			if (!is_in(s, readers[r].node, region))
				return true;
			any = true;
		}
	}
	return !any;
}

/* True if the walk reaches it from no other node of the region. */
static bool is_start(const struct export_source *s, node_id node, uint32_t region)
{
	const struct graph *g = s->graph;

	for (uint32_t i = 0; i < g->nodes[node].input_count; i++) {
		tensor_id t = graph_input_of(g, node, i);
		node_id above = t == GRAPH_NONE ? GRAPH_NONE : g->tensors[t].producer;

		if (above != GRAPH_NONE && is_in(s, above, region) &&
			!is_end(s, above, region))
			return false;
	}
	return true;
}

static void put_nodes(struct export_writer *w, const char *key, uint32_t index,
	bool (*wanted)(const struct export_source *s, node_id node, uint32_t region))
{
	const struct region *r = &w->source->outcome->regions[index];
	bool any = false;

	export_printf(w, "     \"%s\": [", key);
	for (uint32_t i = 0; i < r->node_count; i++) {
		if (!wanted(w->source, r->nodes[i], index))
			continue;
		export_puts(w, any ? ", " : "");
		export_put_node(w, r->nodes[i]);
		any = true;
	}
	export_puts(w, "]");
}

static void put_region(struct export_writer *w, uint32_t index)
{
	const struct region *r = &w->source->outcome->regions[index];
	char words[64];

	snprintf(words, sizeof(words), "region_%s", r->letter);
	export_puts(w, index ? ",\n    {\"name\": " : "\n    {\"name\": ");
	export_put_quoted(w, *r->name ? r->name : words);
	snprintf(words, sizeof(words), "%u node%s to %s", r->node_count,
		text_s(r->node_count), qtypes[r->type].name);
	export_puts(w, ", \"description\": ");
	export_put_quoted(w, *r->note ? r->note : words);
	export_puts(w, ",\n");
	put_nodes(w, "start_nodes", index, is_start);
	export_puts(w, ",\n");
	put_nodes(w, "end_nodes", index, is_end);
	export_puts(w, "}");
}

bool export_write_quark_subgraphs(struct export_writer *w)
{
	const struct outcome *o = w->source->outcome;

	export_printf(w,
		"{\n  \"quantized\": false,\n  \"num_subgraphs\": %u,\n  \"subgraphs\": "
		"[",
		o->region_count);
	for (uint32_t i = 0; i < o->region_count; i++)
		put_region(w, i);
	export_puts(w, o->region_count ? "\n  ]\n}\n" : "]\n}\n");
	return true;
}
