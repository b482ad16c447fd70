/* Vector kernels against the scalar ones, bit for bit; threads; large weights. */
#include "quant_models.h"

#include "quant/kernels.h"
#include "quant/parallel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { VALUES = 4099 };

static float values[VALUES], scales[VALUES], zeros[VALUES];

/* Ties, both signs of zero, extremes and what is no number, among ordinary values. */
static void fill(void)
{
	static const float special[] = {0.5f, -0.5f, 1.5f, 2.5f, -63.5f, 0.0f, -0.0f,
		INFINITY, -INFINITY, NAN, 1e30f, -1e30f, 3e9f, -3e9f, 131072, 1e-45f};
	uint32_t state = 1;

	for (size_t i = 0; i < VALUES; i++) {
		state = state * 1664525u + 1013904223u;
		values[i] = ((float)(state >> 8) / 8388608.0f - 1) * 300;
		if (state % 7 == 0)
			values[i] = special[(state >> 8) % 16];
		scales[i] = i % 3 ? 1.0f : 0.015748031437397003f * (float)(1 + i % 5);
		zeros[i] = (float)(int)(i % 256) - 128;
	}
}

static void compare_quantizing(const struct kernels *k, size_t at, size_t n,
	struct limits limits, float scale, float zero)
{
	static uint16_t wide[2][VALUES];
	static uint8_t narrow[2][VALUES];
	const struct kernels *const sets[2] = {&kernels_scalar, k};

	for (int i = 0; i < 2; i++)
		sets[i]->to_16(values + at, n, scale, zero, limits, wide[i]);
	cr_assert_arr_eq(wide[0], wide[1], n * sizeof(uint16_t), "%s to_16", k->name);
	for (int i = 0; i < 2; i++)
		sets[i]->to_8(values + at, n, scale, zero, limits, narrow[i]);
	cr_assert_arr_eq(narrow[0], narrow[1], n, "%s to_8", k->name);
	for (int i = 0; i < 2; i++)
		sets[i]->columns_to_16(values + at, n, scales, zeros, limits, wide[i]);
	cr_assert_arr_eq(wide[0], wide[1], n * sizeof(uint16_t), "%s columns", k->name);
	for (int i = 0; i < 2; i++)
		sets[i]->columns_to_8(values + at, n, scales, zeros, limits, narrow[i]);
	cr_assert_arr_eq(narrow[0], narrow[1], n, "%s columns", k->name);
}

Test(quant_kernels, quantizing_is_bit_equal)
{
	const struct kernels *k;

	fill();
	for (size_t set = 0; (k = kernels_at(set)); set++) {
		for (int type = QTYPE_U8; type < QTYPE_COUNT; type++) {
			const int32_t *full = qtypes[type].full;
			struct limits limits = {(float)full[0], (float)full[1]};

			compare_quantizing(k, 0, VALUES, limits, 0.01568627543747425f,
				(float)((full[0] + full[1]) / 2));
			compare_quantizing(k, 3, 29, limits, 1e-38f, limits.high);
			compare_quantizing(k, 1, 7, limits, 1.0f, limits.low);
			compare_quantizing(k, 2, 0, limits, 1.0f, 0);
			compare_quantizing(k, 5, 64, limits, INFINITY, 0);
		}
	}
}

Test(quant_kernels, extremes_are_equal)
{
	static float low[2][VALUES], high[2][VALUES];
	static bool nan[2][VALUES];
	const struct kernels *k;

	fill();
	for (size_t set = 0; (k = kernels_at(set)); set++) {
		const struct kernels *const sets[2] = {&kernels_scalar, k};

		for (int i = 0; i < 2; i++) {
			struct extremes e = {low[i], high[i], nan[i]};

			for (size_t v = 0; v < VALUES; v++) {
				low[i][v] = INFINITY;
				high[i][v] = -INFINITY;
				nan[i][v] = false;
			}
			sets[i]->extremes(values + 40, 11, e);
			sets[i]->extremes(values, 0,
				(struct extremes){low[i] + 1, high[i] + 1, nan[i] + 1});
			sets[i]->column_extremes(values + 1, VALUES - 3,
				(struct extremes){low[i] + 2, high[i] + 2, nan[i] + 2});
		}
		for (size_t v = 0; v < VALUES; v++)
			cr_assert(low[0][v] == low[1][v] && high[0][v] == high[1][v] &&
					  nan[0][v] == nan[1][v],
				"%s column %zu", k->name, v);
		cr_assert_eq(high[1][1], -INFINITY);
	}
}

/* ---- threads */

static bool square(void *arg, unsigned thread, size_t index, struct error *err)
{
	uint64_t *out = arg;

	(void)thread;
	out[index] = (uint64_t)index * index;
	return index != 700 || error_set(err, ERROR_REFUSED, "seven hundred");
}

Test(quant_kernels, tasks_run_once_and_fail_in_order)
{
	static uint64_t out[1000];
	struct error err = ERROR_INIT;

	cr_assert(parallel_run(4, 700, square, out, &err));
	for (size_t i = 0; i < 700; i++)
		cr_assert_eq(out[i], (uint64_t)i * i);
	cr_assert_not(parallel_run(4, 1000, square, out, &err));
	cr_assert_str_eq(err.text, "seven hundred");
}

