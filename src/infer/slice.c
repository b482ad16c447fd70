/* Rules of Slice and of padding, its opposite. */
#include "infer/rule.h"

#include <math.h>

/* ---- Slice */

static bool are_sorted(struct infer_list axes)
{
	for (size_t i = 1; i < axes.count; i++)
		if (axes.items[i] < axes.items[i - 1])
			return false;
	return true;
}

/* One extent before opset 10, -1 where it is left open. */
static int64_t sliced_1(int64_t extent, int64_t start, int64_t end)
{
	if (extent < 0)
		return -1;
	start += start < 0 ? extent : 0;
	end += end < 0 ? extent : 0;
	if (start < 0 || end < 0)
		return -1;
	end = end < extent ? end : extent;
	return end >= start ? end - start : -1;
}

bool infer_slice_1(struct infer_context *c)
{
	struct known_shape x = infer_input(c, 0);
	struct infer_list starts = infer_ints(c, "starts"), ends = infer_ints(c, "ends"),
			  axes = infer_ints(c, "axes");
	int64_t *out;
	size_t next = 0;

	if (starts.is_absent || ends.is_absent || starts.count != ends.count ||
		(!axes.is_absent && axes.count != starts.count))
		return false;
	if (!are_sorted(axes))
		return true;
	out = infer_set_shape(c, 0, x.rank);
	if (!out || (axes.count && axes.items[0] < 0))
		return out;
	for (int64_t i = 0; i < x.rank; i++) {
		int64_t axis = axes.is_absent      ? (int64_t)next
			       : next < axes.count ? axes.items[next]
						   : -1;

		out[i] = infer_extent(x, i);
		if (next < starts.count && axis == i) {
			out[i] = sliced_1(out[i], starts.items[next], ends.items[next]);
			next++;
		}
	}
	return true;
}

struct slicing {
	struct infer_list starts, ends, axes, steps;
	bool is_open; /* one of them is not constant */
};

/* The last two count as missing if their inputs have no shape. */
static bool slice_list(struct infer_context *c, size_t slot, struct infer_list *list)
{
	if (slot < 3 || infer_has_shape(c, slot))
		return infer_constant(c, slot, true, list);
	*list = (struct infer_list){.is_absent = true};
	return true;
}

static bool read_slicing(struct infer_context *c, struct slicing *s)
{
	struct infer_list *lists[] = {&s->starts, &s->ends, &s->axes, &s->steps};

	*s = (struct slicing){.is_open = false};
	for (size_t slot = 1; slot < 5; slot++)
		if ((slot < 3 || infer_has_shape(c, slot)) && !infer_data(c, slot))
			s->is_open = true;
	for (size_t slot = 1; !s->is_open && slot < 5; slot++)
		if (!slice_list(c, slot, lists[slot - 1]))
			return false;
	return s->starts.count == s->ends.count &&
	       (s->axes.is_absent || s->axes.count == s->starts.count) &&
	       (s->steps.is_absent || s->steps.count == s->starts.count);
}

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
	return value < low ? low : value > high ? high : value;
}

static int64_t sliced(int64_t extent, int64_t start, int64_t end, int64_t step)
{
	double length;
	bool back = step < 0;

	if (extent == 0)
		return 0;
	start = clamp(start + (start < 0 ? extent : 0), 0, back ? extent - 1 : extent);
	end = clamp(
		end + (end < 0 ? extent : 0), back ? -1 : 0, back ? extent - 1 : extent);
	length = ceil(1.0 * (double)(end - start) / (double)step);
	return length < 0 ? 0 : (int64_t)length;
}

/* The symbol of an extent that is sliced goes, but for opset 10. */
static bool slice_axis(
	const struct infer_context *c, const struct slicing *s, size_t i, int64_t *extent)
{
	int64_t step = s->steps.is_absent ? 1 : s->steps.items[i];

	if (*extent < 0) {
		*extent = c->opset < 11 ? *extent : -1;
		return true;
	}
	if (step == 0)
		return *extent == 0 && c->opset < 13;
	*extent = sliced(*extent, s->starts.items[i], s->ends.items[i], step);
	return true;
}

