#include "calib/collect.h"

#include "calib/constant.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A histogram's count in progress, for scan_blocks. */
struct counting {
	const struct histogram *histogram;
	uint32_t *scratch;
};

static void scan_each(void *arg, const float *values, size_t count)
{
	scan_floats(arg, values, count, true);
}

static void count_each(void *arg, const float *values, size_t count)
{
	struct counting *counting = arg;

	grid_count(&counting->histogram->next, counting->histogram->absolute, values,
		count, counting->scratch);
}

/* A piece has fewer values than a count can hold. */
static void count_tensor(struct collect_worker *worker, struct histogram *histogram,
	const struct ort_tensor *value)
{
	struct collector *collector = worker->collector;
	struct counting counting = {histogram, worker->scratch};
	size_t size = value->type == ELEMENT_FLOAT ? 4 : 2;
	struct ort_tensor piece = *value;

	if (!histogram->next_counts)
		return;
	for (uint64_t at = 0; at < value->count; at += piece.count) {
		piece.count =
			value->count - at < INT32_MAX ? value->count - at : INT32_MAX;
		piece.data = (const char *)value->data + at * size;
		memset(worker->scratch, 0,
			grid_scratch(&histogram->next) * sizeof(*worker->scratch));
		scan_blocks(&piece, count_each, &counting);
		pthread_mutex_lock(&collector->lock);
		grid_sum(&histogram->next, worker->scratch, histogram->next_counts);
		pthread_mutex_unlock(&collector->lock);
	}
}

/* A value of a tensor that is measured, from a tap, an output or the sample. */
static void take_value(
	struct collect_worker *worker, tensor_id tensor, const struct ort_tensor *value)
{
	struct collector *collector = worker->collector;
	uint32_t slot = collector->slot_of[tensor];

	if (!element_is_float(value->type))
		return;
	if (collector->histograms)
		count_tensor(worker, &collector->histograms[slot], value);
	else
		scan_tensor(&worker->sample[slot], value, collector->near_zero);
}

static bool observe(
	void *arg, int64_t index, const struct ort_tensor *value, struct error *err)
{
	(void)err;
	take_value(arg, (tensor_id)index, value);
	return true;
}

const struct ort_taps collect_taps = {observe, NULL};

static void take_inputs(struct collect_worker *worker, const struct sample *sample)
{
	const struct collector *collector = worker->collector;
	const tensor_id *inputs;

	sample_set_inputs(collector->request->samples, &inputs);
	for (size_t i = 0; i < sample->count; i++)
		if (collector->wanted[inputs[i]])
			take_value(worker, inputs[i], &sample->inputs[i].value);
}

static void take_outputs(struct collect_worker *worker, const struct ort_results *results)
{
	const tensor_id *tensors = worker->collector->output_tensors;

	for (size_t i = 0; i < results->count; i++)
		take_value(worker, tensors[i], &results->tensors[i]);
}

static void begin_sample(struct collect_worker *worker)
{
	for (size_t i = 0; i < worker->collector->slots.count; i++)
		worker->sample[i] = STATS_INIT;
}

static void end_sample(struct collect_worker *worker, size_t index)
{
	const struct collector *collector = worker->collector;
	size_t slots = collector->slots.count;

	for (size_t i = 0; i < slots; i++)
		scan_merge(&worker->total[i], &worker->sample[i]);
	for (size_t i = 0; collector->extents && i < slots; i++)
		collector->extents[(index - collector->call_first) * slots + i] =
			(struct extent){worker->sample[i].low, worker->sample[i].high};
}

static bool run_sample(void *arg, unsigned number, size_t index,
	const struct sample *sample, struct ort_stop *stop, struct error *err)
{
	struct collector *collector = arg;
	struct collect_worker *worker = &collector->worker[number];
	struct ort_request request = {.inputs = sample->inputs,
		.input_count = sample->count,
		.outputs = collector->outputs,
		.output_count = collector->output_count,
		.tap_arg = worker,
		.stop = stop};
	struct ort_results results;
	struct error cause = ERROR_INIT;
	bool with_outputs = collector->output_tensors != NULL;

	begin_sample(worker);
	take_inputs(worker, sample);
	if (!ort_run(
		    collector->session, &request, with_outputs ? &results : NULL, &cause))
		return sample_fail(sample, &cause, err);
	if (with_outputs) {
		take_outputs(worker, &results);
		ort_results_release(collector->session, &results);
	}
	end_sample(worker, index);
	return true;
}

/* Bytes of this process in memory; 0 where the system does not tell. */
static size_t resident_bytes(void)
{
	unsigned long whole = 0, resident = 0;
	FILE *file = fopen("/proc/self/statm", "re");

	if (!file)
		return 0;
	if (fscanf(file, "%lu %lu", &whole, &resident) != 2)
		resident = 0;
	fclose(file);
	return resident * (size_t)sysconf(_SC_PAGESIZE);
}

