/* Pane 3: every conversion, one a row. */
#include "ui/panes.h"
#include "ui/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Columns: number, tensor, from, to, readers, who stays. */
struct columns {
	int name, name_width, from, to, readers, readers_width, stays;
};

static const char *const order_names[BOUNDS_ORDERS] = {
	"file",
	"tensor",
	"bytes",
	"readers",
};

static bool is_sorted(const struct ui *ui)
{
	return ui->bounds_rows && ui->bounds_generation == ui->outcome->generation;
}

static const struct boundary *boundary_at(const struct ui *ui, uint32_t row)
{
	return &ui->outcome->boundaries[is_sorted(ui) ? ui->bounds_rows[row] : row];
}

/* A boundary with what it is sorted by; equal ones stay in the order of the file. */
struct sorted {
	uint32_t at;
	uint64_t number;
	const char *name;
};

static int compare(const void *a, const void *b)
{
	const struct sorted *x = a, *y = b;
	int order = x->name ? strcmp(x->name, y->name) : 0;

	if (x->number != y->number)
		return x->number > y->number ? -1 : 1;
	return order ? order : x->at < y->at ? -1 : 1;
}

static bool sort_boundaries(struct ui *ui, struct error *err)
{
	const struct outcome *o = ui->outcome;
	uint32_t count = o->boundary_count;
	struct sorted *sorted = malloc(((size_t)count + 1) * sizeof(*sorted));

	free(ui->bounds_rows);
	ui->bounds_rows = malloc(((size_t)count + 1) * sizeof(*ui->bounds_rows));
	if (!sorted || !ui->bounds_rows) {
		free(sorted);
		free(ui->bounds_rows);
		ui->bounds_rows = NULL;
		return error_set_memory(err, "sorting the conversions");
	}
	for (uint32_t i = 0; i < count; i++) {
		const struct boundary *b = &o->boundaries[i];

		sorted[i] = (struct sorted){i,
			ui->bounds_order == BOUNDS_BYTES     ? b->bytes
			: ui->bounds_order == BOUNDS_READERS ? b->reader_count
							     : 0,
			ui->bounds_order == BOUNDS_TENSOR
				? graph_tensor_name(o->graph, b->tensor)
				: NULL};
	}
	qsort(sorted, count, sizeof(*sorted), compare);
	for (uint32_t i = 0; i < count; i++)
		ui->bounds_rows[i] = sorted[i].at;
	ui->bounds_generation = o->generation;
	free(sorted);
	return true;
}

unsigned bounds_sort(struct ui *ui, const char *args)
{
	int order = 0;

	while (*args && order < BOUNDS_ORDERS && strcmp(order_names[order], args))
		order++;
	if (order == BOUNDS_ORDERS)
		return ui_say(ui, SEVERITY_ERROR,
			"order of Bounds: file, tensor, bytes or readers");
	if (!*args)
		order = ((int)ui->bounds_order + 1) % BOUNDS_ORDERS;
	ui->bounds_order = (enum bounds_order)order;
	free(ui->bounds_rows);
	ui->bounds_rows = NULL;
	return ui_say(ui, SEVERITY_NOTE, "conversions by %s", order_names[order]) |
	       DID_MOVE;
}

/* Columns of the longest name that is to be seen. */
static int longest_name(const struct ui *ui, const struct area *area)
{
	const struct list *list = &ui->lists[PANE_BOUNDS];
	int most = 0;

	for (uint32_t i = 0; i < list->height && list->top + i < list->count; i++) {
		const struct boundary *b = boundary_at(ui, list->top + i);
		int w = name_columns(
			area->frame, graph_tensor_name(ui->outcome->graph, b->tensor));

		most = w > most ? w : most;
	}
	return most;
}

/* Long names take the place of those who stay. */
static struct columns place(const struct ui *ui, const struct area *area)
{
	struct columns c = {.name = 4};
	int rest = area->r.w - 4 - 12, name = ui->bounds_name;

