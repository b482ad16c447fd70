#include "job/session.h"

#include "base/output.h"
#include "base/path.h"
#include "base/text.h"
#include "job/demo_files.h"
#include "job/demos.h"
#include "job/load.h"
#include "job/target.h"
#include "plan/outcome.h"
#include "quant/prepare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool open_input(struct session *session, const struct session_request *request,
	const struct progress *progress, struct error *err)
{
	struct model_options options = {request->strict_external_data};
	const struct demo *demo = request->demo ? demo_get(request->demo, err) : NULL;
	const char *title;
	char escaped[256], path[80];

	if (request->demo && !demo)
		return false;
	snprintf(path, sizeof(path), "demo:%s", demo ? demo->name : "");
	if (demo)
		session->input =
			model_open_memory(demo->model, demo->model_size, path, err);
	else
		session->input = model_open(request->model, &options, progress, err);
	if (!session->input)
		return false;
	title = demo ? demo->name : path_name(request->model);
	text_escape(escaped, sizeof(escaped), title, strlen(title));
	session->title = strdup(escaped);
	return session->title || error_set_memory(err, "the model");
}

/* The plan that makes a quantized model out of its float model. */
static bool plan_on_quantized(struct session *session, struct error *err)
{
	struct qdq_view *view = session->quantized;
	struct overrides overrides = {0};
	struct ranges ranges = {0};
	bool fine, adopted;

	session->model = view->named;
	session->graph = view->graph;
	session->plan = plan_new(session->graph, err);
	fine = session->plan &&
	       (problem_add_all(&session->notes, &view->notes, NULL) ||
		       error_set_memory(err, "the notes")) &&
	       plan_set_options(session->plan, &view->options, err) &&
	       overrides_copy(&overrides, &view->overrides, view->graph, err) &&
	       plan_set_overrides(session->plan, &overrides, "the model", err) &&
	       ranges_copy(&ranges, &view->ranges, view->graph, err) &&
	       plan_set_ranges(session->plan, &ranges, err) &&
	       plan_adopt_file(session->plan, &adopted, err);
	overrides_release(&overrides);
	ranges_release(&ranges);
	return fine;
}

static bool note_literal(struct session *session, struct error *err)
{
	return problem_add(&session->notes, SEVERITY_NOTE, "literal", PROBLEM_NOWHERE,
		       PROBLEM_NOWHERE, session->title,
		       "has Q and DQ already: they stay, and the rest is quantized by "
		       "the ranges given",
		       "without ranges only what changes is rewritten") ||
	       error_set_memory(err, "the notes");
}

/* The planned model, its graph and an empty plan with the options. */
static bool build_plan(
	struct session *session, const struct quant_options *options, struct error *err)
{
	problem_clear(&session->notes);
	if (!options->ort_compatible && qdq_is_quantized(session->input) &&
		!(session->literal ? note_literal(session, err)
				   : qdq_view_open(&session->quantized, session->input,
					     options, err)))
		return false;
	if (session->quantized)
		return plan_on_quantized(session, err);
	session->model = prepare_model(session->input, options, &session->notes, err);
	if (!session->model)
		return false;
	session->graph = graph_build(session->model, err);
	if (!session->graph)
		return false;
	session->plan = plan_new(session->graph, err);
	return session->plan && plan_set_options(session->plan, options, err);
}

static void drop_plan(struct session *session)
{
	plan_free(session->plan);
	if (!session->quantized)
		graph_free(session->graph);
	if (!session->quantized && session->model != session->input)
		model_free(session->model);
	qdq_view_free(session->quantized);
	session->quantized = NULL;
	session->plan = NULL;
	session->graph = NULL;
	session->model = NULL;
}

static bool choose_options(const struct session_request *request,
	struct quant_options *options, struct error *err)
{
	const struct demo *demo = request->demo ? demo_find(request->demo) : NULL;

	if (request->options && !options_copy(options, request->options, err))
		return false;
	return !demo || demo_set_options(demo, options, err);
}

