/* Rules of operators whose outputs have the shapes of inputs. */
#include "infer/rule.h"

/* ---- elements on their own */

bool infer_same_as(struct infer_context *c)
{
	return infer_copy_shape(c, (size_t)c->argument, 0);
}

bool infer_cast(struct infer_context *c)
{
	return infer_attribute_type(c, "to", 0, 0) && infer_copy_shape(c, 0, 0);
}

/* The bits of an element as BitCast counts them. */
static unsigned cast_bits(int32_t type)
{
	return type == ELEMENT_FLOAT6E2M3 || type == ELEMENT_FLOAT6E3M2
		       ? 0
		       : element_type_bits(type);
}

bool infer_bit_cast(struct infer_context *c)
{
	unsigned from = cast_bits(infer_input(c, 0).type);
	unsigned to = cast_bits((int32_t)infer_int(c, "to", 0));

	return !(from && to && from != to) && infer_cast(c);
}

bool infer_scalar(struct infer_context *c)
{
	return infer_set_shape(c, 0, 0);
}

/* ---- broadcasting */

/* Of inputs 0 to `argument` - 1, whose shapes are known. */
bool infer_broadcast_first(struct infer_context *c)
{
	struct known_shape shapes[3];

	for (size_t i = 0; i < (size_t)c->argument; i++)
		shapes[i] = infer_input(c, i);
	return infer_broadcast(c, shapes, (size_t)c->argument);
}

bool infer_broadcast_all(struct infer_context *c)
{
	size_t count = c->node->n_input;
	struct known_shape *shapes;

	if (!infer_has_shapes(c, count))
		return true;
	shapes = arena_alloc(&c->known->names.arena, (count + 1) * sizeof(*shapes));
	c->no_memory = c->no_memory || !shapes;
	for (size_t i = 0; shapes && i < count; i++)
		shapes[i] = infer_input(c, i);
	return shapes && infer_broadcast(c, shapes, count);
}

/* ---- normalizations and the like */

bool infer_dropout_10(struct infer_context *c)
{
	return infer_copy_shape(c, 0, 0) &&
	       (c->node->n_output != 2 ||
		       (infer_set_type(c, 1, ELEMENT_BOOL) && infer_copy_shape(c, 0, 1)));
}

bool infer_dropout_12(struct infer_context *c)
{
	return infer_check(c, 1, 0) && infer_check(c, 2, 0) && infer_dropout_10(c);
}

/* `argument`: the axis if there is no attribute. */
bool infer_softmax(struct infer_context *c)
{
	int64_t rank = infer_input(c, 0).rank, axis;

	return rank > 0 && infer_axis(infer_int(c, "axis", c->argument), rank, &axis) &&
	       infer_copy_shape(c, 0, 0);
}

bool infer_batch_norm(struct infer_context *c)
{
	struct known_shape x = infer_input(c, 0);
	size_t outputs = infer_int(c, "training_mode", 0) ? 3 : 1;
	int64_t channels = -1;

	if (!infer_copy_shape(c, 0, 0) || c->node->n_output != outputs)
		return false;
	if (x.rank >= 0)
		channels = x.rank > 1 ? infer_extent(x, 1) : 1;
	for (size_t i = 1; i < 5; i++)
		if (!infer_check(c, i, 1) || !infer_unify_axis(c, i, 0, &channels))
			return false;
	for (size_t i = 1; i < outputs; i++)
		if (!infer_copy_type(c, i + 2, i) || !infer_set_dims(c, i, &channels, 1))
			return false;
	return true;
}

static bool norm_axis(const struct infer_context *c, int64_t *axis)
{
	*axis = infer_int(c, "axis", -1);
	*axis += *axis < 0 ? infer_input(c, 0).rank : 0;
	return *axis >= 0;
}

