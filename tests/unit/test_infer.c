/* What onnx's inference makes of the inputs and outputs that graphs declare. */
#include "infer/infer.h"

#include "onnx_bytes.h"

#include <criterion/criterion.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FLOAT = 1, INT64 = 7, BOOL = 9 };

/* A declaration; `dims` as "N,?,3", NULL: no shape; type 0: no type at all. */
static struct bytes value(const char *name, int type, const char *dims)
{
	struct bytes info = {0}, types = {0}, tensor = {0}, shape = {0};
	char text[128], *rest = text;

	put_text(&info, 1, name);
	if (!type)
		return info;
	put_int(&tensor, 1, (uint64_t)type);
	snprintf(text, sizeof(text), "%s", dims ? dims : "");
	for (char *word; (word = strtok_r(rest, ",", &rest));) {
		struct bytes dim = {0};

		if (*word >= '0' && *word <= '9')
			put_int(&dim, 1, strtoull(word, NULL, 10));
		else if (*word != '?')
			put_text(&dim, 2, word);
		put_message(&shape, 1, dim);
	}
	if (dims)
		put_message(&tensor, 2, shape);
	put_message(&types, 1, tensor);
	put_message(&info, 2, types);
	return info;
}

static void put_body(struct bytes *node, const char *name, struct bytes graph)
{
	struct bytes attribute = {0};

	put_text(&attribute, 1, name);
	put_message(&attribute, 6, graph);
	put_int(&attribute, 20, 5);
	put_message(node, 5, attribute);
}

static struct bytes node_of(const char *op_type, const char *inputs, const char *output)
{
	struct bytes node = {0};
	char text[128], *rest = text;

	snprintf(text, sizeof(text), "%s", inputs);
	for (char *word; (word = strtok_r(rest, ",", &rest));)
		put_text(&node, 1, word);
	put_text(&node, 2, output);
	put_text(&node, 4, op_type);
	return node;
}

static struct model *open_graph(struct bytes graph)
{
	struct error err = ERROR_INIT;
	struct bytes b = make_model(graph);
	struct model *model = model_open_memory(b.data, b.size, "test", &err);

	cr_assert(model, "%s", err.text);
	return model;
}

/* The model with what `sweeps` sweeps found. */
static struct model *infer(const struct model *model, int sweeps)
{
	struct error err = ERROR_INIT;
	struct infer_run *run = infer_start();
	struct model *result = model_derive(model, &err);

	cr_assert(run && result);
	for (int i = 0; i < sweeps; i++)
		cr_assert(infer_sweep(run, model, i ? INFER_READ : INFER_IN_FILE));
	cr_assert(infer_declare(run, result, &err), "%s", err.text);
	infer_finish(run);
	return result;
}

/* As in value(), with the element type in front. */
static const char *told(const Onnx__ValueInfoProto *info)
{
	static char text[256];
	const Onnx__TypeProto__Tensor *tensor =
		info->type ? info->type->tensor_type : NULL;
	size_t length;

	if (!tensor)
		return "nothing";
	length = (size_t)snprintf(text, sizeof(text), "%d%s", (int)tensor->elem_type,
		tensor->shape ? "" : " none");
	for (size_t i = 0; tensor->shape && i < tensor->shape->n_dim; i++) {
		const Onnx__TensorShapeProto__Dimension *dim = tensor->shape->dim[i];
		char *at = text + length;
		size_t room = sizeof(text) - length;

		if (dim->has_dim_value)
			length += (size_t)snprintf(at, room, " %" PRId64, dim->dim_value);
		else
			length += (size_t)snprintf(at, room, " %.*s",
				dim->has_dim_param ? (int)dim->dim_param.len : 1,
				dim->has_dim_param ? (char *)dim->dim_param.data : "?");
	}
	return text;
}

static const Onnx__GraphProto *body(const struct model *model, size_t node, size_t i)
{
	return model->proto->graph->node[node]->attribute[i]->g;
}

static void expect_output(struct model *model, int sweeps, const char *wanted)
{
	struct model *result = infer(model, sweeps);

	cr_expect_str_eq(told(result->proto->graph->output[0]), wanted);
	model_free(result);
	model_free(model);
}

static struct bytes relu(struct bytes input, struct bytes output)
{
	struct bytes graph = {0};

	put_message(&graph, 1, node_of("Relu", "x", "y"));
	put_message(&graph, 11, input);
	put_message(&graph, 12, output);
	return graph;
}

