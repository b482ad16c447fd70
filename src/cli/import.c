/* `import`: another tool's file as overrides and ranges of a model. */
#include "job/import.h"

#include "base/output.h"
#include "base/text.h"
#include "cli/print.h"
#include "cli/run.h"
#include "cli/words.h"
#include "job/project.h"
#include "job/target.h"
#include "plan/outcome.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the list of formats */

static json_t *json_gives(unsigned gives)
{
	static const char *const words[] = {
		"overrides", "ranges", "seeds", "float nodes", "scores"};
	json_t *list = json_array();

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (gives & 1u << i)
			json_array_append_new(list, json_string(words[i]));
	return list;
}

static int list_formats(bool json)
{
	json_t *list = json ? json_array() : NULL;

	for (size_t i = 0; i < import_format_count; i++) {
		const struct import_format *format = &import_formats[i];

		if (json)
			json_array_append_new(
				list, json_pack("{s:s, s:s, s:o}", "name", format->name,
					      "about", format->about, "gives",
					      json_gives(format->gives)));
		else
			answer("%-20s %s\n", format->name, format->about);
	}
	return json ? print_json(list) : EXIT_DONE;
}

/* ---- what is told */

struct importing {
	const struct args *args;
	struct session *session;
	struct import_report report;
	const struct outcome *outcome;
};

static void tell_excluded(const struct importing *in)
{
	const struct text_list *nodes = &in->report.excluded;

	if (!nodes->count || (in->args->output && project_is_name(in->args->output)))
		return;
	print_note("%zu node%s stay%s float, %s%s: tell other commands with "
		   "--nodes-to-exclude, or write a project (-o FILE.qdq)",
		nodes->count, text_s(nodes->count), nodes->count == 1 ? "s" : "",
		text_quoted_z(nodes->items[0]), nodes->count > 1 ? ", ..." : "");
}

/* ---- answers */

static json_t *json_scores(const struct importing *in)
{
	const struct scores *scores = &in->report.scores;
	json_t *list = json_array();

	for (size_t i = 0; i < scores->count; i++) {
		double value = scores->items[i].value;

		json_array_append_new(
			list, json_pack("{s:o, s:o}", "tensor",
				      json_tensor_name(in->session->graph,
					      scores->items[i].tensor),
				      "score",
				      isfinite(value) ? json_real(value) : json_null()));
	}
	return list;
}

static json_t *json_ranges(const struct importing *in)
{
	const struct ranges *ranges = in->session->plan->ranges;
	json_t *object = json_object();

	for (uint32_t i = 0; i < ranges->count; i++) {
		const struct range *range = &ranges->of[ranges->order[i]];
		json_t *name = json_tensor_name(in->session->graph, ranges->order[i]);

		json_object_set_new(object, json_string_value(name),
			json_pack("[f, f]", range->low, range->high));
		json_decref(name);
	}
	return object;
}

static json_t *json_excluded(const struct importing *in)
{
	json_t *list = json_array();

	for (size_t i = 0; i < in->report.excluded.count; i++) {
		const char *name = in->report.excluded.items[i];

		json_array_append_new(list, print_json_text(name, strlen(name)));
	}
	return list;
}

static int import_json(const struct importing *in)
{
	static const char *const orders[] = {NULL, "low first", "high first"};
	const struct import_report *report = &in->report;
	json_t *answer = json_object();
	const char *order = orders[report->scores.order];

	json_object_set_new(answer, "format", json_string(report->format->name));
	json_object_set_new(answer, "overrides", json_overrides(in->outcome));
	json_object_set_new(answer, "ranges", json_ranges(in));
	json_object_set_new(answer, "float_nodes", json_excluded(in));
	json_object_set_new(answer, "scores", json_scores(in));
	json_object_set_new(answer, "worst", order ? json_string(order) : json_null());
	json_object_set_new(answer, "options",
		report->options ? json_string(report->options) : json_null());
	json_object_set_new(answer, "cost", json_cost(&in->outcome->cost));
	json_object_set_new(answer, "losses", print_json_losses(&report->losses));
	json_object_set_new(answer, "notes", print_json_problems(&report->problems));
	return print_json(answer);
}

static int put_scores(const struct importing *in)
{
	const struct scores *scores = &in->report.scores;

	if (!scores->order)
		print_note("the file does not say whether high scores are good or bad: "
			   "they stand as they are in it; see --higher");
	for (size_t i = 0; i < scores->count; i++)
		answer("%-12g %s\n", scores->items[i].value,
			words_tensor(in->session->graph, scores->items[i].tensor));
	return EXIT_DONE;
}

static void put_summary(const struct importing *in)
{
	const struct import_report *report = &in->report;
	size_t lost = report->losses.count;

	answer("%s: overrides of %u tensor%s, %u range%s, %u seed%s, %zu float node%s, "
	       "%zu score%s",
		report->format->name, report->tensors, text_s(report->tensors),
		report->ranges, text_s(report->ranges), report->seeds,
		text_s(report->seeds), report->excluded.count,
		text_s(report->excluded.count), report->scores.count,
		text_s(report->scores.count));
	if (lost)
		answer("; %zu without a place", lost);
	answer("\n");
	print_cost(answer_stream(), &in->outcome->cost);
}

