/* Demoting: what lies on rows goes; from a row on which nothing lies, what implies its
 * type. */
#include "plan/cache.h"
#include "plan/edit.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A set of small numbers. */
struct bits {
	uint64_t *words;
};

static bool bits_make(struct bits *bits, size_t count)
{
	bits->words = calloc(count / 64 + 1, sizeof(uint64_t));
	return bits->words;
}

static bool bits_has(const struct bits *bits, uint32_t at)
{
	return bits->words[at / 64] >> (at % 64) & 1;
}

static void bits_add(struct bits *bits, uint32_t at)
{
	bits->words[at / 64] |= UINT64_C(1) << (at % 64);
}

/* One demotion of many rows. */
struct demotion {
	struct plan *plan;
	const struct graph *graph;
	const struct outcome *o;            /* before it */
	struct bits tensors, nodes;         /* the rows */
	struct bits own_tensors, own_nodes; /* rows on which something lies */
	struct bits doomed;                 /* seeds, by position */
	struct bits given;                  /* tensors whose loaded entry goes */
	size_t removed;
	struct error *err;
};

static bool make_sets(struct demotion *d)
{
	return (bits_make(&d->tensors, d->graph->tensor_count) &&
		       bits_make(&d->nodes, d->graph->node_count) &&
		       bits_make(&d->own_tensors, d->graph->tensor_count) &&
		       bits_make(&d->own_nodes, d->graph->node_count) &&
		       bits_make(&d->doomed, d->plan->seeds.count) &&
		       bits_make(&d->given, d->graph->tensor_count)) ||
	       error_set_memory(d->err, "plan");
}

static void free_sets(struct demotion *d)
{
	free(d->tensors.words);
	free(d->nodes.words);
	free(d->own_tensors.words);
	free(d->own_nodes.words);
	free(d->doomed.words);
	free(d->given.words);
}

/* True if something on this tensor lies on a row: the tensor's or its producer's. */
static bool tensor_is_chosen(struct demotion *d, tensor_id tensor)
{
	node_id producer = d->graph->tensors[tensor].producer;
	bool chosen = bits_has(&d->tensors, tensor);

	if (chosen)
		bits_add(&d->own_tensors, tensor);
	if (producer != GRAPH_NONE && bits_has(&d->nodes, producer)) {
		bits_add(&d->own_nodes, producer);
		chosen = true;
	}
	return chosen;
}

static bool node_is_chosen(struct demotion *d, node_id node)
{
	if (!bits_has(&d->nodes, node))
		return false;
	bits_add(&d->own_nodes, node);
	return true;
}

/* A reader seed lies on its tensor and on its reader. */
static bool seed_is_chosen(struct demotion *d, const struct seed *seed)
{
	bool chosen = seed->kind == SEED_TENSOR ? tensor_is_chosen(d, seed->tensor)
						: node_is_chosen(d, seed->node);

	if (seed->kind == SEED_READER && bits_has(&d->tensors, seed->tensor)) {
		bits_add(&d->own_tensors, seed->tensor);
		chosen = true;
	}
	return chosen;
}

static void find_own(struct demotion *d)
{
	for (size_t i = 0; i < d->plan->seeds.count; i++)
		if (seed_is_chosen(d, &d->plan->seeds.items[i]))
			bits_add(&d->doomed, (uint32_t)i);
	for (size_t i = 0; i < d->plan->params.count; i++)
		tensor_is_chosen(d, d->plan->params.items[i].tensor);
	for (uint32_t i = 0; i < d->plan->given->count; i++) {
		tensor_id tensor = d->plan->given->lists[i].tensor;

		if (plan_given(d->plan, tensor) && tensor_is_chosen(d, tensor))
			bits_add(&d->given, tensor);
	}
}

/* The outcome's seeds are the plan's: it was made before the edit. */
static void doom_cause(struct demotion *d, const struct cause *cause)
{
	if (cause->seed != GRAPH_NONE)
		bits_add(&d->doomed, cause->seed);
	else if (cause->tensor != GRAPH_NONE && plan_given(d->plan, cause->tensor))
		bits_add(&d->given, cause->tensor);
}

