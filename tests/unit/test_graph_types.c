#include "graph/graph.h"

#include "build.h"
#include "support.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct graph *built(const Onnx__ModelProto *proto)
{
	struct error err = ERROR_INIT;
	struct graph *graph = graph_build(proto_open(proto), &err);

	cr_assert(graph, "%s", err.text);
	return graph;
}

static const struct graph_tensor *found(const struct graph *g, const char *name)
{
	tensor_id t = graph_find_tensor(g, name, strlen(name));

	cr_assert_neq(t, GRAPH_NONE, "no tensor %s", name);
	return &g->tensors[t];
}

static int32_t type(const struct graph *g, const char *name)
{
	return found(g, name)->element_type;
}

static int32_t known(const struct graph *g, const char *name)
{
	return found(g, name)->known_type;
}

struct expected {
	const char *tensor;
	int32_t type;
};

static void expect_types(
	const struct graph *g, const struct expected *expected, size_t count)
{
	for (size_t i = 0; i < count; i++)
		cr_expect_eq(type(g, expected[i].tensor), expected[i].type, "%s",
			expected[i].tensor);
}

/* Pairs {tensor, element type}. */
#define EXPECT_TYPES(g, ...)                                                             \
	expect_types(g, (const struct expected[]){__VA_ARGS__},                          \
		sizeof((const struct expected[]){__VA_ARGS__}) /                         \
			sizeof(struct expected))

Test(graph_types, rules)
{
	Onnx__ModelProto *model = proto_model(13);
	Onnx__GraphProto *m = model->graph;
	const struct graph *g;

	proto_input(m, "x", ELEMENT_FLOAT16, NULL);
	proto_node(m, "Relu", "", "x", "r");
	proto_node(m, "Shape", "", "r", "s");
	proto_int(proto_node(m, "Cast", "", "s", "c"), "to", ELEMENT_DOUBLE);
	proto_node(m, "Equal", "", "x,x", "e");
	proto_node(m, "Where", "", "e,x,r", "w");
	proto_node(m, "TopK", "", "w,k", "values,indices");
	proto_node(m, "ConstantOfShape", "", "s", "z");
	proto_float(proto_node(m, "Constant", "", "", "one"), "value_float", 1);
	proto_node(m, "QuantizeLinear", "", "c,scale", "q");
	proto_node(m, "QuantizeLinear", "", "c,scale,zero", "q2");
	proto_initializer(m, "zero", ELEMENT_INT8, "", NULL);
	proto_node(m, "DequantizeLinear", "", "q2,scale", "d");
	g = built(model);
	EXPECT_TYPES(g, {"r", ELEMENT_FLOAT16}, {"s", ELEMENT_INT64},
		{"c", ELEMENT_DOUBLE}, {"e", ELEMENT_BOOL}, {"w", ELEMENT_FLOAT16},
		{"values", ELEMENT_FLOAT16}, {"indices", ELEMENT_INT64},
		{"z", ELEMENT_FLOAT}, {"one", ELEMENT_FLOAT}, {"q", ELEMENT_UINT8},
		{"q2", ELEMENT_INT8}, {"d", ELEMENT_FLOAT}, {"k", ELEMENT_NONE});
	cr_expect_not(found(g, "r")->flags & TENSOR_DECLARED);
}

Test(graph_types, declared_beats_the_rule_and_the_later_wins)
{
	Onnx__ModelProto *model = proto_model(13);
	const struct graph *g;

	proto_input(model->graph, "x", ELEMENT_FLOAT, NULL);
	proto_node(model->graph, "Relu", "", "x", "a");
	proto_node(model->graph, "Relu", "", "a", "b");
	proto_value_info(model->graph, "a", ELEMENT_FLOAT16, NULL);
	proto_value_info(model->graph, "b", ELEMENT_DOUBLE, NULL);
	proto_value_info(model->graph, "x", ELEMENT_INT8, NULL);
	proto_output(model->graph, "b", ELEMENT_BFLOAT16, NULL);
	g = built(model);
	cr_expect_eq(type(g, "a"), ELEMENT_FLOAT16);
	cr_expect_eq(type(g, "b"), ELEMENT_BFLOAT16);
	cr_expect_eq(type(g, "x"), ELEMENT_FLOAT);
	cr_expect(found(g, "a")->flags & TENSOR_DECLARED);
}

