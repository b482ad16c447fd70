/* Golden values of weights and biases: qdq-semantics.md 1.5 and Appendix C. */
#include "quant_models.h"

#include <math.h>

/* ---- C1 */

Test(quant_golden, conv_relu)
{
	struct job job = job_of(proto_c1(13), C1_RANGES);
	struct made made = job_run(&job);

	cr_expect_str_eq(made_nodes(&made), "DQ b; DQ w; Q x; DQ x; conv; Q y; DQ y");
	cr_expect_str_eq(made_output(&made, "conv", 0), "y_QuantizeLinear_Input");
	cr_expect_eq(made_zero(&made, "x_zero_point", 0), 64);
	cr_expect_eq(made_scale(&made, "x_scale", 0), 0.01568627543747425f);
	cr_expect_eq(made_scale(&made, "w_scale", 0), 0.015748031437397003f);
	cr_expect_str_eq(made_hex(&made, "w_quantized"), "c081407fe0a1205f");
	cr_expect_eq(made_scale(&made, "y_scale", 0), 0.027450980618596077f);
	cr_expect_str_eq(made_hex(&made, "b_quantized"), "f403000030f0ffff");
	cr_expect_str_eq(made_hex(&made, "b_quantized_scale"), "88838139");
	cr_expect_eq(made_tensor(&made, "b_quantized_zero_point")->n_dims, 0);
	cr_expect_eq(made.result.removed_nodes, 1);
	cr_expect_not(made_has(&made, "b"));
}

Test(quant_golden, relu_that_stays)
{
	struct job job = job_of(proto_c1(13), C1_RANGES);

	job.options.keep_removable_activations = true;
	struct made made = job_run(&job);

	cr_expect_eq(made_zero(&made, "c_zero_point", 0), 0);
	cr_expect_eq(made_scale(&made, "c_scale", 0), 0.027450980618596077f);
	cr_expect_eq(made.result.removed_nodes, 0);
}

/* C1 as it is with other types, flags and overrides: the bytes of weight and bias. */
struct variant {
	const char *name;
	enum qtype weight;
	bool per_channel, reduced;
	const char *overrides;
	const char *data, *bias;
	float scales[2];
	int32_t zero_point;
};

static const struct variant variants[] = {
	{"per channel", QTYPE_S8, true, false, NULL, "c081407fd6812a7f",
		"f4030000ebeaffff", {0.015748031437397003f, 0.011811023578047752f}, 0},
	{"per channel u8", QTYPE_U8, true, false, NULL, "4001c0ff5600aaff",
		"f8030000d5eaffff", {0.01568627543747425f, 0.0117647061124444f}, 128},
	{"reduced s8", QTYPE_S8, false, true, NULL, "e0c02040f0d01030", NULL,
		{0.03125f, 0}, 0},
	{"reduced u8", QTYPE_U8, false, true, NULL, "2000608030105070", NULL,
		{0.031496062874794006f, 0}, 64},
	{"s4", QTYPE_S4, false, false, NULL, "9c74ae62", "3c00000011ffffff",
		{0.2666666805744171f, 0}, 0},
	{"s4 per channel", QTYPE_S4, true, false, NULL, "9c748e72", "3c000000c1feffff",
		{0.2666666805744171f, 0.20000000298023224f}, 0},
	{"u4", QTYPE_U4, false, false, NULL, "14fc26ea", NULL, {0.2666666805744171f, 0},
		8},
	{"u16", QTYPE_U16, false, false, NULL, "0040000000c0ffff0060002000a000e0", NULL,
		{6.103608757257462e-05f, 0}, 32768},
	{"axis -1", QTYPE_S8, false, false, "{'w': [{'axis': -1}]}", "81817f7fc0a1405f",
		NULL, {0.007874015718698502f, 0.015748031437397003f}, 0},
	{"one entry", QTYPE_S8, false, false,
		"{'w': [{'axis': 0, 'rmin': -4, 'rmax': 4}]}", NULL, NULL,
		{0.031496062874794006f, 0.011811023578047752f}, 0},
};

static void check_variant(const struct variant *v)
{
	struct job job = job_of(proto_c1(21), C1_RANGES);
	struct made made;

	job.options.weight_type = v->weight;
	job.options.per_channel = v->per_channel;
	job.options.reduce_range = v->reduced;
	job.overrides = v->overrides;
	made = job_run(&job);
	if (v->data)
		cr_expect_str_eq(made_hex(&made, "w_quantized"), v->data, "%s", v->name);
	if (v->bias)
		cr_expect_str_eq(made_hex(&made, "b_quantized"), v->bias, "%s", v->name);
	for (size_t i = 0; i < 2 && v->scales[i] != 0; i++)
		cr_expect_eq(
			made_scale(&made, "w_scale", i), v->scales[i], "%s", v->name);
	if (qtypes[v->weight].bits != 4 || v->weight == QTYPE_U4)
		cr_expect_eq(made_zero(&made, "w_zero_point", 0), v->zero_point, "%s",
			v->name);
}

