/* `suggest` as a user runs it: rankings, scores, float16, words, interruption. */
#include "support.h"
#include "tests/tty/pty.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void run(struct test_result result)
{
	cr_assert_eq(result.status, 0, "%s%s", result.out, result.err);
}

/* The files of a demo in the test's folder. */
static void write_demo(const char *demo)
{
	setenv("QDQEDIT_ORT_LIB", test_need_ort(), 1);
	run(TEST_QDQEDIT("demo", demo, "-o", test_path("%s", demo)));
}

static struct test_result suggest(const char *demo, const char *const *more)
{
	const char *argv[24] = {test_program(), "suggest",
		test_path("%s/%s.onnx", demo, demo), "-d", test_path("%s", demo), "-r",
		test_path("%s/ranges.json", demo)};
	size_t count = 7;

	while (*more)
		argv[count++] = *more++;
	return test_run(argv);
}

#define SUGGEST(demo, ...) suggest(demo, (const char *const[]){__VA_ARGS__, NULL})

static json_t *answer_of(struct test_result result)
{
	json_t *answer;

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

static const char *first_tensor(const json_t *answer)
{
	return json_string_value(json_object_get(
		json_array_get(json_object_get(answer, "ranking"), 0), "tensor"));
}

/* ---- words */

Test(cli_suggest, counts_one_tensor_in_the_singular)
{
	struct test_result result;

	write_demo("convnet");
	result = SUGGEST("convnet", "--goal", "14.5");
	run(result);
	cr_assert(strstr(result.out, "promote 1 tensor, "), "%s", result.out);
	cr_assert_not(strstr(result.out, " 1 conversions"), "%s", result.out);
	cr_assert(strstr(result.out, "ALONE DB"), "%s", result.out);
}

Test(cli_suggest, says_that_the_plan_is_enough)
{
	struct test_result result;
	const char *overrides = test_path("o.json");

	write_demo("convnet");
	result = SUGGEST("convnet", "--goal", "5", "-o", overrides);
	run(result);
	cr_assert(strstr(result.out, "nothing is suggested"), "%s", result.out);
	cr_assert_eq(access(overrides, F_OK), -1);
}

Test(cli_suggest, tells_each_seed_its_worth)
{
	json_t *answer;
	const json_t *row;
	size_t i;

	write_demo("attention");
	answer = answer_of(SUGGEST("attention", "--within", "0.5", "--json"));
	json_array_foreach(json_object_get(answer, "ranking"), i, row)
	{
		bool chosen = json_is_true(json_object_get(row, "chosen"));

		cr_assert_eq(json_is_number(json_object_get(row, "gain")), chosen);
		cr_assert(json_is_number(json_object_get(row, "rounding")));
		cr_assert_leq(number(row, "clipped"), 1);
	}
}

Test(cli_suggest, times_the_models)
{
	struct test_result result;
	json_t *answer;

	write_demo("attention");
	answer = answer_of(SUGGEST("attention", "--within", "0.5", "--json"));
	cr_assert_gt(number(answer, "float_ms"), 0);
	cr_assert_gt(number(answer, "all_8_ms"), 0);
	cr_assert_gt(number(answer, "real_ms"), 0);
	result = SUGGEST("attention", "--within", "0.5");
	run(result);
	cr_assert(strstr(result.out, "an inference takes, ms: float "), "%s", result.out);
}

/* ---- samples of the ranges, and others */

static struct test_result suggest_random(const char *count)
{
	return TEST_QDQEDIT("suggest", test_path("attention/attention.onnx"), "--random",
		count, "--within", "0.5", "--json");
}

/* The last six of twelve measure; the others give the ranges. */
Test(cli_suggest, keeps_samples_apart)
{
	const char *ranges = test_path("first.json");
	json_t *few, *many;
	struct test_result result;

	write_demo("attention");
	result = suggest_random("11");
	few = answer_of(result);
	cr_assert(strstr(result.err, "are from the same samples"), "%s", result.err);
	cr_assert(json_is_false(json_object_get(few, "apart")));
	result = suggest_random("12");
	many = answer_of(result);
	cr_assert_null(strstr(result.err, "from the same samples"), "%s", result.err);
	cr_assert(json_is_true(json_object_get(many, "apart")));
	cr_assert_eq(number(many, "samples") + number(many, "held_out"), 6);
	run(TEST_QDQEDIT("calibrate", test_path("attention/attention.onnx"), "--random",
		"6", "-o", ranges));
	few = answer_of(TEST_QDQEDIT("suggest", test_path("attention/attention.onnx"),
		"--random", "12", "-r", ranges, "--within", "0.5", "--json"));
	cr_assert(json_is_false(json_object_get(few, "apart")));
	cr_assert_neq(number(few, "all_8"), number(many, "all_8"),
		"with ranges given the first six measure");
}

/* ---- both curves, and what nothing beats */

Test(cli_suggest, keeps_points_that_nothing_beats)
{
	json_t *answer, *curve;
	bool by_growth = false;

	write_demo("attention");
	answer = answer_of(SUGGEST("attention", "--json"));
	curve = json_object_get(answer, "curve");
	for (size_t i = 0; i < json_array_size(curve); i++) {
		const json_t *a = json_array_get(curve, i);

		by_growth |= !strcmp(
			json_string_value(json_object_get(a, "first_by")), "growth");
		for (size_t k = 0; k < json_array_size(curve); k++) {
			const json_t *b = json_array_get(curve, k);

			cr_assert(!json_is_true(json_object_get(a, "front")) ||
				  number(b, "wide") >= number(a, "wide") ||
				  number(b, "conversions") > number(a, "conversions") ||
				  number(b, "sqnr") <= number(a, "sqnr"));
		}
	}
	cr_assert(by_growth);
}

/* ---- groups and scores */

Test(cli_suggest, ranks_groups_when_time_is_short)
{
	json_t *answer, *all;

	write_demo("attention");
	all = answer_of(SUGGEST("attention", "--within", "1", "--json"));
	answer = answer_of(
		SUGGEST("attention", "--within", "1", "--json", "--patience", "0"));
	cr_assert_eq(number(all, "groups"), 0);
	cr_assert_gt(number(answer, "groups"), 1);
	cr_assert_lt(number(answer, "groups"),
		(double)json_array_size(json_object_get(answer, "ranking")));
	cr_assert(json_is_true(json_object_get(answer, "reached")));
}

Test(cli_suggest, takes_scores_in_place_of_the_ranking)
{
	struct test_result table;
	json_t *measured, *scored;

	write_demo("attention");
	measured = answer_of(SUGGEST("attention", "--within", "0.5", "--json"));
	table = SUGGEST("attention", "--within", "0.5", "--csv");
	run(table);
	test_write_text(test_path("s.csv"), table.out);
	scored = answer_of(SUGGEST("attention", "--within", "0.5", "--json", "--scores",
		test_path("s.csv")));
	cr_assert(json_is_true(json_object_get(scored, "scored")));
	cr_assert_str_eq(first_tensor(scored), first_tensor(measured));
	cr_assert_eq(number(json_object_get(scored, "chosen"), "wide"),
		number(json_object_get(measured, "chosen"), "wide"));
}

Test(cli_suggest, asks_what_a_high_score_means)
{
	struct test_result result;
	json_t *good, *bad;

	write_demo("attention");
	test_write_text(test_path("s.json"), "{\"stream\": 1, \"feed_residual_out\": 2}");
	result = SUGGEST("attention", "--scores", test_path("s.json"));
	cr_assert_eq(result.status, 1);
	cr_assert(strstr(result.err, "--higher"), "%s", result.err);
	good = answer_of(SUGGEST("attention", "--json", "--scores", test_path("s.json"),
		"--higher", "better"));
	bad = answer_of(SUGGEST("attention", "--json", "--scores", test_path("s.json"),
		"--higher", "worse"));
	cr_assert_str_eq(first_tensor(good), "stream");
	cr_assert_str_eq(first_tensor(bad), "feed_residual_out");
}

/* ---- float16: taps round in place, and the file agrees */

Test(cli_suggest, simulates_float16)
{
	const char *model, *ranges = test_path("r.json");
	json_t *answer;

	setenv("QDQEDIT_ORT_LIB", test_need_ort(), 1);
	model = test_need_model("det21_f16.onnx");
	run(TEST_PYTHON(
		"tests/peer/pages.py", test_path("pages"), "3", "1", "page", "float16"));
	run(TEST_QDQEDIT("calibrate", model, "-d", test_path("pages"), "-o", ranges));
	answer = answer_of(TEST_QDQEDIT("suggest", model, "-d", test_path("pages"), "-r",
		ranges, "--per-channel", "--max-conversions", "4", "--patience", "0",
		"--json"));
	cr_assert_gt(number(answer, "all_16"), number(answer, "all_8") + 5);
	cr_assert_gt(
		number(answer, "held_out_sqnr"), number(answer, "held_out_all_8") + 4);
	cr_assert_float_eq(
		number(answer, "real_sqnr"), number(answer, "held_out_sqnr"), 1.2);
}

/* ---- interruption: the best so far is written */

Test(cli_suggest, writes_the_best_so_far_when_interrupted)
{
	const char *model = test_path("det.onnx"), *ranges = test_path("r.json");
	const char *pages = test_path("pages"), *overrides = test_path("o.json");
	const char *argv[] = {test_program(), "suggest", model, "-d", pages, "-r", ranges,
		"--per-channel", "-o", overrides, "--patience", "0", NULL};
	const char *environment[] = {test_text("TMPDIR=%s", test_path("tmp")), NULL};
	struct pty *pty;

	setenv("QDQEDIT_ORT_LIB", test_need_ort(), 1);
	run(TEST_RUN("mkdir", test_path("tmp")));
	run(TEST_PYTHON("tests/peer/pages.py", pages, "3", "1"));
	run(TEST_QDQEDIT(
		"prepare", test_need_model("det.onnx"), "-o", model, "--optimize"));
	run(TEST_QDQEDIT("calibrate", model, "-d", pages, "-o", ranges));
	pty = pty_start(100, 60, argv, environment);
	pty_expect(pty, "trying plans  1");
	pty_type(pty, "\x03");
	pty_expect(pty, "interrupted; the best so far: promote ");
	cr_assert_eq(pty_end(pty), 130);
	run(TEST_QDQEDIT("check", model, "-c", overrides, "-r", ranges));
	run(TEST_RUN("rmdir", test_path("tmp")));
}
