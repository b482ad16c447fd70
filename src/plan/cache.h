/* What a plan keeps to answer fast; for the files of plan/ only. */
#ifndef QDQEDIT_PLAN_CACHE_H
#define QDQEDIT_PLAN_CACHE_H

#include "plan/base.h"
#include "plan/closure.h"
#include "plan/edit.h"

struct plan_cache {
	struct base *base;
	struct plan_value *base_options, *base_ranges; /* it was made from; kept */
	const struct outcome *outcome;
};

void plan_cache_free(struct plan_cache *cache);

/* What an outcome has beside its public part. */
struct outcome_details {
	atomic_uint references;
	struct outcome *outcome;
	struct base *base;
	struct plan_value *options, *ranges, *given; /* kept */
	struct seed *seeds;                          /* copy */
	size_t seed_count;
	struct param_edit *params; /* copy, channels borrowed from the plan */
	size_t param_count;
	struct request_list requests;
	struct ask_list asks;
	struct node_request_list node_requests;
	struct arena arena; /* boundaries, regions, lists */
	struct tensor_state *tensors;
	struct node_state *nodes;
	struct tensor_list touched_tensors;
	struct node_list {
		node_id *items;
		size_t count, room;
	} touched_nodes;
	uint32_t *boundary_of; /* by position of the entry list: boundary plus one */
};

/* The steps after the closure; false when memory is gone. */
bool outcome_touch(struct outcome *outcome, struct outcome_details *details);
bool outcome_find_boundaries(struct outcome *outcome, struct outcome_details *details);
bool outcome_find_regions(struct outcome *outcome, struct outcome_details *details);
bool outcome_find_problems(struct outcome *outcome, struct outcome_details *details,
	const struct plan *plan);

/* The type that a node receives of a tensor, by entries and stored type. */
enum qtype outcome_receives(
	const struct outcome *outcome, tensor_id tensor, node_id node);

#endif
