/* Rules of operators that make tensors: constants, random numbers, ranges, windows. */
#include "infer/rule.h"

#include <math.h>

/* ---- Constant */

enum { CONSTANT_NAMES = 8 };

static const Onnx__AttributeProto *only_value(const struct infer_context *c, int *count)
{
	static const char *const names[CONSTANT_NAMES] = {"value", "sparse_value",
		"value_int", "value_ints", "value_float", "value_floats", "value_string",
		"value_strings"};
	int known = c->opset < 11 ? 1 : c->opset < 12 ? 2 : CONSTANT_NAMES;
	const Onnx__AttributeProto *found = NULL;

	*count = 0;
	for (int i = 0; i < known; i++) {
		const Onnx__AttributeProto *a = infer_attribute(c, names[i]);

		found = a ? a : found;
		*count += a != NULL;
	}
	return found;
}

/* The tensor that numbers in an attribute stand for. */
static bool numbers(struct infer_context *c, const Onnx__AttributeProto *a, int32_t type,
	size_t count, bool scalar)
{
	struct arena *arena = &c->known->names.arena;
	Onnx__TensorProto *data = arena_alloc(arena, sizeof(*data));
	int64_t *dims = arena_alloc(arena, sizeof(*dims));

	c->no_memory = c->no_memory || !data || !dims;
	if (!data || !dims)
		return false;
	onnx__tensor_proto__init(data);
	data->data_type = type;
	*dims = (int64_t)count;
	data->dims = dims;
	data->n_dims = scalar ? 0 : 1;
	if (type == ELEMENT_INT64) {
		data->int64_data = scalar ? (int64_t *)&a->i : a->ints;
		data->n_int64_data = count;
	} else {
		data->float_data = scalar ? (float *)&a->f : a->floats;
		data->n_float_data = count;
	}
	c->out[0].data = data;
	return infer_set_type(c, 0, type) && infer_set_dims(c, 0, dims, scalar ? 0 : 1);
}

static bool texts(struct infer_context *c, const Onnx__AttributeProto *a)
{
	return infer_set_type(c, 0, ELEMENT_STRING) &&
	       (a->has_s ? infer_set_shape(c, 0, 0) != NULL
			 : infer_set_dims(c, 0, &(int64_t){(int64_t)a->n_strings}, 1));
}

/* Of a tensor in an attribute. */
static bool set_all(struct infer_context *c, const int64_t *dims, size_t rank)
{
	int64_t *out = infer_set_shape(c, 0, (int64_t)rank);

	for (size_t i = 0; out && i < rank; i++)
		out[i] = infer_made(c, dims[i]);
	return out;
}

static bool constant_value(struct infer_context *c, const Onnx__AttributeProto *a)
{
	if (a->t) {
		c->out[0].data = a->t;
		return infer_set_type(c, 0, a->t->data_type) &&
		       set_all(c, a->t->dims, a->t->n_dims);
	}
	if (a->sparse_tensor)
		return infer_set_type(c, 0,
			       a->sparse_tensor->values
				       ? a->sparse_tensor->values->data_type
				       : 0) &&
		       set_all(c, a->sparse_tensor->dims, a->sparse_tensor->n_dims);
	if (bytes_equal(a->name, "value_int"))
		return a->has_i && numbers(c, a, ELEMENT_INT64, 1, true);
	if (bytes_equal(a->name, "value_ints"))
		return numbers(c, a, ELEMENT_INT64, a->n_ints, false);
	if (bytes_equal(a->name, "value_float"))
		return a->has_f && numbers(c, a, ELEMENT_FLOAT, 1, true);
	if (bytes_equal(a->name, "value_floats"))
		return numbers(c, a, ELEMENT_FLOAT, a->n_floats, false);
	return texts(c, a);
}

bool infer_constant_node(struct infer_context *c)
{
	int count;
	const Onnx__AttributeProto *a = only_value(c, &count);

	if (count != 1)
		return c->opset < 9 && !count;
	c->out[0].is_constant = true;
	return constant_value(c, a);
}

