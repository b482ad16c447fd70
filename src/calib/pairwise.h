/* NumPy's sum of float32 values: pairwise, in blocks of at most 128. */
#ifndef QDQEDIT_CALIB_PAIRWISE_H
#define QDQEDIT_CALIB_PAIRWISE_H

#include <stddef.h>

/* Every `stride`-th value, `count` of them. */
float pairwise_sum(const float *values, size_t count, size_t stride);

#endif
