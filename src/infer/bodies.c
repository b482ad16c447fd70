/* The inference through the graphs in If, Loop, Scan and SequenceMap. */
#include "infer/state.h"

#include <string.h>

static const struct known_shape unknown = INFER_NOTHING;

/* One node that holds graphs. */
struct turns {
	struct infer_values *known;
	const struct model *model;
	const Onnx__NodeProto *node;
	struct known_shape *out;
	size_t first;  /* of the inputs that are handed to the body */
	size_t states; /* values carried from turn to turn */
	bool gives_up;
};

struct shapes {
	struct known_shape *items;
	size_t count;
};

static const Onnx__GraphProto *branch(const Onnx__NodeProto *node, const char *name)
{
	const Onnx__AttributeProto *found = node_attribute(node, name);

	return found ? found->g : NULL;
}

static bool new_shapes(struct turns *t, struct shapes *shapes, size_t count)
{
	shapes->items = infer_alloc(t->known, count, sizeof(*shapes->items));
	shapes->count = count;
	for (size_t i = 0; shapes->items && i < count; i++)
		shapes->items[i] = unknown;
	return shapes->items;
}

/* Completes the inputs of a body by what it is given. */
static bool give(struct turns *t, struct infer_values *body, struct shapes given)
{
	for (size_t i = 0; i < given.count; i++) {
		struct infer_value *value =
			infer_entry(body, body->graph->input[i]->name);
		struct known_shape *target;

		if (!value)
			return false;
		if (infer_is_nothing(&given.items[i]))
			continue;
		target = value->shadow && value->shadow->has_input ? &value->shadow->input
								   : &value->now;
		if (value->source == INFER_BY_OUTPUT && target == &value->now)
			continue;
		if (!infer_merge(body, target, &given.items[i], &t->gives_up) ||
			!infer_import(body, target) || !infer_materialize(body, target))
			return false;
		if (!value->has_type)
			value->source = INFER_BY_INPUT;
		value->has_type = true;
		value->is_open = false;
		if (t->gives_up)
			return true;
	}
	return true;
}

/* Below IR 4 the initializers of a body are inputs too. */
static bool fits(const struct turns *t, const Onnx__GraphProto *body, size_t count)
{
	if (!t->known->outer && t->model->proto->ir_version < 4)
		return body->n_input >= count;
	return body->n_input == count;
}

static bool read_outputs(struct turns *t, struct infer_values *body, struct shapes *made)
{
	if (!new_shapes(t, made, body->graph->n_output))
		return false;
	for (size_t i = 0; i < made->count; i++) {
		const struct infer_value *value =
			infer_entry(body, body->graph->output[i]->name);

		if (!value)
			return false;
		if (value->has_type && !value->is_open)
			made->items[i] = infer_derived(value->now);
		if (!infer_import(t->known, &made->items[i]))
			return false;
	}
	return true;
}

/* Infers a body and lists the shapes of its outputs. */
static bool infer_body(struct turns *t, const Onnx__GraphProto *graph,
	struct shapes given, struct shapes *made)
{
	struct infer_values *body;
	bool ok;

	*made = (struct shapes){NULL, 0};
	if (!graph || !fits(t, graph, given.count)) {
		t->gives_up = true;
		return true;
	}
	body = infer_enter(t->known, t->model, graph);
	if (!body)
		return false;
	ok = give(t, body, given);
	if (ok && !t->gives_up)
		ok = infer_nodes(body, t->model, graph->node, graph->n_node) &&
		     read_outputs(t, body, made);
	infer_leave(body);
	return ok;
}

/* ---- If */

/* Extents that differ are forgotten. */
static void unite_dims(struct known_shape *target, const struct known_shape *other)
{
	int64_t *dims = (int64_t *)target->dims; /* a copy */

	for (int64_t i = 0; dims && i < target->rank; i++)
		if (!other->dims || dims[i] != other->dims[i])
			dims[i] = INFER_UNKNOWN;
	if (target->rank == 1 && dims)
		target->length = dims[0];
}

