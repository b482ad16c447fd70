/* The closed list of mendings of command-line.md 7: what the default mode does other
 * than ONNX Runtime, that it says so, and that compatible mode does not do it. */
#include "quant_models.h"

#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct made run(struct job job, bool compatible)
{
	job.options.ort_compatible = compatible;
	return job_run(&job);
}

/* ---- Q1 */

Test(quant_mendings, all_types_decide_the_domain)
{
	struct job job = job_of(proto_c1(18), C1_RANGES);
	struct made made;

	job.overrides = "{'x': [{'quant_type': 'QUInt8'}],"
			" 'y': [{'quant_type': 'QUInt16'}]}";
	made = run(job, true);
	cr_expect_not(made.result.contrib_domain);
	made = run(job, false);
	cr_expect(made.result.contrib_domain && made_noted(&made, "Q1"));
	job.overrides = "{'y': [{'quant_type': 'QUInt16'}]}";
	made = run(job, false);
	cr_expect(made.result.contrib_domain && !made_noted(&made, "Q1"));
}

/* ---- Q3, Q5, Q22 */

static Onnx__ModelProto *gemm(const char *bias_shape, const float *bias, float beta)
{
	static const float w[] = {1, 2, 3, 4, -1, 0.5f};
	Onnx__ModelProto *model = proto_model(13);

	proto_input(model->graph, "x", ELEMENT_FLOAT, "1,3");
	proto_floats(model->graph, "w", "3,2", w);
	proto_floats(model->graph, "b", bias_shape, bias);
	proto_float(proto_node(model->graph, "Gemm", "gemm", "x,w,b", "y"), "beta", beta);
	proto_output(model->graph, "y", ELEMENT_FLOAT, "1,2");
	return model;
}

#define GEMM_RANGES "{'x': [-2, 2], 'y': [-60, 60]}"

Test(quant_mendings, beta_goes_into_the_bias)
{
	static const float whole[] = {10, -20}, half[] = {5, -10};
	struct made folded = run(job_of(gemm("2", whole, 0.5f), GEMM_RANGES), false);
	struct made plain = run(job_of(gemm("2", half, 1), GEMM_RANGES), false);

	cr_expect_eq(made_bias(&folded, 0), made_bias(&plain, 0));
	cr_expect_eq(made_bias(&folded, 1), made_bias(&plain, 1));
	cr_expect_str_eq(made_hex(&folded, "b_quantized_scale"),
		made_hex(&plain, "b_quantized_scale"));
	cr_expect_eq(made_node(&folded, "gemm")->attribute[0]->f, 1.0f);
	cr_expect(made_noted(&folded, "Q3") && !made_noted(&plain, "Q3"));
}

Test(quant_mendings, beta_stays_where_the_bias_is_not_int32)
{
	static const float bias[] = {10, -20};
	struct job job = job_of(gemm("2", bias, 0.5f), GEMM_RANGES);
	struct made made;

	job.overrides = "{'b': [{'quant_type': 'QInt8'}]}";
	made = run(job, true);
	cr_expect_eq(made_node(&made, "gemm")->attribute[0]->f, 1.0f);
	made = run(job, false);
	cr_expect_eq(made_node(&made, "gemm")->attribute[0]->f, 0.5f);
	cr_expect(made_noted(&made, "Q3") && !made_noted(&made, "Q8"));
}

Test(quant_mendings, bias_of_one_row_is_taken_as_a_list)
{
	static const float bias[] = {10, -20};
	struct job job = job_of(gemm("1,2", bias, 1), GEMM_RANGES);
	struct made made;

	job.options.per_channel = true;
	made = run(job, true);
	cr_expect_null(made.model);
	made = run(job, false);
	cr_expect_eq(made_tensor(&made, "b_quantized")->n_dims, 1);
	cr_expect_eq(made_tensor(&made, "b_quantized_scale")->dims[0], 2);
	cr_expect(made_noted(&made, "Q5"));
	job.proto = gemm("1", bias, 1);
	made = run(job, false);
	cr_expect_null(made.model);
	cr_expect(strstr(made.err.text, "'b'"), "%s", made.err.text);
	job.options.per_channel = false;
	job.proto = gemm("1,2", bias, 1);
	made = run(job, false);
	cr_expect_eq(made_tensor(&made, "b_quantized")->n_dims, 2);
	cr_expect_not(made_noted(&made, "Q5"));
}

