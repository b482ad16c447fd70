/* Raising the opset: what onnx's converter makes, and the mendings. */
#include "onnx/check.h"
#include "onnx/tensor.h"
#include "onnx/write.h"
#include "onnx_bytes.h"
#include "opset/opset.h"
#include "support.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char script[] = "tests/unit/onnx_raise.py";

/* Raises CASE-TARGET.onnx to CASE-TARGET.got, or writes CASE-TARGET.error. */
static void raise_case(const char *folder, const char *file)
{
	struct error err = ERROR_INIT;
	size_t length = strlen(file) - strlen(".onnx");
	char *path = test_text("%s/%s", folder, file);
	char *stem = test_text("%s/%.*s", folder, (int)length, file);
	int64_t target = atoi(strrchr(stem, '-') + 1);
	struct write_options options = {.tolerant = true, .external = EXTERNAL_NEVER};
	struct model *model = model_open(path, NULL, NULL, &err), *raised;

	cr_assert(model, "%s: %s", path, err.text);
	raised = model_raise_opset(model, target, false, NULL, &err);
	if (raised)
		cr_assert(model_write(raised, test_text("%s.got", stem), &options, NULL,
				  NULL, &err),
			"%s: %s", path, err.text);
	else
		test_write_text(test_text("%s.error", stem), err.text);
	model_free(raised);
	model_free(model);
}

static void raise_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	struct test_result r;

	for (struct dirent *e; (e = readdir(dir));)
		if (strlen(e->d_name) > 5 &&
			!strcmp(e->d_name + strlen(e->d_name) - 5, ".onnx"))
			raise_case(folder, e->d_name);
	closedir(dir);
	r = TEST_PYTHON(script, "compare", folder);
	cr_assert_eq(r.status, 0, "%s%s", r.out, r.err);
}

Test(opset, as_the_converter)
{
	const char *folder = (test_need_python(), test_path("cases"));
	const char *seed = getenv("QDQEDIT_TEST_SEED");
	const char *count = getenv("QDQEDIT_TEST_LONG") ? "20000" : "1500";
	struct test_result r;

	mkdir(folder, 0777);
	r = TEST_PYTHON(script, "make", folder, seed ? seed : "1", count);
	cr_assert_eq(r.status, 0, "%s", r.err);
	raise_folder(folder);
}

Test(opset, real_models)
{
	static const char *const files[] = {"det.onnx", "rec.onnx", "cls.onnx",
		"silero_vad.onnx", "crnn.onnx", "pitch.onnx", "f0.onnx", "yolox.onnx",
		"yolo.onnx", "table.onnx"};
	static const char *const targets[] = {"11", "21"};
	const char *folder = (test_need_python(), test_path("cases"));

	mkdir(folder, 0777);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		const char *path = test_need_model(files[i]);
		struct error err = ERROR_INIT;
		struct model *model = model_open(path, NULL, NULL, &err);
		int64_t opset = model_opset(model);

		model_free(model);
		for (int k = 0; k < 2; k++)
			if (atoi(targets[k]) > opset)
				TEST_PYTHON(script, "one", folder, path, targets[k]);
	}
	raise_folder(folder);
}

/* A model of one graph with an opset of one's own. */
static struct model *hold(struct bytes graph, int opset)
{
	struct error err = ERROR_INIT;
	struct bytes import = {0}, b = {0};
	struct model *model;

	put_int(&import, 2, (uint64_t)opset);
	put_int(&b, 1, 8);
	put_message(&b, 7, graph);
	put_message(&b, 8, import);
	model = model_open_memory(b.data, b.size, "test", &err);
	cr_assert(model, "%s", err.text);
	return model;
}

static const int64_t dims[] = {2, 3, 4};

static struct bytes graph_of(struct bytes node, int type)
{
	struct bytes graph = {0};

	put_message(&graph, 1, node);
	put_message(&graph, 11, make_value("x", type, dims, 3));
	put_message(&graph, 12, make_value("y", type, dims, 3));
	return graph;
}

static void put_attribute_int(struct bytes *node, const char *name, int64_t value)
{
	struct bytes attribute = {0};

	put_text(&attribute, 1, name);
	put_int(&attribute, 3, (uint64_t)value);
	put_int(&attribute, 20, 2);
	put_message(node, 5, attribute);
}

