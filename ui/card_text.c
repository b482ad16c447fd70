/* Card: a text to read, wrapped for the width of the screen. */
#include "ui/cards.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 76, HEAD = 200 };

static const enum role line_roles[] = {
	ROLE_TEXT, ROLE_TITLE, ROLE_SEED, ROLE_ERROR, ROLE_MUTED};

enum { LINE_ROLES = sizeof(line_roles) / sizeof(*line_roles) };

void text_card_release(struct text_card *card)
{
	free(card->text);
	ARRAY_RELEASE(&card->starts);
	ARRAY_RELEASE(&card->lines);
	*card = (struct text_card){0};
}

/* Ends each line with NUL and notes where they begin. */
static bool split(struct text_card *card)
{
	for (char *at = card->text; *at;) {
		char *end = strchr(at, '\n');

		if (!ARRAY_PUSH(&card->starts, (uint32_t)(at - card->text)))
			return false;
		if (!end)
			return true;
		*end = '\0';
		at = end + 1;
	}
	return true;
}

bool text_card_take(struct text_card *card, char *owned_text)
{
	text_card_release(card);
	card->text = owned_text;
	if (owned_text && split(card))
		return true;
	text_card_release(card);
	return false;
}

unsigned ui_show_text(struct ui *ui, const char *title, char *owned_text)
{
	struct text_card *card = &ui->text;

	if (!text_card_take(card, owned_text))
		return ui_say(ui, SEVERITY_ERROR, "out of memory");
	snprintf(card->title, sizeof(card->title), "%s", title);
	if (ui_card(ui) == CARD_TEXT)
		ui_close_card(ui);
	ui_open_card(ui, CARD_TEXT);
	return DID_REDRAW;
}

/* A line taken apart: what stands before its last column, and that column, which is
 * wrapped. */
struct parts {
	enum role role;
	char head[HEAD];
	int body_at; /* column */
	const char *body;
};

/* Where the last column of a table line begins: behind two blanks or more. */
static const char *last_column(const char *text)
{
	const char *found = text + strspn(text, " ");

	for (const char *at = strstr(found, "  "); at; at = strstr(at, "  ")) {
		at += strspn(at, " ");
		if (*at && at - text < HEAD)
			found = at;
	}
	return found;
}

static void take_apart(const struct text_card *card, const struct frame *frame,
	uint32_t item, int width, struct parts *parts)
{
	const char *text = card->text + card->starts.items[item];

	parts->role = ROLE_TEXT;
	if ((unsigned char)*text && (unsigned char)*text < LINE_ROLES)
		parts->role = line_roles[(unsigned char)*text++];
	parts->body = last_column(text);
	snprintf(parts->head, sizeof(parts->head), "%.*s", (int)(parts->body - text),
		text);
	parts->body_at = text_columns(frame, parts->head);
	if (parts->body_at > width / 2) {
		parts->body = text + strspn(text, " ");
		parts->body_at = (int)(parts->body - text);
		parts->head[0] = '\0';
	}
}

static bool wrap(struct text_card *card, const struct frame *frame, int width)
{
	struct parts parts;

	if (card->width == width)
		return true;
	card->lines.count = 0;
	for (uint32_t i = 0; i < card->starts.count; i++) {
		take_apart(card, frame, i, width, &parts);
		if (!wrap_text(&card->lines, frame, i, parts.body, width - parts.body_at))
			return false;
	}
	card->width = width;
	return true;
}

static void draw_line(const struct text_card *card, const struct area *in, int y,
	const struct wrap_line *line)
{
	struct parts parts;

	take_apart(card, in->frame, line->item, card->width, &parts);
	if (line->first)
		area_text(in, 0, y, parts.role, parts.head);
	wrap_draw(in, parts.body_at, y, parts.role, line, parts.body);
}

uint32_t text_card_draw(struct text_card *card, const struct area *in)
{
	uint32_t count;

	if (!wrap(card, in->frame, in->r.w))
		return 0;
	count = (uint32_t)card->lines.count;
	for (uint32_t y = 0; y < count && (int)y < in->r.h; y++)
		draw_line(card, in, (int)y, &card->lines.items[y]);
	return count;
}

void text_draw(struct ui *ui, const struct area *screen)
{
	struct text_card *card = &ui->text;
	struct list *list = &ui->card_list;
	int w = screen->r.w - 4 < WIDTH ? screen->r.w - 4 : WIDTH, rows;
	bool short_of_memory = !wrap(card, &ui->frame, w);
	uint32_t count = (uint32_t)card->lines.count;
	struct area in;

	rows = (int)count < screen->r.h - 6 ? (int)count : screen->r.h - 6;
	rows = screen->r.h < 16 && (int)count > rows ? screen->r.h - 2 : rows;
	in = card_box(
		ui, screen, w, rows < 1 ? 1 : rows, card->title, "j k scroll  q close");
	if (short_of_memory)
		area_text(&in, 0, 0, ROLE_ERROR, "out of memory");
	list_set_count(list, count);
	list_set_height(list, (uint32_t)in.r.h);
	for (int y = 0; y < in.r.h && list->top + (uint32_t)y < count; y++) {
		uint32_t at = list->top + (uint32_t)y;

		draw_line(card, &in, y, &card->lines.items[at]);
		if (at == list->cursor)
			area_cursor(&in, 0, y);
	}
}

/* The view scrolls; there is nothing to choose in a text. */
static void scroll(struct ui *ui, ui_key key)
{
	struct list *list = &ui->card_list;
	bool down = key == 'j' || key == UK_DOWN, up = key == 'k' || key == UK_UP;

	if (!down && !up) {
		card_move(ui, key);
		return;
	}
	if (down && list->cursor < list->top + list->height - 1)
		list_go(list, list->top + list->height - 1);
	if (up)
		list_go(list, list->top);
	list_move(list, down ? 1 : -1);
}

unsigned text_key(struct ui *ui, ui_key key)
{
	if (card_leaves(key) || key == UK_ENTER)
		ui_close_card(ui);
	else
		scroll(ui, key);
	return DID_REDRAW;
}
