/* Groups of Q and DQ: found by structure whoever wrote them, and left alone when they
 * are something else. */
#include "qdq_models.h"

#include "support.h"

#include <math.h>
#include <string.h>

/* x -> Sigmoid -> a -> Relu -> y, with what is put between by each test. */
static Onnx__ModelProto *start(int64_t opset)
{
	Onnx__ModelProto *model = proto_model(opset);

	proto_input(model->graph, "x", ELEMENT_FLOAT, "1,4");
	proto_node(model->graph, "Sigmoid", "n1", "x", "a");
	return model;
}

static struct qdq *finish(Onnx__ModelProto *model, const char *in)
{
	proto_node(model->graph, "Relu", "n2", in, "y");
	proto_output(model->graph, "y", ELEMENT_FLOAT, "1,4");
	return qdq_of(model);
}

Test(qdq, finds_a_pair)
{
	Onnx__ModelProto *model = start(21);
	const struct qdq_group *group;
	struct qdq *qdq;

	qdq_pair(model->graph, "a", 0.5f, ELEMENT_UINT8, 7);
	qdq_nodes(model->graph, "a", "a", "a_dq");
	qdq = finish(model, "a_dq");
	group = qdq_group_of(qdq, "a");
	cr_assert_eq(qdq->groups.count, 1);
	cr_assert_eq(group->kind, QDQ_ACTIVATION);
	cr_assert_eq(group->own.type, QTYPE_U8);
	cr_assert_eq(group->own.value, 0.5);
	cr_assert_eq(group->own.zero, 7);
	cr_assert_eq(group->own.axis, -1);
	cr_assert_eq(group->converted.element, 0);
	cr_assert_eq(group->node_count, 2);
	cr_assert_eq(qdq->strangers.count, 0);
}

/* The scales of PyTorch's exporter are Constant nodes, one for Q and one for DQ. */
Test(qdq, finds_a_pair_with_constants_of_equal_value)
{
	Onnx__ModelProto *model = start(21);
	struct qdq *qdq;

	qdq_constant_pair(model->graph, "s1", 0.5f, ELEMENT_INT8, 3);
	qdq_constant_pair(model->graph, "s2", 0.5f, ELEMENT_INT8, 3);
	qdq_q(model->graph, "a,s1_scale,s1_zero_point", "q");
	qdq_dq(model->graph, "q,s2_scale,s2_zero_point", "d");
	qdq = finish(model, "d");
	cr_assert_eq(qdq_group_of(qdq, "a")->own.type, QTYPE_S8);
}

Test(qdq, refuses_a_pair_whose_ends_differ)
{
	Onnx__ModelProto *model = start(21);
	struct qdq *qdq;

	qdq_pair(model->graph, "s1", 0.5f, ELEMENT_INT8, 3);
	qdq_pair(model->graph, "s2", 0.25f, ELEMENT_INT8, 3);
	qdq_q(model->graph, "a,s1_scale,s1_zero_point", "q");
	qdq_dq(model->graph, "q,s2_scale,s2_zero_point", "d");
	qdq = finish(model, "d");
	cr_assert_eq(qdq->groups.count, 0);
	cr_assert_eq(qdq->strangers.count, 2);
	cr_assert_str_eq(qdq_reason(qdq, "q"), "the parameters of its readers differ");
	cr_assert_str_neq(qdq_reason(qdq, "d"), "");
}

/* Without a zero point the integers are uint8, or what output_dtype says. */
Test(qdq, types_without_a_zero_point)
{
	Onnx__ModelProto *model = start(21);
	struct qdq *qdq;

	qdq_pair(model->graph, "a", 0.5f, ELEMENT_UINT8, 0);
	qdq_q(model->graph, "a,a_scale", "q");
	qdq_dq(model->graph, "q,a_scale,a_zero_point", "d");
	proto_node(model->graph, "Cos", "n3", "d", "b");
	proto_int(qdq_q(model->graph, "b,a_scale", "q2"), "output_dtype", ELEMENT_INT16);
	qdq_dq(model->graph, "q2,a_scale", "d2");
	qdq = finish(model, "d2");
	cr_assert_eq(qdq_group_of(qdq, "a")->own.type, QTYPE_U8);
	cr_assert_eq(qdq_group_of(qdq, "b")->own.type, QTYPE_S16);
}