/* What a tensor's type follows from: the causes of its request, or of its provider's. */
static void doom_tensor_causes(struct demotion *d, tensor_id tensor)
{
	const struct outcome *o = d->o;
	const struct request *request;

	while (o->tensors[tensor].why == GRAPH_NONE &&
		o->tensors[tensor].provider < o->graph->tensor_count)
		tensor = o->tensors[tensor].provider;
	if (o->tensors[tensor].why == GRAPH_NONE)
		return;
	request = &o->details->asked.requests.items[o->tensors[tensor].why];
	if (request->has_producer)
		doom_cause(d, &request->producer_cause);
	for (uint32_t i = request->first_ask; i != GRAPH_NONE;
		i = o->details->asked.asks.items[i].next)
		doom_cause(d, &o->details->asked.asks.items[i].cause);
}

static void doom_node_cause(struct demotion *d, node_id node)
{
	uint32_t why = d->o->nodes[node].why;

	if (why != GRAPH_NONE)
		doom_cause(d, &d->o->details->asked.nodes.items[why].cause);
}

static bool remove_doomed(struct demotion *d)
{
	bool ok = true;

	for (size_t i = d->plan->seeds.count; i > 0 && ok; i--)
		if (bits_has(&d->doomed, (uint32_t)i - 1)) {
			ok = plan_edit_remove_seed(d->plan, i - 1, d->err);
			d->removed++;
		}
	for (size_t i = d->plan->params.count; i > 0 && ok; i--)
		if (tensor_is_chosen(d, d->plan->params.items[i - 1].tensor)) {
			ok = plan_edit_remove_param(d->plan, i - 1, d->err);
			d->removed++;
		}
	for (uint32_t i = 0; i < d->plan->given->count && ok; i++)
		if (bits_has(&d->given, d->plan->given->lists[i].tensor)) {
			ok = plan_edit_drop_given(
				d->plan, d->plan->given->lists[i].tensor, d->err);
			d->removed++;
		}
	return ok;
}

static bool demote(struct demotion *d, const tensor_id *tensors, uint32_t tensor_count,
	const node_id *nodes, uint32_t node_count)
{
	for (uint32_t i = 0; i < tensor_count; i++)
		bits_add(&d->tensors, tensors[i]);
	for (uint32_t i = 0; i < node_count; i++)
		bits_add(&d->nodes, nodes[i]);
	find_own(d);
	for (uint32_t i = 0; i < tensor_count; i++)
		if (!bits_has(&d->own_tensors, tensors[i]))
			doom_tensor_causes(d, tensors[i]);
	for (uint32_t i = 0; i < node_count; i++)
		if (!bits_has(&d->own_nodes, nodes[i]))
			doom_node_cause(d, nodes[i]);
	return remove_doomed(d);
}

/* "Op4_out demoted", "12 rows demoted". */
static void write_sentence(const struct graph *graph, const tensor_id *tensors,
	uint32_t tensor_count, const node_id *nodes, uint32_t node_count, char out[200])
{
	const char *name = tensor_count ? graph_tensor_name(graph, tensors[0])
			   : node_count ? graph_node_label(graph, nodes[0])
					: "";
	char shown[160];

	if (tensor_count + node_count == 1)
		snprintf(out, 200, "%s demoted",
			text_escape(shown, sizeof(shown), name, strlen(name)));
	else
		snprintf(out, 200, "%u rows demoted",
			(unsigned)(tensor_count + node_count));
}

bool plan_demote_rows(struct plan *plan, const tensor_id *tensors, uint32_t tensor_count,
	const node_id *nodes, uint32_t node_count, struct error *err)
{
	struct demotion d = {.plan = plan,
		.graph = plan->graph,
		.o = plan_outcome(plan, err),
		.err = err};
	char sentence[200];
	struct edit edit;
	bool ok;

	if (!d.o)
		return false;
	outcome_keep(d.o);
	ok = make_sets(&d);
	write_sentence(plan->graph, tensors, tensor_count, nodes, node_count, sentence);
	if (ok && plan_edit_begin(plan, &edit, sentence, err))
		ok = plan_edit_end(plan, &edit,
			demote(&d, tensors, tensor_count, nodes, node_count));
	else
		ok = false;
	outcome_drop(d.o);
	free_sets(&d);
	return ok && d.removed;
}

bool plan_demote_tensor(struct plan *plan, tensor_id tensor, struct error *err)
{
	return plan_demote_rows(plan, &tensor, 1, NULL, 0, err);
}

bool plan_demote_node(struct plan *plan, node_id node, struct error *err)
{
	return plan_demote_rows(plan, NULL, 0, &node, 1, err);
}
