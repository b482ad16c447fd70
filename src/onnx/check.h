/* The checks of onnx-facts.md section 13 on a model about to be written. */
#ifndef QDQEDIT_ONNX_CHECK_H
#define QDQEDIT_ONNX_CHECK_H

#include "onnx/model.h"

/* Checks a structure: names defined before use and unique, no shadowing, domains
 * imported, Q/DQ types against the opset, scales and zero points, axis and extents,
 * IR version, inputs and outputs equal to those of `base` (NULL: not compared). Calls
 * `found` for each failure; returns false only when memory is gone. */
bool model_check(const struct model *model, const struct model *base,
	void (*found)(void *arg, const char *text), void *arg, struct error *err);

#endif
