#include "calib/calibration.h"

#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ONNX Runtime's numbers of bins (qdq-semantics.md 2.3). */
enum { ENTROPY_BINS = 128, PERCENTILE_BINS = 2048 };

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
		c->histograms[i].half =
			calib_is_compatible(c->request) && calib_is_half(c, i);
		c->histograms[i].absolute = c->request->method == METHOD_PERCENTILE &&
					    calib_is_symmetric(c->request);
	}
	return c->histograms || minmax_init(&c->minmax, &c->collector,
					calib_is_symmetric(c->request), err);
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

	if (!calib_is_compatible(request) || request->method != METHOD_MINMAX ||
		most <= 0)
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

/* ---- notes and ends */

static bool add_notes(
	struct calibration *c, const struct error *refused, struct error *err)
{
	const char *note = sample_set_note(c->request->samples);
	char cause[1200];

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
	       calib_set_ranges(&c, &ranges, err) && add_notes(&c, &refused, err) &&
	       calib_end_inside(&c, &ranges, err);
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
