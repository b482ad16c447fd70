/* Reading tensors in every form. */
#include "onnx/tensor.h"
#include "onnx_bytes.h"
#include "support.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct model *hold(struct bytes tensor)
{
	struct error err = ERROR_INIT;
	struct bytes b = make_small_model(tensor);
	struct model *model = model_open_memory(b.data, b.size, "test", &err);

	cr_assert(model, "%s", err.text);
	return model;
}

static const Onnx__TensorProto *first(const struct model *model)
{
	return model->proto->graph->initializer[0];
}

static void expect_f32(struct bytes tensor, const float *want, size_t count)
{
	struct error err = ERROR_INIT;
	struct model *model = hold(tensor);
	struct tensor_reader reader;
	float got[400];

	cr_assert(tensor_open(&reader, model, first(model), &err), "%s", err.text);
	cr_assert_eq(reader.count, count);
	cr_assert(tensor_read_f32(&reader, 0, count, got, &err), "%s", err.text);
	cr_assert_eq(memcmp(got, want, count * sizeof(float)), 0);
	for (size_t i = 0; i < count; i++) {
		cr_assert(tensor_read_f32(&reader, i, 1, got, &err));
		cr_assert_eq(got[0], want[i]);
	}
	cr_assert_not(tensor_read_f32(&reader, count, 1, got, &err));
	tensor_close(&reader);
}

static void expect_i64(struct bytes tensor, const int64_t *want, size_t count)
{
	struct error err = ERROR_INIT;
	struct model *model = hold(tensor);
	int64_t got[400];
	size_t n;

	cr_assert(
		tensor_read_i64(model, first(model), got, 400, &n, &err), "%s", err.text);
	cr_assert_eq(n, count);
	cr_assert_eq(memcmp(got, want, count * sizeof(*got)), 0);
	cr_assert_not(tensor_read_i64(model, first(model), got, count - 1, &n, &err));
}

static void refused(struct bytes tensor, const char *part)
{
	struct error err = ERROR_INIT;
	struct model *model = hold(tensor);
	struct tensor_reader reader;

	cr_assert_not(tensor_open(&reader, model, first(model), &err), "%s", part);
	cr_assert(strstr(err.text, part), "'%s' does not hold '%s'", err.text, part);
	tensor_close(&reader);
}

static void fill(float *values, int count)
{
	for (int i = 0; i < count; i++)
		values[i] = (float)i * 0.37f - 5;
}

Test(onnx_tensor, floats)
{
	static const int counts[] = {1, 60, 300};
	float values[300];

	fill(values, 300);
	for (int i = 0; i < 3; i++) {
		int64_t dims[] = {counts[i]};
		struct bytes raw = make_tensor_head("t", 1, dims, 1), packed, loose;

		packed = make_tensor_head("t", 1, dims, 1);
		loose = make_tensor_head("t", 1, dims, 1);
		put_data(&raw, 9, values, (size_t)counts[i] * 4);
		put_data(&packed, 4, values, (size_t)counts[i] * 4);
		for (int k = 0; k < counts[i]; k++)
			put_f32(&loose, 4, values[k]);
		expect_f32(raw, values, (size_t)counts[i]);
		expect_f32(packed, values, (size_t)counts[i]);
		expect_f32(loose, values, (size_t)counts[i]);
	}
}

/* Fields declared unpacked come packed from proto3 writers. */
Test(onnx_tensor, packed_dims)
{
	struct bytes tensor = {0}, packed = {0};
	float values[6] = {1, 2, 3, 4, 5, 6};
	struct model *model;

	put_number(&packed, 2);
	put_number(&packed, 3);
	put_message(&tensor, 1, packed);
	put_int(&tensor, 2, 1);
	put_data(&tensor, 9, values, sizeof(values));
	expect_f32(tensor, values, 6);
	model = hold(tensor);
	cr_assert_eq(first(model)->n_dims, 2);
	cr_assert_eq(first(model)->dims[1], 3);
}

/* One packed record, then another, then single ones: all in order. */
Test(onnx_tensor, pieces)
{
	static const int64_t dims[] = {300};
	struct bytes tensor = make_tensor_head("t", 1, dims, 1);
	float values[300];

	fill(values, 300);
	put_data(&tensor, 4, values, 400);
	put_data(&tensor, 4, values + 100, 400);
	for (int i = 200; i < 300; i++)
		put_f32(&tensor, 4, values[i]);
	expect_f32(tensor, values, 300);
}

