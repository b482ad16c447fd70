/* `calibrate` as a user runs it, and against ONNX Runtime's calibrators. */
#include "build.h"
#include "onnx/tensor.h"
#include "support.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *folder_of(const char *demo)
{
	struct test_result result =
		TEST_QDQEDIT("demo", demo, "-o", test_path("%s", demo));

	cr_assert_eq(result.status, 0, "%s", result.err);
	setenv("QDQEDIT_ORT_LIB", test_need_ort(), 1);
	return test_path("%s", demo);
}

static const char *model_of(const char *demo)
{
	return test_path("%s/%s.onnx", demo, demo);
}

static void expect(const struct test_result *result, int status, const char *part)
{
	cr_assert_eq(result->status, status, "%s%s", result->out, result->err);
	cr_assert(strstr(result->err, part), "%s", result->err);
}

Test(cli_calibrate, writes_ranges)
{
	const char *folder = folder_of("convnet"), *out = test_path("r.json");
	struct test_result result = TEST_QDQEDIT(
		"calibrate", model_of("convnet"), "--data", folder, "-o", out);
	char *text;

	cr_assert_eq(result.status, 0, "%s", result.err);
	cr_assert(strstr(result.out, "by MinMax from 6 samples"), "%s", result.out);
	text = test_read_file(out, NULL);
	cr_assert_eq(strncmp(text, "{\"CLS\": \"TensorsData\", \"data\": {", 32), 0);
	cr_assert_null(strstr(text, "random"));
	result = TEST_QDQEDIT("calibrate", model_of("convnet"), "--data", folder);
	cr_assert_eq(strncmp(result.out, text, strlen(text)), 0);
}

Test(cli_calibrate, random_samples_are_marked)
{
	const char *out = test_path("r.json");
	struct test_result result;

	folder_of("convnet");
	result = TEST_QDQEDIT(
		"calibrate", model_of("convnet"), "--random", "2", "-o", out);
	expect(&result, 0, "random samples");
	result = TEST_QDQEDIT("quantize", model_of("convnet"), "--ranges", out, "-o",
		test_path("q.onnx"));
	expect(&result, 0, "random samples");
	result = TEST_QDQEDIT("quantize", model_of("convnet"), "--random", "2", "-o",
		test_path("q2.onnx"));
	expect(&result, 0, "random samples");
	cr_assert_eq(TEST_RUN("cmp", test_path("q.onnx"), test_path("q2.onnx")).status, 0,
		"measured and read ranges give the same model");
}

/* Two shards together give what one calibration gives. */
Test(cli_calibrate, shards_merge)
{
	const char *folder = folder_of("attention"), *model = model_of("attention");
	const char *one = test_path("1.json"), *two = test_path("2.json");

	TEST_QDQEDIT("calibrate", model, "-d", folder, "--shard", "1/2", "-o", one);
	TEST_QDQEDIT("calibrate", model, "-d", folder, "--shard", "2/2", "-o", two);
	cr_assert_neq(TEST_RUN("cmp", one, two).status, 0);
	TEST_QDQEDIT("quantize", model, "-r", one, "-r", two, "-o", test_path("a.onnx"));
	TEST_QDQEDIT("quantize", model, "-d", folder, "-o", test_path("b.onnx"));
	cr_assert_eq(TEST_RUN("cmp", test_path("a.onnx"), test_path("b.onnx")).status, 0);
}

/* Ranges that are given grow by what is measured, in their own file too. */
Test(cli_calibrate, goes_on_with_ranges)
{
	const char *folder = folder_of("attention"), *model = model_of("attention");
	const char *part = test_path("part.json"), *whole = test_path("whole.json");
	struct test_result result;

	TEST_QDQEDIT("calibrate", model, "-d", folder, "-o", whole);
	TEST_QDQEDIT("calibrate", model, "-d", folder, "--shard", "1/2", "-o", part);
	result = TEST_QDQEDIT("calibrate", model, "-d", folder, "--shard", "2/2", "-r",
		part, "-o", part);
	expect(&result, 1, "use --force");
	result = TEST_QDQEDIT("calibrate", model, "-d", folder, "--shard", "2/2", "-r",
		part, "-o", part, "--force");
	expect(&result, 0, "widened by what was measured");
	cr_assert_eq(TEST_RUN("cmp", part, whole).status, 0);
	result = TEST_QDQEDIT(
		"calibrate", model, "-d", folder, "-r", part, "--method", "entropy");
	expect(&result, 1, "only ranges by MinMax");
}

