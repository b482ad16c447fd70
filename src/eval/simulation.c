#include "eval/simulation.h"

#include "base/text.h"
#include "calib/feed.h"
#include "calib/scan.h"
#include "eval/metric.h"
#include "eval/tapped_session.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* What a run hands to its taps. */
struct tap_work {
	const struct sim_tap *taps;
	const struct sim_trial *trial;
	const struct sim_watch *watch; /* may be NULL */
};

static const struct sim_rounding *rounding_at(const struct tap_work *work, int64_t index)
{
	static const struct sim_rounding off;
	const struct sim_trial *trial = work ? work->trial : NULL;

	if (!trial || !trial->table)
		return &off;
	if (trial->place &&
		trial->place[work->taps[index].tensor] - trial->first >= trial->count)
		return &off;
	return &trial->table[index];
}

static void round_value(const struct rounding *rounding, const struct ort_tensor *value,
	const void *from, void *to)
{
	if (value->type == ELEMENT_FLOAT16)
		rounding_apply_half(rounding, from, to, value->count);
	else
		rounding_apply(rounding, from, to, value->count);
}

/* Only the taps that stand for all readers are watched. */
static bool watch_value(const struct tap_work *work, int64_t index,
	const struct ort_tensor *value, bool rounded, struct error *err)
{
	const struct sim_tap *tap = &work->taps[index];

	return tap->reader != GRAPH_NONE ||
	       work->watch->see(work->watch->arg, tap->tensor, value, rounded, err);
}

static bool change(void *arg, int64_t index, const struct ort_tensor *value, void *out,
	struct error *err)
{
	const struct tap_work *work = arg;
	const struct sim_rounding *r = rounding_at(work, index);

	if (work && work->watch && !watch_value(work, index, value, false, err))
		return false;
	round_value(&r->first, value, value->data, out);
	if (r->second.scale != 0)
		round_value(&r->second, value, out, out);
	if (work && work->watch) {
		struct ort_tensor after = *value;

		after.data = out;
		return watch_value(work, index, &after, true, err);
	}
	return true;
}

static const struct ort_taps taps = {NULL, change};

/* ---- what is measured */

static bool passes_on(const char *op_type)
{
	static const char *const names[] = {
		"Reshape", "Transpose", "Flatten", "Identity", "Squeeze", "Unsqueeze"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(op_type, names[i]))
			return true;
	return false;
}

static tensor_id softmax_input(const struct graph *graph, tensor_id tensor)
{
	for (int depth = 0; depth < 8; depth++) {
		node_id node = graph->tensors[tensor].producer;

		if (node == GRAPH_NONE || !graph->nodes[node].input_count)
			return GRAPH_NONE;
		tensor = graph_input_of(graph, node, 0);
		if (tensor == GRAPH_NONE ||
			!strcmp(graph_op_type(graph, node), "Softmax"))
			return tensor;
		if (!passes_on(graph_op_type(graph, node)))
			return GRAPH_NONE;
	}
	return GRAPH_NONE;
}

tensor_id *simulation_targets(
	const struct graph *graph, size_t *count, bool *inner, struct error *err)
{
	tensor_id *targets = calloc(graph->output_count + (size_t)1, sizeof(*targets));

	*count = 0;
	*inner = false;
	if (!targets) {
		error_set_memory(err, "the simulation");
		return NULL;
	}
	for (uint32_t i = 0; i < graph->output_count; i++) {
		tensor_id tensor = graph->outputs[i], input;

		if (!element_is_float(graph->tensors[tensor].element_type))
			continue;
		input = softmax_input(graph, tensor);
		*inner = *inner || input != GRAPH_NONE;
		targets[(*count)++] = input != GRAPH_NONE ? input : tensor;
	}
	if (*count)
		return targets;
	error_set(err, ERROR_REFUSED,
		"%s: it has no float output to measure; give a model that has one",
		text_path(graph->model->path));
	free(targets);
	return NULL;
}

/* ---- opening */

bool simulation_open(struct simulation *sim, const struct simulation_request *request,
	const struct progress *progress, struct error *err)
{
	struct tapped_session session = {.runtime = request->runtime,
		.graph = request->graph,
		.taps = &taps,
		.threads = 1};

	memset(sim, 0, sizeof(*sim));
	sim->graph = request->graph;
	sim->workers = request->threads ? request->threads : 1;
	if (!sim_model_make(&sim->model, request->graph, request->outcome,
		    request->measured, request->measured_count, err))
		return false;
	sim->outputs = calloc(request->measured_count + 1, sizeof(*sim->outputs));
	if (!sim->outputs)
		return error_set_memory(err, "the simulation");
	sim->output_count = request->measured_count;
	for (size_t i = 0; i < request->measured_count; i++)
		sim->outputs[i] = graph_tensor_name(request->graph, request->measured[i]);
	session.model = sim->model.model;
	if (request->weights) {
		session.initializers = request->weights->items;
		session.initializer_count = request->weights->count;
	}
	sim->session = tapped_session_open(&session, progress, err);
	model_free(sim->model.model);
	sim->model.model = NULL;
	return sim->session != NULL;
}

