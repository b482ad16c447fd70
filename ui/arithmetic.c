#include "ui/arithmetic.h"

#include "base/text.h"
#include "quant/inspect.h"
#include "ui/words.h"

#include <math.h>
#include <string.h>

/* Where lines go, and what they are about. */
struct sum {
	FILE *out;
	const struct ui *ui;
	const struct tensor_numbers *n;
};

/* A value of a float type: the shortest text that reads back to it. */
static const char *value_text(char out[32], double value)
{
	return (double)(float)value == value ? text_f32(out, (float)value, false)
					     : text_f64(out, value, false);
}

static const char *name_text(const struct sum *s, tensor_id tensor, char out[80])
{
	const char *name = graph_tensor_name(s->ui->outcome->graph, tensor);

	return text_escape(out, 80, name, strlen(name));
}

static const char *float_name(int32_t element)
{
	return element == ELEMENT_FLOAT16 ? "float16" : "float32";
}

/* Why the range in use is not the one of the calibration file. */
static const char *range_reason(const struct sum *s, const struct side_numbers *side)
{
	const struct graph *g = s->ui->outcome->graph;
	const struct range *range =
		ranges_find(s->ui->session->plan->ranges, s->n->tensor);
	node_id producer = g->tensors[s->n->tensor].producer;
	uint32_t count;
	const struct graph_reader *readers = graph_readers_of(g, s->n->tensor, &count);

	if (s->n->kind == NUMBERS_CONSTANT)
		return side->source.replaced ? "set by overrides"
					     : "least and greatest of its values";
	if (side->source.replaced)
		return "set by overrides";
	if (range && range->low == side->source.low && range->high == side->source.high)
		return s->ui->session->plan->ranges->source;
	if (producer != GRAPH_NONE && !strcmp(graph_op_type(g, producer), "Softmax"))
		return "always, for the output of a Softmax";
	if (count && (!strcmp(graph_op_type(g, readers[0].node), "Relu") ||
			     !strcmp(graph_op_type(g, readers[0].node), "Clip")))
		return "of its only reader's output, a Relu or Clip";
	return "rounded to the tensor's type";
}

static void write_range(const struct sum *s, const struct side_numbers *side)
{
	const struct scale_steps *t = &side->steps;
	char low[32], high[32], with[32], wide[32];

	fprintf(s->out, "  range       %s … %s   (%s)\n",
		value_text(low, side->source.low), value_text(high, side->source.high),
		range_reason(s, side));
	fprintf(s->out, "  with 0      rmin = min(%s, 0) = %s, rmax = max(%s, 0) = %s\n",
		low, value_text(with, t->low), high, value_text(wide, t->high));
	if (t->wide_high != t->high)
		fprintf(s->out, "  MinimumRealRange %s widens it: rmax = %s\n",
			value_text(low, side->source.rule.minimum),
			value_text(high, t->wide_high));
	if (side->source.rule.symmetric)
		fprintf(s->out,
			"  symmetric   m = max(|rmin|, |rmax|) = %s, rmin = -m, rmax = "
			"m\n",
			value_text(high, t->used_high));
}

static void write_scale(const struct sum *s, const struct side_numbers *side)
{
	const struct scale_steps *t = &side->steps;
	char low[32], high[32], dr[32], exact[32], scale[32];
	int64_t dq = (int64_t)t->qmax - t->qmin;

	fprintf(s->out, "  type        %s%s%s: qmin = %d, qmax = %d\n",
		qtypes[side->scale.type].name,
		side->source.rule.symmetric ? " symmetric" : "",
		side->source.rule.reduced ? " reduced" : "", t->qmin, t->qmax);
	fprintf(s->out, "  dr          rmax - rmin = %s - %s = %s\n",
		value_text(high, t->used_high), value_text(low, t->used_low),
		value_text(dr, t->used_high - t->used_low));
	fprintf(s->out, "  dq          qmax - qmin = %d - %d = %lld\n", t->qmax, t->qmin,
		(long long)dq);
	fprintf(s->out, "  scale       dr / dq = %s / %lld = %s\n", dr, (long long)dq,
		text_f64(exact, t->exact, false));
	if (t->too_small)
		fprintf(s->out, "              too small to be stored: 1 is taken, "
				"with zero point 0\n");
	else
		fprintf(s->out, "              as %s: %s\n",
			float_name(side->scale.element),
			value_text(scale, scale_round(side->scale.element, t->exact)));
}

static void write_zero_point(const struct sum *s, const struct side_numbers *side)
{
	const struct scale_steps *t = &side->steps;
	char low[32], exact[32], zero[32];

	if (t->too_small)
		return;
	if (side->source.rule.symmetric)
		fprintf(s->out,
			"  zero point  round((qmin + qmax) / 2) = round(%s) = %d\n",
			text_f64(zero, t->zero, false), side->scale.zero_point);
	else
		fprintf(s->out,
			"  zero point  round(qmin - rmin / scale) = round(%d - %s / %s) "
			"= round(%s) = %.0f\n",
			t->qmin, value_text(low, t->used_low),
			text_f64(exact, t->exact, false), text_f64(zero, t->zero, false),
			rint(t->zero));
}

