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

/* The same in the lowest line that has the text. */
static unsigned click(struct ui *ui, const char *text)
{
	const char *screen = editor_screen(ui), *at = screen, *last = NULL;
	int y = 0;

	while ((at = strstr(at, text)))
		last = at++;
	cr_assert(last, "%s is not in\n%s", text, screen);
	for (const char *c = screen; c < last; c++)
		y += *c == '\n';
	return click_text(ui, y, text);
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
	cr_assert_eq(ui->drawing, DRAWING_FLOW);
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

Test(ui_mouse, cards_take_clicks)
{
	struct ui *ui = editor();

	editor_keys(ui, "jjjj c");
	cr_assert_eq(ui_card(ui), CARD_READERS);
	/* a row, then its box */
	click(ui, "Op8");
	cr_assert_eq(ui->card_list.cursor, 2);
	cr_assert_not(ui->readers.ticked[2]);
	click(ui, "Op8");
	cr_assert(ui->readers.ticked[2]);
	/* the keys of the foot; beside the card nothing happens */
	ui_mouse(ui, 1, 22, MOUSE_PRESS);
	cr_assert_eq(ui_card(ui), CARD_READERS);
	click(ui, "a all");
	cr_assert(ui->readers.ticked[0]);
	click(ui, "Esc");
	cr_assert_eq(ui_card(ui), CARD_NONE);
	editor_keys(ui, "jp");
	ui->now += 1000;
	editor_keys(ui, "q");
	click(ui, "Esc");
	cr_assert_eq(ui_card(ui), CARD_NONE);
}

Test(ui_mouse, the_palette_takes_clicks_and_the_wheel)
{
	struct ui *ui = editor();

	editor_keys(ui, ":");
	ui_mouse(ui, 5, 12, MOUSE_DOWN);
	cr_assert_eq(ui->prompt.list.cursor, 1);
	editor_keys(ui, "<C-u>messages");
	click(ui, "what was said");
	cr_assert_eq(ui_card(ui), CARD_TEXT);
}

Test(ui_mouse, the_wheel_moves_the_drawing_not_the_cursor)
{
	struct ui *ui = editor_on(fixture_random(7, 60), 80, 24);
	char before[4000];

	editor_keys(ui, "20j +++");
	snprintf(before, sizeof(before), "%s", editor_screen(ui));
	ui_mouse(ui, 60, 6, MOUSE_DOWN);
	cr_assert_str_neq(before, editor_screen(ui));
	cr_assert_eq(ui_row_code(ui), rows_at(&ui->rows, ui->lists[PANE_OUTLINE].cursor));
	/* the next move brings the cursor's node back into view */
	editor_keys(ui, "jk");
	cr_assert_eq(ui->graph_held.node == ui->shown.node, true);
}

/* Where the drawing shows a node. */
static unsigned click_node(struct ui *ui, const char *name)
{
	const struct picture *p = &ui->picture;
	const struct layout_slot *slot = layout_slot_of(&ui->layout, PANE_GRAPH);
	const struct picture_item *item =
		picture_find(p, graph_find_node(ui->outcome->graph, name, strlen(name)));
	unsigned did;

	cr_assert(item, "%s is not drawn", name);
	did = ui_mouse(ui, slot->body.x + item->x + 1 - p->view_x,
		slot->body.y + item->y - p->view_y, MOUSE_PRESS);
	ui_draw(ui);
	return did;
}

Test(ui_mouse, nodes_of_the_drawing_can_be_clicked)
{
	struct ui *ui = editor();

	click_node(ui, "Op7");
	cr_assert_eq(ui->facts.focus, PANE_GRAPH);
	cr_assert_eq(ui->target.node, graph_find_node(ui->outcome->graph, "Op7", 3));
	cr_assert_eq(
		ui_row_target(ui, ui->lists[PANE_OUTLINE].cursor).node, ui->target.node);
}

/* A tensor with more readers than are drawn at once. */
static struct ui *fan(unsigned readers)
{
	char text[8000];
	size_t at = (size_t)snprintf(text, sizeof(text), "A Sin x -> a\n");

	for (unsigned i = 0; i < readers; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at,
			"R%u Cos a -> r%u\n!r%u\n", i, i, i);
	return editor_on(fixture_make(text), 160, 45);
}

Test(ui_mouse, cut_readers_are_drawn_when_asked_for)
{
	struct ui *ui = fan(20);
	node_id root = graph_find_node(ui->outcome->graph, "A", 1);
	const struct picture_item *stub;

	editor_keys(ui, "j2");
	stub = picture_stub(&ui->picture, root);
	cr_assert(stub);
	cr_assert_eq(stub->count, 8);
	editor_keys(ui, "<Enter>");
	cr_assert_null(picture_stub(&ui->picture, root));
	editor_keys(ui, "<Enter>");
	cr_assert(strstr(ui->messages.line, "all its neighbours are drawn"));
	editor_keys(ui, "zz");
	cr_assert(picture_stub(&ui->picture, root));
}

Test(ui_mouse, the_flow_of_many_readers_scrolls_and_can_be_left)
{
	struct ui *ui = fan(60);
	const char *screen;

	editor_keys(ui, "j2");
	screen = editor_screen(ui);
	cr_assert(strstr(screen, "[Flow]"));
	cr_assert_null(strstr(screen, "R59"));
	for (int i = 0; i < 30; i++)
		ui_mouse(ui, 60, 6, MOUSE_DOWN);
	screen = editor_screen(ui);
	cr_assert(strstr(screen, "above"), "%s", screen);
	/* = draws it all the same, with a stub; = again is the flow */
	editor_keys(ui, "=");
	cr_assert(strstr(editor_screen(ui), "[Draw]"));
	cr_assert(strstr(editor_screen(ui), "+48"));
	editor_keys(ui, "=");
	cr_assert(strstr(editor_screen(ui), "[Flow]"));
}

Test(ui_mouse, the_line_beside_the_outline_is_dragged)
{
	struct ui *ui = editor();

	ui_mouse(ui, 34, 8, MOUSE_PRESS);
	ui_mouse(ui, 28, 9, MOUSE_RELEASE);
	ui_draw(ui);
	cr_assert_eq(ui->layout.bars[0].x, 28);
	/* pressed and let go in place: nothing */
	ui_mouse(ui, 28, 8, MOUSE_PRESS);
	cr_assert_eq(ui_mouse(ui, 28, 8, MOUSE_RELEASE), DID_NOTHING);
	cr_assert_not(ui->visual);
}
