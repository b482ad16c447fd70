#include "job/import.h"

#include "base/output.h"
#include "base/path.h"
#include "base/text.h"
#include "job/import_model.h"
#include "plan/unplaced.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void import_report_release(struct import_report *report)
{
	problem_clear(&report->problems);
	text_list_release(&report->excluded);
	scores_release(&report->scores);
	loss_release(&report->losses);
	free(report->options);
	*report = (struct import_report){0};
}

bool import_parse_top(const char *text, struct import_request *request)
{
	char *end;
	double number = strtod(text, &end);
	bool share = *end == '%';

	if (end == text || end[share] || !(number > 0))
		return false;
	if (share) {
		request->top_share = number / 100;
		return number <= 100;
	}
	request->top = number <= UINT32_MAX ? (uint32_t)number : 0;
	return number == floor(number) && request->top;
}

/* ---- scores */

/* Brings scores into an order; those that nobody tells the order of stay as they are. */
static bool order_scores(const struct session *session,
	const struct import_request *request, struct scores *scores, struct error *err)
{
	bool asked = request->top || request->top_share > 0;

	if (!scores->count || scores->order)
		return true;
	if (request->order)
		return scores_sort(scores, session->graph, request->order, err);
	return !asked || scores_need_order(request->path, err);
}

/* The worst become seeds, on top of others. */
static bool seed_worst(const struct session *session,
	const struct import_request *request, struct imported *got, struct error *err)
{
	double share = ceil(request->top_share * (double)got->scores.count);
	size_t count = request->top ? request->top : (size_t)share;
	enum qtype type = qtype_wider(session->plan->options->activation_type);

	for (size_t i = 0; i < got->scores.count && i < count; i++)
		if (!ARRAY_PUSH(
			    &got->seeds, (struct seed){.kind = SEED_TENSOR,
						 .tensor = got->scores.items[i].tensor,
						 .node = GRAPH_NONE,
						 .type = type,
						 .symmetric = UNSET}))
			return error_set_memory(err, "the seeds");
	return true;
}

/* ---- applying */

/* A seed that the plan refuses has no place. */
static bool add_seed(struct session *session, const struct seed *seed, const char *path,
	struct import_report *report, struct error *err)
{
	const struct graph *graph = session->graph;
	struct unplaced unplaced = {&report->problems, graph, path, 0, false};
	struct error own = ERROR_INIT;
	const char *name = seed->kind == SEED_NODE
				   ? graph_node_label(graph, seed->node)
				   : graph_tensor_name(graph, seed->tensor);

	if (plan_add_seed(session->plan, seed, &own)) {
		report->seeds++;
		return true;
	}
	if (own.kind == ERROR_MEMORY)
		return error_set_memory(err, "the seeds");
	unplaced_add(&unplaced, seed->kind == SEED_NODE ? PROBLEM_NOWHERE : seed->tensor,
		name, strlen(name), "", "it cannot be promoted: %s", own.text);
	return !unplaced.lost || error_set_memory(err, "the seeds");
}

static bool add_seeds(struct session *session, const struct imported *got,
	const char *path, struct import_report *report, struct error *err)
{
	for (size_t i = 0; i < got->seeds.count; i++)
		if (!add_seed(session, &got->seeds.items[i], path, report, err))
			return false;
	return true;
}

/* In place of the ranges of the same tensors, beside the others. */
static bool put_ranges(
	struct session *session, const struct ranges *got, struct error *err)
{
	const struct ranges *before = session->plan->ranges;
	struct ranges all = {0};
	bool fine = before->count ? ranges_copy(&all, before, session->graph, err)
				  : ranges_copy(&all, got, session->graph, err);

	fine = fine && (!before->count || ranges_replace(&all, got, session->graph, err));
	all.measured = true;
	fine = fine && plan_set_ranges(session->plan, &all, err);
	ranges_release(&all);
	return fine;
}

static bool exclude(
	struct session *session, const struct text_list *nodes, struct error *err)
{
	struct quant_options options;
	bool fine;

	options_init(&options);
	fine = options_copy(&options, session->plan->options, err) &&
	       options_exclude(&options, nodes, err) &&
	       plan_set_options(session->plan, &options, err);
	options_release(&options);
	return fine;
}

/* `options`: those that a quantized model was made with, or NULL. */
static bool apply(struct session *session, struct imported *got,
	const struct quant_options *options, const char *path,
	struct import_report *report, struct error *err)
{
	struct plan *plan = session->plan;

	report->tensors = got->overrides.count;
	report->ranges = got->ranges.count;
	return (!options || plan_set_options(plan, options, err)) &&
	       (!got->excluded.count || exclude(session, &got->excluded, err)) &&
	       (!got->overrides.count ||
		       plan_set_overrides(plan, &got->overrides, path, err)) &&
	       (!got->ranges.count || put_ranges(session, &got->ranges, err)) &&
	       add_seeds(session, got, path, report, err);
}

static bool apply_group(struct session *session, struct imported *got,
	const struct quant_options *options, const char *path,
	struct import_report *report, struct error *err)
{
	char sentence[96], file[64];
	const char *base = path_name(path);

	text_escape(file, sizeof(file), base, strlen(base));
	snprintf(sentence, sizeof(sentence), "imported %s", file);
	if (!plan_begin(session->plan, sentence, err))
		return false;
	if (!apply(session, got, options, path, report, err)) {
		plan_abort(session->plan);
		return false;
	}
	plan_commit(session->plan);
	return true;
}

static bool read_file(const struct session *session, const struct import_request *request,
	struct imported *got, struct import_report *report, struct error *err)
{
	size_t length;
	char *text = input_read(request->path, IMPORT_BYTES_MAX, &length, err);
	bool fine;

	if (!text)
		return false;
	fine = import_read(got, session->graph, session->plan->options, text, length,
		request->path, request->format, &report->problems, err);
	free(text);
	if (!fine)
		problem_check(&report->problems, err);
	return fine;
}

static bool is_model(const struct import_request *request)
{
	return request->format
		       ? !request->format->read
		       : strcmp(request->path, "-") && import_is_model(request->path);
}

bool session_import(struct session *session, const struct import_request *request,
	struct import_report *report, struct error *err)
{
	struct imported got = {0};
	struct quant_options options;
	bool model = is_model(request), fine;

	*report = (struct import_report){0};
	options_init(&options);
	if (model)
		fine = import_read_model(
			session, request->path, &got, &options, report, err);
	else
		fine = read_file(session, request, &got, report, err);
	if (model)
		got.format = import_find("onnx", err);
	fine = fine && order_scores(session, request, &got.scores, err) &&
	       seed_worst(session, request, &got, err) &&
	       apply_group(session, &got, model ? &options : NULL, request->path, report,
		       err) &&
	       import_list_losses(&report->problems, request->path, request->accept_float,
		       &report->losses, err);
	if (fine) {
		report->format = got.format;
		report->scores = got.scores;
		report->excluded = got.excluded;
		got.scores = (struct scores){0};
		got.excluded = (struct text_list){0};
	}
	options_release(&options);
	import_release(&got);
	return fine;
}
