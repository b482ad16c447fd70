/* The checks on a model about to be written. */
#include "onnx/check.h"
#include "onnx_bytes.h"
#include "support.h"

#include <criterion/criterion.h>
#include <string.h>

static char findings[4096];
static int finding_count;

static void take(void *arg, const char *text)
{
	(void)arg;
	finding_count++;
	strncat(findings, text, sizeof(findings) - strlen(findings) - 2);
	strcat(findings, "\n");
}

static struct model *open_graph(struct bytes graph)
{
	struct error err = ERROR_INIT;
	struct bytes b = make_model(graph);
	struct model *model = model_open_memory(b.data, b.size, "test", &err);

	cr_assert(model, "%s", err.text);
	return model;
}

static void check_against(struct bytes graph, struct bytes base, const char *part)
{
	findings[0] = '\0';
	finding_count = 0;
	cr_assert(model_check(open_graph(graph), base.data ? open_graph(base) : NULL,
		take, NULL, NULL));
	cr_assert_eq(finding_count, part ? 1 : 0, "wanted: %s; found: %s",
		part ? part : "nothing", findings);
	if (part)
		cr_assert(strstr(findings, part), "'%s' does not hold '%s'", findings,
			part);
}

static void check(struct bytes graph, const char *part)
{
	check_against(graph, (struct bytes){0}, part);
}

static const int64_t four[] = {4}, two_by_three[] = {2, 3}, three[] = {3};

static struct bytes start(const char *output)
{
	struct bytes graph = {0};

	put_message(&graph, 11, make_value("x", 1, four, 1));
	put_message(&graph, 12, make_value(output, 1, four, 1));
	return graph;
}

static void add_node(struct bytes *graph, struct bytes node)
{
	put_message(graph, 1, node);
}

Test(onnx_check, names)
{
	struct bytes graph = start("y");

	add_node(&graph, make_node("Relu", "a", "x", "m"));
	add_node(&graph, make_node("Relu", "b", "m", "y"));
	check(graph, NULL);
	add_node(&graph, make_node("Relu", "c", "later", "z"));
	check(graph, "reads 'later', which is not defined");
	graph = start("y");
	add_node(&graph, make_node("Relu", "a", "x", "y"));
	add_node(&graph, make_node("Relu", "b", "x", "y"));
	check(graph, "'y': the name is defined twice");
	graph = start("y");
	check(graph, "graph output: reads 'y'");
	graph = start("y");
	add_node(&graph, make_node("Relu", "a", "x", "y"));
	put_message(&graph, 5, make_tensor_head("x", 1, four, 1));
	check(graph, NULL);
	put_message(&graph, 5, make_tensor_head("x", 1, four, 1));
	check(graph, "initializer 'x': the name is defined twice");
}

static struct bytes with_body(struct bytes body)
{
	struct bytes graph = start("y"), node = make_node("If", "if", "x", "y");
	struct bytes attribute = {0};

	put_message(&attribute, 6, body);
	put_message(&node, 5, attribute);
	put_message(&node, 5, attribute);
	add_node(&graph, node);
	return graph;
}

Test(onnx_check, bodies)
{
	struct bytes body = {0};

	add_node(&body, make_node("Relu", "r", "x", "inner"));
	put_message(&body, 12, make_value("inner", 1, four, 1));
	check(with_body(body), NULL);
	body.size = 0;
	add_node(&body, make_node("Relu", "r", "y", "inner"));
	findings[0] = '\0';
	cr_assert(model_check(open_graph(with_body(body)), NULL, take, NULL, NULL));
	cr_assert(strstr(findings, "reads 'y', which is not defined"));
	body.size = 0;
	add_node(&body, make_node("Relu", "r", "x", "x"));
	findings[0] = '\0';
	cr_assert(model_check(open_graph(with_body(body)), NULL, take, NULL, NULL));
	cr_assert(strstr(findings, "'x': the name hides one"), "%s", findings);
}

Test(onnx_check, domains)
{
	struct bytes graph = start("y"), node = make_node("Relu", "a", "x", "y");

	put_text(&node, 7, "ai.onnx");
	add_node(&graph, node);
	check(graph, NULL);
	graph = start("y");
	node = make_node("Relu", "a", "x", "y");
	put_text(&node, 7, "com.microsoft");
	add_node(&graph, node);
	check(graph, "domain 'com.microsoft' is not imported");
}

static struct bytes shapeless_y(void)
{
	struct bytes tensor = {0}, type = {0}, value = {0};

	put_int(&tensor, 1, 1);
	put_message(&type, 1, tensor);
	put_text(&value, 1, "y");
	put_message(&value, 2, type);
	return value;
}

