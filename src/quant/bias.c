/* Biases as int32 with scale sx * sw * beta (qdq-semantics.md 5.3). */
#include "quant/bias.h"

#include "base/text.h"
#include "onnx/tensor.h"
#include "quant/broadcast.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- scales of input and weight */

static bool read_original(
	const struct quantizer *q, const Onnx__TensorProto *proto, struct array *a)
{
	struct tensor_reader reader;
	float *narrow = malloc((size_t)a->count * sizeof(*narrow) + 1);
	bool ok = narrow || quantizer_no_memory(q);

	ok = ok && tensor_open(&reader, q->graph->model, proto, q->err);
	ok = ok && tensor_read_f32(&reader, 0, a->count, narrow, q->err);
	if (narrow && reader.model)
		tensor_close(&reader);
	for (uint64_t i = 0; ok && i < a->count; i++)
		a->values[i] = (double)narrow[i];
	free(narrow);
	return ok;
}

/* The name of the scale that the node receives with the tensor; of a tensor that a
 * DequantizeLinear of the float model makes, that node's scale. */
static text_id scale_name(const struct quantizer *q, tensor_id tensor, node_id node)
{
	node_id producer;

	if (tensor == GRAPH_NONE)
		return NO_TEXT;
	if (q->values[tensor].done)
		return quantizer_pair_for(q, tensor, node).scale;
	if (tensor >= q->graph->tensor_count || !q->marks->dequantized[tensor])
		return NO_TEXT;
	producer = q->graph->tensors[tensor].producer;
	if (producer == GRAPH_NONE || q->graph->nodes[producer].input_count < 2)
		return NO_TEXT;
	return q->wiring.slots[q->graph->nodes[producer].first_input + 1].text;
}

static bool load_scale(const struct quantizer *q, const struct bias_mark *mark,
	tensor_id tensor, struct array *a)
{
	text_id name = scale_name(q, tensor, mark->node);
	const struct initializer *item =
		name == NO_TEXT ? NULL : quantizer_initializer(q, name);

	if (!item || !element_is_float(item->proto->data_type) ||
		!array_set_dims(a, item->proto))
		return quantizer_refuse(q, mark->bias,
			"becomes int32, but the scale of its node's input or weight is "
			"not known",
			"give ranges for the input, or exclude the node");
	a->element = item->proto->data_type;
	if (!array_allocate(a))
		return quantizer_no_memory(q);
	if (!item->values)
		return read_original(q, item->proto, a);
	if (a->count)
		memcpy(a->values, item->values, (size_t)a->count * sizeof(*a->values));
	return true;
}

static bool combine(const struct quantizer *q, const struct bias_mark *mark,
	const struct array *a, const struct array *b, struct array *out,
	double (*f)(double, double, int32_t))
{
	if (!array_broadcast_dims(a, b, out))
		return quantizer_refuse(q, mark->bias,
			"its shape does not fit the scales of its weight",
			"reshape it to one value for each channel, or exclude its node");
	return array_combine(a, b, out, f) || quantizer_no_memory(q);
}

static double multiply(double a, double b, int32_t element)
{
	return scale_round(element, a * b);
}

/* ---- one bias */

struct work {
	struct quantizer *q;
	const struct bias_mark *mark;
	struct bias bias;
	struct array data;   /* of the bias */
	struct array scale;  /* sb */
	struct array result; /* q before it is stored */
	bool wide;           /* the scale is FLOAT and a Cast follows */
};

/* sx * sw * beta, each product rounded to G. */
static bool product(
	struct work *w, const struct array *sx, const struct array *sw, int32_t element)
{
	double beta = scale_round(element, (double)w->bias.beta);

	free(w->scale.values);
	w->scale = (struct array){.element = element};
	if (!combine(w->q, w->mark, sx, sw, &w->scale, multiply))
		return false;
	for (uint64_t i = 0; i < w->scale.count; i++)
		w->scale.values[i] = multiply(w->scale.values[i], beta, element);
	return true;
}

static double overflows(double bias, double scale, int32_t element)
{
	double t = scale_round(element, scale);

	return t == 0 || fabs(bias) > 2147483647.0 * t;
}

