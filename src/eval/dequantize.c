#include "eval/dequantize.h"

#include "quant/quantize.h"

#include <stdlib.h>
#include <string.h>

/* One DequantizeLinear over a constant. */
struct constant {
	int32_t element;           /* of that: float32 or float16 */
	const struct graph *graph; /* of the quantized model */
	node_id node;
	const Onnx__TensorProto *integers, *scales, *zeros; /* zeros may be NULL */
	uint64_t count, inner, extent, block, blocks;       /* layout along the axis */
	unsigned char *bytes;                               /* of the integers */
	float *scale;
	int64_t *zero;
	size_t scale_count;
};

/* Gathers what a maker of a payload emits. */
struct gathering {
	unsigned char *at, *end;
};

static bool gather(void *sink, const void *bytes, size_t count, struct error *err)
{
	struct gathering *gathering = sink;

	if (count > (size_t)(gathering->end - gathering->at))
		return error_set(err, ERROR_REFUSED,
			"weights: a quantized constant is longer than its shape says; "
			"check the model with qdqedit check");
	memcpy(gathering->at, bytes, count);
	gathering->at += count;
	return true;
}

static bool read_bytes(const struct model *model, const Onnx__TensorProto *tensor,
	unsigned char *bytes, uint64_t size, struct error *err)
{
	struct gathering gathering = {bytes, bytes + size};
	struct tensor_reader reader;
	bool read;

	if (tensor->payload_kind == PAYLOAD_MADE) {
		const struct payload_maker *maker =
			&model->made.items[tensor->payload_offset];

		return maker->make(maker->arg, gather, &gathering, NULL, err);
	}
	if (!tensor_open(&reader, model, tensor, err))
		return false;
	read = tensor_read_raw(&reader, 0, reader.count, bytes, err);
	tensor_close(&reader);
	return read;
}

static void read_layout(struct constant *c)
{
	const Onnx__TensorProto *t = c->integers;
	int64_t axis = graph_int_attribute(c->graph, c->node, "axis", 1);
	int64_t block = graph_int_attribute(c->graph, c->node, "block_size", 0);

	if (axis < 0)
		axis += (int64_t)t->n_dims;
	c->inner = c->extent = 1;
	for (size_t i = 0; i < t->n_dims; i++)
		if ((int64_t)i > axis)
			c->inner *= (uint64_t)t->dims[i];
	if (axis >= 0 && (size_t)axis < t->n_dims)
		c->extent = (uint64_t)t->dims[axis];
	c->block = block > 0 ? (uint64_t)block : 0;
	c->blocks = c->block ? (c->extent + c->block - 1) / c->block : 0;
}

/* The scale that element `i` has. */
static size_t scale_of(const struct constant *c, uint64_t i)
{
	uint64_t along = i / c->inner % c->extent, outer = i / c->inner / c->extent;
	uint64_t at = along;

	if (c->scale_count == 1)
		return 0;
	if (c->block)
		at = (outer * c->blocks + along / c->block) * c->inner + i % c->inner;
	return at < c->scale_count ? (size_t)at : 0;
}

static bool read_scales(struct constant *c, struct error *err)
{
	const struct model *model = c->graph->model;
	struct tensor_reader reader;
	size_t zeros = 0;
	bool read;

	if (!tensor_open(&reader, model, c->scales, err))
		return false;
	c->scale_count = reader.count;
	c->scale = calloc(c->scale_count + 1, sizeof(*c->scale));
	c->zero = calloc(c->scale_count + 1, sizeof(*c->zero));
	read = c->scale && c->zero
		       ? tensor_read_f32(&reader, 0, reader.count, c->scale, err)
		       : error_set_memory(err, "weights");
	tensor_close(&reader);
	if (!read || !c->zeros)
		return read;
	if (element_type_bits(c->zeros->data_type) >= 8)
		return tensor_read_i64(
			model, c->zeros, c->zero, c->scale_count, &zeros, err);
	for (size_t i = 0; i < c->scale_count && c->zeros->raw_data.len > i / 2; i++)
		c->zero[i] = tensor_integer_at(
			c->zeros->data_type, c->zeros->raw_data.data, i);
	return true;
}

static bool read_integers(struct constant *c, struct error *err)
{
	uint64_t size;

	if (!tensor_count(c->integers, &c->count, err) ||
		!tensor_raw_size(c->integers, &size, err))
		return false;
	c->bytes = malloc(size + 1);
	if (!c->bytes)
		return error_set_memory(err, "weights");
	return read_bytes(c->graph->model, c->integers, c->bytes, size, err);
}

