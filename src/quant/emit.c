/* Q and DQ nodes of ordinary tensors (qdq-semantics.md 4.7). */
#include "base/text.h"
#include "onnx/tensor.h"
#include "quant/quantizer.h"

#include <stdio.h>

static text_id value(struct quantizer *q, text_id base, const char *suffix)
{
	return wiring_fresh(&q->wiring, base, suffix, TEXT_VALUE);
}

/* ONNX Runtime's own check, met only when a zero point's name was taken (Q10). */
static bool check_zero_point(struct quantizer *q, text_id name)
{
	const struct initializer *zero = quantizer_initializer(q, name);
	int32_t type = zero ? zero->proto->data_type : ELEMENT_NONE;

	if (zero && !element_is_float(type) && type != ELEMENT_DOUBLE &&
		type != ELEMENT_BFLOAT16)
		return true;
	return error_set(q->err, ERROR_REFUSED,
		"%s: this name is wanted for a zero point, but a float tensor has it; "
		"rename that, or leave out --ort-compatible",
		text_quoted_z(wiring_text(&q->wiring, name, NULL)));
}

static bool add_node(struct quantizer *q, enum new_kind kind, text_id name, text_id in,
	struct pair pair, text_id out, int32_t axis, int64_t block)
{
	const text_id inputs[3] = {in, pair.scale, pair.zero_point};

	if (kind == NEW_DEQUANTIZE && !check_zero_point(q, pair.zero_point))
		return false;
	if (kind == NEW_DEQUANTIZE)
		q->result->dequantize_nodes++;
	else
		q->result->quantize_nodes++;
	return wiring_add(&q->wiring, kind, name, inputs, out, axis, block) ||
	       quantizer_no_memory(q);
}

bool quantizer_add_node(struct quantizer *q, enum new_kind kind, text_id base,
	const char *node_suffix, text_id in, struct pair pair, text_id out)
{
	text_id name = wiring_fresh(&q->wiring, base, node_suffix, TEXT_NODE);

	return add_node(q, kind, name, in, pair, out, -1, 0);
}

/* ---- constants */

/* The pair of a constant: [], [C], or the weight's dims with blocks along the axis. */
static bool add_weight_pair(
	struct quantizer *q, const struct weight *w, text_id base, struct pair *pair)
{
	size_t rank = w->axis < 0 ? 0 : w->block ? w->proto->n_dims : 1;
	int64_t *dims = arena_zalloc(&q->model->arena, rank + 1, sizeof(*dims));
	double *values = arena_zalloc(&q->model->arena, w->scale_count, sizeof(*values));

	if (!dims || !values)
		return quantizer_no_memory(q);
	for (size_t i = 0; w->block && i < rank; i++)
		dims[i] = w->proto->dims[i];
	if (w->block)
		dims[w->axis] = (int64_t)(w->extent / (uint64_t)w->block +
					  (w->extent % (uint64_t)w->block != 0));
	else if (rank)
		dims[0] = (int64_t)w->scale_count;
	for (uint64_t i = 0; i < w->scale_count; i++)
		values[i] = w->scales[i];
	pair->zero_point = value(q, base, "_zero_point");
	pair->scale = value(q, base, "_scale");
	return quantizer_add_initializer(q, pair->zero_point,
		       quantizer_zero_tensor(q, pair->zero_point, w->type, dims, rank,
			       w->zero_points, w->scale_count),
		       NULL, false) &&
	       quantizer_add_initializer(q, pair->scale,
		       quantizer_scale_tensor(q, pair->scale, w->element, dims, rank,
			       values, w->scale_count),
		       values, false);
}

static bool add_quantized(struct quantizer *q, const struct weight *w, text_id name)
{
	Onnx__TensorProto *tensor = quantizer_new_tensor(
		q, name, qtypes[w->type].element_type, w->proto->dims, w->proto->n_dims);

	if (!tensor)
		return quantizer_no_memory(q);
	q->result->weights++;
	q->result->weight_bytes[w->type] +=
		(w->count * (uint64_t)qtypes[w->type].bits + 7) / 8;
	return weight_attach(w, q->model, tensor, q->work.threads, q->err) &&
	       quantizer_add_initializer(q, name, tensor, NULL, false);
}