static bool open_all(struct session *session, const struct session_request *request,
	bool faults_allowed, const struct progress *progress, struct error *err)
{
	struct quant_options options;
	uint32_t made_way;
	bool fine;

	if (!open_input(session, request, progress, err))
		return false;
	options_init(&options);
	fine = choose_options(request, &options, err) &&
	       build_plan(session, &options, err) &&
	       load_all(session, request, faults_allowed, err);
	options_release(&options);
	if (!fine) {
		if (!error_is_set(err) ||
			problem_count(&session->faults, SEVERITY_ERROR)) {
			error_clear(err);
			problem_check(&session->faults, err);
		}
		return false;
	}
	if (session->quantized && !request->overrides &&
		!plan_yield_given(session->plan, &made_way, NULL, 0, err))
		return false;
	plan_forget_history(session->plan);
	return true;
}

struct session *session_open(const struct session_request *request, bool faults_allowed,
	const struct progress *progress, struct error *err)
{
	struct session *session = calloc(1, sizeof(*session));
	struct error own = ERROR_INIT;

	if (!err)
		err = &own;
	if (!session) {
		error_set_memory(err, "the model");
		return NULL;
	}
	session->strict_external_data = request->strict_external_data;
	session->literal = request->literal;
	if (request->overrides && strcmp(request->overrides, "-"))
		session->overrides_path = strdup(request->overrides);
	if (!open_all(session, request, faults_allowed, progress, err)) {
		session_free(session);
		return NULL;
	}
	return session;
}

void session_free(struct session *session)
{
	if (!session)
		return;
	drop_plan(session);
	model_free(session->input);
	problem_clear(&session->notes);
	problem_clear(&session->faults);
	free(session->title);
	free(session->overrides_path);
	free(session->project_path);
	free(session);
}

/* Seeds, overrides and ranges of the old plan by name on the new graph. */
static bool carry_over(
	const struct plan *from, struct session *session, struct error *err)
{
	struct overrides given = {0};
	struct ranges ranges = {0};
	bool fine =
		overrides_rebind(&given, from->given, from->graph, session->graph, false,
			&session->faults, err) &&
		plan_set_overrides(session->plan, &given, from->given_name, err) &&
		ranges_rebind(&ranges, from->ranges, from->graph, session->graph, err) &&
		plan_set_ranges(session->plan, &ranges, err);

	overrides_release(&given);
	ranges_release(&ranges);
	for (size_t i = 0; fine && i < from->seeds.count; i++) {
		char *text = seed_text(from->graph, &from->seeds.items[i]);

		if (!text)
			fine = error_set_memory(err, "the plan");
		else if (!session_add_seeds(session, text, err))
			fine = load_keep_fault(session, true, err);
		free(text);
	}
	return fine;
}

bool session_set_options(
	struct session *session, const struct quant_options *options, struct error *err)
{
	const struct quant_options *now = session->plan->options;
	struct session old = *session;
	struct session made = *session;

	if (session->quantized || (now->ort_compatible == options->ort_compatible &&
					  now->keep_constants == options->keep_constants))
		return plan_set_options(session->plan, options, err);
	made.notes = (struct problem_list){0};
	made.model = NULL;
	made.graph = NULL;
	made.plan = NULL;
	if (!build_plan(&made, options, err) || !carry_over(old.plan, &made, err)) {
		drop_plan(&made);
		problem_clear(&made.notes);
		session->faults = made.faults;
		return false;
	}
	plan_forget_history(made.plan);
	*session = made;
	drop_plan(&old);
	problem_clear(&old.notes);
	return true;
}

bool session_save_overrides(
	struct session *session, const char *path, bool force, struct error *err)
{
	const struct outcome *outcome = plan_outcome(session->plan, err);
	size_t length;
	char *json;
	bool fine;

	if (!outcome)
		return false;
	json = overrides_write(&outcome->entries, session->graph, &length, NULL);
	if (!json)
		return error_set_memory(err, "the overrides");
	fine = target_check(session->input, path, force, err) &&
	       output_text(path, json, length, force, err);
	free(json);
	if (fine && strcmp(path, "-"))
		plan_mark_saved(session->plan);
	return fine;
}
