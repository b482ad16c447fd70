/* The drawing of a plan as inline SVG. */
#include "export/svg.h"

#include "base/text.h"
#include "export/layers.h"

#include <stdlib.h>
#include <string.h>

enum {
	COLUMNS_MOST = 26,
	LAYER_STEP = 78,
	NODE_HEIGHT = 38,
	LOW_HEIGHT = 22,
	MARGIN = 24
};
#define GLYPH 7.3
#define GAP 18.0

struct svg {
	struct export_writer *w;
	const struct drawing *d;
	struct layers layers;
};

void html_put(struct export_writer *w, const char *text)
{
	for (const char *c = text; *c; c++) {
		if (strchr("&<>\"'", *c))
			export_printf(w, "&#%d;", *c);
		else
			export_put(w, c, 1);
	}
}

void html_put_name(struct export_writer *w, const char *name)
{
	char out[4096];

	html_put(w, text_escape(out, sizeof(out), name, strlen(name)));
}

static double width_of(const struct drawing *d, const struct drawn_item *item)
{
	struct drawn_text text;
	size_t first, second;

	drawing_text(d, item, COLUMNS_MOST, &text);
	first = text_width(text.first);
	second = text_width(text.second);
	return (double)(first > second ? first : second) * GLYPH + 18;
}

static bool lay_out(struct svg *s, struct error *err)
{
	const struct drawing *d = s->d;
	double *widths = malloc((d->item_count + 1) * sizeof(*widths));
	struct layers_edge *edges = malloc((d->edge_count + 1) * sizeof(*edges));
	bool fine = widths && edges;

	for (size_t i = 0; fine && i < d->item_count; i++)
		widths[i] = width_of(d, &d->items[i]);
	for (size_t i = 0; fine && i < d->edge_count; i++)
		edges[i] = (struct layers_edge){d->edges[i].from, d->edges[i].to, 0, 0};
	fine = fine ? layers_make(&s->layers, widths, (uint32_t)d->item_count, edges,
			      (uint32_t)d->edge_count, GAP, err)
		    : error_set_memory(err, "the drawing");
	free(widths);
	free(edges);
	return fine;
}

static double x_of(const struct svg *s, uint32_t item)
{
	return s->layers.items[item].x + MARGIN;
}

static double y_of(const struct svg *s, uint32_t item)
{
	return MARGIN + NODE_HEIGHT / 2.0 +
	       LAYER_STEP * (double)s->layers.items[item].layer;
}

/* ---- Edges. */

static double half_height(const struct svg *s, uint32_t item)
{
	if (item >= s->d->item_count)
		return 0;
	return (s->d->items[item].kind == DRAWN_NODE ? NODE_HEIGHT : LOW_HEIGHT) / 2.0;
}

/* The way of an edge: a curve from layer to layer. */
static void put_way(struct svg *s, const struct layers_edge *e)
{
	double x = x_of(s, e->from), y = y_of(s, e->from) + half_height(s, e->from);

	export_printf(s->w, "M%.1f %.1f", x, y);
	for (uint32_t k = 0; k <= e->bends; k++) {
		uint32_t to = k < e->bends ? e->first_bend + k : e->to;
		double next_x = x_of(s, to), next_y = y_of(s, to) - half_height(s, to);
		double middle = (y + next_y) / 2;

		export_printf(s->w, "C%.1f %.1f %.1f %.1f %.1f %.1f", x, middle, next_x,
			middle, next_x, next_y);
		x = next_x;
		y = next_y;
	}
}

static const char *look_of(enum qtype type)
{
	return type == QTYPE_NONE ? "float" : qtypes[type].bits > 8 ? "wide" : "narrow";
}

static void put_edge(struct svg *s, size_t index)
{
	const struct drawn_edge *e = &s->d->edges[index];

	export_printf(s->w, "<path class=\"edge %s\" d=\"",
		e->tensor == GRAPH_NONE ? "more" : look_of(e->type));
	put_way(s, &s->layers.edges[index]);
	export_puts(s->w, "\">");
	if (e->tensor != GRAPH_NONE) {
		export_puts(s->w, "<title>");
		html_put_name(s->w, graph_tensor_name(s->d->source->graph, e->tensor));
		export_printf(s->w, " %s</title>",
			drawing_type(s->d->source, e->tensor, e->type));
	}
	export_puts(s->w, "</path>\n");
}

/* ---- Regions: wide shapes behind nodes and the edges between them. */

static bool is_inside(const struct svg *s, uint32_t item, uint32_t region)
{
	return s->d->items[item].region == region;
}

