/* Writing a model: new structure encoded, everything else copied from the input. */
#ifndef QDQEDIT_ONNX_WRITE_H
#define QDQEDIT_ONNX_WRITE_H

#include "onnx/model.h"

#include <sys/stat.h>

enum external_data { EXTERNAL_AUTO, EXTERNAL_ALWAYS, EXTERNAL_NEVER };

struct write_options {
	enum external_data external;
	bool force;    /* replace an existing file */
	bool tolerant; /* failed checks of the result are warnings (--ort-compatible) */
	bool reshaped; /* inputs and outputs may differ from the base's */
	unsigned threads; /* for payloads that are made; 0: the number of cores */
};

struct write_result {
	uint64_t bytes;      /* of the model file */
	uint64_t side_bytes; /* of the side file, 0 if none */
	char warning[512];   /* the first failed check, else "" */
	unsigned warnings;   /* failed checks: with `tolerant`, or of the input already */
};

/* Writes `model` to `path`: beside it under a temporary name, synced, checked
 * (onnx/check.h), renamed. Refuses the input file itself (also through links) and,
 * without force, an existing file. On failure nothing is left behind. Payloads are
 * streamed; memory does not follow the weights. The side file of `external` is
 * "<file name of path>.data". */
bool model_write(const struct model *model, const char *path,
	const struct write_options *options, const struct progress *progress,
	struct write_result *result, struct error *err);

/* True if the file holds weights of the model. Side files that cannot be opened do not
 * count. */
bool model_has_side_file(const struct model *model, const struct stat *file);

/* True if weights of the model lie in side files. */
bool model_uses_side_files(const struct model *model);

/* A model encoded in memory, for the runtime. */
struct model_image {
	void *bytes;
	size_t size;
};

/* Encodes `model` as it is: tensors in side files stay there and are only referred to.
 * Refuses what would have 2 GiB or more. Freed by model_image_release. */
bool model_encode(const struct model *model, struct model_image *image,
	const struct progress *progress, struct error *err);
void model_image_release(struct model_image *image);

/* The folder in which the model's side files are looked for (borrowed), NULL for a model
 * in memory. */
const char *model_folder(const struct model *model);

#endif