/* An f16 bias whose scale would vanish or clip it gets a float32 one. */
static bool decide_wide(struct work *w)
{
	struct array over = {.element = ELEMENT_FLOAT16};
	bool ok;

	if (w->bias.element != ELEMENT_FLOAT16)
		return true;
	for (uint64_t i = 0; i < w->scale.count; i++)
		w->wide |= scale_round(ELEMENT_FLOAT16, w->scale.values[i]) == 0;
	ok = combine(w->q, w->mark, &w->data, &w->scale, &over, overflows);
	for (uint64_t i = 0; ok && i < over.count; i++)
		w->wide |= over.values[i] != 0;
	free(over.values);
	return ok;
}

static double least_scale(double bias, double scale, int32_t element)
{
	double s = fmax(scale, fabs(bias) / 2147483647.0 * 1.0001);

	s = scale_round(element, s);
	return s == 0 ? 1 : s;
}

static bool widen_scale(struct work *w)
{
	struct array most = w->data, wide = {.element = ELEMENT_FLOAT};
	double largest = 0;
	bool ok;

	if (w->scale.count == 1) {
		for (uint64_t i = 0; i < w->data.count; i++)
			largest = fmax(largest, fabs(w->data.values[i]));
		most = (struct array){&largest, 1, {0}, 0, ELEMENT_FLOAT};
	}
	ok = combine(w->q, w->mark, &most, &w->scale, &wide, least_scale);
	free(w->scale.values);
	w->scale = wide;
	return ok;
}

static double to_int32(double bias, double scale, int32_t element)
{
	double v = rint(bias / scale);

	(void)element;
	return isnan(v) ? -2147483648.0 : fmin(fmax(v, -2147483648.0), 2147483647.0);
}

/* Q5: a bias [1,N] of a Gemm is taken as [N]; other odd shapes are refused. */
static bool take_as_row(struct work *w)
{
	const struct quantizer *q = w->q;
	const struct graph_tensor *t;
	size_t last = w->data.rank - 1;

	if (q->compatible || w->scale.count <= 1 ||
		(w->data.rank == 1 && w->data.count == w->scale.count))
		return true;
	t = &q->graph->tensors[marks_original(q->marks, w->mark->bias)];
	if (w->data.rank != 2 || w->data.dims[0] != 1 ||
		(uint64_t)w->data.dims[last] != w->scale.count || w->scale.rank != 1 ||
		(t->flags & (TENSOR_OUTPUT | TENSOR_CAPTURED)) || t->reader_count > 1)
		return quantizer_refuse(q, w->mark->bias,
			"its shape does not fit the channels of its weight",
			"reshape it to one value for each channel");
	w->data.dims[0] = w->data.dims[last];
	w->data.rank = 1;
	return quantizer_note(w->q, "Q5", w->mark->bias, PROBLEM_NOWHERE,
		text_quoted_z(marks_tensor_name(q->marks, w->mark->bias)),
		"bias of shape [1,N] taken as [N], one value for each channel");
}

static bool shape_fits(struct work *w)
{
	return w->bias.count == w->result.count ||
	       quantizer_refuse(w->q, w->mark->bias,
		       "its shape does not fit the scales of its weight",
		       "reshape it to one value for each channel, or exclude its node");
}

/* A factor of 0 makes the data 0 and is 1 then, but not before `wide` is decided. */
static bool compute_scale(struct work *w, const struct array *sx, const struct array *sw)
{
	int32_t element = sx->element == sw->element ? sx->element : ELEMENT_FLOAT;

	if (!product(w, sx, sw, element) || !take_as_row(w) || !decide_wide(w))
		return false;
	if (w->bias.beta == 0) {
		for (uint64_t i = 0; i < w->data.count; i++)
			w->data.values[i] = 0;
		w->bias.beta = 1;
	}
	if (!product(w, sx, sw, w->wide ? ELEMENT_FLOAT : element))
		return false;
	return !w->wide || widen_scale(w);
}

