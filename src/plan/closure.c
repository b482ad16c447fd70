/* Step 1 of the closure: seeds and loaded entries ask nodes, nodes ask tensors. */
#include "plan/closure.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void closure_tell(struct closure *c, enum severity severity, const char *id,
	tensor_id tensor, node_id node, const char *remedy, const char *format, ...)
{
	char cause[768];
	const char *place =
		tensor != GRAPH_NONE ? text_quoted_z(graph_tensor_name(c->graph, tensor))
		: node != GRAPH_NONE ? text_quoted_z(graph_node_label(c->graph, node))
				     : "plan";
	va_list args;

	va_start(args, format);
	vsnprintf(cause, sizeof(cause), format, args);
	va_end(args);
	if (!problem_add(c->problems, severity, id, tensor, node, place, cause, remedy) ||
		!ARRAY_PUSH(c->marks, (struct problem_mark){c->stage, c->cause}))
		c->lost = true;
	c->stopped |= severity == SEVERITY_ERROR && c->options->ort_compatible;
}

const char *closure_cause_words(
	const struct closure *c, const struct cause *cause, char *out, size_t room)
{
	char words[160];

	if (cause->seed != GRAPH_NONE)
		snprintf(out, room, "your seed %s",
			seed_words(
				c->graph, &c->seeds[cause->seed], words, sizeof(words)));
	else
		snprintf(out, room, "the loaded entry of %s",
			text_quoted_z(graph_tensor_name(c->graph, cause->tensor)));
	return out;
}

/* The request on a tensor, made if there is none; NULL when memory is gone. */
static struct request *request_on(struct closure *c, tensor_id tensor)
{
	struct request *r = asked_request(c->asked, &c->tensors[tensor].why, tensor);

	c->lost |= !r;
	return r;
}

/* The fixer's tests, E1 to E3; default mode has its own later. */
static bool fixer_allows_output(
	struct closure *c, const struct request *request, const struct type_info *info)
{
	if (!c->options->ort_compatible || !request->has_producer ||
		type_info_equal(&request->producer, info))
		return true;
	closure_tell(c, SEVERITY_ERROR, "E1", request->tensor, GRAPH_NONE,
		"give neighbouring tensors one type", "Tensor %s has multiple types.",
		text_quoted_z(graph_tensor_name(c->graph, request->tensor)));
	return false;
}

static bool fixer_allows_input(struct closure *c, const struct request *request,
	node_id node, const struct type_info *info)
{
	if (!c->options->ort_compatible)
		return true;
	if (request->first_ask != GRAPH_NONE &&
		!type_info_equal(&c->asked->asks.items[request->first_ask].info, info)) {
		closure_tell(c, SEVERITY_ERROR, "E2", request->tensor, node,
			"give its readers one type",
			"Tensor %s has consumers requesting different types.",
			text_quoted_z(graph_tensor_name(c->graph, request->tensor)));
		return false;
	}
	if (!graph_node_name(c->graph, node)[0]) {
		closure_tell(c, SEVERITY_ERROR, "E3", request->tensor, node,
			"give it one: qdqedit prepare",
			"Node of type %s with output 0 %s does not have a name!",
			graph_op_type(c->graph, node),
			text_quoted_z(graph_node_label(c->graph, node)));
		return false;
	}
	return true;
}

static void ask_output(struct closure *c, tensor_id tensor, const struct type_info *info,
	const struct cause *cause)
{
	struct request *request;

	if (tensor == GRAPH_NONE || !plan_is_float(c->graph, tensor))
		return;
	request = request_on(c, tensor);
	if (!request || !fixer_allows_output(c, request, info))
		return;
	request->has_producer = true;
	request->producer = *info;
	request->producer_cause = *cause;
}

static void ask_input(struct closure *c, tensor_id tensor, node_id node,
	const struct type_info *info, const struct cause *cause)
{
	struct ask ask = {node, *info, *cause, GRAPH_NONE};
	bool constant;
	struct request *request;

	if (tensor == GRAPH_NONE || !plan_is_float(c->graph, tensor))
		return;
	constant = base_is_constant(c->graph, c->options, tensor);
	if (constant && (c->options->ort_compatible ||
				!(c->tensors[tensor].flags & STATE_QUANTIZED) ||
				(c->tensors[tensor].flags & (STATE_WEIGHT | STATE_BIAS))))
		return;
	request = request_on(c, tensor);
	if (!request || !fixer_allows_input(c, request, node, info))
		return;
	request->constant = constant;
	/* the fixer keeps the first info for all of them */
	if (c->options->ort_compatible && request->first_ask != GRAPH_NONE)
		ask.info = c->asked->asks.items[request->first_ask].info;
	c->lost |= !asked_add(c->asked, request, &ask);
}

/* Default mode: a node that was asked before must be asked the same. */
static bool is_new_request(struct closure *c, node_id node, const struct type_info *info,
	const struct cause *cause)
{
	const struct node_request *before;
	char first[200], second[200];

	if (c->nodes[node].why == GRAPH_NONE)
		return true;
	before = &c->asked->nodes.items[c->nodes[node].why];
	if (before->info.type != info->type)
		closure_tell(c, SEVERITY_ERROR, "L3", GRAPH_NONE, node,
			"keep one of the two", "wanted as %s by %s and as %s by %s",
			qtypes[before->info.type].brief,
			closure_cause_words(c, &before->cause, first, sizeof(first)),
			qtypes[info->type].brief,
			closure_cause_words(c, cause, second, sizeof(second)));
	return false;
}

