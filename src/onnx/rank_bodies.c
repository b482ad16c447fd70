/* Ranks through the subgraphs of If, Scan and Loop and through model-local functions. */
#include "onnx/rank.h"

#include <string.h>

enum { CALL_DEPTH = 16 };

static const struct known_shape unknown = RANK_NOTHING;

static const Onnx__GraphProto *branch(const Onnx__NodeProto *node, const char *name)
{
	const Onnx__AttributeProto *found = node_attribute(node, name);

	return found ? found->g : NULL;
}

/* The shapes of a body's outputs; NULL if memory is gone. */
static struct known_shape *body_outputs(struct ranks *ranks, const struct model *model,
	const Onnx__GraphProto *body, size_t count, struct given_shapes given)
{
	struct known_shape *shapes =
		arena_alloc(&ranks->names.arena, (count + 1) * sizeof(*shapes));
	struct ranks inner;
	bool ok = rank_infer_graph(&inner, ranks, model, body, given) && shapes;

	for (size_t i = 0; ok && i < count; i++) {
		shapes[i] = unknown;
		if (i < body->n_output)
			shapes[i] = rank_find_outer(&inner, body->output[i]->name);
		shapes[i].dims = NULL;
		shapes[i] = rank_derived(shapes[i]);
	}
	rank_release(&inner);
	return ok ? shapes : NULL;
}

/* From opset 11 on shapes that differ are forgotten, one that is not known counts as
 * rank 0, and that of `then` must be known; before, either one will do. */
static struct known_shape unite(
	int64_t opset, struct known_shape then, struct known_shape other, bool *clash)
{
	if (opset >= 11)
		return then.rank == (other.rank < 0 ? 0 : other.rank) ? then : unknown;
	*clash = *clash || (then.rank >= 0 && other.rank >= 0 && then.rank != other.rank);
	return then.rank < 0 ? other : then;
}

bool rank_if(struct ranks *ranks, const struct model *model, const Onnx__NodeProto *node)
{
	const Onnx__GraphProto *bodies[] = {
		branch(node, "then_branch"), branch(node, "else_branch")};
	struct known_shape *shapes[2];
	bool clash = false;

	for (int i = 0; i < 2; i++) {
		if (!bodies[i])
			return true;
		shapes[i] = body_outputs(ranks, model, bodies[i], node->n_output,
			(struct given_shapes){NULL, 0});
		if (!shapes[i])
			return false;
	}
	for (size_t k = 0; k < node->n_output; k++) {
		int32_t type = shapes[0][k].type;

		shapes[0][k] =
			unite(model_opset(model), shapes[0][k], shapes[1][k], &clash);
		shapes[0][k].type = type;
	}
	for (size_t k = 0; k < node->n_output; k++) {
		if (clash)
			shapes[0][k] = unknown;
		if (node->output[k].len &&
			!rank_note(ranks, node->output[k], shapes[0][k]))
			return false;
	}
	return true;
}

static struct known_shape only_rank(struct known_shape shape, int more)
{
	shape.rank = shape.rank < 0 ? RANK_UNKNOWN : shape.rank + more;
	shape.length = more ? -1 : shape.length;
	shape.dims = NULL;
	return rank_derived(shape);
}

/* The inputs that the body of a Scan or Loop is given, in its order; `states` is the
 * number of values carried from turn to turn. NULL if memory is gone. */
static struct known_shape *body_inputs(
	struct ranks *ranks, const Onnx__NodeProto *node, bool scan, size_t states)
{
	size_t count = node->n_input;
	struct known_shape *shapes =
		arena_alloc(&ranks->names.arena, (count + 1) * sizeof(*shapes));

	for (size_t i = 0; shapes && i < count; i++) {
		shapes[i] = only_rank(rank_find_outer(ranks, node->input[i]),
			scan && i >= states ? -1 : 0);
		if (!scan) /* they may change from turn to turn; two are the loop's own */
			shapes[i].rank = i < 2 ? 0 : RANK_UNKNOWN;
	}
	return shapes;
}

static size_t state_count(const Onnx__NodeProto *node, bool scan)
{
	size_t others = scan ? 0 : 2;

	for (size_t i = 0; scan && i < node->n_attribute; i++)
		if (bytes_equal(node->attribute[i]->name, "num_scan_inputs"))
			others = (size_t)node->attribute[i]->i;
	return node->n_input > others ? node->n_input - others : 0;
}

/* A state of a Scan has the shape of its start, one of a Loop none; what is collected
 * over the turns has one dimension more than in the body. */
bool rank_turns(struct ranks *ranks, const struct model *model,
	const Onnx__NodeProto *node, bool scan)
{
	const Onnx__GraphProto *body = branch(node, "body");
	size_t states = state_count(node, scan);
	struct known_shape *given = body_inputs(ranks, node, scan, states), *made;

	if (!given || !body)
		return given;
	made = body_outputs(ranks, model, body, node->n_output + 1,
		(struct given_shapes){given, node->n_input});
	if (!made)
		return false;
	for (size_t k = 0; k < node->n_output; k++) {
		struct known_shape shape = made[scan ? k : k + 1];

		if (k >= states)
			shape = only_rank(shape, 1);
		else if (!scan)
			shape.rank = RANK_UNKNOWN;
		else if (given[k].rank >= 0)
			shape = given[k];
		if (node->output[k].len && !rank_note(ranks, node->output[k], shape))
			return false;
	}
	return true;
}

static bool same_bytes(ProtobufCBinaryData a, ProtobufCBinaryData b)
{
	return a.len == b.len && (!a.len || memcmp(a.data, b.data, a.len) == 0);
}

static const Onnx__FunctionProto *function_of(
	const struct model *model, const Onnx__NodeProto *node)
{
	for (size_t i = 0; i < model->proto->n_functions; i++) {
		const Onnx__FunctionProto *f = model->proto->functions[i];

		if (same_bytes(f->name, node->op_type) &&
			same_bytes(f->domain, node->domain) &&
			same_bytes(f->overload, node->overload))
			return f;
	}
	return NULL;
}

static bool unknown_outputs(struct ranks *ranks, const Onnx__NodeProto *node)
{
	for (size_t i = 0; i < node->n_output; i++)
		if (node->output[i].len && !rank_note(ranks, node->output[i], unknown))
			return false;
	return true;
}

/* A function sees its inputs by its own names, and nothing around the call. */
bool rank_call(
	struct ranks *ranks, const struct model *model, const Onnx__NodeProto *node)
{
	const Onnx__FunctionProto *f = function_of(model, node);
	struct ranks inner = {.depth = ranks->depth + 1};
	bool ok = true;

	if (!f || ranks->depth >= CALL_DEPTH)
		return unknown_outputs(ranks, node);
	for (size_t i = 0; ok && i < f->n_input && i < node->n_input; i++)
		ok = rank_note(&inner, f->input[i],
			only_rank(rank_find_outer(ranks, node->input[i]), 0));
	ok = ok && rank_nodes(&inner, model, f->node, f->n_node);
	for (size_t i = 0; ok && i < f->n_output && i < node->n_output; i++)
		ok = node->output[i].len == 0 ||
		     rank_note(ranks, node->output[i],
			     only_rank(rank_find(&inner, f->output[i]), 0));
	rank_release(&inner);
	return ok;
}
