/* Writing models: onnx finds in the copy what was in the original. */
#include "config.h"

#include "onnx/model.h"
#include "onnx/write.h"
#include "onnx_bytes.h"
#include "support.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char script[] = "tests/unit/onnx_models.py";

static struct model *open_model(const char *path)
{
	struct error err = ERROR_INIT;
	struct model *model = model_open(path, NULL, NULL, &err);

	cr_assert(model, "%s: %s", path, err.text);
	return model;
}

static void write_model(
	const struct model *model, const char *path, enum external_data external)
{
	struct error err = ERROR_INIT;
	struct write_options options = {.external = external, .tolerant = true};
	struct write_result result;

	cr_assert(
		model_write(model, path, &options, NULL, &result, &err), "%s", err.text);
	cr_assert(access(path, R_OK) == 0);
}

static void run_script(const char *what, const char *a, const char *b)
{
	struct test_result r = TEST_PYTHON(script, what, a, b);

	cr_assert_eq(r.status, 0, "%s %s %s: %s", what, a, b, r.err);
}

/* Copies that are encoded: nothing of the graph keeps its src_length. */
static Onnx__GraphProto *edit_graph(struct model *m, Onnx__GraphProto *graph);

static Onnx__AttributeProto *edit_attribute(struct model *m, Onnx__AttributeProto *a)
{
	Onnx__AttributeProto *copy = model_edit_attribute(m, a);

	if (copy->t)
		copy->t = model_edit_tensor(m, copy->t);
	if (copy->g)
		copy->g = edit_graph(m, copy->g);
	copy->graphs = arena_zalloc(&m->arena, copy->n_graphs, sizeof(void *));
	for (size_t i = 0; i < copy->n_graphs; i++)
		copy->graphs[i] = edit_graph(m, a->graphs[i]);
	return copy;
}

static Onnx__NodeProto *edit_node(struct model *m, Onnx__NodeProto *node)
{
	Onnx__NodeProto *copy = model_edit_node(m, node);

	copy->attribute = arena_zalloc(&m->arena, copy->n_attribute, sizeof(void *));
	for (size_t i = 0; i < copy->n_attribute; i++)
		copy->attribute[i] = edit_attribute(m, node->attribute[i]);
	return copy;
}

static Onnx__GraphProto *edit_graph(struct model *m, Onnx__GraphProto *graph)
{
	Onnx__GraphProto *copy = model_edit_graph(m, graph);

	copy->node = arena_zalloc(&m->arena, copy->n_node, sizeof(void *));
	for (size_t i = 0; i < copy->n_node; i++)
		copy->node[i] = edit_node(m, graph->node[i]);
	copy->initializer = arena_zalloc(&m->arena, copy->n_initializer, sizeof(void *));
	for (size_t i = 0; i < copy->n_initializer; i++)
		copy->initializer[i] = model_edit_tensor(m, graph->initializer[i]);
	copy->value_info = arena_zalloc(&m->arena, copy->n_value_info, sizeof(void *));
	for (size_t i = 0; i < copy->n_value_info; i++)
		copy->value_info[i] = model_edit_value_info(m, graph->value_info[i]);
	return copy;
}

/* Calls `visit` for every model in a folder; returns how many there were. */
static int each_model(
	const char *folder, void (*visit)(const char *path, const char *name))
{
	DIR *dir = opendir(folder);
	int count = 0;

	for (struct dirent *e; dir && (e = readdir(dir));) {
		size_t length = strlen(e->d_name);

		if (length < 5 || strcmp(e->d_name + length - 5, ".onnx") != 0)
			continue;
		visit(test_text("%s/%s", folder, e->d_name), e->d_name);
		count++;
	}
	if (dir)
		closedir(dir);
	return count;
}

static const char *make_models(void)
{
	const char *folder = test_path("models");

	mkdir(folder, 0777);
	cr_assert_eq(TEST_PYTHON(script, "make", folder).status, 0);
	return folder;
}

static void copy_model(const char *path, const char *name)
{
	struct error err = ERROR_INIT;
	struct model *base = open_model(path), *edited = model_derive(base, &err);
	const char *plain = test_path("plain_%s", name);
	const char *full = test_path("full_%s", name);

	write_model(base, plain, EXTERNAL_NEVER);
	run_script("same", path, plain);
	edited->proto->graph = edit_graph(edited, base->proto->graph);
	write_model(edited, full, EXTERNAL_NEVER);
	run_script("same", path, full);
	model_free(edited);
	model_free(base);
}

Test(onnx_write, copies)
{
	test_need_python();
	cr_assert_eq(each_model(make_models(), copy_model), 11);
}

