/* The comparison of the quantized model with the float model, tensor by tensor. */
#include "job/compare.h"

#include "base/text.h"
#include "ui/ui.h"
#include "ui/words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* What the thread has for itself. */
struct comparing {
	struct session session; /* with a snapshot of the plan */
	struct calibrate_request request;
	struct comparison found;
};

static bool compare(void *arg, const struct progress *progress, struct error *err)
{
	struct comparing *c = arg;

	return session_compare(&c->session, &c->request, &c->found, progress, err);
}

static double rank(double sqnr)
{
	return isnan(sqnr) ? -INFINITY : sqnr;
}

/* By tensor, from the rows. */
static bool take(struct ui *ui, const struct comparing *c, struct error *err)
{
	struct measured_errors *errors = &ui->measure.errors;
	size_t room = ui->session->graph->tensor_count + (size_t)1;
	struct tensor_error *of = calloc(room, sizeof(*of));

	if (!of)
		return error_set_memory(err, "the comparison");
	measure_forget_errors(ui);
	errors->worst = GRAPH_NONE;
	for (size_t i = 0; i < c->found.count; i++) {
		const struct compare_row *row = &c->found.rows[i];
		struct tensor_error *error = &of[row->match.real];

		if (!row->seen)
			continue;
		if (row->match.converted) {
			error->has_converted = true;
			error->converted = metric_sqnr(&row->after);
			continue;
		}
		error->seen = true;
		error->sqnr = metric_sqnr(&row->after);
		error->has_before = row->before.count;
		error->before = metric_sqnr(&row->before);
		error->largest = row->after.error_max;
		if (errors->worst == GRAPH_NONE ||
			rank(error->sqnr) < rank(of[errors->worst].sqnr))
			errors->worst = row->match.real;
	}
	errors->of = of;
	errors->generation = c->session.plan->generation;
	ui->rows.errors = of;
	return true;
}

static unsigned tell(struct ui *ui, const struct comparing *c)
{
	const struct measured_errors *errors = &ui->measure.errors;
	char outputs[32], worst[32], name[80] = "none";
	const char *text;

	measure_decibels(comparison_pooled(&c->found, true), outputs, sizeof(outputs));
	if (errors->worst == GRAPH_NONE)
		return ui_say(ui, SEVERITY_WARNING,
			"no tensor of the main graph could be compared");
	measure_decibels(errors->of[errors->worst].sqnr, worst, sizeof(worst));
	text = graph_tensor_name(ui->session->graph, errors->worst);
	snprintf(name, sizeof(name), "%.79s", text);
	return ui_say(ui, c->request.samples.random ? SEVERITY_WARNING : SEVERITY_NOTE,
		"outputs %s on %zu %ssample%s; worst %s %s. :order error sorts", outputs,
		c->found.samples, c->request.samples.random ? "random " : "",
		text_s(c->found.samples), name, worst);
}

static unsigned compared(struct ui *ui, void *arg, bool done, struct error *err)
{
	struct comparing *c = arg;
	unsigned did = done && take(ui, c, err) ? tell(ui, c) : measure_job_fail(ui, err);

	comparison_release(&c->found);
	plan_free(c->session.plan);
	free(c);
	return did | DID_REDRAW;
}

unsigned measure_compare_run(struct ui *ui, const char *args)
{
	struct comparing *c = calloc(1, sizeof(*c));
	struct error err = ERROR_INIT;

	(void)args;
	if (!c)
		return ui_say(ui, SEVERITY_ERROR, "out of memory");
	if (!measure_job_take(ui, &c->session, &c->request, &err))
		return compared(ui, c, false, &err);
	return measure_job_start(ui, &(struct measure_job){.what = "comparing",
					     .work = compare,
					     .finish = compared,
					     .arg = c});
}

void measure_forget_errors(struct ui *ui)
{
	scores_release(&ui->measure.errors.source.scores);
	free(ui->measure.errors.source.place);
	free(ui->measure.errors.of);
	ui->measure.errors = (struct measured_errors){0};
	ui->rows.errors = NULL;
}

/* ---- Shown. */

enum { BAD = 20, FAIR = 40, EXACT = 60 };

const struct tensor_error *measure_error_of(const struct ui *ui, tensor_id tensor)
{
	const struct tensor_error *of = ui->measure.errors.of;

	return of && tensor != GRAPH_NONE && of[tensor].seen ? &of[tensor] : NULL;
}

/* The more error the higher: from 60 dB, or none, to 0 dB. */
static const char *bar(double sqnr)
{
	double share = isnan(sqnr) ? 1 : (EXACT - sqnr) / EXACT;

	return word_bar((int)lrint(8 * fmin(fmax(share, 0), 1)));
}

static enum role role_of(double badness)
{
	return badness < BAD ? ROLE_ERROR : badness < FAIR ? ROLE_WARNING : ROLE_TEXT;
}

/* The place in the order stands for decibels that a score does not have. */
static void draw_score(const struct area *area, int x, int y, double value, double share)
{
	double badness = share * EXACT;
	char text[32];

	measure_score_word(value, text, sizeof(text));
	area_right(area, x + ERROR_COLUMNS - 2, y, role_of(badness), text);
	area_text(area, x + ERROR_COLUMNS - 1, y, role_of(badness), bar(badness));
}

void measure_draw_error(
	const struct ui *ui, const struct area *area, int x, int y, tensor_id tensor)
{
	const struct tensor_error *error = measure_error_of(ui, tensor);
	const struct measured_errors *errors = &ui->measure.errors;
	bool stale = !errors->source.imported &&
		     errors->generation != ui->session->plan->generation;
	const struct tensor_score *score;
	double share;
	char text[32];
	enum role role;

	if (!error)
		return;
	score = errors->source.scores.decibels ? NULL
					       : measure_score_of(ui, tensor, &share);
	if (score) {
		draw_score(area, x, y, score->value, share);
		return;
	}
	role = stale ? ROLE_MUTED : role_of(rank(error->sqnr));
	if (isfinite(error->sqnr))
		snprintf(text, sizeof(text), "%.1f", error->sqnr);
	else
		snprintf(text, sizeof(text), "%s",
			error->sqnr > 0      ? "exact"
			: isnan(error->sqnr) ? "nan"
					     : "lost");
	area_right(area, x + ERROR_COLUMNS - 2, y, role, text);
	area_text(area, x + ERROR_COLUMNS - 1, y, role, bar(error->sqnr));
}
