/* Commands that measure with samples. */
#include "base/output.h"
#include "base/text.h"
#include "ui/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Where samples come from. */

static unsigned tell_source(struct ui *ui)
{
	const struct ui_samples *source = &ui->measure.source;
	const struct text_list *data = source->request.data;

	if (source->request.random)
		return ui_say(ui, SEVERITY_NOTE, "samples: %d random ones",
			(int)source->request.random);
	if (data && data->count)
		return ui_say(ui, SEVERITY_NOTE, "samples: %s%s",
			text_quoted_z(data->items[0]), data->count > 1 ? ", ..." : "");
	if (measure_has_samples(ui))
		return ui_say(ui, SEVERITY_NOTE, "samples: those of the demo");
	return ui_say(
		ui, SEVERITY_NOTE, "no samples yet; :samples PATH or :samples random N");
}

/* A comma and an at sign are part of a path. */
static bool take_path(struct ui *ui, const char *path, struct error *err)
{
	struct text_list list = {0};
	struct ui_samples *source = &ui->measure.source;

	if (!text_list_push(&list, path, strlen(path), err))
		return false;
	text_list_release(&ui->measure.own);
	ui->measure.own = list;
	source->request.data = &ui->measure.own;
	source->request.random = 0;
	return true;
}

static unsigned run_samples(struct ui *ui, const char *args)
{
	struct ui_samples *source = &ui->measure.source;
	struct error err = ERROR_INIT;
	long count;
	char *end;

	if (!*args)
		return tell_source(ui);
	if (measure_job_is_busy(&ui->measure))
		return ui_say(ui, SEVERITY_ERROR, "a job is using the samples");
	measure_stop(ui);
	if (!strncmp(args, "random ", 7)) {
		count = strtol(args + 7, &end, 10);
		if (*end || count < 1 || count > 1000000)
			return ui_say(ui, SEVERITY_ERROR,
				"samples: random how many? 1 to 1000000");
		source->request.random = count;
		source->request.data = NULL;
	} else if (!take_path(ui, args, &err)) {
		return ui_fail(ui, &err);
	}
	return tell_source(ui);
}

/* ---- Calibrating. */

/* What the thread has for itself. */
struct calibrating {
	struct session session; /* with a snapshot of the plan */
	struct calibrate_request request;
	char method[32];
	struct ranges ranges;
	struct calib_report report;
};

static bool calibrate(void *arg, const struct progress *progress, struct error *err)
{
	struct calibrating *c = arg;

	return session_calibrate(
		&c->session, &c->request, &c->ranges, &c->report, progress, err);
}

/* One undo group. */
static bool put_into_force(struct ui *ui, struct calibrating *c, struct error *err)
{
	struct plan *plan = ui->session->plan;
	char sentence[96];

	snprintf(sentence, sizeof(sentence), "calibrated, %s, %zu sample%s",
		c->request.method, c->report.samples, text_s(c->report.samples));
	if (!plan_begin(plan, sentence, err))
		return false;
	if (!plan_set_ranges(plan, &c->ranges, err)) {
		plan_abort(plan);
		return false;
	}
	plan_commit(plan);
	return ui_update(ui, err);
}

static unsigned tell_calibrated(struct ui *ui, const struct calibrating *c)
{
	const struct problem_list *notes = &c->report.notes;
	size_t samples = c->report.samples;

	for (size_t i = 0; i < notes->count; i++)
		ui_say(ui, notes->items[i].severity, "%s%s%s", notes->items[i].place,
			*notes->items[i].place ? ": " : "", notes->items[i].cause);
	measure_retry(ui, false);
	return ui_say(ui, c->request.samples.random ? SEVERITY_WARNING : SEVERITY_NOTE,
		       "%u range%s from %zu %ssample%s, %s%s. u undoes, :save-ranges "
		       "writes them",
		       c->report.tensors, text_s(c->report.tensors), samples,
		       c->request.samples.random ? "random " : "", text_s(samples),
		       c->request.method,
		       c->request.samples.random ? ": for trying out, not for use" : "") |
	       DID_EDIT;
}

