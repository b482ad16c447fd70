/* What the rules for types and extents have in common: inputs, outputs, extents. */
#include "infer/rule.h"

#include <string.h>

static const struct known_shape unknown = INFER_NOTHING;

struct known_shape infer_input(const struct infer_context *c, size_t slot)
{
	if (slot >= c->node->n_input)
		return unknown;
	return infer_find_outer(c->known, c->node->input[slot]);
}

bool infer_has_input(const struct infer_context *c, size_t slot)
{
	return slot < c->node->n_input && c->node->input[slot].len;
}

bool infer_has_output(const struct infer_context *c, size_t slot)
{
	return slot < c->node->n_output && c->node->output[slot].len;
}

bool infer_has_shape(const struct infer_context *c, size_t slot)
{
	return infer_input(c, slot).rank >= 0;
}

bool infer_has_shapes(const struct infer_context *c, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!infer_has_shape(c, i))
			return false;
	return true;
}

struct known_shape infer_derived(struct known_shape shape)
{
	shape.data = NULL;
	shape.is_constant = shape.fails = false;
	return shape;
}

bool infer_set_type(struct infer_context *c, size_t output, int32_t type)
{
	if (output >= c->node->n_output)
		return false;
	c->out[output].type = type;
	return true;
}

bool infer_copy_type(struct infer_context *c, size_t input, size_t output)
{
	struct known_shape from = infer_input(c, input);

	if (output >= c->node->n_output || !(from.type || from.kind == INFER_OTHER))
		return false;
	c->out[output].type = from.type;
	c->out[output].kind = from.kind;
	return true;
}

bool infer_same_types(const struct infer_context *c, size_t a, size_t b)
{
	struct known_shape x = infer_input(c, a), y = infer_input(c, b);

	return infer_is_typed(x) && infer_is_typed(y) && x.type == y.type;
}

bool infer_attribute_type(
	struct infer_context *c, const char *name, int32_t absent, size_t output)
{
	const Onnx__AttributeProto *a = infer_attribute(c, name);

	if (!a)
		return absent && infer_set_type(c, output, absent);
	if (!a->has_i || a->i < 0 || a->i >= ELEMENT_COUNT)
		return false;
	return infer_set_type(c, output, (int32_t)a->i);
}

int64_t *infer_set_shape(struct infer_context *c, size_t output, int64_t rank)
{
	enum { INFER_MAX = 1 << 16 };
	int64_t *dims;

	if (output >= c->node->n_output || rank < 0 || rank > INFER_MAX)
		return NULL;
	dims = arena_alloc(&c->known->names.arena, ((size_t)rank + 1) * sizeof(*dims));
	c->no_memory = c->no_memory || !dims;
	for (int64_t i = 0; dims && i < rank; i++)
		dims[i] = -1;
	c->out[output].rank = dims ? rank : INFER_UNKNOWN;
	c->out[output].dims = dims;
	return dims;
}

bool infer_set_dims(
	struct infer_context *c, size_t output, const int64_t *dims, int64_t rank)
{
	int64_t *out = infer_set_shape(c, output, rank);

	if (out && dims && rank)
		memcpy(out, dims, (size_t)rank * sizeof(*out));
	return out;
}

bool infer_copy_shape(struct infer_context *c, size_t input, size_t output)
{
	struct known_shape from = infer_input(c, input);

	return from.rank < 0 || infer_set_dims(c, output, from.dims, from.rank);
}

const Onnx__AttributeProto *infer_attribute(
	const struct infer_context *c, const char *name)
{
	return node_attribute(c->node, name);
}

int64_t infer_int(const struct infer_context *c, const char *name, int64_t absent)
{
	const Onnx__AttributeProto *found = infer_attribute(c, name);

	return found ? found->i : absent;
}

bool infer_text_is(
	const struct infer_context *c, const char *name, const char *text, bool absent)
{
	const Onnx__AttributeProto *found = infer_attribute(c, name);

	return found ? bytes_equal(found->s, text) : absent;
}

struct infer_list infer_ints(const struct infer_context *c, const char *name)
{
	const Onnx__AttributeProto *a = infer_attribute(c, name);

	if (!a)
		return (struct infer_list){.is_absent = true};
	return (struct infer_list){
		.is_known = true, .items = a->ints, .count = a->n_ints};
}

int64_t infer_made(const struct infer_context *c, int64_t value)
{
	return infer_value_of(c->known->run, value);
}