Test(graph_types, other_domains_are_unknown)
{
	Onnx__ModelProto *model = proto_model(13);
	const struct graph *g;

	proto_input(model->graph, "x", ELEMENT_FLOAT, NULL);
	Onnx__NodeProto *gelu = proto_node(model->graph, "Gelu", "", "x", "a");

	gelu->has_domain = true;
	gelu->domain = proto_text("com.microsoft");
	proto_node(model->graph, "Relu", "", "a", "b");
	proto_node(model->graph, "NoSuchOperator", "", "x", "c");
	g = built(model);
	cr_expect_eq(type(g, "a"), ELEMENT_NONE);
	cr_expect_eq(type(g, "b"), ELEMENT_NONE);
	cr_expect_eq(type(g, "c"), ELEMENT_NONE);
}

Test(graph_types, what_only_we_know_is_marked)
{
	Onnx__ModelProto *model = proto_model(21);
	const struct graph *g;

	proto_input(model->graph, "x", ELEMENT_FLOAT, "1,4,2");
	proto_node(model->graph, "Exp", "", "late", "early");
	proto_node(model->graph, "GroupNormalization", "", "x,s,b", "n");
	proto_node(model->graph, "Relu", "", "n", "r");
	proto_node(model->graph, "Relu", "", "x", "late");
	g = built(model);
	cr_expect_eq(known(g, "n"), ELEMENT_FLOAT);
	cr_expect_eq(type(g, "n"), ELEMENT_NONE);
	cr_expect_eq(known(g, "r"), ELEMENT_FLOAT);
	cr_expect_eq(type(g, "r"), ELEMENT_NONE);
	cr_expect_eq(known(g, "late"), ELEMENT_FLOAT);
	cr_expect_eq(type(g, "late"), ELEMENT_FLOAT);
	cr_expect_eq(known(g, "early"), ELEMENT_FLOAT);
	cr_expect_eq(type(g, "early"), ELEMENT_NONE);
}

static void external(Onnx__GraphProto *graph, const char *name)
{
	Onnx__TensorProto *tensor =
		proto_initializer(graph, name, ELEMENT_INT64, "2", NULL);

	tensor->has_data_location = 1;
	tensor->data_location = 1;
}

/* onnx gives up where the elements of a constant in a side file would tell a shape. */
Test(graph_types, elements_in_side_files_are_not_read)
{
	Onnx__ModelProto *model = proto_model(17);
	Onnx__GraphProto *m = model->graph;
	const struct graph *g;

	proto_input(m, "x", ELEMENT_FLOAT, "N,4");
	proto_input(m, "shapeless", ELEMENT_FLOAT, NULL);
	external(m, "two");
	proto_node(m, "Gather", "", "x,two", "gather");
	proto_node(m, "Slice", "", "x,two,two", "slice");
	proto_node(m, "Slice", "", "shapeless,two,two", "slice_shapeless");
	proto_node(m, "Relu", "", "slice", "behind");
	proto_node(m, "Reshape", "", "shapeless,two", "reshape");
	proto_node(m, "Split", "", "x,two", "open,open2");
	proto_int(proto_node(m, "Split", "", "x,two", "split,split2"), "axis", 1);
	proto_node(m, "TopK", "", "x,two", "top,top2");
	proto_int(proto_node(m, "TopK", "", "x,two", "top_open,top_open2"), "axis", 0);
	proto_node(m, "Resize", "", "x,,,two", "resize");
	g = built(model);
	EXPECT_TYPES(g, {"gather", ELEMENT_FLOAT}, {"slice", ELEMENT_NONE},
		{"slice_shapeless", ELEMENT_FLOAT}, {"behind", ELEMENT_NONE},
		{"reshape", ELEMENT_NONE}, {"open", ELEMENT_FLOAT},
		{"split", ELEMENT_NONE}, {"top", ELEMENT_NONE},
		{"top_open", ELEMENT_FLOAT}, {"resize", ELEMENT_NONE});
	cr_expect_eq(known(g, "slice"), ELEMENT_FLOAT);
}

