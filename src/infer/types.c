/* Types as messages: what was inferred, put into what is declared. */
#include "infer/declare.h"

#include <string.h>

void *infer_copy(struct infer_writer *w, const void *message, size_t size)
{
	void *copy = arena_alloc(&w->model->arena, size);

	return copy && message ? memcpy(copy, message, size) : copy;
}

static Onnx__TensorShapeProto__Dimension *new_dim(struct infer_writer *w, int64_t extent)
{
	Onnx__TensorShapeProto__Dimension *dim = infer_copy(w, NULL, sizeof(*dim));
	const char *name;

	if (!dim)
		return NULL;
	onnx__tensor_shape_proto__dimension__init(dim);
	if (extent == INFER_UNKNOWN)
		return dim;
	if (extent >= 0 || infer_symbol_value(w->run, extent, &dim->dim_value, &name)) {
		dim->has_dim_value = 1;
		dim->dim_value = extent >= 0 ? extent : dim->dim_value;
		return dim;
	}
	dim->has_dim_param = 1;
	dim->dim_param = model_bytes(w->model, name, strlen(name));
	return dim->dim_param.data ? dim : NULL;
}

static bool same_dim(const struct infer_writer *w,
	const Onnx__TensorShapeProto__Dimension *dim, int64_t extent)
{
	const char *name;
	int64_t value;

	if (extent == INFER_UNKNOWN)
		return !dim->has_dim_value && !dim->has_dim_param;
	if (extent >= 0)
		return dim->has_dim_value && dim->dim_value == extent;
	if (infer_symbol_value(w->run, extent, &value, &name))
		return dim->has_dim_value;
	return dim->has_dim_param && bytes_equal(dim->dim_param, name);
}

static bool same_shape(const struct infer_writer *w, const Onnx__TensorShapeProto *shape,
	const struct known_shape *found)
{
	if (found->rank < 0)
		return true;
	if (!shape || (int64_t)shape->n_dim != found->rank)
		return false;
	for (size_t i = 0; i < shape->n_dim; i++)
		if (!same_dim(w, shape->dim[i],
			    found->dims ? found->dims[i] : INFER_UNKNOWN))
			return false;
	return true;
}

static Onnx__TensorShapeProto *new_shape(struct infer_writer *w,
	const Onnx__TensorShapeProto *old, const struct known_shape *found)
{
	Onnx__TensorShapeProto *shape = infer_copy(w, old, sizeof(*shape));
	size_t rank = (size_t)found->rank;

	if (!shape)
		return NULL;
	if (!old)
		onnx__tensor_shape_proto__init(shape);
	shape->dim = arena_zalloc(&w->model->arena, rank + 1, sizeof(*shape->dim));
	shape->n_dim = rank;
	for (size_t i = 0; shape->dim && i < rank; i++) {
		int64_t extent = found->dims ? found->dims[i] : INFER_UNKNOWN;

		if (old && i < old->n_dim && same_dim(w, old->dim[i], extent))
			shape->dim[i] = old->dim[i];
		else
			shape->dim[i] = new_dim(w, extent);
		if (!shape->dim[i])
			return NULL;
	}
	return shape->dim ? shape : NULL;
}

static Onnx__TypeProto *new_type(struct infer_writer *w, const Onnx__TypeProto *old)
{
	Onnx__TypeProto *type = infer_copy(w, old, sizeof(*type));

	if (type && !old)
		onnx__type_proto__init(type);
	return type;
}

/* The tensor in a type, as found. *out is `old` if that says it already. */
static bool put_tensor(struct infer_writer *w, Onnx__TypeProto *old,
	const struct known_shape *found, Onnx__TypeProto **out)
{
	Onnx__TypeProto__Tensor *before = old ? old->tensor_type : NULL, *tensor;

	*out = old;
	if (before && (!found->type || before->elem_type == found->type) &&
		same_shape(w, before->shape, found))
		return true;
	*out = new_type(w, old);
	tensor = infer_copy(w, before, sizeof(*tensor));
	if (!*out || !tensor)
		return false;
	if (!before)
		onnx__type_proto__tensor__init(tensor);
	(*out)->tensor_type = tensor;
	if (found->type) {
		tensor->has_elem_type = 1;
		tensor->elem_type = found->type;
	}
	if (same_shape(w, tensor->shape, found))
		return true;
	tensor->shape = new_shape(w, tensor->shape, found);
	return tensor->shape;
}

static bool put_sequence(struct infer_writer *w, Onnx__TypeProto *old,
	const struct known_shape *found, Onnx__TypeProto **out)
{
	Onnx__TypeProto__Sequence *before = old ? old->sequence_type : NULL, *sequence;
	Onnx__TypeProto *inner = before ? before->elem_type : NULL;

	if (!put_tensor(w, inner, found, &inner))
		return false;
	*out = old;
	if (before && inner == before->elem_type)
		return true;
	*out = new_type(w, old);
	sequence = infer_copy(w, before, sizeof(*sequence));
	if (!*out || !sequence)
		return false;
	if (!before)
		onnx__type_proto__sequence__init(sequence);
	sequence->elem_type = inner;
	(*out)->sequence_type = sequence;
	return true;
}

static bool put_optional(struct infer_writer *w, Onnx__TypeProto *old,
	const struct known_shape *found, Onnx__TypeProto **out)
{
	Onnx__TypeProto__Optional *before = old ? old->optional_type : NULL, *optional;
	Onnx__TypeProto *inner = before ? before->elem_type : NULL;

	if (found->kind == INFER_OPTIONAL ? !put_tensor(w, inner, found, &inner)
					  : !put_sequence(w, inner, found, &inner))
		return false;
	*out = old;
	if (before && inner == before->elem_type)
		return true;
	*out = new_type(w, old);
	optional = infer_copy(w, before, sizeof(*optional));
	if (!*out || !optional)
		return false;
	if (!before)
		onnx__type_proto__optional__init(optional);
	optional->elem_type = inner;
	(*out)->optional_type = optional;
	return true;
}

bool infer_put_type(struct infer_writer *w, Onnx__TypeProto *old,
	const struct known_shape *found, Onnx__TypeProto **out)
{
	*out = old;
	switch (found->kind) {
	case INFER_TENSOR:
		if (!infer_is_nothing(found))
			return put_tensor(w, old, found, out);
		*out = old ? old : new_type(w, NULL);
		return *out;
	case INFER_SEQUENCE:
		return put_sequence(w, old, found, out);
	case INFER_OPTIONAL:
	case INFER_OPTIONAL_SEQUENCE:
		return put_optional(w, old, found, out);
	case INFER_SPARSE:
	case INFER_OTHER:
		break;
	}
	return true;
}
