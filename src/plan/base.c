#include "plan/base.h"

#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MISSING_SHOWN = 1000 };

bool base_is_constant(
	const struct graph *graph, const struct quant_options *options, tensor_id tensor)
{
	uint16_t flags = graph->tensors[tensor].flags;

	return (flags & TENSOR_INITIALIZER) ||
	       ((flags & TENSOR_CONSTANT) && !options->ort_compatible &&
		       !options->keep_constants);
}

unsigned base_float_bits(const struct graph *graph, tensor_id tensor)
{
	return graph->tensors[tensor].element_type == ELEMENT_FLOAT16 ? 16 : 32;
}

uint64_t base_tensor_bytes(const struct graph *graph, tensor_id tensor, unsigned bits)
{
	return base_bytes(graph_tensor_elements(graph, tensor), bits);
}

static void set_tensor(
	struct base *b, const struct quant_options *options, tensor_id tensor)
{
	struct tensor_state *state = &b->tensors[tensor];
	const struct mark *mark = b->marks && !b->marks->dequantized[tensor]
					  ? marks_find(b->marks, tensor)
					  : NULL;
	bool constant = base_is_constant(b->graph, options, tensor);

	*state = (struct tensor_state){.provider = GRAPH_NONE, .why = GRAPH_NONE};
	state->flags = constant ? STATE_CONSTANT : 0;
	if (mark) {
		state->flags |= STATE_QUANTIZED;
		state->provider = mark->provider;
		state->stored =
			(uint8_t)(mark->kind == MARK_WEIGHT ? options->weight_type
							    : options->activation_type);
		if (mark->kind == MARK_WEIGHT)
			state->flags |= STATE_WEIGHT;
	} else if (b->marks && marks_find_bias(b->marks, tensor)) {
		state->flags |=
			STATE_BIAS | (options->no_quantize_bias ? 0 : STATE_QUANTIZED);
	}
}

static void count_weight(struct base *b, tensor_id tensor)
{
	const struct tensor_state *state = &b->tensors[tensor];
	unsigned bits = state->stored ? (unsigned)qtypes[state->stored].bits
				      : base_float_bits(b->graph, tensor);
	int32_t type = b->graph->tensors[tensor].element_type;

	if ((state->flags & STATE_CONSTANT) && !(state->flags & STATE_BIAS) &&
		(type == ELEMENT_FLOAT || type == ELEMENT_FLOAT16))
		b->cost.weight_bytes[state->stored] +=
			base_tensor_bytes(b->graph, tensor, bits);
}

/* A sharing tensor has its provider's stored type. Providers mostly stand before it in M
 * and are settled then. */
static void follow_providers(struct base *b)
{
	for (uint32_t i = 0; b->marks && i < b->marks->count; i++) {
		tensor_id tensor = b->marks->marks[i].tensor;
		tensor_id at = b->marks->marks[i].provider;

		if (tensor >= b->graph->tensor_count || at >= b->graph->tensor_count)
			continue;
		while (b->tensors[at].provider < b->graph->tensor_count &&
			b->marks->place[at] > i)
			at = b->tensors[at].provider;
		if (b->tensors[at].stored)
			b->tensors[tensor].stored = b->tensors[at].stored;
	}
}

static uint8_t base_seen(const struct base *b, node_id node)
{
	const struct graph_node *n = &b->graph->nodes[node];

	for (uint32_t i = 0; i < n->output_count + n->input_count; i++) {
		tensor_id tensor =
			i < n->output_count
				? graph_output_of(b->graph, node, i)
				: graph_input_of(b->graph, node, i - n->output_count);

		if (tensor != GRAPH_NONE &&
			(b->tensors[tensor].flags & STATE_QUANTIZED) &&
			!(b->tensors[tensor].flags & STATE_CONSTANT))
			return b->tensors[tensor].stored;
	}
	return QTYPE_NONE;
}

static void set_nodes(struct base *b)
{
	for (node_id n = 0; n < b->graph->node_count; n++) {
		b->nodes[n] =
			(struct node_state){.region = GRAPH_NONE, .why = GRAPH_NONE};
		if (!base_is_selected(b, n))
			continue;
		b->nodes[n].flags = STATE_SELECTED;
		b->nodes[n].seen = base_seen(b, n);
		if (b->nodes[n].seen) {
			b->nodes[n].flags |= STATE_QUANTIZED;
			b->cost.quantized_nodes++;
			b->cost.wide_nodes += qtypes[b->nodes[n].seen].bits == 16;
		}
	}
	b->cost.main_nodes = b->graph->main_nodes;
}

/* Where the ranges that are missing come from. Of a quantized model seen as the float
 * model it stands for some cannot be measured: nothing clips there. */
static const char *missing_remedy(const struct graph *graph, const struct ranges *ranges)
{
	if (ranges->measured)
		return "override its range (rmin, rmax), or exclude its node";
	if (graph->quantized)
		return "calibrate the float model that this one was made from";
	for (node_id n = 0; n < graph->main_nodes; n++)
		if (!strcmp(graph_op_type(graph, n), "QuantizeLinear"))
			return "calibrate with --ort-compatible and these op types: that "
			       "takes the model as it stands";
	return "calibrate with this model and these op types";
}

