#include "config.h"

#include "ort/api.h"

#include "base/text.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What OrtGetApiBase returns; never changed since the first release. */
struct ort_base {
	const ort_function *(*get_api)(uint32_t version);
	const char *(*get_version)(void);
};

static const struct ort_base *find_base(void *library)
{
	const struct ort_base *(*get_base)(void);
	void *symbol = dlsym(library, "OrtGetApiBase");

	if (!symbol)
		return NULL;
	memcpy(&get_base, &symbol, sizeof(get_base));
	return get_base();
}

static bool read_release(struct ort_api *api, struct error *err)
{
	unsigned major = 0, minor = 0;

	if (sscanf(api->version, "%u.%u", &major, &minor) != 2 || major < 1)
		return error_set(err, ERROR_REFUSED, "its version is %s",
			text_quoted_z(api->version));
	if (major == 1 && minor < ORT_OLDEST)
		return error_set(err, ERROR_REFUSED,
			"version %s is too old, 1.%d or later is needed", api->version,
			ORT_OLDEST);
	api->release = major > 1 || minor > ORT_NEWEST ? ORT_NEWEST : minor;
	return true;
}

/* The whole table is asked for by the library's own number: a higher one would make it
 * print a line on standard error. */
static bool fill_table(
	struct ort_api *api, const struct ort_base *base, struct error *err)
{
	const ort_function *table = base->get_api(api->release);
	ort_function found;

	if (!table)
		return error_set(err, ERROR_REFUSED,
			"version %s does not offer interface %u", api->version,
			api->release);
#define X(slot, since, result, name, parameters)                                         \
	if (api->release >= since) {                                                     \
		found = table[slot];                                                     \
		memcpy(&api->name, &found, sizeof(found));                               \
	}
	ORT_FUNCTIONS(X)
#undef X
	return true;
}

/* The file that holds the library, which a bare name does not tell. */
static char *file_of(const struct ort_base *base, const char *otherwise)
{
	Dl_info info;
	void *address;

	memcpy(&address, &base->get_version, sizeof(address));
	if (dladdr(address, &info) && info.dli_fname && info.dli_fname[0])
		return strdup(info.dli_fname);
	return strdup(otherwise);
}

bool ort_api_load(struct ort_api *api, const char *path, struct error *err)
{
	const struct ort_base *base;

	memset(api, 0, sizeof(*api));
	if (setenv("ORT_DISABLE_TELEMETRY", "1", 1))
		return error_set_memory(err, "the environment");
	api->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!api->library)
		return error_set(err, ERROR_REFUSED, "%s", text_path(dlerror()));
	base = find_base(api->library);
	if (!base) {
		ort_api_release(api);
		return error_set(err, ERROR_REFUSED, "it is not an ONNX Runtime library");
	}
	api->version = base->get_version();
	api->path = file_of(base, path);
	if (!api->path) {
		ort_api_release(api);
		return error_set_memory(err, "the runtime's path");
	}
	if (!read_release(api, err) || !fill_table(api, base, err)) {
		ort_api_release(api);
		return false;
	}
	return true;
}

void ort_api_release(struct ort_api *api)
{
	free(api->path);
	if (api->library)
		dlclose(api->library);
	memset(api, 0, sizeof(*api));
}

/* Statuses may have many lines, with names of the library's source files. */
static void log_lines(const char *place, const char *text)
{
	while (*text) {
		size_t length = strcspn(text, "\n");

		if (length)
			log_add(LOG_ERROR, "%s: %.*s", place, (int)length, text);
		text += length + (text[length] == '\n');
	}
}

bool ort_api_check(const struct ort_api *api, ort_status status, const char *place,
	struct error *err)
{
	const char *text;
	char line[800];

	if (!status)
		return true;
	text = api->GetErrorMessage(status);
	log_lines(place, text);
	text_escape(line, sizeof(line), text, strcspn(text, "\n"));
	error_set(err, ERROR_REFUSED, "%s: %s; the log has all of it (--verbose)", place,
		line);
	api->ReleaseStatus(status);
	return false;
}

bool ort_api_succeeded(const struct ort_api *api, ort_status status)
{
	if (status)
		api->ReleaseStatus(status);
	return !status;
}

/* 24 to 26 differ from ONNX: uint2, int2, float8e8m0. */
int32_t ort_api_type(int reported)
{
	static const int32_t late[] = {25, 26, 24};

	return reported >= 24 && reported <= 26 ? late[reported - 24] : reported;
}