/* The float names of a quantized model, and those of its file. */
Test(cli_calibrate, ranges_of_quantized_models_have_two_names)
{
	const char *folder = folder_of("convnet"), *model = model_of("convnet");
	const char *q = test_path("q.onnx"), *names = test_path("f.json");
	const char *file_names = test_path("q.json"), *out = test_path("o.onnx");
	struct test_result result;

	TEST_QDQEDIT("quantize", model, "-d", folder, "-o", q);
	TEST_QDQEDIT("calibrate", q, "-d", folder, "-o", names);
	cr_assert_null(strstr(test_read_file(names, NULL), "mask_QuantizeLinear_Input"));
	TEST_QDQEDIT("calibrate", q, "-d", folder, "--ort-compatible", "-o", file_names);
	cr_assert(strstr(
		test_read_file(file_names, NULL), "\"mask_QuantizeLinear_Input\""));
	result = TEST_QDQEDIT("quantize", q, "-r", names, "-o", out);
	expect(&result, 0, "");
	result = TEST_QDQEDIT("quantize", q, "-r", file_names, "-o", out, "--force");
	expect(&result, 0, "");
	result = TEST_QDQEDIT("check", q, "-r", file_names);
	expect(&result, 0, "");
	result = TEST_QDQEDIT(
		"quantize", q, "-r", names, "--ort-compatible", "-o", out, "--force");
	expect(&result, 1, "calibrate with --ort-compatible");
}

static size_t count_ranges(const char *path)
{
	size_t count = 0;

	for (const char *at = test_read_file(path, NULL);
		(at = strstr(at, "\"lowest\": ")) != NULL; at++)
		count++;
	return count;
}

#define SILERO_SHAPE "input=1,256;state=2,1,128;sr="

Test(cli_calibrate, measures_inside_bodies)
{
	const char *model = test_need_model("silero_vad.onnx");
	const char *in = test_path("in.json"), *out = test_path("out.json");
	struct test_result result;

	setenv("QDQEDIT_ORT_LIB", test_need_ort(), 1);
	result = TEST_QDQEDIT("calibrate", model, "--random", "2", "--shape",
		SILERO_SHAPE, "--op-types", "all", "-o", out);
	expect(&result, 0, "266 float tensors in 50 bodies are not measured");
	result = TEST_QDQEDIT("calibrate", model, "--random", "2", "--shape",
		SILERO_SHAPE, "--op-types", "all", "--bodies", "-o", in);
	expect(&result, 0, "of 266 float tensors in");
	cr_assert_eq(count_ranges(out), 4);
	cr_assert_gt(count_ranges(in), 60);
	TEST_QDQEDIT("quantize", model, "--op-types", "all", "-r", out, "-o",
		test_path("a.onnx"));
	result = TEST_QDQEDIT("quantize", model, "--op-types", "all", "-r", in, "-o",
		test_path("b.onnx"));
	expect(&result, 0, "");
	cr_assert_null(strstr(result.err, "not in this model"), "%s", result.err);
	cr_assert_eq(TEST_RUN("cmp", test_path("a.onnx"), test_path("b.onnx")).status, 0);
	result = TEST_QDQEDIT(
		"calibrate", model, "--random", "1", "--bodies", "--ort-compatible");
	expect(&result, 2, "do not look into bodies");
	result = TEST_QDQEDIT("info", model);
	cr_assert(strstr(result.out, "inside      Constant 340"), "%s", result.out);
}

Test(cli_calibrate, errors_say_what_to_do)
{
	const char *folder = folder_of("convnet"), *model = model_of("convnet");
	struct test_result result = TEST_QDQEDIT("calibrate", model);

	expect(&result, 2, "--data PATH or --random N");
	result = TEST_QDQEDIT("calibrate", model, "-d", folder, "--method", "maximum");
	expect(&result, 2, "minmax, percentile or entropy");
	result = TEST_QDQEDIT("calibrate", model, "-d", folder, "--ort-lib", "/none.so");
	expect(&result, 1, "--with-runtime");
	result = TEST_QDQEDIT("calibrate", model, "-d", test_path("none"));
	expect(&result, 1, "none");
	result = TEST_QDQEDIT("calibrate", model, "-d", folder, "--shard", "3/2");
	expect(&result, 2, "--shard");
	cr_assert_str_empty(result.out);
}

/* Q17: the default mode forgets nothing, and says so. */
/* A Relu that a scale took over is no node of the file. */
/* What only the runtime finds wrong is told with the sample. */
Test(cli_calibrate, a_sample_that_cannot_be_run_is_named)
{
	const char *model = test_need_model("rec.onnx");
	static const char made[] = "\x93NUMPY\x01\0F\0{'descr': '<f4', "
				   "'fortran_order': False, 'shape': (1, 3, 48, 0)}"
				   "        \n";
	FILE *file = fopen(test_path("x.npy"), "wb");
	struct test_result result;

	cr_assert(file && fwrite(made, 1, sizeof(made) - 1, file) == sizeof(made) - 1);
	fclose(file);
	setenv("QDQEDIT_ORT_LIB", test_need_ort(), 1);
	result = TEST_QDQEDIT("calibrate", model, "-d", test_path("x.npy"));
	expect(&result, 1, "x.npy': ");
	cr_assert(strstr(result.err, "Invalid input shape"), "%s", result.err);
}

