/* Samples: .npy headers, files and folders, fitting, random values. */
#include "calib/feed.h"
#include "calib/npy.h"
#include "calib/sample.h"
#include "job/demos.h"
#include "support.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* .npy bytes in static memory; `descr` and `shape` as NumPy writes them. */
static const char *npy(const char *descr, const char *shape, bool fortran,
	const void *data, size_t bytes, size_t *size)
{
	static char out[4096];
	char text[256];
	int length = snprintf(text, sizeof(text),
		"{'descr': '%s', 'fortran_order': %s, 'shape': %s, }\n", descr,
		fortran ? "True" : "False", shape);

	memcpy(out, "\x93NUMPY\x01\x00", 8);
	out[8] = (char)length;
	out[9] = 0;
	memcpy(out + 10, text, (size_t)length);
	memcpy(out + 10 + length, data, bytes);
	*size = 10 + (size_t)length + bytes;
	return out;
}

static void write_npy(const char *path, const char *descr, const char *shape,
	const void *data, size_t bytes)
{
	size_t size;
	const char *file = npy(descr, shape, false, data, bytes, &size);

	test_write_file(path, file, size);
}

static const struct graph *demo_graph(const char *name)
{
	const struct demo *demo = demo_find(name);
	struct error err = ERROR_INIT;
	struct model *model =
		model_open_memory(demo->model, demo->model_size, name, &err);
	struct graph *graph;

	cr_assert(model, "%s", err.text);
	graph = graph_build(model, &err);
	cr_assert(graph, "%s", err.text);
	return graph;
}

static struct sample_set *open_paths(
	const struct graph *graph, char **paths, size_t count, struct error *err)
{
	struct text_list list = {paths, count, count};

	return sample_set_open(graph, &(struct sample_request){.data = &list}, err);
}

#define OPEN(graph, err, ...)                                                            \
	open_paths(graph, (char *[]){__VA_ARGS__},                                       \
		sizeof((char *[]){__VA_ARGS__}) / sizeof(char *), err)

/* ---- .npy */

static bool read_header(const char *descr, const char *shape, struct npy_header *header)
{
	struct error err = ERROR_INIT;
	size_t size;
	const char *file = npy(descr, shape, false, "", 0, &size);

	return npy_read_header(header, (const unsigned char *)file, size, "here", &err);
}

Test(calib_samples, reads_npy_headers)
{
	struct npy_header header;

	cr_assert(read_header("<f4", "(1, 3, 48L)", &header));
	cr_assert_eq(header.type, ELEMENT_FLOAT);
	cr_assert(header.rank == 3 && header.dims[1] == 3 && header.dims[2] == 48);
	cr_assert(read_header("|b1", "()", &header));
	cr_assert(header.type == ELEMENT_BOOL && header.rank == 0);
	cr_assert(read_header(">i8", "(2,)", &header));
	cr_assert(header.type == ELEMENT_INT64 && header.swapped);
	cr_assert(read_header("<U7", "(2,)", &header));
	cr_assert_eq(header.type, ELEMENT_NONE);
}

Test(calib_samples, refuses_damaged_headers)
{
	struct npy_header header;

	cr_assert_not(read_header("<f4", "(1, 3", &header));
	cr_assert_not(read_header("<f4", "(-1,)", &header));
	cr_assert_not(read_header("<f4", "(99999999999999999999,)", &header));
	cr_assert_not(read_header("<f4', 'x': '", "(1,)", &header));
}

Test(calib_samples, turns_columns_into_rows)
{
	struct npy_header header = {.dims = {2, 3}, .rank = 2};
	const unsigned char columns[] = {1, 4, 2, 5, 3, 6};
	unsigned char rows[6];

	npy_to_row_major(&header, 1, columns, rows);
	cr_assert_arr_eq(rows, ((unsigned char[]){1, 2, 3, 4, 5, 6}), 6);
}

/* ---- files and folders: mixed8 has two inputs float[4]... of the demo's shape */

static size_t input_bytes(const struct graph *graph, size_t input)
{
	return graph_tensor_elements(graph, graph->inputs[input]) * sizeof(float);
}

static char *shape_of(const struct graph *graph, size_t input)
{
	const struct graph_tensor *t = &graph->tensors[graph->inputs[input]];
	char *text = strdup("(");

	for (int32_t i = 0; i < t->rank; i++)
		text = test_text("%s%d,", text, (int)graph->dims[t->first_dim + i]);
	return test_text("%s)", text);
}

