/* Rules of operators that move a window over the spatial dimensions. */
#include "infer/rule.h"

enum { SPATIAL_MAX = 64 };

/* The attributes of a window, for `rank` spatial dimensions. */
struct window {
	int64_t rank;
	int64_t kernel[SPATIAL_MAX], dilation[SPATIAL_MAX];
	int64_t reach[SPATIAL_MAX]; /* of the kernel with its dilations */
	int64_t stride[SPATIAL_MAX];
	int64_t before[SPATIAL_MAX], after[SPATIAL_MAX];
};

/* A list of `count` integers, all from `least` on; the attribute may be missing. */
static bool read_list(const struct infer_context *c, const char *name, int64_t count,
	int64_t least, int64_t absent, int64_t *out)
{
	struct infer_list list = infer_ints(c, name);

	if (!list.is_absent && list.count != (size_t)count)
		return false;
	for (int64_t i = 0; i < count; i++) {
		out[i] = list.is_absent ? absent : list.items[i];
		if (!list.is_absent && out[i] < least)
			return false;
	}
	return true;
}

/* *is_open: the kernel is that of a weight whose extents are not all known. */
static bool read_kernel(
	const struct infer_context *c, struct window *w, size_t weight, bool *is_open)
{
	struct known_shape kernel = infer_input(c, weight);

	*is_open = false;
	if (infer_attribute(c, "kernel_shape"))
		return read_list(c, "kernel_shape", w->rank, 1, 0, w->kernel);
	if (!weight)
		return false;
	for (int64_t i = 2; i < kernel.rank; i++)
		if (infer_extent(kernel, i) < 0) {
			*is_open = true;
			return true;
		}
	if (kernel.rank - 2 != w->rank)
		return false;
	for (int64_t i = 0; i < w->rank; i++) {
		w->kernel[i] = infer_extent(kernel, i + 2);
		if (w->kernel[i] < 1)
			return false;
	}
	return true;
}

static bool read_reach(struct window *w)
{
	for (int64_t i = 0; i < w->rank; i++)
		if (__builtin_mul_overflow(
			    w->kernel[i] - 1, w->dilation[i], &w->reach[i]) ||
			__builtin_add_overflow(w->reach[i], 1, &w->reach[i]))
			return false;
	return true;
}

static bool read_pads(const struct infer_context *c, struct window *w, int64_t least)
{
	int64_t pads[2 * SPATIAL_MAX];

	if (!read_list(c, "pads", 2 * w->rank, least, 0, pads))
		return false;
	for (int64_t i = 0; i < w->rank; i++) {
		w->before[i] = pads[i];
		w->after[i] = pads[w->rank + i];
	}
	return true;
}

/* `total` elements around, as auto_pad shares them out. */
static void share(
	const struct infer_context *c, struct window *w, int64_t i, int64_t total)
{
	int64_t small = total < 0 ? 0 : total / 2, big = total < 0 ? 0 : total - small;

	if (infer_text_is(c, "auto_pad", "SAME_UPPER", false)) {
		w->before[i] = small;
		w->after[i] = big;
	} else if (infer_text_is(c, "auto_pad", "SAME_LOWER", false)) {
		w->before[i] = big;
		w->after[i] = small;
	}
}

/* As many as make the output the input's size over the stride. */
static void pad_automatically(
	const struct infer_context *c, struct window *w, struct known_shape x)
{
	for (int64_t i = 0; i < w->rank; i++) {
		int64_t extent = infer_extent(x, i + 2), rest = 0;

		if (w->stride[i] > 1 && extent < 0)
			continue;
		if (w->stride[i] > 1)
			rest = extent % w->stride[i];
		share(c, w, i, w->reach[i] - (rest ? rest : w->stride[i]));
	}
}

/* One extent; from opset 22 on a last window may not begin in the padding behind. */
static bool moved(const struct infer_context *c, const struct window *w, int64_t i,
	int64_t extent, int64_t *out)
{
	int64_t room, stride = w->stride[i], windows, mode = infer_int(c, "ceil_mode", 0);

	if (__builtin_add_overflow(extent, w->before[i], &room) ||
		__builtin_add_overflow(room, w->after[i], &room))
		return false;
	if (__builtin_sub_overflow(room, w->reach[i], &room))
		return false;
	if (c->opset < 22) {
		*out = infer_made(
			c, room / stride + (mode == 1 && room % stride > 0) + 1);
		return true;
	}
	if (__builtin_add_overflow(room, mode ? stride - 1 : 0, &room))
		return false;
	windows = room / stride + 1;
	if (mode == 1 && (windows - 1) * stride >= extent + w->before[i])
		windows--;
	*out = infer_made(c, windows);
	return true;
}

