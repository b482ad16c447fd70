/* Which scale an element of a constant belongs to. */
#ifndef QDQEDIT_QUANT_WEIGHT_RUNS_H
#define QDQEDIT_QUANT_WEIGHT_RUNS_H

#include "quant/weights.h"

/* Neighbouring elements: all with one scale, or (columns) each with the next one. */
struct run {
	uint64_t scale;
	uint64_t length;
	bool columns;
};

/* The run from element `at` to its end. */
static inline struct run weight_run_at(const struct weight *w, uint64_t at)
{
	uint64_t inner = w->inner, extent = w->extent;

	if (w->axis < 0)
		return (struct run){0, w->count - at, false};
	if (!w->block) {
		if (inner == 1)
			return (struct run){at % extent, extent - at % extent, true};
		return (struct run){(at / inner) % extent, inner - at % inner, false};
	}
	uint64_t block = (uint64_t)w->block;
	uint64_t blocks = extent / block + (extent % block != 0);
	uint64_t k = at / inner % extent, row = at / inner / extent;

	if (inner == 1) {
		uint64_t left = block - k % block;

		return (struct run){row * blocks + k / block,
			left < extent - k ? left : extent - k, false};
	}
	return (struct run){(row * blocks + k / block) * inner + at % inner,
		inner - at % inner, true};
}

#endif
