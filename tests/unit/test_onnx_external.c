/* Side files: found where they may be, refused everywhere else. */
#include "onnx/tensor.h"
#include "onnx_bytes.h"
#include "support.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COUNT = 10, BYTES = COUNT * 4 };

struct entry {
	const char *key;
	const char *value;
};

static void add_entry(struct bytes *tensor, const char *key, const char *value)
{
	struct bytes entry = {0};

	put_text(&entry, 1, key);
	put_text(&entry, 2, value);
	put_message(tensor, 13, entry);
}

/* A model file whose one initializer has these entries. */
static void make_file(const char *path, const struct entry *entries, int count)
{
	static const int64_t dims[] = {COUNT};
	struct bytes tensor = make_tensor_head("w", 1, dims, 1), b;

	for (int i = 0; i < count; i++)
		add_entry(&tensor, entries[i].key, entries[i].value);
	put_int(&tensor, 14, 1);
	b = make_small_model(tensor);
	test_write_file(path, b.data, b.size);
}

static void make_weights(const char *path, float first)
{
	float values[COUNT];

	for (int i = 0; i < COUNT; i++)
		values[i] = first + (float)i;
	test_write_file(path, values, sizeof(values));
}

/* Reads the tensor of a model file; false with the error. */
static bool read_it(const char *path, bool strict, float first, struct error *err)
{
	struct model_options options = {.strict_external_data = strict};
	struct model *model = model_open(path, &options, NULL, err);
	struct tensor_reader reader;
	float values[COUNT];
	bool ok;

	cr_assert(model, "%s", err->text);
	ok = tensor_open(&reader, model, model->proto->graph->initializer[0], err) &&
	     tensor_read_f32(&reader, 0, COUNT, values, err);
	tensor_close(&reader);
	if (ok)
		cr_assert(values[0] == first && values[COUNT - 1] == first + COUNT - 1);
	model_free(model);
	return ok;
}

static void accepted(const char *path, bool strict, float first)
{
	struct error err = ERROR_INIT;

	cr_assert(read_it(path, strict, first, &err), "%s", err.text);
}

static void refused(const char *path, bool strict, const char *part)
{
	struct error err = ERROR_INIT;

	cr_assert_not(read_it(path, strict, 0, &err), "accepted; expected: %s", part);
	cr_assert(strstr(err.text, part), "'%s' does not hold '%s'", err.text, part);
}

static void location_accepted(const char *location)
{
	struct entry entries[] = {{"location", location}};

	make_file(test_path("m.onnx"), entries, 1);
	accepted(test_path("m.onnx"), false, 5);
	accepted(test_path("m.onnx"), true, 5);
}

static void location_refused(const char *location, const char *part)
{
	struct entry entries[] = {{"location", location}};

	make_file(test_path("m.onnx"), entries, 1);
	refused(test_path("m.onnx"), false, part);
	refused(test_path("m.onnx"), true, part);
}

Test(onnx_external, locations)
{
	mkdir(test_path("sub"), 0777);
	make_weights(test_path("w.bin"), 5);
	make_weights(test_path("w..bin"), 5);
	make_weights(test_path("sub/w"), 5);
	location_accepted("w.bin");
	location_accepted("./w.bin");
	location_accepted("sub//./w");
	location_accepted("w..bin");
	location_refused("", "location is empty");
	location_refused("./.", "location is empty");
	location_refused("../w.bin", "'..'");
	location_refused("sub/../w.bin", "'..'");
	location_refused("sub/..", "'..'");
	location_refused("/etc/passwd", "absolute");
	location_refused("C:w.bin", "another system");
	location_refused("sub\\w", "another system");
	location_refused("\xff", "no file name");
	location_refused("*/_ORT_MEM_ADDR_/x", "memory of another program");
	location_refused("sub", "not a regular file");
	location_refused("none", "cannot be opened");
	location_refused("w.bin/x", "cannot be opened");
}

Test(onnx_external, pipe)
{
	cr_assert_eq(mkfifo(test_path("fifo"), 0666), 0);
	location_refused("fifo", "not a regular file");
}

static void entries_refused(const struct entry *entries, int count, const char *part)
{
	make_file(test_path("m.onnx"), entries, count);
	refused(test_path("m.onnx"), false, part);
}

static void number_refused(const char *key, const char *value, const char *part)
{
	struct entry entries[] = {{"location", "w.bin"}, {key, value}};

	entries_refused(entries, 2, part);
}

Test(onnx_external, numbers)
{
	float values[COUNT * 3];
	struct entry good[] = {{"offset", "40"}, {"colour", "red"}, {"location", "w.bin"},
		{"length", "0044"}, {"basepath", "/etc"}, {"checksum", "0"}};
	struct entry far[] = {{"location", "w.bin"}, {"offset", "9223372036854775807"},
		{"length", "40"}};

	for (int i = 0; i < COUNT * 3; i++)
		values[i] = (float)i;
	test_write_file(test_path("w.bin"), values, sizeof(values));
	make_file(test_path("m.onnx"), good, 6);
	accepted(test_path("m.onnx"), true, 10);
	number_refused("offset", "-1", "offset is not a number");
	number_refused("offset", "", "offset is not a number");
	number_refused("offset", "0x10", "offset is not a number");
	number_refused("offset", "9223372036854775808", "offset is not a number");
	number_refused("length", "40 ", "length is not a number");
	number_refused("length", "39", "39 bytes are given for a tensor of 40");
	number_refused("length", "121", "incomplete");
	number_refused("offset", "81", "incomplete");
	number_refused("offset", "1000", "incomplete");
	number_refused("location", "w.bin", "given twice");
	entries_refused(far, 3, "too large");
	entries_refused(good, 2, "location is missing");
}

