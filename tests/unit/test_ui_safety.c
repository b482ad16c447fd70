/* That nothing is lost: journals, kill -9, project files, changes on disk. */
#include "ui_fixture.h"

#include "job/journal.h"
#include "job/project.h"
#include "support.h"
#include "tests/tty/pty.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EDIT(...) ((const char *const[]){test_program(), __VA_ARGS__, NULL})

/* The demo's model and ranges as files; a state folder of its own. */
static const char *files(void)
{
	struct test_result r = TEST_QDQEDIT("demo", "mixed8", "-o", test_path("demo"));

	cr_assert_eq(r.status, 0, "%s", r.err);
	setenv("XDG_STATE_HOME", test_path("state"), 1);
	return test_path("demo/mixed8.onnx");
}

static struct pty *edit(const char *model)
{
	return pty_start(80, 24, EDIT(model, "--op-types", "all"), NULL);
}

static unsigned journals(void)
{
	struct test_result r =
		TEST_RUN("sh", "-c", "ls \"$1\" 2>/dev/null | grep -c journal", "sh",
			test_path("state/qdqedit"));

	return (unsigned)atoi(r.out);
}

/* The journal is written behind the frame that shows its edit. */
static void expect_journals(unsigned wanted)
{
	unsigned found = journals();

	for (int i = 0; found != wanted && i < 100; i++) {
		usleep(50000);
		found = journals();
	}
	cr_assert_eq(found, wanted, "%u journals", found);
}

Test(ui_safety, kill_9_loses_nothing)
{
	const char *model = files();
	struct pty *pty = edit(model);

	pty_expect(pty, "Op8");
	expect_journals(0);
	pty_type(pty, "jjjjjp");
	pty_expect(pty, "3 DQ→Q. u undoes");
	pty_type(pty, "/Op7\rp");
	pty_expect(pty, "output_1 u16.");
	pty_type(pty, "u");
	pty_expect(pty, "Undone: output_1 u16");
	pty_signal(pty, SIGKILL);
	cr_assert_eq(pty_end(pty), 128 + SIGKILL);
	expect_journals(1);

	pty = edit(model);
	pty_expect(pty, "take the edits up again");
	pty_type(pty, "r");
	pty_expect(pty, "taken up");
	pty_expect(pty, "3 Bounds 3");
	pty_expect(pty, "Op2_out   u8  ⇄ u16  Op4        Op7 Op8");
	pty_expect(pty, "[+]");
	expect_journals(1);
	pty_signal(pty, SIGKILL);
	pty_end(pty);

	pty = edit(model);
	pty_expect(pty, "take the edits up again");
	pty_type(pty, "\x1b");
	pty_expect_gone(pty, "take the edits up again");
	pty_type(pty, "ZQ");
	cr_assert_eq(pty_end(pty), 0);
	expect_journals(1);
	pty = edit(model);
	pty_expect(pty, "take the edits up again");
	pty_type(pty, "x");
	pty_expect(pty, "thrown away");
	expect_journals(0);
	pty_type(pty, "ZQ");
	cr_assert_eq(pty_end(pty), 0);
}

Test(ui_safety, a_signal_keeps_unsaved_edits_and_says_so)
{
	const char *model = files();
	int signals[] = {SIGTERM, SIGHUP};

	for (int i = 0; i < 2; i++) {
		struct pty *pty = edit(model);

		pty_expect(pty, "Op8");
		if (i) {
			pty_expect(pty, "take the edits up again");
			pty_type(pty, "x");
			pty_expect(pty, "thrown away");
		}
		pty_type(pty, "jp");
		pty_expect(pty, "u undoes");
		pty_signal(pty, signals[i]);
		cr_assert_eq(pty_end(pty), 0);
		expect_journals(1);
		if (!i)
			cr_assert(strstr(pty_screen(pty), "unsaved edits are kept"), "%s",
				pty_screen(pty));
	}
}

Test(ui_safety, what_is_saved_or_given_up_leaves_no_journal)
{
	const char *model = files();
	struct pty *pty = edit(model);

	pty_expect(pty, "Op8");
	pty_type(pty, "jp");
	pty_expect(pty, "u undoes");
	expect_journals(1);
	pty_type(pty, test_text(":w %s\r", test_path("o.json")));
	pty_expect(pty, "written to");
	expect_journals(0);
	pty_type(pty, "jp");
	pty_expect(pty, "u undoes");
	expect_journals(1);
	pty_type(pty, "ZQ");
	cr_assert_eq(pty_end(pty), 0);
	expect_journals(0);
}

