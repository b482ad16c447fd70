/* Metrics by hand, and compare against the same figures from Python. */
#include "eval/metric.h"
#include "support.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

Test(eval, metric_of_known_values)
{
	const float r[] = {3, 4, 0, 0, 1}, q[] = {3, 4, 0, 1, 1};
	struct metric metric = {0}, parts = {0}, rest = {0};

	metric_add(&metric, r, q, 5);
	cr_assert_float_eq(metric_sqnr(&metric), 10 * log10(26.0 / 1.0), 1e-12);
	cr_assert_float_eq(metric_cosine(&metric), 26 / sqrt(26.0 * 27.0), 1e-12);
	cr_assert_eq(metric.error_max, 1);
	cr_assert_float_eq(metric_mean_error(&metric), 0.2, 1e-12);
	metric_add(&parts, r, q, 2);
	metric_add(&rest, r + 2, q + 2, 3);
	metric_merge(&parts, &rest);
	cr_assert_eq(metric_sqnr(&parts), metric_sqnr(&metric));
	cr_assert_eq(parts.count, 5);
}

Test(eval, metric_at_its_ends)
{
	const float zero[] = {0, 0}, one[] = {1, 1}, odd[] = {1, NAN};
	struct metric same = {0}, lost = {0}, broken = {0};

	metric_add(&same, one, one, 2);
	cr_assert(isinf(metric_sqnr(&same)) && metric_sqnr(&same) > 0);
	metric_add(&lost, zero, one, 2);
	cr_assert(isinf(metric_sqnr(&lost)) && metric_sqnr(&lost) < 0);
	metric_add(&broken, one, odd, 2);
	cr_assert(isnan(metric_sqnr(&broken)));
	cr_assert(isnan(broken.error_max));
}

/* The demo, quantized, with its samples in a folder. */
static const char *quantized_demo(const char *demo)
{
	struct test_result result = TEST_QDQEDIT("demo", demo, "-o", test_path("d"));

	setenv("QDQEDIT_ORT_LIB", test_need_ort(), 1);
	cr_assert_eq(result.status, 0, "%s", result.err);
	result = TEST_QDQEDIT("quantize", test_path("d/%s.onnx", demo), "-d",
		test_path("d"), "-o", test_path("q.onnx"));
	cr_assert_eq(result.status, 0, "%s", result.err);
	return test_path("d/%s.onnx", demo);
}

static void expect_python(const char *model)
{
	struct test_result result = TEST_PYTHON("tests/peer/accuracy.py", test_program(),
		test_need_ort(), model, test_path("q.onnx"), test_path("d"));

	cr_assert_eq(result.status, 0, "%s%s", result.out, result.err);
	cr_assert(strstr(result.out, "same"), "%s", result.out);
}

Test(eval, compare_of_convnet_is_pythons)
{
	expect_python(quantized_demo("convnet"));
}

Test(eval, compare_of_attention_is_pythons)
{
	expect_python(quantized_demo("attention"));
}

/* Calibrated, quantized and compared: here and by ONNX Runtime in Python. */
static void expect_chain(const char *model)
{
	struct test_result result = TEST_PYTHON("tests/peer/accuracy_chain.py",
		test_program(), test_need_ort(), test_folder(), model);

	cr_assert_eq(result.status, 0, "%s%s", result.out, result.err);
	cr_assert(strstr(result.out, "same"), "%s", result.out);
}

Test(eval, the_whole_way_of_rec_is_pythons)
{
	expect_chain(test_need_model("rec17.onnx"));
}

Test(eval, the_whole_way_of_silero_vad_is_pythons)
{
	expect_chain(test_need_model("silero_vad.onnx"));
}

Test(eval, the_whole_way_of_det_is_pythons)
{
	const char *model = test_path("det.onnx");
	struct test_result result;

	setenv("QDQEDIT_ORT_LIB", test_need_ort(), 1);
	result = TEST_QDQEDIT(
		"prepare", test_need_model("det.onnx"), "-o", model, "--optimize");
	cr_assert_eq(result.status, 0, "%s", result.err);
	expect_chain(model);
}

Test(eval, compare_prints_tables)
{
	const char *model = quantized_demo("convnet"), *q = test_path("q.onnx");
	struct test_result result =
		TEST_QDQEDIT("compare", model, q, "--data", test_path("d"));

	cr_assert_eq(result.status, 0, "%s", result.err);
	cr_assert(strstr(result.out, "mask (output)"), "%s", result.out);
	result = TEST_QDQEDIT("compare", model, q, "--random", "1", "--csv");
	cr_assert_eq(strncmp(result.out, "tensor,type,converted,", 22), 0);
	cr_assert(strstr(result.err, "random"), "%s", result.err);
	result = TEST_QDQEDIT("compare", model, model, "-d", test_path("d"));
	cr_assert(strstr(result.out, "exact"), "%s", result.out);
}

/* What differs, not what quantization costs: nothing between a model and itself. */
Test(eval, compare_of_two_quantized_models)
{
	const char *model = quantized_demo("convnet"), *q = test_path("q.onnx");
	const char *wide = test_path("wide.onnx"), *data = test_path("d");
	struct test_result result = TEST_QDQEDIT("compare", q, q, "-d", data, "--csv");

	cr_assert_eq(result.status, 0, "%s", result.err);
	cr_expect(
		strstr(result.err, "q.onnx is quantized: the figures"), "%s", result.err);
	cr_expect(strstr(result.out, "\n\"stem_relu_out_DequantizeLinear_Output\","),
		"%s", result.out);
	cr_expect_not(strstr(result.out, "\n\"stem_relu_out\","), "%s", result.out);
	for (const char *line = strchr(result.out, '\n'); line && line[1];
		line = strchr(line + 1, '\n'))
		cr_expect(strstr(line, ",inf,"), "%s", line);
	TEST_QDQEDIT(
		"quantize", model, "-d", data, "--activation-type", "u16", "-o", wide);
	result = TEST_QDQEDIT("compare", q, wide, "-d", data);
	cr_expect_eq(result.status, 0, "%s", result.err);
	cr_expect(strstr(result.out, "uint16"), "%s", result.out);
}

Test(eval, compare_refuses_strangers)
{
	struct test_result result;

	quantized_demo("convnet");
	TEST_QDQEDIT("demo", "mixed8", "-o", test_path("m"));
	result = TEST_QDQEDIT("compare", test_path("m/mixed8.onnx"), test_path("q.onnx"),
		"-d", test_path("m"));
	cr_assert_eq(result.status, 1);
	cr_assert(strstr(result.err, "none of its tensors"), "%s", result.err);
	result = TEST_QDQEDIT("compare", test_path("m/mixed8.onnx"), test_path("q.onnx"));
	cr_assert_eq(result.status, 2);
}