/* ONNX Runtime's conversion: Q, a DQ for some, a clone DQ, Q again, DQ for others. */
Test(qdq, finds_a_conversion_with_its_clone)
{
	Onnx__ModelProto *model = start(21);
	const struct qdq_group *group;
	struct qdq *qdq;

	qdq_pair(model->graph, "a", 0.5f, ELEMENT_UINT8, 7);
	qdq_pair(model->graph, "c", 0.002f, ELEMENT_UINT16, 1799);
	qdq_nodes(model->graph, "a", "a", "a_dq");
	qdq_dq(model->graph, "a_q,a_scale,a_zero_point", "clone");
	qdq_nodes(model->graph, "clone", "c", "c_dq");
	proto_node(model->graph, "Cos", "n3", "c_dq", "z");
	proto_output(model->graph, "z", ELEMENT_FLOAT, "1,4");
	qdq = finish(model, "a_dq");
	group = qdq_group_of(qdq, "a");
	cr_assert_eq(qdq->groups.count, 1);
	cr_assert_eq(qdq->conversions, 1);
	cr_assert_eq(group->node_count, 5);
	cr_assert_eq(group->converted.type, QTYPE_U16);
	cr_assert_eq(group->converted.zero, 1799);
	cr_assert_eq(qdq->strangers.count, 0);
}

Test(qdq, refuses_a_third_type_in_a_chain)
{
	Onnx__ModelProto *model = start(21);
	struct qdq *qdq;

	qdq_pair(model->graph, "a", 0.5f, ELEMENT_UINT8, 7);
	qdq_pair(model->graph, "c", 0.002f, ELEMENT_UINT16, 1799);
	qdq_pair(model->graph, "d", 0.5f, ELEMENT_INT8, 0);
	qdq_nodes(model->graph, "a", "a", "a_dq");
	qdq_nodes(model->graph, "a_dq", "c", "c_dq");
	qdq_nodes(model->graph, "c_dq", "d", "d_dq");
	qdq = finish(model, "d_dq");
	cr_assert_eq(qdq->groups.count, 1);
	cr_assert_eq(qdq->strangers.count, 2);
	cr_assert_str_eq(
		qdq_reason(qdq, "d_q"), "it converts a tensor that is converted already");
}

/* What is behind a DQ that is no group's begins anew. */
Test(qdq, two_quantizers_with_other_parameters)
{
	Onnx__ModelProto *model = start(21);
	struct qdq *qdq;

	qdq_pair(model->graph, "a", 0.5f, ELEMENT_UINT8, 7);
	qdq_pair(model->graph, "c", 0.25f, ELEMENT_UINT8, 7);
	qdq_nodes(model->graph, "a", "a", "a_dq");
	qdq_nodes(model->graph, "a", "c", "c_dq");
	proto_node(model->graph, "Cos", "n3", "c_dq", "z");
	proto_output(model->graph, "z", ELEMENT_FLOAT, "1,4");
	qdq = finish(model, "a_dq");
	cr_assert_eq(qdq->groups.count, 1);
	cr_assert_eq(qdq_group_of(qdq, "a")->own.value, 0.5);
	cr_assert_str_eq(qdq_reason(qdq, "c_q"),
		"another QuantizeLinear reads the tensor with other parameters");
	cr_assert_str_eq(qdq_reason(qdq, "c_dq"), "its QuantizeLinear is not edited");
}

/* One pair for each reader (ONNX Runtime's DedicatedQDQPair). */
Test(qdq, dedicated_pairs_are_one_group)
{
	Onnx__ModelProto *model = start(21);
	struct qdq *qdq;

	qdq_pair(model->graph, "a", 0.5f, ELEMENT_UINT8, 7);
	for (int i = 1; i <= 2; i++) {
		qdq_q(model->graph, "a,a_scale,a_zero_point", test_text("q%d", i));
		qdq_dq(model->graph, test_text("q%d,a_scale,a_zero_point", i),
			test_text("d%d", i));
	}
	proto_node(model->graph, "Cos", "n3", "d1", "z");
	proto_output(model->graph, "z", ELEMENT_FLOAT, "1,4");
	qdq = finish(model, "d2");
	cr_assert_eq(qdq->groups.count, 1);
	cr_assert_eq(qdq->groups.items[0].node_count, 4);
}

/* The graph output keeps its name behind the DQ. */
Test(qdq, graph_output_behind_a_pair)
{
	Onnx__ModelProto *model = start(21);
	struct qdq *qdq;

	proto_node(model->graph, "Relu", "n2", "a", "y_QuantizeLinear_Input");
	qdq_pair(model->graph, "y", 0.5f, ELEMENT_UINT8, 7);
	qdq_nodes(model->graph, "y_QuantizeLinear_Input", "y", "y");
	proto_output(model->graph, "y", ELEMENT_FLOAT, "1,4");
	qdq = qdq_of(model);
	cr_assert(qdq_group_of(qdq, "y")->output);
	cr_assert_not(qdq_group_of(qdq, "y")->output_converted);
	cr_assert_not(qdq_has_group(qdq, "y_QuantizeLinear_Input"));
}