static struct model *raise_it(
	struct model *model, int target, bool mended, struct opset_rename_list *renames)
{
	struct error err = ERROR_INIT;
	struct model *raised = model_raise_opset(model, target, mended, renames, &err);

	cr_assert(raised, "%s", err.text);
	return raised;
}

static void refused(struct model *model, int target, bool mended, const char *part)
{
	struct error err = ERROR_INIT;

	cr_assert_null(model_raise_opset(model, target, mended, NULL, &err), "%s", part);
	cr_assert(strstr(err.text, part), "'%s' does not hold '%s'", err.text, part);
	cr_assert(strstr(err.text, "; "), "no next step: %s", err.text);
}

static const Onnx__AttributeProto *find(const Onnx__NodeProto *node, const char *name)
{
	for (size_t i = 0; i < node->n_attribute; i++)
		if (bytes_equal(node->attribute[i]->name, name))
			return node->attribute[i];
	return NULL;
}

Test(opset, resize_keeps_its_meaning)
{
	struct bytes node = make_node("Resize", "r", "x", "y"), graph;
	const Onnx__NodeProto *resize;
	struct model *model;

	put_text(&node, 1, "s");
	graph = graph_of(node, 1);
	put_message(&graph, 11, make_value("s", 1, dims + 1, 1));
	model = raise_it(hold(graph, 10), 11, true, NULL);
	cr_assert_eq(model->proto->graph->n_node, 2);
	resize = model->proto->graph->node[1];
	cr_assert(bytes_equal(
		find(resize, "coordinate_transformation_mode")->s, "asymmetric"));
	cr_assert(bytes_equal(find(resize, "nearest_mode")->s, "floor"));
	cr_assert_eq(resize->n_input, 3);
	model = raise_it(hold(graph, 10), 11, false, NULL);
	cr_assert_null(find(model->proto->graph->node[1], "nearest_mode"));
}

Test(opset, hardmax_as_softmax)
{
	struct bytes node = make_node("Hardmax", "h", "x", "y");
	struct opset_rename_list renames = {0};

	put_attribute_int(&node, "axis", 1);
	cr_assert_eq(raise_it(hold(graph_of(node, 1), 12), 13, false, &renames)
			     ->proto->graph->n_node,
		1);
	cr_assert_eq(renames.count, 0);
	cr_assert_eq(raise_it(hold(graph_of(node, 1), 12), 13, true, &renames)
			     ->proto->graph->n_node,
		4);
	cr_assert_eq(renames.count, 2);
	cr_assert_eq(renames.items[0].kind, RENAME_MENDED);
	cr_assert_str_eq(renames.items[0].old_name, "h");
	cr_assert_eq(renames.items[1].kind, RENAME_SOFTMAX_INTERMEDIATE);
	cr_assert_str_eq(renames.items[1].old_name, "y");
	cr_assert_str_eq(renames.items[1].new_name, "y_intermediate");
}

Test(opset, constants_of_the_input_type)
{
	static const struct {
		int type;
		bool mended;
		int32_t want;
		const char *raw;
	} cases[] = {{1, true, 1, NULL}, {10, false, 1, NULL}, {10, true, 10, "\x00\x3e"},
		{11, true, 11, "\0\0\0\0\0\0\xf8\x3f"}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct bytes node = make_node("Clip", "c", "x", "y"), max = {0};
		struct opset_rename_list renames = {0};
		const Onnx__TensorProto *tensor;
		struct model *model;
		size_t last;

		put_text(&max, 1, "max");
		put_f32(&max, 2, 1.5f);
		put_message(&node, 5, max);
		model = raise_it(hold(graph_of(node, cases[i].type), 10), 11,
			cases[i].mended, &renames);
		cr_assert_eq(model->proto->graph->n_node, 3);
		tensor = model->proto->graph->node[1]->attribute[0]->t;
		cr_assert_eq(tensor->data_type, cases[i].want);
		if (cases[i].raw)
			cr_assert_eq(memcmp(tensor->raw_data.data, cases[i].raw,
					     tensor->raw_data.len),
				0);
		else
			cr_assert_eq(tensor->float_data[0], 1.5f);
		last = renames.count - 1;
		cr_assert_eq(last, cases[i].raw ? 3 : 1);
		cr_assert_eq(renames.items[last].kind, RENAME_CONSTANT);
		cr_assert_eq(renames.items[last].constant, 1.5);
		if (cases[i].raw)
			cr_assert_eq(renames.items[0].kind, RENAME_MENDED);
	}
}

