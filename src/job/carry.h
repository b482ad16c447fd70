/* What was chosen and measured before an opset raise, carried over to the tensors that
 * the raise renamed or made. */
#ifndef QDQEDIT_JOB_CARRY_H
#define QDQEDIT_JOB_CARRY_H

#include "base/problem.h"
#include "opset/opset.h"
#include "plan/overrides.h"
#include "plan/ranges.h"

/* Both graphs of a raise, and what it renamed. */
struct carry {
	const struct graph *old_graph;
	struct graph *new_graph;
	const struct opset_rename_list *renames;
};

/* A Softmax that a raise has taken apart: outside -> Flatten -> flat -> Softmax ->
 * inner -> Reshape -> output. */
struct carry_parts {
	node_id flatten, softmax;
	tensor_id outside, flat, inner, output;
};

/* The parts around the two tensors behind the Softmax; false if there is no Flatten. */
bool carry_find_parts(const struct graph *raised, tensor_id inner, tensor_id output,
	struct carry_parts *parts);

/* Adds to `to` (of the new graph) the ranges that `from` (of the old one) has for them,
 * with one note (Q40). */
bool carry_ranges(const struct carry *carry, struct ranges *to, const struct ranges *from,
	struct problem_list *notes, struct error *err);

/* A Softmax before opset 13 becomes Flatten, Softmax and Reshape: what was chosen for its
 * input and output holds for both sides of it, and the Flatten reads in its place.
 * Without that the Reshape would give on the type of what it reads. `overrides` are of
 * the new graph. */
bool carry_overrides(
	const struct carry *carry, struct overrides *overrides, struct error *err);

#endif
