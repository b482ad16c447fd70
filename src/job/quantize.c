#include "job/session.h"

#include "base/text.h"
#include "config.h"
#include "infer/infer.h"
#include "job/carry.h"
#include "job/keep_types.h"
#include "job/metadata.h"
#include "job/script_ranges.h"
#include "onnx/check.h"
#include "onnx/external.h"
#include "onnx/imports.h"
#include "onnx/verify.h"
#include "opset/opset.h"
#include "plan/outcome.h"
#include "qdq/rewrite.h"
#include "quant/prepare.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Runs of onnx's inference that quantize_static makes when it raises the opset: on
 * loading, before the conversion, and on loading the result. */
enum { RAISE_SWEEPS = 3 };

/* What the quantizer is run on: the planned graph, or the one of the raised model. */
struct ground {
	const struct graph *graph;
	const struct overrides *overrides;
	const struct ranges *ranges;
	const struct quant_options *options;
	/* owned, when raised */
	struct quant_options raised_options;
	bool has_raised_options;
	struct model *typed, *raised, *named;
	struct graph *raised_graph;
	struct overrides raised_overrides;
	struct ranges raised_ranges;
	struct opset_rename_list renames;
	struct infer_run *inference; /* in compatible mode */
};

static void ground_release(struct ground *ground)
{
	if (ground->has_raised_options)
		options_release(&ground->raised_options);
	graph_free(ground->raised_graph);
	overrides_release(&ground->raised_overrides);
	ranges_release(&ground->raised_ranges);
	if (ground->named != ground->raised)
		model_free(ground->named);
	model_free(ground->raised);
	model_free(ground->typed);
	ARRAY_RELEASE(&ground->renames);
	infer_finish(ground->inference);
}

/* Says which nodes Q39 changed; a node that got two constants stands twice in a row. */
static bool note_kept_meanings(
	const struct ground *ground, struct problem_list *notes, struct error *err)
{
	const char *first = NULL, *last = "";
	size_t count = 0;
	char cause[160];

	for (size_t i = 0; i < ground->renames.count; i++) {
		const struct opset_rename *r = &ground->renames.items[i];

		if (r->kind != RENAME_MENDED || (first && !strcmp(last, r->old_name)))
			continue;
		last = r->old_name;
		first = first ? first : last;
		count++;
	}
	if (!first)
		return true;
	snprintf(cause, sizeof(cause),
		count == 1 ? "keeps its old meaning and type through the opset raise"
			   : "%zu nodes keep their old meaning and type through the "
			     "opset raise, the first of them this",
		count);
	return problem_add(notes, SEVERITY_NOTE, "Q39", PROBLEM_NOWHERE, PROBLEM_NOWHERE,
		       text_quoted_z(first), cause, "") ||
	       error_set_memory(err, "the notes of the opset raise");
}

/* "All" operator types are those of the model that was given; the raise brings others. */
static bool list_op_types(
	struct ground *ground, const struct session *session, struct error *err)
{
	const struct graph *graph = session->graph;
	struct text_list *list = &ground->raised_options.op_types;

	ground->options = &ground->raised_options;
	ground->has_raised_options = true;
	if (!options_copy(&ground->raised_options, session->plan->options, err))
		return false;
	if (!ground->raised_options.all_op_types)
		return true;
	ground->raised_options.all_op_types = false;
	text_list_release(list);
	for (node_id n = 0; n < graph->main_nodes; n++) {
		name_id op = graph->nodes[n].op_type;
		const char *text = names_text(&graph->names, op);
		size_t length = names_length(&graph->names, op);

		if (strcmp(text, "Cast") != 0 && !text_list_has(list, text, length) &&
			!text_list_push(list, text, length, err))
			return false;
	}
	return true;
}

