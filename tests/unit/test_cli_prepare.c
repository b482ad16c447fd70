/* `prepare`: Constants, names, dimensions, optimization. */
#include "build.h"
#include "cli_fixture.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(cli_prepare, .init = cli_begin);

static struct model *open_result(const char *name)
{
	struct error err = ERROR_INIT;
	struct model *model = model_open(test_path("%s", name), NULL, NULL, &err);

	cr_assert(model, "%s", err.text);
	return model;
}

static bool has_metadata(const struct model *model)
{
	for (size_t i = 0; i < model->proto->n_metadata_props; i++)
		if (bytes_equal(model->proto->metadata_props[i]->key,
			    "onnx.quant.pre_process"))
			return bytes_equal(model->proto->metadata_props[i]->value,
				"onnxruntime.quant");
	return false;
}

/* Constants of every form, nodes without names, and an If over free dimensions. */
static void write_model(void)
{
	static const float values[] = {1, 2, 3, 4};
	static const int64_t shape[] = {-1, 4};
	Onnx__ModelProto *model = proto_model(17);
	Onnx__GraphProto *graph = model->graph, *then = proto_body(),
			 *otherwise = proto_body();
	Onnx__NodeProto *node;

	model->ir_version = 3;
	proto_input(graph, "x", ELEMENT_FLOAT, "N,4,H");
	proto_input(graph, "c", ELEMENT_BOOL, "");
	proto_output(graph, "y", ELEMENT_FLOAT, "N,4,H");
	proto_value_info(graph, "s", ELEMENT_FLOAT, "N,4,H");
	node = proto_node(graph, "Constant", "", "", "k");
	proto_tensor(node, "value", proto_value("", ELEMENT_FLOAT, "4,1", values));
	node = proto_node(graph, "Constant", "", "", "shape");
	proto_ints(node, "value_ints", 2, shape);
	node = proto_node(graph, "Constant", "", "", "half");
	proto_float(node, "value_float", 0.5f);
	node = proto_node(graph, "Constant", "", "", "word");
	proto_string(node, "value_string", "text");
	proto_node(graph, "Add", "", "x,k", "a");
	proto_node(graph, "Mul", "same", "a,half", "m");
	proto_node(graph, "Relu", "same", "m", "s");
	proto_output(then, "t", ELEMENT_FLOAT, "N,4,H");
	proto_node(then, "Relu", "then", "s", "t");
	proto_output(otherwise, "e", ELEMENT_FLOAT, "N,4,H");
	proto_node(otherwise, "Neg", "else", "s", "e");
	node = proto_node(graph, "If", "", "c", "y");
	proto_graph(node, "then_branch", then);
	proto_graph(node, "else_branch", otherwise);
	proto_file(model, test_path("p.onnx"));
}

Test(cli_prepare, constants_and_names)
{
	const Onnx__GraphProto *graph;
	struct model *model;
	json_t *json;

	write_model();
	json = cli_json("prepare p.onnx -o out.onnx --json");
	cr_expect_eq(json_integer_value(json_object_get(json, "constants")), 4);
	cr_expect_eq(json_integer_value(json_object_get(json, "named_nodes")), 3);
	cr_expect_eq(json_integer_value(json_object_get(json, "nodes")), 4);
	model = open_result("out.onnx");
	graph = model->proto->graph;
	cr_assert_eq(graph->n_node, 4);
	cr_assert_eq(graph->n_initializer, 4);
	cr_expect(bytes_equal(graph->node[0]->name, "Add_4"));
	cr_expect(bytes_equal(graph->node[1]->name, "same"));
	cr_expect(bytes_equal(graph->node[2]->name, "Relu_6"));
	cr_expect(bytes_equal(graph->initializer[0]->name, "k"));
	cr_expect(bytes_equal(graph->initializer[1]->name, "shape"));
	cr_expect_eq(graph->initializer[1]->data_type, ELEMENT_INT64);
	cr_expect_eq(graph->initializer[1]->n_dims, 1);
	cr_expect_eq(graph->initializer[1]->int64_data[0], -1);
	cr_expect_eq(graph->initializer[2]->n_dims, 0);
	cr_expect_eq(graph->initializer[2]->float_data[0], 0.5f);
	cr_expect(bytes_equal(graph->initializer[3]->string_data[0], "text"));
	cr_expect_eq(model->proto->ir_version, 4);
	cr_expect(has_metadata(model));
}

static const Onnx__TensorShapeProto *shape_of(const Onnx__ValueInfoProto *value)
{
	return value->type->tensor_type->shape;
}

static void expect_fixed(const Onnx__ValueInfoProto *value)
{
	const Onnx__TensorShapeProto *shape = shape_of(value);

	cr_assert_eq(shape->n_dim, 3);
	cr_expect(shape->dim[0]->has_dim_value && !shape->dim[0]->has_dim_param);
	cr_expect_eq(shape->dim[0]->dim_value, 2);
	cr_expect_eq(shape->dim[1]->dim_value, 4);
	cr_expect(shape->dim[2]->has_dim_param);
}

