#include "ui/find.h"

#include "ui/command.h"
#include "ui/complete.h"
#include "ui/panes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool matches(const struct ui *ui, uint32_t code)
{
	return rows_match(ui->search, ui->session->plan, ui->outcome, code);
}

/* Remembers what matches the search, so that going from one to the next and counting
 * them matches nothing anew. Without memory it is done each time. */
static void remember_found(struct ui *ui)
{
	size_t bytes = ui_code_bit(ui, ROW_TENSOR | ui->rows.graph->tensor_count) / 8 + 1;

	if (ui->found && (ui->found_generation == ui->outcome->generation ||
				 query_is_fixed(ui->search)))
		return;
	free(ui->found);
	ui->found = calloc(bytes, 1);
	ui->found_generation = ui->outcome->generation;
	for (uint32_t i = 0; ui->found && i < ui->rows.count; i++) {
		uint32_t code = ui->rows.all[i];
		size_t bit = ui_code_bit(ui, code);

		if (matches(ui, code))
			ui->found[bit / 8] |= (unsigned char)(1u << bit % 8);
	}
}

/* By position among all rows, folded ones too. */
static bool is_found(const struct ui *ui, uint32_t row)
{
	uint32_t code = ui->rows.all[row];
	size_t bit = ui_code_bit(ui, code);

	if (!rows_keeps(&ui->rows, row))
		return false;
	return ui->found ? ui->found[bit / 8] >> bit % 8 & 1 : matches(ui, code);
}

static void set_search(struct ui *ui, struct query *owned)
{
	query_free(ui->search);
	ui->search = owned;
	free(ui->found);
	ui->found = NULL;
}

/* The position among all rows of the outline's n-th visible one. */
static uint32_t index_of(const struct ui *ui, uint32_t visible)
{
	return ui->lists[PANE_OUTLINE].count ? rows_index(&ui->rows, visible) : 0;
}

/* The first match from `row` on, wrapping, inside closed groups too; ROW_NONE if there
 * is none. Rows are positions in rows.all. */
static uint32_t search_from(const struct ui *ui, uint32_t row, bool forward)
{
	uint32_t count = ui->rows.count;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t at = forward ? (row + i) % count : (row + count - i) % count;

		if (is_found(ui, at))
			return at;
	}
	return ROW_NONE;
}

/* Which match the cursor is on, and how many there are. */
static void say_position(struct ui *ui, bool wrapped)
{
	uint32_t all = 0, here = 0;
	uint32_t cursor = index_of(ui, ui->lists[PANE_OUTLINE].cursor);

	for (uint32_t i = 0; i < ui->rows.count; i++)
		if (is_found(ui, i)) {
			all++;
			here += i <= cursor;
		}
	ui_say(ui, SEVERITY_NOTE, "/%s   %u/%u%s", ui->search_text, here, all,
		wrapped ? "   wrapped" : "");
}

void find_drop_search(struct ui *ui)
{
	set_search(ui, NULL);
}

static unsigned no_match(struct ui *ui, const char *text)
{
	return ui_say(ui, SEVERITY_ERROR, "nothing matches %s; op: type: is: search more",
		text);
}

unsigned find_next(struct ui *ui, bool forward)
{
	struct list *list = &ui->lists[PANE_OUTLINE];
	uint32_t row, from;

	if (!ui->search && *ui->search_text)
		return find_search(ui, ui->search_text);
	if (!ui->search)
		return ui_say(ui, SEVERITY_ERROR, "no search yet; / begins one");
	if (!list->count)
		return no_match(ui, ui->search_text);
	from = index_of(ui, list->cursor);
	remember_found(ui);
	row = search_from(ui,
		(from + (forward ? 1 : ui->rows.count - 1)) % ui->rows.count, forward);
	if (row == ROW_NONE)
		return no_match(ui, ui->search_text);
	ui_focus(ui, PANE_OUTLINE);
	list_go(list, ui_reveal(ui, ui->rows.all[row]));
	say_position(ui, forward ? row <= from : row >= from);
	return DID_MOVE | DID_REDRAW;
}

