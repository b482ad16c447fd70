#include "calib/collect.h"
#include "calib/minmax.h"

#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ONNX Runtime's numbers of bins (qdq-semantics.md 2.3). */
enum { ENTROPY_BINS = 128, ENTROPY_QUANTIZED_BINS = 128, PERCENTILE_BINS = 2048 };

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
	struct calib_report *report;
};

static bool is_symmetric(const struct calib_request *request)
{
	enum tristate given = request->options->calib_symmetric;

	return given == UNSET ? request->method == METHOD_PERCENTILE : given == YES;
}

static bool is_compatible(const struct calib_request *request)
{
	return request->options->ort_compatible;
}

static bool check_options(const struct calib_request *request, struct error *err)
{
	const struct quant_options *o = request->options;
	size_t samples = sample_set_count(request->samples);

	if (request->method == METHOD_PERCENTILE &&
		!(o->calib_percentile >= 0 && o->calib_percentile <= 100))
		return error_set(err, ERROR_USAGE,
			"CalibPercentile: must be from 0 to 100; the default is 99.999");
	if (request->method == METHOD_MINMAX && o->calib_moving_average &&
		!(o->calib_averaging_constant >= 0 && o->calib_averaging_constant <= 1))
		return error_set(err, ERROR_USAGE,
			"CalibMovingAverageConstant: must be from 0 to 1; the default is "
			"0.01");
	if (o->calib_strided > 0 && samples % (size_t)o->calib_strided)
		return error_set(err, ERROR_USAGE,
			"CalibStridedMinMax: %zu sample%s no multiple of %lld; change "
			"one of them",
			samples, samples == 1 ? " is" : "s are",
			(long long)o->calib_strided);
	return true;
}

static uint32_t start_bins(const struct calib_request *request)
{
	if (request->options->calib_bins > 0)
		return request->options->calib_bins < GRID_BINS_MAX
			       ? (uint32_t)request->options->calib_bins
			       : GRID_BINS_MAX;
	return request->method == METHOD_ENTROPY ? ENTROPY_BINS : PERCENTILE_BINS;
}

static uint32_t quantized_bins(const struct calib_request *request)
{
	int64_t given = request->options->calib_quantized_bins;

	return given > 0 && given < GRID_BINS_MAX ? (uint32_t)given
						  : ENTROPY_QUANTIZED_BINS;
}

static bool is_half(const struct calibration *c, size_t slot)
{
	tensor_id tensor = c->collector.slots.items[slot];

	return c->request->graph->tensors[tensor].element_type == ELEMENT_FLOAT16;
}

static bool alloc_state(struct calibration *c, struct error *err)
{
	size_t slots = c->collector.slots.count;

	c->stats = calloc(slots, sizeof(*c->stats));
	c->total = calloc(slots, sizeof(*c->total));
	if (c->request->method != METHOD_MINMAX) {
		c->histograms = calloc(slots, sizeof(*c->histograms));
		if (!c->histograms)
			return error_set_memory(err, "histograms");
	}
	if (!c->stats || !c->total)
		return error_set_memory(err, "calibration");
	for (size_t i = 0; i < slots; i++) {
		c->total[i] = STATS_INIT;
		if (!c->histograms)
			continue;
		c->histograms[i].start_bins = start_bins(c->request);
		c->histograms[i].half = is_compatible(c->request) && is_half(c, i);
		c->histograms[i].absolute = c->request->method == METHOD_PERCENTILE &&
					    is_symmetric(c->request);
	}
	return c->histograms ||
	       minmax_init(&c->minmax, &c->collector, is_symmetric(c->request), err);
}

static bool begin_histograms(struct calibration *c, struct error *err)
{
	for (size_t i = 0; i < c->collector.slots.count; i++)
		if (c->stats[i].count &&
			!histogram_begin(&c->histograms[i], &c->stats[i], err))
			return false;
	return true;
}

/* One call of ONNX Runtime's collect_data: samples [first, first + count). */
static bool run_call(struct calibration *c, size_t first, size_t count,
	const struct progress *progress, struct error *err)
{
	size_t slots = c->collector.slots.count;

	if (!c->histograms && !minmax_begin(&c->minmax, count, err))
		return false;
	if (!collect_extents(&c->collector, first, count, c->stats, progress, err))
		return false;
	for (size_t i = 0; i < slots; i++)
		scan_merge(&c->total[i], &c->stats[i]);
	if (!c->histograms) {
		minmax_end(&c->minmax, c->stats, count);
		return true;
	}
	if (!begin_histograms(c, err) || !collect_counts(&c->collector, first, count,
						 c->histograms, progress, err))
		return false;
	for (size_t i = 0; i < slots; i++)
		histogram_end(&c->histograms[i]);
	return true;
}

