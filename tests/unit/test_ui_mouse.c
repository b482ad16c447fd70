/* The mouse on a screen of 80x24: rows of the outline begin in line 2. */
#include "ui_fixture.h"

#include <string.h>

static struct ui *editor(void)
{
	return editor_on(fixture_mixed8(), 80, 24);
}

/* Clicks where a text stands in a line of the screen. */
static unsigned click_text(struct ui *ui, int y, const char *text)
{
	for (int x = 0; x < ui->frame.w; x++) {
		size_t n = 0;

		while (text[n] && x + (int)n < ui->frame.w &&
			frame_cell(&ui->frame, x + (int)n, y)->text[0] == text[n])
			n++;
		if (!text[n]) {
			unsigned did = ui_mouse(ui, x, y, MOUSE_PRESS);

			ui_mouse(ui, x, y, MOUSE_RELEASE);
			ui_draw(ui);
			return did;
		}
	}
	cr_assert_fail("%s is not in line %d of\n%s", text, y, editor_screen(ui));
	return 0;
}

Test(ui_mouse, a_drag_is_a_range)
{
	struct ui *ui = editor();

	ui_mouse(ui, 10, 4, MOUSE_PRESS);
	cr_assert_eq(ui->lists[PANE_OUTLINE].cursor, 2);
	ui_mouse(ui, 10, 6, MOUSE_RELEASE);
	cr_assert(ui->visual);
	cr_assert_eq(ui->anchor, 2);
	cr_assert_eq(ui->lists[PANE_OUTLINE].cursor, 4);
	ui_mouse(ui, 10, 8, MOUSE_PRESS);
	cr_assert_not(ui->visual);
	/* far below the list: to its last row */
	ui_mouse(ui, 10, 23, MOUSE_RELEASE);
	cr_assert(ui->visual);
	cr_assert_eq(ui->lists[PANE_OUTLINE].cursor, 9);
	/* a release without a press, or from another pane, is nothing */
	editor_keys(ui, "<Esc>gg");
	ui_mouse(ui, 10, 6, MOUSE_RELEASE);
	ui_mouse(ui, 60, 4, MOUSE_PRESS);
	ui_mouse(ui, 10, 6, MOUSE_RELEASE);
	cr_assert_not(ui->visual);
}

Test(ui_mouse, hints_and_titles_act)
{
	struct ui *ui = editor();

	editor_keys(ui, "jjjjj");
	click_text(ui, 23, "promote");
	cr_assert_eq(ui->outcome->boundary_count, 3);
	ui_mouse(ui, 10, 7, MOUSE_PRESS);
	ui_draw(ui);
	click_text(ui, 23, "Space");
	cr_assert_eq(ui->selected_count, 1);
	click_text(ui, 23, "? help");
	cr_assert_eq(ui_card(ui), CARD_HELP);
	editor_keys(ui, "<Esc>");
	click_text(ui, 1, "Flow");
	cr_assert(ui->flow);
	click_text(ui, 1, "order");
	cr_assert_eq(ui->rows.order, ORDER_FILE);
	click_text(ui, 15, "6 Why");
	cr_assert_eq(ui->facts.focus, PANE_WHY);
	click_text(ui, 15, "4");
	cr_assert_eq(ui->facts.focus, PANE_TENSOR);
	click_text(ui, 1, "2 G");
	cr_assert_eq(ui->facts.focus, PANE_GRAPH);
}

Test(ui_mouse, the_wheel_scrolls_what_it_is_over)
{
	struct ui *ui = editor_on(fixture_random(4, 60), 80, 24);
	struct list *outline = &ui->lists[PANE_OUTLINE];

	editor_keys(ui, "jjjjjjjj 5");
	ui_mouse(ui, 10, 10, MOUSE_DOWN);
	cr_assert_eq(outline->top, 3);
	cr_assert_eq(outline->cursor, 8);
	cr_assert_eq(ui->facts.focus, PANE_JSON);
	ui_mouse(ui, 10, 10, MOUSE_UP);
	cr_assert_eq(outline->top, 0);
}

Test(ui_mouse, the_click_that_focuses_the_window_is_dropped)
{
	struct ui *ui = editor();

	ui->now = 5000;
	ui_focus_in(ui);
	ui_mouse(ui, 10, 6, MOUSE_PRESS);
	ui_mouse(ui, 10, 8, MOUSE_RELEASE);
	cr_assert_eq(ui->lists[PANE_OUTLINE].cursor, 0);
	ui_mouse(ui, 10, 6, MOUSE_PRESS);
	cr_assert_eq(ui->lists[PANE_OUTLINE].cursor, 4);
	ui_focus_in(ui);
	ui->now = 6000;
	ui_mouse(ui, 10, 8, MOUSE_PRESS);
	cr_assert_eq(ui->lists[PANE_OUTLINE].cursor, 6);
}
