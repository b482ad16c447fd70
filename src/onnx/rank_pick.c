/* Rules of operators that pick elements by indices, order or value. */
#include "onnx/rank_rule.h"

/* ---- Gather */

bool rank_gather(struct rank_context *c)
{
	struct known_shape data = rank_input(c, 0), at = rank_input(c, 1);
	int64_t axis, *out, n = 0;

	if (data.rank < 1 || !rank_axis(rank_int(c, "axis", 0), data.rank, &axis))
		return false;
	out = rank_set_shape(c, 0, data.rank + at.rank - 1);
	for (int64_t i = 0; out && i < data.rank; i++) {
		if (i != axis)
			out[n++] = rank_extent(data, i);
		for (int64_t k = 0; i == axis && k < at.rank; k++)
			out[n++] = rank_extent(at, k);
	}
	return out;
}

/* `argument`: batch_dims counts. Nothing says that a result has rank 0. */
bool rank_gather_nd(struct rank_context *c)
{
	struct known_shape data = rank_input(c, 0), at = rank_input(c, 1);
	int64_t last, *out, n = 0;

	if (data.rank < 1 || at.rank < 1)
		return false;
	last = rank_extent(at, at.rank - 1);
	if (last < 0)
		return true;
	if (last > data.rank)
		return false;
	last += c->argument ? rank_int(c, "batch_dims", 0) : 0;
	if (last > data.rank || last < 0)
		return false;
	if (at.rank - 1 + data.rank - last == 0)
		return true;
	out = rank_set_shape(c, 0, at.rank - 1 + data.rank - last);
	for (int64_t i = 0; out && i < at.rank - 1; i++)
		out[n++] = rank_extent(at, i);
	for (int64_t i = last; out && i < data.rank; i++)
		out[n++] = rank_extent(data, i);
	return out;
}

/* ---- as many as there are */

static bool open_axis(struct rank_context *c, int64_t axis)
{
	struct known_shape x = rank_input(c, 0);
	int64_t *out = rank_set_shape(c, 0, x.rank);

	for (int64_t i = 0; out && i < x.rank; i++)
		out[i] = i == axis ? -1 : rank_extent(x, i);
	return out;
}

bool rank_compress(struct rank_context *c)
{
	int64_t rank = rank_input(c, 0).rank, axis;

	if (rank == 0)
		return false;
	if (!rank_attribute(c, "axis"))
		return rank_set_shape(c, 0, 1);
	if (rank < 0)
		return true;
	return rank_axis(rank_int(c, "axis", 0), rank, &axis) && open_axis(c, axis);
}

bool rank_unique(struct rank_context *c)
{
	int64_t rank = rank_input(c, 0).rank, axis = rank_int(c, "axis", 0);

	for (size_t i = 1; i < c->node->n_output && i < 4; i++)
		if (!rank_set_type(c, i, ELEMENT_INT64) || !rank_set_shape(c, i, 1))
			return false;
	if (!rank_attribute(c, "axis"))
		return rank_set_shape(c, 0, 1);
	if (rank < 0)
		return true;
	axis += axis < 0 ? rank : 0;
	return axis >= 0 && axis < rank && open_axis(c, axis);
}

bool rank_non_zero(struct rank_context *c)
{
	int64_t dims[2] = {rank_input(c, 0).rank, -1};

	return rank_set_dims(c, 0, dims, 2);
}

/* ---- TopK */

static bool top_axis(struct rank_context *c, int64_t *axis)
{
	int64_t rank = rank_input(c, 0).rank;

	*axis = rank_int(c, "axis", -1);
	*axis += *axis < 0 ? rank : 0;
	return *axis >= 0 && *axis < rank;
}

