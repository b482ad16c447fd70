#include "rules/marks.h"

#include "base/text.h"
#include "rules/marking.h"

#include <stdlib.h>
#include <string.h>

tensor_id marks_original(const struct marks *m, tensor_id tensor)
{
	if (tensor >= m->graph->tensor_count)
		return m->copies[tensor - m->graph->tensor_count].original;
	return m->stands_for ? m->stands_for[tensor] : tensor;
}

static unsigned flags_of(const struct marking *k, tensor_id tensor)
{
	return k->graph->tensors[marks_original(k->m, tensor)].flags;
}

bool marking_is_initializer(const struct marking *k, tensor_id tensor)
{
	return tensor != GRAPH_NONE &&
	       (flags_of(k, tensor) & (TENSOR_INITIALIZER | TENSOR_SPARSE)) ==
		       TENSOR_INITIALIZER;
}

bool marking_is_float(const struct marking *k, tensor_id tensor)
{
	tensor_id original;

	if (tensor == GRAPH_NONE)
		return false;
	original = marks_original(k->m, tensor);
	if (marking_is_initializer(k, tensor))
		return element_is_float(graph_constant(k->graph, original)->data_type);
	if ((flags_of(k, tensor) & (TENSOR_SPARSE | TENSOR_DECLARED)) == TENSOR_SPARSE)
		return false;
	return element_is_float(k->graph->tensors[original].element_type);
}

bool marking_is_marked(const struct marking *k, tensor_id tensor)
{
	return tensor != GRAPH_NONE && (k->m->place[tensor] || k->m->bias_place[tensor]);
}

struct tensor_facts marking_facts(const struct marking *k, tensor_id tensor)
{
	struct tensor_facts facts = {0};

	if (tensor < k->graph->tensor_count)
		k->facts->tensor(k->facts->arg, tensor, &facts);
	return facts;
}

static bool put(struct marking *k, struct mark mark)
{
	struct marks *m = k->m;

	if (m->place[mark.tensor]) {
		m->marks[m->place[mark.tensor] - 1] = mark;
		return true;
	}
	if (!array_reserve((void **)&m->marks, &k->mark_room, (size_t)m->count + 1,
		    sizeof(*m->marks)))
		return error_set_memory(k->err, "marks");
	m->marks[m->count++] = mark;
	m->place[mark.tensor] = m->count;
	return true;
}

static bool put_new(struct marking *k, tensor_id tensor, enum mark_kind kind)
{
	if (!marking_is_float(k, tensor) || k->m->place[tensor])
		return true;
	return put(k, (struct mark){tensor, kind, -1, GRAPH_NONE, GRAPH_NONE, NULL});
}

bool marking_activation(struct marking *k, tensor_id tensor)
{
	return put_new(k, tensor, MARK_ACTIVATION);
}

bool marking_weight(struct marking *k, tensor_id tensor)
{
	return put_new(k, tensor, MARK_WEIGHT);
}

bool marking_per_channel(struct marking *k, tensor_id tensor, int32_t axis)
{
	if (!marking_is_initializer(k, tensor) || !marking_is_float(k, tensor))
		return true;
	return put(k,
		(struct mark){tensor, MARK_WEIGHT, axis, GRAPH_NONE, GRAPH_NONE, NULL});
}

bool marking_same(struct marking *k, tensor_id out, tensor_id in, node_id node)
{
	if (!marking_is_float(k, out))
		return true;
	if (in == GRAPH_NONE)
		return error_set(k->err, ERROR_REFUSED,
			"%s: this %s lacks its first input, whose scale its output is to "
			"share; export the model again",
			text_quoted_z(graph_node_label(k->graph, node)),
			graph_op_type(k->graph, node));
	return put(k, (struct mark){out, MARK_ACTIVATION, -1, in, node, NULL});
}

void marking_delete(struct marking *k, tensor_id tensor)
{
	if (!k->m->place[tensor])
		return;
	k->m->marks[k->m->place[tensor] - 1].tensor = GRAPH_NONE;
	k->m->place[tensor] = 0;
}