Test(opset, refusals)
{
	struct bytes function = {0}, import = {0}, training = {0}, b = {0};
	struct error err = ERROR_INIT;
	struct model *model;

	refused(hold(graph_of(make_node("GroupNormalization", "g", "x", "y"), 1), 18), 21,
		true, "'g'");
	refused(hold(graph_of(make_node("Nonsense", "n", "x", "y"), 1), 18), 21, false,
		"'Nonsense' is not known");
	refused(hold(graph_of(make_node("Gelu", "n", "x", "y"), 1), 18), 21, false,
		"the model's opset does not have it");
	refused(hold(graph_of(make_node("Relu", "n", "x", "y"), 1), 6), 21, false,
		"opset 6");
	refused(hold(graph_of(make_node("Relu", "n", "x", "y"), 1), 18), 17, false,
		"cannot become 17");
	refused(hold(graph_of(make_node("Scan", "n", "x", "y"), 1), 8), 11, false,
		"Scan");
	refused(hold(graph_of(make_node("Relu", "n", "nowhere", "y"), 1), 8), 11, false,
		"nothing makes it");
	put_text(&function, 1, "Twice");
	put_int(&import, 2, 17);
	put_int(&b, 1, 8);
	put_message(&b, 7, graph_of(make_node("Relu", "r", "x", "y"), 1));
	put_message(&b, 8, import);
	put_message(&b, 20, training);
	put_message(&b, 25, function);
	model = model_open_memory(b.data, b.size, "test", &err);
	refused(model, 21, true, "function 'Twice'");
	cr_assert_eq(model->proto->n_training_info, 1);
	model = raise_it(model, 21, false, NULL);
	cr_expect_eq(model->proto->n_functions, 0);
	cr_expect_eq(model->proto->n_training_info, 0);
}

static void no_finding(void *arg, const char *text)
{
	(void)arg;
	cr_assert(false, "%s", text);
}

/* An If whose body reads `t` of the main graph in a Clip, behind `before` Relus. */
static struct bytes clip_in_body(int before)
{
	struct bytes body = {0}, attribute = {0}, max = {0};
	struct bytes node = make_node("If", "if", "c", "y");
	struct bytes clip = make_node("Clip", "clip", "t", "b");

	for (int i = 0; i < before; i++)
		put_message(&body, 1,
			make_node("Relu", test_text("r%d", i), "t", test_text("o%d", i)));
	put_text(&max, 1, "max");
	put_f32(&max, 2, 6);
	put_message(&clip, 5, max);
	put_message(&body, 1, clip);
	put_message(&body, 12, make_value("b", 1, dims, 3));
	put_text(&attribute, 1, "then_branch");
	put_message(&attribute, 6, body);
	put_message(&node, 5, attribute);
	return node;
}

/* A renamed output keeps its new name in bodies that read it: none of theirs is it. */
Test(opset, renamed_and_captured)
{
	for (int before = 0; before < 20; before++) {
		struct bytes graph = {0}, scatter = make_node("Scatter", "s", "x", "t");
		struct error err = ERROR_INIT;

		put_text(&scatter, 1, "i");
		put_text(&scatter, 1, "x");
		put_message(&graph, 1, scatter);
		put_message(&graph, 1, clip_in_body(before));
		put_message(&graph, 11, make_value("x", 1, dims, 3));
		put_message(&graph, 11, make_value("i", 7, dims, 3));
		put_message(&graph, 11, make_value("c", 9, dims, 0));
		put_message(&graph, 12, make_value("y", 1, dims, 3));
		cr_assert(model_check(raise_it(hold(graph, 10), 11, false, NULL), NULL,
			no_finding, NULL, &err));
	}
}

