/* Private to src/qdq: making the float model of a view. */
#ifndef QDQEDIT_QDQ_FLOAT_MODEL_H
#define QDQEDIT_QDQ_FLOAT_MODEL_H

#include "qdq/view.h"

/* The model derived from view->input; needs view->file and view->qdq. */
struct model *float_model_make(const struct qdq_view *view, struct error *err);

/* True if nothing but nodes of groups reads the constant: it goes with them. */
bool float_model_drops(const struct qdq *qdq, tensor_id constant);

#endif