static bool compute(struct work *w)
{
	struct array sx = {0}, sw = {0};
	bool ok = load_scale(w->q, w->mark, w->mark->weight, &sw) &&
		  load_scale(w->q, w->mark, w->mark->input, &sx) &&
		  compute_scale(w, &sx, &sw) &&
		  combine(w->q, w->mark, &w->data, &w->scale, &w->result, to_int32) &&
		  shape_fits(w);

	free(sx.values);
	free(sw.values);
	return ok;
}

/* ---- what is added to the model */

struct names_of_bias {
	text_id quantized, scale, zero_point;
};

static bool set_raw(
	const struct work *w, Onnx__TensorProto *tensor, const void *bytes, size_t size)
{
	tensor->has_raw_data = 1;
	tensor->raw_data = model_bytes(w->q->model, bytes, size);
	return tensor->raw_data.data;
}

static void put_le(uint8_t *out, uint32_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		out[i] = (uint8_t)(value >> 8 * i);
}

static uint32_t bits_of(int32_t element, double value)
{
	float narrow = (float)value;
	uint32_t bits;

	if (element == ELEMENT_INT32)
		return (uint32_t)(int32_t)value;
	if (element == ELEMENT_FLOAT16)
		return half_from_double(value);
	memcpy(&bits, &narrow, sizeof(bits));
	return bits;
}

/* A tensor with raw_data; `values` NULL: zeros. */
static Onnx__TensorProto *raw_tensor(const struct work *w, text_id name, int32_t element,
	const int64_t *dims, size_t rank, const double *values, uint64_t count)
{
	unsigned width = element == ELEMENT_FLOAT16 ? 2 : 4;
	uint8_t *bytes = calloc((size_t)count + 1, width);
	Onnx__TensorProto *tensor =
		bytes ? quantizer_new_tensor(w->q, name, element, dims, rank) : NULL;

	for (uint64_t i = 0; bytes && values && i < count; i++)
		put_le(bytes + i * width, bits_of(element, values[i]), width);
	if (tensor && !set_raw(w, tensor, bytes, (size_t)count * width))
		tensor = NULL;
	free(bytes);
	return tensor;
}

static const double *kept_scale(const struct work *w, int32_t element)
{
	double *values =
		arena_zalloc(&w->q->model->arena, w->scale.count, sizeof(*values));

	for (uint64_t i = 0; values && i < w->scale.count; i++)
		values[i] = scale_round(element, w->scale.values[i]);
	return values;
}

static bool add_tensors(struct work *w, struct names_of_bias *n)
{
	struct quantizer *q = w->q;
	text_id base = quantizer_text_of(q, w->mark->bias);
	int32_t element = w->wide ? ELEMENT_FLOAT : w->bias.element;
	int64_t count = (int64_t)w->scale.count;
	const double *scale = kept_scale(w, element);

	n->quantized = wiring_fresh(&q->wiring, base, "_quantized", TEXT_VALUE);
	n->scale = wiring_fresh(&q->wiring, base, "_quantized_scale", TEXT_VALUE);
	n->zero_point =
		wiring_fresh(&q->wiring, base, "_quantized_zero_point", TEXT_VALUE);
	if (!scale)
		return quantizer_no_memory(q);
	return quantizer_add_initializer(q, n->quantized,
		       raw_tensor(w, n->quantized, ELEMENT_INT32, w->data.dims,
			       w->data.rank, w->result.values, w->result.count),
		       NULL, true) &&
	       quantizer_add_initializer(q, n->scale,
		       raw_tensor(w, n->scale, element, &count, 1, scale, w->scale.count),
		       scale, true) &&
	       quantizer_add_initializer(q, n->zero_point,
		       count > 1 ? raw_tensor(w, n->zero_point, ELEMENT_INT32, &count, 1,
					   NULL, w->scale.count)
				 : quantizer_int32_tensor(q, n->zero_point, 0),
		       NULL, true);
}

static void remove_float(struct quantizer *q, text_id base)
{
	struct initializer *item = quantizer_initializer(q, base);

	if (item)
		item->removed = true;
	q->wiring.texts[base].flags |= TEXT_DROPPED;
	q->wiring.texts[base].initializer = 0;
}