unsigned find_search(struct ui *ui, const char *text)
{
	struct error err = ERROR_INIT;
	struct query *query = query_parse(text, &err);
	struct list *list = &ui->lists[PANE_OUTLINE];
	uint32_t row;

	if (!query)
		return ui_fail(ui, &err);
	set_search(ui, query);
	remember_found(ui);
	snprintf(ui->search_text, sizeof(ui->search_text), "%s", text);
	row = list->count ? search_from(ui, index_of(ui, list->cursor), true) : ROW_NONE;
	if (row == ROW_NONE)
		return no_match(ui, text);
	if (row != index_of(ui, list->cursor))
		places_push(&ui->places, ui_row_code(ui));
	ui_focus(ui, PANE_OUTLINE);
	list_go(list, ui_reveal(ui, ui->rows.all[row]));
	say_position(ui, false);
	return DID_MOVE | DID_REDRAW;
}

/* While it is typed the best match comes first, and the cursor is on it. */
static unsigned apply_filter(struct ui *ui, struct query *owned, bool typing)
{
	struct error err = ERROR_INIT;
	uint32_t code = ui_row_code(ui);

	query_free(ui->filter);
	ui->filter = owned;
	ui->visual = false;
	if (!rows_filter(&ui->rows, owned, ui->session->plan, ui->outcome, &err))
		return ui_fail(ui, &err);
	if (typing && owned &&
		!rows_rank(&ui->rows, owned, ui->session->plan, ui->outcome, &err))
		return ui_fail(ui, &err);
	ui_keep_row(ui, code);
	if (ui->rows.ranked)
		list_go(&ui->lists[PANE_OUTLINE], 0);
	return DID_MOVE | DID_REDRAW;
}

unsigned find_filter(struct ui *ui, const char *text)
{
	struct error err = ERROR_INIT;
	struct query *query = *text ? query_parse(text, &err) : NULL;

	if (*text && !query)
		return ui_fail(ui, &err);
	if (*text)
		snprintf(ui->filter_text, sizeof(ui->filter_text), "%s", text);
	return apply_filter(ui, query, false);
}

/* The filter that was applied while it was typed stays, in the order of the list. */
static unsigned keep_filter(struct ui *ui, const char *text)
{
	struct error err = ERROR_INIT;
	uint32_t code = ui_row_code(ui);

	snprintf(ui->filter_text, sizeof(ui->filter_text), "%s", text);
	if (!rows_fold(&ui->rows, &err))
		return ui_fail(ui, &err);
	ui_keep_row(ui, code);
	return DID_MOVE | DID_REDRAW;
}

/* ---- The prompt. */

static void match_commands(struct ui *ui, const char *text)
{
	struct prompt *prompt = &ui->prompt;
	size_t found = command_match(text, prompt->matches, PROMPT_MATCHES);

	prompt->found = (uint32_t)found;
	list_set_count(&prompt->list,
		(uint32_t)(found < PROMPT_MATCHES ? found : PROMPT_MATCHES));
	list_go(&prompt->list, 0);
}

static void say_no_match(struct ui *ui, const char *text)
{
	char query[PROMPT_ROOM];
	uint32_t there = find_ops(ui, text, query, sizeof(query));

	snprintf(ui->prompt.fault, sizeof(ui->prompt.fault), "no match");
	if (there)
		snprintf(ui->prompt.fault, sizeof(ui->prompt.fault),
			"no match; Tab: op types (%u)", there);
}

/* The query typed so far moves the cursor or narrows the list; a faulty one waits. */
static unsigned try_query(struct ui *ui, const char *text)
{
	struct error err = ERROR_INIT;
	struct query *query = query_parse(text, &err);
	struct list *list = &ui->lists[PANE_OUTLINE];
	uint32_t row;

	snprintf(ui->prompt.fault, sizeof(ui->prompt.fault), "%.190s", err.text);
	if (!query)
		return DID_REDRAW;
	if (ui->prompt.kind == PROMPT_FILTER) {
		ui->prompt.applied = *text != '\0';
		if (*text)
			return apply_filter(ui, query, true);
		query_free(query);
		return apply_filter(ui, NULL, true);
	}
	set_search(ui, query);
	row = *text && list->count
		      ? search_from(ui, index_of(ui, ui->prompt.origin), true)
		      : ROW_NONE;
	if (*text && row == ROW_NONE)
		say_no_match(ui, text);
	/* while typing groups stay closed: the cursor is on the group */
	list_go(list, row == ROW_NONE ? ui->prompt.origin : rows_shown(&ui->rows, row));
	return DID_MOVE | DID_REDRAW;
}