Test(cli_calibrate, quantized_models_are_told_of)
{
	const char *folder = folder_of("convnet"), *model = model_of("convnet");
	const char *quantized = test_path("q.onnx");
	struct test_result result =
		TEST_QDQEDIT("calibrate", model, "-d", folder, "-o", test_path("r.json"));

	cr_expect_null(strstr(result.err, "quantized already"));
	TEST_QDQEDIT("quantize", model, "-r", test_path("r.json"), "-o", quantized);
	result = TEST_QDQEDIT(
		"calibrate", quantized, "-d", folder, "-o", test_path("s.json"));
	expect(&result, 0, "calibrate the float model that it was made from");
}

Test(cli_calibrate, batches_are_merged_before_they_are_dropped)
{
	const char *folder = folder_of("convnet"), *model = model_of("convnet");
	const char *few = "CalibMaxIntermediateOutputs=2";
	const char *all = test_path("all.json"), *some = test_path("some.json");
	struct test_result result;

	TEST_QDQEDIT("calibrate", model, "-d", folder, "-o", all);
	result = TEST_QDQEDIT("calibrate", model, "-d", folder, "--set", few, "-o", some);
	expect(&result, 0, "all samples count");
	cr_assert_eq(TEST_RUN("cmp", all, some).status, 0);
	result = TEST_QDQEDIT("calibrate", model, "-d", folder, "--set",
		"CalibMaxIntermediateOutputs=100", "-o", some, "--force");
	cr_assert_str_empty(result.err);
}

/* Q38: NumPy finds no bins in float16. */
Test(cli_calibrate, half_precision_is_binned_in_float32)
{
	Onnx__ModelProto *model = proto_model(17);
	const char *path = test_path("half.onnx");
	struct test_result result;

	proto_input(model->graph, "x", ELEMENT_FLOAT16, "64,64");
	proto_node(model->graph, "Exp", "exp", "x", "y");
	proto_output(model->graph, "y", ELEMENT_FLOAT16, "64,64");
	proto_file(model, path);
	setenv("QDQEDIT_ORT_LIB", test_need_ort(), 1);
	result = TEST_QDQEDIT("calibrate", path, "--random", "2", "--method",
		"percentile", "--op-types", "all");
	expect(&result, 0, "float16 values of 2 tensors");
	result = TEST_QDQEDIT("calibrate", path, "--random", "2", "--method",
		"percentile", "--op-types", "all", "--ort-compatible");
	expect(&result, 1, "too many bins");
}

/* The library is told not to report before it is opened. */
Test(cli_calibrate, leaves_nothing_behind)
{
	const char *folder = folder_of("convnet"), *home = test_path("home");
	struct test_result result;

	TEST_RUN("mkdir", home);
	setenv("HOME", home, 1);
	unsetenv("ORT_DISABLE_TELEMETRY");
	result = TEST_QDQEDIT("calibrate", model_of("convnet"), "-d", folder);
	cr_assert_eq(result.status, 0, "%s", result.err);
	result = TEST_RUN("find", home, "-mindepth", "1");
	cr_assert_str_empty(result.out);
}

static void expect_peer(const char *model)
{
	struct test_result result =
		model ? TEST_PYTHON("tests/peer/calibration.py", test_program(),
				test_need_ort(), test_folder(), model)
		      : TEST_PYTHON("tests/peer/calibration.py", test_program(),
				test_need_ort(), test_folder());

	cr_assert_eq(result.status, 0, "%s%s", result.out, result.err);
	cr_assert(strstr(result.out, "same"), "%s", result.out);
}

Test(cli_calibrate, ranges_are_the_peers)
{
	expect_peer(NULL);
}

Test(cli_calibrate, ranges_of_det_are_the_peers)
{
	expect_peer(test_need_model("det.onnx"));
}

Test(cli_calibrate, ranges_of_rec_are_the_peers)
{
	expect_peer(test_need_model("rec17.onnx"));
}

Test(cli_calibrate, ranges_of_silero_vad_are_the_peers)
{
	expect_peer(test_need_model("silero_vad.onnx"));
}

Test(cli_calibrate, ranges_of_det_f16_are_the_peers)
{
	expect_peer(test_need_model("det_f16.onnx"));
}