/* One sample of mixed8 in a folder: every element is `value`. */
static void write_mixed8(const struct graph *graph, const char *folder, float value)
{
	float data[256];

	for (size_t i = 0; i < 256; i++)
		data[i] = value;
	TEST_RUN("mkdir", "-p", folder);
	for (size_t i = 0; i < 2; i++)
		write_npy(test_text("%s/input_%zu.npy", folder, i), "<f4",
			shape_of(graph, i), data, input_bytes(graph, i));
}

static float first_value(struct sample_set *set, size_t index)
{
	struct error err = ERROR_INIT;
	struct sample sample;
	float value;

	cr_assert(sample_load(set, index, &sample, &err), "%s", err.text);
	cr_assert_eq(sample.count, 2);
	memcpy(&value, sample.inputs[0].value.data, sizeof(value));
	sample_release(&sample);
	return value;
}

Test(calib_samples, reads_folders_in_natural_order)
{
	const struct graph *graph = demo_graph("mixed8");
	struct error err = ERROR_INIT;
	struct sample_set *set;

	write_mixed8(graph, test_path("s/set10"), 10);
	write_mixed8(graph, test_path("s/set9"), 9);
	test_write_text(test_path("s/README"), "not a sample");
	set = OPEN(graph, &err, (char *)test_path("s"));
	cr_assert(set, "%s", err.text);
	cr_assert_eq(sample_set_count(set), 2);
	cr_assert_eq(first_value(set, 0), 9);
	cr_assert_eq(first_value(set, 1), 10);
	sample_set_free(set);
}

Test(calib_samples, files_next_to_each_other_are_one_sample)
{
	const struct graph *graph = demo_graph("mixed8");
	struct error err = ERROR_INIT;
	struct sample_set *set;

	write_mixed8(graph, test_path("a"), 1);
	write_mixed8(graph, test_path("b"), 2);
	set = OPEN(graph, &err, (char *)test_path("a/input_0.npy"),
		(char *)test_path("a/input_1.npy"), (char *)test_path("b/input_1.npy"),
		(char *)test_path("b/input_0.npy"));
	cr_assert(set, "%s", err.text);
	cr_assert_eq(sample_set_count(set), 2);
	cr_assert_eq(first_value(set, 1), 2);
	sample_set_free(set);
}

/* The bytes of a TensorProto: dims, FLOAT, name, raw_data. */
static void write_pb(const char *path, const char *name, size_t elements, float value)
{
	char out[1024];
	size_t at = 0, raw = elements * 4;

	out[at++] = 8, out[at++] = (char)elements;
	out[at++] = 16, out[at++] = 1;
	out[at++] = 66, out[at++] = (char)strlen(name);
	memcpy(out + at, name, strlen(name));
	at += strlen(name);
	out[at++] = 74;
	if (raw > 127)
		out[at++] = (char)(raw & 127) | (char)128, raw >>= 7;
	out[at++] = (char)raw;
	for (size_t i = 0; i < elements; i++, at += 4)
		memcpy(out + at, &value, 4);
	test_write_file(path, out, at);
}

/* A model x float[n], y float[n] -> nothing else matters. */
static const struct graph *wide_graph(void)
{
	return demo_graph("convnet");
}

Test(calib_samples, says_what_is_missing_or_unknown)
{
	const struct graph *graph = demo_graph("mixed8");
	struct error err = ERROR_INIT;

	write_mixed8(graph, test_path("a"), 1);
	cr_assert_null(OPEN(graph, &err, (char *)test_path("a/input_0.npy")));
	cr_assert(strstr(err.text, "lacks input 'input_1'"), "%s", err.text);
	error_clear(&err);
	write_npy(test_path("a/other.npy"), "<f4", "(1,)", "", 0);
	cr_assert_null(OPEN(graph, &err, (char *)test_path("a")));
	cr_assert(strstr(err.text, "no input is named 'other'"), "%s", err.text);
	cr_assert(strstr(err.text, "'input_0', 'input_1'"), "%s", err.text);
	error_clear(&err);
	test_write_text(test_path("notes.txt"), "text");
	cr_assert_null(OPEN(graph, &err, (char *)test_path("notes.txt")));
	cr_assert(strstr(err.text, "not a sample"), "%s", err.text);
	error_clear(&err);
	TEST_RUN("mkdir", test_path("empty"));
	cr_assert_null(OPEN(graph, &err, (char *)test_path("empty")));
	cr_assert(strstr(err.text, "holds no samples"), "%s", err.text);
	error_clear(&err);
	cr_assert_null(OPEN(graph, &err, (char *)test_path("nowhere.npz")));
	cr_assert(strstr(err.text, "nowhere.npz"), "%s", err.text);
}