static void request_node(struct closure *c, node_id node, const struct type_info *info,
	const struct cause *cause)
{
	const struct graph_node *n = &c->graph->nodes[node];

	if (!graph_is_main(c->graph, node) || !closure_has_node(c, node))
		return;
	if (!c->options->ort_compatible && (!base_is_selected(c->base, node) ||
						   !is_new_request(c, node, info, cause)))
		return;
	if (c->nodes[node].why == GRAPH_NONE)
		c->lost |= !asked_add_node(c->asked, &c->nodes[node].why,
			&(struct node_request){node, *info, *cause});
	for (uint32_t i = 0; i < n->output_count && !c->stopped && !c->lost; i++)
		ask_output(c, graph_output_of(c->graph, node, i), info, cause);
	for (uint32_t i = 0; i < n->input_count && !c->stopped && !c->lost; i++)
		ask_input(c, graph_input_of(c->graph, node, i), node, info, cause);
}

/* A tensor of another type than the base asks its producer and all its readers. */
static void request_around(struct closure *c, tensor_id tensor,
	const struct type_info *info, const struct cause *cause)
{
	const struct graph_tensor *t = &c->graph->tensors[tensor];
	node_id last = GRAPH_NONE;

	if (t->producer != GRAPH_NONE)
		request_node(c, t->producer, info, cause);
	for (uint32_t i = 0; i < t->reader_count && !c->stopped && !c->lost; i++) {
		node_id reader = c->graph->readers[t->first_reader + i].node;

		if (reader != last)
			request_node(c, reader, info, cause);
		last = reader;
	}
}

static bool differs_from_base(const struct closure *c, const struct type_info *info)
{
	struct type_info base = {.type = c->options->activation_type,
		.symmetric = c->options->activation_symmetric ? YES : NO,
		.reduce_range = UNSET};

	if (!c->options->ort_compatible)
		return info->type != base.type;
	return !type_info_equal(info, &base);
}

/* What the map says about a tensor, if it is one that asks (qdq-semantics.md 8.3). */
static void request_by_entry(
	struct closure *c, tensor_id tensor, const struct cause *cause)
{
	const struct entry_list *list = overrides_find(c->entries, tensor);
	struct type_info info;

	if (!list || list->count != 1 || !plan_is_float(c->graph, tensor) ||
		base_is_constant(c->graph, c->options, tensor) ||
		(list->entries[0].own.has & ENTRY_CONVERT))
		return;
	info = type_info_of(&list->entries[0].own);
	if (info.type == QTYPE_NONE)
		info.type = c->options->activation_type;
	if (differs_from_base(c, &info))
		request_around(c, tensor, &info, cause);
}

static void request_by_node_seed(
	struct closure *c, const struct seed *seed, const struct cause *cause)
{
	struct type_info info = {
		.type = seed->type, .symmetric = seed->symmetric, .reduce_range = UNSET};

	if (!c->options->ort_compatible && !base_is_selected(c->base, seed->node)) {
		closure_tell(c, SEVERITY_WARNING, "no-effect", GRAPH_NONE, seed->node,
			"select it with the op types, or remove the seed",
			"the seed has no effect: this node is not quantized");
		return;
	}
	request_node(c, seed->node, &info, cause);
}

static void request_by_reader_seed(
	struct closure *c, const struct seed *seed, const struct cause *cause)
{
	struct type_info info = {
		.type = seed->type, .symmetric = seed->symmetric, .reduce_range = UNSET};

	if (base_is_constant(c->graph, c->options, seed->tensor)) {
		closure_tell(c, SEVERITY_ERROR, "T6", seed->tensor, seed->node,
			"seed the tensor itself",
			"an initializer is stored, not converted");
		return;
	}
	if (!c->options->ort_compatible && !base_is_selected(c->base, seed->node)) {
		closure_tell(c, SEVERITY_WARNING, "no-effect", seed->tensor, seed->node,
			"select it with the op types, or remove the seed",
			"the seed has no effect: this reader is not quantized");
		return;
	}
	ask_input(c, seed->tensor, seed->node, &info, cause);
}

static void request_by_seed(struct closure *c, const struct seed *seed)
{
	if (seed->kind == SEED_NODE)
		request_by_node_seed(c, seed, &c->cause);
	else if (seed->kind == SEED_READER)
		request_by_reader_seed(c, seed, &c->cause);
	else if (!plan_given(c->plan, seed->tensor))
		request_by_entry(c, seed->tensor, &c->cause);
}

void closure_request(struct closure *c)
{
	const struct overrides *given = c->plan->given;

	c->stage = STAGE_REQUEST;
	for (uint32_t i = 0; i < given->count && !c->stopped && !c->lost; i++) {
		c->cause = (struct cause){GRAPH_NONE, given->lists[i].tensor};
		if (closure_has_tensor(c, c->cause.tensor) &&
			plan_given(c->plan, c->cause.tensor))
			request_by_entry(c, c->cause.tensor, &c->cause);
	}
	for (uint32_t i = 0; i < c->seed_count && !c->stopped && !c->lost; i++) {
		const struct seed *seed = &c->seeds[i];

		c->cause = (struct cause){i, seed->tensor};
		if (seed->kind == SEED_TENSOR ? closure_has_tensor(c, seed->tensor)
					      : closure_has_node(c, seed->node))
			request_by_seed(c, seed);
	}
}
