/* A fixed number of damaged models: none may end the program. */
#include "fuzz.h"
#include "onnx_bytes.h"
#include "support.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const int64_t dims[] = {4, 100};

static struct bytes tensor_of_floats(const char *name, int field)
{
	struct bytes tensor = make_tensor_head(name, 1, dims, 2);
	float values[400];

	for (int i = 0; i < 400; i++)
		values[i] = (float)i;
	put_data(&tensor, (unsigned)field, values, sizeof(values));
	return tensor;
}

static struct bytes tensor_of_integers(void)
{
	struct bytes tensor = make_tensor_head("i", 3, dims, 2), packed = {0};

	for (int i = 0; i < 400; i++)
		put_number(&packed, (uint64_t)(int64_t)(i % 200 - 100));
	put_message(&tensor, 5, packed);
	return tensor;
}

static struct bytes attribute(const char *name, unsigned field, struct bytes value)
{
	struct bytes b = {0};

	put_text(&b, 1, name);
	put_message(&b, field, value);
	return b;
}

static struct bytes ints(const char *name)
{
	struct bytes b = {0};

	put_text(&b, 1, name);
	put_int(&b, 8, 1);
	put_int(&b, 8, (uint64_t)-1);
	return b;
}

static struct bytes node_with(const char *op_type, struct bytes attr)
{
	struct bytes node = make_node(op_type, op_type, "x", op_type);

	put_message(&node, 5, attr);
	return node;
}

static struct bytes body(void)
{
	struct bytes graph = {0};

	put_message(&graph, 1, make_node("Relu", "inner", "x", "b"));
	put_message(&graph, 1, make_node("Softmax", "soft", "b", "c"));
	put_message(&graph, 5, tensor_of_floats("w2", 9));
	put_message(&graph, 12, make_value("c", 1, dims, 2));
	return graph;
}

static struct bytes whole_graph(void)
{
	struct bytes graph = {0},
		     split = node_with("If", attribute("then_branch", 6, body()));

	put_message(&split, 5, attribute("else_branch", 6, body()));
	put_message(&graph, 1,
		node_with("Constant", attribute("value", 5, tensor_of_floats("", 9))));
	put_message(&graph, 1, split);
	put_message(&graph, 1, node_with("Slice", ints("starts")));
	put_message(&graph, 1, node_with("Pad", ints("pads")));
	put_message(&graph, 1, node_with("Squeeze", ints("axes")));
	put_message(&graph, 1, make_node("Upsample", "u", "x", "_v_9"));
	put_message(&graph, 1, make_node("Softmax", "s", "_v_9", "y"));
	put_message(&graph, 1, make_node("QuantizeLinear", "q", "y", "q"));
	put_message(&graph, 5, tensor_of_floats("w", 4));
	put_message(&graph, 5, tensor_of_integers());
	put_message(&graph, 11, make_value("x", 1, dims, 2));
	put_message(&graph, 12, make_value("y", 1, dims, 2));
	put_message(&graph, 13, make_value("_v_9", 1, dims, 2));
	return graph;
}

static struct bytes model_of(struct bytes graph, uint64_t ir, uint64_t opset)
{
	struct bytes import = {0}, b = {0};

	put_int(&import, 2, opset);
	put_int(&b, 1, ir);
	put_message(&b, 8, import);
	put_message(&b, 7, graph);
	return b;
}

Test(fuzz_model, damaged)
{
	const char *more = getenv("QDQEDIT_TEST_FUZZ");
	struct bytes a = make_small_model(tensor_of_floats("w", 9));
	struct bytes b = model_of(whole_graph(), 8, 9),
		     c = model_of(whole_graph(), 3, 12);
	struct fuzz_seed seeds[] = {{a.data, a.size}, {b.data, b.size}, {c.data, c.size}};

	fuzz_damaged(LLVMFuzzerTestOneInput, seeds, 3,
		more ? (unsigned)strtoul(more, NULL, 10) : 20000);
}

/* The seeds are models that open, and every cut of one is dealt with. */
Test(fuzz_model, cut)
{
	struct bytes b = model_of(whole_graph(), 8, 9);

	for (size_t size = 0; size <= b.size; size += size < 600 ? 1 : 37) {
		uint8_t *exact = malloc(size + 1);

		memcpy(exact, b.data, size);
		LLVMFuzzerTestOneInput(exact, size);
		free(exact);
	}
}
