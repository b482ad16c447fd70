/* A plan as AMD Quark has it, and what of it that loses (export-formats.md 7). */
#include "export/quark.h"

#include <string.h>

const struct quark_option quark_options[] = {
	{"AddQDQPairToWeight", false},
	{"CalibTensorRangeSymmetric", false},
	{"DedicatedQDQPair", false},
	{"ForceQuantizeNoInputCheck", false},
	{"OpTypesToExcludeOutputQuantization", true},
	{"QuantizeBias", false},
};
const size_t quark_option_count = sizeof(quark_options) / sizeof(quark_options[0]);

bool quark_has_type(enum qtype type)
{
	return type != QTYPE_NONE && qtypes[type].bits >= 8;
}

tensor_id quark_weight_of(const struct graph *g, node_id node)
{
	for (uint32_t i = 0; i < g->nodes[node].input_count; i++) {
		tensor_id t = graph_input_of(g, node, i);

		if (t != GRAPH_NONE && graph_is_constant(g, t))
			return t;
	}
	return GRAPH_NONE;
}

static bool is_symmetric(const struct export_source *s, tensor_id tensor, bool converted)
{
	const struct entry *e = overrides_entry(s->entries, tensor);
	const struct entry_params *p = !e ? NULL : converted ? &e->convert : &e->own;
	const struct tensor_state *state = &s->outcome->tensors[tensor];

	if (p && (p->has & ENTRY_SYMMETRIC))
		return p->symmetric;
	return state->flags & STATE_CONSTANT
		       ? scale_weight_symmetric(s->options, (enum qtype)state->stored)
		       : s->options->activation_symmetric;
}

/* Takes one more tensor into one side of a layer: the widest type stays. */
static void take(enum qtype *type, bool *symmetric, bool *mixed, enum qtype more,
	bool more_symmetric)
{
	if (more == QTYPE_NONE)
		return;
	if (*type != QTYPE_NONE && (*type != more || *symmetric != more_symmetric))
		*mixed = true;
	if (*type != QTYPE_NONE && qtypes[more].bits <= qtypes[*type].bits)
		return;
	*type = more;
	*symmetric = more_symmetric;
}

static void take_input(const struct export_source *s, node_id node, tensor_id tensor,
	struct quark_layer *l)
{
	const struct tensor_state *state = &s->outcome->tensors[tensor];
	enum qtype seen = outcome_seen(s->outcome, tensor, node);

	if (graph_is_constant(s->graph, tensor))
		return;
	take(&l->in, &l->in_symmetric, &l->mixed_in, seen,
		is_symmetric(s, tensor, seen != (enum qtype)state->stored));
}

static void take_weight(
	const struct export_source *s, node_id node, struct quark_layer *l)
{
	tensor_id weight = quark_weight_of(s->graph, node);

	if (weight == GRAPH_NONE)
		return;
	l->weight = (enum qtype)s->outcome->tensors[weight].stored;
	if (quark_has_type(l->weight))
		l->weight_symmetric = is_symmetric(s, weight, false);
	else
		l->weight = QTYPE_NONE;
}

bool quark_layer_of(const struct export_source *s, node_id node, struct quark_layer *l)
{
	const struct graph *g = s->graph;

	*l = (struct quark_layer){0};
	if (node >= g->main_nodes || s->outcome->nodes[node].seen == QTYPE_NONE)
		return false;
	for (uint32_t i = 0; i < g->nodes[node].input_count; i++) {
		tensor_id t = graph_input_of(g, node, i);

		if (t != GRAPH_NONE)
			take_input(s, node, t, l);
	}
	for (uint32_t i = 0; i < g->nodes[node].output_count; i++) {
		tensor_id t = graph_output_of(g, node, i);

		if (t != GRAPH_NONE)
			take(&l->out, &l->out_symmetric, &l->mixed_out,
				(enum qtype)s->outcome->tensors[t].stored,
				is_symmetric(s, t, false));
	}
	take_weight(s, node, l);
	return true;
}

void quark_default_layer(
	const struct export_source *s, bool has_weight, struct quark_layer *l)
{
	const struct quant_options *o = s->options;

	*l = (struct quark_layer){0};
	l->in = l->out = o->activation_type;
	l->in_symmetric = l->out_symmetric = o->activation_symmetric;
	if (has_weight) {
		l->weight = quark_has_type(o->weight_type) ? o->weight_type : QTYPE_S8;
		l->weight_symmetric = scale_weight_symmetric(o, l->weight);
	}
}

