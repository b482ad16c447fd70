/* From seeds to entries: requests, then entries (qdq-semantics.md 8). For the files of
 * plan/ only. */
#ifndef QDQEDIT_PLAN_CLOSURE_H
#define QDQEDIT_PLAN_CLOSURE_H

#include "plan/base.h"
#include "plan/outcome.h"

/* qdq-semantics.md 8.1; QTYPE_NONE, UNSET and has_axis = false are "unset". Small,
 * since there may be some hundred thousand of them. */
struct type_info {
	uint8_t type;                   /* enum qtype */
	int8_t symmetric, reduce_range; /* enum tristate */
	bool has_axis;
	int32_t axis;
};

/* The fixer's equality; not transitive. */
bool type_info_equal(const struct type_info *a, const struct type_info *b);

/* An entry's or convert part's own info, without defaults. */
struct type_info type_info_of(const struct entry_params *params);
void type_info_save(const struct type_info *info, struct entry_params *params);

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
	struct type_info producer;
	struct cause producer_cause;
	bool constant;                /* a constant operand that follows (default mode) */
	uint32_t first_ask, last_ask; /* GRAPH_NONE: no reader asked */
};

struct request_list ARRAY_OF(struct request);
struct ask_list ARRAY_OF(struct ask);
struct node_request_list ARRAY_OF(struct node_request);

/* The work at hand. The lists live on in the outcome, for its reasons. */
struct closure {
	const struct graph *graph;
	const struct quant_options *options;
	const struct base *base;
	struct overrides *entries;
	struct tensor_state *tensors; /* .why: index of requests */
	struct node_state *nodes;     /* .why: index of node_requests */
	struct request_list requests;
	struct ask_list asks;
	struct node_request_list node_requests;
	const struct seed *seeds;
	size_t seed_count;
	const struct plan *plan;
	struct problem_list *problems;
	bool stopped; /* ORT mode: the first error ends it */
	bool lost;    /* memory is gone */
};

/* Entries of the plan from the loaded ones and the seeds; false when memory is gone. */
bool closure_run(struct closure *closure);

/* The parts of it: */
void closure_start(struct closure *closure);   /* the map before closing */
void closure_request(struct closure *closure); /* step 1 */
void closure_fix(struct closure *closure);     /* step 2 as ONNX Runtime */
void closure_settle(struct closure *closure);  /* step 2, default mode */
void closure_edit(struct closure *closure);    /* parameter edits over the entries */

/* Adds an error about a tensor or node. */
void closure_conflict(struct closure *closure, const char *id, tensor_id tensor,
	node_id node, const char *remedy, const char *format, ...)
	__attribute__((format(printf, 6, 7)));
void closure_warn(struct closure *closure, const char *id, tensor_id tensor, node_id node,
	const char *remedy, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

/* "your seed Op4_out u16" or "the loaded entry of Op4_out". */
const char *closure_cause_words(
	const struct closure *closure, const struct cause *cause, char *out, size_t room);

/* True for tensors that ONNX Runtime calls quantizable: float or float16. */
static inline bool plan_is_float(const struct graph *graph, tensor_id tensor)
{
	int32_t type = graph->tensors[tensor].element_type;

	return type == ELEMENT_FLOAT || type == ELEMENT_FLOAT16;
}

#endif
