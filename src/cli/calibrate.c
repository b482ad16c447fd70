/* `calibrate`, and what other commands do with samples. */
#include "cli/calibrate.h"

#include "base/output.h"
#include "base/text.h"
#include "cli/print.h"
#include "cli/run.h"

#include <stdlib.h>
#include <string.h>

#define RANDOM_NOTE                                                                      \
	"the ranges come from random samples: good for trying things out, not for use"

void run_note_random(const struct ranges *ranges)
{
	if (ranges->random)
		print_note("%s", RANDOM_NOTE);
}

struct sample_request run_sample_request(const struct args *args)
{
	return (struct sample_request){.data = &args->data,
		.random = args->random,
		.seed = args->random_seed,
		.shape = args->shape,
		.shard = args->shard};
}

struct sample_set *run_open_samples(
	const struct args *args, const struct graph *graph, struct error *err)
{
	struct sample_request request = run_sample_request(args);

	return sample_set_open(graph, &request, err);
}

static bool measure_ranges(const struct args *args, const struct session *session,
	enum sample_share share, struct ranges *ranges, struct calib_report *report,
	struct error *err)
{
	struct calibrate_request request = {
		.samples = run_sample_request(args),
		.method = args->method,
		.ort_lib = args->ort_lib,
		.threads = args->threads,
		.bodies = args->bodies,
	};

	request.samples.share = share;
	return session_calibrate(session, &request, ranges, report, run_progress(), err);
}

bool run_take_measured(const struct args *args, struct session *session,
	enum sample_share share, struct error *err)
{
	struct calib_report report;
	struct ranges ranges = {0};
	bool taken = measure_ranges(args, session, share, &ranges, &report, err) &&
		     plan_set_ranges(session->plan, &ranges, err);

	print_notes(&report.notes);
	calib_report_release(&report);
	ranges_release(&ranges);
	return taken;
}

/* The float tensors inside bodies, and how many of them were measured. */
static json_t *json_inside(const struct calib_report *report)
{
	return json_pack("{s:I, s:I, s:I, s:I}", "bodies",
		(json_int_t)report->inside.bodies, "tensors",
		(json_int_t)report->inside.tensors, "reached",
		(json_int_t)report->inside.reached, "measured",
		(json_int_t)report->inside.measured);
}

static int calibrate_json(const struct args *args, const struct session *session,
	const struct ranges *ranges, const struct calib_report *report)
{
	json_t *notes = print_json_problems(&session->notes);
	json_t *more = print_json_problems(&report->notes);

	json_array_extend(notes, more);
	json_decref(more);
	return print_json(json_pack("{s:o, s:s, s:I, s:I, s:o, s:b, s:i, s:b, s:o}",
		"output", print_json_text(args->output, strlen(args->output)), "method",
		ranges_method_name(ranges->method), "samples",
		(json_int_t)report->samples, "tensors", (json_int_t)report->tensors,
		"inside", json_inside(report), "random", (int)ranges->random, "threads",
		(int)report->threads, "taps", (int)!report->without_taps, "notes",
		notes));
}

/* The ranges alone go to standard output; what was done is told when they go to a file.
 */
static int put_ranges(const struct args *args, const struct session *session,
	const struct ranges *ranges, const struct calib_report *report)
{
	struct error err = ERROR_INIT;
	bool to_file = args->output && strcmp(args->output, "-") != 0;
	size_t length;
	char *text = ranges_write(ranges, session->graph, &length);
	bool put = text || error_set_memory(&err, "ranges");

	if (put && to_file)
		put = output_text(args->output, text, length, args->force, &err);
	else if (put)
		put = fwrite(text, 1, length, answer_stream()) == length;
	free(text);
	if (!put)
		return cli_fail(&err);
	if (!to_file) {
		answer("\n");
		return EXIT_DONE;
	}
	if (args->json)
		return calibrate_json(args, session, ranges, report);
	if (!args->quiet)
		answer("%s: ranges of %u tensor%s by %s from %s\n",
			text_quoted_z(args->output), report->tensors,
			text_s(report->tensors), ranges_method_name(ranges->method),
			ranges->source);
	return EXIT_DONE;
}

/* Ranges that were given are widened by what was measured: so a calibration goes on. */
static bool add_given(const struct args *args, const struct session *session,
	struct ranges *measured, struct calib_report *report, struct error *err)
{
	const struct ranges *given = session->plan->ranges;

	if (!args->ranges.count)
		return true;
	if (session->quantized)
		return error_set(err, ERROR_USAGE,
			"calibrate: ranges of a model that is quantized already are not "
			"added to; leave --ranges out");
	if (!ranges_can_merge(measured) || !ranges_can_merge(given))
		return error_set(err, ERROR_REFUSED,
			"%s: only ranges by MinMax are added to, not %s to %s; leave "
			"--ranges out",
			given->source, ranges_method_name(measured->method),
			ranges_method_name(given->method));
	if (!ranges_merge(measured, given, session->graph, err))
		return false;
	report->tensors = measured->count;
	return problem_add(&report->notes, SEVERITY_NOTE, "merged", PROBLEM_NOWHERE,
		       PROBLEM_NOWHERE, given->source,
		       "these ranges were widened by what was measured", "") ||
	       error_set_memory(err, "the ranges");
}

static bool check_usage(const struct args *args, struct error *err)
{
	if (!run_has_samples(args))
		return error_set(err, ERROR_USAGE,
			"calibrate: samples are wanted; add --data PATH or --random N");
	if (args->bodies && args->quant.ort_compatible)
		return error_set(err, ERROR_USAGE,
			"--bodies: ONNX Runtime's calibrators do not look into bodies; "
			"leave --ort-compatible out");
	return true;
}

int run_calibrate(const struct args *args)
{
	struct calib_report report;
	struct ranges ranges = {0};
	struct error err = ERROR_INIT;
	struct session *session;
	int code;

	if (!check_usage(args, &err))
		return cli_fail(&err);
	session = run_open(args, NULL, false, &code);
	if (!session)
		return code;
	print_notes(&session->notes);
	if (measure_ranges(args, session, SAMPLES_ALL, &ranges, &report, &err) &&
		add_given(args, session, &ranges, &report, &err)) {
		print_notes(&report.notes);
		run_note_random(&ranges);
		code = put_ranges(args, session, &ranges, &report);
	} else {
		code = cli_fail(&err);
	}
	calib_report_release(&report);
	ranges_release(&ranges);
	session_free(session);
	return code;
}
