/* Pane 1: graph inputs and nodes as a list, with lanes in graph order. */
#include "base/text.h"
#include "ui/extras.h"
#include "ui/find.h"
#include "ui/panes.h"
#include "ui/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEGEND_ROWS = 4, LEGEND_MOST = LEGEND_ROWS + 1 };

/* Where the columns of the list stand; a width of 0 leaves one out. */
struct columns {
	int lanes, name, name_width, op, op_width, error, type, marks;
};

static bool has_lanes(const struct ui *ui)
{
	return ui->rows.order == ORDER_GRAPH && !ui->rows.view && ui->lanes.last;
}

static int lanes_shown(const struct ui *ui)
{
	if (!has_lanes(ui))
		return 1;
	return ui->lanes.most > 3    ? ui->lanes.most
	       : ui->lanes.limit < 3 ? ui->lanes.limit
				     : 3;
}

/* Bytes of a usual name in this list: the mean of some. */
static uint32_t usual_name(const struct rows *rows)
{
	uint32_t step = rows->count / 64 + 1, sum = 0, count = 0;

	for (uint32_t i = 0; i < rows->count; i += step, count++)
		if (!(rows->all[i] & ROW_TENSOR))
			sum += (uint32_t)strlen(
				graph_node_label(rows->graph, rows->all[i]));
	return count ? sum / count : 0;
}

/* Long names need the place of the operators, which many of them end with anyway. */
static struct columns place(const struct ui *ui, int width)
{
	int lanes = lanes_shown(ui), rest;
	struct columns c = {.lanes = 2};

	c.name = c.lanes + 2 * lanes + 1;
	c.marks = width - 3;
	c.type = width - 7;
	if (ui->measure.errors.of && width >= 20 + c.name)
		c.error = c.type - 1 - ERROR_COLUMNS;
	rest = (c.error ? c.error : c.type) - c.name;
	c.op_width = rest / 3 < 7 ? 7 : rest / 3 > 16 ? 16 : rest / 3;
	if (rest < 18 || (rest < 24 && usual_name(&ui->rows) > 12))
		c.op_width = 0;
	c.name_width = rest - 1 - (c.op_width ? c.op_width + 1 : 0);
	c.op = c.name + c.name_width + 1;
	return c;
}