static void put_name_of(struct svg *s, uint32_t region)
{
	char words[256];

	for (uint32_t i = 0; i < s->d->item_count; i++) {
		if (!is_inside(s, i, region))
			continue;
		export_printf(s->w, "<text class=\"name\" x=\"%.1f\" y=\"%.1f\">",
			x_of(s, i) - s->layers.items[i].width / 2,
			y_of(s, i) - NODE_HEIGHT / 2.0 - 13);
		html_put(
			s->w, drawing_region(s->d->source, region, words, sizeof(words)));
		export_puts(s->w, "</text>\n");
		return;
	}
}

static void put_region(struct svg *s, uint32_t region)
{
	export_printf(s->w, "<g class=\"region\" id=\"r%u\">\n", region);
	for (uint32_t i = 0; i < s->d->item_count; i++)
		if (is_inside(s, i, region))
			export_printf(s->w,
				"<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
				"height=\"%d\" rx=\"12\"/>\n",
				x_of(s, i) - s->layers.items[i].width / 2 - 9,
				y_of(s, i) - NODE_HEIGHT / 2.0 - 9,
				s->layers.items[i].width + 18, NODE_HEIGHT + 18);
	for (size_t i = 0; i < s->d->edge_count; i++) {
		const struct drawn_edge *e = &s->d->edges[i];

		if (!is_inside(s, e->from, region) || !is_inside(s, e->to, region))
			continue;
		export_puts(s->w, "<path d=\"");
		put_way(s, &s->layers.edges[i]);
		export_puts(s->w, "\"/>\n");
	}
	export_puts(s->w, "</g>\n");
}

/* ---- Items. */

static void put_text(struct svg *s, uint32_t item, double down, const char *text)
{
	export_printf(s->w, "<text x=\"%.1f\" y=\"%.1f\">", x_of(s, item),
		y_of(s, item) + down);
	html_put(s->w, text);
	export_puts(s->w, "</text>");
}

/* The whole name, for those who point at it. */
static void put_title(struct svg *s, const struct drawn_item *item)
{
	const struct graph *g = s->d->source->graph;

	export_puts(s->w, "<title>");
	if (item->kind == DRAWN_NODE || item->kind == DRAWN_MORE) {
		html_put_name(s->w, graph_node_label(g, item->id));
		export_puts(s->w, " ");
		html_put_name(s->w, graph_op_type(g, item->id));
	} else {
		html_put_name(s->w,
			graph_tensor_name(
				g, item->kind == DRAWN_CONVERSION
					   ? s->d->source->outcome->boundaries[item->id]
						     .tensor
					   : item->id));
	}
	export_puts(s->w, "</title>");
}

static void put_item(struct svg *s, uint32_t index)
{
	static const char *const looks[] = {[DRAWN_NODE] = "node",
		[DRAWN_INPUT] = "end",
		[DRAWN_OUTPUT] = "end",
		[DRAWN_CONVERSION] = "conversion",
		[DRAWN_MORE] = "more"};
	const struct drawn_item *item = &s->d->items[index];
	double width = s->layers.items[index].width, half = half_height(s, index);
	struct drawn_text text;

	drawing_text(s->d, item, COLUMNS_MOST, &text);
	export_printf(s->w, "<g class=\"%s\">", looks[item->kind]);
	put_title(s, item);
	export_printf(s->w,
		"<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
		"rx=\"%d\"/>",
		x_of(s, index) - width / 2, y_of(s, index) - half, width, 2 * half,
		item->kind == DRAWN_NODE ? 6 : 11);
	put_text(s, index, *text.second ? -3 : 4, text.first);
	if (*text.second)
		put_text(s, index, 13, text.second);
	export_puts(s->w, "</g>\n");
}

bool svg_put_drawing(struct export_writer *w, const struct drawing *d, struct error *err)
{
	struct svg s = {.w = w, .d = d};
	bool fine = lay_out(&s, err);
	double width, height;

	if (fine) {
		width = s.layers.width + 2 * MARGIN;
		height = 2 * MARGIN + NODE_HEIGHT +
			 LAYER_STEP * (double)(s.layers.layer_count
						       ? s.layers.layer_count - 1
						       : 0);
		export_printf(w,
			"<svg role=\"img\" aria-label=\"the graph, regions and "
			"conversions\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" "
			"height=\"%.0f\">\n",
			width, height, width, height);
		for (uint32_t r = 0; r < d->source->outcome->region_count; r++)
			put_region(&s, r);
		for (size_t i = 0; i < d->edge_count; i++)
			put_edge(&s, i);
		for (uint32_t i = 0; i < d->item_count; i++)
			put_item(&s, i);
		for (uint32_t r = 0; r < d->source->outcome->region_count; r++)
			put_name_of(&s, r);
		export_puts(w, "</svg>\n");
	}
	layers_release(&s.layers);
	return fine;
}