struct stream {
	size_t slots[8], given, wrong_at;
};

static bool fill_slot(
	void *arg, unsigned thread, size_t index, unsigned slot, struct error *err)
{
	struct stream *s = arg;

	(void)thread;
	s->slots[slot] = index;
	return index != s->wrong_at || error_set(err, ERROR_IO, "broken");
}

static bool take_slot(void *arg, size_t index, unsigned slot, struct error *err)
{
	struct stream *s = arg;

	if (index != s->given || s->slots[slot] != index)
		return error_set(err, ERROR_REFUSED, "out of order");
	s->given++;
	return true;
}

Test(quant_kernels, blocks_come_in_order)
{
	for (unsigned threads = 1; threads <= 5; threads += 2) {
		struct stream s = {.wrong_at = SIZE_MAX};
		struct parallel_stream stream = {
			fill_slot, take_slot, &s, 500, threads, 8};
		struct error err = ERROR_INIT;

		cr_assert(parallel_stream_run(&stream, &err), "%s", err.text);
		cr_assert_eq(s.given, 500);
		s = (struct stream){.wrong_at = 77};
		cr_assert_not(parallel_stream_run(&stream, &err));
		cr_assert_str_eq(err.text, "broken");
		cr_assert_leq(s.given, 77);
	}
}

/* ---- weights that are made while writing */

enum { ROWS = 1030, COLUMNS = 1024 };

static float w[ROWS * COLUMNS];

/* One MatMul whose weight takes several blocks. */
static struct job large_job(void)
{
	Onnx__ModelProto *model = proto_model(21);

	for (size_t i = 0; i < ROWS * COLUMNS; i++)
		w[i] = sinf((float)i) * (float)(1 + i % COLUMNS);
	proto_input(model->graph, "x", ELEMENT_FLOAT, "1,1030");
	proto_floats(model->graph, "w", "1030,1024", w);
	proto_node(model->graph, "MatMul", "matmul", "x,w", "y");
	proto_output(model->graph, "y", ELEMENT_FLOAT, "1,1024");
	return job_of(model, "{'x': [-1, 1], 'y': [-1, 1]}");
}

static const char *hex_of_large(
	enum qtype type, bool per_channel, int64_t block, unsigned threads)
{
	struct job job = large_job();

	job.work.threads = threads;
	job.options.weight_type = type;
	job.options.per_channel = per_channel;
	job.options.block_size = block;
	struct made made = job_run(&job);
	const char *hex = made_hex(&made, "w_quantized");
	size_t scale_at = per_channel ? 5 : 0;
	float scale = made_scale(&made, "w_scale", scale_at), zero = 0;
	uint8_t expected;

	/* Element [1029, 5], of the last, short block, by the oracle. */
	if (block)
		scale = made_scale(&made, "w_scale", 1029 / 100 * 1024 + 5);
	kernels_scalar.to_8(&w[1029 * 1024 + 5], 1, scale, zero,
		(struct limits){(float)qtypes[type].full[0], (float)qtypes[type].full[1]},
		&expected);
	cr_expect_eq(strtol(strndup(hex + 2 * (1029 * 1024 + 5), 2), NULL, 16), expected);
	cr_expect_eq(strlen(hex), 2 * sizeof(w) / sizeof(w[0]));
	return hex;
}

Test(quant_kernels, large_weights_come_out_whole)
{
	const char *whole = hex_of_large(QTYPE_S8, false, 0, 0);
	const char *channels = hex_of_large(QTYPE_S8, true, 0, 1);

	cr_expect_str_neq(whole, channels);
	cr_expect_str_eq(channels, hex_of_large(QTYPE_S8, true, 0, 5));
	hex_of_large(QTYPE_S8, false, 100, 0);
}

/* Who follows the work, and where it stops. */
struct follower {
	uint64_t done, whole, reports, last;
};

static void follow(void *arg, const char *what, uint64_t done, uint64_t whole)
{
	struct follower *f = arg;

	if (strcmp(what, "Reading weights") != 0)
		return;
	cr_expect(done > f->done && done <= whole);
	f->done = done;
	f->whole = whole;
	f->reports++;
}

static bool has_enough(void *arg)
{
	const struct follower *f = arg;

	return f->reports == f->last;
}

Test(quant_kernels, reading_weights_is_followed_and_stopped)
{
	struct follower all = {.last = SIZE_MAX}, some = {.last = 5};
	struct progress progress = {follow, has_enough, &all};
	struct job job = large_job();
	struct made made;

	job.work = (struct quant_work){3, &progress};
	made = job_run(&job);
	cr_assert(made.model, "%s", made.err.text);
	cr_expect_eq(all.done, ROWS * COLUMNS);
	cr_expect_eq(all.whole, ROWS * COLUMNS);
	cr_expect_gt(all.reports, 10);
	progress.arg = &some;
	job.proto = large_job().proto;
	made = job_run(&job);
	cr_expect_null(made.model);
	cr_expect_eq(made.err.kind, ERROR_CANCELLED, "%s", made.err.text);
	cr_expect_eq(some.reports, 5);
}