static void forget_shape(struct known_shape *shape)
{
	shape->rank = shape->length = INFER_UNKNOWN;
	shape->dims = NULL;
}

/* What both branches have; of opset 11 on (there an unknown rank counts as 0). */
static void unite(struct turns *t, int64_t opset, struct known_shape *target,
	const struct known_shape *other)
{
	int64_t rank = other->rank;

	if (target->kind != other->kind || target->type != other->type ||
		infer_is_nothing(target) != infer_is_nothing(other)) {
		t->gives_up = true;
		return;
	}
	if (opset < 13 && rank < 0)
		rank = 0;
	if (target->rank < 0)
		return;
	if (target->rank != rank)
		forget_shape(target);
	else
		unite_dims(target, other);
}

/* Before, one completes the other. */
static bool complete(
	struct turns *t, struct known_shape *target, const struct known_shape *other)
{
	if (target->kind != other->kind || target->type != other->type)
		t->gives_up = true;
	if (t->gives_up || other->rank < 0)
		return true;
	return infer_merge(t->known, target, other, &t->gives_up);
}

static bool infer_if(struct turns *t)
{
	int64_t opset = infer_version(t->known, t->node->domain);
	struct shapes none = {NULL, 0}, then, other;

	if (!infer_body(t, branch(t->node, "then_branch"), none, &then))
		return false;
	if (t->gives_up)
		return true;
	if (!infer_body(t, branch(t->node, "else_branch"), none, &other))
		return false;
	t->gives_up = t->gives_up || then.count != other.count ||
		      then.count != t->node->n_output;
	for (size_t i = 0; !t->gives_up && i < then.count; i++) {
		t->out[i] = then.items[i];
		if (opset >= 11)
			unite(t, opset, &t->out[i], &other.items[i]);
		else if (!complete(t, &t->out[i], &other.items[i]))
			return false;
	}
	return true;
}

/* ---- Loop and Scan */

static struct known_shape input(const struct turns *t, size_t i)
{
	return infer_find_outer(t->known, t->node->input[i]);
}

/* The shape with `count` extents in front; `axis` 0 puts them there, any other there. */
static bool widen(struct turns *t, struct known_shape *shape, int64_t axis,
	const int64_t *more, int64_t count)
{
	int64_t *dims;

	if (shape->rank < 0)
		return true;
	dims = infer_alloc(t->known, (size_t)(shape->rank + count), sizeof(*dims));
	if (!dims)
		return false;
	for (int64_t i = 0; i < shape->rank; i++)
		dims[i < axis ? i : i + count] =
			shape->dims ? shape->dims[i] : INFER_UNKNOWN;
	for (int64_t i = 0; i < count; i++)
		dims[axis + i] = more[i];
	shape->dims = dims;
	shape->rank += count;
	shape->length = shape->rank == 1 ? dims[0] : INFER_UNKNOWN;
	return true;
}

/* The shape without `count` extents from `axis` on. */
static bool narrow(
	struct turns *t, struct known_shape *shape, int64_t axis, int64_t count)
{
	int64_t *dims;

	if (count > shape->rank - axis)
		count = shape->rank - axis;
	if (shape->rank < 0 || count < 1)
		return true;
	dims = infer_alloc(t->known, (size_t)shape->rank, sizeof(*dims));
	if (!dims)
		return false;
	for (int64_t i = 0, n = 0; i < shape->rank; i++)
		if (i < axis || i >= axis + count)
			dims[n++] = shape->dims ? shape->dims[i] : INFER_UNKNOWN;
	shape->dims = dims;
	shape->rank -= count;
	shape->length = shape->rank == 1 ? dims[0] : INFER_UNKNOWN;
	return true;
}

