/* One pass over the values of a tensor: smallest, largest, nearest to zero. */
#ifndef QDQEDIT_CALIB_SCAN_H
#define QDQEDIT_CALIB_SCAN_H

#include "ort/ort.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What values were seen. NaN is passed over but noted; without any other value `low` is
 * above `high`. */
struct stats {
	float low, high;
	float nearest;  /* smallest absolute value */
	bool nan;       /* NaN was among them */
	uint64_t count; /* values seen */
};

#define STATS_INIT ((struct stats){INFINITY, -INFINITY, INFINITY, false, 0})

/* Adds `count` values. With `near_zero` also `nearest` is kept. */
void scan_floats(struct stats *stats, const float *values, size_t count, bool near_zero);

/* The same for any float32 or float16 tensor. */
void scan_tensor(struct stats *stats, const struct ort_tensor *tensor, bool near_zero);

/* Adds what another pass has seen. */
void scan_merge(struct stats *stats, const struct stats *other);

/* Widens at most SCAN_BLOCK values of float16, exactly. */
enum { SCAN_BLOCK = 1024 };
void scan_widen(const uint16_t *half, size_t count, float out[SCAN_BLOCK]);

/* Calls `each` with the tensor's values as float32, in blocks. */
void scan_blocks(const struct ort_tensor *tensor,
	void (*each)(void *arg, const float *values, size_t count), void *arg);

#endif
