/* What ONNX Runtime's quantizer takes and refuses before it begins, also in
 * --ort-compatible. */
#include "build.h"
#include "cli_fixture.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(job_compatible, .init = cli_begin);

#define QUANTIZE                                                                         \
	"quantize --ort-compatible --opset-policy keep a.onnx -r a.json -o q.onnx"

/* x -> Neg -> y with some imports, in a.onnx with ranges in a.json. */
static Onnx__ModelProto *one_node(void)
{
	Onnx__ModelProto *model = proto_model(17);

	proto_input(model->graph, "x", ELEMENT_FLOAT, "2");
	proto_node(model->graph, "Neg", "n", "x", "y");
	proto_output(model->graph, "y", ELEMENT_FLOAT, "2");
	test_write_text(test_path("a.json"), "{\"x\": [-1, 3], \"y\": [-3, 1]}");
	return model;
}

Test(job_compatible, default_domain_is_imported_once)
{
	Onnx__ModelProto *model = one_node();

	proto_import(model, "ai.onnx", 17);
	proto_file(model, test_path("a.onnx"));
	cli_refuses(QUANTIZE, 1, "default operator domain 2 times");
}

Test(job_compatible, domains_of_nodes_are_imported)
{
	Onnx__ModelProto *model = one_node();
	Onnx__NodeProto *node = proto_node(model->graph, "Own", "o", "x", "z");

	node->has_domain = 1;
	node->domain = proto_text("own");
	proto_file(model, test_path("a.onnx"));
	cli_refuses(QUANTIZE, 1, "the domain 'own' of node 'o' is not imported");
	cli_refuses("promote --ort-compatible a.onnx y=u16", 1,
		"the domain 'own' of node 'o' is not imported");
	proto_import(model, "own", 1);
	proto_file(model, test_path("a.onnx"));
	cli_answer(QUANTIZE);
	/* "ai.onnx" on a node is no other name of the default domain */
	node->domain = proto_text("ai.onnx");
	proto_file(model, test_path("a.onnx"));
	cli_refuses(QUANTIZE " --force", 1, "the domain 'ai.onnx' of node 'o'");
}

Test(job_compatible, ranges_may_be_empty)
{
	proto_file(one_node(), test_path("a.onnx"));
	test_write_text(test_path("a.json"), "{}");
	cli_answer(QUANTIZE);
	cli_refuses(QUANTIZE " --force --op-types Neg", 1,
		"'x': is to be quantized but has no calibration range");
}

/* A Softmax fails without range whatever its type, and without any range too. */
Test(job_compatible, softmax_of_doubles_has_no_range)
{
	Onnx__ModelProto *model = proto_model(17);

	proto_input(model->graph, "x", ELEMENT_DOUBLE, "2");
	proto_node(model->graph, "Softmax", "s", "x", "y");
	proto_output(model->graph, "y", ELEMENT_DOUBLE, "2");
	proto_file(model, test_path("a.onnx"));
	test_write_text(test_path("a.json"), "{}");
	cli_refuses(
		QUANTIZE, 1, "'y': output of a Softmax that has no calibration range");
}

/* The type of k is that of activations, where -1 is outside. */
Test(job_compatible, zero_point_fits_the_type_of_the_mark)
{
	static const float k[] = {1, 2};
	Onnx__ModelProto *model = proto_model(17);

	proto_input(model->graph, "x", ELEMENT_FLOAT, "2");
	proto_floats(model->graph, "k", "2", k);
	proto_node(model->graph, "Add", "a", "x,k", "y");
	proto_output(model->graph, "y", ELEMENT_FLOAT, "2");
	proto_file(model, test_path("a.onnx"));
	test_write_text(test_path("a.json"), "{\"x\": [-1, 3], \"y\": [-3, 1]}");
	test_write_text(
		test_path("k.json"), "{\"k\": [{\"scale\": 0.5, \"zero_point\": -1}]}");
	cli_refuses(QUANTIZE " -c k.json", 1, "'k': has a zero point outside its type");
}

