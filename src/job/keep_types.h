/* Element types that only model-local functions tell, kept through an opset raise. */
#ifndef QDQEDIT_JOB_KEEP_TYPES_H
#define QDQEDIT_JOB_KEEP_TYPES_H

#include "graph/graph.h"

/* A model derived from the graph's with value_info (a type, no shape) for every tensor
 * of the main graph that a node makes, whose type is known and that declares none: as
 * onnx's inference leaves it when it loads a model. NULL when memory is gone. */
struct model *keep_types(const struct graph *graph, struct error *err);

#endif
