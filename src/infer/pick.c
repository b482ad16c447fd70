/* Rules of operators that pick elements by indices, order or value. */
#include "infer/rule.h"

/* ---- Gather */

bool infer_gather(struct infer_context *c)
{
	struct known_shape data = infer_input(c, 0), at = infer_input(c, 1);
	int64_t axis, *out, n = 0;

	if (data.rank < 1 || !infer_axis(infer_int(c, "axis", 0), data.rank, &axis))
		return false;
	out = infer_set_shape(c, 0, data.rank + at.rank - 1);
	for (int64_t i = 0; out && i < data.rank; i++) {
		if (i != axis)
			out[n++] = infer_extent(data, i);
		for (int64_t k = 0; i == axis && k < at.rank; k++)
			out[n++] = infer_extent(at, k);
	}
	return out;
}

/* `argument`: batch_dims counts. Nothing says that a result has rank 0. */
bool infer_gather_nd(struct infer_context *c)
{
	struct known_shape data = infer_input(c, 0), at = infer_input(c, 1);
	int64_t last, *out, n = 0;

	if (data.rank < 1 || at.rank < 1)
		return false;
	last = infer_extent(at, at.rank - 1);
	if (last < 0)
		return true;
	if (last > data.rank)
		return false;
	last += c->argument ? infer_int(c, "batch_dims", 0) : 0;
	if (last > data.rank || last < 0)
		return false;
	if (at.rank - 1 + data.rank - last == 0)
		return true;
	out = infer_set_shape(c, 0, at.rank - 1 + data.rank - last);
	for (int64_t i = 0; out && i < at.rank - 1; i++)
		out[n++] = infer_extent(at, i);
	for (int64_t i = last; out && i < data.rank; i++)
		out[n++] = infer_extent(data, i);
	return out;
}

/* ---- as many as there are */

static bool open_axis(struct infer_context *c, int64_t axis)
{
	struct known_shape x = infer_input(c, 0);
	int64_t *out = infer_set_shape(c, 0, x.rank);

	for (int64_t i = 0; out && i < x.rank; i++)
		out[i] = i == axis ? -1 : infer_extent(x, i);
	return out;
}

bool infer_compress(struct infer_context *c)
{
	int64_t rank = infer_input(c, 0).rank, axis;

	if (rank == 0)
		return false;
	if (!infer_attribute(c, "axis"))
		return infer_set_shape(c, 0, 1);
	if (rank < 0)
		return true;
	return infer_axis(infer_int(c, "axis", 0), rank, &axis) && open_axis(c, axis);
}

bool infer_unique(struct infer_context *c)
{
	int64_t rank = infer_input(c, 0).rank, axis = infer_int(c, "axis", 0);

	for (size_t i = 1; i < c->node->n_output && i < 4; i++)
		if (!infer_set_type(c, i, ELEMENT_INT64) || !infer_set_shape(c, i, 1))
			return false;
	if (!infer_attribute(c, "axis"))
		return infer_set_shape(c, 0, 1);
	if (rank < 0)
		return true;
	axis += axis < 0 ? rank : 0;
	return axis >= 0 && axis < rank && open_axis(c, axis);
}

bool infer_non_zero(struct infer_context *c)
{
	int64_t dims[2] = {infer_input(c, 0).rank, -1};

	return infer_set_dims(c, 0, dims, 2);
}

/* ---- TopK */

static bool top_axis(struct infer_context *c, int64_t *axis)
{
	int64_t rank = infer_input(c, 0).rank;

	*axis = infer_int(c, "axis", -1);
	*axis += *axis < 0 ? rank : 0;
	return *axis >= 0 && *axis < rank;
}

/* Without `k` all extents are open. */
static bool top_shapes(struct infer_context *c, int64_t axis, const int64_t *k)
{
	struct known_shape x = infer_input(c, 0);

	for (size_t output = 0; output < 2; output++) {
		int64_t *out = infer_set_shape(c, output, x.rank);

		for (int64_t i = 0; out && i < x.rank && k; i++)
			out[i] = i == axis ? infer_made(c, *k) : infer_extent(x, i);
		if (!out)
			return false;
	}
	return true;
}

