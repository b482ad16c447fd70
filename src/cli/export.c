#include "job/export.h"

#include "base/text.h"
#include "cli/print.h"
#include "cli/run.h"

#include <string.h>

/* ---- The list of formats. */

static json_t *json_format(const struct export_format *format)
{
	return json_pack("{s:s, s:s, s:s, s:b, s:b}", "name", format->name, "suffix",
		format->suffix, "about", format->about, "several_files",
		(format->flags & EXPORT_SEVERAL) != 0, "accept_float",
		(format->flags & EXPORT_FLOAT) != 0);
}

static int list_formats(bool json)
{
	json_t *array = json ? json_array() : NULL;

	for (size_t i = 0; i < export_format_count; i++) {
		const struct export_format *format = &export_formats[i];

		if (array)
			json_array_append_new(array, json_format(format));
		else
			answer("%-16s %-18s %s%s\n", format->name, format->suffix,
				format->about,
				format->flags & EXPORT_FLOAT ? " (--accept-float)" : "");
	}
	return array ? print_json(array) : EXIT_DONE;
}

/* ---- The report. */

static int export_json(const struct args *args, const struct session *session,
	const struct export_done *done)
{
	json_t *files = json_array();
	bool written = done->paths.count > 0;

	for (size_t i = 0; i < done->made.count; i++) {
		const struct export_file *file = &done->made.items[i];
		const char *path = written ? done->paths.items[i] : NULL;

		json_array_append_new(
			files, path ? print_json_text(path, strlen(path))
				    : print_json_text(file->text, file->length));
	}
	return print_json(json_pack("{s:s, s:o, s:o, s:o}", "format", args->format,
		written ? "output" : "text", files, "losses",
		print_json_losses(&done->made.losses), "notes",
		print_json_problems(&session->notes)));
}

static int print_losses(const struct loss_list *losses)
{
	struct error err = ERROR_INIT;
	size_t length;
	char *text = loss_text(losses, &length);

	if (!text) {
		error_set_memory(&err, "the report");
		return cli_fail(&err);
	}
	print_lines(text);
	free(text);
	return EXIT_DONE;
}

static int export_out(const struct args *args, const struct session *session,
	const struct export_done *done)
{
	int code = EXIT_DONE;

	print_notes(&session->notes);
	if (args->json) {
		code = export_json(args, session, done);
	} else {
		code = print_losses(&done->made.losses);
		if (!done->paths.count && done->made.count)
			fwrite(done->made.items[0].text, 1, done->made.items[0].length,
				answer_stream());
	}
	if (code == EXIT_DONE && args->strict && done->made.losses.count)
		code = EXIT_FOUND;
	return code;
}

static const struct export_format *check_usage(const struct args *args, struct error *err)
{
	const struct export_format *format;

	if (!args->operands.count || !args->format) {
		error_set(err, ERROR_USAGE, "export: %s; see 'qdqedit export --list'",
			args->operands.count ? "--format FORMAT is wanted"
					     : "a MODEL is wanted");
		return NULL;
	}
	format = export_find(args->format, err);
	if (format && (format->flags & EXPORT_SEVERAL) && !args->json &&
		(!args->output || args_is_dash(args->output))) {
		error_set(err, ERROR_USAGE, "export: %s makes several files; add -o FILE",
			format->name);
		return NULL;
	}
	if (format && args_is_dash(args->report) &&
		(!args->output || args_is_dash(args->output))) {
		error_set(err, ERROR_USAGE,
			"export: report and file cannot both go to standard output; add "
			"-o FILE");
		return NULL;
	}
	return format;
}

static int export_session(const struct args *args, struct session *session,
	const struct export_format *format)
{
	struct error err = ERROR_INIT;
	struct scores scores = {0};
	const struct export_request request = {.format = format,
		.path = args->output,
		.report = args->report,
		.scores = args->scores ? &scores : NULL,
		.force = args->force,
		.accept_float = args->accept_float};
	struct export_done done = {0};
	int code;

	if (run_load_scores(args, session, SCORES_HIGH_FIRST, &scores, &err) &&
		session_export(session, &request, &done, &err))
		code = export_out(args, session, &done);
	else
		code = cli_fail(&err);
	export_done_release(&done);
	scores_release(&scores);
	return code;
}

int run_export(const struct args *args)
{
	const struct export_format *format;
	struct error err = ERROR_INIT;
	struct session *session;
	int code;

	if (args->list)
		return list_formats(args->json);
	format = check_usage(args, &err);
	if (!format)
		return cli_fail(&err);
	session = run_open(args, &args->seeds, false, &code);
	if (!session)
		return code;
	code = export_session(args, session, format);
	session_free(session);
	return code;
}