/* Without `k` all extents are open. */
static bool top_shapes(struct rank_context *c, int64_t axis, const int64_t *k)
{
	struct known_shape x = rank_input(c, 0);

	for (size_t output = 0; output < 2; output++) {
		int64_t *out = rank_set_shape(c, output, x.rank);

		for (int64_t i = 0; out && i < x.rank && k; i++)
			out[i] = i == axis ? rank_made(c, *k) : rank_extent(x, i);
		if (!out)
			return false;
	}
	return true;
}

bool rank_top_k_1(struct rank_context *c)
{
	int64_t axis, k = rank_int(c, "k", -1);

	if (!rank_set_type(c, 1, ELEMENT_INT64))
		return false;
	return !rank_has_shape(c, 0) ||
	       (top_axis(c, &axis) && k > 0 && top_shapes(c, axis, &k));
}

/* If the axis or k is not known, no extent is. */
bool rank_top_k(struct rank_context *c)
{
	struct known_shape x = rank_input(c, 0);
	const Onnx__TensorProto *data = rank_data(c, 1);
	struct rank_list k;
	int64_t axis;

	if (!rank_set_type(c, 1, ELEMENT_INT64))
		return false;
	if (x.rank < 0)
		return true;
	if (!top_axis(c, &axis))
		return false;
	if (!data || rank_extent(x, axis) < 0)
		return top_shapes(c, axis, NULL);
	return data->n_dims == 1 && data->dims[0] == 1 &&
	       rank_constant(c, 1, false, &k) && k.items[0] <= rank_extent(x, axis) &&
	       top_shapes(c, axis, k.items);
}

/* ---- OneHot */

static bool has_negative(struct rank_context *c)
{
	const Onnx__TensorProto *data = rank_data(c, 0);
	struct rank_list list;
	const float *values;
	size_t count;

	if (!data)
		return false;
	if (data->data_type == ELEMENT_FLOAT) {
		if (!rank_floats(c, 0, &values, &count))
			return true;
		for (size_t i = 0; i < count; i++)
			if (values[i] < 0)
				return true;
		return false;
	}
	if (data->data_type != ELEMENT_INT64 && data->data_type != ELEMENT_INT32)
		return false;
	if (!rank_constant(c, 0, true, &list))
		return true;
	for (size_t i = 0; i < list.count; i++)
		if (list.items[i] < 0)
			return true;
	return false;
}

/* The number of classes, -1 if it is not constant. */
static bool read_depth(struct rank_context *c, int64_t *depth)
{
	struct known_shape shape = rank_input(c, 1);
	const Onnx__TensorProto *data = rank_data(c, 1);
	struct rank_number number;

	*depth = -1;
	if (shape.rank < 0)
		return true;
	if (shape.rank > 1 || (shape.rank == 1 && rank_extent(shape, 0) > 1))
		return false;
	if (!data ||
		(data->data_type != ELEMENT_INT64 && data->data_type != ELEMENT_INT32 &&
			data->data_type != ELEMENT_FLOAT))
		return true;
	if (data->n_dims == 1 && !data->dims[0])
		return true;
	if (!rank_first(c, 1, &number))
		return false;
	*depth = number.integer;
	return *depth >= 0;
}

bool rank_one_hot(struct rank_context *c)
{
	struct known_shape x = rank_input(c, 0), values = rank_input(c, 2);
	int64_t axis, depth, *out;

	if (c->node->n_input != 3 || (c->opset < 11 && has_negative(c)) ||
		!read_depth(c, &depth))
		return false;
	if (values.rank >= 0 &&
		(values.rank != 1 ||
			(rank_extent(values, 0) >= 0 && rank_extent(values, 0) != 2)))
		return false;
	if (!rank_copy_type(c, 2, 0))
		return false;
	if (x.rank < 0)
		return true;
	if (x.rank < 1 || !rank_axis(rank_int(c, "axis", -1), x.rank + 1, &axis))
		return false;
	out = rank_set_shape(c, 0, x.rank + 1);
	for (int64_t i = 0; out && i <= x.rank; i++)
		out[i] = i == axis ? depth : rank_extent(x, i < axis ? i : i - 1);
	return out;
}