bool infer_top_k_1(struct infer_context *c)
{
	int64_t axis, k = infer_int(c, "k", -1);

	if (!infer_set_type(c, 1, ELEMENT_INT64))
		return false;
	return !infer_has_shape(c, 0) ||
	       (top_axis(c, &axis) && k > 0 && top_shapes(c, axis, &k));
}

/* If the axis or k is not known, no extent is. */
bool infer_top_k(struct infer_context *c)
{
	struct known_shape x = infer_input(c, 0);
	const Onnx__TensorProto *data = infer_data(c, 1);
	struct infer_list k;
	int64_t axis;

	if (!infer_set_type(c, 1, ELEMENT_INT64))
		return false;
	if (x.rank < 0)
		return true;
	if (!top_axis(c, &axis))
		return false;
	if (!data || infer_extent(x, axis) < 0)
		return top_shapes(c, axis, NULL);
	return data->n_dims == 1 && data->dims[0] == 1 &&
	       infer_constant(c, 1, false, &k) && k.items[0] <= infer_extent(x, axis) &&
	       top_shapes(c, axis, k.items);
}

/* ---- OneHot */

static bool has_negative(struct infer_context *c)
{
	const Onnx__TensorProto *data = infer_data(c, 0);
	struct infer_list list;
	const float *values;
	size_t count;

	if (!data)
		return false;
	if (data->data_type == ELEMENT_FLOAT) {
		if (!infer_floats(c, 0, &values, &count))
			return true;
		for (size_t i = 0; i < count; i++)
			if (values[i] < 0)
				return true;
		return false;
	}
	if (data->data_type != ELEMENT_INT64 && data->data_type != ELEMENT_INT32)
		return false;
	if (!infer_constant(c, 0, true, &list))
		return true;
	for (size_t i = 0; i < list.count; i++)
		if (list.items[i] < 0)
			return true;
	return false;
}

/* The number of classes, -1 if it is not constant. */
static bool read_depth(struct infer_context *c, int64_t *depth)
{
	struct known_shape shape = infer_input(c, 1);
	const Onnx__TensorProto *data = infer_data(c, 1);
	struct infer_number number;

	*depth = -1;
	if (shape.rank < 0)
		return true;
	if (shape.rank > 1 || (shape.rank == 1 && infer_extent(shape, 0) > 1))
		return false;
	if (!data ||
		(data->data_type != ELEMENT_INT64 && data->data_type != ELEMENT_INT32 &&
			data->data_type != ELEMENT_FLOAT))
		return true;
	if (data->n_dims == 1 && !data->dims[0])
		return true;
	if (!infer_first(c, 1, &number))
		return false;
	*depth = number.integer;
	return *depth >= 0;
}

bool infer_one_hot(struct infer_context *c)
{
	struct known_shape x = infer_input(c, 0), values = infer_input(c, 2);
	int64_t axis, depth, *out;

	if (c->node->n_input != 3 || (c->opset < 11 && has_negative(c)) ||
		!read_depth(c, &depth))
		return false;
	if (values.rank >= 0 &&
		(values.rank != 1 ||
			(infer_extent(values, 0) >= 0 && infer_extent(values, 0) != 2)))
		return false;
	if (!infer_copy_type(c, 2, 0))
		return false;
	if (x.rank < 0)
		return true;
	if (x.rank < 1 || !infer_axis(infer_int(c, "axis", -1), x.rank + 1, &axis))
		return false;
	out = infer_set_shape(c, 0, x.rank + 1);
	for (int64_t i = 0; out && i <= x.rank; i++)
		out[i] = i == axis ? depth : infer_extent(x, i < axis ? i : i - 1);
	return out;
}
