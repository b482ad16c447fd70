/* Pane 2: the neighbourhood of the cursor node, drawn as layers or as Flow. */
#include "base/text.h"
#include "ui/panes.h"
#include "ui/words.h"

#include <stdio.h>
#include <string.h>

enum { FAN_FOR_FLOW = 24, SMALL_GRAPH = 16 };

/* Where a picture could not show all readers, or there is nothing to draw around. */
static bool needs_flow(const struct ui *ui)
{
	const struct graph *graph = ui->outcome->graph;
	tensor_id tensor = ui->shown.tensor;

	if (tensor == GRAPH_NONE)
		return ui->shown.node == GRAPH_NONE;
	return graph->tensors[tensor].reader_count > FAN_FOR_FLOW;
}

static bool shows_flow(const struct ui *ui)
{
	const struct graph *graph = ui->outcome->graph;
	tensor_id tensor = ui->shown.tensor;

	if (ui->shown.node == GRAPH_NONE &&
		(tensor == GRAPH_NONE || !graph->tensors[tensor].reader_count))
		return true;
	return ui->drawing == DRAWING_AUTO ? needs_flow(ui) : ui->drawing == DRAWING_FLOW;
}

unsigned graph_pane_switch(struct ui *ui)
{
	if (!shows_flow(ui))
		ui->drawing = DRAWING_FLOW;
	else
		ui->drawing = needs_flow(ui) ? DRAWING_PICTURE : DRAWING_AUTO;
	return DID_REDRAW;
}

/* The node to draw around: of a graph input its first reader. */
static node_id picture_root(const struct ui *ui)
{
	const struct graph *graph = ui->outcome->graph;
	uint32_t count;
	const struct graph_reader *readers;

	if (ui->shown.node != GRAPH_NONE)
		return ui->shown.node;
	readers = graph_readers_of(graph, ui->shown.tensor, &count);
	for (uint32_t i = 0; i < count; i++)
		if (graph->nodes[readers[i].node].scope == ui->rows.scope)
			return readers[i].node;
	return GRAPH_NONE;
}

void graph_pane_label(const struct ui *ui, char *out, size_t room)
{
	char hops[32] = "", name[24] = "";
	const struct graph *graph = ui->outcome->graph;
	const char *label = ui->shown.node != GRAPH_NONE
				    ? graph_node_label(graph, ui->shown.node)
			    : ui->shown.tensor != GRAPH_NONE
				    ? graph_tensor_name(graph, ui->shown.tensor)
				    : "";

	text_escape(name, sizeof(name), label, strlen(label));
	if (!shows_flow(ui) && graph->main_nodes > SMALL_GRAPH)
		snprintf(hops, sizeof(hops), " +/-%d hops", ui->radius);
	snprintf(out, room, "%s%s%s%s", name, hops, *name ? " ── " : "",
		shows_flow(ui) ? "Draw [Flow]" : "[Draw] Flow");
}

bool graph_pane_prepare(struct ui *ui, struct error *err)
{
	const struct layout_slot *slot = layout_slot_of(&ui->layout, PANE_GRAPH);
	struct picture_wish wish = {.outcome = ui->outcome, .radius = ui->radius};

	if (!slot || shows_flow(ui))
		return true;
	wish.root = picture_root(ui);
	if (wish.root == GRAPH_NONE)
		return true;
	/* a graph that is small is drawn whole */
	if (ui->outcome->graph->main_nodes <= SMALL_GRAPH)
		wish.radius = SMALL_GRAPH;
	wish.width = slot->body.w;
	wish.height = slot->body.h;
	wish.constants = ui->settings.constants;
	wish.ascii = ui->settings.ascii;
	wish.parts = ui->settings.edges;
	return picture_update(&ui->picture, &wish, err);
}

static const struct picture_item *cursor_item(const struct ui *ui)
{
	const struct picture *p = &ui->picture;

	for (uint32_t i = 0; i < p->item_count; i++) {
		const struct picture_item *item = &p->items[i];

		if (ui->shown.node != GRAPH_NONE
				? item->kind == ITEM_NODE && item->id == ui->shown.node
				: item->kind == ITEM_TENSOR &&
					  item->id == ui->shown.tensor)
			return item;
	}
	return NULL;
}

/* What is smaller than the pane stands in its middle. */
static int clamp(int view, int size, int whole)
{
	return whole <= size         ? -(size - whole) / 2
	       : view < 0            ? 0
	       : view > whole - size ? whole - size
				     : view;
}

/* Moves the view only as far as the cursor item needs it. */
static int follow(int view, int size, int whole, int from, int to)
{
	if (from < view + 1 || to > view + size - 1)
		view = (from + to - size) / 2;
	return clamp(view, size, whole);
}