static unsigned text_changed(struct ui *ui)
{
	const char *text = ui->prompt.line.text;

	ui->prompt.fault[0] = '\0';
	ui->prompt.applied = false;
	switch (ui->prompt.kind) {
	case PROMPT_COMMAND:
		match_commands(ui, text);
		return DID_REDRAW;
	case PROMPT_GO:
		find_near_names(ui, text);
		return DID_REDRAW;
	default:
		ui->prompt.waits = ui->settings.slow;
		ui->prompt.typed_at = ui->now;
		return ui->settings.slow ? DID_REDRAW : try_query(ui, text);
	}
}

unsigned find_typed(struct ui *ui)
{
	ui->prompt.waits = false;
	return try_query(ui, ui->prompt.line.text);
}

void find_open(struct ui *ui, enum prompt_kind kind, const char *text)
{
	struct prompt *prompt = &ui->prompt;

	prompt->kind = kind;
	prompt->origin = ui->lists[PANE_OUTLINE].cursor;
	prompt->origin_code = ui_row_code(ui);
	prompt->history_at = prompt->history_count;
	prompt->fault[0] = '\0';
	prompt->applied = false;
	line_set(&prompt->line, text, kind != PROMPT_COMMAND);
	if (kind == PROMPT_COMMAND || kind == PROMPT_GO)
		text_changed(ui);
}

static unsigned close_prompt(struct ui *ui)
{
	enum prompt_kind kind = ui->prompt.kind;

	ui->prompt.kind = PROMPT_NONE;
	ui->prompt.waits = false;
	if (kind == PROMPT_FILTER) {
		find_filter(ui, "");
		ui_keep_row(ui, ui->prompt.origin_code);
	}
	if (kind == PROMPT_SEARCH) {
		find_drop_search(ui);
		list_go(&ui->lists[PANE_OUTLINE], ui->prompt.origin);
	}
	return DID_MOVE | DID_REDRAW;
}

/* Runs what was typed; a beginning runs the marked line of the palette. */
static unsigned enter_command(struct ui *ui)
{
	char text[PROMPT_ROOM + 64];
	const char *typed = ui->prompt.line.text;
	size_t name = command_name_length(typed);
	const struct ui_command *marked;

	ui->prompt.kind = PROMPT_NONE;
	prompt_remember(&ui->prompt, typed);
	if (!name)
		return DID_REDRAW;
	if (command_find(typed, name) || !ui->prompt.list.count ||
		strspn(typed, "0123456789") == name) {
		if (!ui->prompt.list.cursor)
			return ui_command(ui, typed);
	}
	marked = command_at(ui->prompt.matches[ui->prompt.list.cursor]);
	snprintf(text, sizeof(text), "%s%s", marked->name, typed + name);
	return ui_command(ui, text);
}

static unsigned enter_name(struct ui *ui)
{
	struct prompt *prompt = &ui->prompt;
	uint32_t code;
	struct target target = {GRAPH_NONE, GRAPH_NONE};

	prompt->kind = PROMPT_NONE;
	if (!prompt->list.count)
		return ui_say(ui, SEVERITY_ERROR, "no node or tensor is named so");
	code = prompt->matches[prompt->list.cursor];
	target.tensor = rows_tensor(ui->rows.graph, code);
	if (!(code & ROW_TENSOR))
		target.node = code;
	ui_focus(ui, PANE_OUTLINE);
	if (!ui_go(ui, target))
		ui_say(ui, SEVERITY_NOTE, "a constant has no row; the panes show it");
	return DID_REDRAW;
}

