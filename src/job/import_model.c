/* A quantized model as a file to import: the view that src/qdq has of it, by name on the
 * model of the session. */
#include "job/import_model.h"

#include "base/text.h"
#include "job/carry_back.h"
#include "plan/unplaced.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool import_is_model(const char *path)
{
	char begin[256];
	ssize_t count = -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		count = read(fd, begin, sizeof(begin));
		close(fd);
	}
	return count > 0 && import_begins_model(begin, (size_t)count);
}

/* Options are told in a note up to this many bytes. */
enum { OPTIONS_TOLD = 300 };

/* What the view says in words: nodes in no group, and the options, which are kept. */
static bool note_view(const struct qdq_view *view, const char *path,
	struct import_report *report, struct error *err)
{
	struct problem_list *problems = &report->problems;
	char *options = report->options = qdq_options_text(view);
	char cause[OPTIONS_TOLD + 64], file[256];
	bool fine = options != NULL;

	text_escape(file, sizeof(file), path, strlen(path));
	for (size_t i = 0; fine && i < view->notes.count; i++) {
		const struct problem *p = &view->notes.items[i];

		fine = problem_add(problems, p->severity, p->id, PROBLEM_NOWHERE,
			PROBLEM_NOWHERE, p->place, p->cause, p->remedy);
	}
	if (fine) {
		snprintf(cause, sizeof(cause), "it was made with %.*s%s", OPTIONS_TOLD,
			options, strlen(options) > OPTIONS_TOLD ? " ..." : "");
		fine = problem_add(problems, SEVERITY_NOTE, "import", PROBLEM_NOWHERE,
			PROBLEM_NOWHERE, file, cause, "say so to other commands too");
	}
	return fine || error_set_memory(err, "the notes");
}

/* True if the opset was raised before the model was quantized. */
static bool was_raised(const struct graph *graph, const struct qdq_view *view)
{
	return model_opset(graph->model) < model_opset(view->input);
}

/* Ranges of tensors that a raise of the opset makes: of no tensor of the model, but
 * wanted when it is quantized again. */
static bool keep_raised_ranges(const struct graph *graph, const struct qdq_view *view,
	struct ranges *ranges, struct error *err)
{
	const struct graph *from = view->graph;

	for (uint32_t i = 0; was_raised(graph, view) && i < view->ranges.count; i++) {
		tensor_id t = view->ranges.order[i];
		const struct range *r = &view->ranges.of[t];
		struct foreign_range foreign = {r->low, r->high, r->type, r->bare};
		name_id name = from->tensors[t].name;
		const char *text = names_text(&from->names, name);
		size_t length = names_length(&from->names, name);

		if (graph_find_tensor(graph, text, length) == GRAPH_NONE &&
			!ranges_set_foreign(ranges, text, length, &foreign, err))
			return false;
	}
	return true;
}

/* Tensors with an entry or a range that the session's model does not have. */
static void tell_strangers(struct unplaced *unplaced, const struct qdq_view *view)
{
	const struct graph *from = view->graph;
	bool raised = was_raised(unplaced->graph, view);

	for (tensor_id t = 0; t < from->main_tensors; t++) {
		const char *name = graph_tensor_name(from, t);
		const struct entry_list *list = overrides_find(&view->overrides, t);

		if (((list && list->count) ||
			    (!raised && ranges_find(&view->ranges, t))) &&
			graph_find_tensor(unplaced->graph, name, strlen(name)) ==
				GRAPH_NONE)
			unplaced_name(unplaced, 't', name, strlen(name));
	}
}

/* Readers of conversions that it does not have, and conversions without any. */
static bool take_readers(
	struct unplaced *unplaced, const struct problem_list *problems, struct error *err)
{
	char file[256], place[512];

	text_escape(file, sizeof(file), unplaced->file, strlen(unplaced->file));
	for (size_t i = 0; i < problems->count; i++) {
		const struct problem *p = &problems->items[i];

		if (strcmp(p->id, REBIND_RECEIVER) != 0 &&
			strcmp(p->id, REBIND_CONVERSION) != 0)
			continue;
		snprintf(place, sizeof(place), "%s: %s", file, p->place);
		if (!problem_add(unplaced->list, SEVERITY_WARNING, UNPLACED,
			    PROBLEM_NOWHERE, PROBLEM_NOWHERE, place,
			    !strcmp(p->id, REBIND_RECEIVER)
				    ? "the model has no node of this name, which reads a "
				      "converted tensor"
				    : "the model has no reader of its conversion, which "
				      "was dropped",
			    "give the model that it was made of"))
			return error_set_memory(err, "the report");
	}
	return !unplaced->lost || error_set_memory(err, "the report");
}

static bool take_view(const struct session *session, struct qdq_view *view,
	const char *path, struct imported *got, struct import_report *report,
	struct error *err)
{
	struct unplaced unplaced = {&report->problems, session->graph, path, 0, false};
	struct problem_list lost = {0};
	bool fine = !was_raised(session->graph, view) || carry_back(view, &unplaced, err);

	tell_strangers(&unplaced, view);
	fine = fine &&
	       overrides_rebind(&got->overrides, &view->overrides, view->graph,
		       session->graph, false, &lost, err) &&
	       take_readers(&unplaced, &lost, err) &&
	       ranges_rebind(
		       &got->ranges, &view->ranges, view->graph, session->graph, err) &&
	       keep_raised_ranges(session->graph, view, &got->ranges, err) &&
	       qdq_complete_ranges(&got->ranges, session->graph, err) &&
	       note_view(view, path, report, err);
	problem_clear(&lost);
	if (fine && !got->overrides.count && !got->ranges.count)
		fine = error_set(err, ERROR_REFUSED,
			"%s: nothing in it has a place in this model; give the model "
			"that "
			"it was made of",
			text_path(path));
	return fine;
}

/* Its options, but for those that are about this program. */
static bool take_options(const struct session *session, const struct qdq_view *view,
	struct quant_options *options, struct error *err)
{
	const struct quant_options *own = session->plan->options;

	if (!options_copy(options, &view->options, err))
		return false;
	options->ort_compatible = own->ort_compatible;
	options->keep_constants = own->keep_constants;
	return true;
}

bool import_read_model(const struct session *session, const char *path,
	struct imported *got, struct quant_options *options, struct import_report *report,
	struct error *err)
{
	struct model_options open = {session->strict_external_data};
	struct model *model = model_open(path, &open, NULL, err);
	struct qdq_view *view = NULL;
	bool fine = model && qdq_view_open(&view, model, session->plan->options, err);

	if (fine && !view)
		fine = error_set(err, ERROR_REFUSED,
			"%s: it is not quantized; give a model with QuantizeLinear and "
			"DequantizeLinear nodes",
			text_path(path));
	fine = fine && take_view(session, view, path, got, report, err) &&
	       take_options(session, view, options, err);
	qdq_view_free(view);
	model_free(model);
	return fine;
}

bool import_describe(const struct session *session, const char *path,
	struct import_report *report, struct error *err)
{
	const struct plan *plan = session->plan;

	*report = (struct import_report){.format = import_find("onnx", err)};
	if (!session->quantized)
		return error_set(err, ERROR_REFUSED,
			"%s: it is not quantized; give a model with QuantizeLinear and "
			"DequantizeLinear nodes",
			text_path(path));
	report->tensors = session->quantized->overrides.count;
	report->ranges = plan->ranges->count;
	return note_view(session->quantized, path, report, err);
}
