#include "ui/hold.h"

#include "base/array.h"
#include "ui/ui.h"

#include <stdlib.h>
#include <string.h>

/* About what curses sends, rather more: to go to a cell, to change its look. */
enum { JUMP_BYTES = 10, LOOK_BYTES = 13 };

/* Nothing lies over the panes, and nothing talks about them. */
static bool is_plain(const struct ui *ui)
{
	return !ui->layout.too_small && !ui->prompt.kind && !ui_card(ui) &&
	       !ui->pending_count && !ui->teach.touring && !*ui->teach.caption;
}

static bool is_same(const struct cell *a, const struct cell *b)
{
	return a->role == b->role && a->marks == b->marks && !strcmp(a->text, b->text);
}

/* The look that a cell needs; blanks go with the one before. */
static unsigned look_of(const struct cell *cell, unsigned before)
{
	bool blank = cell->text[0] == ' ' && !(cell->marks & (MARK_CURSOR | MARK_IDLE));

	return blank ? before : cell->role | (unsigned)cell->marks << 8;
}

/* About the bytes that it takes to bring a part of the screen up to date. */
static int cost_of(const struct ui *ui, struct rect r)
{
	unsigned look = 0;
	int bytes = 0;

	for (int y = r.y; y < r.y + r.h; y++) {
		bool there = false;

		for (int x = r.x; x < r.x + r.w; x++) {
			const struct cell *cell = &ui->frame.cells[y * ui->frame.w + x];

			if (is_same(cell, &ui->hold.sent[y * ui->frame.w + x])) {
				there = false;
				continue;
			}
			bytes += (int)strlen(cell->text) + (there ? 0 : JUMP_BYTES) +
				 (look == look_of(cell, look) ? 0 : LOOK_BYTES);
			look = look_of(cell, look);
			there = true;
		}
	}
	return bytes;
}

static void keep(struct ui *ui, struct rect r)
{
	for (int y = r.y; y < r.y + r.h; y++) {
		size_t at = (size_t)y * (size_t)ui->frame.w + (size_t)r.x;

		memcpy(ui->frame.cells + at, ui->hold.sent + at,
			(size_t)r.w * sizeof(*ui->hold.sent));
	}
}

/* Keeps the parts for which the move has no bytes left, the dearest first. */
static bool hold_back(struct ui *ui)
{
	struct rect parts[SLOTS + 1];
	int costs[SLOTS + 1], count = 0, bytes, held = 0;

	for (int i = 0; i < ui->layout.slot_count; i++)
		if (ui->layout.slots[i].shown != ui->facts.focus)
			parts[count++] = ui->layout.slots[i].body;
	parts[count++] = ui->layout.hints;
	bytes = cost_of(ui, (struct rect){0, 0, ui->frame.w, ui->frame.h});
	for (int i = 0; i < count; i++)
		costs[i] = cost_of(ui, parts[i]);
	while (bytes > MOVE_BYTES && held < count) {
		int most = 0;

		for (int i = 1; i < count; i++)
			most = costs[i] > costs[most] ? i : most;
		if (!costs[most])
			break;
		keep(ui, parts[most]);
		bytes -= costs[most];
		costs[most] = 0;
		held++;
	}
	return held;
}

static bool is_same_layout(const struct layout *a, const struct layout *b)
{
	if (a->slot_count != b->slot_count)
		return false;
	for (int i = 0; i < a->slot_count; i++)
		if (a->slots[i].shown != b->slots[i].shown ||
			memcmp(&a->slots[i].body, &b->slots[i].body,
				sizeof(a->slots[i].body)))
			return false;
	return true;
}

static bool remember(struct ui *ui)
{
	struct hold *hold = &ui->hold;
	size_t cells = (size_t)ui->frame.w * (size_t)ui->frame.h;

	if (!array_reserve((void **)&hold->sent, &hold->room, cells, sizeof(*hold->sent)))
		return false;
	memcpy(hold->sent, ui->frame.cells, cells * sizeof(*hold->sent));
	hold->w = ui->frame.w;
	hold->h = ui->frame.h;
	hold->layout = ui->layout;
	hold->plain = is_plain(ui);
	return true;
}

void hold_frame(struct ui *ui, unsigned did)
{
	struct hold *hold = &ui->hold;
	bool moved = (did & DID_MOVE) && !(did & ~(unsigned)(DID_MOVE | DID_REDRAW));

	hold->since = 0;
	if (moved && hold->plain && is_plain(ui) && hold->w == ui->frame.w &&
		hold->h == ui->frame.h && is_same_layout(&hold->layout, &ui->layout) &&
		hold_back(ui))
		hold->since = ui->now;
	if (!remember(ui))
		hold->plain = false;
}

void hold_release(struct hold *hold)
{
	free(hold->sent);
}
