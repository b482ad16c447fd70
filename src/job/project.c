#include "config.h"

#include "job/project.h"

#include "base/output.h"
#include "base/path.h"
#include "base/text.h"
#include "job/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MOST = 1 << 30 };

bool project_is_name(const char *path)
{
	size_t length = strlen(path);

	return length > 4 && !strcmp(path + length - 4, ".qdq");
}

/* A path as it is to stand in a project in `folder`: relative in it or below, else
 * absolute. A path that leads nowhere stays as it is. malloc'ed. */
static char *path_for(const char *path, const char *folder)
{
	char *real = realpath(path, NULL), *kept;
	size_t n = strlen(folder);

	if (!real)
		return strdup(path);
	if (strncmp(real, folder, n) || real[n] != '/')
		return real;
	kept = strdup(real + n + 1);
	free(real);
	return kept;
}

/* The other way round: malloc'ed. */
static char *path_from(const char *path, const char *project)
{
	int folder = (int)(path_name(project) - project);
	char *whole = NULL;

	if (*path == '/')
		return strdup(path);
	if (asprintf(&whole, "%.*s%s", folder, project, path) < 0)
		return NULL;
	return whole;
}

static bool add_path(struct text_list *list, char *owned)
{
	if (owned && ARRAY_PUSH(list, owned))
		return true;
	free(owned);
	return false;
}

/* "net.ranges.json" beside "net.qdq": ranges that were measured here and are in no file.
 */
static char *side_name(const char *path)
{
	size_t length = strlen(path) - (project_is_name(path) ? strlen(".qdq") : 0);
	char *name = NULL;

	if (asprintf(&name, "%.*s.ranges.json", (int)length, path) < 0)
		return NULL;
	return name;
}

/* The project's own side file is replaced when it is written again. */
static bool write_side(
	const struct session *session, const char *side, bool own, struct error *err)
{
	size_t length;
	char *text = ranges_write(session->plan->ranges, session->graph, &length);
	bool done = text ? target_check(session->input, side, own, err) &&
				    output_text(side, text, length, own, err)
			 : error_set_memory(err, "ranges");

	free(text);
	return done;
}

static bool fill_info(const struct session *session, const struct project_info *marks,
	const char *folder, const char *side, struct project_info *info)
{
	const struct ranges *ranges = session->plan->ranges;
	bool done = true;

	info->model = path_for(session->input->path, folder);
	info->model_size = model_file_size(session->input);
	model_digest(session->input, info->digest);
	for (size_t i = 0; done && !ranges->measured && i < ranges->file_count; i++)
		done = add_path(&info->ranges, path_for(ranges->files[i], folder));
	if (done && ranges->measured)
		done = add_path(&info->ranges, path_for(side, folder));
	if (done && session->overrides_path)
		done = (info->overrides = path_for(session->overrides_path, folder));
	for (size_t i = 0; done && marks && i < marks->mark_count; i++)
		done = project_add_mark(info, marks->marks[i].letter,
			marks->marks[i].node, marks->marks[i].name);
	return done && info->model;
}

bool project_save(struct session *session, const struct project_info *marks,
	const char *path, bool force, struct error *err)
{
	bool measured = session->plan->ranges->measured;
	bool own =
		force || (session->project_path && !strcmp(session->project_path, path));
	struct project_info info = {0};
	char *folder = path_folder(path), *text = NULL, *side = side_name(path);
	size_t length;
	bool done = target_check(session->input, path, force, err);

	if (done && !folder)
		done = error_set(err, ERROR_IO, "%s: its folder is not there; make it",
			text_path(path));
	done = done && (side || error_set_memory(err, "the project"));
	done = done && (!measured || write_side(session, side, own, err));
	if (done && fill_info(session, marks, folder, side, &info))
		text = project_write(session->plan, &info, &length);
	if (done && !text)
		done = error_set_memory(err, "the project");
	done = done && output_text(path, text, length, force, err) &&
	       (!measured || plan_ranges_saved(session->plan, side, err));
	project_info_release(&info);
	free(side);
	free(folder);
	free(text);
	return done;
}

