/* What to promote, by measurement: the job, and the card with the curve on which a
 * point can be applied. */
#include "job/suggest.h"

#include "base/path.h"
#include "base/text.h"

#include "ui/cards.h"
#include "ui/edit_steps.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- The job. */

/* What the thread has for itself. */
struct suggesting {
	struct session session; /* with a snapshot of the plan */
	struct suggest_options options;
	struct scores scores; /* in place of the ranking; empty: it is measured */
	struct suggest_report report;
};

static bool suggest(void *arg, const struct progress *progress, struct error *err)
{
	struct suggesting *s = arg;

	return session_suggest(&s->session, &s->options, &s->report, progress, err);
}

static bool keep(struct ui *ui, struct suggesting *s, struct error *err)
{
	struct suggest_report *report = malloc(sizeof(*report));

	if (!report)
		return error_set_memory(err, "the suggestion");
	measure_forget_suggestion(ui);
	*report = s->report;
	s->report = (struct suggest_report){.real = NAN};
	ui->measure.suggested = report;
	ui->measure.suggested_generation = s->session.plan->generation;
	return true;
}

/* Is there anything to choose from? */
static bool proposes(const struct suggestion *found)
{
	return found->points || found->chosen.tensors;
}

static unsigned tell(struct ui *ui)
{
	const struct suggest_report *report = ui->measure.suggested;
	const struct suggestion *found = &report->found;

	if (proposes(found) && !ui_card(ui) && !ui->prompt.kind && !ui->pending_count)
		measure_suggest_show(ui);
	if (found->interrupted)
		return ui_say(ui, SEVERITY_NOTE,
			"cancelled: the best so far is kept; :curve shows it");
	if (found->enough)
		return ui_say(ui, SEVERITY_NOTE,
			"the plan as it is reaches %.1f dB, the goal is %.1f",
			found->current, found->target);
	if (found->all_wide - found->all_narrow < 1)
		return ui_say(ui, SEVERITY_WARNING,
			"all in 16 bit is hardly better than all in 8: the error is in "
			"the weights");
	return ui_say(ui, report->random ? SEVERITY_WARNING : SEVERITY_NOTE,
		"%u tensor%s and %u conversion%s proposed%s; :curve shows it again%s",
		found->chosen.tensors, text_s(found->chosen.tensors),
		found->chosen.conversions, text_s(found->chosen.conversions),
		found->scored   ? ", ranked by scores"
		: found->groups ? ", ranked by groups (patience=SECONDS ranks more)"
				: "",
		report->random ? ". Random samples: for trying out, not for use" : "");
}

static unsigned suggested(struct ui *ui, void *arg, bool done, struct error *err)
{
	struct suggesting *s = arg;
	unsigned did = done && keep(ui, s, err) ? tell(ui) : measure_job_fail(ui, err);

	suggest_report_release(&s->report);
	scores_release(&s->scores);
	plan_free(s->session.plan);
	free(s);
	return did | DID_REDRAW;
}

/* ---- What is asked for: "38 patience=300 scores=FILE". */

static bool read_scores(
	struct ui *ui, struct suggesting *s, const char *path, struct error *err)
{
	struct problem_list problems = {0};
	char whole[PROMPT_ROOM + 4096];
	bool fine = scores_load(&s->scores, ui->session->graph,
		path_from_home(path, whole, sizeof(whole)), ui->settings.scores,
		&problems, err);

	if (!fine)
		problem_check(&problems, err);
	problem_clear(&problems);
	return fine;
}

/* "=VALUE" as a number that is not negative. */
static bool read_number(const char *text, double *out)
{
	char *end;

	*out = strtod(text, &end);
	return end != text && !*end && isfinite(*out);
}

static bool take_number(struct suggest_options *options, const char *name, double value,
	struct error *err)
{
	if (!strcmp(name, "goal")) {
		options->has_goal = true;
		options->goal = value;
	} else if (!strcmp(name, "within")) {
		options->has_within = true;
		options->within = value;
	} else if (!strcmp(name, "conversions") && value >= 0) {
		options->max_conversions = (int64_t)fmin(value, 1e9);
	} else if (!strcmp(name, "patience") && value >= 0) {
		options->patience = value;
	} else {
		return error_set(err, ERROR_REFUSED,
			"suggest: %s: take goal, within, conversions, patience or scores",
			text_quoted_z(name));
	}
	return true;
}

static bool read_wish(struct suggesting *s, char *word, struct error *err)
{
	char *value = strchr(word, '=');
	double number;

	if (value)
		*value++ = '\0';
	if (!read_number(value ? value : word, &number))
		return error_set(err, ERROR_REFUSED,
			"suggest: %s is no number; the goal is one of dB",
			text_quoted_z(value ? value : word));
	return take_number(&s->options, value ? word : "goal", number, err);
}

/* Scores come last: a file's name may hold blanks. */
static bool read_wishes(
	struct ui *ui, struct suggesting *s, const char *args, struct error *err)
{
	char text[PROMPT_ROOM], *state = NULL, *file;

