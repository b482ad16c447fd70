/* The editor as a person uses it: keys in, screens and plans out. */
#include "ui_fixture.h"

#include "ui/panes.h"

#include <stdlib.h>
#include <string.h>

#define SEES(ui, text)                                                                   \
	cr_assert(strstr(editor_screen(ui), text), "%s\n is not in\n%s", text,           \
		editor_screen(ui))

static struct ui *on_op4(void)
{
	struct ui *ui = editor_on(fixture_mixed8(), 80, 24);

	editor_keys(ui, "jjjjj");
	return ui;
}

Test(ui_editor, promoting_op4_makes_three_boundaries_and_says_so)
{
	struct ui *ui = on_op4();

	editor_keys(ui, "p");
	cr_assert_str_eq(
		ui->messages.line, "Op4_out u16. 1 node follows (Op5), 3 DQ→Q. u undoes");
	cr_assert_eq(ui->outcome->boundary_count, 3);
	SEES(ui, "3 Bounds 3");
	SEES(ui, "[+]");
	SEES(ui, "1 region   3 DQ→Q");
	SEES(ui, "Op2_out   u8  ⇄ u16  Op4        Op7 Op8");
}

Test(ui_editor, undo_and_redo)
{
	struct ui *ui = on_op4();

	editor_keys(ui, "p u");
	cr_assert_eq(ui->outcome->boundary_count, 0);
	cr_assert_str_eq(ui->messages.line, "Undone: Op4_out u16. Ctrl-R redoes");
	cr_assert_not(plan_is_dirty(ui->session->plan));
	editor_keys(ui, "<C-r>");
	cr_assert_eq(ui->outcome->boundary_count, 3);
	editor_keys(ui, "d");
	cr_assert_eq(ui->outcome->boundary_count, 0);
}

Test(ui_editor, a_selection_is_promoted_as_nodes)
{
	struct ui *ui = on_op4();

	editor_keys(ui, "V j p");
	cr_assert_eq(ui->session->plan->seeds.count, 2);
	cr_assert_eq(ui->session->plan->seeds.items[0].kind, SEED_NODE);
	cr_assert_not(ui->visual);
	editor_keys(ui, "u gg <Space><Space>");
	cr_assert_eq(ui->selected_count, 2);
	SEES(ui, "sel 2");
	editor_keys(ui, "<Esc>");
	cr_assert_eq(ui->selected_count, 0);
}

Test(ui_editor, search_moves_and_comes_back)
{
	struct ui *ui = on_op4();

	editor_keys(ui, "/Op7");
	cr_assert_eq(ui->lists[PANE_OUTLINE].cursor, 8);
	editor_keys(ui, "<Esc>");
	cr_assert_eq(ui->lists[PANE_OUTLINE].cursor, 5);
	editor_keys(ui, "/Op7<Enter>");
	SEES(ui, "/Op7   1/1");
	editor_keys(ui, "<C-o>");
	cr_assert_eq(ui->lists[PANE_OUTLINE].cursor, 5);
	editor_keys(ui, "/sfotmax<Enter>");
	SEES(ui, "nothing matches sfotmax");
}

Test(ui_editor, a_filter_narrows_and_is_cleared)
{
	struct ui *ui = on_op4();

	editor_keys(ui, "\\op:Sigmoid<Enter>");
	cr_assert_eq(rows_visible(&ui->rows), 2);
	SEES(ui, "filter: op:Sigmoid");
	editor_keys(ui, "<Esc>");
	cr_assert_eq(rows_visible(&ui->rows), 10);
}

Test(ui_editor, edges_are_followed_and_back)
{
	struct ui *ui = on_op4();

	editor_keys(ui, "gd");
	SEES(ui, "NORMAL  Op2 Cos");
	editor_keys(ui, "gr");
	SEES(ui, "read by");
	editor_keys(ui, "j<Enter>");
	SEES(ui, "NORMAL  Op7 Cos");
	editor_keys(ui, "<C-o><C-o>");
	SEES(ui, "NORMAL  Op4 Tanh");
}

Test(ui_editor, readers_are_picked)
{
	struct ui *ui = on_op4();

	editor_keys(ui, "k c");
	SEES(ui, "who should read it as u16?");
	editor_keys(ui, "j<Space><Enter>");
	cr_assert_eq(ui->outcome->boundary_count, 1);
	cr_assert_eq(ui->outcome->boundaries[0].reader_count, 1);
	editor_keys(ui, "u");
	cr_assert_eq(ui->outcome->boundary_count, 0);
}

Test(ui_editor, the_form_checks_while_one_types)
{
	struct ui *ui = on_op4();

	editor_keys(ui, "e<Tab>x");
	SEES(ui, "is not a number");
	editor_keys(ui, "<Enter>");
	SEES(ui, "is not a number");
	editor_keys(ui, "<BS><Tab><Tab><lt>");
	editor_keys(ui, "<BS>-2<Tab>2<Enter>");
	cr_assert_eq(ui->session->plan->params.count, 1);
	SEES(ui, "Op4_out parameters");
}

