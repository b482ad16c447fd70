/* The editor's state: opening, the outcome and what follows from it, where the cursor
 * is, what is selected. */
#include "ui/ui.h"

#include "base/text.h"

#include "ui/cards.h"
#include "ui/command.h"
#include "ui/panes.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RADIUS = 3, REST = 150 };

/* Rows, lanes and selection belong to one graph. */
bool ui_reload(struct ui *ui, struct error *err)
{
	const struct graph *graph = ui->session->graph;

	outcome_diff_release(&ui->changed);
	free(ui->bounds_rows);
	ui->bounds_rows = NULL;
	folds_release(&ui->folds);
	picture_forget(&ui->picture);
	why_release(&ui->why);
	ui->why_target = (struct target){GRAPH_NONE, GRAPH_NONE};
	memset(&ui->places, 0, sizeof(ui->places));
	free(ui->found);
	ui->found = NULL;
	free(ui->selected);
	ui->selected = calloc(ui_selection_bytes(graph), 1);
	ui->selected_count = 0;
	ui->visual = false;
	if (!ui->selected)
		return error_set_memory(err, "the selection");
	ui->outcome = plan_outcome(ui->session->plan, err);
	if (!ui->outcome || !rows_build(&ui->rows, ui->outcome, 0, ui->rows.order, err) ||
		!lanes_build(&ui->lanes, &ui->rows, ui->settings.lanes, err) ||
		!json_text_update(&ui->json, ui->outcome, err))
		return false;
	list_set_count(&ui->lists[PANE_OUTLINE], rows_visible(&ui->rows));
	ui->facts.focus = PANE_OUTLINE;
	ui->target = ui->shown = ui->why_target;
	ui_take_target(ui);
	safety_restart(ui);
	return true;
}

bool ui_update(struct ui *ui, struct error *err)
{
	const struct outcome *outcome = plan_outcome(ui->session->plan, err);

	if (!outcome)
		return false;
	ui->outcome = outcome;
	if (ui->filter && !query_is_fixed(ui->filter) &&
		!rows_filter(&ui->rows, ui->filter, ui->session->plan, outcome, err))
		return false;
	list_set_count(&ui->lists[PANE_OUTLINE], rows_visible(&ui->rows));
	if (!ui->off_row)
		ui_take_target(ui);
	return true;
}

static void first_sight(struct ui *ui)
{
	ui->facts.recent[PANE_BOUNDS] = 2;
	ui->facts.recent[PANE_JSON] = 1;
	ui->focus_clock = 2;
	ui->now = 1000;
	ui->radius = RADIUS;
	ui->mouse = ui->settings.mouse;
	ui->why_target = (struct target){GRAPH_NONE, GRAPH_NONE};
	ui->target = ui->shown = ui->why_target;
	ui->facts.outline_width = ui->settings.outline_width;
	ui->frame.ascii = ui->settings.ascii;
	ui->frame.acs = ui->settings.acs;
	ui->frame.paint = ui->settings.paint;
}

/* What was mended on opening goes to :messages, the first fault to the last line. */
static void greet(struct ui *ui)
{
	const struct problem_list *faults = &ui->session->faults;
	const struct problem_list *notes = &ui->session->notes;

	for (size_t i = 0; i < notes->count; i++)
		ui_say(ui, SEVERITY_NOTE, "%s%s%s", notes->items[i].place,
			*notes->items[i].place ? ": " : "", notes->items[i].cause);
	messages_clear_line(&ui->messages);
	if (notes->count)
		ui_say(ui, SEVERITY_NOTE, "%zu note%s on opening: :messages lists them",
			notes->count, text_s(notes->count));
	if (ui->session->plan->given->count)
		ui_say(ui, SEVERITY_NOTE,
			"%u loaded entr%s; :adopt makes choices of them",
			ui->session->plan->given->count,
			ui->session->plan->given->count == 1 ? "y stays as it is"
							     : "ies stay as they are");
	if (faults->count)
		ui_say(ui, SEVERITY_ERROR, "%s%s%s; 7 lists %s%zu problem%s",
			faults->items[0].place, *faults->items[0].place ? ": " : "",
			faults->items[0].cause, faults->count == 1 ? "" : "all ",
			faults->count, text_s(faults->count));
}

/* An edit frees what the next one needs, megabytes of it on a large graph: memory is
 * kept, since taking it from the system again costs more than the edit. */
static void keep_memory(void)
{
#ifdef M_TRIM_THRESHOLD
	mallopt(M_MMAP_THRESHOLD, 32 << 20);
	mallopt(M_TRIM_THRESHOLD, 512 << 20);
#endif
}

