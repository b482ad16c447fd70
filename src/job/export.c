#include "config.h" /* asprintf */

#include "job/export.h"

#include "base/output.h"
#include "base/path.h"
#include "base/text.h"
#include "job/script_ranges.h"
#include "job/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SAME_MOST = 1 << 30 };

/* ---- Names of files. */

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);

	return length > tail && !strcmp(text + length - tail, end);
}

/* How much of a path stands before its suffix. */
static size_t stem_length(const char *path, const char *suffix)
{
	const char *name = path_name(path);
	const char *dot = strrchr(name, '.');

	if (ends_with(name, suffix))
		return strlen(path) - strlen(suffix);
	return dot && dot > name ? (size_t)(dot - path) : strlen(path);
}

/* The name by which the files of an export call each other. */
static char *stem_of(const struct session *session, const struct export_request *request)
{
	const char *path = request->path;

	if (!path || !strcmp(path, "-"))
		path = session->title;
	path = path_name(path);
	return strndup(path, stem_length(path, request->format->suffix));
}

static bool add_path(struct text_list *paths, const char *path,
	const struct export_format *format, const struct export_file *file)
{
	char *made = NULL;

	if (!paths->count)
		made = strdup(path);
	else if (asprintf(&made, "%.*s%s", (int)stem_length(path, format->suffix), path,
			 file->suffix) < 0)
		made = NULL;
	if (made && ARRAY_PUSH(paths, made))
		return true;
	free(made);
	return false;
}

char *export_default_name(
	const struct session *session, const struct export_format *format)
{
	const char *slash = strrchr(session->title, '/');
	const char *name = slash ? slash + 1 : session->title;
	char *made;

	if (asprintf(&made, "%.*s%s", (int)stem_length(name, ".onnx"), name,
		    format->suffix) < 0)
		return NULL;
	return made;
}

/* ---- Writing. */

/* One file to be written. */
struct target {
	const char *path, *text;
	size_t length;
	struct output out;
	bool open, done, was_there;
};

struct targets ARRAY_OF(struct target);

/* Files that the session was opened from. */
static bool check_inputs(
	const struct session *session, const char *path, struct error *err)
{
	const struct ranges *ranges = session->plan->ranges;
	bool fine = target_check_other(path, session->overrides_path, err) &&
		    target_check_other(path, session->project_path, err);

	for (size_t i = 0; fine && i < ranges->file_count; i++)
		fine = target_check_other(path, ranges->files[i], err);
	return fine;
}

static bool is_same_text(const char *path, const char *text, size_t length)
{
	size_t there = 0;
	char *old = access(path, F_OK) == 0 ? input_read(path, SAME_MOST, &there, NULL)
					    : NULL;
	bool same = old && there == length && !memcmp(old, text, length);

	free(old);
	return same;
}

static bool add_target(struct targets *targets, const struct session *session,
	const char *path, const char *text, size_t length, bool force, struct error *err)
{
	struct target target = {.path = path, .text = text, .length = length};

	for (size_t i = 0; i < targets->count; i++) {
		if (!strcmp(targets->items[i].path, path))
			return error_set(err, ERROR_USAGE,
				"%s: is named for two files; choose another name",
				text_path(path));
	}
	target.was_there = access(path, F_OK) == 0;
	if (!target_check(session->input, path, force, err) ||
		!check_inputs(session, path, err))
		return false;
	return ARRAY_PUSH(targets, target) || error_set_memory(err, "the export");
}

static bool open_targets(struct targets *targets, bool force, struct error *err)
{
	for (size_t i = 0; i < targets->count; i++) {
		struct target *t = &targets->items[i];

		t->open = output_open(&t->out, t->path, force, -1, err);
		if (!t->open || !output_write(&t->out, t->text, t->length, err))
			return false;
	}
	return true;
}

/* All in place, or none that was not there before. */
static bool commit_targets(struct targets *targets, struct error *err)
{
	bool fine = true;

	output_hold(true);
	for (size_t i = 0; fine && i < targets->count; i++) {
		struct target *t = &targets->items[i];

		fine = output_commit(&t->out, err);
		t->done = fine;
	}
	for (size_t i = 0; !fine && i < targets->count; i++) {
		struct target *t = &targets->items[i];

		if (t->done && !t->was_there)
			unlink(t->path);
	}
	output_hold(false);
	return fine;
}

