#include "ui/measure.h"

#include "job/demos.h"

#include "ui/ui.h"

#include <math.h>
#include <string.h>

enum { SAMPLES = 3, TURN = 25, JOB_TURN = 100, NAMED = 100 };

void measure_take_source(struct ui *ui, const struct ui_options *options)
{
	ui->measure.source = options->samples;
	measure_take_demo(ui);
}

void measure_take_library(struct ui *ui)
{
	measure_stop(ui);
	ui->measure.source.ort_lib = ui->settings.ort_lib;
	measure_retry(ui, true);
}

void measure_take_demo(struct ui *ui)
{
	static const char begin[] = "demo:";
	const char *path = ui->session->input->path;
	const struct demo *demo = strncmp(path, begin, sizeof(begin) - 1)
					  ? NULL
					  : demo_find(path + sizeof(begin) - 1);

	ui->measure.source.demo = demo ? demo->name : NULL;
}

/* Some were asked for: not those of a demo. */
static bool are_named(const struct ui_samples *source)
{
	return source->request.random ||
	       (source->request.data && source->request.data->count);
}

bool measure_has_samples(const struct ui *ui)
{
	const struct ui_samples *source = &ui->measure.source;
	struct sample_blob blobs[DEMO_SAMPLES_MAX];

	return are_named(source) || demo_sample_blobs(source->demo, blobs);
}

/* ---- On the thread. */

/* The constants' types and parameters: what the weights of a simulation depend on. */
static bool same_constants(struct plan *a, struct plan *b, struct error *err)
{
	const struct outcome *x = plan_outcome(a, err), *y = plan_outcome(b, err);

	if (!x || !y)
		return false;
	for (tensor_id i = 0; i < a->graph->tensor_count; i++) {
		const struct tensor_state *s = &x->tensors[i], *t = &y->tensors[i];

		if (!(s->flags & STATE_CONSTANT))
			continue;
		if (s->stored != t->stored || s->converted != t->converted ||
			(s->flags | t->flags) & STATE_EDITED)
			return false;
	}
	return true;
}

static bool fits(const struct live_state *live, struct error *err)
{
	return live->live && live->base && live->base->options == live->plan->options &&
	       live->base->ranges == live->plan->ranges &&
	       same_constants(live->base, live->plan, err);
}

/* Freed by sample_set_free; `blobs` is filled and has to live as long. */
static struct sample_set *open_samples(const struct measure *measure,
	struct sample_blob blobs[DEMO_SAMPLES_MAX], struct error *err)
{
	struct sample_request request = measure->source.request;

	request.blobs = blobs;
	request.blob_count = demo_sample_blobs(measure->source.demo, blobs);
	return sample_set_open(measure->live.graph, &request, err);
}

static bool open_with(const struct measure *measure, struct live_state *live,
	struct sample_set *samples, const struct progress *progress, struct error *err)
{
	struct live_request request = {.plan = live->base,
		.samples = samples,
		.most = are_named(&measure->source) ? SAMPLES : DEMO_SAMPLES_MAX,
		.threads = measure->source.threads};

	if (!live->runtime)
		live->runtime = ort_runtime_open(measure->source.ort_lib, NULL, err);
	request.runtime = live->runtime;
	live->live = live->runtime ? live_open(&request, progress, err) : NULL;
	return live->live;
}

static bool open_live(const struct measure *measure, struct live_state *live,
	const struct progress *progress, struct error *err)
{
	struct sample_blob blobs[DEMO_SAMPLES_MAX];
	struct sample_set *samples;
	bool opened;

	plan_free(live->base);
	live->base = plan_snapshot(live->plan, err);
	samples = live->base ? open_samples(measure, blobs, err) : NULL;
	opened = samples && open_with(measure, live, samples, progress, err);
	sample_set_free(samples);
	return opened;
}

/* Other weights: what was measured of the float model stays. */
static bool renew_live(
	struct live_state *live, const struct progress *progress, struct error *err)
{
	plan_free(live->base);
	live->base = NULL;
	if (!live_renew(live->live, live->plan, progress, err))
		return false;
	live->base = plan_snapshot(live->plan, err);
	return live->base;
}

