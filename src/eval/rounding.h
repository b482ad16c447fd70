/* What Q and DQ do to values: rounding to a grid of integers times a scale. */
#ifndef QDQEDIT_EVAL_ROUNDING_H
#define QDQEDIT_EVAL_ROUNDING_H

#include "rules/scale.h"

#include <stddef.h>
#include <stdint.h>

/* y = clip(rint(x / scale), low, high) * scale in float32, half to even: the same as
 * QuantizeLinear and DequantizeLinear, with the zero point taken off both ends. A scale
 * of 0 leaves values as they are. */
struct rounding {
	float scale, low, high;
};

struct rounding rounding_of(const struct scale *scale);

/* `out` may be `values`. */
void rounding_apply(
	const struct rounding *rounding, const float *values, float *out, size_t count);
/* The same for float16: computed in float32, rounded to float16 at the end. */
void rounding_apply_half(const struct rounding *rounding, const uint16_t *values,
	uint16_t *out, size_t count);

#endif
