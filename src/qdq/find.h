/* Private to src/qdq: what the parts of the search share. */
#ifndef QDQEDIT_QDQ_FIND_H
#define QDQEDIT_QDQ_FIND_H

#include "qdq/groups.h"

/* A constant scale or zero point, read once. */
struct number_list {
	const Onnx__TensorProto *proto; /* NULL: not constant */
	const char *fault;              /* static text, or NULL */
	uint64_t count, digest;         /* digest: 0 for zero points that are all 0 */
	double first;
};

/* A Q or DQ of the main graph with its parameters. */
struct candidate {
	node_id node;
	const char *fault;        /* static text, or NULL */
	struct qdq_params params; /* element 0: that of what it reads */
};

struct number_lists ARRAY_OF(struct number_list);
struct candidate_list ARRAY_OF(struct candidate);

struct finder {
	struct qdq *qdq;
	const struct graph *graph;
	struct candidate_list candidates;
	struct number_lists numbers;
	uint32_t *candidate_of; /* by main node: index plus one */
	uint32_t *numbers_of;   /* by tensor: index plus one */
	struct error *err;
};

/* Fills finder->candidates, in file order (params.c). */
bool find_candidates(struct finder *finder);

/* True if the layout of the scales fits integers or floats of these dims. */
bool find_layout_fits(const struct qdq_params *params, const Onnx__TensorProto *scale,
	const Onnx__TensorProto *data);

/* Gives every group the name of its float tensor, and dissolves those that have none,
 * and conversions that no plan has (names.c). */
bool find_names(struct finder *finder);

/* The constant behind a tensor, through Identity nodes, or NULL. */
const Onnx__TensorProto *find_constant(const struct graph *graph, tensor_id tensor);

bool find_no_memory(struct finder *finder);

#endif