/* By the tensor of the scale's name, which may be another's if names collide (Q10). */
static bool needs_cast(const struct work *w, const struct names_of_bias *n)
{
	return w->bias.element == ELEMENT_FLOAT16 &&
	       quantizer_initializer(w->q, n->scale)->proto->data_type == ELEMENT_FLOAT;
}

static bool add_nodes(struct work *w, const struct names_of_bias *n)
{
	struct quantizer *q = w->q;
	struct wiring *wiring = &q->wiring;
	text_id base = quantizer_text_of(q, w->mark->bias), out = base;
	const text_id inputs[3] = {n->quantized, n->scale, n->zero_point};
	text_id name = wiring_fresh(wiring, base, "_DequantizeLinear", TEXT_NODE);

	if (needs_cast(w, n)) {
		text_id cast = wiring_fresh(wiring, base, "_Cast", TEXT_NODE);

		out = wiring_fresh(wiring, base, "_DequantizeLinear_Output", TEXT_VALUE);
		text_id only[3] = {out, NO_TEXT, NO_TEXT};

		if (!wiring_add(wiring, NEW_CAST, cast, only, base, -1, 0))
			return quantizer_no_memory(q);
	}
	q->result->dequantize_nodes++;
	return wiring_add(wiring, NEW_DEQUANTIZE, name, inputs, out,
		       w->scale.count > 1 ? 0 : -1, 0) ||
	       quantizer_no_memory(q);
}

static bool note_beta(struct quantizer *q, const struct bias_mark *mark)
{
	if (q->compatible || mark->beta == 1.0f)
		return true;
	return quantizer_note(q, "Q3", mark->bias, mark->node,
		text_quoted_z(graph_node_label(q->graph, mark->node)),
		"the factor beta of this Gemm went into its int32 bias");
}

static bool emit(struct work *w)
{
	struct quantizer *q = w->q;
	struct names_of_bias names;

	if (!bias_read(q, w->mark, &w->bias))
		return false;
	w->data.values = w->bias.data;
	w->data.count = w->bias.count;
	w->data.element = w->bias.element;
	if (!array_set_dims(&w->data, w->bias.proto))
		return quantizer_refuse(
			q, w->mark->bias, "has too high a rank", "reshape it");
	if (!compute(w) || !add_tensors(w, &names))
		return false;
	q->values[w->mark->bias] = (struct quantized){
		.done = true, .original = {names.scale, names.zero_point}};
	q->result->biases++;
	remove_float(q, quantizer_text_of(q, w->mark->bias));
	return add_nodes(w, &names) && note_beta(q, w->mark);
}

static bool reaches_ends(const struct array *result)
{
	for (uint64_t i = 0; i < result->count; i++)
		if (result->values[i] == INT32_MAX || result->values[i] == INT32_MIN)
			return true;
	return false;
}

/* ONNX Runtime logs a warning for each of them. */
static bool warn_of_ends(struct quantizer *q, uint32_t count, tensor_id first)
{
	char cause[160];

	if (!count)
		return true;
	snprintf(cause, sizeof(cause),
		count == 1
			? "its values go beyond int32 and are cut off"
			: "values of %u biases, the first of them this, go beyond int32 "
			  "and are cut off",
		count);
	return problem_add(q->notes, SEVERITY_WARNING, "bias-saturates", first,
		       PROBLEM_NOWHERE, text_quoted_z(marks_tensor_name(q->marks, first)),
		       cause,
		       "use symmetric int8 weights, whose scales are raised to fit, or "
		       "QuantizeBias=False") ||
	       quantizer_no_memory(q);
}

bool quantizer_emit_biases(struct quantizer *q)
{
	uint32_t cut = 0;
	tensor_id first = 0;

	for (uint32_t i = 0; i < q->marks->bias_count; i++) {
		const struct bias_mark *mark = &q->marks->biases[i];
		struct work w = {.q = q, .mark = mark};
		bool ok;

		if (q->values[mark->bias].done)
			continue;
		w.result.element = ELEMENT_INT32;
		ok = emit(&w);
		if (ok && reaches_ends(&w.result) && !cut++)
			first = mark->bias;
		bias_release(&w.bias);
		free(w.scale.values);
		free(w.result.values);
		if (!ok)
			return false;
	}
	return warn_of_ends(q, cut, first);
}
