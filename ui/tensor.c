/* Pane 4: one tensor: shape, makers and readers, override, error; below, its values. */
#include "base/text.h"
#include "ui/panes.h"
#include "ui/values.h"
#include "ui/words.h"

#include <stdio.h>
#include <string.h>

/* What is drawn and how far down it got. */
struct sheet {
	struct ui *ui;
	const struct area *area;
	tensor_id tensor;
	int y;
};

enum { LABEL = 1, VALUE = 11 };

static int value_line(struct sheet *sheet, const char *label)
{
	area_text(sheet->area, LABEL, sheet->y, ROLE_MUTED, label);
	return sheet->y++;
}

static void draw_readers(struct sheet *sheet)
{
	const struct graph *graph = sheet->ui->outcome->graph;
	const struct area *area = sheet->area;
	uint32_t count;
	const struct graph_reader *readers =
		graph_readers_of(graph, sheet->tensor, &count);
	int y = value_line(sheet, "readers"), x = VALUE, width;

	if (graph->tensors[sheet->tensor].flags & TENSOR_OUTPUT)
		x = area_text(area, x, y, ROLE_TEXT, "graph output  ");
	else if (!count)
		area_text(area, x, y, ROLE_MUTED, "none");
	for (uint32_t i = 0; i < count && x < area->r.w; i++) {
		node_id node = readers[i].node;

		if (i && readers[i - 1].node == node)
			continue;
		if (x + (i + 1 < count ? 12 : 8) > area->r.w && x > VALUE) {
			area_print(area, x, y, ROLE_MUTED, "+%u", count - i);
			return;
		}
		width = area->r.w - x - (i + 1 < count ? 4 : 0);
		x = area_name(area, x, y, width < 24 ? width : 24,
			node_role(sheet->ui->outcome, node),
			graph_node_label(graph, node));
		x++;
	}
}

static void draw_identity(struct sheet *sheet)
{
	const struct graph *graph = sheet->ui->outcome->graph;
	node_id producer = graph->tensors[sheet->tensor].producer;
	char shape[128], origin[96];
	int x;

	graph_shape_text(graph, sheet->tensor, shape, sizeof(shape));
	x = area_field(
		sheet->area, LABEL, sheet->y, sheet->area->r.w - 12, ROLE_TEXT, shape);
	x = area_text(sheet->area, x, sheet->y, ROLE_MUTED, "  ");
	if (producer == GRAPH_NONE) {
		area_text(sheet->area, x, sheet->y++, ROLE_MUTED,
			word_origin(graph, sheet->tensor, origin, sizeof(origin)));
		return;
	}
	x = area_text(sheet->area, x, sheet->y, ROLE_MUTED, "by ");
	area_name(sheet->area, x, sheet->y++, sheet->area->r.w - x, ROLE_TEXT,
		graph_node_label(graph, producer));
}

static const char *who(unsigned flags)
{
	if (flags & STATE_SEED)
		return "you chose it";
	if (flags & STATE_EDITED)
		return "you set parameters";
	if (flags & STATE_GIVEN)
		return "loaded";
	if (flags & STATE_IMPLIED)
		return "follows (w: why)";
	if (flags & STATE_BIAS)
		return "bias, int32 with scale of input times weight";
	if (flags & STATE_WEIGHT)
		return "weight, default type";
	return flags & STATE_QUANTIZED ? "default type" : "stays float";
}

static void draw_type(struct sheet *sheet)
{
	const struct outcome *outcome = sheet->ui->outcome;
	const struct tensor_state *state = &outcome->tensors[sheet->tensor];
	enum role role = tensor_role(outcome, sheet->tensor);
	int y = value_line(sheet, "type"), x;

	x = area_text(
		sheet->area, VALUE, y, role, word_tensor_type(outcome, sheet->tensor));
	if (state->converted)
		x = area_print(sheet->area, x, y, ROLE_BOUNDARY, " ⇄ %s",
			word_type(state->converted));
	x += sheet->area->r.w < 40 ? 2 : 3;
	area_field(
		sheet->area, x, y, sheet->area->r.w - x, ROLE_MUTED, who(state->flags));
}

