/* The quantized bytes of a constant, made when the model is written. */
#include "base/progress.h"
#include "onnx/tensor.h"
#include "quant/kernels.h"
#include "quant/weight_runs.h"
#include "quant/weights.h"

#include <stdlib.h>
#include <string.h>

/* Even, so that no byte holds 4-bit elements of two blocks. */
enum { BLOCK = 1 << 16, FEW = 1 << 12, RAW_DATA = 9 };

struct maker {
	const struct model *source;
	struct weight weight;
};

typedef bool (*emit_bytes)(
	void *sink, const void *bytes, size_t count, struct error *err);

struct making {
	const struct maker *maker;
	const struct kernels *kernels;
	struct tensor_reader reader;
	struct linear *scales;
	float *in;
	uint8_t *out; /* two bytes an element */
};

static bool is_wide(const struct weight *w)
{
	return qtypes[w->type].bits == 16;
}

static void quantize_runs(
	const struct making *m, const struct weight *w, uint64_t at, uint64_t count)
{
	for (uint64_t done = 0; done < count;) {
		struct run run = weight_run_at(w, at + done);
		uint64_t length = run.length < count - done ? run.length : count - done;
		const struct linear *q = m->scales + run.scale;

		if (is_wide(w))
			(run.columns ? m->kernels->columns_to_16 : m->kernels->to_16)(
				m->in + done, length, q, (uint16_t *)m->out + done);
		else
			(run.columns ? m->kernels->columns_to_8 : m->kernels->to_8)(
				m->in + done, length, q, m->out + done);
		done += length;
	}
}

/* Little-endian 16-bit elements in place. */
static void order_bytes(uint8_t *bytes, uint64_t count)
{
	const uint16_t *in = (const uint16_t *)bytes;

	for (uint64_t i = 0; i < count; i++) {
		uint16_t value = in[i];

		bytes[2 * i] = (uint8_t)value;
		bytes[2 * i + 1] = (uint8_t)(value >> 8);
	}
}

/* Quantizes one block into m->out; returns its bytes. */
static size_t finish_block(
	const struct making *m, const struct weight *w, uint64_t at, uint64_t count)
{
	quantize_runs(m, w, at, count);
	if (qtypes[w->type].bits == 4) {
		kernels_pack_4(m->out, count, m->out);
		return (size_t)(count + 1) / 2;
	}
	if (is_wide(w))
		order_bytes(m->out, count);
	return (size_t)count * (is_wide(w) ? 2 : 1);
}

static bool prepare(struct making *m, const struct weight *w, struct error *err)
{
	const int32_t *full = qtypes[w->type].full;

	m->in = malloc(BLOCK * sizeof(*m->in));
	m->out = malloc(BLOCK * sizeof(uint16_t));
	m->scales = malloc((w->scale_count + 1) * sizeof(*m->scales));
	if (!m->in || !m->out || !m->scales)
		return error_set_memory(err, "quantized weights");
	for (uint64_t i = 0; i < w->scale_count; i++)
		m->scales[i] = (struct linear){(float)w->scales[i],
			(float)w->zero_points[i], (float)full[0], (float)full[1]};
	return tensor_open(&m->reader, m->maker->source, w->proto, err);
}

static bool make(void *arg, emit_bytes emit, void *sink, const struct progress *progress,
	struct error *err)
{
	struct making m = {.maker = arg, .kernels = kernels_best()};
	const struct weight *w = &m.maker->weight;
	bool ok = prepare(&m, w, err);

	for (uint64_t at = 0; ok && at < w->count; at += BLOCK) {
		uint64_t count = w->count - at < BLOCK ? w->count - at : BLOCK;

		ok = tensor_read_f32(&m.reader, at, count, m.in, err) &&
		     emit(sink, m.out, finish_block(&m, w, at, count), err) &&
		     progress_step(progress, "quantizing weights", at, w->count, err);
	}
	if (m.reader.model)
		tensor_close(&m.reader);
	free(m.in);
	free(m.out);
	free(m.scales);
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
	Onnx__TensorProto *tensor, struct error *err)
{
	struct maker *maker = arena_alloc(&model->arena, sizeof(*maker));
	uint64_t size = weight->count * (is_wide(weight) ? 2 : 1);

	if (qtypes[weight->type].bits == 4)
		size = weight->count / 2 + weight->count % 2;
	if (!maker)
		return error_set_memory(err, "quantized weights");
	maker->source = model->base;
	maker->weight = *weight;
	if (!copy_scales(&maker->weight, &model->arena))
		return error_set_memory(err, "quantized weights");
	return weight->count <= FEW ? attach_now(maker, size, model, tensor, err)
				    : attach_later(maker, size, model, tensor, err);
}
