/* :import, and imported scores where measured errors stand. */
#include "support.h"
#include "ui_fixture.h"

#include "ui/command.h"

#include <string.h>

static struct ui *begin(const char *file, const char *text)
{
	test_write_text(test_path("%s", file), text);
	return editor_on(fixture_mixed8(), 80, 24);
}

static unsigned import(struct ui *ui, const char *file)
{
	char *line = test_text("import %s", test_path("%s", file));

	return ui_command(ui, line);
}

static const struct entry_list *entry(struct ui *ui, const char *tensor)
{
	tensor_id id = graph_find_tensor(ui->session->graph, tensor, strlen(tensor));

	return overrides_find(&ui->outcome->entries, id);
}

/* All that a file gives is one edit, and undone as one. */
Test(ui_import, one_undoable_edit)
{
	struct ui *ui = begin("e.json",
		"{\"activation_encodings\": [{\"name\": \"Op4_out\", \"dtype\": \"INT\", "
		"\"bw\": 16, \"is_sym\": false, \"scale\": [0.5], \"offset\": [-32768]}, "
		"{\"name\": \"Op44\", \"bw\": 8, \"scale\": [1], \"offset\": [0]}], "
		"\"param_encodings\": [], \"excluded_layers\": [\"Op8\"]}");
	size_t before = plan_undo_position(ui->session->plan);

	cr_assert_not(import(ui, "e.json") & DID_FAIL, "%s", ui->messages.line);
	cr_expect_str_eq(ui->messages.line,
		"encodings: 1 override, 1 range, 1 float node; 1 had no place, "
		":messages tells. u undoes, :save-ranges keeps the ranges");
	cr_assert(entry(ui, "Op4_out"));
	cr_expect_eq(ui->session->plan->ranges->count, 1);
	cr_expect_eq(ui->session->plan->options->nodes_to_exclude.count, 1);
	cr_expect_eq(plan_undo_position(ui->session->plan), before + 1);
	editor_keys(ui, "u");
	cr_expect_not(entry(ui, "Op4_out"));
	cr_expect_eq(ui->session->plan->ranges->count, 0);
	cr_expect_eq(ui->session->plan->options->nodes_to_exclude.count, 0);
	ui_free(ui);
}

Test(ui_import, what_had_no_place_is_told)
{
	struct ui *ui = begin("s.csv", "tensor,mse\nOp4_out,3\nOp5_ou,7\n");
	enum severity severity;
	bool told = false;

	import(ui, "s.csv");
	for (unsigned i = 0; i < ui->messages.count; i++)
		told |= strstr(messages_at(&ui->messages, i, &severity),
				"'Op5_ou': the model has no tensor") != NULL;
	cr_expect(told);
	ui_free(ui);
}

Test(ui_import, scores_in_the_outline)
{
	struct ui *ui = begin("s.csv",
		"tensor,mse\nOp4_out,3e-05\nOp5_out,0.75\nOp1_out,12345\nOp2_out,nan\n");
	const char *screen;

	cr_assert_not(import(ui, "s.csv") & DID_FAIL, "%s", ui->messages.line);
	cr_expect_str_eq(ui->messages.line, "scores: 4 scores. :order error sorts");
	ui_command(ui, "order error");
	screen = editor_screen(ui);
	cr_expect(strstr(screen, "nan"), "%s", screen);
	cr_expect(strstr(screen, "1e+04"), "%s", screen);
	cr_expect(strstr(screen, "0.750"), "%s", screen);
	cr_expect(strstr(screen, "●  Op2 ") < strstr(screen, "●  Op1 "), "%s", screen);
	cr_expect(strstr(screen, "●  Op1 ") < strstr(screen, "●  Op5 "), "%s", screen);
	cr_expect(strstr(screen, "●  Op5 ") < strstr(screen, "●  Op4 "), "%s", screen);
	ui_free(ui);
}

/* An order that the file does not tell is asked for, and remembered. */
Test(ui_import, the_order_of_scores)
{
	struct ui *ui = begin("p.json", "{\"Op4_out\": 3, \"Op5_out\": 7}");

	cr_assert(import(ui, "p.json") & DID_FAIL);
	cr_expect(strstr(ui->messages.line, ":set scores better or worse"), "%s",
		ui->messages.line);
	cr_expect_not(ui->measure.errors.of);
	ui_command(ui, "set scores=worse");
	cr_assert_not(import(ui, "p.json") & DID_FAIL);
	cr_expect_eq(ui->measure.errors.source.scores.order, SCORES_HIGH_FIRST);
	cr_assert(ui_command(ui, "set scores=loud") & DID_FAIL);
	ui_free(ui);
}

/* The plan of a quantized model, options included, on its float model. */
Test(ui_import, a_quantized_model)
{
	const char *q = test_path("q.onnx");
	struct ui *ui = editor_on_demo("mixed8");
	struct test_result run;
	const struct entry_list *list;

	run = TEST_QDQEDIT("demo", "mixed8", "-o", test_path("d"));
	cr_assert_eq(run.status, 0, "%s", run.err);
	run = TEST_QDQEDIT("quantize", test_path("d/mixed8.onnx"), "-r",
		test_path("d/ranges.json"), "--seed", "Op4_out=QInt16", "--op-types",
		"all", "--activation-type", "s8", "-o", q);
	cr_assert_eq(run.status, 0, "%s", run.err);
	cr_assert_not(import(ui, "q.onnx") & DID_FAIL, "%s", ui->messages.line);
	list = entry(ui, "Op4_out");
	cr_assert(list);
	cr_expect_eq(list->entries->own.type, QTYPE_S16);
	cr_expect_eq(ui->session->plan->options->activation_type, QTYPE_S8);
	cr_expect_eq(ui->outcome->conflicts, 0);
	editor_keys(ui, "u");
	cr_expect_eq(ui->session->plan->options->activation_type, QTYPE_U8);
	cr_expect_not(entry(ui, "Op4_out"));
	ui_free(ui);
}

Test(ui_import, what_is_refused)
{
	struct ui *ui = begin("bad.json", "{\"Op4_out\": ");
	size_t before = plan_undo_position(ui->session->plan);

	cr_expect(import(ui, "bad.json") & DID_FAIL);
	cr_expect(strstr(ui->messages.line, "bad.json: line 1"), "%s", ui->messages.line);
	cr_expect(import(ui, "missing.json") & DID_FAIL);
	cr_expect(ui_command(ui, "import") & DID_FAIL);
	cr_expect(ui_command(ui, "import -") & DID_FAIL);
	cr_expect_eq(plan_undo_position(ui->session->plan), before);
	ui_free(ui);
}