Test(quant_mendings, no_adjusting_for_biases_that_stay)
{
	static const float bias[] = {1e30f, 1};
	struct job job = job_of(gemm("2", bias, 0.5f), GEMM_RANGES);
	struct made made;

	job.options.no_quantize_bias = true;
	made = run(job, true);
	cr_expect_eq(made.result.adjusted_weights, 1);
	cr_expect_eq(made_node(&made, "gemm")->attribute[0]->f, 1.0f);
	made = run(job, false);
	cr_expect_eq(made.result.adjusted_weights, 0);
	cr_expect(made_noted(&made, "Q22"));
	cr_expect_eq(made_node(&made, "gemm")->attribute[0]->f, 0.5f);
	cr_expect(made_has(&made, "b"));
}

/* ---- Q6 */

Test(quant_mendings, one_entry_with_axis_is_for_all_channels)
{
	struct job job = job_of(proto_c1(13), C1_RANGES);
	struct made made;

	job.overrides = "{'w': [{'axis': 0, 'rmin': -4, 'rmax': 4}]}";
	made = run(job, false);
	cr_expect_eq(made_scale(&made, "w_scale", 0), 0.031496062874794006f);
	cr_expect_eq(made_scale(&made, "w_scale", 1), 0.031496062874794006f);
	cr_expect(made_noted(&made, "Q6"));
	job.overrides = "{'w': [{'axis': 0, 'scale': 0.5, 'zero_point': 0}]}";
	made = run(job, true);
	cr_expect_null(made.model);
	made = run(job, false);
	cr_expect_eq(made_scale(&made, "w_scale", 1), 0.5f);
}

/* ---- Q8, Q9 */

static uint32_t removed(struct job job, bool compatible)
{
	struct made made = run(job, compatible);

	cr_assert(made.model, "%s", made.err.text);
	cr_expect_eq(made_noted(&made, "Q8") || made_noted(&made, "Q9"),
		!compatible && !made.result.removed_nodes);
	cr_expect_not(made_noted(&made, "Q3"), "a Relu has no beta");
	return made.result.removed_nodes;
}

Test(quant_mendings, relu_stays_where_the_range_does_not_clip)
{
	struct job job = job_of(proto_c1(13), C1_RANGES);

	cr_expect_eq(removed(job, true), 1);
	cr_expect_eq(removed(job, false), 1);
	job.overrides = "{'y': [{'symmetric': true}]}";
	cr_expect_eq(removed(job, true), 1);
	cr_expect_eq(removed(job, false), 0);
	job.overrides = NULL;
	cr_assert(text_list_add(&job.options.op_types_to_exclude_output, "Relu", NULL));
	cr_expect_eq(removed(job, true), 1);
	cr_expect_eq(removed(job, false), 0);
}

static Onnx__ModelProto *conv_clip(float low, float high)
{
	Onnx__ModelProto *model = proto_c1(13);
	Onnx__NodeProto *clip = model->graph->node[1];

	clip->op_type = proto_text("Clip");
	clip->n_input = 3;
	clip->input = calloc(3, sizeof(*clip->input));
	clip->input[0] = proto_text("c");
	clip->input[1] = proto_text("low");
	clip->input[2] = proto_text("high");
	proto_floats(model->graph, "low", "", &low);
	proto_floats(model->graph, "high", "", &high);
	return model;
}

Test(quant_mendings, clip_stays_where_the_range_does_not_clip)
{
	cr_expect_eq(removed(job_of(conv_clip(0, 7), C1_RANGES), false), 1);
	cr_expect_eq(removed(job_of(conv_clip(0, 6), C1_RANGES), false), 0);
	cr_expect_eq(removed(job_of(conv_clip(1, 7), C1_RANGES), false), 0);
	cr_expect_eq(removed(job_of(conv_clip(-1, 9), C1_RANGES), false), 1);
	cr_expect_eq(removed(job_of(conv_clip(1, 7), C1_RANGES), true), 1);
}

static Onnx__GraphProto *branch(const char *reads, const char *makes)
{
	Onnx__GraphProto *graph = proto_body();

	proto_node(graph, "Identity", "", reads, makes);
	proto_output(graph, makes, ELEMENT_FLOAT, NULL);
	return graph;
}

