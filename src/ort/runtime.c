#include "ort/api.h"
#include "ort/find.h"
#include "ort/ort.h"

#include "base/text.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define HOW_TO_GET                                                                       \
	"get it with './bootstrap run --with-runtime' or 'pip install onnxruntime', or " \
	"name a library with --ort-lib"

enum { LEVEL_WARNING = 2, ARENA = 1, MEMORY_DEFAULT = 0 };

/* A search under way. */
struct search {
	struct ort_api *api;
	struct ort_candidate_list *tried; /* may be NULL */
	struct error reason;              /* of the last that was refused */
	bool found;
};

static void note_candidate(struct search *search, const char *path, const char *reason)
{
	struct ort_candidate candidate = {strdup(path), strdup(reason)};

	if (candidate.path && candidate.reason && ARRAY_PUSH(search->tried, candidate))
		return;
	free(candidate.path);
	free(candidate.reason);
}

static bool try_library(void *arg, const char *path)
{
	struct search *search = arg;

	error_clear(&search->reason);
	search->found = ort_api_load(search->api, path, &search->reason);
	if (search->tried)
		note_candidate(search, path, search->reason.text);
	return search->found;
}

/* A library that was named is the only one tried. */
static bool load_named(
	struct search *search, const char *by, const char *named, struct error *err)
{
	if (ort_find_named(named, try_library, search))
		return true;
	return error_set(err, ERROR_REFUSED, "%s %s: %s; " HOW_TO_GET, by,
		text_quoted_z(named),
		search->reason.kind ? search->reason.text
				    : "the folder holds no libonnxruntime.so");
}

static bool load_library(struct search *search, const char *library, struct error *err)
{
	const char *variable = getenv("QDQEDIT_ORT_LIB");

	if (library)
		return load_named(search, "--ort-lib", library, err);
	if (variable && *variable)
		return load_named(search, "QDQEDIT_ORT_LIB", variable, err);
	if (ort_find_anywhere(try_library, search))
		return true;
	return error_set(
		err, ERROR_REFUSED, "ONNX Runtime: no library found; " HOW_TO_GET);
}

/* The library's lines go to the log; it may call from any thread. */
static void log_line(void *arg, int level, const char *category, const char *id,
	const char *location, const char *text)
{
	static const enum log_level levels[] = {
		LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR, LOG_ERROR};

	(void)arg, (void)category, (void)id, (void)location;
	log_add(levels[level >= 0 && level < 5 ? level : 4], "onnxruntime: %s", text);
}

static bool make_environment(struct ort_runtime *runtime, struct error *err)
{
	const struct ort_api *api = &runtime->api;

	return ort_api_check(api,
		       api->CreateEnvWithCustomLogger(log_line, NULL, LEVEL_WARNING,
			       "qdqedit", &runtime->environment),
		       api->path, err) &&
	       ort_api_check(api, api->DisableTelemetryEvents(runtime->environment),
		       api->path, err) &&
	       ort_api_check(api,
		       api->CreateCpuMemoryInfo(ARENA, MEMORY_DEFAULT, &runtime->memory),
		       api->path, err) &&
	       ort_api_check(api,
		       api->GetAllocatorWithDefaultOptions(&runtime->allocator),
		       api->path, err);
}

/* Threads that the library starts inherit the mask: they shall take no signals. */
static bool make_quietly(struct ort_runtime *runtime, struct error *err)
{
	sigset_t all, before;
	bool made;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	made = make_environment(runtime, err);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return made;
}

struct ort_runtime *ort_runtime_open(
	const char *library, struct ort_candidate_list *tried, struct error *err)
{
	struct ort_runtime *runtime = calloc(1, sizeof(*runtime));
	struct search search = {.tried = tried, .reason = ERROR_INIT};

	if (!runtime) {
		error_set_memory(err, "the runtime");
		return NULL;
	}
	search.api = &runtime->api;
	if (load_library(&search, library, err) && make_quietly(runtime, err))
		return runtime;
	ort_runtime_close(runtime);
	return NULL;
}

void ort_runtime_close(struct ort_runtime *runtime)
{
	if (!runtime)
		return;
	if (runtime->api.library) {
		runtime->api.ReleaseMemoryInfo(runtime->memory);
		runtime->api.ReleaseEnv(runtime->environment);
	}
	ort_api_release(&runtime->api);
	free(runtime);
}

void ort_candidates_release(struct ort_candidate_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].path);
		free(list->items[i].reason);
	}
	ARRAY_RELEASE(list);
}

const char *ort_runtime_version(const struct ort_runtime *runtime)
{
	return runtime->api.version;
}

const char *ort_runtime_path(const struct ort_runtime *runtime)
{
	return runtime->api.path;
}
