/* The extents that onnx's inference knows, for a Squeeze without axes asks for them. */
#include "onnx/rank_rule.h"

#include "onnx/tensor.h"

#include <string.h>

struct rank_list rank_list_of(
	const struct rank_context *c, const char *name, int64_t opset, size_t slot)
{
	const Onnx__AttributeProto *a = rank_attribute(c, name);
	struct rank_list list = {.is_absent = true};
	struct error ignored = ERROR_INIT;
	const Onnx__TensorProto *data;
	int64_t *values;

	if (!opset || model_opset(c->model) < opset)
		return a ? (struct rank_list){.is_known = true,
				   .items = a->ints,
				   .count = a->n_ints}
			 : list;
	if (slot >= c->node->n_input || !c->node->input[slot].len)
		return list;
	list.is_absent = false;
	data = rank_input(c, slot).data;
	values = arena_alloc(&c->ranks->names.arena, RANK_VALUES_MAX * sizeof(*values));
	list.items = values;
	list.is_known = data && values &&
			tensor_read_i64(c->model, data, values, RANK_VALUES_MAX,
				&list.count, &ignored);
	return list;
}

struct rank_list rank_axes_of(const struct rank_context *c)
{
	ProtobufCBinaryData op = c->node->op_type;
	bool early = bytes_equal(op, "Squeeze") || bytes_equal(op, "Unsqueeze") ||
		     bytes_equal(op, "ReduceSum");

	return rank_list_of(c, "axes", early ? 13 : 18, 1);
}

static int64_t from_end(int64_t axis, int64_t rank)
{
	return axis < 0 ? axis + rank : axis;
}

static bool has_axis(struct rank_list axes, int64_t axis, int64_t rank)
{
	for (size_t i = 0; i < axes.count; i++)
		if (from_end(axes.items[i], rank) == axis)
			return true;
	return false;
}

static void as_input(const struct rank_context *c, int64_t *out, int64_t rank)
{
	struct known_shape x = rank_input(c, (size_t)c->argument);

	if (x.dims && x.rank == rank)
		memcpy(out, x.dims, (size_t)rank * sizeof(*out));
}

static int64_t broadcast_two(int64_t a, int64_t b)
{
	if (a == 1 || b == 1)
		return a == 1 ? b : a;
	return a < 0 ? b : a;
}

static void broadcast(const struct rank_context *c, int64_t *out, int64_t rank)
{
	for (int64_t i = 0; i < rank; i++)
		out[i] = 1;
	for (size_t k = 0; k < c->node->n_input; k++) {
		struct known_shape x = rank_input(c, k);

		for (int64_t i = 0; i < x.rank && i < rank; i++) {
			int64_t *end = &out[rank - 1 - i];

			*end = broadcast_two(*end, x.dims ? x.dims[x.rank - 1 - i] : -1);
		}
	}
}

static void transpose(const struct rank_context *c, int64_t *out, int64_t rank)
{
	struct known_shape x = rank_input(c, 0);
	struct rank_list perm = rank_list_of(c, "perm", 0, 0);

	for (int64_t i = 0; i < rank; i++) {
		int64_t from = rank - 1 - i;

		if (!perm.is_absent && (uint64_t)i < perm.count)
			from = perm.items[i];
		if (from >= 0 && from < rank)
			out[i] = x.dims[from];
	}
}

static void concat(const struct rank_context *c, int64_t *out, int64_t rank)
{
	int64_t axis = from_end(rank_int(c, "axis", 0), rank);

	for (size_t k = 0; k < c->node->n_input; k++) {
		const int64_t *dims = rank_input(c, k).dims;

		for (int64_t i = 0; i < rank; i++) {
			if (i != axis)
				out[i] = out[i] < 0 && dims ? dims[i] : out[i];
			else if (!k)
				out[i] = dims ? dims[i] : -1;
			else
				out[i] = out[i] < 0 || !dims || dims[i] < 0
						 ? -1
						 : rank_limit(out[i]) +
							   rank_limit(dims[i]);
		}
	}
}