/* In compatible mode the raise drops functions, whose types are known all the same. */
static struct model *raise_model(struct ground *ground, const struct session *session,
	int64_t target, struct error *err)
{
	const struct model *model = session->model;

	if (!session->plan->options->ort_compatible)
		return model_raise_opset(model, target, true, &ground->renames, err);
	if (model->proto->n_functions) {
		ground->typed = keep_types(model, err);
		model = ground->typed;
	}
	return model ? model_raise_and_reload(
			       model, target, ground->inference, &ground->renames, err)
		     : NULL;
}

static bool carry_over(struct ground *ground, const struct graph *old_graph,
	struct problem_list *notes, struct error *err)
{
	struct carry carry = {old_graph, ground->raised_graph, &ground->renames};

	return carry_ranges(&carry, &ground->raised_ranges, ground->ranges, notes, err) &&
	       carry_overrides(&carry, &ground->raised_overrides, err);
}

static bool raise(struct ground *ground, const struct session *session, int64_t target,
	struct problem_list *notes, struct error *err)
{
	const struct quant_options *options = session->plan->options;

	ground->raised = raise_model(ground, session, target, err);
	if (!ground->raised)
		return false;
	ground->named = prepare_model(ground->raised, options, notes, err);
	if (!ground->named)
		return false;
	ground->raised_graph = graph_build_swept(ground->named, RAISE_SWEEPS, err);
	if (!ground->raised_graph ||
		!overrides_rebind(&ground->raised_overrides, ground->overrides,
			session->graph, ground->raised_graph, options->ort_compatible,
			notes, err) ||
		!ranges_rebind(&ground->raised_ranges, ground->ranges, session->graph,
			ground->raised_graph, err))
		return false;
	if (!options->ort_compatible &&
		(!note_kept_meanings(ground, notes, err) ||
			!carry_over(ground, session->graph, notes, err)))
		return false;
	if (!list_op_types(ground, session, err))
		return false;
	ground->graph = ground->raised_graph;
	ground->overrides = &ground->raised_overrides;
	ground->ranges = &ground->raised_ranges;
	return true;
}

/* ONNX Runtime has onnx infer all shapes first, and keeps those of inputs and outputs. */
static bool infer(struct ground *ground, const struct session *session, struct error *err)
{
	if (!session->plan->options->ort_compatible)
		return true;
	ground->inference = infer_start();
	return (ground->inference &&
		       infer_sweep(ground->inference, session->model, INFER_IN_FILE)) ||
	       error_set_memory(err, text_path(session->model->path));
}

/* What `raise` stands for beyond the opset: quantize_static's own refusals. */
static bool apply_policy(struct ground *ground, const struct session *session,
	struct quantize_report *report, struct error *err)
{
	const struct quant_options *options = session->plan->options;
	int64_t opset = model_opset(session->model), target;

	report->opset_before = report->opset_after = opset;
	if (!model_check_default_import(session->model, err) ||
		(options->ort_compatible && !model_check_domains(session->model, err)))
		return false;
	if (options->opset_policy == OPSET_KEEP)
		return true;
	if (options->activation_type == QTYPE_S8 && options->weight_type == QTYPE_U8)
		return error_set(err, ERROR_REFUSED,
			"types: QInt8 activations with QUInt8 weights are refused by "
			"ONNX "
			"Runtime; use QInt8 weights, or --opset-policy keep");
	target = overrides_raise_target(ground->overrides, options, opset);
	if (!target)
		return true;
	report->opset_after = target;
	return raise(ground, session, target, &report->notes, err);
}

static bool write_result(struct model *model, const struct session *session,
	const struct ground *ground, const char *path,
	const struct write_options *options, const struct progress *progress,
	struct quantize_report *report, struct error *err)
{
	const struct quant_options *quant = session->plan->options;
	struct write_options how = *options;

