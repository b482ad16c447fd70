/* Element types while they are inferred; private to src/graph. */
#ifndef QDQEDIT_GRAPH_TYPES_H
#define QDQEDIT_GRAPH_TYPES_H

#include "graph/graph.h"

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

/* A run of the rules. With `peer` it knows what onnx's inference knows. */
struct type_run {
	const struct graph *graph;
	const struct schema **schemas; /* for each name of an operator; NULL: none */
	type_code *codes;              /* for each tensor */
	bool peer;
};

/* The type of an input of a node, 0 if it is absent or unknown. */
static inline type_code type_of_input(
	const struct type_run *run, node_id node, uint32_t slot)
{
	tensor_id t = graph_input_of(run->graph, node, slot);

	return t == GRAPH_NONE ? 0 : run->codes[t];
}

/* The type of a body's output by position, 0 if unknown. */
type_code type_of_body_output(
	const struct type_run *run, node_id node, uint32_t body, uint32_t position);

/* The type that a TypeProto declares. */
type_code type_declared(const Onnx__TypeProto *type);

/* The output type of an operator marked SCHEMA_TYPE_NOTES. */
type_code type_by_notes(
	const struct type_run *run, node_id node, const struct schema *s, uint32_t slot);

/* The types that a node with subgraphs gives to the inputs of one of them. */
void type_body_inputs(struct type_run *run, node_id node, const struct graph_scope *body);

#endif
