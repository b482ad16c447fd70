/* What the parts of a calibration share; private to src/calib. */
#ifndef QDQEDIT_CALIB_CALIBRATION_H
#define QDQEDIT_CALIB_CALIBRATION_H

#include "calib/collect.h"
#include "calib/minmax.h"

/* What is told of values, once for all tensors. */
enum odd_values { ODD_EMPTY, ODD_NAN, ODD_INFINITE, ODD_KINDS };

/* A calibration under way; arrays by slot. */
struct calibration {
	const struct calib_request *request;
	struct collector collector;
	struct minmax minmax;
	struct histogram *histograms; /* NULL for MinMax */
	struct stats *stats;          /* of the call under way */
	struct stats *total;          /* of all, for notes */
	size_t call_samples;          /* samples of one call */
	uint32_t mended;              /* tensors whose bins float16 does not hold (Q38) */
	tensor_id first_mended;
	struct {
		uint32_t count;
		tensor_id first;
	} odd[ODD_KINDS]; /* tensors with such values */
	struct calib_report *report;
};

static inline bool calib_is_symmetric(const struct calib_request *request)
{
	enum tristate given = request->options->calib_symmetric;

	return given == UNSET ? request->method == METHOD_PERCENTILE : given == YES;
}

static inline bool calib_is_compatible(const struct calib_request *request)
{
	return request->options->ort_compatible;
}

static inline bool calib_is_half(const struct calibration *c, size_t slot)
{
	tensor_id tensor = c->collector.slots.items[slot];

	return c->request->graph->tensors[tensor].element_type == ELEMENT_FLOAT16;
}

/* Sets the range of every tensor that was measured, with notes. */
bool calib_set_ranges(
	struct calibration *calibration, struct ranges *out, struct error *err);

/* What is inside bodies: tensors of one name get one range, and a note tells how much
 * was measured. */
bool calib_end_inside(
	struct calibration *calibration, struct ranges *out, struct error *err);

#endif
