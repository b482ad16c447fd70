/* What follows from a plan: a pure function of (graph, plan). */
#ifndef QDQEDIT_PLAN_OUTCOME_H
#define QDQEDIT_PLAN_OUTCOME_H

#include "plan/plan.h"

/* The id of problems with names in options that no node has. */
#define UNKNOWN_NODE "unknown-node"
#define UNKNOWN_OPERATOR "unknown-operator"

enum state_flag {
	STATE_QUANTIZED = 1 << 0, /* stored with a scale and zero point */
	STATE_SEED = 1 << 1,      /* a seed lies on it (also a reader seed of it) */
	STATE_GIVEN = 1 << 2,     /* a loaded entry lies on it */
	STATE_IMPLIED = 1 << 3,   /* its type differs from what it would be, by closure */
	STATE_BOUNDARY = 1 << 4,  /* tensor: has a conversion */
	STATE_CONFLICT = 1 << 5,
	STATE_EDITED = 1 << 6,    /* a parameter edit lies on it */
	STATE_CONSTANT = 1 << 7,  /* counts as an initializer */
	STATE_WEIGHT = 1 << 8,    /* weight-marked constant */
	STATE_BIAS = 1 << 9,      /* int32 bias: stored and converted are QTYPE_NONE */
	STATE_SELECTED = 1 << 10, /* node: passes the selection of qdq-semantics.md 3.1 */
	STATE_CONVERTS = 1 << 11, /* node: reads a converted tensor */
};

/* Of one tensor. `stored` is what its Q writes (of a sharing tensor: what its provider
 * gives it), QTYPE_NONE if it stays float or is an int32 bias. */
struct tensor_state {
	uint8_t stored;    /* enum qtype */
	uint8_t converted; /* QTYPE_NONE without conversion */
	uint16_t flags;
	tensor_id provider; /* whose scale and zero point it shares, or GRAPH_NONE */
	uint32_t why;       /* private: request, or GRAPH_NONE */
};

/* Of one node. `seen` is the type of its float tensors, QTYPE_NONE if not quantized. */
struct node_state {
	uint8_t seen; /* enum qtype */
	uint16_t flags;
	uint32_t region; /* index into regions, or GRAPH_NONE */
	uint32_t why;    /* private: request, or GRAPH_NONE */
};

/* One DQ→Q conversion. */
struct boundary {
	tensor_id tensor;
	enum qtype from, to;
	const node_id *readers; /* see `to`; distinct, file order */
	const node_id *stays;   /* quantized readers that see `from` */
	uint32_t reader_count, stay_count;
	uint64_t bytes;  /* moved through it: elements * (bytes of from + of to), a 4-bit
			    element half a byte; 0 if the shape is unknown */
	uint32_t region; /* index, or GRAPH_NONE */
};

/* A connected component of nodes whose seen type differs from the base type. */
struct region {
	char letter[8];          /* "A" ... "Z", "AA" ... */
	const char *name, *note; /* of its oldest seed that has one; "" if none */
	const node_id *nodes;    /* file order */
	const uint32_t *seeds; /* indices into plan->seeds that reach it, oldest first */
	uint32_t node_count, seed_count;
	enum qtype type; /* of its first node */
};

struct cost {
	uint32_t conversions;
	uint64_t conversion_bytes;          /* where shapes are known */
	uint32_t unknown_shapes;            /* conversions without a known shape */
	uint64_t weight_bytes[QTYPE_COUNT]; /* stored constants by type; [QTYPE_NONE]:
					       float constants that stay */
	uint32_t quantized_nodes;           /* selected nodes of the main graph */
	uint32_t wide_nodes;                /* those of them that see 16 bit */
	uint32_t main_nodes;
};

struct outcome {
	const struct graph *graph;
	uint64_t generation;
	enum qtype base;                    /* default activation type */
	const struct tensor_state *tensors; /* graph->tensor_count long */
	const struct node_state *nodes;     /* graph->node_count long */
	struct overrides entries;           /* as they will be written */
	const struct boundary *boundaries;  /* in order of the entries */
	const struct region *regions;
	uint32_t boundary_count, region_count;
	struct problem_list problems; /* model, options, overrides, seeds, ranges */
	uint32_t conflicts; /* errors of the closure; they stand first in `problems` */
	struct cost cost;
	struct outcome_details *details; /* private */
};

/* The outcome of the plan as it is now; NULL when memory is gone. Borrowed: the next call
 * after a change brings it up to date in place or frees it, unless outcome_keep. */
