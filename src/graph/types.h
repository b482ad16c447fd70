/* Element types while they are inferred; private to src/graph. */
#ifndef QDQEDIT_GRAPH_TYPES_H
#define QDQEDIT_GRAPH_TYPES_H

#include "graph/graph.h"
#include "infer/infer.h"

/* A value's type as a number: element type, and what holds the elements. 0: unknown. */
typedef uint16_t type_code;

enum type_holder {
	HOLDER_TENSOR,
	HOLDER_SEQUENCE,
	HOLDER_OPTIONAL,          /* of a tensor */
	HOLDER_OPTIONAL_SEQUENCE, /* of a sequence */
	HOLDER_OTHER,             /* a map, a sparse tensor, an opaque value */
};

static inline type_code type_make(enum type_holder holder, int64_t element)
{
	return (type_code)(holder << 8 | (element > 0 && element < 256 ? element : 0));
}

static inline enum type_holder type_holder(type_code code)
{
	return (enum type_holder)(code >> 8);
}

static inline int32_t type_element(type_code code)
{
	return code & 0xff;
}

/* A node as the rules see it, wherever it stands: in the graph or in a function. */
struct type_node {
	const Onnx__NodeProto *proto;
	const struct schema *schema;
	const struct graph_function *function; /* whose body it stands in, or NULL */
	const struct type_node *caller;        /* the node that calls this function */
	/* The type of an input, 0 if it is absent or unknown. */
	type_code (*input)(const struct type_node *node, uint32_t slot);
	/* The type of the output of a subgraph by position, 0 if unknown. */
	type_code (*body_output)(
		const struct type_node *node, uint32_t body, uint32_t position);
	uint32_t body_count;
	node_id id;        /* in the graph, for nodes of the graph */
	int depth;         /* of calls and subgraphs around it, for nodes of functions */
	const void *place; /* the run, or the frame of the function */
};

/* A run of the rules over the graph. With `peer` it knows what onnx's inference does. */
struct type_run {
	const struct graph *graph;
	const struct schema **schemas; /* by name of the operator, default domain */
	type_code *codes;              /* for each tensor */
	bool peer;
	bool has_external;           /* initializers in side files */
	struct infer_run *inference; /* of shapes, on demand; or NULL */
	bool no_memory;              /* set by whoever runs out of it */
	uint64_t budget;             /* nodes of functions that may still be visited */
};

/* The type that a TypeProto declares. */
type_code type_declared(const Onnx__TypeProto *type);

/* An attribute of a node; one that refers to an attribute of the function's caller is
 * followed. NULL if there is none. */
const Onnx__AttributeProto *type_attribute(
	const struct type_node *node, const char *name);

/* The type of an output by the node's schema. */
type_code type_of_output(const struct type_node *node, uint32_t slot, bool peer);

/* The output type of an operator marked SCHEMA_TYPE_NOTES. types_notes.c */
type_code type_by_notes(const struct type_node *node, uint32_t slot);

/* What a node gives to an input of its subgraph. types_notes.c */
type_code type_given_to_body(const struct type_node *node, uint32_t position);

/* The output types of a call, by walking the function's body. types_functions.c */
void type_through_function(struct type_run *run, const struct type_node *call,
	const struct graph_function *function, type_code *outputs, size_t count);

#endif
