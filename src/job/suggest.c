#include "job/suggest.h"

#include "eval/simulation.h"
#include "job/compare.h"
#include "job/speed.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the real model */

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

static bool check_real(const struct session *session, struct compare_request *request,
	struct suggest_report *report, const struct progress *progress, struct error *err)
{
	bool *only = calloc(session->graph->tensor_count + (size_t)1, sizeof(*only));
	struct comparison comparison = {0};
	bool done = only ? mark_targets(session->graph, only, err)
			 : error_set_memory(err, "comparison");

	request->only = only;
	done = done && session_compare_plan(session, report->found.plan, request,
			       &comparison, progress, err);
	report->real = done ? comparison_pooled(&comparison, false) : NAN;
	comparison_release(&comparison);
	free(only);
	return done;
}

static bool time_models(const struct session *session, struct speed_request *request,
	struct suggest_report *report, const struct progress *progress, struct error *err)
{
	struct plan *narrow = plan_snapshot(session->plan, err);
	double ms[SPEED_MODELS];
	bool done = narrow && plan_clear(narrow, err);

	request->session = session;
	request->plans[1] = narrow;
	request->plans[2] = report->found.plan;
	done = done && speed_measure(request, ms, progress, err);
	if (done) {
		report->float_ms = ms[0];
		report->narrow_ms = ms[1];
		report->chosen_ms = ms[2];
	}
	plan_free(narrow);
	return done;
}

/* ---- the whole */

/* An interruption while the file is checked leaves the suggestion as it is. */
static bool keep_found(struct suggest_report *report, struct error *err)
{
	if (err->kind != ERROR_CANCELLED)
		return false;
	error_clear(err);
	report->found.interrupted = true;
	return true;
}

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
		.max_conversions = options->max_conversions,
		.patience = options->patience,
		.scores = options->scores};
	struct compare_request compare = {
		.samples = samples, .runtime = runtime, .threads = options->threads};
	struct speed_request speed = {
		.runtime = runtime, .samples = samples, .threads = options->threads};
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
	return (check_real(session, &compare, report, progress, err) &&
		       time_models(session, &speed, report, progress, err)) ||
	       keep_found(report, err);
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
	report->real = report->float_ms = report->narrow_ms = report->chosen_ms = NAN;
	request.blobs = blobs;
	request.blob_count = demo_sample_blobs(options->demo, blobs);
	samples = sample_set_open(session->graph, &request, err);
	runtime = samples ? ort_runtime_open(options->ort_lib, NULL, err) : NULL;
	done = runtime && run(session, options, samples, runtime, report, progress, err);
	if (samples) {
		report->random = sample_set_is_random(samples);
		report->apart = sample_set_is_share(samples);
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