/* What the ends of the range become, and what comes back. */
static void write_check(const struct sum *s, const struct side_numbers *side)
{
	const double values[] = {side->source.low, 0, side->source.high};
	const int32_t *full = qtypes[side->scale.type].full;
	char value[32];

	fprintf(s->out, "  so          q = round(x / scale) + zero point\n");
	for (int i = 0; i < 3; i++) {
		double q = rint(values[i] / side->scale.value) + side->scale.zero_point;

		q = fmin(fmax(q, full[0]), full[1]);
		fprintf(s->out, "              %s → %.0f → %.4g\n",
			value_text(value, values[i]), q,
			(q - side->scale.zero_point) * side->scale.value);
	}
}

static void write_result(const struct sum *s, const struct side_numbers *side)
{
	char scale[32];

	fprintf(s->out, TEXT_CHOSEN "  in the file: scale %s (%s), zero point %d (%s)\n",
		value_text(scale, side->scale.value), float_name(side->scale.element),
		side->scale.zero_point, qtypes[side->scale.type].name);
}

static void write_side(const struct sum *s, const struct side_numbers *side)
{
	if (side->source.given) {
		fprintf(s->out,
			"  Scale and zero point stand in the %s; no range is asked.\n",
			side->source.stored ? "quantized model" : "overrides");
	} else if (s->n->block) {
		fprintf(s->out,
			"  One scale for each block of %lld values; the first of "
			"%llu is below.\n",
			(long long)s->n->block, (unsigned long long)s->n->scale_count);
	} else {
		write_range(s, side);
		write_scale(s, side);
		write_zero_point(s, side);
		if (side->steps.restricted)
			fprintf(s->out, "  ActivationRestrictedAsymmetric takes 0 or 128 "
					"instead, and the scale that fits.\n");
		if (s->n->adjusted)
			fprintf(s->out, "  The scale is raised so that the int32 bias "
					"beside it fits.\n");
	}
	write_result(s, side);
	if (side->scale.value > 0)
		write_check(s, side);
}

static void write_bias(const struct sum *s)
{
	const struct tensor_numbers *n = s->n;
	char sx[32], sw[32], scale[32], value[32], beta[32], name[80];

	fprintf(s->out, "  A bias becomes int32; its scale follows from two others.\n");
	fprintf(s->out, "  input       scale %s of %s\n",
		value_text(sx, n->bias.input_scale), name_text(s, n->bias.input, name));
	fprintf(s->out, "  weight      scale %s of %s%s%s\n",
		value_text(sw, n->bias.weight_scale), name_text(s, n->bias.weight, name),
		n->scale_count > 1 ? ", first channel" : "",
		n->adjusted ? ", raised for this bias" : "");
	fprintf(s->out, "  scale       %s * %s", sx, sw);
	if (n->bias.beta != 1)
		fprintf(s->out, " * beta %s", value_text(beta, n->bias.beta));
	fprintf(s->out, " = %s\n", value_text(scale, n->bias.scale));
	fprintf(s->out, "  zero point  0\n");
	fprintf(s->out, "  first value round(%s / %s) = %d\n",
		value_text(value, n->bias.value), scale, n->bias.quantized);
	fprintf(s->out, TEXT_CHOSEN "  in the file: scale %s, zero point 0 (int32)\n",
		scale);
	if (n->bias.element == ELEMENT_FLOAT16)
		fprintf(s->out, "  (A float32 scale is taken where float16 is too "
				"narrow for it.)\n");
}

static void write_float(const struct sum *s)
{
	const struct tensor_state *state = &s->ui->outcome->tensors[s->n->tensor];

	if (s->n->kind != NUMBERS_NO_RANGE) {
		fprintf(s->out,
			"  It is not quantized, so it has no scale; w says why.\n");
		return;
	}
	fprintf(s->out, "  No calibration range, so no scale yet: :ranges FILE reads "
			"them.\n");
	if (state->stored)
		fprintf(s->out, "  The type is fixed already: %s.\n",
			qtypes[state->stored].name);
}

static void write_sides(const struct sum *s)
{
	const struct tensor_numbers *n = s->n;

	if (n->kind == NUMBERS_CONSTANT && n->scale_count > 1 && !n->block)
		fprintf(s->out,
			"  One scale for each of %llu channels (axis %d); below is the "
			"first.\n",
			(unsigned long long)n->scale_count, n->axis);
	write_side(s, &n->first);
	if (!n->converted)
		return;
	fprintf(s->out, TEXT_TITLE "converted to %s for some readers:\n",
		qtypes[n->second.scale.type].name);
	write_side(s, &n->second);
}

bool arithmetic_write(FILE *out, const struct ui *ui, tensor_id tensor, struct error *err)
{
	const struct plan *plan = ui->session->plan;
	struct tensor_numbers n;
	struct sum s = {out, ui, &n};
	char name[80], other[80];

	if (!inspect_tensor(ui->outcome->graph, plan->options, &ui->outcome->entries,
		    plan->ranges, tensor, &n, err))
		return false;
	fprintf(out, TEXT_TITLE "%s, its numbers:\n", name_text(&s, tensor, name));
	if (n.renamed)
		fprintf(out, "  The node behind it goes, and this tensor becomes %s:\n",
			name_text(&s, n.tensor, other));
	else if (n.shared)
		fprintf(out, "  It shares scale and zero point with %s:\n",
			name_text(&s, n.tensor, other));
	if (n.kind == NUMBERS_BIAS)
		write_bias(&s);
	else if (n.kind == NUMBERS_ACTIVATION || n.kind == NUMBERS_CONSTANT)
		write_sides(&s);
	else
		write_float(&s);
	return true;
}