	c.name_width = name > rest / 2 ? rest / 2 : name;
	c.name_width = c.name_width < 9 ? 9 : c.name_width;
	c.from = c.name + c.name_width + 1;
	c.to = c.from + 6;
	c.readers = c.to + 5;
	rest = area->r.w - c.readers;
	c.readers_width = rest > 19 ? rest / 2 : rest;
	c.stays = rest > 19 ? c.readers + c.readers_width + 1 : 0;
	return c;
}

void bounds_label(const struct ui *ui, char *out, size_t room)
{
	snprintf(out, room, "%u", ui->outcome->boundary_count);
}

bool bounds_prepare(struct ui *ui, struct error *err)
{
	list_set_count(&ui->lists[PANE_BOUNDS], ui->outcome->boundary_count);
	return ui->bounds_order == BOUNDS_FILE || is_sorted(ui) ||
	       sort_boundaries(ui, err);
}

struct target bounds_target(const struct ui *ui, uint32_t row)
{
	struct target target = {GRAPH_NONE, GRAPH_NONE};

	if (row < ui->outcome->boundary_count) {
		target.tensor = boundary_at(ui, row)->tensor;
		target.node = ui->outcome->graph->tensors[target.tensor].producer;
	}
	return target;
}

bool bounds_lights(const struct ui *ui, node_id node)
{
	const struct list *list = &ui->lists[PANE_BOUNDS];
	const struct boundary *b;

	if (ui->facts.focus != PANE_BOUNDS || list->cursor >= list->count ||
		list->cursor >= ui->outcome->boundary_count)
		return false;
	b = boundary_at(ui, list->cursor);
	if (ui->outcome->graph->tensors[b->tensor].producer == node)
		return true;
	for (uint32_t i = 0; i < b->reader_count; i++)
		if (b->readers[i] == node)
			return true;
	return false;
}

/* Returns the column behind the last name. */
static int draw_nodes(const struct ui *ui, const struct area *area, int x, int y,
	int width, const node_id *nodes, uint32_t count)
{
	int stop = x + width;

	if (!count)
		return area_text(area, x, y, ROLE_MUTED, "-");
	for (uint32_t i = 0; i < count; i++) {
		const char *name = graph_node_label(ui->outcome->graph, nodes[i]);
		int need = name_columns(area->frame, name);

		if (x + need + (i + 1 < count ? 4 : 0) > stop && i)
			return area_print(area, x, y, ROLE_MUTED, "+%u", count - i);
		x = area_name(
			area, x, y, stop - x, node_role(ui->outcome, nodes[i]), name);
		x += i + 1 < count;
	}
	return x;
}

static void draw_row(struct ui *ui, const struct area *area, int y, uint32_t row)
{
	const struct boundary *b = boundary_at(ui, row);
	struct columns c = place(ui, area);
	char bytes[32];
	struct area readers =
		area_part(area, 0, 0, c.readers + c.readers_width, area->r.h);

	area_print(area, 0, y, ROLE_MUTED, "%3u", row + 1);
	pane_name(ui, PANE_BOUNDS, area, c.name, y, c.name_width,
		tensor_role(ui->outcome, b->tensor),
		graph_tensor_name(ui->outcome->graph, b->tensor));
	area_text(area, c.from, y, ROLE_TEXT, word_type(b->from));
	area_text(area, c.to - 2, y, ROLE_BOUNDARY, "⇄");
	area_text(area, c.to, y, ROLE_BOUNDARY, word_type(b->to));
	draw_nodes(
		ui, &readers, c.readers, y, c.readers_width, b->readers, b->reader_count);
	if (c.stays && ui->bounds_order == BOUNDS_BYTES)
		area_text(area, c.stays, y, ROLE_TEXT,
			b->bytes ? word_bytes(b->bytes, bytes) : "?");
	else if (c.stays)
		draw_nodes(ui, area, c.stays, y, area->r.w - c.stays, b->stays,
			b->stay_count);
	if (b->tensor == ui->target.tensor)
		area_mark(area, c.name, y, c.name_width, MARK_STRONG);
}

