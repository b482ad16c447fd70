/* The last line: hints, a prompt, or a message, which may take more. */
#include "ui/screen.h"
#include "ui/wrap.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const struct hint {
	const char *key, *word;
} base_hints[] =
	{
		{"p", "promote"},
		{"d", "demote"},
		{"Space", "select"},
		{"gd/gr", "follow"},
		{"/", "find"},
		{":", "command"},
		{"?", "help"},
		{"u", "undo"},
		{NULL, NULL},
},
  narrow_hints[] =
	  {
		  {"p", "promote"},
		  {"d", "demote"},
		  {"1-6", "panes"}, /* wider screens have the digits in titles */
		  {"?", "help"},
		  {"/", "find"},
		  {NULL, NULL},
},
  visual_hints[] =
	  {
		  {"p", "promote"},
		  {"d", "demote"},
		  {"Space", "select"},
		  {"o", "other end"},
		  {"Esc", "leave"},
		  {NULL, NULL},
},
  narrow_visual_hints[] = {
	  {"p", "promote"},
	  {"d", "demote"},
	  {"Esc", "leave"},
	  {NULL, NULL},
};

static const struct hint *hints_of(const struct ui *ui)
{
	if (ui->layout.narrow)
		return ui->visual ? narrow_visual_hints : narrow_hints;
	return ui->visual ? visual_hints : base_hints;
}

/* A key whose usual meaning an own binding took. */
static bool is_remapped(const struct ui *ui, const char *name)
{
	ui_key keys[PENDING];
	char notation[16];
	size_t count;

	if (strlen(name) > 2 && !strchr(name, '/'))
		snprintf(notation, sizeof(notation), "<%.10s>", name);
	else
		snprintf(notation, sizeof(notation), "%.*s",
			1 + (int)strcspn(name + 1, "/"), name);
	count = keys_parse(notation, strlen(notation), keys, PENDING);
	return count && keymap_hides(&ui->keymap, keys, (int)count);
}

/* A hint acts as its key, the first of "gd/gr"; Space and Esc are written out. */
static void add_hint(struct ui *ui, struct rect place, const char *key)
{
	size_t n = strcspn(key, "/");
	char keys[12];

	if (isdigit(*key))
		return;
	n = n ? n : strlen(key);
	snprintf(keys, sizeof(keys), n > 2 ? "<%.*s>" : "%.*s", (int)n, key);
	ui_add_spot(ui, place, PANE_NONE, keys);
}

static void draw_hints(struct ui *ui, const struct area *line)
{
	int x = 1, from;

	for (const struct hint *hint = hints_of(ui); hint->key; hint++) {
		if (is_remapped(ui, hint->key))
			continue;
		if (x + text_columns(line->frame, hint->key) +
				text_columns(line->frame, hint->word) + 1 >
			line->r.w)
			return;
		from = x;
		x = area_text(line, x, 0, ROLE_KEY, hint->key);
		x = area_print(line, x, 0, ROLE_MUTED, " %s", hint->word);
		add_hint(ui, (struct rect){line->r.x + from, line->r.y, x - from, 1},
			hint->key);
		x += 2;
	}
}

/* A text in as many lines as it takes, not all of them if these are very many; the last
 * at `bottom`. */
static void draw_lines(struct ui *ui, const struct area *all, int bottom, enum role role,
	const char *text)
{
	struct wrap_lines lines = {0};
	int w = all->r.w - 2, most = all->r.h < 16 ? 3 : all->r.h / 4;
	int count, y;

	if (!wrap_text(&lines, &ui->frame, 0, text, w)) {
		area_field(all, 1, bottom, w, role, text);
		ARRAY_RELEASE(&lines);
		return;
	}
	count = (int)lines.count < most ? (int)lines.count : most;
	y = bottom - count + 1;
	ui->last_top = y;
	for (int i = 0; i < count; i++) {
		bool cut = i + 1 == count && (size_t)count < lines.count;
		struct area row = area_part(all, 0, y + i, all->r.w, 1);

		area_blank(&row);
		if (cut)
			area_field(all, 1, y + i, w, role, text + lines.items[i].from);
		else
			wrap_draw(all, 1, y + i, role, &lines.items[i], text);
	}
	ARRAY_RELEASE(&lines);
}

/* What is wrong with it stands beside it, or above. */
static void draw_prompt(struct ui *ui, const struct area *all, const struct area *line)
{
	static const char *const signs[] = {"", ":", "/", "\\", "go to: "};
	const struct prompt *prompt = &ui->prompt;
	struct line_edit before = prompt->line;
	int x = area_text(line, 0, 0, ROLE_PROMPT, signs[prompt->kind]), at, over;

	before.text[before.at] = '\0';
	at = name_columns(line->frame, before.text);
	over = x + at - line->r.w + 1;
	if (over < 0)
		over = 0;
	struct area text = area_part(line, x, 0, line->r.w - x, 1);
	area_name(&text, -over, 0, 1 << 19, ROLE_PROMPT, prompt->line.text);
	if (prompt->line.fresh)
		area_mark(&text, 0, 0, at, MARK_MATCH);
	if (name_columns(line->frame, prompt->line.text) + x + 2 +
			text_columns(line->frame, prompt->fault) <
		line->r.w)
		area_right(line, line->r.w, 0, ROLE_WARNING, prompt->fault);
	else
		draw_lines(ui, all, line->r.y - 1, ROLE_WARNING, prompt->fault);
	area_cursor(line, x + at - over, 0);
}

void screen_draw_last(struct ui *ui, const struct area *all)
{
	struct rect r = ui->layout.hints;
	struct area line = area_part(all, r.x, r.y, r.w, 1);
	static const enum role roles[] = {ROLE_TEXT, ROLE_WARNING, ROLE_ERROR};

	ui->last_top = r.y;
	if (ui->prompt.kind)
		draw_prompt(ui, all, &line);
	else if (*ui->messages.line)
		draw_lines(ui, all, r.y, roles[ui->messages.severity], ui->messages.line);
	else if (ui->settings.hints && !ui_card(ui))
		draw_hints(ui, &line);
}
