/* Rounding, the simulation against the real quantized file, and suggestions. */
#include "eval/live.h"
#include "eval/rounding.h"
#include "job/suggest.h"
#include "onnx/tensor.h"
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
		cr_assert(out[i] == expected(values[i], scale, zero, low, high) &&
				  (out[i] != 0 || !signbit(out[i])),
			"%d", i);
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

/* float16 is computed in float32 and rounded once, whatever the length. */
Test(eval_suggest, rounds_float16_in_place)
{
	struct scale s = {
		half_to_float(half_from_double(0.0117)), 100, ELEMENT_FLOAT16, QTYPE_U8};
	struct rounding r = rounding_of(&s);
	uint16_t values[3000], out[3000];

	for (int i = 0; i < 3000; i++)
		values[i] = half_from_double((i - 1400) * 0.00173);
	rounding_apply_half(&r, values, out, 3000);
	for (int i = 0; i < 3000; i++)
		cr_assert_eq(out[i],
			half_from_double(expected(
				half_to_float(values[i]), (float)s.value, 100, 0, 255)),
			"%d", i);
	rounding_apply_half(&r, values, values, 3000);
	cr_assert_arr_eq(values, out, sizeof(out));
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
	struct suggest_options options = {.demo = "attention",
		.ort_lib = test_need_ort(),
		.max_conversions = -1,
		.patience = SUGGEST_PATIENCE};
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

/* ---- live accuracy */

Test(eval_suggest, live_accuracy_follows_the_plan)
{
	struct session_request request = {.demo = "attention"};
	struct sample_blob blobs[DEMO_SAMPLES_MAX];
	struct sample_request samples = {
		.blobs = blobs, .blob_count = demo_sample_blobs("attention", blobs)};
	struct error err = ERROR_INIT;
	struct session *session = session_open(&request, true, NULL, &err);
	struct live_request live_request = {.most = 3};
	double narrow, wide, weights, again;
	struct live *live;

	cr_assert(session, "%s", err.text);
	live_request.plan = session->plan;
	live_request.runtime = ort_runtime_open(test_need_ort(), NULL, &err);
	live_request.samples = sample_set_open(session->graph, &samples, &err);
	live = live_open(&live_request, NULL, &err);
	cr_assert(live, "%s", err.text);
	cr_assert(live_measure(live, session->plan, &narrow, NULL, &err), "%s", err.text);
	for (tensor_id i = 0; i < session->graph->main_tensors; i++)
		plan_promote_tensor(session->plan, i, QTYPE_U16, UNSET, NULL);
	cr_assert(live_measure(live, session->plan, &wide, NULL, &err), "%s", err.text);
	cr_assert_gt(wide, narrow + 5);
	cr_assert(live_renew(live, session->plan, NULL, &err), "%s", err.text);
	cr_assert(
		live_measure(live, session->plan, &weights, NULL, &err), "%s", err.text);
	cr_assert_gt(weights, wide + 5, "promoted weights count once they are taken");
	cr_assert(plan_clear(session->plan, &err));
	cr_assert(live_renew(live, session->plan, NULL, &err), "%s", err.text);
	cr_assert(live_measure(live, session->plan, &again, NULL, &err), "%s", err.text);
	cr_assert_eq(again, narrow);
	live_free(live);
	ort_runtime_close(live_request.runtime);
	session_free(session);
}

/* ---- a real model: at least half of the decibels for ten conversions at most */

static void run(struct test_result result)
{
	cr_assert_eq(result.status, 0, "%s%s", result.out, result.err);
}

Test(eval_suggest, regains_half_of_det)
{
	const char *model = test_path("det.onnx"), *ranges = test_path("r.json");
	double low, high, real;
	struct test_result result;
	json_t *answer;

	setenv("QDQEDIT_ORT_LIB", test_need_ort(), 1);
	run(TEST_PYTHON("tests/peer/pages.py", test_path("calibrate"), "8", "1"));
	run(TEST_PYTHON("tests/peer/pages.py", test_path("measure"), "6", "2"));
	run(TEST_QDQEDIT(
		"prepare", test_need_model("det.onnx"), "-o", model, "--optimize"));
	run(TEST_QDQEDIT("calibrate", model, "-d", test_path("calibrate"), "-o", ranges));
	result = TEST_QDQEDIT("suggest", model, "-d", test_path("measure"), "-r", ranges,
		"--per-channel", "--max-conversions", "10", "--json");
	cr_assert_eq(result.status, 0, "%s", result.err);
	answer = json_loads(result.out, 0, NULL);
	low = number(answer, "held_out_all_8");
	high = number(answer, "held_out_all_16");
	real = number(answer, "real_sqnr");
	cr_assert_leq(number(json_object_get(answer, "chosen"), "conversions"), 10);
	cr_assert_gt(high, low + 5);
	cr_assert_geq(real, (low + high) / 2, "%s", result.out);
	cr_assert_float_eq(real, number(answer, "held_out_sqnr"), 0.3);
}
