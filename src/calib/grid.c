#include "calib/grid.h"

#include "onnx/tensor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { LANES = 4 };

static bool alloc_edges(struct grid *grid, uint64_t bins, struct error *err)
{
	memset(grid, 0, sizeof(*grid));
	if (bins > GRID_BINS_MAX)
		return error_set(err, ERROR_REFUSED,
			"a histogram would need %llu bins; use fewer, or larger blocks",
			(unsigned long long)bins);
	grid->bins = (uint32_t)bins;
	grid->edges = malloc((bins + 1) * sizeof(*grid->edges));
	return grid->edges || error_set_memory(err, "a histogram");
}

float grid_half(float x)
{
	return half_to_float(half_from_double((double)x));
}

/* numpy.linspace in float16: every step is rounded. */
static void fill_half_edges(struct grid *grid, float low, float high)
{
	float bins = grid_half((float)grid->bins);
	float delta = grid_half(high - low), step = grid_half(delta / bins);

	for (uint32_t i = 0; i <= grid->bins; i++) {
		float n = grid_half((float)i);
		float y = grid_half(step == 0 ? grid_half(n / bins) * delta : n * step);

		grid->edges[i] = grid_half(y + low);
	}
	grid->edges[grid->bins] = high;
	grid->first = low;
	grid->width = delta;
	grid->is_half = true;
}

/* numpy.linspace: i * step + low in float32; without a step (denormal numbers) it divides
 * first. The last edge is exact. */
static void fill_edges(struct grid *grid, float low, float high)
{
	float delta = high - low, step = delta / (float)grid->bins;

	for (uint32_t i = 0; i <= grid->bins; i++) {
		float y = step == 0 ? (float)i / (float)grid->bins * delta
				    : (float)i * step;

		grid->edges[i] = y + low;
	}
	grid->edges[grid->bins] = high;
	grid->first = low;
	grid->width = delta;
	grid->step = step;
}

bool grid_make(struct grid *grid, uint32_t bins, float low, float high, bool is_half,
	bool *fits, struct error *err)
{
	if (!alloc_edges(grid, bins, err))
		return false;
	if (low == high) {
		low -= 0.5f;
		high += 0.5f;
	}
	if (is_half)
		fill_half_edges(grid, low, high);
	else
		fill_edges(grid, low, high);
	*fits = isfinite(low) && isfinite(high);
	for (uint32_t i = 0; i < bins && *fits; i++)
		*fits = grid->edges[i] < grid->edges[i + 1];
	return true;
}

static float rounded(float x, bool is_half)
{
	return is_half ? grid_half(x) : x;
}

bool grid_extend(struct grid *grid, const struct grid *from, float high, bool is_half,
	struct error *err)
{
	float last = from->edges[from->bins];
	float width = rounded(from->edges[1] - from->edges[0], is_half);
	float begin = rounded(last + width, is_half);
	float second = rounded(begin + width, is_half);
	float left = rounded(rounded(high + width, is_half) - begin, is_half);
	double more = ceil((double)rounded(left / width, is_half));
	double step = (double)second - (double)begin;
	uint32_t extra;

	if (!(more >= 0))
		more = 0;
	if (more > GRID_BINS_MAX)
		more = GRID_BINS_MAX;
	extra = (uint32_t)more;
	if (!alloc_edges(grid, (uint64_t)from->bins + extra, err))
		return false;
	grid->exact = malloc(((size_t)grid->bins + 1) * sizeof(*grid->exact));
	if (!grid->exact)
		return error_set_memory(err, "a histogram");
	for (uint32_t i = 0; i <= grid->bins; i++)
		grid->exact[i] = i <= from->bins
					 ? (double)from->edges[i]
					 : begin + (double)(i - from->bins - 1) * step;
	for (uint32_t i = 0; i <= grid->bins; i++)
		grid->edges[i] = (float)grid->exact[i];
	grid->first = grid->edges[0];
	grid->width = grid->edges[grid->bins] - grid->first;
	return true;
}

void grid_round(struct grid *grid, bool is_half)
{
	for (uint32_t i = 0; is_half && grid->exact && i <= grid->bins; i++)
		grid->edges[i] = half_to_float(half_from_double(grid->exact[i]));
	free(grid->exact);
	grid->exact = NULL;
}

void grid_release(struct grid *grid)
{
	free(grid->edges);
	free(grid->exact);
	memset(grid, 0, sizeof(*grid));
}

/* The guess is right or one off; where edges are not quite equal it is walked home. */
static uint32_t place_exactly(const struct grid *grid, double x, uint32_t guess)
{
	while (guess > 0 && x < grid->exact[guess])
		guess--;
	while (guess + 1 < grid->bins && x >= grid->exact[guess + 1])
		guess++;
	return guess;
}

static uint32_t place_value(const struct grid *grid, float x, uint32_t guess)
{
	const float *edges = grid->edges;

	while (guess > 0 && x < edges[guess])
		guess--;
	while (guess + 1 < grid->bins && x >= edges[guess + 1])
		guess++;
	return guess;
}

/* NumPy corrects a guess by one bin only, which is not always enough in float16. */
static uint32_t place_half(const struct grid *grid, float x)
{
	float share = grid_half(grid_half(x - grid->first) / grid->width);
	float guess = grid_half(share * grid_half((float)grid->bins));
	uint32_t bin = guess < (float)grid->bins ? (uint32_t)guess : grid->bins - 1;

	bin -= bin > 0 && x < grid->edges[bin];
	bin += bin + 1 < grid->bins && x >= grid->edges[bin + 1];
	return bin;
}

