#include "quant/broadcast.h"

#include <stdlib.h>
#include <string.h>

bool array_allocate(struct array *a)
{
	a->count = 1;
	for (size_t i = 0; i < a->rank; i++)
		a->count *= (uint64_t)a->dims[i];
	a->values = malloc((size_t)a->count * sizeof(*a->values) + 1);
	return a->values;
}

bool array_set_dims(struct array *a, const Onnx__TensorProto *proto)
{
	if (proto->n_dims > ARRAY_MAX_RANK)
		return false;
	a->rank = proto->n_dims;
	if (a->rank)
		memcpy(a->dims, proto->dims, a->rank * sizeof(*a->dims));
	return true;
}

bool array_broadcast_dims(const struct array *a, const struct array *b, struct array *out)
{
	out->rank = a->rank > b->rank ? a->rank : b->rank;
	for (size_t i = 0; i < out->rank; i++) {
		size_t from_end = out->rank - i;
		int64_t x = from_end <= a->rank ? a->dims[a->rank - from_end] : 1;
		int64_t y = from_end <= b->rank ? b->dims[b->rank - from_end] : 1;

		if (x != y && x != 1 && y != 1)
			return false;
		out->dims[i] = x == 1 ? y : x;
	}
	return true;
}

/* The value of `a` at element `index` of the broadcast shape. */
static double broadcast_value(
	const struct array *a, const struct array *shape, uint64_t index)
{
	uint64_t at = 0, step = 1;

	if (a->count == 1)
		return a->values[0];
	for (size_t k = 1; k <= shape->rank; k++) {
		uint64_t extent = (uint64_t)shape->dims[shape->rank - k];
		uint64_t digit = index % extent;

		index /= extent;
		if (k > a->rank)
			continue;
		if (a->dims[a->rank - k] != 1)
			at += digit * step;
		step *= (uint64_t)a->dims[a->rank - k];
	}
	return a->values[at];
}

bool array_combine(const struct array *a, const struct array *b, struct array *out,
	double (*f)(double a, double b, int32_t element))
{
	if (!array_allocate(out))
		return false;
	for (uint64_t i = 0; i < out->count; i++)
		out->values[i] = f(broadcast_value(a, out, i), broadcast_value(b, out, i),
			out->element);
	return true;
}
