#include "plan/asked.h"

#include <stdlib.h>

void asked_release(struct asked *asked)
{
	ARRAY_RELEASE(&asked->requests);
	ARRAY_RELEASE(&asked->asks);
	ARRAY_RELEASE(&asked->nodes);
}

/* ---- order */

/* Loaded entries come first, in their order, then seeds. */
static uint64_t event_of(const struct asked *asked, const struct cause *cause)
{
	if (cause->seed != GRAPH_NONE)
		return (UINT64_C(1) << 32) + cause->seed;
	return asked->given->index ? asked->given->index[cause->tensor] : 0;
}

/* A tensor asks its producer, then its readers in file order. */
struct asked_order asked_order_of_cause(
	const struct asked *asked, const struct cause *cause, node_id node)
{
	bool producer = cause->tensor != GRAPH_NONE &&
			asked->graph->tensors[cause->tensor].producer == node;

	return (struct asked_order){
		event_of(asked, cause), producer ? 0 : (uint64_t)node + 1, 0};
}

static int compare(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

int asked_compare(const struct asked_order *a, const struct asked_order *b)
{
	int order = compare(a->event, b->event);

	order = order ? order : compare(a->turn, b->turn);
	return order ? order : compare(a->slot, b->slot);
}

/* A node's outputs come before its inputs. */
static uint32_t slot_of(const struct graph *g, node_id node, tensor_id tensor)
{
	const struct graph_node *n = &g->nodes[node];
	uint32_t i = 0;

	while (i < n->output_count && graph_output_of(g, node, i) != tensor)
		i++;
	while (i >= n->output_count && i < n->output_count + n->input_count &&
		graph_input_of(g, node, i - n->output_count) != tensor)
		i++;
	return i;
}

static struct asked_order order_of_ask(const struct asked *asked, const struct ask *ask)
{
	return asked_order_of_cause(asked, &ask->cause, ask->node);
}

struct asked_order asked_order_of(const struct asked *asked, const struct request *r)
{
	node_id producer = asked->graph->tensors[r->tensor].producer, node = producer;
	struct asked_order first = {UINT64_MAX, 0, 0}, order;

	if (r->has_producer)
		first = asked_order_of_cause(asked, &r->producer_cause, producer);
	if (r->first_ask != GRAPH_NONE) {
		order = order_of_ask(asked, &asked->asks.items[r->first_ask]);
		if (asked_compare(&order, &first) < 0) {
			node = asked->asks.items[r->first_ask].node;
			first = order;
		}
	}
	first.slot = slot_of(asked->graph, node, r->tensor);
	return first;
}

bool asked_list(const struct asked *asked, struct request_refs *refs, uint32_t at)
{
	const struct request *r = &asked->requests.items[at];

	return ARRAY_PUSH(refs, (struct request_ref){asked_order_of(asked, r), r});
}

static int compare_refs(const void *a, const void *b)
{
	const struct request_ref *x = a, *y = b;

	return asked_compare(&x->order, &y->order);
}

void asked_sort(struct request_refs *refs)
{
	if (refs->count)
		qsort(refs->items, refs->count, sizeof(*refs->items), compare_refs);
}

/* ---- adding */

struct request *asked_request(struct asked *asked, uint32_t *at, tensor_id tensor)
{
	const struct request none = {.tensor = tensor,
		.first_ask = GRAPH_NONE,
		.last_ask = GRAPH_NONE,
		.added = GRAPH_NONE};

	if (*at != GRAPH_NONE)
		return &asked->requests.items[*at];
	if (asked->free_request) {
		*at = asked->free_request - 1;
		asked->free_request = asked->requests.items[*at].first_ask;
		asked->requests.items[*at] = none;
	} else if (ARRAY_PUSH(&asked->requests, none)) {
		*at = (uint32_t)asked->requests.count - 1;
	} else {
		return NULL;
	}
	return &asked->requests.items[*at];
}

static bool comes_before(
	const struct asked *asked, uint32_t at, const struct asked_order *order)
{
	struct asked_order here = order_of_ask(asked, &asked->asks.items[at]);

	return asked_compare(&here, order) <= 0;
}

/* The ask that a new one follows, or GRAPH_NONE. They mostly come in order: the search
 * goes on where the one before it ended. */
static uint32_t place_of(
	const struct asked *asked, const struct request *r, const struct ask *ask)
{
	const struct ask *asks = asked->asks.items;
	struct asked_order order = order_of_ask(asked, ask);
	uint32_t at = r->last_ask, next;

	if (at == GRAPH_NONE || comes_before(asked, at, &order))
		return at;
	at = r->added;
	if (at != GRAPH_NONE && !comes_before(asked, at, &order))
		at = GRAPH_NONE;
	for (next = at == GRAPH_NONE ? r->first_ask : asks[at].next;
		comes_before(asked, next, &order); next = asks[at].next)
		at = next;
	return at;
}

static uint32_t new_ask(struct asked *asked, const struct ask *ask)
{
	uint32_t at;

	if (asked->free_ask) {
		at = asked->free_ask - 1;
		asked->free_ask = asked->asks.items[at].next;
		asked->asks.items[at] = *ask;
		return at;
	}
	return ARRAY_PUSH(&asked->asks, *ask) ? (uint32_t)asked->asks.count - 1
					      : GRAPH_NONE;
}

static bool is_same_asker(const struct ask *a, const struct ask *b)
{
	return a->node == b->node && a->cause.seed == b->cause.seed &&
	       a->cause.tensor == b->cause.tensor;
}

bool asked_add(struct asked *asked, struct request *r, const struct ask *ask)
{
	uint32_t after = place_of(asked, r, ask), at, *link;

	if (after != GRAPH_NONE && is_same_asker(&asked->asks.items[after], ask))
		return true;
	at = new_ask(asked, ask);
	if (at == GRAPH_NONE)
		return false;
	link = after == GRAPH_NONE ? &r->first_ask : &asked->asks.items[after].next;
	asked->asks.items[at].next = *link;
	*link = at;
	if (r->last_ask == after)
		r->last_ask = at;
	r->added = at;
	return true;
}

bool asked_add_node(struct asked *asked, uint32_t *at, const struct node_request *request)
{
	if (asked->free_node) {
		*at = asked->free_node - 1;
		asked->free_node = asked->nodes.items[*at].cause.seed;
		asked->nodes.items[*at] = *request;
		return true;
	}
	if (!ARRAY_PUSH(&asked->nodes, *request))
		return false;
	*at = (uint32_t)asked->nodes.count - 1;
	return true;
}

/* ---- taking back */

void asked_strip(struct asked *asked, uint32_t at, const uint8_t *has_node)
{
	struct request *r = &asked->requests.items[at];
	uint32_t *link = &r->first_ask;

	r->last_ask = r->added = GRAPH_NONE;
	while (*link != GRAPH_NONE) {
		uint32_t here = *link;
		struct ask *ask = &asked->asks.items[here];

		if (!has_node[ask->node]) {
			r->last_ask = here;
			link = &ask->next;
			continue;
		}
		*link = ask->next;
		*ask = (struct ask){.node = GRAPH_NONE, .next = asked->free_ask};
		asked->free_ask = here + 1;
	}
	if (r->has_producer && has_node[asked->graph->tensors[r->tensor].producer])
		r->has_producer = false;
}

bool asked_drop_empty(struct asked *asked, uint32_t *at)
{
	struct request *r = &asked->requests.items[*at];

	if (r->has_producer || r->first_ask != GRAPH_NONE)
		return false;
	*r = (struct request){.tensor = GRAPH_NONE, .first_ask = asked->free_request};
	asked->free_request = *at + 1;
	*at = GRAPH_NONE;
	return true;
}

void asked_drop_node(struct asked *asked, uint32_t *at)
{
	asked->nodes.items[*at] = (struct node_request){
		.node = GRAPH_NONE, .cause = {asked->free_node, GRAPH_NONE}};
	asked->free_node = *at + 1;
	*at = GRAPH_NONE;
}

void asked_move_cause(struct cause *cause, const uint32_t *moved, uint32_t first)
{
	if (cause->seed != GRAPH_NONE && cause->seed >= first)
		cause->seed = moved[cause->seed - first];
}

void asked_move_seeds(struct asked *asked, const uint32_t *moved, uint32_t first)
{
	for (size_t i = 0; i < asked->requests.count; i++)
		if (asked->requests.items[i].has_producer)
			asked_move_cause(
				&asked->requests.items[i].producer_cause, moved, first);
	for (size_t i = 0; i < asked->asks.count; i++)
		if (asked->asks.items[i].node != GRAPH_NONE)
			asked_move_cause(&asked->asks.items[i].cause, moved, first);
	for (size_t i = 0; i < asked->nodes.count; i++)
		if (asked->nodes.items[i].node != GRAPH_NONE)
			asked_move_cause(&asked->nodes.items[i].cause, moved, first);
}
