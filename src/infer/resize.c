/* Rules of operators on images that take another size or other places. */
#include "infer/rule.h"

#include <math.h>
#include <string.h>

/* ---- Resize, Upsample */

/* What is not a number of elements stays open. */
static int64_t scaled(int64_t extent, float scale)
{
	double size = floor((double)extent * (double)scale);

	return extent >= 0 && size >= 0 && size < 0x1p62 ? (int64_t)size : -1;
}

static bool scale_all(struct infer_context *c, const float *scales, size_t count)
{
	struct known_shape x = infer_input(c, 0);
	int64_t *out = infer_set_shape(c, 0, x.rank);

	if (!out || count != (size_t)x.rank)
		return false;
	for (int64_t i = 0; i < x.rank; i++)
		out[i] = scaled(infer_extent(x, i), scales[i]);
	return true;
}

enum { ATTRIBUTE_FLOATS = 6 }; /* AttributeProto.type */

bool infer_upsample_7(struct infer_context *c)
{
	const Onnx__AttributeProto *scales = infer_attribute(c, "scales");

	return scales && scales->type == ATTRIBUTE_FLOATS && infer_copy_type(c, 0, 0) &&
	       scale_all(c, scales->floats, scales->n_floats);
}

bool infer_resize_10(struct infer_context *c)
{
	const float *scales;
	size_t count;

	if (!infer_data(c, 1))
		return infer_set_shape(c, 0, infer_input(c, 0).rank);
	return infer_floats(c, 1, &scales, &count) && scale_all(c, scales, count);
}

enum policy { POLICY_STRETCH, POLICY_NOT_LARGER, POLICY_NOT_SMALLER, POLICY_COUNT };

struct resizing {
	struct known_shape x;
	struct infer_list axes, sizes;
	const float *scales;
	size_t scale_count;
	bool has_scales, has_sizes;
	enum policy policy;
	int64_t *out;
};

static bool read_policy(const struct infer_context *c, enum policy *policy)
{
	static const char *const names[POLICY_COUNT] = {
		"stretch", "not_larger", "not_smaller"};

	for (int i = 0; i < POLICY_COUNT; i++)
		if (infer_text_is(c, "keep_aspect_ratio_policy", names[i], i == 0)) {
			*policy = (enum policy)i;
			return true;
		}
	return false;
}

/* Empty inputs count as missing. */
static bool read_resizing(struct infer_context *c, struct resizing *r)
{
	r->has_scales = infer_has_input(c, 2);
	r->has_sizes = infer_has_input(c, 3);
	if (c->node->n_input > 3 && !infer_shape_input(c, 3, &r->sizes))
		return false;
	if (r->sizes.is_known && !r->sizes.count)
		r->has_sizes = false;
	if (infer_data(c, 2)) {
		if (!infer_floats(c, 2, &r->scales, &r->scale_count))
			return false;
		if (!r->scale_count) {
			r->has_scales = false;
			r->scales = NULL;
		}
	}
	if (c->opset >= 13 && r->has_scales == r->has_sizes)
		return false;
	r->axes = infer_ints(c, "axes");
	return read_policy(c, &r->policy) &&
	       !(r->has_scales && r->policy != POLICY_STRETCH) &&
	       infer_axes(c, &r->axes, r->x.rank, true);
}

static int64_t resized_axis(const struct resizing *r, size_t i)
{
	return r->axes.count ? r->axes.items[i] : (int64_t)i;
}

/* The one factor that keeps the aspect ratio; false if an extent is open. */
static bool common_scale(const struct resizing *r, double *scale)
{
	bool least = r->policy == POLICY_NOT_LARGER;

	*scale = least ? HUGE_VAL : -HUGE_VAL;
	for (size_t i = 0; i < r->sizes.count; i++) {
		int64_t extent = infer_extent(r->x, resized_axis(r, i));
		int64_t size = r->sizes.items[i] == INFER_FREE ? 0 : r->sizes.items[i];
		double factor = (double)size / (double)extent;

		if (extent < 0)
			return false;
		*scale = least ? fmin(*scale, factor) : fmax(*scale, factor);
	}
	return true;
}

static void resize_to_sizes(struct resizing *r)
{
	double scale = 1;
	bool open = r->policy != POLICY_STRETCH && !common_scale(r, &scale);

	for (int64_t i = 0; r->axes.count && i < r->x.rank; i++)
		if (infer_extent(r->x, i) > 0)
			r->out[i] = infer_extent(r->x, i);
	for (size_t i = 0; i < r->sizes.count; i++) {
		int64_t axis = resized_axis(r, i), size = r->sizes.items[i];

		if (r->policy != POLICY_STRETCH)
			size = open ? -1
				    : (int64_t)round(
					      scale * (double)infer_extent(r->x, axis));
		r->out[axis] = size > 0 ? size : -1;
	}
}

