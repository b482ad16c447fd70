/* What a plan keeps to answer fast; for the files of plan/ only.
 *
 * plan_outcome brings the outcome it has up to date in place (update.c) when the choices
 * changed, and makes a new one of nothing (outcome.c) when something else did, when the
 * change reaches too much, or when somebody keeps the old one. Both give the same:
 * update.c takes out what the changed choices reach, and runs the same rules over that
 * part alone (struct scope). */
#ifndef QDQEDIT_PLAN_CACHE_H
#define QDQEDIT_PLAN_CACHE_H

#include "plan/base.h"
#include "plan/closure.h"
#include "plan/edit.h"

/* How a tensor was before. */
struct before {
	struct tensor_state state;
	struct entry_list list;
	bool has_list;
};

/* What updates changed since plan_watch: how it was before. Of one thing the oldest
 * counts, by its turn. */
struct past_tensor {
	tensor_id tensor;
	uint32_t turn;
	struct before before; /* its list a copy */
};
struct past_node {
	node_id node;
	uint32_t turn;
	uint8_t seen;
};
struct changes {
	bool on;
	const struct outcome *whole; /* the one before all was made anew, or NULL; covers
					what came after it */
	struct past_tensors ARRAY_OF(struct past_tensor) tensors;
	struct past_nodes ARRAY_OF(struct past_node) nodes;
	struct overrides lists; /* only its arena: owner of the copies */
	struct cost cost;       /* at first */
	uint32_t conflicts;
};

struct plan_cache {
	struct base *base;
	struct plan_value *base_options, *base_ranges; /* it was made from; kept */
	struct outcome *outcome;
	struct scope scope; /* of the update at hand; between updates empty */
	struct changes changes;
};

void plan_cache_free(struct plan_cache *cache);

/* What an outcome has beside its public part. */
struct outcome_details {
	atomic_uint references;
	struct outcome *outcome;
	struct base *base;
	struct plan_value *options, *ranges, *given; /* kept */
	struct seed_list seeds;                      /* copies of the plan's */
	struct param_list params;                    /* channels borrowed from the plan */
	struct tensor_list dropped;
	bool close_given;
	bool broken;       /* an update failed half way: good for nothing but freeing */
	uint32_t *seed_on; /* by tensor: position of its tensor seed plus one */
	struct asked asked;
	struct wishes wishes;
	struct tensor_state *tensors;
	struct node_state *nodes;
	struct boundary_list ARRAY_OF(struct boundary) boundaries;
	struct node_list members;   /* nodes that see another type than the base's;
				       ascending */
	struct problem_marks marks; /* of all problems but the base's, which stand last */
	uint32_t front; /* where the list stood that overrides_put_wide_first moved */
	struct arena readers, regions; /* of boundaries; of regions */
	size_t bytes;                  /* in arenas when it was new */
};

/* ---- Scopes (scope.c) */

bool scope_add_tensor(struct scope *scope, tensor_id tensor);
bool scope_add_node(struct scope *scope, node_id node);

/* Producer and readers of the main graph, without their tensors. */
bool scope_add_around(struct scope *scope, const struct graph *graph, tensor_id tensor);

/* Adds the tensors that take their parameters from this one. */
bool outcome_list_sharers(
	const struct outcome *o, tensor_id tensor, struct tensor_list *out);

/* The tensors that share parameters with those in it, and those with them. */
bool scope_add_sharers(struct scope *scope, const struct outcome *outcome);

bool scope_make(struct scope *scope, const struct graph *graph);
void scope_clear(struct scope *scope);
void scope_release(struct scope *scope);

/* What the plan's choices reach that are not those of the outcome. `moved` gets where
 * the seeds from *first on are now (GRAPH_NONE: gone); empty if none moved. False when
 * memory is gone or (*far) it reaches so much that all is better made anew. */
bool scope_find(struct scope *scope, struct plan *plan, const struct outcome *outcome,
	struct tensor_list *moved, uint32_t *first, bool *far);