Test(graph_types, sizes_must_stand_before_their_resize)
{
	Onnx__ModelProto *model = proto_model(17);
	Onnx__GraphProto *m = model->graph;
	const struct graph *g;

	proto_input(m, "x", ELEMENT_FLOAT, "1,4");
	proto_node(m, "Resize", "", "x,,,s", "early");
	proto_node(m, "Shape", "", "x", "s");
	proto_node(m, "Resize", "", "x,,,s", "late");
	g = built(model);
	cr_expect_eq(type(g, "early"), ELEMENT_NONE);
	cr_expect_eq(known(g, "early"), ELEMENT_FLOAT);
	cr_expect_eq(type(g, "late"), ELEMENT_FLOAT);
}

Test(graph_types, through_subgraphs_and_sequences)
{
	Onnx__ModelProto *model = proto_model(17);
	Onnx__GraphProto *m = model->graph, *body = proto_body(), *yes = proto_body(),
			 *no = proto_body();
	Onnx__NodeProto *loop, *branch;
	const struct graph *g;

	proto_input(m, "x", ELEMENT_FLOAT16, NULL);
	proto_input(body, "i", ELEMENT_NONE, NULL);
	proto_input(body, "go", ELEMENT_NONE, NULL);
	proto_input(body, "v", ELEMENT_NONE, NULL);
	proto_node(body, "Identity", "", "go", "go_on");
	proto_node(body, "Add", "", "v,v", "v_next");
	proto_node(body, "Identity", "", "i", "count");
	proto_output(body, "go_on", ELEMENT_NONE, NULL);
	proto_output(body, "v_next", ELEMENT_NONE, NULL);
	proto_output(body, "count", ELEMENT_NONE, NULL);
	loop = proto_node(m, "Loop", "", "n,,x", "last,counts");
	proto_graph(loop, "body", body);
	proto_node(yes, "Relu", "", "last", "y");
	proto_output(yes, "y", ELEMENT_NONE, NULL);
	proto_node(no, "Neg", "", "last", "z");
	proto_output(no, "z", ELEMENT_NONE, NULL);
	branch = proto_node(m, "If", "", "c", "chosen");
	proto_graph(branch, "then_branch", yes);
	proto_graph(branch, "else_branch", no);
	proto_node(m, "SequenceConstruct", "", "chosen,last", "list");
	proto_node(m, "SequenceInsert", "", "list,x", "longer");
	proto_node(m, "SequenceAt", "", "longer,k", "item");
	proto_node(m, "ConcatFromSequence", "", "longer", "joined");
	g = built(model);
	cr_expect_eq(type(g, "last"), ELEMENT_FLOAT16);
	cr_expect_eq(type(g, "counts"), ELEMENT_INT64);
	cr_expect_eq(type(g, "chosen"), ELEMENT_FLOAT16);
	cr_expect_eq(type(g, "list"), ELEMENT_NONE);
	cr_expect(found(g, "list")->flags & TENSOR_CONTAINER);
	cr_expect_eq(type(g, "item"), ELEMENT_FLOAT16);
	cr_expect_eq(type(g, "joined"), ELEMENT_FLOAT16);
}

Test(graph_types, functions_that_call_themselves_end)
{
	Onnx__ModelProto *model = proto_model(13);
	Onnx__GraphProto *body = proto_body();
	Onnx__FunctionProto function, *functions[] = {&function};
	Onnx__NodeProto *call = proto_node(model->graph, "Twice", "", "x", "y");

	onnx__function_proto__init(&function);
	proto_node(body, "Twice", "", "p", "q");
	proto_node(body, "Twice", "", "p", "r");
	for (size_t i = 0; i < 2; i++) {
		body->node[i]->has_domain = true;
		body->node[i]->domain = proto_text("own");
	}
	function.has_name = function.has_domain = call->has_domain = true;
	function.name = proto_text("Twice");
	function.domain = call->domain = proto_text("own");
	function.n_input = function.n_output = 1;
	function.input = &body->node[0]->input[0];
	function.output = &body->node[1]->output[0];
	function.n_node = body->n_node;
	function.node = body->node;
	model->n_functions = 1;
	model->functions = functions;
	proto_input(model->graph, "x", ELEMENT_FLOAT, NULL);
	cr_expect_eq(type(built(model), "y"), ELEMENT_NONE);
}