Test(onnx_check, ends)
{
	struct bytes graph = start("y"), base = start("y");

	add_node(&base, make_node("Relu", "a", "x", "y"));
	add_node(&graph, make_node("Relu", "a", "x", "y"));
	check_against(graph, base, NULL);
	put_message(&graph, 12, make_value("x", 1, four, 1));
	check_against(graph, base, "2 outputs instead of 1");
	graph = start("z");
	add_node(&graph, make_node("Relu", "a", "x", "z"));
	check_against(graph, base, "is 'z' instead of 'y'");
	graph = (struct bytes){0};
	put_message(&graph, 11, make_value("x", 1, three, 1));
	put_message(&graph, 12, make_value("y", 1, four, 1));
	add_node(&graph, make_node("Relu", "a", "x", "y"));
	check_against(graph, base, "input 'x': changed its type or shape");
	base = (struct bytes){0};
	put_message(&base, 11, make_value("x", 1, three, 1));
	put_message(&base, 12, shapeless_y());
	add_node(&base, make_node("Relu", "a", "x", "y"));
	check_against(graph, base, NULL);
	check_against(base, graph, "output 'y': changed its type or shape");
}

/* A tensor of zeros or, for floats, of `value`. */
static struct bytes constant(
	const char *name, int type, const int64_t *dims, int rank, float value)
{
	struct bytes tensor = make_tensor_head(name, type, dims, rank), raw = {0};
	int64_t count = 1;

	for (int i = 0; i < rank; i++)
		count *= dims[i];
	for (int64_t i = 0; i < count; i++)
		put_raw(&raw, type == 1 ? &value : &(float){0},
			type == 3 || type == 2 ? 1 : 4);
	put_message(&tensor, 9, raw);
	return tensor;
}

/* x -> Q -> DQ -> y with a scale and a zero point. */
static struct bytes pair(struct bytes scale, struct bytes zero)
{
	struct bytes graph = start("y"), q = make_node("QuantizeLinear", "q", "x", "v");
	struct bytes dq = make_node("DequantizeLinear", "dq", "v", "y");

	put_message(&graph, 5, scale);
	put_message(&graph, 5, zero);
	put_text(&q, 1, "s");
	put_text(&q, 1, "z");
	put_text(&dq, 1, "s");
	put_text(&dq, 1, "z");
	add_node(&graph, q);
	add_node(&graph, dq);
	return graph;
}

static void check_twice(struct bytes graph, const char *part)
{
	findings[0] = '\0';
	finding_count = 0;
	cr_assert(model_check(open_graph(graph), NULL, take, NULL, NULL));
	cr_assert_eq(finding_count, 2, "%s", findings);
	cr_assert(strstr(findings, part), "'%s' does not hold '%s'", findings, part);
}

Test(onnx_check, pairs)
{
	struct bytes scale = constant("s", 1, NULL, 0, 0.5f);
	struct bytes zero = constant("z", 3, NULL, 0, 0);

	check(pair(scale, zero), NULL);
	check_twice(pair(constant("s", 1, NULL, 0, 0), zero), "not finite and positive");
	check_twice(pair(constant("s", 1, NULL, 0, -1), zero), "not finite and positive");
	check_twice(pair(constant("s", 1, NULL, 0, 1e38f * 10), zero),
		"not finite and positive");
	check_twice(pair(scale, constant("z", 3, three, 1, 0)), "different shapes");
	check_twice(pair(scale, constant("z", 5, NULL, 0, 0)), "int16 is no type of");
	check_twice(pair(make_tensor_head("s", 1, NULL, 0), zero), "cannot be read");
}

static struct bytes weight_graph(int type, int64_t axis, struct bytes scale)
{
	struct bytes graph = start("y"),
		     dq = make_node("DequantizeLinear", "dq", "w", "y");
	struct bytes attribute = {0};

	put_text(&attribute, 1, "axis");
	put_int(&attribute, 3, (uint64_t)axis);
	put_int(&attribute, 20, 2);
	put_text(&dq, 1, "s");
	put_message(&dq, 5, attribute);
	put_message(&graph, 5, constant("w", type, two_by_three, 2, 0));
	put_message(&graph, 5, scale);
	add_node(&graph, dq);
	return graph;
}

Test(onnx_check, weights)
{
	struct bytes scale = constant("s", 1, three, 1, 0.5f);

	check(weight_graph(3, 1, scale), NULL);
	check(weight_graph(3, -1, scale), NULL);
	check(weight_graph(3, 0, scale), "3 scales for an axis of 2");
	check(weight_graph(3, 2, scale), "axis 2 of a tensor of rank 2");
	check(weight_graph(3, 2, constant("s", 1, NULL, 0, 1)), NULL);
	check(weight_graph(1, 1, scale), "float is no type of");
	check(weight_graph(6, 1, scale), NULL);
}
