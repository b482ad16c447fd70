#include "job/session.h"

#include "base/text.h"
#include "config.h"
#include "job/metadata.h"
#include "onnx/check.h"
#include "onnx/opset.h"
#include "plan/outcome.h"
#include "quant/prepare.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What the quantizer is run on: the planned graph, or the one of the raised model. */
struct ground {
	const struct graph *graph;
	const struct overrides *overrides;
	const struct ranges *ranges;
	/* owned, when raised */
	struct model *raised, *named;
	struct graph *raised_graph;
	struct overrides raised_overrides;
	struct ranges raised_ranges;
	struct opset_rename_list renames;
};

static void ground_release(struct ground *ground)
{
	graph_free(ground->raised_graph);
	overrides_release(&ground->raised_overrides);
	ranges_release(&ground->raised_ranges);
	if (ground->named != ground->raised)
		model_free(ground->named);
	model_free(ground->raised);
	ARRAY_RELEASE(&ground->renames);
}

static bool is_wide(enum qtype type)
{
	return qtypes[type].bits == 16;
}

/* True if any entry of any tensor has a 16-bit type on either side. */
static bool entries_are_wide(const struct overrides *overrides)
{
	for (uint32_t i = 0; i < overrides->count; i++) {
		const struct entry_list *list = &overrides->lists[i];

		for (uint32_t k = 0; k < list->count; k++) {
			if (is_wide(list->entries[k].own.type) ||
				is_wide(list->entries[k].convert.type))
				return true;
		}
	}
	return false;
}

/* The opset to raise to (qdq-semantics.md 6.1), 0 for none. */
static int64_t raise_target(int64_t opset, const struct quant_options *options,
	const struct overrides *overrides)
{
	bool wide = is_wide(options->activation_type) || is_wide(options->weight_type) ||
		    entries_are_wide(overrides);

	if (opset < 21 && (options->block_size > 0 || wide))
		return 21;
	return opset < 10 ? 11 : 0;
}

static bool check_default_import(const struct model *model, struct error *err)
{
	unsigned found = 0;

	for (size_t i = 0; i < model->proto->n_opset_import; i++) {
		ProtobufCBinaryData domain = model->proto->opset_import[i]->domain;

		found += domain.len == 0 || bytes_equal(domain, "ai.onnx");
	}
	if (found == 1)
		return true;
	return error_set(err, ERROR_REFUSED,
		"%s: imports the default operator domain %u times; write it once, as the "
		"standard asks",
		text_path(model->path), found);
}

/* Carries ranges over to what the raise renamed or made (Q40). */
static bool complete_ranges(struct ground *ground, const struct ranges *old_ranges,
	const struct graph *old_graph, struct problem_list *notes, struct error *err)
{
	struct graph *graph = ground->raised_graph;
	uint32_t completed = 0;

	for (size_t i = 0; i < ground->renames.count; i++) {
		const struct opset_rename *r = &ground->renames.items[i];
		tensor_id fresh =
			graph_find_tensor(graph, r->new_name, strlen(r->new_name));
		tensor_id old = r->old_name ? graph_find_tensor(old_graph, r->old_name,
						      strlen(r->old_name))
					    : GRAPH_NONE;
		const struct range *range =
			old == GRAPH_NONE ? NULL : ranges_find(old_ranges, old);
		double low = range ? range->low : 0, high = range ? range->high : 1;
		int32_t type = range ? range->type : ELEMENT_FLOAT;

		if (fresh == GRAPH_NONE || ranges_find(&ground->raised_ranges, fresh))
			continue;
		if (r->kind == RENAME_CONSTANT)
			low = high = r->constant;
		else if (!range)
			continue;
		completed++;
		if (!ranges_set(
			    &ground->raised_ranges, graph, fresh, low, high, type, err))
			return false;
	}
	return !completed ||
	       problem_add(notes, SEVERITY_NOTE, "Q40", PROBLEM_NOWHERE, PROBLEM_NOWHERE,
		       "",
		       "ranges measured before the opset raise were carried over "
		       "to the tensors it made",
		       "");
}

static bool raise(struct ground *ground, const struct session *session, int64_t target,
	struct problem_list *notes, struct error *err)
{
	const struct quant_options *options = session->plan->options;

