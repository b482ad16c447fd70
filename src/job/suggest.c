#include "job/suggest.h"

#include "eval/compare.h"
#include "eval/simulation.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the real model */

/* A folder of our own for the file, or false. */
static bool make_folder(char *path, size_t room, struct error *err)
{
	const char *parent = getenv("TMPDIR");

	snprintf(path, room, "%s/qdqedit-XXXXXX", parent && *parent ? parent : "/tmp");
	return mkdtemp(path) || error_set_errno(err, "%s", path);
}

static double pooled(const struct comparison *comparison)
{
	double noise = 0;
	size_t count = 0;

	for (size_t i = 0; i < comparison->count; i++) {
		const struct compare_row *row = &comparison->rows[i];

		if (row->match.converted || !row->seen)
			continue;
		noise += row->after.noise / row->after.signal;
		count++;
	}
	return count ? -10 * log10(noise / (double)count) : NAN;
}

static bool mark_targets(const struct graph *graph, bool *only, struct error *err)
{
	size_t count;
	bool inner;
	tensor_id *targets = simulation_targets(graph, &count, &inner, err);

	for (size_t i = 0; targets && i < count; i++)
		only[targets[i]] = true;
	free(targets);
	return targets != NULL;
}

static bool compare_file(const struct session *session, const char *path,
	struct compare_request *request, double *sqnr, const struct progress *progress,
	struct error *err)
{
	bool *only = calloc(session->graph->tensor_count + (size_t)1, sizeof(*only));
	struct model *model = model_open(path, NULL, progress, err);
	struct graph *graph = model ? graph_build(model, err) : NULL;
	struct comparison comparison = {0};
	bool done = only && graph && mark_targets(session->graph, only, err);

	if (!only)
		error_set_memory(err, "comparison");
	request->real = session->graph;
	request->quantized = graph;
	request->only = only;
	done = done && compare_models(request, &comparison, progress, err);
	*sqnr = done ? pooled(&comparison) : NAN;
	comparison_release(&comparison);
	graph_free(graph);
	model_free(model);
	free(only);
	return done;
}

static void remove_files(const char *folder, const char *path)
{
	char side[4200];

	snprintf(side, sizeof(side), "%s.data", path);
	unlink(side);
	unlink(path);
	rmdir(folder);
}

static bool check_real(const struct session *session, struct compare_request *request,
	struct suggest_report *report, const struct progress *progress, struct error *err)
{
	struct session with_plan = *session;
	struct quantize_report quantized = {0};
	struct write_options options = {.tolerant = true};
	char folder[4096], path[4110];
	bool done;

	with_plan.plan = report->found.plan;
	if (!make_folder(folder, sizeof(folder), err))
		return false;
	snprintf(path, sizeof(path), "%s/model.onnx", folder);
	done = session_quantize(&with_plan, path, &options, progress, &quantized, err) &&
	       compare_file(session, path, request, &report->real, progress, err);
	quantize_report_release(&quantized);
	remove_files(folder, path);
	return done;
}

/* ---- the whole */

static bool run(const struct session *session, const struct suggest_options *options,
	struct sample_set *samples, struct ort_runtime *runtime,
	struct suggest_report *report, const struct progress *progress, struct error *err)
{
	struct suggest_request request = {.plan = session->plan,
		.runtime = runtime,
		.samples = samples,
		.threads = options->threads,
		.has_goal = options->has_goal,
		.has_within = options->has_within,
		.goal = options->goal,
		.within = options->within,
		.max_conversions = options->max_conversions};
	struct compare_request compare = {
		.samples = samples, .runtime = runtime, .threads = options->threads};
	const struct suggestion *found = &report->found;

	if (!suggest_run(&request, &report->found, progress, err))
		return false;
	if (found->interrupted || !found->chosen.tensors)
		return true;
	compare.count = found->samples;
	if (found->held_out_samples) {
		compare.first = found->samples;
		compare.count = found->held_out_samples;
	}
	return check_real(session, &compare, report, progress, err);
}

bool session_suggest(const struct session *session, const struct suggest_options *options,
	struct suggest_report *report, const struct progress *progress, struct error *err)
{
	struct sample_blob blobs[DEMO_SAMPLES_MAX];
	struct sample_request request = options->samples;
	struct sample_set *samples;
	struct ort_runtime *runtime;
	bool done;

	memset(report, 0, sizeof(*report));
	report->real = NAN;
	request.blobs = blobs;
	request.blob_count = demo_sample_blobs(options->demo, blobs);
	samples = sample_set_open(session->graph, &request, err);
	runtime = samples ? ort_runtime_open(options->ort_lib, NULL, err) : NULL;
	done = runtime && run(session, options, samples, runtime, report, progress, err);
	if (samples) {
		report->random = sample_set_is_random(samples);
		snprintf(report->note, sizeof(report->note), "%s",
			sample_set_note(samples));
	}
	ort_runtime_close(runtime);
	sample_set_free(samples);
	return done;
}

void suggest_report_release(struct suggest_report *report)
{
	suggestion_release(&report->found);
}
