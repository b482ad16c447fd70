/* What all tests share: where things are, running a command, skipping.
 *
 * The environment a test may look at (all optional, set by `make check` and
 * `./bootstrap check`):
 *   QDQEDIT_TEST_SRCDIR    the source tree       (default: compiled in)
 *   QDQEDIT_TEST_BUILDDIR  the build tree        (default: compiled in)
 *   QDQEDIT_TEST_PYTHON    a Python with onnxruntime, onnx and numpy
 *   QDQEDIT_TEST_ORT       the ONNX Runtime library to load at run time
 *   QDQEDIT_TEST_MODELS    the folder that tests/models.sh filled
 *   QDQEDIT_REQUIRE_ALL=1  what would be skipped fails instead
 *   QDQEDIT_TEST_LONG=N    `make peer-long`: suites "peer..." run N times as many cases
 *   QDQEDIT_TEST_GOLDEN=1  `make golden`: suites "screens..." write their files
 *   QDQEDIT_TEST_KEEP=1    the temporary folder stays
 *
 * Before the first test the environment is made the same everywhere: LC_ALL
 * is C.UTF-8, HOME is a fresh folder, TERM, LINES, COLUMNS, NO_COLOR, XDG_*
 * and the program's own variables are unset.
 *
 * Every test is a process of its own, so nothing that these functions return
 * has to be freed. They end the test as failed when the system refuses. */
#ifndef QDQEDIT_TESTS_SUPPORT_H
#define QDQEDIT_TESTS_SUPPORT_H

#include <stddef.h>

/* Absolute paths. The `relative` one begins at the top of the tree. */
const char *test_source(const char *relative);
const char *test_built(const char *relative);
const char *test_program(void); /* the qdqedit that was just built */

/* The test's own empty folder, and a path in it from a printf format. All
 * such folders are removed when the last test has run. */
const char *test_folder(void);
const char *test_path(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Text from a printf format. */
char *test_text(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The bytes of a file with a NUL behind them; `length` may be NULL. */
char *test_read_file(const char *path, size_t *length);
void test_write_file(const char *path, const void *data, size_t length);
void test_write_text(const char *path, const char *text);

/* End the test as skipped, saying what is missing, when it is; as failed
 * with QDQEDIT_REQUIRE_ALL. The value returned is a path. */
const char *test_need_python(void);
const char *test_need_ort(void);
const char *test_need_model(const char *file);   /* "det.onnx", ... */
const char *test_need_program(const char *name); /* "tmux", ...: found in PATH */
_Noreturn void test_skip_without(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

/* How a command ended. `status` is its exit code, or 128 plus the number of
 * the signal that ended it. The texts have a NUL behind their `length`. */
struct test_result {
	int status;
	char *out, *err;
	size_t out_length, err_length;
};

/* A command for test_run_with; what is 0 has the default given. */
struct test_command {
	const char *const *argv; /* ends with NULL; argv[0] looked for in PATH */
	const void *input;       /* standard input; default: empty */
	size_t input_length;
	const char *folder;             /* where it runs; default: here */
	const char *const *environment; /* "NAME=VALUE" to add, NULL at the end */
	unsigned seconds;               /* ended by SIGALRM after these; default 300 */
};

struct test_result test_run_with(const struct test_command *command);
struct test_result test_run(const char *const *argv);

/* TEST_RUN("cmp", a, b), TEST_QDQEDIT("info", model),
 * TEST_PYTHON("tests/peer/compare.py", a, b): run and return the result. */
#define TEST_RUN(...) test_run((const char *const[]){__VA_ARGS__, NULL})
#define TEST_QDQEDIT(...) TEST_RUN(test_program(), __VA_ARGS__)
#define TEST_PYTHON(script, ...)                                                         \
	TEST_RUN(test_need_python(), test_source(script), ##__VA_ARGS__)

#endif
