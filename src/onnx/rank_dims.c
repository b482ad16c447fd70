/* The extents that onnx's inference knows, for a Squeeze without axes asks for them. */
#include "onnx/rank_rule.h"

#include "onnx/tensor.h"

#include <string.h>

/* Fills `out` (`rank` extents, all -1 before); the extents of input 0 are known but for
 * Reshape. */
typedef void dims_function(const struct rank_context *c, int64_t *out, int64_t rank);

/* What is larger is not computed with: products of two fit in 64 bits. */
enum { VALUES_MAX = 64, EXTENT_MAX = 1 << 30 };

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
	return value < low ? low : value > high ? high : value;
}

static int64_t limit(int64_t value)
{
	return clamp(value, -EXTENT_MAX, EXTENT_MAX);
}

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
	values = arena_alloc(&c->ranks->names.arena, VALUES_MAX * sizeof(*values));
	list.items = values;
	list.is_known = data && values &&
			tensor_read_i64(c->model, data, values, VALUES_MAX, &list.count,
				&ignored);
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

static bool all_known(const int64_t *dims, int64_t rank)
{
	for (int64_t i = 0; i < rank; i++)
		if (dims[i] < 0)
			return false;
	return true;
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
						 : limit(out[i]) + limit(dims[i]);
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
	size = limit(size);
	step = limit(step);
	last = step < 0 ? size - 1 : size;
	start = clamp(start < 0 ? start + size : start, 0, last);
	end = clamp(end < 0 && end >= -size ? end + size : end, step < 0 ? -1 : 0, size);
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
			out[i] = limit(out[i]) + limit(pads.items[i]) +
				 limit(pads.items[rank + i]);
}

static int64_t listed(struct rank_list list, int64_t i, int64_t absent)
{
	return list.is_known && (uint64_t)i < list.count ? limit(list.items[i]) : absent;
}

static bool pads_same(const struct rank_context *c)
{
	const Onnx__AttributeProto *a = rank_attribute(c, "auto_pad");

	return a && (bytes_equal(a->s, "SAME_UPPER") || bytes_equal(a->s, "SAME_LOWER"));
}

/* One extent of what a window moves over. */
static int64_t moved(const struct rank_context *c, int64_t i, int64_t spatial,
	int64_t size, int64_t kernel)
{
	struct rank_list pads = rank_list_of(c, "pads", 0, 0);
	int64_t stride = listed(rank_list_of(c, "strides", 0, 0), i, 1);
	int64_t reach = listed(rank_list_of(c, "dilations", 0, 0), i, 1);
	int64_t around = listed(pads, i, 0) + listed(pads, spatial + i, 0);
	int64_t up = rank_int(c, "ceil_mode", 0) ? stride - 1 : 0;

	if (size < 0 || kernel < 1 || stride < 1)
		return -1;
	size = limit(size);
	kernel = limit(kernel);
	if (pads_same(c))
		return (size + stride - 1) / stride;
	reach = reach * (kernel - 1) + 1;
	if (size + around < reach)
		return -1;
	return (size + around - reach + up) / stride + 1;
}

static void window(
	const struct rank_context *c, const int64_t *weight, int64_t *out, int64_t rank)
{
	struct known_shape x = rank_input(c, 0);
	struct rank_list kernel = rank_list_of(c, "kernel_shape", 0, 0);

	if (rank < 2)
		return;
	out[0] = x.dims[0];
	out[1] = weight ? weight[0] : x.dims[1];
	for (int64_t i = 0; i < rank - 2; i++)
		out[i + 2] = moved(c, i, rank - 2, x.dims[i + 2],
			listed(kernel, i, weight ? weight[i + 2] : -1));
}

static void pool(const struct rank_context *c, int64_t *out, int64_t rank)
{
	window(c, NULL, out, rank);
}

static void conv(const struct rank_context *c, int64_t *out, int64_t rank)
{
	struct known_shape weight = rank_input(c, (size_t)c->argument);

	if (weight.dims && weight.rank == rank)
		window(c, weight.dims, out, rank);
}

static void conv_transpose(const struct rank_context *c, int64_t *out, int64_t rank)
{
	struct known_shape x = rank_input(c, 0), weight = rank_input(c, 1);
	struct rank_list pads = rank_list_of(c, "pads", 0, 0);
	struct rank_list strides = rank_list_of(c, "strides", 0, 0);
	struct rank_list reach = rank_list_of(c, "dilations", 0, 0);
	struct rank_list more = rank_list_of(c, "output_padding", 0, 0);

	if (rank < 2 || !weight.dims || weight.rank != rank || pads_same(c) ||
		rank_attribute(c, "output_shape"))
		return;
	out[0] = x.dims[0];
	out[1] = weight.dims[1] < 0
			 ? -1
			 : limit(weight.dims[1]) * limit(rank_int(c, "group", 1));
	for (int64_t i = 0; i < rank - 2; i++)
		if (x.dims[i + 2] >= 0)
			out[i + 2] =
				listed(strides, i, 1) * (limit(x.dims[i + 2]) - 1) +
				listed(reach, i, 1) * (limit(weight.dims[i + 2]) - 1) +
				1 + listed(more, i, 0) - listed(pads, i, 0) -
				listed(pads, rank - 2 + i, 0);
}

