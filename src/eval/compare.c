#include "eval/compare.h"

#include "base/text.h"
#include "calib/feed.h"
#include "calib/scan.h"
#include "calib/tap_model.h"
#include "eval/tapped_session.h"

#include <stdlib.h>
#include <string.h>

/* The float values of one tensor in the sample at hand. */
struct values {
	float *items;
	size_t count, room;
};

/* Where a tensor of the quantized model counts: chains of places by tensor. */
struct place {
	uint32_t row;
	bool before;
	uint32_t next; /* plus one; 0 ends */
};

struct comparing {
	const struct compare_request *request;
	struct comparison *out;
	struct ort_session *real, *quantized;
	struct values *values; /* by tensor of the float graph */
	struct place *places;
	uint32_t *place_of; /* by tensor of the quantized graph, plus one */
	bool *wanted_real, *wanted_quantized;
};

/* ---- what the taps of the float model see is kept */

/* For scan_blocks. */
struct keeping {
	float *at;
};

static void keep_block(void *arg, const float *values, size_t count)
{
	struct keeping *keeping = arg;

	memcpy(keeping->at, values, count * sizeof(*values));
	keeping->at += count;
}

static bool keep_value(
	struct values *kept, const struct ort_tensor *value, struct error *err)
{
	struct keeping keeping;

	kept->count = 0;
	if (value->count > SIZE_MAX / sizeof(float) ||
		!array_reserve((void **)&kept->items, &kept->room, value->count + 1,
			sizeof(*kept->items)))
		return error_set_memory(err, "the values of a tensor");
	keeping.at = kept->items;
	scan_blocks(value, keep_block, &keeping);
	kept->count = value->count;
	return true;
}

static bool observe_real(
	void *arg, int64_t index, const struct ort_tensor *value, struct error *err)
{
	struct comparing *comparing = arg;

	return keep_value(&comparing->values[index], value, err);
}

/* ---- what the taps of the quantized model see is compared */

struct comparing_block {
	struct metric *metric;
	const float *reference;
};

static void compare_block(void *arg, const float *values, size_t count)
{
	struct comparing_block *block = arg;

	metric_add(block->metric, block->reference, values, count);
	block->reference += count;
}

static bool compare_value(struct comparing *comparing, const struct place *place,
	const struct ort_tensor *value, struct error *err)
{
	struct compare_row *row = &comparing->out->rows[place->row];
	const struct values *kept = &comparing->values[row->match.real];
	struct comparing_block block = {
		place->before ? &row->before : &row->after, kept->items};

	if (value->count != kept->count)
		return error_set(err, ERROR_REFUSED,
			"%s: %llu elements in one model, %llu in the other; give the "
			"float model that was quantized",
			text_quoted_z(graph_tensor_name(
				comparing->request->real, row->match.real)),
			(unsigned long long)kept->count,
			(unsigned long long)value->count);
	scan_blocks(value, compare_block, &block);
	row->seen = true;
	return true;
}

static bool observe_quantized(
	void *arg, int64_t index, const struct ort_tensor *value, struct error *err)
{
	struct comparing *comparing = arg;

	for (uint32_t at = comparing->place_of[index]; at;
		at = comparing->places[at - 1].next)
		if (!compare_value(comparing, &comparing->places[at - 1], value, err))
			return false;
	return true;
}

static const struct ort_taps real_taps = {observe_real, NULL};
static const struct ort_taps quantized_taps = {observe_quantized, NULL};

/* Inputs have no taps; they are seen in the sample. */
static bool keep_inputs(
	struct comparing *comparing, const struct sample *sample, struct error *err)
{
	const tensor_id *inputs;
	size_t count = sample_set_inputs(comparing->request->samples, &inputs);

	for (size_t i = 0; i < count; i++) {
		const struct ort_tensor *value = &sample->inputs[i].value;

		if (element_is_float(value->type) &&
			!keep_value(&comparing->values[inputs[i]], value, err))
			return false;
	}
	return true;
}

static bool observe_inputs(
	struct comparing *comparing, const struct sample *sample, struct error *err)
{
	for (size_t i = 0; i < sample->count; i++) {
		const struct ort_tensor *value = &sample->inputs[i].value;
		const char *name = sample->inputs[i].name;
		tensor_id tensor = graph_find_tensor(
			comparing->request->quantized, name, strlen(name));

		if (tensor != GRAPH_NONE && element_is_float(value->type) &&
			!observe_quantized(comparing, tensor, value, err))
			return false;
	}
	return true;
}

static bool run_sample(void *arg, unsigned worker, size_t index,
	const struct sample *sample, struct ort_stop *stop, struct error *err)
{
	struct comparing *comparing = arg;
	struct ort_request request = {.inputs = sample->inputs,
		.input_count = sample->count,
		.tap_arg = comparing,
		.stop = stop};
	struct error cause = ERROR_INIT;

	(void)worker, (void)index;
	if (!keep_inputs(comparing, sample, err))
		return false;
	return (ort_run(comparing->real, &request, NULL, &cause) &&
		       observe_inputs(comparing, sample, &cause) &&
		       ort_run(comparing->quantized, &request, NULL, &cause)) ||
	       sample_fail(sample, &cause, err);
}