static Onnx__NodeProto *add_if(Onnx__ModelProto *model, const char *reads)
{
	Onnx__NodeProto *node = proto_node(model->graph, "If", "if", "condition", "z");

	proto_input(model->graph, "condition", ELEMENT_BOOL, "");
	proto_graph(node, "then_branch", branch(reads, "t1"));
	proto_graph(node, "else_branch", branch(reads, "e1"));
	proto_output(model->graph, "z", ELEMENT_FLOAT, NULL);
	return node;
}

Test(quant_mendings, relu_stays_where_a_subgraph_reads_its_input)
{
	Onnx__ModelProto *model = proto_c1(13);

	add_if(model, "c");
	cr_expect_eq(removed(job_of(model, C1_RANGES), true), 1);
	cr_expect_eq(removed(job_of(model, C1_RANGES), false), 0);
}

/* ---- Q10, Q11 */

Test(quant_mendings, taken_names_get_a_number)
{
	static const float scale[] = {3};
	Onnx__ModelProto *model = proto_c1(13);
	struct made made;

	proto_floats(model->graph, "x_scale", "", scale);
	proto_node(model->graph, "Mul", "x_QuantizeLinear", "x,x_scale", "z");
	proto_output(model->graph, "z", ELEMENT_FLOAT, "1,1,3,3");
	struct job job =
		job_of(model, "{'x': [-1, 3], 'c': [-6, 7], 'y': [0, 7], 'z': [-3, 9]}");

	made = run(job, false);
	cr_expect_str_eq(made_input(&made, "x_QuantizeLinear_1", 1), "x_scale_1");
	cr_expect_eq(made_scale(&made, "x_scale_1", 0), 0.01568627543747425f);
	cr_expect(made_noted(&made, "Q10"));
	made = run(job, true);
	cr_expect_not(made_has(&made, "x_scale_1"));
}

Test(quant_mendings, nodes_get_names_of_their_own)
{
	Onnx__ModelProto *model = proto_c1(13);
	struct made made;

	model->graph->node[0]->has_name = 0;
	model->graph->node[0]->name.len = 0;
	proto_node(model->graph, "Neg", "relu", "y", "z");
	made = run(job_of(model, C1_RANGES), false);
	made_node(&made, "Conv_0");
	made_node(&made, "Neg_2");
	cr_expect(made_noted(&made, "Q11"));
	made = run(job_of(proto_c1(13), C1_RANGES), false);
	cr_expect_not(made_noted(&made, "Q11"));
}

/* ---- Q14, Q34 */

static Onnx__ModelProto *half_softmax(void)
{
	Onnx__ModelProto *model = proto_model(21);

	proto_input(model->graph, "x", ELEMENT_FLOAT16, "1,4");
	proto_node(model->graph, "Softmax", "softmax", "x", "y");
	proto_output(model->graph, "y", ELEMENT_FLOAT16, "1,4");
	return model;
}

Test(quant_mendings, scales_are_of_the_tensors_type)
{
	struct job job = job_of(half_softmax(), "{'x': [-1, 1], 'y': [0, 1]}");
	struct made made = run(job, true);

	cr_expect_eq(made_tensor(&made, "y_scale")->data_type, ELEMENT_FLOAT);
	made = run(job, false);
	cr_expect_eq(made_tensor(&made, "y_scale")->data_type, ELEMENT_FLOAT16);
	cr_expect(made_noted(&made, "Q14"));
	job.options.activation_restricted_asymmetric = true;
	made = run(job, false);
	cr_expect_eq(made_tensor(&made, "x_scale")->data_type, ELEMENT_FLOAT16);
	made = run(job, true);
	cr_expect_eq(made_tensor(&made, "x_scale")->data_type, ELEMENT_FLOAT);
}

/* Q37: a bare number is a float32 for ONNX Runtime. */
Test(quant_mendings, ranges_are_of_the_tensors_type)
{
	Onnx__ModelProto *model = proto_model(21);
	struct job job = job_of(model,
		"{'CLS': 'TensorsData', 'data': {"
		"'x': {'lowest': -1.0, 'highest': 1.0, 'CLS': 'TensorData'}, "
		"'y': {'lowest': 0.0, 'highest': 1.0, 'CLS': 'TensorData'}}, "
		"'calibration_method': {'CLS': 'CalibrationMethod', "
		"'value': 'CalibrationMethod.MinMax'}}");
	struct made made;

	proto_input(model->graph, "x", ELEMENT_FLOAT16, "1,4");
	proto_node(model->graph, "Sigmoid", "s", "x", "y");
	proto_output(model->graph, "y", ELEMENT_FLOAT16, "1,4");
	made = run(job, true);
	cr_expect_eq(made_tensor(&made, "x_scale")->data_type, ELEMENT_FLOAT);
	made = run(job, false);
	cr_expect_eq(made_tensor(&made, "x_scale")->data_type, ELEMENT_FLOAT16);
	cr_expect(made_noted(&made, "Q37") && !made_noted(&made, "Q14"));
}

