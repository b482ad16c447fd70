/* The comparison with ONNX Runtime's quantizer: tests/peer, run by its Python.
 * `make peer-long` runs many more cases than `make check`: QDQEDIT_TEST_LONG says how
 * many times as many. */
#include "support.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void expect_success(struct test_result r)
{
	cr_assert_eq(r.status, 0, "%s%s", r.out, r.err);
}

/* A script on the program that was built; it may take its time. */
static void expect_equal(const char *script, const char *const options[])
{
	const char *argv[32] = {
		test_need_python(), test_source(script), "--program", test_program()};
	size_t n = 4;

	for (size_t i = 0; options[i]; i++) {
		cr_assert_lt(n + 1, sizeof(argv) / sizeof(*argv));
		argv[n++] = options[i];
	}
	expect_success(
		test_run_with(&(struct test_command){.argv = argv, .seconds = 9000}));
}

#define EXPECT_EQUAL(script, ...)                                                        \
	expect_equal(script, (const char *const[]){__VA_ARGS__, NULL})

static int long_factor(void)
{
	const char *given = getenv("QDQEDIT_TEST_LONG");

	return given && atoi(given) > 0 ? atoi(given) : 1;
}

/* Seeds from 0 on. */
static const char *seeds(int brief)
{
	return test_text("0..%d", brief * long_factor());
}

Test(peer, comparison_finds_every_change)
{
	expect_success(TEST_PYTHON("tests/peer/test_compare.py"));
}

Test(peer, generated_cases_are_varied)
{
	expect_success(TEST_PYTHON(
		"tests/peer/coverage.py", "--level", "common", "--count", "300"));
	expect_success(TEST_PYTHON("tests/peer/coverage.py", "--count", "1200"));
}

/* Our shape inference against onnx's, node by node. */
Test(peer, inference_is_equal)
{
	expect_success(TEST_PYTHON("tests/peer/infer.py", "--dump",
		test_built("tests/infer_dump"), "--seeds", seeds(1200)));
}

/* The peer as the program: equal to itself, and a planted fault is found. */
Test(peer, runner_tells_equal_from_different)
{
	const char *program = test_text(
		"%s %s", test_need_python(), test_source("tests/peer/pretender.py"));
	struct test_result r = TEST_PYTHON("tests/peer/run.py", "--program", program,
		"--seeds", "0..6", "--cache", test_folder());

	expect_success(r);
	cr_assert(strstr(r.out, " 0 different"), "%s", r.out);
	setenv("PRETENDER_FAULT", "1", 1);
	r = TEST_PYTHON("tests/peer/run.py", "--program", program, "--seeds", "0..6",
		"--cache", test_folder());
	cr_assert_eq(r.status, 1, "%s%s", r.out, r.err);
	cr_assert(strstr(r.out, "model.producer_version"), "%s", r.out);
}

/* What the specification says of the peer, measured on the peer itself. */
Test(peer, goldens_hold)
{
	expect_success(TEST_PYTHON("tests/peer/upstream.py"));
	expect_success(TEST_PYTHON("tests/peer/promote.py"));
}

Test(peer, upstream_tests_are_equal)
{
	EXPECT_EQUAL("tests/peer/upstream.py", "--folder", test_folder());
}

Test(peer, promotion_is_equal)
{
	EXPECT_EQUAL("tests/peer/promote.py", "--seeds", seeds(800));
	EXPECT_EQUAL("tests/peer/promote.py", "--odd", "--seeds", seeds(400));
}

Test(peer, everyday_models_are_equal)
{
	EXPECT_EQUAL("tests/peer/run.py", "--execute", "--level", "common", "--seeds",
		seeds(1000));
}

Test(peer, models_of_all_kinds_are_equal)
{
	EXPECT_EQUAL("tests/peer/run.py", "--execute", "--level", "full", "--seeds",
		seeds(2000));
}

Test(peer, models_nobody_has_seen_are_equal)
{
	EXPECT_EQUAL("tests/peer/run.py", "--execute", "--level", "full", "--random",
		test_text("%d", 400 * long_factor()));
}

Test(peer, odd_models_are_equal)
{
	EXPECT_EQUAL("tests/peer/run.py", "--level", "second", "--seeds", seeds(1500));
}

Test(peer, odd_models_nobody_has_seen_are_equal)
{
	EXPECT_EQUAL("tests/peer/run.py", "--level", "second", "--random",
		test_text("%d", 300 * long_factor()));
}

Test(peer, default_mode_writes_valid_models)
{
	EXPECT_EQUAL("tests/peer/default.py", "--level", "full", "--seeds", seeds(400));
}

static void real_models(const char *const names[])
{
	const char *argv[24] = {
		"--seeds", long_factor() > 1 ? "4" : "1", "--execute", "--models"};
	const char *slash;
	size_t n = 4;

	for (size_t i = 0; names[i]; i++) {
		const char *path = test_need_model(test_text("%s.onnx", names[i]));

		slash = strrchr(path, '/');
		argv[4] = test_text("%.*s", (int)(slash - path), path);
	}
	n = 5;
	argv[n++] = "--cache";
	argv[n++] = test_folder();
	for (size_t i = 0; names[i]; i++)
		argv[n++] = names[i];
	expect_equal("tests/peer/real.py", argv);
}

#define REAL_MODELS(...) real_models((const char *const[]){__VA_ARGS__, NULL})

Test(peer, text_recognition_models_are_equal)
{
	REAL_MODELS("det", "rec", "cls", "rec17", "cls17");
}

Test(peer, half_precision_models_are_equal)
{
	REAL_MODELS("det_f16", "det21_f16", "matte");
}

Test(peer, other_models_are_equal)
{
	REAL_MODELS("silero_vad", "pitch", "f0", "table", "turn_q");
}

Test(peer, large_models_are_equal)
{
	REAL_MODELS("crnn", "turn", "yolo", "yolox");
}