/* A shape that asks for exabytes ends before memory is asked for. */
Test(onnx_external, absurd_shape)
{
	static const int64_t dims[] = {INT64_C(1) << 57};
	struct bytes tensor = make_tensor_head("w", 1, dims, 1), b;

	add_entry(&tensor, "location", "w.bin");
	put_int(&tensor, 14, 1);
	b = make_small_model(tensor);
	make_weights(test_path("w.bin"), 5);
	test_write_file(test_path("m.onnx"), b.data, b.size);
	refused(test_path("m.onnx"), false, "incomplete");
}

Test(onnx_external, links)
{
	struct entry entries[] = {{"location", "d/w"}};

	mkdir(test_path("model"), 0777);
	mkdir(test_path("model/real"), 0777);
	mkdir(test_path("secret"), 0777);
	make_weights(test_path("model/real/w"), 5);
	make_weights(test_path("secret/w"), 9);
	make_file(test_path("model/m.onnx"), entries, 1);
	cr_assert_eq(symlink("real", test_path("model/d")), 0);
	accepted(test_path("model/m.onnx"), false, 5);
	refused(test_path("model/m.onnx"), true, "through a link");
	unlink(test_path("model/d"));
	cr_assert_eq(symlink("../secret", test_path("model/d")), 0);
	refused(test_path("model/m.onnx"), false, "leads out");
	refused(test_path("model/m.onnx"), true, "through a link");
	unlink(test_path("model/d"));
	mkdir(test_path("model/d"), 0777);
	cr_assert_eq(symlink(test_path("secret/w"), test_path("model/d/w")), 0);
	refused(test_path("model/m.onnx"), false, "leads out");
	unlink(test_path("model/d/w"));
	cr_assert_eq(link(test_path("secret/w"), test_path("model/d/w")), 0);
	accepted(test_path("model/m.onnx"), false, 9);
	refused(test_path("model/m.onnx"), true, "hard links");
}

/* A folder whose name begins like the model's is another folder. */
Test(onnx_external, neighbour)
{
	struct entry entries[] = {{"location", "w"}};

	mkdir(test_path("model"), 0777);
	mkdir(test_path("model2"), 0777);
	make_weights(test_path("model2/w"), 5);
	make_file(test_path("model/m.onnx"), entries, 1);
	cr_assert_eq(symlink("../model2/w", test_path("model/w")), 0);
	refused(test_path("model/m.onnx"), false, "leads out");
}

/* The Hugging Face cache: both files are links into another folder. */
Test(onnx_external, blobs)
{
	struct entry entries[] = {{"location", "m.data"}};

	mkdir(test_path("blobs"), 0777);
	mkdir(test_path("snapshot"), 0777);
	make_file(test_path("blobs/aa"), entries, 1);
	make_weights(test_path("blobs/bb"), 5);
	cr_assert_eq(symlink("../blobs/aa", test_path("snapshot/m.onnx")), 0);
	cr_assert_eq(symlink("../blobs/bb", test_path("snapshot/m.data")), 0);
	accepted(test_path("snapshot/m.onnx"), false, 5);
	refused(test_path("snapshot/m.onnx"), true, "through a link");
}

Test(onnx_external, in_memory)
{
	struct error err = ERROR_INIT;
	struct entry entries[] = {{"location", "w.bin"}};
	struct tensor_reader reader;
	struct model *model;
	char *bytes;
	size_t size;

	make_file(test_path("m.onnx"), entries, 1);
	bytes = test_read_file(test_path("m.onnx"), &size);
	model = model_open_memory(bytes, size, "demo:x", &err);
	cr_assert(model);
	cr_assert_not(
		tensor_open(&reader, model, model->proto->graph->initializer[0], &err));
	cr_assert(strstr(err.text, "in memory"), "%s", err.text);
}

/* A working folder that changes meanwhile changes nothing. */
Test(onnx_external, relative_path)
{
	struct error err = ERROR_INIT;
	struct entry entries[] = {{"location", "w.bin"}};
	struct tensor_reader reader;
	struct model *model;

	make_file(test_path("m.onnx"), entries, 1);
	make_weights(test_path("w.bin"), 5);
	cr_assert_eq(chdir(test_folder()), 0);
	model = model_open("m.onnx", NULL, NULL, &err);
	cr_assert(model, "%s", err.text);
	cr_assert_eq(chdir("/"), 0);
	cr_assert(tensor_open(&reader, model, model->proto->graph->initializer[0], &err),
		"%s", err.text);
	tensor_close(&reader);
}