static unsigned calibrated(struct ui *ui, void *arg, bool done, struct error *err)
{
	struct calibrating *c = arg;
	unsigned did;

	did = done && put_into_force(ui, c, err) ? tell_calibrated(ui, c)
						 : measure_job_fail(ui, err);
	calib_report_release(&c->report);
	ranges_release(&c->ranges);
	plan_free(c->session.plan);
	free(c);
	return did;
}

static unsigned run_calibrate(struct ui *ui, const char *args)
{
	struct calibrating *c = calloc(1, sizeof(*c));
	struct error err = ERROR_INIT;
	enum calibration_method method;

	if (!c)
		return ui_say(ui, SEVERITY_ERROR, "out of memory");
	if (!measure_job_take(ui, &c->session, &c->request, &err))
		return calibrated(ui, c, false, &err);
	snprintf(c->method, sizeof(c->method), "%s", *args ? args : c->request.method);
	c->request.method = c->method;
	if (!calib_parse_method(c->method, &method, &err))
		return calibrated(ui, c, false, &err);
	return measure_job_start(ui, &(struct measure_job){.what = "calibrating",
					     .work = calibrate,
					     .finish = calibrated,
					     .arg = c});
}

/* What has ranges too. */
static const char *not_measurable(const struct ui *ui)
{
	const char *why = measure_job_blocked(ui);

	if (!why && !ui->session->plan->ranges->count)
		why = "there are no ranges; :calibrate measures them";
	return why ? why : command_has_conflicts(ui);
}

/* ---- Ranges to a file: those measured here are nowhere else. A project names it. */

static const char *no_ranges(const struct ui *ui)
{
	return ui->session->plan->ranges->count ? NULL : "there are no ranges";
}

static unsigned run_save_ranges(struct ui *ui, const char *args)
{
	const struct ranges *ranges = ui->session->plan->ranges;
	struct error err = ERROR_INIT;
	bool force, done;
	size_t length;
	char *text;

	args = command_read_bang(args, &force);
	if (!*args)
		return ui_say(ui, SEVERITY_ERROR, "save-ranges: to which file?");
	text = ranges_write(ranges, ui->session->graph, &length);
	done = text ? output_text(args, text, length, force, &err)
		    : error_set_memory(&err, "ranges");
	free(text);
	if (done && strcmp(args, "-"))
		done = plan_ranges_saved(ui->session->plan, args, &err);
	if (!done)
		return ui_fail(ui, &err);
	return ui_say(ui, SEVERITY_NOTE, "%u ranges written to %s", ranges->count,
		text_quoted_z(args));
}

static const char *no_curve(const struct ui *ui)
{
	return ui->measure.suggested ? NULL : "nothing was measured; :suggest does";
}

static unsigned run_curve(struct ui *ui, const char *args)
{
	(void)args;
	return measure_suggest_show(ui);
}

static const struct ui_command table[] = {
	{"samples", "", "[PATH|random N]", GROUP_FILE, "samples...",
		"what accuracy and ranges are measured with", NULL, run_samples},
	{"calibrate", "", "[minmax|percentile|entropy]", GROUP_FILE, "calibrate",
		"measure the ranges with the samples", measure_job_blocked,
		run_calibrate},
	{"save-ranges", "", "[!] FILE", GROUP_FILE, "write ranges",
		"write the calibration ranges in force", no_ranges, run_save_ranges},
	{"compare", "", "", GROUP_FILE, "compare",
		"the error of each tensor in the quantized model, measured",
		not_measurable, measure_compare_run},
	{"suggest", "", "[DB] [within=DB] [conversions=K] [patience=S] [scores=FILE]",
		GROUP_EDIT, "suggest...",
		"what to promote to gain most, by measurement or scores; DB: the goal",
		not_measurable, measure_suggest_run},
	{"curve", "", "", GROUP_EDIT, "suggestions again...",
		"the curve that :suggest found; Enter applies a point", no_curve,
		run_curve},
};

const struct command_part commands_measure = {table, sizeof(table) / sizeof(*table)};
