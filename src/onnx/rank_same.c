/* Rules of operators whose outputs have the shapes of inputs. */
#include "onnx/rank_rule.h"

/* ---- elements on their own */

bool rank_same_as(struct rank_context *c)
{
	return rank_copy_shape(c, (size_t)c->argument, 0);
}

bool rank_cast(struct rank_context *c)
{
	return rank_attribute_type(c, "to", 0, 0) && rank_copy_shape(c, 0, 0);
}

/* The bits of an element as BitCast counts them. */
static unsigned cast_bits(int32_t type)
{
	return type == ELEMENT_FLOAT6E2M3 || type == ELEMENT_FLOAT6E3M2
		       ? 0
		       : element_type_bits(type);
}

bool rank_bit_cast(struct rank_context *c)
{
	unsigned from = cast_bits(rank_input(c, 0).type);
	unsigned to = cast_bits((int32_t)rank_int(c, "to", 0));

	return !(from && to && from != to) && rank_cast(c);
}

bool rank_scalar(struct rank_context *c)
{
	return rank_set_shape(c, 0, 0);
}

/* ---- broadcasting */

/* Of inputs 0 to `argument` - 1, whose shapes are known. */
bool rank_broadcast_first(struct rank_context *c)
{
	struct known_shape shapes[3];

	for (size_t i = 0; i < (size_t)c->argument; i++)
		shapes[i] = rank_input(c, i);
	return rank_broadcast(c, shapes, (size_t)c->argument);
}

bool rank_broadcast_all(struct rank_context *c)
{
	size_t count = c->node->n_input;
	struct known_shape *shapes;

	if (!rank_has_shapes(c, count))
		return true;
	shapes = arena_alloc(&c->ranks->names.arena, (count + 1) * sizeof(*shapes));
	c->no_memory = c->no_memory || !shapes;
	for (size_t i = 0; shapes && i < count; i++)
		shapes[i] = rank_input(c, i);
	return shapes && rank_broadcast(c, shapes, count);
}

/* ---- normalizations and the like */

bool rank_dropout_10(struct rank_context *c)
{
	return rank_copy_shape(c, 0, 0) &&
	       (c->node->n_output != 2 ||
		       (rank_set_type(c, 1, ELEMENT_BOOL) && rank_copy_shape(c, 0, 1)));
}

bool rank_dropout_12(struct rank_context *c)
{
	return rank_check(c, 1, 0) && rank_check(c, 2, 0) && rank_dropout_10(c);
}

/* `argument`: the axis if there is no attribute. */
bool rank_softmax(struct rank_context *c)
{
	int64_t rank = rank_input(c, 0).rank, axis;

	return rank > 0 && rank_axis(rank_int(c, "axis", c->argument), rank, &axis) &&
	       rank_copy_shape(c, 0, 0);
}

bool rank_batch_norm(struct rank_context *c)
{
	struct known_shape x = rank_input(c, 0);
	size_t outputs = rank_int(c, "training_mode", 0) ? 3 : 1;
	int64_t channels = -1;

	if (!rank_copy_shape(c, 0, 0) || c->node->n_output != outputs)
		return false;
	if (x.rank >= 0)
		channels = x.rank > 1 ? rank_extent(x, 1) : 1;
	for (size_t i = 1; i < 5; i++)
		if (!rank_check(c, i, 1) || !rank_unify_axis(c, i, 0, &channels))
			return false;
	for (size_t i = 1; i < outputs; i++)
		if (!rank_copy_type(c, i + 2, i) || !rank_set_dims(c, i, &channels, 1))
			return false;
	return true;
}

static bool norm_axis(const struct rank_context *c, int64_t *axis)
{
	*axis = rank_int(c, "axis", -1);
	*axis += *axis < 0 ? rank_input(c, 0).rank : 0;
	return *axis >= 0;
}