struct ui *ui_new(struct session *session, const struct ui_settings *settings, int w,
	int h, struct error *err)
{
	struct ui *ui = calloc(1, sizeof(*ui));

	if (!ui) {
		error_set_memory(err, "the editor");
		return NULL;
	}
	keep_memory();
	ui->session = session;
	ui->settings = *settings;
	first_sight(ui);
	if (!ui_reload(ui, err) || !json_text_saved(&ui->json, ui->outcome, err)) {
		ui->session = NULL;
		ui_free(ui);
		return NULL;
	}
	ui_resize(ui, w, h);
	safety_note_files(ui);
	greet(ui);
	return ui;
}

/* What belongs to the session and its graph beyond what ui_reload makes anew. */
static void forget_session(struct ui *ui)
{
	safety_end(ui, false);
	measure_stop(ui);
	ui->measure.source.demo = NULL;
	query_free(ui->search);
	query_free(ui->filter);
	ui->search = ui->filter = NULL;
	ui->search_text[0] = ui->filter_text[0] = '\0';
	ui->card_count = 0;
	ui->prompt.kind = PROMPT_NONE;
	ui->teach = (struct teaching){.touring = false};
	memset(ui->lists, 0, sizeof(ui->lists));
	ui->rows.order = ORDER_GRAPH;
}

bool ui_take_session(struct ui *ui, struct session *owned, struct error *err)
{
	struct session *before = ui->session;
	struct error ignored = ERROR_INIT;

	forget_session(ui);
	ui->session = owned;
	if (!ui_reload(ui, err) || !json_text_saved(&ui->json, ui->outcome, err)) {
		ui->session = before;
		ui_reload(ui, &ignored);
		return false;
	}
	session_free(before);
	safety_note_files(ui);
	messages_clear_line(&ui->messages);
	greet(ui);
	return true;
}

void ui_free(struct ui *ui)
{
	if (!ui)
		return;
	measure_release(ui);
	cards_release(ui);
	outcome_diff_release(&ui->changed);
	free(ui->bounds_rows);
	free(ui->copied);
	text_list_release(&ui->recent);
	rows_release(&ui->rows);
	folds_release(&ui->folds);
	lanes_release(&ui->lanes);
	json_text_release(&ui->json);
	why_release(&ui->why);
	ARRAY_RELEASE(&ui->why_lines);
	ARRAY_RELEASE(&ui->problem_lines);
	picture_release(&ui->picture);
	prompt_release(&ui->prompt);
	keymap_release(&ui->keymap);
	safety_end(ui, true);
	messages_release(&ui->messages);
	query_free(ui->search);
	query_free(ui->filter);
	frame_release(&ui->frame);
	hold_release(&ui->hold);
	free(ui->found);
	free(ui->selected);
	session_free(ui->session);
	free(ui);
}

unsigned ui_resize(struct ui *ui, int w, int h)
{
	if (!frame_resize(&ui->frame, w, h))
		ui_say(ui, SEVERITY_ERROR, "no memory for a screen of %dx%d", w, h);
	return DID_LAYOUT | DID_CLEAR;
}

unsigned ui_say(struct ui *ui, enum severity severity, const char *format, ...)
{
	char text[MESSAGE_ROOM];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	messages_say(&ui->messages, severity, "%s", text);
	return severity == SEVERITY_ERROR ? DID_REDRAW | DID_FAIL : DID_REDRAW;
}

/* The engine's next step for an existing file is an option; here it is a letter. */
unsigned ui_fail(struct ui *ui, const struct error *err)
{
	int length;
	bool force = error_has_step(err, ERROR_STEP_FORCE, &length);
	char more[40] = "";

	if (err->more)
		snprintf(more, sizeof(more), " (and %u more)", err->more);
	return ui_say(ui, SEVERITY_ERROR, "%.*s%s%s", length, err->text,
		force ? "! behind the command replaces it" : "", more);
}

struct target ui_row_target(const struct ui *ui, uint32_t row)
{
	struct target target = {GRAPH_NONE, GRAPH_NONE};
	uint32_t code;

	if (row >= rows_visible(&ui->rows))
		return target;
	code = rows_at(&ui->rows, row);
	target.tensor = rows_tensor(ui->rows.graph, code);
	if (!(code & ROW_TENSOR))
		target.node = code;
	return target;
}

void ui_take_target(struct ui *ui)
{
	enum pane_id pane = ui->facts.focus;
	struct target target = {GRAPH_NONE, GRAPH_NONE};

	ui->off_row = false;
	if (pane != PANE_WHY && panes[pane].target && pane != PANE_OUTLINE)
		target = panes[pane].target(ui, ui->lists[pane].cursor);
	if (pane == PANE_OUTLINE || !target_is(ui->target))
		target = ui_row_target(ui, ui->lists[PANE_OUTLINE].cursor);
	if (target_is(target))
		ui->target = target;
	ui->moved_at = ui->now;
}

