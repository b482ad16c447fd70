/* Making a value fit the model's input, or saying why it does not. */
#include "calib/sample_set.h"

#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int64_t sample_wanted_dim(const struct sample_set *set, uint32_t input, size_t axis)
{
	const struct graph *graph = set->graph;
	int64_t dim =
		graph->dims[graph->tensors[set->inputs.items[input]].first_dim + axis];

	return dim < 0 ? -1 : dim;
}

bool sample_bytes(int32_t type, const int64_t *dims, size_t rank, size_t *bytes)
{
	uint64_t size = element_type_bits(type) / 8;
	bool empty = false;

	for (size_t i = 0; i < rank; i++)
		empty = empty || dims[i] == 0;
	for (size_t i = 0; i < rank; i++) {
		if (dims[i] < 0 || (!empty && size > INT64_MAX / (uint64_t)dims[i]))
			return false;
		size = empty ? 0 : size * (uint64_t)dims[i];
	}
	*bytes = size;
	return element_type_bits(type) >= 8;
}

/* "float64[1,3,48]" */
static void found_text(const struct loaded *value, char *out, size_t room)
{
	const char *type = value->type ? element_type_name(value->type) : value->descr;
	int at = snprintf(out, room, "%s[", type ? type : "?");

	for (size_t i = 0; i < value->rank && at >= 0 && (size_t)at < room; i++)
		at += snprintf(out + at, room - (size_t)at, "%s%" PRId64, i ? "," : "",
			value->dims[i]);
	if (at >= 0 && (size_t)at < room)
		snprintf(out + at, room - (size_t)at, "]");
}

static bool refuse(const struct sample_set *set, uint32_t input,
	const struct loaded *value, const char *place, const char *next,
	struct error *err)
{
	tensor_id tensor = set->inputs.items[input];
	char wanted[160], found[160];

	found_text(value, found, sizeof(found));
	return error_set(err, ERROR_REFUSED, "%s: input %s: %s wanted, %s found; %s",
		place, text_quoted_z(graph_tensor_name(set->graph, tensor)),
		graph_shape_text(set->graph, tensor, wanted, sizeof(wanted)), found,
		next);
}

/* Whether the extents from `first` of the model's on are those of the value. */
static bool dims_match(const struct sample_set *set, uint32_t input, size_t first,
	const struct loaded *value)
{
	for (size_t i = 0; i < value->rank; i++) {
		int64_t wanted = sample_wanted_dim(set, input, first + i);

		if (wanted >= 0 && wanted != value->dims[i])
			return false;
	}
	return true;
}

static void add_batch(struct sample_set *set, uint32_t input, struct loaded *value)
{
	const char *name = graph_tensor_name(set->graph, set->inputs.items[input]);

	memmove(value->dims + 1, value->dims, value->rank * sizeof(*value->dims));
	value->dims[0] = 1;
	value->rank++;
	if (!set->note[0])
		snprintf(set->note, sizeof(set->note),
			"samples have no batch axis for input %s; one of 1 was added",
			text_quoted_z(name));
}

bool sample_fit(struct sample_set *set, uint32_t input, struct loaded *value,
	const char *place, struct error *err)
{
	const struct graph_tensor *tensor =
		&set->graph->tensors[set->inputs.items[input]];
	size_t rank = (size_t)tensor->rank;

	if (value->type != tensor->element_type)
		return refuse(set, input, value, place,
			"convert the sample (numpy: array.astype)", err);
	if (tensor->rank < 0 || (value->rank == rank && dims_match(set, input, 0, value)))
		return true;
	if (value->rank + 1 == rank && rank <= NPY_RANK &&
		(sample_wanted_dim(set, input, 0) == 1 ||
			sample_wanted_dim(set, input, 0) < 0) &&
		dims_match(set, input, 1, value)) {
		add_batch(set, input, value);
		return true;
	}
	return refuse(set, input, value, place, "bring the sample into that shape", err);
}