static void copy_with_side_file(const char *path, const char *name)
{
	struct model *model = open_model(path);
	const char *out = test_path("side_%s", name);
	const char *automatic = test_path("auto_%s", name);
	bool has_side_file = strstr(name, "_ext") != NULL;

	write_model(model, out, EXTERNAL_ALWAYS);
	run_script("same", path, out);
	if (strcmp(name, "types.onnx") != 0)
		run_script("side", path, out);
	write_model(model, automatic, EXTERNAL_AUTO);
	run_script("same", path, automatic);
	cr_assert_eq(access(test_text("%s.data", automatic), R_OK) == 0, has_side_file);
	model_free(model);
}

Test(onnx_write, side_files)
{
	test_need_python();
	cr_assert_eq(each_model(make_models(), copy_with_side_file), 11);
}

static void copy_real(const char *path, const char *name)
{
	copy_model(path, name);
}

Test(onnx_write, real_models)
{
	const char *det = test_need_model("det.onnx");

	test_need_python();
	cr_assert_geq(
		each_model(test_text("%.*s", (int)(strlen(det) - 9), det), copy_real), 3);
}

/* An unchanged model keeps the bytes of all its messages. */
Test(onnx_write, bytes_kept)
{
	struct bytes b = make_small_model((struct bytes){0});
	const char *in = test_path("in.onnx"), *out = test_path("out.onnx");
	struct bytes node = make_node("Relu", "relu", "x", "y");
	size_t length;
	char *written;

	test_write_file(in, b.data, b.size);
	write_model(open_model(in), out, EXTERNAL_AUTO);
	written = test_read_file(out, &length);
	cr_assert_eq(length, b.size);
	cr_assert(memmem(written, length, node.data, node.size));
}

static bool make_bytes(void *arg,
	bool (*emit)(void *sink, const void *bytes, size_t count, struct error *err),
	void *sink, const struct progress *progress, struct error *err)
{
	const unsigned *count = arg;
	unsigned char block[1000];

	(void)progress;
	for (unsigned i = 0; i < *count; i++) {
		memset(block, (int)(i + *count), sizeof(block));
		if (!emit(sink, block, sizeof(block), err))
			return false;
	}
	return true;
}

static Onnx__TensorProto *made_tensor(
	struct model *model, const char *name, unsigned *count, uint64_t length)
{
	int64_t dims[] = {(int64_t)length};
	Onnx__TensorProto *tensor =
		model_new_tensor(model, name, strlen(name), 2, dims, 1);

	cr_assert(model_set_maker(
		model, tensor, (struct payload_maker){make_bytes, count, length}, NULL));
	return tensor;
}

enum { MADE = 40 };

static struct model *model_with_makers(unsigned counts[MADE], uint64_t extra)
{
	struct error err = ERROR_INIT;
	struct bytes b = make_small_model((struct bytes){0});
	struct model *base = model_open_memory(b.data, b.size, "test", &err);
	struct model *model = model_derive(base, &err);
	Onnx__GraphProto *graph = model->proto->graph;

	graph->initializer = arena_zalloc(&model->arena, MADE, sizeof(void *));
	graph->n_initializer = MADE;
	for (unsigned i = 0; i < MADE; i++) {
		counts[i] = i * 3;
		graph->initializer[i] = made_tensor(model, test_text("t%u", i),
			&counts[i], counts[i] * 1000 + (i == 7 ? extra : 0));
	}
	return model;
}

static void check_made(const struct model *model, const unsigned char *bytes,
	uint64_t (*place)(const Onnx__TensorProto *tensor))
{
	for (unsigned i = 1; i < MADE; i++) {
		const Onnx__TensorProto *t = model->proto->graph->initializer[i];
		const unsigned char *at = bytes + place(t);

		for (unsigned k = 0; k < i * 3; k++)
			cr_assert(at[k * 1000] == (unsigned char)(k + i * 3) &&
				  at[k * 1000 + 999] == (unsigned char)(k + i * 3));
	}
}

static uint64_t place_in_model(const Onnx__TensorProto *tensor)
{
	return tensor->payload_offset;
}

static uint64_t place_in_side_file(const Onnx__TensorProto *tensor)
{
	char text[32] = "";

	memcpy(text, tensor->external_data[1]->value.data,
		tensor->external_data[1]->value.len);
	return strtoull(text, NULL, 10);
}

Test(onnx_write, makers)
{
	static const enum external_data ways[] = {EXTERNAL_NEVER, EXTERNAL_ALWAYS};
	unsigned counts[MADE];
	struct model *model = model_with_makers(counts, 0);

	for (unsigned threads = 1; threads < 6; threads += 2) {
		for (int i = 0; i < 2; i++) {
			const char *path = test_path("made%u_%d.onnx", threads, i);
			struct error err = ERROR_INIT;
			struct write_options options = {
				.external = ways[i], .threads = threads};
			const char *bytes;

			cr_assert(model_write(model, path, &options, NULL, NULL, &err),
				"%s", err.text);
			bytes = test_read_file(
				i ? test_text("%s.data", path) : path, NULL);
			check_made(open_model(path), (const unsigned char *)bytes,
				i ? place_in_side_file : place_in_model);
		}
	}
}

