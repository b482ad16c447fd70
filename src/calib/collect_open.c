/* Choosing the tensors, making the tapped model and loading it. */
#include "calib/collect.h"
#include "calib/constant.h"
#include "calib/tap_model.h"
#include "onnx/write.h"

#include <stdlib.h>
#include <string.h>

static bool choose_tensors(struct collector *collector, struct error *err)
{
	const struct graph *graph = collector->graph;

	collector->wanted = calloc(graph->tensor_count + (size_t)1, sizeof(bool));
	collector->slot_of =
		calloc(graph->tensor_count + (size_t)1, sizeof(*collector->slot_of));
	if (!collector->wanted || !collector->slot_of)
		return error_set_memory(err, "calibration");
	if (!calib_select(graph, collector->request->options, collector->request->bodies,
		    collector->wanted, err))
		return false;
	for (tensor_id i = 0; i < graph->tensor_count; i++) {
		if (!collector->wanted[i])
			continue;
		collector->slot_of[i] = (uint32_t)collector->slots.count;
		if (!ARRAY_PUSH(&collector->slots, i))
			return error_set_memory(err, "calibration");
	}
	return collector->slots.count ||
	       error_set(err, ERROR_REFUSED,
		       "no tensor to calibrate: no float tensor is at a node of the "
		       "listed types; see --op-types%s",
		       collector->request->bodies || graph->scope_count < 2
			       ? ""
			       : ", and --bodies for what is inside If, Loop and Scan");
}

static bool make_workers(struct collector *collector, struct error *err)
{
	size_t slots = collector->slots.count;

	collector->workers = feed_threads(collector->request->threads);
	if (collector->workers > sample_set_count(collector->request->samples))
		collector->workers =
			(unsigned)sample_set_count(collector->request->samples);
	collector->worker_count = collector->workers;
	collector->worker = calloc(collector->workers, sizeof(*collector->worker));
	for (unsigned w = 0; collector->worker && w < collector->worker_count; w++) {
		struct collect_worker *worker = &collector->worker[w];

		worker->collector = collector;
		worker->sample = calloc(slots, sizeof(*worker->sample));
		worker->total = calloc(slots, sizeof(*worker->total));
		if (!worker->sample || !worker->total)
			return error_set_memory(err, "calibration");
	}
	return collector->worker || error_set_memory(err, "calibration");
}

/* A step of feed_watch. */
static bool load_model(void *arg, struct ort_stop *stop, struct error *err)
{
	struct collector *collector = arg;
	const struct calib_request *request = collector->request;
	struct ort_session_options options = {.level = 0,
		.threads = feed_threads(request->threads),
		.taps = &collect_taps};
	struct ort_source source = {.name = collector->graph->model->path,
		.folder = model_folder(collector->model)};
	struct model_image image;

	if (!model_encode(collector->model, &image, NULL, err))
		return false;
	source.bytes = image.bytes;
	source.size = image.size;
	collector->session =
		ort_session_open(request->runtime, &source, &options, stop, err);
	model_image_release(&image);
	return collector->session != NULL;
}

/* One output is enough for the taps to see everything. */
static bool ask_for_one(struct collector *collector, struct error *err)
{
	size_t count;
	const struct ort_port *ports = ort_session_outputs(collector->session, &count);

	collector->outputs = calloc(1, sizeof(*collector->outputs));
	if (!collector->outputs)
		return error_set_memory(err, "calibration");
	collector->output_count = count ? 1 : 0;
	if (count)
		collector->outputs[0] = ports[0].name;
	return count || error_set(err, ERROR_REFUSED,
				"the model has no outputs; it cannot be run");
}

/* The tensors to be tapped: those measured, less the constants. */
static bool *tapped_tensors(const struct collector *collector, struct error *err)
{
	size_t count = collector->graph->tensor_count;
	bool *tapped = calloc(count + 1, sizeof(*tapped));

	if (!tapped)
		error_set_memory(err, "taps");
	for (tensor_id i = 0; tapped && i < count; i++)
		tapped[i] = collector->wanted[i] && !constant_is(collector->graph, i);
	return tapped;
}

static bool open_tapped(
	struct collector *collector, const struct progress *progress, struct error *err)
{
	bool *tapped = tapped_tensors(collector, err);

	if (!tapped)
		return false;
	collector->model = tap_model_make(collector->graph, tapped, false, err);
	free(tapped);
	return collector->model &&
	       feed_watch(load_model, collector, "loading", progress, err) &&
	       ask_for_one(collector, err);
}

static bool ask_for_all(struct collector *collector, struct error *err)
{
	const struct graph *graph = collector->graph;
	size_t count = 0;

	collector->outputs =
		calloc(collector->slots.count + 1, sizeof(*collector->outputs));
	collector->output_tensors =
		calloc(collector->slots.count + 1, sizeof(*collector->output_tensors));
	if (!collector->outputs || !collector->output_tensors)
		return error_set_memory(err, "calibration");
	for (size_t i = 0; i < collector->slots.count; i++) {
		tensor_id tensor = collector->slots.items[i];

		if (tensor >= graph->main_tensors || !tap_model_can(graph, tensor) ||
			constant_is(graph, tensor))
			continue;
		collector->output_tensors[count] = tensor;
		collector->outputs[count++] = graph_tensor_name(graph, tensor);
	}
	collector->output_count = count;
	return true;
}

static bool open_plain(
	struct collector *collector, const struct progress *progress, struct error *err)
{
	bool *tapped = tapped_tensors(collector, err);

	model_free(collector->model);
	collector->model =
		tapped ? tap_model_outputs(collector->graph, tapped, err) : NULL;
	free(tapped);
	return collector->model &&
	       feed_watch(load_model, collector, "loading", progress, err) &&
	       ask_for_all(collector, err);
}

bool collect_open(struct collector *collector, const struct calib_request *request,
	struct error *refused, const struct progress *progress, struct error *err)
{
	memset(collector, 0, sizeof(*collector));
	pthread_mutex_init(&collector->lock, NULL);
	collector->request = request;
	collector->graph = request->graph;
	error_clear(refused);
	if (!choose_tensors(collector, err) || !make_workers(collector, err))
		return false;
	if (!request->without_taps) {
		if (open_tapped(collector, progress, refused))
			return true;
		if (refused->kind != ERROR_REFUSED)
			return error_set(err, refused->kind, "%s", refused->text);
	}
	return open_plain(collector, progress, err);
}

void collect_close(struct collector *collector)
{
	for (unsigned w = 0; collector->worker && w < collector->worker_count; w++) {
		free(collector->worker[w].sample);
		free(collector->worker[w].total);
		free(collector->worker[w].scratch);
	}
	ort_session_free(collector->session);
	model_free(collector->model);
	ARRAY_RELEASE(&collector->slots);
	free(collector->worker);
	free(collector->wanted);
	free(collector->slot_of);
	free(collector->outputs);
	free(collector->output_tensors);
	free(collector->extents);
	pthread_mutex_destroy(&collector->lock);
}