static void global_pool(const struct rank_context *c, int64_t *out, int64_t rank)
{
	struct known_shape x = rank_input(c, 0);

	for (int64_t i = 0; i < rank; i++)
		out[i] = i < 2 ? x.dims[i] : 1;
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
			out[i] = limit(out[i]) * limit(times.items[i]);
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

static bool read_scales(const struct rank_context *c, float *scales, int64_t rank)
{
	const Onnx__AttributeProto *a = rank_attribute(c, "scales");
	bool late = model_opset(c->model) > 10 && bytes_equal(c->node->op_type, "Resize");
	const Onnx__TensorProto *data = rank_input(c, late ? 2 : 1).data;
	struct error ignored = ERROR_INIT;
	struct tensor_reader reader;
	bool ok;

	if (a && a->n_floats == (size_t)rank)
		memcpy(scales, a->floats, (size_t)rank * sizeof(*scales));
	if (a || !data)
		return a && a->n_floats == (size_t)rank;
	ok = tensor_open(&reader, c->model, data, &ignored) &&
	     reader.count == (uint64_t)rank &&
	     tensor_read_f32(&reader, 0, reader.count, scales, &ignored);
	tensor_close(&reader);
	return ok;
}

static void resize(const struct rank_context *c, int64_t *out, int64_t rank)
{
	struct known_shape x = rank_input(c, 0);
	struct rank_list sizes = rank_list_of(c, "", 11, 3);
	float scales[VALUES_MAX];

	if (sizes.is_known && sizes.count == (size_t)rank) {
		memcpy(out, sizes.items, (size_t)rank * sizeof(*out));
		return;
	}
	if (rank > VALUES_MAX || !read_scales(c, scales, rank))
		return;
	for (int64_t i = 0; i < rank; i++) {
		float extent = (float)x.dims[i] * scales[i];

		if (x.dims[i] >= 0 && extent >= 0 && extent < (float)EXTENT_MAX)
			out[i] = (int64_t)extent;
	}
}

static void roi_align(const struct rank_context *c, int64_t *out, int64_t rank)
{
	const int64_t *rois = rank_input(c, 1).dims;

	if (rank != 4)
		return;
	out[0] = rois ? rois[0] : -1;
	out[1] = rank_input(c, 0).rank == 4 ? rank_input(c, 0).dims[1] : -1;
	out[2] = rank_int(c, "output_height", 1);
	out[3] = rank_int(c, "output_width", 1);
}

static void blocks(const struct rank_context *c, int64_t *out, int64_t rank)
{
	struct known_shape x = rank_input(c, 0);
	int64_t size = limit(rank_int(c, "blocksize", 0)), area = limit(size * size);

	if (rank != 4 || size < 1 || !all_known(x.dims, rank))
		return;
	out[0] = x.dims[0];
	out[1] = c->argument ? x.dims[1] / area : limit(x.dims[1]) * area;
	for (int i = 2; i < 4; i++)
		out[i] = c->argument ? limit(x.dims[i]) * size : x.dims[i] / size;
}

/* clang-format off */
static const struct {
	const char *op_type;
	dims_function *function;
	int64_t argument;
} rules[] = {
	{"ArgMax", arg_reduce, 0}, {"ArgMin", arg_reduce, 0}, {"AveragePool", pool, 0},
	{"Concat", concat, 0}, {"Conv", conv, 1},
	{"ConvTranspose", conv_transpose, 1}, {"DepthToSpace", blocks, 1},
	{"Expand", expand, 0}, {"Flatten", flatten, 0}, {"Gather", gather, 0},
	{"Gemm", gemm, 0}, {"GlobalAveragePool", global_pool, 0},
	{"GlobalLpPool", global_pool, 0}, {"GlobalMaxPool", global_pool, 0},
	{"LpPool", pool, 0}, {"MatMul", mat_mul, 1}, {"MaxPool", pool, 0},
	{"Pad", pad, 0}, {"ReduceL1", reduce, 0}, {"ReduceL2", reduce, 0},
	{"ReduceLogSum", reduce, 0}, {"ReduceLogSumExp", reduce, 0},
	{"ReduceMax", reduce, 0}, {"ReduceMean", reduce, 0}, {"ReduceMin", reduce, 0},
	{"ReduceProd", reduce, 0}, {"ReduceSum", reduce, 0},
	{"ReduceSumSquare", reduce, 0}, {"Reshape", reshape, 0}, {"Resize", resize, 0},
	{"RoiAlign", roi_align, 0},
	{"Slice", slice, 0}, {"SpaceToDepth", blocks, 0}, {"Split", split, 0},
	{"Squeeze", squeeze, 0}, {"Tile", tile, 0}, {"TopK", top_k, 0},
	{"Transpose", transpose, 0}, {"Unsqueeze", unsqueeze, 0}, {"Upsample", resize, 0},
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