Test(qdq, two_outputs_of_one_pair_stay)
{
	Onnx__ModelProto *model = start(21);
	struct qdq *qdq;

	qdq_pair(model->graph, "a", 0.5f, ELEMENT_UINT8, 7);
	qdq_nodes(model->graph, "a", "a", "y");
	proto_output(model->graph, "a", ELEMENT_FLOAT, "1,4");
	proto_output(model->graph, "y", ELEMENT_FLOAT, "1,4");
	qdq = qdq_of(model);
	cr_assert_eq(qdq->groups.count, 0);
	cr_assert_eq(qdq->strangers.count, 2);
	cr_assert_str_eq(
		qdq_reason(qdq, "y"), "several of its tensors have names that must stay");
}

/* ---- constants */

static void add_integers(Onnx__GraphProto *graph, const char *name, int32_t type)
{
	static const unsigned char bytes[64] = {1, 2, 3, 4, 5, 6, 7, 8};

	proto_initializer(graph, name, type, "2,4", bytes);
}

Test(qdq, weights_and_biases)
{
	static const float scales[2] = {0.5f, 0.25f};
	Onnx__ModelProto *model = start(21);
	const struct qdq_group *group;
	struct qdq *qdq;

	add_integers(model->graph, "w_quantized", ELEMENT_INT8);
	proto_floats(model->graph, "w_scale", "2", scales);
	proto_initializer(model->graph, "w_zero_point", ELEMENT_INT8, "2", NULL);
	proto_int(qdq_dq(model->graph, "w_quantized,w_scale,w_zero_point",
			  "w_DequantizeLinear_Output"),
		"axis", 0);
	add_integers(model->graph, "b_quantized", ELEMENT_INT32);
	qdq_dq(model->graph, "b_quantized,a_scale", "b");
	qdq_pair(model->graph, "a", 0.5f, ELEMENT_UINT8, 7);
	qdq_nodes(model->graph, "a", "a", "a_dq");
	proto_node(model->graph, "Sum", "s", "a_dq,w_DequantizeLinear_Output,b", "t");
	qdq = finish(model, "t");
	cr_assert_eq(qdq->groups.count, 3, "%zu", qdq->groups.count);
	group = qdq_group_of(qdq, "w");
	cr_assert_eq(group->kind, QDQ_WEIGHT);
	cr_assert_eq(group->own.axis, 0);
	cr_assert_eq(group->own.count, 2);
	group = qdq_group_of(qdq, "b");
	cr_assert_eq(group->kind, QDQ_BIAS);
	cr_assert_eq(group->own.type, QTYPE_NONE);
	cr_assert_eq(qdq->strangers.count, 0);
}

/* TensorRT and PyTorch leave float weights before the Q. */
Test(qdq, float_weight_behind_a_pair)
{
	static const float scales[4] = {0.5f, 0.25f, 1, 2}, w[8] = {1};
	Onnx__ModelProto *model = start(21);
	const struct qdq_group *group;
	struct qdq *qdq;

	proto_floats(model->graph, "w", "2,4", w);
	proto_floats(model->graph, "s", "4", scales);
	proto_initializer(model->graph, "z", ELEMENT_INT8, "4", NULL);
	qdq_q(model->graph, "w,s,z", "w_q");
	qdq_dq(model->graph, "w_q,s,z", "w_dq");
	proto_node(model->graph, "Add", "s", "a,w_dq", "t");
	qdq = finish(model, "t");
	group = qdq_group_of(qdq, "w");
	cr_assert_eq(group->kind, QDQ_FLOAT_WEIGHT);
	cr_assert_eq(group->own.axis, 1);
}

Test(qdq, blocks_of_a_weight)
{
	static const float scales[4] = {0.5f, 0.25f, 1, 2};
	Onnx__ModelProto *model = start(21);
	Onnx__NodeProto *node;
	struct qdq *qdq;

	add_integers(model->graph, "w", ELEMENT_INT4);
	proto_floats(model->graph, "s", "2,2", scales);
	node = qdq_dq(model->graph, "w,s", "w_dq");
	proto_int(node, "axis", -1);
	proto_int(node, "block_size", 2);
	proto_node(model->graph, "Add", "s", "a,w_dq", "t");
	qdq = finish(model, "t");
	cr_assert_eq(qdq->groups.count, 1, "%s", qdq_reason(qdq, "w_dq"));
	cr_assert_eq(qdq->groups.items[0].own.axis, 1);
	cr_assert_eq(qdq->groups.items[0].own.block, 2);
	cr_assert_eq(qdq->groups.items[0].own.type, QTYPE_S4);
	cr_assert_str_eq(qdq->groups.items[0].name, "w_dq");
}

