/* What the editor measures with samples. Needs the runtime. */
#include "ui_fixture.h"

#include "support.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

/* A script on the demo of that name, with the runtime; the test fails with it. */
static void script(const char *text, const char *option, const char *value)
{
	const char *path = test_path("measure.script");
	struct test_result result;

	test_write_text(path, text);
	result =
		TEST_QDQEDIT("script", path, "--ort-lib", test_need_ort(), option, value);
	cr_assert_eq(result.status, 0, "%s", result.err);
}

Test(ui_measure, accuracy_stands_in_the_title)
{
	script(":!expect dB\n"
	       ":set live\n:expect 51.1 dB\n"
	       ":promote\n:expect 52.0 dB +0.9\n"
	       "u\n:expect 51.1 dB -0.9\n"
	       ":resize 120x30\n:expect SQNR 51.1 dB\n"
	       ":set activation-type=u16\n:!expect 51.1 dB\n:expect dB\n"
	       ":set nolive\n:!expect SQNR\n",
		NULL, NULL);
}

Test(ui_measure, random_samples_take_the_place_of_the_demos)
{
	script(":set live\n:expect dB\n:!expect 51.1 dB\n", "--random", "2");
}

Test(ui_measure, without_a_runtime_it_is_said_once)
{
	const char *path = test_path("measure.script");
	struct test_result result;

	test_write_text(path, ":set live\n:expect no/such\n:promote\n:!expect no/such\n"
			      ":!expect dB\n:expect 1 DQ\n");
	result = TEST_QDQEDIT("script", path, "--ort-lib", "no/such");
	cr_assert_eq(result.status, 0, "%s", result.err);
}

Test(ui_measure, calibrate_is_one_step_of_undo)
{
	script(":calibrate\n:expect 10 ranges from 2 samples, minmax. u undoes\n"
	       ":expect undo 1\n"
	       ":calibrate entropy\n:expect entropy. u undoes\n:expect undo 2\n"
	       "uu\n:expect undo 0\n"
	       ":!calibrate best\n:expect best\n",
		NULL, NULL);
	script(":calibrate\n:expect 2 random samples\n:expect not for use\n", "--random",
		"2");
}

Test(ui_measure, ranges_are_written_and_read_again)
{
	const char *file = test_path("ranges.json");

	script(test_text(":calibrate\n:save-ranges %s\n:expect 10 ranges "
			 "written\n"
			 ":!save-ranges %s\n:save-ranges! %s\n:ranges %s\n"
			 "gg\n:expect undo 2\n",
		       file, file, file, file),
		NULL, NULL);
}

Test(ui_measure, calibrate_asks_for_samples_and_the_runtime)
{
	const char *path = test_path("measure.script");
	struct test_result result;

	test_write_text(path, ":!calibrate\n:expect no/such\n:samples no/where\n"
			      ":!calibrate\n:expect no/where\n:samples random 3\n"
			      ":expect 3 random ones\n:!samples random x\n");
	result = TEST_QDQEDIT("script", path, "--ort-lib", "no/such");
	cr_assert_eq(result.status, 0, "%s", result.err);
}

/* What each type makes of a tensor's values, and a histogram with bounds. */
Test(ui_measure, the_tensor_pane_tells_what_was_measured)
{
	script(":resize 100x40\n4\n/Op4_out<Enter>\n4 O\n:expect ~\n"
	       ":set live\n:expect u8 step\n:!expect ~\n:expect clipped\n",
		NULL, NULL);
}

Test(ui_measure, compare_fills_a_column_and_sorts)
{
	script(":!order error\n:expect nothing was measured\n"
	       ":compare\n:expect outputs 5\n:expect dB on 2 samples; worst\n"
	       ":order error\n:expect order: error\n"
	       ":resize 160x45\ngg\n:expect inherits\n"
	       "p\n:expect of an older plan\n"
	       ":compare\n:!expect of an older plan\n",
		NULL, NULL);
}

Test(ui_measure, a_point_of_the_curve_is_applied_and_undone)
{
	script(":!curve\n:!suggest much\n:expect one of dB\n"
	       ":suggest\n:expect what to promote\n:expect proposal\n"
	       "<Enter>\n:expect suggested: \ngg\n:expect undo 1\n:!expect what to\n"
	       ":curve\n:expect changed since\n<Esc>\n"
	       "u\ngg\n:expect undo 0\n:expect base u8   0 regions\n"
	       ":curve\nG<Enter>\ngg\n:expect undo 1\nu\ngg\n:expect undo 0\n",
		NULL, NULL);
}

/* Scores from elsewhere rank, as they do for the batch command; what is wrong with the
 * words is said before anything runs. */
