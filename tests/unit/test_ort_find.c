/* The runtime's library: searched, opened, refused. */
#include "ort/find.h"
#include "ort/ort.h"
#include "support.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

Test(ort, opens_and_names_itself)
{
	struct error err = ERROR_INIT;
	struct ort_runtime *runtime = ort_runtime_open(test_need_ort(), NULL, &err);

	cr_assert(runtime, "%s", err.text);
	cr_assert(strstr(ort_runtime_path(runtime), "libonnxruntime.so"));
	cr_assert_eq(strncmp(ort_runtime_version(runtime), "1.", 2), 0);
	ort_runtime_close(runtime);
}

Test(ort, says_how_to_get_it)
{
	struct error err = ERROR_INIT;

	setenv("QDQEDIT_ORT_LIB", "/nowhere/libonnxruntime.so", 1);
	cr_assert_null(ort_runtime_open(NULL, NULL, &err));
	cr_assert(strstr(err.text, "QDQEDIT_ORT_LIB '/nowhere/"), "%s", err.text);
	cr_assert(strstr(err.text, "--with-runtime"), "%s", err.text);
	cr_assert(strstr(err.text, "pip install onnxruntime"), "%s", err.text);
	error_clear(&err);
	cr_assert_null(ort_runtime_open(test_folder(), NULL, &err));
	cr_assert(strstr(err.text, "--ort-lib"), "%s", err.text);
	cr_assert(strstr(err.text, "holds no libonnxruntime.so"), "%s", err.text);
	error_clear(&err);
	cr_assert_null(ort_runtime_open("no\x1b[31m", NULL, &err));
	cr_assert_null(strchr(err.text, '\x1b'), "%s", err.text);
}

Test(ort, refuses_other_libraries)
{
	struct ort_candidate_list tried = {0};
	struct error err = ERROR_INIT;

	cr_assert_null(ort_runtime_open("libm.so.6", &tried, &err));
	cr_assert(strstr(err.text, "not an ONNX Runtime library"), "%s", err.text);
	cr_assert_eq(tried.count, 1);
	cr_assert_str_eq(tried.items[0].path, "libm.so.6");
	ort_candidates_release(&tried);
	error_clear(&err);
	test_write_text(test_path("libonnxruntime.so"), "text");
	cr_assert_null(ort_runtime_open(test_path("libonnxruntime.so"), NULL, &err));
	cr_assert(strstr(err.text, "libonnxruntime.so"), "%s", err.text);
}

struct seen_paths {
	char *paths[64];
	size_t count;
};

static bool see_path(void *arg, const char *path)
{
	struct seen_paths *seen = arg;

	if (seen->count < 64)
		seen->paths[seen->count++] = strdup(path);
	return false;
}

static size_t place_of(const struct seen_paths *seen, const char *part)
{
	for (size_t i = 0; i < seen->count; i++)
		if (strstr(seen->paths[i], part))
			return i;
	return SIZE_MAX;
}

Test(ort, searches_versions_as_numbers)
{
	struct seen_paths seen = {.count = 0};

	test_write_text(test_path("libonnxruntime.so.1.9.0"), "");
	test_write_text(test_path("libonnxruntime.so.1.17.0"), "");
	test_write_text(test_path("libonnxruntime_providers_shared.so"), "");
	cr_assert_not(ort_find_named(test_folder(), see_path, &seen));
	cr_assert_eq(seen.count, 2);
	cr_assert(strstr(seen.paths[0], "1.17.0"));
	cr_assert(strstr(seen.paths[1], "1.9.0"));
}

/* Folders with odd names, a Python on PATH, a venv; nothing of the working folder. */
Test(ort, searches_pythons)
{
	static const char capi[] = "lib/python3.11/site-packages/onnxruntime/capi";
	struct seen_paths seen = {.count = 0};
	char *path;

	TEST_RUN("mkdir", "-p", test_path("v[1]/%s", capi), test_path("p*/%s", capi),
		test_path("p*/bin"));
	test_write_text(test_path("v[1]/%s/libonnxruntime.so.1.32.0", capi), "");
	test_write_text(test_path("p*/%s/libonnxruntime.so.1.31.0", capi), "");
	test_write_text(test_path("libonnxruntime.so.1.30.0"), "");
	test_write_text(test_path("p*/bin/python3"), "");
	cr_assert_eq(chmod(test_path("p*/bin/python3"), 0700), 0);
	cr_assert_eq(chdir(test_folder()), 0);
	path = test_text(".:%s", test_path("p*/bin"));
	setenv("PATH", path, 1);
	setenv("VIRTUAL_ENV", test_path("v[1]"), 1);
	cr_assert_not(ort_find_anywhere(see_path, &seen));
	cr_assert_lt(place_of(&seen, "v[1]"), place_of(&seen, "p*/bin/../lib"));
	cr_assert_neq(place_of(&seen, "p*/bin/../lib"), SIZE_MAX);
	cr_assert_eq(place_of(&seen, "1.30.0"), SIZE_MAX);
	cr_assert_eq(place_of(&seen, "libonnxruntime.so.1"), 0);
}
