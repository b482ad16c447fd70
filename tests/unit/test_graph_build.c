#include "graph/graph.h"

#include "build.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static struct graph *built(const Onnx__ModelProto *proto)
{
	struct error err = ERROR_INIT;
	struct graph *graph = graph_build(proto_open(proto), &err);

	cr_assert(graph, "%s", err.text);
	return graph;
}

static void refused(const Onnx__ModelProto *proto, const char *text)
{
	struct error err = ERROR_INIT;

	cr_expect_null(graph_build(proto_open(proto), &err));
	cr_expect_eq(err.kind, ERROR_REFUSED);
	cr_expect(strstr(err.text, text), "'%s' is not in: %s", text, err.text);
	cr_expect(strchr(err.text, ';'), "no remedy: %s", err.text);
}

static tensor_id tensor(const struct graph *g, const char *name)
{
	tensor_id t = graph_find_tensor(g, name, strlen(name));

	cr_assert_neq(t, GRAPH_NONE, "no tensor %s", name);
	return t;
}

static node_id node(const struct graph *g, const char *name)
{
	node_id n = graph_find_node(g, name, strlen(name));

	cr_assert_neq(n, GRAPH_NONE, "no node %s", name);
	return n;
}

/* x -> A (Relu) -> a -> B (Add a,a) -> b; C (Conv a,w,) -> c */
static Onnx__ModelProto *small(void)
{
	Onnx__ModelProto *model = proto_model(17);
	Onnx__GraphProto *g = model->graph;

	proto_input(g, "x", ELEMENT_FLOAT, "1,3,N,?");
	proto_node(g, "Relu", "A", "x", "a");
	proto_node(g, "Add", "B", "a,a", "b");
	proto_node(g, "Conv", "C", "a,w,,", "c");
	proto_floats(g, "w", "2,3,1,1", NULL);
	proto_output(g, "b", ELEMENT_FLOAT, NULL);
	proto_output(g, "c", ELEMENT_FLOAT, NULL);
	return model;
}

Test(graph, producers_and_readers)
{
	const struct graph *g = built(small());
	uint32_t count;
	const struct graph_reader *readers = graph_readers_of(g, tensor(g, "a"), &count);

	cr_assert_eq(g->node_count, 3);
	cr_assert_eq(g->main_nodes, 3);
	cr_assert_eq(count, 3);
	cr_expect_eq(readers[0].node, node(g, "B"));
	cr_expect_eq(readers[0].slot, 0);
	cr_expect_eq(readers[1].node, node(g, "B"));
	cr_expect_eq(readers[1].slot, 1);
	cr_expect_eq(readers[2].node, node(g, "C"));
	cr_expect_eq(g->tensors[tensor(g, "a")].producer, node(g, "A"));
	cr_expect_eq(g->tensors[tensor(g, "x")].producer, GRAPH_NONE);
	cr_expect_eq(graph_input_of(g, node(g, "C"), 1), tensor(g, "w"));
	cr_expect_eq(graph_input_of(g, node(g, "C"), 2), GRAPH_NONE);
	cr_expect_eq(graph_input_of(g, node(g, "C"), 9), GRAPH_NONE);
	cr_expect_eq(graph_output_of(g, node(g, "C"), 0), tensor(g, "c"));
	cr_expect_eq(g->inputs[0], tensor(g, "x"));
	cr_expect_eq(g->input_count, 1);
	cr_expect_eq(g->outputs[1], tensor(g, "c"));
	cr_expect_eq(g->output_count, 2);
	cr_expect_eq(g->opset, 17);
}

Test(graph, flags_tell_what_a_tensor_is)
{
	Onnx__ModelProto *model = small();
	const struct graph *g;

	proto_node(model->graph, "Add", "D", "w,nowhere", "d");
	proto_tensor(proto_node(model->graph, "Constant", "K", "", "k"), "value",
		proto_value("", ELEMENT_INT64, "2", NULL));
	g = built(model);
	cr_expect_eq(g->tensors[tensor(g, "x")].flags, TENSOR_INPUT | TENSOR_DECLARED);
	cr_expect_eq(g->tensors[tensor(g, "w")].flags, TENSOR_INITIALIZER);
	cr_expect_eq(g->tensors[tensor(g, "b")].flags, TENSOR_OUTPUT | TENSOR_DECLARED);
	cr_expect_eq(g->tensors[tensor(g, "nowhere")].flags, TENSOR_UNDEFINED);
	cr_expect_eq(g->tensors[tensor(g, "k")].flags, TENSOR_CONSTANT);
	cr_expect(graph_is_constant(g, tensor(g, "k")));
	cr_expect_eq(graph_constant(g, tensor(g, "k"))->data_type, ELEMENT_INT64);
	cr_expect_eq(graph_constant(g, tensor(g, "w"))->n_dims, 4);
	cr_expect_null(graph_constant(g, tensor(g, "x")));
	cr_expect_lt(tensor(g, "nowhere"), g->main_tensors);
}

