#include "job/prepare.h"

#include "base/text.h"
#include "cli/print.h"
#include "cli/run.h"
#include "cli/words.h"

#include <string.h>

static int prepare_json(const char *path, const struct prepare_report *report)
{
	return print_json(json_pack(
		"{s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:i, s:i, s:i, s:s?, s:o}", "output",
		print_json_text(path, strlen(path)), "bytes",
		(json_int_t)report->written.bytes, "side_bytes",
		(json_int_t)report->written.side_bytes, "opset_before",
		(json_int_t)report->opset_before, "opset",
		(json_int_t)report->opset_after, "nodes_before",
		(json_int_t)report->nodes_before, "nodes",
		(json_int_t)report->nodes_after, "constants", (int)report->constants,
		"named_nodes", (int)report->names, "fixed_dims", (int)report->dims,
		"optimized_by", *report->runtime ? report->runtime : NULL, "notes",
		print_json_problems(&report->notes)));
}

static void prepare_text(const char *path, const struct prepare_report *report)
{
	answer_written(path, &report->written, report->opset_before, report->opset_after);
	answer(", %zu node%s", report->nodes_after, text_s(report->nodes_after));
	if (report->nodes_after != report->nodes_before)
		answer(" (were %zu)", report->nodes_before);
	answer("\n%u Constant%s became initializers, %u node%s named, %u dimension%s "
	       "fixed%s%s\n",
		report->constants, text_s(report->constants), report->names,
		text_s(report->names), report->dims, text_s(report->dims),
		*report->runtime ? ", optimized by ONNX Runtime " : "", report->runtime);
}

static int prepare(const struct args *args)
{
	struct prepare_request request = {
		.model = args->operands.items[0],
		.fix_dims = &args->fix_dims,
		.optimize = args->optimize,
		.ort_lib = args->ort_lib,
		.strict_external_data = args->strict_external_data,
		.overrides = args->overrides,
		.ranges = &args->ranges,
		.write = {.external = (enum external_data)args->external,
			.force = args->force,
			.threads = (unsigned)args->threads},
	};
	struct prepare_report report;
	struct error err = ERROR_INIT;
	int code = EXIT_DONE;

	if (!prepare_write(&request, args->output, run_progress(), &report, &err)) {
		code = cli_fail(&err);
	} else {
		print_notes(&report.notes);
		if (args->json)
			code = prepare_json(args->output, &report);
		else if (!args->quiet)
			prepare_text(args->output, &report);
	}
	prepare_report_release(&report);
	return code;
}

int run_prepare(const struct args *args)
{
	struct error err = ERROR_INIT;

	return run_check_model_output(args, "prepare", &err) ? prepare(args)
							     : cli_fail(&err);
}