bool infer_slice(struct infer_context *c)
{
	struct known_shape x = infer_input(c, 0);
	struct slicing s;
	int64_t *out;

	if (c->node->n_input < 3 || c->node->n_input > 5)
		return false;
	if (x.rank < 0)
		return true;
	out = infer_set_shape(c, 0, x.rank);
	if (!out || !read_slicing(c, &s))
		return false;
	if (s.is_open)
		return true;
	if (!s.axes.is_absent && !infer_axes(c, &s.axes, x.rank, true))
		return false;
	for (int64_t i = 0; i < x.rank; i++)
		out[i] = infer_extent(x, i);
	for (size_t i = 0; i < s.starts.count; i++) {
		int64_t axis = s.axes.is_absent ? (int64_t)i : s.axes.items[i];

		if (axis >= x.rank || !slice_axis(c, &s, i, &out[axis]))
			return false;
	}
	return true;
}

/* ---- Pad, CenterCropPad */

static bool padded(const struct infer_context *c, int64_t extent, int64_t before,
	int64_t after, int64_t *out)
{
	int64_t total;

	if (__builtin_add_overflow(before, after, &total))
		return false;
	*out = total ? -1 : extent;
	if (extent < 0)
		return true;
	if (__builtin_add_overflow(extent, total, &total))
		return false;
	*out = infer_made(c, total);
	return true;
}

static bool pad_all(struct infer_context *c, struct infer_list pads)
{
	struct known_shape x = infer_input(c, 0);
	int64_t *out = infer_set_shape(c, 0, x.rank);

	if (!out || pads.count != 2 * (size_t)x.rank)
		return false;
	for (int64_t i = 0; i < x.rank; i++)
		if (!padded(c, infer_extent(x, i), pads.items[i], pads.items[x.rank + i],
			    &out[i]))
			return false;
	return true;
}

bool infer_pad_2(struct infer_context *c)
{
	return pad_all(c, infer_ints(c, "pads"));
}

static bool read_pads(struct infer_context *c, struct infer_list *pads)
{
	const Onnx__TensorProto *data = infer_data(c, 1);

	return (!data || data->n_dims == 1) && infer_constant(c, 1, false, pads);
}

bool infer_pad_11(struct infer_context *c)
{
	struct infer_list pads;

	if (!read_pads(c, &pads))
		return false;
	return pads.is_known ? pad_all(c, pads)
			     : infer_set_shape(c, 0, infer_input(c, 0).rank) != NULL;
}

static bool pad_axes(struct infer_context *c, struct infer_list axes,
	struct infer_list pads, int64_t *out)
{
	struct known_shape x = infer_input(c, 0);

	if (pads.count != 2 * axes.count)
		return false;
	for (int64_t i = 0; i < x.rank; i++)
		out[i] = infer_extent(x, i) < 0 ? -1 : infer_extent(x, i);
	for (size_t i = 0; i < axes.count; i++)
		if (!padded(c, infer_extent(x, axes.items[i]), pads.items[i],
			    pads.items[axes.count + i], &out[axes.items[i]]))
			return false;
	return true;
}

/* Symbols stay where an axis is named and nothing is added. */
bool infer_pad_18(struct infer_context *c)
{
	struct known_shape x = infer_input(c, 0);
	struct infer_list axes = {.is_absent = true}, pads;
	int64_t *out;

	if (infer_has_shape(c, 3)) {
		if (!infer_data(c, 3))
			return true;
		if (!infer_constant(c, 3, false, &axes) ||
			!infer_axes(c, &axes, x.rank, true))
			return false;
	}
	out = infer_set_shape(c, 0, x.rank);
	if (!x.rank || (!axes.is_absent && !axes.count))
		return out;
	if (axes.is_absent)
		return infer_pad_11(c);
	if (!out || !read_pads(c, &pads))
		return false;
	return !pads.is_known || pad_axes(c, axes, pads, out);
}

bool infer_center_crop(struct infer_context *c)
{
	struct known_shape x = infer_input(c, 0);
	struct infer_list axes = infer_ints(c, "axes"), sizes;
	int64_t *out;

	if (c->node->n_input != 2)
		return false;
	if (x.rank < 0 || !infer_data(c, 1))
		return true;
	if (!infer_constant(c, 1, true, &sizes) ||
		(!axes.is_absent && !infer_axes(c, &axes, x.rank, true)) ||
		sizes.count != (axes.is_absent ? (size_t)x.rank : axes.count) ||
		!infer_copy_shape(c, 0, 0))
		return false;
	out = infer_set_shape(c, 0, x.rank);
	for (int64_t i = 0; out && i < x.rank; i++)
		out[i] = infer_extent(x, i);
	for (size_t i = 0; out && i < sizes.count; i++)
		out[axes.is_absent ? (int64_t)i : axes.items[i]] =
			infer_made(c, sizes.items[i]);
	return out;
}