/* Computed in float32 and stored as the model has it. */
static void put_value(const struct constant *c, void *values, uint64_t i)
{
	size_t s = scale_of(c, i);
	int64_t integer = tensor_integer_at(c->integers->data_type, c->bytes, i);
	float value = (float)(integer - c->zero[s]) * c->scale[s];

	if (c->element == ELEMENT_FLOAT16)
		((uint16_t *)values)[i] = half_from_double(value);
	else
		((float *)values)[i] = value;
}

static bool add_values(struct dequantized *out, const struct constant *c,
	const char *name, struct error *err)
{
	size_t rank = c->integers->n_dims;
	size_t size = c->element == ELEMENT_FLOAT16 ? 2 : 4;
	void *values = arena_zalloc(&out->arena, c->count + 1, size);
	int64_t *dims = arena_zalloc(&out->arena, rank + 1, sizeof(*dims));
	struct ort_initializer item;

	if (!values || !dims)
		return error_set_memory(err, "weights");
	for (uint64_t i = 0; i < c->count; i++)
		put_value(c, values, i);
	memcpy(dims, c->integers->dims, rank * sizeof(*dims));
	item.name = arena_strndup(&out->arena, name, strlen(name));
	item.value = (struct ort_tensor){
		values, c->count * size, c->count, dims, rank, c->element};
	return (item.name && ARRAY_PUSH(out, item)) || error_set_memory(err, "weights");
}

/* The initializer of the float model that the integers stand for. */
static tensor_id find_real(
	const struct graph *real, const struct graph *quantized, tensor_id integers)
{
	static const char suffix[] = "_quantized";
	const char *name = graph_tensor_name(quantized, integers);
	size_t length = strlen(name), cut = sizeof(suffix) - 1;
	tensor_id found;

	if (length <= cut || strcmp(name + length - cut, suffix) != 0)
		return GRAPH_NONE;
	found = graph_find_tensor(real, name, length - cut);
	if (found == GRAPH_NONE || !(real->tensors[found].flags & TENSOR_INITIALIZER) ||
		!element_is_float(real->tensors[found].element_type))
		return GRAPH_NONE;
	return found;
}

static bool add_constant(struct dequantized *out, const struct graph *real,
	const struct graph *quantized, node_id node, struct error *err)
{
	struct constant c = {.graph = quantized, .node = node};
	tensor_id inputs[3], found;
	bool added;

	for (uint32_t i = 0; i < 3; i++)
		inputs[i] = graph_input_of(quantized, node, i);
	if (inputs[0] == GRAPH_NONE || inputs[1] == GRAPH_NONE)
		return true;
	c.integers = graph_constant(quantized, inputs[0]);
	c.scales = graph_constant(quantized, inputs[1]);
	c.zeros = inputs[2] == GRAPH_NONE ? NULL : graph_constant(quantized, inputs[2]);
	found = find_real(real, quantized, inputs[0]);
	if (!c.integers || !c.scales || found == GRAPH_NONE)
		return true;
	c.element = real->tensors[found].element_type;
	read_layout(&c);
	added = read_scales(&c, err) && read_integers(&c, err) &&
		add_values(out, &c, graph_tensor_name(real, found), err);
	free(c.bytes);
	free(c.scale);
	free(c.zero);
	return added;
}

bool dequantize_weights(struct dequantized *out, const struct graph *real,
	const struct model *quantized, struct error *err)
{
	struct graph *graph = graph_build(quantized, err);
	bool done = graph != NULL;

	memset(out, 0, sizeof(*out));
	for (node_id i = 0; done && i < graph->main_nodes; i++)
		if (!strcmp(graph_op_type(graph, i), "DequantizeLinear"))
			done = add_constant(out, real, graph, i, err);
	graph_free(graph);
	return done;
}

bool dequantize_plan(struct dequantized *out, const struct plan *plan,
	const struct outcome *outcome, struct error *err)
{
	struct quantize_result result;
	struct problem_list notes = {0};
	struct quant_work work = {0, NULL};
	struct model *quantized = quantize_model(plan->graph, plan->options,
		&outcome->entries, plan->ranges, &work, &result, &notes, err);
	bool done = quantized && dequantize_weights(out, plan->graph, quantized, err);

	problem_clear(&notes);
	model_free(quantized);
	return done;
}

void dequantized_release(struct dequantized *out)
{
	ARRAY_RELEASE(out);
	arena_clear(&out->arena);
}
