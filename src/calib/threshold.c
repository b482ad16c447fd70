/* Thresholds from histograms. The arithmetic is NumPy's: see qdq-semantics.md 2.4, 2.5.
 */
#include "calib/histogram.h"
#include "calib/pairwise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void clip(const struct histogram *h, struct threshold *t)
{
	t->low_clipped = t->low < h->low;
	t->high_clipped = t->high > h->high;
	if (t->low_clipped)
		t->low = h->low;
	if (t->high_clipped)
		t->high = h->high;
}

static uint64_t sum(const uint64_t *counts, size_t first, size_t end)
{
	uint64_t total = 0;

	for (size_t i = first; i < end; i++)
		total += counts[i];
	return total;
}

/* The first bin at which the running share reaches `share`. */
static uint32_t find_share(const struct histogram *h, double share)
{
	double total = (double)sum(h->counts, 0, h->grid.bins), reached = 0;

	for (uint32_t i = 0; i < h->grid.bins; i++) {
		reached += (double)h->counts[i] / total;
		if (reached >= share)
			return i;
	}
	return h->grid.bins;
}

void histogram_percentile(
	const struct histogram *h, double percentile, bool symmetric, struct threshold *t)
{
	double cut = (100.0 - percentile) / 200.0;

	if (symmetric) {
		t->high = h->grid.edges[find_share(h, percentile / 100.0)];
		t->low = -t->high;
	} else {
		t->high = h->grid.edges[find_share(h, 1.0 - cut)];
		t->low = h->grid.edges[find_share(h, cut)];
	}
	clip(h, t);
}

/* The distributions of one candidate; room for all bins. */
struct candidate {
	float *p, *q, *terms;
	uint64_t *p_counts, *q_counts;
	size_t length;
};

static void fill_p(
	const struct histogram *h, size_t first, size_t end, struct candidate *c)
{
	c->length = end - first;
	memcpy(c->p_counts, h->counts + first, c->length * sizeof(*c->p_counts));
	c->p_counts[0] += sum(h->counts, 0, first);
	c->p_counts[c->length - 1] += sum(h->counts, end, h->grid.bins);
}

/* Merges the slice into `quantized` bins and spreads each evenly over the places where
 * p is filled; the division is rounded towards zero. */
static void fill_q(
	const struct histogram *h, size_t first, uint32_t quantized, struct candidate *c)
{
	const uint64_t *base = h->counts + first;
	size_t merged = c->length / quantized;

	memset(c->q_counts, 0, c->length * sizeof(*c->q_counts));
	for (uint32_t k = 0; k < quantized; k++) {
		size_t start = k * merged, end = start + merged, filled = 0;
		uint64_t total = sum(base, start, end);

		if (k + 1 == quantized)
			total += sum(base, quantized * merged, c->length);
		for (size_t i = start; i < end; i++)
			filled += c->p_counts[i] != 0;
		for (size_t i = start; filled && i < end; i++)
			c->q_counts[i] = (uint64_t)((double)total / (double)filled);
	}
}

enum smoothing { SMOOTHED, NOTHING_FILLED, IMPOSSIBLE };

/* Zeros get 0.0001, what that adds is taken from the others. */
static enum smoothing smooth(const uint64_t *counts, size_t length, float *out)
{
	size_t zeros = 0;
	double taken;

	for (size_t i = 0; i < length; i++)
		zeros += counts[i] == 0;
	if (zeros == length)
		return NOTHING_FILLED;
	taken = 0.0001 * (double)zeros / (double)(length - zeros);
	if (taken >= 1)
		return IMPOSSIBLE;
	for (size_t i = 0; i < length; i++) {
		out[i] = (float)counts[i] + (counts[i] ? (float)-taken : (float)0.0001);
		if (out[i] <= 0)
			return IMPOSSIBLE;
	}
	return SMOOTHED;
}

static float divergence(struct candidate *c)
{
	float p_sum = pairwise_sum(c->p, c->length, 1);
	float q_sum = pairwise_sum(c->q, c->length, 1);

	for (size_t i = 0; i < c->length; i++) {
		float p = c->p[i] / p_sum, q = c->q[i] / q_sum;

		c->terms[i] = p * logf(p / q);
	}
	return pairwise_sum(c->terms, c->length, 1);
}

static bool alloc_candidate(struct candidate *c, size_t bins)
{
	c->p = malloc((bins + 1) * sizeof(*c->p));
	c->q = malloc((bins + 1) * sizeof(*c->q));
	c->terms = malloc((bins + 1) * sizeof(*c->terms));
	c->p_counts = malloc((bins + 1) * sizeof(*c->p_counts));
	c->q_counts = malloc((bins + 1) * sizeof(*c->q_counts));
	return c->p && c->q && c->terms && c->p_counts && c->q_counts;
}

static void free_candidate(struct candidate *c)
{
	free(c->p);
	free(c->q);
	free(c->terms);
	free(c->p_counts);
	free(c->q_counts);
}

/* False where ONNX Runtime aborts. */
static bool search(const struct histogram *h, uint32_t quantized, struct candidate *c,
	struct threshold *t)
{
	size_t zero = h->grid.bins / 2;
	float best = 0;
	bool found = false;

	for (size_t i = quantized / 2; i <= zero; i++) {
		size_t first = zero - i;
		size_t end = zero + i + 1 < h->grid.bins ? zero + i + 1 : h->grid.bins;
		enum smoothing p, q;
		float value = INFINITY;

		fill_p(h, first, end, c);
		fill_q(h, first, quantized, c);
		p = smooth(c->p_counts, c->length, c->p);
		q = smooth(c->q_counts, c->length, c->q);
		if (p == IMPOSSIBLE || q == IMPOSSIBLE)
			return false;
		if (p == SMOOTHED && q == SMOOTHED)
			value = h->half ? grid_half(divergence(c)) : divergence(c);
		if (found && !(value < best))
			continue;
		found = true;
		best = value;
		t->low = h->grid.edges[first];
		t->high = h->grid.edges[end];
	}
	return found;
}

bool histogram_entropy(const struct histogram *h, uint32_t quantized, struct threshold *t,
	struct error *err)
{
	struct candidate c = {0};
	bool found = false;

	if (alloc_candidate(&c, h->grid.bins))
		found = search(h, quantized, &c, t);
	else
		error_set_memory(err, "a histogram");
	free_candidate(&c);
	if (found)
		clip(h, t);
	return found;
}