Test(qdq, scales_that_do_not_fit)
{
	static const float scales[3] = {0.5f, 0.25f, 1};
	Onnx__ModelProto *model = start(21);
	struct qdq *qdq;

	add_integers(model->graph, "w", ELEMENT_INT8);
	proto_floats(model->graph, "s", "3", scales);
	qdq_dq(model->graph, "w,s", "w_dq");
	proto_node(model->graph, "Add", "s", "a,w_dq", "t");
	qdq = finish(model, "t");
	cr_assert_eq(qdq->groups.count, 0);
	cr_assert_str_eq(qdq_reason(qdq, "w_dq"), "its scales do not fit its shape");
}

/* ---- what is something else */

Test(qdq, a_scale_that_is_computed)
{
	Onnx__ModelProto *model = start(21);
	struct qdq *qdq;

	qdq_pair(model->graph, "a", 0.5f, ELEMENT_UINT8, 7);
	proto_node(model->graph, "Abs", "n3", "a_scale", "s");
	qdq_q(model->graph, "a,s,a_zero_point", "q");
	qdq_dq(model->graph, "q,s,a_zero_point", "d");
	qdq = finish(model, "d");
	cr_assert_eq(qdq->groups.count, 0);
	cr_assert_str_eq(qdq_reason(qdq, "q"), "its scale is not constant");
	cr_assert_str_eq(qdq_reason(qdq, "d"), "its scale is not constant");
}

Test(qdq, scales_and_zero_points_out_of_order)
{
	static const float bad[] = {0, -1, NAN, INFINITY};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		Onnx__ModelProto *model = start(21);
		struct qdq *qdq;

		qdq_pair(model->graph, "a", bad[i], ELEMENT_UINT8, 7);
		qdq_nodes(model->graph, "a", "a", "d");
		qdq = finish(model, "d");
		cr_assert_eq(qdq->groups.count, 0);
		cr_assert_str_eq(qdq_reason(qdq, "a_q"),
			"its scale is not a finite number above 0");
	}
}

Test(qdq, integers_with_other_readers)
{
	Onnx__ModelProto *model = start(21);
	struct qdq *qdq;

	qdq_pair(model->graph, "a", 0.5f, ELEMENT_UINT8, 7);
	qdq_nodes(model->graph, "a", "a", "d");
	proto_node(model->graph, "Cast", "n3", "a_q", "z");
	proto_output(model->graph, "z", ELEMENT_FLOAT, "1,4");
	qdq = finish(model, "d");
	cr_assert_eq(qdq->groups.count, 0);
	cr_assert_str_eq(
		qdq_reason(qdq, "a_q"), "its integers are read by other operators too");
}

Test(qdq, empty_names_and_missing_slots)
{
	Onnx__ModelProto *model = start(21);
	struct qdq *qdq;

	qdq_pair(model->graph, "a", 0.5f, ELEMENT_UINT8, 7);
	qdq_q(model->graph, "a", "q");
	qdq_dq(model->graph, "q,,a_zero_point", "d");
	qdq_q(model->graph, ",a_scale", "q2");
	qdq = finish(model, "d");
	cr_assert_eq(qdq->groups.count, 0);
	cr_assert_eq(qdq->strangers.count, 3);
	cr_assert_str_eq(qdq_reason(qdq, "q2"), "an input or output is missing");
}

/* A name that ONNX Runtime would take may be another tensor's. */
Test(qdq, names_that_are_taken)
{
	Onnx__ModelProto *model = start(21);
	struct qdq *qdq;

	add_integers(model->graph, "a_quantized", ELEMENT_INT8);
	qdq_pair(model->graph, "w", 0.5f, ELEMENT_INT8, 0);
	qdq_dq(model->graph, "a_quantized,w_scale,w_zero_point", "a_dequantized");
	proto_node(model->graph, "Add", "s", "a,a_dequantized", "t");
	qdq = finish(model, "t");
	cr_assert_str_eq(qdq->groups.items[0].name, "a_dequantized");
}

/* Many nodes share one scale, which is read once. */
Test(qdq, many_pairs_with_one_scale, .timeout = 20)
{
	Onnx__ModelProto *model = start(21);
	char *in = test_text("a");
	struct qdq *qdq;

	qdq_pair(model->graph, "s", 0.5f, ELEMENT_UINT8, 7);
	for (int i = 0; i < 3000; i++) {
		char *out = test_text("t%d", i);

		qdq_q(model->graph, test_text("%s,s_scale,s_zero_point", in),
			test_text("%s_q", in));
		qdq_dq(model->graph, test_text("%s_q,s_scale,s_zero_point", in),
			test_text("%s_d", in));
		proto_node(model->graph, "Cos", out, test_text("%s_d", in), out);
		in = out;
	}
	qdq = finish(model, in);
	cr_assert_eq(qdq->groups.count, 3000);
}