static int by_id(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static bool holds(const uint32_t *ids, uint32_t count, uint32_t id)
{
	return count && bsearch(&id, ids, count, sizeof(id), by_id);
}

/* Did the last edit change what this row shows? */
static bool is_changed(const struct ui *ui, uint32_t code)
{
	const struct outcome_diff *diff = &ui->changed;

	if (code & ROW_TENSOR)
		return holds(diff->tensors, diff->tensor_count, code & ~ROW_TENSOR);
	return holds(diff->nodes, diff->node_count, code) ||
	       holds(diff->tensors, diff->tensor_count,
		       rows_tensor(ui->rows.graph, code));
}

static void draw_gutter(
	const struct ui *ui, const struct area *area, int y, uint32_t row, uint32_t code)
{
	bool in_range = ui->visual && ui_in_visual(ui, row);

	if (ui_is_selected(ui, code) || in_range)
		area_text(area, 1, y, ROLE_WARNING, in_range ? "V" : "x");
	else if (is_changed(ui, code))
		area_text(area, 1, y, ROLE_CHANGED, "·");
}

static const char *row_glyph(const struct ui *ui, uint32_t code)
{
	if (code & ROW_TENSOR)
		return "◇";
	return node_is_promoted(ui->outcome, code) ? "◆" : "●";
}

static enum role row_role(const struct ui *ui, uint32_t code)
{
	if (code & ROW_TENSOR)
		return tensor_role(ui->outcome, code & ~ROW_TENSOR);
	return node_role(ui->outcome, code);
}

static void draw_lanes(const struct ui *ui, const struct area *area,
	const struct columns *c, int y, uint32_t code, const struct lane_row *row)
{
	int shown = (c->name - 1 - c->lanes) / 2;

	for (int cell = 0; cell < 2 * shown - 1; cell++)
		area_text(area, c->lanes + cell, y, ROLE_RULE, row->glyph[cell]);
	if (row->lane < shown)
		area_text(area, c->lanes + 2 * row->lane, y, row_role(ui, code),
			row_glyph(ui, code));
	else
		area_text(area, c->name - 1, y, row_role(ui, code), row_glyph(ui, code));
	if (row->parked && row->parked < 10 && row->lane + 1 < shown)
		area_print(area, c->name - 2, y, ROLE_MUTED, "+%u", row->parked);
}

static void draw_marks(const struct ui *ui, const struct area *area,
	const struct columns *c, int y, uint32_t code)
{
	const struct outcome *outcome = ui->outcome;
	bool is_node = !(code & ROW_TENSOR);
	char mark[2] = {is_node ? node_mark(outcome, code)
				: tensor_mark(outcome, code & ~ROW_TENSOR)};
	bool is_output = false;

	for (uint32_t i = 0; is_node && i < outcome->graph->nodes[code].output_count;
		i++) {
		tensor_id out = graph_output_of(outcome->graph, code, i);

		is_output |= out != GRAPH_NONE &&
			     outcome->graph->tensors[out].flags & TENSOR_OUTPUT;
	}
	if (is_node && outcome->nodes[code].flags & STATE_CONVERTS)
		area_text(area, c->marks, y, ROLE_BOUNDARY, "⇄");
	area_text(area, c->marks + 1, y, row_role(ui, code), mark);
	if (is_output)
		area_text(area, c->marks + 2, y, ROLE_TEXT, "»");
}

/* The name and what belongs to it; the column behind the name itself. */
static int draw_name(struct ui *ui, const struct area *area, const struct columns *c,
	int y, uint32_t code, const struct lane_row *lanes)
{
	const struct graph *graph = ui->rows.graph;
	const char *name = code & ROW_TENSOR
				   ? graph_tensor_name(graph, code & ~ROW_TENSOR)
				   : graph_node_label(graph, code);
	int x = pane_name(ui, PANE_OUTLINE, area, c->name, y, c->name_width,
		row_role(ui, code), name);
	int end = x;

	/* as a folder: Enter goes in */
	if (!(code & ROW_TENSOR) && graph->nodes[code].body_count &&
		x < c->name + c->name_width)
		x = area_text(area, x, y, ROLE_KEY, "/");
	if (lanes && lanes->parked_input != GRAPH_NONE &&
		x + 6 < c->name + c->name_width) {
		x = area_text(area, x, y, ROLE_MUTED, " @");
		area_name(area, x, y, c->name + c->name_width - x, ROLE_MUTED,
			graph_tensor_name(graph, lanes->parked_input));
	}
	return end;
}

/* "12 nodes", "12 3◆ 2⇄": how many, of them promoted, converted tensors. With a filter
 * "5/12": as many of them match. */
static void word_counts(
	const struct ui *ui, const struct fold *fold, char *out, size_t room)
{
	const struct fold_sum *sum = &fold->sum;
	int n = ui->rows.kept ? snprintf(out, room, "%u/%u", fold->shown, sum->nodes)
			      : snprintf(out, room, "%u", sum->nodes);

	if (!sum->promoted && !sum->boundaries && !ui->rows.kept)
		snprintf(out + n, room - (size_t)n, " nodes");
	if (sum->promoted)
		n += snprintf(out + n, room - (size_t)n, " %u◆", sum->promoted);
	if (sum->boundaries)
		snprintf(out + n, room - (size_t)n, " %u⇄", sum->boundaries);
}

/* A group with one flag for all: an error, a choice, what follows, or none. */
static char fold_mark(const struct fold_sum *sum)
{
	return sum->flags & STATE_CONFLICT                ? '!'
	       : sum->flags & (STATE_SEED | STATE_EDITED) ? '*'
	       : sum->flags & STATE_GIVEN                 ? 'l'
	       : sum->promoted                            ? '+'
							  : ' ';
}

static void draw_fold(struct ui *ui, const struct area *area, const struct columns *c,
	int y, uint32_t row, uint32_t group)
{
	const struct fold *fold = &ui->folds.list.items[group];
	char counts[64], mark[2] = {fold_mark(&fold->sum)};
	enum role role = *mark == '!'   ? ROLE_ERROR
			 : *mark == '*' ? ROLE_SEED
			 : *mark != ' ' ? ROLE_IMPLIED
					: ROLE_TITLE;
	int x, count_columns;

	word_counts(ui, fold, counts, sizeof(counts));
	count_columns = text_columns(area->frame, counts);
	draw_gutter(ui, area, y, row, rows_at(&ui->rows, row));
	area_text(area, c->lanes, y, role, "+");
	x = c->type - 1 - count_columns;
	pane_name(ui, PANE_OUTLINE, area, c->name, y, x - 1 - c->name, role,
		names_text(&ui->folds.names, group));
	area_text(area, x, y, ROLE_MUTED, counts);
	area_right(area, c->type + 3, y, role,
		fold->sum.type == QTYPE_COUNT ? "mix" : word_type(fold->sum.type));
	if (fold->sum.flags & STATE_CONVERTS)
		area_text(area, c->marks, y, ROLE_BOUNDARY, "⇄");
	area_text(area, c->marks + 1, y, role, mark);
}

static const char *row_origin(const struct ui *ui, tensor_id tensor)
{
	return ui->rows.graph->tensors[tensor].scope == ui->rows.scope ? "input"
								       : "outer";
}

static void draw_row(struct ui *ui, const struct area *area, const struct columns *c,
	int y, uint32_t row, const struct lane_row *lanes)
{
	uint32_t code = rows_at(&ui->rows, row);
	bool is_node = !(code & ROW_TENSOR);
	const char *type = is_node ? word_type(ui->outcome->nodes[code].seen)
				   : word_tensor_type(ui->outcome, code & ~ROW_TENSOR);
	int end;

	draw_gutter(ui, area, y, row, code);
	if (lanes)
		draw_lanes(ui, area, c, y, code, lanes);
	else
		area_text(area, c->lanes, y, row_role(ui, code), row_glyph(ui, code));
	end = draw_name(ui, area, c, y, code, lanes);
	if (c->op_width)
		area_name(area, c->op, y, c->op_width, is_node ? ROLE_TEXT : ROLE_MUTED,
			is_node ? graph_op_type(ui->rows.graph, code)
				: row_origin(ui, code & ~ROW_TENSOR));
	if (c->error)
		measure_draw_error(
			ui, area, c->error, y, rows_tensor(ui->rows.graph, code));
	area_right(area, c->type + 3, y, row_role(ui, code), type);
	draw_marks(ui, area, c, y, code);
	if (ui_is_selected(ui, code))
		area_mark(area, 0, y, area->r.w, MARK_SELECTED);
	if (is_node && bounds_lights(ui, code))
		area_mark(area, c->name, y, c->name_width, MARK_STRONG);
	if (ui->search && rows_match(ui->search, ui->session->plan, ui->outcome, code))
		area_mark(area, c->name, y, end - c->name, MARK_MATCH);
}

/* What only some graphs show has a line there: closed groups, nodes with bodies. */
static int legend_rows(const struct ui *ui)
{
	return LEGEND_ROWS + (ui->folds.kind || ui->rows.graph->scope_count > 1);
}

static void draw_legend(const struct ui *ui, const struct area *area)
{
	bool bodies = ui->rows.graph->scope_count > 1;
	const char *const lines[LEGEND_MOST] = {
		"◇ graph input    ● node at base",
		"◆ promoted       ⇄ converts",
		"* you chose  + follows  l loaded",
		"» graph output   · changed now",
		!bodies          ? "+ in front: closed, Enter opens"
		: ui->folds.kind ? "+ closed, / has bodies: Enter"
				 : "/ has bodies, Enter goes in",
	};
	int rows = legend_rows(ui);

	for (int i = 0; i < rows; i++)
		area_field(area, 2, area->r.h - rows + i, area->r.w - 2, ROLE_MUTED,
			lines[i]);
}

static void draw_empty(const struct ui *ui, const struct area *area)
{
	char text[80], clean[60], query[PROMPT_ROOM];
	const char *typed;
	uint32_t there;

	if (!ui->rows.view) {
		area_text(area, 2, 1, ROLE_MUTED, "This graph has no nodes.");
		return;
	}
	typed = ui->prompt.kind == PROMPT_FILTER ? ui->prompt.line.text : ui->filter_text;
	snprintf(text, sizeof(text), "No match for \"%s\".",
		text_escape(clean, sizeof(clean), typed, strlen(typed)));
	area_field(area, 2, 1, area->r.w - 3, ROLE_TEXT, text);
	area_field(area, 2, 2, area->r.w - 3, ROLE_MUTED, "Esc clears the filter.");
	there = find_ops(ui, typed, query, sizeof(query));
	if (there && ui->prompt.kind == PROMPT_FILTER)
		area_print(area, 2, 3, ROLE_MUTED, "Tab: op types (%u there).", there);
}

void outline_label(const struct ui *ui, char *out, size_t room)
{
	char path[160];

	level_path(ui->rows.graph, ui->rows.scope, path, sizeof(path));
	snprintf(out, room, "order: %s%s%s", row_order_names[ui->rows.order],
		*path ? " ── " : "", path);
}

/* As many lanes as leave room for names. */
static int lane_limit(const struct ui *ui)
{
	const struct layout_slot *slot = layout_slot_of(&ui->layout, PANE_OUTLINE);
	int errors = ui->measure.errors.of ? ERROR_COLUMNS + 1 : 0;
	int most = slot ? (slot->body.w - errors) / 10 : LANES;

	return most < ui->settings.lanes ? most : ui->settings.lanes;
}

bool outline_prepare(struct ui *ui, struct error *err)
{
	if (has_lanes(ui) && ui->lanes.limit != lane_limit(ui) &&
		!lanes_build(&ui->lanes, &ui->rows, lane_limit(ui), err))
		return false;
	folds_sum(&ui->folds, ui->outcome);
	list_set_count(&ui->lists[PANE_OUTLINE], rows_visible(&ui->rows));
	return true;
}

void outline_draw(struct ui *ui, const struct area *area, bool focused)
{
	struct list *list = &ui->lists[PANE_OUTLINE];
	struct columns c = place(ui, area->r.w);
	bool legend = ui->layout.legend && area->r.h >= 20 && !ui->facts.maximised;
	struct lane_state state;
	struct lane_row lanes;

	list->jumps = area->r.w < area->frame->w;
	ui->sideways[PANE_OUTLINE].over = 0;
	list_set_height(list, (uint32_t)(area->r.h - (legend ? legend_rows(ui) + 1 : 0)));
	if (!list->count)
		draw_empty(ui, area);
	if (has_lanes(ui) && list->count)
		lanes_seek(&ui->lanes, list->top, &state);
	for (uint32_t i = 0; i < list->height && list->top + i < list->count; i++) {
		uint32_t row = list->top + i, fold;

		if (has_lanes(ui))
			lanes_step(&ui->lanes, row, &state, &lanes);
		fold = rows_fold_at(&ui->rows, row);
		if (fold != FOLD_NONE)
			draw_fold(ui, area, &c, (int)i, row, fold);
		else
			draw_row(
				ui, area, &c, (int)i, row, has_lanes(ui) ? &lanes : NULL);
		if (row != list->cursor)
			continue;
		area_text(area, 0, (int)i, ROLE_TEXT, "▸");
		pane_cursor(area, (int)i, focused);
	}
	if (legend)
		draw_legend(ui, area);
}
