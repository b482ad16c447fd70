#include "qdq/values.h"

#include "base/progress.h"
#include "qdq/find.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Even, so that no byte holds 4-bit elements of two blocks. */
enum { BLOCK = 1 << 14 };

/* A constant group to be turned into floats. Its protos are in the file's arena. */
struct values {
	const struct graph *graph;
	const Onnx__TensorProto *integers;
	struct qdq_params params;
	int32_t element; /* of the floats */
	uint64_t count, inner, extent;
};

/* ---- scales and zero points */

static bool read_scales(const struct graph *graph, const struct qdq_params *params,
	float *scales, struct error *err)
{
	struct tensor_reader reader;
	bool read = tensor_open(&reader, graph->model,
			    find_constant(graph, params->scale), err) &&
		    tensor_read_f32(&reader, 0, params->count, scales, err);

	tensor_close(&reader);
	return read;
}

static bool read_zeros(const struct graph *graph, const struct qdq_params *params,
	int32_t *zeros, struct error *err)
{
	const Onnx__TensorProto *proto = find_constant(graph, params->zero_point);
	struct tensor_reader reader;
	unsigned char *bytes = NULL;
	bool read = tensor_open(&reader, graph->model, proto, err);

	if (read) {
		bytes = malloc((size_t)reader.raw_size + 1);
		read = (bytes || error_set_memory(err, "zero points")) &&
		       tensor_read_raw(&reader, 0, reader.count, bytes, err);
	}
	for (uint64_t i = 0; read && i < params->count && i < reader.count; i++)
		zeros[i] = tensor_integer_at(proto->data_type, bytes, i);
	tensor_close(&reader);
	free(bytes);
	return read;
}

bool qdq_numbers_read(const struct graph *graph, const struct qdq_params *params,
	struct qdq_numbers *numbers, struct error *err)
{
	numbers->scales = calloc(params->count + 1, sizeof(*numbers->scales));
	numbers->zeros = calloc(params->count + 1, sizeof(*numbers->zeros));
	if (!numbers->scales || !numbers->zeros)
		return error_set_memory(err, "scales");
	return read_scales(graph, params, numbers->scales, err) &&
	       (params->zero_point == GRAPH_NONE ||
		       read_zeros(graph, params, numbers->zeros, err));
}

void qdq_numbers_release(struct qdq_numbers *numbers)
{
	free(numbers->scales);
	free(numbers->zeros);
	*numbers = (struct qdq_numbers){0};
}

/* ---- values */

static bool set_up(struct values *v, const struct graph *graph,
	const struct qdq_group *group, struct error *err)
{
	const Onnx__TensorProto *t = graph_constant(graph, group->source);

	*v = (struct values){.graph = graph,
		.integers = t,
		.params = group->own,
		.inner = 1,
		.extent = 1};
	if (!tensor_count(t, &v->count, err))
		return false;
	for (size_t i = 0; i < t->n_dims && v->params.axis >= 0; i++) {
		if ((int64_t)i > v->params.axis)
			v->inner *= (uint64_t)t->dims[i];
		else if ((int64_t)i == v->params.axis)
			v->extent = (uint64_t)t->dims[i];
	}
	return true;
}

/* The scale that element `i` has. */
static uint64_t scale_of(const struct values *v, uint64_t i)
{
	uint64_t along, block = (uint64_t)v->params.block;

	if (v->params.axis < 0 || !v->count)
		return 0;
	along = i / v->inner % v->extent;
	if (!block)
		return along;
	return (i / v->inner / v->extent * ((v->extent + block - 1) / block) +
		       along / block) *
		       v->inner +
	       i % v->inner;
}

static double value_at(const struct values *v, const struct qdq_numbers *numbers,
	const unsigned char *bytes, uint64_t at, uint64_t i)
{
	uint64_t s = scale_of(v, at + i);
	int64_t integer = tensor_integer_at(v->integers->data_type, bytes, i);

	return (double)(integer - numbers->zeros[s]) * (double)numbers->scales[s];
}

