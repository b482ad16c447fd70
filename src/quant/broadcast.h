/* Private to src/quant: small arrays of floats, combined as NumPy broadcasts them. */
#ifndef QDQEDIT_QUANT_BROADCAST_H
#define QDQEDIT_QUANT_BROADCAST_H

#include "onnx/model.h"

enum { ARRAY_MAX_RANK = 16 };

/* An array with a shape; its values are of the float type `element`. The values are
 * malloc'ed; whoever has the array frees them. */
struct array {
	double *values;
	uint64_t count;
	int64_t dims[ARRAY_MAX_RANK];
	size_t rank;
	int32_t element;
};

/* The shape of a tensor; false if its rank is too high. */
bool array_set_dims(struct array *a, const Onnx__TensorProto *proto);

/* Room for the values of its shape; false when memory is gone. */
bool array_allocate(struct array *a);

/* The shape of the combination of both; false if they do not fit. */
bool array_broadcast_dims(
	const struct array *a, const struct array *b, struct array *out);

/* f(a, b, out->element) for each element of `out`, whose shape is set; false when
 * memory is gone. */
bool array_combine(const struct array *a, const struct array *b, struct array *out,
	double (*f)(double a, double b, int32_t element));

#endif