	how.tolerant = quant->ort_compatible;
	if (!quant->ort_compatible && !session->quantized &&
		!metadata_add(model, ground->overrides, ground->graph, err))
		return false;
	if (!quant->ort_compatible && ground->ranges->random &&
		!metadata_set(model, RANGES_RANDOM_KEY, "true", err))
		return false;
	return model_write(model, path, &how, progress, &report->written, err);
}

/* A quantized model with the groups rewritten that the plan changed. */
static struct model *rewrite(const struct session *session, const struct outcome *outcome,
	struct quantize_report *report, struct error *err)
{
	struct qdq_changes changes;
	struct model *model = qdq_rewrite(session->quantized, session->plan, outcome,
		&changes, &report->notes, err);
	char cause[160];

	report->opset_before = report->opset_after = model_opset(session->input);
	report->done = changes.whole;
	if (!model)
		return NULL;
	snprintf(cause, sizeof(cause),
		"was quantized already; changed in it: %u tensor%s, %u conversion%s, %u "
		"bias%s",
		(unsigned)changes.tensors, text_s(changes.tensors),
		(unsigned)changes.conversions, text_s(changes.conversions),
		(unsigned)changes.biases, changes.biases == 1 ? "" : "es");
	if (problem_add(&report->notes, SEVERITY_NOTE, "rewritten", PROBLEM_NOWHERE,
		    PROBLEM_NOWHERE, session->title, cause, ""))
		return model;
	model_free(model);
	error_set_memory(err, "the notes");
	return NULL;
}

/* The quantized model, not written yet; ground is released by the caller. */
static struct model *make_model(const struct session *session, struct ground *ground,
	const struct quant_work *work, struct quantize_report *report, struct error *err)
{
	const struct outcome *outcome = plan_outcome(session->plan, err);
	struct quantize_result *done = &report->done;
	struct model *model;

	if (!outcome || !problem_check(&outcome->problems, err))
		return NULL;
	/* what `check` tells of names that mean nothing */
	if (!problem_add_all(&report->notes, &outcome->problems, UNKNOWN_NODE) ||
		!problem_add_all(&report->notes, &outcome->problems, UNKNOWN_OPERATOR)) {
		error_set_memory(err, "the notes");
		return NULL;
	}
	ground->graph = session->graph;
	ground->overrides = &outcome->entries;
	ground->ranges = session->plan->ranges;
	ground->options = session->plan->options;
	if (session->quantized)
		return rewrite(session, outcome, report, err);
	if (!infer(ground, session, err) || !apply_policy(ground, session, report, err))
		return NULL;
	model = quantize_model(ground->graph, ground->options, ground->overrides,
		ground->ranges, work, done, &report->notes, err);
	if (!model || !ground->inference || infer_declare(ground->inference, model, err))
		return model;
	model_free(model);
	return NULL;
}

bool session_quantize(const struct session *session, const char *path,
	const struct write_options *options, const struct progress *progress,
	struct quantize_report *report, struct error *err)
{
	const struct quant_work work = {options->threads, progress};
	struct ground ground = {0};
	struct model *model;
	bool fine;

	*report = (struct quantize_report){0};
	model = make_model(session, &ground, &work, report, err);
	fine = model && write_result(model, session, &ground, path, options, progress,
				report, err);
	model_free(model);
	ground_release(&ground);
	return fine;
}

/* Where failed checks of a dry run go, and how bad they are: writing refuses them, with
 * --ort-compatible it only warns. */
struct dry_run {
	struct problem_list *problems;
	enum severity severity;
};

/* What the input fails already: it is written all the same, so these are warnings. */
static void note_failed_input(void *arg, const char *text)
{
	struct dry_run *dry = arg;

	problem_add(dry->problems, SEVERITY_WARNING, "model", PROBLEM_NOWHERE,
		PROBLEM_NOWHERE, "model", text, "mend the input");
}

static bool fails_in_input(const struct problem_list *problems, const char *text)
{
	for (size_t i = 0; i < problems->count; i++)
		if (!strcmp(problems->items[i].id, "model") &&
			!strcmp(problems->items[i].cause, text))
			return true;
	return false;
}

