#include "quant/kernels.h"

#include <math.h>

static void widen(struct extremes *e, float x)
{
	if (x != x)
		e->nan = true;
	if (x < e->low)
		e->low = x;
	if (x > e->high)
		e->high = x;
}

static void extremes(const float *x, size_t n, struct extremes *e)
{
	for (size_t i = 0; i < n; i++)
		widen(e, x[i]);
}

static void column_extremes(const float *x, size_t n, struct extremes *e)
{
	for (size_t i = 0; i < n; i++)
		widen(&e[i], x[i]);
}

static int32_t quantize(float x, const struct linear *q)
{
	float v = rintf(x / q->scale) + q->zero_point;

	if (v != v)
		return 0;
	return (int32_t)(v < q->low ? q->low : v > q->high ? q->high : v);
}

static void to_8(const float *x, size_t n, const struct linear *q, uint8_t *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)quantize(x[i], q);
}

static void to_16(const float *x, size_t n, const struct linear *q, uint16_t *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (uint16_t)quantize(x[i], q);
}

static void columns_to_8(const float *x, size_t n, const struct linear *q, uint8_t *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)quantize(x[i], &q[i]);
}

static void columns_to_16(const float *x, size_t n, const struct linear *q, uint16_t *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (uint16_t)quantize(x[i], &q[i]);
}

const struct kernels kernels_scalar = {.name = "scalar",
	.extremes = extremes,
	.column_extremes = column_extremes,
	.to_8 = to_8,
	.to_16 = to_16,
	.columns_to_8 = columns_to_8,
	.columns_to_16 = columns_to_16};

const struct kernels *kernels_best(void)
{
	return &kernels_scalar;
}

void kernels_pack_4(const uint8_t *in, size_t n, uint8_t *out)
{
	for (size_t i = 0; i + 1 < n; i += 2)
		out[i / 2] = (uint8_t)((in[i] & 15) | in[i + 1] << 4);
	if (n & 1)
		out[n / 2] = in[n - 1] & 15;
}
