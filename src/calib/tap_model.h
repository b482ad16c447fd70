/* A model with taps behind some of its tensors. */
#ifndef QDQEDIT_CALIB_TAP_MODEL_H
#define QDQEDIT_CALIB_TAP_MODEL_H

#include "graph/graph.h"

/* Derives a model from graph->model in which every tensor with a set `wanted` entry (by
 * tensor, bodies too) passes a tap: its producer's output gets a fresh name, and a node
 * Tap(fresh) -> tensor stands behind it. The tap's index is the tensor's id. Only float32
 * and float16 tensors that a node produces can have one; others are passed over. (An
 * observed float16 tensor keeps its producer and gets a tap that nobody reads.)
 * `changing` chooses the operator (ort.h). Freed by model_free; graph and model must
 * outlive it. */
struct model *tap_model_make(
	const struct graph *graph, const bool *wanted, bool changing, struct error *err);

/* The fall-back: the tensors of the main graph as further outputs, in the order of ids.
 */
struct model *tap_model_outputs(
	const struct graph *graph, const bool *wanted, struct error *err);

/* "qdqedit.WHAT.NUMBER", with a suffix where a name of the graph is the same already; in
 * the arena of `model`. Without data when memory is gone. */
ProtobufCBinaryData tap_model_name(const struct graph *graph, struct model *model,
	const char *what, uint32_t number);

/* Whether a tensor can have a tap. */
bool tap_model_can(const struct graph *graph, tensor_id tensor);

/* Imports the domain of the taps into a derived model; false when memory is gone. */
bool tap_model_import(struct model *model);

#endif