Test(graph, shapes_and_symbols)
{
	const struct graph *g = built(small());
	char text[100];

	cr_expect_str_eq(
		graph_shape_text(g, tensor(g, "x"), text, 100), "float[1,3,N,?]");
	cr_expect_str_eq(
		graph_shape_text(g, tensor(g, "b"), text, 100), "float[1,3,N,?]");
	cr_expect_str_eq(graph_shape_text(g, tensor(g, "c"), text, 100), "float[?]");
	cr_expect_str_eq(
		graph_shape_text(g, tensor(g, "w"), text, 100), "float[2,3,1,1]");
	cr_expect_str_eq(graph_shape_text(g, tensor(g, "w"), text, 9), "float[2,");
	cr_expect_eq(graph_tensor_elements(g, tensor(g, "w")), 6);
	cr_expect_eq(graph_tensor_elements(g, tensor(g, "x")), 0);
	cr_expect_eq(graph_tensor_elements(g, tensor(g, "c")), 0);
}

static void expect_shape(const char *a, const char *b, const char *wanted)
{
	Onnx__ModelProto *model = proto_model(17);
	char text[100];
	const struct graph *g;

	proto_input(model->graph, "a", ELEMENT_FLOAT, a);
	proto_input(model->graph, "b", ELEMENT_FLOAT, b);
	proto_node(model->graph, "Mul", "M", "a,b", "m");
	proto_output(model->graph, "m", ELEMENT_FLOAT, NULL);
	g = built(model);
	cr_expect_str_eq(graph_shape_text(g, tensor(g, "m"), text, 100), wanted);
}

Test(graph, broadcast_only_where_one_input_has_the_shape)
{
	expect_shape("2,3", "2,3", "float[2,3]");
	expect_shape("2,3", "3", "float[2,3]");
	expect_shape("", "2,N", "float[2,N]");
	expect_shape("2,1", "1,3", "float[?]");
	expect_shape("2,?", "2,?", "float[?]");
	expect_shape("2,N", "2,M", "float[?]");
	expect_shape("2,3", NULL, "float[?]");
}

Test(graph, subgraphs_read_outer_tensors)
{
	Onnx__ModelProto *model = proto_model(17);
	Onnx__GraphProto *yes = proto_body(), *no = proto_body();
	Onnx__NodeProto *branch;
	const struct graph *g;
	const struct graph_reader *readers;
	uint32_t count;

	proto_input(model->graph, "x", ELEMENT_FLOAT, "4");
	proto_input(model->graph, "c", ELEMENT_BOOL, "");
	proto_node(yes, "Relu", "inner", "a", "y");
	proto_node(yes, "Cos", "", "x", "unused");
	proto_output(yes, "y", ELEMENT_FLOAT, NULL);
	proto_output(no, "a", ELEMENT_FLOAT, NULL);
	branch = proto_node(model->graph, "If", "I", "c", "r");
	proto_graph(branch, "then_branch", yes);
	proto_graph(branch, "else_branch", no);
	proto_node(model->graph, "Neg", "N", "x", "a");
	proto_node(model->graph, "Exp", "E", "a", "e");
	proto_output(model->graph, "r", ELEMENT_FLOAT, NULL);
	g = built(model);
	cr_assert_eq(g->scope_count, 3);
	cr_assert_eq(g->node_count, 5);
	cr_assert_eq(g->main_nodes, 3);
	cr_expect_eq(g->nodes[node(g, "I")].first_body, 1);
	cr_expect_eq(g->nodes[node(g, "I")].body_count, 2);
	cr_expect_str_eq(g->scopes[2].attribute, "else_branch");
	cr_expect_eq(g->scopes[2].owner, node(g, "I"));
	cr_expect(g->tensors[tensor(g, "a")].flags & TENSOR_CAPTURED);
	cr_expect(g->tensors[tensor(g, "x")].flags & TENSOR_CAPTURED);
	cr_expect_not(g->tensors[tensor(g, "c")].flags & TENSOR_CAPTURED);
	readers = graph_readers_of(g, tensor(g, "a"), &count);
	cr_assert_eq(count, 2);
	cr_expect_eq(readers[0].node, node(g, "E"));
	cr_expect_not(graph_is_main(g, readers[1].node));
	cr_expect_eq(graph_ancestor(g, readers[1].node, 0), node(g, "I"));
	cr_expect_eq(graph_find_node(g, "inner", 5), GRAPH_NONE);
	cr_expect_eq(graph_find_tensor(g, "y", 1), GRAPH_NONE);
	/* I stands in the file before N, whose output its branches read. */
	cr_expect(g->unsorted);
	cr_expect_eq(g->order[0], node(g, "N"));
	cr_expect_eq(g->order[1], node(g, "I"));
	cr_expect_eq(g->order[2], node(g, "E"));
}