/* Compares with lines "tensor<TAB>element type" of tests/unit/infer.py; returns how
 * many tensors it saw. */
static size_t expect_same_types(const struct graph *g, char *lines, const char *what)
{
	size_t count = 0;

	for (char *line = strtok(lines, "\n"); line; line = strtok(NULL, "\n"), count++) {
		char *tab = strrchr(line, '\t');
		tensor_id t;

		cr_assert(tab, "%s", line);
		*tab = '\0';
		t = graph_find_tensor(g, line, strlen(line));
		cr_assert_neq(t, GRAPH_NONE, "%s: no tensor %s", what, line);
		cr_expect_eq(g->tensors[t].element_type, atoi(tab + 1),
			"%s: %s is %d here, %s in onnx", what, line,
			g->tensors[t].element_type, tab + 1);
		cr_expect(!g->tensors[t].element_type ||
			  g->tensors[t].element_type == g->tensors[t].known_type);
	}
	return count;
}

static size_t compare(const char *path, const char *stripped)
{
	struct test_result result = TEST_PYTHON("tests/unit/infer.py", path, stripped);
	struct error err = ERROR_INIT;
	struct model_options options = {0};
	struct model *model;
	struct graph *g;
	size_t count;

	cr_assert_eq(result.status, 0, "%s", result.err);
	model = model_open(stripped, &options, NULL, &err);
	cr_assert(model, "%s", err.text);
	g = graph_build(model, &err);
	cr_assert(g, "%s", err.text);
	count = expect_same_types(g, result.out, path);
	graph_free(g);
	model_free(model);
	return count;
}

Test(graph_types, real_models_as_onnx_infers_them, .timeout = 300)
{
	static const char *const names[] = {"det.onnx", "rec.onnx", "cls.onnx",
		"rec17.onnx", "silero_vad.onnx", "crnn.onnx", "det_f16.onnx",
		"matte.onnx", "pitch.onnx", "table.onnx", "turn_q.onnx", "yolo.onnx",
		"yolox.onnx"};

	test_need_python();
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		cr_expect_gt(
			compare(test_need_model(names[i]), test_path("%s", names[i])), 0);
}

Test(graph_types, every_operator_as_onnx_infers_it, .timeout = 300)
{
	struct test_result result;
	char *line;
	size_t count = 0, models = 0;

	result = TEST_PYTHON("tests/unit/infer.py", "--operators", test_folder());
	cr_assert_eq(result.status, 0, "%s", result.err);
	for (char *next = result.out; (line = strsep(&next, "\n")) && *line; models++) {
		char *tab = strchr(line, '\t');
		struct error err = ERROR_INIT;
		struct model_options options = {0};
		struct model *model;
		struct graph *g;

		cr_assert(tab);
		*tab = '\0';
		model = model_open(test_path("%s", line), &options, NULL, &err);
		cr_assert(model, "%s", err.text);
		g = graph_build(model, &err);
		cr_assert(g, "%s: %s", line, err.text);
		for (char *p = tab + 1; (p = strchr(p, '|')); p++)
			*p = '\n';
		for (char *p = tab + 1; (p = strchr(p, '=')); p++)
			*p = '\t';
		count += expect_same_types(g, tab + 1, line);
		graph_free(g);
		model_free(model);
	}
	cr_expect_eq(models, 2 * (size_t)schema_newest_opset() + 3, "%zu models", models);
	cr_expect_gt(count, 3000, "%zu outputs", count);
}