/* ---- files */

static bool save_ranges(const struct importing *in, struct error *err)
{
	struct session *session = in->session;
	const char *path = in->args->save_ranges;
	size_t length;
	char *text;
	bool done;

	if (!path)
		return true;
	text = ranges_write(session->plan->ranges, session->graph, &length);
	done = text ? target_check(session->input, path, in->args->force, err) &&
			       output_text(path, text, length, in->args->force, err)
		    : error_set_memory(err, "ranges");
	free(text);
	return done &&
	       (!strcmp(path, "-") || plan_ranges_saved(session->plan, path, err));
}

static bool save_report(const struct importing *in, struct error *err)
{
	const struct args *args = in->args;
	size_t length;
	char *text;
	bool done;

	if (!args->report)
		return true;
	text = loss_text(&in->report.losses, &length);
	done = text ? target_check(in->session->input, args->report, args->force, err) &&
			       output_text(args->report, text, length, args->force, err)
		    : error_set_memory(err, "the report");
	free(text);
	return done;
}

static bool has_choices(const struct import_report *report)
{
	const unsigned choices = IMPORT_OVERRIDES | IMPORT_SEEDS | IMPORT_FLOAT;

	return report->tensors || report->seeds || report->excluded.count ||
	       ((report->format->gives & choices) && !report->scores.count);
}

/* What the file gives must go somewhere. */
static bool check_outputs(const struct importing *in, struct error *err)
{
	const struct import_report *report = &in->report;
	const struct args *args = in->args;
	const char *file = text_path(args->operands.items[0]);

	if (has_choices(report) || args->json)
		return true;
	if (report->ranges && !args->save_ranges)
		return error_set(err, ERROR_USAGE,
			"%s: it gives ranges; say where they go with --save-ranges FILE",
			file);
	if (!report->ranges && args->output)
		return error_set(err, ERROR_USAGE,
			"%s: it gives scores; add --top N to promote the worst of them, "
			"or give the file to 'suggest --scores'",
			file);
	return true;
}

static int put_result(const struct importing *in)
{
	struct error err = ERROR_INIT;
	const struct args *args = in->args;
	const char *path = args->output;
	bool done =
		check_outputs(in, &err) && save_ranges(in, &err) && save_report(in, &err);

	if (!path && !args->json && has_choices(&in->report))
		path = "-";
	if (args->json && path && !strcmp(path, "-"))
		path = NULL;
	if (done && path && project_is_name(path))
		done = project_save(in->session, NULL, path, args->force, &err);
	else if (done && path)
		done = session_save_overrides(in->session, path, args->force, &err);
	if (!done)
		return cli_fail(&err);
	print_foreign(&in->report.problems, "; --report FILE has all");
	tell_excluded(in);
	if (args->json)
		return import_json(in);
	if (!has_choices(&in->report) && !in->report.ranges)
		return put_scores(in);
	if ((!path || strcmp(path, "-")) && !args->quiet)
		put_summary(in);
	return EXIT_DONE;
}

/* ---- running */

static bool read_request(
	const struct args *args, struct import_request *request, struct error *err)
{
	request->path = args->operands.items[0];
	request->accept_float = args->accept_float;
	request->order = run_score_order(args);
	if (args->operands.count < 2 && !import_is_model(request->path))
		return error_set(err, ERROR_USAGE,
			"import: the MODEL that %s is for is wanted; see 'qdqedit help "
			"import'",
			text_quoted_z(request->path));
	if (args->output && args->save_ranges && !strcmp(args->output, args->save_ranges))
		return error_set(err, ERROR_USAGE,
			"--save-ranges %s: overrides and ranges go to two files; name "
			"another",
			text_quoted_z(args->save_ranges));
	if (args->format && !(request->format = import_find(args->format, err)))
		return false;
	return !args->top || import_parse_top(args->top, request) ||
	       error_set(err, ERROR_USAGE,
		       "--top %s: a number of tensors or a share such as 10%% is wanted; "
		       "see 'qdqedit help import'",
		       text_quoted_z(args->top));
}

static int import(struct importing *in, const struct import_request *request)
{
	struct error err = ERROR_INIT;
	int code;

	if (!(in->args->operands.count > 1
			    ? session_import(in->session, request, &in->report, &err)
			    : import_describe(
				      in->session, request->path, &in->report, &err)))
		return cli_fail(&err);
	in->outcome = plan_outcome(in->session->plan, &err);
	if (!in->outcome || !check_closure(in->outcome, &err))
		return cli_fail(&err);
	code = put_result(in);
	if (code == EXIT_DONE && in->args->strict && in->report.losses.count)
		code = EXIT_FOUND;
	return code;
}

int run_import(const struct args *args)
{
	struct importing in = {.args = args};
	struct import_request request = {0};
	struct error err = ERROR_INIT;
	int code;

	if (args->list)
		return list_formats(args->json);
	if (!read_request(args, &request, &err))
		return cli_fail(&err);
	in.session = run_open(args, NULL, false, &code);
	if (!in.session)
		return code;
	if (args->operands.count > 1) /* else they are in the report */
		print_notes(&in.session->notes);
	code = import(&in, &request);
	import_report_release(&in.report);
	session_free(in.session);
	return code;
}
