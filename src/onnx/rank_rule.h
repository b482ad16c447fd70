/* What the rules for ranks and extents look at; private to rank*.c. */
#ifndef QDQEDIT_ONNX_RANK_RULE_H
#define QDQEDIT_ONNX_RANK_RULE_H

#include "onnx/rank_state.h"

struct rank_context {
	struct ranks *ranks;
	const struct model *model;
	const Onnx__NodeProto *node;
	size_t output;
	int64_t argument; /* of the table of rules */
};

struct known_shape rank_input(const struct rank_context *c, size_t slot);
const Onnx__AttributeProto *rank_attribute(
	const struct rank_context *c, const char *name);
int64_t rank_int(const struct rank_context *c, const char *name, int64_t absent);

/* A list of integers: an attribute, or from `opset` on (0: never) the constant in an
 * input. */
struct rank_list {
	bool is_absent; /* neither is there */
	bool is_known;
	const int64_t *items;
	size_t count;
};

struct rank_list rank_list_of(
	const struct rank_context *c, const char *name, int64_t opset, size_t slot);

/* The axes of a Squeeze, Unsqueeze or reduction, as its version has them. */
struct rank_list rank_axes_of(const struct rank_context *c);

/* What is larger is not computed with: products of two fit in 64 bits. */
enum { RANK_VALUES_MAX = 64, RANK_EXTENT_MAX = 1 << 30 };

static inline int64_t rank_clamp(int64_t value, int64_t low, int64_t high)
{
	return value < low ? low : value > high ? high : value;
}

static inline int64_t rank_limit(int64_t value)
{
	return rank_clamp(value, -RANK_EXTENT_MAX, RANK_EXTENT_MAX);
}

/* Fills `out` (`rank` extents, all -1 before); the extents of input 0 are known but for
 * Reshape. */
typedef void rank_dims_function(const struct rank_context *c, int64_t *out, int64_t rank);

/* rank_spatial.c */
rank_dims_function rank_pool_dims, rank_global_pool_dims, rank_conv_dims,
	rank_conv_transpose_dims, rank_resize_dims, rank_roi_align_dims, rank_block_dims;

/* The extents of an output whose rank the rule found, -1 where one is not known; NULL if
 * nothing is. In the arena of the ranks. */
const int64_t *rank_dims(const struct rank_context *c, int64_t rank);

/* The same of an operator that broadcasts its inputs. */
const int64_t *rank_broadcast_dims(const struct rank_context *c, int64_t rank);

/* True if onnx's inference gives up on a node of the default domain, as it does where the
 * elements of an input lie in a side file it does not read. */
bool rank_gives_up(const struct rank_context *c);

#endif
