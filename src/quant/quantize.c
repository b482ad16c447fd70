#include "quant/quantize.h"

#include "base/text.h"
#include "quant/quantizer.h"

#include <stdlib.h>
#include <string.h>

/* ---- 6.2 */

static bool is_new_type(enum qtype type)
{
	return qtypes[type].bits == 16 || qtypes[type].bits == 4;
}

static bool list_has_new_type(const struct entry_list *list)
{
	for (uint32_t i = 0; i < list->count; i++) {
		const struct entry *e = &list->entries[i];

		if (((e->own.has & ENTRY_TYPE) && is_new_type(e->own.type)) ||
			((e->own.has & ENTRY_CONVERT) && is_new_type(e->convert.type)))
			return true;
	}
	return false;
}

/* Q1: ONNX Runtime looks at the first tensor with a non-empty entry only. */
static bool overrides_have_new_type(const struct overrides *o, bool first_only)
{
	for (uint32_t i = 0; i < o->count; i++) {
		if (!o->lists[i].count || !o->lists[i].entries[0].own.has)
			continue;
		if (list_has_new_type(&o->lists[i]))
			return true;
		if (first_only)
			return false;
	}
	return false;
}

static bool decide_domain(struct quantizer *q)
{
	const struct quant_options *o = q->options;
	bool by_default = is_new_type(o->activation_type) || is_new_type(o->weight_type);
	bool by_first = overrides_have_new_type(q->overrides, true);
	bool by_any = overrides_have_new_type(q->overrides, false);

	q->contrib = o->use_contrib_ops;
	if (q->contrib || model_opset(q->graph->model) >= 21)
		return true;
	q->contrib = by_default || (q->compatible ? by_first : by_any);
	if (q->compatible || by_default || by_first == by_any)
		return true;
	return quantizer_note(q, "Q1", PROBLEM_NOWHERE, PROBLEM_NOWHERE, "",
		"all overrides decide the domain of Q and DQ, not the first alone");
}

/* ---- the pipeline */

static bool prepare(struct quantizer *q, const struct ranges *ranges)
{
	struct marks_facts facts = {parameters_facts, NULL};

	if (!decide_domain(q))
		return false;
	q->parameters =
		parameters_make(q->graph, q->options, q->overrides, ranges, NULL, q->err);
	facts.arg = q->parameters;
	if (!q->parameters)
		return false;
	q->marks = marks_build(q->graph, q->options, &facts, q->err);
	if (!q->marks || !weights_measure(&q->weights, q->marks, q->options, q->overrides,
				 &q->work, q->err))
		return false;
	q->model = model_derive(q->graph->model, q->err);
	q->values = calloc((size_t)q->marks->tensor_count + 1, sizeof(*q->values));
	if (!q->model || !q->values)
		return q->model ? quantizer_no_memory(q) : false;
	return wiring_init(&q->wiring, q->marks, q->compatible, q->err) &&
	       quantizer_list_initializers(q);
}

static void count_removed(struct quantizer *q)
{
	for (node_id n = 0; n < q->graph->main_nodes; n++)
		q->result->removed_nodes += (q->marks->node_flags[n] & NODE_REMOVED) != 0;
	q->result->contrib_domain = q->contrib;
}

static bool run(struct quantizer *q, const struct ranges *ranges)
{
	if (!prepare(q, ranges) || !quantizer_adjust_weights(q) ||
		!quantizer_emit_tensors(q))
		return false;
	if (!q->options->no_quantize_bias && !quantizer_emit_biases(q))
		return false;
	if (!quantizer_clean(q) || !quantizer_assemble(q))
		return false;
	count_removed(q);
	return q->compatible || quantizer_note_mendings(q);
}

static void release(struct quantizer *q)
{
	parameters_free(q->parameters);
	marks_free(q->marks);
	weights_release(&q->weights);
	wiring_release(&q->wiring);
	ARRAY_RELEASE(&q->initializers);
	ARRAY_RELEASE(&q->captures);
	free(q->values);
	free(q->rebuilt);
}

struct model *quantize_model(const struct graph *graph,
	const struct quant_options *options, const struct overrides *overrides,
	const struct ranges *ranges, const struct quant_work *work,
	struct quantize_result *result, struct problem_list *notes, struct error *err)
{
	struct quantizer q = {.graph = graph,
		.options = options,
		.overrides = overrides,
		.work = *work,
		.compatible = options->ort_compatible,
		.ir = 4, /* from there on initializers need not be graph inputs */
		.result = result,
		.notes = notes,
		.err = err};
	bool ok;

	*result = (struct quantize_result){0};
	ok = run(&q, ranges);
	release(&q);
	if (ok)
		return q.model;
	model_free(q.model);
	return NULL;
}
