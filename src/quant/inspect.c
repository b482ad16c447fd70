#include "quant/inspect.h"

#include "quant/bias.h"

#include <math.h>
#include <stdlib.h>

struct inspection {
	struct quantizer q;
	struct quantize_result result;
	const struct ranges *ranges;
	struct tensor_numbers *n; /* being filled in */
	bool steps;
	bool measured; /* all constants are */
};

static bool fill_side(struct inspection *in, bool converted, struct side_numbers *side)
{
	const struct quantizer *q = &in->q;
	const struct parameters *p = &q->parameters->of[in->n->tensor];
	struct parameter_source *source = &side->source;
	bool known;

	side->scale = converted ? p->converted : p->original;
	if (!in->steps)
		return true;
	if (!parameters_explain(q->graph, q->options, q->overrides, in->ranges,
		    in->n->tensor, converted, source, &known, q->err))
		return false;
	if (known && !source->given)
		scale_trace_range(&source->rule, source->low, source->high, &side->steps,
			&side->scale);
	side->scale = converted ? p->converted : p->original;
	return true;
}

static bool inspect_activation(struct inspection *in)
{
	struct tensor_numbers *n = in->n;
	const struct parameters *p = &in->q.parameters->of[n->tensor];

	if (!p->known) {
		n->kind = NUMBERS_NO_RANGE;
		return true;
	}
	n->kind = NUMBERS_ACTIVATION;
	n->converted = p->converted.type != QTYPE_NONE;
	return fill_side(in, false, &n->first) &&
	       (!n->converted || fill_side(in, true, &n->second));
}

/* The weight's scales, raised for its bias if that must be. */
static bool measure(struct inspection *in, tensor_id tensor)
{
	struct quantizer *q = &in->q;

	if (in->measured)
		return true;
	return weights_measure_one(
		       &q->weights, q->marks, q->options, q->overrides, tensor, q->err) &&
	       quantizer_adjust_weights(q);
}

static bool inspect_constant(struct inspection *in)
{
	struct tensor_numbers *n = in->n;
	struct side_numbers *side = &n->first;
	const struct weight *w;

	if (!measure(in, n->tensor))
		return false;
	w = weights_find(&in->q.weights, n->tensor);
	n->kind = w && w->scale_count ? NUMBERS_CONSTANT : NUMBERS_FLOAT;
	if (n->kind == NUMBERS_FLOAT)
		return true;
	n->scale_count = w->scale_count;
	n->axis = w->axis;
	n->block = w->block;
	n->adjusted = w->adjusted;
	side->source = (struct parameter_source){.given = w->given,
		.stored = w->stored,
		.low = w->low,
		.high = w->high,
		.rule = {.type = w->type,
			.element = w->element,
			.symmetric = w->symmetric,
			.reduced = w->reduced,
			.has_minimum = in->q.options->has_minimum_real_range,
			.minimum = in->q.options->minimum_real_range}};
	if (!w->given && !w->block && w->count)
		scale_trace_range(
			&side->source.rule, w->low, w->high, &side->steps, &side->scale);
	side->scale =
		(struct scale){w->scales[0], w->zero_points[0], w->element, w->type};
	return true;
}

static bool inspect_bias(struct inspection *in, const struct bias_mark *mark)
{
	struct tensor_numbers *n = in->n;
	struct quantizer *q = &in->q;
	const struct scale *input;
	const struct weight *w;
	struct bias bias = {0};
	int32_t element;
	double s;
	bool ok;

	n->kind = NUMBERS_NO_RANGE;
	if (mark->input >= q->graph->tensor_count ||
		!q->parameters->of[mark->input].known ||
		mark->weight >= q->graph->tensor_count)
		return true;
	if (!measure(in, mark->weight))
		return false;
	w = weights_find(&q->weights, mark->weight);
	if (!w || !w->scale_count)
		return true;
	input = parameters_for_reader(q->parameters, mark->input, mark->node);
	ok = bias_read(q, mark, &bias);
	element = input->element == w->element ? w->element : ELEMENT_FLOAT;
	s = scale_round(element, input->value * w->scales[0]);
	s = scale_round(element, s * scale_round(element, (double)bias.beta));
	if (ok) {
		n->kind = NUMBERS_BIAS;
		n->scale_count = w->scale_count;
		n->adjusted = w->adjusted;
		n->bias.node = mark->node;
		n->bias.input = mark->input;
		n->bias.weight = mark->weight;
		n->bias.input_scale = input->value;
		n->bias.weight_scale = w->scales[0];
		n->bias.beta = (double)bias.beta;
		n->bias.value = bias.count ? bias.data[0] : 0;
		n->bias.scale = s;
		n->bias.element = element;
		s = rint(n->bias.value / s);
		n->bias.quantized = (int32_t)fmin(fmax(s, -2147483648.0), 2147483647.0);
	}
	bias_release(&bias);
	return ok;
}