static void note_failed_check(void *arg, const char *text)
{
	struct dry_run *dry = arg;

	if (fails_in_input(dry->problems, text))
		return;
	problem_add(dry->problems, dry->severity, "result", PROBLEM_NOWHERE,
		PROBLEM_NOWHERE, "result", text, verify_remedy(text));
}

/* Found in the plan too. */
static bool is_of_plan(const struct problem *p)
{
	return !strcmp(p->id, UNKNOWN_NODE) || !strcmp(p->id, UNKNOWN_OPERATOR);
}

/* Notes tell of mendings; what went wrong on the way is a warning. */
static bool take_warnings(struct problem_list *problems, const struct problem_list *notes)
{
	for (size_t i = 0; i < notes->count; i++) {
		const struct problem *p = &notes->items[i];

		if (p->severity != SEVERITY_NOTE && !is_of_plan(p) &&
			!problem_add_copy(problems, p))
			return false;
	}
	return true;
}

/* The first initializer whose side file is not there or too short. */
static bool check_side_files(const struct model *model, struct problem_list *problems)
{
	const Onnx__GraphProto *graph = model->proto->graph;
	struct error err = ERROR_INIT;
	uint64_t offset;
	int fd;

	for (size_t i = 0; i < graph->n_initializer; i++) {
		if (!tensor_is_external(graph->initializer[i]))
			continue;
		if (!external_open(model, graph->initializer[i], 0, &fd, &offset, &err))
			return problem_add(problems, SEVERITY_ERROR, "side-file",
				PROBLEM_NOWHERE, PROBLEM_NOWHERE, "", err.text, "");
		close(fd);
	}
	return true;
}

bool session_try_quantize(
	const struct session *session, struct problem_list *problems, struct error *err)
{
	const struct outcome *outcome = plan_outcome(session->plan, err);
	const struct quant_work work = {0, NULL};
	struct dry_run dry = {problems, SEVERITY_ERROR};
	struct error refusal = ERROR_INIT;
	struct quantize_report report = {0};
	struct ground ground = {0};
	struct model *model;
	bool fine = true;

	if (!outcome || !model_check(session->input, NULL, note_failed_input, &dry, err))
		return false;
	if (!session->plan->ranges->count ||
		problem_count(&outcome->problems, SEVERITY_ERROR))
		return check_side_files(session->input, problems) ||
		       error_set_memory(err, "problems");
	if (session->plan->options->ort_compatible)
		dry.severity = SEVERITY_WARNING;
	model = make_model(session, &ground, &work, &report, &refusal);
	if (model)
		fine = model_check(model, NULL, note_failed_check, &dry, err) &&
		       take_warnings(problems, &report.notes);
	else
		fine = problem_add(problems, SEVERITY_ERROR, "quantize", PROBLEM_NOWHERE,
			PROBLEM_NOWHERE, "quantize", refusal.text, "");
	model_free(model);
	ground_release(&ground);
	quantize_report_release(&report);
	return fine;
}

bool session_list_mendings(
	const struct session *session, struct quantize_report *report, struct error *err)
{
	const struct quant_work work = {0, NULL};
	struct error refusal = ERROR_INIT;
	struct ground ground = {0};
	bool kept = true;

	*report = (struct quantize_report){0};
	if (session->plan->ranges->count)
		model_free(make_model(session, &ground, &work, report, &refusal));
	if (ground.raised_graph)
		kept = script_keep_carried(session, &ground.raised_ranges,
			ground.raised_graph, &report->carried, err);
	ground_release(&ground);
	return kept &&
	       (refusal.kind != ERROR_MEMORY || error_set_memory(err, "the mendings"));
}

void quantize_report_release(struct quantize_report *report)
{
	problem_clear(&report->notes);
	ranges_release(&report->carried);
}
