/* Whole calibrations: taps, the fall-back without, bodies, methods, interruption. */
#include "calib/calib.h"
#include "calib/tap_model.h"
#include "job/demos.h"
#include "onnx/write.h"
#include "support.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A demo with its samples, ready to be calibrated. */
struct bench {
	struct graph *graph;
	struct quant_options options;
	struct sample_blob blobs[16];
	struct calib_request request;
	struct ranges ranges;
	struct calib_report report;
};

static void open_graph(struct bench *bench, struct model *model, struct error *err)
{
	cr_assert(model, "%s", err->text);
	bench->graph = graph_build(model, err);
	cr_assert(bench->graph, "%s", err->text);
	options_init(&bench->options);
	bench->options.all_op_types = true;
	bench->request.graph = bench->graph;
	bench->request.options = &bench->options;
	bench->request.runtime = ort_runtime_open(test_need_ort(), NULL, err);
	cr_assert(bench->request.runtime, "%s", err->text);
}

static struct bench *open_demo(const char *name)
{
	const struct demo *demo = demo_find(name);
	struct bench *bench = calloc(1, sizeof(*bench));
	struct error err = ERROR_INIT;

	open_graph(bench, model_open_memory(demo->model, demo->model_size, name, &err),
		&err);
	for (size_t i = 0; i < demo->sample_count; i++)
		bench->blobs[i] = (struct sample_blob){demo->samples[i].name,
			demo->samples[i].bytes, demo->samples[i].size};
	bench->request.samples = sample_set_open(bench->graph,
		&(struct sample_request){
			.blobs = bench->blobs, .blob_count = demo->sample_count},
		&err);
	cr_assert(bench->request.samples, "%s", err.text);
	return bench;
}

static void run(struct bench *bench)
{
	struct error err = ERROR_INIT;

	cr_assert(calib_run(&bench->request, &bench->ranges, &bench->report, NULL, &err),
		"%s", err.text);
}

static const struct range *range_of(const struct bench *bench, const char *name)
{
	tensor_id tensor = graph_find_tensor(bench->graph, name, strlen(name));

	cr_assert_neq(tensor, GRAPH_NONE);
	return ranges_find(&bench->ranges, tensor);
}

static void expect_same(const struct bench *a, const struct bench *b)
{
	for (tensor_id i = 0; i < a->graph->main_tensors; i++) {
		const struct range *x = ranges_find(&a->ranges, i);
		const struct range *y = ranges_find(&b->ranges, i);

		cr_assert_eq(!x, !y, "%s", graph_tensor_name(a->graph, i));
		if (x)
			cr_assert(x->low == y->low && x->high == y->high, "%s",
				graph_tensor_name(a->graph, i));
	}
}

/* The embedded ranges were made by ONNX Runtime's calibrator from these samples. */
static void expect_embedded(const char *name)
{
	struct bench *bench = open_demo(name), embedded = {.graph = bench->graph};
	const struct demo *demo = demo_find(name);
	struct problem_list problems = {0};
	struct error err = ERROR_INIT;

	bench->request.threads = 1;
	run(bench);
	cr_assert(ranges_read(&embedded.ranges, bench->graph, demo->ranges,
			  demo->ranges_size, name, &problems, &err),
		"%s", err.text);
	for (tensor_id i = 0; i < bench->graph->main_tensors; i++) {
		const struct range *x = ranges_find(&bench->ranges, i);
		const struct range *y = ranges_find(&embedded.ranges, i);

		if (y)
			cr_assert(
				x && fabs(x->low - y->low) <= 1e-5 * (y->high - y->low) &&
					fabs(x->high - y->high) <=
						1e-5 * (y->high - y->low),
				"%s", graph_tensor_name(bench->graph, i));
	}
}

Test(calib_run, finds_the_ranges_of_convnet)
{
	expect_embedded("convnet");
}

Test(calib_run, finds_the_ranges_of_attention)
{
	expect_embedded("attention");
}

Test(calib_run, threads_and_fallback_give_the_same)
{
	struct bench *one = open_demo("convnet"), *two = open_demo("convnet");
	struct bench *plain = open_demo("convnet");

	one->request.threads = 1;
	two->request.threads = 2;
	plain->request.threads = 1;
	plain->request.without_taps = true;
	run(one);
	run(two);
	run(plain);
	cr_assert_not(one->report.without_taps);
	cr_assert(plain->report.without_taps);
	expect_same(one, two);
	expect_same(one, plain);
	cr_assert_eq(one->report.samples, 6);
	cr_assert_gt(one->report.tensors, 10);
}

Test(calib_run, symmetric_and_averaged_ranges)
{
	struct bench *plain = open_demo("mixed8"), *bench = open_demo("mixed8");
	const struct range *range, *whole;

	run(plain);
	bench->options.calib_symmetric = YES;
	run(bench);
	range = range_of(bench, "Op1_out");
	cr_assert_eq(range->low, -range->high);
	bench->options.calib_symmetric = NO;
	bench->options.calib_moving_average = true;
	run(bench);
	range = range_of(bench, "Op3_out");
	whole = range_of(plain, "Op3_out");
	cr_assert(range->low > whole->low || range->high < whole->high);
}

