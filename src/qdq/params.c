/* The scale, zero point and layout that each Q and DQ is given. */
#include "qdq/find.h"

#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { IDENTITIES_MAX = 8, SCALES_MAX = 1 << 28 };

bool find_no_memory(struct finder *f)
{
	return error_set_memory(f->err, text_path(f->graph->model->path));
}

static bool is_op(const struct graph *graph, node_id node, const char *op_type)
{
	const char *domain;

	if (node == GRAPH_NONE || strcmp(graph_op_type(graph, node), op_type) != 0)
		return false;
	domain = names_text(&graph->names, graph->nodes[node].domain);
	return !*domain || !strcmp(domain, "ai.onnx") || !strcmp(domain, "com.microsoft");
}

bool qdq_is_quantize(const struct graph *graph, node_id node)
{
	return is_op(graph, node, "QuantizeLinear");
}

bool qdq_is_dequantize(const struct graph *graph, node_id node)
{
	return is_op(graph, node, "DequantizeLinear");
}

const Onnx__TensorProto *find_constant(const struct graph *graph, tensor_id tensor)
{
	for (int i = 0; i < IDENTITIES_MAX && tensor != GRAPH_NONE; i++) {
		const Onnx__TensorProto *value = graph_constant(graph, tensor);
		node_id producer = graph->tensors[tensor].producer;

		if (value || producer == GRAPH_NONE ||
			strcmp(graph_op_type(graph, producer), "Identity") != 0)
			return value;
		tensor = graph_input_of(graph, producer, 0);
	}
	return NULL;
}

/* ---- numbers */

static uint64_t mix(uint64_t digest, uint64_t word)
{
	digest = (digest ^ word) * 0x9e3779b97f4a7c15u;
	return digest ^ digest >> 29;
}

static bool take_floats(
	struct number_list *list, const unsigned char *bytes, uint64_t count)
{
	bool fine = true;

	list->digest = count;
	for (uint64_t i = 0; i < count; i++) {
		float value;
		uint32_t bits;

		memcpy(&value, bytes + i * sizeof(value), sizeof(value));
		memcpy(&bits, &value, sizeof(bits));
		fine = fine && isfinite(value) && value > 0;
		list->digest = mix(list->digest, bits);
		if (i == 0)
			list->first = value;
	}
	return fine;
}

static void take_integers(
	struct number_list *list, const unsigned char *bytes, uint64_t count)
{
	bool zero = true;

	list->digest = count;
	for (uint64_t i = 0; i < count; i++) {
		int32_t value = tensor_integer_at(list->proto->data_type, bytes, i);

		zero = zero && value == 0;
		list->digest = mix(list->digest, (uint32_t)value);
		if (i == 0)
			list->first = value;
	}
	if (zero)
		list->digest = 0;
}

static enum qtype qtype_of(int32_t element)
{
	for (int t = QTYPE_NONE + 1; t < QTYPE_COUNT; t++)
		if (qtypes[t].element_type == element)
			return (enum qtype)t;
	return QTYPE_NONE;
}

static bool is_integer(int32_t element)
{
	return qtype_of(element) || element == ELEMENT_INT32;
}

/* What cannot be read is a fault of the list; false only when memory is gone. */
static bool read_numbers(struct finder *f, struct number_list *list)
{
	struct tensor_reader reader;
	struct error err = ERROR_INIT;
	bool floats = element_is_float(list->proto->data_type), read;
	unsigned char *bytes = NULL;

	if (!floats && !is_integer(list->proto->data_type)) {
		list->fault = "its scale or zero point is of a type that is not edited";
		return true;
	}
	read = tensor_open(&reader, f->graph->model, list->proto, &err);
	if (read && (reader.count == 0 || reader.count > SCALES_MAX))
		read = false;
	if (read) {
		list->count = reader.count;
		bytes = malloc((size_t)reader.count * sizeof(float));
		read = bytes &&
		       (floats ? tensor_read_f32(&reader, 0, reader.count,
					 (float *)(void *)bytes, &err)
			       : tensor_read_raw(&reader, 0, reader.count, bytes, &err));
	}
	if (!read)
		list->fault = "its scale or zero point cannot be read";
	else if (!floats)
		take_integers(list, bytes, list->count);
	else if (!take_floats(list, bytes, list->count))
		list->fault = "its scale is not a finite number above 0";
	read = bytes || reader.count == 0 || reader.count > SCALES_MAX ||
	       err.kind != ERROR_NONE;
	tensor_close(&reader);
	free(bytes);
	return (read && err.kind != ERROR_MEMORY) || find_no_memory(f);
}

/* The numbers of a constant tensor, read when they are first asked for. */
static struct number_list *numbers_of(struct finder *f, tensor_id tensor)
{
	struct number_list list = {0};

	if (!f->numbers_of[tensor]) {
		list.proto = find_constant(f->graph, tensor);
		if (list.proto && !read_numbers(f, &list))
			return NULL;
		if (!ARRAY_PUSH(&f->numbers, list)) {
			find_no_memory(f);
			return NULL;
		}
		f->numbers_of[tensor] = (uint32_t)f->numbers.count;
	}
	return &f->numbers.items[f->numbers_of[tensor] - 1];
}

/* ---- the parameters of a node */

static const char *take_scale(struct qdq_params *p, const struct number_list *scale)
{
	if (!scale->proto)
		return "its scale is not constant";
	if (scale->fault)
		return scale->fault;
	if (!element_is_float(scale->proto->data_type))
		return "its scale is neither float nor float16";
	p->scale_element = scale->proto->data_type;
	p->count = scale->count;
	p->value = scale->first;
	p->digest = scale->digest;
	return NULL;
}

