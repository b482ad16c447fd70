/* ONNX Runtime, found and opened while the program runs.
 *
 * A runtime is opened once and gives sessions; a session is a loaded model that any
 * number of threads may run at the same time. Nothing here prints; the library's own
 * lines go to base/log.h. Telemetry is switched off before the library is opened.
 *
 * A session may contain *taps*: one-input, one-output nodes of the domain
 * ORT_TAP_DOMAIN with an integer attribute "index". Each value that passes one is shown
 * to a function of ours (see struct ort_taps). */
#ifndef QDQEDIT_ORT_ORT_H
#define QDQEDIT_ORT_ORT_H

#include "base/array.h"
#include "base/error.h"
#include "base/progress.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ort_runtime;
struct ort_session;

/* A library that was looked at, and why it was not taken ("" for the one that was). */
struct ort_candidate {
	char *path;
	char *reason;
};

struct ort_candidate_list ARRAY_OF(struct ort_candidate);

/* Finds a library, opens it and makes its environment. `library` is what --ort-lib
 * named (a file or a folder) or NULL: then QDQEDIT_ORT_LIB and the search order of
 * ort/find.h. A library that was named is the only one tried. `tried` (may be NULL)
 * gets every candidate, also on success; the caller frees it with
 * ort_candidates_release. Freed by ort_runtime_close. */
struct ort_runtime *ort_runtime_open(
	const char *library, struct ort_candidate_list *tried, struct error *err);
void ort_runtime_close(struct ort_runtime *runtime);
void ort_candidates_release(struct ort_candidate_list *list);

/* "1.32.0", and the file it came from (borrowed). */
const char *ort_runtime_version(const struct ort_runtime *runtime);
const char *ort_runtime_path(const struct ort_runtime *runtime);

/* Ends loads and runs from another thread. Make one per job; it must outlive the calls
 * that were given it. What it ends fails with ERROR_CANCELLED. */
struct ort_stop;

struct ort_stop *ort_stop_new(struct error *err);
void ort_stop_free(struct ort_stop *stop);
void ort_stop_raise(struct ort_stop *stop);
bool ort_stop_raised(struct ort_stop *stop);

/* A tensor in memory, dense and row-major. `type` is a number of ONNX's
 * TensorProto.DataType; 0 where there is no tensor. Strings are not carried. */
struct ort_tensor {
	const void *data;
	size_t bytes;
	uint64_t count; /* elements */
	const int64_t *dims;
	size_t rank;
	int32_t type;
};

/* The custom operators (float32 and float16 have one each). An *observing* tap passes
 * its input through, without a copy where the library allows it; a *changing* one
 * writes its own output, into the memory of its input where nobody else reads that. */
#define ORT_TAP_DOMAIN "qdqedit.tap"
#define ORT_TAP_OBSERVE "Observe"
#define ORT_TAP_OBSERVE_F16 "ObserveF16"
#define ORT_TAP_CHANGE "Change"
#define ORT_TAP_CHANGE_F16 "ChangeF16"

/* What taps call, on the thread of ort_run. `arg` is the tap_arg of that run, `index`
 * the node's attribute. False ends the run with `err`. `change` writes value->count
 * elements to `out`, which may be value->data itself. Either may be NULL. */
struct ort_taps {
	bool (*observe)(void *arg, int64_t index, const struct ort_tensor *value,
		struct error *err);
	bool (*change)(void *arg, int64_t index, const struct ort_tensor *value,
		void *out, struct error *err);
};

/* A model for the runtime: a file, or bytes (then `folder` is where its external data
 * lies, may be NULL). `name` stands in errors. The bytes may go once it is open. */
struct ort_source {
	const char *name;
	const char *path;
	const void *bytes;
	size_t size;
	const char *folder;
};

/* An initializer to replace; the memory must outlive the session. */
struct ort_initializer {
	const char *name;
	struct ort_tensor value;
};

struct ort_session_options {
	int level;                   /* graph optimizations: 0, 1, 2, 99 */
	unsigned threads;            /* inside a node; 0: one */
	bool exact;                  /* Q and DQ are run as written, never fused */
	const char *optimized;       /* file for the optimized model, or NULL */
	const struct ort_taps *taps; /* must outlive the session; NULL: none */
	const struct ort_initializer *initializers;
	size_t initializer_count;
};

/* Loads a model. Errors name source->name, give the library's reason in one line (the
 * whole of it goes to the log). `stop` may be NULL. Freed by ort_session_free. */
struct ort_session *ort_session_open(struct ort_runtime *runtime,
	const struct ort_source *source, const struct ort_session_options *options,
	struct ort_stop *stop, struct error *err);
void ort_session_free(struct ort_session *session);

/* An input or output of a loaded model; borrowed from the session. */
struct ort_port {
	char *name;
	int32_t type;   /* as in struct ort_tensor; 0: not a tensor */
	int64_t *dims;  /* -1: free */
	char **symbols; /* names of free dims, "" where there is none */
	size_t rank;
};

const struct ort_port *ort_session_inputs(
	const struct ort_session *session, size_t *count);
const struct ort_port *ort_session_outputs(
	const struct ort_session *session, size_t *count);

struct ort_input {
	const char *name;
	struct ort_tensor value;
};

/* What one run computed; the tensors are valid until ort_results_release. */
struct ort_results {
	struct ort_tensor *tensors; /* in the order asked for; type 0: nothing there */
	size_t count;
	void *held; /* private */
};

struct ort_request {
	const struct ort_input *inputs;
	size_t input_count;
	const char *const *outputs; /* names; NULL: all of the model, output_count 0 */
	size_t output_count;
	void *tap_arg;
	struct ort_stop *stop; /* may be NULL */
};

/* Runs the model once. `results` may be NULL when only the taps matter. */
bool ort_run(struct ort_session *session, const struct ort_request *request,
	struct ort_results *results, struct error *err);
void ort_results_release(struct ort_session *session, struct ort_results *results);

#endif
