#include "build.h"

#include "support.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* An array of pointers with one more at its end. */
static void *grown(void *items, size_t *count, void *item)
{
	void **made = realloc(items, (*count + 1) * sizeof(*made));

	cr_assert(made && item, "out of memory");
	made[(*count)++] = item;
	return made;
}

#define GROW(owner, field, item)                                                         \
	((owner)->field = grown((owner)->field, &(owner)->n_##field, item))

#define NEW(type, init)                                                                  \
	__extension__({                                                                  \
		type *new_one = malloc(sizeof(*new_one));                                \
		cr_assert(new_one, "out of memory");                                     \
		init(new_one);                                                           \
		new_one;                                                                 \
	})

ProtobufCBinaryData proto_text(const char *text)
{
	ProtobufCBinaryData bytes = {strlen(text), (uint8_t *)strdup(text)};

	cr_assert(bytes.data, "out of memory");
	return bytes;
}

Onnx__ModelProto *proto_model(int64_t opset)
{
	Onnx__ModelProto *model = NEW(Onnx__ModelProto, onnx__model_proto__init);

	model->has_ir_version = true;
	model->ir_version = 8;
	model->graph = proto_body();
	proto_import(model, "", opset);
	return model;
}

void proto_import(Onnx__ModelProto *model, const char *domain, int64_t version)
{
	Onnx__OperatorSetIdProto *import =
		NEW(Onnx__OperatorSetIdProto, onnx__operator_set_id_proto__init);

	import->has_domain = true;
	import->domain = proto_text(domain);
	import->has_version = true;
	import->version = version;
	GROW(model, opset_import, import);
}

Onnx__GraphProto *proto_body(void)
{
	Onnx__GraphProto *graph = NEW(Onnx__GraphProto, onnx__graph_proto__init);

	graph->has_name = true;
	graph->name = proto_text("g");
	return graph;
}

/* Splits at commas; NULL and "" have no pieces. */
static ProtobufCBinaryData *pieces(const char *text, size_t *count)
{
	ProtobufCBinaryData *made = NULL;

	*count = 0;
	while (text && *text) {
		size_t length = strcspn(text, ",");

		made = realloc(made, (*count + 1) * sizeof(*made));
		cr_assert(made, "out of memory");
		made[(*count)++] = proto_text(strndup(text, length));
		text += length + (text[length] == ',');
	}
	return made;
}

Onnx__NodeProto *proto_node(Onnx__GraphProto *graph, const char *op_type,
	const char *name, const char *inputs, const char *outputs)
{
	Onnx__NodeProto *node = NEW(Onnx__NodeProto, onnx__node_proto__init);

	node->has_op_type = true;
	node->op_type = proto_text(op_type);
	node->has_name = *name != '\0';
	node->name = proto_text(name);
	node->input = pieces(inputs, &node->n_input);
	node->output = pieces(outputs, &node->n_output);
	GROW(graph, node, node);
	return node;
}

/* Types as of AttributeProto.AttributeType. */
static Onnx__AttributeProto *attribute(
	Onnx__NodeProto *node, const char *name, int32_t type)
{
	Onnx__AttributeProto *made =
		NEW(Onnx__AttributeProto, onnx__attribute_proto__init);

	made->has_name = true;
	made->name = proto_text(name);
	made->has_type = true;
	made->type = type;
	GROW(node, attribute, made);
	return made;
}

void proto_int(Onnx__NodeProto *node, const char *name, int64_t value)
{
	Onnx__AttributeProto *made = attribute(node, name, 2);

	made->has_i = true;
	made->i = value;
}

void proto_ints(
	Onnx__NodeProto *node, const char *name, size_t count, const int64_t *values)
{
	Onnx__AttributeProto *made = attribute(node, name, 7);

	made->n_ints = count;
	made->ints = malloc(count * sizeof(*values) + 1);
	cr_assert(made->ints, "out of memory");
	memcpy(made->ints, values, count * sizeof(*values));
}

void proto_float(Onnx__NodeProto *node, const char *name, float value)
{
	Onnx__AttributeProto *made = attribute(node, name, 1);

	made->has_f = true;
	made->f = value;
}

void proto_string(Onnx__NodeProto *node, const char *name, const char *value)
{
	Onnx__AttributeProto *made = attribute(node, name, 3);

	made->has_s = true;
	made->s = proto_text(value);
}

void proto_tensor(Onnx__NodeProto *node, const char *name, Onnx__TensorProto *value)
{
	attribute(node, name, 4)->t = value;
}

void proto_graph(Onnx__NodeProto *node, const char *name, Onnx__GraphProto *value)
{
	attribute(node, name, 5)->g = value;
}

static Onnx__TensorShapeProto *proto_shape(const char *text)
{
	Onnx__TensorShapeProto *shape =
		NEW(Onnx__TensorShapeProto, onnx__tensor_shape_proto__init);
	size_t count;
	ProtobufCBinaryData *dims = pieces(text, &count);

	for (size_t i = 0; i < count; i++) {
		Onnx__TensorShapeProto__Dimension *dim =
			NEW(Onnx__TensorShapeProto__Dimension,
				onnx__tensor_shape_proto__dimension__init);
		const char *extent = (const char *)dims[i].data;

		if (strchr("0123456789", *extent)) {
			dim->has_dim_value = true;
			dim->dim_value = atoll(extent);
		} else if (strcmp(extent, "?")) {
			dim->has_dim_param = true;
			dim->dim_param = dims[i];
		}
		GROW(shape, dim, dim);
	}
	return shape;
}

static Onnx__ValueInfoProto *declaration(
	const char *name, int32_t type, const char *shape)
{
	Onnx__ValueInfoProto *info =
		NEW(Onnx__ValueInfoProto, onnx__value_info_proto__init);
	Onnx__TypeProto__Tensor *tensor;

	info->has_name = true;
	info->name = proto_text(name);
	if (type == ELEMENT_NONE)
		return info;
	tensor = NEW(Onnx__TypeProto__Tensor, onnx__type_proto__tensor__init);
	tensor->has_elem_type = true;
	tensor->elem_type = type;
	tensor->shape = shape ? proto_shape(shape) : NULL;
	info->type = NEW(Onnx__TypeProto, onnx__type_proto__init);
	info->type->tensor_type = tensor;
	return info;
}

void proto_input(
	Onnx__GraphProto *graph, const char *name, int32_t type, const char *shape)
{
	GROW(graph, input, declaration(name, type, shape));
}

void proto_output(
	Onnx__GraphProto *graph, const char *name, int32_t type, const char *shape)
{
	GROW(graph, output, declaration(name, type, shape));
}

void proto_value_info(
	Onnx__GraphProto *graph, const char *name, int32_t type, const char *shape)
{
	GROW(graph, value_info, declaration(name, type, shape));
}

Onnx__TensorProto *proto_value(
	const char *name, int32_t type, const char *shape, const void *bytes)
{
	Onnx__TensorProto *tensor = NEW(Onnx__TensorProto, onnx__tensor_proto__init);
	ProtobufCBinaryData *dims = pieces(shape, &tensor->n_dims);
	size_t size, elements = 1;

	tensor->dims = malloc(tensor->n_dims * sizeof(*tensor->dims) + 1);
	cr_assert(tensor->dims, "out of memory");
	for (size_t i = 0; i < tensor->n_dims; i++) {
		tensor->dims[i] = atoll((const char *)dims[i].data);
		elements *= (size_t)tensor->dims[i];
	}
	size = (elements * element_type_bits(type) + 7) / 8;
	tensor->has_name = true;
	tensor->name = proto_text(name);
	tensor->has_data_type = true;
	tensor->data_type = type;
	tensor->has_raw_data = true;
	tensor->raw_data.len = size;
	tensor->raw_data.data = calloc(size + 1, 1);
	cr_assert(tensor->raw_data.data, "out of memory");
	if (bytes)
		memcpy(tensor->raw_data.data, bytes, size);
	return tensor;
}

Onnx__TensorProto *proto_initializer(Onnx__GraphProto *graph, const char *name,
	int32_t type, const char *shape, const void *bytes)
{
	Onnx__TensorProto *tensor = proto_value(name, type, shape, bytes);

	GROW(graph, initializer, tensor);
	return tensor;
}

Onnx__TensorProto *proto_floats(
	Onnx__GraphProto *graph, const char *name, const char *shape, const float *values)
{
	return proto_initializer(graph, name, ELEMENT_FLOAT, shape, values);
}

void *proto_bytes(const Onnx__ModelProto *model, size_t *size)
{
	void *bytes;

	*size = onnx__model_proto__get_packed_size(model);
	bytes = malloc(*size + 1);
	cr_assert(bytes, "out of memory");
	onnx__model_proto__pack(model, bytes);
	return bytes;
}

void proto_file(const Onnx__ModelProto *model, const char *path)
{
	size_t size;
	void *bytes = proto_bytes(model, &size);

	test_write_file(path, bytes, size);
}

struct model *proto_open(const Onnx__ModelProto *model)
{
	struct error err = ERROR_INIT;
	size_t size;
	void *bytes = proto_bytes(model, &size);
	struct model *opened = model_open_memory(bytes, size, "test", &err);

	cr_assert(opened, "%s", err.text);
	return opened;
}
