/* The C interface of ONNX Runtime by slot number; private to src/ort.
 *
 * Every object is an opaque pointer. A slot is filled if the library is at least the
 * release that introduced it (the second column), else NULL. Facts: the library's
 * published interface, and measurements of its table. */
#ifndef QDQEDIT_ORT_API_H
#define QDQEDIT_ORT_API_H

#include "base/error.h"
#include "base/log.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef void (*ort_function)(void);
typedef struct ort_object ort_object;
typedef ort_object *ort_status; /* NULL is success */
typedef void (*ort_logger)(void *arg, int level, const char *category, const char *id,
	const char *location, const char *text);

enum {
	ORT_OLDEST = 17, /* releases that work */
	ORT_NEWEST = 32,
};

/* X(slot, first release, result, name, parameters) */
#define ORT_FUNCTIONS(X)                                                                 \
	X(0, 1, ort_status, CreateStatus, (int, const char *))                           \
	X(1, 1, int, GetErrorCode, (const ort_object *))                                 \
	X(2, 1, const char *, GetErrorMessage, (const ort_object *))                     \
	X(4, 1, ort_status, CreateEnvWithCustomLogger,                                   \
		(ort_logger, void *, int, const char *, ort_object **))                  \
	X(6, 1, ort_status, DisableTelemetryEvents, (const ort_object *))                \
	X(7, 1, ort_status, CreateSession,                                               \
		(const ort_object *, const char *, const ort_object *, ort_object **))   \
	X(8, 1, ort_status, CreateSessionFromArray,                                      \
		(const ort_object *, const void *, size_t, const ort_object *,           \
			ort_object **))                                                  \
	X(9, 1, ort_status, Run,                                                         \
		(ort_object *, const ort_object *, const char *const *,                  \
			const ort_object *const *, size_t, const char *const *, size_t,  \
			ort_object **))                                                  \
	X(10, 1, ort_status, CreateSessionOptions, (ort_object **))                      \
	X(11, 1, ort_status, SetOptimizedModelFilePath, (ort_object *, const char *))    \
	X(17, 1, ort_status, DisableMemPattern, (ort_object *))                          \
	X(23, 1, ort_status, SetSessionGraphOptimizationLevel, (ort_object *, int))      \
	X(24, 1, ort_status, SetIntraOpNumThreads, (ort_object *, int))                  \
	X(25, 1, ort_status, SetInterOpNumThreads, (ort_object *, int))                  \
	X(26, 1, ort_status, CreateCustomOpDomain, (const char *, ort_object **))        \
	X(27, 1, ort_status, CustomOpDomain_Add, (ort_object *, const void *))           \
	X(28, 1, ort_status, AddCustomOpDomain, (ort_object *, ort_object *))            \
	X(30, 1, ort_status, SessionGetInputCount, (const ort_object *, size_t *))       \
	X(31, 1, ort_status, SessionGetOutputCount, (const ort_object *, size_t *))      \
	X(33, 1, ort_status, SessionGetInputTypeInfo,                                    \
		(const ort_object *, size_t, ort_object **))                             \
	X(34, 1, ort_status, SessionGetOutputTypeInfo,                                   \
		(const ort_object *, size_t, ort_object **))                             \
	X(36, 1, ort_status, SessionGetInputName,                                        \
		(const ort_object *, size_t, ort_object *, char **))                     \
	X(37, 1, ort_status, SessionGetOutputName,                                       \
		(const ort_object *, size_t, ort_object *, char **))                     \
	X(39, 1, ort_status, CreateRunOptions, (ort_object **))                          \
	X(46, 1, ort_status, RunOptionsSetTerminate, (ort_object *))                     \
	X(49, 1, ort_status, CreateTensorWithDataAsOrtValue,                             \
		(const ort_object *, void *, size_t, const int64_t *, size_t, int,       \
			ort_object **))                                                  \
	X(50, 1, ort_status, IsTensor, (const ort_object *, int *))                      \
	X(51, 1, ort_status, GetTensorMutableData, (ort_object *, void **))              \
	X(55, 1, ort_status, CastTypeInfoToTensorInfo,                                   \
		(const ort_object *, const ort_object **))                               \
	X(60, 1, ort_status, GetTensorElementType, (const ort_object *, int *))          \
	X(61, 1, ort_status, GetDimensionsCount, (const ort_object *, size_t *))         \
	X(62, 1, ort_status, GetDimensions, (const ort_object *, int64_t *, size_t))     \
	X(63, 1, ort_status, GetSymbolicDimensions,                                      \
		(const ort_object *, const char **, size_t))                             \
	X(64, 1, ort_status, GetTensorShapeElementCount, (const ort_object *, size_t *)) \
	X(65, 1, ort_status, GetTensorTypeAndShape, (const ort_object *, ort_object **)) \
	X(69, 1, ort_status, CreateCpuMemoryInfo, (int, int, ort_object **))             \
	X(76, 1, ort_status, AllocatorFree, (ort_object *, void *))                      \
	X(78, 1, ort_status, GetAllocatorWithDefaultOptions, (ort_object **))            \
	X(86, 1, ort_status, KernelInfoGetAttribute_int64,                               \
		(const ort_object *, const char *, int64_t *))                           \
	X(90, 1, ort_status, KernelContext_GetInput,                                     \
		(const ort_object *, size_t, const ort_object **))                       \
	X(91, 1, ort_status, KernelContext_GetOutput,                                    \
		(ort_object *, size_t, const int64_t *, size_t, ort_object **))          \
	X(92, 1, void, ReleaseEnv, (ort_object *))                                       \
	X(93, 1, void, ReleaseStatus, (ort_object *))                                    \
	X(94, 1, void, ReleaseMemoryInfo, (ort_object *))                                \
	X(95, 1, void, ReleaseSession, (ort_object *))                                   \
	X(96, 1, void, ReleaseValue, (ort_object *))                                     \
	X(97, 1, void, ReleaseRunOptions, (ort_object *))                                \
	X(98, 1, void, ReleaseTypeInfo, (ort_object *))                                  \
	X(99, 1, void, ReleaseTensorTypeAndShapeInfo, (ort_object *))                    \
	X(100, 1, void, ReleaseSessionOptions, (ort_object *))                           \
	X(101, 1, void, ReleaseCustomOpDomain, (ort_object *))                           \
	X(130, 5, ort_status, AddSessionConfigEntry,                                     \
		(ort_object *, const char *, const char *))                              \
	X(150, 6, ort_status, AddInitializer,                                            \
		(ort_object *, const char *, const ort_object *))                        \
	X(192, 10, ort_status, HasValue, (const ort_object *, int *))                    \
	X(293, 22, ort_status, SessionOptionsSetLoadCancellationFlag,                    \
		(ort_object *, bool))                                                    \
	X(414, 24, ort_status, GetTensorElementTypeAndShapeDataReference,                \
		(const ort_object *, int *, const int64_t **, size_t *))

