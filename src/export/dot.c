/* Graphviz (export-formats.md 11.1). Ids are numbers, never names. */
#include "export/drawing.h"

#include "base/text.h"

#include <string.h>

enum { NODES_MOST = 300, COLUMNS_MOST = 60 };

/* The inside of a quoted text. */
static void put_text(struct export_writer *w, const char *text)
{
	for (const char *c = text; *c; c++) {
		if (*c == '"' || *c == '\\')
			export_puts(w, "\\");
		export_put(w, c, 1);
	}
}

static void put_item(struct export_writer *w, const struct drawing *d, size_t index)
{
	static const char *const looks[] = {
		[DRAWN_NODE] = "",
		[DRAWN_INPUT] = ", shape=ellipse",
		[DRAWN_OUTPUT] = ", shape=ellipse",
		[DRAWN_CONVERSION] = ", shape=cds, style=filled, fillcolor=\"#ffe0b2\"",
		[DRAWN_MORE] = ", shape=plaintext, fontcolor=\"#777777\"",
	};
	const struct drawn_item *item = &d->items[index];
	struct drawn_text text;

	drawing_text(d, item, COLUMNS_MOST, &text);
	export_printf(w, "i%zu [label=\"", index);
	put_text(w, text.first);
	export_puts(w, *text.second ? "\\n" : "");
	put_text(w, text.second);
	export_printf(w, "\"%s];\n", looks[item->kind]);
}

static void put_region(struct export_writer *w, const struct drawing *d, uint32_t region)
{
	char words[256];

	export_printf(w, "  subgraph cluster_%u {\n    label=\"", region);
	put_text(w, drawing_region(d->source, region, words, sizeof(words)));
	export_puts(w, "\"; style=\"rounded,filled\"; color=\"#c9a227\"; "
		       "fillcolor=\"#fff8dc\";\n");
	for (size_t i = 0; i < d->item_count; i++) {
		if (d->items[i].region != region)
			continue;
		export_puts(w, "    ");
		put_item(w, d, i);
	}
	export_puts(w, "  }\n");
}

static void put_edge(struct export_writer *w, const struct drawing *d, size_t index)
{
	const struct drawn_edge *e = &d->edges[index];
	char name[COLUMNS_MOST];
	const char *full;

	export_printf(w, "  i%u -> i%u [", e->from, e->to);
	if (e->tensor == GRAPH_NONE) {
		export_puts(w, "style=dotted, arrowhead=none];\n");
		return;
	}
	export_puts(w, "label=\"");
	if (e->first) {
		full = graph_tensor_name(d->source->graph, e->tensor);
		put_text(w, text_escape(name, sizeof(name), full, strlen(full)));
		export_puts(w, " ");
	}
	put_text(w, drawing_type(d->source, e->tensor, e->type));
	export_puts(w, "\"];\n");
}

bool export_write_dot(struct export_writer *w)
{
	struct drawing d;
	bool fine = drawing_make(&d, w->source, NODES_MOST, w->err);

	if (fine) {
		export_puts(w, "digraph qdqedit {\n  rankdir=TB;\n  label=\"");
		put_text(w, w->source->title);
		export_puts(w, "\";\n  node [shape=box, fontname=\"monospace\"];\n"
			       "  edge [fontname=\"monospace\", fontsize=10];\n");
		for (uint32_t r = 0; r < w->source->outcome->region_count; r++)
			put_region(w, &d, r);
		for (size_t i = 0; i < d.item_count; i++) {
			if (d.items[i].region != GRAPH_NONE)
				continue;
			export_puts(w, "  ");
			put_item(w, &d, i);
		}
		for (size_t i = 0; i < d.edge_count; i++)
			put_edge(w, &d, i);
		export_puts(w, "}\n");
		drawing_report(&d, w);
	}
	drawing_release(&d);
	return fine;
}
