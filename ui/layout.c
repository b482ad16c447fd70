#include "ui/layout.h"

#include <stddef.h>
#include <string.h>

static int clamp(int value, int low, int high)
{
	return value < low ? low : value > high ? high : value;
}

static struct layout_slot *add_slot(struct layout *layout, int x, int y, int w, int h)
{
	struct layout_slot *slot = &layout->slots[layout->slot_count++];

	slot->rule = (struct rect){x, y, w, 1};
	slot->body = (struct rect){x, y + 1, w, h - 1};
	return slot;
}

static void add_pane(struct layout_slot *slot, enum pane_id pane)
{
	slot->panes[slot->count++] = (unsigned char)pane;
}

static void add_panes(struct layout_slot *slot, enum pane_id first, enum pane_id last,
	const struct layout_facts *facts)
{
	for (int pane = (int)first; pane <= (int)last; pane++)
		if (pane != PANE_PROBLEMS || facts->problems)
			add_pane(slot, (enum pane_id)pane);
}

static void add_bar(struct layout *layout, int x, int y, int h)
{
	layout->bars[layout->bar_count++] = (struct rect){x, y, 1, h};
}

static void choose_shown(struct layout_slot *slot, const struct layout_facts *facts)
{
	slot->shown = (enum pane_id)slot->panes[0];
	for (int i = 0; i < slot->count; i++) {
		enum pane_id pane = (enum pane_id)slot->panes[i];

		if (facts->recent[pane] > facts->recent[slot->shown])
			slot->shown = pane;
	}
	for (int i = 0; i < slot->count; i++)
		if (slot->panes[i] == facts->focus)
			slot->shown = facts->focus;
}

static void one_slot(
	struct layout *layout, int w, int h, const struct layout_facts *facts)
{
	add_panes(add_slot(layout, 0, 1, w, h), PANE_OUTLINE, PANE_PROBLEMS, facts);
}

/* 80 to 109 columns: the outline, and the graph above one place with tabs. */
static void two_columns(
	struct layout *layout, int w, int h, int left, const struct layout_facts *facts)
{
	int x = left + 1, below = h >= 15 ? h / 3 : 0;
	struct layout_slot *slot;

	add_pane(add_slot(layout, 0, 1, left, h), PANE_OUTLINE);
	add_bar(layout, left, 1, h);
	slot = add_slot(layout, x, 1, w - x, h - below);
	if (!below) {
		add_panes(slot, PANE_GRAPH, PANE_PROBLEMS, facts);
		return;
	}
	add_pane(slot, PANE_GRAPH);
	slot = add_slot(layout, x, 1 + h - below, w - x, below);
	add_panes(slot, PANE_BOUNDS, PANE_PROBLEMS, facts);
}

static void right_column(struct layout *layout, int x, int w, int h, bool json_too,
	const struct layout_facts *facts)
{
	int above = clamp(h / 2, 8, 17);
	struct layout_slot *slot;

	if (h < 17) {
		slot = add_slot(layout, x, 1, w, h);
		add_panes(slot, PANE_BOUNDS, PANE_BOUNDS, facts);
		add_panes(
			slot, PANE_TENSOR, json_too ? PANE_PROBLEMS : PANE_TENSOR, facts);
		return;
	}
	add_pane(add_slot(layout, x, 1, w, above), PANE_TENSOR);
	slot = add_slot(layout, x, 1 + above, w, h - above);
	add_pane(slot, PANE_BOUNDS);
	if (json_too)
		add_panes(slot, PANE_JSON, PANE_PROBLEMS, facts);
}

/* 110 columns and more; JSON and Why get a place of their own from 160x40 on. */
static void three_columns(
	struct layout *layout, int w, int h, int left, const struct layout_facts *facts)
{
	int right = w >= 220 ? 70 : clamp((w - left + 1) * 2 / 5, 28, 46);
	int x = left + 1, middle = w - left - right - 2,
	    below = w >= 160 && h >= 37 ? 11 : 0;
	struct layout_slot *slot;

	add_pane(add_slot(layout, 0, 1, left, h), PANE_OUTLINE);
	add_bar(layout, left, 1, h);
	add_pane(add_slot(layout, x, 1, middle, h - below), PANE_GRAPH);
	add_bar(layout, x + middle, 1, h - below);
	right_column(layout, x + middle + 1, right, h - below, !below, facts);
	if (!below)
		return;
	slot = add_slot(layout, x, 1 + h - below, w - x, below);
	add_panes(slot, PANE_JSON, PANE_PROBLEMS, facts);
}

/* 220x60 and more: the flow of the cursor node has its own place. */
static void four_places(
	struct layout *layout, int w, int h, int left, const struct layout_facts *facts)
{
	int right = 70, x = left + 1, middle = w - left - right - 2;
	int flow = h / 4, json = h / 4;
	struct layout_slot *slot;

	add_pane(add_slot(layout, 0, 1, left, h), PANE_OUTLINE);
	add_bar(layout, left, 1, h);
	add_pane(add_slot(layout, x, 1, middle, h - flow), PANE_GRAPH);
	add_pane(add_slot(layout, x, 1 + h - flow, middle, flow), PANE_FLOW);
	add_bar(layout, x + middle, 1, h);
	right_column(layout, x + middle + 1, right, h - json, false, facts);
	slot = add_slot(layout, x + middle + 1, 1 + h - json, right, json);
	add_panes(slot, PANE_JSON, PANE_PROBLEMS, facts);
}

static int outline_width(int w, const struct layout_facts *facts)
{
	int usual = w >= 220 ? 58 : w >= 160 ? 44 : w >= 110 ? 40 : 34;

	return clamp(facts->outline_width ? facts->outline_width : usual, 20,
		w >= 220   ? w - 130
		: w >= 110 ? w - 66
			   : w - 40);
}

void layout_compute(struct layout *layout, int w, int h, const struct layout_facts *facts)
{
	int left, height = h - 3;

	memset(layout, 0, sizeof(*layout));
	if (w < LEAST_WIDTH || h < LEAST_HEIGHT) {
		layout->too_small = true;
		return;
	}
	left = outline_width(w, facts);
	layout->title = (struct rect){0, 0, w, 1};
	layout->status = (struct rect){0, h - 2, w, 1};
	layout->hints = (struct rect){0, h - 1, w, 1};
	layout->narrow = w < 80;
	layout->legend = h >= 24 && !layout->narrow;
	if (w < 80 || facts->maximised)
		one_slot(layout, w, height, facts);
	else if (w < 110)
		two_columns(layout, w, height, left, facts);
	else if (w >= 220 && h >= 60)
		four_places(layout, w, height, left, facts);
	else
		three_columns(layout, w, height, left, facts);
	for (int i = 0; i < layout->slot_count; i++)
		choose_shown(&layout->slots[i], facts);
}

const struct layout_slot *layout_slot_of(const struct layout *layout, enum pane_id pane)
{
	for (int i = 0; i < layout->slot_count; i++)
		for (int k = 0; k < layout->slots[i].count; k++)
			if (layout->slots[i].panes[k] == pane)
				return &layout->slots[i];
	return NULL;
}

bool layout_shows(const struct layout *layout, enum pane_id pane)
{
	const struct layout_slot *slot = layout_slot_of(layout, pane);

	return slot && slot->shown == pane;
}