Test(ui_safety, what_is_undone_to_the_last_leaves_no_journal)
{
	struct pty *pty = edit(files());

	pty_expect(pty, "Op8");
	pty_type(pty, "jp");
	pty_expect(pty, "u undoes");
	pty_type(pty, "jp");
	pty_expect(pty, "undo 2");
	pty_type(pty, "uu");
	pty_expect(pty, "undo 0");
	expect_journals(0);
	pty_type(pty, "\x12\x12");
	pty_expect(pty, "undo 2");
	expect_journals(1);
	pty_signal(pty, SIGKILL);
	pty_end(pty);

	pty = edit(test_path("demo/mixed8.onnx"));
	pty_expect(pty, "2 edits, the last");
	pty_type(pty, "r");
	pty_expect(pty, "taken up");
	pty_type(pty, "ZQ");
	cr_assert_eq(pty_end(pty), 0);
}

/* The edit is in a file, its undoing nowhere but in the journal. */
Test(ui_safety, kill_9_keeps_the_undo_of_what_was_saved)
{
	struct pty *pty = edit(files());

	pty_expect(pty, "Op8");
	pty_type(pty, "jjjjjp");
	pty_expect(pty, "3 Bounds 3");
	pty_type(pty, test_text(":w %s\r", test_path("o.json")));
	pty_expect(pty, "written to");
	pty_type(pty, "u");
	pty_expect(pty, "3 Bounds 0");
	pty_signal(pty, SIGKILL);
	pty_end(pty);
	expect_journals(1);

	pty = pty_start(80, 24,
		EDIT(test_path("demo/mixed8.onnx"), "--op-types", "all", "-c",
			test_path("o.json")),
		NULL);
	pty_expect(pty, "choices as they stood");
	pty_expect(pty, "3 DQ→Q");
	pty_type(pty, "r");
	pty_expect(pty, "3 Bounds 0");
	pty_type(pty, "ZQ");
	cr_assert_eq(pty_end(pty), 0);
}

Test(ui_safety, two_editors_of_a_model_do_not_meet)
{
	const char *model = files();
	struct pty *a = edit(model), *b;

	pty_expect(a, "Op8");
	pty_type(a, "jp");
	pty_expect(a, "u undoes");
	b = edit(model);
	pty_expect(b, "Op8");
	pty_type(b, "jjp");
	pty_expect(b, "u undoes");
	expect_journals(2);
	pty_type(a, "ZQ");
	pty_type(b, "ZQ");
	cr_assert_eq(pty_end(a), 0);
	cr_assert_eq(pty_end(b), 0);
	expect_journals(0);
}

Test(ui_safety, a_project_holds_everything_and_is_opened_by_name)
{
	const char *model = files(), *project = test_path("demo/work.qdq");
	const char *script = test_path("script");
	struct test_result r;
	char *text;

	test_write_text(script, test_text("/Op4_out<Enter>p\n:name heart\nma\n:w %s\n"
					  ":expect project written\n/Op6<Enter>p\n"
					  ":w\n:expect project written\n",
					project));
	r = TEST_QDQEDIT("script", script, model, "--op-types", "all", "-r",
		test_path("demo/ranges.json"));
	cr_assert_eq(r.status, 0, "%s", r.err);
	text = test_read_file(project, NULL);
	cr_assert(strstr(text, "model {\"file\": \"mixed8.onnx\""), "%s", text);
	cr_assert(strstr(text, "ranges \"ranges.json\""), "%s", text);
	cr_assert(strstr(text, "mark a {\"node\": \"Op4\"}"), "%s", text);
	test_write_text(script, ":expect 2 DQ→Q\n'a\n:expect NORMAL  Op4\n:region\n"
				":expect heart\nq\n:explain scale\n"
				":expect in the file: scale 2.3651484e-05\n");
	r = TEST_QDQEDIT("script", script, project);
	cr_assert_eq(r.status, 0, "%s", r.err);
	r = TEST_QDQEDIT("script", script, test_path("demo/nothing.qdq"));
	cr_assert_eq(r.status, 1);
	test_write_text(test_path("demo/bad.qdq"), "qdqedit project 1\n");
	r = TEST_QDQEDIT("script", script, test_path("demo/bad.qdq"));
	cr_assert_eq(r.status, 1);
	cr_assert(strstr(r.err, "names no model"), "%s", r.err);
}