Test(quant_golden, conv_variants)
{
	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++)
		check_variant(&variants[i]);
}

Test(quant_golden, conv_of_16_bits)
{
	struct job job = job_of(proto_c1(21), C1_RANGES);

	job.options.weight_type = QTYPE_S16;
	job.options.activation_type = QTYPE_U16;
	struct made made = job_run(&job);

	cr_expect_eq(made_zero(&made, "x_zero_point", 0), 16384);
	cr_expect_eq(made_scale(&made, "x_scale", 0), 6.103608757257462e-05f);
	cr_expect_str_eq(
		made_hex(&made, "w_quantized"), "00c001800040ff7f00e001a00020ff5f");
	cr_expect_str_eq(made_hex(&made, "b_quantized"), "00f4ff03ff2f00f0");
	cr_expect_not(made.result.contrib_domain);
}

/* ---- C3 */

static Onnx__ModelProto *tiny_weights(float last)
{
	static const float w[] = {1e-7f, -3e-8f};
	const float b[] = {5, last};
	Onnx__ModelProto *model = proto_model(13);

	proto_input(model->graph, "x", ELEMENT_FLOAT, "1,1,1,1");
	proto_floats(model->graph, "w", "2,1,1,1", w);
	proto_floats(model->graph, "b", "2", b);
	proto_node(model->graph, "Conv", "conv", "x,w,b", "y");
	proto_output(model->graph, "y", ELEMENT_FLOAT, "1,2,1,1");
	return model;
}

Test(quant_golden, scales_raised_for_biases)
{
	const struct {
		bool per_channel, disabled;
		float scales[2];
		const char *weight, *bias;
	} cases[] = {
		{false, false, {4.657078722658525e-09f, 0}, "15fa", "e2b8fc7f01c0cf8c"},
		{false, true, {7.874015883757579e-10f, 0}, "7fda", "ffffff7f00000080"},
		{true, false, {4.657078722658525e-09f, 4.191370805983752e-09f}, "15f9",
			"e2b8fc7f07470380"},
		{true, true, {7.874015883757579e-10f, 2.36220459859382e-10f}, "7f81",
			"ffffff7f00000080"}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct job job =
			job_of(tiny_weights(-4.5f), "{'x': [0, 127.5], 'y': [-1, 1]}");

		job.options.per_channel = cases[i].per_channel;
		job.options.disable_weight_adjust = cases[i].disabled;
		struct made made = job_run(&job);

		for (size_t k = 0; k < 2 && cases[i].scales[k] != 0; k++)
			cr_expect_eq(made_scale(&made, "w_scale", k), cases[i].scales[k],
				"case %zu", i);
		cr_expect_str_eq(made_hex(&made, "w_quantized"), cases[i].weight);
		cr_expect_str_eq(made_hex(&made, "b_quantized"), cases[i].bias);
		cr_expect_eq(made.result.adjusted_weights, !cases[i].disabled);
	}
}

/* ---- C2, C4 */

Test(quant_golden, odd_number_of_4_bits)
{
	static const float w[] = {-3, -2, -1, 0, 1, 2, 3, 4, 5};
	Onnx__ModelProto *model = proto_model(21);

	proto_input(model->graph, "x", ELEMENT_FLOAT, "1,1,4,4");
	proto_floats(model->graph, "w", "1,1,3,3", w);
	proto_node(model->graph, "Conv", "conv", "x,w", "y");
	proto_output(model->graph, "y", ELEMENT_FLOAT, NULL);
	struct job job = job_of(model, "{'x': [0, 1], 'y': [-1, 1]}");

	job.options.weight_type = QTYPE_S4;
	struct made made = job_run(&job);

	cr_expect_eq(made_scale(&made, "w_scale", 0), 0.6666666865348816f);
	cr_expect_str_eq(made_hex(&made, "w_quantized"), "dc0e326407");
}