static void expect_refusal(const struct graph *graph, const char *descr,
	const char *shape, size_t bytes, const char *wanted)
{
	static const char zeros[4096];
	struct error err = ERROR_INIT;
	struct sample_set *set;
	struct sample sample;

	write_npy(test_path("picture.npy"), descr, shape, zeros, bytes);
	set = OPEN(graph, &err, (char *)test_path("picture.npy"));
	cr_assert(set, "%s", err.text);
	cr_assert_not(sample_load(set, 0, &sample, &err));
	cr_assert(
		strstr(err.text, "picture.npy': input 'picture': float"), "%s", err.text);
	cr_assert(strstr(err.text, wanted), "%s", err.text);
	sample_set_free(set);
}

Test(calib_samples, names_file_input_wanted_and_found)
{
	const struct graph *graph = wide_graph();

	expect_refusal(graph, "<f8", "(2, 2)", 32, "double[2,2] found");
	expect_refusal(graph, "<U1", "(1,)", 4, "<U1[1] found");
	expect_refusal(graph, "<f4", "(5, 5, 5)", 500, "float[5,5,5] found");
}

/* The demo's picture without its first axis. */
Test(calib_samples, adds_a_batch_axis)
{
	const struct graph *graph = wide_graph();
	const struct graph_tensor *t = &graph->tensors[graph->inputs[0]];
	static const char zeros[4096];
	struct error err = ERROR_INIT;
	struct sample_set *set;
	struct sample sample;
	char *shape = strdup("(");

	for (int32_t i = 1; i < t->rank; i++)
		shape = test_text("%s%d,", shape, (int)graph->dims[t->first_dim + i]);
	write_npy(test_path("p.npy"), "<f4", test_text("%s)", shape), zeros,
		input_bytes(graph, 0));
	set = OPEN(graph, &err, (char *)test_path("p.npy"));
	cr_assert(sample_load(set, 0, &sample, &err), "%s", err.text);
	cr_assert_eq(sample.inputs[0].value.rank, (size_t)t->rank);
	cr_assert_eq(sample.inputs[0].value.dims[0], 1);
	cr_assert(strstr(sample_set_note(set), "no batch axis for input 'picture'"));
	sample_release(&sample);
	sample_set_free(set);
}

Test(calib_samples, raw_data_need_a_shape)
{
	const struct graph *graph = wide_graph();
	char *path = (char *)test_path("p.bin");
	struct text_list list = {&path, 1, 1};
	struct sample_request request = {.data = &list};
	static const char zeros[4096];
	struct error err = ERROR_INIT;
	struct sample_set *set;
	struct sample sample;

	test_write_file(path, zeros, input_bytes(graph, 0));
	set = sample_set_open(graph, &request, &err);
	cr_assert_not(sample_load(set, 0, &sample, &err));
	cr_assert(strstr(err.text, "give it with --shape"), "%s", err.text);
	sample_set_free(set);
	error_clear(&err);
	request.shape = shape_of(graph, 0) + 1; /* "1,1,16,16,)" */
	((char *)request.shape)[strlen(request.shape) - 2] = '\0';
	set = sample_set_open(graph, &request, &err);
	cr_assert(set, "%s", err.text);
	cr_assert(sample_load(set, 0, &sample, &err), "%s", err.text);
	sample_release(&sample);
	sample_set_free(set);
	request.shape = "1,2,x";
	cr_assert_null(sample_set_open(graph, &request, &err));
	cr_assert_eq(err.kind, ERROR_USAGE);
}

Test(calib_samples, reads_tensor_protos)
{
	const struct graph *graph = wide_graph();
	struct error err = ERROR_INIT;
	struct sample_set *set;
	struct sample sample;

	TEST_RUN("mkdir", test_path("test_data_set_0"));
	write_pb(test_path("test_data_set_0/input_0.pb"), "picture", 3, 7);
	write_pb(test_path("test_data_set_0/output_0.pb"), "y", 3, 7);
	set = OPEN(graph, &err, (char *)test_folder());
	cr_assert(set, "%s", err.text);
	cr_assert_eq(sample_set_count(set), 1);
	cr_assert_not(sample_load(set, 0, &sample, &err));
	cr_assert(strstr(err.text, "float[3] found"), "%s", err.text);
	sample_set_free(set);
}

