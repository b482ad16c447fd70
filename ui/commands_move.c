/* Commands that move in lists: rows, pages, the next thing of a kind. */
#include "ui/command.h"
#include "ui/panes.h"

/* The list that keys move: the focused pane's, else the outline's. */
static struct list *active(struct ui *ui)
{
	enum pane_id pane = ui->facts.focus;

	return &ui->lists[panes[pane].target ? pane : PANE_OUTLINE];
}

/* Moving in a pane without rows moves the outline behind it. */
static unsigned moved(struct ui *ui)
{
	if (!panes[ui->facts.focus].target)
		ui->target = ui_row_target(ui, ui->lists[PANE_OUTLINE].cursor);
	return DID_MOVE | DID_REDRAW;
}

static unsigned run_down(struct ui *ui, const char *args)
{
	(void)args;
	list_move(active(ui), 1);
	return moved(ui);
}

static unsigned run_up(struct ui *ui, const char *args)
{
	(void)args;
	list_move(active(ui), -1);
	return moved(ui);
}

static unsigned run_half_down(struct ui *ui, const char *args)
{
	(void)args;
	list_page(active(ui), 1);
	return moved(ui);
}

static unsigned run_half_up(struct ui *ui, const char *args)
{
	(void)args;
	list_page(active(ui), -1);
	return moved(ui);
}

static unsigned run_page_down(struct ui *ui, const char *args)
{
	(void)args;
	list_page(active(ui), 2);
	return moved(ui);
}

static unsigned run_page_up(struct ui *ui, const char *args)
{
	(void)args;
	list_page(active(ui), -2);
	return moved(ui);
}

static unsigned run_first(struct ui *ui, const char *args)
{
	(void)args;
	list_go(active(ui), 0);
	return moved(ui);
}

static unsigned run_last(struct ui *ui, const char *args)
{
	(void)args;
	list_go(active(ui), UINT32_MAX);
	return moved(ui);
}

static unsigned run_middle(struct ui *ui, const char *args)
{
	(void)args;
	list_place(active(ui), 0);
	picture_forget(&ui->picture);
	return DID_REDRAW;
}

static unsigned run_top(struct ui *ui, const char *args)
{
	(void)args;
	list_place(active(ui), -1);
	return DID_REDRAW;
}

static unsigned run_bottom(struct ui *ui, const char *args)
{
	(void)args;
	list_place(active(ui), 1);
	return DID_REDRAW;
}

/* ---- Steps to the next thing of a kind, in outline order. */

typedef bool (*row_test)(const struct ui *ui, uint32_t code);

static unsigned state_of(const struct ui *ui, uint32_t code)
{
	tensor_id tensor = rows_tensor(ui->rows.graph, code);
	unsigned flags = tensor == GRAPH_NONE ? 0 : ui->outcome->tensors[tensor].flags;

	return code & ROW_TENSOR ? flags : flags | ui->outcome->nodes[code].flags;
}

static bool has_boundary(const struct ui *ui, uint32_t code)
{
	return state_of(ui, code) & STATE_BOUNDARY;
}

static bool has_conflict(const struct ui *ui, uint32_t code)
{
	return state_of(ui, code) & STATE_CONFLICT;
}

static bool in_region(const struct ui *ui, uint32_t code)
{
	return !(code & ROW_TENSOR) &&
	       ui->outcome->nodes[code].region < ui->outcome->region_count;
}

/* Rows in closed groups count, those that the filter hides do not. */
static unsigned step(struct ui *ui, row_test test, bool forward, const char *what)
{
	struct list *list = &ui->lists[PANE_OUTLINE];
	uint32_t count = ui->rows.count;
	uint32_t from = list->count ? rows_index(&ui->rows, list->cursor) : 0;

	for (uint32_t i = 1; list->count && i <= count; i++) {
		uint32_t row = forward ? (from + i) % count : (from + count - i) % count;
		uint32_t code = ui->rows.all[row];

		if (!rows_keeps(&ui->rows, row) || !test(ui, code))
			continue;
		places_push(&ui->places, ui_row_code(ui));
		ui_focus(ui, PANE_OUTLINE);
		list_go(list, ui_reveal(ui, code));
		return DID_MOVE | DID_REDRAW;
	}
	return ui_say(ui, SEVERITY_NOTE, "no %s here", what);
}

#define STEP(name, test, forward, what)                                                  \
	static unsigned run_##name(struct ui *ui, const char *args)                      \
	{                                                                                \
		(void)args;                                                              \
		return step(ui, test, forward, what);                                    \
	}

STEP(next_boundary, has_boundary, true, "conversion")
STEP(previous_boundary, has_boundary, false, "conversion")
STEP(next_region, in_region, true, "promoted region")
STEP(previous_region, in_region, false, "promoted region")
STEP(next_conflict, has_conflict, true, "conflict")
STEP(previous_conflict, has_conflict, false, "conflict")
STEP(next_selected, ui_is_selected, true, "selected row")
STEP(previous_selected, ui_is_selected, false, "selected row")

static const struct ui_command table[] = {
	{"down", "j <Down>", "", GROUP_MOVE, "down", "next row", NULL, run_down},
	{"up", "k <Up>", "", GROUP_MOVE, "up", "previous row", NULL, run_up},
	{"half-page-down", "<C-d>", "", GROUP_MOVE, "half a page down",
		"half a page down", NULL, run_half_down},
	{"half-page-up", "<C-u>", "", GROUP_MOVE, "half a page up", "half a page up",
		NULL, run_half_up},
	{"page-down", "<C-f> <PageDown>", "", GROUP_MOVE, "page down", "one page down",
		NULL, run_page_down},
	{"page-up", "<C-b> <PageUp>", "", GROUP_MOVE, "page up", "one page up", NULL,
		run_page_up},
	{"first", "gg <Home>", "", GROUP_MOVE, "first row", "first row", NULL, run_first},
	{"last", "G <End>", "", GROUP_MOVE, "last row", "last row", NULL, run_last},
	{"middle", "zz", "", GROUP_MOVE, "row to the middle",
		"put the row in the middle; draw the graph around it", NULL, run_middle},
	{"top", "zt", "", GROUP_MOVE, "row to the top", "put the row at the top", NULL,
		run_top},
	{"bottom", "zb", "", GROUP_MOVE, "row to the bottom", "put the row at the bottom",
		NULL, run_bottom},
	{"next-boundary", "]b", "", GROUP_MOVE, "next conversion",
		"next row whose tensor is converted", NULL, run_next_boundary},
	{"previous-boundary", "[b", "", GROUP_MOVE, "previous conversion",
		"previous row whose tensor is converted", NULL, run_previous_boundary},
	{"next-region", "]r", "", GROUP_MOVE, "next promoted node",
		"next node in a promoted region", NULL, run_next_region},
	{"previous-region", "[r", "", GROUP_MOVE, "previous promoted node",
		"previous node in a promoted region", NULL, run_previous_region},
	{"next-conflict", "]c", "", GROUP_MOVE, "next conflict", "next row in conflict",
		NULL, run_next_conflict},
	{"previous-conflict", "[c", "", GROUP_MOVE, "previous conflict",
		"previous row in conflict", NULL, run_previous_conflict},
	{"next-selected", "]s", "", GROUP_MOVE, "next selected", "next selected row",
		NULL, run_next_selected},
	{"previous-selected", "[s", "", GROUP_MOVE, "previous selected",
		"previous selected row", NULL, run_previous_selected},
};

const struct command_part commands_move = {table, sizeof(table) / sizeof(*table)};