Test(quant_golden, constants_of_elementwise_operators)
{
	static const float k[] = {-1, 0.5f, 2, 3}, k2[] = {1, 2, 3, 4},
			   emb[] = {-1, 1, 2, -3};
	static const int64_t idx[] = {0, 1, 1, 0};
	Onnx__ModelProto *model = proto_model(13);

	proto_input(model->graph, "x", ELEMENT_FLOAT, "1,4");
	proto_floats(model->graph, "k", "4", k);
	proto_floats(model->graph, "k2", "1,4", k2);
	proto_floats(model->graph, "emb", "2,2", emb);
	proto_initializer(model->graph, "idx", ELEMENT_INT64, "4", idx);
	proto_node(model->graph, "Add", "add", "x,k", "t");
	proto_int(proto_node(model->graph, "Concat", "concat", "t,k2", "c"), "axis", 0);
	proto_node(model->graph, "Gather", "gather", "emb,idx", "g");
	proto_node(model->graph, "Mul", "mul", "c,g", "y");
	proto_output(model->graph, "y", ELEMENT_FLOAT, NULL);
	proto_value_info(model->graph, "g", ELEMENT_FLOAT, NULL);
	struct job job =
		job_of(model, "{'x': [-1, 3], 't': [-2, 6], 'c': [-2, 6], 'y': [-9, 9]}");
	struct made made = job_run(&job);

	cr_expect_str_eq(made_hex(&made, "k_quantized"), "0060bfff");
	cr_expect_eq(made_zero(&made, "k_zero_point", 0), 64);
	cr_expect_str_eq(made_hex(&made, "k2_quantized"), "407fbfff");
	cr_expect_str_eq(made_hex(&made, "emb_quantized"), "66ccff00");
	cr_expect_eq(made_scale(&made, "emb_scale", 0), 0.019607843831181526f);
	cr_expect_str_eq(made_input(&made, "g_QuantizeLinear", 1), "emb_scale");
	cr_expect_str_eq(made_input(&made, "g_QuantizeLinear", 2), "emb_zero_point");
	cr_expect_not(made_has(&made, "g_scale"));
}

/* ---- C5 */

static Onnx__ModelProto *gemm(float beta)
{
	static const float w[] = {1, 2, 3, 4, -1, 0.5f}, b[] = {10, -20};
	Onnx__ModelProto *model = proto_model(13);
	Onnx__NodeProto *node;

	proto_input(model->graph, "x", ELEMENT_FLOAT, "1,3");
	proto_floats(model->graph, "w", "3,2", w);
	proto_floats(model->graph, "b", "2", b);
	node = proto_node(model->graph, "Gemm", "gemm", "x,w,b", "y");
	proto_float(node, "beta", beta);
	proto_output(model->graph, "y", ELEMENT_FLOAT, "1,2");
	return model;
}

#define GEMM_RANGES "{'x': [-2, 2], 'y': [-60, 60]}"

Test(quant_golden, gemm_and_its_beta)
{
	const struct {
		float beta;
		const char *bias, *scale;
	} cases[] = {{1, "114f0000df61ffff", "8883013a"},
		{0.5f, "219e0000bec3feff", "88838139"},
		{0, "0000000000000000", "8883013a"}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct job job = job_of(gemm(cases[i].beta), GEMM_RANGES);
		struct made made = job_run(&job);

		cr_expect_eq(made_scale(&made, "w_scale", 0), 0.031496062874794006f);
		cr_expect_str_eq(made_hex(&made, "w_quantized"), "20405f7fe010");
		cr_expect_str_eq(made_hex(&made, "b_quantized"), cases[i].bias);
		cr_expect_str_eq(made_hex(&made, "b_quantized_scale"), cases[i].scale);
		cr_expect_eq(made_node(&made, "gemm")->attribute[0]->f, 1.0f);
	}
}

/* ---- C7 */

static Onnx__ModelProto *half_gemm(const double *w, const double *b, const float *beta)
{
	Onnx__ModelProto *model = proto_model(21);
	uint16_t weight[4], bias[2];
	Onnx__NodeProto *node;

	for (int i = 0; i < 4; i++)
		weight[i] = half_from_double(w[i]);
	for (int i = 0; i < 2; i++)
		bias[i] = half_from_double(b[i]);
	proto_input(model->graph, "x", ELEMENT_FLOAT16, "1,2");
	proto_initializer(model->graph, "w", ELEMENT_FLOAT16, "2,2", weight);
	proto_initializer(model->graph, "b", ELEMENT_FLOAT16, "2", bias);
	node = proto_node(model->graph, "Gemm", "gemm", "x,w,b", "y");
	if (beta)
		proto_float(node, "beta", *beta);
	proto_output(model->graph, "y", ELEMENT_FLOAT16, "1,2");
	return model;
}