Test(calib_run, histograms_stay_inside_minmax)
{
	struct bench *plain = open_demo("convnet"), *bench = open_demo("convnet");

	run(plain);
	bench->request.method = METHOD_PERCENTILE;
	bench->options.calib_symmetric = NO;
	bench->options.calib_percentile = 90;
	run(bench);
	cr_assert_eq(bench->ranges.method, METHOD_PERCENTILE);
	for (tensor_id i = 0; i < bench->graph->main_tensors; i++) {
		const struct range *x = ranges_find(&bench->ranges, i);
		const struct range *y = ranges_find(&plain->ranges, i);

		if (x)
			cr_assert(x->low >= y->low && x->high <= y->high, "%s",
				graph_tensor_name(bench->graph, i));
	}
	bench->request.method = METHOD_ENTROPY;
	run(bench);
	expect_same(plain, bench);
}

Test(calib_run, refuses_impossible_options)
{
	struct bench *bench = open_demo("mixed8");
	struct error err = ERROR_INIT;

	bench->options.calib_strided = 3;
	cr_assert_not(
		calib_run(&bench->request, &bench->ranges, &bench->report, NULL, &err));
	cr_assert(strstr(err.text, "CalibStridedMinMax"), "%s", err.text);
	error_clear(&err);
	bench->options.calib_strided = 0;
	bench->options.ort_compatible = true;
	bench->options.calib_max_intermediate_outputs = 2;
	cr_assert_not(
		calib_run(&bench->request, &bench->ranges, &bench->report, NULL, &err));
	cr_assert(strstr(err.text, "CalibMaxIntermediateOutputs"), "%s", err.text);
	bench->options.ort_compatible = false;
	run(bench);
}

static bool always(void *arg)
{
	(void)arg;
	return true;
}

Test(calib_run, is_interrupted)
{
	struct bench *bench = open_demo("convnet");
	struct progress progress = {.cancelled = always};
	struct error err = ERROR_INIT;

	cr_assert_not(calib_run(
		&bench->request, &bench->ranges, &bench->report, &progress, &err));
	cr_assert_eq(err.kind, ERROR_CANCELLED);
	cr_assert_eq(bench->ranges.count, 0);
}

/* ---- a real model with bodies */

static struct bench *open_silero(void)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct error err = ERROR_INIT;

	open_graph(bench,
		model_open(test_need_model("silero_vad.onnx"), NULL, NULL, &err), &err);
	bench->request.samples = sample_set_open(bench->graph,
		&(struct sample_request){
			.random = 2, .shape = "input=1,256;state=2,1,128;sr="},
		&err);
	cr_assert(bench->request.samples, "%s", err.text);
	return bench;
}

static uint32_t count_bodies(const struct bench *bench)
{
	uint32_t count = 0;

	for (tensor_id i = 0; i < bench->graph->tensor_count; i++)
		count += bench->graph->tensors[i].scope &&
			 ranges_find(&bench->ranges, i) != NULL;
	return count;
}

Test(calib_run, sees_into_bodies)
{
	struct bench *inside = open_silero(), *outside = open_silero();

	inside->request.bodies = true;
	run(inside);
	run(outside);
	cr_assert_gt(count_bodies(inside), 10);
	cr_assert_eq(count_bodies(outside), 0);
	expect_same(inside, outside);
}

/* ---- taps */

static bool *all_tensors(const struct graph *graph)
{
	bool *wanted = calloc(graph->tensor_count, sizeof(*wanted));

	memset(wanted, 1, graph->tensor_count);
	return wanted;
}

Test(calib_run, taps_keep_names_and_readers)
{
	struct bench *bench = open_demo("convnet");
	struct error err = ERROR_INIT;
	struct model *tapped =
		tap_model_make(bench->graph, all_tensors(bench->graph), false, &err);
	struct model_image image;
	struct model *again;
	struct graph *graph;

	cr_assert(tapped, "%s", err.text);
	cr_assert(model_encode(tapped, &image, NULL, &err), "%s", err.text);
	again = model_open_memory(image.bytes, image.size, "tapped", &err);
	cr_assert(again, "%s", err.text);
	graph = graph_build(again, &err);
	cr_assert(graph, "%s", err.text);
	for (tensor_id i = 0; i < bench->graph->main_tensors; i++) {
		const char *name = graph_tensor_name(bench->graph, i);
		tensor_id tensor = graph_find_tensor(graph, name, strlen(name));
		node_id producer;

		cr_assert_neq(tensor, GRAPH_NONE);
		cr_assert_eq(graph->tensors[tensor].reader_count,
			bench->graph->tensors[i].reader_count);
		producer = graph->tensors[tensor].producer;
		if (tap_model_can(bench->graph, i))
			cr_assert_str_eq(graph_op_type(graph, producer), ORT_TAP_OBSERVE);
	}
	cr_assert_eq(model_domain_version(again, ORT_TAP_DOMAIN), 1);
	model_image_release(&image);
}
