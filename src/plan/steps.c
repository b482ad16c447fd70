/* The closure told from the first rule to the last, as it went. */
#include "plan/telling.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>

static bool same_cause(const struct cause *a, const struct cause *b)
{
	return a && a->seed == b->seed && a->tensor == b->tensor;
}

struct told {
	struct asked_order order;
	const struct node_request *request;
};

static int compare_told(const void *a, const void *b)
{
	const struct told *x = a, *y = b;

	return asked_compare(&x->order, &y->order);
}

/* Step 1: the choices in their order, each with the nodes that it asks. */
static void tell_requests(struct telling *t)
{
	const struct asked *asked = &t->d->asked;
	struct told_list ARRAY_OF(struct told) told = {0};
	const struct cause *last = NULL;

	for (size_t i = 0; i < asked->nodes.count && !t->lost; i++) {
		const struct node_request *r = &asked->nodes.items[i];

		if (r->node != GRAPH_NONE)
			t->lost = !ARRAY_PUSH(&told,
				(struct told){
					asked_order_of_cause(asked, &r->cause, r->node),
					r});
	}
	if (told.count)
		qsort(told.items, told.count, sizeof(*told.items), compare_told);
	for (size_t i = 0; i < told.count; i++) {
		const struct node_request *r = told.items[i].request;

		if (!same_cause(last, &r->cause))
			telling_cause(t, &r->cause);
		last = &r->cause;
		telling_reach(t, r->node, r);
	}
	ARRAY_RELEASE(&told);
}

/* A choice that asks no node: of one reader, of a constant, or without effect. */
static void tell_quiet_seeds(struct telling *t)
{
	const struct asked *asked = &t->d->asked;
	bool *told = calloc(t->d->seeds.count + 1, sizeof(*told));

	for (size_t i = 0; told && i < asked->nodes.count; i++)
		if (asked->nodes.items[i].node != GRAPH_NONE &&
			asked->nodes.items[i].cause.seed != GRAPH_NONE)
			told[asked->nodes.items[i].cause.seed] = true;
	for (uint32_t i = 0; told && i < t->d->seeds.count; i++)
		if (!told[i])
			telling_cause(t, &(struct cause){i, t->d->seeds.items[i].tensor});
	t->lost |= !told;
	free(told);
}

static const char *maker_words(
	const struct telling *t, const struct request *r, char *out, size_t room)
{
	node_id producer = t->o->graph->tensors[r->tensor].producer;
	const char *type = telling_type(t->o->tensors[r->tensor].stored);

	if (producer == GRAPH_NONE)
		snprintf(out, room, "it is an input and stays %s", type);
	else if (r->has_producer)
		snprintf(out, room, "%s makes it in %s", telling_node(t, producer), type);
	else
		snprintf(out, room, "%s was not asked and makes it in %s",
			telling_node(t, producer), type);
	return out;
}

/* Step 2: what becomes of a tensor that somebody asked about. */
static void tell_tensor(struct telling *t, const struct request *r)
{
	const struct boundary *b = outcome_boundary(t->o, r->tensor);
	const char *name = telling_tensor(t, r->tensor);
	const char *type = telling_type(t->o->tensors[r->tensor].stored);
	char maker[300], readers[800];

	maker_words(t, r, maker, sizeof(maker));
	if (r->constant) {
		telling_say(t, WHY_CONSTANT, r->tensor, GRAPH_NONE,
			"%s is a constant operand and follows: stored as %s", name, type);
	} else if (!b) {
		telling_say(t, WHY_OUTPUT, r->tensor, GRAPH_NONE,
			"%s: %s, and its readers see that: stored as %s", name, maker,
			type);
	} else {
		telling_nodes(t, b->readers, b->reader_count, readers, sizeof(readers));
		telling_say(t, WHY_CONVERT, r->tensor,
			b->reader_count ? b->readers[0] : GRAPH_NONE,
			"%s: %s, %s see%s %s: one DQ→Q pair", name, maker,
			*readers ? readers : "no reader", b->reader_count == 1 ? "s" : "",
			telling_type(b->to));
	}
}

static void tell_tensors(struct telling *t)
{
	const struct asked *asked = &t->d->asked;
	struct request_refs refs = {0};

	for (uint32_t i = 0; i < asked->requests.count && !t->lost; i++)
		if (asked->requests.items[i].tensor != GRAPH_NONE)
			t->lost = !asked_list(asked, &refs, i);
	asked_sort(&refs);
	for (size_t i = 0; i < refs.count && !t->lost; i++)
		tell_tensor(t, refs.items[i].request);
	ARRAY_RELEASE(&refs);
}

static void tell_conflicts(struct telling *t)
{
	for (uint32_t i = 0, left = t->o->conflicts; left; i++) {
		const struct problem *p = &t->o->problems.items[i];

		if (p->severity != SEVERITY_ERROR)
			continue;
		left--;
		telling_say(t, WHY_CONFLICT, p->tensor, p->node, "%s: %s; %s", p->place,
			p->cause, p->remedy);
	}
}

bool outcome_steps(
	const struct outcome *outcome, struct why_list *steps, struct error *err)
{
	struct telling t = {outcome, outcome->details, steps, false};

	*steps = (struct why_list){0};
	snprintf(steps->title, sizeof(steps->title), "the closure, rule by rule");
	tell_requests(&t);
	tell_quiet_seeds(&t);
	tell_tensors(&t);
	tell_conflicts(&t);
	if (!steps->count)
		telling_say(&t, WHY_BASE, GRAPH_NONE, GRAPH_NONE,
			"nothing was chosen, so everything has its default type");
	else
		telling_say(&t, WHY_BASE, GRAPH_NONE, GRAPH_NONE,
			"nobody else is asked: %u region%s, %u DQ→Q pair%s",
			outcome->region_count, text_s(outcome->region_count),
			outcome->boundary_count, text_s(outcome->boundary_count));
	return telling_finish(&t, err);
}
