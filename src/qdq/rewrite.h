/* A quantized model with the groups rewritten whose type, conversion or explicit
 * parameters a plan changed; everything else as it is in the file. */
#ifndef QDQEDIT_QDQ_REWRITE_H
#define QDQEDIT_QDQ_REWRITE_H

#include "plan/outcome.h"
#include "qdq/view.h"
#include "quant/quantize.h"

/* What was changed; and what the whole result holds. */
struct qdq_changes {
	uint32_t tensors;     /* whose stored type, scale or zero point is another */
	uint32_t conversions; /* that came, went or changed */
	uint32_t weights;     /* constants quantized anew */
	uint32_t biases;      /* the same, int32 */
	struct quantize_result whole;
};

/* The model with the outcome's types, derived from view->input, which must outlive it
 * together with the view. New scales follow from the plan's ranges as the quantizer has
 * it; weights are quantized anew from the values that their integers stand for, with a
 * note; a type that the opset does not have makes its nodes com.microsoft's, with a
 * note. NULL with an error; freed by model_free. */
struct model *qdq_rewrite(const struct qdq_view *view, const struct plan *plan,
	const struct outcome *outcome, struct qdq_changes *changes,
	struct problem_list *notes, struct error *err);

#endif