bool project_check_request(const struct session_request *request, struct error *err)
{
	struct quant_options usual;
	bool alone = !request->overrides && (!request->ranges || !request->ranges->count);

	options_init(&usual);
	alone = alone && (!request->options || options_equal(request->options, &usual));
	options_release(&usual);
	return alone || error_set(err, ERROR_USAGE,
				"%s: a project brings its options, overrides and ranges; "
				"leave those of the command line out",
				text_path(request->model));
}

/* Opens what the project names. */
static struct session *open_named(const char *path, const struct project_info *info,
	const struct quant_options *options, bool strict, const struct progress *progress,
	struct error *err)
{
	struct session_request request = {
		.strict_external_data = strict, .options = options};
	struct text_list ranges = {0};
	struct session *session = NULL;
	char *model = path_from(info->model, path);
	bool done = model != NULL;

	for (size_t i = 0; done && i < info->ranges.count; i++)
		done = add_path(&ranges, path_from(info->ranges.items[i], path));
	request.model = model;
	request.ranges = &ranges;
	if (!strncmp(info->model, "demo:", 5)) {
		request.model = NULL;
		request.demo = info->model + 5;
	}
	if (done)
		session = session_open(&request, true, progress, err);
	else
		error_set_memory(err, "the project");
	text_list_release(&ranges);
	free(model);
	return session;
}

/* A model that is another one than when the project was written. */
static bool compare_model(
	struct session *session, const struct project_info *info, const char *path)
{
	char digest[17];

	model_digest(session->input, digest);
	if (!*info->digest || !strcmp(digest, info->digest))
		return true;
	return problem_add(&session->faults, SEVERITY_WARNING, "model-changed",
		PROBLEM_NOWHERE, PROBLEM_NOWHERE, text_path(path),
		"the model has changed since the project was written",
		"what does not match is told below");
}

/* A project's text, and how it is opened. */
struct opening {
	const char *path, *text;
	size_t length;
	bool strict;
	const struct progress *progress;
	struct project_info *info;
};

/* Opens the model under the options (NULL: the defaults) and lays the choices over it. */
static struct session *open_with(
	const struct opening *o, const struct quant_options *options, struct error *err)
{
	struct session *session =
		open_named(o->path, o->info, options, o->strict, o->progress, err);

	if (!session || (compare_model(session, o->info, o->path) &&
				project_read(o->text, o->length, o->path, session->plan,
					&session->faults, err)))
		return session;
	session_free(session);
	error_set_memory(error_is_set(err) ? NULL : err, "the project");
	return NULL;
}

/* The model that is planned on depends on some options: then it is opened under them. */
static struct session *open_again(
	const struct opening *o, struct session *owned, struct error *err)
{
	const struct quant_options *chosen = owned->plan->options;
	struct quant_options options;
	struct session *session;

	if (!chosen->ort_compatible && !chosen->keep_constants)
		return owned;
	options_init(&options);
	session =
		options_copy(&options, chosen, err) ? open_with(o, &options, err) : NULL;
	options_release(&options);
	session_free(owned);
	return session;
}

static struct session *open_text(const struct opening *o, struct error *err)
{
	struct session *session;

	if (!project_read_info(o->text, o->length, o->path, o->info, err))
		return NULL;
	if (!o->info->model) {
		error_set(err, ERROR_REFUSED,
			"%s: it names no model; add a line model {\"file\": ...}",
			text_path(o->path));
		return NULL;
	}
	session = open_with(o, NULL, err);
	return session ? open_again(o, session, err) : NULL;
}

struct session *project_open(const char *path, bool strict_external_data,
	const struct progress *progress, struct project_info *info, struct error *err)
{
	size_t length;
	char *text = input_read(path, FILE_MOST, &length, err);
	const struct opening opening = {
		path, text, length, strict_external_data, progress, info};
	struct session *session;

	*info = (struct project_info){0};
	session = text ? open_text(&opening, err) : NULL;
	free(text);
	if (!session)
		return NULL;
	plan_forget_history(session->plan);
	plan_mark_saved(session->plan);
	free(session->overrides_path);
	session->overrides_path =
		info->overrides ? path_from(info->overrides, path) : NULL;
	session->project_path = strdup(path);
	return session;
}
