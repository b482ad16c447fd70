/* The table of cards, and the small ones: start, quit, types, choices, texts. */
#include "ui/cards.h"

#include "base/text.h"
#include "ui/command.h"
#include "ui/edit.h"
#include "ui/find.h"
#include "ui/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct card_ops card_table[CARD_COUNT] = {
	[CARD_START] = {start_draw, start_key},
	[CARD_QUIT] = {quit_draw, quit_key},
	[CARD_HELP] = {help_draw, help_key},
	[CARD_READERS] = {readers_draw, readers_key},
	[CARD_FORM] = {form_draw, form_key},
	[CARD_TYPES] = {types_draw, types_key},
	[CARD_CHOICE] = {choice_draw, choice_key},
	[CARD_RECOVER] = {recover_draw, recover_key},
	[CARD_TEXT] = {text_draw, text_key},
	[CARD_SUGGEST] = {suggest_draw, suggest_key},
	[CARD_RECENT] = {recent_draw, recent_key},
	[CARD_EXPORT] = {export_draw, export_key},
};

/* The notation of a key as hints write it; false if it stands for no single one. */
static bool notation(const char *word, size_t length, char out[12])
{
	ui_key key;

	if (length > 5 && !strncmp(word, "Ctrl-", 5))
		snprintf(out, 12, "<C-%c>", word[5] | 0x20);
	else
		snprintf(out, 12, length > 1 ? "<%.*s>" : "%.*s",
			(int)(length < 9 ? length : 9), word);
	return keys_parse(out, strlen(out), &key, 1) == 1;
}

void card_foot_spots(struct ui *ui, const struct area *box, int x, const char *foot)
{
	char keys[12], part[80];

	while (*foot) {
		const char *end = strstr(foot, "  ");
		size_t length = end ? (size_t)(end - foot) : strlen(foot);
		int w;

		snprintf(part, sizeof(part), "%.*s", (int)length, foot);
		w = text_columns(box->frame, part);
		if (x + w < box->r.w && notation(foot, strcspn(part, " "), keys))
			ui_add_spot(ui,
				(struct rect){
					box->r.x + x, box->r.y + box->r.h - 1, w, 1},
				PANE_NONE, keys);
		x += w + 2;
		foot += length + (end ? 2 : 0);
	}
}

struct area card_box(struct ui *ui, const struct area *screen, int w, int h,
	const char *title, const char *foot)
{
	struct area box;

	w = w + 4 > screen->r.w ? screen->r.w : w + 4;
	h = h + 2 > screen->r.h ? screen->r.h : h + 2;
	box = area_part(screen, (screen->r.w - w) / 2, (screen->r.h - h) / 2, w, h);
	area_box(&box, title, foot);
	card_foot_spots(ui, &box, 2, foot);
	box = area_part(&box, 2, 1, w - 4, h - 2);
	ui->card_place = box.r;
	return box;
}

void card_key(struct ui *ui, const struct area *in, int x, int y, int width,
	const char *key, const char *word)
{
	int gap = (int)strlen(key) < 3 ? 4 : (int)strlen(key) + 2;
	char keys[12];

	area_text(in, x, y, ROLE_KEY, key);
	area_field(in, x + gap, y, width - gap, ROLE_TEXT, word);
	if (y < in->r.h && notation(key, strlen(key), keys))
		ui_add_spot(ui, (struct rect){in->r.x + x, in->r.y + y, width, 1},
			PANE_NONE, keys);
}

void card_rows(struct ui *ui, const struct area *in, int y, int count, const char *keys)
{
	ui->list_place = (struct rect){in->r.x, in->r.y + y, in->r.w, count};
	snprintf(ui->list_keys, sizeof(ui->list_keys), "%s", keys);
}

