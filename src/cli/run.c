#include "cli/run.h"

#include "base/output.h"
#include "base/text.h"
#include "cli/print.h"
#include "job/project.h"
#include "job/target.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t interrupted, graceful;

/* Ends the program at once, unless a job is under way that keeps what it has, or files
 * are just being put in place. */
static void on_interrupt(int number)
{
	static const char clear[] = "\r\033[K",
			  none[] = "qdqedit: interrupted; nothing was written\n",
			  whole[] = "qdqedit: interrupted; the output is written whole\n";
	bool first = !interrupted;
	ssize_t ignored;

	(void)number;
	interrupted = 1;
	if ((graceful && first) || !output_abort_all())
		return;
	ignored = isatty(STDERR_FILENO) ? write(STDERR_FILENO, clear, sizeof(clear) - 1)
					: 0;
	ignored = output_was_placed() ? write(STDERR_FILENO, whole, sizeof(whole) - 1)
				      : write(STDERR_FILENO, none, sizeof(none) - 1);
	(void)ignored;
	_exit(EXIT_INTERRUPTED);
}

static bool is_interrupted(void *arg)
{
	(void)arg;
	return interrupted;
}

/* Amount, share and time left on a terminal; from 250 ms on, ten times a second. */
static void show_progress(void *arg, const char *what, uint64_t done, uint64_t whole)
{
	static double first, started, shown;
	double now = progress_seconds(), left;
	char text[160];

	(void)arg;
	if (first == 0)
		first = now;
	if (started == 0 || done == 0)
		started = now;
	if (whole && done >= whole)
		print_progress_end();
	if (now - first < 0.25 || now - shown < 0.1 || done >= whole)
		return;
	shown = now;
	left = done ? (now - started) * (double)(whole - done) / (double)done : 0;
	snprintf(text, sizeof(text),
		"%s  %" PRIu64 " of %" PRIu64 "  %.0f %%  %.0f s left", what, done, whole,
		100.0 * (double)done / (double)whole, left);
	print_progress(text);
}

