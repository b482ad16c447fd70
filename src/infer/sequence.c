/* Rules of sequences and optional values. A sequence has the type and the shape of its
 * elements, as far as they are all the same. */
#include "infer/rule.h"

/* Forgets what differs. */
static void unite(struct infer_context *c, struct known_shape other)
{
	struct known_shape *out = &c->out[0];
	int64_t *dims = (int64_t *)out->dims;

	if (out->rank < 0)
		return;
	if (out->rank != other.rank) {
		out->rank = INFER_UNKNOWN;
		out->dims = NULL;
		return;
	}
	for (int64_t i = 0; i < out->rank; i++)
		if (dims[i] != infer_extent(other, i))
			dims[i] = -1;
}

static bool begin_sequence(struct infer_context *c, int32_t type)
{
	c->out[0].kind = INFER_SEQUENCE;
	return infer_set_type(c, 0, type);
}

bool infer_sequence_construct(struct infer_context *c)
{
	size_t count = c->node->n_input;

	if (!count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!infer_is_typed(infer_input(c, i)) ||
			infer_input(c, i).type != infer_input(c, 0).type)
			return false;
	begin_sequence(c, infer_input(c, 0).type);
	if (!infer_has_shapes(c, count))
		return true;
	if (!infer_copy_shape(c, 0, 0))
		return false;
	for (size_t i = 1; i < count; i++)
		unite(c, infer_input(c, i));
	return true;
}

bool infer_sequence_empty(struct infer_context *c)
{
	return begin_sequence(c, (int32_t)infer_int(c, "dtype", ELEMENT_FLOAT));
}

bool infer_sequence_insert(struct infer_context *c)
{
	struct known_shape sequence = infer_input(c, 0), x = infer_input(c, 1);

	if (!infer_is_typed(sequence) || !infer_is_typed(x) || sequence.type != x.type)
		return false;
	begin_sequence(c, sequence.type);
	if (!infer_has_shapes(c, 2))
		return true;
	if (!infer_copy_shape(c, 0, 0))
		return false;
	unite(c, x);
	return true;
}

/* The whole of input 0 as another kind. */
static bool take(struct infer_context *c, enum infer_kind kind)
{
	struct known_shape x = infer_input(c, 0);

	if (!infer_is_typed(x))
		return false;
	c->out[0].kind = kind;
	return infer_set_type(c, 0, x.type) && infer_copy_shape(c, 0, 0);
}

bool infer_sequence_erase(struct infer_context *c)
{
	return take(c, infer_input(c, 0).kind);
}

bool infer_sequence_at(struct infer_context *c)
{
	struct known_shape x = infer_input(c, 0);

	if (infer_is_typed(x) && x.kind != INFER_SEQUENCE)
		return true;
	return take(c, INFER_TENSOR);
}

/* With new_axis the axis may be one more. */
bool infer_concat_sequence(struct infer_context *c)
{
	struct known_shape x = infer_input(c, 0);
	int64_t fresh = infer_int(c, "new_axis", 0), axis, *out;

	if (!infer_is_typed(x))
		return false;
	infer_set_type(c, 0, x.kind == INFER_SEQUENCE ? x.type : 0);
	if (x.rank < 0)
		return true;
	if (!infer_attribute(c, "axis") || (fresh != 0 && fresh != 1) ||
		!infer_axis(infer_int(c, "axis", 0), x.rank + fresh, &axis))
		return false;
	out = infer_set_shape(c, 0, x.rank + fresh);
	for (int64_t i = 0; out && i < x.rank + fresh; i++)
		if (i != axis)
			out[i] = infer_extent(x, i > axis && fresh ? i - 1 : i);
	return out;
}

/* ---- SplitToSequence */

static bool same_parts(struct infer_list sizes, int64_t extent, int64_t *part)
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
static bool part_size(struct infer_context *c, int64_t extent, int64_t *part)
{
	struct infer_list sizes;

	*part = -1;
	if (!infer_has_shape(c, 1) || !infer_data(c, 1))
		return true;
	if (!infer_constant(c, 1, true, &sizes) || !sizes.count)
		return false;
	if (extent < 0)
		return true;
	if (infer_input(c, 1).rank)
		return same_parts(sizes, extent, part);
	if (sizes.items[0] <= 0)
		return false;
	*part = extent % sizes.items[0] ? -1 : sizes.items[0];
	return true;
}

bool infer_split_sequence(struct infer_context *c)
{
	struct known_shape x = infer_input(c, 0);
	int64_t axis, part = 1, *out, n = 0;
	bool alone = c->node->n_input == 1, keep = !alone || infer_int(c, "keepdims", 1);

	if (!infer_is_typed(x))
		return false;
	begin_sequence(c, x.type);
	if (x.rank < 0)
		return true;
	if (!infer_axis(infer_int(c, "axis", 0), x.rank, &axis) ||
		(!alone && !part_size(c, infer_extent(x, axis), &part)))
		return false;
	out = infer_set_shape(c, 0, x.rank);
	for (int64_t i = 0; out && i < x.rank; i++)
		if (i != axis || keep)
			out[n++] = i != axis ? infer_extent(x, i) : part > 0 ? part : -1;
	c->out[0].rank = n;
	return out;
}

/* ---- optional values */

static enum infer_kind optional_of(enum infer_kind kind)
{
	return kind == INFER_TENSOR     ? INFER_OPTIONAL
	       : kind == INFER_SEQUENCE ? INFER_OPTIONAL_SEQUENCE
					: INFER_OTHER;
}

bool infer_optional(struct infer_context *c)
{
	const Onnx__AttributeProto *a = infer_attribute(c, "type");

	if (c->node->n_input == 1)
		return take(c, optional_of(infer_input(c, 0).kind));
	if (c->node->n_input || !a || !a->tp)
		return false;
	if (!infer_read_type(c->known, a->tp, &c->out[0])) {
		c->no_memory = true;
		return false;
	}
	c->out[0].kind = optional_of(c->out[0].kind);
	return true;
}

/* `argument`: what is not optional is its own element. */
bool infer_optional_get(struct infer_context *c)
{
	struct known_shape x = infer_input(c, 0);

	if (c->node->n_input != 1)
		return false;
	if (x.kind == INFER_OPTIONAL)
		return take(c, INFER_TENSOR);
	if (x.kind == INFER_OPTIONAL_SEQUENCE)
		return take(c, INFER_SEQUENCE);
	return c->argument && x.type && take(c, x.kind);
}

/* `argument`: the least number of inputs. */
bool infer_optional_has(struct infer_context *c)
{
	return c->node->n_input <= 1 && (int64_t)c->node->n_input >= c->argument &&
	       c->node->n_output == 1 && infer_set_shape(c, 0, 0);
}