/* `weight`: the input whose shape tells kernel and channels, 0: there is none. */
static bool move_window(struct infer_context *c, size_t weight, bool dilated)
{
	struct known_shape x = infer_input(c, 0), kernel = infer_input(c, weight);
	struct window w = {.rank = x.rank - 2};
	int64_t *out;
	bool is_open;

	if (x.rank < 0 || kernel.rank < 0)
		return true;
	if (x.rank < 3 || w.rank > SPATIAL_MAX ||
		!read_list(c, dilated ? "dilations" : "", w.rank, 1, 1, w.dilation) ||
		!read_list(c, "strides", w.rank, 1, 1, w.stride) ||
		!read_kernel(c, &w, weight, &is_open))
		return false;
	if (is_open)
		return true;
	if (!read_reach(&w) || !read_pads(c, &w, 0))
		return false;
	if (!infer_attribute(c, "pads") && infer_attribute(c, "auto_pad"))
		pad_automatically(c, &w, x);
	out = infer_set_shape(c, 0, x.rank);
	if (!out || (weight && kernel.rank < 1))
		return false;
	out[0] = infer_extent(x, 0);
	out[1] = weight ? infer_extent(kernel, 0) : infer_extent(x, 1);
	for (int64_t i = 0; i < w.rank; i++)
		if (infer_extent(x, i + 2) >= 0 &&
			!moved(c, &w, i, infer_extent(x, i + 2), &out[i + 2]))
			return false;
	return c->node->n_output < 2 || infer_set_dims(c, 1, out, x.rank);
}

bool infer_conv(struct infer_context *c)
{
	return move_window(c, 1, true);
}

bool infer_conv_integer(struct infer_context *c)
{
	return infer_is_typed(infer_input(c, 0)) && infer_is_typed(infer_input(c, 1)) &&
	       infer_conv(c);
}

bool infer_qlinear_conv(struct infer_context *c)
{
	return infer_same_types(c, 0, 2) && infer_same_types(c, 3, 5) &&
	       move_window(c, 3, true);
}

/* `argument`: dilations count. */
bool infer_pool(struct infer_context *c)
{
	bool is_max = bytes_equal(c->node->op_type, "MaxPool");

	if (is_max && c->node->n_output > 1)
		c->out[1].type = ELEMENT_INT64;
	return move_window(c, 0, c->argument);
}

/* ---- the other way round */

static bool without_pads(const struct window *w, int64_t i, int64_t *extent)
{
	return !__builtin_sub_overflow(*extent, w->before[i], extent) &&
	       !__builtin_sub_overflow(*extent, w->after[i], extent);
}

static bool unpooled(const struct infer_context *c, const struct window *w,
	struct known_shape x, int64_t *out)
{
	for (int64_t i = 0; i < w->rank; i++) {
		int64_t extent = infer_extent(x, i + 2), made;

		if (extent < 0)
			continue;
		if (__builtin_mul_overflow(w->stride[i], extent - 1, &made) ||
			__builtin_add_overflow(made, w->kernel[i], &made))
			return false;
		if (!without_pads(w, i, &made))
			return false;
		out[i + 2] = infer_made(c, made);
	}
	return true;
}

static bool fits_wanted_shape(const struct infer_context *c, int64_t rank)
{
	struct known_shape wanted = infer_input(c, 2);

	return wanted.rank < 0 ||
	       (wanted.rank == 1 &&
		       (infer_extent(wanted, 0) < 0 || infer_extent(wanted, 0) == rank));
}

bool infer_max_unpool(struct infer_context *c)
{
	struct known_shape x = infer_input(c, 0), at = infer_input(c, 1);
	struct window w = {.rank = x.rank - 2};
	int64_t *out;

	if (c->node->n_input != 2 && c->node->n_input != 3)
		return false;
	if (x.rank < 0)
		return true;
	if (x.rank < 2 || w.rank > SPATIAL_MAX || !infer_attribute(c, "kernel_shape") ||
		!read_pads(c, &w, INT64_MIN) ||
		!read_list(c, "strides", w.rank, INT64_MIN, 1, w.stride) ||
		!read_list(c, "kernel_shape", w.rank, INT64_MIN, 0, w.kernel))
		return false;
	if (c->node->n_input == 3)
		return fits_wanted_shape(c, x.rank);
	if (at.rank < 0)
		return true;
	out = at.rank < 2 ? NULL : infer_set_shape(c, 0, x.rank);
	if (!out)
		return false;
	out[0] = infer_extent(x, 0);
	out[1] = infer_extent(at, 1);
	return unpooled(c, &w, x, out);
}

static bool transposed_pads(const struct infer_context *c, struct window *w)
{
	if (!read_pads(c, w, 0))
		return false;
	if (infer_attribute(c, "pads"))
		return c->opset < 11 || infer_text_is(c, "auto_pad", "NOTSET", true);
	for (int64_t i = 0; i < w->rank; i++)
		share(c, w, i, w->reach[i] - w->stride[i]);
	return true;
}