/* Ranges that were measured here lie beside the project. */
Test(ui_safety, a_project_keeps_measured_ranges)
{
	const char *model = files(), *project = test_path("demo/work.qdq");
	const char *script = test_path("script"), *library = test_need_ort();
	struct test_result r;
	char *text;

	test_write_text(script, test_text(":samples random 3\n:calibrate\n"
					  ":expect from 3 random samples\n:w %s\n"
					  ":expect project written\n"
					  ":calibrate percentile\n:w\n",
					project));
	r = TEST_QDQEDIT(
		"script", script, model, "--op-types", "all", "--ort-lib", library);
	cr_assert_eq(r.status, 0, "%s", r.err);
	text = test_read_file(project, NULL);
	cr_assert(strstr(text, "ranges \"work.ranges.json\""), "%s", text);
	text = test_read_file(test_path("demo/work.ranges.json"), NULL);
	cr_assert(strstr(text, "CalibrationMethod.Percentile"), "%s", text);
	test_write_text(script, ":resize 200x45\n/Op4_out<Enter>\n4\n4 O\n"
				":expect work.ranges.json\n");
	r = TEST_QDQEDIT("script", script, project);
	cr_assert_eq(r.status, 0, "%s", r.err);
}

/* And in the journal. */
Test(ui_safety, kill_9_loses_no_measured_ranges)
{
	const char *model = files();
	struct pty *pty;

	setenv("QDQEDIT_ORT_LIB", test_need_ort(), 1);
	pty = edit(model);
	pty_expect(pty, "Op8");
	pty_type(pty, ":samples random 3\r");
	pty_expect(pty, "3 random ones");
	pty_type(pty, ":calibrate\r");
	pty_expect(pty, "from 3 random samples");
	pty_signal(pty, SIGKILL);
	pty_end(pty);
	pty = edit(model);
	pty_expect(pty, "take the edits up again");
	pty_type(pty, "r");
	pty_expect(pty, "1 edit taken up");
	pty_type(pty, "/Op4_out\r4 O");
	pty_expect(pty, "3 random samples");
	pty_type(pty, "ZQ");
	cr_assert_eq(pty_end(pty), 0);
}

Test(ui_safety, a_project_of_another_model_keeps_what_fits)
{
	const char *project = test_path("demo/work.qdq"), *script = test_path("script");
	struct test_result r;

	files();
	test_write_text(project,
		"qdqedit project 1\n"
		"model {\"file\": \"mixed8.onnx\", \"size\": 1, \"digest\": "
		"\"0123456789abcdef\"}\n"
		"seed {\"tensor\": \"Op4_out\", \"type\": \"QUInt16\"}\n"
		"seed {\"tensor\": \"gone\", \"type\": \"QUInt16\"}\n");
	test_write_text(script, ":resize 120x40\n:expect Op4\n7\n:expect gone\n"
				":expect the model has changed\n");
	r = TEST_QDQEDIT("script", script, project);
	cr_assert_eq(r.status, 0, "%s", r.err);
}

Test(ui_safety, a_file_that_changed_on_disk_is_not_written_over_unasked)
{
	struct ui *ui = editor_on(fixture_mixed8(), 80, 24);
	const char *path = test_path("o.json");

	editor_keys(ui, "jjjjj p");
	cr_assert_not(ui_command(ui, test_text("w %s", path)) & DID_FAIL);
	editor_keys(ui, "u");
	test_write_text(path, "{\"Op1_out\": [{\"quant_type\": \"QUInt16\"}]}\n");
	cr_assert(ui_command(ui, "w") & DID_FAIL);
	cr_assert(strstr(ui->messages.line, "changed on disk"), "%s", ui->messages.line);
	cr_assert(strstr(test_read_file(path, NULL), "Op1_out"));
	cr_assert_not(ui_command(ui, "w!") & DID_FAIL, "%s", ui->messages.line);
	cr_assert_null(strstr(test_read_file(path, NULL), "Op1_out"));
	cr_assert_not(ui_command(ui, "w") & DID_FAIL);
}

Test(ui_safety, a_change_on_disk_is_told_once)
{
	const char *model = files();
	struct pty *pty = edit(model);

	pty_expect(pty, "Op8");
	pty_type(pty, test_text("jp:w %s\r", test_path("o.json")));
	pty_expect(pty, "written to");
	test_write_text(test_path("o.json"), "{}\n");
	sleep(3);
	pty_type(pty, "j");
	pty_expect(pty, "changed on disk; :diff shows how");
	pty_type(pty, "j");
	pty_expect_gone(pty, "changed on disk");
	pty_type(pty, "ZQ");
	pty_end(pty);
}

Test(ui_safety, a_folder_that_cannot_be_made_is_told_and_does_no_harm)
{
	const char *model = files();
	struct pty *pty;

	test_write_text(test_path("plain"), "");
	setenv("XDG_STATE_HOME", test_path("plain/x"), 1);
	pty = edit(model);
	pty_expect(pty, "Op8");
	pty_type(pty, "jp");
	pty_expect(pty, "no recovery journal, save often");
	pty_type(pty, "jp");
	pty_expect(pty, "u undoes");
	pty_type(pty, "ZQ");
	cr_assert_eq(pty_end(pty), 0);
}
