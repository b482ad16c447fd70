#include "plan/ranges_histogram.h"

#include "base/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BINS_MOST = 1 << 24 };

bool ranges_set_histogram(struct ranges *ranges, tensor_id tensor,
	const struct range_histogram *histogram, struct error *err)
{
	struct arena *arena = &ranges->arena;
	size_t bins = histogram->bins;
	struct range_histogram *copy = arena_zalloc(arena, 1, sizeof(*copy));
	uint64_t *counts = arena_zalloc(arena, bins + 1, sizeof(*counts));
	float *edges =
		histogram->edges ? arena_zalloc(arena, bins + 1, sizeof(*edges)) : NULL;

	if (!copy || !counts || (histogram->edges && !edges))
		return error_set_memory(err, "ranges");
	memcpy(counts, histogram->counts, bins * sizeof(*counts));
	if (edges)
		memcpy(edges, histogram->edges, (bins + 1) * sizeof(*edges));
	*copy = (struct range_histogram){histogram->bins, counts, edges};
	ranges->of[tensor].histogram = copy;
	return true;
}

/* ---- reading */

static const json_t *list_of(const json_t *value)
{
	return json_is_object(value) ? json_object_get(value, "data") : value;
}

/* A list of numbers as floats or counts; false if it is none. */
static bool read_list(const json_t *list, uint64_t *counts, float *floats)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);
		double n = json_number_value(item);

		if (!json_is_number(item) || (counts && !(n >= 0 && n < 0x1p63)))
			return false;
		if (counts)
			counts[i] = (uint64_t)n;
		else
			floats[i] = (float)n;
	}
	return true;
}

static bool read_bins(
	struct ranges *out, tensor_id tensor, const json_t *counts, const json_t *edges)
{
	size_t bins = json_array_size(counts);
	uint64_t *numbers = calloc(bins + 1, sizeof(*numbers));
	float *ends = calloc(bins + 2, sizeof(*ends));
	struct range_histogram histogram = {(uint32_t)bins, numbers, ends};
	bool kept = numbers && ends;

	if (kept && read_list(counts, numbers, NULL) && read_list(edges, NULL, ends))
		kept = ranges_set_histogram(out, tensor, &histogram, NULL);
	free(numbers);
	free(ends);
	return kept;
}

bool ranges_read_histogram(struct ranges *out, tensor_id tensor, const json_t *record)
{
	const json_t *counts = list_of(json_object_get(record, "hist"));
	const json_t *edges = list_of(json_object_get(record, "bins"));
	size_t bins = json_array_size(counts);

	if (!edges)
		edges = list_of(json_object_get(record, "hist_edges"));
	if (bins && bins <= BINS_MOST && json_array_size(edges) == bins + 1)
		return read_bins(out, tensor, counts, edges);
	if (json_is_integer(counts) && json_is_integer(edges) &&
		json_integer_value(counts) >= 0 && json_integer_value(edges) >= 0) {
		uint64_t two[2] = {(uint64_t)json_integer_value(counts),
			(uint64_t)json_integer_value(edges)};

		return ranges_set_histogram(
			out, tensor, &(struct range_histogram){2, two, NULL}, NULL);
	}
	return true;
}

/* ---- writing */

void ranges_put_key(struct json_out *out, const char *key, const char *behind)
{
	plan_json_puts(out, "\"");
	plan_json_puts(out, key);
	plan_json_puts(out, "\": ");
	plan_json_puts(out, behind);
}

void ranges_put_number(struct json_out *out, double value)
{
	char text[32];

	if (isinf(value))
		plan_json_puts(out, value < 0 ? "-Infinity" : "Infinity");
	else
		plan_json_puts(out, text_f64(text, value, true));
}

void ranges_close_array(struct json_out *out, const char *dtype)
{
	plan_json_puts(out, ", \"dtype\": \"");
	plan_json_puts(out, dtype);
	plan_json_puts(out, "\", \"CLS\": \"numpy.array\"}, ");
}

static void put_count(struct json_out *out, uint64_t count)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64, count);
	plan_json_puts(out, text);
}

static void put_arrays(struct json_out *out, const struct range *range)
{
	const struct range_histogram *histogram = range->histogram;

	ranges_put_key(out, "hist", "{\"data\": [");
	for (uint32_t i = 0; i < histogram->bins; i++) {
		plan_json_puts(out, i ? ", " : "");
		put_count(out, histogram->counts[i]);
	}
	plan_json_puts(out, "]");
	ranges_close_array(out, "int64");
	ranges_put_key(out, "bins", "{\"data\": [");
	for (uint32_t i = 0; i <= histogram->bins; i++) {
		plan_json_puts(out, i ? ", " : "");
		ranges_put_number(out, histogram->edges[i]);
	}
	plan_json_puts(out, "]");
	ranges_close_array(out, range->type == ELEMENT_FLOAT16 ? "float16" : "float32");
}

/* ONNX Runtime's Percentile keeps its first two counts under both names. */
void ranges_put_histogram(
	struct json_out *out, enum calibration_method method, const struct range *range)
{
	const struct range_histogram *histogram = range->histogram;

	if (!histogram)
		return;
	if (method == METHOD_ENTROPY && histogram->edges)
		put_arrays(out, range);
	if (method != METHOD_PERCENTILE || histogram->bins < 2)
		return;
	ranges_put_key(out, "hist", "");
	put_count(out, histogram->counts[0]);
	plan_json_puts(out, ", ");
	ranges_put_key(out, "bins", "");
	put_count(out, histogram->counts[1]);
	plan_json_puts(out, ", ");
}
