/* `suggest`: which few tensors to promote, by measurement. */
#include "job/suggest.h"
#include "base/text.h"
#include "cli/calibrate.h"
#include "cli/print.h"
#include "cli/run.h"
#include "cli/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

static void put_baselines(const struct suggest_report *report)
{
	const struct suggestion *s = &report->found;

	answer("SQNR in dB at %s, %zu sample%s (%zu held out)\n",
		s->inner ? "the input of the last Softmax" : "the outputs", s->samples,
		s->samples == 1 ? "" : "s", s->held_out_samples);
	answer("  weights alone quantized  %s\n", decibels(s->weights_only));
	answer("  all activations 16 bit   %s\n", decibels(s->all_wide));
	answer("  all activations 8 bit    %s\n", decibels(s->all_narrow));
	answer("  the plan as it is        %s\n", decibels(s->current));
}

static bool put_curve(const struct suggestion *s)
{
	static const char *const heads[] = {
		"PROMOTED", "16 BIT", "CONVERSIONS", "SQNR DB"};
	struct print_table table = {.heads = heads, .columns = 4};

	for (uint32_t i = 0; i < s->points; i++)
		if (!print_cell(&table, "%u", s->curve[i].tensors) ||
			!print_cell(&table, "%u", s->curve[i].wide) ||
			!print_cell(&table, "%u", s->curve[i].conversions) ||
			!print_cell(&table, "%s", decibels(s->curve[i].sqnr)))
			return false;
	answer("\n");
	print_table(&table);
	return true;
}

static void put_chosen(const struct session *session, const struct suggest_report *report)
{
	const struct suggestion *s = &report->found;

	if (!s->chosen.tensors) {
		answer("\nno plan is within the limits; nothing is suggested\n");
		return;
	}
	answer("\n%s %u tensor%s, %u in 16 bit after the closure, %u conversion%s: "
	       "%s dB",
		s->interrupted ? "interrupted; the best so far:" : "promote",
		s->chosen.tensors, text_s(s->chosen.tensors), s->chosen.wide,
		s->chosen.conversions, text_s(s->chosen.conversions),
		decibels(s->chosen.sqnr));
	if (s->held_out_samples && !s->interrupted)
		answer("; on held-out samples %s (8 bit %s, 16 bit %s), the file "
		       "itself %s",
			decibels(s->held_out), decibels(s->held_out_narrow),
			decibels(s->held_out_wide), decibels(report->real));
	else if (!isnan(report->real))
		answer("; the file itself %s", decibels(report->real));
	answer("\n");
	for (uint32_t i = 0; i < s->ranked; i++)
		if (s->ranking[i].chosen)
			answer("  %s=%s  alone in 8 bit %s dB\n",
				words_tensor(session->graph, s->ranking[i].tensor),
				qtypes[s->type].name, decibels(s->ranking[i].alone));
}

/* ---- for programs */

static json_t *json_decibels(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *json_point(const struct suggest_point *point)
{
	return json_pack("{s:i, s:i, s:i, s:o}", "tensors", (int)point->tensors, "wide",
		(int)point->wide, "conversions", (int)point->conversions, "sqnr",
		json_decibels(point->sqnr));
}

static json_t *json_ranking(const struct session *session, const struct suggestion *s)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < s->ranked; i++)
		json_array_append_new(list,
			json_pack("{s:o, s:o, s:b}", "tensor",
				json_tensor_name(session->graph, s->ranking[i].tensor),
				"alone", json_decibels(s->ranking[i].alone), "chosen",
				(int)s->ranking[i].chosen));
	return list;
}