void simulation_release(struct simulation *sim)
{
	ort_session_free(sim->session);
	sim_model_release(&sim->model);
	free(sim->outputs);
	memset(sim, 0, sizeof(*sim));
}

/* ---- the reference */

struct referring {
	struct sim_reference *reference;
	struct simulation *sim;
};

/* For scan_blocks. */
static void keep_block(void *arg, const float *values, size_t count)
{
	float **at = arg;

	memcpy(*at, values, count * sizeof(*values));
	*at += count;
}

static bool keep_output(const struct referring *referring, size_t at,
	const struct ort_tensor *value, struct error *err)
{
	struct sim_reference *reference = referring->reference;
	float *end;

	if (!element_is_float(value->type))
		return error_set(err, ERROR_REFUSED,
			"a measured output is no float tensor at run time; give another "
			"model");
	if (value->count >= SIZE_MAX / sizeof(float))
		return error_set_memory(err, "the reference");
	end = reference->values[at] = malloc((value->count + 1) * sizeof(float));
	if (!end)
		return error_set_memory(err, "the reference");
	scan_blocks(value, keep_block, &end);
	reference->counts[at] = value->count;
	for (size_t i = 0; i < value->count; i++)
		if (!isfinite(reference->values[at][i]))
			return error_set(err, ERROR_REFUSED,
				"the float model gives NaN or infinity with it, which "
				"nothing can be measured against; %s",
				referring->sim->graph->quantized
					? "measure on the float model that this one was "
					  "made from"
					: "leave it out");
	return true;
}

static bool refer(void *arg, unsigned worker, size_t index, const struct sample *unused,
	struct ort_stop *stop, struct error *err)
{
	struct referring *referring = arg;
	struct sim_reference *reference = referring->reference;
	const struct sample *sample = &reference->samples[index];
	struct ort_request request = {.inputs = sample->inputs,
		.input_count = sample->count,
		.outputs = referring->sim->outputs,
		.output_count = referring->sim->output_count,
		.stop = stop};
	struct ort_results results;
	struct error cause = ERROR_INIT;
	bool kept = true;

	(void)worker, (void)unused;
	if (!ort_run(referring->sim->session, &request, &results, &cause))
		return sample_fail(sample, &cause, err);
	for (size_t i = 0; kept && i < results.count; i++)
		kept = keep_output(referring, index * reference->measured_count + i,
			&results.tensors[i], &cause);
	ort_results_release(referring->sim->session, &results);
	return kept || sample_fail(sample, &cause, err);
}

static bool load_samples(struct sim_reference *reference, struct sample_set *set,
	size_t count, struct error *err)
{
	reference->samples = calloc(count + 1, sizeof(*reference->samples));
	if (!reference->samples)
		return error_set_memory(err, "samples");
	for (; reference->sample_count < count; reference->sample_count++)
		if (!sample_load(set, reference->sample_count,
			    &reference->samples[reference->sample_count], err))
			return false;
	return true;
}

bool sim_reference_make(struct sim_reference *reference, struct simulation *sim,
	struct sample_set *samples, size_t most, const struct progress *progress,
	struct error *err)
{
	size_t count = sample_set_count(samples), places;
	struct referring referring = {reference, sim};
	struct feed_job job = {.workers = sim->workers,
		.what = "measuring the float model",
		.run = refer,
		.arg = &referring};

	memset(reference, 0, sizeof(*reference));
	if (count > most)
		count = most;
	if (!load_samples(reference, samples, count, err))
		return false;
	reference->measured_count = sim->output_count;
	places = count * sim->output_count + 1;
	reference->values = calloc(places, sizeof(*reference->values));
	reference->counts = calloc(places, sizeof(*reference->counts));
	if (!reference->values || !reference->counts)
		return error_set_memory(err, "the reference");
	job.count = job.whole = count;
	return feed_run(&job, progress, err);
}

void sim_reference_release(struct sim_reference *reference)
{
	size_t places = reference->sample_count * reference->measured_count;

	for (size_t i = 0; reference->values && i < places; i++)
		free(reference->values[i]);
	for (size_t i = 0; i < reference->sample_count; i++)
		sample_release(&reference->samples[i]);
	free(reference->values);
	free(reference->counts);
	free(reference->samples);
	memset(reference, 0, sizeof(*reference));
}

