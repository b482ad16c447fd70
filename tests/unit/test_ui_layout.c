#include "ui/layout.h"

#include <criterion/criterion.h>

static bool overlap(struct rect a, struct rect b)
{
	return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

/* All rectangles of a layout that are to be apart. */
static int gather(const struct layout *layout, struct rect *out)
{
	int n = 0;

	out[n++] = layout->title;
	out[n++] = layout->status;
	out[n++] = layout->hints;
	for (int i = 0; i < layout->slot_count; i++) {
		out[n++] = layout->slots[i].rule;
		out[n++] = layout->slots[i].body;
	}
	for (int i = 0; i < layout->bar_count; i++)
		out[n++] = layout->bars[i];
	return n;
}

static void check(int w, int h, const struct layout_facts *facts)
{
	struct layout layout;
	struct rect rects[2 * SLOTS + BARS + 3];
	int n, cells = 0, seen[PANE_COUNT] = {0};

	layout_compute(&layout, w, h, facts);
	cr_assert_eq(layout.too_small, w < 40 || h < 10, "%dx%d", w, h);
	if (layout.too_small)
		return;
	n = gather(&layout, rects);
	for (int i = 0; i < n; i++) {
		struct rect r = rects[i];

		cr_assert(
			r.x >= 0 && r.y >= 0 && r.w > 0 && r.h > 0, "%dx%d: %d", w, h, i);
		cr_assert(r.x + r.w <= w && r.y + r.h <= h, "%dx%d: %d", w, h, i);
		cells += r.w * r.h;
		for (int k = 0; k < i; k++)
			cr_assert_not(overlap(r, rects[k]), "%dx%d: %d %d", w, h, i, k);
	}
	cr_assert_eq(cells, w * h, "%dx%d: %d cells", w, h, cells);
	for (int i = 0; i < layout.slot_count; i++)
		for (int k = 0; k < layout.slots[i].count; k++)
			seen[layout.slots[i].panes[k]]++;
	for (int pane = PANE_OUTLINE; pane <= PANE_WHY; pane++)
		cr_assert_eq(seen[pane], 1, "%dx%d: pane %d", w, h, pane);
	cr_assert_eq(seen[PANE_PROBLEMS], facts->problems);
	cr_assert(layout_shows(&layout, facts->focus), "%dx%d", w, h);
}

Test(ui_layout, every_size_is_filled_without_overlap)
{
	struct layout_facts facts = {.focus = PANE_OUTLINE};

	for (int w = 1; w <= 260; w++)
		for (int h = 1; h <= 80; h++) {
			facts.focus = (enum pane_id)(1 + (w + h) % 6);
			facts.problems = w & 1;
			facts.maximised = w % 7 == 0;
			facts.outline_width = w % 5 ? 0 : (w * 7) % 90;
			check(w, h, &facts);
		}
}

Test(ui_layout, main_screen_is_as_sketched)
{
	struct layout layout;
	struct layout_facts facts = {.focus = PANE_OUTLINE};

	layout_compute(&layout, 80, 24, &facts);
	cr_assert_eq(layout.slot_count, 3);
	cr_assert_eq(layout.slots[0].body.w, 34);
	cr_assert_eq(layout.slots[0].body.h, 20);
	cr_assert_eq(layout.bars[0].x, 34);
	cr_assert_eq(layout.slots[1].body.h, 13);
	cr_assert_eq(layout.slots[2].body.h, 6);
	cr_assert(layout.legend);
	cr_assert(layout_shows(&layout, PANE_BOUNDS));
}

Test(ui_layout, breakpoints)
{
	struct layout layout;
	struct layout_facts facts = {.focus = PANE_OUTLINE};

	layout_compute(&layout, 39, 24, &facts);
	cr_assert(layout.too_small);
	layout_compute(&layout, 40, 9, &facts);
	cr_assert(layout.too_small);
	layout_compute(&layout, 79, 24, &facts);
	cr_assert_eq(layout.slot_count, 1);
	layout_compute(&layout, 109, 24, &facts);
	cr_assert_eq(layout.slot_count, 3);
	layout_compute(&layout, 110, 24, &facts);
	cr_assert_eq(layout.slot_count, 4);
	cr_assert_eq(layout.slots[0].body.w, 40);
	layout_compute(&layout, 160, 45, &facts);
	cr_assert_eq(layout.slot_count, 5);
	cr_assert_eq(layout.slots[0].body.w, 44);
	cr_assert_eq(layout.slots[1].body.w, 68);
	cr_assert_eq(layout.slots[4].body.h, 10);
	layout_compute(&layout, 250, 70, &facts);
	cr_assert_eq(layout.slot_count, 6);
	cr_assert_eq(layout.slots[0].body.w, 58);
	cr_assert_eq(layout.slots[1].body.w, 120);
	cr_assert_eq(layout.slots[3].body.w, 70);
}

Test(ui_layout, a_shared_place_shows_what_was_used_last)
{
	struct layout layout;
	struct layout_facts facts = {.focus = PANE_OUTLINE};

	facts.recent[PANE_JSON] = 4;
	facts.recent[PANE_WHY] = 3;
	layout_compute(&layout, 80, 24, &facts);
	cr_assert(layout_shows(&layout, PANE_JSON));
	facts.focus = PANE_TENSOR;
	layout_compute(&layout, 80, 24, &facts);
	cr_assert(layout_shows(&layout, PANE_TENSOR));
}
