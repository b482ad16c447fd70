/* Golden values of whole models with overrides: qdq-semantics.md 10.1 and Appendix B. */
#include "quant_models.h"

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

Test(quant_overrides, upstream_defaults)
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

Test(quant_overrides, upstream_overrides)
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

Test(quant_overrides, upstream_channel_overrides)
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

Test(quant_overrides, eight_nodes_of_mixed_precision)
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

Test(quant_overrides, contrib_domain_below_21)
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
