/* Line by line, and rows in sentences. */
#include "ui_fixture.h"

#include "support.h"

#include <string.h>

/* The program in plain mode on the demo, a terminal that can do nothing. */
static struct test_result plain(const char *lines)
{
	const char *argv[] = {"env", "TERM=dumb",
		test_text("XDG_STATE_HOME=%s", test_path("state")), test_program(),
		"demo", "--plain", "--ascii", NULL};
	struct test_command command = {
		.argv = argv, .input = lines, .input_length = strlen(lines)};

	return test_run_with(&command);
}

#define ANSWERS(r, text)                                                                 \
	cr_assert(strstr((r).out, text), "%s\n is not in\n%s%s", text, (r).out, (r).err)

Test(ui_plain, promotes_looks_explains_and_saves)
{
	const char *file = test_path("o.json");
	struct test_result r = plain(test_text("jjjjj\np\n3\n:why\n:w %s\nq\n", file));

	cr_assert_eq(r.status, 0, "%s", r.err);
	ANSWERS(r, "Op4, Tanh, u8, row 6 of 10.\n");
	ANSWERS(r, "Op4_out u16. 1 node follows (Op5), 3 DQ>Q. u undoes\n");
	ANSWERS(r, "1 Op2_out   u8  ~ u16  Op4");
	ANSWERS(r, "you set Op4_out to u16");
	ANSWERS(r, "4 tensors written");
	cr_assert_null(strchr(r.out, '\033'));
	cr_assert(strstr(test_read_file(file, NULL), "\"Op4_out\""));
}

Test(ui_plain, cards_are_read_and_answered)
{
	struct test_result r = plain("?\njjjjj\np\nq\nx\nj\n");

	cr_assert_eq(r.status, 0, "%s", r.err);
	ANSWERS(r, "Editing\n");
	ANSWERS(r, ":promote");
	ANSWERS(r, "quit, lose them");
	/* x left: the last line was not read */
	cr_assert_null(strstr(r.out, "row 7 of 10"));
}

Test(ui_plain, what_is_wrong_is_said_and_nothing_ends)
{
	struct test_result r = plain(":frobnicate\n:seed Op44=u16\nj\n");

	cr_assert_eq(r.status, 0, "%s", r.err);
	ANSWERS(r, "! frobnicate: no such command");
	ANSWERS(r, "! ");
	ANSWERS(r, "row 2 of 10.");
}

Test(ui_plain, a_row_is_a_sentence)
{
	struct ui *ui = editor_on(fixture_mixed8(), 80, 24);

	editor_keys(ui, "jjjjj p gK");
	cr_assert_str_eq(ui->messages.line,
		"Op4, Tanh, u16, you chose it, reads Op2_out converted to u16, region A, "
		"row 6 of 10.");
	editor_keys(ui, "gg <Space> k gK");
	cr_assert_str_eq(ui->messages.line,
		"input_0, graph input, u8, 1 reader, selected, row 1 of 10.");
}

/* With announce a move changes the status line and the cursor's rows, nothing else. */
Test(ui_plain, a_move_that_is_announced_changes_one_line)
{
	struct ui *ui = editor_on(fixture_mixed8(), 80, 24);
	char before[24][81];

	editor_keys(ui, ":set<Space>announce<Enter> jjjj");
	for (int y = 0; y < 24; y++)
		for (int x = 34; x < 80; x++)
			before[y][x] = frame_cell(&ui->frame, x, y)->text[0];
	editor_keys(ui, "j");
	cr_assert(strstr(editor_screen(ui), " Op4, Tanh, u8, row 6 of 10."));
	for (int y = 0; y < 22; y++)
		for (int x = 34; x < 80; x++)
			cr_assert_eq(before[y][x], frame_cell(&ui->frame, x, y)->text[0]);
	/* a pane that is asked for shows what the cursor is on */
	editor_keys(ui, "4");
	cr_assert(strstr(editor_screen(ui), "by Op4"), "%s", editor_screen(ui));
}
