/* Every allocation fails once: an error each time, never a crash. */
#include "chaos.h"
#include "onnx/model.h"
#include "opset/opset.h"
#include "onnx/tensor.h"
#include "onnx/write.h"
#include "onnx_bytes.h"
#include "support.h"

#include <criterion/criterion.h>
#include <string.h>

static const int64_t dims[] = {4, 100};

static struct bytes softmax(const char *name, const char *input, const char *output)
{
	struct bytes node = make_node("Softmax", name, input, output), axis = {0};

	put_text(&axis, 1, "axis");
	put_int(&axis, 3, 0);
	put_int(&axis, 20, 2);
	put_message(&node, 5, axis);
	return node;
}

static struct bytes node_with_body(void)
{
	struct bytes body = {0}, attribute = {0}, node = make_node("If", "if", "c", "m");

	put_message(&body, 1, softmax("s", "x", "b"));
	put_message(&body, 12, make_value("b", 1, dims, 2));
	put_text(&attribute, 1, "then_branch");
	put_message(&attribute, 6, body);
	put_int(&attribute, 20, 5);
	put_message(&node, 5, attribute);
	return node;
}

static struct bytes model_bytes_for_all(void)
{
	struct bytes graph = {0}, import = {0}, b = {0}, pads = {0};
	struct bytes weight = make_tensor_head("w", 3, dims, 2), packed = {0};
	struct bytes pad = make_node("Pad", "p", "m", "n");

	for (int i = 0; i < 400; i++)
		put_number(&packed, 1);
	put_message(&weight, 5, packed);
	put_text(&pads, 1, "pads");
	for (int i = 0; i < 4; i++)
		put_int(&pads, 8, 1);
	put_int(&pads, 20, 7);
	put_message(&pad, 5, pads);
	put_message(&graph, 1, node_with_body());
	put_message(&graph, 1, pad);
	put_message(&graph, 1, softmax("t", "n", "y"));
	put_message(&graph, 5, weight);
	put_message(&graph, 11, make_value("x", 1, dims, 2));
	put_message(&graph, 11, make_value("c", 9, dims, 0));
	put_message(&graph, 12, make_value("y", 1, dims, 2));
	put_int(&import, 2, 10);
	put_int(&b, 1, 8);
	put_message(&b, 7, graph);
	put_message(&b, 8, import);
	return b;
}

static bool read_weight(const struct model *model, struct error *err)
{
	struct tensor_reader reader;
	unsigned char bytes[400];
	bool ok = tensor_open(&reader, model, model->proto->graph->initializer[0], err) &&
		  tensor_read_raw(&reader, 0, 400, bytes, err);

	tensor_close(&reader);
	return ok;
}

static bool do_all(const char *path, const char *out, struct error *err)
{
	struct write_options options = {
		.external = EXTERNAL_ALWAYS, .tolerant = true, .force = true};
	struct opset_rename_list renames = {0};
	struct model *raised = NULL, *model = model_open(path, NULL, NULL, err);
	bool ok = model && read_weight(model, err) &&
		  (raised = model_raise_opset(model, 13, true, &renames, err)) &&
		  model_write(raised, out, &options, NULL, NULL, err);

	model_free(raised);
	model_free(model);
	ARRAY_RELEASE(&renames);
	return ok;
}

static void walk(bool for_good)
{
	struct bytes b = model_bytes_for_all();
	const char *in = test_path("in.onnx"), *out = test_path("out.onnx");
	unsigned long n = 0;
	bool failed = true;

	test_write_file(in, b.data, b.size);
	for (; failed; n++) {
		struct error err = ERROR_INIT;
		bool ok;

		chaos_start(n, for_good);
		ok = do_all(in, out, &err);
		failed = chaos_stop();
		cr_assert(ok == !failed, "allocation %lu: %s", n,
			ok ? "nothing was reported" : err.text);
		cr_assert(ok || err.kind == ERROR_MEMORY, "allocation %lu: %s", n,
			err.text);
	}
	cr_assert_gt(n, 50);
}

Test(onnx_memory, one_allocation_fails)
{
	walk(false);
}

Test(onnx_memory, all_further_ones_fail)
{
	walk(true);
}
