/* From seeds to entries: requests, then entries (qdq-semantics.md 8). For the files of
 * plan/ only. */
#ifndef QDQEDIT_PLAN_CLOSURE_H
#define QDQEDIT_PLAN_CLOSURE_H

#include "plan/asked.h"
#include "plan/base.h"

/* The fixer's equality; not transitive. */
bool type_info_equal(const struct type_info *a, const struct type_info *b);

/* An entry's or convert part's own info, without defaults. */
struct type_info type_info_of(const struct entry_params *params);
void type_info_save(const struct type_info *info, struct entry_params *params);

/* What a run of the closure is limited to: the choices on its tensors and nodes, and
 * what those ask of them. All tensors of a node in it are in it too. */
struct scope {
	uint8_t *has_tensor, *has_node; /* by id */
	struct tensor_list tensors;
	struct node_list ARRAY_OF(node_id) nodes;
};

/* Where a problem comes from: the order in which problems stand. */
enum stage {
	STAGE_START,
	STAGE_REQUEST,
	STAGE_SETTLE,
	STAGE_EDIT,
	STAGE_VERDICT, /* ONNX Runtime's on the first entry */
	STAGE_READERS, /* from here on of what the closure made */
	STAGE_ENTRY,
	STAGE_LIST,
	STAGE_CONSTANT,
	STAGE_DEDICATED,
	STAGE_FILE,
};

/* Beside each problem but those of the base. */
struct problem_mark {
	enum stage stage;
	struct cause cause; /* at STAGE_REQUEST */
};
struct problem_marks ARRAY_OF(struct problem_mark);

/* The wish of a node about the tensor at hand, if `number` is its request's. */
struct wish {
	uint32_t number, ask; /* index of its ask */
};

/* Scratch that default mode keeps from run to run. */
struct wishes {
	struct wish *of; /* by node */
	uint32_t number; /* used last */
};

/* The work at hand. What it fills in lives on in the outcome. */
struct closure {
	const struct graph *graph;
	const struct quant_options *options;
	const struct base *base;
	const struct scope *scope; /* NULL: everything */
	struct overrides *entries;
	struct tensor_state *tensors; /* .why: index of asked.requests */
	struct node_state *nodes;     /* .why: index of asked.nodes */
	struct asked *asked;
	struct wishes *wishes;
	const struct seed *seeds;
	size_t seed_count;
	const struct plan *plan;
	struct problem_list *problems;
	struct problem_marks *marks;
	enum stage stage;
	struct cause cause; /* the choice at hand */
	uint32_t edited;    /* entries from here on are of parameter edits */
	bool stopped;       /* ORT mode: the first error ends it */
	bool lost;          /* memory is gone */
};

static inline bool closure_has_tensor(const struct closure *c, tensor_id tensor)
{
	return !c->scope || c->scope->has_tensor[tensor];
}

static inline bool closure_has_node(const struct closure *c, node_id node)
{
	return !c->scope || c->scope->has_node[node];
}

/* Entries of the plan from the loaded ones and the seeds; false when memory is gone. */
bool closure_run(struct closure *closure);

/* The parts of it: */
void closure_start(struct closure *closure);   /* the map before closing */
void closure_request(struct closure *closure); /* step 1 */
void closure_fix(struct closure *closure);     /* step 2 as ONNX Runtime */
void closure_settle(struct closure *closure);  /* step 2, default mode */
void closure_edit(struct closure *closure);    /* parameter edits over the entries */

/* Adds a finding about a tensor or node; all of the closure go this way. */
void closure_tell(struct closure *closure, enum severity severity, const char *id,
	tensor_id tensor, node_id node, const char *remedy, const char *format, ...)
	__attribute__((format(printf, 7, 8)));

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