/* A Squeeze without axes has a rank if all extents are known, through other nodes too. */
Test(opset, infer_behind_a_squeeze)
{
	static const int64_t some[] = {1, 2, 4};
	struct bytes graph = {0}, add = make_node("Add", "a", "x", "xx");
	struct bytes softmax = make_node("Softmax", "s", "q", "y");

	put_text(&add, 1, "x");
	put_attribute_int(&softmax, "axis", 1);
	put_message(&graph, 1, add);
	put_message(&graph, 1, make_node("Squeeze", "q", "xx", "q"));
	put_message(&graph, 1, softmax);
	put_message(&graph, 11, make_value("x", 1, some, 3));
	put_message(&graph, 12, make_value("y", 1, some + 1, 2));
	cr_assert_eq(raise_it(hold(graph, 11), 13, false, NULL)->proto->graph->n_node, 3);
}

static void put_attribute_ints(
	struct bytes *node, const char *name, int64_t value, int count)
{
	struct bytes attribute = {0};

	put_text(&attribute, 1, name);
	for (int i = 0; i < count; i++)
		put_int(&attribute, 8, (uint64_t)value);
	put_int(&attribute, 20, 7);
	put_message(node, 5, attribute);
}

/* Nothing overflows on the way through extents; a build with sanitizers would tell. */
Test(opset, absurd_extents)
{
	static const char *const operators[] = {"AveragePool", "MaxPool", "Conv",
		"ConvTranspose", "Pad", "Slice", "Split", "DepthToSpace", "SpaceToDepth",
		"Flatten", "Tile", "ReduceMax", "Transpose", "Concat"};
	static const char *const lists[] = {"kernel_shape", "strides", "pads",
		"dilations", "starts", "ends", "split", "axes", "perm"};
	static const int64_t values[] = {INT64_MAX, INT64_MIN, 1, -1, 0, 1 << 30};

	for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++)
		for (size_t k = 0; k < 36; k++) {
			int64_t huge[] = {1, INT64_MAX, values[k % 6], INT64_MAX / 2};
			struct bytes graph = {0},
				     node = make_node(operators[i], "n", "x", "y");

			for (int t = 0; t < 2; t++)
				put_text(&node, 1, "x");
			for (size_t a = 0; a < sizeof(lists) / sizeof(*lists); a++)
				put_attribute_ints(&node, lists[a],
					values[(k + a) / 6 % 6], a == 2 ? 8 : 4);
			put_attribute_int(&node, "blocksize", values[k / 6]);
			put_attribute_int(&node, "group", values[k / 6]);
			put_message(&graph, 1, node);
			put_message(&graph, 1, make_node("Squeeze", "s", "y", "z"));
			put_message(&graph, 11, make_value("x", 1, huge, 4));
			put_message(&graph, 12, make_value("z", 1, NULL, 0));
			struct error err = ERROR_INIT;

			model_free(
				model_raise_opset(hold(graph, 9), 13, false, NULL, &err));
		}
}

/* A rank of a billion is not believed: nothing is made for it. */
Test(opset, absurd_rank)
{
	static const int64_t billion[] = {1000000000};
	struct bytes graph = {0}, resize = make_node("Resize", "r", "c", "y");
	const Onnx__GraphProto *raised;

	put_text(&resize, 1, "x");
	put_message(&graph, 1, make_node("ConstantOfShape", "f", "s", "c"));
	put_message(&graph, 1, resize);
	put_message(&graph, 11, make_value("x", 1, dims, 3));
	put_message(&graph, 11, make_value("s", 7, billion, 1));
	put_message(&graph, 12, make_value("y", 1, dims, 3));
	raised = raise_it(hold(graph, 10), 11, false, NULL)->proto->graph;
	cr_assert_eq(raised->node[1]->attribute[0]->t->n_float_data, 0);
}

/* What no step touches is still copied by its bytes. */
Test(opset, untouched_stays_untouched)
{
	struct model *model = raise_it(
		hold(graph_of(make_node("Relu", "r", "x", "y"), 1), 7), 21, true, NULL);

	cr_assert(model->proto->graph->node[0]->has_src_length);
	cr_assert_eq(model_opset(model), 21);
	cr_assert_eq(model_opset(model->base), 7);
}
