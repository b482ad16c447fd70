/* Commands that find and select. */
#include "ui/command.h"
#include "ui/find.h"
#include "ui/panes.h"

#include <stdio.h>
#include <string.h>

static const char *no_rows(const struct ui *ui)
{
	return ui->lists[PANE_OUTLINE].count ? NULL : "the outline is empty";
}

static const char *no_filter(const struct ui *ui)
{
	return ui->filter ? NULL : "no filter is set";
}

static const char *no_node(const struct ui *ui)
{
	return ui->target.node != GRAPH_NONE ? NULL : "no node is under the cursor";
}

static const char *no_selection(const struct ui *ui)
{
	return ui->selected_count ? NULL : "nothing is selected";
}

static const char *not_visual(const struct ui *ui)
{
	return ui->visual ? NULL : "only while a range is being selected (v)";
}

static unsigned run_search(struct ui *ui, const char *args)
{
	if (*args)
		return find_search(ui, args);
	find_open(ui, PROMPT_SEARCH, "");
	return DID_REDRAW;
}

static unsigned run_filter(struct ui *ui, const char *args)
{
	if (*args)
		return find_filter(ui, args);
	find_open(ui, PROMPT_FILTER, ui->filter_text);
	return DID_REDRAW;
}

static unsigned run_filter_clear(struct ui *ui, const char *args)
{
	(void)args;
	return find_filter(ui, "");
}

static unsigned run_go(struct ui *ui, const char *args)
{
	find_open(ui, PROMPT_GO, args);
	ui->prompt.line.fresh = false;
	return *args ? find_prompt_key(ui, UK_ENTER) : DID_REDRAW;
}

static unsigned run_command(struct ui *ui, const char *args)
{
	find_open(ui, PROMPT_COMMAND, args);
	return DID_REDRAW;
}

static unsigned run_next(struct ui *ui, const char *args)
{
	(void)args;
	return find_next(ui, true);
}

static unsigned run_previous(struct ui *ui, const char *args)
{
	(void)args;
	return find_next(ui, false);
}

static unsigned same_op(struct ui *ui, bool forward)
{
	char text[160];

	snprintf(text, sizeof(text), "op:%.140s",
		graph_op_type(ui->outcome->graph, ui->target.node));
	find_search(ui, text);
	return find_next(ui, forward);
}

static unsigned run_same_next(struct ui *ui, const char *args)
{
	(void)args;
	return same_op(ui, true);
}

static unsigned run_same_previous(struct ui *ui, const char *args)
{
	(void)args;
	return same_op(ui, false);
}

/* ---- Selecting. */

static bool select_one(struct ui *ui, uint32_t code, void *arg, struct error *err)
{
	(void)err;
	ui_select(ui, code, *(bool *)arg);
	return true;
}

static void take_visual(struct ui *ui)
{
	bool on = true;

	ui_each_chosen(ui, select_one, &on, NULL);
	ui->last_first = ui->anchor;
	ui->last_last = ui->lists[PANE_OUTLINE].cursor;
	ui->visual = false;
}

/* A closed group is selected with all that the filter leaves in it. */
static void select_cursor(struct ui *ui)
{
	uint32_t code = ui_row_code(ui), cursor = ui->lists[PANE_OUTLINE].cursor;
	bool on = !ui_is_selected(ui, code);

	if (rows_fold_at(&ui->rows, cursor) == FOLD_NONE) {
		ui_select(ui, code, on);
		return;
	}
	for (uint32_t i = 0; i < ui->rows.count; i++)
		if (rows_shown(&ui->rows, i) == cursor)
			ui_select(ui, ui->rows.all[i], on);
}

static unsigned run_select_row(struct ui *ui, const char *args)
{
	(void)args;
	if (ui->visual) {
		take_visual(ui);
		return DID_REDRAW;
	}
	select_cursor(ui);
	list_move(&ui->lists[PANE_OUTLINE], 1);
	return DID_MOVE | DID_REDRAW;
}

static unsigned run_visual(struct ui *ui, const char *args)
{
	(void)args;
	if (ui->facts.focus != PANE_OUTLINE)
		ui_focus(ui, PANE_OUTLINE);
	ui->visual = !ui->visual;
	ui->anchor = ui->lists[PANE_OUTLINE].cursor;
	return DID_REDRAW;
}

static unsigned extend(struct ui *ui, int step)
{
	if (!ui->visual)
		run_visual(ui, "");
	list_move(&ui->lists[PANE_OUTLINE], step);
	return DID_MOVE | DID_REDRAW;
}

