/* A fixed number of damaged models that are quantized already. */
#include "fuzz.h"
#include "qdq_models.h"

#include <criterion/criterion.h>
#include <stdlib.h>

/* Pairs, a conversion with a clone, a shared scale, a graph output behind a DQ. */
static Onnx__ModelProto *activations(void)
{
	Onnx__ModelProto *model = proto_model(21);
	Onnx__GraphProto *g = model->graph;

	proto_input(g, "x", ELEMENT_FLOAT, "1,4");
	qdq_pair(g, "x", 0.01f, ELEMENT_UINT8, 99);
	qdq_nodes(g, "x", "x", "x_dq");
	proto_node(g, "Sigmoid", "n1", "x_dq", "a");
	qdq_pair(g, "a", 0.004f, ELEMENT_UINT8, 0);
	qdq_pair(g, "c", 0.00002f, ELEMENT_UINT16, 0);
	qdq_nodes(g, "a", "a", "a_dq");
	qdq_dq(g, "a_q,a_scale,a_zero_point", "clone");
	qdq_nodes(g, "clone", "c", "c_dq");
	proto_node(g, "Cos", "n2", "c_dq", "z_in");
	qdq_q(g, "z_in,x_scale,x_zero_point", "z_q");
	qdq_dq(g, "z_q,x_scale,x_zero_point", "z");
	proto_node(g, "Relu", "n3", "a_dq", "y");
	proto_output(g, "z", ELEMENT_FLOAT, "1,4");
	proto_output(g, "y", ELEMENT_FLOAT, "1,4");
	proto_value_info(g, "a_q", ELEMENT_UINT8, "1,4");
	return model;
}

/* Weights by channel and by block, behind Q and DQ, in Constants; a bias. */
static Onnx__ModelProto *constants(void)
{
	static const float scales[4] = {0.5f, 0.25f, 0.125f, 1};
	static const unsigned char bytes[64] = {1, 2, 3, 0xff, 5, 6};
	Onnx__ModelProto *model = proto_model(21);
	Onnx__GraphProto *g = model->graph;
	Onnx__NodeProto *node;

	proto_input(g, "x", ELEMENT_FLOAT, "4,4");
	qdq_constant_pair(g, "x", 0.5f, ELEMENT_INT8, 3);
	qdq_nodes(g, "x", "x", "x_dq");
	proto_initializer(g, "w_quantized", ELEMENT_INT8, "4,4", bytes);
	proto_floats(g, "w_scale", "4", scales);
	proto_initializer(g, "w_zero_point", ELEMENT_INT8, "4", NULL);
	proto_int(qdq_dq(g, "w_quantized,w_scale,w_zero_point", "w"), "axis", 0);
	proto_initializer(g, "b_quantized", ELEMENT_INT32, "4", bytes);
	proto_floats(g, "b_scale", "4", scales);
	proto_int(qdq_dq(g, "b_quantized,b_scale", "b"), "axis", 0);
	node = proto_node(g, "Gemm", "n1", "x_dq,w,b", "a");
	proto_int(node, "transB", 1);
	proto_initializer(g, "k", ELEMENT_INT4, "4,4", bytes);
	proto_floats(g, "k_scale", "2,2", scales);
	node = qdq_dq(g, "k,k_scale", "k_dq");
	proto_int(node, "axis", 0);
	proto_int(node, "block_size", 2);
	proto_floats(g, "f", "4", scales);
	qdq_nodes(g, "f", "x", "f_dq");
	proto_node(g, "Sum", "n2", "a,k_dq,f_dq", "y");
	proto_output(g, "y", ELEMENT_FLOAT, "4,4");
	return model;
}

Test(fuzz_quantized, damaged)
{
	const char *more = getenv("QDQEDIT_TEST_FUZZ");
	struct fuzz_seed seeds[2];

	seeds[0].data = proto_bytes(activations(), &seeds[0].size);
	seeds[1].data = proto_bytes(constants(), &seeds[1].size);
	fuzz_damaged(fuzz_quantized, seeds, 2,
		more ? (unsigned)strtoul(more, NULL, 10) : 20000);
}
