/* Types and shapes of all tensors, as ONNX Runtime infers them. */
#ifndef QDQEDIT_JOB_INFER_H
#define QDQEDIT_JOB_INFER_H

#include "base/progress.h"
#include "onnx/model.h"
#include "ort/ort.h"

/* A model derived from `base` with value_info for every tensor of the main graph that
 * a node makes and that is no output. Names of free dimensions are kept. ONNX Runtime
 * loads the model once for it, without optimizing. NULL on failure. */
struct model *infer_shapes(const struct model *base, struct ort_runtime *runtime,
	const struct progress *progress, struct error *err);

#endif
