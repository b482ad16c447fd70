/* Q and DQ nodes of converted tensors (qdq-semantics.md 4.8). */
#include "quant/quantizer.h"

/* Names of nodes: those that read the tensor quantized, and the ones that shall get the
 * converted type. Membership is a stamp on the text. */
struct readers {
	uint32_t original_stamp, converted_stamp;
	uint32_t all, original, converted; /* distinct names */
};

static uint32_t stamp_names(
	struct wiring *w, const name_id *names, uint32_t count, uint32_t stamp)
{
	uint32_t distinct = 0;

	for (uint32_t i = 0; i < count; i++) {
		distinct += w->texts[names[i]].stamp != stamp;
		w->texts[names[i]].stamp = stamp;
	}
	return distinct;
}

/* A node that gets the converted type has the later stamp: it is in `converted` only.
 * Names of readers that are not in it keep the earlier one. */
static struct readers divide(struct quantizer *q, tensor_id tensor)
{
	struct wiring *w = &q->wiring;
	const struct entry *entry = q->values[tensor].entry;
	bool given = entry->convert.has & ENTRY_RECEIVERS;
	uint32_t first = q->marks->first_receiver[tensor];
	uint32_t count = q->marks->first_receiver[tensor + 1] - first;
	struct readers r = {++w->stamp, 0, 0, 0, 0};

	r.converted_stamp = ++w->stamp;
	for (uint32_t i = 0; i < count; i++) {
		name_id name = q->graph->nodes[q->marks->receivers[first + i]].name;

		r.all += stamp_names(w, &name, 1, r.original_stamp);
	}
	if (!given) {
		for (uint32_t i = 0; i < count; i++) {
			name_id name =
				q->graph->nodes[q->marks->receivers[first + i]].name;

			r.converted += stamp_names(w, &name, 1, r.converted_stamp);
		}
		return r;
	}
	r.original = r.all;
	for (uint32_t i = 0; i < entry->receiver_count; i++) {
		name_id name = entry->receivers[i];

		r.original -= w->texts[name].stamp == r.original_stamp;
		r.converted += stamp_names(w, &name, 1, r.converted_stamp);
	}
	return r;
}

static text_id value(struct quantizer *q, text_id base, const char *suffix)
{
	return wiring_fresh(&q->wiring, base, suffix, TEXT_VALUE);
}

static bool quantize(struct quantizer *q, text_id base, const char *suffix, text_id in,
	struct pair pair, text_id out)
{
	return quantizer_add_node(q, NEW_QUANTIZE, base, suffix, in, pair, out);
}

static bool dequantize(struct quantizer *q, text_id base, const char *suffix, text_id in,
	struct pair pair, text_id out)
{
	return quantizer_add_node(q, NEW_DEQUANTIZE, base, suffix, in, pair, out);
}

/* Steps 2 and 3: Q1, DQ1 and its readers. *between is Q1's output, *out DQ1's. */
static bool emit_first(struct quantizer *q, text_id base, const struct readers *r,
	struct pair pair, bool keeps_name, text_id *between, text_id *out)
{
	bool is_output = q->wiring.texts[base].flags & TEXT_OUTPUT;
	text_id in = is_output ? value(q, base, "_QuantizeLinear_Input") : base;

	if (in == NO_TEXT)
		return quantizer_no_memory(q);
	if (is_output)
		wiring_rename_outputs(&q->wiring, base, in);
	*between = value(q, base, "_QuantizeLinear_Output");
	if (!quantize(q, base, "_QuantizeLinear", in, pair, *between))
		return false;
	*out = keeps_name ? base : value(q, base, "_DequantizeLinear_Output");
	if (*out == NO_TEXT)
		return quantizer_no_memory(q);
	if (r->original && !keeps_name)
		wiring_rename_stamped(&q->wiring, base, *out, r->original_stamp);
	return dequantize(q, base, "_DequantizeLinear", *between, pair, *out);
}

/* Steps 5 and 6: Q2, DQ2 and its readers. */
static bool emit_second(struct quantizer *q, text_id base, const struct readers *r,
	struct pair pair, text_id in, bool keeps_name)
{
	text_id between = value(q, base, "_convert_QuantizeLinear_Output");
	text_id out;

	if (!quantize(q, base, "_convert_QuantizeLinear", in, pair, between))
		return false;
	out = keeps_name ? base : value(q, base, "_convert_DequantizeLinear_Output");
	if (out == NO_TEXT)
		return quantizer_no_memory(q);
	if (r->converted && !keeps_name)
		wiring_rename_stamped(&q->wiring, base, out, r->converted_stamp);
	return dequantize(q, base, "_convert_DequantizeLinear", between, pair, out);
}

bool quantizer_emit_converted(
	struct quantizer *q, tensor_id tensor, struct pair first, struct pair second)
{
	text_id base = quantizer_text_of(q, tensor);
	text_id between = NO_TEXT, out = NO_TEXT;
	bool is_output = q->wiring.texts[base].flags & TEXT_OUTPUT;
	struct readers r;
	bool all;

	if (quantizer_is_dedicated(q, tensor))
		return quantizer_refuse(q, tensor,
			"has a conversion and several readers, which DedicatedQDQPair "
			"does not allow",
			"leave out DedicatedQDQPair, or the conversion");
	q->values[tensor] = (struct quantized){
		true, true, first, second, q->parameters->of[tensor].entry};
	q->result->conversions++;
	r = divide(q, tensor);
	all = r.converted == r.all;
	if (!emit_first(q, base, &r, first, is_output && !all, &between, &out))
		return false;
	if (!all) {
		out = value(q, base, "_convert_QuantizeLinear_Input");
		if (!dequantize(q, base, "_convert_clone_DequantizeLinear", between,
			    first, out))
			return false;
	}
	return emit_second(q, base, &r, second, out, is_output && all);
}