/* ---- opening */

static void add_place(struct comparing *comparing, uint32_t *count, tensor_id tensor,
	uint32_t row, bool before)
{
	if (tensor == GRAPH_NONE)
		return;
	comparing->places[*count] =
		(struct place){row, before, comparing->place_of[tensor]};
	comparing->place_of[tensor] = ++*count;
	comparing->wanted_quantized[tensor] = true;
}

static void place_rows(struct comparing *comparing)
{
	const struct comparison *out = comparing->out;
	uint32_t count = 0;

	for (uint32_t i = 0; i < out->count; i++) {
		const struct match *match = &out->rows[i].match;

		comparing->wanted_real[match->real] = true;
		add_place(comparing, &count, match->after, i, false);
		if (!match->converted)
			add_place(comparing, &count, match->before, i, true);
	}
}

static bool alloc_comparing(struct comparing *comparing, struct error *err)
{
	size_t real = comparing->request->real->tensor_count + (size_t)1;
	size_t quantized = comparing->request->quantized->tensor_count + (size_t)1;

	comparing->values = calloc(real, sizeof(*comparing->values));
	comparing->wanted_real = calloc(real, sizeof(bool));
	comparing->wanted_quantized = calloc(quantized, sizeof(bool));
	comparing->place_of = calloc(quantized, sizeof(*comparing->place_of));
	comparing->places =
		calloc(2 * comparing->out->count + 1, sizeof(*comparing->places));
	return (comparing->values && comparing->wanted_real &&
		       comparing->wanted_quantized && comparing->place_of &&
		       comparing->places) ||
	       error_set_memory(err, "comparison");
}

static bool make_rows(struct comparing *comparing, struct error *err)
{
	struct comparison *out = comparing->out;
	const struct graph *real = comparing->request->real;
	const bool *only = comparing->request->only;
	struct match_list list = {0};
	bool made = match_models(real, comparing->request->quantized, &list, err);

	if (made)
		out->rows = calloc(list.count, sizeof(*out->rows));
	if (made && !out->rows)
		made = error_set_memory(err, "comparison");
	for (size_t i = 0; made && i < list.count; i++)
		if (!only || only[list.items[i].real])
			out->rows[out->count++].match = list.items[i];
	ARRAY_RELEASE(&list);
	if (!made || !alloc_comparing(comparing, err))
		return false;
	place_rows(comparing);
	for (tensor_id i = 0; i < real->main_tensors; i++)
		out->unmatched += tap_model_can(real, i) &&
				  match_can(real, comparing->request->quantized, i) &&
				  !comparing->wanted_real[i];
	return true;
}

static bool open_sessions(
	struct comparing *comparing, const struct progress *progress, struct error *err)
{
	const struct compare_request *request = comparing->request;
	struct tapped_session real = {.runtime = request->runtime,
		.graph = request->real,
		.wanted = comparing->wanted_real,
		.taps = &real_taps,
		.threads = feed_threads(request->threads)};
	struct tapped_session quantized = real;

	quantized.graph = request->quantized;
	quantized.wanted = comparing->wanted_quantized;
	quantized.taps = &quantized_taps;
	comparing->real = tapped_session_open(&real, progress, err);
	if (comparing->real)
		comparing->quantized = tapped_session_open(&quantized, progress, err);
	return comparing->quantized != NULL;
}

static bool run_all(
	struct comparing *comparing, const struct progress *progress, struct error *err)
{
	const struct compare_request *request = comparing->request;
	size_t count =
		request->count ? request->count : sample_set_count(request->samples);
	struct feed_job job = {.set = request->samples,
		.first = request->first,
		.count = count,
		.workers = 1,
		.what = "comparing",
		.whole = count,
		.run = run_sample,
		.arg = comparing};

	comparing->out->samples = count;
	return feed_run(&job, progress, err);
}

static void release_comparing(struct comparing *comparing)
{
	size_t count = comparing->request->real->tensor_count;

	for (size_t i = 0; comparing->values && i < count; i++)
		free(comparing->values[i].items);
	free(comparing->values);
	free(comparing->places);
	free(comparing->place_of);
	free(comparing->wanted_real);
	free(comparing->wanted_quantized);
	ort_session_free(comparing->real);
	ort_session_free(comparing->quantized);
}

bool compare_models(const struct compare_request *request, struct comparison *comparison,
	const struct progress *progress, struct error *err)
{
	struct comparing comparing = {.request = request, .out = comparison};
	bool done;

	memset(comparison, 0, sizeof(*comparison));
	done = make_rows(&comparing, err) && open_sessions(&comparing, progress, err) &&
	       run_all(&comparing, progress, err);
	release_comparing(&comparing);
	return done;
}

void comparison_release(struct comparison *comparison)
{
	free(comparison->rows);
	memset(comparison, 0, sizeof(*comparison));
}
