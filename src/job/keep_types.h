/* Element types that only model-local functions tell, kept through an opset raise. */
#ifndef QDQEDIT_JOB_KEEP_TYPES_H
#define QDQEDIT_JOB_KEEP_TYPES_H

#include "graph/graph.h"

/* A model derived from `base` with value_info (a type, no shape) for every tensor of the
 * main graph that a node makes, whose type is known and that declares none: as onnx's
 * inference leaves it before it converts a model. */
struct model *keep_types(const struct model *base, struct error *err);

#endif
