/* Ranges that ONNX Runtime's function wants beside those that were measured here. */
#ifndef QDQEDIT_JOB_SCRIPT_RANGES_H
#define QDQEDIT_JOB_SCRIPT_RANGES_H

#include "job/session.h"

/* Keeps in `more`, by name, the ranges of a raised model that the session's own graph
 * has no tensor for. */
bool script_keep_carried(const struct session *session, const struct ranges *raised,
	const struct graph *raised_graph, struct ranges *more, struct error *err);

/* Adds those of float Constant outputs, which are initializers here and tensors like
 * others there: their smallest and largest value. */
bool script_add_constants(
	const struct session *session, struct ranges *more, struct error *err);

#endif
