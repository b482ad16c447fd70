#include "cli/suggest_answer.h"

#include "base/text.h"
#include "cli/print.h"
#include "cli/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RANKS_SHOWN = 10 };

/* One of eight static buffers. */
static const char *decibels(double value)
{
	static char texts[8][24];
	static unsigned next;
	char *text = texts[next++ % 8];

	if (isnan(value))
		return "-";
	if (isinf(value))
		return value > 0 ? "exact" : "lost";
	snprintf(text, 24, "%.2f", value);
	return text;
}

/* ---- for people */

static void put_baselines(const struct suggestion *s)
{
	answer("SQNR in dB at %s, %zu sample%s (%zu held out)\n",
		s->inner ? "the input of the last Softmax" : "the outputs", s->samples,
		text_s(s->samples), s->held_out_samples);
	answer("  weights alone quantized  %s\n", decibels(s->weights_only));
	answer("  all activations 16 bit   %s\n", decibels(s->all_wide));
	answer("  all activations 8 bit    %s\n", decibels(s->all_narrow));
	answer("  the plan as it is        %s\n", decibels(s->current));
}

static const char *percent(double share)
{
	static char text[24];

	if (isnan(share))
		return "-";
	snprintf(text, sizeof(text), share > 0 && share < 0.0001 ? "<0.01 %%" : "%.2f %%",
		100 * share);
	return text;
}

static bool put_rank(struct print_table *table, const struct session *session,
	const struct suggestion *s, const struct suggest_rank *rank)
{
	return print_cell(table, "%s", words_tensor(session->graph, rank->tensor)) &&
	       (s->scored ? print_cell(table, "%g", rank->score)
			  : print_cell(table, "%s%s", decibels(rank->alone),
				    rank->grouped > 1 ? "~" : "")) &&
	       print_cell(table, "%s", decibels(rank->rounding)) &&
	       print_cell(table, "%s", decibels(rank->inherited)) &&
	       print_cell(table, "%s", decibels(rank->seen)) &&
	       print_cell(table, "%s", percent(rank->clipped)) &&
	       print_cell(table, "%s", rank->chosen ? "yes" : "");
}

static bool put_ranking(
	const struct session *session, const struct suggestion *s, bool all)
{
	const char *heads[] = {"TENSOR", s->scored ? "SCORE" : "ALONE DB", "ROUNDING DB",
		"INHERITS DB", "SEEN DB", "CLIPPED", "PROMOTED"};
	struct print_table table = {.heads = heads, .columns = 7};
	uint32_t shown = all || s->ranked < RANKS_SHOWN ? s->ranked : RANKS_SHOWN;

	answer("\nworst first, %u of %u tensors", shown, s->ranked);
	if (s->groups)
		answer("; ~ shared by a group of neighbours");
	answer("\n");
	for (uint32_t i = 0; i < shown; i++)
		if (!put_rank(&table, session, s, &s->ranking[i]))
			return false;
	print_table(&table);
	return true;
}

static bool put_point(struct print_table *table, const struct suggest_point *point)
{
	return print_cell(table, "%u", point->tensors) &&
	       print_cell(table, "%u", point->wide) &&
	       print_cell(table, "%u", point->conversions) &&
	       print_cell(table, "%s", decibels(point->sqnr)) &&
	       print_cell(table, "%s", point->by_growth ? "growth" : "ranking");
}

/* Points that others beat say nothing to a person who chooses. */
static bool put_curve(const struct suggestion *s, bool all)
{
	static const char *const heads[] = {
		"PROMOTED", "16 BIT", "CONVERSIONS", "SQNR DB", "FIRST BY"};
	struct print_table table = {.heads = heads, .columns = 5};
	uint32_t shown = 0;

	for (uint32_t i = 0; i < s->points; i++) {
		if (!all && !s->curve[i].front)
			continue;
		if (!put_point(&table, &s->curve[i]))
			return false;
		shown++;
	}
	if (shown) {
		answer("\n");
		print_table(&table);
	}
	return true;
}

static void put_seed(const struct session *session, const struct suggestion *s,
	const struct suggest_rank *rank)
{
	answer("  %s=%s", words_tensor(session->graph, rank->tensor),
		qtypes[s->type].name);
	if (!isnan(rank->alone))
		answer("  alone in 8 bit %s dB", decibels(rank->alone));
	if (!isnan(rank->gain))
		answer("; worth %s dB", decibels(rank->gain + 0.0));
	if (!isnan(rank->gain) && rank->cost)
		answer(", %s %d conversion%s", rank->cost < 0 ? "saves" : "costs",
			abs(rank->cost), text_s((uint64_t)abs(rank->cost)));
	answer("\n");
}

static void put_verdict(const struct suggest_report *report)
{
	const struct suggestion *s = &report->found;

	if (s->held_out_samples && !isnan(s->held_out))
		answer("; on held-out samples %s (8 bit %s, 16 bit %s)",
			decibels(s->held_out), decibels(s->held_out_narrow),
			decibels(s->held_out_wide));
	if (!isnan(report->real))
		answer("; the file itself %s", decibels(report->real));
	answer("\n");
}

static void put_speed(const struct suggest_report *report)
{
	const double figures[] = {report->float_ms, report->narrow_ms, report->chosen_ms};
	static const char *const words[] = {"float", "all 8 bit", "as promoted"};

	if (isnan(report->float_ms) && isnan(report->chosen_ms))
		return;
	answer("an inference takes, ms:");
	for (size_t i = 0; i < sizeof(figures) / sizeof(*figures); i++)
		answer("%s %s %s", i ? "," : "", words[i],
			isnan(figures[i]) ? "refused by the runtime"
					  : decibels(figures[i]));
	answer("\n");
}

