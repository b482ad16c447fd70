#include "job/speed.h"

#include "base/output.h"
#include "calib/feed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 15 };

/* No further round begins after so long. */
static const double SECONDS_MOST = 2;

struct timing {
	const struct speed_request *request;
	struct sample sample;
	struct ort_session *sessions[SPEED_MODELS];
	double times[SPEED_MODELS][ROUNDS];
	int rounds;
};

/* A load, for feed_watch. */
struct loading {
	const struct speed_request *request;
	struct ort_source source;
	struct ort_session *session;
};

static bool load(void *arg, struct ort_stop *stop, struct error *err)
{
	struct loading *loading = arg;
	struct ort_session_options options = {
		.level = 99, .threads = feed_threads(loading->request->threads)};

	loading->session = ort_session_open(
		loading->request->runtime, &loading->source, &options, stop, err);
	return loading->session;
}

static bool open_float(
	struct loading *loading, const struct progress *progress, struct error *err)
{
	const struct model *model = loading->request->session->model;
	struct model_image image;
	bool done;

	if (!model_encode(model, &image, NULL, err))
		return false;
	loading->source = (struct ort_source){.name = model->path,
		.bytes = image.bytes,
		.size = image.size,
		.folder = model_folder(model)};
	done = feed_watch(load, loading, "loading", progress, err);
	model_image_release(&image);
	return done;
}

static bool open_plan(struct loading *loading, struct plan *plan,
	const struct progress *progress, struct error *err)
{
	struct session with_plan = *loading->request->session;
	struct write_options options = {.tolerant = true};
	struct quantize_report quantized = {0};
	struct output_folder folder;
	bool done;

	with_plan.plan = plan;
	if (!output_folder_make(&folder, "model.onnx", err))
		return false;
	loading->source =
		(struct ort_source){.name = "the quantized model", .path = folder.file};
	done = session_quantize(
		       &with_plan, folder.file, &options, progress, &quantized, err) &&
	       feed_watch(load, loading, "loading", progress, err);
	quantize_report_release(&quantized);
	output_folder_remove(&folder);
	return done;
}

/* What is refused is left out. */
static bool open_one(
	struct timing *t, int i, const struct progress *progress, struct error *err)
{
	struct loading loading = {.request = t->request};
	struct plan *plan = t->request->plans[i];
	struct error refused = ERROR_INIT;

	if (plan ? open_plan(&loading, plan, progress, &refused)
		 : open_float(&loading, progress, &refused))
		t->sessions[i] = loading.session;
	else
		ort_session_free(loading.session);
	return t->sessions[i] || refused.kind == ERROR_REFUSED ||
	       error_set(err, refused.kind, "%s", refused.text);
}

static bool run_one(struct timing *t, int i, struct ort_stop *stop, struct error *err)
{
	struct ort_request request = {
		.inputs = t->sample.inputs, .input_count = t->sample.count, .stop = stop};
	double begun = progress_seconds();
	struct ort_results results;

	if (!ort_run(t->sessions[i], &request, &results, err))
		return false;
	t->times[i][t->rounds] = progress_seconds() - begun;
	ort_results_release(t->sessions[i], &results);
	return true;
}

static bool run_round(struct timing *t, struct ort_stop *stop, struct error *err)
{
	for (int i = 0; i < SPEED_MODELS; i++)
		if (t->sessions[i] && !run_one(t, i, stop, err))
			return false;
	return true;
}

/* The first round only warms up. */
static bool run_rounds(void *arg, struct ort_stop *stop, struct error *err)
{
	struct timing *t = arg;
	double begun;

	if (!run_round(t, stop, err))
		return false;
	begun = progress_seconds();
	while (t->rounds < ROUNDS &&
		(t->rounds < 3 || progress_seconds() < begun + SECONDS_MOST)) {
		if (!run_round(t, stop, err))
			return false;
		t->rounds++;
	}
	return true;
}

static int by_time(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void take_medians(struct timing *t, double ms[SPEED_MODELS])
{
	for (int i = 0; i < SPEED_MODELS; i++) {
		if (!t->sessions[i])
			continue;
		qsort(t->times[i], (size_t)t->rounds, sizeof(double), by_time);
		ms[i] = 1e3 * t->times[i][t->rounds / 2];
	}
}

bool speed_measure(const struct speed_request *request, double ms[SPEED_MODELS],
	const struct progress *progress, struct error *err)
{
	struct timing t = {.request = request};
	struct error failed = ERROR_INIT;
	bool done = sample_load(request->samples, 0, &t.sample, err);

	for (int i = 0; i < SPEED_MODELS; i++) {
		ms[i] = NAN;
		done = done && open_one(&t, i, progress, err);
	}
	if (done && feed_watch(run_rounds, &t, "timing", progress, &failed))
		take_medians(&t, ms);
	else if (done && failed.kind != ERROR_REFUSED)
		done = error_set(err, failed.kind, "%s", failed.text);
	for (int i = 0; i < SPEED_MODELS; i++)
		ort_session_free(t.sessions[i]);
	sample_release(&t.sample);
	return done;
}
