/* The constants that rules read. Where the inference of a file comes upon elements in a
 * side file it gives up; models that are raised have theirs read in before. */
#include "onnx/external.h"
#include "onnx/rank_rule.h"

#include <math.h>
#include <string.h>

enum { ELEMENTS_MAX = 1 << 16 };

const Onnx__TensorProto *rank_data(const struct rank_context *c, size_t slot)
{
	return rank_input(c, slot).data;
}

/* Room for the elements of a constant that is to be read. */
static void *room_for(
	struct rank_context *c, const Onnx__TensorProto *data, size_t size, size_t *count)
{
	struct error ignored = ERROR_INIT;
	uint64_t elements;
	void *room;

	if (c->ranks->from_file && tensor_is_external(data))
		return NULL;
	if (!tensor_count(data, &elements, &ignored) || elements > ELEMENTS_MAX)
		return NULL;
	*count = (size_t)elements;
	room = arena_alloc(&c->ranks->names.arena, (*count + 1) * size);
	c->no_memory = c->no_memory || !room;
	return room;
}

bool rank_constant(struct rank_context *c, size_t slot, bool both, struct rank_list *list)
{
	const Onnx__TensorProto *data = rank_data(c, slot);
	struct error ignored = ERROR_INIT;
	int64_t *values;

	*list = (struct rank_list){.is_absent = !rank_has_input(c, slot)};
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
static const void *elements_of(
	struct rank_context *c, const Onnx__TensorProto *data, size_t size, size_t *count)
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

bool rank_floats(struct rank_context *c, size_t slot, const float **values, size_t *count)
{
	const Onnx__TensorProto *data = rank_data(c, slot);

	if (!data || data->data_type != ELEMENT_FLOAT)
		return false;
	*values = elements_of(c, data, sizeof(**values), count);
	return *values;
}

static int64_t truncated(double value)
{
	return fabs(value) < 0x1p62 ? (int64_t)value : INT64_MIN;
}

bool rank_first(struct rank_context *c, size_t slot, struct rank_number *number)
{
	const Onnx__TensorProto *data = rank_data(c, slot);
	struct rank_list list;
	const void *values;
	size_t count;

	if (!data)
		return false;
	*number = (struct rank_number){.type = data->data_type};
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
	if (!rank_constant(c, slot, true, &list) || !list.count)
		return false;
	number->integer = list.items[0];
	number->real = (double)list.items[0];
	return true;
}

bool rank_shape_input(struct rank_context *c, size_t slot, struct rank_list *list)
{
	enum { LENGTH_MAX = 1024 };
	struct known_shape shape = rank_input(c, slot);
	int64_t length, *items;

	if (!rank_constant(c, slot, false, list))
		return false;
	if (list->is_known || shape.rank < 0)
		return true;
	length = shape.rank == 1 ? rank_extent(shape, 0) : -1;
	if (length < 0 || length > LENGTH_MAX)
		return shape.rank == 1;
	items = arena_alloc(
		&c->ranks->names.arena, ((size_t)length + 1) * sizeof(*items));
	c->no_memory = c->no_memory || !items;
	for (int64_t i = 0; items && i < length; i++)
		items[i] = RANK_FREE;
	list->items = items;
	list->count = (size_t)length;
	list->is_known = items;
	return items;
}
