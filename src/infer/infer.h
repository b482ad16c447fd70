/* Types and shapes as onnx's inference finds them, in file order (qdq-semantics.md 6.1).
 * It runs over the graphs several times; what one sweep found the next one is given. */
#ifndef QDQEDIT_INFER_H
#define QDQEDIT_INFER_H

#include "base/names.h"
#include "onnx/model.h"

enum { INFER_UNKNOWN = -1 };

/* What a value is; type and shape are those of its tensors. */
enum infer_kind {
	INFER_TENSOR,
	INFER_SEQUENCE,
	INFER_OPTIONAL,
	INFER_OPTIONAL_SEQUENCE,
	INFER_SPARSE,
	INFER_OTHER /* a map, say: nothing more is known */
};

/* An extent is a value from 0 on, -1 if nothing is known, or below that a symbol: equal
 * ones are the same. A value below 0 in the file counts as a symbol of its own. */
struct known_shape {
	int64_t rank;
	int64_t length;                /* of rank 1: its extent, -1 if unknown */
	int32_t type;                  /* element type, 0 if unknown */
	const int64_t *dims;           /* all extents, or NULL */
	const Onnx__TensorProto *data; /* of an initializer or Constant, or NULL */
	bool is_constant;              /* of an initializer or Constant */
	bool fails; /* the inference gives up on the node that makes it */
	enum infer_kind kind;
};

#define INFER_NOTHING                                                                    \
	{                                                                                \
		INFER_UNKNOWN, -1, 0, NULL, NULL, false, false, INFER_TENSOR             \
	}

struct infer_values; /* the values of one graph, or of one call of a function */

/* Everything about a model. */
struct infer_run;

/* NULL if memory is gone. */
struct infer_run *infer_start(void);
void infer_finish(struct infer_run *run);

/* How the elements of constants lie when a sweep looks at them. */
enum infer_storage {
	INFER_READ,    /* in memory */
	INFER_IN_FILE, /* external data are not read */
	INFER_RELOADED /* saved with the larger initializers in a side file, which is not
			*/
};

/* Runs onnx's inference over the main graph of `model` and what its nodes hold. False if
 * memory is gone. */
bool infer_sweep(
	struct infer_run *run, const struct model *model, enum infer_storage storage);

/* The values of the main graph and of a graph in a node; NULL if no sweep saw it. */
const struct infer_values *infer_main(const struct infer_run *run);
const struct infer_values *infer_of(
	const struct infer_run *run, const Onnx__GraphProto *graph);

/* True if onnx's inference gave up on a node of this very graph. */
bool infer_fails(const struct infer_values *known, const Onnx__NodeProto *node);

/* A value of this very graph as onnx's converter sees it, or an unknown one. */
struct known_shape infer_find(const struct infer_values *known, ProtobufCBinaryData name);

/* The same as the inference sees it, also in the graphs around. */
struct known_shape infer_find_outer(
	const struct infer_values *known, ProtobufCBinaryData name);

/* The values of a graph in a node of that of `outer`, if need be by its declarations
 * alone; NULL if memory is gone. */
const struct infer_values *infer_see(struct infer_run *run,
	const struct infer_values *outer, const struct model *model,
	const Onnx__GraphProto *graph);

/* What the converter leaves of the values of a graph that it made `result` of: those in
 * `result`, by their new names. */
struct infer_rename {
	ProtobufCBinaryData (*now)(const void *arg, ProtobufCBinaryData name);
	const void *arg;
};
bool infer_follow(struct infer_run *run, const struct infer_values *known,
	const Onnx__GraphProto *result, struct infer_rename rename);

/* Gives the inputs, outputs and value_info of all graphs of `model`, which is derived
 * from the one swept last, the types that were found, and adds value_info as onnx does.
 */
bool infer_declare(const struct infer_run *run, struct model *model, struct error *err);

#endif
