/* Statistics, bins and thresholds, against plain arithmetic and NumPy's results. */
#include "calib/histogram.h"
#include "calib/pairwise.h"
#include "onnx/tensor.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A sequence of numbers without pattern, from -1 to 1. */
static float noise(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return (float)(int32_t)*state * 0x1p-31f;
}

static void fill(float *values, size_t count, uint32_t seed)
{
	for (size_t i = 0; i < count; i++)
		values[i] = noise(&seed) * 10;
}

static struct stats plain_stats(const float *values, size_t count)
{
	struct stats stats = STATS_INIT;

	for (size_t i = 0; i < count; i++) {
		stats.nan = stats.nan || isnan(values[i]);
		stats.low = fminf(stats.low, values[i]);
		stats.high = fmaxf(stats.high, values[i]);
		stats.nearest = fminf(stats.nearest, fabsf(values[i]));
	}
	stats.count = count;
	return stats;
}

static void expect_scan(const float *values, size_t count)
{
	struct stats stats = STATS_INIT, wanted = plain_stats(values, count);

	scan_floats(&stats, values, count, true);
	cr_assert_eq(stats.low, wanted.low);
	cr_assert_eq(stats.high, wanted.high);
	cr_assert_eq(stats.nearest, wanted.nearest);
	cr_assert_eq(stats.nan, wanted.nan);
	cr_assert_eq(stats.count, wanted.count);
}

Test(calib_measure, scans_any_length_and_place)
{
	float values[200];

	for (size_t length = 0; length < 150; length++)
		for (uint32_t start = 0; start < 5; start++) {
			fill(values, 200, (uint32_t)length);
			expect_scan(values + start, length);
		}
}

/* An extreme value at every place, so that no lane is forgotten; NaN and infinity. */
Test(calib_measure, scans_every_place)
{
	static const float odd[] = {1000, -1000, 0, NAN, INFINITY, -INFINITY};
	float values[100];

	for (size_t at = 0; at < 100; at++)
		for (size_t k = 0; k < sizeof(odd) / sizeof(*odd); k++) {
			fill(values, 100, 7);
			values[at] = odd[k];
			expect_scan(values, 100);
		}
}

Test(calib_measure, only_nan_leaves_no_extent)
{
	float values[64];
	struct stats stats = STATS_INIT;

	for (int i = 0; i < 64; i++)
		values[i] = NAN;
	scan_floats(&stats, values, 64, false);
	cr_assert(stats.low > stats.high && stats.nan);
}

Test(calib_measure, widens_half_precision)
{
	uint16_t half[3000];
	float wide[SCAN_BLOCK];
	struct stats stats = STATS_INIT;
	struct ort_tensor tensor = {half, sizeof(half), 3000, NULL, 0, ELEMENT_FLOAT16};

	for (unsigned i = 0; i < 3000; i++)
		half[i] = (uint16_t)(i * 21);
	scan_widen(half, SCAN_BLOCK, wide);
	for (int i = 0; i < SCAN_BLOCK; i++)
		cr_assert(wide[i] == half_to_float(half[i]) || isnan(wide[i]));
	for (unsigned i = 0; i < 3000; i++)
		half[i] = half_from_double(i == 2999 ? -7 : i == 1500 ? 9 : 1);
	scan_tensor(&stats, &tensor, true);
	cr_assert(stats.low == -7 && stats.high == 9 && stats.nearest == 1);
	cr_assert_eq(stats.count, 3000);
}

/* numpy.sum of float32(i) * 0.1 for i < n. */
Test(calib_measure, sums_as_numpy_does)
{
	static const struct {
		size_t count;
		float sum;
	} known[] = {{1, 0}, {7, 2.0999999046325684f}, {8, 2.799999713897705f},
		{100, 495.0f}, {129, 825.5999755859375f}, {1000, 49950.0f},
		{4099, 839885.125f}};
	static float values[4099];

	for (int i = 0; i < 4099; i++)
		values[i] = (float)i * 0.1f;
	for (size_t k = 0; k < sizeof(known) / sizeof(*known); k++)
		cr_assert_eq(pairwise_sum(values, known[k].count, 1), known[k].sum,
			"%zu: %.9g", known[k].count,
			pairwise_sum(values, known[k].count, 1));
}

/* ---- bins */

static void expect_counts(const struct grid *grid, const float *values, size_t count)
{
	uint32_t *scratch = calloc(grid_scratch(grid), sizeof(*scratch));
	uint64_t *counts = calloc(grid->bins, sizeof(*counts));
	uint64_t *wanted = calloc(grid->bins, sizeof(*wanted));

	grid_count(grid, false, values, count, scratch);
	grid_sum(grid, scratch, counts);
	for (size_t i = 0; i < count; i++)
		for (uint32_t k = 0; k < grid->bins; k++) {
			bool last = k + 1 == grid->bins;

			if (values[i] >= grid->edges[k] &&
				(values[i] < grid->edges[k + 1] ||
					(last && values[i] == grid->edges[k + 1])))
				wanted[k]++;
		}
	cr_assert_arr_eq(counts, wanted, grid->bins * sizeof(*counts));
	free(scratch);
	free(counts);
	free(wanted);
}

