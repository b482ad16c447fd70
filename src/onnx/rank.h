/* What onnx's shape inference knows of ranks, in file order (qdq-semantics.md 6.1). */
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
	bool is_declared;              /* the rank stands in the file */
	bool is_constant;              /* of an initializer or Constant */
	bool no_rule;  /* a graph output without shape hides it from the rules */
	bool no_value; /* below IR 4 initializers of bodies have no shape */
	bool fails;    /* onnx's inference gives up on the node that makes it */
	enum rank_kind kind;
};

#define RANK_NOTHING                                                                     \
	{                                                                                \
		RANK_UNKNOWN, -1, 0, NULL, NULL, false, false, false, false, false,      \
			RANK_TENSOR                                                      \
	}

struct known_shape_list ARRAY_OF(struct known_shape);

/* The values of one graph by name. */
struct ranks {
	struct names names;
	struct known_shape_list shapes; /* by id */
	const struct ranks *outer;
	unsigned depth; /* of calls of functions */
	bool from_file; /* external data are not read */
};

/* Fills `ranks` for a graph as the converter sees it (bodies are looked into for If,
 * Scan, Loop); `outer` may be NULL. False if memory is gone; to be released all the same.
 */
bool rank_graph(struct ranks *ranks, const struct ranks *outer, const struct model *model,
	const Onnx__GraphProto *graph);
void rank_release(struct ranks *ranks);

/* The same for a main graph of any opset as onnx infers it in a file, once. */
bool rank_file(struct ranks *ranks, const struct model *model);

/* True if onnx's inference gave up on a node of this very graph. */
bool rank_fails(const struct ranks *ranks, const Onnx__NodeProto *node);

/* True if it does so where external data stand for one of the node's inputs. */
bool rank_reads_elements(ProtobufCBinaryData op_type);

/* A value of this very graph as the converter sees it, or an unknown one. */
struct known_shape rank_find(const struct ranks *ranks, ProtobufCBinaryData name);

/* The same as the inference sees it, also in the graphs around. */
struct known_shape rank_find_outer(const struct ranks *ranks, ProtobufCBinaryData name);

/* ---- between rank.c and rank_bodies.c */

/* What is known of a body's inputs from outside. */
struct given_shapes {
	const struct known_shape *items;
	size_t count;
};

bool rank_infer_graph(struct ranks *ranks, const struct ranks *outer,
	const struct model *model, const Onnx__GraphProto *graph,
	struct given_shapes given);
bool rank_nodes(struct ranks *ranks, const struct model *model,
	Onnx__NodeProto *const *nodes, size_t count);

/* Notes what a rule says of a value; what is declared stays. */
bool rank_note(
	struct ranks *ranks, ProtobufCBinaryData name, struct known_shape inferred);

/* One for each output, in the arena; NULL if memory is gone. */
struct known_shape *rank_unknown_outputs(
	struct ranks *ranks, const Onnx__NodeProto *node);

bool rank_if(struct ranks *ranks, const struct model *model, const Onnx__NodeProto *node);
bool rank_turns(struct ranks *ranks, const struct model *model,
	const Onnx__NodeProto *node, bool scan);
bool rank_call(
	struct ranks *ranks, const struct model *model, const Onnx__NodeProto *node);

/* A shape that another has, without what is true of that value alone. */
struct known_shape rank_derived(struct known_shape shape);

/* What onnx's inference says of each output of a node of the default domain or of
 * ai.onnx.ml (rank_rules.c); `out` has room for all. *gives_up: the inference of this
 * node ends in an error, nothing is known of its outputs. False if memory is gone. */
bool rank_infer_outputs(struct ranks *ranks, const struct model *model,
	const Onnx__NodeProto *node, struct known_shape *out, bool *gives_up);

#endif