Test(graph, order_is_that_of_the_file_where_it_can_be)
{
	const struct graph *g = built(small());
	Onnx__ModelProto *model = proto_model(17);

	cr_expect_not(g->unsorted);
	for (node_id n = 0; n < 3; n++)
		cr_expect_eq(g->order[n], n);
	proto_input(model->graph, "x", ELEMENT_FLOAT, NULL);
	proto_node(model->graph, "Exp", "n0", "c", "d");
	proto_node(model->graph, "Exp", "n1", "x", "b");
	proto_node(model->graph, "Exp", "n2", "b", "c");
	proto_node(model->graph, "Exp", "n3", "x", "e");
	g = built(model);
	cr_expect(g->unsorted);
	cr_expect_eq(g->order[0], 1);
	cr_expect_eq(g->order[1], 2);
	cr_expect_eq(g->order[2], 0);
	cr_expect_eq(g->order[3], 3);
}

Test(graph, cycles_are_refused_by_name)
{
	Onnx__ModelProto *model = proto_model(17);
	Onnx__ModelProto *self = proto_model(17);
	Onnx__ModelProto *captured = proto_model(17);
	Onnx__GraphProto *body = proto_body();

	proto_node(model->graph, "Relu", "before", "x", "p");
	proto_node(model->graph, "Add", "first", "p,r", "q");
	proto_node(model->graph, "Relu", "second", "q", "r");
	proto_node(model->graph, "Relu", "behind", "r", "s");
	refused(model, "'first', which needs 'second' and so needs itself");
	proto_node(self->graph, "Relu", "me", "y", "y");
	refused(self, "cycle: 'me' and so needs itself");
	proto_node(body, "Relu", "in", "out", "b");
	proto_output(body, "b", ELEMENT_FLOAT, NULL);
	proto_graph(proto_node(captured->graph, "If", "If1", "c", "out"), "then_branch",
		body);
	refused(captured, "'If1' and so needs itself");
}

Test(graph, double_definitions_are_refused)
{
	Onnx__ModelProto *nodes = small(), *input = small(), *weights = small();
	Onnx__ModelProto *inputs = small(), *default_value = small();

	proto_node(nodes->graph, "Relu", "Z", "x", "a");
	refused(nodes, "'a' is defined twice (as output of two nodes)");
	proto_node(input->graph, "Relu", "Z", "a", "x");
	refused(input, "'x' is defined twice (as input and by a node)");
	proto_floats(weights->graph, "w", "1", NULL);
	cr_expect_eq(built(small())->repeated, GRAPH_NONE);
	cr_expect_eq(built(weights)->repeated, tensor(built(weights), "w"));
	proto_input(inputs->graph, "x", ELEMENT_FLOAT, NULL);
	refused(inputs, "'x' is defined twice (two inputs)");
	proto_input(default_value->graph, "w", ELEMENT_FLOAT, NULL);
	cr_expect_eq(built(default_value)->input_count, 2);
}

Test(graph, nameless_things_are_refused)
{
	Onnx__ModelProto *op = small(), *input = small(), *output = small();
	Onnx__ModelProto *nul = small();

	proto_node(op->graph, "", "nothing", "x", "z");
	refused(op, "node 3 ('nothing') has no operator");
	proto_input(input->graph, "", ELEMENT_FLOAT, NULL);
	refused(input, "graph input 1 has no name");
	proto_output(output->graph, "", ELEMENT_FLOAT, NULL);
	refused(output, "graph output 2 has no name");
	nul->graph->node[0]->name = (ProtobufCBinaryData){3, (uint8_t *)"a\0b"};
	struct error err = ERROR_INIT;
	struct model by_hand = {.proto = nul};

	cr_expect_null(graph_build(&by_hand, &err));
	cr_expect(strstr(err.text, "'a\\x00b' has a NUL inside"), "%s", err.text);
}

