/* Who asked what: the first step of the closure, as it stays in the outcome. For the
 * files of plan/ only.
 *
 * Every request and ask stands where a run over all choices puts it: asks of a tensor in
 * the order of their causes, which is that of loaded entries, then of seeds. Slots in the
 * three lists are in no order once an edit gave some back; those that are free have
 * GRAPH_NONE for tensor or node. */
#ifndef QDQEDIT_PLAN_ASKED_H
#define QDQEDIT_PLAN_ASKED_H

#include "plan/outcome.h"

/* qdq-semantics.md 8.1; QTYPE_NONE, UNSET and has_axis = false are "unset". Small,
 * since there may be some hundred thousand of them. */
struct type_info {
	uint8_t type;                   /* enum qtype */
	int8_t symmetric, reduce_range; /* enum tristate */
	bool has_axis;
	int32_t axis;
};

/* Why a node was asked: by a seed, or by the loaded entry of a tensor. */
struct cause {
	uint32_t seed;    /* index into the seeds, or GRAPH_NONE */
	tensor_id tensor; /* the seed's or entry's; GRAPH_NONE for a node seed */
};

/* "This node sees its float tensors in this type." */
struct node_request {
	node_id node;
	struct type_info info;
	struct cause cause;
};

/* One reader of a tensor that asked. */
struct ask {
	node_id node;
	struct type_info info;
	struct cause cause;
	uint32_t next; /* index, or GRAPH_NONE */
};

/* What is asked of one tensor. */
struct request {
	tensor_id tensor;
	bool has_producer;
	bool constant; /* a constant operand that follows (default mode) */
	struct type_info producer;
	struct cause producer_cause;
	uint32_t first_ask, last_ask; /* GRAPH_NONE: no reader asked */
	uint32_t added;               /* ask that came last, or GRAPH_NONE */
};

struct asked {
	const struct graph *graph;
	const struct overrides *given; /* for the order of causes */
	struct request_list ARRAY_OF(struct request) requests;
	struct ask_list ARRAY_OF(struct ask) asks;
	struct node_request_list ARRAY_OF(struct node_request) nodes;
	uint32_t free_request, free_ask, free_node; /* first free slot plus one */
};

void asked_release(struct asked *asked);

/* The request at *at (GRAPH_NONE: none yet, *at is set); NULL when memory is gone. */
struct request *asked_request(struct asked *asked, uint32_t *at, tensor_id tensor);

/* Adds an ask where it belongs; one reader asks once for one cause. */
bool asked_add(struct asked *asked, struct request *request, const struct ask *ask);

/* Adds a node's request, to be found at *at. */
bool asked_add_node(
	struct asked *asked, uint32_t *at, const struct node_request *request);

/* Take back: what the nodes with has_node[id] asked of a tensor; a request that nobody
 * asks any more, at *at (true if it was one); the request of a node at *at. */
void asked_strip(struct asked *asked, uint32_t at, const uint8_t *has_node);
bool asked_drop_empty(struct asked *asked, uint32_t *at);
void asked_drop_node(struct asked *asked, uint32_t *at);

/* The seed at position i is at moved[i - first] now (first <= i). */
void asked_move_cause(struct cause *cause, const uint32_t *moved, uint32_t first);
void asked_move_seeds(struct asked *asked, const uint32_t *moved, uint32_t first);

/* When a run over all choices comes to something: which choice, which of the nodes it
 * asks, which tensor of that. */
struct asked_order {
	uint64_t event, turn;
	uint32_t slot;
};

struct asked_order asked_order_of_cause(
	const struct asked *asked, const struct cause *cause, node_id node);
struct asked_order asked_order_of(
	const struct asked *asked, const struct request *request);

/* Below 0, 0, above 0. */
int asked_compare(const struct asked_order *a, const struct asked_order *b);

/* Requests to be sorted. */
struct request_ref {
	struct asked_order order;
	const struct request *request;
};
struct request_refs ARRAY_OF(struct request_ref);

/* Adds one; puts them in order. */
bool asked_list(const struct asked *asked, struct request_refs *refs, uint32_t at);
void asked_sort(struct request_refs *refs);

#endif
