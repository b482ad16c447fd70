/* What options alone make of a graph: the state before any choice. Shared by outcomes;
 * for the files of plan/ only. */
#ifndef QDQEDIT_PLAN_BASE_H
#define QDQEDIT_PLAN_BASE_H

#include "plan/outcome.h"
#include "rules/marks.h"

#include <stdatomic.h>

struct base {
	atomic_uint references;
	const struct graph *graph;
	struct marks *marks; /* NULL: the graph cannot be marked, a problem says why */
	struct tensor_state *tensors;
	struct node_state *nodes;
	struct cost cost;
	struct problem_list problems; /* of model, options and ranges */
	enum qtype type;              /* default activation type */
};

/* NULL with a reason when marking is refused or memory is gone. */
struct base *base_new(const struct graph *graph, const struct quant_options *options,
	const struct ranges *ranges, struct error *err);
struct base *base_keep(struct base *base);
void base_drop(struct base *base);

/* Adds warnings about quirks; false when memory is gone. */
bool base_find_quirks(struct base *base, const struct quant_options *options);

/* True if the tensor counts as an initializer under the options. */
bool base_is_constant(
	const struct graph *graph, const struct quant_options *options, tensor_id tensor);

/* Bytes of a tensor at so many bits an element; 0 if the shape is unknown. */
uint64_t base_tensor_bytes(const struct graph *graph, tensor_id tensor, unsigned bits);

/* Of so many elements. */
static inline uint64_t base_bytes(uint64_t elements, unsigned bits)
{
	return elements / 8 * bits + (elements % 8 * bits + 7) / 8;
}

/* Bits of the tensor's own float type. */
unsigned base_float_bits(const struct graph *graph, tensor_id tensor);

static inline bool base_is_selected(const struct base *base, node_id node)
{
	return base->marks && graph_is_main(base->graph, node) &&
	       (base->marks->node_flags[node] & NODE_SELECTED);
}

#endif
