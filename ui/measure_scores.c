/* Scores from a file, shown in the place of what :compare measures. */
#include "base/path.h"
#include "base/text.h"
#include "ui/ui.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where each tensor stands in the order, and what the outline sorts by. */
static void fill(struct measured_errors *errors, const struct scores *scores)
{
	for (size_t i = 0; i < scores->count; i++) {
		const struct tensor_score *score = &scores->items[i];
		struct tensor_error *error = &errors->of[score->tensor];

		error->seen = true;
		error->sqnr = scores->decibels ? score->value : (double)i;
		errors->source.place[score->tensor] = i + 1;
	}
}

bool measure_take_scores(
	struct ui *ui, struct scores *owned, const char *file, struct error *err)
{
	struct measured_errors *errors = &ui->measure.errors;
	size_t room = ui->session->graph->tensor_count + (size_t)1;
	struct tensor_error *of = calloc(room, sizeof(*of));
	size_t *place = calloc(room, sizeof(*place));

	if (!of || !place) {
		free(of);
		free(place);
		return error_set_memory(err, "the scores");
	}
	measure_forget_errors(ui);
	errors->of = of;
	errors->worst = owned->items[0].tensor;
	errors->source.place = place;
	errors->source.imported = true;
	errors->source.scores = *owned;
	*owned = (struct scores){0};
	file = path_name(file);
	text_escape(errors->source.name, sizeof(errors->source.name), file, strlen(file));
	fill(errors, &errors->source.scores);
	ui->rows.errors = of;
	return true;
}

const struct tensor_score *measure_score_of(
	const struct ui *ui, tensor_id tensor, double *share)
{
	const struct score_source *source = &ui->measure.errors.source;
	size_t place = source->place && tensor != GRAPH_NONE ? source->place[tensor] : 0;

	if (!place)
		return NULL;
	if (share)
		*share = (double)(place - 1) / (double)source->scores.count;
	return &source->scores.items[place - 1];
}

static bool copy_scores(struct scores *to, const struct tensor_score *items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!ARRAY_PUSH(to, items[i]))
			return false;
	}
	return true;
}

static bool copy_errors(const struct ui *ui, struct scores *to)
{
	const struct tensor_error *of = ui->measure.errors.of;

	to->decibels = true;
	for (tensor_id t = 0; t < ui->session->graph->main_tensors; t++) {
		const struct tensor_score score = {t, of[t].sqnr};

		if (of[t].seen && !ARRAY_PUSH(to, score))
			return false;
	}
	return true;
}

bool measure_scores(const struct ui *ui, struct scores *scores, struct error *err)
{
	const struct measured_errors *errors = &ui->measure.errors;
	const struct scores *source = &errors->source.scores;
	bool fine = true;

	if (errors->source.imported) {
		fine = copy_scores(scores, source->items, source->count);
		scores->decibels = source->decibels;
		memcpy(scores->measure, source->measure, sizeof(scores->measure));
	} else if (errors->of && errors->generation == ui->outcome->generation) {
		fine = copy_errors(ui, scores);
	}
	return fine || error_set_memory(err, "the scores");
}

void measure_score_word(double value, char *out, size_t room)
{
	double size = fabs(value);

	if (isnan(value))
		snprintf(out, room, "nan");
	else if (size >= 9999.5 || (size > 0 && size < 0.001))
		snprintf(out, room, "%.0e", value);
	else
		snprintf(out, room, "%.*f",
			size < 10     ? 3
			: size < 100  ? 2
			: size < 1000 ? 1
				      : 0,
			value);
}
