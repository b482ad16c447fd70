/* Presets, differences, regions, and the node in the file. */
#include "ui_fixture.h"

#include "job/session.h"
#include "rules/runtime.h"
#include "support.h"
#include "ui/extras.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SEES(ui, text)                                                                   \
	cr_assert(strstr(editor_screen(ui), text), "%s\n is not in\n%s", text,           \
		editor_screen(ui))

#define MISSES(ui, text)                                                                 \
	cr_assert_null(strstr(editor_screen(ui), text), "%s\n is in\n%s", text,          \
		editor_screen(ui))

/* The seeds as one text: nodes by label. */
static const char *seeds(const struct ui *ui)
{
	static char text[2000];
	const struct plan *plan = ui->session->plan;

	*text = '\0';
	for (size_t i = 0; i < plan->seeds.count; i++) {
		const struct seed *seed = &plan->seeds.items[i];
		size_t at = strlen(text);

		cr_assert_eq(seed->kind, SEED_NODE);
		snprintf(text + at, sizeof(text) - at, "%s%s:%s", at ? " " : "",
			graph_node_label(plan->graph, seed->node),
			qtypes[seed->type].brief);
	}
	return text;
}

static void preset(struct ui *ui, const char *name, const char *expected)
{
	char line[80];

	snprintf(line, sizeof(line), "preset %s", name);
	cr_assert_not(ui_command(ui, line) & DID_FAIL, "%s", ui->messages.line);
	cr_assert_str_eq(seeds(ui), expected);
	cr_assert_eq(plan_undo_position(ui->session->plan), 1);
	editor_keys(ui, "u");
	cr_assert_eq(ui->session->plan->seeds.count, 0);
}

Test(ui_extras, presets_promote_sets_as_one_edit)
{
	struct ui *ui = editor_on_demo("convnet");

	preset(ui, "first-last", "stem:u16 head:u16");
	preset(ui, "inputs", "exposure:u16");
	preset(ui, "outputs", "head:u16");
	preset(ui, "residual s16", "residual:s16");
	preset(ui, "conv", "stem:u16 depthwise:u16 pointwise:u16 head:u16");
	preset(ui, "prefix depthwise",
		"depthwise:u16 depthwise_norm:u16 depthwise_relu:u16");
	preset(ui, "prefix *wise s16",
		"depthwise:s16 depthwise_norm:s16 depthwise_relu:s16 pointwise:s16");
	cr_assert(ui_command(ui, "preset softmax") & DID_FAIL);
	SEES(ui, "no quantized node is so");
	cr_assert(ui_command(ui, "preset prefix") & DID_FAIL);
	cr_assert(ui_command(ui, "preset nothing") & DID_FAIL);
	cr_assert(ui_command(ui, "preset conv u77") & DID_FAIL);
	ui_command(ui, "preset");
	SEES(ui, "first-last");
}

Test(ui_extras, presets_of_a_transformer_and_of_a_graph_without_weights)
{
	struct ui *ui = editor_on_demo("attention");

	cr_assert_not(ui_command(ui, "preset softmax") & DID_FAIL);
	cr_assert_geq(ui->session->plan->seeds.count, 1);
	cr_assert_not(ui_command(ui, "preset matmul") & DID_FAIL);
	ui = editor_on_demo("mixed8");
	preset(ui, "first-last", "Op1:u16 Op2:u16 Op6:u16 Op7:u16 Op8:u16");
}

static void load(struct ui *ui, const char *path)
{
	cr_assert_not(ui_command(ui, test_text("overrides %s", path)) & DID_FAIL, "%s",
		ui->messages.line);
}

Test(ui_extras, differences_are_added_changed_and_removed)
{
	struct ui *ui = editor_on_demo("mixed8");
	const char *path = test_path("a.json");

	editor_keys(ui, "D");
	SEES(ui, "nothing is saved yet");
	SEES(ui, "Nothing differs.");
	editor_keys(ui, "q jjjjj p");
	cr_assert_not(ui_command(ui, test_text("w %s", path)) & DID_FAIL);
	editor_keys(ui, "D");
	SEES(ui, "Nothing differs.");
	editor_keys(ui, "q /Op7<Enter> p D");
	SEES(ui, "+  \"output_1\": [{\"quant_type\": \"QUInt16\"");
	SEES(ui, "-  \"Op2_out\"");
	SEES(ui, "~  \"Op2_out\"");
	SEES(ui, "1 added +, 1 changed ~, 0 removed -");
	editor_keys(ui, "q 5 u");
	MISSES(ui, "of the file no more");
	editor_keys(ui, "u");
	SEES(ui, "- 4 tensors of the file no more");
	editor_keys(ui, "D");
	SEES(ui, "0 added +, 0 changed ~, 4 removed -");
	editor_keys(ui, "q");
	test_write_text(test_path("b.json"),
		"{\"Op4_out\": [{\"quant_type\": \"QUInt16\"}], \"nobody\": []}");
	ui_command(ui, test_text("diff %s", test_path("b.json")));
	SEES(ui, "0 added +, 0 changed ~, 1 removed -");
	SEES(ui, "nobody");
	editor_keys(ui, "q");
	cr_assert(ui_command(ui, "diff /nowhere/at/all") & DID_FAIL);
	load(ui, path);
	ui_command(ui, test_text("diff %s", path));
	SEES(ui, "Nothing differs.");
}

