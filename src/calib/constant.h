/* The values of Constant nodes, read from the model. A tap behind one would make the
 * runtime take the weight for a variable, and compute in another order. */
#ifndef QDQEDIT_CALIB_CONSTANT_H
#define QDQEDIT_CALIB_CONSTANT_H

#include "graph/graph.h"

/* Whether the tensor is a Constant node's tensor, whose elements can be read. */
bool constant_is(const struct graph *graph, tensor_id tensor);

/* Calls `each` with its elements as float32, in blocks. */
bool constant_blocks(const struct graph *graph, tensor_id tensor,
	void (*each)(void *arg, const float *values, size_t count), void *arg,
	struct error *err);

#endif