static void gather(const struct rank_context *c, int64_t *out, int64_t rank)
{
	struct known_shape data = rank_input(c, 0), at = rank_input(c, 1);
	int64_t axis = from_end(rank_int(c, "axis", 0), data.rank), n = 0;

	for (int64_t i = 0; i < data.rank; i++) {
		if (i != axis && n < rank)
			out[n++] = data.dims[i];
		for (int64_t k = 0; i == axis && k < at.rank && n < rank; k++)
			out[n++] = at.dims ? at.dims[k] : -1;
	}
}

static void mat_mul(const struct rank_context *c, int64_t *out, int64_t rank)
{
	struct known_shape a = rank_input(c, 0), b = rank_input(c, (size_t)c->argument);
	int64_t rows = a.rank > 1, columns = b.rank > 1, heads = rank - rows - columns;

	if (!b.dims)
		return;
	for (int64_t i = 0; i < heads; i++) {
		int64_t ia = a.rank - 3 - i, ib = b.rank - 3 - i;

		out[heads - 1 - i] =
			broadcast_two(ia >= 0 ? a.dims[ia] : 1, ib >= 0 ? b.dims[ib] : 1);
	}
	if (rows)
		out[heads] = a.dims[a.rank - 2];
	if (columns)
		out[rank - 1] = b.dims[b.rank - 1];
}

static void gemm(const struct rank_context *c, int64_t *out, int64_t rank)
{
	struct known_shape a = rank_input(c, 0), b = rank_input(c, 1);

	if (rank != 2 || a.rank != 2 || b.rank != 2 || !b.dims)
		return;
	out[0] = a.dims[rank_int(c, "transA", 0) ? 1 : 0];
	out[1] = b.dims[rank_int(c, "transB", 0) ? 0 : 1];
}

static int64_t product(const int64_t *dims, int64_t from, int64_t to)
{
	int64_t result = 1;

	for (int64_t i = from; i < to; i++)
		if (dims[i] < 0 || __builtin_mul_overflow(result, dims[i], &result))
			return -1;
	return result;
}

static void flatten(const struct rank_context *c, int64_t *out, int64_t rank)
{
	struct known_shape x = rank_input(c, 0);
	int64_t axis = from_end(rank_int(c, "axis", 1), x.rank);

	if (rank != 2 || axis < 0 || axis > x.rank)
		return;
	out[0] = product(x.dims, 0, axis);
	out[1] = product(x.dims, axis, x.rank);
}

/* What is left when axes are made 1 or taken out. */
static void drop(const struct rank_context *c, struct rank_list axes, bool keep,
	int64_t *out, int64_t rank)
{
	struct known_shape x = rank_input(c, 0);

	for (int64_t i = 0, n = 0; i < x.rank && n < rank; i++) {
		bool gone = axes.is_absent || has_axis(axes, i, x.rank);

		if (!gone || keep)
			out[n++] = gone ? 1 : x.dims[i];
	}
}

static void reduce(const struct rank_context *c, int64_t *out, int64_t rank)
{
	drop(c, rank_axes_of(c), rank_int(c, "keepdims", 1), out, rank);
}

static void arg_reduce(const struct rank_context *c, int64_t *out, int64_t rank)
{
	int64_t axis = rank_int(c, "axis", 0);

	drop(c, (struct rank_list){.is_known = true, .items = &axis, .count = 1},
		rank_int(c, "keepdims", 1), out, rank);
}

static void squeeze(const struct rank_context *c, int64_t *out, int64_t rank)
{
	struct known_shape x = rank_input(c, 0);
	struct rank_list axes = rank_axes_of(c);

	for (int64_t i = 0, n = 0; i < x.rank && n < rank; i++)
		if (axes.is_absent ? x.dims[i] != 1 : !has_axis(axes, i, x.rank))
			out[n++] = x.dims[i];
}

static void unsqueeze(const struct rank_context *c, int64_t *out, int64_t rank)
{
	struct known_shape x = rank_input(c, 0);
	struct rank_list axes = rank_axes_of(c);

	for (int64_t i = 0, n = 0; i < rank; i++)
		if (has_axis(axes, i, rank))
			out[i] = 1;
		else if (n < x.rank)
			out[i] = x.dims[n++];
}

