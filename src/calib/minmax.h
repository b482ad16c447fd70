/* Merging smallest and largest values over samples and calls, as ONNX Runtime's
 * MinMaxCalibrater does (qdq-semantics.md 2.2); private to src/calib. */
#ifndef QDQEDIT_CALIB_MINMAX_H
#define QDQEDIT_CALIB_MINMAX_H

#include "calib/collect.h"

struct minmax {
	struct collector *collector;
	bool symmetric, moving;
	double constant;       /* of the moving average over calls */
	struct extent *ranges; /* by slot: so far */
	bool *has;             /* by slot */
	float *column;         /* one end of one slot in all samples of a call */
};

bool minmax_init(struct minmax *minmax, struct collector *collector, bool symmetric,
	struct error *err);
void minmax_release(struct minmax *minmax);

/* Before a call: with the moving average the collector has to keep every sample's. */
bool minmax_begin(struct minmax *minmax, size_t samples, struct error *err);

/* Behind a call whose statistics by slot are `stats`. */
void minmax_end(struct minmax *minmax, const struct stats *stats, size_t samples);

/* The range of a slot for which values were seen. */
void minmax_range(const struct minmax *minmax, size_t slot, float *low, float *high);

#endif