/* The values that a Loop carries may change their shapes from turn to turn. */
static bool give_loop(struct turns *t, struct shapes *given)
{
	if (!new_shapes(t, given, t->node->n_input))
		return false;
	given->items[0].type = 7; /* INT64 */
	given->items[1] = infer_derived(input(t, 1));
	for (size_t i = 2; i < given->count; i++) {
		given->items[i] = infer_derived(input(t, i));
		forget_shape(&given->items[i]);
		t->gives_up = t->gives_up || infer_is_nothing(&given->items[i]) ||
			      i - 2 >= t->node->n_output;
		if (!t->gives_up)
			t->out[i - 2] = given->items[i];
	}
	return true;
}

static bool loop_output(struct turns *t, size_t i, const struct known_shape *made)
{
	static const int64_t turns = INFER_UNKNOWN;
	struct known_shape *out = &t->out[i];
	bool is_state = i < t->states;

	if (infer_is_nothing(made) || made->kind >= INFER_SPARSE ||
		(!is_state && made->kind != INFER_TENSOR) || !made->type ||
		(is_state && (out->kind != made->kind || out->type != made->type))) {
		t->gives_up = true;
		return true;
	}
	if (is_state)
		return true;
	*out = *made;
	return widen(t, out, 0, &turns, 1);
}

/* The body once, by what it is given; *made is empty if nothing is known of it. */
static bool infer_turn(struct turns *t, struct shapes given, struct shapes *made)
{
	*made = (struct shapes){0};
	return t->gives_up || infer_body(t, branch(t->node, "body"), given, made);
}

static bool infer_loop(struct turns *t)
{
	struct shapes given, made;

	t->gives_up = t->node->n_input < 2;
	if (t->gives_up)
		return true;
	t->states = t->node->n_input - 2;
	if (!give_loop(t, &given) || !infer_turn(t, given, &made))
		return false;
	if (t->gives_up || !made.count)
		return true;
	t->gives_up = made.count != t->node->n_output + 1;
	for (size_t i = 0; !t->gives_up && i < t->node->n_output; i++)
		if (!loop_output(t, i, &made.items[i + 1]))
			return false;
	return true;
}

static int64_t axis_at(
	struct turns *t, const char *name, size_t i, size_t count, int64_t rank)
{
	const Onnx__AttributeProto *a = node_attribute(t->node, name);
	int64_t axis = 0;

	if (a && a->n_ints != count)
		t->gives_up = true;
	else if (a)
		axis = a->ints[i];
	if (axis < -rank || axis >= rank)
		t->gives_up = true;
	return axis < 0 ? axis + rank : axis;
}

static void unify(struct turns *t, int64_t source, int64_t *target)
{
	if (source >= 0 && *target >= 0 && source != *target)
		t->gives_up = true;
	else if (source >= 0 || *target == INFER_UNKNOWN)
		*target = source;
}

/* Extents that all turns share: of the batch (of version 8 only), and their number. */
struct scan_extents {
	int64_t batch, turns;
};

static bool give_scan_input(struct turns *t, size_t i, struct known_shape *given,
	struct scan_extents *extents)
{
	size_t count = t->node->n_input - t->first - t->states;
	bool is_old = t->first;
	int64_t axis;

	if (given->rank < 0)
		return true;
	if (is_old) {
		if (given->rank > 2) {
			unify(t, given->dims ? given->dims[0] : -1, &extents->batch);
			unify(t, given->dims ? given->dims[1] : -1, &extents->turns);
		}
		return narrow(t, given, 0, 2);
	}
	axis = axis_at(t, "scan_input_axes", i - t->states, count, given->rank);
	if (t->gives_up)
		return true;
	unify(t, given->dims ? given->dims[axis] : -1, &extents->turns);
	return narrow(t, given, axis, 1);
}

static bool give_scan(struct turns *t, struct shapes *given, struct scan_extents *extents)
{
	if (!new_shapes(t, given, t->node->n_input - t->first))
		return false;
	for (size_t i = 0; !t->gives_up && i < given->count; i++) {
		struct known_shape *shape = &given->items[i];

		*shape = infer_derived(input(t, i + t->first));
		t->gives_up = infer_is_nothing(shape) || shape->kind != INFER_TENSOR ||
			      !shape->type;
		if (t->gives_up)
			return true;
		if (i < t->states)
			t->out[i] = *shape;
		if (i < t->states ? t->first && !narrow(t, shape, 0, 1)
				  : !give_scan_input(t, i, shape, extents))
			return false;
	}
	return true;
}

