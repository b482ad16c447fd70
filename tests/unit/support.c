#define _GNU_SOURCE
#include "support.h"

#include <criterion/criterion.h>
#include <criterion/hooks.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUN_FOLDER "QDQEDIT_TEST_RUN_FOLDER"

static const char *const unset_names[] = {"TERM", "LINES", "COLUMNS", "NO_COLOR",
	"XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME",
	"QDQEDIT_ORT_LIB", "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "TMUX"};

/* Read by the sanitizer, if there is one: tests do not free, and what they
 * run is looked at for leaks all the same, being another program. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

static int remove_entry(
	const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

ReportHook(PRE_ALL)(struct criterion_test_set *set)
{
	char folder[] = "/tmp/qdqedit-test.XXXXXX";

	(void)set;
	for (size_t i = 0; i < sizeof(unset_names) / sizeof(*unset_names); i++)
		unsetenv(unset_names[i]);
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("TZ", "UTC", 1);
	setenv("ORT_DISABLE_TELEMETRY", "1", 1);
	setenv("PYTHONDONTWRITEBYTECODE", "1", 1);
	if (!mkdtemp(folder)) {
		perror(folder);
		exit(1);
	}
	setenv(RUN_FOLDER, folder, 1);
	setenv("HOME", folder, 1);
}

ReportHook(POST_ALL)(struct criterion_global_stats *stats)
{
	const char *folder = getenv(RUN_FOLDER);

	(void)stats;
	if (folder && !getenv("QDQEDIT_TEST_KEEP"))
		nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static char *text_of(const char *format, va_list args)
{
	char *text = NULL;

	cr_assert(vasprintf(&text, format, args) >= 0, "out of memory");
	return text;
}

char *test_text(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = text_of(format, args);
	va_end(args);
	return text;
}

static const char *value_or(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value && *value ? value : otherwise;
}

const char *test_source(const char *relative)
{
	return test_text("%s/%s", value_or("QDQEDIT_TEST_SRCDIR", TEST_SRCDIR), relative);
}

const char *test_built(const char *relative)
{
	return test_text(
		"%s/%s", value_or("QDQEDIT_TEST_BUILDDIR", TEST_BUILDDIR), relative);
}

const char *test_program(void)
{
	return test_built("qdqedit");
}

const char *test_folder(void)
{
	static char *folder;

	if (!folder) {
		folder = test_text(
			"%s/%s-XXXXXX", getenv(RUN_FOLDER), criterion_current_test->name);
		cr_assert_not_null(mkdtemp(folder), "%s cannot be made", folder);
	}
	return folder;
}

const char *test_path(const char *format, ...)
{
	va_list args;
	char *tail;

	va_start(args, format);
	tail = text_of(format, args);
	va_end(args);
	return test_text("%s/%s", test_folder(), tail);
}

/* All that is in `file`, from its start. */
static char *read_stream(FILE *file, size_t *length)
{
	char *data = NULL;
	size_t used = 0, room = 0, got;

	rewind(file);
	do {
		if (room - used < 2) {
			room = room ? room * 2 : 4096;
			data = realloc(data, room);
			cr_assert_not_null(data, "out of memory");
		}
		got = fread(data + used, 1, room - used - 1, file);
		used += got;
	} while (got);
	data[used] = '\0';
	if (length)
		*length = used;
	return data;
}

char *test_read_file(const char *path, size_t *length)
{
	FILE *file = fopen(path, "rb");
	char *data;

	cr_assert_not_null(file, "%s cannot be read", path);
	data = read_stream(file, length);
	fclose(file);
	return data;
}

void test_write_file(const char *path, const void *data, size_t length)
{
	FILE *file = fopen(path, "wb");

	cr_assert_not_null(file, "%s cannot be written", path);
	cr_assert(length == 0 || fwrite(data, length, 1, file) == 1);
	cr_assert_eq(fclose(file), 0, "%s cannot be written", path);
}

void test_write_text(const char *path, const char *text)
{
	test_write_file(path, text, strlen(text));
}

void test_skip_without(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = text_of(format, args);
	va_end(args);
	if (*value_or("QDQEDIT_REQUIRE_ALL", ""))
		cr_assert_fail("cannot run without %s", text);
	fprintf(stderr, "[SKIP] %s::%s: no %s\n", criterion_current_test->category,
		criterion_current_test->name, text);
	cr_skip_test("no %s", text);
	abort();
}

const char *test_need_python(void)
{
	const char *python = getenv("QDQEDIT_TEST_PYTHON");

	if (!python || access(python, X_OK) != 0)
		test_skip_without("Python with onnxruntime (QDQEDIT_TEST_PYTHON)");
	return python;
}

const char *test_need_ort(void)
{
	const char *library = getenv("QDQEDIT_TEST_ORT");

	if (!library || access(library, R_OK) != 0)
		test_skip_without("ONNX Runtime library (QDQEDIT_TEST_ORT)");
	return library;
}

const char *test_need_model(const char *file)
{
	const char *folder = getenv("QDQEDIT_TEST_MODELS");
	const char *path = test_text("%s/%s", folder ? folder : "", file);

	if (!folder || access(path, R_OK) != 0)
		test_skip_without("model %s (QDQEDIT_TEST_MODELS)", file);
	return path;
}

const char *test_need_program(const char *name)
{
	char *folders = test_text("%s", value_or("PATH", "/usr/bin:/bin"));

	for (char *at = strtok(folders, ":"); at; at = strtok(NULL, ":")) {
		const char *path = test_text("%s/%s", at, name);

		if (access(path, X_OK) == 0)
			return path;
	}
	test_skip_without("program %s", name);
}

/* In the child: files to 0, 1 and 2, then the command; 127 if that fails. */
static _Noreturn void become(const struct test_command *command, FILE *const files[3])
{
	for (int i = 0; i < 3; i++)
		dup2(fileno(files[i]), i);
	for (const char *const *e = command->environment; e && *e; e++)
		putenv((char *)*e);
	alarm(command->seconds ? command->seconds : 300);
	if (!command->folder || chdir(command->folder) == 0)
		execvp(command->argv[0], (char *const *)command->argv);
	perror(command->argv[0]);
	_exit(127);
}

struct test_result test_run_with(const struct test_command *command)
{
	struct test_result result = {0};
	FILE *files[3];
	pid_t child;
	int status = 0;

	for (int i = 0; i < 3; i++) {
		files[i] = tmpfile();
		cr_assert_not_null(files[i], "no temporary file");
		fcntl(fileno(files[i]), F_SETFD, FD_CLOEXEC);
	}
	if (command->input_length)
		fwrite(command->input, command->input_length, 1, files[0]);
	rewind(files[0]);
	fflush(NULL);
	child = fork();
	cr_assert(child >= 0, "cannot fork");
	if (child == 0)
		become(command, files);
	cr_assert_eq(waitpid(child, &status, 0), child);
	result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	result.out = read_stream(files[1], &result.out_length);
	result.err = read_stream(files[2], &result.err_length);
	for (int i = 0; i < 3; i++)
		fclose(files[i]);
	return result;
}

struct test_result test_run(const char *const *argv)
{
	return test_run_with(&(struct test_command){.argv = argv});
}