static void draw_empty(const struct ui *ui, const struct area *area)
{
	if (ui->outcome->region_count)
		area_field(area, 1, 0, area->r.w - 1, ROLE_TEXT,
			"No conversions: all readers take what is stored.");
	else
		area_print(area, 1, 0, ROLE_TEXT,
			area->r.w < 45 ? "No conversions: all is %s."
				       : "No conversions: all is %s that is quantized.",
			word_type(ui->outcome->base));
	area_field(area, 3, 1, area->r.w - 3, ROLE_MUTED,
		"p on a row of pane 1 makes it 16 bit;");
	area_field(
		area, 3, 2, area->r.w - 3, ROLE_MUTED, "V selects several rows first.");
}

/* Below the rows, if there is room: the regions and what it costs. */
static void draw_totals(const struct ui *ui, const struct area *area, int y)
{
	const struct outcome *o = ui->outcome;
	static const char *const forms[] = {"cost: %u DQ→Q, %s; %u of %u nodes in 16 bit",
		"cost: %u DQ→Q, %s; %u of %u in 16 bit",
		"cost: %u DQ→Q, %s; %u in 16 bit", "cost: %u DQ→Q, %s"};
	char bytes[32], text[120];
	bool unknown = o->cost.conversions == o->cost.unknown_shapes;

	for (uint32_t i = 0; i < o->region_count && y < area->r.h - 1; i++, y++) {
		const struct region *region = &o->regions[i];
		int x = area_print(area, 2, y, ROLE_TEXT, "region %s  %s ",
			region->letter, word_type(region->type));

		if (*region->name)
			x = area_name(
				    area, x, y, area->r.w / 3, ROLE_TITLE, region->name) +
			    1;
		x = area_text(area, x, y, ROLE_TEXT, "{");

		x = draw_nodes(ui, area, x, y, area->r.w - x - 1, region->nodes,
			region->node_count);
		area_text(area, x, y, ROLE_TEXT, "}");
	}
	if (y >= area->r.h)
		return;
	for (int i = 0; i < 4; i++) {
		snprintf(text, sizeof(text), forms[i], o->cost.conversions,
			unknown ? "size unknown"
				: word_bytes(o->cost.conversion_bytes, bytes),
			o->cost.wide_nodes, o->cost.quantized_nodes);
		if (2 + text_columns(area->frame, text) <= area->r.w)
			break;
	}
	area_field(area, 2, y, area->r.w - 2, ROLE_MUTED, text);
}

void bounds_draw(struct ui *ui, const struct area *area, bool focused)
{
	struct columns c;
	uint32_t count = ui->outcome->boundary_count;

	if (!count) {
		draw_empty(ui, area);
		return;
	}
	/* what is seen must be known before, or the first picture is another */
	list_set_height(
		&ui->lists[PANE_BOUNDS], area->r.h > 1 ? (uint32_t)area->r.h - 1 : 0);
	ui->bounds_name = longest_name(ui, area);
	c = place(ui, area);
	area_text(area, 2, 0, ROLE_MUTED, "# tensor");
	area_text(area, c.from, 0, ROLE_MUTED, "from");
	area_text(area, c.to, 0, ROLE_MUTED, "to");
	area_text(area, c.readers, 0, ROLE_MUTED, "for");
	if (c.stays)
		area_text(area, c.stays, 0, ROLE_MUTED,
			ui->bounds_order == BOUNDS_BYTES ? "bytes" : "stays for");
	pane_list(ui, PANE_BOUNDS, area, 1, focused, draw_row);
	if ((int)count + 2 < area->r.h)
		draw_totals(ui, area,
			(int)count + 2 < area->r.h - 1 ? (int)count + 2 : (int)count + 1);
}
