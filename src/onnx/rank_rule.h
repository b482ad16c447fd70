/* What the rules for ranks and extents look at; private to rank*.c. */
#ifndef QDQEDIT_ONNX_RANK_RULE_H
#define QDQEDIT_ONNX_RANK_RULE_H

#include "onnx/rank.h"

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

/* The extents of an output whose rank the rule found, -1 where one is not known; NULL if
 * nothing is. In the arena of the ranks. */
const int64_t *rank_dims(const struct rank_context *c, int64_t rank);

/* The same of an operator that broadcasts its inputs. */
const int64_t *rank_broadcast_dims(const struct rank_context *c, int64_t rank);

/* True if onnx's inference gives up on a node of the default domain, as it does where the
 * elements of an input lie in a side file it does not read. */
bool rank_gives_up(const struct rank_context *c);

#endif