bool graph_pane_is_held(const struct ui *ui)
{
	return target_same(ui->graph_held, ui->shown) && target_is(ui->shown);
}

/* Rows of the picture, or readers of the flow, go up; the view stays there until the
 * cursor moves. */
void graph_pane_scroll(struct ui *ui, int rows)
{
	struct picture *p = &ui->picture;

	if (!graph_pane_is_held(ui))
		ui->flow_top = 0;
	ui->graph_held = ui->shown;
	if (shows_flow(ui))
		ui->flow_top = ui->flow_top + rows < 0 ? 0 : ui->flow_top + rows;
	else if (p->h > p->height)
		p->view_y += rows;
	else
		p->view_x += 2 * rows;
}

static void aim(struct ui *ui, const struct area *area, const struct picture_item *item)
{
	struct picture *p = &ui->picture;
	int x = item ? item->x : p->view_x, y = item ? item->y : p->view_y;
	int w = item ? item->w : 1;

	if (graph_pane_is_held(ui)) {
		p->view_x = clamp(p->view_x, area->r.w, p->w);
		p->view_y = clamp(p->view_y, area->r.h, p->h);
	} else {
		p->view_x = follow(p->view_x, area->r.w, p->w, x, x + w);
		p->view_y = follow(p->view_y, area->r.h, p->h, y, y + 1);
	}
	if (p->h <= area->r.h && !p->across)
		p->view_y = 0;
}

static enum role line_role(const struct ui *ui, tensor_id tensor)
{
	enum role role = tensor_role(ui->outcome, tensor);

	return role == ROLE_TEXT || role == ROLE_MUTED ? ROLE_RULE : role;
}

static void draw_lines(struct ui *ui, const struct area *area)
{
	const struct picture *p = &ui->picture;

	for (int y = 0; y < area->r.h; y++)
		for (int x = 0; x < area->r.w; x++) {
			int px = x + p->view_x, py = y + p->view_y;
			const struct picture_cell *cell;

			if (px < 0 || py < 0 || px >= p->w || py >= p->h)
				continue;
			cell = &p->cells[(size_t)py * (size_t)p->w + (size_t)px];
			if (cell->sides)
				area_text(area, x, y, line_role(ui, cell->tensor),
					line_glyph(cell->sides));
		}
}

static bool is_next_to(const struct ui *ui, int index)
{
	const struct picture *p = &ui->picture;
	const struct picture_item *cursor = cursor_item(ui);

	for (uint32_t i = 0; cursor && i < p->edge_count; i++) {
		int self = (int)(cursor - p->items);

		if ((p->edges[i].from == self && p->edges[i].to == index) ||
			(p->edges[i].to == self && p->edges[i].from == index))
			return true;
	}
	return false;
}

static void draw_item(struct ui *ui, const struct area *area, int index)
{
	const struct picture *p = &ui->picture;
	const struct picture_item *item = &p->items[index];
	const struct graph *graph = ui->outcome->graph;
	int x = item->x - p->view_x, y = item->y - p->view_y;
	enum role role;

	switch (item->kind) {
	case ITEM_NODE:
		role = node_role(ui->outcome, item->id);
		if (node_is_promoted(ui->outcome, item->id)) {
			area_text(area, x, y, role, "[");
			area_text(area, x + item->w - 1, y, role, "]");
		}
		area_name(area, x + 1, y, item->w - 2, role,
			graph_node_label(graph, item->id));
		break;
	case ITEM_TENSOR:
		area_name(area, x, y, item->w, tensor_role(ui->outcome, item->id),
			graph_tensor_name(graph, item->id));
		break;
	case ITEM_STUB:
		if (item->count)
			area_print(area, x, y, ROLE_MUTED, "+%u", item->count);
		else
			area_name(area, area_text(area, x, y, ROLE_MUTED, "…"), y,
				item->w - 1, ROLE_MUTED,
				graph_tensor_name(graph, item->id));
		break;
	case ITEM_BEND:
		return;
	}
	if (is_next_to(ui, index))
		area_mark(area, x, y, item->w, MARK_STRONG);
}

