/* Another model from inside the editor, those opened before, the start card. */
#include "ui_fixture.h"

#include "support.h"
#include "ui/recent.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SEES(ui, text)                                                                   \
	cr_assert(strstr(editor_screen(ui), text), "%s\n is not in\n%s", text,           \
		editor_screen(ui))

static const char *convnet(void)
{
	struct test_result r = TEST_QDQEDIT("demo", "convnet", "-o", test_path("demo"));

	cr_assert_eq(r.status, 0, "%s", r.err);
	return test_path("demo/convnet.onnx");
}

Test(ui_open, another_model_takes_the_place_of_this_one)
{
	const char *path = convnet();
	struct ui *ui = editor_on_demo("mixed8");

	editor_keys(ui, "jjjjj p V j ma /Op");
	editor_keys(ui, "<Enter><Esc><Esc>");
	cr_assert(ui_command(ui, test_text("model %s", path)) & DID_FAIL);
	SEES(ui, "changes are not saved");
	cr_assert_not(ui_command(ui, test_text("model! %s", path)) & DID_FAIL);
	SEES(ui, "convnet.onnx");
	SEES(ui, "row 1/11");
	cr_assert_eq(ui->selected_count, 0);
	cr_assert_not(plan_is_dirty(ui->session->plan));
	editor_keys(ui, "jjj p u 3 4 5 6 2 1 :fold<Space>op<Enter> 'a");
	/* what cannot be opened leaves all as it is */
	cr_assert(ui_command(ui, "model /nowhere/x.onnx") & DID_FAIL);
	SEES(ui, "convnet.onnx");
	cr_assert_not(ui_command(ui, "model demo:attention") & DID_FAIL);
	SEES(ui, "attention");
	cr_assert_str_eq(ui->measure.source.demo, "attention");
	ui_free(ui);
}

Test(ui_open, projects_open_too_and_demos_in_them)
{
	struct ui *ui = editor_on_demo("mixed8");
	const char *path = test_path("p.qdq");

	editor_keys(ui, "jjjjj p");
	cr_assert_not(ui_command(ui, test_text("w %s", path)) & DID_FAIL);
	editor_keys(ui, "u");
	cr_assert_not(ui_command(ui, test_text("model! %s", path)) & DID_FAIL, "%s",
		ui->messages.line);
	cr_assert_eq(ui->outcome->boundary_count, 3);
	cr_assert_str_eq(ui->measure.source.demo, "mixed8");
	ui_free(ui);
}

Test(ui_open, the_list_of_models_is_short_fresh_and_true)
{
	struct text_list list;
	struct error err = ERROR_INIT;

	setenv("XDG_STATE_HOME", test_path("state"), 1);
	cr_assert(recent_read(&list, &err));
	cr_assert_eq(list.count, 0);
	for (int i = 0; i < 30; i++) {
		const char *path = test_path("m%d.onnx", i);

		test_write_text(path, "x");
		recent_add(path);
	}
	recent_add(test_path("m5.onnx"));
	recent_add("/nowhere/gone.onnx");
	cr_assert_eq(remove(test_path("m29.onnx")), 0);
	cr_assert(recent_read(&list, &err));
	cr_assert_eq(list.count, 19);
	cr_assert(strstr(list.items[0], "m5.onnx"));
	cr_assert(strstr(list.items[1], "m28.onnx"));
	text_list_release(&list);
}

Test(ui_open, the_start_card_opens_lists_and_helps)
{
	struct ui *ui = editor_on_demo("mixed8");
	const char *path = convnet();

	setenv("XDG_STATE_HOME", test_path("state"), 1);
	ui_open_card(ui, CARD_START);
	SEES(ui, "o   open a model or project");
	editor_keys(ui, "?");
	cr_assert_eq(ui_card(ui), CARD_HELP);
	editor_keys(ui, "<Esc>");
	cr_assert_eq(ui_card(ui), CARD_START);
	editor_keys(ui, "r");
	SEES(ui, "no model was opened before");
	recent_add(path);
	ui_open_card(ui, CARD_START);
	editor_keys(ui, "r");
	cr_assert_eq(ui_card(ui), CARD_RECENT);
	SEES(ui, "convnet.onnx");
	editor_keys(ui, "<Enter>");
	SEES(ui, "10 nodes");
	ui_open_card(ui, CARD_START);
	editor_keys(ui, "o");
	SEES(ui, ":model");
	ui_free(ui);
}

/* Tab behind a command that wants a file: what all that fit have in common, their names
 * if there are several, a slash behind a folder; what was typed is never lost. */
Test(ui_open, file_names_are_completed)
{
	struct ui *ui = editor_on_demo("mixed8");
	const char *home = test_path("home");

	cr_assert_eq(TEST_RUN("mkdir", "-p", test_text("%s/nets", home)).status, 0);
	setenv("HOME", home, 1);
	test_write_text(test_text("%s/nets/encoder.onnx", home), "");
	test_write_text(test_text("%s/nets/encoder two.json", home), "");
	test_write_text(test_text("%s/.hidden", home), "");
	editor_keys(ui, ":model<Space>~/<Tab>");
	cr_assert_str_eq(ui->prompt.line.text, "model ~/nets/");
	editor_keys(ui, "e<Tab>");
	cr_assert_str_eq(ui->prompt.line.text, "model ~/nets/encoder");
	SEES(ui, "encoder two.json  encoder.onnx");
	editor_keys(ui, "<Space><Tab>");
	cr_assert_str_eq(ui->prompt.line.text, "model ~/nets/encoder two.json");
	editor_keys(ui, "x<Tab>");
	SEES(ui, "no such file");
	cr_assert_str_eq(ui->prompt.line.text, "model ~/nets/encoder two.jsonx");
	editor_keys(ui, "<Esc>:export<Space>ort<Space>~/n<Tab>");
	cr_assert_str_eq(ui->prompt.line.text, "export ort ~/nets/");
	editor_keys(ui, "<Esc>:promote<Space>u1<Tab>");
	cr_assert_str_eq(ui->prompt.line.text, "promote u1");
	/* and it is the home folder when it is carried out */
	editor_keys(ui, "<Esc>");
	ui_command(ui, "w ~/nets/o.json");
	cr_assert_eq(access(test_text("%s/nets/o.json", home), F_OK), 0);
	ui_free(ui);
}

/* Edits of another time are asked for again, unless there are some of this session. */
Test(ui_open, recover_asks_for_what_is_there)
{
	struct ui *ui = editor_on_demo("mixed8");

	setenv("XDG_STATE_HOME", test_path("state"), 1);
	ui_command(ui, "recover");
	cr_assert(strstr(ui->messages.line, "no edits of another time"));
	editor_keys(ui, "jjp");
	cr_assert(ui_command(ui, "recover") & DID_FAIL);
	cr_assert(strstr(ui->messages.line, "save or undo them"));
	ui_free(ui);
}