static bool write_targets(struct targets *targets, bool force, struct error *err)
{
	bool fine = open_targets(targets, force, err) && commit_targets(targets, err);

	for (size_t i = 0; !fine && i < targets->count; i++) {
		if (targets->items[i].open)
			output_abort(&targets->items[i].out);
	}
	return fine;
}

static bool list_targets(const struct session *session,
	const struct export_request *request, struct export_done *done,
	struct targets *targets, struct error *err)
{
	bool fine = true;

	for (size_t i = 0; fine && i < done->made.count; i++) {
		const struct export_file *file = &done->made.items[i];
		const char *path;

		if (!add_path(&done->paths, request->path, request->format, file))
			return error_set_memory(err, "the export");
		path = done->paths.items[i];
		if (!i || !is_same_text(path, file->text, file->length))
			fine = add_target(targets, session, path, file->text,
				file->length, request->force, err);
	}
	return fine;
}

static char *report_text(const struct loss_list *losses, const char *path, size_t *length)
{
	return ends_with(path, ".json") ? loss_json(losses, length)
					: loss_text(losses, length);
}

static bool write_all(const struct session *session, const struct export_request *request,
	struct export_done *done, struct error *err)
{
	struct targets targets = {0};
	const char *report = request->report;
	bool to_file = request->path && strcmp(request->path, "-") != 0;
	bool stream = report && !strcmp(report, "-");
	bool fine = !to_file || list_targets(session, request, done, &targets, err);
	size_t length = 0;
	char *text = report ? report_text(&done->made.losses, report, &length) : NULL;

	if (fine && report && !text)
		fine = error_set_memory(err, "the report");
	if (fine && report && !stream)
		fine = add_target(
			&targets, session, report, text, length, request->force, err);
	fine = fine && write_targets(&targets, request->force, err) &&
	       (!stream || output_text(report, text, length, false, err));
	ARRAY_RELEASE(&targets);
	free(text);
	return fine;
}

/* ---- The job. */

/* A script that quantizes starts from a float model. */
static bool check_float_model(const struct session *session,
	const struct export_format *format, struct error *err)
{
	return !session->quantized || !(format->flags & EXPORT_WHOLE) ||
	       error_set(err, ERROR_REFUSED,
		       "%s: is quantized already, and %s starts from a float model; open "
		       "that, with the overrides and ranges of this one (qdqedit import)",
		       session->title, format->name);
}

static const struct outcome *outcome_of(struct session *session,
	const struct export_request *request, struct export_source *source,
	struct error *err)
{
	const struct outcome *outcome = plan_outcome(session->plan, err);

	if (outcome && check_float_model(session, request->format, err) &&
		outcome_check_closure(outcome, err) &&
		export_open(source, session->plan, outcome,
			session->quantized ? NULL : session->input, session->title,
			err) &&
		(!request->scores || export_take_scores(source, request->scores, err)))
		return outcome;
	export_close(source);
	return NULL;
}

bool export_changes_meaning(
	const struct export_format *format, const struct loss_list *losses)
{
	bool found = false;

	for (size_t i = 0; i < losses->count; i++)
		found |= losses->items[i].kind == LOSS_MEANING;
	return found && (format->flags & EXPORT_FLOAT);
}

static bool check_float(const struct export_source *source,
	const struct export_format *format, const struct loss_list *losses,
	struct error *err)
{
	size_t count = export_count_wide(source);

	return !export_changes_meaning(format, losses) ||
	       error_set(err, ERROR_REFUSED,
		       "%s: what is promoted would stay float there (%zu node%s in "
		       "all); " EXPORT_STEP_FLOAT,
		       format->name, count, text_s(count));
}

/* Mendings that a script takes with it: names of nodes, ranges carried over. */
static bool is_in_script(const char *id)
{
	return !strcmp(id, "Q11") || !strcmp(id, "Q40");
}

/* What this program does otherwise than ONNX Runtime and the file will be read by that.
 */