static void put_chosen(const struct session *session, const struct suggest_report *report)
{
	const struct suggestion *s = &report->found;
	const struct suggest_point *chosen = &s->chosen;

	if (s->enough) {
		answer("\nthe plan as it is reaches %s dB, the goal is %s; nothing is "
		       "suggested\n",
			decibels(s->current), decibels(s->target));
		return;
	}
	if (!chosen->tensors) {
		answer("\nno plan is within the limits; nothing is suggested\n");
		return;
	}
	answer("\n%s%u tensor%s, %u in 16 bit after the closure, %u conversion%s: %s dB",
		s->interrupted ? "interrupted; the best so far: promote " : "promote ",
		chosen->tensors, text_s(chosen->tensors), chosen->wide,
		chosen->conversions, text_s(chosen->conversions), decibels(chosen->sqnr));
	put_verdict(report);
	put_speed(report);
	for (uint32_t i = 0; i < s->ranked; i++)
		if (s->ranking[i].chosen)
			put_seed(session, s, &s->ranking[i]);
}

bool suggest_put_text(
	const struct session *session, const struct suggest_report *report, bool all)
{
	const struct suggestion *s = &report->found;

	put_baselines(s);
	if (s->points && (!put_ranking(session, s, all) || !put_curve(s, all)))
		return false;
	put_chosen(session, report);
	return true;
}

/* ---- for programs */

/* Nothing stands for what was not measured. */
static void put_csv_figure(double value)
{
	if (isnan(value))
		answer(",");
	else
		answer_csv_number(value);
}

void suggest_put_csv(const struct session *session, const struct suggest_report *report)
{
	const struct suggestion *s = &report->found;

	answer("tensor,alone,grouped,score,rounding,inherited,seen,clipped,gain,"
	       "chosen\n");
	for (uint32_t i = 0; i < s->ranked; i++) {
		const struct suggest_rank *rank = &s->ranking[i];
		const double figures[] = {rank->score, rank->rounding, rank->inherited,
			rank->seen, rank->clipped, rank->gain};

		answer_csv_text(words_tensor(session->graph, rank->tensor));
		put_csv_figure(rank->alone);
		answer(",%u", rank->grouped);
		for (size_t k = 0; k < sizeof(figures) / sizeof(*figures); k++)
			put_csv_figure(figures[k]);
		answer(",%d\n", rank->chosen);
	}
}

static json_t *json_number(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *json_point(const struct suggest_point *point)
{
	return json_pack("{s:i, s:i, s:i, s:o, s:s, s:b}", "tensors", (int)point->tensors,
		"wide", (int)point->wide, "conversions", (int)point->conversions, "sqnr",
		json_number(point->sqnr), "first_by",
		point->by_growth ? "growth" : "ranking", "front", (int)point->front);
}

static json_t *json_rank(const struct session *session, const struct suggest_rank *rank)
{
	json_t *row = json_pack("{s:o, s:o, s:i, s:b}", "tensor",
		json_tensor_name(session->graph, rank->tensor), "alone",
		json_number(rank->alone), "grouped", (int)rank->grouped, "chosen",
		(int)rank->chosen);

	json_object_set_new(row, "score", json_number(rank->score));
	json_object_set_new(row, "rounding", json_number(rank->rounding));
	json_object_set_new(row, "inherited", json_number(rank->inherited));
	json_object_set_new(row, "seen", json_number(rank->seen));
	json_object_set_new(row, "growth", json_number(rank->growth));
	json_object_set_new(row, "clipped", json_number(rank->clipped));
	json_object_set_new(row, "gain", json_number(rank->gain));
	if (!isnan(rank->gain))
		json_object_set_new(row, "cost", json_integer(rank->cost));
	return row;
}

static void set_figures(json_t *answer, const struct suggest_report *report)
{
	const struct suggestion *s = &report->found;
	const struct {
		const char *key;
		double value;
	} figures[] = {{"weights_only", s->weights_only}, {"all_16", s->all_wide},
		{"all_8", s->all_narrow}, {"current", s->current}, {"target", s->target},
		{"held_out_sqnr", s->held_out}, {"held_out_all_8", s->held_out_narrow},
		{"held_out_all_16", s->held_out_wide}, {"real_sqnr", report->real},
		{"float_ms", report->float_ms}, {"all_8_ms", report->narrow_ms},
		{"real_ms", report->chosen_ms}};

	for (size_t i = 0; i < sizeof(figures) / sizeof(*figures); i++)
		json_object_set_new(
			answer, figures[i].key, json_number(figures[i].value));
}

int suggest_put_json(const struct session *session, const struct suggest_report *report)
{
	const struct suggestion *s = &report->found;
	json_t *curve = json_array(), *ranking = json_array();
	json_t *answer = json_pack(
		"{s:I, s:I, s:b, s:b, s:b, s:b, s:b, s:b, s:i, s:s, s:b}", "samples",
		(json_int_t)s->samples, "held_out", (json_int_t)s->held_out_samples,
		"random", (int)report->random, "before_softmax", (int)s->inner, "reached",
		(int)s->reached, "enough", (int)s->enough, "interrupted",
		(int)s->interrupted, "scored", (int)s->scored, "groups", (int)s->groups,
		"type", qtypes[s->type].name, "apart", (int)report->apart);

	set_figures(answer, report);
	for (uint32_t i = 0; i < s->points; i++)
		json_array_append_new(curve, json_point(&s->curve[i]));
	for (uint32_t i = 0; i < s->ranked; i++)
		json_array_append_new(ranking, json_rank(session, &s->ranking[i]));
	json_object_set_new(answer, "chosen", json_point(&s->chosen));
	json_object_set_new(answer, "curve", curve);
	json_object_set_new(answer, "ranking", ranking);
	return print_json(answer);
}
