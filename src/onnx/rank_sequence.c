/* Rules of sequences and optional values. A sequence has the type and the shape of its
 * elements, as far as they are all the same. */
#include "onnx/rank_rule.h"

/* Forgets what differs. */
static void unite(struct rank_context *c, struct known_shape other)
{
	struct known_shape *out = &c->out[0];
	int64_t *dims = (int64_t *)out->dims;

	if (out->rank < 0)
		return;
	if (out->rank != other.rank) {
		out->rank = RANK_UNKNOWN;
		out->dims = NULL;
		return;
	}
	for (int64_t i = 0; i < out->rank; i++)
		if (dims[i] != rank_extent(other, i))
			dims[i] = -1;
}

static bool begin_sequence(struct rank_context *c, int32_t type)
{
	c->out[0].kind = RANK_SEQUENCE;
	return rank_set_type(c, 0, type);
}

bool rank_sequence_construct(struct rank_context *c)
{
	size_t count = c->node->n_input;

	if (!count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!rank_is_typed(rank_input(c, i)) ||
			rank_input(c, i).type != rank_input(c, 0).type)
			return false;
	begin_sequence(c, rank_input(c, 0).type);
	if (!rank_has_shapes(c, count))
		return true;
	if (!rank_copy_shape(c, 0, 0))
		return false;
	for (size_t i = 1; i < count; i++)
		unite(c, rank_input(c, i));
	return true;
}

bool rank_sequence_empty(struct rank_context *c)
{
	return begin_sequence(c, (int32_t)rank_int(c, "dtype", ELEMENT_FLOAT));
}

bool rank_sequence_insert(struct rank_context *c)
{
	struct known_shape sequence = rank_input(c, 0), x = rank_input(c, 1);

	if (!rank_is_typed(sequence) || !rank_is_typed(x) || sequence.type != x.type)
		return false;
	begin_sequence(c, sequence.type);
	if (!rank_has_shapes(c, 2))
		return true;
	if (!rank_copy_shape(c, 0, 0))
		return false;
	unite(c, x);
	return true;
}

/* The whole of input 0 as another kind. */
static bool take(struct rank_context *c, enum rank_kind kind)
{
	struct known_shape x = rank_input(c, 0);

	if (!rank_is_typed(x))
		return false;
	c->out[0].kind = kind;
	return rank_set_type(c, 0, x.type) && rank_copy_shape(c, 0, 0);
}

bool rank_sequence_erase(struct rank_context *c)
{
	return take(c, rank_input(c, 0).kind);
}

bool rank_sequence_at(struct rank_context *c)
{
	struct known_shape x = rank_input(c, 0);

	if (rank_is_typed(x) && x.kind != RANK_SEQUENCE)
		return true;
	return take(c, RANK_TENSOR);
}

/* With new_axis the axis may be one more. */
bool rank_concat_sequence(struct rank_context *c)
{
	struct known_shape x = rank_input(c, 0);
	int64_t fresh = rank_int(c, "new_axis", 0), axis, *out;

	if (!rank_is_typed(x))
		return false;
	rank_set_type(c, 0, x.kind == RANK_SEQUENCE ? x.type : 0);
	if (x.rank < 0)
		return true;
	if (!rank_attribute(c, "axis") || (fresh != 0 && fresh != 1) ||
		!rank_axis(rank_int(c, "axis", 0), x.rank + fresh, &axis))
		return false;
	out = rank_set_shape(c, 0, x.rank + fresh);
	for (int64_t i = 0; out && i < x.rank + fresh; i++)
		if (i != axis)
			out[i] = rank_extent(x, i > axis && fresh ? i - 1 : i);
	return out;
}

/* ---- SplitToSequence */

static bool same_parts(struct rank_list sizes, int64_t extent, int64_t *part)
{
	int64_t sum = 0;

	*part = sizes.items[0];
	for (size_t i = 0; i < sizes.count; i++) {
		if (__builtin_add_overflow(sum, sizes.items[i], &sum))
			return false;
		*part = sizes.items[i] == sizes.items[0] ? *part : -1;
	}
	return sum == extent;
}

/* The extent that all parts have, -1 if they differ or nobody knows. */
static bool part_size(struct rank_context *c, int64_t extent, int64_t *part)
{
	struct rank_list sizes;

	*part = -1;
	if (!rank_has_shape(c, 1) || !rank_data(c, 1))
		return true;
	if (!rank_constant(c, 1, true, &sizes) || !sizes.count)
		return false;
	if (extent < 0)
		return true;
	if (rank_input(c, 1).rank)
		return same_parts(sizes, extent, part);
	if (sizes.items[0] <= 0)
		return false;
	*part = extent % sizes.items[0] ? -1 : sizes.items[0];
	return true;
}

bool rank_split_sequence(struct rank_context *c)
{
	struct known_shape x = rank_input(c, 0);
	int64_t axis, part = 1, *out, n = 0;
	bool alone = c->node->n_input == 1, keep = !alone || rank_int(c, "keepdims", 1);

	if (!rank_is_typed(x))
		return false;
	begin_sequence(c, x.type);
	if (x.rank < 0)
		return true;
	if (!rank_axis(rank_int(c, "axis", 0), x.rank, &axis) ||
		(!alone && !part_size(c, rank_extent(x, axis), &part)))
		return false;
	out = rank_set_shape(c, 0, x.rank);
	for (int64_t i = 0; out && i < x.rank; i++)
		if (i != axis || keep)
			out[n++] = i != axis ? rank_extent(x, i) : part > 0 ? part : -1;
	c->out[0].rank = n;
	return out;
}

/* ---- optional values */

static enum rank_kind optional_of(enum rank_kind kind)
{
	return kind == RANK_TENSOR     ? RANK_OPTIONAL
	       : kind == RANK_SEQUENCE ? RANK_OPTIONAL_SEQUENCE
				       : RANK_OTHER;
}

bool rank_optional(struct rank_context *c)
{
	const Onnx__AttributeProto *a = rank_attribute(c, "type");

	if (c->node->n_input == 1)
		return take(c, optional_of(rank_input(c, 0).kind));
	if (c->node->n_input || !a || !a->tp)
		return false;
	if (!rank_read_type(c->ranks, a->tp, &c->out[0])) {
		c->no_memory = true;
		return false;
	}
	c->out[0].kind = optional_of(c->out[0].kind);
	return true;
}

/* `argument`: what is not optional is its own element. */
bool rank_optional_get(struct rank_context *c)
{
	struct known_shape x = rank_input(c, 0);

	if (c->node->n_input != 1)
		return false;
	if (x.kind == RANK_OPTIONAL)
		return take(c, RANK_TENSOR);
	if (x.kind == RANK_OPTIONAL_SEQUENCE)
		return take(c, RANK_SEQUENCE);
	return c->argument && x.type && take(c, x.kind);
}

/* `argument`: the least number of inputs. */
bool rank_optional_has(struct rank_context *c)
{
	return c->node->n_input <= 1 && (int64_t)c->node->n_input >= c->argument &&
	       c->node->n_output == 1 && rank_set_shape(c, 0, 0);
}