	ground->raised = model_raise_opset(
		session->model, target, !options->ort_compatible, &ground->renames, err);
	if (!ground->raised)
		return false;
	ground->named = prepare_model(ground->raised, options, notes, err);
	if (!ground->named)
		return false;
	ground->raised_graph = graph_build(ground->named, err);
	if (!ground->raised_graph ||
		!overrides_rebind(&ground->raised_overrides, ground->overrides,
			session->graph, ground->raised_graph, notes, err) ||
		!ranges_rebind(&ground->raised_ranges, ground->ranges, session->graph,
			ground->raised_graph, err))
		return false;
	if (!options->ort_compatible &&
		!complete_ranges(ground, ground->ranges, session->graph, notes, err))
		return false;
	ground->graph = ground->raised_graph;
	ground->overrides = &ground->raised_overrides;
	ground->ranges = &ground->raised_ranges;
	return true;
}

/* What `raise` stands for beyond the opset: quantize_static's own refusals. */
static bool apply_policy(struct ground *ground, const struct session *session,
	struct quantize_report *report, struct error *err)
{
	const struct quant_options *options = session->plan->options;
	int64_t opset = model_opset(session->model), target;

	report->opset_before = report->opset_after = opset;
	if (options->opset_policy == OPSET_KEEP)
		return true;
	if (!check_default_import(session->model, err))
		return false;
	if (options->activation_type == QTYPE_S8 && options->weight_type == QTYPE_U8)
		return error_set(err, ERROR_REFUSED,
			"types: QInt8 activations with QUInt8 weights are refused by "
			"ONNX "
			"Runtime; use QInt8 weights, or --opset-policy keep");
	target = raise_target(opset, options, ground->overrides);
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
	if (!quant->ort_compatible &&
		!metadata_add(model, ground->overrides, ground->graph, err))
		return false;
	return model_write(model, path, &how, progress, &report->written, err);
}

/* The quantized model, not written yet; ground is released by the caller. */
static struct model *make_model(const struct session *session, struct ground *ground,
	struct quantize_report *report, struct error *err)
{
	const struct outcome *outcome = plan_outcome(session->plan, err);
	struct quantize_result *done = &report->done;

	if (!outcome || !problem_check(&outcome->problems, err))
		return NULL;
	ground->graph = session->graph;
	ground->overrides = &outcome->entries;
	ground->ranges = session->plan->ranges;
	if (!apply_policy(ground, session, report, err))
		return NULL;
	return quantize_model(ground->graph, session->plan->options, ground->overrides,
		ground->ranges, done, &report->notes, err);
}

bool session_quantize(const struct session *session, const char *path,
	const struct write_options *options, const struct progress *progress,
	struct quantize_report *report, struct error *err)
{
	struct ground ground = {0};
	struct model *model;
	bool fine;

	*report = (struct quantize_report){0};
	model = make_model(session, &ground, report, err);
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

static void note_failed_check(void *arg, const char *text)
{
	struct dry_run *dry = arg;

	problem_add(dry->problems, dry->severity, "result", PROBLEM_NOWHERE,
		PROBLEM_NOWHERE, "result", text, "");
}

bool session_try_quantize(
	const struct session *session, struct problem_list *problems, struct error *err)
{
	const struct outcome *outcome = plan_outcome(session->plan, err);
	struct dry_run dry = {problems, SEVERITY_ERROR};
	struct error refusal = ERROR_INIT;
	struct quantize_report report = {0};
	struct ground ground = {0};
	struct model *model;
	bool fine = true;

	if (!outcome)
		return false;
	if (!session->plan->ranges->count ||
		problem_count(&outcome->problems, SEVERITY_ERROR))
		return true;
	if (session->plan->options->ort_compatible)
		dry.severity = SEVERITY_WARNING;
	model = make_model(session, &ground, &report, &refusal);
	if (model)
		fine = model_check(model, NULL, note_failed_check, &dry, err);
	else
		fine = problem_add(problems, SEVERITY_ERROR, "quantize", PROBLEM_NOWHERE,
			PROBLEM_NOWHERE, "quantize", refusal.text, "");
	model_free(model);
	ground_release(&ground);
	quantize_report_release(&report);
	return fine;
}

void quantize_report_release(struct quantize_report *report)
{
	problem_clear(&report->notes);
}
