/* The words of drawings, and what a drawing does not show. */
#include "export/drawing.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

const char *drawing_type(const struct export_source *s, tensor_id tensor, enum qtype type)
{
	int32_t element;

	if (type != QTYPE_NONE)
		return qtypes[type].brief;
	if (tensor == GRAPH_NONE)
		return "";
	if (export_is_row(s, tensor))
		return "float";
	element = s->graph->tensors[tensor].known_type;
	return element ? element_type_name(element) : "";
}

static void cut(char *out, size_t room, size_t most, const char *name)
{
	text_escape(out, most + 1 < room ? most + 1 : room, name, strlen(name));
}

void drawing_text(const struct drawing *d, const struct drawn_item *item, size_t most,
	struct drawn_text *text)
{
	const struct graph *g = d->source->graph;
	const struct boundary *b;

	text->second[0] = '\0';
	switch (item->kind) {
	case DRAWN_NODE:
		cut(text->first, sizeof(text->first), most,
			graph_node_label(g, item->id));
		cut(text->second, sizeof(text->second), most, graph_op_type(g, item->id));
		if (!strcmp(text->first, text->second))
			text->second[0] = '\0';
		break;
	case DRAWN_CONVERSION:
		b = &d->source->outcome->boundaries[item->id];
		snprintf(text->first, sizeof(text->first), "%s>%s", qtypes[b->from].brief,
			qtypes[b->to].brief);
		break;
	case DRAWN_MORE:
		snprintf(text->first, sizeof(text->first), "%u more", item->count);
		break;
	default:
		cut(text->first, sizeof(text->first), most,
			graph_tensor_name(g, item->id));
	}
}

char *drawing_region(
	const struct export_source *s, uint32_t region, char *out, size_t room)
{
	const struct region *r = &s->outcome->regions[region];
	char name[200];

	text_escape(name, sizeof(name), r->name, strlen(r->name));
	snprintf(out, room, "%s%s%s: %s", r->letter, *name ? " " : "", name,
		qtypes[r->type].name);
	return out;
}

/* ---- What is not shown. */

const char *export_lost_drawing(
	const struct export_source *s, const struct export_item *item)
{
	if (item->part == PART_REGIONS)
		return *s->outcome->regions[item->index].note
			       ? "of a region the drawing has the name, not the note"
			       : NULL;
	if (item->tensor == GRAPH_NONE)
		return "the drawing has the tensors of this model";
	if (graph_is_constant(s->graph, item->tensor))
		return "constants are not drawn";
	if (item->part == PART_TYPES &&
		s->outcome->tensors[item->tensor].stored == QTYPE_NONE)
		return "without effect: the tensor stays float";
	return NULL;
}

static bool is_drawn(const struct drawing *d, node_id node)
{
	return node != GRAPH_NONE && graph_is_main(d->source->graph, node) &&
	       d->item_of[node] != GRAPH_NONE;
}

/* True if an end of an edge of the tensor is drawn on both sides. */
static bool shows_tensor(const struct drawing *d, tensor_id tensor)
{
	for (size_t i = 0; i < d->edge_count; i++)
		if (d->edges[i].tensor == tensor)
			return true;
	return false;
}

static bool shows(const struct drawing *d, const struct export_item *item)
{
	const struct region *r;

	switch ((unsigned)item->part) {
	case PART_TYPES:
		return shows_tensor(d, item->tensor);
	case PART_CONVERSIONS:
	case PART_READERS:
		return is_drawn(d, item->node) && shows_tensor(d, item->tensor);
	case PART_REGIONS:
		r = &d->source->outcome->regions[item->index];
		for (uint32_t i = 0; i < r->node_count; i++)
			if (!is_drawn(d, r->nodes[i]))
				return false;
		return true;
	default:
		return true;
	}
}

void drawing_report(const struct drawing *d, struct export_writer *w)
{
	const struct export_source *s = d->source;
	unsigned parts = w->format->holds | w->format->some;
	char count[64];

	for (size_t i = 0; i < d->item_count; i++)
		if (d->items[i].kind == DRAWN_NODE)
			export_name_node(w, d->items[i].id);
	if (!d->hidden)
		return;
	snprintf(count, sizeof(count), "%u of %u", d->hidden, d->hidden + d->nodes);
	export_report(w, LOSS_LOST, PART_IDENTITY, "nodes", count, "",
		"not drawn: the drawing holds those nearest to conversions and regions");
	for (size_t i = 0; i < s->items.count; i++) {
		const struct export_item *item = &s->items.items[i];

		if (!(parts & item->part) || export_lost_drawing(s, item) ||
			shows(d, item))
			continue;
		export_report(w, LOSS_LOST, item->part, item->word, item->subject,
			item->detail, "not drawn: too far from what is");
	}
}
