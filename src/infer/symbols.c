/* Names of extents: those of the file, and the new ones that onnx gives, unk__N. */
#include "infer/state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARAM = 'p', VALUE = 'v' }; /* the first letter of a symbol's text */

static uint64_t id_of(int64_t extent)
{
	return (uint64_t)(-2 - extent);
}

static int64_t add_symbol(
	struct infer_run *run, char kind, const char *text, size_t length)
{
	char small[64], *key = length < sizeof(small) ? small : malloc(length + 1);
	name_id id = NAME_NONE;

	if (!key)
		return INFER_UNKNOWN;
	key[0] = kind;
	if (length)
		memcpy(key + 1, text, length);
	if (ARRAY_ROOM(&run->taken, 1))
		id = names_add(&run->symbols, key, length + 1);
	if (id == run->taken.count)
		run->taken.items[run->taken.count++] = false;
	if (key != small)
		free(key);
	return id == NAME_NONE ? INFER_UNKNOWN : -2 - (int64_t)id;
}

int64_t infer_symbol(struct infer_run *run, const char *text, size_t length)
{
	return add_symbol(run, PARAM, text, length);
}

int64_t infer_value_of(struct infer_run *run, int64_t value)
{
	char text[24];

	if (value >= 0)
		return value;
	return add_symbol(run, VALUE, text,
		(size_t)snprintf(text, sizeof(text), "%" PRId64, value));
}

int64_t infer_extent_of(struct infer_run *run, const Onnx__TensorShapeProto__Dimension *d)
{
	if (d->has_dim_param)
		return infer_symbol(
			run, (const char *)d->dim_param.data, d->dim_param.len);
	return d->has_dim_value ? infer_value_of(run, d->dim_value) : INFER_UNKNOWN;
}

bool infer_symbol_value(
	const struct infer_run *run, int64_t extent, int64_t *value, const char **name)
{
	const char *text = names_text(&run->symbols, (name_id)id_of(extent));

	*name = text + 1;
	if (text[0] != VALUE)
		return false;
	*value = strtoll(text + 1, NULL, 10);
	return true;
}

/* The next name that is not in use. */
static int64_t new_symbol(struct infer_run *run)
{
	int64_t symbol;
	char text[32];
	int length;

	do {
		length = snprintf(text, sizeof(text), "unk__%" PRIu64, run->number++);
		symbol = infer_symbol(run, text, (size_t)length);
		if (symbol == INFER_UNKNOWN)
			return symbol;
	} while (run->taken.items[id_of(symbol)]);
	run->taken.items[id_of(symbol)] = true;
	return symbol;
}

/* A rule's arithmetic may have left the range of values: that is no symbol. */
static bool is_known(const struct infer_run *run, int64_t extent)
{
	return extent >= 0 ||
	       (extent < INFER_UNKNOWN && id_of(extent) < run->taken.count);
}

bool infer_materialize(struct infer_values *known, struct known_shape *shape)
{
	int64_t *dims = NULL;

	if (shape->rank < 0)
		return true;
	for (int64_t i = 0; i < shape->rank; i++) {
		if (shape->dims && is_known(known->run, shape->dims[i]))
			continue;
		if (!dims) {
			dims = infer_alloc(known, (size_t)shape->rank, sizeof(*dims));
			for (int64_t k = 0; dims && k < shape->rank; k++)
				dims[k] = shape->dims ? shape->dims[k] : INFER_UNKNOWN;
		}
		if (!dims || (dims[i] = new_symbol(known->run)) == INFER_UNKNOWN)
			return false;
	}
	if (dims)
		shape->dims = dims;
	if (shape->rank == 1)
		shape->length = shape->dims[0];
	return true;
}

/* ---- names in use */

static void take(struct infer_run *run, int64_t extent)
{
	if (extent < INFER_UNKNOWN)
		run->taken.items[id_of(extent)] = true;
}

static void take_shape(struct infer_run *run, const struct known_shape *shape)
{
	for (int64_t i = 0; shape->dims && i < shape->rank; i++)
		take(run, shape->dims[i]);
}

static void take_values(struct infer_run *run, const struct infer_values *known)
{
	for (size_t i = 0; i < known->values.count; i++) {
		const struct infer_value *value = &known->values.items[i];

		if (value->has_type)
			take_shape(run, &value->now);
		if (value->shadow && value->shadow->has_info)
			take_shape(run, &value->shadow->info);
		if (value->shadow && value->shadow->has_input)
			take_shape(run, &value->shadow->input);
	}
}

static const Onnx__TensorShapeProto *shape_in(const Onnx__TypeProto *type)
{
	while (type && !type->tensor_type && !type->sparse_tensor_type)
		type = type->sequence_type   ? type->sequence_type->elem_type
		       : type->optional_type ? type->optional_type->elem_type
		       : type->map_type      ? type->map_type->value_type
					     : NULL;
	if (!type)
		return NULL;
	return type->tensor_type ? type->tensor_type->shape
				 : type->sparse_tensor_type->shape;
}

static bool take_declared(
	struct infer_run *run, Onnx__ValueInfoProto *const *values, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const Onnx__TensorShapeProto *shape = shape_in(values[i]->type);

		for (size_t k = 0; shape && k < shape->n_dim; k++) {
			int64_t extent = infer_extent_of(run, shape->dim[k]);

			if (extent == INFER_UNKNOWN && shape->dim[k]->has_dim_param)
				return false;
			take(run, extent);
		}
	}
	return true;
}

static bool take_graph(struct infer_run *run, const struct infer_values *known,
	const Onnx__GraphProto *graph)
{
	if (known)
		take_values(run, known);
	else if (!take_declared(run, graph->input, graph->n_input) ||
		 !take_declared(run, graph->output, graph->n_output) ||
		 !take_declared(run, graph->value_info, graph->n_value_info))
		return false;
	for (size_t n = 0; n < graph->n_node; n++)
		for (size_t i = 0; i < graph->node[n]->n_attribute; i++) {
			const Onnx__GraphProto *body = graph->node[n]->attribute[i]->g;

			if (body && !take_graph(run, infer_of(run, body), body))
				return false;
		}
	return true;
}

bool infer_add_names(struct infer_values *known)
{
	return take_graph(known->run, known, known->graph);
}

bool infer_collect_names(struct infer_run *run, const Onnx__GraphProto *graph)
{
	run->number = 0;
	if (run->taken.count)
		memset(run->taken.items, 0, run->taken.count * sizeof(*run->taken.items));
	return take_graph(run, run->main, graph);
}
