/* Mermaid flowcharts, as code-hosting pages draw them (export-formats.md 11.2). */
#include "export/drawing.h"

#include "base/text.h"

#include <string.h>

/* Mermaid itself stops at 500 edges and 50 000 characters. */
enum { NODES_MOST = 240, EDGES_MOST = 500, TEXT_MOST = 50000, COLUMNS_MOST = 40 };

/* The inside of a quoted label: what is not a letter, a digit or harmless is written as
 * an entity, since the label is read as HTML and as Markdown. */
static void put_text(struct export_writer *w, const char *text)
{
	for (const char *c = text; *c; c++) {
		unsigned char byte = (unsigned char)*c;

		if (byte >= 0x80 || (byte >= '0' && byte <= '9') ||
			(byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
			strchr(" _./:-", byte))
			export_put(w, c, 1);
		else
			export_printf(w, "#%u;", byte);
	}
}

static void put_item(struct export_writer *w, const struct drawing *d, size_t index)
{
	static const char *const shapes[][2] = {
		[DRAWN_NODE] = {"[\"", "\"]"},
		[DRAWN_INPUT] = {"([\"", "\"])"},
		[DRAWN_OUTPUT] = {"([\"", "\"])"},
		[DRAWN_CONVERSION] = {"{{\"", "\"}}"},
		[DRAWN_MORE] = {"((\"", "\"))"},
	};
	const struct drawn_item *item = &d->items[index];
	struct drawn_text text;
	const struct boundary *b;

	export_printf(w, "n%zu%s", index, shapes[item->kind][0]);
	if (item->kind == DRAWN_CONVERSION) {
		b = &d->source->outcome->boundaries[item->id];
		export_printf(w, "%s to %s", qtypes[b->from].brief, qtypes[b->to].brief);
	} else {
		drawing_text(d, item, COLUMNS_MOST, &text);
		put_text(w, text.first);
		export_puts(w, *text.second ? "<br/>" : "");
		put_text(w, text.second);
	}
	export_printf(w, "%s\n", shapes[item->kind][1]);
}

static void put_region(struct export_writer *w, const struct drawing *d, uint32_t region)
{
	char words[256];

	export_printf(w, "  subgraph region_%u[\"", region);
	put_text(w, drawing_region(d->source, region, words, sizeof(words)));
	export_puts(w, "\"]\n");
	for (size_t i = 0; i < d->item_count; i++) {
		if (d->items[i].region != region)
			continue;
		export_puts(w, "    ");
		put_item(w, d, i);
	}
	export_puts(w, "  end\n");
}

static void put_edge(struct export_writer *w, const struct drawing *d, size_t index)
{
	const struct drawn_edge *e = &d->edges[index];
	const char *type = drawing_type(d->source, e->tensor, e->type);
	char name[COLUMNS_MOST];
	const char *full;

	if (e->tensor == GRAPH_NONE) {
		export_printf(w, "  n%u -.- n%u\n", e->from, e->to);
		return;
	}
	export_printf(w, "  n%u -->|\"", e->from);
	if (e->first) {
		full = graph_tensor_name(d->source->graph, e->tensor);
		put_text(w, text_escape(name, sizeof(name), full, strlen(full)));
		export_puts(w, *type ? " " : "");
	}
	put_text(w, type);
	export_puts(w, e->first || *type ? "\"| " : " \"| ");
	export_printf(w, "n%u\n", e->to);
}

static void put_drawing(struct export_writer *w, const struct drawing *d)
{
	export_puts(w, "flowchart TD\n");
	for (uint32_t r = 0; r < d->source->outcome->region_count; r++)
		put_region(w, d, r);
	for (size_t i = 0; i < d->item_count; i++) {
		if (d->items[i].region != GRAPH_NONE)
			continue;
		export_puts(w, "  ");
		put_item(w, d, i);
	}
	for (size_t i = 0; i < d->edge_count; i++)
		put_edge(w, d, i);
}

/* Draws fewer nodes until Mermaid takes it. */
bool export_write_mermaid(struct export_writer *w)
{
	size_t start = w->out.length;
	bool fine = true, fits = false;

	for (uint32_t most = NODES_MOST; fine && !fits && most; most /= 2) {
		struct drawing d;

		w->out.length = start;
		fine = drawing_make(&d, w->source, most, w->err);
		if (fine) {
			put_drawing(w, &d);
			fits = (d.edge_count < EDGES_MOST &&
				       w->out.length - start < TEXT_MOST) ||
			       most == 1;
		}
		if (fits)
			drawing_report(&d, w);
		drawing_release(&d);
	}
	return fine;
}
