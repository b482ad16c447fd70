/* Rules of Slice and of padding, its opposite. */
#include "onnx/rank_rule.h"

#include <math.h>

/* ---- Slice */

static bool are_sorted(struct rank_list axes)
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

bool rank_slice_1(struct rank_context *c)
{
	struct known_shape x = rank_input(c, 0);
	struct rank_list starts = rank_ints(c, "starts"), ends = rank_ints(c, "ends"),
			 axes = rank_ints(c, "axes");
	int64_t *out;
	size_t next = 0;

	if (starts.is_absent || ends.is_absent || starts.count != ends.count ||
		(!axes.is_absent && axes.count != starts.count))
		return false;
	if (!are_sorted(axes))
		return true;
	out = rank_set_shape(c, 0, x.rank);
	if (!out || (axes.count && axes.items[0] < 0))
		return out;
	for (int64_t i = 0; i < x.rank; i++) {
		int64_t axis = axes.is_absent      ? (int64_t)next
			       : next < axes.count ? axes.items[next]
						   : -1;

		out[i] = rank_extent(x, i);
		if (next < starts.count && axis == i) {
			out[i] = sliced_1(out[i], starts.items[next], ends.items[next]);
			next++;
		}
	}
	return true;
}

struct slicing {
	struct rank_list starts, ends, axes, steps;
	bool is_open; /* one of them is not constant */
};

/* The last two count as missing if their inputs have no shape. */
static bool slice_list(struct rank_context *c, size_t slot, struct rank_list *list)
{
	if (slot < 3 || rank_has_shape(c, slot))
		return rank_constant(c, slot, true, list);
	*list = (struct rank_list){.is_absent = true};
	return true;
}

static bool read_slicing(struct rank_context *c, struct slicing *s)
{
	struct rank_list *lists[] = {&s->starts, &s->ends, &s->axes, &s->steps};

	*s = (struct slicing){.is_open = false};
	for (size_t slot = 1; slot < 5; slot++)
		if ((slot < 3 || rank_has_shape(c, slot)) && !rank_data(c, slot))
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
	const struct rank_context *c, const struct slicing *s, size_t i, int64_t *extent)
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

bool rank_slice(struct rank_context *c)
{
	struct known_shape x = rank_input(c, 0);
	struct slicing s;
	int64_t *out;

	if (c->node->n_input < 3 || c->node->n_input > 5)
		return false;
	if (x.rank < 0)
		return true;
	out = rank_set_shape(c, 0, x.rank);
	if (!out || !read_slicing(c, &s))
		return false;
	if (s.is_open)
		return true;
	if (!s.axes.is_absent && !rank_axes(c, &s.axes, x.rank, true))
		return false;
	for (int64_t i = 0; i < x.rank; i++)
		out[i] = rank_extent(x, i);
	for (size_t i = 0; i < s.starts.count; i++) {
		int64_t axis = s.axes.is_absent ? (int64_t)i : s.axes.items[i];

		if (axis >= x.rank || !slice_axis(c, &s, i, &out[axis]))
			return false;
	}
	return true;
}

/* ---- Pad, CenterCropPad */

static bool padded(const struct rank_context *c, int64_t extent, int64_t before,
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
	*out = rank_made(c, total);
	return true;
}

static bool pad_all(struct rank_context *c, struct rank_list pads)
{
	struct known_shape x = rank_input(c, 0);
	int64_t *out = rank_set_shape(c, 0, x.rank);

	if (!out || pads.count != 2 * (size_t)x.rank)
		return false;
	for (int64_t i = 0; i < x.rank; i++)
		if (!padded(c, rank_extent(x, i), pads.items[i], pads.items[x.rank + i],
			    &out[i]))
			return false;
	return true;
}

bool rank_pad_2(struct rank_context *c)
{
	return pad_all(c, rank_ints(c, "pads"));
}

static bool read_pads(struct rank_context *c, struct rank_list *pads)
{
	const Onnx__TensorProto *data = rank_data(c, 1);

	return (!data || data->n_dims == 1) && rank_constant(c, 1, false, pads);
}

bool rank_pad_11(struct rank_context *c)
{
	struct rank_list pads;

	if (!read_pads(c, &pads))
		return false;
	return pads.is_known ? pad_all(c, pads)
			     : rank_set_shape(c, 0, rank_input(c, 0).rank) != NULL;
}

static bool pad_axes(struct rank_context *c, struct rank_list axes, struct rank_list pads,
	int64_t *out)
{
	struct known_shape x = rank_input(c, 0);

	if (pads.count != 2 * axes.count)
		return false;
	for (int64_t i = 0; i < x.rank; i++)
		out[i] = rank_extent(x, i) < 0 ? -1 : rank_extent(x, i);
	for (size_t i = 0; i < axes.count; i++)
		if (!padded(c, rank_extent(x, axes.items[i]), pads.items[i],
			    pads.items[axes.count + i], &out[axes.items[i]]))
			return false;
	return true;
}

/* Symbols stay where an axis is named and nothing is added. */
bool rank_pad_18(struct rank_context *c)
{
	struct known_shape x = rank_input(c, 0);
	struct rank_list axes = {.is_absent = true}, pads;
	int64_t *out;

	if (rank_has_shape(c, 3)) {
		if (!rank_data(c, 3))
			return true;
		if (!rank_constant(c, 3, false, &axes) ||
			!rank_axes(c, &axes, x.rank, true))
			return false;
	}
	out = rank_set_shape(c, 0, x.rank);
	if (!x.rank || (!axes.is_absent && !axes.count))
		return out;
	if (axes.is_absent)
		return rank_pad_11(c);
	if (!out || !read_pads(c, &pads))
		return false;
	return !pads.is_known || pad_axes(c, axes, pads, out);
}

bool rank_center_crop(struct rank_context *c)
{
	struct known_shape x = rank_input(c, 0);
	struct rank_list axes = rank_ints(c, "axes"), sizes;
	int64_t *out;

	if (c->node->n_input != 2)
		return false;
	if (x.rank < 0 || !rank_data(c, 1))
		return true;
	if (!rank_constant(c, 1, true, &sizes) ||
		(!axes.is_absent && !rank_axes(c, &axes, x.rank, true)) ||
		sizes.count != (axes.is_absent ? (size_t)x.rank : axes.count) ||
		!rank_copy_shape(c, 0, 0))
		return false;
	out = rank_set_shape(c, 0, x.rank);
	for (int64_t i = 0; out && i < x.rank; i++)
		out[i] = rank_extent(x, i);
	for (size_t i = 0; out && i < sizes.count; i++)
		out[axes.is_absent ? (int64_t)i : axes.items[i]] =
			rank_made(c, sizes.items[i]);
	return out;
}