bool infer_layer_norm(struct infer_context *c)
{
	struct known_shape x = infer_input(c, 0);
	int64_t axis;

	if (!infer_copy_shape(c, 0, 0))
		return false;
	for (size_t i = 1; i < c->node->n_output && i < 3; i++)
		c->out[i].type = (int32_t)infer_int(c, "stash_type", ELEMENT_FLOAT);
	if (x.rank < 0)
		return true;
	if (!norm_axis(c, &axis))
		return false;
	for (size_t i = 1; i < c->node->n_output && i < 3; i++) {
		int64_t *out = infer_set_shape(c, i, x.rank);

		for (int64_t k = 0; out && k < x.rank; k++)
			out[k] = k < axis ? infer_extent(x, k) : 1;
		if (!out)
			return false;
	}
	return true;
}

bool infer_rms_norm(struct infer_context *c)
{
	int64_t axis;

	return norm_axis(c, &axis) && infer_copy_shape(c, 0, 0);
}

bool infer_rotary(struct infer_context *c)
{
	int64_t rank = infer_input(c, 0).rank;

	return (rank == 3 || rank == 4) &&
	       (rank == 4 || infer_attribute(c, "num_heads")) &&
	       infer_copy_shape(c, 0, 0);
}

bool infer_trilu(struct infer_context *c)
{
	return infer_input(c, 0).rank >= 2 && infer_copy_shape(c, 0, 0);
}

bool infer_reverse(struct infer_context *c)
{
	return infer_input(c, 0).rank >= 2 && infer_input(c, 1).rank == 1 &&
	       infer_copy_shape(c, 0, 0);
}

bool infer_swiglu(struct infer_context *c)
{
	struct known_shape x = infer_input(c, 0), y = infer_input(c, 1);
	int64_t *out = x.rank == y.rank ? infer_set_shape(c, 0, x.rank) : NULL;

	for (int64_t i = 0; out && i < x.rank; i++) {
		out[i] = infer_extent(x, i);
		if (!infer_unify(infer_extent(y, i), &out[i]))
			return false;
	}
	return out;
}

/* Adagrad, Adam and Momentum: behind two inputs come `argument` lists of the same
 * length, of which all but the second, the gradients, are outputs too. */
bool infer_optimizer(struct infer_context *c)
{
	size_t lists = (size_t)c->argument, output = 0, each;

	if (c->node->n_input < 2 || ((c->node->n_input - 2) % lists &&
					    !bytes_equal(c->node->op_type, "Adagrad")))
		return false;
	each = (c->node->n_input - 2) / lists;
	for (size_t k = 0; k < lists; k++)
		for (size_t i = 0; k != 1 && i < each; i++, output++)
			if (!infer_copy_type(c, 2 + k * each + i, output) ||
				!infer_copy_shape(c, 2 + k * each + i, output))
				return false;
	return true;
}

static bool known_activation(const struct infer_context *c)
{
	return infer_text_is(c, "activation", "none", true) ||
	       infer_text_is(c, "activation", "silu", false) ||
	       infer_text_is(c, "activation", "swish", false);
}

bool infer_causal_conv(struct infer_context *c)
{
	int64_t batch = -1, channels = -1, length = -1, one = 1, kernel = -1, past = -1;
	int64_t dims[3];

	if (!known_activation(c) || !infer_copy_type(c, 0, 1) ||
		!infer_copy_shape(c, 0, 0))
		return false;
	if (!infer_unify_input(c, 0, 3, (int64_t *[]){&batch, &channels, &length}) ||
		!infer_unify_input(c, 1, 3, (int64_t *[]){&channels, &one, &kernel}) ||
		!infer_unify_input(c, 2, 1, (int64_t *[]){&channels}) ||
		!infer_unify_input(c, 3, 3, (int64_t *[]){&batch, &channels, &past}))
		return false;
	if (kernel == 0 || !infer_unify(kernel >= 0 ? kernel - 1 : -1, &past))
		return false;
	dims[0] = batch, dims[1] = channels, dims[2] = past;
	return infer_set_dims(c, 1, dims, 3);
}

static bool same_but_on(struct known_shape a, struct known_shape b, int64_t axis)
{
	for (int64_t i = 0; i < a.rank; i++) {
		int64_t extent = infer_extent(a, i);

		if (i != axis && !infer_unify(infer_extent(b, i), &extent))
			return false;
	}
	return true;
}