int32_t marking_channel_axis(const struct marking *k, tensor_id tensor, int axis,
	const struct op_choice *choice)
{
	struct tensor_facts facts;
	int64_t rank;

	if (tensor == GRAPH_NONE || marks_original(k->m, tensor) != tensor ||
		!marking_is_initializer(k, tensor))
		return -1;
	facts = marking_facts(k, tensor);
	if ((facts.flags & (FACT_OVERRIDE | FACT_AXIS)) == FACT_OVERRIDE)
		return -1;
	if (!k->options->per_channel && !(facts.flags & FACT_AXIS))
		return -1;
	if (choice && choice->has_axis)
		axis = choice->axis;
	if (facts.flags & FACT_AXIS)
		axis = facts.axis;
	rank = (int64_t)graph_constant(k->graph, tensor)->n_dims;
	if (axis < -rank || axis >= rank)
		return -1;
	return axis < 0 ? axis + (int32_t)rank : axis;
}

bool marking_weight_or_channels(
	struct marking *k, tensor_id tensor, int axis, const struct op_choice *choice)
{
	int32_t channel = marking_channel_axis(k, tensor, axis, choice);

	return channel >= 0 ? marking_per_channel(k, tensor, channel)
			    : marking_weight(k, tensor);
}

static bool spare(struct marking *k, struct bias_mark mark)
{
	struct marks *m = k->m;

	if (!array_reserve((void **)&m->spared, &k->spared_room,
		    (size_t)m->spared_count + 1, sizeof(*m->spared)))
		return error_set_memory(k->err, "biases");
	m->spared[m->spared_count++] = mark;
	return true;
}

bool marking_bias(struct marking *k, node_id node, tensor_id bias, tensor_id input,
	tensor_id weight, float beta)
{
	struct marks *m = k->m;

	if (marking_facts(k, bias).flags & FACT_OVERRIDE)
		return marking_weight_or_channels(k, bias, 0, NULL);
	if (!marking_is_initializer(k, bias) || !marking_is_float(k, bias))
		return true;
	if (k->options->no_quantize_bias && !k->options->ort_compatible)
		return spare(k, (struct bias_mark){bias, node, input, weight, beta});
	if (m->bias_place[bias] && !marking_copy_bias(k, node, bias, &bias))
		return false;
	if (!array_reserve((void **)&m->biases, &k->bias_room, (size_t)m->bias_count + 1,
		    sizeof(*m->biases)))
		return error_set_memory(k->err, "biases");
	m->biases[m->bias_count++] = (struct bias_mark){bias, node, input, weight, beta};
	m->bias_place[bias] = m->bias_count;
	return true;
}

/* ---- the pass over the nodes */

static bool note_receivers(struct marking *k, node_id n)
{
	for (uint32_t i = 0; i < k->graph->nodes[n].input_count; i++) {
		tensor_id tensor = marking_input(k, n, i);

		if (tensor != GRAPH_NONE &&
			!ARRAY_PUSH(&k->receivers, (struct receiver_entry){tensor, n}))
			return error_set_memory(k->err, "readers");
	}
	return true;
}

static bool visit(struct marking *k, node_id n)
{
	if (k->selection.selected[n]) {
		k->m->node_flags[n] |= NODE_SELECTED;
		if (!marking_apply(k, n) || !note_receivers(k, n))
			return false;
	}
	if (strcmp(graph_op_type(k->graph, n), "DequantizeLinear") == 0) {
		for (uint32_t i = 0; i < k->graph->nodes[n].output_count; i++) {
			tensor_id tensor = marking_output(k, n, i);

			if (tensor != GRAPH_NONE)
				k->m->dequantized[tensor] = true;
		}
	}
	return true;
}

static void squeeze(struct marks *m)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < m->count; i++) {
		if (m->marks[i].tensor == GRAPH_NONE)
			continue;
		m->marks[kept] = m->marks[i];
		m->place[m->marks[kept].tensor] = kept + 1;
		kept++;
	}
	m->count = kept;
}