/* ---- trials */

struct measuring {
	struct simulation *sim;
	const struct sim_reference *reference;
	size_t first, count; /* samples */
	struct sim_trial *trials;
	struct metric *metrics; /* by trial and measured tensor */
	pthread_mutex_t lock;
};

/* For scan_blocks. */
struct adding {
	struct metric *metric;
	const float *reference;
};

static void add_block(void *arg, const float *values, size_t count)
{
	struct adding *adding = arg;

	metric_add(adding->metric, adding->reference, values, count);
	adding->reference += count;
}

static bool add_output(struct measuring *m, size_t trial, size_t sample, size_t output,
	const struct ort_tensor *value, struct error *err)
{
	const struct sim_reference *reference = m->reference;
	size_t at = sample * reference->measured_count + output;
	struct metric metric = {0};
	struct adding adding = {&metric, reference->values[at]};

	if (!element_is_float(value->type) || value->count != reference->counts[at])
		return error_set(err, ERROR_REFUSED,
			"an output changes its shape when values are rounded; compare "
			"the quantized file tensor by tensor instead");
	scan_blocks(value, add_block, &adding);
	pthread_mutex_lock(&m->lock);
	metric_merge(&m->metrics[trial * reference->measured_count + output], &metric);
	pthread_mutex_unlock(&m->lock);
	return true;
}

static bool run_trial(void *arg, unsigned worker, size_t index,
	const struct sample *unused, struct ort_stop *stop, struct error *err)
{
	struct measuring *m = arg;
	size_t trial = index / m->count, number = m->first + index % m->count;
	const struct sample *sample = &m->reference->samples[number];
	struct tap_work work = {.taps = m->sim->model.taps, .trial = &m->trials[trial]};
	struct ort_request request = {.inputs = sample->inputs,
		.input_count = sample->count,
		.outputs = m->sim->outputs,
		.output_count = m->sim->output_count,
		.tap_arg = &work,
		.stop = stop};
	struct ort_results results;
	bool added = true;

	(void)worker, (void)unused;
	if (!ort_run(m->sim->session, &request, &results, err))
		return false;
	for (size_t i = 0; added && i < results.count; i++)
		added = add_output(m, trial, number, i, &results.tensors[i], err);
	ort_results_release(m->sim->session, &results);
	return added;
}

/* Each output's noise is divided by its own signal. */
static double pooled_sqnr(const struct metric *metrics, size_t count)
{
	double noise = 0;

	if (count == 1)
		return metric_sqnr(metrics);
	for (size_t i = 0; i < count; i++)
		noise += metrics[i].noise == 0 ? 0 : metrics[i].noise / metrics[i].signal;
	return noise == 0 ? INFINITY : -10 * log10(noise / (double)count);
}

bool simulation_measure(struct simulation *sim, const struct sim_reference *reference,
	size_t first, size_t count, struct sim_trial *trials, size_t trial_count,
	const char *what, const struct progress *progress, struct error *err)
{
	struct measuring m = {.sim = sim,
		.reference = reference,
		.first = first,
		.count = count,
		.trials = trials};
	size_t outputs = reference->measured_count;
	struct feed_job job = {.count = trial_count * count,
		.whole = trial_count * count,
		.workers = sim->workers,
		.what = what,
		.run = run_trial,
		.arg = &m};
	bool done;

	m.metrics = calloc(trial_count * outputs + 1, sizeof(*m.metrics));
	if (!m.metrics)
		return error_set_memory(err, "the simulation");
	pthread_mutex_init(&m.lock, NULL);
	done = feed_run(&job, progress, err);
	for (size_t i = 0; done && i < trial_count; i++)
		trials[i].sqnr = pooled_sqnr(&m.metrics[i * outputs], outputs);
	pthread_mutex_destroy(&m.lock);
	free(m.metrics);
	return done;
}

bool simulation_watch(struct simulation *sim, const struct sample *sample,
	const struct sim_rounding *table, const struct sim_watch *watch,
	struct ort_stop *stop, struct error *err)
{
	struct sim_trial trial = {.table = table};
	struct tap_work work = {sim->model.taps, &trial, watch};
	struct ort_request request = {.inputs = sample->inputs,
		.input_count = sample->count,
		.outputs = sim->outputs,
		.output_count = sim->output_count,
		.tap_arg = &work,
		.stop = stop};

	return ort_run(sim->session, &request, NULL, err);
}