bool card_move(struct ui *ui, ui_key key)
{
	struct list *list = &ui->card_list;

	if (key == 'j' || key == UK_DOWN)
		list_move(list, 1);
	else if (key == 'k' || key == UK_UP)
		list_move(list, -1);
	else if (key == UK_CTRL('d') || key == UK_CTRL('f') || key == UK_PAGE_DOWN)
		list_page(list, key == UK_CTRL('d') ? 1 : 2);
	else if (key == UK_CTRL('u') || key == UK_CTRL('b') || key == UK_PAGE_UP)
		list_page(list, key == UK_CTRL('u') ? -1 : -2);
	else if (key == 'g' || key == UK_HOME)
		list_go(list, 0);
	else if (key == 'G' || key == UK_END)
		list_go(list, list->count);
	else
		return false;
	return true;
}

bool card_leaves(ui_key key)
{
	return key == UK_ESC || key == 'q' || key == UK_CTRL('c');
}

void card_list(struct ui *ui, const struct area *in, uint32_t count,
	void (*draw)(struct ui *ui, const struct area *in, int y, uint32_t row))
{
	struct list *list = &ui->card_list;

	list_set_count(list, count);
	list_set_height(list, (uint32_t)(in->r.h > 0 ? in->r.h : 1));
	card_rows(ui, in, 0, in->r.h, "<Enter>");
	for (int y = 0; y < in->r.h && list->top + (uint32_t)y < count; y++) {
		draw(ui, in, y, list->top + (uint32_t)y);
		if (list->top + (uint32_t)y != list->cursor)
			continue;
		area_text(in, 0, y, ROLE_TEXT, "▸");
		area_mark(in, 0, y, in->r.w, MARK_CURSOR);
		area_cursor(in, 0, y);
	}
}

/* ---- Start. */

static const char *const start_lines[] = {
	"qdqedit: which parts of this network run in 16 bit?",
	"",
	"Behind this card is a small model to try things on.",
	"Put the cursor on Op4, press p, and look at pane 3:",
	"the conversions that follow, and who reads what.",
	"",
};

static const struct {
	const char *key, *word;
} start_keys[] = {
	{"t", "the tour, in two minutes"},
	{"o", "open a model or project"},
	{"r", "one of those opened before"},
	{"?", "all commands and keys"},
	{"q", "quit"},
};

enum {
	START_LINES = sizeof(start_lines) / sizeof(*start_lines),
	START_KEYS = sizeof(start_keys) / sizeof(*start_keys)
};

void start_draw(struct ui *ui, const struct area *screen)
{
	bool roomy = screen->r.h >= START_LINES + START_KEYS + 4;
	int lines = roomy ? START_LINES : 1;
	struct area in = card_box(ui, screen, 52, lines + START_KEYS + 1, "welcome",
		"any other key begins");

	for (int i = 0; i < lines; i++)
		area_field(&in, 0, i, in.r.w, i ? ROLE_TEXT : ROLE_TITLE,
			in.r.w < 52 ? "Which nodes run in 16 bit?" : start_lines[i]);
	for (int i = 0; i < START_KEYS; i++)
		card_key(ui, &in, 2, lines + i, in.r.w - 2, start_keys[i].key,
			start_keys[i].word);
	area_field(&in, 0, lines + START_KEYS, in.r.w, ROLE_MUTED,
		in.r.w < 52 ? "p promotes, w why, :w FILE saves"
			    : "p promotes, u undoes, w says why, :w FILE saves");
	area_cursor(&in, 2, lines);
}

unsigned start_key(struct ui *ui, ui_key key)
{
	if (key == 'q' || key == '?')
		return ui_command(ui, key == 'q' ? "q" : "help");
	ui_close_card(ui);
	ui->closed_at = 0;
	if (key == 't' && !tour_blocked(ui))
		return tour_start(ui, true);
	if (key == 'r')
		return ui_command(ui, "recent");
	if (key == 'o') {
		find_open(ui, PROMPT_COMMAND, "model ");
		return DID_REDRAW;
	}
	return card_leaves(key) || key == UK_ENTER || key == UK_SPACE ? DID_REDRAW
								      : ui_press(ui, key);
}

/* ---- Quit with unsaved changes. */

enum { QUIT_GROUPS = 6 };

/* What the card says depends on what would be lost. */
enum { LOSES_EDITS = 1, LOSES_RANGES = 2 };

