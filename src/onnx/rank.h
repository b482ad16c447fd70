/* Types and shapes as onnx's inference finds them, in file order (qdq-semantics.md 6.1).
 * It runs over the graphs several times; what one sweep found the next one is given. */
#ifndef QDQEDIT_ONNX_RANK_H
#define QDQEDIT_ONNX_RANK_H

#include "base/names.h"
#include "onnx/model.h"

enum { RANK_UNKNOWN = -1 };

/* What a value is; type and shape are those of its tensors. */
enum rank_kind {
	RANK_TENSOR,
	RANK_SEQUENCE,
	RANK_OPTIONAL,
	RANK_OPTIONAL_SEQUENCE,
	RANK_SPARSE,
	RANK_OTHER /* a map, say: nothing more is known */
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
	enum rank_kind kind;
};

#define RANK_NOTHING                                                                     \
	{                                                                                \
		RANK_UNKNOWN, -1, 0, NULL, NULL, false, false, RANK_TENSOR               \
	}

struct ranks; /* the values of one graph, or of one call of a function */

/* Everything about a model. */
struct rank_run;

/* NULL if memory is gone. */
struct rank_run *rank_start(void);
void rank_finish(struct rank_run *run);

/* How the elements of constants lie when a sweep looks at them. */
enum rank_storage {
	RANK_READ,    /* in memory */
	RANK_IN_FILE, /* external data are not read */
	RANK_RELOADED /* saved with the larger initializers in a side file, which is not
		       */
};

/* Runs onnx's inference over the main graph of `model` and what its nodes hold. False if
 * memory is gone. */
bool rank_sweep(
	struct rank_run *run, const struct model *model, enum rank_storage storage);

/* The values of the main graph and of a graph in a node; NULL if no sweep saw it. */
const struct ranks *rank_main(const struct rank_run *run);
const struct ranks *rank_of(const struct rank_run *run, const Onnx__GraphProto *graph);

/* True if onnx's inference gave up on a node of this very graph. */
bool rank_fails(const struct ranks *ranks, const Onnx__NodeProto *node);

/* True if it does so where external data stand for one of the node's inputs. */
bool rank_reads_elements(ProtobufCBinaryData op_type);

/* A value of this very graph as onnx's converter sees it, or an unknown one. */
struct known_shape rank_find(const struct ranks *ranks, ProtobufCBinaryData name);

/* The same as the inference sees it, also in the graphs around. */
struct known_shape rank_find_outer(const struct ranks *ranks, ProtobufCBinaryData name);

/* The values of a graph in a node of that of `outer`, if need be by its declarations
 * alone; NULL if memory is gone. */
const struct ranks *rank_see(struct rank_run *run, const struct ranks *outer,
	const struct model *model, const Onnx__GraphProto *graph);

/* What the converter leaves of the values of a graph that it made `result` of: those in
 * `result`, by their new names. */
struct rank_rename {
	ProtobufCBinaryData (*now)(const void *arg, ProtobufCBinaryData name);
	const void *arg;
};
bool rank_follow(struct rank_run *run, const struct ranks *ranks,
	const Onnx__GraphProto *result, struct rank_rename rename);

/* Gives the inputs, outputs and value_info of all graphs of `model`, which is derived
 * from the one swept last, the types that were found, and adds value_info as onnx does. */
bool rank_declare(const struct rank_run *run, struct model *model, struct error *err);

#endif
