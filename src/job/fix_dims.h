/* Free dimensions of a model replaced by numbers. */
#ifndef QDQEDIT_JOB_FIX_DIMS_H
#define QDQEDIT_JOB_FIX_DIMS_H

#include "onnx/model.h"
#include "rules/options.h"

/* `dims` are texts "NAME=N": every dimension called NAME becomes N, in inputs, outputs
 * and value_info of the main graph and of all subgraphs. The result is derived from
 * `base`; *changed counts the dimensions. A name that no dimension has is refused with
 * those there are, a text of another form is wrong usage. NULL on failure. */
struct model *fix_dims(const struct model *base, const struct text_list *dims,
	uint32_t *changed, struct error *err);

#endif
