/* Rules of Concat and Split. */
#include "infer/rule.h"

static bool concat_one(struct known_shape x, int64_t axis, int64_t *out, int64_t *length)
{
	for (int64_t i = 0; i < x.rank; i++) {
		int64_t extent = infer_extent(x, i);

		if (i != axis) {
			if (!infer_unify(extent, &out[i]))
				return false;
		} else if (extent < 0 || *length < 0) {
			*length = -1;
		} else if (__builtin_add_overflow(*length, extent, length)) {
			return false;
		}
	}
	return true;
}

/* `argument`: the axis may count from the end. */
bool infer_concat(struct infer_context *c)
{
	size_t count = c->node->n_input;
	int64_t rank = infer_input(c, 0).rank, axis, length = 0, *out;

	if (!count || !infer_has_shapes(c, count))
		return true;
	if (!infer_attribute(c, "axis") ||
		!infer_axis(infer_int(c, "axis", 0), rank, &axis))
		return infer_int(c, "axis", 0) < 0 && !c->argument;
	if (!c->argument && infer_int(c, "axis", 0) < 0)
		return true;
	if (c->argument && count == 1)
		return infer_copy_shape(c, 0, 0);
	out = infer_set_shape(c, 0, rank);
	for (size_t i = 0; out && i < count; i++) {
		struct known_shape x = infer_input(c, i);

		if (x.rank != rank || !concat_one(x, axis, out, &length))
			return false;
	}
	if (out)
		out[axis] = length;
	return out;
}

/* The parts by opset 18, where their number may be given. */
static bool count_parts(const struct infer_context *c, int64_t extent, int64_t *part)
{
	int64_t parts = infer_int(c, "num_outputs", 0),
		outputs = (int64_t)c->node->n_output;

	if (c->opset < 18)
		parts = outputs;
	if (parts < 1 || (c->opset < 18 && extent % parts))
		return false;
	*part = extent / parts + (extent % parts != 0);
	return true;
}

static bool split_sizes(struct infer_context *c, struct infer_list *sizes)
{
	if (c->opset < 13) {
		*sizes = infer_ints(c, "split");
		return true;
	}
	*sizes = (struct infer_list){.is_absent = true};
	if (c->opset < 18 ? c->node->n_input != 2 || !infer_is_typed(infer_input(c, 1))
			  : !infer_has_input(c, 1))
		return true;
	return !(c->opset >= 18 && infer_attribute(c, "num_outputs")) &&
	       infer_constant(c, 1, false, sizes);
}

static bool fits(struct infer_list sizes, size_t outputs, int64_t extent)
{
	int64_t sum = 0;

	for (size_t i = 0; i < sizes.count; i++)
		if (__builtin_add_overflow(sum, sizes.items[i], &sum))
			return false;
	return sizes.count == outputs && sum == extent;
}

/* `sizes`, or parts of one size and a rest, or (both missing) unknown ones. */
static bool split_into(struct infer_context *c, int64_t axis, const int64_t *sizes,
	int64_t part, int64_t extent)
{
	struct known_shape x = infer_input(c, 0);
	size_t outputs = c->node->n_output;
	int64_t before;

	for (size_t i = 0; i < outputs; i++) {
		int64_t *out = infer_set_shape(c, i, x.rank);

		for (int64_t k = 0; out && k < x.rank; k++)
			if (k != axis)
				out[k] = infer_extent(x, k);
		if (!out || __builtin_mul_overflow(part, (int64_t)i, &before))
			return false;
		if (sizes)
			out[axis] = infer_made(c, sizes[i]);
		else if (part >= 0)
			out[axis] =
				infer_made(c, i + 1 == outputs ? extent - before : part);
	}
	return true;
}

bool infer_split(struct infer_context *c)
{
	struct known_shape x = infer_input(c, 0);
	struct infer_list sizes;
	int64_t axis, extent, part = -1;

	for (size_t i = 0; i < c->node->n_output; i++)
		if (!infer_copy_type(c, 0, i))
			return false;
	if (x.rank < 0)
		return c->node->n_output;
	if (!infer_axis(infer_int(c, "axis", 0), x.rank, &axis))
		return false;
	extent = infer_extent(x, axis);
	if (extent < 0)
		return split_into(c, axis, NULL, -1, -1);
	if (!split_sizes(c, &sizes))
		return false;
	if (sizes.is_absent)
		return count_parts(c, extent, &part) &&
		       split_into(c, axis, NULL, part, extent);
	if (!sizes.is_known)
		return true;
	return fits(sizes, c->node->n_output, extent) &&
	       split_into(c, axis, sizes.items, -1, -1);
}
