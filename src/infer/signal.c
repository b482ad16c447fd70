/* Rules of operators on signals: windows, mel weights, Fourier transforms. */
#include "infer/rule.h"

#include <math.h>

/* The value of a constant scalar; gives up on another rank. */
static bool scalar(struct infer_context *c, size_t slot, int64_t *value)
{
	struct infer_number number;

	if (infer_data(c, slot)->n_dims || !infer_first(c, slot, &number))
		return false;
	*value = number.integer;
	return true;
}

bool infer_window(struct infer_context *c)
{
	int64_t size;

	infer_set_type(c, 0, (int32_t)infer_int(c, "output_datatype", ELEMENT_FLOAT));
	if (!infer_has_shape(c, 0) || !infer_data(c, 0))
		return true;
	return scalar(c, 0, &size) && size > 0 && infer_set_dims(c, 0, &size, 1);
}

bool infer_mel(struct infer_context *c)
{
	int64_t bins, length;

	infer_set_type(c, 0, (int32_t)infer_int(c, "output_datatype", ELEMENT_FLOAT));
	if (!infer_has_shapes(c, 2) || !infer_data(c, 0) || !infer_data(c, 1))
		return true;
	if (!scalar(c, 0, &bins) || !scalar(c, 1, &length))
		return false;
	return bins <= 0 || length <= 0 ||
	       infer_set_dims(c, 0, (const int64_t[]){length / 2 + 1, bins}, 2);
}

/* ---- DFT */

struct transform {
	bool is_onesided, is_inverse;
	int64_t rank;
	int64_t *out;
};

/* The last dimension holds real and imaginary parts. */
static bool begin_transform(struct infer_context *c, struct transform *t)
{
	struct known_shape x = infer_input(c, 0);
	int64_t parts;

	t->is_onesided = infer_int(c, "onesided", 0);
	t->is_inverse = infer_int(c, "inverse", 0);
	t->rank = x.rank;
	if (x.rank < 2)
		return false;
	parts = infer_extent(x, x.rank - 1);
	return !t->is_onesided || parts < 0 || parts == (t->is_inverse ? 2 : 1);
}

static bool fill_transform(struct infer_context *c, struct transform *t)
{
	struct known_shape x = infer_input(c, 0);

	t->out = infer_set_shape(c, 0, x.rank);
	for (int64_t i = 0; t->out && i < x.rank; i++)
		t->out[i] = infer_extent(x, i);
	if (t->out)
		t->out[x.rank - 1] = t->is_onesided && t->is_inverse ? 1 : 2;
	return t->out;
}

static bool transform_axis(const struct transform *t, int64_t *axis)
{
	bool ok = *axis != -1 && *axis < t->rank - 1 && *axis >= -t->rank;

	*axis += *axis < 0 ? t->rank : 0;
	return ok;
}

static void transform_to(
	const struct infer_context *c, struct transform *t, int64_t axis, int64_t length)
{
	t->out[axis] = infer_made(
		c, t->is_onesided && !t->is_inverse ? (length >> 1) + 1 : length);
}

/* Without a length half or twice the axis is left. */
static void transform_half(
	const struct infer_context *c, struct transform *t, int64_t axis)
{
	int64_t extent = t->out[axis];

	if (!t->is_onesided)
		return;
	if (extent < 0)
		t->out[axis] = -1;
	else
		t->out[axis] = infer_made(
			c, t->is_inverse ? extent > INT64_MAX / 2 ? -1 : 2 * (extent - 1)
					 : (extent >> 1) + 1);
}

bool infer_dft_17(struct infer_context *c)
{
	int64_t axis = infer_int(c, "axis", 1), length;
	struct transform t;

	if (!begin_transform(c, &t) || !transform_axis(&t, &axis))
		return false;
	if (infer_has_input(c, 1) && !infer_data(c, 1))
		return true;
	if (!fill_transform(c, &t))
		return false;
	if (!infer_has_input(c, 1)) {
		transform_half(c, &t, axis);
		return true;
	}
	if (!scalar(c, 1, &length))
		return false;
	transform_to(c, &t, axis, length);
	return true;
}

/* An axis that is not constant opens all extents that it may concern. */
static void open_all(const struct infer_context *c, struct transform *t)
{
	for (int64_t i = 0; i < t->rank - 1; i++)
		if (t->is_onesided || infer_has_input(c, 1))
			t->out[i] = -1;
}

bool infer_dft_20(struct infer_context *c)
{
	int64_t axis = -2, length;
	struct transform t;

	if (!begin_transform(c, &t) || !fill_transform(c, &t))
		return false;
	if (infer_has_input(c, 2) && !infer_data(c, 2)) {
		open_all(c, &t);
		return true;
	}
	if ((infer_has_input(c, 2) && !scalar(c, 2, &axis)) || !transform_axis(&t, &axis))
		return false;
	if (!infer_has_input(c, 1)) {
		transform_half(c, &t, axis);
	} else if (!infer_data(c, 1)) {
		t.out[axis] = t.out[axis] >= 0 ? -1 : t.out[axis];
	} else {
		if (!scalar(c, 1, &length))
			return false;
		transform_to(c, &t, axis, length);
	}
	return true;
}

/* ---- STFT */

/* The length of a frame, which the window or an input tells; -1 if neither does. */
static bool frame_length(struct infer_context *c, int64_t *length)
{
	struct known_shape window = infer_input(c, 2);
	int64_t window_length;

	*length = -1;
	if (infer_data(c, 3) && !scalar(c, 3, length))
		return false;
	if (!infer_is_typed(window))
		return true;
	if (window.rank != 1)
		return false;
	window_length = infer_extent(window, 0);
	if (!infer_data(c, 3))
		*length = window_length < 0 ? -1 : window_length;
	return window_length < 0 || window_length == *length;
}

bool infer_stft(struct infer_context *c)
{
	struct known_shape x = infer_input(c, 0);
	struct infer_number step;
	int64_t signal, length, dims[4] = {-1, 0, 0, 2};
	float frames;

	if (x.rank < 2)
		return false;
	signal = infer_extent(x, 1);
	if (signal < 0 || !infer_data(c, 1))
		return true;
	if (!infer_first(c, 1, &step))
		return false;
	if (infer_has_input(c, 3) && !infer_data(c, 3))
		return true;
	if (!frame_length(c, &length))
		return false;
	if (length < 0)
		return true;
	dims[0] = infer_extent(x, 0) < 0 ? -1 : infer_extent(x, 0);
	frames = (float)(signal - length) / (float)step.integer;
	dims[1] = fabsf(frames) < 0x1p62f ? infer_made(c, (int64_t)frames + 1) : -1;
	dims[2] = infer_int(c, "onesided", 0) ? (length >> 1) + 1 : length;
	return infer_set_dims(c, 0, dims, 4);
}
