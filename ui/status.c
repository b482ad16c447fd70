/* The status line: mode, what is under the cursor, where, how many. */
#include "base/text.h"
#include "ui/announce.h"
#include "ui/panes.h"
#include "ui/screen.h"
#include "ui/words.h"

#include <stdio.h>
#include <string.h>

/* What is known of the tensor, behind its name: " u16 seed". */
static void word_state(const struct ui *ui, char *out, size_t room)
{
	tensor_id tensor = ui->target.tensor;

	*out = '\0';
	if (tensor != GRAPH_NONE)
		snprintf(out, room, " %s%s", word_tensor_type(ui->outcome, tensor),
			ui->outcome->tensors[tensor].flags & STATE_SEED ? " seed" : "");
}

static void word_region(const struct ui *ui, char *out, size_t room)
{
	const struct outcome *o = ui->outcome;
	node_id node = ui->target.node;

	*out = '\0';
	if (o->nodes[node].region < o->region_count)
		snprintf(out, room, "   region %s",
			o->regions[o->nodes[node].region].letter);
}

/* A node, its operator, its tensor, its region: with less room the name has it, then
 * the operator, the region, the tensor. */
static void draw_node(
	const struct ui *ui, const struct area *line, int x, const char *state)
{
	const struct graph *graph = ui->outcome->graph;
	struct target t = ui->target;
	const char *name = graph_node_label(graph, t.node);
	const char *op = graph_op_type(graph, t.node);
	int names = name_columns(line->frame, name), ops = name_columns(line->frame, op);
	int room = line->r.w - x - text_columns(line->frame, state);
	int least = names < 16 ? names : 16;
	char region[32] = "";

	ops = ops < 12 ? ops : 12;
	if (!ui->layout.narrow)
		word_region(ui, region, sizeof(region));
	if (room < least + 1 + ops + text_columns(line->frame, region))
		*region = '\0';
	room -= text_columns(line->frame, region);
	if (room < least + 1 + ops)
		ops = 0;
	room -= ops ? ops + 1 : 0;
	x = area_name(line, x, 0, room, ROLE_STATUS, name);
	room -= names;
	if (ops)
		x = area_name(line, x + 1, 0, ops, ROLE_STATUS, op);
	if (t.tensor != GRAPH_NONE && room >= 3 + 8 && *state)
		x = area_name(line, x + 3, 0, room - 3, ROLE_STATUS,
			graph_tensor_name(graph, t.tensor));
	x = area_text(line, x, 0, ROLE_STATUS, state);
	area_text(line, x, 0, ROLE_STATUS, region);
}

/* The object under the cursor in words. */
static void draw_target(const struct ui *ui, const struct area *line, int x)
{
	struct target t = ui->target;
	char state[64] = "";

	if (!ui->layout.narrow)
		word_state(ui, state, sizeof(state));
	if (t.node != GRAPH_NONE) {
		draw_node(ui, line, x, state);
	} else if (t.tensor != GRAPH_NONE) {
		x = area_name(line, x, 0,
			line->r.w - x - text_columns(line->frame, state), ROLE_STATUS,
			graph_tensor_name(ui->outcome->graph, t.tensor));
		area_text(line, x, 0, ROLE_STATUS, state);
	}
}

/* "3 rows  Op5..Op7". */
static void draw_range(const struct ui *ui, const struct area *line, int x)
{
	const struct outcome *o = ui->outcome;
	uint32_t cursor = ui->lists[PANE_OUTLINE].cursor;
	uint32_t low = cursor < ui->anchor ? cursor : ui->anchor;
	uint32_t high = cursor < ui->anchor ? ui->anchor : cursor;

	x = area_print(line, x, 0, ROLE_STATUS, "%u row%s  ", high - low + 1,
		text_s(high - low + 1));
	for (int i = 0; i < 2; i++) {
		struct target t = ui_row_target(ui, i ? high : low);

		if (i)
			x = area_text(line, x, 0, ROLE_STATUS, "..");
		x = area_name(line, x, 0, line->r.w / 4, ROLE_STATUS,
			t.node != GRAPH_NONE     ? graph_node_label(o->graph, t.node)
			: t.tensor != GRAPH_NONE ? graph_tensor_name(o->graph, t.tensor)
						 : "");
	}
}

/* Where the cursor is in the list it moves in; "" if what is shown is another thing than
 * the outline's row. */
static void word_row(const struct ui *ui, char *out, size_t room)
{
	enum pane_id pane =
		panes[ui->facts.focus].target ? ui->facts.focus : PANE_OUTLINE;
	const struct list *list = &ui->lists[pane];
	struct target row = ui_row_target(ui, list->cursor);

	*out = '\0';
	if (pane == PANE_OUTLINE && list->count &&
		(row.node != ui->target.node ||
			(row.node == GRAPH_NONE && row.tensor != ui->target.tensor)))
		return;
	snprintf(out, room, "%u/%u", list->count ? list->cursor + 1 : 0, list->count);
}

/* With a filter there is less room for the rest. */
static void word_counts(const struct ui *ui, const char *job, const char *filter,
	const char *row, char *out, size_t room)
{
	int n = snprintf(out, room, "%s%s%s%s   sel %u ", job, filter, *row ? "row " : "",
		row, ui->selected_count);

	if (!ui->filter && n > 0 && (size_t)n < room)
		snprintf(out + n, room - (size_t)n, "  undo %zu ",
			plan_undo_position(ui->session->plan));
}

void screen_draw_status(struct ui *ui, const struct area *all)
{
	struct rect r = ui->layout.status;
	struct area line = area_part(all, r.x, r.y, r.w, 1), left;
	const char *words =
		ui->prompt.kind == PROMPT_FILTER ? ui->prompt.line.text : ui->filter_text;
	char counts[256], filter[96] = "", clean[64], job[80], row[48], number[32];
	int x;

	area_fill(&line, 0, 0, r.w, ROLE_STATUS);
	if (ui->settings.announce) {
		area_field(&line, 1, 0, r.w - 1, ROLE_STATUS,
			announce_row(ui, counts, sizeof(counts)));
		return;
	}
	x = area_text(&line, 1, 0, ROLE_STATUS, ui->visual ? "VISUAL" : "NORMAL");
	if (ui->filter)
		snprintf(filter, sizeof(filter), "filter: %s  %u of %s   ",
			text_escape(clean, 40, words, strlen(words)),
			rows_visible(&ui->rows), word_number(ui->rows.count, number));
	measure_job_word(ui, job, sizeof(job) - 3);
	if (*job)
		strcat(job, "   ");
	word_row(ui, row, sizeof(row));
	if (ui->layout.narrow)
		snprintf(counts, sizeof(counts), "%s%s%s  sel %u ", job,
			ui->filter ? "\\ " : "", row, ui->selected_count);
	else
		word_counts(ui, job, filter, row, counts, sizeof(counts));
	left = area_part(&line, 0, 0, r.w - text_columns(&ui->frame, counts) - 2, 1);
	if (ui->visual)
		draw_range(ui, &left, x + 2);
	else
		draw_target(ui, &left, x + 2);
	area_right(&line, r.w, 0, ROLE_STATUS, counts);
}