static void resize_by_scales(struct resizing *r)
{
	for (int64_t i = 0; i < r->x.rank; i++)
		r->out[i] = scaled(infer_extent(r->x, i), 1);
	for (size_t i = 0; i < r->scale_count; i++) {
		int64_t axis = resized_axis(r, i);

		r->out[axis] = scaled(infer_extent(r->x, axis), r->scales[i]);
	}
}

bool infer_resize(struct infer_context *c)
{
	struct resizing r = {.x = infer_input(c, 0), .sizes = {.is_absent = true}};
	size_t named;

	if (!read_resizing(c, &r))
		return false;
	r.out = infer_set_shape(c, 0, r.x.rank);
	named = r.axes.count ? r.axes.count : (size_t)r.x.rank;
	if (!r.out || (r.has_sizes && r.sizes.count != named) ||
		(!r.has_sizes && r.scales && r.scale_count != named))
		return false;
	if (r.has_sizes)
		resize_to_sizes(&r);
	else if (r.scales)
		resize_by_scales(&r);
	return true;
}

/* ---- grids */

bool infer_grid_sample(struct infer_context *c)
{
	struct known_shape x = infer_input(c, 0), grid = infer_input(c, 1);
	int64_t last, *out;

	if (x.rank != grid.rank || x.rank < 3)
		return false;
	last = infer_extent(grid, grid.rank - 1);
	out = infer_set_shape(c, 0, x.rank);
	if (!out || (last >= 0 && last != x.rank - 2))
		return false;
	out[0] = infer_extent(x, 0);
	out[1] = infer_extent(x, 1);
	for (int64_t i = 2; i < x.rank; i++)
		out[i] = infer_extent(grid, i - 1);
	return infer_unify(infer_extent(grid, 0), &out[0]);
}

bool infer_affine_grid(struct infer_context *c)
{
	struct infer_list size;
	int64_t *out;

	if (!infer_check(c, 1, 1) || !infer_shape_input(c, 1, &size))
		return false;
	if (!size.is_known)
		return true;
	if (size.count != 4 && size.count != 5)
		return false;
	out = infer_set_shape(c, 0, (int64_t)size.count);
	for (size_t i = 0, n = 0; out && i < size.count; i++)
		if (i != 1)
			out[n++] = size.items[i] < 0 ? -1 : size.items[i];
	if (out)
		out[size.count - 1] = (int64_t)size.count - 2;
	return out;
}

/* ---- Col2Im */

/* The number of spatial dimensions, which many lists tell. */
static bool col2im_rank(struct infer_context *c, struct infer_list image,
	struct infer_list block, int64_t *rank)
{
	static const char *const names[] = {"dilations", "strides"};
	struct infer_list pads = infer_ints(c, "pads");

	*rank = -1;
	if (!infer_check(c, 1, 1) || !infer_check(c, 2, 1) || pads.count % 2 ||
		!infer_unify_axis(c, 1, 0, rank) || !infer_unify_axis(c, 2, 0, rank) ||
		(image.is_known && !infer_unify((int64_t)image.count, rank)) ||
		(block.is_known && !infer_unify((int64_t)block.count, rank)) ||
		(pads.is_known && !infer_unify((int64_t)pads.count / 2, rank)))
		return false;
	for (int i = 0; i < 2; i++) {
		struct infer_list list = infer_ints(c, names[i]);

		if (list.is_known && !infer_unify((int64_t)list.count, rank))
			return false;
	}
	return true;
}

static bool block_area(struct infer_list block, int64_t *area)
{
	*area = block.count ? 1 : 0;
	for (size_t i = 0; i < block.count; i++)
		if (block.items[i] <= 0 ||
			__builtin_mul_overflow(*area, block.items[i], area))
			return false;
	return true;
}

/* A symbolic batch does not come through. */
bool infer_col2im(struct infer_context *c)
{
	enum { COL2IM_MAX = 1024 };
	struct known_shape x = infer_input(c, 0);
	struct infer_list image, block;
	int64_t rank, area, *out;

	if (!infer_constant(c, 1, false, &image) ||
		!infer_constant(c, 2, false, &block) ||
		!col2im_rank(c, image, block, &rank) || x.rank != 3 ||
		!block_area(block, &area))
		return false;
	if (rank < 0 || rank > COL2IM_MAX)
		return true;
	out = infer_set_shape(c, 0, rank + 2);
	if (!out)
		return false;
	out[0] = infer_extent(x, 0) < 0 ? -1 : infer_extent(x, 0);
	for (int64_t i = 0; i < rank && image.count; i++)
		out[i + 2] = infer_made(c, image.items[i]);
	return !area || infer_over(infer_extent(x, 1), area, &out[1]);
}

bool infer_image(struct infer_context *c)
{
	return infer_check(c, 0, 1) && infer_set_shape(c, 0, 3);
}