/* Turns the log of readers into R by counting. */
static bool sort_receivers(struct marking *k)
{
	struct marks *m = k->m;
	const struct receiver_log *log = &k->receivers;
	uint32_t *first = calloc((size_t)m->tensor_count + 2, sizeof(*first));

	m->receivers = calloc(log->count + 1, sizeof(*m->receivers));
	m->first_receiver = first;
	if (!first || !m->receivers)
		return error_set_memory(k->err, "readers");
	for (size_t i = 0; i < log->count; i++)
		first[log->items[i].tensor + 2]++;
	for (uint32_t t = 2; t < m->tensor_count + 2; t++)
		first[t] += first[t - 1];
	for (size_t i = 0; i < log->count; i++)
		m->receivers[first[log->items[i].tensor + 1]++] = log->items[i].node;
	return true;
}

static bool prepare(struct marking *k)
{
	struct marks *m = k->m;
	const struct graph *g = k->graph;
	size_t room = (size_t)g->tensor_count + g->main_nodes + 1;

	k->room = (uint32_t)room;
	m->place = calloc(room, sizeof(*m->place));
	m->bias_place = calloc(room, sizeof(*m->bias_place));
	m->dequantized = calloc(room, sizeof(*m->dequantized));
	m->node_flags = calloc((size_t)g->main_nodes + 1, sizeof(*m->node_flags));
	m->slots = malloc(((size_t)g->slot_count + 1) * sizeof(*m->slots));
	k->live_slot = malloc(room * sizeof(*k->live_slot));
	if (!m->place || !m->bias_place || !m->dequantized || !m->node_flags ||
		!m->slots || !k->live_slot)
		return error_set_memory(k->err, "marks");
	if (g->slot_count)
		memcpy(m->slots, g->slots, (size_t)g->slot_count * sizeof(*m->slots));
	for (size_t t = 0; t < room; t++)
		k->live_slot[t] = NO_SLOT;
	for (tensor_id t = 0; t < g->tensor_count; t++) {
		if (g->tensors[t].producer != GRAPH_NONE)
			k->live_slot[t] = g->nodes[g->tensors[t].producer].first_output +
					  g->tensors[t].producer_slot;
	}
	return true;
}

static bool mark_nodes(struct marking *k)
{
	if (!prepare(k) || !selection_make(&k->selection, k->graph, k->options, k->err))
		return false;
	for (node_id n = 0; n < k->graph->main_nodes; n++) {
		if (!visit(k, n))
			return false;
	}
	k->m->tensor_count = k->graph->tensor_count + k->m->copy_count;
	squeeze(k->m);
	return sort_receivers(k);
}

static void no_facts(const void *arg, tensor_id tensor, struct tensor_facts *facts)
{
	(void)arg;
	(void)tensor;
	*facts = (struct tensor_facts){0};
}

const struct marks_facts marks_no_facts = {no_facts, NULL};

struct marks *marks_build(const struct graph *graph, const struct quant_options *options,
	const struct marks_facts *facts, struct error *err)
{
	struct marks *m = calloc(1, sizeof(*m));
	struct marking k = {.m = m,
		.graph = graph,
		.options = options,
		.facts = facts,
		.opset = model_opset(graph->model),
		.err = err};
	bool ok;

	if (graph->quantized) {
		free(m);
		return marks_copy(graph->quantized, err);
	}
	if (!m) {
		error_set_memory(err, "marks");
		return NULL;
	}
	m->graph = graph;
	ok = mark_nodes(&k);
	selection_release(&k.selection);
	marking_copying_release(&k.copying);
	ARRAY_RELEASE(&k.receivers);
	free(k.live_slot);
	if (ok)
		return m;
	marks_free(m);
	return NULL;
}

void marks_free(struct marks *m)
{
	if (!m)
		return;
	for (uint32_t i = 0; i < m->copy_count; i++)
		free(m->copies[i].name);
	free(m->copies);
	free(m->stands_for);
	free(m->marks);
	free(m->biases);
	free(m->spared);
	free(m->place);
	free(m->bias_place);
	free(m->first_receiver);
	free(m->receivers);
	free(m->dequantized);
	free(m->slots);
	free(m->node_flags);
	free(m);
}

const char *marks_tensor_name(const struct marks *m, tensor_id tensor)
{
	return tensor < m->graph->tensor_count
		       ? graph_tensor_name(m->graph, tensor)
		       : m->copies[tensor - m->graph->tensor_count].name;
}