Test(ui_measure, suggest_ranks_by_scores_from_a_file)
{
	const char *path = test_path("my scores.csv");

	test_write_text(path, "tensor,score\nOp3_out,0.9\nOp1_out,0.5\nOp2_out,0.1\n");
	script(test_text(":!suggest 40 conversions=many\n:expect no number\n"
			 ":!suggest speed=3\n:expect take goal, within\n"
			 ":!suggest scores=%s\n:expect whether high\n"
			 ":set scores=worse\n"
			 ":suggest conversions=9 patience=5 scores=%s\n"
			 ":expect what to promote\n<Esc>\n:messages\n"
			 ":expect ranked by scores\n",
		       path, path),
		NULL, NULL);
}

/* The library can be named while the editor runs; a job under way has its own. */
Test(ui_measure, a_library_is_named_in_the_editor)
{
	const char *path = test_path("measure.script");
	struct test_result result;

	test_write_text(
		path, test_text(":set live\n:expect no/such\n:set ort-lib=%s\n:set live\n"
				":expect 51.1 dB\n:set\n:expect ort-lib\n",
			      test_need_ort()));
	result = TEST_QDQEDIT("script", path, "--ort-lib", "no/such");
	cr_assert_eq(result.status, 0, "%s", result.err);
}

/* ---- with a terminal: nothing waits */

static bool never(struct ui *ui, int ms)
{
	(void)ui, (void)ms;
	return false;
}

static struct ui *on_terminal(void)
{
	struct ui_options options = {.request.demo = "mixed8"};
	struct ui_settings settings = {
		.paint = PAINT_256, .hints = true, .lanes = LANES, .live = true};
	struct error err = ERROR_INIT;
	struct session *session =
		session_open(&options.request, false, &progress_never, &err);
	struct ui *ui;

	cr_assert(session, "%s", err.text);
	ui = ui_new(session, &settings, 80, 24, &err);
	cr_assert(ui, "%s", err.text);
	options.samples.ort_lib = test_need_ort();
	measure_take_source(ui, &options);
	ui->wait = never;
	return ui;
}

static void settle(struct ui *ui)
{
	for (int i = 0; i < 2000 && measure_patience(ui) >= 0; i++) {
		usleep(5000);
		ui_tick(ui);
	}
	cr_assert_eq(measure_patience(ui), -1);
}

Test(ui_measure, an_older_accuracy_is_marked_until_the_new_is_there)
{
	struct ui *ui = on_terminal();

	ui_tick(ui);
	cr_assert(strstr(editor_screen(ui), " … qdqedit"), "%s", editor_screen(ui));
	settle(ui);
	cr_assert(strstr(editor_screen(ui), "51.1 dB qdqedit"), "%s", editor_screen(ui));
	editor_keys(ui, "p");
	cr_assert(
		strstr(editor_screen(ui), "51.1 dB … qdqedit"), "%s", editor_screen(ui));
	settle(ui);
	cr_assert(strstr(editor_screen(ui), "52.0 dB +0.9"), "%s", editor_screen(ui));
	ui_free(ui);
}

Test(ui_measure, a_newer_edit_cancels_the_older_measurement)
{
	struct ui *ui = on_terminal();

	settle(ui);
	for (int i = 0; i < 20; i++)
		editor_keys(ui, "p u");
	cr_assert(ui->measure.live.task.busy);
	settle(ui);
	cr_assert_eq(ui->measure.live.generation, ui->session->plan->generation);
	cr_assert(strstr(editor_screen(ui), "51.1 dB"), "%s", editor_screen(ui));
	editor_keys(ui, "p");
	ui_free(ui);
}

Test(ui_measure, one_goes_on_while_a_job_runs)
{
	struct ui *ui = on_terminal();

	ui_command(ui, "calibrate percentile");
	cr_assert(measure_job_is_busy(&ui->measure));
	cr_assert(ui_command(ui, "calibrate") & DID_FAIL);
	editor_keys(ui, "j p");
	cr_assert(strstr(editor_screen(ui), "calibrating"), "%s", editor_screen(ui));
	settle(ui);
	cr_assert(strstr(editor_screen(ui), "percentile. u undoes"), "%s",
		editor_screen(ui));
	cr_assert_eq(plan_undo_position(ui->session->plan), 2);
	ui_free(ui);
}

Test(ui_measure, a_job_is_cancelled_by_ctrl_c_and_by_leaving)
{
	struct ui *ui = on_terminal();

	ui->measure.source.request.random = 100000;
	ui_command(ui, "calibrate");
	editor_keys(ui, "<C-c>");
	settle(ui);
	cr_assert_eq(plan_undo_position(ui->session->plan), 0);
	cr_assert(strstr(ui->messages.line, "cancelled"), "%s", ui->messages.line);
	ui_command(ui, "calibrate");
	ui_free(ui);
}