static void draw_params(struct sheet *sheet)
{
	const struct entry_list *list =
		overrides_find(&sheet->ui->outcome->entries, sheet->tensor);
	const struct entry_params *own;
	char number[32];
	int x = VALUE, y;

	if (!list || !list->count || list->count > 1)
		return;
	own = &list->entries[0].own;
	if (!(own->has & ~(unsigned)(ENTRY_TYPE | ENTRY_CONVERT)))
		return;
	y = value_line(sheet, "override");
	if (own->has & ENTRY_SCALE)
		x = area_print(sheet->area, x, y, ROLE_TEXT, "scale %s  ",
			text_f32(number, own->scale, false));
	if (own->has & ENTRY_ZERO_POINT)
		x = area_print(sheet->area, x, y, ROLE_TEXT, "zp %d  ", own->zero_point);
	if (own->has & ENTRY_RMIN)
		x = area_print(sheet->area, x, y, ROLE_TEXT, "rmin %s  ",
			text_f32(number, own->rmin, false));
	if (own->has & ENTRY_RMAX)
		x = area_print(sheet->area, x, y, ROLE_TEXT, "rmax %s  ",
			text_f32(number, own->rmax, false));
	if (own->has & ENTRY_SYMMETRIC)
		x = area_print(sheet->area, x, y, ROLE_TEXT, "%s  ",
			own->symmetric ? "symmetric" : "asymmetric");
	if (own->has & ENTRY_REDUCE_RANGE && own->reduce_range)
		area_text(sheet->area, x, y, ROLE_TEXT, "reduced range");
}

/* From a file. */
static void draw_score(struct sheet *sheet, const struct tensor_score *score)
{
	const struct score_source *source = &sheet->ui->measure.errors.source;
	char number[32];
	int x, y = value_line(sheet, "score");

	measure_score_word(score->value, number, sizeof(number));
	x = area_text(sheet->area, VALUE, y, ROLE_TEXT, number);
	if (*source->scores.measure)
		x = area_print(
			sheet->area, x, y, ROLE_TEXT, " %s", source->scores.measure);
	area_print(sheet->area, x, y, ROLE_MUTED, "  number %zu of %zu in %s",
		source->place[score->tensor], source->scores.count, source->name);
}

/* As measured by :compare. */
static void draw_error(struct sheet *sheet)
{
	const struct ui *ui = sheet->ui;
	const struct tensor_score *score = measure_score_of(ui, sheet->tensor, NULL);
	const struct tensor_error *error = measure_error_of(ui, sheet->tensor);
	bool stale = ui->measure.errors.generation != ui->session->plan->generation;
	char number[32];
	int x, y;

	if (score)
		draw_score(sheet, score);
	if (!error || score)
		return;
	y = value_line(sheet, "SQNR");
	measure_decibels(error->sqnr, number, sizeof(number));
	x = area_text(sheet->area, VALUE, y, ROLE_TEXT, number);
	if (error->has_converted) {
		measure_decibels(error->converted, number, sizeof(number));
		x = area_print(sheet->area, x, y, ROLE_BOUNDARY, " ⇄ %s", number);
	}
	if (stale)
		area_text(sheet->area, x, y, ROLE_MUTED, "  of an older plan");
	x = VALUE;
	y = sheet->y++;
	if (error->has_before) {
		measure_decibels(error->before, number, sizeof(number));
		x = area_print(sheet->area, x, y, ROLE_MUTED, "inherits %s  ", number);
	}
	area_print(sheet->area, x, y, ROLE_MUTED, "most %.3g", error->largest);
}

void tensor_draw(struct ui *ui, const struct area *area, bool focused)
{
	struct sheet sheet = {ui, area, ui->shown.tensor, 0};

	if (sheet.tensor == GRAPH_NONE) {
		area_text(area, 1, 0, ROLE_MUTED, "No tensor under the cursor.");
		return;
	}
	if (area->r.h > 6) {
		area_name(area, LABEL, sheet.y++, area->r.w - 1, ROLE_TITLE,
			graph_tensor_name(ui->outcome->graph, sheet.tensor));
	}
	draw_identity(&sheet);
	draw_type(&sheet);
	draw_readers(&sheet);
	draw_params(&sheet);
	draw_error(&sheet);
	sheet.y = values_draw(ui, area, sheet.tensor, sheet.y);
	if (sheet.y + 1 < area->r.h)
		area_field(area, LABEL, area->r.h - 1, area->r.w - 1, ROLE_MUTED,
			"e edit  w why  gd producer  gr readers  c who reads what");
	if (focused)
		area_cursor(area, 0, 0);
}
