/* Rounding, the simulation against the real quantized file, and suggestions. */
#include "eval/rounding.h"
#include "job/suggest.h"
#include "support.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- rounding, element by element as QuantizeLinear and DequantizeLinear have it */

static float expected(float x, float scale, int zero, int low, int high)
{
	float q = rintf(x / scale) + (float)zero;

	q = q < (float)low ? (float)low : q > (float)high ? (float)high : q;
	return (q - (float)zero) * scale;
}

static void expect_rounding(enum qtype type, float scale, int zero, int low, int high)
{
	struct scale s = {scale, zero, 1, type};
	struct rounding r = rounding_of(&s);
	float values[203], out[203];

	for (int i = 0; i < 203; i++)
		values[i] = (float)(i - 100) * scale * 2.75f + scale / 2;
	rounding_apply(&r, values, out, 203);
	for (int i = 0; i < 203; i++)
		cr_assert_eq(
			out[i], expected(values[i], scale, zero, low, high), "%d", i);
	rounding_apply(&r, values, values, 203);
	cr_assert_arr_eq(values, out, sizeof(out));
}

Test(eval_suggest, rounds_as_q_and_dq)
{
	expect_rounding(QTYPE_U8, 0.05f, 128, 0, 255);
	expect_rounding(QTYPE_U8, 0.013f, 0, 0, 255);
	expect_rounding(QTYPE_S8, 0.3f, -7, -128, 127);
	expect_rounding(QTYPE_U16, 0.0001f, 30000, 0, 65535);
}

Test(eval_suggest, no_scale_changes_nothing)
{
	const float values[3] = {0.123f, -4, NAN};
	struct rounding off = {0, 0, 0};
	float out[3];

	rounding_apply(&off, values, out, 3);
	cr_assert_arr_eq(out, values, sizeof(out));
}

/* ---- suggestions on the demos, as JSON */

static json_t *suggest(const char *demo, const char *option, const char *value)
{
	struct test_result result;
	json_t *answer;

	setenv("QDQEDIT_ORT_LIB", test_need_ort(), 1);
	result = TEST_QDQEDIT("demo", demo, "-o", test_path("%s", demo));
	cr_assert_eq(result.status, 0, "%s", result.err);
	result = TEST_QDQEDIT("suggest", test_path("%s/%s.onnx", demo, demo), "-d",
		test_path("%s", demo), "-r", test_path("%s/ranges.json", demo), "-o",
		test_path("overrides.json"), "--json", option, value);
	cr_assert_eq(result.status, 0, "%s", result.err);
	answer = json_loads(result.out, 0, NULL);
	cr_assert(answer, "%s", result.out);
	return answer;
}

static double number(const json_t *answer, const char *key)
{
	const json_t *value = json_object_get(answer, key);

	cr_assert(json_is_number(value), "%s", key);
	return json_number_value(value);
}

static bool chooses(const json_t *answer, const char *tensor)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(answer, "ranking"), i, row)
	{
		if (!strcmp(json_string_value(json_object_get(row, "tensor")), tensor))
			return json_is_true(json_object_get(row, "chosen"));
	}
	return false;
}

static void expect_real_as_simulated(const json_t *answer)
{
	cr_assert_float_eq(
		number(answer, "real_sqnr"), number(answer, "held_out_sqnr"), 0.02);
	cr_assert_gt(number(answer, "real_sqnr"), number(answer, "held_out_all_8"));
}

Test(eval_suggest, finds_what_hurts_in_convnet)
{
	json_t *answer = suggest("convnet", "--within", "0.3");

	cr_assert(chooses(answer, "picture"));
	cr_assert(chooses(answer, "depthwise_out"));
	cr_assert(json_is_true(json_object_get(answer, "reached")));
	expect_real_as_simulated(answer);
}

Test(eval_suggest, finds_what_hurts_in_attention)
{
	json_t *answer = suggest("attention", "--within", "0.5");

	cr_assert(chooses(answer, "stream"));
	cr_assert(chooses(answer, "feed_residual_out"));
	cr_assert(chooses(answer, "attention_residual_out"));
	cr_assert_lt(number(json_object_get(answer, "chosen"), "wide"), 16);
	expect_real_as_simulated(answer);
}

Test(eval_suggest, keeps_to_the_conversions)
{
	json_t *answer = suggest("attention", "--max-conversions", "3");
	const json_t *chosen = json_object_get(answer, "chosen");

	cr_assert_leq(number(chosen, "conversions"), 3);
	cr_assert_gt(number(chosen, "sqnr"), number(answer, "all_8") + 1);
	expect_real_as_simulated(answer);
}

/* The overrides are the closed plan: `check` has nothing against them. */
Test(eval_suggest, writes_overrides)
{
	struct test_result result;

	suggest("convnet", "--within", "0.3");
	result = TEST_QDQEDIT("check", test_path("convnet/convnet.onnx"), "-c",
		test_path("overrides.json"), "-r", test_path("convnet/ranges.json"));
	cr_assert_eq(result.status, 0, "%s%s", result.out, result.err);
}

/* Interrupted behind the ranking: the best so far. */
static bool cancel_late(void *arg)
{
	return ++*(int *)arg > 60;
}

Test(eval_suggest, keeps_the_best_when_interrupted)
{
	struct suggest_options options = {
		.demo = "attention", .ort_lib = test_need_ort(), .max_conversions = -1};
	int calls = 0;
	struct progress progress = {.cancelled = cancel_late, .arg = &calls};
	struct session_request request = {.demo = "attention"};
	struct suggest_report report;
	struct error err = ERROR_INIT;
	struct session *session = session_open(&request, true, NULL, &err);

	cr_assert(session, "%s", err.text);
	options.threads = 1;
	if (session_suggest(session, &options, &report, &progress, &err)) {
		cr_assert(report.found.interrupted);
		cr_assert_gt(report.found.points, 0);
		cr_assert(report.found.plan);
	} else {
		cr_assert_eq(err.kind, ERROR_CANCELLED, "%s", err.text);
	}
	suggest_report_release(&report);
	session_free(session);
}