/* Marks stand on the line next to the reader, or behind the source. */
static void draw_marks(struct ui *ui, const struct area *area)
{
	const struct picture *p = &ui->picture;

	for (uint32_t i = 0; i < p->edge_count; i++) {
		const struct picture_edge *edge = &p->edges[i];
		const struct picture_item *at =
			&p->items[edge->mark_above ? edge->from : edge->to];
		int x = at->anchor, y = at->y + (edge->mark_above ? 1 : -1);

		if (p->across && at->kind != ITEM_BEND && !edge->mark_above)
			area_text(area, at->x - 1 - p->view_x, at->anchor - p->view_y,
				line_role(ui, edge->tensor), "▶");
		if (p->across) {
			x = edge->mark_above ? at->x + at->w + 1 : at->x - 5;
			y = at->anchor;
		}
		if (edge->mark)
			area_print(area, x - p->view_x, y - p->view_y, ROLE_BOUNDARY,
				"⇄%d", type_bits(edge->mark));
	}
}

static void draw_labels(struct ui *ui, const struct area *area)
{
	const struct picture *p = &ui->picture;
	char text[160];

	for (uint32_t i = 0; i < p->item_count; i++) {
		const struct picture_item *item = &p->items[i];
		tensor_id tensor = item->label ? picture_tensor(p, (int)i) : GRAPH_NONE;
		bool marked = false;
		int x, y;

		if (tensor == GRAPH_NONE)
			continue;
		for (uint32_t k = 0; k < p->edge_count; k++)
			marked |= p->edges[k].from == (int)i && p->edges[k].mark &&
				  p->edges[k].mark_above;
		x = (p->across ? item->x + item->w - 1 : item->anchor) +
		    (marked ? LABEL_BEHIND_MARK + p->across : LABEL_AT);
		y = p->across ? item->anchor : item->y + 1;
		area_text(area, x - p->view_x, y - p->view_y, ROLE_MUTED,
			picture_label(ui->outcome, ui->settings.edges, tensor, text,
				sizeof(text)));
	}
}

static void draw_picture(struct ui *ui, const struct area *area, bool focused)
{
	const struct picture_item *item = cursor_item(ui);
	struct picture *p = &ui->picture;

	aim(ui, area, item);
	draw_lines(ui, area);
	for (uint32_t i = 0; i < p->item_count; i++)
		draw_item(ui, area, (int)i);
	draw_marks(ui, area);
	if (ui->settings.edges)
		draw_labels(ui, area);
	if (!item)
		return;
	area_mark(area, item->x - p->view_x, item->y - p->view_y, item->w, MARK_CURSOR);
	if (focused)
		area_cursor(area, item->x - p->view_x, item->y - p->view_y);
}

void graph_pane_draw(struct ui *ui, const struct area *area, bool focused)
{
	if (shows_flow(ui) || !ui->picture.graph)
		flow_draw(ui, area, focused);
	else
		draw_picture(ui, area, focused);
}

/* ---- Acting on what is drawn. */

/* All neighbours of the node that are cut off are drawn, as far as a picture goes. */
unsigned graph_pane_open(struct ui *ui)
{
	const struct picture_item *stub;

	if (shows_flow(ui) || ui->shown.node == GRAPH_NONE)
		return ui_say(ui, SEVERITY_NOTE, "gr goes to one of the readers");
	stub = picture_stub(&ui->picture, ui->shown.node);
	if (!stub)
		return ui_say(ui, SEVERITY_NOTE, "all its neighbours are drawn");
	if (picture_open(&ui->picture, ui->shown.node))
		return DID_REDRAW;
	return ui_say(ui, SEVERITY_NOTE, "no more fit here; = shows all, gr lists them");
}

static unsigned click_item(struct ui *ui, const struct picture_item *item)
{
	struct target target = {GRAPH_NONE, item->id};

	if (item->kind == ITEM_NODE)
		target.tensor = graph_output_of(ui->outcome->graph, item->id, 0);
	else
		target = (struct target){
			item->id, ui->outcome->graph->tensors[item->id].producer};
	if (target_same(target, ui->target))
		return item->kind == ITEM_STUB ? graph_pane_open(ui) : DID_REDRAW;
	if (!ui_go(ui, target))
		return ui_say(ui, SEVERITY_NOTE, "it has no row; the panes show it");
	ui->target = target;
	return item->kind == ITEM_STUB && item->count ? DID_MOVE | DID_REDRAW
						      : DID_REDRAW;
}

unsigned graph_pane_click(struct ui *ui, int x, int y)
{
	const struct picture *p = &ui->picture;

	if (shows_flow(ui) || !p->graph)
		return DID_REDRAW;
	x += p->view_x;
	y += p->view_y;
	for (uint32_t i = 0; i < p->item_count; i++) {
		const struct picture_item *item = &p->items[i];

		if (item->kind != ITEM_BEND && y == item->y && x >= item->x &&
			x < item->x + item->w)
			return click_item(ui, item);
	}
	return DID_REDRAW;
}