/* Reads elements `at` to `at + count`; `at` is even. */
static bool read_block(struct tensor_reader *reader, uint64_t at, uint64_t count,
	unsigned char *bytes, struct error *err)
{
	unsigned bits = element_type_bits(reader->tensor->data_type);

	return tensor_read_bytes(
		reader, at * bits / 8, (count * bits + 7) / 8, bytes, err);
}

static size_t put(const struct values *v, double value, unsigned char *out, uint64_t i)
{
	float single = (float)value;
	uint16_t half;

	if (v->element == ELEMENT_FLOAT) {
		memcpy(out + i * sizeof(single), &single, sizeof(single));
		return sizeof(single);
	}
	half = half_from_double(value);
	memcpy(out + i * sizeof(half), &half, sizeof(half));
	return sizeof(half);
}

typedef bool (*emit_bytes)(
	void *sink, const void *bytes, size_t count, struct error *err);

/* What one run of a maker works with. */
struct run {
	const struct values *v;
	struct tensor_reader reader;
	struct qdq_numbers numbers;
	unsigned char in[BLOCK * 4], out[BLOCK * 4];
};

static bool run_blocks(struct run *run, emit_bytes emit, void *sink,
	const struct progress *progress, struct error *err)
{
	const struct values *v = run->v;

	for (uint64_t at = 0; at < v->count; at += BLOCK) {
		uint64_t count = v->count - at < BLOCK ? v->count - at : BLOCK;
		size_t size = 0;

		if (!read_block(&run->reader, at, count, run->in, err))
			return false;
		for (uint64_t i = 0; i < count; i++)
			size += put(v, value_at(v, &run->numbers, run->in, at, i),
				run->out, i);
		if (!emit(sink, run->out, size, err) ||
			!progress_step(progress, "weights", at + count, v->count, err))
			return false;
	}
	return true;
}

static bool make(void *arg, emit_bytes emit, void *sink, const struct progress *progress,
	struct error *err)
{
	struct run *run = calloc(1, sizeof(*run));
	const struct graph *graph;
	bool made;

	if (!run)
		return error_set_memory(err, "weights");
	run->v = arg;
	run->reader.fd = -1;
	graph = run->v->graph;
	made = qdq_numbers_read(graph, &run->v->params, &run->numbers, err) &&
	       tensor_open(&run->reader, graph->model, run->v->integers, err) &&
	       run_blocks(run, emit, sink, progress, err);
	tensor_close(&run->reader);
	qdq_numbers_release(&run->numbers);
	free(run);
	return made;
}

bool qdq_attach_values(const struct graph *graph, const struct qdq_group *group,
	struct model *model, Onnx__TensorProto *tensor, struct error *err)
{
	struct values *v = arena_alloc(&model->arena, sizeof(*v));
	struct payload_maker maker = {make, v, 0};

	if (!v)
		return error_set_memory(err, "weights");
	if (!set_up(v, graph, group, err) || !tensor_raw_size(tensor, &maker.length, err))
		return false;
	v->element = tensor->data_type;
	return model_set_maker(model, tensor, maker, err);
}

bool qdq_read_values(const struct graph *graph, const struct qdq_group *group,
	double **values, uint64_t *count, struct error *err)
{
	struct qdq_numbers numbers = {0};
	struct tensor_reader reader = {.fd = -1};
	struct values v;
	unsigned char *bytes = NULL;
	bool read = set_up(&v, graph, group, err) &&
		    qdq_numbers_read(graph, &group->own, &numbers, err) &&
		    tensor_open(&reader, graph->model, v.integers, err);

	*values = NULL;
	*count = read ? v.count : 0;
	if (read) {
		bytes = malloc((size_t)reader.raw_size + 1);
		*values = calloc(v.count + 1, sizeof(**values));
		read = ((bytes && *values) || error_set_memory(err, "weights")) &&
		       tensor_read_raw(&reader, 0, v.count, bytes, err);
	}
	for (uint64_t i = 0; read && i < v.count; i++)
		(*values)[i] = value_at(&v, &numbers, bytes, 0, i);
	tensor_close(&reader);
	qdq_numbers_release(&numbers);
	free(bytes);
	return read;
}