Test(graph, domains_functions_and_repeated_names)
{
	Onnx__ModelProto *model = small();
	Onnx__NodeProto *call = proto_node(model->graph, "Twice", "A", "c", "t");
	Onnx__NodeProto *plain = proto_node(model->graph, "Relu", "P", "t", "u");
	Onnx__FunctionProto function, *functions[] = {&function};
	const struct graph *g;

	onnx__function_proto__init(&function);
	function.name = proto_text("Twice");
	function.domain = proto_text("own");
	function.has_name = function.has_domain = true;
	model->n_functions = 1;
	model->functions = functions;
	proto_node(model->graph, "Twice", "no call", "c", "v");
	call->has_domain = plain->has_domain = true;
	call->domain = proto_text("own");
	plain->domain = proto_text("ai.onnx");
	g = built(model);
	cr_expect_eq(node(g, "A"), 0);
	cr_expect_eq(g->nodes[3].function, 0);
	cr_expect_eq(g->nodes[0].function, GRAPH_NONE);
	cr_assert_eq(g->function_count, 1);
	cr_expect_eq(g->functions[0].calls, 1);
	cr_expect_eq(g->nodes[node(g, "no call")].function, GRAPH_NONE);
	cr_expect_eq(names_length(&g->names, g->nodes[node(g, "P")].domain), 0);
	cr_expect_str_eq(schema_input_at(graph_schema(g, node(g, "C")), 1)->name, "W");
	cr_expect_null(graph_schema(g, 3));
}

Test(graph, suggestions_are_the_nearest)
{
	Onnx__ModelProto *model = proto_model(17);
	char out[200];
	const struct graph *g;

	proto_node(model->graph, "Relu", "conv_relu", "x", "Op4_out");
	proto_node(model->graph, "Softmax", "", "Op4_out", "Op44_out");
	proto_node(model->graph, "Relu", "far", "Op44_out", "something");
	g = built(model);
	graph_suggest(g, 't', "Op4_oout", 8, out, sizeof(out));
	cr_expect_str_eq(out, "'Op4_out' or 'Op44_out'");
	graph_suggest(g, 'n', "conv_rleu", 9, out, sizeof(out));
	cr_expect_str_eq(out, "'conv_relu'");
	graph_suggest(g, 'o', "softmax", 7, out, sizeof(out));
	cr_expect_str_eq(out, "'Softmax'");
	graph_suggest(g, 't', "quite different", 15, out, sizeof(out));
	cr_expect_str_eq(out, "");
	cr_expect_str_eq(graph_node_label(g, 1), "Op44_out");
}

Test(graph, hundred_thousand_nodes)
{
	Onnx__ModelProto *model = proto_model(17);
	size_t count = 100000;
	Onnx__NodeProto **nodes = calloc(count, sizeof(*nodes));
	struct error err = ERROR_INIT;
	struct model by_hand = {.proto = model};
	struct graph *g;
	char name[64], in[80] = "x", out[80];
	struct timespec a, b;

	proto_input(model->graph, "x", ELEMENT_FLOAT, "1,8");
	for (size_t i = 0; i < count; i++) {
		Onnx__GraphProto one = ONNX__GRAPH_PROTO__INIT;

		snprintf(name, sizeof(name), "/model/layer.%zu/self_attn/Mul_%zu", i / 10,
			i);
		snprintf(out, sizeof(out), "%s_output_0", name);
		nodes[i] = proto_node(&one, "Mul", name, in, out);
		memcpy(in, out, sizeof(in));
	}
	model->graph->node = nodes;
	model->graph->n_node = count;
	clock_gettime(CLOCK_MONOTONIC, &a);
	g = graph_build(&by_hand, &err);
	clock_gettime(CLOCK_MONOTONIC, &b);
	cr_assert(g, "%s", err.text);
	cr_log_info("%.1f ms", (double)(b.tv_sec - a.tv_sec) * 1e3 +
				       (double)(b.tv_nsec - a.tv_nsec) / 1e6);
	cr_expect_eq(g->tensor_count, count + 1);
	cr_expect_eq(g->tensors[tensor(g, in)].element_type, ELEMENT_FLOAT);
	cr_expect_eq(g->tensors[tensor(g, in)].rank, 2);
	graph_free(g);
}