/* A choice that nothing takes is told of at once. */
Test(ui_editor, promoting_what_is_not_quantized_says_so)
{
	struct ui *ui = editor_on_demo("mixed8");

	ui_command(ui, "set op-types=Mul");
	editor_keys(ui, "/Op8<Enter>p");
	SEES(ui, "no effect, what is around it is not quantized");
	cr_assert_eq(ui->messages.severity, SEVERITY_WARNING);
	editor_keys(ui, "u/Op5<Enter>p");
	cr_assert_null(strstr(ui->messages.line, "no effect"));
	ui_free(ui);
}

/* The card names what the file does not have: not what was saved, but what was undone
 * since. */
Test(ui_editor, the_quit_card_counts_from_the_last_save)
{
	struct ui *ui = editor_on(fixture_mixed8(), 80, 24);

	editor_keys(ui, "jp");
	plan_mark_saved(ui->session->plan);
	editor_keys(ui, "jp jp q");
	SEES(ui, "2 unsaved changes");
	SEES(ui, "Op3_out u16");
	editor_keys(ui, "<Esc>");
	ui->now += 1000;
	editor_keys(ui, "u u u q");
	SEES(ui, "1 unsaved change");
	SEES(ui, "undone: Op1_out u16");
	ui_free(ui);
}

Test(ui_editor, quitting_asks_when_something_would_be_lost)
{
	struct ui *ui = on_op4();

	ui->now = 5000;

	cr_assert(ui_press(ui, 'q') & DID_QUIT);
	editor_keys(ui, "p");
	cr_assert_not(ui_press(ui, 'q') & DID_QUIT);
	SEES(ui, "1 unsaved change");
	SEES(ui, "Op4_out u16");
	editor_keys(ui, "<Esc>");
	/* the q that closed a layer too many is not taken */
	cr_assert_not(ui_press(ui, 'q') & DID_QUIT);
	cr_assert_not(ui_card(ui) == CARD_QUIT);
	ui->now += 1000;
	editor_keys(ui, "q");
	cr_assert(ui_press(ui, 'x') & DID_QUIT);
	cr_assert_not(ui_press(ui, UK_CTRL('c')) & DID_QUIT);
}

Test(ui_editor, a_pending_prefix_shows_what_may_follow)
{
	struct ui *ui = on_op4();

	editor_keys(ui, "g");
	cr_assert_eq(ui_patience(ui), 400);
	cr_assert_null(strstr(editor_screen(ui), "producer of this tensor"));
	ui->now += 400;
	cr_assert(ui_tick(ui) & DID_REDRAW);
	SEES(ui, "producer of this tensor");
	editor_keys(ui, "g");
	cr_assert_eq(ui->lists[PANE_OUTLINE].cursor, 0);
	cr_assert_null(strstr(editor_screen(ui), "producer of this tensor"));
}

Test(ui_editor, marks_come_back)
{
	struct ui *ui = on_op4();

	editor_keys(ui, "ma gg 'a");
	cr_assert_eq(ui->lists[PANE_OUTLINE].cursor, 5);
	editor_keys(ui, "'z");
	SEES(ui, "mark z is not set");
}

Test(ui_editor, too_small_says_so_and_keeps_all)
{
	struct ui *ui = on_op4();

	editor_keys(ui, "p");
	ui_resize(ui, 22, 6);
	SEES(ui, "too small: 22x6");
	SEES(ui, "need 40x10");
	editor_keys(ui, "u");
	ui_resize(ui, 80, 24);
	cr_assert_eq(ui->outcome->boundary_count, 0);
	SEES(ui, "3 Bounds 0");
}

Test(ui_editor, one_pane_at_a_time_when_narrow)
{
	struct ui *ui = editor_on(fixture_mixed8(), 40, 10);

	SEES(ui, "[Outline] Graph Bounds Tensor JSON Why");
	editor_keys(ui, "jjjjjp3");
	SEES(ui, "Outline Graph [Bounds] Tensor JSON Why");
	SEES(ui, "Op2_out");
}

Test(ui_editor, the_cursor_rests_on_the_row)
{
	struct ui *ui = on_op4();

	ui_draw(ui);
	cr_assert_eq(ui->frame.cursor_y, 7);
	cr_assert_eq(ui->frame.cursor_x, 0);
	editor_keys(ui, "/Op");
	cr_assert_eq(ui->frame.cursor_y, 23);
	cr_assert_eq(ui->frame.cursor_x, 3);
}

Test(ui_editor, an_empty_graph_is_no_trouble)
{
	struct ui *ui = editor_on(fixture_make(""), 80, 24);

	SEES(ui, "This graph has no nodes.");
	editor_keys(ui, "jkpdceu<Space>vjp/x<Enter>n N*#gdgrgigo1234567wG<C-d>zz.=+-?");
}