/* Of several raw_data the last one counts, whichever is large. */
Test(onnx_tensor, last_raw)
{
	static const int64_t many[] = {100}, few[] = {10};
	struct bytes large = make_tensor_head("t", 1, many, 1);
	struct bytes small = make_tensor_head("t", 1, few, 1);
	float values[200];

	fill(values, 200);
	put_data(&large, 9, values, 40);
	put_data(&large, 9, values, 800);
	put_data(&large, 9, values + 100, 400);
	expect_f32(large, values + 100, 100);
	put_data(&small, 9, values, 400);
	put_data(&small, 9, values + 7, 40);
	expect_f32(small, values + 7, 10);
}

Test(onnx_tensor, integers)
{
	static const int64_t dims[] = {300};
	struct bytes i8 = make_tensor_head("t", 3, dims, 1);
	struct bytes i64 = make_tensor_head("t", 7, dims, 1);
	struct bytes u16 = make_tensor_head("t", 4, dims, 1);
	struct bytes packed = {0}, wide = {0}, unsigned16 = {0};
	int64_t values[300], big[300], half[300];

	for (int i = 0; i < 300; i++) {
		values[i] = (i * 7) % 256 - 128;
		big[i] = (INT64_C(1) << (i % 63)) * (i % 2 ? 1 : -1);
		half[i] = i * 218;
		put_number(&packed, (uint64_t)values[i]);
		put_number(&wide, (uint64_t)big[i]);
		put_number(&unsigned16, (uint64_t)half[i]);
	}
	put_message(&i8, 5, packed);
	put_message(&i64, 7, wide);
	put_message(&u16, 5, unsigned16);
	expect_i64(i8, values, 300);
	expect_i64(i64, big, 300);
	expect_i64(u16, half, 300);
}

Test(onnx_tensor, packed_small_types)
{
	static const int64_t five[] = {5};
	static const unsigned char want4[] = {0x21, 0x43, 0x05};
	static const unsigned char want6[] = {0x81, 0x30, 0x10, 0x05};
	struct error err = ERROR_INIT;
	struct tensor_reader reader;
	unsigned char got[8];
	struct bytes u4 = make_tensor_head("t", 21, five, 1);
	struct bytes f6 = make_tensor_head("t", 27, five, 1);
	struct model *model;

	for (int i = 0; i < 3; i++)
		put_int(&u4, 5, want4[i]);
	for (int i = 1; i <= 5; i++)
		put_int(&f6, 5, (uint64_t)i);
	model = hold(u4);
	cr_assert(tensor_open(&reader, model, first(model), &err), "%s", err.text);
	cr_assert(tensor_read_raw(&reader, 0, 5, got, &err));
	cr_assert_eq(memcmp(got, want4, 3), 0);
	cr_assert_not(tensor_read_raw(&reader, 1, 2, got, &err));
	tensor_close(&reader);
	err = (struct error)ERROR_INIT;
	model = hold(f6);
	cr_assert(tensor_open(&reader, model, first(model), &err), "%s", err.text);
	cr_assert(tensor_read_raw(&reader, 0, 5, got, &err));
	cr_assert_eq(memcmp(got, want6, 4), 0);
	tensor_close(&reader);
}

Test(onnx_tensor, refused)
{
	static const int64_t ten[] = {10}, minus[] = {-1};
	static const int64_t huge[] = {INT64_MAX, 16};
	float values[200] = {0};
	struct bytes b;

	refused(make_tensor_head("t", 1, minus, 1), "negative");
	refused(make_tensor_head("t", 1, huge, 2), "2^63");
	refused(make_tensor_head("t", 1, ten, 1), "no values");
	refused(make_tensor_head("t", 8, ten, 1), "no raw form");
	refused(make_tensor_head("t", 99, ten, 1), "no raw form");
	b = make_tensor_head("t", 1, ten, 1);
	put_data(&b, 9, values, 36);
	refused(b, "fewer bytes");
	put_data(&b, 4, values, 40);
	refused(b, "several fields");
	b = make_tensor_head("t", 1, ten, 1);
	put_data(&b, 4, values, 36);
	refused(b, "number of values");
	b = make_tensor_head("t", 1, ten, 1);
	put_data(&b, 4, values, 800);
	refused(b, "number of values");
	b = make_tensor_head("t", 6, ten, 1);
	put_data(&b, 4, values, 40);
	refused(b, "wrong field");
	b = make_tensor_head("t", 1, ten, 1);
	put_message(&b, 3, (struct bytes){0});
	refused(b, "segments");
	b = make_tensor_head("t", 6, (int64_t[]){INT64_MAX / 64}, 1);
	put_data(&b, 5, values, 400);
	refused(b, "number of values");
}

