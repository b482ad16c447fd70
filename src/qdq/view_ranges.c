/* Calibration ranges that give the scales and zero points of the file. */
#include "onnx/tensor.h"
#include "qdq/view_parts.h"
#include "rules/scale.h"

#include <math.h>
#include <string.h>

/* How far from the exact ends is looked, in units in the last place. */
static const int nearby[] = {0, 1, -1, 2, -2};
enum { STEPS = sizeof(nearby) / sizeof(*nearby) };

struct search {
	struct scale_rule rule; /* its type is that of the side at hand */
	const struct qdq_params *own, *converted; /* converted: NULL if there is none */
	double low, high;
};

/* The value that many representable ones farther from 0. */
static double step(int32_t element, double value, int steps)
{
	float single = (float)value;

	if (value == 0)
		return 0;
	if (element == ELEMENT_FLOAT16)
		return half_to_float((uint16_t)(half_from_double(value) + steps));
	for (; steps > 0; steps--)
		single = nextafterf(single, single > 0 ? INFINITY : -INFINITY);
	for (; steps < 0; steps++)
		single = nextafterf(single, 0);
	return (double)single;
}

static bool gives(
	const struct search *s, const struct qdq_params *p, double low, double high)
{
	struct scale_rule rule = s->rule;
	struct scale scale;

	rule.type = p->type;
	return scale_from_range(&rule, low, high, &scale) && scale.value == p->value &&
	       scale.zero_point == p->zero;
}

static bool gives_all(const struct search *s, double low, double high)
{
	return low <= 0 && high >= 0 && gives(s, s->own, low, high) &&
	       (!s->converted || gives(s, s->converted, low, high));
}

/* The ends that the integers of one side reach. */
static void set_ends(
	const struct search *s, const struct qdq_params *p, double *low, double *high)
{
	int32_t qmin, qmax;

	qtype_range(p->type, s->rule.symmetric, false, &qmin, &qmax);
	*low = ((double)qmin - p->zero) * p->value;
	*high = ((double)qmax - p->zero) * p->value;
	if (s->rule.symmetric) {
		*high = ((double)qmax - qmin) / 2 * p->value;
		*low = -*high;
	}
}

/* Small steps around the ends: the scale is their distance, rounded. */
static bool search_near(struct search *s, double low, double high)
{
	int32_t element = s->rule.element;

	low = scale_round(element, low);
	high = scale_round(element, high);
	for (size_t i = 0; i < STEPS; i++)
		for (size_t k = 0; k < STEPS; k++) {
			s->low = step(element, low, nearby[i]);
			s->high = step(element, high, nearby[k]);
			if (gives_all(s, s->low, s->high))
				return true;
		}
	return false;
}

/* The widths that round to the scale of one side. */
static void set_widths(
	const struct search *s, const struct qdq_params *p, double *least, double *most)
{
	int32_t qmin, qmax;
	double steps;

	qtype_range(p->type, s->rule.symmetric, false, &qmin, &qmax);
	steps = (double)qmax - qmin;
	*least = fmax(
		*least, (p->value + step(s->rule.element, p->value, -1)) / 2 * steps);
	*most = fmin(*most, (p->value + step(s->rule.element, p->value, 1)) / 2 * steps);
}

/* Ends that lie a given width apart: the smaller one is the finer. */
static bool search_apart(struct search *s, double low, double high, double width)
{
	int32_t element = s->rule.element;
	double a = scale_round(element, low), b = scale_round(element, high);

	s->low = a;
	s->high = scale_round(element, width + a);
	if (gives_all(s, s->low, s->high))
		return true;
	s->high = b;
	s->low = scale_round(element, b - width);
	return gives_all(s, s->low, s->high);
}

/* The ends of the finer side; its steps are an odd number for each of the coarser, so
 * both come to the same zero point. */
static bool search_range(struct search *s)
{
	const struct qdq_params *fine = s->own;
	double low, high, least = 0, most = INFINITY;

	if (s->converted && qtypes[s->converted->type].bits > qtypes[fine->type].bits)
		fine = s->converted;
	set_ends(s, fine, &low, &high);
	set_widths(s, s->own, &least, &most);
	if (s->converted)
		set_widths(s, s->converted, &least, &most);
	return search_apart(s, low, high, (least + most) / 2) ||
	       search_near(s, low, high);
}

/* One range for both sides if there is one, else for the own side, else its ends. */
static void find_range(struct search *s, const struct qdq_params *converted)
{
	s->converted = converted;
	if (search_range(s))
		return;
	s->converted = NULL;
	if (converted && search_range(s))
		return;
	set_ends(s, s->own, &s->low, &s->high);
	s->low = scale_round(s->rule.element, s->low);
	s->high = scale_round(s->rule.element, s->high);
}

/* Activations; and a Constant with one scale, which ONNX Runtime takes for one. */
static bool has_range(const struct qdq_view *view, const struct qdq_group *group)
{
	return group->kind == QDQ_ACTIVATION ||
	       (group->kind == QDQ_FLOAT_WEIGHT && group->own.axis < 0 &&
		       (view->file->tensors[group->source].flags & TENSOR_CONSTANT));
}

bool view_make_ranges(struct qdq_view *view, struct error *err)
{
	const struct qdq_group_list *groups = &view->qdq->groups;
	static const char source[] = "the quantized model";

	for (size_t i = 0; i < groups->count; i++) {
		const struct qdq_group *group = &groups->items[i];
		struct search s = {.own = &group->own};

		if (!has_range(view, group) || view->tensor_of[i] == GRAPH_NONE)
			continue;
		s.rule = (struct scale_rule){.element = group->own.scale_element,
			.symmetric = view->options.activation_symmetric};
		find_range(&s, group->converted.element ? &group->converted : NULL);
		if (!ranges_set(&view->ranges, view->graph, view->tensor_of[i], s.low,
			    s.high, group->own.scale_element, err))
			return false;
	}
	memcpy(view->ranges.source, source, sizeof(source));
	return true;
}

/* ---- ranges of the float model */

static bool is_op(const struct graph *g, node_id n, const char *op)
{
	return !strcmp(graph_op_type(g, n), op);
}

bool qdq_complete_ranges(struct ranges *ranges, const struct graph *g, struct error *err)
{
	for (node_id n = g->main_nodes; n-- > 0;) {
		tensor_id in = graph_input_of(g, n, 0), out = graph_output_of(g, n, 0);
		const struct range *range;

		if ((!is_op(g, n, "Relu") && !is_op(g, n, "Clip")) || in == GRAPH_NONE ||
			out == GRAPH_NONE || ranges_find(ranges, in))
			continue;
		range = ranges_find(ranges, out);
		if (range && !ranges_set(ranges, g, in, range->low, range->high,
				     range->type, err))
			return false;
	}
	return true;
}
