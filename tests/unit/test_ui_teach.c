/* The tour, stepping through the closure, captions, and the shipped scripts. */
#include "ui_fixture.h"

#include "support.h"
#include "tests/tty/pty.h"

#include <signal.h>
#include <string.h>

#define SEES(ui, text)                                                                   \
	cr_assert(strstr(editor_screen(ui), text), "%s\n is not in\n%s", text,           \
		editor_screen(ui))
#define MISSES(ui, text)                                                                 \
	cr_assert_null(strstr(editor_screen(ui), text), "%s\n is in\n%s", text,          \
		editor_screen(ui))

Test(ui_teach, the_tour_waits_for_the_effect_not_for_the_key)
{
	struct ui *ui = editor_on(fixture_mixed8(), 80, 24);

	ui_open_card(ui, CARD_START);
	editor_keys(ui, "t");
	SEES(ui, "1 of 7");
	editor_keys(ui, "p");
	SEES(ui, "1 of 7");
	editor_keys(ui, "u /Op4<Enter>");
	SEES(ui, "2 of 7");
	ui_command(ui, "promote u16");
	SEES(ui, "3 of 7");
	ui_command(ui, "bounds");
	SEES(ui, "4 of 7");
	editor_keys(ui, "6");
	SEES(ui, "5 of 7");
	editor_keys(ui, "5");
	SEES(ui, "6 of 7");
	editor_keys(ui, ":explain<Space>range<Enter>");
	SEES(ui, "explain: range");
	editor_keys(ui, "q");
	SEES(ui, "7 of 7");
	editor_keys(ui, "u");
	SEES(ui, "7 of 7");
	editor_keys(ui, "<C-r>");
	SEES(ui, "now yours");
	editor_keys(ui, "<Esc>");
	MISSES(ui, "now yours");
}

Test(ui_teach, the_tour_is_left_and_resumed)
{
	struct ui *ui = editor_on(fixture_mixed8(), 80, 24);

	ui_command(ui, "tour");
	editor_keys(ui, "n n");
	SEES(ui, "3 of 7");
	editor_keys(ui, "b");
	SEES(ui, "2 of 7");
	editor_keys(ui, "<Esc>");
	MISSES(ui, "2 of 7");
	SEES(ui, ":tour resumes it");
	editor_keys(ui, "/Op7<Enter> n");
	ui_command(ui, "tour");
	SEES(ui, "2 of 7");
	ui_command(ui, "tour again");
	SEES(ui, "1 of 7");
	ui_resize(ui, 40, 10);
	SEES(ui, "Tour 1/7");
	SEES(ui, "Go to Op4.");
}

Test(ui_teach, the_tour_needs_the_demo)
{
	struct ui *ui = editor_on(fixture_random(1, 20), 80, 24);

	cr_assert(ui_command(ui, "tour") & DID_FAIL);
	SEES(ui, "the tour needs the demo");
}

Test(ui_teach, the_closure_is_stepped_through)
{
	struct ui *ui = editor_on(fixture_mixed8(), 80, 24);

	editor_keys(ui, "jjjjj p ;");
	SEES(ui, "rule 1 of 8");
	SEES(ui, "the closure, rule by rule");
	SEES(ui, "1 you set Op4_out to u16");
	MISSES(ui, "Op4 makes it");
	editor_keys(ui, ";");
	SEES(ui, "2 Op4 makes it");
	editor_keys(ui, ";");
	cr_assert_str_eq(graph_node_name(ui->outcome->graph, ui->target.node), "Op5");
	ui_command(ui, "step back");
	SEES(ui, "rule 2 of 8");
	ui_command(ui, "step all");
	SEES(ui, "that was all");
	SEES(ui, "nobody else is asked");
	editor_keys(ui, "<Esc>");
	MISSES(ui, "the closure, rule by rule");
	editor_keys(ui, "; u");
	MISSES(ui, "the closure, rule by rule");
	editor_keys(ui, ";");
	SEES(ui, "rule 1 of 1");
	cr_assert(ui_command(ui, "step sideways") & DID_FAIL);
	ui_resize(ui, 40, 10);
	editor_keys(ui, "<Esc>");
	ui_command(ui, "step first");
	SEES(ui, "[Why]");
}

Test(ui_teach, captions_and_keys_are_shown)
{
	struct ui *ui = editor_on(fixture_mixed8(), 80, 24);

	ui_command(ui, "caption Look at Op4");
	SEES(ui, "Look at Op4");
	editor_keys(ui, "<Esc>");
	MISSES(ui, "Look at Op4");
	ui_command(ui, "set showkeys");
	editor_keys(ui, "jj<C-d>k");
	SEES(ui, "j j <C-d> k");
	ui_command(ui, "set noshowkeys");
	MISSES(ui, "<C-d> k");
	cr_assert(ui_command(ui, "set pace=20000") & DID_FAIL);
	cr_assert_not(ui_command(ui, "set pace=0") & DID_FAIL);
	ui_command(ui, "set nohints");
	editor_keys(ui, "j");
	MISSES(ui, "p promote");
}