const struct outcome *plan_outcome(struct plan *plan, struct error *err);

/* Keeps an outcome as it is beyond that (all is then computed anew); each keep needs a
 * drop. The graph must live on. */
const struct outcome *outcome_keep(const struct outcome *outcome);
void outcome_drop(const struct outcome *outcome);

/* False with the first conflict of the closure in `err` and the number of others in
 * err->more; problems of the model, the options and the ranges do not count. */
bool outcome_check_closure(const struct outcome *outcome, struct error *err);

/* The type in which a node sees a tensor that it reads. */
enum qtype outcome_seen(const struct outcome *outcome, tensor_id tensor, node_id node);

/* The boundary on a tensor, or NULL. */
const struct boundary *outcome_boundary(const struct outcome *outcome, tensor_id tensor);

/* ---- Reasons. */

enum why_rule {
	WHY_BASE,     /* nothing was chosen: the default type */
	WHY_SEED,     /* "you set Op4_out to u16" */
	WHY_GIVEN,    /* "loaded from overrides.json" */
	WHY_EDIT,     /* "you set its scale and zero point" */
	WHY_PRODUCER, /* "Op4 makes it, so Op4 runs in u16" */
	WHY_READER,   /* "Op5 reads it, so Op5 runs in u16" */
	WHY_OUTPUT,   /* "Op5 makes Op5_out, so Op5_out is u16" */
	WHY_CONVERT,  /* "Op6 is at base u8, so Op5_out is converted for it" */
	WHY_CONSTANT, /* "k is a constant of Add1 and follows it" */
	WHY_SHARED,   /* "shares scale and zero point with x" */
	WHY_FLOAT,    /* not quantized, and why */
	WHY_CONFLICT, /* what contradicts it */
	WHY_REMEDY,   /* "to lose this pair: promote Op6 too, or demote Op4_out" */
	WHY_CHAIN,    /* "in the file:  Op5 -> Q16 -> DQ16 -> Q8 -> DQ8 -> Op6" */
};

/* One step; the text is one line, names escaped, U+2192 for arrows. */
struct why_step {
	enum why_rule rule;
	tensor_id tensor; /* a row to jump to, or GRAPH_NONE */
	node_id node;
	const char *text; /* in the list's arena */
};
struct why_list {
	struct why_step *items;
	size_t count, room;
	struct arena arena;
	char title[256]; /* "Op5_out  u16 ⇄ u8  for Op6" */
};

/* The chain from a choice to the type of a tensor or node. */
bool outcome_why_tensor(const struct outcome *outcome, tensor_id tensor,
	struct why_list *why, struct error *err);
bool outcome_why_node(const struct outcome *outcome, node_id node, struct why_list *why,
	struct error *err);
void why_release(struct why_list *why);

/* The whole closure in the order of its rules: each choice, the nodes it asks, then what
 * became of each tensor that was asked about; conflicts, and a closing line. Each step
 * has a tensor or node to go to, the last has none. */
bool outcome_steps(
	const struct outcome *outcome, struct why_list *steps, struct error *err);

/* ---- Differences. */

struct outcome_diff {
	tensor_id *tensors; /* stored or converted type, readers or entry changed; both
			       ascending */
	node_id *nodes;     /* seen type changed */
	uint32_t tensor_count, node_count;
	int32_t conversions; /* after minus before */
	int64_t conversion_bytes;
	int32_t conflicts;
};

/* From now on plan_outcome notes what it changes; the outcome must be up to date. */
void plan_watch(struct plan *plan);

/* What has changed since then; no longer noted. */
bool plan_take_changes(struct plan *plan, struct outcome_diff *diff, struct error *err);
void outcome_diff_release(struct outcome_diff *diff);

/* The message after an edit: "Op4_out u16. 1 node follows (Op5), 3 DQ→Q". `what` is the
 * sentence of the group, `diff` what it changed; the nodes of `seeds` (those made by the
 * edit) do not follow. */
bool outcome_sentence(const struct outcome *after, const struct outcome_diff *diff,
	const char *what, const struct seed *seeds, size_t seed_count, char *out,
	size_t room, struct error *err);

/* How many tensors would change type if this tensor were promoted to 16 bit: the sort
 * order "impact". From the structure alone, without other seeds. */
uint32_t outcome_impact_of_tensor(const struct outcome *outcome, tensor_id tensor);

#endif
