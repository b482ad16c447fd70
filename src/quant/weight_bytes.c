/* The quantized bytes of a constant, made when the model is written. */
#include "base/progress.h"
#include "onnx/tensor.h"
#include "quant/kernels.h"
#include "quant/parallel.h"
#include "quant/weight_runs.h"
#include "quant/weights.h"

#include <stdlib.h>
#include <string.h>

/* Even, so that no byte holds 4-bit elements of two blocks. */
enum {
	BLOCK = 1 << 16,
	FEW = 1 << 12,   /* elements that are made at once */
	LARGE = 1 << 20, /* elements that are made by several threads */
	RAW_DATA = 9
};

struct maker {
	const struct model *source;
	struct weight weight;
	struct quant_work work; /* its threads */
};

typedef bool (*emit_bytes)(
	void *sink, const void *bytes, size_t count, struct error *err);

/* One block on its way. */
struct slot {
	uint8_t *out; /* two bytes an element */
	size_t bytes;
};

/* What a thread has of its own. */
struct hand {
	struct tensor_reader reader;
	float *in;
	bool open;
};

struct making {
	const struct weight *weight;
	const struct kernels *kernels;
	float *scales, *zero_points;
	struct hand *hands;
	struct slot *slots;
	unsigned threads, slot_count;
	emit_bytes emit;
	void *sink;
	const struct progress *progress;
};

static bool is_wide(const struct weight *w)
{
	return qtypes[w->type].bits == 16;
}

static void quantize_run(const struct making *m, const struct run *run, const float *x,
	uint64_t length, uint8_t *out, uint64_t at)
{
	const int32_t *full = qtypes[m->weight->type].full;
	const struct limits limits = {(float)full[0], (float)full[1]};
	const float *scale = m->scales + run->scale, *zero = m->zero_points + run->scale;
	const struct kernels *k = m->kernels;
	uint16_t *wide = (uint16_t *)(void *)out + at;

	if (is_wide(m->weight) && run->columns)
		k->columns_to_16(x, length, scale, zero, limits, wide);
	else if (is_wide(m->weight))
		k->to_16(x, length, *scale, *zero, limits, wide);
	else if (run->columns)
		k->columns_to_8(x, length, scale, zero, limits, out + at);
	else
		k->to_8(x, length, *scale, *zero, limits, out + at);
}

static void quantize_runs(
	const struct making *m, uint64_t at, uint64_t count, const float *x, uint8_t *out)
{
	for (uint64_t done = 0; done < count;) {
		struct run run = weight_run_at(m->weight, at + done);
		uint64_t length = run.length < count - done ? run.length : count - done;

		quantize_run(m, &run, x + done, length, out, done);
		done += length;
	}
}

/* Little-endian 16-bit elements in place. */
static void order_bytes(uint8_t *bytes, uint64_t count)
{
	const uint16_t *in = (const uint16_t *)(const void *)bytes;

	for (uint64_t i = 0; i < count; i++) {
		uint16_t value = in[i];

		bytes[2 * i] = (uint8_t)value;
		bytes[2 * i + 1] = (uint8_t)(value >> 8);
	}
}

static uint64_t block_length(const struct weight *w, size_t index)
{
	uint64_t first = (uint64_t)index * BLOCK;

	return w->count - first < BLOCK ? w->count - first : BLOCK;
}

static bool make_block(
	void *arg, unsigned thread, size_t index, unsigned slot, struct error *err)
{
	struct making *m = arg;
	const struct weight *w = m->weight;
	struct hand *hand = &m->hands[thread];
	uint64_t at = (uint64_t)index * BLOCK, count = block_length(w, index);
	uint8_t *out = m->slots[slot].out;

	if (!tensor_read_f32(&hand->reader, at, count, hand->in, err))
		return false;
	quantize_runs(m, at, count, hand->in, out);
	m->slots[slot].bytes = (size_t)count * (is_wide(w) ? 2 : 1);
	if (qtypes[w->type].bits == 4) {
		kernels_pack_4(out, count, out);
		m->slots[slot].bytes = (size_t)(count + 1) / 2;
	} else if (is_wide(w)) {
		order_bytes(out, count);
	}
	return true;
}

static bool give_block(void *arg, size_t index, unsigned slot, struct error *err)
{
	const struct making *m = arg;

	return m->emit(m->sink, m->slots[slot].out, m->slots[slot].bytes, err) &&
	       progress_step(m->progress, "quantizing weights", (uint64_t)index * BLOCK,
		       m->weight->count, err);
}

/* ---- set-up */

static bool prepare_scales(struct making *m)
{
	const struct weight *w = m->weight;

	m->scales = malloc((w->scale_count + 1) * sizeof(*m->scales));
	m->zero_points = malloc((w->scale_count + 1) * sizeof(*m->zero_points));
	for (uint64_t i = 0; m->scales && m->zero_points && i < w->scale_count; i++) {
		m->scales[i] = (float)w->scales[i];
		m->zero_points[i] = (float)w->zero_points[i];
	}
	return m->scales && m->zero_points;
}

/* Few elements take less room than a block. */
static size_t room_of(const struct weight *w)
{
	return (size_t)(w->count < BLOCK ? w->count + 1 : BLOCK);
}

