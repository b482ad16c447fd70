/* The comparison with ONNX Runtime's quantizer: tests/peer, run by its Python.
 * `make peer-long` (QDQEDIT_TEST_LONG) runs many more cases than `make check`. */
#include "support.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void expect_success(struct test_result r)
{
	cr_assert_eq(r.status, 0, "%s%s", r.out, r.err);
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