/* Values win over names, names over nothing; what contradicts is left. */
Test(infer, completes_declarations)
{
	static const struct {
		const char *input, *output, *wanted;
	} cases[] = {
		{"N,3", NULL, "1 N 3"},
		{"N,3", "M,?", "1 M 3"},
		{"2,3", "M,?", "1 2 3"},
		{"N,3", "4,K", "1 4 3"},
		{"N,3", "4,5", "1 4 5"},
		{"N,3", "N", "1 N"},
		{"", NULL, "1"},
		{NULL, "?", "1 ?"},
		{NULL, NULL, "1 none"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		for (int sweeps = 1; sweeps < 4; sweeps++)
			expect_output(open_graph(relu(value("x", FLOAT, cases[i].input),
					      value("y", FLOAT, cases[i].output))),
				sweeps, cases[i].wanted);
	expect_output(open_graph(relu(value("x", FLOAT, "N,3"), value("y", 0, NULL))), 1,
		"1 N 3");
	expect_output(open_graph(relu(value("x", FLOAT, "N,3"), value("y", INT64, NULL))),
		1, "7 none");
}

/* New names come in the order of the nodes and leave out those in use. */
Test(infer, names_what_is_open)
{
	struct bytes graph = {0};

	put_message(&graph, 1, node_of("Relu", "x", "r"));
	put_message(&graph, 1, node_of("NonZero", "r", "n"));
	put_message(&graph, 1, node_of("Transpose", "r", "y"));
	put_message(&graph, 11, value("x", FLOAT, "?,unk__1,?"));
	put_message(&graph, 12, value("y", FLOAT, NULL));
	expect_output(open_graph(graph), 1, "1 unk__2 unk__1 unk__0");
	graph = (struct bytes){0};
	put_message(&graph, 1, node_of("NonZero", "x", "n"));
	put_message(&graph, 1, node_of("NonZero", "x", "y"));
	put_message(&graph, 11, value("x", FLOAT, "2,3"));
	put_message(&graph, 12, value("y", INT64, NULL));
	expect_output(open_graph(graph), 3, "7 2 unk__1");
}

/* What is made between gets a value_info, behind those that are declared. */
Test(infer, adds_value_info)
{
	struct bytes graph = {0};
	struct model *model, *result;
	const Onnx__GraphProto *found;

	put_message(&graph, 1, node_of("Relu", "x", "a"));
	put_message(&graph, 1, node_of("NonZero", "a", "b"));
	put_message(&graph, 1, node_of("Identity", "b", "y"));
	put_message(&graph, 11, value("x", FLOAT, "2,3"));
	put_message(&graph, 12, value("y", INT64, NULL));
	put_message(&graph, 13, value("b", INT64, NULL));
	model = open_graph(graph);
	result = infer(model, 3);
	found = result->proto->graph;
	cr_assert_eq(found->n_value_info, 2);
	cr_expect_eq(model->proto->graph->n_value_info, 1);
	cr_expect(bytes_equal(found->value_info[0]->name, "b"));
	cr_expect_str_eq(told(found->value_info[0]), "7 2 unk__0");
	cr_expect(bytes_equal(found->value_info[1]->name, "a"));
	cr_expect_str_eq(told(found->value_info[1]), "1 2 3");
	cr_expect_str_eq(told(found->output[0]), "7 2 unk__0");
	model_free(result);
	model_free(model);
}

static struct bytes branch(const char *name, const char *dims)
{
	struct bytes graph = {0};

	put_message(&graph, 1, node_of("Relu", "x", name));
	put_text(&graph, 2, name);
	put_message(&graph, 12, value(name, FLOAT, dims));
	return graph;
}

/* Both branches are completed; what they agree on is the node's. */
Test(infer, unites_branches)
{
	struct bytes graph = {0}, node = node_of("If", "c", "y");
	struct model *model, *result;

	put_body(&node, "then_branch", branch("t", NULL));
	put_body(&node, "else_branch", branch("e", "K,?"));
	put_message(&graph, 1, node);
	put_message(&graph, 11, value("c", BOOL, ""));
	put_message(&graph, 11, value("x", FLOAT, "N,3"));
	put_message(&graph, 12, value("y", FLOAT, NULL));
	model = open_graph(graph);
	result = infer(model, 2);
	cr_expect_str_eq(told(result->proto->graph->output[0]), "1 unk__0 3");
	cr_expect_str_eq(told(body(result, 0, 0)->output[0]), "1 N 3");
	cr_expect_str_eq(told(body(result, 0, 1)->output[0]), "1 K 3");
	cr_expect_str_eq(told(body(model, 0, 1)->output[0]), "1 K ?");
	model_free(result);
	model_free(model);
}

/* A Loop hands types to its body, and gives back one extent more. */
Test(infer, goes_through_loops)
{
	struct bytes graph = {0}, inner = {0}, node = node_of("Loop", "m,c,x", "s");
	struct model *model, *result;

	put_message(&inner, 1, node_of("Identity", "ci", "co"));
	put_message(&inner, 1, node_of("Relu", "si", "so"));
	put_message(&inner, 1, node_of("Relu", "x", "o"));
	put_text(&inner, 2, "body");
	put_message(&inner, 11, value("i", 0, NULL));
	put_message(&inner, 11, value("ci", BOOL, "?"));
	put_message(&inner, 11, value("si", 0, NULL));
	put_message(&inner, 12, value("co", BOOL, NULL));
	put_message(&inner, 12, value("so", FLOAT, NULL));
	put_message(&inner, 12, value("o", FLOAT, NULL));
	put_text(&node, 2, "y");
	put_body(&node, "body", inner);
	put_message(&graph, 1, node);
	put_message(&graph, 11, value("m", INT64, ""));
	put_message(&graph, 11, value("c", BOOL, NULL));
	put_message(&graph, 11, value("x", FLOAT, "N,3"));
	put_message(&graph, 12, value("y", FLOAT, NULL));
	model = open_graph(graph);
	result = infer(model, 1);
	cr_expect_str_eq(told(result->proto->graph->output[0]), "1 unk__1 N 3");
	cr_expect_str_eq(told(body(result, 0, 0)->input[0]), "7 none");
	cr_expect_str_eq(told(body(result, 0, 0)->input[1]), "9 unk__0");
	cr_expect_str_eq(told(body(result, 0, 0)->input[2]), "1 none");
	cr_expect_str_eq(told(body(result, 0, 0)->output[0]), "9 unk__0");
	cr_expect_str_eq(told(body(result, 0, 0)->output[2]), "1 N 3");
	model_free(result);
	model_free(model);
}
