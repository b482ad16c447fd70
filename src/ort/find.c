#include "ort/find.h"

#include "base/path.h"
#include "base/text.h"
#include "base/user_files.h"
#include "ort/api.h"

#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__aarch64__)
#define TRIPLET "aarch64-linux-gnu"
#define NODE_ARCH "arm64"
#else
#define TRIPLET "x86_64-linux-gnu"
#define NODE_ARCH "x64"
#endif

#define LIBRARY "libonnxruntime.so*"
#define CAPI "onnxruntime/capi"

/* Folder patterns; a word in {} is the value of that variable, and the pattern is
 * passed over when it is empty. */
static const char *const folders[] = {
	"/usr/local/lib",
	"/usr/lib/" TRIPLET,
	"/usr/lib64",
	"/usr/lib",
	"/opt/onnxruntime*/lib",
	"{CONDA_PREFIX}/lib",
	"{CONDA_PREFIX}/lib/python3*/site-packages/" CAPI,
	"{VIRTUAL_ENV}/lib/python3*/site-packages/" CAPI,
	"{HOME}/.local/lib/python3*/site-packages/" CAPI,
	"/usr/local/lib/python3*/dist-packages/" CAPI,
	"/usr/local/lib/python3*/site-packages/" CAPI,
	"/usr/lib/python3*/site-packages/" CAPI,
	"/usr/lib/python3*/dist-packages/" CAPI,
	"{PYENV_ROOT}/versions/*/lib/python3*/site-packages/" CAPI,
	"{HOME}/.pyenv/versions/*/lib/python3*/site-packages/" CAPI,
	"/usr/local/lib/node_modules/onnxruntime-node/bin/napi-v*/linux/" NODE_ARCH,
	"/usr/lib/node_modules/onnxruntime-node/bin/napi-v*/linux/" NODE_ARCH,
};

static const char *const beside_program[] = {
	"../lib/qdqedit",
	".",
	("venv/lib/python3*/site-packages/" CAPI),
};

/* Numbers in file names as numbers, so that 1.9 stands before 1.17; the path breaks
 * ties to keep the order fixed. */
static int by_version(const void *a, const void *b)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b;
	int order = text_natural_cmp(path_name(y), path_name(x));

	return order ? order : strcmp(x, y);
}

static bool is_file(const char *path)
{
	struct stat status;

	return !stat(path, &status) && S_ISREG(status.st_mode);
}

/* The libraries in the folders that `pattern` names, the highest version first. */
static bool try_pattern(const char *pattern, ort_find_try *try, void *arg)
{
	char full[PATH_MAX];
	bool taken = false;
	glob_t found;

	if ((size_t)snprintf(full, sizeof(full), "%s/" LIBRARY, pattern) >= sizeof(full))
		return false;
	if (glob(full, GLOB_NOSORT, NULL, &found))
		return false;
	qsort(found.gl_pathv, found.gl_pathc, sizeof(*found.gl_pathv), by_version);
	for (size_t i = 0; !taken && i < found.gl_pathc; i++)
		taken = is_file(found.gl_pathv[i]) && try(arg, found.gl_pathv[i]);
	globfree(&found);
	return taken;
}

/* As try_pattern for a folder whose name is literal text. */
static bool try_folder(
	const char *folder, const char *below, ort_find_try *try, void *arg)
{
	char pattern[PATH_MAX];
	size_t at = 0;

	for (; *folder && at + 2 < sizeof(pattern); folder++) {
		if (strchr("*?[\\", *folder))
			pattern[at++] = '\\';
		pattern[at++] = *folder;
	}
	if (*folder || at + strlen(below) + 2 > sizeof(pattern))
		return false;
	snprintf(pattern + at, sizeof(pattern) - at, "%s%s", *below ? "/" : "", below);
	return try_pattern(pattern, try, arg);
}

/* A name without a folder is a file of this one if it is there: the system would look
 * for it among its libraries. */