Test(quant_golden, wide_scales_of_half_biases)
{
	const double w1[] = {1, 2, 3, -1}, b1[] = {0.5, -0.25};
	const double w2[] = {0.02, 0.01, 0.01, -0.02}, b2[] = {60000, -0.25};
	const float zero = 0;
	struct job job = job_of(half_gemm(w1, b1, &zero), "{'x': [-1, 1], 'y': [-9, 9]}");
	struct made made = job_run(&job);

	cr_expect_eq(made_scale(&made, "b_quantized_scale", 0), 0.00018525682389736176f);
	cr_expect_eq(made_bias(&made, 0), 0);
	cr_expect_str_eq(made_output(&made, "b_Cast", 0), "b");
	job = job_of(half_gemm(w2, b2, NULL), "{'x': [-1, 1], 'y': [-9, 9]}");
	job.options.disable_weight_adjust = true;
	made = job_run(&job);
	cr_expect_eq(made_scale(&made, "b_quantized_scale", 0), 2.7942471206188202e-05f);
	cr_expect_eq(made_bias(&made, 0), 2147268921);
	cr_expect_eq(made_bias(&made, 1), -8947);
	job.options.disable_weight_adjust = false;
	made = job_run(&job);
	cr_expect_eq(made_scale(&made, "w_scale", 0), 0.00356292724609375f);
	cr_expect_eq(made_bias(&made, 0), 2146338934);
	cr_expect_eq(made_bias(&made, 1), -8943);
	cr_expect_eq(made_tensor(&made, "b_quantized_scale")->data_type, ELEMENT_FLOAT16);
}

/* No comparison with NaN holds, so nothing is raised. */
Test(quant_golden, bias_with_nan_raises_no_scale)
{
	struct job job = job_of(tiny_weights(NAN), "{'x': [0, 127.5], 'y': [-9, 9]}");
	struct made made = job_run(&job);

	cr_assert(made.model, "%s", made.err.text);
	cr_expect_eq(made_scale(&made, "w_scale", 0), 7.874015883757579e-10f);
}

/* ONNX Runtime looks at the first tensor of the scale's name (Q10). */
Test(quant_golden, cast_by_a_scale_of_the_name)
{
	const double w[] = {1, 2, 3, -1}, b[] = {0.5, -0.25};
	const float zero = 0;
	const uint16_t one = 0x3c00;
	Onnx__ModelProto *model = half_gemm(w, b, &zero);
	struct job job = job_of(model, "{'x': [-1, 1], 'y': [-9, 9]}");
	struct made made;

	proto_initializer(model->graph, "b_quantized_scale", ELEMENT_FLOAT16, "1", &one);
	made = job_run(&job);
	cr_assert(made.model, "%s", made.err.text);
	cr_expect_str_eq(made_output(&made, "b_DequantizeLinear", 0), "b");
}

/* ---- 1.5, per block */

static struct made blocks(enum qtype type)
{
	static const float w[] = {1, -2, 3, 4, -5, 6, 7, 0.5f, 0, 0};
	Onnx__ModelProto *model = proto_model(21);

	proto_input(model->graph, "x", ELEMENT_FLOAT, "1,5");
	proto_floats(model->graph, "w", "5,2", w);
	proto_node(model->graph, "MatMul", "matmul", "x,w", "y");
	proto_output(model->graph, "y", ELEMENT_FLOAT, "1,2");
	struct job job = job_of(model, "{'x': [-1, 1], 'y': [-1, 1]}");

	job.options.block_size = 2;
	job.options.weight_type = type;
	return job_run(&job);
}

Test(quant_golden, weights_in_blocks)
{
	const float scales[] = {0.023622047156095505f, 0.031496062874794006f,
		0.05511811003088951f, 0.04724409431219101f, 1, 1};
	const int32_t zeros[] = {0, 85, 106, 0, 0, 0}, packed[] = {80, 6, 0};
	struct made made = blocks(QTYPE_S8);

	cr_expect_str_eq(made_hex(&made, "w_quantized"), "2ac07f7fa57f7f0b0000");
	for (size_t i = 0; i < 6; i++)
		cr_expect_eq(made_scale(&made, "w_scale", i), scales[i]);
	cr_expect_eq(made_tensor(&made, "w_scale")->dims[0], 3);
	cr_expect_eq(made_node(&made, "w_DequantizeLinear")->n_attribute, 2);
	made = blocks(QTYPE_U8);
	cr_expect_str_eq(made_hex(&made, "w_quantized"), "5500ffff00ffff150000");
	for (size_t i = 0; i < 6; i++)
		cr_expect_eq(made_zero(&made, "w_zero_point", i), zeros[i]);
	made = blocks(QTYPE_U4);
	cr_expect_str_eq(made_hex(&made, "w_quantized"), "05fff01f00");
	for (size_t i = 0; i < 3; i++)
		cr_expect_eq(made_zero(&made, "w_zero_point", i), packed[i]);
}
