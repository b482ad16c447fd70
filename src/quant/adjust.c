/* Raising weight scales so that an int32 bias fits (qdq-semantics.md 5.2). */
#include "base/text.h"
#include "onnx/tensor.h"
#include "quant/bias.h"

#include <math.h>
#include <stdio.h>

#define INT32_WIDTH 4294967294.0
#define MARGIN 1.0001

static bool can_adjust(const struct weight *w)
{
	if (!w || w->block || (w->type != QTYPE_S8 && w->type != QTYPE_S16))
		return false;
	for (uint64_t i = 0; i < w->scale_count; i++) {
		if (w->zero_points[i])
			return false;
	}
	return w->scale_count > 0;
}

static uint16_t next_half(uint16_t bits)
{
	return bits == 0x7c00 ? bits : (uint16_t)(bits + 1);
}

/* Raises one scale if the product with `sx` is too small for `need`; says whether. */
static bool raise_scale(struct weight *w, uint64_t i, double sx, double need)
{
	double have = sx * w->scales[i], wanted;

	if (!(have < need) || !(have > 0))
		return false;
	wanted = w->scales[i] * (need / have);
	w->scales[i] = scale_round(w->element, wanted);
	if (w->element == ELEMENT_FLOAT16 && w->scales[i] < wanted)
		w->scales[i] =
			(double)half_to_float(next_half(half_from_double(w->scales[i])));
	return w->adjusted = true;
}

static double largest(const struct bias *bias)
{
	double low = 0, high = 0;

	for (uint64_t i = 0; i < bias->count; i++) {
		low = bias->data[i] < low ? bias->data[i] : low;
		high = bias->data[i] > high ? bias->data[i] : high;
	}
	return fmax(fabs(low), fabs(high));
}

/* The scale that one element of the bias needs: in the bias's type, by default in
 * double (Q34). */
static double need_of(const struct quantizer *q, const struct bias *bias, double value)
{
	int32_t f = bias->element;
	double twice = 2 * fabs(value), need;

	if (!q->compatible)
		return MARGIN * twice / INT32_WIDTH;
	twice = scale_round(f, twice);
	need = scale_round(f, scale_round(f, MARGIN) * twice);
	return need / INT32_WIDTH;
}

static bool refuse_shape(const struct quantizer *q, const struct bias_mark *mark)
{
	return quantizer_refuse(q, mark->bias,
		"its shape does not fit the channels of its weight, and ONNX Runtime "
		"fails",
		"reshape it to one value for each channel, or leave out "
		"--ort-compatible");
}

/* One element of the bias for each channel, else ONNX Runtime fails (Q5). */
static bool check_channels(const struct quantizer *q, const struct bias_mark *mark,
	const struct bias *bias, const struct weight *w)
{
	uint64_t rows = bias->proto->n_dims ? (uint64_t)bias->proto->dims[0] : 0;

	return !q->compatible || (rows >= w->scale_count && bias->count == rows) ||
	       refuse_shape(q, mark);
}

static bool adjust_with(struct quantizer *q, const struct bias_mark *mark,
	struct weight *w, double sx, const struct bias *bias)
{
	if (w->axis < 0) {
		raise_scale(w, 0, sx, MARGIN * (2.0 * largest(bias)) / INT32_WIDTH);
		return true;
	}
	if (!check_channels(q, mark, bias, w))
		return false;
	for (uint64_t i = 0; i < w->scale_count && i < bias->count; i++) {
		bool raised = raise_scale(w, i, sx, need_of(q, bias, bias->data[i]));

		/* There a row of one element is a list, which fits no scale. */
		if (raised && q->compatible && bias->proto->n_dims > 1)
			return refuse_shape(q, mark);
	}
	return true;
}

static bool adjust_one(struct quantizer *q, const struct bias_mark *mark)
{
	struct weight *w = mark->weight < q->marks->tensor_count
				   ? weights_find(&q->weights, mark->weight)
				   : NULL;
	const struct scale *input;
	struct bias bias = {0};
	bool ok;
	double sx;

	if (mark->input >= q->graph->tensor_count ||
		!q->parameters->of[mark->input].known ||
		!marks_find(q->marks, mark->input) || !can_adjust(w))
		return true;
	input = parameters_for_reader(q->parameters, mark->input, mark->node);
	sx = scale_round(q->graph->tensors[mark->input].element_type, input->value);
	ok = bias_read(q, mark, &bias) && adjust_with(q, mark, w, sx, &bias);
	bias_release(&bias);
	return ok;
}

bool quantizer_adjust_weights(struct quantizer *q)
{
	if (q->options->disable_weight_adjust ||
		(q->options->no_quantize_bias && !q->compatible))
		return true;
	for (uint32_t i = 0; i < q->marks->bias_count; i++) {
		if (!adjust_one(q, &q->marks->biases[i]))
			return false;
	}
	for (size_t i = 0; i < q->weights.count; i++)
		q->result->adjusted_weights += q->weights.items[i].adjusted;
	return true;
}