/* The bin of a value, or `bins` if it is in none. Any guess will do. */
static uint32_t bin_of(const struct grid *grid, float x)
{
	uint32_t bins = grid->bins;
	float guess;

	if (grid->exact ? !(x >= grid->exact[0] && x <= grid->exact[bins])
			: !(x >= grid->edges[0] && x <= grid->edges[bins]))
		return bins;
	if (grid->is_half)
		return place_half(grid, x);
	guess = (x - grid->first) / grid->width * (float)bins;
	guess = guess < (float)(bins - 1) ? guess : (float)(bins - 1);
	return grid->exact ? place_exactly(grid, x, (uint32_t)guess)
			   : place_value(grid, x, (uint32_t)guess);
}

static void count_plain(const struct grid *grid, bool absolute, const float *values,
	size_t count, uint32_t *scratch)
{
	for (size_t i = 0; i < count; i++)
		scratch[bin_of(grid, absolute ? fabsf(values[i]) : values[i])]++;
}

#if defined(__x86_64__)

enum { WIDTH = 8 };

#define TARGET_AVX2 __attribute__((target("avx2")))

/* Edges far enough apart that a guess is at most one bin off. */
static bool has_wide_bins(const struct grid *grid)
{
	float far = fmaxf(fabsf(grid->first), fabsf(grid->edges[grid->bins]));

	return grid->step > far * 4e-6f && grid->bins <= 1 << 16 &&
	       __builtin_cpu_supports("avx2");
}

/* The bins of eight values: a guess, corrected by the edges on both sides of it. */
TARGET_AVX2 static inline __m256i bins_of(const struct grid *grid, __m256 x)
{
	__m256 first = _mm256_set1_ps(grid->first), step = _mm256_set1_ps(grid->step);
	__m256 last = _mm256_set1_ps((float)(grid->bins - 1)), one = _mm256_set1_ps(1);
	__m256 guess = _mm256_div_ps(_mm256_sub_ps(x, first), step), low, high, outside;

	guess = _mm256_min_ps(_mm256_max_ps(guess, _mm256_setzero_ps()), last);
	guess = _mm256_round_ps(guess, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC);
	low = _mm256_add_ps(_mm256_mul_ps(guess, step), first);
	high = _mm256_add_ps(_mm256_mul_ps(_mm256_add_ps(guess, one), step), first);
	low = _mm256_and_ps(_mm256_cmp_ps(x, low, _CMP_LT_OQ), one);
	high = _mm256_and_ps(_mm256_cmp_ps(x, high, _CMP_GE_OQ), one);
	guess = _mm256_add_ps(_mm256_sub_ps(guess, low), high);
	guess = _mm256_min_ps(_mm256_max_ps(guess, _mm256_setzero_ps()), last);
	outside = _mm256_or_ps(_mm256_cmp_ps(x, first, _CMP_NGE_UQ),
		_mm256_cmp_ps(x, _mm256_set1_ps(grid->edges[grid->bins]), _CMP_NLE_UQ));
	guess = _mm256_blendv_ps(guess, _mm256_set1_ps((float)grid->bins), outside);
	return _mm256_cvttps_epi32(guess);
}

/* `count` is a multiple of WIDTH. Neighbours go to different arrays, so that equal values
 * do not wait for each other. */
TARGET_AVX2 static void count_wide(const struct grid *grid, bool absolute,
	const float *values, size_t count, uint32_t *scratch)
{
	__m256 sign = _mm256_set1_ps(absolute ? -0.0f : 0.0f);
	size_t lane = (size_t)grid->bins + 1;
	uint32_t bins[WIDTH];

	for (size_t i = 0; i < count; i += WIDTH) {
		__m256 x = _mm256_andnot_ps(sign, _mm256_loadu_ps(values + i));

		_mm256_storeu_si256((__m256i *)bins, bins_of(grid, x));
		scratch[bins[0]]++;
		scratch[lane + bins[1]]++;
		scratch[2 * lane + bins[2]]++;
		scratch[3 * lane + bins[3]]++;
		scratch[bins[4]]++;
		scratch[lane + bins[5]]++;
		scratch[2 * lane + bins[6]]++;
		scratch[3 * lane + bins[7]]++;
	}
}

void grid_count(const struct grid *grid, bool absolute, const float *values, size_t count,
	uint32_t *scratch)
{
	size_t whole = has_wide_bins(grid) ? count - count % WIDTH : 0;

	count_wide(grid, absolute, values, whole, scratch);
	count_plain(grid, absolute, values + whole, count - whole, scratch);
}

#else

void grid_count(const struct grid *grid, bool absolute, const float *values, size_t count,
	uint32_t *scratch)
{
	count_plain(grid, absolute, values, count, scratch);
}

#endif

void grid_sum(const struct grid *grid, const uint32_t *scratch, uint64_t *counts)
{
	size_t lane = (size_t)grid->bins + 1;

	for (size_t k = 0; k < LANES; k++)
		for (uint32_t i = 0; i < grid->bins; i++)
			counts[i] += scratch[k * lane + i];
}