static bool missing(
	struct base *b, tensor_id tensor, const char *file, const char *remedy)
{
	return problem_add(&b->problems, SEVERITY_ERROR, "range", tensor, PROBLEM_NOWHERE,
		text_quoted_z(graph_tensor_name(b->graph, tensor)), file, remedy);
}

/* A warning only: an override may give it a scale or a range of its own. */
static bool infinite(struct base *b, tensor_id tensor)
{
	return problem_add(&b->problems, SEVERITY_WARNING, "range", tensor,
		PROBLEM_NOWHERE, text_quoted_z(graph_tensor_name(b->graph, tensor)),
		"is to be quantized with an infinite range",
		"calibrate again without such samples, or override its range");
}

/* Marked activations that need a range and have none; only if there are ranges. */
static bool find_missing_ranges(struct base *b, const struct ranges *ranges)
{
	char cause[320], file[256];
	const char *remedy = missing_remedy(b->graph, ranges);
	uint32_t found = 0;
	bool ok = true;

	if (!ranges->count || !b->marks)
		return true;
	snprintf(file, sizeof(file), "%.200s", ranges->source);
	snprintf(cause, sizeof(cause), "%s has no range for this tensor",
		*file ? file : "the calibration");
	for (uint32_t i = 0; i < b->marks->count && ok; i++) {
		const struct mark *mark = &b->marks->marks[i];
		const struct range *range;

		if (mark->tensor >= b->graph->tensor_count ||
			mark->provider != GRAPH_NONE ||
			b->marks->dequantized[mark->tensor] ||
			(b->tensors[mark->tensor].flags & STATE_CONSTANT))
			continue;
		range = ranges_find(ranges, mark->tensor);
		if (range && !(isfinite(range->low) && isfinite(range->high)))
			ok = infinite(b, mark->tensor);
		if (!range && found++ < MISSING_SHOWN)
			ok = missing(b, mark->tensor, cause, remedy);
	}
	if (ok && found > MISSING_SHOWN) {
		snprintf(cause, sizeof(cause),
			found - MISSING_SHOWN == 1 ? "%u further tensor has no range"
						   : "%u further tensors have no range",
			(unsigned)(found - MISSING_SHOWN));
		ok = problem_add(&b->problems, SEVERITY_ERROR, "range", PROBLEM_NOWHERE,
			PROBLEM_NOWHERE, *file ? file : "calibration", cause, remedy);
	}
	return ok;
}

/* ONNX Runtime's quantizer takes the first of them, its sessions the last. */
static bool find_repeated(struct base *b, const struct quant_options *options)
{
	tensor_id t = b->graph->repeated;

	return t == GRAPH_NONE || options->ort_compatible ||
	       problem_add(&b->problems, SEVERITY_ERROR, "repeated", t, PROBLEM_NOWHERE,
		       text_quoted_z(graph_tensor_name(b->graph, t)),
		       "is defined twice (two initializers)",
		       "give one of them another name");
}

/* A graph that cannot be marked is shown without quantization, and why is a problem. What
 * is removed depends on overrides and ranges: here nothing is. */
static bool make_marks(
	struct base *b, const struct quant_options *options, struct error *err)
{
	struct error own = ERROR_INIT;

	b->marks = marks_build(b->graph, options, &marks_no_facts, &own);
	if (b->marks)
		return true;
	if (own.kind != ERROR_MEMORY &&
		problem_add(&b->problems, SEVERITY_ERROR, "marks", PROBLEM_NOWHERE,
			PROBLEM_NOWHERE, "quantization", own.text,
			"until then nothing is quantized"))
		return true;
	return error_set_memory(err, "plan");
}

struct base *base_new(const struct graph *graph, const struct quant_options *options,
	const struct ranges *ranges, struct error *err)
{
	struct base *b = calloc(1, sizeof(*b));
	bool marked;

	if (!b) {
		error_set_memory(err, "plan");
		return NULL;
	}
	atomic_init(&b->references, 1);
	b->graph = graph;
	b->type = options->activation_type;
	marked = make_marks(b, options, err);
	b->tensors = calloc(graph->tensor_count + (size_t)1, sizeof(*b->tensors));
	b->nodes = calloc(graph->node_count + (size_t)1, sizeof(*b->nodes));
	if (!marked || !b->tensors || !b->nodes) {
		if (marked)
			error_set_memory(err, "plan");
		base_drop(b);
		return NULL;
	}
	for (tensor_id t = 0; t < graph->tensor_count; t++)
		set_tensor(b, options, t);
	follow_providers(b);
	for (tensor_id t = 0; t < graph->main_tensors; t++)
		count_weight(b, t);
	set_nodes(b);
	if (!find_repeated(b, options) || !find_missing_ranges(b, ranges) ||
		!base_find_quirks(b, options)) {
		error_set_memory(err, "plan");
		base_drop(b);
		return NULL;
	}
	return b;
}

struct base *base_keep(struct base *b)
{
	atomic_fetch_add(&b->references, 1);
	return b;
}

void base_drop(struct base *b)
{
	if (!b || atomic_fetch_sub(&b->references, 1) != 1)
		return;
	marks_free(b->marks);
	free(b->tensors);
	free(b->nodes);
	problem_clear(&b->problems);
	free(b);
}
