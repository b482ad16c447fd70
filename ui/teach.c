#include "ui/teach.h"

#include "ui/ui.h"

#include <stdio.h>
#include <string.h>

enum { BOX_LEAST = 34 };

/* As wide as the outline, or the whole screen when that is too narrow. */
static int box_width(const struct ui *ui, const struct area *all)
{
	const struct layout_slot *slot = layout_slot_of(&ui->layout, PANE_OUTLINE);

	if (ui->layout.narrow || !slot || slot->body.w < BOX_LEAST)
		return all->r.w;
	return slot->body.w < all->r.w ? slot->body.w : all->r.w;
}

/* Where the box goes: over the foot of the outline; at the top if the cursor is there.
 * On a small screen over status and hints too, but not over a prompt or message. */
static struct area place(struct ui *ui, const struct area *all, int rows)
{
	int w = box_width(ui, all), bottom = all->r.h - 2, y;

	if (ui->layout.narrow)
		bottom = ui->prompt.kind || *ui->messages.line ? ui->last_top : all->r.h;
	y = bottom - rows;

	if (ui->frame.cursor_x < w && ui->frame.cursor_y >= y &&
		ui->frame.cursor_y < y + rows)
		y = 2;
	return area_part(all, 0, y, w, rows);
}

/* Without a frame, for small screens: every line counts. */
static void draw_bare(const struct area *box, const char *title, const char *text,
	const struct wrap_lines *lines)
{
	int y = 0;

	area_blank(box);
	if (title)
		area_field(box, 0, y++, box->r.w, ROLE_FOCUS, title);
	for (size_t i = 0; i < lines->count; i++)
		wrap_draw(box, 0, y++, ROLE_TITLE, &lines->items[i], text);
}

static void draw_framed(const struct area *box, const char *title, const char *text,
	const char *foot, const struct wrap_lines *lines)
{
	struct area in = area_part(box, 2, 1, box->r.w - 4, box->r.h - 2);

	area_box(box, title, foot);
	for (size_t i = 0; i < lines->count; i++)
		wrap_draw(&in, 0, (int)i, ROLE_TEXT, &lines->items[i], text);
}

void teach_box(struct ui *ui, const struct area *all, const char *title, const char *text,
	const char *foot)
{
	struct wrap_lines lines = {0};
	bool bare = ui->layout.narrow;
	int w = box_width(ui, all) - (bare ? 0 : 4), rows;
	struct area box;

	if (!wrap_text(&lines, &ui->frame, 0, text, w)) {
		ARRAY_RELEASE(&lines);
		return;
	}
	rows = (int)lines.count + (bare ? title != NULL : 2);
	rows = rows > all->r.h - 4 ? all->r.h - 4 : rows;
	box = place(ui, all, rows);
	ui->card_place = box.r;
	if (bare)
		draw_bare(&box, title, text, &lines);
	else
		draw_framed(&box, title, text, foot, &lines);
	ARRAY_RELEASE(&lines);
}

static void draw_keys(struct ui *ui, const struct area *all)
{
	char text[KEYS_SHOWN * 16 + 4] = " ", name[16];

	for (int i = 0; i < ui->teach.key_count; i++) {
		strcat(text, keys_name(ui->teach.keys[i], name));
		strcat(text, " ");
	}
	area_right(all, all->r.w, all->r.h - 1, ROLE_FOCUS, text);
}

void teach_draw(struct ui *ui, const struct area *all)
{
	if (*ui->teach.caption)
		teach_box(ui, all, NULL, ui->teach.caption, NULL);
	else if (ui->teach.touring)
		tour_draw(ui, all);
	if (ui->settings.showkeys && ui->teach.key_count)
		draw_keys(ui, all);
}

void teach_note_key(struct ui *ui, ui_key key)
{
	struct teaching *teach = &ui->teach;

	if (teach->key_count == KEYS_SHOWN) {
		memmove(teach->keys, teach->keys + 1, sizeof(key) * (KEYS_SHOWN - 1));
		teach->key_count--;
	}
	teach->keys[teach->key_count++] = key;
}
