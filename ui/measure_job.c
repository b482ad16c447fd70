/* Long jobs: one at a time, beside which one goes on browsing and editing. */
#include "ui/ui.h"

#include <stdio.h>

static unsigned end(struct ui *ui)
{
	struct measure_job *job = &ui->measure.job;
	void *arg = job->arg;

	job->arg = NULL;
	return job->finish(ui, arg, job->task.result, &job->task.err);
}

unsigned measure_job_start(struct ui *ui, const struct measure_job *wish)
{
	struct measure_job *job = &ui->measure.job;
	struct error err = ERROR_INIT;

	measure_pause(ui);
	job->what = wish->what;
	job->work = wish->work;
	job->finish = wish->finish;
	job->arg = wish->arg;
	job->begun = ui->now;
	if (!task_start(&job->task, job->work, job->arg, &err)) {
		job->task.err = err;
		return end(ui);
	}
	if (ui->wait)
		return ui_say(ui, SEVERITY_NOTE, "%s; Ctrl-C cancels", job->what);
	task_join(&job->task);
	return end(ui);
}

const char *measure_job_blocked(const struct ui *ui)
{
	if (measure_job_is_busy(&ui->measure))
		return "another job is under way; Ctrl-C cancels it";
	if (!measure_has_samples(ui))
		return "there are no samples; :samples PATH or :samples random N";
	return NULL;
}

bool measure_job_take(struct ui *ui, struct session *session,
	struct calibrate_request *request, struct error *err)
{
	const struct ui_samples *source = &ui->measure.source;

	*request = (struct calibrate_request){.samples = source->request,
		.demo = source->demo,
		.method = source->method ? source->method : "minmax",
		.ort_lib = source->ort_lib,
		.threads = source->threads,
		.bodies = true};
	*session = *ui->session;
	session->plan = plan_snapshot(ui->session->plan, err);
	return session->plan;
}

unsigned measure_job_fail(struct ui *ui, const struct error *err)
{
	if (err->kind == ERROR_CANCELLED)
		return ui_say(ui, SEVERITY_NOTE, "%s: cancelled, nothing is changed",
			ui->measure.job.what);
	return ui_fail(ui, err);
}

unsigned measure_job_follow(struct ui *ui)
{
	return task_has_ended(&ui->measure.job.task) ? end(ui) : DID_NOTHING;
}

bool measure_job_cancel(struct ui *ui)
{
	struct measure_job *job = &ui->measure.job;

	if (!job->task.busy)
		return false;
	task_cancel(&job->task);
	ui_say(ui, SEVERITY_NOTE, "%s: it will end in a moment", job->what);
	return true;
}

void measure_job_stop(struct ui *ui)
{
	struct measure_job *job = &ui->measure.job;

	task_cancel(&job->task);
	if (task_join(&job->task))
		end(ui);
}

/* Time left, from what has been done so far. */
static unsigned seconds_left(
	const struct measure_job *job, uint64_t now, unsigned percent)
{
	uint64_t spent = now - job->begun;

	return percent ? (unsigned)(spent * (100 - percent) / percent / 1000) : 0;
}

void measure_job_word(const struct ui *ui, char *out, size_t room)
{
	const struct measure_job *job = &ui->measure.job;
	unsigned percent, left;
	size_t n;

	*out = '\0';
	if (!job->task.busy)
		return;
	percent = task_percent(&job->task);
	left = seconds_left(job, ui->now, percent);
	n = (size_t)snprintf(out, room, "%s %u %%", job->what, percent);
	if (left > 1 && n < room)
		snprintf(out + n, room - n, ", %u s left", left);
}
