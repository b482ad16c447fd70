/* The float values that integers of a quantized model stand for. */
#ifndef QDQEDIT_QDQ_VALUES_H
#define QDQEDIT_QDQ_VALUES_H

#include "qdq/groups.h"

/* All scales and zero points of one side, read from the file. */
struct qdq_numbers {
	float *scales;  /* params->count long */
	int32_t *zeros; /* the same */
};

/* Reads; released by qdq_numbers_release, also after failure. */
bool qdq_numbers_read(const struct graph *graph, const struct qdq_params *params,
	struct qdq_numbers *numbers, struct error *err);
void qdq_numbers_release(struct qdq_numbers *numbers);

/* Gives `tensor`, a new header of float type `element` in `model`, the values that the
 * integers of a constant group stand for; they are made when they are read. `graph` (of
 * the file) lives as long as the model. */
bool qdq_attach_values(const struct graph *graph, const struct qdq_group *group,
	struct model *model, Onnx__TensorProto *tensor, struct error *err);

/* The same in memory, in double, malloc'ed: what int32 biases stand for. */
bool qdq_read_values(const struct graph *graph, const struct qdq_group *group,
	double **values, uint64_t *count, struct error *err);

#endif
