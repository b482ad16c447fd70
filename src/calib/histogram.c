#include "calib/histogram.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* In the type that NumPy computes in. */
static float rounded(const struct histogram *h, float x)
{
	return h->half ? grid_half(x) : x;
}

/* NumPy's floor division: by the remainder, so that it is exact; in float16 it is that of
 * float32, rounded at the end. */
static float floor_divide(float a, float b)
{
	float rest = fmodf(a, b), quotient = (a - rest) / b, whole;

	if (rest != 0 && (b < 0) != (rest < 0))
		quotient -= 1;
	if (quotient == 0)
		return copysignf(0, a / b);
	whole = floorf(quotient);
	return quotient - whole > 0.5f ? whole + 1 : whole;
}

/* Values without a single number count as one zero. */
static struct stats numbers_of(const struct stats *stats)
{
	struct stats numbers = *stats;

	if (numbers.low > numbers.high)
		numbers.low = numbers.high = numbers.nearest = 0;
	return numbers;
}

static bool begin_equal(
	struct histogram *h, uint64_t bins, float low, float high, struct error *err)
{
	bool fits = true;

	if (bins > GRID_BINS_MAX)
		bins = GRID_BINS_MAX + 1u;
	if (!grid_make(&h->next, (uint32_t)bins, low, high, h->half, &fits, err))
		return false;
	h->failed = h->failed || !fits;
	return true;
}

/* The same edges again. */
static bool begin_alike(struct histogram *h, struct error *err)
{
	size_t bytes = ((size_t)h->grid.bins + 1) * sizeof(float);

	h->next = h->grid;
	h->next.is_half = false; /* given edges are searched, not guessed */
	h->next.edges = malloc(bytes);
	if (!h->next.edges) {
		memset(&h->next, 0, sizeof(h->next));
		return error_set_memory(err, "a histogram");
	}
	memcpy(h->next.edges, h->grid.edges, bytes);
	return true;
}

static bool begin_absolute(
	struct histogram *h, const struct stats *stats, struct error *err)
{
	float far = fmaxf(fabsf(stats->low), fabsf(stats->high));

	if (!h->begun)
		return begin_equal(h, h->start_bins, stats->nearest, far, err);
	if (far > h->grid.edges[h->grid.bins])
		return grid_extend(&h->next, &h->grid, far, h->half, err);
	return begin_alike(h, err);
}

/* A larger threshold widens the histogram by whole bins on both sides. */
static bool widen(struct histogram *h, float threshold, struct error *err)
{
	float bins = rounded(h, (float)h->grid.bins);
	float stride = rounded(h, rounded(h, 2 * h->threshold) / bins);
	float more = rounded(h, threshold - h->threshold);
	float extra = truncf(rounded(h, rounded(h, floor_divide(more, stride)) + 1));

	if (!(extra < GRID_BINS_MAX))
		extra = GRID_BINS_MAX;
	h->shift = (uint32_t)extra;
	h->threshold = rounded(h, rounded(h, extra * stride) + h->threshold);
	return begin_equal(h, (uint64_t)h->grid.bins + 2 * (uint64_t)h->shift,
		-h->threshold, h->threshold, err);
}

static bool begin_signed(
	struct histogram *h, const struct stats *stats, struct error *err)
{
	float threshold = fmaxf(fabsf(stats->low), fabsf(stats->high));

	if (h->begun && threshold <= h->threshold)
		return begin_equal(h, h->grid.bins, -h->threshold, h->threshold, err);
	if (h->begun && h->threshold != 0)
		return widen(h, threshold, err);
	h->threshold = threshold;
	return begin_equal(
		h, h->begun ? h->grid.bins : h->start_bins, -threshold, threshold, err);
}

bool histogram_begin(struct histogram *h, const struct stats *stats, struct error *err)
{
	struct stats numbers = numbers_of(stats);

	h->shift = 0;
	if (!isfinite(numbers.low) || !isfinite(numbers.high))
		h->failed = true;
	if (h->failed)
		return true;
	if (h->absolute ? !begin_absolute(h, &numbers, err)
			: !begin_signed(h, &numbers, err))
		return false;
	h->low = h->begun ? fminf(h->low, numbers.low) : numbers.low;
	h->high = h->begun ? fmaxf(h->high, numbers.high) : numbers.high;
	h->begun = true;
	h->next_counts = calloc(h->next.bins, sizeof(*h->next_counts));
	return h->next_counts || error_set_memory(err, "a histogram");
}

void histogram_end(struct histogram *h)
{
	if (!h->next_counts)
		return;
	for (uint32_t i = 0; h->counts && i < h->grid.bins; i++)
		h->next_counts[i + h->shift] += h->counts[i];
	free(h->counts);
	grid_release(&h->grid);
	h->counts = h->next_counts;
	h->grid = h->next;
	grid_round(&h->grid, h->half);
	h->next_counts = NULL;
	memset(&h->next, 0, sizeof(h->next));
}

void histogram_release(struct histogram *h)
{
	free(h->counts);
	free(h->next_counts);
	grid_release(&h->grid);
	grid_release(&h->next);
	memset(h, 0, sizeof(*h));
}
