/* The tests' own tools, and the program's most basic promise. */
#include "support.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/stat.h>

Test(support, run_tells_output_and_status)
{
	struct test_result r =
		TEST_RUN("sh", "-c", "cat; echo out; echo err >&2; exit 7");

	cr_assert_eq(r.status, 7);
	cr_assert_str_eq(r.out, "out\n");
	cr_assert_str_eq(r.err, "err\n");
}

Test(support, run_gives_input_folder_environment_and_time)
{
	const char *argv[] = {"sh", "-c", "cat; printf %s $X; cat f; sleep 9", NULL};
	const char *environment[] = {"X=two", NULL};
	struct test_result r;

	test_write_text(test_path("f"), "three");
	r = test_run_with(&(struct test_command){.argv = argv,
		.input = "one\0",
		.input_length = 4,
		.folder = test_folder(),
		.environment = environment,
		.seconds = 1});
	cr_assert_eq(r.status, 128 + 14);
	cr_assert_eq(r.out_length, 12);
	cr_assert_arr_eq(r.out, "one\0twothree", 12);
}

Test(support, command_that_is_not_there)
{
	cr_assert_eq(TEST_RUN("/nonexistent/command").status, 127);
}

Test(support, world_is_the_same_everywhere)
{
	struct stat st;

	cr_assert_null(getenv("TERM"));
	cr_assert_str_eq(getenv("LC_ALL"), "C.UTF-8");
	cr_assert_eq(stat(test_source("configure.ac"), &st), 0);
	cr_assert_eq(stat(test_program(), &st), 0);
}

Test(support, peer_is_the_right_release)
{
	struct test_result r = TEST_RUN(test_need_python(), "-c",
		"import onnxruntime, onnx; print(onnxruntime.__version__, "
		"onnx.__version__)");

	cr_assert_str_eq(r.out, "1.32.0 1.23.2\n", "%s%s", r.out, r.err);
}