/* The tensor whose parameters it has in the end. */
static tensor_id follow(const struct marks *marks, tensor_id tensor)
{
	const struct mark *mark = marks_find(marks, tensor);

	for (uint32_t i = 0; mark && mark->provider != GRAPH_NONE && i < marks->count;
		i++) {
		tensor = mark->provider;
		mark = tensor < marks->tensor_count ? marks_find(marks, tensor) : NULL;
	}
	return tensor;
}

/* What its producer makes in its place, when the Relu or Clip behind it goes. */
static tensor_id renamed(const struct marks *marks, tensor_id tensor)
{
	const struct graph *g = marks->graph;
	node_id producer = g->tensors[tensor].producer;

	if (producer == GRAPH_NONE || !graph_is_main(g, producer))
		return tensor;
	for (uint32_t i = 0; i < g->nodes[producer].output_count; i++) {
		uint32_t slot = g->nodes[producer].first_output + i;

		if (g->slots[slot] == tensor)
			return marks->slots[slot];
	}
	return tensor;
}

static bool inspect(struct inspection *in, tensor_id tensor)
{
	const struct marks *marks = in->q.marks;
	const struct bias_mark *bias = marks_find_bias(marks, tensor);
	struct tensor_numbers *n = in->n;

	n->tensor = renamed(marks, tensor);
	n->renamed = n->tensor != tensor;
	tensor = n->tensor;
	n->tensor = follow(marks, tensor);
	n->shared = n->tensor != tensor;
	if (bias && !in->q.options->no_quantize_bias)
		return inspect_bias(in, bias);
	if (!marks_find(marks, tensor) || n->tensor >= in->q.graph->tensor_count)
		return true;
	if (in->q.graph->tensors[n->tensor].flags & TENSOR_INITIALIZER)
		return inspect_constant(in);
	return inspect_activation(in);
}

struct inspection *inspection_open(const struct graph *graph,
	const struct quant_options *options, const struct overrides *overrides,
	const struct ranges *ranges, struct error *err)
{
	struct problem_list faults = {0};
	struct marks_facts facts = {.tensor = parameters_facts};
	struct inspection *in = calloc(1, sizeof(*in));

	if (!in) {
		error_set_memory(err, "the numbers");
		return NULL;
	}
	in->ranges = ranges;
	in->q = (struct quantizer){.graph = graph,
		.options = options,
		.overrides = overrides,
		.compatible = options->ort_compatible,
		.result = &in->result,
		.err = err};
	in->q.parameters =
		parameters_make(graph, options, overrides, ranges, &faults, err);
	facts.arg = in->q.parameters;
	if (in->q.parameters)
		in->q.marks = marks_build(graph, options, &facts, err);
	problem_clear(&faults);
	if (in->q.marks)
		return in;
	inspection_close(in);
	return NULL;
}

void inspection_close(struct inspection *in)
{
	if (!in)
		return;
	weights_release(&in->q.weights);
	marks_free(in->q.marks);
	parameters_free(in->q.parameters);
	free(in);
}

bool inspection_tensor(struct inspection *in, tensor_id tensor, bool steps,
	struct tensor_numbers *numbers, struct error *err)
{
	bool ok;

	*numbers = (struct tensor_numbers){.tensor = tensor, .axis = -1};
	if (tensor >= in->q.graph->main_tensors)
		return true;
	in->n = numbers;
	in->steps = steps;
	in->q.err = err;
	ok = inspect(in, tensor);
	if (!in->measured)
		weights_release(&in->q.weights);
	return ok;
}

bool inspection_measure(struct inspection *in, struct error *err)
{
	struct quantizer *q = &in->q;

	q->err = err;
	in->measured = weights_measure(&q->weights, q->marks, q->options, q->overrides,
			       &q->work, err) &&
		       quantizer_adjust_weights(q);
	return in->measured;
}

const struct weight *inspection_weight(const struct inspection *in, tensor_id tensor)
{
	const struct weight *w =
		in->measured ? weights_find(&in->q.weights, tensor) : NULL;

	return w && w->scale_count ? w : NULL;
}

bool inspection_removes(const struct inspection *in, node_id node)
{
	return node < in->q.graph->main_nodes &&
	       (in->q.marks->node_flags[node] & NODE_REMOVED);
}

bool inspect_tensor(const struct graph *graph, const struct quant_options *options,
	const struct overrides *overrides, const struct ranges *ranges, tensor_id tensor,
	struct tensor_numbers *numbers, struct error *err)
{
	struct inspection *in = inspection_open(graph, options, overrides, ranges, err);
	bool ok = in && inspection_tensor(in, tensor, true, numbers, err);

	inspection_close(in);
	return ok;
}