/* The edges themselves and their neighbours are the hard values. */
static void expect_grid(uint32_t bins, float low, float high)
{
	struct error err = ERROR_INIT;
	struct grid grid;
	float *values = calloc(3 * (size_t)bins + 300, sizeof(*values));
	size_t count = 0;
	bool fits;

	cr_assert(grid_make(&grid, bins, low, high, false, &fits, &err));
	cr_assert(fits);
	for (uint32_t i = 0; i <= bins; i++) {
		values[count++] = grid.edges[i];
		values[count++] = nextafterf(grid.edges[i], INFINITY);
		values[count++] = nextafterf(grid.edges[i], -INFINITY);
	}
	fill(values + count, 290, bins);
	count += 290;
	values[count++] = NAN;
	values[count++] = INFINITY;
	expect_counts(&grid, values, count);
	grid_release(&grid);
	free(values);
}

Test(calib_measure, counts_on_and_beside_edges)
{
	expect_grid(128, -3.7f, 3.7f);
	expect_grid(2048, -0.0123f, 0.0123f);
	expect_grid(1, 0, 1);
	expect_grid(100, 5, 5);
	expect_grid(64, 1000000, 1000100);
	expect_grid(2047, 0, 1e-38f);
}

Test(calib_measure, tells_when_bins_do_not_fit)
{
	struct error err = ERROR_INIT;
	struct grid grid;
	bool fits;

	cr_assert(grid_make(&grid, 2048, 1000000, 1000001, false, &fits, &err));
	cr_assert_not(fits);
	grid_release(&grid);
	cr_assert(grid_make(&grid, 8, 0, INFINITY, false, &fits, &err));
	cr_assert_not(fits);
	grid_release(&grid);
}

/* A call of a histogram over values. */
static void call(struct histogram *h, const float *values, size_t count)
{
	struct stats stats = STATS_INIT;
	struct error err = ERROR_INIT;
	uint32_t *scratch;

	scan_floats(&stats, values, count, true);
	cr_assert(histogram_begin(h, &stats, &err), "%s", err.text);
	scratch = calloc(grid_scratch(&h->next), sizeof(*scratch));
	grid_count(&h->next, h->absolute, values, count, scratch);
	grid_sum(&h->next, scratch, h->next_counts);
	free(scratch);
	histogram_end(h);
}

static uint64_t total(const struct histogram *h)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < h->grid.bins; i++)
		sum += h->counts[i];
	return sum;
}

/* Widening by whole bins keeps old counts where they were. */
Test(calib_measure, histogram_widens_on_both_sides)
{
	struct histogram h = {.start_bins = 8};
	const float first[] = {-1, -0.9f, 0.1f, 1}, second[] = {1.3f, -0.2f};

	call(&h, first, 4);
	cr_assert_eq(h.grid.bins, 8);
	cr_assert_eq(h.threshold, 1);
	call(&h, second, 2);
	cr_assert_eq(h.grid.bins, 12);
	cr_assert_eq(h.threshold, 1.5f);
	cr_assert_eq(total(&h), 6);
	cr_assert_eq(h.counts[2], 2, "the two lowest of the first call");
	cr_assert(h.low == -1 && h.high == 1.3f);
	histogram_release(&h);
}

Test(calib_measure, absolute_histogram_appends_bins)
{
	struct histogram h = {.start_bins = 4, .absolute = true};
	const float first[] = {-1, 0, 0.5f}, second[] = {2.1f, -0.1f};

	call(&h, first, 3);
	cr_assert_eq(h.grid.edges[4], 1);
	call(&h, second, 2);
	cr_assert_geq(h.grid.edges[h.grid.bins], 2.1f);
	cr_assert_eq(h.grid.edges[5], 1.25f);
	cr_assert_eq(total(&h), 5);
	histogram_release(&h);
}

Test(calib_measure, percentile_cuts_and_clips)
{
	struct histogram h = {.start_bins = 10};
	struct threshold t;
	float values[100];

	for (int i = 0; i < 100; i++)
		values[i] = (float)(i - 50) / 50; /* -1 ... 0.98 */
	call(&h, values, 100);
	histogram_percentile(&h, 80, false, &t);
	cr_assert_eq(t.low, -1, "the cut of a tenth falls on the first edge");
	cr_assert_float_eq(t.high, 0.6f, 1e-6);
	cr_assert_not(t.high_clipped);
	histogram_percentile(&h, 100, false, &t);
	cr_assert_geq(t.high, h.grid.edges[9]);
	cr_assert_eq(t.low, -1);
	histogram_release(&h);
}

/* With as many quantized bins as bins there is one candidate: the whole range. */
Test(calib_measure, entropy_of_one_candidate_is_the_whole)
{
	struct histogram h = {.start_bins = 128};
	struct error err = ERROR_INIT;
	struct threshold t;
	float values[500];

	fill(values, 500, 3);
	call(&h, values, 500);
	cr_assert(histogram_entropy(&h, 128, &t, &err));
	cr_assert(t.low == h.low && t.high == h.high);
	cr_assert(histogram_entropy(&h, 16, &t, &err));
	cr_assert(t.low >= h.low && t.high <= h.high && t.low < t.high);
	histogram_release(&h);
}