static int count_files(const char *folder)
{
	DIR *dir = opendir(folder);
	int count = 0;

	while (readdir(dir))
		count++;
	closedir(dir);
	return count - 2;
}

static void refused(const struct model *model, const char *path,
	struct write_options options, const char *part)
{
	struct error err = ERROR_INIT;
	int files = count_files(test_folder());

	cr_assert_not(model_write(model, path, &options, NULL, NULL, &err), "%s", part);
	cr_assert(strstr(err.text, part), "'%s' does not hold '%s'", err.text, part);
	cr_assert_eq(count_files(test_folder()), files, "files are left: %s", part);
}

Test(onnx_write, maker_lies)
{
	unsigned counts[MADE];

	refused(model_with_makers(counts, 1), test_path("out.onnx"),
		(struct write_options){0}, "smaller than it was said");
	refused(model_with_makers(counts, (uint64_t)-1), test_path("out.onnx"),
		(struct write_options){.external = EXTERNAL_ALWAYS},
		"larger than it was said");
	refused(model_with_makers(counts, UINT32_MAX), test_path("out.onnx"),
		(struct write_options){.external = EXTERNAL_NEVER}, "2147483647");
}

Test(onnx_write, targets)
{
	struct write_options none = {0}, force = {.force = true};
	struct bytes b = make_small_model((struct bytes){0});
	const char *in = test_path("in.onnx"), *other = test_path("other.onnx");
	const char *link = test_path("link.onnx");
	struct model *model;

	test_write_file(in, b.data, b.size);
	test_write_text(other, "something");
	cr_assert_eq(symlink(in, link), 0);
	model = open_model(in);
	refused(model, in, force, "is the input file");
	refused(model, link, force, "is the input file");
	refused(model, other, none, "--force");
	refused(model, test_path("none/out.onnx"), none, "make the folder first");
	refused(model, "/dev/full", force, "No space left");
	cr_assert_str_eq(test_read_file(other, NULL), "something");
	test_write_text(in, "changed meanwhile");
	refused(model, test_path("out.onnx"), none, "changed since");
}

Test(onnx_write, side_file_of_the_input)
{
	const char *folder = (test_need_python(), make_models());
	struct model *model = open_model(test_text("%s/plain_ext.onnx", folder));
	const char *weights = test_text("%s/weights_plain.bin", folder);
	const char *copy = test_text("%s.data", test_path("x.onnx"));

	refused(model, weights, (struct write_options){.force = true},
		"holds weights of the input");
	cr_assert_eq(link(weights, copy), 0);
	refused(model, test_path("x.onnx"), (struct write_options){.force = true},
		"holds weights of the input");
	cr_assert_eq(truncate(weights, 100), 0);
	refused(model, test_path("y.onnx"), (struct write_options){.force = true},
		"it is incomplete");
}

/* A model whose node `count` times reads what nothing makes. */
static struct bytes model_with_faults(int count)
{
	static const int64_t dims[] = {4};
	struct bytes graph = {0};

	put_message(&graph, 1, make_node("Relu", "relu", "x", "y"));
	for (int i = 0; i < count; i++)
		put_message(&graph, 1,
			make_node("Relu", test_text("r%d", i), test_text("none%d", i),
				test_text("o%d", i)));
	put_message(&graph, 11, make_value("x", 1, dims, 1));
	put_message(&graph, 12, make_value("y", 1, dims, 1));
	return make_model(graph);
}

/* New faults refuse, tolerated ones and those of the input are told. */
Test(onnx_write, faults)
{
	struct error err = ERROR_INIT;
	struct bytes good = model_with_faults(0), bad = model_with_faults(2);
	struct model *base = model_open_memory(good.data, good.size, "good", &err);
	struct model *faulty = model_open_memory(bad.data, bad.size, "bad", &err);
	struct model *derived = model_derive(base, &err),
		     *same = model_derive(faulty, &err);
	struct write_options strict = {0}, tolerant = {.tolerant = true};
	struct write_result result;

	derived->proto->graph->node = faulty->proto->graph->node;
	derived->proto->graph->n_node = faulty->proto->graph->n_node;
	refused(derived, test_path("a.onnx"), strict, "not written");
	refused(derived, test_path("a.onnx"), strict, "reads 'none0'");
	cr_assert(model_write(same, test_path("b.onnx"), &strict, NULL, &result, &err),
		"%s", err.text);
	cr_assert_eq(result.warnings, 2);
	cr_assert(
		model_write(faulty, test_path("c.onnx"), &tolerant, NULL, &result, &err),
		"%s", err.text);
	cr_assert_eq(result.warnings, 2);
	cr_assert(strstr(result.warning, "none0"), "%s", result.warning);
}
