/* The box of what may follow a begun key sequence, and the palette above the prompt. */
#include "base/text.h"
#include "ui/command.h"
#include "ui/panes.h"
#include "ui/screen.h"

#include <stdio.h>
#include <string.h>

enum { BOX_WIDTH = 38, BOX_AFTER = 400, PALETTE_WIDTH = 72, PALETTE_ROWS = 10 };

/* What follows the pending keys in one of the sequences of a command, or NULL. */
static const char *continuation(
	const struct ui *ui, const struct ui_command *command, char out[32])
{
	for (const char *at = command->keys; *at;) {
		size_t n = strcspn(at, " ");
		ui_key keys[PENDING + 1];
		size_t count = keys_parse(at, n, keys, PENDING + 1);
		char name[16];

		if (count > (size_t)ui->pending_count &&
			!memcmp(keys, ui->pending,
				(size_t)ui->pending_count * sizeof(ui_key)) &&
			!keymap_hides(&ui->keymap, keys, (int)count)) {
			snprintf(out, 32, "%s", keys_name(keys[ui->pending_count], name));
			return out;
		}
		at += n + (at[n] == ' ');
	}
	return NULL;
}

/* A command that takes any key: what can be typed is told by its help. */
static const struct ui_command *awaiting(const struct ui *ui)
{
	bool prefix;
	const struct ui_command *command =
		keymap_command(&ui->keymap, ui->pending, ui->pending_count, &prefix);

	return command && command->args[0] == '{' ? command : NULL;
}

/* Lines in the box, from 1 on; where it is too low for all, in two columns. */
struct lines {
	const struct area *box; /* NULL: they are only counted */
	int count, rows, width;
};

static void put_line(struct lines *lines, const char *key, enum role role,
	const char *text, bool is_name)
{
	int at = lines->count++, gap = *key ? 7 : 0;
	struct area line;

	if (!lines->box)
		return;
	line = area_part(lines->box, 2 + at / lines->rows * lines->width,
		1 + at % lines->rows, lines->width - 1, 1);
	gap = gap && lines->width < 30 ? 4 : gap;
	area_text(&line, 0, 0, ROLE_KEY, key);
	if (is_name)
		area_name(&line, gap, 0, line.r.w - gap, role, text);
	else
		area_field(&line, gap, 0, line.r.w - gap, role, text);
}

/* Own bindings that begin so. */
static void list_own(const struct ui *ui, struct lines *lines)
{
	char name[16], clean[60];

	for (size_t i = 0; i < ui->keymap.count; i++) {
		const struct key_binding *own = &ui->keymap.items[i];

		if (own->count > ui->pending_count &&
			!memcmp(own->keys, ui->pending,
				(size_t)ui->pending_count * sizeof(ui_key)))
			put_line(lines, keys_name(own->keys[ui->pending_count], name),
				ROLE_TEXT,
				text_escape(clean, sizeof(clean), own->line,
					strlen(own->line)),
				false);
	}
}

/* The marks that are set, when one is asked for. */
static void list_marks(const struct ui *ui, struct lines *lines)
{
	const struct graph *graph = ui->rows.graph;
	uint32_t code;

	if (ui->pending_count != 1 || ui->pending[0] != '\'')
		return;
	for (char letter = 'a'; letter <= 'z'; letter++)
		if (places_mark(&ui->places, letter, &code))
			put_line(lines, (char[]){letter, '\0'}, ROLE_TEXT,
				code & ROW_TENSOR
					? graph_tensor_name(graph, code & ~ROW_TENSOR)
					: graph_node_label(graph, code),
				true);
}

static void list_continuations(const struct ui *ui, struct lines *lines)
{
	const struct ui_command *command = awaiting(ui);
	char key[32];

	if (command) {
		put_line(lines, "", ROLE_TEXT, command->brief, false);
		list_marks(ui, lines);
	}
	for (size_t i = 0; (command = command_at(i)); i++)
		if (continuation(ui, command, key))
			put_line(lines, key, ROLE_TEXT, command->brief, false);
	list_own(ui, lines);
}

static void draw_pending(struct ui *ui, const struct area *all)
{
	struct lines lines = {.box = NULL};
	int most = all->r.h - 4, w = BOX_WIDTH, h;
	struct area box;
	char title[64] = "", name[16];

	list_continuations(ui, &lines);
	lines.rows = lines.count < most ? lines.count : most;
	lines.width = BOX_WIDTH - 3;
	if (lines.count > most) {
		w = all->r.w < 2 * BOX_WIDTH ? all->r.w : 2 * BOX_WIDTH;
		lines.rows = (lines.count + 1) / 2 < most ? (lines.count + 1) / 2 : most;
		lines.width = (w - 3) / 2;
	}
	h = lines.rows + 2;
	for (int i = 0; i < ui->pending_count; i++)
		strcat(title, keys_name(ui->pending[i], name));
	strcat(title, " …");
	box = area_part(all, all->r.w - w, all->r.h - 2 - h, w, h);
	area_box(&box, title, "Esc");
	lines.box = &box;
	lines.count = 0;
	list_continuations(ui, &lines);
}