struct ort_api {
#define X(slot, since, result, name, parameters) result(*name) parameters;
	ORT_FUNCTIONS(X)
#undef X
	unsigned release; /* the minor version, at most ORT_NEWEST */
	const char *version;
	void *library;
	char *path; /* of the file, owned */
};

/* Opens a library (a path, or a bare name for the loader's own search) and fills the
 * table. Sets ORT_DISABLE_TELEMETRY first. Writes nothing to standard error. The cause
 * alone is in `err`. A library that was opened stays mapped. */
bool ort_api_load(struct ort_api *api, const char *path, struct error *err);
void ort_api_release(struct ort_api *api);

/* Turns a status into "place: first line of its text" and releases it; true for NULL.
 * The whole text goes to the log. */
bool ort_api_check(const struct ort_api *api, ort_status status, const char *place,
	struct error *err);

/* Releases a status whose text does not matter; true for NULL. */
bool ort_api_succeeded(const struct ort_api *api, ort_status status);

/* The number that the library reports for an element type as ONNX has it. */
int32_t ort_api_type(int reported);

/* What the parts of src/ort share. */
struct ort_runtime {
	struct ort_api api;
	ort_object *environment;
	ort_object *memory;    /* of tensors that borrow our memory */
	ort_object *allocator; /* shared, never released */
};

#endif