Test(calib_samples, takes_shards)
{
	const struct graph *graph = demo_graph("mixed8");
	struct sample_request request = {.random = 7, .shard = "2/3"};
	struct error err = ERROR_INIT;
	struct sample_set *shard = sample_set_open(graph, &request, &err);
	struct sample_set *whole;

	request.shard = NULL;
	whole = sample_set_open(graph, &request, &err);
	cr_assert_eq(sample_set_count(shard), 2);
	cr_assert_eq(first_value(shard, 0), first_value(whole, 1));
	cr_assert_eq(first_value(shard, 1), first_value(whole, 4));
	cr_assert_neq(first_value(whole, 1), first_value(whole, 4));
	request.shard = "4/3";
	cr_assert_null(sample_set_open(graph, &request, &err));
	cr_assert_eq(err.kind, ERROR_USAGE);
	request.shard = "8/8";
	err = (struct error)ERROR_INIT;
	cr_assert_null(sample_set_open(graph, &request, &err));
	cr_assert_eq(err.kind, ERROR_REFUSED);
	cr_assert_str_eq(err.text, "--shard: '8/8' takes none of 7 samples; split them "
				   "into fewer parts");
}

Test(calib_samples, random_values_follow_the_seed)
{
	const struct graph *graph = demo_graph("mixed8");
	struct sample_request request = {.random = 2, .seed = 1};
	struct error err = ERROR_INIT;
	struct sample_set *a = sample_set_open(graph, &request, &err);
	struct sample_set *b = sample_set_open(graph, &request, &err);
	struct sample_set *c;

	request.seed = 2;
	c = sample_set_open(graph, &request, &err);
	cr_assert_eq(first_value(a, 1), first_value(b, 1));
	cr_assert_neq(first_value(a, 1), first_value(c, 1));
	cr_assert(sample_set_is_random(a));
}

Test(calib_samples, archives_in_memory_are_samples)
{
	const struct graph *graph = demo_graph("mixed8");
	const struct demo *demo = demo_find("mixed8");
	struct sample_blob blob = {
		demo->samples[0].name, demo->samples[0].bytes, demo->samples[0].size};
	struct sample_request request = {.blobs = &blob, .blob_count = 1};
	struct error err = ERROR_INIT;
	struct sample_set *set = sample_set_open(graph, &request, &err);

	cr_assert(set, "%s", err.text);
	cr_assert_eq(first_value(set, 0), first_value(set, 0));
	blob.size = 100;
	cr_assert_not(sample_load(set, 0, &(struct sample){0}, &err));
	cr_assert(strstr(err.text, "'sample_0.npz'"), "%s", err.text);
}

/* ---- the feed */

struct seen {
	int times[64];
	size_t fail_at;
};

static bool see(void *arg, unsigned worker, size_t index, const struct sample *sample,
	struct ort_stop *stop, struct error *err)
{
	struct seen *seen = arg;

	(void)stop;
	if (worker >= 3 || sample->count != 2 || index == seen->fail_at)
		return error_set(err, ERROR_REFUSED, "sample %zu", index);
	seen->times[index]++;
	return true;
}

static bool feed(struct seen *seen, const struct progress *progress, struct error *err)
{
	struct sample_request request = {.random = 40};
	struct sample_set *set = sample_set_open(demo_graph("mixed8"), &request, err);
	struct feed_job job = {.set = set,
		.first = 3,
		.count = 30,
		.workers = 3,
		.what = "feeding",
		.whole = 30,
		.run = see,
		.arg = seen};

	return feed_run(&job, progress, err);
}

Test(calib_samples, feeds_every_sample_once)
{
	struct seen seen = {.fail_at = SIZE_MAX};
	struct error err = ERROR_INIT;

	cr_assert(feed(&seen, NULL, &err), "%s", err.text);
	for (int i = 0; i < 40; i++)
		cr_assert_eq(seen.times[i], i >= 3 && i < 33);
}

Test(calib_samples, feed_ends_with_the_first_error)
{
	struct seen seen = {.fail_at = 20};
	struct error err = ERROR_INIT;

	cr_assert_not(feed(&seen, NULL, &err));
	cr_assert_str_eq(err.text, "sample 20");
}

static bool always(void *arg)
{
	(void)arg;
	return true;
}

Test(calib_samples, feed_is_interrupted)
{
	struct progress progress = {.cancelled = always};
	struct seen seen = {.fail_at = SIZE_MAX};
	struct error err = ERROR_INIT;

	cr_assert_not(feed(&seen, &progress, &err));
	cr_assert_eq(err.kind, ERROR_CANCELLED);
}