static void split(const struct rank_context *c, int64_t *out, int64_t rank)
{
	int64_t axis = from_end(rank_int(c, "axis", 0), rank);
	struct rank_list parts = rank_list_of(c, "split", 13, 1);

	as_input(c, out, rank);
	if (axis < 0 || axis >= rank || out[axis] < 0)
		return;
	if (parts.is_absent)
		out[axis] /= (int64_t)c->node->n_output;
	else
		out[axis] = c->output < parts.count ? parts.items[c->output] : -1;
}

static int64_t sliced(int64_t size, int64_t start, int64_t end, int64_t step)
{
	int64_t last;

	if (!step || size < 0)
		return -1;
	size = rank_limit(size);
	step = rank_limit(step);
	last = step < 0 ? size - 1 : size;
	start = rank_clamp(start < 0 ? start + size : start, 0, last);
	end = rank_clamp(
		end < 0 && end >= -size ? end + size : end, step < 0 ? -1 : 0, size);
	if (step > 0)
		return end > start ? (end - start + step - 1) / step : 0;
	return start > end ? (start - end - step - 1) / -step : 0;
}

static void slice(const struct rank_context *c, int64_t *out, int64_t rank)
{
	struct rank_list starts = rank_list_of(c, "starts", 10, 1);
	struct rank_list ends = rank_list_of(c, "ends", 10, 2);
	struct rank_list axes = rank_list_of(c, "axes", 10, 3);
	struct rank_list steps = rank_list_of(c, "steps", 10, 4);

	if (!starts.is_known || !ends.is_known || starts.count != ends.count ||
		!(axes.is_absent || axes.is_known) ||
		!(steps.is_absent || steps.is_known))
		return;
	as_input(c, out, rank);
	for (size_t i = 0; i < starts.count; i++) {
		int64_t axis =
			i < axes.count ? from_end(axes.items[i], rank) : (int64_t)i;

		if (axis >= 0 && axis < rank)
			out[axis] = sliced(out[axis], starts.items[i], ends.items[i],
				i < steps.count ? steps.items[i] : 1);
	}
}

static void pad(const struct rank_context *c, int64_t *out, int64_t rank)
{
	struct rank_list pads = rank_list_of(c, "pads", 11, 1);

	if (!pads.is_known || pads.count != 2 * (size_t)rank)
		return;
	as_input(c, out, rank);
	for (int64_t i = 0; i < rank; i++)
		if (out[i] >= 0)
			out[i] = rank_limit(out[i]) + rank_limit(pads.items[i]) +
				 rank_limit(pads.items[rank + i]);
}

static void reshape(const struct rank_context *c, int64_t *out, int64_t rank)
{
	struct known_shape x = rank_input(c, 0);
	struct rank_list wanted = rank_list_of(c, "", 1, 1);
	int64_t free = -1, others = 1, total = x.dims ? product(x.dims, 0, x.rank) : -1;

	if (!wanted.is_known || wanted.count != (size_t)rank)
		return;
	for (int64_t i = 0; i < rank; i++) {
		out[i] = wanted.items[i];
		if (out[i] == 0)
			out[i] = x.dims && i < x.rank ? x.dims[i] : -1;
		else if (out[i] == -1)
			free = i;
		if (i != free && (out[i] < 0 || others < 0 ||
					 __builtin_mul_overflow(others, out[i], &others)))
			others = -1;
	}
	if (free >= 0 && others > 0 && total >= 0)
		out[free] = total / others;
}

static void expand(const struct rank_context *c, int64_t *out, int64_t rank)
{
	struct known_shape x = rank_input(c, 0);
	struct rank_list to = rank_list_of(c, "", 1, 1);

	for (int64_t i = 0; to.is_known && i < rank; i++) {
		int64_t ix = x.rank - 1 - i, it = (int64_t)to.count - 1 - i;

		out[rank - 1 - i] = broadcast_two(
			ix >= 0 ? x.dims[ix] : 1, it >= 0 ? to.items[it] : 1);
	}
}

