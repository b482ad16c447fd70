/* What was chosen before an opset raise holds for what the raise makes. */
#include "build.h"
#include "cli_fixture.h"

#include <criterion/criterion.h>
#include <string.h>

/* x -> Softmax over both of its last axes -> s -> Tanh -> y, and x -> Tanh -> z; opset 13
 * needs a Flatten and a Reshape for that. */
static void softmax_model(void)
{
	Onnx__ModelProto *model = proto_model(11);

	proto_input(model->graph, "x", ELEMENT_FLOAT, "1,2,3");
	proto_int(proto_node(model->graph, "Softmax", "soft", "x", "s"), "axis", 1);
	proto_node(model->graph, "Tanh", "tanh", "s", "y");
	proto_node(model->graph, "Tanh", "other", "x", "z");
	proto_output(model->graph, "y", ELEMENT_FLOAT, "1,2,3");
	proto_output(model->graph, "z", ELEMENT_FLOAT, "1,2,3");
	proto_file(model, test_path("s.onnx"));
	test_write_text(test_path("r.json"),
		"{\"x\": [-1, 3], \"s\": [0.1, 0.7], \"y\": [0, 0.5], \"z\": [-0.8, 1]}");
}

static int32_t type_of(const struct model *model, const char *initializer)
{
	const Onnx__GraphProto *graph = model->proto->graph;

	for (size_t i = 0; i < graph->n_initializer; i++)
		if (bytes_equal(graph->initializer[i]->name, initializer))
			return graph->initializer[i]->data_type;
	return ELEMENT_NONE;
}

/* What the Flatten makes. */
static const char *flat(const struct model *model)
{
	const Onnx__GraphProto *graph = model->proto->graph;

	for (size_t i = 0; i < graph->n_node; i++)
		if (bytes_equal(graph->node[i]->op_type, "Flatten"))
			return test_text("%.*s", (int)graph->node[i]->output[0].len,
				(const char *)graph->node[i]->output[0].data);
	return "";
}

static struct model *quantized(const char *options)
{
	struct error err = ERROR_INIT;
	struct model *model;

	softmax_model();
	cli_answer(test_text("quantize s.onnx -r r.json -o q.onnx --force %s", options));
	model = model_open(test_path("q.onnx"), NULL, NULL, &err);
	cr_assert(model, "%s", err.text);
	return model;
}

/* The Reshape gives on the quantization of what it reads, so that u8 there would win; and
 * nothing would read the conversion for the Softmax. */
Test(job_carry, types_go_to_both_sides_of_a_softmax)
{
	struct model *model = quantized("--op-types all --seed node:soft=u16");

	cr_expect_eq(type_of(model, "x_zero_point"), ELEMENT_UINT8);
	cr_expect_eq(
		type_of(model, test_text("%s_zero_point", flat(model))), ELEMENT_UINT16);
	cr_expect_eq(type_of(model, "s_intermediate_zero_point"), ELEMENT_UINT16);
	model_free(model);
}

/* With the Flatten quantized too it reads what the Softmax would have read. */
Test(job_carry, readers_go_to_the_flatten)
{
	struct model *model = quantized("--op-types Softmax,Flatten,Reshape,Tanh "
					"--seed node:soft=u16");
	const Onnx__GraphProto *graph = model->proto->graph;
	const char *flattened = "x_convert_DequantizeLinear_Output";
	bool reads = false;

	for (size_t i = 0; i < graph->n_node; i++)
		reads |= bytes_equal(graph->node[i]->op_type, "Flatten") &&
			 bytes_equal(graph->node[i]->input[0], flattened);
	cr_expect(reads);
	cr_expect_eq(type_of(model, "s_intermediate_zero_point"), ELEMENT_UINT16);
	model_free(model);
}

/* The import of the quantized model into the one before the raise. */
static const char *imported(const char *options)
{
	model_free(quantized(options));
	return cli_answer("import q.onnx s.onnx");
}

/* The Softmax again reads and writes what the parts did. */
Test(job_carry, import_brings_parts_back_to_the_softmax)
{
	const char *both[] = {"--op-types all --seed node:soft=u16",
		"--op-types Softmax,Flatten,Reshape,Tanh --seed node:soft=u16"};

	for (int i = 0; i < 2; i++) {
		const char *text = imported(both[i]);

		cr_expect(
			strstr(text, "\"x\": [{\"quant_type\": \"QUInt8\", \"convert\": "
				     "{\"quant_type\": \"QUInt16\", \"recv_nodes\": "
				     "[\"soft\"]}}]"),
			"%s", text);
		cr_expect(
			strstr(text, "\"s\": [{\"quant_type\": \"QUInt16\""), "%s", text);
		cr_expect_not(strstr(text, "_intermediate"), "%s", text);
		cr_expect_not(strstr(text, "no node of this name"), "%s", text);
	}
}