static const struct {
	const char *key, *word;
	unsigned when;
} quit_choices[] = {
	{"s", "save overrides and quit", LOSES_EDITS},
	{"r", "write the ranges", LOSES_RANGES},
	{"m", "write the model too", LOSES_EDITS | LOSES_RANGES},
	{"x", "quit, lose them", LOSES_EDITS | LOSES_RANGES},
};

enum { QUIT_CHOICES = sizeof(quit_choices) / sizeof(*quit_choices) };

static unsigned quit_losses(const struct ui *ui)
{
	const struct plan *plan = ui->session->plan;

	return (plan_is_dirty(plan) ? LOSES_EDITS : 0) |
	       (plan->ranges->measured ? LOSES_RANGES : 0);
}

static int count_quit_choices(unsigned losses)
{
	int count = 0;

	for (int i = 0; i < QUIT_CHOICES; i++)
		count += (quit_choices[i].when & losses) != 0;
	return count;
}

static void draw_quit_choices(
	struct ui *ui, const struct area *in, int y, unsigned losses, bool wide)
{
	int shown = 0;

	for (int i = 0; i < QUIT_CHOICES; i++) {
		if (!(quit_choices[i].when & losses))
			continue;
		card_key(ui, in, wide ? 1 + shown % 2 * 30 : 1,
			y + (wide ? shown / 2 : shown), wide ? 28 : in->r.w - 1,
			quit_choices[i].key, quit_choices[i].word);
		shown++;
	}
}

/* What was done since the last save, or undone: groups [from, to) of the history. */
struct quit_groups {
	size_t from, to;
	bool undone;
};

static struct quit_groups groups_since_save(const struct plan *plan)
{
	size_t saved = plan_saved_position(plan), position = plan_undo_position(plan);

	if (saved == SIZE_MAX)
		return (struct quit_groups){0, position, false};
	if (saved > position)
		return (struct quit_groups){position, saved, true};
	return (struct quit_groups){saved, position, false};
}

static void word_quit_title(
	unsigned losses, const struct quit_groups *groups, char *out, size_t room)
{
	size_t count = groups->to - groups->from;

	if (!(losses & LOSES_EDITS))
		snprintf(out, room, "ranges in no file");
	else if (!count)
		snprintf(out, room, "unsaved changes");
	else
		snprintf(out, room, "%zu unsaved change%s", count, text_s(count));
}

/* The latest of many. */
void quit_draw(struct ui *ui, const struct area *screen)
{
	const struct plan *plan = ui->session->plan;
	struct quit_groups groups = groups_since_save(plan);
	unsigned losses = quit_losses(ui);
	bool wide = screen->r.w >= 62, ranges = losses & LOSES_RANGES;
	int choices = count_quit_choices(losses), y = 0;
	int rows = (wide ? (choices + 1) / 2 : choices) + ranges;
	size_t room = (size_t)(screen->r.h > 3 + rows ? screen->r.h - 3 - rows : 0);
	size_t count = groups.to - groups.from;
	struct area in;
	char title[40];

	room = room < QUIT_GROUPS ? room : QUIT_GROUPS;
	word_quit_title(losses, &groups, title, sizeof(title));
	count = count < room ? count : room;
	in = card_box(
		ui, screen, wide ? 58 : 34, (int)count + 1 + rows, title, "Esc stay");
	for (size_t i = groups.to - count; i < groups.to; i++)
		area_print(&in, 1, y++, ROLE_TEXT, "%s%s",
			groups.undone ? "undone: " : "", plan_group_at(plan, i).sentence);
	if (ranges)
		area_print(&in, 1, y++, ROLE_WARNING,
			wide ? "%u ranges were measured and are in no file yet"
			     : "%u ranges are in no file",
			plan->ranges->count);
	draw_quit_choices(ui, &in, ++y, losses, wide);
	area_cursor(&in, 1, y);
}

/* What is to be completed by a file's name; Enter takes the one proposed. */
static unsigned quit_to_prompt(struct ui *ui, const char *line)
{
	find_open(ui, PROMPT_COMMAND, line);
	return DID_REDRAW;
}

