/* What a graph declares of its values: types, shapes, initializers. */
#include "infer/state.h"

#include "onnx/external.h"
#include "onnx/tensor.h"

static const struct known_shape unknown = INFER_NOTHING;

static bool read_shape(struct infer_values *known, const Onnx__TensorShapeProto *declared,
	struct known_shape *shape)
{
	int64_t *dims;

	if (!declared)
		return true;
	dims = infer_alloc(known, declared->n_dim, sizeof(*dims));
	for (size_t i = 0; dims && i < declared->n_dim; i++) {
		dims[i] = infer_extent_of(known->run, declared->dim[i]);
		if (dims[i] == INFER_UNKNOWN && declared->dim[i]->has_dim_param)
			return false;
	}
	infer_put_dims(shape, dims, (int64_t)declared->n_dim);
	return dims;
}

static const Onnx__TypeProto *inside(const Onnx__TypeProto *type, enum infer_kind *kind)
{
	bool is_optional = type->optional_type != NULL;

	if (is_optional) {
		*kind = INFER_OPTIONAL;
		type = type->optional_type->elem_type;
	}
	if (type && type->sequence_type) {
		*kind = is_optional ? INFER_OPTIONAL_SEQUENCE : INFER_SEQUENCE;
		type = type->sequence_type->elem_type;
	}
	if (type && !type->tensor_type &&
		(type->sequence_type || type->optional_type || type->map_type ||
			type->opaque_type || (type->sparse_tensor_type && *kind)))
		*kind = INFER_OTHER;
	return type;
}

bool infer_read_type(struct infer_values *known, const Onnx__TypeProto *type,
	struct known_shape *shape)
{
	*shape = unknown;
	type = inside(type, &shape->kind);
	if (!type || shape->kind == INFER_OTHER)
		return true;
	if (type->sparse_tensor_type) {
		shape->kind = INFER_SPARSE;
		shape->type = type->sparse_tensor_type->elem_type;
		return read_shape(known, type->sparse_tensor_type->shape, shape);
	}
	if (!type->tensor_type)
		return true;
	shape->type = type->tensor_type->elem_type;
	return read_shape(known, type->tensor_type->shape, shape);
}

static bool hide(struct infer_values *known, struct infer_value *value)
{
	struct infer_shadow *shadow = value->shadow;

	if (!shadow)
		shadow = value->shadow = infer_alloc(known, 1, sizeof(*shadow));
	if (!shadow)
		return false;
	if (value->source == INFER_BY_INPUT) {
		shadow->input = value->now;
		shadow->has_input = true;
	} else {
		shadow->info = value->now;
		shadow->has_info = true;
	}
	return true;
}

static bool declare(struct infer_values *known, Onnx__ValueInfoProto *const *values,
	size_t count, enum infer_source source)
{
	for (size_t i = 0; i < count; i++) {
		struct infer_value *value = infer_entry(known, values[i]->name);

		if (!value)
			return false;
		if (!values[i]->type) {
			value->is_open = source != INFER_BY_INFO;
			continue;
		}
		if (value->has_type && value->source < source && !hide(known, value))
			return false;
		if (!infer_read_type(known, values[i]->type, &value->now))
			return false;
		value->has_type = true;
		value->source = source;
	}
	return true;
}

/* After a sweep onnx has given an input or output without type an empty one, which hides
 * what a value_info says. */
static bool close(struct infer_values *known, Onnx__ValueInfoProto *const *values,
	size_t count, enum infer_source source)
{
	for (size_t i = 0; i < count; i++) {
		struct infer_value *value = infer_entry(known, values[i]->name);

		if (!value || (value->is_open && value->has_type && !hide(known, value)))
			return false;
		if (!value->is_open)
			continue;
		value->now.type = 0;
		value->now.kind = INFER_TENSOR;
		infer_put_dims(&value->now, NULL, INFER_UNKNOWN);
		value->has_type = true;
		value->is_open = false;
		value->source = source;
	}
	return true;
}

bool infer_close(struct infer_values *known)
{
	const Onnx__GraphProto *graph = known->graph;

	return close(known, graph->input, graph->n_input, INFER_BY_INPUT) &&
	       close(known, graph->output, graph->n_output, INFER_BY_OUTPUT);
}

static bool fill_sparse(struct infer_values *known)
{
	const Onnx__GraphProto *graph = known->graph;

	for (size_t i = 0; i < graph->n_sparse_initializer; i++) {
		const Onnx__SparseTensorProto *sparse = graph->sparse_initializer[i];
		struct infer_value *value;

		if (!sparse->values)
			continue;
		value = infer_entry(known, sparse->values->name);
		if (!value)
			return false;
		if (value->has_type)
			continue;
		infer_put_dims(&value->now, sparse->dims, (int64_t)sparse->n_dims);
		value->now.type = sparse->values->data_type;
		value->now.kind = INFER_SPARSE;
		value->has_type = true;
	}
	return true;
}

bool infer_fill(struct infer_values *known)
{
	const Onnx__GraphProto *graph = known->graph;

	return declare(known, graph->value_info, graph->n_value_info, INFER_BY_INFO) &&
	       declare(known, graph->input, graph->n_input, INFER_BY_INPUT) &&
	       declare(known, graph->output, graph->n_output, INFER_BY_OUTPUT) &&
	       fill_sparse(known);
}

static void declare_initializer(
	struct infer_value *value, const Onnx__TensorProto *tensor)
{
	struct known_shape shape = unknown;

	infer_put_dims(&shape, tensor->dims, (int64_t)tensor->n_dims);
	for (size_t i = 0; i < tensor->n_dims; i++)
		if (tensor->dims[i] < 0)
			shape = unknown;
	shape.type = tensor->data_type;
	value->now = shape;
	value->has_type = true;
}

/* A tensor whose elements the sweep does not see gets a stand-in that is external. */
static const Onnx__TensorProto *seen(
	struct infer_values *known, const Onnx__TensorProto *tensor)
{
	Onnx__TensorProto *copy;

	if (known->run->storage != INFER_RELOADED || tensor_is_external(tensor) ||
		!tensor_goes_aside(tensor))
		return tensor;
	copy = infer_alloc(known, 1, sizeof(*copy));
	if (!copy)
		return NULL;
	*copy = *tensor;
	copy->has_data_location = 1;
	copy->data_location = DATA_LOCATION_EXTERNAL;
	return copy;
}

bool infer_fill_initializers(struct infer_values *known, const struct model *model)
{
	const Onnx__GraphProto *graph = known->graph;
	bool old = model->proto->ir_version < 4;

	for (size_t i = 0; i < graph->n_initializer; i++) {
		const Onnx__TensorProto *tensor = graph->initializer[i];
		struct infer_value *value = infer_entry(known, tensor->name);

		if (!value)
			return false;
		if (!value->has_type && (known->outer || !old)) {
			declare_initializer(value, tensor);
			value->no_value = old;
		}
		value->tensor = old ? NULL : tensor;
		value->now.is_constant = true;
		value->now.data = seen(known, tensor);
		if (!value->now.data)
			return false;
	}
	return true;
}
