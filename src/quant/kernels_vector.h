/* The loops of a vector kernel set, over a few operations that the including file
 * defines: the type `floats` of LANES values, and
 *   load, store                 from and to memory
 *   spread                      one value in all lanes
 *   less, more                  minimum and maximum; the second value where one is NaN
 *   nan_lanes                   bit i set where lane i is NaN
 *   quantized                   integers by scale, zero point and limits; NaN gives 0
 *   store_8, store_16           low bits of each integer
 * FUNCTION stands before each function (its target). What is left over behind the last
 * whole vector goes through the scalar set. */
#ifndef QDQEDIT_QUANT_KERNELS_VECTOR_H
#define QDQEDIT_QUANT_KERNELS_VECTOR_H

FUNCTION static void extremes(const float *x, size_t n, struct extremes e)
{
	floats low = spread(*e.low), high = spread(*e.high);
	float lows[LANES], highs[LANES];
	unsigned nan = 0;
	size_t i = 0;

	for (; i + LANES <= n; i += LANES) {
		floats v = load(x + i);

		low = less(v, low);
		high = more(v, high);
		nan |= nan_lanes(v);
	}
	store(lows, low);
	store(highs, high);
	*e.nan |= nan != 0;
	for (size_t lane = 0; lane < LANES; lane++) {
		*e.low = lows[lane] < *e.low ? lows[lane] : *e.low;
		*e.high = highs[lane] > *e.high ? highs[lane] : *e.high;
	}
	kernels_scalar.extremes(x + i, n - i, e);
}

FUNCTION static void column_extremes(const float *x, size_t n, struct extremes e)
{
	size_t i = 0;

	for (; i + LANES <= n; i += LANES) {
		floats v = load(x + i);

		store(e.low + i, less(v, load(e.low + i)));
		store(e.high + i, more(v, load(e.high + i)));
		for (unsigned nan = nan_lanes(v); nan; nan &= nan - 1)
			e.nan[i + (size_t)__builtin_ctz(nan)] = true;
	}
	kernels_scalar.column_extremes(
		x + i, n - i, (struct extremes){e.low + i, e.high + i, e.nan + i});
}

FUNCTION static void to_8(const float *x, size_t n, float scale, float zero_point,
	struct limits limits, uint8_t *out)
{
	floats s = spread(scale), z = spread(zero_point);
	size_t i = 0;

	for (; i + LANES <= n; i += LANES)
		store_8(out + i, quantized(load(x + i), s, z, limits));
	kernels_scalar.to_8(x + i, n - i, scale, zero_point, limits, out + i);
}

FUNCTION static void to_16(const float *x, size_t n, float scale, float zero_point,
	struct limits limits, uint16_t *out)
{
	floats s = spread(scale), z = spread(zero_point);
	size_t i = 0;

	for (; i + LANES <= n; i += LANES)
		store_16(out + i, quantized(load(x + i), s, z, limits));
	kernels_scalar.to_16(x + i, n - i, scale, zero_point, limits, out + i);
}

FUNCTION static void columns_to_8(const float *x, size_t n, const float *scales,
	const float *zero_points, struct limits limits, uint8_t *out)
{
	size_t i = 0;

	for (; i + LANES <= n; i += LANES)
		store_8(out + i, quantized(load(x + i), load(scales + i),
					 load(zero_points + i), limits));
	kernels_scalar.columns_to_8(
		x + i, n - i, scales + i, zero_points + i, limits, out + i);
}

FUNCTION static void columns_to_16(const float *x, size_t n, const float *scales,
	const float *zero_points, struct limits limits, uint16_t *out)
{
	size_t i = 0;

	for (; i + LANES <= n; i += LANES)
		store_16(out + i, quantized(load(x + i), load(scales + i),
					  load(zero_points + i), limits));
	kernels_scalar.columns_to_16(
		x + i, n - i, scales + i, zero_points + i, limits, out + i);
}

#define KERNELS(set)                                                                     \
	{                                                                                \
		.name = (set), .extremes = extremes, .column_extremes = column_extremes, \
		.to_8 = to_8, .to_16 = to_16, .columns_to_8 = columns_to_8,              \
		.columns_to_16 = columns_to_16                                           \
	}

#endif
