/* The mouse: hot spots act as keys or show panes, bodies select, wheels scroll. */
#include "ui/command.h"
#include "ui/panes.h"

#include <string.h>

/* A click this soon after the window got the focus was meant for the window. */
enum { FOCUS_CLICK = 300 };

static bool is_inside(struct rect r, int x, int y)
{
	return x >= r.x && y >= r.y && x < r.x + r.w && y < r.y + r.h;
}

void ui_add_spot(struct ui *ui, struct rect place, enum pane_id pane, const char *keys)
{
	struct hot_spot *spot = &ui->spots[ui->spot_count];

	if (ui->spot_count == SPOTS)
		return;
	*spot = (struct hot_spot){.place = place, .pane = pane};
	strncpy(spot->keys, keys, sizeof(spot->keys) - 1);
	ui->spot_count++;
}

/* The keys of a hint that stands for several are those of the first. */
static unsigned press_spot(struct ui *ui, const struct hot_spot *spot)
{
	ui_key keys[PENDING];
	size_t count = keys_parse(spot->keys, strlen(spot->keys), keys, PENDING);
	unsigned did = DID_NOTHING;

	if (!count) {
		ui_focus(ui, spot->pane);
		return DID_LAYOUT | DID_MOVE | DID_REDRAW;
	}
	for (size_t i = 0; i < count; i++)
		did |= ui_press(ui, keys[i]);
	return did;
}

static int first_line(enum pane_id pane)
{
	return pane == PANE_BOUNDS || pane == PANE_WHY ? 1 : 0;
}

static enum pane_id pane_of(const struct layout_slot *slot)
{
	return slot->shown == PANE_FLOW ? PANE_GRAPH : slot->shown;
}

static unsigned click_body(struct ui *ui, const struct layout_slot *slot, int x, int y)
{
	enum pane_id pane = pane_of(slot);
	struct list *list = &ui->lists[pane];
	int64_t row = (int64_t)list->top + y - slot->body.y - first_line(pane);
	bool again = ui->facts.focus == pane && row == list->cursor && !ui->visual;

	ui_focus(ui, pane);
	if (slot->shown == PANE_GRAPH)
		return DID_LAYOUT |
		       graph_pane_click(ui, x - slot->body.x, y - slot->body.y);
	if (!panes[pane].target || row < list->top || row >= list->count ||
		row >= (int64_t)list->top + list->height)
		return DID_LAYOUT | DID_REDRAW;
	ui->visual = false;
	ui->pressed = pane == PANE_OUTLINE;
	ui->pressed_row = (uint32_t)row;
	if (again)
		return ui_command(ui, "open");
	list_move(list, row - list->cursor);
	return DID_MOVE | DID_REDRAW;
}

/* Let go on another row of the outline: what lies between is the range. */
static unsigned release(struct ui *ui, int x, int y)
{
	const struct layout_slot *slot = layout_slot_of(&ui->layout, PANE_OUTLINE);
	struct list *list = &ui->lists[PANE_OUTLINE];
	int64_t row, last = (int64_t)list->top + list->height - 1;

	if (ui->bar_pressed) {
		ui->bar_pressed = false;
		if (x < 1 || x == ui->layout.bars[0].x)
			return DID_NOTHING;
		ui->facts.outline_width = x;
		return DID_LAYOUT | DID_REDRAW;
	}
	if (!ui->pressed || !slot || slot->shown != PANE_OUTLINE || !list->count)
		return DID_NOTHING;
	ui->pressed = false;
	row = (int64_t)list->top + y - slot->body.y;
	row = row < list->top ? list->top : row > last ? last : row;
	if (row == ui->pressed_row || ui->facts.focus != PANE_OUTLINE)
		return DID_NOTHING;
	ui->visual = true;
	ui->anchor = ui->pressed_row < list->count ? ui->pressed_row : list->count - 1;
	list_move(list, row - list->cursor);
	return DID_MOVE | DID_REDRAW;
}

static unsigned scroll(struct ui *ui, const struct layout_slot *slot, int rows)
{
	if (slot->shown == PANE_GRAPH || slot->shown == PANE_FLOW) {
		graph_pane_scroll(ui, rows);
		return DID_REDRAW;
	}
	list_scroll(&ui->lists[slot->shown], rows);
	return slot->shown == ui->facts.focus ? DID_MOVE | DID_REDRAW : DID_REDRAW;
}

static unsigned on_base(struct ui *ui, int x, int y, int button)
{
	for (int i = 0; button == MOUSE_PRESS && i < ui->spot_count; i++)
		if (is_inside(ui->spots[i].place, x, y))
			return press_spot(ui, &ui->spots[i]);
	if (button == MOUSE_PRESS && ui->layout.bar_count &&
		is_inside(ui->layout.bars[0], x, y)) {
		ui->bar_pressed = true;
		return DID_NOTHING;
	}
	for (int i = 0; i < ui->layout.slot_count; i++) {
		const struct layout_slot *slot = &ui->layout.slots[i];

		if (button == MOUSE_PRESS && is_inside(slot->rule, x, y)) {
			ui_focus(ui, pane_of(slot));
			return DID_LAYOUT | DID_MOVE | DID_REDRAW;
		}
		if (!is_inside(slot->body, x, y))
			continue;
		if (button == MOUSE_PRESS)
			return click_body(ui, slot, x, y);
		return scroll(ui, slot, button == MOUSE_UP ? -3 : 3);
	}
	return DID_NOTHING;
}

/* On a card or prompt: what it shows as keys, and the rows of its list. */
static unsigned on_card(struct ui *ui, int x, int y)
{
	struct list *list = ui_card(ui) ? &ui->card_list : &ui->prompt.list;
	int64_t row = (int64_t)list->top + y - ui->list_place.y;
	ui_key key;

	for (int i = 0; i < ui->spot_count; i++)
		if (is_inside(ui->spots[i].place, x, y))
			return press_spot(ui, &ui->spots[i]);
	if (!is_inside(ui->list_place, x, y) || row >= list->count)
		return DID_NOTHING;
	if (row == list->cursor &&
		keys_parse(ui->list_keys, strlen(ui->list_keys), &key, 1))
		return ui_press(ui, key);
	list_go(list, (uint32_t)row);
	return DID_REDRAW;
}

unsigned ui_mouse(struct ui *ui, int x, int y, int button)
{
	if (button == MOUSE_PRESS && ui->focused_at &&
		ui->now < ui->focused_at + FOCUS_CLICK) {
		ui->focused_at = 0;
		return DID_NOTHING;
	}
	if (button == MOUSE_RELEASE)
		return ui_settle(ui, release(ui, x, y));
	messages_clear_line(&ui->messages);
	ui->pressed = ui->bar_pressed = false;
	if (ui->layout.too_small)
		return DID_NOTHING;
	if ((ui_card(ui) || ui->prompt.kind) && button != MOUSE_PRESS)
		return ui_press(ui, button == MOUSE_UP ? UK_UP : UK_DOWN);
	if (ui_card(ui) || ui->prompt.kind)
		return on_card(ui, x, y);
	return ui_settle(ui, on_base(ui, x, y, button));
}

void ui_focus_in(struct ui *ui)
{
	ui->focused_at = ui->now;
}