bool quantizer_emit_weight(struct quantizer *q, const struct weight *w)
{
	text_id base = quantizer_text_of(q, w->tensor), in = base, out;
	struct pair pair;

	if (!add_weight_pair(q, w, base, &pair))
		return false;
	out = value(q, base, "_DequantizeLinear_Output");
	if (out == NO_TEXT)
		return quantizer_no_memory(q);
	wiring_rename_inputs(&q->wiring, base, out);
	if (q->options->add_qdq_pair_to_weight) {
		in = value(q, base, "_QuantizeLinear_Output");
		if (!add_node(q, NEW_QUANTIZE,
			    wiring_fresh(&q->wiring, base, "_QuantizeLinear", TEXT_NODE),
			    base, pair, in, w->axis, w->block))
			return false;
	} else {
		in = value(q, base, "_quantized");
		if (in == NO_TEXT || !add_quantized(q, w, in))
			return in != NO_TEXT ? false : quantizer_no_memory(q);
	}
	q->values[w->tensor] = (struct quantized){.done = true, .original = pair};
	return add_node(q, NEW_DEQUANTIZE,
		wiring_fresh(&q->wiring, base, "_DequantizeLinear", TEXT_NODE), in, pair,
		out, w->axis, w->block);
}

/* ---- activations */

bool quantizer_is_dedicated(const struct quantizer *q, tensor_id tensor)
{
	const uint32_t *first = q->marks->first_receiver + tensor;

	return q->options->dedicated_qdq_pair && first[1] - first[0] > 1;
}

/* A pair of nodes for the i-th reader, counted from 1. */
static bool emit_dedicated(
	struct quantizer *q, text_id base, struct pair pair, node_id reader, unsigned i)
{
	char quantize[64], dequantize[64], middle[64], out_suffix[64];
	text_id between, out;

	snprintf(quantize, sizeof(quantize), "_QuantizeLinear_%u", i);
	snprintf(dequantize, sizeof(dequantize), "_DequantizeLinear_%u", i);
	snprintf(middle, sizeof(middle), "_QuantizeLinear_Output_%u", i);
	snprintf(out_suffix, sizeof(out_suffix), "_DequantizeLinear_Output_%u", i);
	between = value(q, base, middle);
	out = value(q, base, out_suffix);
	if (between == NO_TEXT || out == NO_TEXT)
		return quantizer_no_memory(q);
	if (!quantizer_add_node(q, NEW_QUANTIZE, base, quantize, base, pair, between) ||
		!quantizer_add_node(
			q, NEW_DEQUANTIZE, base, dequantize, between, pair, out))
		return false;
	wiring_rename_node(&q->wiring, reader, base, out);
	return true;
}

static bool emit_all_dedicated(struct quantizer *q, tensor_id tensor, struct pair pair)
{
	text_id base = quantizer_text_of(q, tensor);
	uint32_t first = q->marks->first_receiver[tensor];
	uint32_t count = q->marks->first_receiver[tensor + 1] - first;

	for (uint32_t i = 0; i < count; i++) {
		if (!emit_dedicated(q, base, pair, q->marks->receivers[first + i], i + 1))
			return false;
	}
	return true;
}

bool quantizer_emit_activation(struct quantizer *q, tensor_id tensor, struct pair pair)
{
	text_id base = quantizer_text_of(q, tensor), in = base, between, out;

	q->values[tensor] = (struct quantized){.done = true, .original = pair};
	if (quantizer_is_dedicated(q, tensor))
		return emit_all_dedicated(q, tensor, pair);
	if (q->wiring.texts[base].flags & TEXT_OUTPUT) {
		in = value(q, base, "_QuantizeLinear_Input");
		out = base;
		if (in != NO_TEXT)
			wiring_rename_outputs(&q->wiring, base, in);
	} else {
		out = value(q, base, "_DequantizeLinear_Output");
		if (out != NO_TEXT)
			wiring_rename_inputs(&q->wiring, base, out);
	}
	between = value(q, base, "_QuantizeLinear_Output");
	if (in == NO_TEXT || out == NO_TEXT || between == NO_TEXT)
		return quantizer_no_memory(q);
	return quantizer_add_node(
		       q, NEW_QUANTIZE, base, "_QuantizeLinear", in, pair, between) &&
	       quantizer_add_node(
		       q, NEW_DEQUANTIZE, base, "_DequantizeLinear", between, pair, out);
}

struct pair quantizer_pair_for(const struct quantizer *q, tensor_id tensor, node_id node)
{
	const struct quantized *v = &q->values[tensor];

	return v->converted && entry_converts_for(v->entry, q->graph, node) ? v->second
									    : v->original;
}