	s->options.max_conversions = -1;
	s->options.patience = SUGGEST_PATIENCE;
	snprintf(text, sizeof(text), "%s", args);
	file = strstr(text, "scores=");
	if (file && (file == text || file[-1] == ' ')) {
		if (!read_scores(ui, s, file + strlen("scores="), err))
			return false;
		s->options.scores = &s->scores;
		*file = '\0';
	}
	for (char *word = strtok_r(text, " ", &state); word;
		word = strtok_r(NULL, " ", &state))
		if (!read_wish(s, word, err))
			return false;
	return true;
}

unsigned measure_suggest_run(struct ui *ui, const char *args)
{
	struct suggesting *s = calloc(1, sizeof(*s));
	struct calibrate_request request;
	struct error err = ERROR_INIT;

	if (!s)
		return ui_say(ui, SEVERITY_ERROR, "out of memory");
	s->report.real = NAN;
	if (!read_wishes(ui, s, args, &err) ||
		!measure_job_take(ui, &s->session, &request, &err))
		return suggested(ui, s, false, &err);
	s->options.samples = request.samples;
	s->options.demo = request.demo;
	s->options.ort_lib = request.ort_lib;
	s->options.threads = request.threads;
	return measure_job_start(ui, &(struct measure_job){.what = "suggesting",
					     .work = suggest,
					     .finish = suggested,
					     .arg = s});
}

void measure_forget_suggestion(struct ui *ui)
{
	if (ui->measure.suggested)
		suggest_report_release(ui->measure.suggested);
	free(ui->measure.suggested);
	ui->measure.suggested = NULL;
	for (int i = ui->card_count - 1; i >= 0; i--)
		if (ui->cards[i] == CARD_SUGGEST)
			ui->card_count = i;
}

/* ---- Applying a point: row 0 is the proposal, the others the points of the curve. */

static bool is_in(const struct suggestion *found, uint32_t row, uint32_t rank)
{
	return row ? suggestion_promotes(found, &found->curve[row - 1], rank)
		   : found->ranking[rank].chosen;
}

static const struct suggest_point *point_of(const struct suggestion *found, uint32_t row)
{
	return row ? &found->curve[row - 1] : &found->chosen;
}

static unsigned apply(struct ui *ui, uint32_t row)
{
	const struct suggestion *found = &ui->measure.suggested->found;
	struct plan *plan = ui->session->plan;
	bool done = true;
	struct edit edit;
	char what[80];

	snprintf(what, sizeof(what), "suggested: %u tensor%s %s",
		point_of(found, row)->tensors, text_s(point_of(found, row)->tensors),
		qtypes[found->type].brief);
	if (!edit_begin(&edit, ui, what))
		return DID_FAIL;
	for (uint32_t i = 0; done && i < found->ranked; i++)
		if (is_in(found, row, i))
			done = plan_promote_tensor(plan, found->ranking[i].tensor,
				found->type, UNSET, &edit.err);
	return edit_end(&edit, done);
}

/* ---- The card. */

enum { WIDTH = 60, PLOT = 9, HEAD = 3, MARGIN = 9 };

unsigned measure_suggest_show(struct ui *ui)
{
	ui_open_card(ui, CARD_SUGGEST);
	return DID_REDRAW;
}

/* The extent of the plot in both directions. */
struct plot {
	struct area area;
	double low, high;
	uint32_t most; /* tensors */
};

static struct plot plot_of(const struct suggestion *found, const struct area *area)
{
	struct plot plot = {.area = *area, .low = INFINITY, .high = -INFINITY, .most = 1};

	for (uint32_t i = 0; i <= found->points; i++) {
		const struct suggest_point *point = point_of(found, i);

		if (point->tensors > plot.most)
			plot.most = point->tensors;
		if (!isfinite(point->sqnr))
			continue;
		plot.low = fmin(plot.low, point->sqnr);
		plot.high = fmax(plot.high, point->sqnr);
	}
	if (!(plot.high > plot.low))
		plot.high = plot.low + 1;
	return plot;
}

static void draw_point(const struct plot *plot, const struct suggest_point *point,
	enum role role, const char *glyph)
{
	int w = plot->area.r.w - MARGIN - 1, h = plot->area.r.h - 2;
	double share = (point->sqnr - plot->low) / (plot->high - plot->low);

	if (!isfinite(share) || w < 1 || h < 1)
		return;
	area_text(&plot->area,
		MARGIN + (int)((uint64_t)point->tensors * (unsigned)w / plot->most),
		h - (int)lrint(share * h), role, glyph);
}