bool rank_layer_norm(struct rank_context *c)
{
	struct known_shape x = rank_input(c, 0);
	int64_t axis;

	if (!rank_copy_shape(c, 0, 0))
		return false;
	for (size_t i = 1; i < c->node->n_output && i < 3; i++)
		c->out[i].type = (int32_t)rank_int(c, "stash_type", ELEMENT_FLOAT);
	if (x.rank < 0)
		return true;
	if (!norm_axis(c, &axis))
		return false;
	for (size_t i = 1; i < c->node->n_output && i < 3; i++) {
		int64_t *out = rank_set_shape(c, i, x.rank);

		for (int64_t k = 0; out && k < x.rank; k++)
			out[k] = k < axis ? rank_extent(x, k) : 1;
		if (!out)
			return false;
	}
	return true;
}

bool rank_rms_norm(struct rank_context *c)
{
	int64_t axis;

	return norm_axis(c, &axis) && rank_copy_shape(c, 0, 0);
}

bool rank_rotary(struct rank_context *c)
{
	int64_t rank = rank_input(c, 0).rank;

	return (rank == 3 || rank == 4) &&
	       (rank == 4 || rank_attribute(c, "num_heads")) && rank_copy_shape(c, 0, 0);
}

bool rank_trilu(struct rank_context *c)
{
	return rank_input(c, 0).rank >= 2 && rank_copy_shape(c, 0, 0);
}

bool rank_reverse(struct rank_context *c)
{
	return rank_input(c, 0).rank >= 2 && rank_input(c, 1).rank == 1 &&
	       rank_copy_shape(c, 0, 0);
}

bool rank_swiglu(struct rank_context *c)
{
	struct known_shape x = rank_input(c, 0), y = rank_input(c, 1);
	int64_t *out = x.rank == y.rank ? rank_set_shape(c, 0, x.rank) : NULL;

	for (int64_t i = 0; out && i < x.rank; i++) {
		out[i] = rank_extent(x, i);
		if (!rank_unify(rank_extent(y, i), &out[i]))
			return false;
	}
	return out;
}

/* Adagrad, Adam and Momentum: behind two inputs come `argument` lists of the same
 * length, of which all but the second, the gradients, are outputs too. */
bool rank_optimizer(struct rank_context *c)
{
	size_t lists = (size_t)c->argument, output = 0, each;

	if (c->node->n_input < 2 || ((c->node->n_input - 2) % lists &&
					    !bytes_equal(c->node->op_type, "Adagrad")))
		return false;
	each = (c->node->n_input - 2) / lists;
	for (size_t k = 0; k < lists; k++)
		for (size_t i = 0; k != 1 && i < each; i++, output++)
			if (!rank_copy_type(c, 2 + k * each + i, output) ||
				!rank_copy_shape(c, 2 + k * each + i, output))
				return false;
	return true;
}

static bool known_activation(const struct rank_context *c)
{
	return rank_text_is(c, "activation", "none", true) ||
	       rank_text_is(c, "activation", "silu", false) ||
	       rank_text_is(c, "activation", "swish", false);
}

bool rank_causal_conv(struct rank_context *c)
{
	int64_t batch = -1, channels = -1, length = -1, one = 1, kernel = -1, past = -1;
	int64_t dims[3];

	if (!known_activation(c) || !rank_copy_type(c, 0, 1) || !rank_copy_shape(c, 0, 0))
		return false;
	if (!rank_unify_input(c, 0, 3, (int64_t *[]){&batch, &channels, &length}) ||
		!rank_unify_input(c, 1, 3, (int64_t *[]){&channels, &one, &kernel}) ||
		!rank_unify_input(c, 2, 1, (int64_t *[]){&channels}) ||
		!rank_unify_input(c, 3, 3, (int64_t *[]){&batch, &channels, &past}))
		return false;
	if (kernel == 0 || !rank_unify(kernel >= 0 ? kernel - 1 : -1, &past))
		return false;
	dims[0] = batch, dims[1] = channels, dims[2] = past;
	return rank_set_dims(c, 1, dims, 3);
}

static bool same_but_on(struct known_shape a, struct known_shape b, int64_t axis)
{
	for (int64_t i = 0; i < a.rank; i++) {
		int64_t extent = rank_extent(a, i);

		if (i != axis && !rank_unify(rank_extent(b, i), &extent))
			return false;
	}
	return true;
}

