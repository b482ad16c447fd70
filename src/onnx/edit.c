/* Copies that may be changed, and new messages, in a model's arena. */
#include "onnx/model.h"

#include "base/names.h"
#include "base/text.h"

#include <string.h>

static void *copy(struct model *model, const void *message, size_t size)
{
	void *result = arena_alloc(&model->arena, size);

	return result ? memcpy(result, message, size) : NULL;
}

/* Defines model_edit_NAME for a message type that has src_offset and src_length. */
#define DEFINE_EDIT(name, type)                                                          \
	type *model_edit_##name(struct model *model, const type *message)                \
	{                                                                                \
		type *result = copy(model, message, sizeof(*message));                   \
                                                                                         \
		if (result)                                                              \
			result->has_src_offset = result->has_src_length = 0;             \
		return result;                                                           \
	}

DEFINE_EDIT(node, Onnx__NodeProto)
DEFINE_EDIT(tensor, Onnx__TensorProto)
DEFINE_EDIT(attribute, Onnx__AttributeProto)
DEFINE_EDIT(graph, Onnx__GraphProto)
DEFINE_EDIT(value_info, Onnx__ValueInfoProto)
DEFINE_EDIT(function, Onnx__FunctionProto)
DEFINE_EDIT(sparse, Onnx__SparseTensorProto)
DEFINE_EDIT(training_info, Onnx__TrainingInfoProto)

ProtobufCBinaryData model_bytes(struct model *model, const char *bytes, size_t length)
{
	char *data = arena_strndup(&model->arena, bytes, length);

	return (ProtobufCBinaryData){data ? length : 0, (uint8_t *)data};
}

bool bytes_equal(ProtobufCBinaryData bytes, const char *text)
{
	size_t length = strlen(text);

	return bytes.len == length && (!length || memcmp(bytes.data, text, length) == 0);
}

const Onnx__AttributeProto *node_attribute(const Onnx__NodeProto *node, const char *name)
{
	for (size_t i = 0; i < node->n_attribute; i++)
		if (bytes_equal(node->attribute[i]->name, name))
			return node->attribute[i];
	return NULL;
}

static bool set_bytes(
	struct model *model, ProtobufCBinaryData *field, const char *text, size_t length)
{
	*field = model_bytes(model, text, length);
	return field->data;
}

Onnx__NodeProto *model_new_node(struct model *model, const char *op_type,
	const char *name, size_t inputs, size_t outputs)
{
	Onnx__NodeProto *node = arena_alloc(&model->arena, sizeof(*node));

	if (!node)
		return NULL;
	onnx__node_proto__init(node);
	node->n_input = inputs;
	node->n_output = outputs;
	node->input = arena_zalloc(&model->arena, inputs, sizeof(*node->input));
	node->output = arena_zalloc(&model->arena, outputs, sizeof(*node->output));
	node->has_op_type = 1;
	node->has_name = name && *name;
	if (!node->input || !node->output ||
		!set_bytes(model, &node->op_type, op_type, strlen(op_type)) ||
		(node->has_name && !set_bytes(model, &node->name, name, strlen(name))))
		return NULL;
	return node;
}

Onnx__TensorProto *model_new_tensor(struct model *model, const char *name,
	size_t name_length, int32_t data_type, const int64_t *dims, size_t rank)
{
	Onnx__TensorProto *tensor = arena_alloc(&model->arena, sizeof(*tensor));

	if (!tensor)
		return NULL;
	onnx__tensor_proto__init(tensor);
	tensor->has_data_type = 1;
	tensor->data_type = data_type;
	tensor->n_dims = rank;
	tensor->dims = arena_zalloc(&model->arena, rank, sizeof(*dims));
	tensor->has_name = name_length > 0;
	if (!tensor->dims ||
		(name_length && !set_bytes(model, &tensor->name, name, name_length)))
		return NULL;
	if (rank)
		memcpy(tensor->dims, dims, rank * sizeof(*dims));
	return tensor;
}

bool model_set_maker(struct model *model, Onnx__TensorProto *tensor,
	struct payload_maker maker, struct error *err)
{
	enum { FIELD_RAW_DATA = 9 };

	if (!ARRAY_PUSH(&model->made, maker))
		return error_set_memory(err, text_path(model->path));
	tensor->n_float_data = tensor->n_int32_data = tensor->n_int64_data = 0;
	tensor->n_double_data = tensor->n_uint64_data = tensor->n_string_data = 0;
	tensor->has_raw_data = 0;
	tensor->raw_data = (ProtobufCBinaryData){0};
	tensor->has_payload_kind = tensor->has_payload_field = 1;
	tensor->has_payload_offset = tensor->has_payload_length = 1;
	tensor->payload_kind = PAYLOAD_MADE;
	tensor->payload_field = FIELD_RAW_DATA;
	tensor->payload_offset = model->made.count - 1;
	tensor->payload_length = maker.length;
	return true;
}

/* Makes room for one more attribute in an array of the model's own. */
static bool append_attribute(
	struct model *model, Onnx__NodeProto *node, Onnx__AttributeProto *attribute)
{
	Onnx__AttributeProto **grown =
		arena_alloc(&model->arena, (node->n_attribute + 1) * sizeof(*grown));

	if (!grown)
		return false;
	if (node->n_attribute)
		memcpy(grown, node->attribute, node->n_attribute * sizeof(*grown));
	grown[node->n_attribute++] = attribute;
	node->attribute = grown;
	return true;
}

bool model_add_int_attribute(struct model *model, Onnx__NodeProto *node, const char *name,
	int64_t value, struct error *err)
{
	enum { ATTRIBUTE_INT = 2 };
	Onnx__AttributeProto *attribute = arena_alloc(&model->arena, sizeof(*attribute));

	if (!attribute)
		return error_set_memory(err, text_path(model->path));
	onnx__attribute_proto__init(attribute);
	attribute->has_name = attribute->has_i = attribute->has_type = 1;
	attribute->i = value;
	attribute->type = ATTRIBUTE_INT;
	if (!set_bytes(model, &attribute->name, name, strlen(name)) ||
		!append_attribute(model, node, attribute))
		return error_set_memory(err, text_path(model->path));
	return true;
}

static bool drop_constant_inputs(struct model *model, const struct names *constants)
{
	Onnx__GraphProto *graph = model->proto->graph;
	Onnx__ValueInfoProto **kept =
		arena_alloc(&model->arena, (graph->n_input + 1) * sizeof(*kept));
	size_t count = 0;

	for (size_t i = 0; kept && i < graph->n_input; i++) {
		ProtobufCBinaryData name = graph->input[i]->name;

		if (names_find(constants, (const char *)name.data, name.len) == NAME_NONE)
			kept[count++] = graph->input[i];
	}
	if (!kept)
		return false;
	graph->input = kept;
	graph->n_input = count;
	return true;
}

bool model_raise_ir(struct model *model, int64_t version, struct error *err)
{
	enum { DEFAULTS_SINCE = 4 };
	const Onnx__GraphProto *graph = model->proto->graph;
	struct names constants = {0};
	bool ok = true;

	for (size_t i = 0; ok && i < graph->n_initializer; i++) {
		ProtobufCBinaryData name = graph->initializer[i]->name;

		ok = names_add(&constants, (const char *)name.data, name.len) !=
		     NAME_NONE;
	}
	if (ok && model->proto->ir_version < DEFAULTS_SINCE)
		ok = drop_constant_inputs(model, &constants);
	names_clear(&constants);
	if (!ok)
		return error_set_memory(err, text_path(model->path));
	model->proto->ir_version = version;
	return true;
}
