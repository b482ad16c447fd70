/* Golden values of qdq-semantics.md 10.1, 1.5 and Appendices B and C. */
#include "quant_models.h"

#include <stdlib.h>
#include <string.h>

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

static Onnx__ModelProto *tiny_weights(void)
{
	static const float w[] = {1e-7f, -3e-8f}, b[] = {5, -4.5f};
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
			job_of(tiny_weights(), "{'x': [0, 127.5], 'y': [-1, 1]}");

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

static int32_t bias_value(const struct made *made, size_t index)
{
	int32_t value;

	memcpy(&value, made_tensor(made, "b_quantized")->raw_data.data + 4 * index, 4);
	return value;
}

Test(quant_golden, wide_scales_of_half_biases)
{
	const double w1[] = {1, 2, 3, -1}, b1[] = {0.5, -0.25};
	const double w2[] = {0.02, 0.01, 0.01, -0.02}, b2[] = {60000, -0.25};
	const float zero = 0;
	struct job job = job_of(half_gemm(w1, b1, &zero), "{'x': [-1, 1], 'y': [-9, 9]}");
	struct made made = job_run(&job);

	cr_expect_eq(made_scale(&made, "b_quantized_scale", 0), 0.00018525682389736176f);
	cr_expect_eq(bias_value(&made, 0), 0);
	cr_expect_str_eq(made_output(&made, "b_Cast", 0), "b");
	job = job_of(half_gemm(w2, b2, NULL), "{'x': [-1, 1], 'y': [-9, 9]}");
	job.options.disable_weight_adjust = true;
	made = job_run(&job);
	cr_expect_eq(made_scale(&made, "b_quantized_scale", 0), 2.7942471206188202e-05f);
	cr_expect_eq(bias_value(&made, 0), 2147268921);
	cr_expect_eq(bias_value(&made, 1), -8947);
	job.options.disable_weight_adjust = false;
	made = job_run(&job);
	cr_expect_eq(made_scale(&made, "w_scale", 0), 0.00356292724609375f);
	cr_expect_eq(bias_value(&made, 0), 2146338934);
	cr_expect_eq(bias_value(&made, 1), -8943);
	cr_expect_eq(made_tensor(&made, "b_quantized_scale")->data_type, ELEMENT_FLOAT16);
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

/* ---- 10.1 */

static Onnx__ModelProto *m1(void)
{
	static const float w[] = {-1, -2, 1, 2, -0.5f, -1.5f, 0.5f, 1.5f}, b[] = {0, 1};
	Onnx__ModelProto *model = proto_model(13);

	proto_input(model->graph, "INP", ELEMENT_FLOAT, "1,2,3");
	proto_floats(model->graph, "WGT", "2,2,2", w);
	proto_floats(model->graph, "BIAS", "2", b);
	proto_node(model->graph, "Sigmoid", "", "INP", "SIG_OUT");
	proto_node(model->graph, "Conv", "", "SIG_OUT,WGT,BIAS", "OUT");
	proto_output(model->graph, "OUT", ELEMENT_FLOAT, "1,2,2");
	return model;
}

#define M1_RANGES                                                                        \
	"{'INP': [1, 6], 'SIG_OUT': [0.73105860, 0.99752736], "                          \
	"'OUT': [0.20241642, 1.2942426]}"

static struct made run_m1(const char *overrides, bool per_channel)
{
	struct job job = job_of(m1(), M1_RANGES);

	job.options.weight_type = QTYPE_U8;
	job.options.per_channel = per_channel;
	job.overrides = overrides;
	return job_run(&job);
}

Test(quant_golden, upstream_defaults)
{
	struct made made = run_m1(NULL, false);

	cr_expect_eq(made_scale(&made, "INP_scale", 0), 0.0235294122248888f);
	cr_expect_eq(made_scale(&made, "SIG_OUT_scale", 0), 0.003911871928721666f);
	cr_expect_eq(made_scale(&made, "OUT_scale", 0), 0.005075461231172085f);
	cr_expect_eq(made_zero(&made, "WGT_zero_point", 0), 128);
	cr_expect_str_eq(made_hex(&made, "WGT_quantized"), "4001c0ff6020a0e0");
	cr_expect_eq(made_scale(&made, "BIAS_quantized_scale", 0), 6.13626980339177e-05f);
	made = run_m1(NULL, true);
	cr_expect_str_eq(made_hex(&made, "WGT_quantized"), "4001c0ff5600aaff");
	cr_expect_eq(
		made_scale(&made, "BIAS_quantized_scale", 1), 4.6022025344427675e-05f);
	cr_expect_str_eq(
		made_hex(&made, "BIAS_quantized_zero_point"), "0000000000000000");
}

Test(quant_golden, upstream_overrides)
{
	struct made made = run_m1("{'SIG_OUT': [{'scale': 1.0, 'zero_point': 127}],"
				  " 'WGT': [{'quant_type': 'QInt8', 'symmetric': true, "
				  "'reduce_range': true}],"
				  " 'BIAS': [{'quant_type': 'QInt8', 'symmetric': true,"
				  " 'reduce_range': true}]}",
		false);

	cr_expect_eq(made_zero(&made, "SIG_OUT_zero_point", 0), 127);
	cr_expect_eq(made_scale(&made, "SIG_OUT_scale", 0), 1.0f);
	cr_expect_str_eq(made_hex(&made, "WGT_quantized"), "e0c02040f0d01030");
	cr_expect_eq(made_scale(&made, "BIAS_scale", 0), 0.015625f);
	cr_expect_str_eq(made_hex(&made, "BIAS_quantized"), "0040");
	made = run_m1("{'SIG_OUT': [{'rmin': 0.0, 'rmax': 0.5}]}", false);
	cr_expect_eq(made_scale(&made, "SIG_OUT_scale", 0), 0.0019607844296842813f);
	made = run_m1("{'WGT': [{'rmin': 0.0, 'rmax': 1.0}]}", false);
	cr_expect_str_eq(made_hex(&made, "WGT_quantized"), "0000ffff00007fff");
	made = run_m1("{'WGT': [{'zero_point': 4, 'scale': 0.5}]}", false);
	cr_expect_str_eq(made_hex(&made, "WGT_quantized"), "0200060803010507");
}

Test(quant_golden, upstream_channel_overrides)
{
	struct made made = run_m1("{'WGT': [{'axis': 0, 'zero_point': 2, 'scale': 0.5},"
				  " {'zero_point': 4, 'scale': 0.2}],"
				  " 'BIAS': [{'axis': 0, 'zero_point': 2, 'scale': 0.5},"
				  " {'zero_point': 4, 'scale': 0.2}]}",
		true);

	cr_expect_str_eq(made_hex(&made, "WGT_quantized"), "000004060200060c");
	cr_expect_str_eq(made_hex(&made, "BIAS_quantized"), "0209");
	made = run_m1("{'WGT': [{'axis': 0, 'quant_type': 'QUInt8', 'rmin': 0.0,"
		      " 'rmax': 1.0, 'reduce_range': true}, {'quant_type': 'QUInt8',"
		      " 'rmin': 0.2, 'rmax': 0.8, 'reduce_range': true}]}",
		true);
	cr_expect_eq(made_zero(&made, "WGT_zero_point", 1), 64);
	cr_expect_eq(made_scale(&made, "WGT_scale", 1), 0.012598425149917603f);
	cr_expect_str_eq(made_hex(&made, "WGT_quantized"), "000080bf180068b7");
}

/* ---- Appendix B */

static Onnx__ModelProto *eight_nodes(int64_t opset)
{
	static const char *const nodes[][4] = {{"Sigmoid", "op1", "input_0", "op1_out"},
		{"Cos", "op2", "input_1", "op2_out"},
		{"Sin", "op3", "op1_out", "op3_out"},
		{"Tanh", "op4", "op2_out", "op4_out"},
		{"Mul", "op5", "op3_out,op4_out", "op5_out"},
		{"Relu", "op6", "op5_out", "output_0"},
		{"Cos", "op7", "op2_out", "output_1"},
		{"Sigmoid", "op8", "op2_out", "output_2"}};
	Onnx__ModelProto *model = proto_model(opset);

	proto_input(model->graph, "input_0", ELEMENT_FLOAT, "1,2,3");
	proto_input(model->graph, "input_1", ELEMENT_FLOAT, "1,2,3");
	for (size_t i = 0; i < 8; i++)
		proto_node(
			model->graph, nodes[i][0], nodes[i][1], nodes[i][2], nodes[i][3]);
	proto_output(model->graph, "output_0", ELEMENT_FLOAT, "1,2,3");
	proto_output(model->graph, "output_1", ELEMENT_FLOAT, "1,2,3");
	proto_output(model->graph, "output_2", ELEMENT_FLOAT, "1,2,3");
	return model;
}

#define EIGHT_RANGES                                                                     \
	"{'input_0': [-1, 3], 'input_1': [-2, 2], 'op1_out': [0.2, 0.96],"               \
	" 'op2_out': [-0.9, 1], 'op3_out': [0.19, 0.82], 'op4_out': [-0.75, 0.8],"       \
	" 'op5_out': [-0.6, 0.65], 'output_0': [0, 0.65], 'output_1': [0.5, 1],"         \
	" 'output_2': [0.28, 0.74]}"
#define EIGHT_OVERRIDES                                                                  \
	"{'op4_out': [{'quant_type': 'QUInt16'}],"                                       \
	" 'op2_out': [{'quant_type': 'QUInt8', 'convert': {'quant_type': 'QUInt16',"     \
	" 'recv_nodes': ['op4']}}],"                                                     \
	" 'op5_out': [{'quant_type': 'QUInt16', 'convert': {'quant_type': 'QUInt8',"     \
	" 'recv_nodes': ['op6']}}],"                                                     \
	" 'op3_out': [{'quant_type': 'QUInt8', 'convert': {'quant_type': 'QUInt16',"     \
	" 'recv_nodes': ['op5']}}]}"

static struct made run_eight(int64_t opset)
{
	struct job job = job_of(eight_nodes(opset), EIGHT_RANGES);

	job.options.all_op_types = true;
	job.overrides = EIGHT_OVERRIDES;
	return job_run(&job);
}

Test(quant_golden, eight_nodes_of_mixed_precision)
{
	struct made made = run_eight(21);

	cr_expect_str_eq(made_nodes(&made),
		"Q input_0; Q input_1; DQ input_0; DQ input_1; op1; op2; Q op1_out; "
		"Q op2_out; DQ op1_out; DQ op2_out; DQ op2_out_convert_clone; op3; op7; "
		"op8; "
		"Q op2_out_convert; Q op3_out; Q output_1; Q output_2; DQ "
		"op2_out_convert; "
		"DQ op3_out; DQ output_1; DQ output_2; op4; Q op3_out_convert; Q "
		"op4_out; "
		"DQ op3_out_convert; DQ op4_out; op5; Q op5_out; DQ op5_out; "
		"Q op5_out_convert; DQ op5_out_convert; op6; Q output_0; DQ output_0");
	cr_expect_eq(made_zero(&made, "op2_out_zero_point_convert", 0), 31043);
	cr_expect_eq(
		made_scale(&made, "op2_out_scale_convert", 0), 2.899214086937718e-05f);
	cr_expect_eq(made_scale(&made, "op5_out_scale", 0), 9.918363502947614e-06f);
	cr_expect_eq(made_zero(&made, "op4_out_zero_point", 0), 31710);
	cr_expect_str_eq(
		made_input(&made, "op4", 0), "op2_out_convert_DequantizeLinear_Output");
	cr_expect_str_eq(made_input(&made, "op7", 0), "op2_out_DequantizeLinear_Output");
	cr_expect_str_eq(made_input(&made, "op2_out_convert_QuantizeLinear", 0),
		"op2_out_convert_QuantizeLinear_Input");
	cr_expect_str_eq(made_input(&made, "op5_out_convert_QuantizeLinear", 0),
		"op5_out_DequantizeLinear_Output");
	cr_expect_str_eq(made_output(&made, "op6", 0), "output_0_QuantizeLinear_Input");
	cr_expect_eq(made.result.conversions, 3);
}

Test(quant_golden, contrib_domain_below_21)
{
	struct made made = run_eight(18);
	const Onnx__ModelProto *proto;

	cr_assert(made.model);
	proto = made.model->proto;
	cr_expect(made.result.contrib_domain);
	cr_expect(bytes_equal(
		made_node(&made, "op1_out_QuantizeLinear")->domain, "com.microsoft"));
	cr_expect_eq(model_domain_version(made.model, "com.microsoft"), 1);
	cr_expect_eq(proto->n_opset_import, 2);
	cr_expect(bytes_equal(proto->metadata_props[0]->key, "onnx.infer"));
	cr_expect(bytes_equal(proto->producer_name, "onnx.quantize"));
}