static unsigned run_extend_down(struct ui *ui, const char *args)
{
	(void)args;
	return extend(ui, 1);
}

static unsigned run_extend_up(struct ui *ui, const char *args)
{
	(void)args;
	return extend(ui, -1);
}

static unsigned run_other_end(struct ui *ui, const char *args)
{
	uint32_t anchor = ui->anchor;

	(void)args;
	ui->anchor = ui->lists[PANE_OUTLINE].cursor;
	list_go(&ui->lists[PANE_OUTLINE], anchor);
	return DID_MOVE | DID_REDRAW;
}

static unsigned run_reselect(struct ui *ui, const char *args)
{
	(void)args;
	ui_focus(ui, PANE_OUTLINE);
	ui->visual = true;
	ui->anchor = ui->last_first;
	list_go(&ui->lists[PANE_OUTLINE], ui->last_last);
	return DID_MOVE | DID_REDRAW;
}

static unsigned run_select(struct ui *ui, const char *args)
{
	struct error err = ERROR_INIT;
	struct query *query;
	uint32_t before = ui->selected_count;

	if (!strcmp(args, "none")) {
		ui_select_none(ui);
		return DID_REDRAW;
	}
	/* "all" means what the search or filter at hand matches */
	if (!strcmp(args, "all"))
		args = ui->search && !ui->filter ? ui->search_text : "";
	query = query_parse(args, &err);
	if (!query)
		return ui_fail(ui, &err);
	for (uint32_t i = 0; i < ui->rows.count; i++)
		if (rows_keeps(&ui->rows, i) && rows_match(query, ui->session->plan,
							ui->outcome, ui->rows.all[i]))
			ui_select(ui, ui->rows.all[i], true);
	query_free(query);
	return ui_say(ui, SEVERITY_NOTE, "%u selected, %u new; p promotes them",
		ui->selected_count, ui->selected_count - before);
}

static unsigned run_select_none(struct ui *ui, const char *args)
{
	(void)args;
	ui_select_none(ui);
	return DID_REDRAW;
}

static const struct ui_command table[] = {
	{"search", "/", "[QUERY]", GROUP_FIND, "search",
		"find rows: words, op: type: is: in: fan> range> /regex/", no_rows,
		run_search},
	{"next", "n", "", GROUP_FIND, "next match", "next match", NULL, run_next},
	{"previous", "N", "", GROUP_FIND, "previous match", "previous match", NULL,
		run_previous},
	{"same-op", "*", "", GROUP_FIND, "next of this operator",
		"next node of the same operator", no_node, run_same_next},
	{"same-op-back", "#", "", GROUP_FIND, "previous of this operator",
		"previous node of the same operator", no_node, run_same_previous},
	{"filter", "\\ <F4>", "[QUERY]", GROUP_FIND, "filter",
		"show only rows that match; Esc shows all again", NULL, run_filter},
	{"filter-clear", "", "", GROUP_FIND, "no filter", "show all rows again",
		no_filter, run_filter_clear},
	{"go", "<C-p>", "[NAME]", GROUP_FIND, "go to a name",
		"go to a node or tensor by a part of its name", NULL, run_go},
	{"command", ":", "", GROUP_FIND, "command", "type a command, or a part of one",
		NULL, run_command},
	{"toggle", "<Space>", "", GROUP_SELECT, "select",
		"select or deselect the row and step on", no_rows, run_select_row},
	{"visual", "v V", "", GROUP_SELECT, "select a range",
		"begin or leave selecting a range of rows", no_rows, run_visual},
	{"extend-down", "<S-Down>", "", GROUP_SELECT, "range down",
		"make the range longer downwards", no_rows, run_extend_down},
	{"extend-up", "<S-Up>", "", GROUP_SELECT, "range up",
		"make the range longer upwards", no_rows, run_extend_up},
	{"other-end", "o", "", GROUP_SELECT, "other end", "to the other end of the range",
		not_visual, run_other_end},
	{"reselect", "gv", "", GROUP_SELECT, "last range", "select the last range again",
		no_rows, run_reselect},
	{"select", "", "all|none|QUERY", GROUP_SELECT, "select by query",
		"select all rows that match the query, or the search", NULL, run_select},
	{"select-none", "", "", GROUP_SELECT, "select nothing", "deselect everything",
		no_selection, run_select_none},
};

const struct command_part commands_find = {table, sizeof(table) / sizeof(*table)};