Test(quant_mendings, biases_that_are_cut_off_are_told)
{
	static const float large[] = {1e9f, 1}, small[] = {1, 1};
	struct job job = job_of(gemm("2", large, 1), GEMM_RANGES);
	struct made made;

	job.options.weight_type = QTYPE_U8;
	made = run(job, true);
	cr_expect_eq(made_bias(&made, 0), INT32_MAX);
	cr_expect(made_noted(&made, "bias-saturates"));
	made = run(job, false);
	cr_expect(made_noted(&made, "bias-saturates"));
	job.proto = gemm("2", small, 1);
	made = run(job, false);
	cr_expect_not(made_noted(&made, "bias-saturates"));
}

/* ---- what the sort of nodes refuses */

Test(quant_mendings, refusals_of_the_sort_tell_what_is_in_the_way)
{
	Onnx__ModelProto *model = proto_model(17);
	struct made made;

	proto_input(model->graph, "x", ELEMENT_FLOAT, "1,4");
	proto_node(model->graph, "Sigmoid", "s", "x", "y");
	proto_output(model->graph, "y", ELEMENT_FLOAT, "1,4");
	proto_output(model->graph, "x", ELEMENT_FLOAT, "1,4");
	for (int compatible = 0; compatible < 2; compatible++) {
		made = run(job_of(model, "{'x': [-1, 1], 'y': [0, 1]}"), compatible);
		cr_assert_null(made.model);
		cr_expect(strstr(made.err.text, "'x': is an input and an output"));
	}
}

Test(quant_mendings, large_half_biases_leave_scales_finite)
{
	const double w[] = {1, 2, 3, -1}, b[] = {60000, -0.25};
	Onnx__ModelProto *model = proto_model(21);
	uint16_t weight[4], bias[2];
	struct made made;

	for (int i = 0; i < 4; i++)
		weight[i] = half_from_double(w[i] / 100);
	for (int i = 0; i < 2; i++)
		bias[i] = half_from_double(b[i]);
	proto_input(model->graph, "x", ELEMENT_FLOAT16, "1,2");
	proto_initializer(model->graph, "w", ELEMENT_FLOAT16, "2,2", weight);
	proto_initializer(model->graph, "b", ELEMENT_FLOAT16, "2", bias);
	proto_node(model->graph, "Gemm", "gemm", "x,w,b", "y");
	proto_output(model->graph, "y", ELEMENT_FLOAT16, "1,2");
	struct job job = job_of(model, "{'x': [-1, 1], 'y': [-9, 9]}");

	job.options.per_channel = true;
	made = run(job, true);
	cr_expect(isinf(made_scale(&made, "w_scale", 0)));
	made = run(job, false);
	cr_expect_lt(made_scale(&made, "w_scale", 0), 1);
	cr_expect(made_noted(&made, "Q34"));
}

/* ---- Q21, Q27, Q28, Q29 */

/* From version 4 on an initializer that is an input too would be no constant. */
Test(quant_mendings, old_ir_versions_are_raised)
{
	static const float kept[] = {1, 2};
	size_t inputs;
	Onnx__ModelProto *model = proto_c1(13);
	struct made made;

	model->ir_version = 3;
	proto_floats(model->graph, "kept", "2", kept);
	proto_input(model->graph, "kept", ELEMENT_FLOAT, "2");
	proto_node(model->graph, "Neg", "", "kept", "negative");
	proto_output(model->graph, "negative", ELEMENT_FLOAT, "2");
	made = run(job_of(model, C1_RANGES), true);
	cr_expect_eq(made.model->proto->ir_version, 3);
	inputs = made.model->proto->graph->n_input;
	made = run(job_of(model, C1_RANGES), false);
	cr_expect_eq(made.model->proto->ir_version, 4);
	cr_expect_eq(made.model->proto->graph->n_input, inputs - 1);
	cr_expect(made_noted(&made, "Q21"));
}

