/* Quantized models of other tools, through the program and ONNX Runtime. */
#include "build.h"
#include "cli_fixture.h"
#include "job/session.h"
#include "plan/outcome.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void expect_success(struct test_result r, const char *what)
{
	cr_assert_eq(r.status, 0, "%s: %s%s", what, r.out, r.err);
}

/* Rewritten as it is: the same bytes. Then with a seed: what was planned is found in the
 * result, onnx accepts it and ONNX Runtime gives much the same. */
static void expect_rewriting(const char *name, const char *seed)
{
	const char *model = test_path("%s.onnx", name);
	const char *same = test_path("%s_same.onnx", name);
	const char *result = test_path("%s_result.onnx", name);
	struct test_result r;
	size_t length[2];
	char *bytes[2];

	expect_success(TEST_QDQEDIT("quantize", model, "-o", same), name);
	bytes[0] = test_read_file(model, &length[0]);
	bytes[1] = test_read_file(same, &length[1]);
	cr_expect(length[0] == length[1] && !memcmp(bytes[0], bytes[1], length[0]),
		"%s: a copy without changes differs", name);
	r = TEST_PYTHON(
		"tests/unit/qdq_check.py", "plan", test_program(), model, result, seed);
	expect_success(r, name);
	r = TEST_PYTHON("tests/unit/qdq_check.py", "sound", model, result);
	expect_success(r, name);
	cr_expect(strstr(r.out, "sound"), "%s: %s", name, r.out);
}

Test(qdq_tools, models_in_many_styles, .timeout = 600)
{
	static const char *const seeds[][2] = {
		{"pytorch", "op:Sigmoid=u16"},
		{"pytorch", "w_float=s16"},
		{"tensorrt", "op:Conv=s16"},
		{"shared", "op:Sigmoid=u16"},
		{"contrib", "op:Conv=u8"},
		{"old_opset", "op:Tanh=u16"},
		{"no_zero_point", "op:Sigmoid=u16"},
		{"identities", "op:Sigmoid=u16"},
		{"dedicated", "op:Cos=u16"},
		{"outputs", "op:Sigmoid=u16"},
		{"outputs", "t=u16"},
		{"blocked", "w_float=s8"},
		{"biased", "op:Conv=u16"},
		{"biased", "w_float=s16"},
		{"captured", "op:Tanh=u16"},
	};
	struct test_result r = TEST_PYTHON("tests/unit/qdq_styles.py", test_folder());

	expect_success(r, "styles");
	for (size_t i = 0; i < sizeof(seeds) / sizeof(*seeds); i++) {
		expect_rewriting(seeds[i][0], seeds[i][1]);
		remove(test_path("%s_same.onnx", seeds[i][0]));
		remove(test_path("%s_result.onnx", seeds[i][0]));
	}
}

/* What ONNX Runtime quantized from the eight-node model: imported, quantized again,
 * rewritten. */
Test(qdq_tools, the_example_of_eight_nodes, .timeout = 600)
{
	cli_begin();
	expect_success(TEST_PYTHON("tests/peer/requantized.py", "--program",
			       test_program(), "--cache", test_path("cache"), "--seeds",
			       "4", test_path("m.onnx"), test_path("ranges.json")),
		"mixed8");
}

static void real_model(const char *file)
{
	const char *model = test_need_model(file);

	test_need_python();
	expect_success(
		TEST_PYTHON("tests/peer/requantized.py", "--program", test_program(),
			"--cache", test_path("cache"), "--seeds", "2", model),
		file);
}

Test(qdq_tools, the_recogniser_of_text, .timeout = 900)
{
	real_model("rec.onnx");
}

Test(qdq_tools, the_detector_of_text, .timeout = 900)
{
	real_model("det.onnx");
}

Test(qdq_tools, the_classifier_of_text, .timeout = 900)
{
	real_model("cls.onnx");
}

/* ---- the commands on a quantized model */

/* q.onnx: the example, quantized with the region {Op4, Op5}. */
static void begin_quantized(void)
{
	cli_begin();
	cli_answer("quantize m.onnx -r ranges.json -c o.json --op-types all -o q.onnx");
}

Test(qdq_tools, info_names_the_groups)
{
	json_t *answer, *quantized, *group;

	begin_quantized();
	cr_expect(strstr(cli_answer("info q.onnx"),
		"quantized   10 activations: 8 u8, 2 u16; 3 converted for some readers"));
	answer = cli_json("info q.onnx --json");
	quantized = json_object_get(answer, "quantized");
	cr_assert_eq(json_array_size(json_object_get(quantized, "groups")), 10);
	cr_expect_eq(json_integer_value(json_object_get(quantized, "conversions")), 3);
	group = json_array_get(json_object_get(quantized, "groups"), 0);
	cr_expect_str_eq(json_string_value(json_object_get(group, "tensor")), "input_0");
	cr_expect_null(json_object_get(cli_json("info m.onnx --json"), "quantized"));
}

