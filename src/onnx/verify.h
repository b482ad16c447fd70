/* What is looked at before a written model is renamed into place. */
#ifndef QDQEDIT_ONNX_VERIFY_H
#define QDQEDIT_ONNX_VERIFY_H

#include "onnx/write.h"

/* The checks of onnx/check.h, against the model that `model` goes back to. New
 * failures refuse unless options->tolerant; what is wrong with the input already does not
 * stop it from being written. Fills the warnings of `result`. */
bool verify_structure(const struct model *model, const char *path,
	const struct write_options *options, struct write_result *result,
	struct error *err);

/* The next step after a failed check of onnx/check.h, by its text. */
const char *verify_remedy(const char *finding);

/* Walks the written file and compares what it holds with what was meant. `path` is its
 * later name, for errors. */
bool verify_written(const struct model *model, const char *file, const char *path,
	const struct progress *progress, struct error *err);

#endif