static bool add_mendings(struct loss_list *losses, const struct problem_list *notes,
	bool all, struct error *err)
{
	for (size_t i = 0; i < notes->count; i++) {
		const struct problem *p = &notes->items[i];
		char why[512];
		const struct loss loss = {LOSS_MEANING, PART_OPTIONS, "mending", p->id,
			p->place, why, false};

		if (strcmp(p->id, "Q28") &&
			(!all || *p->id != 'Q' || is_in_script(p->id)))
			continue;
		snprintf(why, sizeof(why), "%s; not so in ONNX Runtime", p->cause);
		if (!loss_add(losses, &loss))
			return error_set_memory(err, "the report");
	}
	return true;
}

/* Whether ONNX Runtime is to make the same model as the default mode. */
static bool is_remade(const struct session *session, const struct export_format *format)
{
	return (format->flags & EXPORT_WHOLE) && !session->plan->options->ort_compatible;
}

/* What the default mode does to the model, and the ranges it takes for it. */
static bool list_mendings(const struct session *session,
	const struct export_format *format, struct quantize_report *report,
	struct error *err)
{
	return !is_remade(session, format) ||
	       (session_list_mendings(session, report, err) &&
		       (!session->plan->ranges->count ||
			       script_add_constants(session, &report->carried, err)));
}

static bool report_mendings(const struct session *session,
	const struct export_format *format, const struct quantize_report *report,
	struct loss_list *losses, struct error *err)
{
	if (!(format->flags & EXPORT_PEER) || session->plan->options->ort_compatible)
		return true;
	return add_mendings(losses, &session->notes, format->flags & EXPORT_WHOLE, err) &&
	       add_mendings(losses, &report->notes, true, err);
}

/* Files, and what they lose. */
static bool make_files(const struct session *session, struct export_source *source,
	const struct export_format *format, const char *stem, struct export_result *made,
	struct error *err)
{
	struct quantize_report report = {0};
	bool fine = list_mendings(session, format, &report, err);

	source->more_ranges = &report.carried;
	fine = fine && export_make(source, format, stem, made, err) &&
	       report_mendings(session, format, &report, &made->losses, err);
	source->more_ranges = NULL;
	quantize_report_release(&report);
	return fine;
}

bool session_export(struct session *session, const struct export_request *request,
	struct export_done *done, struct error *err)
{
	struct export_source source = {0};
	char *stem = NULL;
	bool fine = false;

	*done = (struct export_done){0};
	if (outcome_of(session, request, &source, err)) {
		stem = stem_of(session, request);
		fine = stem || error_set_memory(err, "the export");
	}
	fine = fine &&
	       make_files(session, &source, request->format, stem, &done->made, err) &&
	       (request->accept_float ||
		       check_float(&source, request->format, &done->made.losses, err)) &&
	       write_all(session, request, done, err);
	free(stem);
	export_close(&source);
	return fine;
}

/* Constants of more bytes are not read while somebody looks at a list. */
enum { FORESEE_BYTES = 64 << 20 };

static bool is_quick(const struct outcome *outcome, const struct export_format *format)
{
	uint64_t bytes = 0;

	if (!(format->flags & (EXPORT_NUMBERS | EXPORT_RANGES | EXPORT_WHOLE)))
		return true;
	for (int t = 0; t < QTYPE_COUNT; t++)
		bytes += outcome->cost.weight_bytes[t];
	return bytes <= FORESEE_BYTES;
}

bool session_foresee(struct session *session, const struct export_request *request,
	struct loss_list *losses, struct error *err)
{
	const struct export_format *format = request->format;
	struct export_source source = {0};
	struct export_result made = {0};
	const struct outcome *outcome = outcome_of(session, request, &source, err);
	bool fine = outcome != NULL;

	*losses = (struct loss_list){0};
	if (fine && is_quick(outcome, format)) {
		fine = make_files(session, &source, format, "plan", &made, err);
		*losses = made.losses;
		made.losses = (struct loss_list){0};
	} else if (fine) {
		fine = export_foresee(&source, format, losses, err);
	}
	export_release(&made);
	export_close(&source);
	return fine;
}

void export_done_release(struct export_done *done)
{
	export_release(&done->made);
	text_list_release(&done->paths);
}
