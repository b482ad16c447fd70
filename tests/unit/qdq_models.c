#include "qdq_models.h"

#include "support.h"

#include <string.h>

static void value_bytes(int32_t type, int32_t value, unsigned char bytes[4])
{
	memcpy(bytes, &value, 4);
	if (element_type_bits(type) < 8)
		bytes[0] &= 15;
}

void qdq_pair(Onnx__GraphProto *graph, const char *name, float scale, int32_t type,
	int32_t zero)
{
	unsigned char bytes[4];

	value_bytes(type, zero, bytes);
	proto_floats(graph, test_text("%s_scale", name), "", &scale);
	proto_initializer(graph, test_text("%s_zero_point", name), type, "", bytes);
}

void qdq_constant_pair(Onnx__GraphProto *graph, const char *name, float scale,
	int32_t type, int32_t zero)
{
	unsigned char bytes[4];
	Onnx__NodeProto *node;

	value_bytes(type, zero, bytes);
	node = proto_node(graph, "Constant", "", "", test_text("%s_scale", name));
	proto_tensor(node, "value", proto_value("", ELEMENT_FLOAT, "", &scale));
	node = proto_node(graph, "Constant", "", "", test_text("%s_zero_point", name));
	proto_tensor(node, "value", proto_value("", type, "", bytes));
}

Onnx__NodeProto *qdq_q(Onnx__GraphProto *graph, const char *inputs, const char *out)
{
	return proto_node(graph, "QuantizeLinear", "", inputs, out);
}

Onnx__NodeProto *qdq_dq(Onnx__GraphProto *graph, const char *inputs, const char *out)
{
	return proto_node(graph, "DequantizeLinear", "", inputs, out);
}

void qdq_nodes(Onnx__GraphProto *graph, const char *in, const char *name, const char *out)
{
	qdq_q(graph, test_text("%s,%s_scale,%s_zero_point", in, name, name),
		test_text("%s_q", name));
	qdq_dq(graph, test_text("%s_q,%s_scale,%s_zero_point", name, name, name), out);
}

struct qdq *qdq_of(const Onnx__ModelProto *proto)
{
	struct error err = ERROR_INIT;
	struct graph *graph = graph_build(proto_open(proto), &err);
	struct qdq *qdq = graph ? qdq_find(graph, &err) : NULL;

	cr_assert(qdq, "%s", err.text);
	return qdq;
}

static const struct qdq_group *find(const struct qdq *qdq, const char *name)
{
	for (size_t i = 0; i < qdq->groups.count; i++)
		if (!strcmp(qdq->groups.items[i].name, name))
			return &qdq->groups.items[i];
	return NULL;
}

const struct qdq_group *qdq_group_of(const struct qdq *qdq, const char *name)
{
	const struct qdq_group *group = find(qdq, name);

	cr_assert(group, "no group %s", name);
	return group;
}

bool qdq_has_group(const struct qdq *qdq, const char *name)
{
	return find(qdq, name);
}

const char *qdq_reason(const struct qdq *qdq, const char *output)
{
	tensor_id tensor = graph_find_tensor(qdq->graph, output, strlen(output));

	for (size_t i = 0; tensor != GRAPH_NONE && i < qdq->strangers.count; i++)
		if (qdq->strangers.items[i].node == qdq->graph->tensors[tensor].producer)
			return qdq->strangers.items[i].reason;
	return "";
}
