/* Making a model fit to be planned on, before its graph is built. */
#ifndef QDQEDIT_QUANT_PREPARE_H
#define QDQEDIT_QUANT_PREPARE_H

#include "base/problem.h"
#include "onnx/model.h"
#include "rules/options.h"

/* The model that is planned on, derived from `input` (freed by the caller before it).
 * Default mode: float Constant outputs become initializers unless keep_constants (Q28),
 * unnamed nodes and nodes whose name repeats get names `<op>_<index>` (Q11); each
 * mending that changed something is a note. With ort_compatible nothing is changed. */
struct model *prepare_model(const struct model *input,
	const struct quant_options *options, struct problem_list *notes,
	struct error *err);

#endif
