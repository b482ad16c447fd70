/* The inner loops over float data. Each set gives the same bits; the scalar one is the
 * oracle. */
#ifndef QDQEDIT_QUANT_KERNELS_H
#define QDQEDIT_QUANT_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Extremes of each of some columns (or of one); `nan` is set where one was met, low and
 * high are then those of the rest. */
struct extremes {
	float *low, *high;
	bool *nan;
};

/* Full range of the integer type. */
struct limits {
	float low, high;
};

/* Quantizing is clamp(rne(x / scale) + zero_point) (qdq-semantics.md 1.6). Zero points
 * and limits are within -32768 .. 65535. The result is two's complement in 8 or 16
 * bits; NaN gives 0. */
struct kernels {
	const char *name;
	/* Widens e->low[0], e->high[0], e->nan[0] by n values. */
	void (*extremes)(const float *x, size_t n, struct extremes e);
	/* The same for n columns, a value for each. */
	void (*column_extremes)(const float *x, size_t n, struct extremes e);
	/* n values with one scale and zero point. */
	void (*to_8)(const float *x, size_t n, float scale, float zero_point,
		struct limits limits, uint8_t *out);
	void (*to_16)(const float *x, size_t n, float scale, float zero_point,
		struct limits limits, uint16_t *out);
	/* n values, a scale and zero point for each. */
	void (*columns_to_8)(const float *x, size_t n, const float *scales,
		const float *zero_points, struct limits limits, uint8_t *out);
	void (*columns_to_16)(const float *x, size_t n, const float *scales,
		const float *zero_points, struct limits limits, uint16_t *out);
};

extern const struct kernels kernels_scalar;

/* Those that this program was built with and this machine can run, the best first;
 * NULL beyond the last. The scalar set is always the last. */
const struct kernels *kernels_at(size_t index);

static inline const struct kernels *kernels_best(void)
{
	return kernels_at(0);
}

/* Sets of one kind of machine; NULL if not built or not runnable here. */
const struct kernels *kernels_avx2(void);
const struct kernels *kernels_sse2(void);
const struct kernels *kernels_neon(void);

/* Two elements a byte, the first in the low half (1.7); n elements of a byte each. In
 * place is allowed. */
void kernels_pack_4(const uint8_t *in, size_t n, uint8_t *out);

#endif