bool quark_layers_equal(const struct quark_layer *a, const struct quark_layer *b)
{
	return a->in == b->in && a->weight == b->weight && a->out == b->out &&
	       a->in_symmetric == b->in_symmetric &&
	       a->weight_symmetric == b->weight_symmetric &&
	       a->out_symmetric == b->out_symmetric;
}

/* ---- What is lost. */

/* The layer that says the type of a tensor: its producer's, else the first of its
 * readers that reads it as it is stored. */
static bool find_layer(const struct export_source *s, tensor_id tensor,
	struct quark_layer *l, bool *is_output)
{
	node_id producer = s->graph->tensors[tensor].producer;
	uint32_t count;
	const struct graph_reader *readers = graph_readers_of(s->graph, tensor, &count);

	*is_output = producer != GRAPH_NONE;
	if (*is_output && quark_layer_of(s, producer, l))
		return true;
	*is_output = false;
	for (uint32_t i = 0; i < count; i++)
		if (quark_layer_of(s, readers[i].node, l) &&
			outcome_seen(s->outcome, tensor, readers[i].node) ==
				(enum qtype)s->outcome->tensors[tensor].stored)
			return true;
	return false;
}

static const char *lost_constant(const struct export_source *s, tensor_id tensor)
{
	uint32_t count;
	const struct graph_reader *readers = graph_readers_of(s->graph, tensor, &count);

	if (!quark_has_type((enum qtype)s->outcome->tensors[tensor].stored))
		return "Quark has types of 8 and 16 bits";
	for (uint32_t i = 0; i < count; i++) {
		struct quark_layer l;

		if (quark_layer_of(s, readers[i].node, &l) &&
			quark_weight_of(s->graph, readers[i].node) == tensor)
			return NULL;
	}
	return "of the constants of a layer only the first has a type";
}

static const char *lost_tensor(const struct export_source *s, tensor_id tensor)
{
	const struct tensor_state *state = &s->outcome->tensors[tensor];
	struct quark_layer l;
	bool output;

	if (state->stored == QTYPE_NONE)
		return "without effect: the tensor stays float";
	if (state->provider != GRAPH_NONE)
		return "without effect: the tensor has the numbers of another";
	if (graph_is_constant(s->graph, tensor))
		return lost_constant(s, tensor);
	if (!quark_has_type((enum qtype)state->stored))
		return "Quark has types of 8 and 16 bits";
	if (!find_layer(s, tensor, &l, &output))
		return "no layer says its type";
	return (output ? l.mixed_out && l.out != (enum qtype)state->stored
		       : l.mixed_in && l.in != (enum qtype)state->stored)
		       ? "a layer has one type for all it makes and one for all it reads"
		       : NULL;
}

static const char *lost_reader(
	const struct export_source *s, const struct export_item *item)
{
	struct quark_layer l;

	if (!quark_layer_of(s, item->node, &l))
		return "the reader is not quantized";
	return l.in == outcome_seen(s->outcome, item->tensor, item->node)
		       ? NULL
		       : "a layer sees all that it reads in one type";
}

static const char *lost_option(
	const struct export_source *s, const struct export_item *item)
{
	if (!strcmp(item->subject, "weight-type"))
		return quark_has_type(s->options->weight_type)
			       ? NULL
			       : "Quark has types of 8 and 16 bits";
	if (!strcmp(item->subject, "activation-type") ||
		!strcmp(item->subject, "per-channel") ||
		!strcmp(item->subject, "ActivationSymmetric") ||
		!strcmp(item->subject, "WeightSymmetric"))
		return NULL;
	for (size_t i = 0; i < quark_option_count; i++)
		if (!strcmp(item->subject, quark_options[i].name))
			return NULL;
	return "Quark has no option of the name";
}

const char *export_lost_quark(
	const struct export_source *s, const struct export_item *item)
{
	switch ((unsigned)item->part) {
	case PART_TYPES:
		return lost_tensor(s, item->tensor);
	case PART_FLAGS:
		return strcmp(item->word, "symmetric") ? "a layer has no such flag"
						       : lost_tensor(s, item->tensor);
	case PART_CONVERSIONS:
	case PART_READERS:
		return lost_reader(s, item);
	case PART_CONVERTED:
		return "Quark measures both sides itself";
	case PART_FLOAT:
		return strcmp(item->word, "option") || !strcmp(item->subject, "op-types")
			       ? NULL
			       : lost_option(s, item);
	default:
		return lost_option(s, item);
	}
}