static const struct progress *make_progress(bool keeps_best)
{
	static struct progress progress = {NULL, is_interrupted, NULL};
	struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = SA_RESTART};
	struct sigaction before;

	graceful = keeps_best;
	sigemptyset(&action.sa_mask);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	/* What runs in the background of a script is started deaf to Ctrl-C. */
	if (sigaction(SIGINT, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
		sigaction(SIGINT, &action, NULL);
	if (isatty(STDERR_FILENO) && !print_is_quiet())
		progress.report = show_progress;
	return &progress;
}

const struct progress *run_progress(void)
{
	return make_progress(false);
}

const struct progress *run_graceful_progress(void)
{
	return make_progress(true);
}

bool run_has_samples(const struct args *args)
{
	return args->data.count || args->random;
}

enum score_order run_score_order(const struct args *args)
{
	static const enum score_order orders[] = {
		SCORES_UNORDERED, SCORES_LOW_FIRST, SCORES_HIGH_FIRST};

	return orders[args->higher + 1];
}

bool run_load_scores(const struct args *args, const struct session *session,
	enum score_order otherwise, struct scores *scores, struct error *err)
{
	struct problem_list problems = {0};
	bool loaded = !args->scores || scores_load(scores, session->graph, args->scores,
					       otherwise, &problems, err);

	if (loaded)
		print_foreign(&problems, "");
	problem_clear(&problems);
	return loaded;
}

/* It comes last. */
static const char *model_operand(const struct args *args)
{
	return args->operands
		.items[args->command == CMD_IMPORT && args->operands.count > 1];
}

static bool check_model_operand(const struct args *args, struct error *err)
{
	return !args_is_dash(model_operand(args)) ||
	       error_set(err, ERROR_USAGE,
		       "-: a model cannot be standard input; give the name of a file");
}

bool run_check_model_output(
	const struct args *args, const char *command, struct error *err)
{
	if (!args->output)
		return error_set(err, ERROR_USAGE,
			"%s: an output is wanted; add -o OUT.onnx", command);
	if (args_is_dash(args->output))
		return error_set(err, ERROR_USAGE,
			"%s: a model cannot go to standard output; give -o a file name",
			command);
	return check_model_operand(args, err);
}

/* Standard input can be read once. */
static bool check_dashes(
	const struct args *args, const struct text_list *seeds, struct error *err)
{
	size_t count = args_is_dash(args->overrides) + args_is_dash(args->scores);

	for (size_t i = 0; i < args->ranges.count; i++)
		count += args_is_dash(args->ranges.items[i]);
	for (size_t i = 0; seeds && i < seeds->count; i++)
		count += !strcmp(seeds->items[i], "@-");
	return count < 2 || error_set(err, ERROR_USAGE,
				    "-: standard input can be read only once; put the "
				    "others into files");
}

/* The other files that are read; `calibrate` may replace the ranges that it adds to. */
static bool check_other_inputs(const struct args *args, struct error *err)
{
	const char *output = args->output;
	bool fine = target_check_other(output, args->overrides, err) &&
		    target_check_other(output, args->scores, err);

	for (size_t i = 0;
		fine && i < args->ranges.count && args->command != CMD_CALIBRATE; i++)
		fine = target_check_other(output, args->ranges.items[i], err);
	for (size_t i = 0; fine && i < args->data.count; i++)
		fine = target_check_other(output, args->data.items[i], err);
	if (fine && args->command == CMD_IMPORT && args->operands.count > 1)
		fine = target_check_other(output, args->operands.items[0], err) &&
		       target_check_other(
			       args->save_ranges, args->operands.items[0], err);
	return fine;
}

bool run_check_target(
	const struct args *args, const struct model *model, struct error *err)
{
	/* --save-ranges names a file too, with or without -o */
	return (!args->output || target_check(model, args->output, args->force, err)) &&
	       check_other_inputs(args, err);
}

static bool settle_project(struct session *session, const struct text_list *seeds,
	bool faults_allowed, struct error *err)
{
	if (!faults_allowed && !problem_check(&session->faults, err))
		return false;
	if (!faults_allowed && !problem_add_all(&session->notes, &session->faults, NULL))
		return error_set_memory(err, "the notes");
	for (size_t i = 0; seeds && i < seeds->count; i++) {
		if (!session_add_seeds(session, seeds->items[i], err))
			return false;
	}
	return true;
}

static struct session *open_project(
	const struct session_request *request, bool faults_allowed, struct error *err)
{
	struct project_info info = {0};
	struct session *session =
		project_check_request(request, err)
			? project_open(request->model, request->strict_external_data,
				  run_progress(), &info, err)
			: NULL;

	project_info_release(&info);
	if (session && !settle_project(session, request->seeds, faults_allowed, err)) {
		session_free(session);
		return NULL;
	}
	return session;
}

struct session *run_open(const struct args *args, const struct text_list *seeds,
	bool faults_allowed, int *code)
{
	struct error err = ERROR_INIT;
	struct session_request request = {
		.model = model_operand(args),
		.overrides = args->overrides,
		.seeds = seeds,
		.ranges = &args->ranges,
		.options = &args->quant,
		.strict_external_data = args->strict_external_data,
		.literal = args->command == CMD_QUANTIZE &&
			   (args->ranges.count || run_has_samples(args)),
	};
	struct session *session = NULL;

	if (!check_model_operand(args, &err) || !check_dashes(args, seeds, &err))
		session = NULL;
	else if (project_is_name(request.model))
		session = open_project(&request, faults_allowed, &err);
	else
		session = session_open(&request, faults_allowed, run_progress(), &err);
	if (session && !run_check_target(args, session->input, &err)) {
		session_free(session);
		session = NULL;
	}
	if (!session)
		*code = cli_fail(&err);
	return session;
}