Test(onnx_tensor, no_elements)
{
	struct error err = ERROR_INIT;
	struct tensor_reader reader;
	static const int64_t dims[] = {INT64_MAX, 0, INT64_MAX};
	struct model *model = hold(make_tensor_head("t", 1, dims, 3));

	cr_assert(tensor_open(&reader, model, first(model), &err), "%s", err.text);
	cr_assert_eq(reader.count, 0);
	cr_assert(tensor_read_f32(&reader, 0, 0, NULL, &err));
	tensor_close(&reader);
}

/* All 65536 halves survive the way to double and back; rounding is half to even. */
Test(onnx_tensor, halves)
{
	for (unsigned i = 0; i < 65536; i++) {
		float wide = half_to_float((uint16_t)i);

		if (isnan(wide))
			cr_assert(isnan(half_to_float(half_from_double(wide))));
		else
			cr_assert_eq(half_from_double(wide), i, "%u", i);
	}
	cr_assert_eq(half_from_double(65519.99), 0x7bff);
	cr_assert_eq(half_from_double(65520.0), 0x7c00);
	cr_assert_eq(half_from_double(-1e300), 0xfc00);
	cr_assert_eq(half_from_double(0x1p-25), 0);
	cr_assert_eq(half_from_double(0x1.0000000001p-25), 1);
	cr_assert_eq(half_from_double(0x1.8p-24), 2);
	cr_assert_eq(half_from_double(1 + 0x1p-11), 0x3c00);
	cr_assert_eq(half_from_double(1 + 0x3p-11), 0x3c02);
	cr_assert_eq(half_from_double(0x1p-26), 0);
	cr_assert_eq(half_from_double(0x1.ffep-15), 0x0400);
}

static struct model *open_file(const char *path)
{
	struct error err = ERROR_INIT;
	struct model *model = model_open(path, NULL, NULL, &err);

	cr_assert(model, "%s", err.text);
	return model;
}

/* A file that is cut short while it is open gives an error, no signal. */
Test(onnx_tensor, cut_while_open)
{
	static const int64_t many[] = {5000};
	struct bytes tensor = make_tensor_head("t", 1, many, 1), b;
	struct error err = ERROR_INIT;
	struct tensor_reader reader;
	float values[5000] = {0};
	struct model *model;

	put_data(&tensor, 9, values, sizeof(values));
	b = make_small_model(tensor);
	test_write_file(test_path("m.onnx"), b.data, b.size);
	model = open_file(test_path("m.onnx"));
	cr_assert(tensor_open(&reader, model, first(model), &err), "%s", err.text);
	cr_assert(tensor_read_f32(&reader, 4000, 1000, values, &err));
	cr_assert_eq(truncate(test_path("m.onnx"), 3000), 0);
	cr_assert_not(tensor_read_f32(&reader, 4000, 1000, values, &err));
	cr_assert(strstr(err.text, "cut short"), "%s", err.text);
	tensor_close(&reader);
	model_free(model);
}

/* A payload that ends beyond 2 GiB; the file has a hole in its place. */
Test(onnx_tensor, beyond_two_gib)
{
	const uint64_t length = (UINT64_C(1) << 31) + 5000;
	const int64_t large[] = {(int64_t)length};
	struct bytes head = make_tensor_head("t", 2, large, 1), b = {0}, sizes[3] = {{0}};
	struct error err = ERROR_INIT;
	const char *path = test_path("large.onnx");
	struct tensor_reader reader;
	unsigned char got[3] = {0};
	struct model *model;
	FILE *file;

	put_number(&head, 9 << 3 | 2);
	put_number(&head, length);
	put_number(&sizes[0], head.size + length);
	put_int(&b, 1, 8);
	put_message(&b, 8, (struct bytes){(unsigned char *)"\x10\x11", 2, 0});
	put_number(&b, 7 << 3 | 2);
	put_number(&b, 1 + sizes[0].size + head.size + length);
	put_number(&b, 5 << 3 | 2);
	put_raw(&b, sizes[0].data, sizes[0].size);
	put_raw(&b, head.data, head.size);
	file = fopen(path, "wb");
	fwrite(b.data, 1, b.size, file);
	fseek(file, (long)(b.size + length - 2), SEEK_SET);
	fwrite("ab", 1, 2, file);
	cr_assert_eq(fclose(file), 0);
	model = open_file(path);
	cr_assert(tensor_open(&reader, model, first(model), &err), "%s", err.text);
	cr_assert(tensor_read_raw(&reader, length - 3, 3, got, &err), "%s", err.text);
	cr_assert_eq(memcmp(got, "\0ab", 3), 0);
	cr_assert_lt(model->arena.total, 1 << 16);
	tensor_close(&reader);
}
