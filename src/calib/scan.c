#include "calib/scan.h"

#include "onnx/tensor.h"

#include <math.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* Compares so that a NaN leaves the result as it was. */
static void scan_plain(
	struct stats *stats, const float *values, size_t count, bool near_zero)
{
	for (size_t i = 0; i < count; i++) {
		float x = values[i], size = fabsf(x);

		stats->low = x < stats->low ? x : stats->low;
		stats->high = x > stats->high ? x : stats->high;
		stats->nan = stats->nan || x != x;
		if (near_zero)
			stats->nearest = size < stats->nearest ? size : stats->nearest;
	}
}

#if defined(__x86_64__)

/* Four accumulators of each kind, so that the steps do not wait for each other, and named
 * one by one, so that they stay in registers. The new value stands first in min and max:
 * if it is NaN the second is the result. */
enum { LANES = 8, STRIDE = 4 * LANES };

#define TARGET_AVX2 __attribute__((target("avx2")))

TARGET_AVX2 static float lowest_of(__m256 a, __m256 b)
{
	float lanes[LANES], low = INFINITY;

	_mm256_storeu_ps(lanes, _mm256_min_ps(a, b));
	for (int i = 0; i < LANES; i++)
		low = lanes[i] < low ? lanes[i] : low;
	return low;
}

/* `count` is a multiple of STRIDE. */
TARGET_AVX2 static void scan_lanes(struct stats *stats, const float *values, size_t count)
{
	__m256 low0 = _mm256_set1_ps(INFINITY), low1 = low0, low2 = low0, low3 = low0;
	__m256 high0 = _mm256_set1_ps(-INFINITY), high1 = high0, high2 = high0;
	__m256 high3 = high0, nan0 = _mm256_setzero_ps(), nan1 = nan0;
	__m256 sign = _mm256_set1_ps(-0.0f);

	for (const float *end = values + count; values < end; values += STRIDE) {
		__m256 a = _mm256_loadu_ps(values);
		__m256 b = _mm256_loadu_ps(values + LANES);
		__m256 c = _mm256_loadu_ps(values + 2 * LANES);
		__m256 d = _mm256_loadu_ps(values + 3 * LANES);

		low0 = _mm256_min_ps(a, low0);
		low1 = _mm256_min_ps(b, low1);
		low2 = _mm256_min_ps(c, low2);
		low3 = _mm256_min_ps(d, low3);
		high0 = _mm256_max_ps(a, high0);
		high1 = _mm256_max_ps(b, high1);
		high2 = _mm256_max_ps(c, high2);
		high3 = _mm256_max_ps(d, high3);
		nan0 = _mm256_or_ps(nan0, _mm256_cmp_ps(a, b, _CMP_UNORD_Q));
		nan1 = _mm256_or_ps(nan1, _mm256_cmp_ps(c, d, _CMP_UNORD_Q));
	}
	stats->low = fminf(stats->low,
		lowest_of(_mm256_min_ps(low0, low1), _mm256_min_ps(low2, low3)));
	stats->high = fmaxf(
		stats->high, -lowest_of(_mm256_xor_ps(sign, _mm256_max_ps(high0, high1)),
				     _mm256_xor_ps(sign, _mm256_max_ps(high2, high3))));
	stats->nan = stats->nan || _mm256_movemask_ps(_mm256_or_ps(nan0, nan1));
}

TARGET_AVX2 static void scan_near(struct stats *stats, const float *values, size_t count)
{
	__m256 near0 = _mm256_set1_ps(INFINITY), near1 = near0;
	__m256 sign = _mm256_set1_ps(-0.0f);

	for (const float *end = values + count; values < end; values += 2 * LANES) {
		__m256 a = _mm256_loadu_ps(values);
		__m256 b = _mm256_loadu_ps(values + LANES);

		near0 = _mm256_min_ps(_mm256_andnot_ps(sign, a), near0);
		near1 = _mm256_min_ps(_mm256_andnot_ps(sign, b), near1);
	}
	stats->nearest = fminf(stats->nearest, lowest_of(near0, near1));
}

static void scan_avx2(
	struct stats *stats, const float *values, size_t count, bool near_zero)
{
	size_t whole = count - count % STRIDE;

	scan_lanes(stats, values, whole);
	if (near_zero)
		scan_near(stats, values, whole);
	scan_plain(stats, values + whole, count - whole, near_zero);
}

__attribute__((target("avx2,f16c"))) static void widen_f16c(
	const uint16_t *half, size_t count, float *out)
{
	size_t i = 0;

	for (; i + LANES <= count; i += LANES)
		_mm256_storeu_ps(out + i,
			_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(half + i))));
	for (; i < count; i++)
		out[i] = half_to_float(half[i]);
}

static bool has_avx2(void)
{
	return __builtin_cpu_supports("avx2");
}

#else

static bool has_avx2(void)
{
	return false;
}

#define scan_avx2 scan_plain
#define widen_f16c(half, count, out) ((void)0)

#endif

void scan_floats(struct stats *stats, const float *values, size_t count, bool near_zero)
{
	if (has_avx2())
		scan_avx2(stats, values, count, near_zero);
	else
		scan_plain(stats, values, count, near_zero);
	stats->count += count;
}

void scan_widen(const uint16_t *half, size_t count, float out[SCAN_BLOCK])
{
	if (has_avx2()) /* where that is, float16 conversion is too */
		widen_f16c(half, count, out);
	else
		for (size_t i = 0; i < count; i++)
			out[i] = half_to_float(half[i]);
}

void scan_blocks(const struct ort_tensor *tensor,
	void (*each)(void *arg, const float *values, size_t count), void *arg)
{
	const uint16_t *half = tensor->data;
	float block[SCAN_BLOCK];

	if (tensor->type == ELEMENT_FLOAT) {
		each(arg, tensor->data, tensor->count);
		return;
	}
	for (uint64_t at = 0; at < tensor->count; at += SCAN_BLOCK) {
		size_t count =
			tensor->count - at < SCAN_BLOCK ? tensor->count - at : SCAN_BLOCK;

		scan_widen(half + at, count, block);
		each(arg, block, count);
	}
}

/* A pass in progress, for scan_blocks. */
struct pass {
	struct stats *stats;
	bool near_zero;
};

static void scan_each(void *arg, const float *values, size_t count)
{
	struct pass *pass = arg;

	scan_floats(pass->stats, values, count, pass->near_zero);
}

void scan_tensor(struct stats *stats, const struct ort_tensor *tensor, bool near_zero)
{
	struct pass pass = {stats, near_zero};

	scan_blocks(tensor, scan_each, &pass);
}

void scan_merge(struct stats *stats, const struct stats *other)
{
	stats->low = fminf(stats->low, other->low);
	stats->high = fmaxf(stats->high, other->high);
	stats->nearest = fminf(stats->nearest, other->nearest);
	stats->nan = stats->nan || other->nan;
	stats->count += other->count;
}