/* ---- Lists in order */

/* Takes the items at `places` (ascending) out. */
void order_cut(void *items, size_t *count, size_t size, const uint32_t *places, size_t n);

/* The items from `kept` on go before those at `places` (ascending, at most `kept`);
 * `spare` has room for them. */
void order_put(void *items, size_t count, size_t size, size_t kept,
	const uint32_t *places, void *spare);

/* ---- The steps; false when memory is gone. */

/* Copies the plan's seeds, edits and removals from the first seed that differs on. */
bool outcome_copy_choices(
	struct outcome_details *details, const struct plan *plan, size_t from);

/* The closure; *edited gets where entries of parameter edits alone begin. */
bool outcome_close(struct outcome *outcome, const struct plan *plan,
	const struct scope *scope, uint32_t *edited);

/* States in the scope, from entries; what was `before` stands in the order of its
 * tensors (NULL: all was as in the base). Adds to the scope the nodes that see something
 * else now. */
bool outcome_touch(struct outcome *outcome, struct scope *scope,
	const struct before *before, struct changes *changes);

/* What a constant in its present state adds to (sign 1) or takes from the cost. */
void outcome_weigh(struct outcome *outcome, tensor_id tensor, int sign);

/* Boundaries of the entries at `lists` (ascending; NULL: of all). Dropping them uses the
 * list up. */
bool outcome_add_boundaries(struct outcome *outcome, const uint32_t *lists, size_t count);
void outcome_drop_boundaries(struct outcome *outcome, uint32_t *lists, size_t count);
/* By going through them, for a list that changed its place. */
void outcome_drop_boundary(struct outcome *outcome, tensor_id tensor);
bool outcome_find_regions(struct outcome *outcome);

/* Problems of the entries at `lists` and about the constants (NULL: of all), behind what
 * the closure said. */
bool outcome_find_problems(struct outcome *outcome, const struct plan *plan,
	const uint32_t *lists, size_t count, const struct request_refs *constants);

/* Takes out the problems in the scope and those of the base; among the first `kept` those
 * of what the closure made. */
void problems_drop(struct outcome *outcome, const struct scope *scope);
void problems_drop_found(
	struct outcome *outcome, const struct scope *scope, size_t *kept);

/* The new ones, which stand from `kept` on, go to their places, those of the base to the
 * end; conflicts are counted and flagged. */
bool problems_finish(struct outcome *outcome, const struct plan *plan, size_t kept);

/* Whether only seeds, parameter edits and removals differ, so that an update will do. */
bool outcome_can_update(
	const struct outcome *outcome, const struct plan *plan, const struct base *base);

/* Brings it up to date. False: it has to be made anew. */
bool outcome_update(struct outcome *outcome, struct plan *plan, struct plan_cache *cache);

/* Bytes in the arenas: what edits replaced stays in them. */
size_t outcome_bytes(const struct outcome *outcome);

/* ---- Differences */

struct before outcome_before(const struct outcome *outcome, tensor_id tensor);

/* The type, the conversion or the entry. */
bool outcome_tensor_differs(
	const struct outcome *outcome, tensor_id tensor, const struct before *before);

bool changes_note_tensor(
	struct changes *changes, tensor_id tensor, const struct before *before);
bool changes_note_node(struct changes *changes, node_id node, uint8_t seen);

/* All has been made anew: what it was compared with from then on, dropped if nobody
 * watches. */
void changes_keep_whole(struct changes *changes, const struct outcome *owned);
void changes_release(struct changes *changes);

/* The type that a node receives of a tensor, by entries and stored type. */
enum qtype outcome_receives(
	const struct outcome *outcome, tensor_id tensor, node_id node);

static inline bool outcome_is_member(const struct outcome *o, node_id node)
{
	return o->nodes[node].seen != QTYPE_NONE && o->nodes[node].seen != o->base;
}

#endif