unsigned quit_key(struct ui *ui, ui_key key)
{
	unsigned losses = quit_losses(ui);

	if (key == 'x')
		return DID_QUIT;
	if ((key == 's' && losses & LOSES_EDITS) ||
		(key == 'r' && losses & LOSES_RANGES) || key == 'm' || card_leaves(key) ||
		key == UK_ENTER)
		ui_close_card(ui);
	if (key == 's' && losses & LOSES_EDITS)
		return ui->session->overrides_path || ui->session->project_path
			       ? ui_command(ui, "wq")
			       : quit_to_prompt(ui, "wq overrides.json");
	if (key == 'r' && losses & LOSES_RANGES)
		return quit_to_prompt(ui, "save-ranges ranges.json");
	if (key == 'm')
		return quit_to_prompt(ui, "quantize ");
	return DID_REDRAW;
}

/* ---- Choosing a type, then promoting. */

static void draw_type(struct ui *ui, const struct area *in, int y, uint32_t row)
{
	unsigned type = row + 1;

	area_print(in, 2, y, ROLE_TEXT, "%-4s %-8s %s", qtypes[type].brief,
		qtypes[type].name, type == ui->outcome->base ? "base type" : "");
}

void types_draw(struct ui *ui, const struct area *screen)
{
	struct area in = card_box(ui, screen, 34, QTYPE_COUNT - 1,
		"promote to which type?", "Enter ok  Esc");

	card_list(ui, &in, QTYPE_COUNT - 1, draw_type);
}

unsigned types_key(struct ui *ui, ui_key key)
{
	char line[32];

	if (card_leaves(key)) {
		ui_close_card(ui);
	} else if (key == UK_ENTER) {
		snprintf(line, sizeof(line), "promote %s",
			qtypes[ui->card_list.cursor + 1].brief);
		ui_close_card(ui);
		return ui_command(ui, line);
	} else {
		card_move(ui, key);
	}
	return DID_REDRAW;
}

/* ---- One of several places to go. */

static void draw_choice(struct ui *ui, const struct area *in, int y, uint32_t row)
{
	const struct graph *graph = ui->outcome->graph;
	struct target t = ui->choice.items[row];

	if (t.node != GRAPH_NONE) {
		area_name(in, 2, y, in->r.w - 20, node_role(ui->outcome, t.node),
			graph_node_label(graph, t.node));
		area_name(
			in, in->r.w - 17, y, 12, ROLE_TEXT, graph_op_type(graph, t.node));
		area_text(in, in->r.w - 4, y, node_role(ui->outcome, t.node),
			word_type(ui->outcome->nodes[t.node].seen));
	} else {
		area_name(in, 2, y, in->r.w - 8, tensor_role(ui->outcome, t.tensor),
			graph_tensor_name(graph, t.tensor));
		area_text(in, in->r.w - 4, y, ROLE_TEXT,
			word_tensor_type(ui->outcome, t.tensor));
	}
}

void choice_draw(struct ui *ui, const struct area *screen)
{
	int rows = (int)ui->choice.count > 14 ? 14 : (int)ui->choice.count;
	struct area in =
		card_box(ui, screen, 46, rows, ui->choice.title, "Enter go  Esc");

	card_list(ui, &in, ui->choice.count, draw_choice);
}

unsigned choice_key(struct ui *ui, ui_key key)
{
	if (card_leaves(key)) {
		ui_close_card(ui);
	} else if (key == UK_ENTER && ui->choice.count) {
		struct target target = ui->choice.items[ui->card_list.cursor];

		ui_close_card(ui);
		ui->closed_at = 0;
		if (!ui_go(ui, target))
			return ui_say(ui, SEVERITY_NOTE,
				"it has no row here; the panes show it");
		ui_focus(ui, PANE_OUTLINE);
		ui->target = target;
	} else {
		card_move(ui, key);
	}
	return DID_REDRAW;
}

void cards_release(struct ui *ui)
{
	text_card_release(&ui->text);
	text_card_release(&ui->export.text);
	free(ui->readers.nodes);
	free(ui->readers.ticked);
	free(ui->readers.fixed);
}
