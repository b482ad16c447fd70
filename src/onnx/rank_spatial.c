/* Extents behind operators that work on the spatial dimensions: windows, Resize, ... */
#include "onnx/rank_rule.h"

#include "onnx/tensor.h"

#include <string.h>

static int64_t listed(struct rank_list list, int64_t i, int64_t absent)
{
	return list.is_known && (uint64_t)i < list.count ? rank_limit(list.items[i])
							 : absent;
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
	size = rank_limit(size);
	kernel = rank_limit(kernel);
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

void rank_pool_dims(const struct rank_context *c, int64_t *out, int64_t rank)
{
	window(c, NULL, out, rank);
}

void rank_conv_dims(const struct rank_context *c, int64_t *out, int64_t rank)
{
	struct known_shape weight = rank_input(c, (size_t)c->argument);

	if (weight.dims && weight.rank == rank)
		window(c, weight.dims, out, rank);
}

void rank_conv_transpose_dims(const struct rank_context *c, int64_t *out, int64_t rank)
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
	out[1] = weight.dims[1] < 0 ? -1
				    : rank_limit(weight.dims[1]) *
					      rank_limit(rank_int(c, "group", 1));
	for (int64_t i = 0; i < rank - 2; i++)
		if (x.dims[i + 2] >= 0)
			out[i + 2] =
				listed(strides, i, 1) * (rank_limit(x.dims[i + 2]) - 1) +
				listed(reach, i, 1) *
					(rank_limit(weight.dims[i + 2]) - 1) +
				1 + listed(more, i, 0) - listed(pads, i, 0) -
				listed(pads, rank - 2 + i, 0);
}

void rank_global_pool_dims(const struct rank_context *c, int64_t *out, int64_t rank)
{
	struct known_shape x = rank_input(c, 0);

	for (int64_t i = 0; i < rank; i++)
		out[i] = i < 2 ? x.dims[i] : 1;
}

static bool all_known(const int64_t *dims, int64_t rank)
{
	for (int64_t i = 0; i < rank; i++)
		if (dims[i] < 0)
			return false;
	return true;
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

void rank_resize_dims(const struct rank_context *c, int64_t *out, int64_t rank)
{
	struct known_shape x = rank_input(c, 0);
	struct rank_list sizes = rank_list_of(c, "", 11, 3);
	float scales[RANK_VALUES_MAX];

	if (sizes.is_known && sizes.count == (size_t)rank) {
		memcpy(out, sizes.items, (size_t)rank * sizeof(*out));
		return;
	}
	if (rank > RANK_VALUES_MAX || !read_scales(c, scales, rank))
		return;
	for (int64_t i = 0; i < rank; i++) {
		float extent = (float)x.dims[i] * scales[i];

		if (x.dims[i] >= 0 && extent >= 0 && extent < (float)RANK_EXTENT_MAX)
			out[i] = (int64_t)extent;
	}
}

void rank_roi_align_dims(const struct rank_context *c, int64_t *out, int64_t rank)
{
	const int64_t *rois = rank_input(c, 1).dims;

	if (rank != 4)
		return;
	out[0] = rois ? rois[0] : -1;
	out[1] = rank_input(c, 0).rank == 4 ? rank_input(c, 0).dims[1] : -1;
	out[2] = rank_int(c, "output_height", 1);
	out[3] = rank_int(c, "output_width", 1);
}

void rank_block_dims(const struct rank_context *c, int64_t *out, int64_t rank)
{
	struct known_shape x = rank_input(c, 0);
	int64_t size = rank_limit(rank_int(c, "blocksize", 0)),
		area = rank_limit(size * size);

	if (rank != 4 || size < 1 || !all_known(x.dims, rank))
		return;
	out[0] = x.dims[0];
	out[1] = c->argument ? x.dims[1] / area : rank_limit(x.dims[1]) * area;
	for (int i = 2; i < 4; i++)
		out[i] = c->argument ? rank_limit(x.dims[i]) * size : x.dims[i] / size;
}
