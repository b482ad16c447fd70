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

/* Scale i of the weight, raised if its product with `sx` is too small for `need`. */
static double raised_scale(const struct weight *w, uint64_t i, double sx, double need)
{
	double have = sx * w->scales[i], wanted, scale;

	if (!(have < need) || !(have > 0))
		return w->scales[i];
	wanted = w->scales[i] * (need / have);
	scale = scale_round(w->element, wanted);
	if (w->element == ELEMENT_FLOAT16 && scale < wanted)
		scale = (double)half_to_float(next_half(half_from_double(scale)));
	return scale;
}

/* NaN if any element is: nothing is raised for it. */
static double largest(const struct bias *bias)
{
	double low = 0, high = 0;

	for (uint64_t i = 0; i < bias->count; i++) {
		if (isnan(bias->data[i]))
			return NAN;
		low = bias->data[i] < low ? bias->data[i] : low;
		high = bias->data[i] > high ? bias->data[i] : high;
	}
	return fmax(fabs(low), fabs(high));
}

/* The scale that a bias of this size needs, in double. */
static double need_of(double size)
{
	return MARGIN * (2.0 * size) / INT32_WIDTH;
}

/* The same as ONNX Runtime has it per channel: in the bias's own type (Q34). */
static double narrow_need_of(const struct bias *bias, double size)
{
	int32_t f = bias->element;

	return scale_round(f, scale_round(f, MARGIN) * scale_round(f, 2.0 * size)) /
	       INT32_WIDTH;
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

static void set_scale(struct weight *w, uint64_t i, double scale)
{
	w->adjusted |= scale != w->scales[i];
	w->scales[i] = scale;
}

static bool adjust_channels(struct quantizer *q, const struct bias_mark *mark,
	struct weight *w, double sx, const struct bias *bias)
{
	if (!check_channels(q, mark, bias, w))
		return false;
	for (uint64_t i = 0; i < w->scale_count && i < bias->count; i++) {
		double size = fabs(bias->data[i]);
		double own = raised_scale(w, i, sx, need_of(size));
		double narrow = raised_scale(w, i, sx, narrow_need_of(bias, size));

		/* There a row of one element is a list, which fits no scale. */
		if (q->compatible && narrow != w->scales[i] && bias->proto->n_dims > 1)
			return refuse_shape(q, mark);
		w->in_double |= own != narrow;
		set_scale(w, i, q->compatible ? narrow : own);
	}
	return true;
}

static bool adjust_with(struct quantizer *q, const struct bias_mark *mark,
	struct weight *w, double sx, const struct bias *bias)
{
	if (w->axis >= 0)
		return adjust_channels(q, mark, w, sx, bias);
	set_scale(w, 0, raised_scale(w, 0, sx, need_of(largest(bias))));
	return true;
}

/* The weight whose scales the bias may raise, and the scale of the input that its node
 * receives; NULL if there is none. */
static struct weight *weight_of(
	const struct quantizer *q, const struct bias_mark *mark, double *sx)
{
	struct weight *w = mark->weight < q->marks->tensor_count
				   ? weights_find(&q->weights, mark->weight)
				   : NULL;
	const struct scale *input;

	if (mark->input >= q->graph->tensor_count ||
		!q->parameters->of[mark->input].known ||
		!marks_find(q->marks, mark->input) || !can_adjust(w))
		return NULL;
	input = parameters_for_reader(q->parameters, mark->input, mark->node);
	*sx = scale_round(q->graph->tensors[mark->input].element_type, input->value);
	return w;
}

static bool adjust_one(struct quantizer *q, const struct bias_mark *mark)
{
	double sx;
	struct weight *w = weight_of(q, mark, &sx);
	struct bias bias = {0};
	bool ok;

	if (!w)
		return true;
	ok = bias_read(q, mark, &bias) && adjust_with(q, mark, w, sx, &bias);
	bias_release(&bias);
	return ok;
}

bool quantizer_would_adjust(
	struct quantizer *q, const struct bias_mark *mark, bool *would)
{
	double sx;
	struct weight *w = weight_of(q, mark, &sx);
	struct bias bias = {0};
	bool ok;

	*would = false;
	if (!w || q->options->disable_weight_adjust)
		return true;
	ok = bias_read(q, mark, &bias);
	for (uint64_t i = 0; ok && i < w->scale_count; i++) {
		double size = w->axis < 0      ? largest(&bias)
			      : i < bias.count ? fabs(bias.data[i])
					       : 0;

		*would |= raised_scale(w, i, sx, need_of(size)) != w->scales[i];
	}
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