/* A line for each reason, told once. */
Test(qdq_tools, what_has_no_place_is_told)
{
	static const char *const told[] = {
		("'QuantizeLinear_4': is not edited: it has a scale for each channel, "
		"which only constants may have\n"),
		"'DequantizeLinear_5': is not edited: its QuantizeLinear is not edited\n",
		"'Sin_Q': is not edited, nor are 3 like it: it is inside a subgraph\n"};
	const char *model = test_path("left_alone.onnx");
	struct test_result r = TEST_PYTHON("tests/unit/qdq_styles.py", test_folder());

	expect_success(r, "styles");
	r = TEST_QDQEDIT("import", model);
	expect_success(r, "import");
	for (size_t i = 0; i < sizeof(told) / sizeof(*told); i++) {
		const char *at = strstr(r.err, told[i]);

		cr_assert(at, "%s: %s", told[i], r.err);
		cr_expect_not(strstr(at + 1, told[i]), "%s", r.err);
	}
	test_write_text(test_path("o.json"), "{\"w_float\": [{\"quant_type\": \"QInt4\", "
					     "\"scale\": 0.1, \"zero_point\": 0}]}");
	r = TEST_QDQEDIT("quantize", test_path("blocked.onnx"), "-c", test_path("o.json"),
		"-o", test_path("q.onnx"));
	cr_expect_eq(r.status, 1);
	cr_expect(strstr(r.err, "'w_float': has other channels or blocks"), "%s", r.err);
}

Test(qdq_tools, conversions_are_those_of_the_plan)
{
	begin_quantized();
	cr_expect_str_eq(cli_answer("bounds q.onnx"),
		cli_answer("bounds m.onnx -c o.json --op-types all"));
	cr_expect_str_eq(cli_answer("import q.onnx --quiet"),
		test_read_file(test_path("o.json"), NULL));
	cr_expect(strstr(cli_answer("why q.onnx Op5_out"), "Op4_out to u16"));
	cr_expect(strstr(cli_answer("check q.onnx"), "0 errors, 0 warnings"));
}

/* --overrides are the whole of it, as for a float model. */
Test(qdq_tools, overrides_replace_what_the_file_says)
{
	begin_quantized();
	cli_answer("quantize q.onnx -c o.json -o same.onnx");
	cr_expect_eq(cli_shell("cmp q.onnx same.onnx").status, 0);
	test_write_text(test_path("none.json"), "{}\n");
	cli_answer("quantize q.onnx -c none.json -o plain.onnx");
	cr_expect_str_eq(cli_answer("import plain.onnx --quiet"), "{}\n");
	test_write_text(test_path("one.json"), "{\"Op1_out\": [{\"quant_type\": "
					       "\"QUInt16\"}]}");
	cli_answer("quantize q.onnx -c one.json -o one.onnx");
	cr_expect_str_eq(cli_answer("import one.onnx --quiet"),
		"{\n  \"Op1_out\": [{\"quant_type\": \"QUInt16\"}]\n}\n");
}

/* Op7 stands before the conversion that it is to read: that moves. */
Test(qdq_tools, conversions_move_before_their_readers)
{
	begin_quantized();
	cli_answer("quantize q.onnx --seed Op2_out>Op7=u16 -o moved.onnx");
	cr_expect(strstr(cli_answer("import moved.onnx --quiet"),
		"\"Op2_out\": [{\"quant_type\": \"QUInt8\", \"convert\": "
		"{\"quant_type\": "
		"\"QUInt16\", \"recv_nodes\": [\"Op7\", \"Op4\"]}}]"));
	cr_expect(strstr(cli_answer("check moved.onnx"), "0 errors, 0 warnings"));
	cli_answer("quantize q.onnx --seed Op2_out>Op7=u16 --seed Op2_out>Op8=u16 -o "
		   "all.onnx");
	cr_expect(strstr(cli_answer("check all.onnx"), "0 errors, 0 warnings"));
}

/* Explicit parameters are written, and nothing beside them. */
Test(qdq_tools, explicit_scales_are_set)
{
	json_t *groups, *stored;

	begin_quantized();
	test_write_text(test_path("s.json"),
		"{\"Op1_out\": [{\"quant_type\": \"QUInt8\", \"scale\": 0.25, "
		"\"zero_point\": 3}]}");
	cli_answer("quantize q.onnx -c s.json -o s.onnx");
	groups = json_object_get(
		json_object_get(cli_json("info s.onnx --json"), "quantized"), "groups");
	for (size_t i = 0; i < json_array_size(groups); i++) {
		json_t *group = json_array_get(groups, i);

		stored = json_object_get(group, "stored");
		if (strcmp(json_string_value(json_object_get(group, "tensor")),
			    "Op1_out"))
			continue;
		cr_expect_eq(json_real_value(json_object_get(stored, "scale")), 0.25);
		cr_expect_eq(
			json_integer_value(json_object_get(stored, "zero_point")), 3);
		return;
	}
	cr_assert_fail("Op1_out is not among the groups");
}

Test(qdq_tools, without_ranges_only_what_is_quantized)
{
	begin_quantized();
	cli_refuses("quantize m.onnx -o x.onnx", 2, "ranges are wanted");
	cli_refuses("quantize q.onnx -o x.onnx --ort-compatible", 2, "ranges are wanted");
	cli_refuses("quantize q.onnx --seed Op4_out=u8 --seed Op4_out=s16 --seed "
		    "Op5_out=u16 -o x.onnx",
		1, "Op");
}

