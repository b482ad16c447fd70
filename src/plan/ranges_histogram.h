/* Histograms beside ranges. */
#ifndef QDQEDIT_PLAN_RANGES_HISTOGRAM_H
#define QDQEDIT_PLAN_RANGES_HISTOGRAM_H

#include "plan/json.h"
#include "plan/ranges.h"

/* Reads the members hist and bins (or hist_edges) of a tensor's record, which has a range
 * already. Whatever is no plain histogram is passed over; false when memory is gone. */
bool ranges_read_histogram(struct ranges *out, tensor_id tensor, const json_t *record);

/* The same for writing, with ", " behind each member. */
void ranges_put_histogram(
	struct json_out *out, enum calibration_method method, const struct range *range);

/* `"KEY": ` and what stands behind it. */
void ranges_put_key(struct json_out *out, const char *key, const char *behind);

/* A member that is an array: {"data": ..., "dtype": ..., "CLS": ...} is closed. */
void ranges_close_array(struct json_out *out, const char *dtype);
void ranges_put_number(struct json_out *out, double value);

#endif
