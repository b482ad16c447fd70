/* The inner loops over float data. Each has a scalar form, the oracle; faster ones give
 * the same bits. */
#ifndef QDQEDIT_QUANT_KERNELS_H
#define QDQEDIT_QUANT_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Extremes of data; `nan` is set when one was met (low and high are then of the rest). */
struct extremes {
	float low, high;
	bool nan;
};

/* One linear quantization: clamp(rne(x / scale) + zero_point) to the full range. */
struct linear {
	float scale, zero_point;
	float low, high;
};

struct kernels {
	const char *name;
	/* Widens *e by n values. */
	void (*extremes)(const float *x, size_t n, struct extremes *e);
	/* The same for n columns, each of its own. */
	void (*column_extremes)(const float *x, size_t n, struct extremes *e);
	/* n values to n bytes, or 16-bit integers, two's complement. NaN gives 0. */
	void (*to_8)(const float *x, size_t n, const struct linear *q, uint8_t *out);
	void (*to_16)(const float *x, size_t n, const struct linear *q, uint16_t *out);
	/* As the former with a quantization for each value. */
	void (*columns_to_8)(
		const float *x, size_t n, const struct linear *q, uint8_t *out);
	void (*columns_to_16)(
		const float *x, size_t n, const struct linear *q, uint16_t *out);
};

/* The oracle, and the best this machine has. */
extern const struct kernels kernels_scalar;
const struct kernels *kernels_best(void);

/* Two elements a byte, the first in the low half (1.7); n elements of a byte each. In
 * place is allowed. */
void kernels_pack_4(const uint8_t *in, size_t n, uint8_t *out);

#endif
