#include "eval/tapped_session.h"

#include "calib/constant.h"
#include "calib/feed.h"
#include "calib/tap_model.h"
#include "onnx/write.h"

#include <stdlib.h>

/* A load under way, for feed_watch. */
struct loading {
	const struct tapped_session *wanted;
	const struct model *model;
	struct ort_session *session;
};

static bool load(void *arg, struct ort_stop *stop, struct error *err)
{
	struct loading *loading = arg;
	const struct tapped_session *wanted = loading->wanted;
	struct ort_session_options options = {.level = 0,
		.threads = wanted->threads,
		.exact = true,
		.taps = wanted->taps,
		.initializers = wanted->initializers,
		.initializer_count = wanted->initializer_count};
	struct ort_source source = {.name = wanted->graph->model->path,
		.folder = model_folder(loading->model)};
	struct model_image image;

	if (!model_encode(loading->model, &image, NULL, err))
		return false;
	source.bytes = image.bytes;
	source.size = image.size;
	loading->session =
		ort_session_open(wanted->runtime, &source, &options, stop, err);
	model_image_release(&image);
	return loading->session != NULL;
}

static struct model *put_taps_in(const struct tapped_session *wanted, struct error *err)
{
	const struct graph *graph = wanted->graph;
	bool *tapped = calloc(graph->tensor_count + (size_t)1, sizeof(*tapped));
	struct model *model;

	if (!tapped) {
		error_set_memory(err, "taps");
		return NULL;
	}
	for (tensor_id i = 0; i < graph->tensor_count; i++)
		tapped[i] = wanted->wanted[i] && !constant_is(graph, i);
	model = tap_model_make(graph, tapped, wanted->changing, err);
	free(tapped);
	return model;
}

struct ort_session *tapped_session_open(const struct tapped_session *wanted,
	const struct progress *progress, struct error *err)
{
	struct model *made = wanted->model ? NULL : put_taps_in(wanted, err);
	struct loading loading = {wanted, made ? made : wanted->model, NULL};

	if (!loading.model)
		return NULL;
	if (!feed_watch(load, &loading, "loading", progress, err)) {
		ort_session_free(loading.session);
		loading.session = NULL;
	}
	model_free(made);
	return loading.session;
}