/* Name, word, key: no room for more. */
static void draw_narrow_command(struct ui *ui, const struct area *box, int y,
	const struct ui_command *command, enum role role, const char *reason, bool marked)
{
	char key[32];
	int x = area_field(box, 2, y, 15, role, command->name);

	keymap_keys_of(&ui->keymap, command, key, sizeof(key));
	key[strcspn(key, " ")] = '\0';
	x = x < 13 ? 13 : x + 1;
	area_field(box, x, y, box->r.w - x - 2 - text_columns(box->frame, key),
		ROLE_MUTED, reason ? reason : command->brief);
	area_right(box, box->r.w - 1, y, reason ? ROLE_MUTED : ROLE_KEY, key);
	if (marked)
		area_mark(box, 1, y, box->r.w - 2, MARK_CURSOR);
}

static void draw_command_row(
	struct ui *ui, const struct area *box, int y, uint32_t match, bool marked)
{
	const struct ui_command *command = command_at(match);
	const char *reason = command->blocked ? command->blocked(ui) : NULL;
	enum role role = reason ? ROLE_MUTED : ROLE_TEXT;
	char key[32], text[96];
	int x;

	area_text(box, 1, y, ROLE_TEXT, marked ? "▸" : " ");
	snprintf(text, sizeof(text), "%s %s", command->name, command->args);
	if (box->r.w < 60)
		return draw_narrow_command(ui, box, y, command, role, reason, marked);
	x = area_field(box, 2, y, 40, role, text);
	keymap_keys_of(&ui->keymap, command, key, sizeof(key));
	key[strcspn(key, " ")] = '\0';
	x = x < 24 ? 24 : x + 1;
	x = area_text(box, x, y, reason ? ROLE_MUTED : ROLE_KEY, *key ? key : "-");
	x = x < 32 ? 32 : x + 1;
	area_field(
		box, x, y, box->r.w - x - 2, ROLE_MUTED, reason ? reason : command->help);
	if (marked) {
		area_mark(box, 1, y, box->r.w - 2, MARK_CURSOR);
	}
}

static void draw_name_row(
	struct ui *ui, const struct area *box, int y, uint32_t code, bool marked)
{
	const struct graph *graph = ui->rows.graph;
	bool is_node = !(code & ROW_TENSOR);

	area_text(box, 1, y, ROLE_TEXT, marked ? "▸" : " ");
	area_name(box, 3, y, box->r.w - 18, ROLE_TEXT,
		is_node ? graph_node_label(graph, code)
			: graph_tensor_name(graph, code & ~ROW_TENSOR));
	area_name(box, box->r.w - 14, y, 12, ROLE_MUTED,
		is_node ? graph_op_type(graph, code) : "tensor");
	if (marked)
		area_mark(box, 1, y, box->r.w - 2, MARK_CURSOR);
}

/* The marked command in full; its row may be too short for that. */
static const char *palette_title(const struct prompt *prompt)
{
	if (prompt->kind != PROMPT_COMMAND)
		return "names";
	return prompt->list.count ? command_at(prompt->matches[prompt->list.cursor])->help
				  : "commands";
}

static void draw_palette(struct ui *ui, const struct area *all)
{
	struct prompt *prompt = &ui->prompt;
	int rows = all->r.h - 6 < PALETTE_ROWS ? all->r.h - 6 : PALETTE_ROWS;
	int w = all->r.w < PALETTE_WIDTH ? all->r.w : PALETTE_WIDTH;
	struct area box;
	char foot[80];

	rows = (int)prompt->list.count < rows ? (int)prompt->list.count : rows;
	if (!prompt->list.count && *prompt->line.text && all->r.h > 6) {
		box = area_part(all, 0, all->r.h - 4, w, 3);
		area_box(&box, palette_title(prompt), "Esc");
		area_field(&box, 3, 1, w - 5, ROLE_WARNING,
			prompt->kind == PROMPT_COMMAND ? "no such command"
						       : "no node or tensor is named so");
	}
	if (rows < 1)
		return;
	list_set_height(&prompt->list, (uint32_t)rows);
	if (prompt->kind == PROMPT_COMMAND)
		snprintf(foot, sizeof(foot), "%u of %zu · Tab complete · Enter run",
			prompt->found, command_count());
	else
		snprintf(foot, sizeof(foot), "%u of %u · Enter go · Esc", prompt->found,
			ui->rows.graph->node_count + ui->rows.graph->tensor_count);
	box = area_part(all, 0, all->r.h - 3 - rows, w, rows + 2);
	area_box(&box, palette_title(prompt), foot);
	ui->list_place = (struct rect){box.r.x, box.r.y + 1, w, rows};
	strcpy(ui->list_keys, "<Enter>");
	for (int i = 0; i < rows; i++) {
		uint32_t at = prompt->list.top + (uint32_t)i;
		bool marked = at == prompt->list.cursor;

		if (prompt->kind == PROMPT_COMMAND)
			draw_command_row(ui, &box, i + 1, prompt->matches[at], marked);
		else
			draw_name_row(ui, &box, i + 1, prompt->matches[at], marked);
	}
}

void screen_draw_boxes(struct ui *ui, const struct area *all)
{
	if (ui->prompt.kind && *ui->prompt.fault)
		return;
	if (ui->prompt.kind == PROMPT_COMMAND || ui->prompt.kind == PROMPT_GO)
		draw_palette(ui, all);
	else if (ui->pending_count && ui->now >= ui->pending_since + BOX_AFTER)
		draw_pending(ui, all);
}