static void draw_plot(
	const struct suggestion *found, const struct area *area, uint32_t cursor)
{
	struct plot plot = plot_of(found, area);
	int bottom = area->r.h - 1;
	char text[32];

	area_vline(area, MARGIN - 1, 0, bottom, ROLE_RULE);
	area_hline(area, MARGIN - 1, bottom, area->r.w - MARGIN + 1, ROLE_RULE);
	snprintf(text, sizeof(text), "%.1f", plot.high);
	area_right(area, MARGIN - 2, 0, ROLE_MUTED, text);
	snprintf(text, sizeof(text), "%.1f", plot.low);
	area_right(area, MARGIN - 2, bottom - 1, ROLE_MUTED, text);
	area_text(area, 0, bottom / 2, ROLE_MUTED, "SQNR dB");
	snprintf(text, sizeof(text), " %u tensor%s ", plot.most, text_s(plot.most));
	area_right(area, area->r.w, bottom, ROLE_MUTED, text);
	for (uint32_t i = 1; i <= found->points; i++)
		draw_point(&plot, point_of(found, i), ROLE_TEXT, "●");
	draw_point(&plot, &found->chosen, ROLE_IMPLIED, "◆");
	draw_point(&plot, point_of(found, cursor), ROLE_SEED, "◆");
}

static void draw_head(const struct ui *ui, const struct area *in)
{
	const struct suggest_report *report = ui->measure.suggested;
	const struct suggestion *found = &report->found;
	bool stale = ui->measure.suggested_generation != ui->session->plan->generation;
	char a[32], b[64], c[32];

	measure_decibels(found->all_narrow, a, sizeof(a));
	measure_decibels(found->all_wide, b, 32);
	measure_decibels(found->weights_only, c, sizeof(c));
	area_print(in, 0, 0, ROLE_TEXT, "all 8 bit %s   all 16 %s   weights alone %s", a,
		b, c);
	measure_decibels(found->current, a, sizeof(a));
	measure_decibels(report->real, c, sizeof(c));
	area_print(
		in, 0, 1, ROLE_MUTED, "plan was %s%s", a, stale ? ", changed since" : "");
	if (!isnan(report->real)) {
		snprintf(b, sizeof(b), "the proposal's file %s", c);
		/* the row below is free on a narrow screen: it has no plot */
		if (in->r.w < WIDTH)
			area_text(in, 0, 2, ROLE_MUTED, b);
		else
			area_right(in, in->r.w, 1, ROLE_MUTED, b);
	}
}

static void draw_line(const struct suggestion *found, const struct area *in, int y,
	uint32_t row, bool marked)
{
	const struct suggest_point *point = point_of(found, row);
	char number[32];

	measure_decibels(point->sqnr, number, sizeof(number));
	area_print(in, 0, y, row ? ROLE_TEXT : ROLE_IMPLIED,
		"%s %-8s %5u tensor%-1s %5u in 16 bit %5u DQ→Q", marked ? "▸" : " ",
		row ? "" : "proposal", point->tensors, text_s(point->tensors),
		point->wide, point->conversions);
	area_right(in, in->r.w, y, row ? ROLE_TEXT : ROLE_IMPLIED, number);
	if (marked) {
		area_mark(in, 0, y, in->r.w, MARK_CURSOR);
		area_cursor(in, 0, y);
	}
}

void suggest_draw(struct ui *ui, const struct area *screen)
{
	const struct suggestion *found = &ui->measure.suggested->found;
	int lines = (int)(found->points < 40 ? found->points : 40) + 1;
	bool roomy = screen->r.h >= HEAD + PLOT + 6;
	int top = HEAD + (roomy ? PLOT : 0);
	struct list *list = &ui->card_list;
	struct area in = card_box(ui, screen, WIDTH, top + lines, "what to promote",
		screen->r.w < WIDTH ? "j k move  Enter apply  Esc"
				    : "j k along the curve  Enter apply  Esc");
	struct area plot = area_part(&in, 0, 2, in.r.w, PLOT);

	list_set_count(list, proposes(found) ? found->points + 1 : 0);
	list_set_height(list, (uint32_t)(in.r.h > top ? in.r.h - top : 1));
	card_rows(ui, &in, top, (int)list->height, "<Enter>");
	draw_head(ui, &in);
	if (!proposes(found)) {
		area_field(
			&in, 0, HEAD, in.r.w, ROLE_TEXT, "Nothing to promote was found.");
		return;
	}
	if (roomy)
		draw_plot(found, &plot, list->cursor);
	for (uint32_t i = 0; i < list->height && list->top + i < list->count; i++)
		draw_line(found, &in, top + (int)i, list->top + i,
			list->top + i == list->cursor);
}

unsigned suggest_key(struct ui *ui, ui_key key)
{
	uint32_t row = ui->card_list.cursor;

	if (card_leaves(key)) {
		ui_close_card(ui);
	} else if (key == UK_ENTER && !proposes(&ui->measure.suggested->found)) {
		ui_close_card(ui);
	} else if (key == UK_ENTER) {
		ui_close_card(ui);
		ui->closed_at = 0;
		return apply(ui, row) | DID_REDRAW;
	} else {
		card_move(ui, key);
	}
	return DID_REDRAW;
}