/* So that the weights are those of the plan. */
static bool prepare_live(
	struct measure *measure, const struct progress *progress, struct error *err)
{
	struct live_state *live = &measure->live;

	if (fits(live, err))
		return true;
	if (error_is_set(err))
		return false;
	return live->live ? renew_live(live, progress, err)
			  : open_live(measure, live, progress, err);
}

static bool measure_plan(void *arg, const struct progress *progress, struct error *err)
{
	struct measure *measure = arg;
	struct live_state *live = &measure->live;

	return prepare_live(measure, progress, err) &&
	       live_measure(live->live, live->plan, &live->measured, progress, err);
}

/* The values of single tensors, by a pass of its own. */
static bool look_at_values(void *arg, const struct progress *progress, struct error *err)
{
	struct measure *measure = arg;
	struct live_state *live = &measure->live;
	struct sample_blob blobs[DEMO_SAMPLES_MAX];
	struct profile_request look = {
		.plan = live->plan, .runtime = live->runtime, .most = SAMPLES};
	bool done;

	look.samples = open_samples(measure, blobs, err);
	done = look.samples && profile_measure(&look, &live->looked, progress, err);
	sample_set_free(look.samples);
	return done;
}

/* ---- On the editor's. */

static bool is_profile_of(const struct live_state *live, const struct plan *plan)
{
	return live->profile.of && live->profile_plan->options == plan->options &&
	       live->profile_plan->ranges == plan->ranges;
}

const struct profile *measure_profile(const struct ui *ui)
{
	const struct live_state *live = &ui->measure.live;

	return is_profile_of(live, ui->session->plan) ? &live->profile : NULL;
}

static bool is_wanted(const struct ui *ui)
{
	const struct live_state *live = &ui->measure.live;
	const struct plan *plan = ui->session->plan;

	return ui->settings.live && !live->given_up &&
	       !measure_job_is_busy(&ui->measure) && plan->ranges->count &&
	       measure_has_samples(ui) && live->failed != plan->generation &&
	       !(live->has && live->generation == plan->generation);
}

/* Behind the accuracy, which matters more. */
static bool is_look_wanted(const struct ui *ui)
{
	const struct live_state *live = &ui->measure.live;
	const struct plan *plan = ui->session->plan;

	return ui->settings.live && live->live && live->has && !live->blind &&
	       live->generation == plan->generation &&
	       !measure_job_is_busy(&ui->measure) && !is_profile_of(live, plan);
}

static unsigned take_profile(struct ui *ui)
{
	struct live_state *live = &ui->measure.live;
	struct profile *looked = &live->looked;

	live->looking = false;
	if (!live->task.result) {
		live->blind = live->task.err.kind != ERROR_CANCELLED;
		profile_release(looked);
		return live->blind
			       ? ui_say(ui, SEVERITY_WARNING, "%s", live->task.err.text)
			       : DID_NOTHING;
	}
	profile_release(&live->profile);
	plan_free(live->profile_plan);
	live->profile = *looked;
	*looked = (struct profile){0};
	live->profile_plan = live->plan;
	live->plan = NULL;
	return DID_REDRAW;
}

/* Who did not ask for it finds in :messages why there is none. */
static unsigned tell(struct ui *ui, const char *text)
{
	struct messages *messages = &ui->messages;
	enum severity severity = messages->severity;
	char line[sizeof(messages->line)];
	bool asked = ui->measure.asked || are_named(&ui->measure.source);

	memcpy(line, messages->line, sizeof(line));
	ui_say(ui, SEVERITY_WARNING, "%s", text);
	if (asked)
		return DID_REDRAW;
	memcpy(messages->line, line, sizeof(line));
	messages->severity = severity;
	return DID_NOTHING;
}

static unsigned take_result(struct ui *ui)
{
	struct live_state *live = &ui->measure.live;

	if (live->task.result) {
		live->before = live->sqnr;
		live->has_before = live->has;
		live->sqnr = live->measured;
		live->generation = live->plan->generation;
		live->has = true;
		return DID_REDRAW;
	}
	if (live->task.err.kind == ERROR_CANCELLED)
		return DID_NOTHING;
	live->failed = live->plan->generation;
	live->given_up = !live->live;
	return tell(ui, live->task.err.text);
}

