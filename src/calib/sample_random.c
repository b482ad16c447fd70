/* Samples made at random: the same seed and index always give the same values. */
#include "calib/sample_set.h"

#include "base/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* SplitMix64, a small generator of even quality. */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* Above 0, at most 1. */
static double next_unit(uint64_t *state)
{
	return (double)((next_random(state) >> 11) + 1) * 0x1p-53;
}

/* Standard normal, by Box and Muller. */
static double next_normal(uint64_t *state)
{
	double radius = sqrt(-2 * log(next_unit(state)));

	return radius * cos(2 * 3.14159265358979323846 * next_unit(state));
}

/* Where the model leaves an extent open: one sample, three channels, pictures of 224,
 * sequences of 16. */
static int64_t likely_extent(size_t rank, size_t axis)
{
	if (axis == 0)
		return 1;
	if (rank == 4)
		return axis == 1 ? 3 : 224;
	return rank == 5 && axis == 1 ? 3 : 16;
}

/* The extent that another input has given to the same symbol, or -1. */
static int64_t shared_extent(const struct sample_set *set, const struct loaded *values,
	uint32_t input, int64_t symbol)
{
	for (uint32_t i = 0; i < input; i++) {
		const struct graph_tensor *tensor =
			&set->graph->tensors[set->inputs.items[i]];

		for (size_t axis = 0; tensor->rank >= 0 && axis < values[i].rank; axis++)
			if (set->graph->dims[tensor->first_dim + axis] == symbol)
				return values[i].dims[axis];
	}
	return -1;
}

static void note_extents(
	struct sample_set *set, uint32_t input, const struct loaded *value)
{
	int at;

	if (set->note[0])
		return;
	at = snprintf(set->note, sizeof(set->note), "free extents of input %s were set: ",
		text_quoted_z(graph_tensor_name(set->graph, set->inputs.items[input])));
	for (size_t i = 0; i < value->rank && (size_t)at < sizeof(set->note); i++)
		at += snprintf(set->note + at, sizeof(set->note) - (size_t)at,
			"%s%" PRId64, i ? "," : "", value->dims[i]);
	if ((size_t)at < sizeof(set->note))
		snprintf(set->note + at, sizeof(set->note) - (size_t)at,
			" (others with --shape)");
}

static bool choose_shape(
	struct sample_set *set, uint32_t input, struct loaded *values, struct error *err)
{
	const struct graph_tensor *tensor =
		&set->graph->tensors[set->inputs.items[input]];
	struct loaded *value = &values[input];
	bool free_extents = false;

	if (set->shapes && set->shapes[input]) {
		value->rank = set->ranks[input];
		memcpy(value->dims, set->shapes[input],
			value->rank * sizeof(*value->dims));
		return true;
	}
	if (tensor->rank < 0 || tensor->rank > NPY_RANK)
		return error_set(err, ERROR_REFUSED,
			"input %s: the model does not say its shape; give it with "
			"--shape",
			text_quoted_z(
				graph_tensor_name(set->graph, set->inputs.items[input])));
	value->rank = (size_t)tensor->rank;
	for (size_t i = 0; i < value->rank; i++) {
		int64_t dim = set->graph->dims[tensor->first_dim + i];

		free_extents = free_extents || dim < 0;
		if (dim < -1)
			value->dims[i] = shared_extent(set, values, input, dim);
		if (dim >= 0)
			value->dims[i] = dim;
		else if (dim == -1 || value->dims[i] < 0)
			value->dims[i] = likely_extent(value->rank, i);
	}
	if (free_extents)
		note_extents(set, input, value);
	return true;
}

/* Floating types are standard normal, bytes even from 0 to 255, other integers 0 or 1
 * (a valid index, token or mask everywhere). */
static bool put_value(int32_t type, uint64_t *state, unsigned char *at)
{
	double normal = 0;
	float narrow;
	uint16_t half;
	uint64_t bits;

	if (type == ELEMENT_FLOAT || type == ELEMENT_FLOAT16 || type == ELEMENT_DOUBLE)
		normal = next_normal(state);
	switch (type) {
	case ELEMENT_FLOAT:
		narrow = (float)normal;
		memcpy(at, &narrow, sizeof(narrow));
		return true;
	case ELEMENT_FLOAT16:
		half = half_from_double(normal);
		memcpy(at, &half, sizeof(half));
		return true;
	case ELEMENT_DOUBLE:
		memcpy(at, &normal, sizeof(normal));
		return true;
	case ELEMENT_UINT8:
		*at = (unsigned char)(next_random(state) >> 56);
		return true;
	case ELEMENT_INT8:
	case ELEMENT_BOOL:
	case ELEMENT_INT16:
	case ELEMENT_UINT16:
	case ELEMENT_INT32:
	case ELEMENT_UINT32:
	case ELEMENT_INT64:
	case ELEMENT_UINT64:
		bits = next_random(state) >> 63;
		memcpy(at, &bits, element_type_bits(type) / 8);
		return true;
	default:
		return false;
	}
}

static bool make_input(struct sample_set *set, uint32_t input, struct loaded *values,
	uint64_t *state, struct error *err)
{
	tensor_id tensor = set->inputs.items[input];
	struct loaded *value = &values[input];
	size_t width;

	value->type = set->graph->tensors[tensor].element_type;
	width = element_type_bits(value->type) / 8;
	if (!choose_shape(set, input, values, err))
		return false;
	if (!sample_bytes(value->type, value->dims, value->rank, &value->bytes))
		value->type = 0;
	value->data = malloc(value->bytes + 1);
	if (!value->data)
		return error_set_memory(err, "random samples");
	for (size_t at = 0; value->type && at < value->bytes; at += width)
		if (!put_value(value->type, state, value->data + at))
			value->type = 0;
	return value->type ||
	       error_set(err, ERROR_REFUSED,
		       "input %s: no random values for its type; give samples with "
		       "--data",
		       text_quoted_z(graph_tensor_name(set->graph, tensor)));
}

bool sample_make_random(
	struct sample_set *set, size_t index, struct loaded *values, struct error *err)
{
	uint64_t state = set->seed ^ 0x6a09e667f3bcc909u * (index + 1);

	for (uint32_t i = 0; i < set->inputs.count; i++)
		if (!make_input(set, i, values, &state, err))
			return false;
	return true;
}