/* ONNX Runtime throws away what it collected when CalibMaxIntermediateOutputs samples
 * are together (qdq-semantics.md, Q17): only the rest of the call counts. */
static size_t forgotten(const struct calib_request *request, size_t count)
{
	int64_t most = request->options->calib_max_intermediate_outputs;

	if (!is_compatible(request) || request->method != METHOD_MINMAX || most <= 0)
		return 0;
	return count - count % (size_t)most;
}

static bool run_calls(
	struct calibration *c, const struct progress *progress, struct error *err)
{
	size_t samples = sample_set_count(c->request->samples);
	int64_t stride = c->request->options->calib_strided;
	size_t block = stride > 0 ? (size_t)stride : samples;
	size_t skipped = forgotten(c->request, block);

	if (skipped == block)
		return error_set(err, ERROR_REFUSED,
			"CalibMaxIntermediateOutputs: ONNX Runtime forgets all %zu "
			"samples and fails; leave it out",
			block);
	c->call_samples = block;
	c->collector.what = "calibrating";
	c->collector.whole = samples / block * (block - skipped);
	if (c->histograms)
		c->collector.whole *= 2;
	c->collector.near_zero = c->histograms && c->histograms[0].absolute;
	for (size_t first = 0; first < samples; first += block)
		if (!run_call(c, first + skipped, block - skipped, progress, err))
			return false;
	c->report->samples = samples / block * (block - skipped);
	return true;
}

/* ---- results */

static bool note_tensor(struct calibration *c, tensor_id tensor, const char *id,
	enum severity severity, const char *cause, const char *remedy, struct error *err)
{
	return problem_add(&c->report->notes, severity, id, tensor, PROBLEM_NOWHERE,
		       text_quoted_z(graph_tensor_name(c->request->graph, tensor)), cause,
		       remedy) ||
	       error_set_memory(err, "notes");
}

/* What a person should know of the values seen; *usable says whether they make a range.
 * A tensor without elements gets 0 to 0, which stands for what ONNX Runtime's calibrators
 * give (infinity to minus infinity): both lead to the same scale. */
static bool judge_values(
	struct calibration *c, size_t slot, bool *usable, struct error *err)
{
	const struct stats *seen = &c->total[slot];
	tensor_id tensor = c->collector.slots.items[slot];
	bool in_body = c->request->graph->tensors[tensor].scope != 0;

	*usable = seen->count ? seen->low <= seen->high : !in_body;
	if (!seen->count)
		return in_body || graph_is_constant(c->request->graph, tensor) ||
		       note_tensor(c, tensor, "calib-empty", SEVERITY_NOTE,
			       "has no elements with these samples; its range is 0 to 0",
			       "give other samples", err);
	if (seen->nan && !note_tensor(c, tensor, "calib-nan", SEVERITY_WARNING,
				 "NaN was among the values and is passed over",
				 "look for the node that makes it", err))
		return false;
	if (isfinite(seen->low) && isfinite(seen->high))
		return true;
	return !*usable || note_tensor(c, tensor, "calib-infinite", SEVERITY_WARNING,
				   "infinite values were seen",
				   "give its range in the overrides", err);
}

/* NumPy finds no bins for these values: ONNX Runtime fails, the default mode takes the
 * smallest and largest value. */
static bool without_bins(
	struct calibration *c, size_t slot, float *low, float *high, struct error *err)
{
	tensor_id tensor = c->collector.slots.items[slot];

	if (is_compatible(c->request))
		return error_set(err, ERROR_REFUSED,
			"%s: too many bins for its values, ONNX Runtime fails; set "
			"fewer bins or use --method minmax",
			text_quoted_z(graph_tensor_name(c->request->graph, tensor)));
	*low = c->total[slot].low;
	*high = c->total[slot].high;
	if (is_symmetric(c->request)) {
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

	if (!is_half(c, slot))
		return true;
	if (!grid_make(&rounded, grid->bins, grid->edges[0], grid->edges[grid->bins],
		    true, &fits, err))
		return false;
	grid_release(&rounded);
	if (!fits && !c->mended++)
		c->first_mended = c->collector.slots.items[slot];
	return true;
}

static bool histogram_range(
	struct calibration *c, size_t slot, float *low, float *high, struct error *err)
{
	const struct histogram *h = &c->histograms[slot];