static const char *take_zero(struct qdq_params *p, const struct number_list *zero)
{
	if (!zero->proto)
		return "its zero point is not constant";
	if (zero->fault)
		return zero->fault;
	if (element_is_float(zero->proto->data_type))
		return "its integers are of a type that is not edited";
	if (zero->count != p->count)
		return "it has not as many zero points as scales";
	p->element = zero->proto->data_type;
	p->zero = (int32_t)zero->first;
	p->digest = mix(p->digest, zero->digest);
	return NULL;
}

/* The type when no zero point tells it: of Q by attribute, of DQ by what it reads. */
static int32_t untold_element(struct finder *f, node_id node)
{
	tensor_id in = graph_input_of(f->graph, node, 0);
	int64_t said = graph_int_attribute(f->graph, node, "output_dtype", 0);

	if (qdq_is_quantize(f->graph, node))
		return said ? (int32_t)said : ELEMENT_UINT8;
	return f->graph->tensors[in].known_type;
}

/* The axis from 0, or -1: one scale. `rank` is -1 when it is not known. */
static const char *take_layout(struct finder *f, struct candidate *c, int64_t rank,
	const Onnx__TensorProto *scale)
{
	struct qdq_params *p = &c->params;
	const Onnx__AttributeProto *said = graph_attribute(f->graph, c->node, "axis");
	int64_t axis = said ? said->i : 1;

	p->axis = -1;
	p->block = graph_int_attribute(f->graph, c->node, "block_size", 0);
	if (p->count == 1 && (!said || scale->n_dims == 0 || rank < 1))
		return NULL;
	if (p->count == 1 && p->block == 0 && rank == 1)
		return NULL;
	if (rank < 0)
		return "it has a scale for each channel, and its shape is not known";
	if (axis < 0)
		axis += rank;
	if (rank < 1 || axis < 0 || axis >= rank || axis > INT32_MAX || p->block < 0)
		return "its axis is not one of the tensor";
	p->axis = (int32_t)axis;
	return NULL;
}

static const char *take_attributes(
	struct finder *f, struct candidate *c, const Onnx__TensorProto *scale)
{
	struct qdq_params *p = &c->params;
	tensor_id in = graph_input_of(f->graph, c->node, 0);
	const Onnx__TensorProto *data = find_constant(f->graph, in);
	bool q = qdq_is_quantize(f->graph, c->node);

	if (!p->element)
		p->element = untold_element(f, c->node);
	p->type = qtype_of(p->element);
	if (p->element && p->type == QTYPE_NONE && (q || p->element != ELEMENT_INT32))
		return "its integers are of a type that is not edited";
	return take_layout(
		f, c, data ? (int64_t)data->n_dims : f->graph->tensors[in].rank, scale);
}

/* False only when memory is gone. */
static bool read_candidate(struct finder *f, struct candidate *c)
{
	const struct graph *g = f->graph;
	tensor_id in[3], out = graph_output_of(g, c->node, 0);
	struct number_list *scale, *zero;
	const Onnx__TensorProto *proto;

	for (uint32_t i = 0; i < 3; i++)
		in[i] = graph_input_of(g, c->node, i);
	if (in[0] == GRAPH_NONE || in[1] == GRAPH_NONE || out == GRAPH_NONE) {
		c->fault = "an input or output is missing";
		return true;
	}
	c->params.scale = in[1];
	c->params.zero_point = in[2];
	scale = numbers_of(f, in[1]);
	if (!scale)
		return false;
	proto = scale->proto;
	c->fault = take_scale(&c->params, scale);
	if (c->fault)
		return true;
	if (in[2] != GRAPH_NONE) {
		zero = numbers_of(f, in[2]);
		if (!zero)
			return false;
		c->fault = take_zero(&c->params, zero);
	} else {
		c->params.digest = mix(c->params.digest, 0);
	}
	if (!c->fault)
		c->fault = take_attributes(f, c, proto);
	return true;
}

bool find_candidates(struct finder *f)
{
	const struct graph *g = f->graph;

	for (node_id n = 0; n < g->main_nodes; n++) {
		struct candidate c = {.node = n};

		if (!qdq_is_quantize(g, n) && !qdq_is_dequantize(g, n))
			continue;
		if (!read_candidate(f, &c))
			return false;
		if (!ARRAY_PUSH(&f->candidates, c))
			return find_no_memory(f);
		f->candidate_of[n] = (uint32_t)f->candidates.count;
	}
	return true;
}

bool qdq_params_equal(const struct qdq_params *a, const struct qdq_params *b)
{
	return a->element == b->element && a->axis == b->axis && a->block == b->block &&
	       a->count == b->count && a->zero == b->zero && a->value == b->value &&
	       a->digest == b->digest;
}

/* ---- whether the scales fit the data */

static bool block_fits(const struct qdq_params *p, const Onnx__TensorProto *scale,
	const Onnx__TensorProto *data)
{
	if (scale->n_dims != data->n_dims)
		return false;
	for (size_t i = 0; i < data->n_dims; i++) {
		int64_t want = data->dims[i];

		if ((int32_t)i == p->axis)
			want = want / p->block + (want % p->block != 0);
		if (scale->dims[i] != want)
			return false;
	}
	return true;
}

bool find_layout_fits(const struct qdq_params *p, const Onnx__TensorProto *scale,
	const Onnx__TensorProto *data)
{
	if (p->axis < 0)
		return p->count == 1;
	if (p->block)
		return block_fits(p, scale, data);
	return scale->n_dims == 1 && data->dims[p->axis] >= 0 &&
	       (uint64_t)data->dims[p->axis] == p->count;
}
