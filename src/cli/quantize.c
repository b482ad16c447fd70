#include "base/text.h"
#include "cli/calibrate.h"
#include "cli/print.h"
#include "cli/run.h"
#include "cli/words.h"

#include <string.h>

static int quantize_json(const struct session *session, const char *path,
	const struct quantize_report *report)
{
	json_t *notes = print_json_problems(&report->notes);
	json_t *opening = print_json_problems(&session->notes);

	json_array_extend(opening, notes);
	json_decref(notes);
	return print_json(json_pack(
		"{s:o, s:I, s:I, s:I, s:I, s:s, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:o}",
		"output", print_json_text(path, strlen(path)), "bytes",
		(json_int_t)report->written.bytes, "side_bytes",
		(json_int_t)report->written.side_bytes, "opset_before",
		(json_int_t)report->opset_before, "opset",
		(json_int_t)report->opset_after, "domain",
		report->done.contrib_domain ? "com.microsoft" : "ai.onnx",
		"quantize_nodes", (int)report->done.quantize_nodes, "dequantize_nodes",
		(int)report->done.dequantize_nodes, "conversions",
		(int)report->done.conversions, "weights", (int)report->done.weights,
		"biases", (int)report->done.biases, "adjusted_weights",
		(int)report->done.adjusted_weights, "removed_nodes",
		(int)report->done.removed_nodes, "notes", opening));
}

static void quantize_text(const char *path, const struct quantize_report *report)
{
	answer_written(path, &report->written, report->opset_before, report->opset_after);
	answer("%s\n", report->done.contrib_domain ? ", Q and DQ of com.microsoft" : "");
	answer("%u Q, %u DQ, %u conversion%s, %u weight%s, %u bias%s\n",
		report->done.quantize_nodes, report->done.dequantize_nodes,
		report->done.conversions, text_s(report->done.conversions),
		report->done.weights, text_s(report->done.weights), report->done.biases,
		report->done.biases == 1 ? "" : "es");
}

static int quantize(const struct args *args, const struct session *session)
{
	struct write_options options = {.external = (enum external_data)args->external,
		.force = args->force,
		.threads = (unsigned)args->threads};
	struct quantize_report report;
	struct error err = ERROR_INIT;
	int code;

	if (!session_quantize(
		    session, args->output, &options, run_progress(), &report, &err)) {
		code = cli_fail(&err);
	} else {
		print_notes(&session->notes);
		print_notes(&report.notes);
		if (report.written.warnings)
			print_note("%s: %s", text_quoted_z(args->output),
				report.written.warning);
		code = EXIT_DONE;
		if (args->json)
			code = quantize_json(session, args->output, &report);
		else if (!args->quiet)
			quantize_text(args->output, &report);
	}
	quantize_report_release(&report);
	return code;
}

static bool check_usage(const struct args *args, struct error *err)
{
	if (!run_check_model_output(args, "quantize", err))
		return false;
	if (args->ranges.count && run_has_samples(args))
		return error_set(err, ERROR_USAGE,
			"quantize: ranges come from --ranges or from samples; leave one "
			"out");
	return true;
}

/* A project names its own; a model that is quantized already has them. */
static bool check_ranges(
	const struct args *args, const struct session *session, struct error *err)
{
	if (args->ranges.count || session->plan->ranges->count || run_has_samples(args) ||
		session->quantized)
		return true;
	return error_set(err, ERROR_USAGE,
		"quantize: ranges are wanted; add --ranges FILE, --data PATH or --random "
		"N");
}

int run_quantize(const struct args *args)
{
	struct error err = ERROR_INIT;
	struct session *session;
	int code;

	if (!check_usage(args, &err))
		return cli_fail(&err);
	session = run_open(args, &args->seeds, false, &code);
	if (!session)
		return code;
	if (check_ranges(args, session, &err) &&
		(!run_has_samples(args) ||
			run_take_measured(args, session, SAMPLES_ALL, &err))) {
		run_note_random(session->plan->ranges);
		code = quantize(args, session);
	} else {
		code = cli_fail(&err);
	}
	session_free(session);
	return code;
}
