/* Initializers of the model being made: those of the float model, and new ones in the
 * forms of qdq-semantics.md 1.8. */
#include "base/text.h"
#include "onnx/tensor.h"
#include "quant/kernels.h"
#include "quant/quantizer.h"

#include <string.h>

enum { IR_OF_4_BITS = 10 };

bool quantizer_no_memory(const struct quantizer *q)
{
	return error_set_memory(q->err, "quantized model");
}

text_id quantizer_text_of(const struct quantizer *q, tensor_id tensor)
{
	const char *name;
	text_id known;

	if (tensor < q->graph->tensor_count)
		return q->graph->tensors[tensor].name;
	name = marks_tensor_name(q->marks, tensor);
	known = names_find(&q->graph->names, name, strlen(name));
	return known != NAME_NONE ? known
				  : q->graph->names.count + names_find(&q->wiring.own,
								    name, strlen(name));
}

bool quantizer_refuse(const struct quantizer *q, tensor_id tensor, const char *cause,
	const char *remedy)
{
	return error_set(q->err, ERROR_REFUSED, "%s: %s; %s",
		text_quoted_z(marks_tensor_name(q->marks, tensor)), cause, remedy);
}

bool quantizer_note(struct quantizer *q, const char *id, uint32_t tensor, uint32_t node,
	const char *place, const char *cause)
{
	return problem_add(q->notes, SEVERITY_NOTE, id, tensor, node, place, cause, "") ||
	       quantizer_no_memory(q);
}

struct initializer *quantizer_initializer(const struct quantizer *q, text_id name)
{
	uint32_t index = q->wiring.texts[name].initializer;

	return index ? &q->initializers.items[index - 1] : NULL;
}

bool quantizer_add_initializer(struct quantizer *q, text_id name,
	const Onnx__TensorProto *proto, const double *values, bool always)
{
	struct initializer item = {name, proto, values, false};

	if (!proto || name == NO_TEXT)
		return quantizer_no_memory(q);
	if (q->wiring.texts[name].initializer && !always)
		return true;
	if (!ARRAY_PUSH(&q->initializers, item))
		return quantizer_no_memory(q);
	if (!q->wiring.texts[name].initializer)
		q->wiring.texts[name].initializer = (uint32_t)q->initializers.count;
	return true;
}

static bool add_copy(struct quantizer *q, uint32_t index)
{
	const struct bias_copy *copy = &q->marks->copies[index];
	Onnx__TensorProto *proto =
		model_edit_tensor(q->model, graph_constant(q->graph, copy->original));

	if (!proto)
		return quantizer_no_memory(q);
	proto->has_name = 1;
	proto->name = model_bytes(q->model, copy->name, strlen(copy->name));
	if (!proto->name.data)
		return quantizer_no_memory(q);
	return quantizer_add_initializer(q,
		wiring_intern(&q->wiring, copy->name, strlen(copy->name)), proto, NULL,
		false);
}

bool quantizer_list_initializers(struct quantizer *q)
{
	const Onnx__GraphProto *graph = q->graph->model->proto->graph;

	for (size_t i = 0; i < graph->n_initializer; i++) {
		const Onnx__TensorProto *proto = graph->initializer[i];
		text_id name = wiring_intern(
			&q->wiring, (const char *)proto->name.data, proto->name.len);

		if (!quantizer_add_initializer(q, name, proto, NULL, true))
			return false;
	}
	for (uint32_t i = 0; i < q->marks->copy_count; i++) {
		if (!add_copy(q, i))
			return false;
	}
	return true;
}

/* ---- new tensors */

Onnx__TensorProto *quantizer_new_tensor(struct quantizer *q, text_id name,
	int32_t element, const int64_t *dims, size_t rank)
{
	size_t length;
	const char *text;

	if (name == NO_TEXT)
		return NULL;
	text = wiring_text(&q->wiring, name, &length);
	return model_new_tensor(q->model, text, length, element, dims, rank);
}

static bool room_for_int32(struct quantizer *q, Onnx__TensorProto *tensor, uint64_t count)
{
	tensor->int32_data = arena_zalloc(&q->model->arena, count, sizeof(int32_t));
	tensor->n_int32_data = count;
	return tensor->int32_data;
}

Onnx__TensorProto *quantizer_scale_tensor(struct quantizer *q, text_id name,
	int32_t element, const int64_t *dims, size_t rank, const double *values,
	uint64_t count)
{
	Onnx__TensorProto *tensor = quantizer_new_tensor(q, name, element, dims, rank);

	if (!tensor)
		return NULL;
	if (element == ELEMENT_FLOAT16) {
		if (!room_for_int32(q, tensor, count))
			return NULL;
		for (uint64_t i = 0; i < count; i++)
			tensor->int32_data[i] = half_from_double(values[i]);
		return tensor;
	}
	tensor->float_data = arena_zalloc(&q->model->arena, count, sizeof(float));
	tensor->n_float_data = count;
	for (uint64_t i = 0; tensor->float_data && i < count; i++)
		tensor->float_data[i] = (float)values[i];
	return tensor->float_data ? tensor : NULL;
}

Onnx__TensorProto *quantizer_zero_tensor(struct quantizer *q, text_id name,
	enum qtype type, const int64_t *dims, size_t rank, const int32_t *values,
	uint64_t count)
{
	Onnx__TensorProto *tensor =
		quantizer_new_tensor(q, name, qtypes[type].element_type, dims, rank);
	bool packed = qtypes[type].bits == 4;

	if (packed && q->ir < IR_OF_4_BITS)
		q->ir = IR_OF_4_BITS;
	if (!tensor || !room_for_int32(q, tensor, packed ? count / 2 + count % 2 : count))
		return NULL;
	for (uint64_t i = 0; i < count; i++) {
		if (packed)
			tensor->int32_data[i / 2] |= (values[i] & 15) << (i % 2 * 4);
		else
			tensor->int32_data[i] = values[i];
	}
	return tensor;
}

Onnx__TensorProto *quantizer_int32_tensor(
	struct quantizer *q, text_id name, int32_t value)
{
	Onnx__TensorProto *tensor = quantizer_new_tensor(q, name, ELEMENT_INT32, NULL, 0);

	if (!tensor || !room_for_int32(q, tensor, 1))
		return NULL;
	tensor->int32_data[0] = value;
	return tensor;
}

bool quantizer_add_pair(struct quantizer *q, text_id base, bool converted,
	const struct scale *scale, struct pair *pair)
{
	double *value = arena_alloc(&q->model->arena, sizeof(*value));

	pair->zero_point = wiring_fresh(&q->wiring, base,
		converted ? "_zero_point_convert" : "_zero_point", TEXT_VALUE);
	pair->scale = wiring_fresh(
		&q->wiring, base, converted ? "_scale_convert" : "_scale", TEXT_VALUE);
	if (!value)
		return quantizer_no_memory(q);
	*value = scale->value;
	return quantizer_add_initializer(q, pair->zero_point,
		       quantizer_zero_tensor(q, pair->zero_point, scale->type, NULL, 0,
			       &scale->zero_point, 1),
		       NULL, false) &&
	       quantizer_add_initializer(q, pair->scale,
		       quantizer_scale_tensor(
			       q, pair->scale, scale->element, NULL, 0, value, 1),
		       value, false);
}