static bool feed_samples(struct collector *collector, size_t first, size_t count,
	const struct progress *progress, struct error *err)
{
	struct feed_job job = {.set = collector->request->samples,
		.first = first,
		.count = count,
		.workers = collector->workers,
		.what = collector->what,
		.done = collector->done,
		.whole = collector->whole,
		.run = run_sample,
		.arg = collector};

	collector->done += count;
	return feed_run(&job, progress, err);
}

/* The first sample is run alone: it shows what one costs in memory. As many are run at a
 * time as do not make the process a fifth larger; the cores are busy either way, since
 * the runtime divides large nodes among them. */
static bool run_first(struct collector *collector, size_t first,
	const struct progress *progress, struct error *err)
{
	unsigned workers = collector->workers;
	size_t before = resident_bytes(), after, more;

	collector->workers = 1;
	collector->settled = true;
	if (!feed_samples(collector, first, 1, progress, err))
		return false;
	after = resident_bytes();
	more = after > before ? after / 5 / (after - before) : workers;
	collector->workers = more + 1 < workers ? (unsigned)more + 1 : workers;
	return true;
}

static bool run_samples(struct collector *collector, size_t first, size_t count,
	const struct progress *progress, struct error *err)
{
	size_t alone = collector->settled || count < 2 ? 0 : 1;

	collector->call_first = first;
	return (!alone || run_first(collector, first, progress, err)) &&
	       feed_samples(collector, first + alone, count - alone, progress, err);
}

/* A Constant is seen once and stands for every sample. */
static bool add_constants(struct collector *collector, size_t samples,
	struct stats *stats, struct error *err)
{
	size_t slots = collector->slots.count;

	for (size_t i = 0; i < slots; i++) {
		tensor_id tensor = collector->slots.items[i];

		if (!constant_is(collector->graph, tensor))
			continue;
		if (!constant_blocks(collector->graph, tensor, scan_each, &stats[i], err))
			return false;
		for (size_t s = 0; collector->extents && s < samples; s++)
			collector->extents[s * slots + i] =
				(struct extent){stats[i].low, stats[i].high};
	}
	return true;
}

static bool count_constants(
	struct collector *collector, size_t samples, struct error *err)
{
	for (size_t i = 0; i < collector->slots.count; i++) {
		tensor_id tensor = collector->slots.items[i];
		struct histogram *histogram = &collector->histograms[i];
		struct counting counting = {histogram, collector->worker[0].scratch};

		if (!constant_is(collector->graph, tensor) || !histogram->next_counts)
			continue;
		memset(counting.scratch, 0,
			grid_scratch(&histogram->next) * sizeof(*counting.scratch));
		if (!constant_blocks(
			    collector->graph, tensor, count_each, &counting, err))
			return false;
		grid_sum(&histogram->next, counting.scratch, histogram->next_counts);
		for (uint32_t k = 0; k < histogram->next.bins; k++)
			histogram->next_counts[k] *= samples;
	}
	return true;
}

bool collect_extents(struct collector *collector, size_t first, size_t count,
	struct stats *stats, const struct progress *progress, struct error *err)
{
	size_t slots = collector->slots.count;

	for (unsigned w = 0; w < collector->worker_count; w++)
		for (size_t i = 0; i < slots; i++)
			collector->worker[w].total[i] = STATS_INIT;
	if (!run_samples(collector, first, count, progress, err))
		return false;
	for (size_t i = 0; i < slots; i++) {
		stats[i] = STATS_INIT;
		for (unsigned w = 0; w < collector->worker_count; w++)
			scan_merge(&stats[i], &collector->worker[w].total[i]);
	}
	return add_constants(collector, count, stats, err);
}

static bool alloc_scratch(struct collector *collector, const struct histogram *histograms,
	struct error *err)
{
	size_t room = 1;

	for (size_t i = 0; i < collector->slots.count; i++)
		if (grid_scratch(&histograms[i].next) > room)
			room = grid_scratch(&histograms[i].next);
	for (unsigned w = 0; w < collector->worker_count; w++) {
		free(collector->worker[w].scratch);
		collector->worker[w].scratch = malloc(room * sizeof(uint32_t));
		if (!collector->worker[w].scratch)
			return error_set_memory(err, "histograms");
	}
	return true;
}

bool collect_counts(struct collector *collector, size_t first, size_t count,
	struct histogram *histograms, const struct progress *progress, struct error *err)
{
	bool done;

	if (!alloc_scratch(collector, histograms, err))
		return false;
	collector->histograms = histograms;
	done = run_samples(collector, first, count, progress, err) &&
	       count_constants(collector, count, err);
	collector->histograms = NULL;
	return done;
}