void ui_follow(struct ui *ui)
{
	bool same = target_same(ui->shown, ui->target);

	if (ui->settings.announce && !same && target_is(ui->shown) && !ui->shows_now)
		return;
	ui->shows_now = false;
	if (same || !ui->settings.slow || !target_is(ui->shown) ||
		(ui->moved_at && ui->now >= ui->moved_at + REST)) {
		ui->shown = ui->target;
		ui->moved_at = 0;
	}
}

uint32_t ui_row_code(const struct ui *ui)
{
	uint32_t cursor = ui->lists[PANE_OUTLINE].cursor;

	return cursor < rows_visible(&ui->rows) ? rows_at(&ui->rows, cursor) : ROW_NONE;
}

static uint32_t row_of(const struct ui *ui, uint32_t code)
{
	return code == ROW_NONE    ? ROW_NONE
	       : code & ROW_TENSOR ? rows_find_tensor(&ui->rows, code & ~ROW_TENSOR)
				   : rows_find_node(&ui->rows, code);
}

void ui_keep_row(struct ui *ui, uint32_t code)
{
	struct list *list = &ui->lists[PANE_OUTLINE];
	uint32_t row = row_of(ui, code);

	list_set_count(list, rows_visible(&ui->rows));
	if (row != ROW_NONE)
		list_go(list, row);
}

bool ui_refold(struct ui *ui, struct error *err)
{
	uint32_t code = ui_row_code(ui);

	ui->visual = false;
	ui->rows.folds = &ui->folds;
	if (!rows_fold(&ui->rows, err))
		return false;
	ui_keep_row(ui, code);
	return true;
}

/* Shows the level in which a code has a row; one that this level captures has one. */
static void enter_level_of(struct ui *ui, uint32_t code)
{
	const struct graph *graph = ui->rows.graph;
	struct error err = ERROR_INIT;
	scope_id scope;

	if (code == ROW_NONE ||
		(code & ROW_TENSOR && ui->rows.of_tensor[code & ~ROW_TENSOR] != ROW_NONE))
		return;
	scope = code & ROW_TENSOR ? graph->tensors[code & ~ROW_TENSOR].scope
				  : graph->nodes[code].scope;
	if (scope != ui->rows.scope && !ui_enter(ui, scope, &err))
		ui_fail(ui, &err);
}

/* What hides it is opened; the view can only fail to grow for want of memory, which a
 * later command reports again. */
uint32_t ui_reveal(struct ui *ui, uint32_t code)
{
	struct error err = ERROR_INIT;

	enter_level_of(ui, code);
	if (code != ROW_NONE && !(code & ROW_TENSOR) &&
		folds_cover(&ui->folds, code) != FOLD_NONE) {
		folds_reveal(&ui->folds, code);
		if (!ui_refold(ui, &err))
			ui_fail(ui, &err);
	}
	return row_of(ui, code);
}

static uint32_t find_row(struct ui *ui, struct target target)
{
	uint32_t row = ROW_NONE;

	if (target.node != GRAPH_NONE)
		row = ui_reveal(ui, target.node);
	if (row == ROW_NONE && target.tensor != GRAPH_NONE)
		row = ui_reveal(ui, target.tensor | ROW_TENSOR);
	return row;
}

bool ui_go(struct ui *ui, struct target target)
{
	uint32_t row, before = ui_row_code(ui);
	struct target found;

	if (target.node == GRAPH_NONE && target.tensor != GRAPH_NONE)
		target.node = ui->rows.graph->tensors[target.tensor].producer;
	row = find_row(ui, target);
	found = ui_row_target(ui, row == ROW_NONE ? 0 : row);
	if (ui->rows.kept && (row == ROW_NONE || found.node != target.node)) {
		ui_command(ui, "filter-clear");
		row = find_row(ui, target);
	}
	ui->target = target;
	ui->off_row = row == ROW_NONE;
	if (row == ROW_NONE)
		return false;
	if (before != ROW_NONE)
		places_push(&ui->places, before);
	list_go(&ui->lists[PANE_OUTLINE], row);
	return true;
}

void ui_focus(struct ui *ui, enum pane_id pane)
{
	ui->facts.focus = pane;
	ui->facts.recent[pane] = ++ui->focus_clock;
	ui->shows_now = pane != PANE_OUTLINE;
	ui_take_target(ui);
}
