/* `suggest`: which few tensors to promote, by measurement. */
#include "job/suggest.h"
#include "base/text.h"
#include "cli/calibrate.h"
#include "cli/print.h"
#include "cli/run.h"
#include "cli/suggest_answer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool save(const struct args *args, const struct session *session,
	const struct suggest_report *report, struct error *err)
{
	struct session with_plan = *session;

	if (!args->output || !report->found.chosen.tensors)
		return true;
	with_plan.plan = report->found.plan;
	return session_save_overrides(&with_plan, args->output, args->force, err);
}

static void put_notes(const struct suggest_report *report, bool measured)
{
	const struct suggestion *s = &report->found;

	if (*report->note)
		print_note("%s", report->note);
	if (measured && !report->apart)
		print_note("ranges and accuracy are from the same samples; with %d or "
			   "more, or with --ranges from others, they are kept apart",
			SAMPLES_ENOUGH);
	if (report->random)
		print_note("the samples are random: good for trying things out, not for "
			   "use");
	if (s->groups)
		print_note(
			"ranked by %u groups of neighbours, since measuring all %u "
			"tensors would take too long; --patience SECONDS gives it time",
			s->groups, s->ranked);
	if (s->all_wide - s->all_narrow < 1)
		print_note("all in 16 bit is hardly better than all in 8: the error is "
			   "in the weights, promoting activations does not help");
	if (s->chosen.tensors && !s->reached && !isinf(s->target) && !s->interrupted)
		print_note("the goal of %.2f dB is not reached", s->target);
}

static bool put_answer(const struct args *args, const struct session *session,
	const struct suggest_report *report, int *code)
{
	if (args->json)
		*code = suggest_put_json(session, report);
	else if (args->csv)
		suggest_put_csv(session, report);
	else
		return suggest_put_text(session, report, args->verbose);
	return true;
}

static int put_suggestion(const struct args *args, const struct session *session,
	const struct suggest_report *report)
{
	struct error err = ERROR_INIT;
	int code = EXIT_DONE;

	if (!save(args, session, report, &err))
		return cli_fail(&err);
	put_notes(report, session->plan->ranges->measured);
	if (!put_answer(args, session, report, &code)) {
		error_set_memory(&err, "the answer");
		return cli_fail(&err);
	}
	return report->found.interrupted && !code ? EXIT_INTERRUPTED : code;
}

static bool prepare(const struct args *args, struct session *session,
	struct suggest_options *options, struct scores *scores, struct error *err)
{
	if (!run_load_scores(args, session, run_score_order(args), scores, err))
		return false;
	if (args->scores)
		options->scores = scores;
	if (session->plan->ranges->count)
		return true;
	options->samples.share = SAMPLES_FOR_ACCURACY;
	return run_take_measured(args, session, SAMPLES_FOR_RANGES, err);
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
		.max_conversions = args->max_conversions,
		.patience = (double)args->patience};
	struct suggest_report report = {0};
	struct scores scores = {0};
	struct error err = ERROR_INIT;
	int code;

	if (prepare(args, session, &options, &scores, &err) &&
		session_suggest(
			session, &options, &report, run_graceful_progress(), &err))
		code = put_suggestion(args, session, &report);
	else
		code = cli_fail(&err);
	suggest_report_release(&report);
	scores_release(&scores);
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
