/* The constants that rules read. Where the inference of a file comes upon elements in a
 * side file it gives up; models that are raised have theirs read in before. */
#include "infer/rule.h"
#include "onnx/external.h"

#include <math.h>
#include <string.h>

enum { ELEMENTS_MAX = 1 << 16 };

const Onnx__TensorProto *infer_data(const struct infer_context *c, size_t slot)
{
	return infer_input(c, slot).data;
}

/* Room for the elements of a constant that is to be read. */
static void *room_for(struct infer_context *c, const Onnx__TensorProto *data, size_t size,
	size_t *count)
{
	struct error ignored = ERROR_INIT;
	uint64_t elements;
	void *room;

	if (c->known->from_file && tensor_is_external(data))
		return NULL;
	if (!tensor_count(data, &elements, &ignored) || elements > ELEMENTS_MAX)
		return NULL;
	*count = (size_t)elements;
	room = arena_alloc(&c->known->names.arena, (*count + 1) * size);
	c->no_memory = c->no_memory || !room;
	return room;
}

bool infer_constant(
	struct infer_context *c, size_t slot, bool both, struct infer_list *list)
{
	const Onnx__TensorProto *data = infer_data(c, slot);
	struct error ignored = ERROR_INIT;
	int64_t *values;

	*list = (struct infer_list){.is_absent = !infer_has_input(c, slot)};
	if (!data)
		return true;
	if (data->data_type != ELEMENT_INT64 &&
		!(both && data->data_type == ELEMENT_INT32))
		return false;
	values = room_for(c, data, sizeof(*values), &list->count);
	list->items = values;
	list->is_known = values && tensor_read_i64(c->model, data, values,
					   list->count + 1, &list->count, &ignored);
	return list->is_known;
}

/* All elements as they lie in memory; NULL if they cannot be read. */
static const void *elements_of(struct infer_context *c, const Onnx__TensorProto *data,
	size_t size, size_t *count)
{
	struct error ignored = ERROR_INIT;
	struct tensor_reader reader;
	void *values = room_for(c, data, size, count);
	bool ok;

	if (!values)
		return NULL;
	ok = tensor_open(&reader, c->model, data, &ignored) &&
	     tensor_read_raw(&reader, 0, *count, values, &ignored);
	tensor_close(&reader);
	return ok ? values : NULL;
}

bool infer_floats(
	struct infer_context *c, size_t slot, const float **values, size_t *count)
{
	const Onnx__TensorProto *data = infer_data(c, slot);

	if (!data || data->data_type != ELEMENT_FLOAT)
		return false;
	*values = elements_of(c, data, sizeof(**values), count);
	return *values;
}

static int64_t truncated(double value)
{
	return fabs(value) < 0x1p62 ? (int64_t)value : INT64_MIN;
}

bool infer_first(struct infer_context *c, size_t slot, struct infer_number *number)
{
	const Onnx__TensorProto *data = infer_data(c, slot);
	struct infer_list list;
	const void *values;
	size_t count;

	if (!data)
		return false;
	*number = (struct infer_number){.type = data->data_type};
	if (data->data_type == ELEMENT_FLOAT || data->data_type == ELEMENT_DOUBLE) {
		bool is_double = data->data_type == ELEMENT_DOUBLE;

		values = elements_of(c, data, is_double ? 8 : 4, &count);
		if (!values || !count)
			return false;
		number->real = is_double ? *(const double *)values
					 : (double)*(const float *)values;
		number->integer = truncated(number->real);
		return true;
	}
	if (!infer_constant(c, slot, true, &list) || !list.count)
		return false;
	number->integer = list.items[0];
	number->real = (double)list.items[0];
	return true;
}

bool infer_shape_input(struct infer_context *c, size_t slot, struct infer_list *list)
{
	enum { LENGTH_MAX = 1024 };
	struct known_shape shape = infer_input(c, slot);
	int64_t length, *items;

	if (!infer_constant(c, slot, false, list))
		return false;
	if (list->is_known || shape.rank < 0)
		return true;
	length = shape.rank == 1 ? infer_extent(shape, 0) : -1;
	if (length < 0 || length > LENGTH_MAX)
		return shape.rank == 1;
	items = arena_alloc(
		&c->known->names.arena, ((size_t)length + 1) * sizeof(*items));
	c->no_memory = c->no_memory || !items;
	for (int64_t i = 0; items && i < length; i++)
		items[i] = INFER_FREE;
	list->items = items;
	list->count = (size_t)length;
	list->is_known = items;
	return items;
}
