/* The histogram of one tensor over calls, as ONNX Runtime's HistogramCollector keeps it
 * (qdq-semantics.md 2.3). A call has two passes over its samples: the values' extent
 * first, which fixes the bins, then the counts. */
#ifndef QDQEDIT_CALIB_HISTOGRAM_H
#define QDQEDIT_CALIB_HISTOGRAM_H

#include "calib/grid.h"
#include "calib/scan.h"

struct histogram {
	bool absolute; /* of absolute values */
	bool half;     /* the bins are rounded to float16, as NumPy has them (Q38) */
	uint32_t start_bins;
	bool begun;  /* a call has been counted or is being counted */
	bool failed; /* no bins fit the values: NumPy refuses them */
	float low, high, threshold;
	struct grid grid;
	uint64_t *counts;
	/* of the call under way */
	struct grid next;
	uint64_t *next_counts;
	uint32_t shift; /* where the old counts go in it */
};

/* Fixes the bins of a call over values with these statistics. */
bool histogram_begin(
	struct histogram *histogram, const struct stats *stats, struct error *err);

/* Takes the old counts over; the call's bins are the histogram's now. */
void histogram_end(struct histogram *histogram);
void histogram_release(struct histogram *histogram);

/* The thresholds (2.4 and 2.5), clipped to the values seen. */
struct threshold {
	float low, high;
	bool low_clipped, high_clipped;
};
void histogram_percentile(const struct histogram *histogram, double percentile,
	bool symmetric, struct threshold *threshold);

/* False (ONNX Runtime aborts) if too few bins are filled, with `err` set when memory is
 * gone. */
bool histogram_entropy(const struct histogram *histogram, uint32_t quantized_bins,
	struct threshold *threshold, struct error *err);

#endif
