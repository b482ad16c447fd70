/* Ranges out of what a calibration has seen, and what a person should know of it. */
#include "calib/calibration.h"

#include "base/text.h"

#include <math.h>
#include <stdio.h>

/* ONNX Runtime's number (qdq-semantics.md 2.3). */
enum { ENTROPY_QUANTIZED_BINS = 128 };

static uint32_t quantized_bins(const struct calib_request *request)
{
	int64_t given = request->options->calib_quantized_bins;

	return given > 0 && given < GRID_BINS_MAX ? (uint32_t)given
						  : ENTROPY_QUANTIZED_BINS;
}

static bool note_tensor(struct calibration *c, tensor_id tensor, const char *id,
	enum severity severity, const char *cause, const char *remedy, struct error *err)
{
	return problem_add(&c->report->notes, severity, id, tensor, PROBLEM_NOWHERE,
		       text_quoted_z(graph_tensor_name(c->request->graph, tensor)), cause,
		       remedy) ||
	       error_set_memory(err, "notes");
}

/* One note for all tensors of a kind: the first is its place. */
static bool note_kind(struct calibration *c, enum odd_values kind, struct error *err)
{
	static const struct {
		const char *id;
		enum severity severity;
		const char *cause, *remedy;
	} kinds[] = {
		[ODD_EMPTY] = {"calib-empty", SEVERITY_NOTE,
			"has no elements with these samples; its range is 0 to 0",
			"give other samples"},
		[ODD_NAN] = {"calib-nan", SEVERITY_WARNING,
			"NaN was among the values and is passed over",
			"look for the node that makes it"},
		[ODD_INFINITE] = {"calib-infinite", SEVERITY_WARNING,
			"infinite values were seen", "give its range in the overrides"},
	};
	uint32_t others = c->odd[kind].count - 1;
	char cause[200];

	if (!c->odd[kind].count)
		return true;
	snprintf(cause, sizeof(cause), "%s", kinds[kind].cause);
	if (others)
		snprintf(cause, sizeof(cause), "%s; so it is with %u more tensor%s",
			kinds[kind].cause, others, text_s(others));
	return note_tensor(c, c->odd[kind].first, kinds[kind].id, kinds[kind].severity,
		cause, kinds[kind].remedy, err);
}

static void count_odd(struct calibration *c, enum odd_values kind, tensor_id tensor)
{
	if (!c->odd[kind].count++)
		c->odd[kind].first = tensor;
}

/* Whether the values seen make a range; what is odd about them is counted. A tensor
 * without elements gets 0 to 0, which stands for what ONNX Runtime's calibrators give
 * (infinity to minus infinity): both lead to the same scale. */
static bool is_usable(struct calibration *c, size_t slot)
{
	const struct stats *seen = &c->total[slot];
	tensor_id tensor = c->collector.slots.items[slot];
	bool in_body = c->request->graph->tensors[tensor].scope != 0;
	bool usable = seen->count ? seen->low <= seen->high : !in_body;

	if (!seen->count && !in_body && !graph_is_constant(c->request->graph, tensor))
		count_odd(c, ODD_EMPTY, tensor);
	if (seen->count && seen->nan)
		count_odd(c, ODD_NAN, tensor);
	if (seen->count && usable && !(isfinite(seen->low) && isfinite(seen->high)))
		count_odd(c, ODD_INFINITE, tensor);
	return usable;
}

/* NumPy finds no bins for these values: ONNX Runtime fails, the default mode takes the
 * smallest and largest value. */
static bool without_bins(
	struct calibration *c, size_t slot, float *low, float *high, struct error *err)
{
	tensor_id tensor = c->collector.slots.items[slot];

	if (calib_is_compatible(c->request))
		return error_set(err, ERROR_REFUSED,
			"%s: too many bins for its values, ONNX Runtime fails; set "
			"fewer bins or use --method minmax",
			text_quoted_z(graph_tensor_name(c->request->graph, tensor)));
	*low = c->total[slot].low;
	*high = c->total[slot].high;
	if (calib_is_symmetric(c->request)) {
		*high = fmaxf(fabsf(*low), fabsf(*high));
		*low = -*high;
	}
	return note_tensor(c, tensor, "calib-bins", SEVERITY_WARNING,
		"its values fit no histogram; smallest and largest are taken",
		"use fewer bins", err);
}

/* Counts the tensors for which ONNX Runtime finds no bins, as it makes them in float16.
 */
static bool count_mended(struct calibration *c, size_t slot, struct error *err)
{
	const struct grid *grid = &c->histograms[slot].grid;
	struct grid rounded;
	bool fits;

	if (!calib_is_half(c, slot))
		return true;
	if (!grid_make(&rounded, grid->bins, grid->edges[0], grid->edges[grid->bins],
		    true, &fits, err))
		return false;
	grid_release(&rounded);
	if (!fits && !c->mended++)
		c->first_mended = c->collector.slots.items[slot];
	return true;
}

