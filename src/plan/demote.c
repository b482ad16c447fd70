/* Demoting: what lies on a row goes; if nothing lies there, what implies its type. */
#include "plan/cache.h"
#include "plan/edit.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

/* Counts what was removed; seeds are removed by predicate, from the back. */
struct removal {
	struct plan *plan;
	tensor_id tensor; /* GRAPH_NONE: none */
	node_id node;     /* GRAPH_NONE: none */
	size_t removed;
	struct error *err;
};

static bool lies_on(const struct removal *r, const struct seed *seed)
{
	const struct graph_tensor *t;

	if (r->tensor != GRAPH_NONE && r->node != GRAPH_NONE)
		return seed->kind == SEED_READER && seed->tensor == r->tensor &&
		       seed->node == r->node;
	if (r->tensor != GRAPH_NONE)
		return seed->kind != SEED_NODE && seed->tensor == r->tensor;
	if (seed->kind != SEED_TENSOR)
		return seed->node == r->node;
	t = &r->plan->graph->tensors[seed->tensor];
	return t->producer == r->node;
}

static bool remove_seeds(struct removal *r)
{
	for (size_t i = r->plan->seeds.count; i > 0; i--) {
		if (!lies_on(r, &r->plan->seeds.items[i - 1]))
			continue;
		if (!plan_edit_remove_seed(r->plan, i - 1, r->err))
			return false;
		r->removed++;
	}
	return true;
}

static bool remove_params(struct removal *r, tensor_id tensor)
{
	for (size_t i = r->plan->params.count; i > 0; i--) {
		if (r->plan->params.items[i - 1].tensor != tensor)
			continue;
		if (!plan_edit_remove_param(r->plan, i - 1, r->err))
			return false;
		r->removed++;
	}
	return true;
}

static bool remove_given(struct removal *r, tensor_id tensor)
{
	if (!plan_given(r->plan, tensor))
		return true;
	r->removed++;
	return plan_edit_drop_given(r->plan, tensor, r->err);
}

static bool remove_cause(
	struct removal *r, const struct outcome *o, const struct cause *cause)
{
	size_t at;

	if (cause->seed == GRAPH_NONE)
		return cause->tensor == GRAPH_NONE || remove_given(r, cause->tensor);
	at = plan_find_seed(r->plan, &o->details->seeds[cause->seed]);
	if (at == SIZE_MAX)
		return true;
	r->removed++;
	return plan_edit_remove_seed(r->plan, at, r->err);
}

/* What a tensor's type follows from: the causes of its request, or of its provider's. */
static bool remove_causes(struct removal *r, const struct outcome *o, tensor_id tensor)
{
	const struct request *request;
	bool ok = true;

	while (o->tensors[tensor].why == GRAPH_NONE &&
		o->tensors[tensor].provider < o->graph->tensor_count)
		tensor = o->tensors[tensor].provider;
	if (o->tensors[tensor].why == GRAPH_NONE)
		return true;
	request = &o->details->requests.items[o->tensors[tensor].why];
	if (request->has_producer)
		ok = remove_cause(r, o, &request->producer_cause);
	for (uint32_t i = request->first_ask; i != GRAPH_NONE && ok;
		i = o->details->asks.items[i].next)
		ok = remove_cause(r, o, &o->details->asks.items[i].cause);
	return ok;
}

/* The outcome before the edit is held while the plan changes under it. */
static bool remove_implied(struct removal *r)
{
	const struct outcome *o = plan_outcome(r->plan, r->err);
	bool ok = true;
	uint32_t why;

	if (!o)
		return false;
	outcome_keep(o);
	if (r->tensor != GRAPH_NONE) {
		ok = remove_causes(r, o, r->tensor);
	} else {
		why = o->nodes[r->node].why;
		if (why != GRAPH_NONE)
			ok = remove_cause(
				r, o, &o->details->node_requests.items[why].cause);
	}
	outcome_drop(o);
	return ok;
}

static bool remove_all(struct removal *r)
{
	const struct graph *g = r->plan->graph;

	if (!remove_seeds(r))
		return false;
	if (r->tensor != GRAPH_NONE && r->node == GRAPH_NONE &&
		(!remove_params(r, r->tensor) || !remove_given(r, r->tensor)))
		return false;
	for (uint32_t i = 0;
		r->tensor == GRAPH_NONE && i < g->nodes[r->node].output_count; i++) {
		tensor_id out = graph_output_of(g, r->node, i);

		if (out != GRAPH_NONE &&
			(!remove_params(r, out) || !remove_given(r, out)))
			return false;
	}
	return r->removed || (r->tensor != GRAPH_NONE && r->node != GRAPH_NONE) ||
	       remove_implied(r);
}

static bool demote(struct removal *r, const char *name)
{
	char sentence[200], shown[160];
	struct edit edit;
	bool ok;

	snprintf(sentence, sizeof(sentence), "%s demoted",
		text_escape(shown, sizeof(shown), name, strlen(name)));
	if (!plan_edit_begin(r->plan, &edit, sentence, r->err))
		return false;
	ok = remove_all(r);
	return plan_edit_end(r->plan, &edit, ok) && r->removed;
}

bool plan_demote_tensor(struct plan *plan, tensor_id tensor, struct error *err)
{
	struct removal r = {plan, tensor, GRAPH_NONE, 0, err};

	return demote(&r, graph_tensor_name(plan->graph, tensor));
}

bool plan_demote_node(struct plan *plan, node_id node, struct error *err)
{
	struct removal r = {plan, GRAPH_NONE, node, 0, err};

	return demote(&r, graph_node_label(plan->graph, node));
}

bool plan_demote_reader(
	struct plan *plan, tensor_id tensor, node_id node, struct error *err)
{
	struct removal r = {plan, tensor, node, 0, err};

	return demote(&r, graph_tensor_name(plan->graph, tensor));
}