Test(cli_prepare, dimensions_everywhere)
{
	const Onnx__GraphProto *graph;
	struct test_result r;

	write_model();
	r = cli_run("prepare p.onnx -o out.onnx --fix-dim N=2");
	cr_assert_eq(r.status, 0, "%s", r.err);
	cr_expect(strstr(r.out, "5 dimensions fixed"), "%s", r.out);
	graph = open_result("out.onnx")->proto->graph;
	expect_fixed(graph->input[0]);
	expect_fixed(graph->output[0]);
	expect_fixed(graph->value_info[0]);
	expect_fixed(graph->node[3]->attribute[0]->g->output[0]);
	expect_fixed(graph->node[3]->attribute[1]->g->output[0]);
	cli_answer("prepare p.onnx -o all.onnx --fix-dim N=2 --fix-dim H=9");
	graph = open_result("all.onnx")->proto->graph;
	cr_expect_eq(shape_of(graph->input[0])->dim[2]->dim_value, 9);
	cli_refuses("prepare p.onnx -o b.onnx --fix-dim W=1", 1,
		"--fix-dim 'W': no dimension of the model is called so; its inputs have "
		"'N', 'H'");
}

Test(cli_prepare, given_files_must_fit)
{
	test_write_text(test_path("wrong.json"), "{\"Op9\": [{}]}");
	cli_answer("prepare m.onnx -o fine.onnx -c o.json -r ranges.json");
	cli_refuses("prepare m.onnx -o out.onnx -c wrong.json", 1, "wrong.json: 'Op9'");
}

Test(cli_prepare, needs_the_runtime_to_optimize)
{
	struct test_result r = cli_shell("QDQEDIT_ORT_LIB=nothing $Q prepare m.onnx -o "
					 "out.onnx --optimize; code=$?; ls; exit $code");

	cr_expect_eq(r.status, 1);
	cr_expect(strstr(r.err, "qdqedit: "), "%s", r.err);
	cr_expect_null(strstr(r.out, "out.onnx"), "%s", r.out);
}

/* What ONNX Runtime's own tool makes: the same nodes and weights, and every shape that
 * it knows (it also invents names for unknown dimensions). */
Test(cli_prepare, optimizes_as_quant_pre_process)
{
	static const char script[] =
		"import onnx, sys\n"
		"from onnxruntime.quantization.shape_inference import "
		"quant_pre_process\n"
		"quant_pre_process(sys.argv[1], 'peer.onnx', skip_symbolic_shape=True)\n"
		"a, b = onnx.load('peer.onnx'), onnx.load(sys.argv[2])\n"
		"onnx.checker.check_model(b, full_check=True)\n"
		"def shape(v):\n"
		"    dims = v.type.tensor_type.shape.dim\n"
		"    return v.type.tensor_type.elem_type, [d.dim_value if "
		"d.HasField('dim_value') else '' if d.dim_param.startswith('unk__') else "
		"d.dim_param for d in dims]\n"
		"for x, y in zip(a.graph.node, b.graph.node): y.name = x.name\n"
		"assert list(a.graph.node) == list(b.graph.node)\n"
		"assert list(a.graph.initializer) == list(b.graph.initializer)\n"
		"assert list(a.opset_import) == list(b.opset_import)\n"
		"peer = {v.name: shape(v) for v in a.graph.value_info}\n"
		"ours = {v.name: shape(v) for v in b.graph.value_info}\n"
		"made = {o for n in a.graph.node for o in n.output}\n"
		"assert all(ours[k] == v for k, v in peer.items() if k in made and "
		"v[1])\n"
		"print(len(ours), 'shapes')\n";
	const char *python = test_need_python(), *ort = test_need_ort();
	struct test_result r;

	r = cli_shell(test_text("export QDQEDIT_ORT_LIB='%s' ORT_DISABLE_TELEMETRY=1; "
				"for d in convnet attention; do $Q demo $d -o $d && $Q "
				"prepare $d/$d.onnx -o $d.onnx --optimize -q && '%s' -c "
				"\"%s\" $d/$d.onnx $d.onnx || exit 1; done",
		ort, python, script));
	cr_assert_eq(r.status, 0, "%s%s", r.out, r.err);
	cr_expect(strstr(r.out, " shapes\n"), "%s", r.out);
}

/* Weights in side files stay out of the way while ONNX Runtime optimizes. */
Test(cli_prepare, optimizes_beside_side_files)
{
	Onnx__ModelProto *model = proto_model(21);
	struct test_result r;
	size_t length;

	proto_input(model->graph, "x", ELEMENT_FLOAT, "1,300");
	proto_output(model->graph, "y", ELEMENT_FLOAT, "1,300");
	proto_initializer(model->graph, "w", ELEMENT_FLOAT, "300", NULL);
	proto_node(model->graph, "Add", "add", "x,w", "t");
	proto_node(model->graph, "Identity", "same", "t", "u");
	proto_node(model->graph, "Relu", "relu", "u", "y");
	proto_file(model, test_path("w.onnx"));
	r = cli_shell(test_text("export QDQEDIT_ORT_LIB='%s'; mkdir d; $Q prepare w.onnx "
				"-o x.onnx --external-data always && $Q prepare x.onnx "
				"-o d/y.onnx --optimize",
		test_need_ort()));
	cr_assert_eq(r.status, 0, "%s", r.err);
	test_read_file(test_path("d/y.onnx.data"), &length);
	cr_expect_eq(length, 1200);
	cr_expect_eq(open_result("d/y.onnx")->proto->graph->n_node, 2);
}
