/* Raising the opset as onnx's version converter does (qdq-semantics.md 6.1). */
#ifndef QDQEDIT_OPSET_H
#define QDQEDIT_OPSET_H

#include "infer/infer.h"
#include "onnx/model.h"

/* What the raise renamed or made, so that ranges can follow (Q40).
 * RENAME_TENSOR: new_name has the range of old_name (a renamed output; also the
 * intermediate of a LogSoftmax whose output stays old_name).
 * RENAME_SOFTMAX_INTERMEDIATE: new_name lies in 0..1 (a Softmax or Hardmax).
 * RENAME_CONSTANT: new_name (and old_name) is a new scalar.
 * RENAME_MENDED: no tensor; Q39 changed the node that is named so, or whose first output
 * is. */
struct opset_rename {
	const char *old_name; /* in the model's arena */
	const char *new_name;
	enum {
		RENAME_TENSOR,
		RENAME_SOFTMAX_INTERMEDIATE,
		RENAME_CONSTANT,
		RENAME_MENDED
	} kind;
	double constant; /* RENAME_CONSTANT: its value */
};

struct opset_rename_list ARRAY_OF(struct opset_rename);

/* The shapes and element types that onnx's inference knew before the conversion are
 * computed inside. `mended` applies Q39 (default mode); without it the result equals
 * the converter's, faults included. Refuses what cannot be raised with the node's
 * name and the reason, naming `--opset-policy keep`. `renames` may be NULL. The
 * result is derived from `base`. */
struct model *model_raise_opset(const struct model *base, int64_t target, bool mended,
	struct opset_rename_list *renames, struct error *err);

/* As quantize_static does it: the converter's result, saved with its larger initializers
 * in a side file and read again, which leaves an explicit data_location in those.
 * `inference` has seen `base` once, in its file; in the end it knows the result. */
struct model *model_raise_and_reload(const struct model *base, int64_t target,
	struct infer_run *inference, struct opset_rename_list *renames,
	struct error *err);

#endif
