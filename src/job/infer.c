#include "job/infer.h"

#include "base/names.h"
#include "base/text.h"
#include "onnx/write.h"

#include <stdlib.h>
#include <string.h>

struct inferring {
	const struct model *base;
	struct model *asked; /* all tensors are outputs */
	struct model *result;
	struct names names; /* of outputs */
	struct error *err;
};

static bool no_memory(const struct inferring *in)
{
	return error_set_memory(in->err, text_path(in->base->path));
}

static Onnx__ValueInfoProto *new_value(struct model *model, ProtobufCBinaryData name)
{
	Onnx__ValueInfoProto *value = arena_alloc(&model->arena, sizeof(*value));

	if (!value)
		return NULL;
	onnx__value_info_proto__init(value);
	value->has_name = 1;
	value->name = name;
	return value;
}

/* ---- the question: a model whose every tensor is an output, of no declared type */

static size_t count_outputs(const Onnx__GraphProto *graph)
{
	size_t count = graph->n_output;

	for (size_t i = 0; i < graph->n_node; i++)
		count += graph->node[i]->n_output;
	return count;
}

/* True if the name is new among the outputs; it is one from then on. */
static bool take_name(struct inferring *in, ProtobufCBinaryData name, bool *is_new)
{
	uint32_t before = in->names.count;

	*is_new = false;
	if (!name.len)
		return true;
	if (names_add(&in->names, (const char *)name.data, name.len) == NAME_NONE)
		return no_memory(in);
	*is_new = in->names.count > before;
	return true;
}

static bool ask_for_node(struct inferring *in, const Onnx__NodeProto *node)
{
	Onnx__GraphProto *graph = in->asked->proto->graph;

	for (size_t i = 0; i < node->n_output; i++) {
		Onnx__ValueInfoProto *value;
		bool is_new;

		if (!take_name(in, node->output[i], &is_new))
			return false;
		if (!is_new)
			continue;
		value = new_value(in->asked, node->output[i]);
		if (!value)
			return no_memory(in);
		graph->output[graph->n_output++] = value;
	}
	return true;
}

static bool ask(struct inferring *in)
{
	const Onnx__GraphProto *old = in->base->proto->graph;
	Onnx__GraphProto *graph;
	bool is_new;

	in->asked = model_derive(in->base, in->err);
	if (!in->asked)
		return false;
	graph = in->asked->proto->graph;
	graph->output = arena_alloc(
		&in->asked->arena, (count_outputs(old) + 1) * sizeof(*graph->output));
	if (!graph->output)
		return no_memory(in);
	for (size_t i = 0; i < old->n_output; i++) {
		graph->output[i] = old->output[i];
		if (!take_name(in, old->output[i]->name, &is_new))
			return false;
	}
	for (size_t i = 0; i < old->n_node; i++) {
		if (!ask_for_node(in, old->node[i]))
			return false;
	}
	return true;
}

/* ---- the answer */

static Onnx__TensorShapeProto__Dimension *new_dim(
	struct model *model, int64_t extent, const char *symbol)
{
	Onnx__TensorShapeProto__Dimension *dim = arena_alloc(&model->arena, sizeof(*dim));

	if (!dim)
		return NULL;
	onnx__tensor_shape_proto__dimension__init(dim);
	dim->has_dim_value = extent >= 0;
	dim->dim_value = extent >= 0 ? extent : 0;
	dim->has_dim_param = extent < 0 && *symbol;
	if (dim->has_dim_param)
		dim->dim_param = model_bytes(model, symbol, strlen(symbol));
	return !dim->has_dim_param || dim->dim_param.data ? dim : NULL;
}

static bool set_shape(
	struct model *model, Onnx__TensorShapeProto *shape, const struct ort_port *port)
{
	onnx__tensor_shape_proto__init(shape);
	shape->n_dim = port->rank;
	shape->dim = arena_zalloc(&model->arena, port->rank + 1, sizeof(*shape->dim));
	for (size_t i = 0; shape->dim && i < port->rank; i++) {
		shape->dim[i] = new_dim(model, port->dims[i], port->symbols[i]);
		if (!shape->dim[i])
			return false;
	}
	return shape->dim;
}

static bool set_type(
	struct model *model, Onnx__ValueInfoProto *value, const struct ort_port *port)
{
	struct typed {
		Onnx__TypeProto type;
		Onnx__TypeProto__Tensor tensor;
		Onnx__TensorShapeProto shape;
	} *made = arena_alloc(&model->arena, sizeof(*made));

	if (!made || !set_shape(model, &made->shape, port))
		return false;
	onnx__type_proto__init(&made->type);
	onnx__type_proto__tensor__init(&made->tensor);
	made->type.tensor_type = &made->tensor;
	made->tensor.has_elem_type = 1;
	made->tensor.elem_type = port->type;
	made->tensor.shape = &made->shape;
	value->type = &made->type;
	return true;
}

/* The outputs that were added come behind those of the model. What is no tensor is
 * left out, and so is what ONNX Runtime shows with rank 0, since that is also how it
 * shows an unknown rank. */
static bool take_answer(struct inferring *in, const struct ort_port *ports, size_t count)
{
	size_t own = in->base->proto->graph->n_output;
	Onnx__GraphProto *graph;

	in->result = model_derive(in->base, in->err);
	if (!in->result)
		return false;
	graph = in->result->proto->graph;
	graph->n_value_info = 0;
	graph->value_info =
		arena_alloc(&in->result->arena, (count + 1) * sizeof(*graph->value_info));
	if (!graph->value_info)
		return no_memory(in);
	for (size_t i = own; i < count; i++) {
		Onnx__ValueInfoProto *value;

		if (!ports[i].type || !ports[i].rank)
			continue;
		value = new_value(in->result, in->asked->proto->graph->output[i]->name);
		if (!value || !set_type(in->result, value, &ports[i]))
			return no_memory(in);
		value->name = model_bytes(
			in->result, (const char *)value->name.data, value->name.len);
		graph->value_info[graph->n_value_info++] = value;
	}
	return true;
}

static bool answer_with(struct inferring *in, struct ort_runtime *runtime,
	const struct progress *progress)
{
	struct ort_source source = {
		.name = in->base->path, .folder = model_folder(in->base)};
	struct ort_session_options options = {.level = 0};
	struct model_image image = {0};
	struct ort_session *session = NULL;
	size_t count = 0;
	bool ok = model_encode(in->asked, &image, progress, in->err);

	if (ok) {
		source.bytes = image.bytes;
		source.size = image.size;
		session = ort_session_open(runtime, &source, &options, NULL, in->err);
	}
	if (session) {
		const struct ort_port *ports = ort_session_outputs(session, &count);

		ok = count == in->asked->proto->graph->n_output
			     ? take_answer(in, ports, count)
			     : error_set(in->err, ERROR_REFUSED,
				       "%s: ONNX Runtime shows %zu outputs of %zu; leave "
				       "out --optimize",
				       text_path(in->base->path), count,
				       in->asked->proto->graph->n_output);
	}
	ort_session_free(session);
	model_image_release(&image);
	return ok && session;
}

struct model *infer_shapes(const struct model *base, struct ort_runtime *runtime,
	const struct progress *progress, struct error *err)
{
	struct inferring in = {.base = base, .err = err};
	bool ok = ask(&in) && answer_with(&in, runtime, progress);

	names_clear(&in.names);
	model_free(in.asked);
	if (ok)
		return in.result;
	model_free(in.result);
	return NULL;
}