/* The shape that is asked for ends where the input has more. */
static bool transposed_as_told(
	struct infer_context *c, struct known_shape x, int64_t *out)
{
	struct infer_list wanted = infer_ints(c, "output_shape");

	for (int64_t i = 2; i < x.rank; i++) {
		out[i] = wanted.items[i - 2];
		if (infer_extent(x, i) > out[i]) {
			c->out[0].rank = i;
			break;
		}
	}
	return true;
}

static bool transposed(struct infer_context *c, const struct window *w,
	struct known_shape x, int64_t *out)
{
	int64_t more[SPATIAL_MAX];

	if (!read_list(c, "output_padding", w->rank, 0, 0, more))
		return false;
	if (infer_attribute(c, "output_shape"))
		return transposed_as_told(c, x, out);
	for (int64_t i = 0; i < w->rank; i++) {
		int64_t extent = infer_extent(x, i + 2), made;

		if (extent < 0)
			continue;
		if (__builtin_mul_overflow(w->stride[i], extent - 1, &made) ||
			__builtin_add_overflow(made, more[i], &made) ||
			__builtin_add_overflow(made, w->reach[i], &made))
			return false;
		if (!without_pads(w, i, &made))
			return false;
		out[i + 2] = infer_made(c, made);
	}
	return true;
}

bool infer_conv_transpose(struct infer_context *c)
{
	struct known_shape x = infer_input(c, 0), weight = infer_input(c, 1);
	struct window w = {.rank = x.rank - 2};
	int64_t group = infer_int(c, "group", 1), ignored[SPATIAL_MAX], *out;
	bool is_open;

	if (group <= 0 || x.rank < 3 || weight.rank < 3 || w.rank > SPATIAL_MAX ||
		(infer_extent(x, 1) >= 0 && infer_extent(x, 1) % group) ||
		!read_list(c, "strides", w.rank, 1, 1, w.stride) ||
		!read_list(c, "dilations", w.rank, 1, 1, w.dilation) ||
		!read_kernel(c, &w, 1, &is_open))
		return false;
	if (is_open)
		return true;
	if (!read_reach(&w) || !transposed_pads(c, &w) ||
		!read_list(c, "output_shape", w.rank, 0, 0, ignored))
		return false;
	out = infer_set_shape(c, 0, x.rank);
	if (!out)
		return false;
	out[0] = infer_extent(x, 0);
	return infer_times(infer_extent(weight, 1), group, &out[1]) &&
	       transposed(c, &w, x, out);
}

/* ---- whole planes, regions */

bool infer_global_pool(struct infer_context *c)
{
	struct known_shape x = infer_input(c, 0);
	int64_t *out;

	if (x.rank < 2)
		return true;
	out = infer_set_shape(c, 0, x.rank);
	for (int64_t i = 0; out && i < x.rank; i++)
		out[i] = i < 2 ? infer_extent(x, i) : 1;
	return out;
}

/* Before opset 22 the known may be more, and nothing is compared. */
bool infer_max_roi_pool(struct infer_context *c)
{
	struct known_shape x = infer_input(c, 0), rois = infer_input(c, 1);
	int64_t pooled[SPATIAL_MAX], dims[4];

	if (x.rank < 4 || x.rank - 2 > SPATIAL_MAX || rois.rank != 2 ||
		!infer_attribute(c, "pooled_shape") ||
		!read_list(c, "pooled_shape", x.rank - 2, 1, 0, pooled))
		return false;
	if (c->opset >= 22 && (x.rank != 4 || (infer_extent(rois, 1) >= 0 &&
						      infer_extent(rois, 1) != 5)))
		return false;
	dims[0] = infer_extent(rois, 0);
	dims[1] = infer_extent(x, 1);
	dims[2] = pooled[0];
	dims[3] = pooled[1];
	return infer_set_dims(c, 0, dims, 4);
}

bool infer_roi_align(struct infer_context *c)
{
	struct known_shape rois = infer_input(c, 1);
	int64_t dims[4] = {-1, -1, infer_made(c, infer_int(c, "output_height", 1)),
		infer_made(c, infer_int(c, "output_width", 1))};

	if (!infer_check(c, 0, 4) || !infer_check(c, 1, 2) || !infer_check(c, 2, 1))
		return false;
	if (c->opset >= 22 && rois.rank == 2 && infer_extent(rois, 1) >= 0 &&
		infer_extent(rois, 1) != 4)
		return false;
	return infer_unify_axis(c, 0, 1, &dims[1]) &&
	       infer_unify_axis(c, 1, 0, &dims[0]) &&
	       infer_unify_axis(c, 2, 0, &dims[0]) && infer_set_dims(c, 0, dims, 4);
}