static unsigned end(struct ui *ui)
{
	struct live_state *live = &ui->measure.live;
	unsigned did = live->looking ? take_profile(ui) : take_result(ui);

	plan_free(live->plan);
	live->plan = NULL;
	return did;
}

static unsigned start(struct ui *ui, bool looking)
{
	struct live_state *live = &ui->measure.live;
	struct error err = ERROR_INIT;

	live->graph = ui->session->graph;
	live->looking = looking;
	live->plan = plan_snapshot(ui->session->plan, &err);
	if (live->plan && task_start(&live->task, looking ? look_at_values : measure_plan,
				  &ui->measure, &err))
		return DID_NOTHING;
	live->looking = false;
	live->blind = live->blind || looking;
	plan_free(live->plan);
	live->plan = NULL;
	live->failed = ui->session->plan->generation;
	return ui_fail(ui, &err);
}

unsigned measure_follow(struct ui *ui)
{
	struct live_state *live = &ui->measure.live;
	unsigned did = measure_job_follow(ui);

	if (task_has_ended(&live->task))
		did |= end(ui);
	if (live->task.busy &&
		(!ui->settings.live ||
			live->plan->generation != ui->session->plan->generation))
		task_cancel(&live->task);
	for (int both = 0; both < 2 && !live->task.busy; both++) {
		if (is_wanted(ui))
			did |= start(ui, false);
		else if (is_look_wanted(ui))
			did |= start(ui, true);
		if (!ui->wait && task_join(&live->task))
			did |= end(ui);
	}
	return did;
}

int measure_patience(const struct ui *ui)
{
	if (ui->measure.live.task.busy || is_wanted(ui) || is_look_wanted(ui))
		return TURN;
	return measure_job_is_busy(&ui->measure) ? JOB_TURN : -1;
}

void measure_pause(struct ui *ui)
{
	struct live_state *live = &ui->measure.live;

	task_cancel(&live->task);
	if (task_join(&live->task))
		end(ui);
}

void measure_stop(struct ui *ui)
{
	struct live_state *live = &ui->measure.live;

	measure_job_stop(ui);
	measure_forget_errors(ui);
	measure_forget_suggestion(ui);
	task_cancel(&live->task);
	task_join(&live->task);
	live_free(live->live);
	ort_runtime_close(live->runtime);
	plan_free(live->base);
	plan_free(live->plan);
	plan_free(live->profile_plan);
	profile_release(&live->profile);
	profile_release(&live->looked);
	memset(live, 0, sizeof(*live));
}

void measure_retry(struct ui *ui, bool asked)
{
	ui->measure.asked |= asked;
	ui->measure.live.given_up = false;
	ui->measure.live.failed = 0;
	ui->measure.live.blind = false;
}

void measure_release(struct ui *ui)
{
	measure_stop(ui);
	text_list_release(&ui->measure.own);
}

void measure_decibels(double value, char *out, size_t room)
{
	if (isfinite(value))
		snprintf(out, room, "%.1f dB", value);
	else
		snprintf(out, room,
			isnan(value) ? "not finite"
			: value > 0  ? "exact"
				     : "lost");
}

/* To tenths, without a minus in front of 0. */
static double rounded(double value)
{
	return round(10 * value) / 10 + 0.0;
}

void measure_word(const struct ui *ui, char *out, size_t room, bool *stale)
{
	const struct live_state *live = &ui->measure.live;
	const struct plan *plan = ui->session->plan;
	char number[32], gain[32] = "";

	*out = '\0';
	*stale = live->generation != plan->generation;
	if (!ui->settings.live || !plan->ranges->count ||
		(!live->has && !live->task.busy))
		return;
	measure_decibels(live->sqnr, number, sizeof(number));
	if (!*stale && live->has_before && isfinite(live->sqnr - live->before))
		snprintf(
			gain, sizeof(gain), " %+.1f", rounded(live->sqnr - live->before));
	snprintf(out, room, "%s%s%s", ui->frame.w < NAMED ? "" : "SQNR ",
		live->has ? number : "", *stale ? live->has ? " …" : "…" : gain);
}