/* Random keys and sizes: nothing may break, whatever comes; the seed is printed. */
Test(ui_editor, random_keys)
{
	static const char *const pieces[] = {"j", "k", "h", "l", "p", "p", "P", "d", "c",
		"e", "u", "<C-r>", "<Space>", "v", "V", "gv", "o", "gd", "gr", "gi", "go",
		"]b", "[b", "]r", "]c", "]s", "<C-o>", "g,", "ma", "'a", "''", "/op",
		"\\Op", "n", "N", "*", "#", "<Enter>", "<Esc>", "<Tab>", "<S-Tab>", "1",
		"2", "3", "4", "5", "6", "7", "w", "O", "+", "-", "=", "<lt>", ">", "s",
		"gg", "G", "<C-d>", "<C-u>", "<C-f>", "zz", "zt", "zb", "?", "a", "i",
		"t", "<BS>", "<C-p>", ":", "<Up>", "<Down>", ".", "y", "M", "q", "x", "9",
		"<C-c>", "é", "<F4>", "<C-t>", "-1", "0.5"};
	unsigned seed =
		(unsigned)(getenv("QDQEDIT_TEST_SEED") ? atoi(getenv("QDQEDIT_TEST_SEED"))
						       : 1);

	for (int round = 0; round < 12; round++) {
		struct ui *ui =
			editor_on(round % 3 ? fixture_random(seed + (unsigned)round, 80)
					    : fixture_mixed8(),
				80, 24);

		srand(seed * 100 + (unsigned)round);
		for (int i = 0; i < 1500; i++) {
			int pick = rand() % (int)(sizeof(pieces) / sizeof(*pieces));

			if (rand() % 40 == 0)
				ui_resize(ui, 1 + rand() % 200, 1 + rand() % 60);
			if (rand() % 20 == 0)
				ui_mouse(ui, rand() % ui->frame.w, rand() % ui->frame.h,
					(int[]){0, 1, 4, 5}[rand() % 4]);
			ui->now += (uint64_t)(rand() % 300);
			editor_keys(ui, pieces[pick]);
			cr_assert_lt(ui->frame.cursor_x, ui->frame.w);
			cr_assert_lt(ui->frame.cursor_y, ui->frame.h);
		}
		ui_free(ui);
	}
}

/* With --slow the other panes wait until the cursor rests, and searches for quiet. */
Test(ui_editor, slow_links_are_spared)
{
	struct ui *ui = on_op4();

	ui->settings.slow = true;
	ui->now = 10000;
	editor_keys(ui, "4");
	SEES(ui, "float[1,2,3]  by Op4");
	editor_keys(ui, "1j");
	SEES(ui, "NORMAL  Op5 Mul");
	SEES(ui, "float[1,2,3]  by Op4");
	cr_assert_eq(ui_patience(ui), 150);
	ui->now += 150;
	cr_assert(ui_tick(ui) & DID_REDRAW);
	SEES(ui, "float[1,2,3]  by Op5");
	cr_assert_eq(ui_patience(ui), -1);
	editor_keys(ui, "/Op7");
	SEES(ui, "NORMAL  Op5 Mul");
	cr_assert_eq(ui_patience(ui), 300);
	ui->now += 300;
	ui_tick(ui);
	SEES(ui, "NORMAL  Op7 Cos");
}

/* A frame follows from the state: drawn again it is the same. */
Test(ui_editor, a_second_frame_is_the_first)
{
	static const char *const keys[] = {"j", "k", "p", "d", "u", "3", "4", "5", "6",
		"2", "1", "7", "=", "+", "t", "s", "V", "<Space>", "<C-d>", "G", "gg",
		"w", "c", "e", "?", "<Esc>", "/Cos<Enter>", "\\a<Enter>", "O", "P", "zz"};
	static const int sizes[][2] = {
		{80, 24}, {40, 10}, {160, 45}, {250, 70}, {120, 20}};
	static const char long_names[] =
		"first_of_all Sin x -> a_long_tensor\n"
		"another_node Cos a_long_tensor -> b_tensor\n"
		"the_last_one Add a_long_tensor;b_tensor -> c_long_tensor\n"
		"!c_long_tensor\n";
	uint32_t state = 11;

	for (unsigned seed = 1; seed <= 6; seed++) {
		struct ui *ui = editor_on(
			seed % 2 ? fixture_make(long_names) : fixture_random(seed, 40),
			80, 24);

		for (int i = 0; i < 250; i++) {
			char *first, *second;
			const int *size;

			state = state * 1664525 + 1013904223;
			size = sizes[(state >> 8) % 5];
			if (!(state >> 20 & 15))
				ui_resize(ui, size[0], size[1]);
			editor_keys(
				ui, keys[(state >> 16) % (sizeof(keys) / sizeof(*keys))]);
			first = frame_dump(&ui->frame, true);
			ui_draw(ui);
			second = frame_dump(&ui->frame, true);
			cr_assert_str_eq(second, first, "seed %u, key %d", seed, i);
			free(first);
			free(second);
		}
		ui_free(ui);
	}
}