Test(ui_teach, the_shipped_scripts_come_true)
{
	static const char *const names[] = {"first-steps", "numbers", "regions"};

	for (int i = 0; i < 3; i++) {
		const char *path =
			test_source(test_text("data/scripts/%s.script", names[i]));
		struct test_result r = TEST_QDQEDIT("script", path);

		cr_assert_eq(r.status, 0, "%s", r.err);
		cr_assert_str_empty(r.err);
		cr_assert_str_empty(r.out);
	}
}

Test(ui_teach, a_script_that_expects_in_vain_fails)
{
	struct test_result r;

	test_write_text(test_path("wrong.script"), "j\n:expect nowhere to be seen\n");
	r = TEST_QDQEDIT("script", test_path("wrong.script"));
	cr_assert_eq(r.status, 1);
	cr_assert(strstr(r.err, "line 2: expected on the screen: nowhere"), "%s", r.err);
	test_write_text(test_path("wrong.script"), ":!redo\n:!promote u16\n");
	r = TEST_QDQEDIT("script", test_path("wrong.script"));
	cr_assert_eq(r.status, 1);
	cr_assert(strstr(r.err, "line 2: "), "%s", r.err);
}

#define RUN(...) ((const char *const[]){test_program(), __VA_ARGS__, NULL})

/* Without a model: the card, the tour, and its end, as a newcomer has it. */
Test(ui_teach, a_newcomer_takes_the_tour)
{
	const char *const argv[] = {test_program(), NULL};
	struct pty *pty = pty_start(80, 24, argv, NULL);

	pty_expect(pty, "the tour");
	pty_type(pty, "t");
	pty_expect(pty, "1 of 7");
	pty_type(pty, "jjjjj");
	pty_expect(pty, "2 of 7");
	pty_type(pty, "p");
	pty_expect(pty, "3 of 7");
	pty_type(pty, "3");
	pty_expect(pty, "4 of 7");
	pty_type(pty, "w");
	pty_expect(pty, "5 of 7");
	pty_type(pty, "5");
	pty_expect(pty, "6 of 7");
	pty_type(pty, ":explain scale\r");
	pty_expect(pty, "its numbers");
	pty_type(pty, "q");
	pty_expect(pty, "7 of 7");
	pty_type(pty, "u\x12");
	pty_expect(pty, "now yours");
	pty_type(pty, "ZQ");
	cr_assert_eq(pty_end(pty), 0);
}

static const char *show_script(const char *text)
{
	test_write_text(test_path("show.script"), text);
	return test_path("show.script");
}

Test(ui_teach, a_script_is_shown_with_captions_and_waits_for_readers)
{
	struct pty *pty = pty_start(100, 30,
		RUN("script", "--show",
			show_script(":set pace=1\n# Read this first.\njjjjjp\n"
				    ":expect not looked for here\n:resize 10x10\n"
				    "# And this.\n")),
		NULL);

	pty_expect(pty, "Read this first.");
	pty_type(pty, " ");
	pty_type(pty, "x");
	pty_expect(pty, "3 Bounds 3");
	pty_expect(pty, "And this.");
	pty_expect(pty, "the script ends here");
	pty_expect(pty, "j j j j j p");
	pty_type(pty, "x");
	cr_assert_eq(pty_end(pty), 0);
	cr_assert(pty_is_restored(pty));
}

Test(ui_teach, a_shown_script_is_left_with_q_and_fails_where_it_fails)
{
	struct pty *pty = pty_start(
		80, 24, RUN("script", "--show", show_script("# Long.\njjjj\n")), NULL);

	pty_expect(pty, "Long.");
	pty_type(pty, "q");
	cr_assert_eq(pty_end(pty), 0);
	pty = pty_start(80, 24,
		RUN("script", "--show", show_script(":set pace=0\n\n:redo\n")), NULL);
	cr_assert_eq(pty_end(pty), 1);
	cr_assert(strstr(pty_screen(pty), "line 3: redo: nothing to redo"), "%s",
		pty_screen(pty));
}

Test(ui_teach, the_user_file_is_read_at_the_start)
{
	const char *environment[] = {
		test_text("XDG_CONFIG_HOME=%s", test_folder()), NULL};
	struct pty *pty;

	cr_assert_eq(TEST_RUN("mkdir", test_path("qdqedit")).status, 0);
	test_write_text(test_path("qdqedit/config"), "map x promote s16\nnonsense\n");
	pty = pty_start(80, 24, RUN("demo"), environment);
	pty_expect(pty, "line 2: nonsense");
	pty_type(pty, "jx");
	pty_expect(pty, "Op1_out s16");
	pty_type(pty, "ZQ");
	cr_assert_eq(pty_end(pty), 0);
}
