/* What a move sends at once, and what follows when the hands rest. */
#include "ui_fixture.h"

#include <stdlib.h>
#include <string.h>

/* A chain that no picture holds as a whole. */
static struct ui *on_chain(int w, int h)
{
	char text[200 * 60] = "first_block/N0 Sin x -> t0\n";
	size_t at = strlen(text);

	for (int i = 1; i < 200; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at,
			"later_block_%d/N%d Sin t%d -> t%d\n", i / 4, i, i - 1, i);
	snprintf(text + at, sizeof(text) - at, "!t199\n");
	struct ui *ui = editor_on(fixture_make(text), w, h);

	hold_frame(ui, DID_NOTHING);
	return ui;
}

static const char *held_after(struct ui *ui, const char *key)
{
	size_t at = 0;
	unsigned did = ui_press(ui, keys_parse_next(key, strlen(key), &at));

	ui_draw(ui);
	hold_frame(ui, did);
	return frame_dump(&ui->frame, true);
}

static struct rect body_of(const struct ui *ui, enum pane_id pane)
{
	return layout_slot_of(&ui->layout, pane)->body;
}

static bool is_equal(const struct ui *ui, const struct cell *cells, struct rect r)
{
	for (int y = r.y; y < r.y + r.h; y++)
		for (int x = r.x; x < r.x + r.w; x++) {
			const struct cell *a = &cells[y * ui->frame.w + x],
					  *b = &ui->frame.cells[y * ui->frame.w + x];

			if (strcmp(a->text, b->text) || a->role != b->role ||
				a->marks != b->marks)
				return false;
		}
	return true;
}

Test(ui_hold, a_new_picture_waits_for_the_hands_to_rest)
{
	struct ui *ui = on_chain(160, 50);
	struct rect outline = body_of(ui, PANE_OUTLINE), graph = body_of(ui, PANE_GRAPH);
	size_t bytes = (size_t)ui->frame.w * (size_t)ui->frame.h * sizeof(struct cell);
	struct cell *cells = malloc(bytes);
	int held = 0, total = 0;

	for (int i = 0; i < 60; i++) {
		held_after(ui, "j");
		memcpy(cells, ui->frame.cells, bytes);
		total++;
		held += ui->hold.since != 0;
		ui_draw(ui);
		/* the rows are never late, the picture only when something is held */
		cr_assert(is_equal(ui, cells, outline), "move %d", i);
		cr_assert(ui->hold.since || is_equal(ui, cells, graph), "move %d", i);
		cr_assert(!ui->hold.since || ui_patience(ui) == HANDS_REST);
		hold_frame(ui, DID_NOTHING);
	}
	cr_assert(held && held < total / 2, "%d of %d", held, total);
}

Test(ui_hold, all_is_sent_after_a_rest_and_after_an_edit)
{
	struct ui *ui = on_chain(160, 50);
	char *full, *shown;

	while (!ui->hold.since)
		held_after(ui, "j");
	shown = frame_dump(&ui->frame, true);
	ui_draw(ui);
	full = frame_dump(&ui->frame, true);
	cr_assert_str_neq(shown, full);
	ui->now += HANDS_REST;
	hold_frame(ui, ui_tick(ui));
	cr_assert_eq(ui->hold.since, 0);
	cr_assert_str_eq(frame_dump(&ui->frame, true), full);
	while (!ui->hold.since)
		held_after(ui, "j");
	held_after(ui, "p");
	cr_assert_eq(ui->hold.since, 0);
	held_after(ui, "<C-f>");
	cr_assert_neq(ui->hold.since, 0);
	held_after(ui, "2");
	cr_assert_eq(ui->hold.since, 0);
}

Test(ui_hold, nothing_waits_beside_a_card)
{
	struct ui *ui = on_chain(160, 50);

	held_after(ui, "?");
	for (int i = 0; i < 40; i++) {
		held_after(ui, "<Down>");
		cr_assert_eq(ui->hold.since, 0);
	}
}
