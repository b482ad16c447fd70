#include "calib/pairwise.h"

enum { LANES = 8, BLOCK = 128 };

/* Short runs are added one by one. */
static float sum_run(const float *values, size_t count, size_t stride)
{
	float total = -0.0f;

	for (size_t i = 0; i < count; i++)
		total += values[i * stride];
	return total;
}

/* Eight running sums, joined in a tree, then what is left over. */
static float sum_block(const float *values, size_t count, size_t stride)
{
	float r[LANES];
	size_t i;
	float total;

	for (i = 0; i < LANES; i++)
		r[i] = values[i * stride];
	for (i = LANES; i + LANES <= count; i += LANES)
		for (size_t k = 0; k < LANES; k++)
			r[k] += values[(i + k) * stride];
	total = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
	for (; i < count; i++)
		total += values[i * stride];
	return total;
}

float pairwise_sum(const float *values, size_t count, size_t stride)
{
	size_t half = count / 2;

	if (count < LANES)
		return sum_run(values, count, stride);
	if (count <= BLOCK)
		return sum_block(values, count, stride);
	half -= half % LANES;
	return pairwise_sum(values, half, stride) +
	       pairwise_sum(values + half * stride, count - half, stride);
}