Test(ui_extras, regions_have_names_and_notes)
{
	struct ui *ui = editor_on_demo("mixed8");

	cr_assert(ui_command(ui, "region name x") & DID_FAIL);
	editor_keys(ui, "jjjjj p");
	ui_command(ui, "region name heart");
	ui_command(ui, "region note beats fast");
	cr_assert_str_eq(ui->outcome->regions[0].name, "heart");
	cr_assert_str_eq(ui->outcome->regions[0].note, "beats fast");
	ui_command(ui, "name soul");
	cr_assert_str_eq(ui->outcome->regions[0].name, "soul");
	cr_assert_str_eq(ui->outcome->regions[0].note, "beats fast");
	SEES(ui, "region A  u16 soul {Op4 Op5}");
	ui_command(ui, "region");
	SEES(ui, "note: beats fast");
	editor_keys(ui, "q u u");
	cr_assert_str_eq(ui->outcome->regions[0].name, "heart");
	cr_assert_str_empty(ui->outcome->regions[0].note);
	ui_command(ui, "region name");
	cr_assert_str_empty(ui->outcome->regions[0].name);
	cr_assert(ui_command(ui, "region paint it") & DID_FAIL);
}

Test(ui_extras, a_node_is_shown_as_it_will_stand_in_the_file)
{
	struct ui *ui = editor_on_demo("mixed8");

	cr_assert(ui_command(ui, "in-file") & DID_FAIL);
	editor_keys(ui, "jjjjj p F");
	SEES(ui, "Op2_out ─▶ Q8 ─▶ DQ8 ─▶ Q16 ─▶ DQ16 ─▶ Op4");
	SEES(ui, "u8    scale 0.00745098, zero point 121");
	SEES(ui, "u16   scale 2.899214e-05, zero point 31043");
	SEES(ui, "Op4_out ─▶ Q16 ─▶ DQ16 ─▶ Op5");
	SEES(ui, "Tanh has no integer kernel");
	editor_keys(ui, "q k F");
	SEES(ui, "and behind that DQ: ─▶ Q16 ─▶ DQ16 ─▶ Op4");
	editor_keys(ui, "q /Op6<Enter>F");
	SEES(ui, "It goes: the zero point behind it is the least integer");
	editor_keys(ui, "q gg j F");
	SEES(ui, "DQ, Sigmoid and Q become one: QLinearSigmoid");
	editor_keys(ui, "q p F");
	SEES(ui, "16 bit: no integer kernel; Sigmoid runs in float");
}

Test(ui_extras, weights_and_biases_stand_in_it_too)
{
	struct ui *ui = editor_on_demo("convnet");

	editor_keys(ui, "/stem<Enter>F");
	SEES(ui, "const 8x1x3x3 ─▶ DQ ─▶ stem");
	SEES(ui, "i32   scale");
	SEES(ui, "stem_out, but the node behind it goes; instead:");
	SEES(ui, "stem_relu_out ─▶ Q8 ─▶ DQ8");
	SEES(ui, "QLinearConv");
	editor_keys(ui, "q j F");
	SEES(ui, "It goes: the range of its output and a zero point");
}

/* What ONNX Runtime 1.32.0 was seen to make of two pairs behind each other. */
Test(ui_extras, merged_pairs_have_the_range_of_both)
{
	const double scales[2] = {(double)0.01f, (double)0.02f};
	const int zero_points[2] = {100, 10};
	double scale;
	int zero;

	cr_assert(runtime_merge(scales, zero_points, 0, 255, &scale, &zero));
	cr_assert_float_eq(scale, 0.00686275, 1e-8);
	cr_assert_eq(zero, 29);
	cr_assert_not(runtime_merge((const double[]){0.1, 0.1}, (const int[]){0, 255}, 0,
		255, &scale, &zero));
	for (unsigned i = 1; i < runtime_count; i++)
		cr_assert_lt(
			strcmp(runtime_table[i - 1].op_type, runtime_table[i].op_type),
			0);
}
