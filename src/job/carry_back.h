/* What a quantized model says about the parts of a Softmax that an opset raise took apart
 * (job/carry.h), brought back to the Softmax of the model before the raise. */
#ifndef QDQEDIT_JOB_CARRY_BACK_H
#define QDQEDIT_JOB_CARRY_BACK_H

#include "plan/unplaced.h"
#include "qdq/view.h"

/* Changes the overrides of the view: entries of tensors between the Flatten and the
 * Reshape go to the input and the output of the Softmax of `unplaced->graph`, and it
 * reads in the Flatten's place. A list that is dealt with is left without entries; what
 * the Softmax cannot have is told in `unplaced`. */
bool carry_back(struct qdq_view *view, struct unplaced *unplaced, struct error *err);

#endif