static unsigned enter(struct ui *ui)
{
	char text[PROMPT_ROOM];

	snprintf(text, sizeof(text), "%s", ui->prompt.line.text);
	ui->prompt.waits = false;
	switch (ui->prompt.kind) {
	case PROMPT_COMMAND:
		return enter_command(ui);
	case PROMPT_GO:
		return enter_name(ui);
	case PROMPT_FILTER:
		ui->prompt.kind = PROMPT_NONE;
		return ui->prompt.applied ? keep_filter(ui, text) : find_filter(ui, text);
	default:
		ui->prompt.kind = PROMPT_NONE;
		list_go(&ui->lists[PANE_OUTLINE], ui->prompt.origin);
		if (!*text) {
			find_drop_search(ui);
			return *ui->search_text ? find_search(ui, ui->search_text)
						: DID_REDRAW;
		}
		return find_search(ui, text);
	}
}

/* The last word of a command that wants a file. */
static unsigned complete_file(struct ui *ui, const struct ui_command *command)
{
	struct prompt *prompt = &ui->prompt;
	char line[PROMPT_ROOM], others[sizeof(prompt->fault)];
	char *path = line + command_name_length(prompt->line.text);
	unsigned count;

	if (!command || !command_wants_file(command))
		return DID_NOTHING;
	snprintf(line, sizeof(line), "%s", prompt->line.text);
	path += strspn(path, " !");
	/* behind a format or an option; else blanks are part of the name */
	if (strncmp(command->args + strspn(command->args, "[!] "), "FILE", 4) &&
		strrchr(path, ' '))
		path = strrchr(path, ' ') + 1;
	if (strchr(path, '='))
		path = strchr(path, '=') + 1;
	count = complete_path(
		path, sizeof(line) - (size_t)(path - line), others, sizeof(others));
	line_set(&prompt->line, line, false);
	text_changed(ui);
	snprintf(prompt->fault, sizeof(prompt->fault), "%s",
		count ? others : "no such file");
	return DID_REDRAW;
}

static unsigned complete(struct ui *ui)
{
	struct prompt *prompt = &ui->prompt;
	char text[128], query[PROMPT_ROOM];

	if (prompt->kind == PROMPT_FILTER || prompt->kind == PROMPT_SEARCH) {
		if (!find_ops(ui, prompt->line.text, query, sizeof(query)))
			return DID_NOTHING;
		line_set(&prompt->line, query, false);
		return text_changed(ui);
	}
	if (prompt->kind != PROMPT_COMMAND || !prompt->list.count)
		return DID_NOTHING;
	if (strchr(prompt->line.text, ' '))
		return complete_file(ui, command_find(prompt->line.text,
						 command_name_length(prompt->line.text)));
	snprintf(text, sizeof(text), "%s ",
		command_at(prompt->matches[prompt->list.cursor])->name);
	line_set(&prompt->line, text, false);
	return text_changed(ui);
}

static unsigned recall(struct ui *ui, int step)
{
	struct prompt *prompt = &ui->prompt;
	int64_t at = (int64_t)prompt->history_at + step;

	if (at < 0 || at > prompt->history_count)
		return DID_NOTHING;
	prompt->history_at = (unsigned)at;
	line_set(&prompt->line, at < prompt->history_count ? prompt->history[at] : "",
		false);
	return text_changed(ui);
}

unsigned find_prompt_key(struct ui *ui, ui_key key)
{
	struct prompt *prompt = &ui->prompt;
	bool changed, empty = !prompt->line.length;

	if (key == UK_ESC || key == UK_CTRL('c') ||
		(empty && (key == UK_BACKSPACE || key == UK_CTRL('h'))))
		return close_prompt(ui);
	if (key == UK_ENTER)
		return enter(ui);
	if (key == UK_TAB)
		return complete(ui);
	if (key == UK_UP || key == UK_DOWN) {
		list_move(&prompt->list, key == UK_UP ? -1 : 1);
		return DID_REDRAW;
	}
	if (prompt->kind == PROMPT_COMMAND && key == UK_CTRL('p'))
		return recall(ui, -1);
	if (prompt->kind == PROMPT_COMMAND && key == UK_CTRL('n'))
		return recall(ui, 1);
	if (key == UK_CTRL('v')) {
		line_insert(&prompt->line, ui->yanked);
		return text_changed(ui);
	}
	line_key(&prompt->line, key, &changed);
	return changed ? text_changed(ui) : DID_REDRAW;
}