static int suggest_json(
	const struct session *session, const struct suggest_report *report)
{
	const struct suggestion *s = &report->found;
	json_t *curve = json_array(), *answer = json_object();

	for (uint32_t i = 0; i < s->points; i++)
		json_array_append_new(curve, json_point(&s->curve[i]));
	json_object_set_new(answer, "samples", json_integer((json_int_t)s->samples));
	json_object_set_new(
		answer, "held_out", json_integer((json_int_t)s->held_out_samples));
	json_object_set_new(answer, "random", json_boolean(report->random));
	json_object_set_new(answer, "before_softmax", json_boolean(s->inner));
	json_object_set_new(answer, "weights_only", json_decibels(s->weights_only));
	json_object_set_new(answer, "all_16", json_decibels(s->all_wide));
	json_object_set_new(answer, "all_8", json_decibels(s->all_narrow));
	json_object_set_new(answer, "current", json_decibels(s->current));
	json_object_set_new(answer, "target", json_decibels(s->target));
	json_object_set_new(answer, "reached", json_boolean(s->reached));
	json_object_set_new(answer, "interrupted", json_boolean(s->interrupted));
	json_object_set_new(answer, "type", json_string(qtypes[s->type].name));
	json_object_set_new(answer, "chosen", json_point(&s->chosen));
	json_object_set_new(answer, "held_out_sqnr", json_decibels(s->held_out));
	json_object_set_new(answer, "held_out_all_8", json_decibels(s->held_out_narrow));
	json_object_set_new(answer, "held_out_all_16", json_decibels(s->held_out_wide));
	json_object_set_new(answer, "real_sqnr", json_decibels(report->real));
	json_object_set_new(answer, "curve", curve);
	json_object_set_new(answer, "ranking", json_ranking(session, s));
	return print_json(answer);
}

/* ---- running */

static bool save(const struct args *args, const struct session *session,
	const struct suggest_report *report, struct error *err)
{
	struct session with_plan = *session;

	if (!args->output || !report->found.chosen.tensors)
		return true;
	with_plan.plan = report->found.plan;
	return session_save_overrides(&with_plan, args->output, args->force, err);
}

static void put_notes(const struct suggest_report *report)
{
	const struct suggestion *s = &report->found;

	if (*report->note)
		print_note("%s", report->note);
	if (report->random)
		print_note("the samples are random: good for trying things out, not for "
			   "use");
	if (s->all_wide - s->all_narrow < 1)
		print_note("all in 16 bit is hardly better than all in 8: the error is "
			   "in the weights, promoting activations does not help");
	if (s->chosen.tensors && !s->reached && !isinf(s->target) && !s->interrupted)
		print_note("the goal of %s dB is not reached", decibels(s->target));
}

static int put_suggestion(const struct args *args, const struct session *session,
	const struct suggest_report *report)
{
	struct error err = ERROR_INIT;

	if (!save(args, session, report, &err))
		return cli_fail(&err);
	put_notes(report);
	if (args->json)
		return suggest_json(session, report);
	put_baselines(report);
	if (!put_curve(&report->found)) {
		error_set_memory(&err, "the table");
		return cli_fail(&err);
	}
	put_chosen(session, report);
	return report->found.interrupted ? EXIT_INTERRUPTED : EXIT_DONE;
}

static int suggest(const struct args *args, struct session *session)
{
	struct suggest_options options = {.samples = run_sample_request(args),
		.ort_lib = args->ort_lib,
		.threads = args->threads,
		.has_goal = args->has_goal,
		.has_within = args->has_within,
		.goal = args->goal,
		.within = args->within,
		.max_conversions = args->max_conversions};
	struct suggest_report report;
	struct error err = ERROR_INIT;
	int code;

	if (!session->plan->ranges->count && !run_take_measured(args, session, &err))
		return cli_fail(&err);
	code = session_suggest(session, &options, &report, run_graceful_progress(), &err)
		       ? put_suggestion(args, session, &report)
		       : cli_fail(&err);
	suggest_report_release(&report);
	return code;
}

int run_suggest(const struct args *args)
{
	struct error err = ERROR_INIT;
	struct session *session;
	int code;

	if (!run_has_samples(args)) {
		error_set(&err, ERROR_USAGE,
			"suggest: samples are wanted; add --data PATH or --random N");
		return cli_fail(&err);
	}
	session = run_open(args, NULL, false, &code);
	if (!session)
		return code;
	print_notes(&session->notes);
	code = suggest(args, session);
	session_free(session);
	return code;
}