/* With ranges a model that is quantized in part is one like any other. */
Test(qdq_tools, with_ranges_the_rest_is_quantized)
{
	cli_begin();
	cli_answer("quantize m.onnx -r ranges.json --op-types Mul -o part.onnx");
	struct test_result r =
		cli_run("quantize part.onnx -r ranges.json --op-types all -o all.onnx");

	cr_assert_eq(r.status, 0, "%s", r.err);
	cr_expect(strstr(r.err, "has Q and DQ already: they stay, and the rest is"), "%s",
		r.err);
	cr_expect(strstr(r.out, "9 Q, 9 DQ"), "%s", r.out);
}

/* x -> Add -> a -> Relu -> b -> Sqrt -> c -> Mul -> y, quantized to clipped.onnx: the
 * scale of a clips in the place of the Relu, and without it c is NaN. */
static void begin_clipped(void)
{
	const float bias[] = {-0.5f}, factor[] = {2};
	Onnx__ModelProto *model = proto_model(21);
	Onnx__GraphProto *graph = model->graph;

	proto_input(graph, "x", ELEMENT_FLOAT, "1,4");
	proto_output(graph, "y", ELEMENT_FLOAT, "1,4");
	proto_floats(graph, "bias", "", bias);
	proto_floats(graph, "factor", "", factor);
	proto_node(graph, "Add", "n1", "x,bias", "a");
	proto_node(graph, "Relu", "n2", "a", "b");
	proto_node(graph, "Sqrt", "n3", "b", "c");
	proto_node(graph, "Mul", "n4", "c,factor", "y");
	cli_begin();
	proto_file(model, test_path("float.onnx"));
	test_write_text(test_path("r.json"),
		"{\"x\": [-1, 2], \"a\": [-1.5, 1.5], \"b\": [0, 1.5], "
		"\"c\": [0, 1.5], \"y\": [0, 3]}");
	cli_answer("quantize float.onnx -r r.json -o clipped.onnx");
}

/* What suggest would measure against is NaN, with any samples. */
Test(qdq_tools, suggest_asks_for_the_float_model)
{
	setenv("QDQEDIT_ORT_LIB", test_need_ort(), 1);
	begin_clipped();
	cli_refuses("suggest clipped.onnx --random 2", 1,
		"against; measure on the float model that this one was made from");
	cli_answer("suggest float.onnx --random 2 -r r.json");
}

/* calibrate measures the float model, under its names, which quantize takes too. */
Test(qdq_tools, ranges_missing_in_one_taken_literally)
{
	setenv("QDQEDIT_ORT_LIB", test_need_ort(), 1);
	begin_clipped();
	test_write_text(test_path("few.json"), "{\"x\": [-1, 2]}");
	cli_refuses("quantize float.onnx -r few.json -o out.onnx", 1,
		"no range for this tensor; calibrate with this model and these op types");
	cli_refuses("quantize clipped.onnx -r few.json -o out.onnx", 1,
		"no range for this tensor; calibrate with --ort-compatible and these op");
	cli_answer("quantize clipped.onnx -r r.json -o plain.onnx");
	cli_answer("calibrate clipped.onnx --ort-compatible --random 2 -o all.json");
	cli_answer("quantize clipped.onnx -r all.json -o out.onnx");
}

/* The editor plans on the float model, where c has no range. */
Test(qdq_tools, ranges_missing_in_one_that_is_edited)
{
	struct session_request request = {.model = test_path("clipped.onnx")};
	struct error err = ERROR_INIT;
	struct ranges ranges = {0};
	const struct outcome *outcome;
	struct session *session;

	begin_clipped();
	session = session_open(&request, false, NULL, &err);
	cr_assert(session, "%s", err.text);
	cr_assert(ranges_set(&ranges, session->graph, 0, -1, 1, ELEMENT_FLOAT, &err));
	cr_assert(plan_set_ranges(session->plan, &ranges, &err));
	outcome = plan_outcome(session->plan, &err);
	cr_assert(outcome && outcome->problems.count);
	cr_expect_str_eq(outcome->problems.items[0].id, "range");
	cr_expect_str_eq(outcome->problems.items[0].remedy,
		"calibrate the float model that this one was made from");
	session_free(session);
}

/* The editor says what it is, and writes the same as the command. */
Test(qdq_tools, the_editor_edits_one)
{
	begin_quantized();
	test_write_text(test_path("t.script"), ":resize 100x30\n"
					       ":seed node:Op7=u16\n"
					       ":dump-screen s.txt\n"
					       ":quantize edited.onnx\n");
	cli_answer("script t.script q.onnx");
	cr_expect(strstr(test_read_file(test_path("s.txt"), NULL), "q.onnx quantized"));
	cli_answer("quantize q.onnx --seed node:Op7=u16 -o wanted.onnx");
	cr_expect_eq(cli_shell("cmp edited.onnx wanted.onnx").status, 0);
}