static void tile(const struct rank_context *c, int64_t *out, int64_t rank)
{
	struct rank_list times = rank_list_of(c, "", 1, 1);

	if (!times.is_known || times.count != (size_t)rank)
		return;
	as_input(c, out, rank);
	for (int64_t i = 0; i < rank; i++)
		if (out[i] >= 0)
			out[i] = rank_limit(out[i]) * rank_limit(times.items[i]);
}

static void top_k(const struct rank_context *c, int64_t *out, int64_t rank)
{
	int64_t axis = from_end(rank_int(c, "axis", -1), rank);
	struct rank_list k = rank_list_of(c, "", 1, 1);

	as_input(c, out, rank);
	if (axis < 0 || axis >= rank)
		return;
	out[axis] = model_opset(c->model) < 10 ? rank_int(c, "k", -1)
		    : k.is_known && k.count    ? k.items[0]
					       : -1;
}

/* clang-format off */
static const struct {
	const char *op_type;
	rank_dims_function *function;
	int64_t argument;
} rules[] = {
	{"ArgMax", arg_reduce, 0}, {"ArgMin", arg_reduce, 0},
	{"AveragePool", rank_pool_dims, 0}, {"Concat", concat, 0},
	{"Conv", rank_conv_dims, 1}, {"ConvTranspose", rank_conv_transpose_dims, 1},
	{"DepthToSpace", rank_block_dims, 1}, {"Expand", expand, 0},
	{"Flatten", flatten, 0}, {"Gather", gather, 0}, {"Gemm", gemm, 0},
	{"GlobalAveragePool", rank_global_pool_dims, 0},
	{"GlobalLpPool", rank_global_pool_dims, 0},
	{"GlobalMaxPool", rank_global_pool_dims, 0}, {"LpPool", rank_pool_dims, 0},
	{"MatMul", mat_mul, 1}, {"MaxPool", rank_pool_dims, 0}, {"Pad", pad, 0},
	{"ReduceL1", reduce, 0}, {"ReduceL2", reduce, 0}, {"ReduceLogSum", reduce, 0},
	{"ReduceLogSumExp", reduce, 0}, {"ReduceMax", reduce, 0},
	{"ReduceMean", reduce, 0}, {"ReduceMin", reduce, 0},
	{"ReduceProd", reduce, 0}, {"ReduceSum", reduce, 0},
	{"ReduceSumSquare", reduce, 0}, {"Reshape", reshape, 0},
	{"Resize", rank_resize_dims, 0}, {"RoiAlign", rank_roi_align_dims, 0},
	{"Slice", slice, 0}, {"SpaceToDepth", rank_block_dims, 0},
	{"Split", split, 0}, {"Squeeze", squeeze, 0}, {"Tile", tile, 0},
	{"TopK", top_k, 0}, {"Transpose", transpose, 0}, {"Unsqueeze", unsqueeze, 0},
	{"Upsample", rank_resize_dims, 0},
};
/* clang-format on */

enum { COUNT = sizeof(rules) / sizeof(*rules) };

static int64_t *unknown_dims(const struct rank_context *c, int64_t rank)
{
	int64_t *dims =
		arena_alloc(&c->ranks->names.arena, ((size_t)rank + 1) * sizeof(*dims));

	for (int64_t i = 0; dims && i < rank; i++)
		dims[i] = -1;
	return dims;
}

const int64_t *rank_broadcast_dims(const struct rank_context *c, int64_t rank)
{
	int64_t *dims = unknown_dims(c, rank);

	if (dims)
		broadcast(c, dims, rank);
	return dims;
}

const int64_t *rank_dims(const struct rank_context *c, int64_t rank)
{
	int64_t *dims;
	size_t i = 0;

	while (i < COUNT && !bytes_equal(c->node->op_type, rules[i].op_type))
		i++;
	if (i == COUNT || (!rank_input(c, 0).dims && rules[i].function != reshape))
		return NULL;
	dims = unknown_dims(c, rank);
	if (dims)
		rules[i].function(&(struct rank_context){c->ranks, c->model, c->node,
					  c->output, rules[i].argument},
			dims, rank);
	return dims;
}
