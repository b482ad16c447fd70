/* The demos that are built in: complete, the files of data/demos, and showing what
 * they are there to show. */
#include "job/demos.h"
#include "support.h"

#include <criterion/criterion.h>
#include <string.h>

static void expect_file(
	const struct demo *demo, const char *file, const void *bytes, size_t size)
{
	size_t length;
	char *text = test_read_file(
		test_source(test_text("data/demos/%s/%s", demo->name, file)), &length);

	cr_assert_eq(length, size, "%s/%s", demo->name, file);
	cr_assert_arr_eq(text, bytes, size, "%s/%s", demo->name, file);
}

Test(job_demos, are_the_files_of_the_tree)
{
	size_t total = 0;

	for (size_t i = 0; i < demo_count(); i++) {
		const struct demo *demo = demo_at(i);

		expect_file(demo, "model.onnx", demo->model, demo->model_size);
		expect_file(demo, "ranges.json", demo->ranges, demo->ranges_size);
		expect_file(demo, "options", demo->options, strlen(demo->options));
		expect_file(demo, "seeds", demo->seeds, strlen(demo->seeds));
		for (size_t k = 0; k < demo->sample_count; k++) {
			expect_file(demo, demo->samples[k].name, demo->samples[k].bytes,
				demo->samples[k].size);
			total += demo->samples[k].size;
		}
		cr_assert_gt(demo->sample_count, 0);
		cr_assert_eq(strlen(demo->ranges), demo->ranges_size);
		total += demo->model_size + demo->ranges_size;
	}
	cr_assert_lt(total, 300 * 1024);
}

Test(job_demos, are_found_by_name)
{
	cr_assert_eq(demo_count(), 3);
	cr_assert_str_eq(demo_at(0)->name, "mixed8");
	cr_assert_null(demo_at(3));
	for (size_t i = 0; i < demo_count(); i++)
		cr_assert_eq(demo_find(demo_at(i)->name), demo_at(i));
	cr_assert_null(demo_find("mixed"));
	cr_assert_str_eq(demo_find("mixed8")->options, "--op-types all\n");
	cr_assert_str_eq(demo_find("mixed8")->seeds, "Op4_out=QUInt16\n");
}

Test(job_demos, promotion_repairs_what_8_bits_break)
{
	struct test_result r =
		TEST_PYTHON("tests/demos/measure.py", test_source("data/demos"));

	cr_assert_eq(r.status, 0, "%s%s", r.out, r.err);
	cr_assert_not_null(strstr(r.out, "convnet "));
	cr_assert_not_null(strstr(r.out, "attention "));
}