bool rank_tensor_scatter(struct rank_context *c)
{
	struct known_shape past = rank_input(c, 0), update = rank_input(c, 1);
	int64_t axis = rank_int(c, "axis", -2), batch = -1;

	if (past.rank >= 0 && update.rank >= 0) {
		axis += axis < 0 ? past.rank : 0;
		if (past.rank != update.rank || axis <= 0 || axis >= past.rank ||
			!same_but_on(past, update, axis))
			return false;
	}
	if (rank_has_shape(c, 2) &&
		(!rank_check(c, 2, 1) || !rank_unify_axis(c, 0, 0, &batch) ||
			!rank_unify_axis(c, 2, 0, &batch)))
		return false;
	return rank_copy_shape(c, 0, 0);
}

/* ---- quantization */

bool rank_quantize(struct rank_context *c)
{
	if (!rank_has_input(c, 2))
		c->out[0].type = ELEMENT_UINT8;
	else if (rank_is_typed(rank_input(c, 2)) && !rank_copy_type(c, 2, 0))
		return false;
	return rank_copy_shape(c, 0, 0);
}

bool rank_quantize_21(struct rank_context *c)
{
	struct known_shape zero_point = rank_input(c, 2);
	int64_t type = rank_int(c, "output_dtype", 0);

	if (rank_is_typed(zero_point)) {
		if ((type && type != zero_point.type) || !rank_copy_type(c, 2, 0))
			return false;
	} else if (type) {
		if (!rank_attribute_type(c, "output_dtype", 0, 0))
			return false;
	} else if (!rank_has_input(c, 2)) {
		c->out[0].type = ELEMENT_UINT8;
	}
	return rank_copy_shape(c, 0, 0);
}

bool rank_dequantize_23(struct rank_context *c)
{
	return (rank_int(c, "output_dtype", 0)
			       ? rank_attribute_type(c, "output_dtype", 0, 0)
			       : rank_copy_type(c, 1, 0)) &&
	       rank_copy_shape(c, 0, 0);
}

bool rank_dynamic_quantize(struct rank_context *c)
{
	return rank_set_type(c, 0, ELEMENT_UINT8) && rank_set_type(c, 1, ELEMENT_FLOAT) &&
	       rank_set_type(c, 2, ELEMENT_UINT8) && rank_set_shape(c, 1, 0) &&
	       rank_set_shape(c, 2, 0) && rank_copy_shape(c, 0, 0);
}

/* ---- shapes as values */

bool rank_shape_of(struct rank_context *c)
{
	return rank_set_dims(c, 0, &(int64_t){rank_input(c, 0).rank}, 1);
}

static int64_t clamped(int64_t value, int64_t rank)
{
	value += value < 0 ? rank : 0;
	return value < 0 ? 0 : value > rank ? rank : value;
}

bool rank_shape_of_15(struct rank_context *c)
{
	int64_t rank = rank_input(c, 0).rank, start, length;

	if (rank < 0)
		return rank_set_shape(c, 0, 1);
	start = clamped(rank_int(c, "start", 0), rank);
	length = clamped(rank_int(c, "end", rank), rank) - start;
	return rank_set_dims(c, 0, &(int64_t){length < 0 ? 0 : length}, 1);
}

/* ---- texts */

bool rank_string_split(struct rank_context *c)
{
	struct known_shape x = rank_input(c, 0);
	int64_t *out;

	if (x.type != ELEMENT_STRING)
		return true;
	out = rank_set_shape(c, 0, x.rank + 1);
	for (int64_t i = 0; out && i < x.rank; i++)
		out[i] = rank_extent(x, i);
	return out && rank_set_type(c, 0, x.type) && rank_set_type(c, 1, ELEMENT_INT64) &&
	       rank_copy_shape(c, 0, 1);
}

bool rank_string_normalizer(struct rank_context *c)
{
	struct known_shape x = rank_input(c, 0);
	int64_t dims[2] = {1, -1};

	if (x.rank == 1)
		return rank_set_shape(c, 0, 1);
	return x.rank == 2 && rank_extent(x, 0) == 1 && rank_set_dims(c, 0, dims, 2);
}