Test(quant_mendings, nodes_with_subgraphs_keep_their_domain)
{
	Onnx__ModelProto *model = proto_c1(13);
	Onnx__NodeProto *node = add_if(model, "x");
	struct made made;

	node->has_domain = 1;
	node->domain = proto_text("my.domain");
	proto_import(model, "my.domain", 1);
	made = run(job_of(model, C1_RANGES), true);
	cr_expect_not(made_node(&made, "if")->has_domain);
	cr_expect(bytes_equal(made_node(&made, "if")->attribute[0]->name, "else_branch"));
	made = run(job_of(model, C1_RANGES), false);
	cr_expect(made_node(&made, "if")->has_domain);
	cr_expect(bytes_equal(made_node(&made, "if")->attribute[0]->name, "then_branch"));
	cr_expect(made_noted(&made, "Q27"));
}

static Onnx__ModelProto *constant_weight(void)
{
	static const float w[] = {-1, -2, 1, 2, -0.5f, -1.5f, 0.5f, 1.5f};
	Onnx__ModelProto *model = proto_model(13);
	Onnx__NodeProto *constant;

	proto_input(model->graph, "x", ELEMENT_FLOAT, "1,4");
	constant = proto_node(model->graph, "Constant", "constant", "", "w");
	constant->n_input = 0;
	proto_tensor(constant, "value", proto_value("", ELEMENT_FLOAT, "4,2", w));
	proto_node(model->graph, "MatMul", "matmul", "x,w", "y");
	proto_output(model->graph, "y", ELEMENT_FLOAT, "1,2");
	return model;
}

Test(quant_mendings, float_constants_become_integers)
{
	struct job job =
		job_of(constant_weight(), "{'x': [-1, 3], 'w': [-2, 2], 'y': [-9, 9]}");
	struct made made = run(job, false);

	cr_expect_str_eq(made_hex(&made, "w_quantized"), "c081407fe0a1205f");
	cr_expect(made_noted(&made, "Q28"));
	made = run(job, true);
	cr_expect_not(made_has(&made, "w_quantized"));
	job.options.keep_constants = true;
	made = run(job, false);
	cr_expect_not(made_has(&made, "w_quantized"));
	cr_expect_not(made_noted(&made, "Q28"));
}

Test(quant_mendings, value_info_of_what_is_gone_goes)
{
	Onnx__ModelProto *model = proto_c1(13);
	struct made made;

	proto_value_info(model->graph, "c", ELEMENT_FLOAT, "1,2,2,2");
	proto_value_info(model->graph, "w", ELEMENT_FLOAT, "2,1,2,2");
	made = run(job_of(model, C1_RANGES), true);
	cr_expect_eq(made.model->proto->graph->n_value_info, 2);
	made = run(job_of(model, C1_RANGES), false);
	cr_expect_eq(made.model->proto->graph->n_value_info, 0);
	cr_expect(made_noted(&made, "Q29"));
}

/* ---- what ONNX Runtime's sort takes for a cycle */

Test(quant_mendings, readers_of_sparse_initializers_are_sorted)
{
	static const float values[] = {1, 2};
	Onnx__ModelProto *model = proto_model(13);
	Onnx__SparseTensorProto sparse = ONNX__SPARSE_TENSOR_PROTO__INIT;
	Onnx__SparseTensorProto *list[] = {&sparse};
	int64_t dims[] = {3, 2};
	struct made made;

	proto_input(model->graph, "x", ELEMENT_FLOAT, "1,3");
	proto_floats(model->graph, "w", "2", values);
	sparse.values = model->graph->initializer[--model->graph->n_initializer];
	sparse.n_dims = 2;
	sparse.dims = dims;
	model->graph->sparse_initializer = list;
	model->graph->n_sparse_initializer = 1;
	proto_node(model->graph, "MatMul", "mm", "x,w", "y");
	proto_output(model->graph, "y", ELEMENT_FLOAT, "1,2");
	made = run(job_of(model, "{'x': [-2, 2], 'w': [1, 2], 'y': [-6, 6]}"), true);
	cr_expect_null(made.model);
	made = run(job_of(model, "{'x': [-2, 2], 'w': [1, 2], 'y': [-6, 6]}"), false);
	cr_assert(made.model, "%s", made.err.text);
	cr_expect_str_eq(made_input(&made, "mm", 1), "w");
	cr_expect_eq(made.model->proto->graph->n_sparse_initializer, 1);
}