/* In the forms in which ONNX Runtime's file has them: a percentile that was not clipped
 * is an array without axes, unless its sign was turned; all else are bare numbers. */
static bool keep_histogram(struct calibration *c, size_t slot, const struct threshold *t,
	struct ranges *out, struct error *err)
{
	const struct histogram *h = &c->histograms[slot];
	tensor_id tensor = c->collector.slots.items[slot];
	bool percentile = c->request->method == METHOD_PERCENTILE;
	struct range *range = &out->of[tensor];
	struct range_histogram kept = {h->grid.bins, h->counts, h->grid.edges};

	range->low_form = percentile && !t->low_clipped && !calib_is_symmetric(c->request)
				  ? RANGE_SCALAR
				  : RANGE_BARE;
	range->high_form = percentile && !t->high_clipped ? RANGE_SCALAR : RANGE_BARE;
	return ranges_set_histogram(out, tensor, &kept, err);
}

static bool put_range(struct calibration *c, size_t slot, struct ranges *out, float low,
	float high, struct error *err)
{
	tensor_id tensor = c->collector.slots.items[slot];

	c->report->tensors++;
	return ranges_set(out, c->request->graph, tensor, low, high,
		c->request->graph->tensors[tensor].element_type, err);
}

static bool put_extremes(
	struct calibration *c, size_t slot, struct ranges *out, struct error *err)
{
	float low = 0, high = 0;

	return without_bins(c, slot, &low, &high, err) &&
	       put_range(c, slot, out, low, high, err);
}

static bool set_histogram_range(
	struct calibration *c, size_t slot, struct ranges *out, struct error *err)
{
	const struct histogram *h = &c->histograms[slot];
	struct threshold t = {0};

	if (h->failed)
		return put_extremes(c, slot, out, err);
	if (!calib_is_compatible(c->request) && !count_mended(c, slot, err))
		return false;
	if (c->request->method == METHOD_PERCENTILE)
		histogram_percentile(h, c->request->options->calib_percentile,
			calib_is_symmetric(c->request), &t);
	else if (!histogram_entropy(h, quantized_bins(c->request), &t, err))
		return !error_is_set(err) && put_extremes(c, slot, out, err);
	return put_range(c, slot, out, t.low, t.high, err) &&
	       keep_histogram(c, slot, &t, out, err);
}

static bool set_range(
	struct calibration *c, size_t slot, struct ranges *out, struct error *err)
{
	float low = 0, high = 0;

	if (!is_usable(c, slot))
		return true;
	if (c->total[slot].count && c->histograms)
		return set_histogram_range(c, slot, out, err);
	if (c->total[slot].count)
		minmax_range(&c->minmax, slot, &low, &high);
	return put_range(c, slot, out, low, high, err);
}

/* What the default mode did otherwise than ONNX Runtime. */
static bool note_mendings(struct calibration *c, struct error *err)
{
	const struct graph *graph = c->request->graph;
	int64_t most = c->request->options->calib_max_intermediate_outputs;
	bool minmax = c->request->method == METHOD_MINMAX;
	char cause[160];

	if (!calib_is_compatible(c->request) && minmax && most > 0 &&
		(uint64_t)most <= c->call_samples &&
		!problem_add(&c->report->notes, SEVERITY_NOTE, "Q17", PROBLEM_NOWHERE,
			PROBLEM_NOWHERE, "CalibMaxIntermediateOutputs",
			"all samples count; ONNX Runtime forgets those before the last "
			"full batch",
			""))
		return error_set_memory(err, "notes");
	if (!c->mended)
		return true;
	snprintf(cause, sizeof(cause),
		c->mended == 1 ? "float16 values binned in float32; ONNX Runtime finds "
				 "too many bins for them"
			       : "float16 values of %u tensors, the first of them this, "
				 "binned in float32; ONNX Runtime finds too many bins "
				 "for them",
		c->mended);
	return problem_add(&c->report->notes, SEVERITY_NOTE, "Q38", c->first_mended,
		       PROBLEM_NOWHERE,
		       text_quoted_z(graph_tensor_name(graph, c->first_mended)), cause,
		       "") ||
	       error_set_memory(err, "notes");
}

bool calib_set_ranges(struct calibration *c, struct ranges *out, struct error *err)
{
	size_t samples = c->report->samples;

	out->method = c->request->method;
	out->measured = true;
	out->random = sample_set_is_random(c->request->samples);
	snprintf(out->source, sizeof(out->source), "%zu %ssample%s", samples,
		out->random ? "random " : "", text_s(samples));
	for (size_t i = 0; i < c->collector.slots.count; i++)
		if (!set_range(c, i, out, err))
			return false;
	if (!c->report->tensors && c->odd[ODD_NAN].count)
		return error_set(err, ERROR_REFUSED,
			"calibrate: all values are NaN with these samples; give others");
	for (int kind = 0; kind < ODD_KINDS; kind++)
		if (!note_kind(c, (enum odd_values)kind, err))
			return false;
	return note_mendings(c, err);
}