bool infer_tensor_scatter(struct infer_context *c)
{
	struct known_shape past = infer_input(c, 0), update = infer_input(c, 1);
	int64_t axis = infer_int(c, "axis", -2), batch = -1;

	if (past.rank >= 0 && update.rank >= 0) {
		axis += axis < 0 ? past.rank : 0;
		if (past.rank != update.rank || axis <= 0 || axis >= past.rank ||
			!same_but_on(past, update, axis))
			return false;
	}
	if (infer_has_shape(c, 2) &&
		(!infer_check(c, 2, 1) || !infer_unify_axis(c, 0, 0, &batch) ||
			!infer_unify_axis(c, 2, 0, &batch)))
		return false;
	return infer_copy_shape(c, 0, 0);
}

/* ---- quantization */

bool infer_quantize(struct infer_context *c)
{
	if (!infer_has_input(c, 2))
		c->out[0].type = ELEMENT_UINT8;
	else if (infer_is_typed(infer_input(c, 2)) && !infer_copy_type(c, 2, 0))
		return false;
	return infer_copy_shape(c, 0, 0);
}

bool infer_quantize_21(struct infer_context *c)
{
	struct known_shape zero_point = infer_input(c, 2);
	int64_t type = infer_int(c, "output_dtype", 0);

	if (infer_is_typed(zero_point)) {
		if ((type && type != zero_point.type) || !infer_copy_type(c, 2, 0))
			return false;
	} else if (type) {
		if (!infer_attribute_type(c, "output_dtype", 0, 0))
			return false;
	} else if (!infer_has_input(c, 2)) {
		c->out[0].type = ELEMENT_UINT8;
	}
	return infer_copy_shape(c, 0, 0);
}

bool infer_dequantize_23(struct infer_context *c)
{
	return (infer_int(c, "output_dtype", 0)
			       ? infer_attribute_type(c, "output_dtype", 0, 0)
			       : infer_copy_type(c, 1, 0)) &&
	       infer_copy_shape(c, 0, 0);
}

bool infer_dynamic_quantize(struct infer_context *c)
{
	return infer_set_type(c, 0, ELEMENT_UINT8) &&
	       infer_set_type(c, 1, ELEMENT_FLOAT) &&
	       infer_set_type(c, 2, ELEMENT_UINT8) && infer_set_shape(c, 1, 0) &&
	       infer_set_shape(c, 2, 0) && infer_copy_shape(c, 0, 0);
}

/* ---- shapes as values */

bool infer_shape_of(struct infer_context *c)
{
	return infer_set_dims(c, 0, &(int64_t){infer_input(c, 0).rank}, 1);
}

static int64_t clamped(int64_t value, int64_t rank)
{
	value += value < 0 ? rank : 0;
	return value < 0 ? 0 : value > rank ? rank : value;
}

bool infer_shape_of_15(struct infer_context *c)
{
	int64_t rank = infer_input(c, 0).rank, start, length;

	if (rank < 0)
		return infer_set_shape(c, 0, 1);
	start = clamped(infer_int(c, "start", 0), rank);
	length = clamped(infer_int(c, "end", rank), rank) - start;
	return infer_set_dims(c, 0, &(int64_t){length < 0 ? 0 : length}, 1);
}

/* ---- texts */

bool infer_string_split(struct infer_context *c)
{
	struct known_shape x = infer_input(c, 0);
	int64_t *out;

	if (x.type != ELEMENT_STRING)
		return true;
	out = infer_set_shape(c, 0, x.rank + 1);
	for (int64_t i = 0; out && i < x.rank; i++)
		out[i] = infer_extent(x, i);
	return out && infer_set_type(c, 0, x.type) &&
	       infer_set_type(c, 1, ELEMENT_INT64) && infer_copy_shape(c, 0, 1);
}

bool infer_string_normalizer(struct infer_context *c)
{
	struct known_shape x = infer_input(c, 0);
	int64_t dims[2] = {1, -1};

	if (x.rank == 1)
		return infer_set_shape(c, 0, 1);
	return x.rank == 2 && infer_extent(x, 0) == 1 && infer_set_dims(c, 0, dims, 2);
}