static const char *in_this_folder(const char *named, char *out, size_t room)
{
	if (strchr(named, '/') || !is_file(named) ||
		(size_t)snprintf(out, room, "./%s", named) >= room)
		return named;
	return out;
}

bool ort_find_named(const char *named, ort_find_try *try, void *arg)
{
	char here[PATH_MAX];
	struct stat status;

	if (!stat(named, &status) && S_ISDIR(status.st_mode))
		return try_folder(named, "", try, arg) ||
		       try_folder(named, "lib", try, arg) ||
		       try_folder(named, CAPI, try, arg);
	return try(arg, in_this_folder(named, here, sizeof(here)));
}

static bool try_beside_program(ort_find_try *try, void *arg)
{
	char program[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
	bool taken = false;
	char *slash;

	if (length <= 0)
		return false;
	program[length] = '\0';
	slash = strrchr(program, '/');
	if (!slash)
		return false;
	*slash = '\0';
	for (size_t i = 0; !taken && i < sizeof(beside_program) / sizeof(char *); i++)
		taken = try_folder(program, beside_program[i], try, arg);
	return taken;
}

static bool try_sonames(ort_find_try *try, void *arg)
{
	char name[64];

	if (try(arg, "libonnxruntime.so.1") || try(arg, "libonnxruntime.so"))
		return true;
	for (int minor = 40; minor >= ORT_OLDEST; minor--) {
		snprintf(name, sizeof(name), "libonnxruntime.so.1.%d", minor);
		if (try(arg, name))
			return true;
	}
	return false;
}

static bool try_known_folder(const char *pattern, ort_find_try *try, void *arg)
{
	const char *close = strchr(pattern, '}');
	const char *value;
	char name[32];

	if (pattern[0] != '{')
		return try_pattern(pattern, try, arg);
	snprintf(name, sizeof(name), "%.*s", (int)(close - pattern - 1), pattern + 1);
	value = getenv(name);
	return value && value[0] == '/' && try_folder(value, close + 2, try, arg);
}

/* The Python that a folder of PATH offers: first as it is named (the python3 of a venv
 * is a link to the system's), then where the link leads. */
static bool try_python_in(const char *folder, ort_find_try *try, void *arg)
{
	static const char below[] = "../lib/python3*/site-packages/" CAPI;
	char python[PATH_MAX], target[PATH_MAX];
	char *slash;

	if ((size_t)snprintf(python, sizeof(python), "%s/python3", folder) >=
			sizeof(python) ||
		access(python, X_OK))
		return false;
	if (try_folder(folder, below, try, arg))
		return true;
	if (!realpath(python, target) || !(slash = strrchr(target, '/')))
		return false;
	*slash = '\0';
	return strcmp(target, folder) && try_folder(target, below, try, arg);
}

static bool try_pythons_on_path(ort_find_try *try, void *arg)
{
	const char *path = getenv("PATH");
	char folder[PATH_MAX];

	while (path && *path) {
		size_t length = strcspn(path, ":");

		if (length && path[0] == '/' && length < sizeof(folder)) {
			memcpy(folder, path, length);
			folder[length] = '\0';
			if (try_python_in(folder, try, arg))
				return true;
		}
		path += length + (path[length] == ':');
	}
	return false;
}

bool ort_find_anywhere(ort_find_try *try, void *arg)
{
	const char *known = getenv("ORT_DYLIB_PATH");
	char set[PATH_MAX], path[PATH_MAX];

	if (known && *known && ort_find_named(known, try, arg))
		return true;
	if (user_setting("ort-lib", set, sizeof(set)) &&
		ort_find_named(path_from_home(set, path, sizeof(path)), try, arg))
		return true;
	if (try_beside_program(try, arg) || try_sonames(try, arg))
		return true;
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		if (try_known_folder(folders[i], try, arg))
			return true;
	return try_pythons_on_path(try, arg);
}
