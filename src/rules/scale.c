#include "rules/scale.h"

#include "onnx/tensor.h"

#include <float.h>
#include <math.h>

double scale_round(int32_t element, double value)
{
	return element == ELEMENT_FLOAT16 ? half_to_float(half_from_double(value))
					  : (double)(float)value;
}

/* Step 7: the scale is not one that can be stored. */
static bool is_too_small(int32_t element, double s)
{
	return element == ELEMENT_FLOAT16 ? scale_round(element, s) == 0 : s < FLT_MIN;
}

static struct scale restricted_scale(
	const struct scale_rule *rule, double rmin, double rmax)
{
	double low = fmin(rmin, 0), high = fmax(rmax, 0), s;
	double minimum = rule->has_minimum ? rule->minimum : 0;
	int32_t element = rule->restricted_in_f32 ? ELEMENT_FLOAT : rule->element;
	struct scale scale = {0, low < 0 ? 128 : 0, element, rule->type};

	if (minimum > 0)
		high = fmax(high, low + minimum);
	if (high <= low)
		s = 1.0 / 255;
	else if (low >= 0)
		s = high / 255;
	else
		s = fmax(-low / 128, high / 127);
	scale.value = scale_round(element, s);
	if (scale.value < minimum / 255)
		scale.value = scale_round(element, minimum / 255);
	return scale;
}

/* Steps 2 to 6: the range that is used, and its exact scale. */
static void take_steps(
	const struct scale_rule *rule, double rmin, double rmax, struct scale_steps *t)
{
	int32_t f = rule->low_element ? rule->low_element : rule->element;

	*t = (struct scale_steps){
		.low = fmin(rmin, 0), .high = fmax(rmax, 0), .element = rule->element};
	qtype_range(rule->type, rule->symmetric, rule->reduced, &t->qmin, &t->qmax);
	t->wide_high = t->high;
	if (rule->has_minimum)
		t->wide_high = fmax(
			t->high, scale_round(f, t->low + scale_round(f, rule->minimum)));
	if (t->wide_high > t->high)
		t->element = f;
	t->used_low = t->low;
	t->used_high = t->wide_high;
	if (rule->symmetric) {
		t->used_high = fmax(fabs(t->low), fabs(t->wide_high));
		t->used_low = -t->used_high;
		if (f == ELEMENT_FLOAT)
			t->element = f;
	}
	t->exact = (t->used_high - t->used_low) / ((double)t->qmax - t->qmin);
	t->zero = rule->symmetric ? (t->qmin + t->qmax) / 2.0
				  : t->qmin - t->used_low / t->exact;
}

bool scale_trace_range(const struct scale_rule *rule, double rmin, double rmax,
	struct scale_steps *t, struct scale *scale)
{
	if (isnan(rmin) || isnan(rmax))
		return false;
	take_steps(rule, rmin, rmax, t);
	if (isnan(t->exact))
		return false;
	*scale = (struct scale){1.0, 0, t->element, rule->type};
	t->too_small = is_too_small(t->element, t->exact);
	if (!t->too_small) {
		scale->zero_point = isfinite(t->zero) ? (int32_t)rint(t->zero) : 0;
		scale->value = scale_round(t->element, t->exact);
	}
	t->restricted = rule->restricted && rule->type == QTYPE_U8 && !rule->symmetric;
	if (t->restricted)
		*scale = restricted_scale(rule, rmin, rmax);
	return true;
}

bool scale_from_range(
	const struct scale_rule *rule, double rmin, double rmax, struct scale *scale)
{
	struct scale_steps steps;

	return scale_trace_range(rule, rmin, rmax, &steps, scale);
}

bool scale_from_block(
	const struct scale_rule *rule, double rmin, double rmax, struct scale *scale)
{
	int32_t f = rule->element, qmin, qmax;
	double low = fmin(rmin, 0), high = fmax(rmax, 0), s, zero;

	if (isnan(rmin) || isnan(rmax))
		return false;
	qtype_range(rule->type, rule->symmetric, false, &qmin, &qmax);
	if (rule->symmetric) {
		high = fmax(fabs(low), fabs(high));
		low = -high;
	}
	s = scale_round(f, scale_round(f, high - low) / ((double)qmax - qmin));
	*scale = (struct scale){s, 0, f, rule->type};
	if (f == ELEMENT_FLOAT16 ? s == 0 : s < FLT_MIN)
		scale->value = 1.0;
	if (rule->symmetric) {
		scale->zero_point = (int32_t)rint((qmin + qmax) / 2.0);
	} else if (scale->value == s) {
		zero = rint(qmin - low / s);
		scale->zero_point = (int32_t)fmin(fmax(zero, qmin), qmax);
	}
	return true;
}

bool scale_weight_symmetric(const struct quant_options *options, enum qtype type)
{
	return options->weight_symmetric == UNSET ? qtypes[type].is_signed
						  : options->weight_symmetric == YES;
}