/* A Gather of a weight sees its type before any choice. */
Test(job_compatible, seed_on_a_weight_that_is_gathered)
{
	static const float w[] = {1, 2, 3, 4};
	static const int64_t index = 0;
	Onnx__ModelProto *model = proto_model(17);

	proto_input(model->graph, "x", ELEMENT_FLOAT, "1,2");
	proto_floats(model->graph, "w", "2,2", w);
	proto_initializer(model->graph, "i", ELEMENT_INT64, "", &index);
	proto_node(model->graph, "MatMul", "m", "x,w", "y");
	proto_node(model->graph, "Gather", "g", "w,i", "z");
	proto_output(model->graph, "y", ELEMENT_FLOAT, "1,2");
	proto_output(model->graph, "z", ELEMENT_FLOAT, "2");
	proto_file(model, test_path("a.onnx"));
	cli_answer("promote --ort-compatible a.onnx w=u4 y=u16");
	cli_answer("promote --ort-compatible a.onnx x=u16");
}

/* An extent without value and name goes over to the output of the input's name. */
Test(job_compatible, outputs_that_are_inputs)
{
	Onnx__ModelProto *model = one_node();

	proto_input(model->graph, "free", ELEMENT_FLOAT, "?,N");
	proto_output(model->graph, "free", ELEMENT_FLOAT, NULL);
	proto_file(model, test_path("a.onnx"));
	cli_answer(QUANTIZE);
}

/* The first is quantized; of equal ones that stay float the last is kept. */
Test(job_compatible, repeated_initializers)
{
	static const float k[] = {1, 2}, other[] = {1, 8};
	Onnx__ModelProto *model = one_node();
	struct error err = ERROR_INIT;
	const Onnx__GraphProto *graph;
	struct model *made;

	proto_floats(model->graph, "k", "2", k);
	proto_floats(model->graph, "l", "2", k);
	proto_floats(model->graph, "k", "2", k);
	proto_floats(model->graph, "k", "2", other);
	proto_node(model->graph, "Add", "a", "k,l", "z");
	proto_file(model, test_path("a.onnx"));
	cli_refuses("quantize a.onnx -r a.json -o q.onnx", 1,
		"'k': is defined twice (two initializers)");
	cli_answer(QUANTIZE " --op-types Neg");
	made = model_open(test_path("q.onnx"), NULL, NULL, &err);
	cr_assert(made, "%s", err.text);
	graph = made->proto->graph;
	cr_assert_eq(graph->n_initializer, 6);
	cr_expect(bytes_equal(graph->initializer[0]->name, "l"));
	cr_expect(bytes_equal(graph->initializer[1]->name, "k"));
	cr_expect_eq(memcmp(graph->initializer[1]->raw_data.data, k, sizeof(k)), 0);
	proto_input(model->graph, "k", ELEMENT_FLOAT, "2");
	proto_file(model, test_path("a.onnx"));
	test_write_text(
		test_path("a.json"), "{\"x\": [-1, 3], \"y\": [-3, 1], \"z\": [-3, 1]}");
	cli_refuses(QUANTIZE " --force --op-types Add", 1,
		"'k': is an input and defined by two initializers");
}

/* onnx looks at the nodes in file order, three times if the opset is raised: d, made
 * first in the file and last in order, keeps no type and stays float. */
Test(job_compatible, types_come_by_three_looks)
{
	Onnx__ModelProto *model = proto_model(17);
	struct test_result r;

	proto_input(model->graph, "x", ELEMENT_FLOAT, "2");
	proto_node(model->graph, "Neg", "n5", "d", "y");
	proto_node(model->graph, "Neg", "n4", "c", "d");
	proto_node(model->graph, "Neg", "n3", "b", "c");
	proto_node(model->graph, "Neg", "n2", "a", "b");
	proto_node(model->graph, "Neg", "n1", "x", "a");
	proto_output(model->graph, "y", ELEMENT_FLOAT, "2");
	proto_file(model, test_path("a.onnx"));
	test_write_text(test_path("a.json"),
		"{\"x\": [-1, 3], \"y\": [-3, 1], \"a\": [-3, 1], \"b\": [-3, 1],"
		" \"c\": [-3, 1], \"d\": [-3, 1]}");
	cli_answer("quantize --ort-compatible a.onnx -r a.json -o q.onnx --op-types Neg "
		   "--activation-type u16");
	r = cli_shell("grep -q c_QuantizeLinear q.onnx && ! grep -q d_Quant q.onnx");
	cr_expect_eq(r.status, 0);
}
