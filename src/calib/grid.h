/* The bins of a histogram, as NumPy has them, and counting into them. */
#ifndef QDQEDIT_CALIB_GRID_H
#define QDQEDIT_CALIB_GRID_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* `bins` bins between bins + 1 edges: a value belongs to the bin with edge[i] <= x <
 * edge[i + 1], to the last also on its right edge, outside to none. */
struct grid {
	uint32_t bins;
	float *edges;       /* bins + 1 */
	double *exact;      /* the edges where float32 does not hold them, else NULL */
	float first, width; /* lower edge and distance to the upper, for a first guess */
	float step;         /* edge[i] is i * step + first; 0: it is not so */
	bool is_half;       /* edges and arithmetic are rounded to float16 */
};

enum { GRID_BINS_MAX = 1 << 24 };

/* Equal bins from `low` to `high` by numpy.histogram's rule in float32 or, with
 * `is_half`, float16 (an empty interval is widened by 0.5 on both sides). *fits says
 * whether all edges differ; NumPy refuses if they do not. False when memory is gone. */
bool grid_make(struct grid *grid, uint32_t bins, float low, float high, bool is_half,
	bool *fits, struct error *err);

/* `from` with bins of the first's width appended until `high` is inside, as ONNX
 * Runtime does for absolute values: the new edges are exact in double. */
bool grid_extend(struct grid *grid, const struct grid *from, float high, bool is_half,
	struct error *err);

/* The nearest float16. */
float grid_half(float x);

/* Rounds edges that were exact in double. */
void grid_round(struct grid *grid, bool is_half);
void grid_release(struct grid *grid);

/* The length of the scratch memory of grid_count, which is zeroed before. */
static inline size_t grid_scratch(const struct grid *grid)
{
	return 4 * ((size_t)grid->bins + 1);
}

/* Counts values; fewer than 2^32 between two sums. With `absolute` their absolute values
 * are counted. NaN belongs to no bin. */
void grid_count(const struct grid *grid, bool absolute, const float *values, size_t count,
	uint32_t *scratch);

/* Adds the scratch to `counts`. */
void grid_sum(const struct grid *grid, const uint32_t *scratch, uint64_t *counts);

#endif