	if (h->failed)
		return without_bins(c, slot, low, high, err);
	if (!is_compatible(c->request) && !count_mended(c, slot, err))
		return false;
	if (c->request->method == METHOD_PERCENTILE) {
		histogram_percentile(h, c->request->options->calib_percentile,
			is_symmetric(c->request), low, high);
		return true;
	}
	if (histogram_entropy(h, quantized_bins(c->request), low, high, err))
		return true;
	return !error_is_set(err) && without_bins(c, slot, low, high, err);
}

static bool set_range(
	struct calibration *c, size_t slot, struct ranges *out, struct error *err)
{
	tensor_id tensor = c->collector.slots.items[slot];
	float low, high;
	bool usable;

	if (!judge_values(c, slot, &usable, err))
		return false;
	if (!usable)
		return true;
	if (!c->total[slot].count)
		low = high = 0;
	else if (!c->histograms)
		minmax_range(&c->minmax, slot, &low, &high);
	else if (!histogram_range(c, slot, &low, &high, err))
		return false;
	c->report->tensors++;
	return ranges_set(out, c->request->graph, tensor, low, high,
		c->request->graph->tensors[tensor].element_type, err);
}

static bool set_ranges(struct calibration *c, struct ranges *out, struct error *err)
{
	size_t samples = c->report->samples;

	out->method = c->request->method;
	out->random = sample_set_is_random(c->request->samples);
	snprintf(out->source, sizeof(out->source), "%zu %ssample%s", samples,
		out->random ? "random " : "", samples == 1 ? "" : "s");
	for (size_t i = 0; i < c->collector.slots.count; i++)
		if (!set_range(c, i, out, err))
			return false;
	return true;
}

/* What the default mode did otherwise than ONNX Runtime. */
static bool note_mendings(struct calibration *c, struct error *err)
{
	const struct graph *graph = c->request->graph;
	int64_t most = c->request->options->calib_max_intermediate_outputs;
	bool minmax = c->request->method == METHOD_MINMAX;
	char cause[160];

	if (!is_compatible(c->request) && minmax && most > 0 &&
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

static bool add_notes(
	struct calibration *c, const struct error *refused, struct error *err)
{
	const char *note = sample_set_note(c->request->samples);
	char cause[1200];

	if (!note_mendings(c, err))
		return false;
	c->report->without_taps = c->collector.output_tensors != NULL;
	if (*note && !problem_add(&c->report->notes, SEVERITY_NOTE, "samples",
			     PROBLEM_NOWHERE, PROBLEM_NOWHERE, "samples", note, ""))
		return error_set_memory(err, "notes");
	if (!refused->kind)
		return true;
	snprintf(cause, sizeof(cause),
		"taps were refused (%s); all tensors are outputs instead, which takes "
		"more memory",
		refused->text);
	return problem_add(&c->report->notes, SEVERITY_NOTE, "no-taps", PROBLEM_NOWHERE,
		       PROBLEM_NOWHERE, "ONNX Runtime", cause, "") ||
	       error_set_memory(err, "notes");
}

static void release_calibration(struct calibration *c)
{
	for (size_t i = 0; c->histograms && i < c->collector.slots.count; i++)
		histogram_release(&c->histograms[i]);
	minmax_release(&c->minmax);
	free(c->histograms);
	free(c->stats);
	free(c->total);
	collect_close(&c->collector);
}

bool calib_run(const struct calib_request *request, struct ranges *out,
	struct calib_report *report, const struct progress *progress, struct error *err)
{
	struct calibration c = {.request = request, .report = report};
	struct error refused = ERROR_INIT;
	struct ranges ranges = {0};
	bool done;

	memset(report, 0, sizeof(*report));
	report->threads = feed_threads(request->threads);
	if (!check_options(request, err))
		return false;
	done = collect_open(&c.collector, request, &refused, progress, err) &&
	       alloc_state(&c, err) && run_calls(&c, progress, err) &&
	       set_ranges(&c, &ranges, err) && add_notes(&c, &refused, err);
	release_calibration(&c);
	if (!done) {
		ranges_release(&ranges);
		return false;
	}
	*out = ranges;
	return true;
}

void calib_report_release(struct calib_report *report)
{
	problem_clear(&report->notes);
}

bool calib_parse_method(
	const char *text, enum calibration_method *method, struct error *err)
{
	static const struct {
		const char *name;
		enum calibration_method method;
	} methods[] = {
		{"minmax", METHOD_MINMAX},
		{"entropy", METHOD_ENTROPY},
		{"percentile", METHOD_PERCENTILE},
	};

	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++)
		if (!strcasecmp(text, methods[i].name)) {
			*method = methods[i].method;
			return true;
		}
	return error_set(err, ERROR_USAGE,
		"--method: %s is unknown; it is minmax, percentile or entropy",
		text_quoted_z(text));
}