static bool prepare(struct making *m, const struct model *source, struct error *err)
{
	size_t room = room_of(m->weight);

	m->hands = calloc(m->threads, sizeof(*m->hands));
	m->slots = calloc(m->slot_count, sizeof(*m->slots));
	if (!m->hands || !m->slots || !prepare_scales(m))
		return error_set_memory(err, "quantized weights");
	for (unsigned i = 0; i < m->slot_count; i++) {
		m->slots[i].out = malloc(room * sizeof(uint16_t));
		if (!m->slots[i].out)
			return error_set_memory(err, "quantized weights");
	}
	for (unsigned i = 0; i < m->threads; i++) {
		m->hands[i].in = malloc(room * sizeof(float));
		if (!m->hands[i].in)
			return error_set_memory(err, "quantized weights");
		m->hands[i].open = true;
		if (!tensor_open(&m->hands[i].reader, source, m->weight->proto, err))
			return false;
	}
	return true;
}

static void release(struct making *m)
{
	for (unsigned i = 0; m->hands && i < m->threads; i++) {
		if (m->hands[i].open)
			tensor_close(&m->hands[i].reader);
		free(m->hands[i].in);
	}
	for (unsigned i = 0; m->slots && i < m->slot_count; i++)
		free(m->slots[i].out);
	free(m->hands);
	free(m->slots);
	free(m->scales);
	free(m->zero_points);
}

static bool make(void *arg, emit_bytes emit, void *sink, const struct progress *progress,
	struct error *err)
{
	const struct maker *maker = arg;
	bool large = maker->weight.count > LARGE;
	struct making m = {.weight = &maker->weight,
		.kernels = kernels_best(),
		.threads = large ? parallel_threads(&maker->work) : 1,
		.emit = emit,
		.sink = sink,
		.progress = progress};
	struct parallel_stream stream = {make_block, give_block, &m,
		(size_t)((m.weight->count + BLOCK - 1) / BLOCK), m.threads, 0};
	bool ok;

	m.slot_count = stream.slots = m.threads > 1 ? 3 * m.threads : 1;
	ok = prepare(&m, maker->source, err) && parallel_stream_run(&stream, err);
	release(&m);
	return ok;
}

/* ---- attaching */

struct memory_sink {
	uint8_t *bytes;
	size_t used, room;
};

static bool emit_to_memory(void *sink, const void *bytes, size_t count, struct error *err)
{
	struct memory_sink *memory = sink;

	if (count > memory->room - memory->used)
		return error_set_memory(err, "quantized weights");
	memcpy(memory->bytes + memory->used, bytes, count);
	memory->used += count;
	return true;
}

static bool attach_now(struct maker *maker, uint64_t size, struct model *model,
	Onnx__TensorProto *tensor, struct error *err)
{
	struct memory_sink sink = {arena_alloc(&model->arena, size), 0, size};

	if (!sink.bytes)
		return error_set_memory(err, "quantized weights");
	if (!make(maker, emit_to_memory, &sink, NULL, err))
		return false;
	tensor->has_raw_data = 1;
	tensor->raw_data = (ProtobufCBinaryData){sink.used, sink.bytes};
	return true;
}

static bool attach_later(struct maker *maker, uint64_t size, struct model *model,
	Onnx__TensorProto *tensor, struct error *err)
{
	tensor->has_payload_kind = tensor->has_payload_field = 1;
	tensor->has_payload_offset = tensor->has_payload_length = 1;
	tensor->payload_kind = PAYLOAD_MADE;
	tensor->payload_field = RAW_DATA;
	tensor->payload_offset = model->made.count;
	tensor->payload_length = size;
	return ARRAY_PUSH(&model->made, (struct payload_maker){make, maker, size}) ||
	       error_set_memory(err, "quantized weights");
}

/* An own copy of the scales: the list of weights may go before the model is written. */
static bool copy_scales(struct weight *w, struct arena *arena)
{
	double *scales = arena_zalloc(arena, w->scale_count, sizeof(*scales));
	int32_t *zero_points = arena_zalloc(arena, w->scale_count, sizeof(*zero_points));

	if (!scales || !zero_points)
		return false;
	if (w->scale_count) {
		memcpy(scales, w->scales, w->scale_count * sizeof(*scales));
		memcpy(zero_points, w->zero_points,
			w->scale_count * sizeof(*zero_points));
	}
	w->scales = scales;
	w->zero_points = zero_points;
	return true;
}

bool weight_attach(const struct weight *weight, struct model *model,
	Onnx__TensorProto *tensor, unsigned threads, struct error *err)
{
	struct maker *maker = arena_alloc(&model->arena, sizeof(*maker));
	uint64_t size = weight->count * (is_wide(weight) ? 2 : 1);

	if (qtypes[weight->type].bits == 4)
		size = weight->count / 2 + weight->count % 2;
	if (!maker)
		return error_set_memory(err, "quantized weights");
	maker->source = model->base;
	maker->weight = *weight;
	maker->work = (struct quant_work){.threads = threads};
	if (!copy_scales(&maker->weight, &model->arena))
		return error_set_memory(err, "quantized weights");
	return weight->count <= FEW ? attach_now(maker, size, model, tensor, err)
				    : attach_later(maker, size, model, tensor, err);
}