static bool scan_output(struct turns *t, size_t i, const struct known_shape *made,
	const struct scan_extents *extents)
{
	int64_t front[] = {extents->batch, extents->turns}, axis = 0;
	bool is_old = t->first, is_state = i < t->states;
	struct known_shape shape = *made;

	t->gives_up = infer_is_nothing(made) || made->kind != INFER_TENSOR;
	if (t->gives_up)
		return true;
	if (!is_state && !is_old && made->rank >= 0)
		axis = axis_at(t, "scan_output_axes", i - t->states,
			t->node->n_output - t->states, made->rank + 1);
	if (t->gives_up)
		return true;
	if (is_old ? !widen(t, &shape, 0, front, is_state ? 1 : 2)
		   : !is_state && !widen(t, &shape, axis, &front[1], 1))
		return false;
	if (is_state)
		shape.type = t->out[i].type;
	return infer_merge(t->known, &t->out[i], &shape, &t->gives_up);
}

/* Version 8 has the lengths of sequences as its first input, and a batch. */
static bool infer_scan(struct turns *t)
{
	const Onnx__AttributeProto *number = node_attribute(t->node, "num_scan_inputs");
	struct scan_extents extents = {INFER_UNKNOWN, INFER_UNKNOWN};
	struct shapes given, made;
	size_t inputs;

	t->first = infer_version(t->known, t->node->domain) < 9;
	inputs = t->node->n_input < t->first ? 0 : t->node->n_input - t->first;
	t->gives_up = !number || number->i < 0 || (uint64_t)number->i > inputs ||
		      inputs - (size_t)number->i > t->node->n_output;
	if (t->gives_up)
		return true;
	t->states = inputs - (size_t)number->i;
	if (!give_scan(t, &given, &extents) || !infer_turn(t, given, &made))
		return false;
	if (t->gives_up || !made.count)
		return true;
	t->gives_up = made.count != t->node->n_output;
	for (size_t i = 0; !t->gives_up && i < made.count; i++)
		if (!scan_output(t, i, &made.items[i], &extents))
			return false;
	return true;
}

/* ---- SequenceMap */

/* The body sees one element of each sequence. */
static bool infer_map(struct turns *t)
{
	struct shapes given, made;

	if (!new_shapes(t, &given, t->node->n_input))
		return false;
	for (size_t i = 0; i < given.count; i++) {
		given.items[i] = infer_derived(input(t, i));
		if (given.items[i].kind == INFER_SEQUENCE)
			given.items[i].kind = INFER_TENSOR;
		else if (!i || infer_is_nothing(&given.items[i]))
			t->gives_up = true;
	}
	if (t->gives_up)
		return true;
	if (!infer_body(t, branch(t->node, "body"), given, &made))
		return false;
	t->gives_up = t->gives_up || made.count != t->node->n_output;
	for (size_t i = 0; !t->gives_up && i < made.count; i++) {
		t->out[i] = made.items[i];
		t->out[i].kind =
			made.items[i].kind == INFER_TENSOR ? INFER_SEQUENCE : INFER_OTHER;
	}
	return true;
}

bool infer_bodies_of(struct infer_values *known, const struct model *model,
	const Onnx__NodeProto *node, struct known_shape *out, bool *found, bool *gives_up)
{
	struct turns t = {.known = known, .model = model, .node = node, .out = out};
	bool ok = true;

	*found = true;
	if (bytes_equal(node->op_type, "If"))
		ok = infer_if(&t);
	else if (bytes_equal(node->op_type, "Loop"))
		ok = infer_loop(&t);
	else if (bytes_equal(node->op_type, "Scan"))
		ok = infer_scan(&t);
	else if (bytes_equal(node->op_type, "SequenceMap"))
		ok = infer_map(&t);
	else
		*found = false;
	*gives_up = t.gives_up;
	return ok;
}
