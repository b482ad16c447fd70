#include "quant/kernels.h"

#include <math.h>

static void widen(struct extremes e, size_t column, float x)
{
	if (x != x)
		e.nan[column] = true;
	if (x < e.low[column])
		e.low[column] = x;
	if (x > e.high[column])
		e.high[column] = x;
}

static void extremes(const float *x, size_t n, struct extremes e)
{
	for (size_t i = 0; i < n; i++)
		widen(e, 0, x[i]);
}

static void column_extremes(const float *x, size_t n, struct extremes e)
{
	for (size_t i = 0; i < n; i++)
		widen(e, i, x[i]);
}

static int32_t quantize(float x, float scale, float zero_point, struct limits limits)
{
	float v = rintf(x / scale) + zero_point;

	if (v != v)
		return 0;
	return (int32_t)(v < limits.low ? limits.low : v > limits.high ? limits.high : v);
}

static void to_8(const float *x, size_t n, float scale, float zero_point,
	struct limits limits, uint8_t *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)quantize(x[i], scale, zero_point, limits);
}

static void to_16(const float *x, size_t n, float scale, float zero_point,
	struct limits limits, uint16_t *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (uint16_t)quantize(x[i], scale, zero_point, limits);
}

static void columns_to_8(const float *x, size_t n, const float *scales,
	const float *zero_points, struct limits limits, uint8_t *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)quantize(x[i], scales[i], zero_points[i], limits);
}

static void columns_to_16(const float *x, size_t n, const float *scales,
	const float *zero_points, struct limits limits, uint16_t *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (uint16_t)quantize(x[i], scales[i], zero_points[i], limits);
}

const struct kernels kernels_scalar = {.name = "scalar",
	.extremes = extremes,
	.column_extremes = column_extremes,
	.to_8 = to_8,
	.to_16 = to_16,
	.columns_to_8 = columns_to_8,
	.columns_to_16 = columns_to_16};

const struct kernels *kernels_at(size_t index)
{
	const struct kernels *sets[] = {
		kernels_avx2(), kernels_sse2(), kernels_neon(), &kernels_scalar};

	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		if (sets[i] && index-- == 0)
			return sets[i];
	}
	return NULL;
}

void kernels_pack_4(const uint8_t *in, size_t n, uint8_t *out)
{
	for (size_t i = 0; i + 1 < n; i += 2)
		out[i / 2] = (uint8_t)((in[i] & 15) | in[i + 1] << 4);
	if (n & 1)
		out[n / 2] = in[n - 1] & 15;
}