bool infer_constant_of_shape(struct infer_context *c)
{
	const Onnx__AttributeProto *value = infer_attribute(c, "value");
	struct infer_list shape;
	int64_t *out;

	if (value && (!value->t || value->t->n_dims != 1))
		return false;
	infer_set_type(c, 0, value ? value->t->data_type : ELEMENT_FLOAT);
	if (!infer_shape_input(c, 0, &shape))
		return false;
	if (!shape.is_known)
		return true;
	out = infer_set_shape(c, 0, (int64_t)shape.count);
	for (size_t i = 0; out && i < shape.count; i++) {
		if (shape.items[i] == INFER_FREE)
			continue;
		if (shape.items[i] < 0)
			return false;
		out[i] = shape.items[i];
	}
	return out;
}

/* ---- random numbers */

bool infer_random_like(struct infer_context *c)
{
	return (infer_attribute(c, "dtype") ? infer_attribute_type(c, "dtype", 0, 0)
					    : infer_copy_type(c, 0, 0)) &&
	       infer_copy_shape(c, 0, 0);
}

bool infer_eye_like(struct infer_context *c)
{
	return infer_check(c, 0, 2) && infer_random_like(c);
}

bool infer_random(struct infer_context *c)
{
	struct infer_list shape = infer_ints(c, "shape");

	if (!infer_attribute_type(c, "dtype", ELEMENT_FLOAT, 0) || shape.is_absent)
		return false;
	for (size_t i = 0; i < shape.count; i++)
		if (shape.items[i] < 0)
			return false;
	return infer_set_dims(c, 0, shape.items, (int64_t)shape.count);
}

bool infer_multinomial(struct infer_context *c)
{
	int64_t type = infer_int(c, "dtype", ELEMENT_INT32);
	int64_t dims[2] = {-1, infer_made(c, infer_int(c, "sample_size", 1))};

	return (type == ELEMENT_INT32 || type == ELEMENT_INT64) &&
	       infer_set_type(c, 0, (int32_t)type) && infer_check(c, 0, 2) &&
	       infer_unify_axis(c, 0, 0, &dims[0]) && infer_set_dims(c, 0, dims, 2);
}

/* ---- Range */

static double difference(
	const struct infer_number *limit, const struct infer_number *start)
{
	if (limit->type == ELEMENT_FLOAT)
		return (double)((float)limit->real - (float)start->real);
	if (limit->type == ELEMENT_DOUBLE)
		return limit->real - start->real;
	return (double)(int64_t)((uint64_t)limit->integer - (uint64_t)start->integer);
}

static bool has_range(int32_t type)
{
	return type == ELEMENT_FLOAT || type == ELEMENT_DOUBLE || type == ELEMENT_INT32 ||
	       type == ELEMENT_INT64;
}

bool infer_range(struct infer_context *c)
{
	struct infer_number numbers[3];
	int64_t *out = infer_set_shape(c, 0, 1);
	double length;

	if (!out)
		return false;
	for (size_t i = 0; i < 3; i++)
		if (!infer_data(c, i))
			return true;
	for (size_t i = 1; i < 3; i++)
		if (infer_data(c, i)->data_type != infer_data(c, 0)->data_type)
			return false;
	if (!has_range(infer_data(c, 0)->data_type))
		return true;
	for (size_t i = 0; i < 3; i++)
		if (infer_data(c, i)->n_dims || !infer_first(c, i, &numbers[i]))
			return false;
	length = ceil(difference(&numbers[1], &numbers[0]) / numbers[2].real);
	*out = length > 0 && length < 0x1p62 ? (int64_t)length : 0;
	return true;
}

/* ---- numbers of results that only the elements tell */

bool infer_tf_idf(struct infer_context *c)
{
	struct known_shape x = infer_input(c, 0);
	struct infer_list indexes = infer_ints(c, "ngram_indexes");
	int64_t greatest = -1, dims[2];

	if (x.rank < 0)
		return true;
	for (size_t i = 0; i < indexes.count; i++) {
		if (indexes.items[i] < 0 || indexes.items[i] == INT64_MAX)
			return false;
		greatest = indexes.items[i] > greatest ? indexes.items[i] : greatest;
	}
	if (!indexes.count || x.rank < 1 || x.rank > 2)
		return false;
	dims[0] = infer_extent(x, 0);
	dims[x.rank - 1] = greatest + 1;
	return infer_set_dims(c, 0, dims, x.rank);
}

bool infer_nms(struct infer_context *c)
{
	return infer_set_dims(c, 0, (const int64_t[]){-1, 3}, 2);
}