bool infer_unify(int64_t source, int64_t *target)
{
	if (source >= 0 && *target >= 0)
		return source == *target;
	if (source >= 0 || *target == -1)
		*target = source;
	return true;
}

bool infer_unify_input(
	struct infer_context *c, size_t slot, int64_t rank, int64_t *const targets[])
{
	struct known_shape x = infer_input(c, slot);

	if (x.rank < 0)
		return true;
	if (x.rank != rank)
		return false;
	for (int64_t i = 0; i < rank; i++)
		if (!infer_unify(infer_extent(x, i), targets[i]))
			return false;
	return true;
}

bool infer_unify_axis(struct infer_context *c, size_t slot, int64_t axis, int64_t *target)
{
	struct known_shape x = infer_input(c, slot);

	return x.rank < 0 ||
	       (x.rank > axis && infer_unify(infer_extent(x, axis), target));
}

bool infer_check(const struct infer_context *c, size_t slot, int64_t rank)
{
	int64_t actual = infer_input(c, slot).rank;

	return actual < 0 || actual == rank;
}

bool infer_times(int64_t extent, int64_t factor, int64_t *result)
{
	*result = factor == 1 ? extent : -1;
	return extent < 0 || !__builtin_mul_overflow(extent, factor, result);
}

bool infer_over(int64_t extent, int64_t divisor, int64_t *result)
{
	*result = divisor == 1 ? extent : -1;
	if (extent >= 0 && divisor)
		*result = extent / divisor;
	return extent < 0 || divisor;
}

bool infer_product(struct known_shape x, int64_t from, int64_t to, int64_t *product)
{
	*product = 1;
	for (int64_t i = from; i < to; i++) {
		int64_t extent = infer_extent(x, i);

		if (extent >= 0 && *product >= 0) {
			if (__builtin_mul_overflow(*product, extent, product))
				return false;
		} else if (extent != 1) {
			*product = *product == 1 ? extent : -1;
		}
	}
	return true;
}

bool infer_axis(int64_t axis, int64_t rank, int64_t *result)
{
	*result = axis < 0 ? axis + rank : axis;
	return axis >= -rank && axis < rank;
}

bool infer_axes(
	struct infer_context *c, struct infer_list *axes, int64_t rank, bool unique)
{
	int64_t *items =
		arena_alloc(&c->known->names.arena, (axes->count + 1) * sizeof(*items));

	c->no_memory = c->no_memory || !items;
	if (!items)
		return false;
	for (size_t i = 0; i < axes->count; i++) {
		if (!infer_axis(axes->items[i], rank, &items[i]))
			return false;
		if (unique &&
			infer_list_has((struct infer_list){.items = items, .count = i},
				items[i]))
			return false;
	}
	axes->items = items;
	return true;
}

bool infer_list_has(struct infer_list list, int64_t value)
{
	for (size_t i = 0; i < list.count; i++)
		if (list.items[i] == value)
			return true;
	return false;
}

/* One extent: values win over symbols, and one symbol over ones. */
static bool broadcast_one(
	const struct known_shape *shapes, size_t count, int64_t from_end, int64_t *result)
{
	int64_t value = 1, symbol = -1;
	int symbols = 0;

	for (size_t k = 0; k < count; k++) {
		int64_t axis = shapes[k].rank - 1 - from_end, extent;

		if (axis < 0)
			continue;
		extent = infer_extent(shapes[k], axis);
		if (extent >= 0 && extent != 1) {
			if (value != extent && value != 1)
				return false;
			value = extent;
		} else if (extent < 0 && (!symbols || extent != symbol)) {
			symbol = symbols++ ? symbol : extent;
		}
	}
	*result = value != 1 || !symbols ? value : symbols == 1 ? symbol : -1;
	return true;
}

bool infer_broadcast_dims(
	const struct known_shape *shapes, size_t count, int64_t *out, int64_t rank)
{
	for (int64_t i = 0; i < rank; i++)
		if (!broadcast_one(shapes, count, i, &out[rank - 1 - i]))
			return false;
	return true;
}

bool infer_broadcast(
	struct infer_context *c, const struct known_shape *shapes, size_t count)
{
	int64_t rank = 0, *out;

	for (size_t k = 0; k < count; k++)
		rank = shapes[k].rank > rank ? shapes[k].rank : rank;
	out = infer_set_shape(c, 0, rank);
	return out && infer_broadcast_dims(shapes, count, out, rank);
}
